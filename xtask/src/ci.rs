//! `cargo xtask ci`: every check and test in one run. A failure does not end it: one run shows all
//! there is to mend.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::workspace::Workspace;
use crate::{catalog, codegen, deny, tidy};

/// What may be chosen of a run.
#[derive(Args)]
pub(crate) struct Options {
    /// Run only these steps
    #[arg(long, value_delimiter = ',', value_name = "STEP")]
    only: Vec<String>,
    /// Stop at the first failure
    #[arg(long)]
    fail_fast: bool,
    /// List the steps and run none
    #[arg(long)]
    list: bool,
}

/// One thing that is checked.
struct Step {
    name: String,
    /// What a person types to run this step alone.
    alone: String,
    /// Steps without which this one says nothing: if one of them failed, this one is skipped.
    needs: &'static [&'static str],
    action: Action,
}

enum Action {
    /// A program and its arguments; the output goes to the terminal.
    Command(Vec<String>),
    /// A part of this tool.
    Own(fn(&Workspace) -> Result<bool>),
    /// A script of `tests/e2e`, which gets the built binary.
    EndToEnd(PathBuf),
}

#[derive(Clone, Copy, PartialEq)]
enum Outcome {
    Passed,
    /// Failed first and passed when it was run once more: a test that somebody has to mend.
    PassedAgain,
    Failed,
    Skipped,
}

impl Outcome {
    fn is_good(self) -> bool {
        matches!(self, Self::Passed | Self::PassedAgain)
    }
}

/// Where the tests of the whole program from outside are: every executable file there is one.
const END_TO_END: &str = "tests/e2e";

/// Longer than any of those tests takes, in seconds: one that hangs is killed and fails. One that fails is
/// run once more, since other programs (a browser, servers) are in them and may be late once.
const END_TO_END_LIMIT: &str = "600";

/// Runs the steps and tells whether none failed. The last line it prints counts them.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<bool> {
    let steps = chosen(steps(workspace)?, &options.only)?;
    if options.list {
        for step in &steps {
            println!("{:<24}{}", step.name, step.alone);
        }
        return Ok(true);
    }

    let mut results: Vec<(&Step, Outcome, Duration)> = Vec::new();
    for step in &steps {
        let missing = results.iter().find(|(done, outcome, _)| {
            !outcome.is_good() && step.needs.contains(&done.name.as_str())
        });
        if let Some((missing, ..)) = missing {
            println!("\n── {}: skipped, since {} did not pass", step.name, missing.name);
            results.push((step, Outcome::Skipped, Duration::ZERO));
            continue;
        }
        println!("\n── {}: {}", step.name, step.alone);
        let start = Instant::now();
        let outcome = perform(workspace, step);
        results.push((step, outcome, start.elapsed()));
        if outcome == Outcome::Failed && options.fail_fast {
            break;
        }
    }
    Ok(report(&results))
}

/// The steps in the order they run: what fails fast or is needed by others stands first.
fn steps(workspace: &Workspace) -> Result<Vec<Step>> {
    let mut steps = vec![
        command("format", &["cargo", "fmt", "--all", "--check", "--", "-l"]),
        own("deny", &[], deny::run),
        // Before the Rust steps, since the binary carries the pages.
        command("web-build", &["scripts/build-web"]),
        command("web-lint", &["npm", "--prefix", "web", "run", "lint"]),
        command("web-types", &["npm", "--prefix", "web", "run", "typecheck"]),
        command("web-test", &["npm", "--prefix", "web", "test"]),
        command(
            "clippy",
            &[
                "cargo",
                "clippy",
                "--locked",
                "--workspace",
                "--all-targets",
                catalog::CRASH_POINTS[0],
                catalog::CRASH_POINTS[1],
                "--",
                "-D",
                "warnings",
            ],
        ),
        // Without the heavy leaf crates. Over the whole workspace, so that their dependencies need
        // no second check.
        command(
            "clippy-lean",
            &[
                "cargo",
                "clippy",
                "--locked",
                "--workspace",
                "--no-default-features",
                "--",
                "-D",
                "warnings",
            ],
        ),
        command("build", &[&["cargo"], &catalog::BUILD[..]].concat()),
        Step { needs: &["build"], ..command("models", &["scripts/fetch-models"]) },
        tests(workspace),
        command(
            "doc-tests",
            &[&["cargo", "test", "--locked", "--workspace", "--doc"], &catalog::CRASH_POINTS[..]]
                .concat(),
        ),
        own("codegen", &["build"], codegen::check),
        own("tidy", &["build"], tidy::run),
    ];
    for script in end_to_end_scripts(&workspace.root.join(END_TO_END))? {
        let name = script.file_stem().context("a file has a name")?.to_string_lossy().into_owned();
        let alone = format!("cargo xtask ci --only build,e2e-{name}");
        let needs = &["build", "web-build"];
        steps.push(Step {
            name: format!("e2e-{name}"),
            alone,
            needs,
            action: Action::EndToEnd(script),
        });
    }
    Ok(steps)
}

/// The Rust tests, by nextest where it is installed.
fn tests(workspace: &Workspace) -> Step {
    if workspace.has_cargo_command("nextest") {
        let line = ["cargo", "nextest", "run", "--locked", "--workspace"];
        return command("test", &[&line[..], &catalog::CRASH_POINTS].concat());
    }
    println!(
        "cargo-nextest is not installed (`cargo install cargo-nextest --locked`): \
         the tests run by `cargo test`, without time limits"
    );
    let line = ["cargo", "test", "--locked", "--workspace", "--lib", "--bins", "--tests"];
    command("test", &[&line[..], &catalog::CRASH_POINTS].concat())
}

