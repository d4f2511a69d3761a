//! The routes, one file per area. Each exports `routes()`; they meet here.

mod chat_messages;
mod predictions;
mod system;
mod vector;

use crate::{AppState, route::Routes, state::AppParts};

/// Every route of the API.
pub(crate) fn all() -> Routes {
    Routes::new().merge(system::routes())
        .merge(predictions::routes())
        .merge(chat_messages::routes())
        .merge(vector::routes())
}

/// Answers that are the same for everyone and made once.
pub(crate) struct Catalogues {}

impl Catalogues {
    /// Makes them from the engine's nodes and the kinds of credentials.
    pub(crate) fn new(_parts: &AppParts) -> Self {
        Self {}
    }
}

/// Whether the flow that `path` is about lists `origin` among the sites it is embedded in.
pub(crate) async fn flow_allows_origin(_state: &AppState, _path: &str, _origin: &str) -> bool {
    false
}
