//! What the last process left unfinished is told as such: nobody works on it any more.

use chrono::Utc;
use flowstone_store::{ChunkChange, WorkspaceScope};

use super::{loaders_of, status, write_loaders};
use crate::{AppState, Problem, problem::Result};

const CUT_WHILE_LOADING: &str =
    "loading was cut short when the server stopped; process this loader again";
const CUT_WHILE_WRITING: &str = "writing to the vector store was cut short when the server stopped; upsert again, which writes \
     only what is missing where a record manager is set";

/// Marks document stores and loaders that say they are being worked on, which nobody does when a
/// server starts; how many stores there were.
///
/// # Errors
/// Where the database does not answer.
pub async fn recover(state: &AppState) -> Result<usize> {
    let stores = state.store.document_stores();
    let left = stores.in_progress_for_anyone().await?;
    for row in &left {
        let scope = WorkspaceScope::new(row.workspace_id.clone());
        let marked = stores.change(&scope, &row.id, ChunkChange::None, |row| {
            let mut loaders = loaders_of(row)?;
            let was_writing = row.status == status::UPSERTING;
            for loader in &mut loaders {
                if loader.status == status::SYNCING {
                    status::STALE.clone_into(&mut loader.status);
                    loader.error = Some(CUT_WHILE_LOADING.to_owned());
                } else if was_writing {
                    loader.error = Some(CUT_WHILE_WRITING.to_owned());
                }
            }
            if matches!(row.status.as_str(), status::UPSERTING | status::SYNCING) {
                status::STALE.clone_into(&mut row.status);
            }
            write_loaders(row, &loaders);
            row.updated_date = Utc::now();
            Ok::<_, Problem>(())
        });
        marked.await??;
    }
    Ok(left.len())
}
