//! Prints the catalog as JSON, as `GET /api/v1/nodes` answers it.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let specs: Vec<_> = flowstone_nodes::ALL.iter().map(|node| node.spec()).collect();
    let json = serde_json::to_string_pretty(&specs)?;
    writeln!(std::io::stdout(), "{json}")
}
