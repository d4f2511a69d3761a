//! The checkout: where it is, what cargo knows of it, which files it holds, and how to run a
//! command in it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// The checkout this tool was built from.
pub(crate) struct Workspace {
    /// The folder that holds the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// The folder cargo builds into.
    pub(crate) target: PathBuf,
    /// What `cargo metadata` tells, dependencies included.
    pub(crate) metadata: Value,
}

impl Workspace {
    /// Asks cargo about the workspace in the current folder.
    pub(crate) fn load() -> Result<Workspace> {
        let mut cargo = Command::new("cargo");
        cargo.args(["metadata", "--format-version", "1", "--quiet"]);
        let output = output_of(without_cargo_variables(&mut cargo))?;
        let metadata: Value =
            serde_json::from_str(&output).context("cargo metadata is not JSON")?;
        let folder = |key: &str| {
            metadata[key].as_str().map(PathBuf::from).context("cargo metadata names no folder")
        };
        Ok(Workspace {
            root: folder("workspace_root")?,
            target: folder("target_directory")?,
            metadata,
        })
    }

    /// A command that runs in the root of the checkout.
    pub(crate) fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.root).env("CARGO_TARGET_DIR", &self.target);
        without_cargo_variables(&mut command);
        command
    }

    /// Runs a command, its output going to the terminal, and tells whether it succeeded.
    pub(crate) fn succeeds(&self, program: &str, arguments: &[&str]) -> Result<bool> {
        let status = self.command(program, arguments).status();
        Ok(status.with_context(|| format!("{program} could not be started"))?.success())
    }

    /// Whether a cargo subcommand such as `nextest` is installed.
    pub(crate) fn has_cargo_command(&self, name: &str) -> bool {
        let output = self.command("cargo", &[name, "--version"]).output();
        output.is_ok_and(|output| output.status.success())
    }

    /// The packages of the workspace itself, as `cargo metadata` describes them.
    pub(crate) fn members(&self) -> impl Iterator<Item = &Value> {
        let ids: BTreeSet<&str> =
            elements(&self.metadata["workspace_members"]).filter_map(Value::as_str).collect();
        self.packages()
            .filter(move |package| package["id"].as_str().is_some_and(|id| ids.contains(id)))
    }

    /// All packages that the workspace needs on any platform, its own among them.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Value> {
        elements(&self.metadata["packages"])
    }

    /// The files of the project: what git tracks and what it would track if told so. Paths are
    /// relative to the root, with `/`, in order.
    pub(crate) fn files(&self) -> Result<Vec<String>> {
        self.git_list(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    }

    /// Files that git is told to ignore and whose name matches the pattern.
    pub(crate) fn ignored_files(&self, pattern: &str) -> Result<Vec<String>> {
        self.git_list(&[
            "ls-files",
            "-z",
            "--others",
            "--ignored",
            "--exclude-standard",
            "--",
            pattern,
        ])
    }

    fn git_list(&self, arguments: &[&str]) -> Result<Vec<String>> {
        let output = output_of(&mut self.command("git", arguments))
            .context("the list of files comes from git")?;
        let files: BTreeSet<&str> = output.split('\0').filter(|file| !file.is_empty()).collect();
        let present = files.into_iter().filter(|file| self.root.join(file).is_file());
        Ok(present.map(str::to_owned).collect())
    }
}

/// What a command prints, or an error with what it complained of.
pub(crate) fn output_of(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} could not be started"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed no valid text"))
}

/// The elements of a JSON array, none if it is something else.
pub(crate) fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Takes away the variables that `cargo run` set for this tool. Some build scripts watch them, so a
/// cargo started from here would otherwise build their crates, and all that stands on them, anew.
fn without_cargo_variables(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let set_by_cargo = name.to_str().is_some_and(|name| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
                || name == "OUT_DIR"
        });
        if set_by_cargo {
            command.env_remove(name);
        }
    }
    command
}