fn command(name: &str, line: &[&str]) -> Step {
    let words: Vec<String> = line.iter().map(|&word| word.to_owned()).collect();
    Step {
        name: name.to_owned(),
        alone: words.join(" "),
        needs: &[],
        action: Action::Command(words),
    }
}

fn own(name: &str, needs: &'static [&'static str], action: fn(&Workspace) -> Result<bool>) -> Step {
    let alone = if name == "codegen" {
        "cargo xtask codegen --check".into()
    } else {
        format!("cargo xtask {name}")
    };
    Step { name: name.to_owned(), alone, needs, action: Action::Own(action) }
}

/// The executable files of a folder in the order of their names; none if there is no such folder.
fn end_to_end_scripts(folder: &Path) -> Result<Vec<PathBuf>> {
    use std::os::unix::fs::PermissionsExt;

    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let metadata = path.metadata()?;
        if metadata.is_file() && metadata.permissions().mode() & 0o111 != 0 {
            scripts.push(path);
        }
    }
    scripts.sort();
    Ok(scripts)
}

/// Keeps the steps that were asked for, in the order they run.
fn chosen(steps: Vec<Step>, only: &[String]) -> Result<Vec<Step>> {
    if only.is_empty() {
        return Ok(steps);
    }
    if let Some(unknown) = only.iter().find(|name| !steps.iter().any(|step| step.name == **name)) {
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        bail!("there is no step {unknown}; the steps are: {}", names.join(", "));
    }
    Ok(steps.into_iter().filter(|step| only.contains(&step.name)).collect())
}

fn perform(workspace: &Workspace, step: &Step) -> Outcome {
    let result = match &step.action {
        Action::Command(words) => {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            workspace.succeeds(words[0], &words[1..])
        }
        Action::Own(function) => function(workspace),
        Action::EndToEnd(script) => match run_end_to_end(workspace, script) {
            Ok(false) => {
                println!("\n── {}: failed, and is run once more", step.name);
                return match run_end_to_end(workspace, script) {
                    Ok(true) => Outcome::PassedAgain,
                    _ => Outcome::Failed,
                };
            }
            other => other,
        },
    };
    match result {
        Ok(true) => Outcome::Passed,
        Ok(false) => Outcome::Failed,
        Err(error) => {
            eprintln!("error: {error:#}");
            Outcome::Failed
        }
    }
}

/// Runs a script with `FLOWSTONE_BIN` naming the built binary.
fn run_end_to_end(workspace: &Workspace, script: &Path) -> Result<bool> {
    let script = script.to_str().context("the script's name is not valid text")?;
    let status = workspace
        .command("timeout", &["--kill-after=10", END_TO_END_LIMIT, script])
        .env("FLOWSTONE_BIN", workspace.target.join("debug/flowstone"))
        .status()
        .context("timeout (of coreutils) could not be started")?;
    Ok(status.success())
}

/// Prints what came of each step, how to run a failed one alone, and the count; tells whether none
/// failed.
fn report(results: &[(&Step, Outcome, Duration)]) -> bool {
    println!("\n── summary");
    for (step, outcome, duration) in results {
        let word = match outcome {
            Outcome::Passed => "passed",
            Outcome::PassedAgain => "again",
            Outcome::Failed => "FAILED",
            Outcome::Skipped => "skipped",
        };
        println!("{word:<8}{:<24}{:>7.1} s", step.name, duration.as_secs_f64());
    }
    for (step, ..) in results.iter().filter(|(_, outcome, _)| *outcome == Outcome::Failed) {
        println!("to run {} alone: {}", step.name, step.alone);
    }
    for (step, ..) in results.iter().filter(|(_, outcome, _)| *outcome == Outcome::PassedAgain) {
        println!("{} passed only at its second attempt: its first failure is above", step.name);
    }
    println!("{}", count_line(results.iter().map(|(_, outcome, _)| *outcome)));
    !results.iter().any(|(_, outcome, _)| *outcome == Outcome::Failed)
}

/// The closing line: `N passed, N failed`, and the skipped ones if there are any.
fn count_line(outcomes: impl Iterator<Item = Outcome> + Clone) -> String {
    let count = |wanted: Outcome| outcomes.clone().filter(|outcome| *outcome == wanted).count();
    let good = outcomes.clone().filter(|outcome| outcome.is_good()).count();
    let line = format!("{good} passed, {} failed", count(Outcome::Failed));
    match count(Outcome::Skipped) {
        0 => line,
        skipped => format!("{line}, {skipped} skipped"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_line_names_skipped_steps_only_where_there_are_some() {
        use Outcome::{Failed, Passed, PassedAgain, Skipped};
        assert_eq!(count_line([Passed, PassedAgain].into_iter()), "2 passed, 0 failed");
        assert_eq!(
            count_line([Passed, Failed, Skipped].into_iter()),
            "1 passed, 1 failed, 1 skipped"
        );
    }

    #[test]
    fn chosen_steps_keep_their_order_and_an_unknown_one_is_named() {
        let steps = || vec![command("format", &["true"]), command("test", &["true"])];
        let names = |steps: Vec<Step>| steps.into_iter().map(|step| step.name).collect::<Vec<_>>();
        assert_eq!(
            names(chosen(steps(), &["test".into(), "format".into()]).unwrap()),
            ["format", "test"]
        );
        let error = chosen(steps(), &["tset".into()]).err().unwrap().to_string();
        assert_eq!(error, "there is no step tset; the steps are: format, test");
    }
}
