//! `flowstone catalog`: every node as JSON.

use anyhow::Result;
use flowstone_core::Spec;

/// Prints the catalog as `GET /api/v1/nodes` gives it.
pub(crate) fn execute() -> Result<()> {
    let specs: Vec<&Spec> = flowstone_nodes::ALL.iter().map(|it| it.spec()).collect();
    super::print(&format!("{}\n", serde_json::to_string_pretty(&specs)?));
    Ok(())
}
