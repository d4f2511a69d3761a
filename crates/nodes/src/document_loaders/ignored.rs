//! Patterns of paths to leave out, as `.gitignore` has them.

use fancy_regex::Regex;

/// Patterns, of which the last that fits decides.
#[derive(Default)]
pub(super) struct Ignored(Vec<Pattern>);

struct Pattern {
    fits: Regex,
    folders_only: bool,
    /// Takes back in what an earlier pattern left out.
    takes_back: bool,
}

impl Ignored {
    /// From their texts; the error is the one that is none.
    pub(super) fn new(patterns: &[String]) -> Result<Self, String> {
        let read = patterns.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
        read.map(|it| pattern(it).ok_or_else(|| it.to_owned())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether `path` is left out. Its folders are taken to have been asked before.
    pub(super) fn holds(&self, path: &str, is_folder: bool) -> bool {
        let fitting = self.0.iter().rev().find(|it| {
            (is_folder || !it.folders_only) && it.fits.is_match(path).unwrap_or_default()
        });
        fitting.is_some_and(|it| !it.takes_back)
    }
}

fn pattern(text: &str) -> Option<Pattern> {
    let (text, takes_back) = text.strip_prefix('!').map_or((text, false), |it| (it, true));
    let (text, folders_only) = text.strip_suffix('/').map_or((text, false), |it| (it, true));
    // A slash inside ties the pattern to the top, without one it fits a name anywhere.
    let tied = text.contains('/');
    let text = text.strip_prefix('/').unwrap_or(text);
    let mut regex = String::from(if tied { "^" } else { "(?:^|/)" });
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let length = if rest.starts_with("**/") {
            regex.push_str("(?:.*/)?");
            3
        } else if rest.starts_with("**") {
            regex.push_str(".*");
            2
        } else {
            match next {
                '*' => regex.push_str("[^/]*"),
                '?' => regex.push_str("[^/]"),
                other => regex.push_str(&fancy_regex::escape(other.encode_utf8(&mut [0; 4]))),
            }
            next.len_utf8()
        };
        rest = rest.get(length..)?;
    }
    regex.push('$');
    let fits = Regex::new(&regex).ok().filter(|_| !text.is_empty())?;
    Some(Pattern { fits, folders_only, takes_back })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_git_s_do() {
        let holds = |patterns: &[&str], path: &str, is_folder: bool| {
            let patterns: Vec<String> = patterns.iter().map(|it| (*it).to_owned()).collect();
            Ignored::new(&patterns).unwrap().holds(path, is_folder)
        };
        for (patterns, path, is_folder, expected) in [
            (&["*.md"][..], "a/b.md", false, true),
            (&["*.md"], "a/b.mdx", false, false),
            (&["tests/"], "a/tests", true, true),
            (&["tests/"], "a/tests", false, false),
            (&["/docs"], "docs", true, true),
            (&["/docs"], "a/docs", true, false),
            (&["a/*.rs"], "a/b/c.rs", false, false),
            (&["a/**/*.rs"], "a/b/d/c.rs", false, true),
            (&["a/**/*.rs"], "a/c.rs", false, true),
            (&["*.md", "!README.md"], "README.md", false, false),
            (&["a?c"], "abc", false, true),
            (&["a.c"], "abc", false, false),
        ] {
            assert_eq!(holds(patterns, path, is_folder), expected, "{patterns:?} {path}");
        }
        assert!(Ignored::new(&["/".to_owned()]).is_err());
    }
}
