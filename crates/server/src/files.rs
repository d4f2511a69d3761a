//! The files that are kept for flows and loaders, and what becomes of them when these go.

use flowstone_core::FilePlace;

use crate::AppState;

/// Removes all files of a place. What cannot be removed is nobody's any more: that is for the log,
/// not for whoever deleted what they belonged to.
pub(crate) async fn remove_all(state: &AppState, place: FilePlace<'_>) {
    if let Err(error) = state.engine.services().files.remove_all(place).await {
        tracing::warn!(%error, "files that nobody needs any more could not be removed");
    }
}
