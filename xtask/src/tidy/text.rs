//! What holds for the text of every file.

use super::Problem;

/// More than this is no longer read in one sitting: split the file by meaning.
const LONGEST_FILE: usize = 600;

/// Folders and endings of files that a tool writes.
const GENERATED: &[&str] =
    &["docs/nodes/", "web/src/api/types/", "/snapshots/", "Cargo.lock", "package-lock.json"];

/// Words for work that is left. Put together here so that this file does not hold them.
const LEFT_WORK: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Text that only means something on one machine, with the reason. Put together for the same
/// reason.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("/ro", "ot/"), "a path of one machine"),
    (concat!("/wo", "rk/"), "a path of one machine"),
    (concat!("/Us", "ers/"), "a path of one machine"),
    (concat!("../sha", "red/"), "a folder outside the project"),
    (concat!("registry.", "npmjs.org"), "the address of a package registry"),
    (concat!("pypi.", "org"), "the address of a package registry"),
    (concat!("pythonhosted.", "org"), "the address of a package registry"),
    (concat!("static.crates.", "io"), "the address of a package registry"),
    (concat!("index.crates.", "io"), "the address of a package registry"),
    (concat!("deb.debian.", "org"), "the address of a package registry"),
];

/// Everything that is wrong with one file.
pub(super) fn check(path: &str, content: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut report = |line: Option<usize>, message: String| {
        problems.push(Problem { path: path.to_owned(), line, message });
    };
    let generated = GENERATED.iter().any(|part| path.contains(part));
    let rust = ending(path) == "rs";
    let code = is_code(path);

    let length = content.lines().count();
    if code && !generated && length > LONGEST_FILE {
        report(None, format!("{length} lines: split it by meaning, {LONGEST_FILE} is the limit"));
    }
    if rust && !content.starts_with("//!") {
        report(
            Some(1),
            "does not begin with a `//!` sentence that says what the file holds".to_owned(),
        );
    }
    if path.ends_with(".snap.new") {
        report(None, pending_snapshot());
    }

    let tests_begin = first_line_of_tests(path, content);
    for (index, line) in content.lines().enumerate() {
        let number = Some(index + 1);
        for (text, reason) in
            FORBIDDEN.iter().filter(|(text, _)| contains_from_boundary(line, text))
        {
            report(number, format!("`{text}` is {reason}: the project must work anywhere"));
        }
        if code && let Some(word) = left_work(line) {
            report(number, format!("{word} without an issue: write {word}(#12), or do it now"));
        }
        if rust && line.trim_start().starts_with(concat!("#[ign", "ore")) {
            report(
                number,
                "a test that is not run proves nothing: mend it or remove it".to_owned(),
            );
        }
        if index >= tests_begin && sleeps(line) {
            report(number, "a test waits for an event, not for time to pass".to_owned());
        }
    }
    problems
}

/// Snapshots that a test wrote and nobody has reviewed. Git ignores them, so they come by another
/// way.
pub(super) fn pending_snapshots(paths: &[String]) -> Vec<Problem> {
    paths
        .iter()
        .map(|path| Problem { path: path.clone(), line: None, message: pending_snapshot() })
        .collect()
}

fn pending_snapshot() -> String {
    "a snapshot that nobody reviewed: `cargo insta review` accepts it, or mend the code".to_owned()
}

/// Files that people write as code, as against prose, data and settings.
fn is_code(path: &str) -> bool {
    ["rs", "ts", "tsx", "js", "mjs", "py", "sh", "css"].contains(&ending(path))
}

/// What stands behind the last dot of a path.
fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// The index of the line from which on a file holds tests; beyond the end if it holds none.
fn first_line_of_tests(path: &str, content: &str) -> usize {
    let name = path.rsplit('/').next().unwrap_or(path);
    let web_test = name.contains(".test.ts");
    let rust = ending(path) == "rs";
    let rust_test = rust && (path.contains("/tests/") || name == "tests.rs");
    if web_test || rust_test {
        return 0;
    }
    if !rust {
        return usize::MAX;
    }
    let lines: Vec<&str> = content.lines().collect();
    let test_module = |index: &usize| {
        lines[*index] == "#[cfg(test)]"
            && lines[index + 1..]
                .iter()
                .find(|line| !line.starts_with('#'))
                .is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
    };
    (0..lines.len()).find(test_module).unwrap_or(usize::MAX)
}

