//! Document stores, as steps read them.

use flowstone_core::{Document, Inputs, Result, Run, node::Entry};

/// The stores that can be searched.
pub(super) async fn entries(inputs: &Inputs) -> Result<Vec<Entry>> {
    let stores = inputs.services.document_stores.list(&inputs.workspace).await?;
    let searchable = stores.into_iter().filter(|it| it.is_searchable);
    let entries = searchable
        .map(|it| Entry::new(format!("{}:{}", it.id, it.name), it.name).describe(it.description));
    Ok(entries.collect())
}

/// The documents of a store that fit `query`, best first. `chosen` is what the form saved: the
/// store's id, a colon and its name.
///
/// # Errors
/// `Unsupported` where there is no such store, or nothing was written to it yet.
pub(super) async fn search(chosen: &str, query: &str, run: &Run) -> Result<Vec<Document>> {
    let id = chosen.split_once(':').map_or(chosen, |(id, _)| id);
    let store = run.services.document_stores.vector_store(&run.workspace, id).await?;
    let found = store.search(query, store.top_k()).await?;
    Ok(found.into_iter().map(|(document, _)| document).collect())
}

/// The name of a chosen store.
pub(super) fn name_of(chosen: &str) -> &str {
    chosen.split_once(':').map_or(chosen, |(_, name)| name)
}
