//! TypeScript types of what crosses the wire, from the Rust types that derive `ts_rs::TS`.

use anyhow::{Result, bail};

use super::{File, present_files};
use crate::workspace::Workspace;

pub(super) const FOLDER: &str = "web/src/api/types";

/// ts-rs writes its types when the tests run that its derive makes, one per exported type, so these
/// tests are run with a fresh folder to write into.
pub(super) fn generate(workspace: &Workspace) -> Result<Vec<File>> {
    let folder = workspace.target.join("codegen-web-types");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    // Over the whole workspace, so that nothing is compiled a second time with other features.
    let arguments: &[&str] = if workspace.has_cargo_command("nextest") {
        let only_exports = "test(/(^|::)export_bindings_/)";
        &[
            "nextest",
            "run",
            "--locked",
            "--workspace",
            "--lib",
            "--no-tests",
            "pass",
            "--status-level",
            "fail",
            "-E",
            only_exports,
        ]
    } else {
        &["test", "--locked", "--workspace", "--lib", "--quiet", "export_bindings_"]
    };
    let output = workspace.command("cargo", arguments).env("TS_RS_EXPORT_DIR", &folder).output()?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        bail!("the tests that export the types failed: cargo {}\n{words}", arguments.join(" "));
    }
    Ok(present_files(&folder)?.into_iter().collect())
}
