//! `flowstone openapi`: the API as an OpenAPI document.

use anyhow::Result;

/// Prints the document as `GET /api/v1/openapi.json` gives it.
pub(crate) fn execute() -> Result<()> {
    let document = flowstone_server::openapi_document();
    super::print(&format!("{}\n", serde_json::to_string_pretty(document)?));
    Ok(())
}
