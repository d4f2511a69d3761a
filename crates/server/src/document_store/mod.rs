//! Document stores at work: loading, cutting into chunks, writing to vector stores, searching.

mod history;
mod load;
mod loader;
mod merge;
mod port;
mod recovery;
mod upsert;
mod work;

pub(crate) use load::{Loading, length, preview, process, save, unusable};
pub(crate) use loader::{Loader, loaders_of, write_loaders};
pub(crate) use merge::{UploadedFile, UpsertedBy, Wish, carry_out, refresh};
pub use recovery::recover;
pub(crate) use upsert::{
    Chosen, FoundChunks, Saving, Targets, insert, query, remove_vectors, save_targets,
};
pub(crate) use work::{Progress, Work, to_its_end};

use axum::http::StatusCode;
use flowstone_store::{DocumentStore, Error as StoreError, WorkspaceScope};

use crate::{AppState, Problem, problem::Result};

/// Where a store, or a loader of one, stands.
pub(crate) mod status {
    /// A store without loaders.
    pub(crate) const EMPTY: &str = "EMPTY";
    /// A loader that was saved and not processed yet, and a file that came with one.
    pub(crate) const NEW: &str = "NEW";
    /// Its chunks are stored.
    pub(crate) const SYNC: &str = "SYNC";
    /// Its chunks are being made.
    pub(crate) const SYNCING: &str = "SYNCING";
    /// Something changed since, or went wrong.
    pub(crate) const STALE: &str = "STALE";
    /// Its chunks are being written to the vector store.
    pub(crate) const UPSERTING: &str = "UPSERTING";
    /// The vector store holds its chunks.
    pub(crate) const UPSERTED: &str = "UPSERTED";
}

/// A store of the workspace.
pub(crate) async fn store_of(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
) -> Result<DocumentStore> {
    let found = state.store.document_stores().get(scope, id).await;
    found.map_err(|error| missing(error, id))
}

/// A store that is not there is told in the words that clients know.
pub(crate) fn missing(error: StoreError, id: &str) -> Problem {
    match error {
        StoreError::NotFound { what: "document store", .. } => {
            Problem::not_found(format!("Document store {id} not found"))
        }
        StoreError::NotFound { what: "document chunk", id } => {
            Problem::not_found(format!("Document Chunk {id} not found"))
        }
        other => other.into(),
    }
}

/// Flows that were prepared with what the store held before must be prepared again.
pub(crate) async fn tell_flows(state: &AppState, scope: &WorkspaceScope, id: &str) -> Result<()> {
    state.store.chatflows().raise_revisions(scope, id).await?;
    Ok(())
}

/// A loader that a store has not. Clients of the reference know it by this status.
pub(crate) fn no_loader(message: impl Into<String>) -> Problem {
    Problem::new(StatusCode::INTERNAL_SERVER_ERROR, message)
}
