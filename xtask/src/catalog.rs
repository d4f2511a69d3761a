//! The catalog of nodes, as the built `flowstone catalog` prints it.

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::{Workspace, elements, output_of};

/// Lets the tests end the program at places of their choice; never in a release.
pub(crate) const CRASH_POINTS: [&str; 2] = ["--features", "flowstone/crash-points"];

/// How the binary of the quick profile is built. Over the whole workspace, so that its dependencies
/// have the same features as in the test run and are not compiled a second time.
pub(crate) const BUILD: [&str; 7] =
    ["build", "--locked", "--workspace", "--bin", "flowstone", CRASH_POINTS[0], CRASH_POINTS[1]];

/// Builds the binary and asks it for its nodes, in the order of the palette.
pub(crate) fn load(workspace: &Workspace) -> Result<Vec<Value>> {
    if !workspace.succeeds("cargo", &BUILD)? {
        bail!("flowstone could not be built, so its catalog is not known");
    }
    let binary = workspace.target.join("debug/flowstone");
    let binary = binary.to_str().context("the target folder's name is not valid text")?;
    let printed = output_of(&mut workspace.command(binary, &["catalog"]))?;
    let catalog: Value =
        serde_json::from_str(&printed).context("`flowstone catalog` printed no JSON")?;
    let nodes: Vec<Value> = elements(&catalog).cloned().collect();
    if nodes.is_empty() {
        bail!("`flowstone catalog` names no node");
    }
    Ok(nodes)
}

/// A text field of a node, empty if it has none.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}
