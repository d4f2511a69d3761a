//! The routes, one file per area. Each exports `routes()`; they meet here.

mod accounts;
mod api_keys;
mod catalogues;
mod chat_messages;
mod chatflows;
mod credential_kinds;
mod credentials;
mod custom_function;
mod feedback;
mod flow_config;
mod flow_view;
mod leads;
mod metrics;
mod nodes;
mod not_offered;
mod old_login;
mod passwords;
mod predictions;
mod profile;
mod public_flows;
mod system;
mod tools;
mod uploads;
mod upsert_history;
mod variables;
mod vector;

pub(crate) use catalogues::Catalogues;
pub use catalogues::node_catalog;
pub(crate) use public_flows::flow_allows_origin;

use crate::route::Routes;

/// Every route of the API.
pub(crate) fn all() -> Routes {
    Routes::new()
        .merge(system::routes())
        .merge(metrics::routes())
        .merge(accounts::routes())
        .merge(old_login::routes())
        .merge(passwords::routes())
        .merge(profile::routes())
        .merge(api_keys::routes())
        .merge(nodes::routes())
        .merge(custom_function::routes())
        .merge(credential_kinds::routes())
        .merge(credentials::routes())
        .merge(chatflows::routes())
        .merge(public_flows::routes())
        .merge(flow_config::routes())
        .merge(predictions::routes())
        .merge(chat_messages::routes())
        .merge(vector::routes())
        .merge(upsert_history::routes())
        .merge(variables::routes())
        .merge(tools::routes())
        .merge(feedback::routes())
        .merge(leads::routes())
        .merge(not_offered::routes())
}
