//! The routes, one file per area. Each exports `routes()`; they meet here.

mod accounts;
mod api_docs;
mod api_keys;
mod areas;
mod assistant_parts;
mod assistants;
mod attachments;
mod catalogues;
mod chat_messages;
mod chatflows;
mod conversations;
mod credential_kinds;
mod credentials;
mod custom_function;
mod document_loaders;
mod document_stores;
mod document_vectors;
mod drafts;
mod executions;
mod export_import;
mod feedback;
mod flow_config;
mod flow_lists;
mod flow_mcp;
mod flow_view;
mod generator;
mod leads;
mod links;
mod marketplaces;
mod mcp_servers;
mod metrics;
mod nodes;
mod not_offered;
mod oauth2;
mod old_login;
mod openai_compatible;
mod passwords;
mod predictions;
mod profile;
mod prompts;
mod public_flows;
mod realtime;
mod runs;
mod schedules;
mod speech;
mod spending;
mod system;
mod tools;
mod uploads;
mod upsert_history;
mod usage;
mod validation;
mod variables;
mod vector;
mod webhooks;

pub(crate) use api_docs::page as api_docs_page;
pub(crate) use areas::AREAS;
pub(crate) use catalogues::Catalogues;
pub use catalogues::node_catalog;
pub(crate) use flow_lists::FlowContents;
pub(crate) use public_flows::flow_allows_origin;
pub(crate) use vector::{counts as upsert_counts, settings_text as upsert_settings};

pub(crate) use mcp_servers::masked as masked_address;

use crate::route::Routes;

/// Every route of the API.
pub(crate) fn all() -> Routes {
    Routes::new()
        .merge(system::routes().area(&areas::SYSTEM))
        .merge(metrics::routes().area(&areas::SYSTEM))
        .merge(api_docs::routes().area(&areas::SYSTEM))
        .merge(accounts::routes().area(&areas::ACCOUNTS))
        .merge(old_login::routes().area(&areas::ACCOUNTS))
        .merge(passwords::routes().area(&areas::ACCOUNTS))
        .merge(profile::routes().area(&areas::ACCOUNTS))
        .merge(api_keys::routes().area(&areas::API_KEYS))
        .merge(nodes::routes().area(&areas::NODES))
        .merge(custom_function::routes().area(&areas::NODES))
        .merge(credential_kinds::routes().area(&areas::CREDENTIALS))
        .merge(credentials::routes().area(&areas::CREDENTIALS))
        .merge(chatflows::routes().area(&areas::CHATFLOWS))
        .merge(drafts::routes().area(&areas::CHATFLOWS))
        .merge(flow_lists::routes().area(&areas::CHATFLOWS))
        .merge(public_flows::routes().area(&areas::PUBLIC_FLOWS))
        .merge(flow_config::routes().area(&areas::OVERRIDES))
        .merge(predictions::routes().area(&areas::PREDICTIONS))
        .merge(chat_messages::routes().area(&areas::MESSAGES))
        .merge(conversations::routes().area(&areas::MESSAGES))
        .merge(vector::routes().area(&areas::VECTORS))
        .merge(upsert_history::routes().area(&areas::VECTORS))
        .merge(variables::routes().area(&areas::VARIABLES))
        .merge(tools::routes().area(&areas::TOOLS))
        .merge(feedback::routes().area(&areas::FEEDBACK))
        .merge(leads::routes().area(&areas::LEADS))
        .merge(assistant_parts::routes().area(&areas::ASSISTANTS))
        .merge(assistants::routes().area(&areas::ASSISTANTS))
        .merge(document_stores::routes().area(&areas::DOCUMENT_STORES))
        .merge(document_loaders::routes().area(&areas::DOCUMENT_STORES))
        .merge(document_vectors::routes().area(&areas::DOCUMENT_STORES))
        .merge(generator::routes().area(&areas::CHATFLOWS))
        .merge(executions::routes().area(&areas::EXECUTIONS))
        .merge(export_import::routes().area(&areas::TRANSFERS))
        .merge(links::routes().area(&areas::NODES))
        .merge(marketplaces::routes().area(&areas::TEMPLATES))
        .merge(mcp_servers::routes().area(&areas::MCP_SERVERS))
        .merge(prompts::routes().area(&areas::NODES))
        .merge(realtime::routes().area(&areas::TOOLS_OF_FLOWS))
        .merge(runs::routes().area(&areas::RUNS))
        .merge(schedules::routes().area(&areas::CHATFLOWS))
        .merge(speech::routes().area(&areas::SPEECH))
        .merge(spending::routes().area(&areas::RUNS))
        .merge(usage::routes().area(&areas::USAGE))
        .merge(validation::routes().area(&areas::CHATFLOWS))
        .merge(attachments::routes().area(&areas::ATTACHMENTS))
        .merge(oauth2::routes().area(&areas::CREDENTIALS))
        .merge(flow_mcp::routes().area(&areas::MCP_SERVERS))
        .merge(openai_compatible::routes().area(&areas::PREDICTIONS))
        .merge(webhooks::routes().area(&areas::WEBHOOKS))
        .merge(not_offered::routes())
}
