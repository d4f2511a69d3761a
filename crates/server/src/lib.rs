//! The HTTP server: routes, sessions, the error table.
//!
//! [`router`] makes the service from an [`AppState`]; [`serve`] runs it until it is told to stop.
//! Every route states who may call it in one table ([`route::table`]), which one middleware
//! enforces; every failure becomes an answer in one place ([`Problem`]). The server knows no node:
//! it is given an engine.

mod access;
mod auth;
mod body;
mod checklist;
mod document_store;
mod files;
mod generator;
mod layers;
mod mail;
mod openapi;
mod outside;
mod ports;
mod prediction;
mod problem;
mod query;
pub mod route;
mod routes;
mod runs;
mod schedule;
mod serve;
mod state;
mod transfer;
mod ui;
mod unread;
mod wire;

pub use auth::{
    Caller, CallerKind, OWNER_ROLE, all_permissions, known_key, new_password, set_password,
};
pub use body::Body;
pub use document_store::recover;
pub use mail::{Letter, Mailer};
pub use openapi::document as openapi_document;
pub use outside::{LinkSource, Outside, Speech, TokenRequest, Voice};
pub use ports::services;
pub use prediction::FlowPort;
pub use problem::Problem;
pub use query::Query;
pub use routes::node_catalog;
pub use runs::{RunContent, RunSettings};
pub use schedule::run_due;
pub use serve::{router, serve};
pub use state::{
    AppParts, AppState, Asset, Assets, AttemptLimits, OldLogin, Origins, Price, ServerSettings,
    TemplateFile, TokenKey, TrustedProxies,
};