/// The word for left work that a line holds, if no issue stands behind it.
fn left_work(line: &str) -> Option<&'static str> {
    LEFT_WORK.iter().copied().find(|word| {
        line.match_indices(word).any(|(start, _)| {
            let before = line[..start].chars().next_back();
            let mut after = line[start + word.len()..].chars();
            let next = after.next();
            let whole_word = !before.is_some_and(is_word) && !next.is_some_and(is_word);
            let has_issue = next == Some('(')
                && after.next() == Some('#')
                && after.next().is_some_and(is_digit);
            whole_word && !has_issue
        })
    })
}

/// Whether a line holds the text where a path or a host could begin: not in the middle of a longer
/// one.
fn contains_from_boundary(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        !text.starts_with('/')
            || !before.is_some_and(|it| is_word(it) || it == '.' || it == '}' || it == '~')
    })
}

fn sleeps(line: &str) -> bool {
    let code = line.trim_start();
    !code.starts_with("//") && code.contains(concat!("sle", "ep("))
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn is_digit(character: char) -> bool {
    character.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines that are reported for a file, 0 standing for the whole file.
    fn lines(path: &str, content: &str) -> Vec<usize> {
        check(path, content).into_iter().map(|problem| problem.line.unwrap_or(0)).collect()
    }

    #[test]
    fn a_good_file_has_nothing_to_mend() {
        assert!(
            lines("crates/core/src/spec.rs", "//! What a node shows.\n\nfn show() {}\n").is_empty()
        );
        assert!(lines("README.md", "The root folder; see and/work/it out.\n").is_empty());
    }

    #[test]
    fn a_rust_file_begins_with_a_sentence() {
        assert_eq!(lines("crates/core/src/spec.rs", "use std::fmt;\n"), [1]);
        assert!(lines("web/src/main.tsx", "import x\n").is_empty());
    }

    #[test]
    fn a_file_is_no_longer_than_can_be_read() {
        let long = format!("//! Long.\n{}", "\n".repeat(LONGEST_FILE));
        assert_eq!(lines("crates/core/src/long.rs", &long), [0]);
        assert!(lines("docs/guide.md", &long).is_empty(), "prose is not code");
        assert!(lines("web/src/api/types/Long.ts", &long).is_empty(), "nobody wrote it");
    }

    #[test]
    fn left_work_needs_an_issue() {
        let word = LEFT_WORK[0];
        assert_eq!(
            lines("a.py", &format!("# {word}: later\n# {word}(#12): later\n# {word}(me)\n")),
            [1, 3]
        );
        assert!(lines("a.py", &format!("A{word}S = 1\n")).is_empty(), "part of another word");
        assert!(lines("docs/a.md", &format!("no {word}\n")).is_empty(), "prose may speak of it");
    }

    #[test]
    fn a_skipped_test_is_reported() {
        let skipped = concat!("#[ign", "ore = \"slow\"]");
        assert_eq!(lines("a.rs", &format!("//! A.\n    {skipped}\n")), [2]);
    }

    #[test]
    fn tests_do_not_wait_for_time_to_pass() {
        let call = concat!("tokio::time::sle", "ep(second).await;");
        let product = format!("//! A.\n{call}\n#[cfg(test)]\nuse x;\n");
        assert!(
            lines("crates/x/src/a.rs", &product).is_empty(),
            "back-off is allowed in the product"
        );
        let unit = format!(
            "//! A.\n{call}\n\n#[cfg(test)]\n#[rustfmt::skip]\nmod tests {{\n    {call}\n}}\n"
        );
        assert_eq!(lines("crates/x/src/a.rs", &unit), [7]);
        assert_eq!(lines("crates/x/tests/it/a.rs", &format!("//! A.\n{call}\n// {call}\n")), [2]);
        assert_eq!(lines("web/src/a.test.ts", call), [1]);
    }

    #[test]
    fn what_means_something_on_one_machine_only_is_reported() {
        for (text, _) in FORBIDDEN {
            assert_eq!(lines("docs/a.json", &format!("at \"{text}x\"\n")), [1], "{text}");
        }
        let path = FORBIDDEN[0].0;
        assert!(
            lines("a.md", &format!("$HOME{path}x and ~{path}x\n")).is_empty(),
            "the end of a longer path"
        );
    }

    #[test]
    fn an_unreviewed_snapshot_is_reported() {
        assert_eq!(lines("crates/x/src/snapshots/a.snap.new", ""), [0]);
        assert_eq!(pending_snapshots(&["crates/x/src/snapshots/a.snap.new".to_owned()]).len(), 1);
    }
}
