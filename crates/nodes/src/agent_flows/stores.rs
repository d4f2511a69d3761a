//! Document stores, as steps read them.

use flowstone_core::{Document, Error, Inputs, Result, Run, node::Entry};

/// The stores that can be searched.
#[expect(clippy::unused_async, reason = "asks the port of document stores, once there is one")]
pub(super) async fn entries(inputs: &Inputs) -> Result<Vec<Entry>> {
    let _ = inputs;
    Ok(Vec::new())
}

/// The documents of a store that fit `query`, best first. `chosen` is what the form saved: the
/// store's id, a colon and its name.
///
/// # Errors
/// `Unsupported` where there is no such store.
#[expect(clippy::unused_async, reason = "asks the port of document stores, once there is one")]
pub(super) async fn search(chosen: &str, query: &str, run: &Run) -> Result<Vec<Document>> {
    let _ = (query, run);
    let name = name_of(chosen);
    Err(Error::Unsupported(format!("this installation cannot search the document store {name}")))
}

/// The name of a chosen store.
pub(super) fn name_of(chosen: &str) -> &str {
    chosen.split_once(':').map_or(chosen, |(_, name)| name)
}
