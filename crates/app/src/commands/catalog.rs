//! `flowstone catalog`: every node as JSON.

use anyhow::Result;

/// Prints the catalog as `GET /api/v1/nodes` gives it.
pub(crate) fn execute() -> Result<()> {
    let nodes = flowstone_server::node_catalog(flowstone_nodes::ALL);
    super::print(&format!("{}\n", serde_json::to_string_pretty(&nodes)?));
    Ok(())
}
