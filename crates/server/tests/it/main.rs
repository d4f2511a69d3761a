//! The server over HTTP: recorded exchanges, and the laws that hold for every route.

#![cfg(test)]

mod accounts;
mod api_keys;
mod assistants;
mod attachments;
mod bad_input;
mod browser;
mod catalog;
mod checks;
mod conversations;
mod credentials;
mod databases;
mod document_stores;
mod drafts;
mod exchange;
mod flows;
mod forms;
mod generator;
mod metrics;
mod openapi;
mod outside;
mod passwords;
mod policy;
mod records;
mod reruns;
mod runs;
mod schedules;
mod server;
mod serving;
mod spending;
mod suggestions;
mod templates;
mod tenants;
mod toys;
mod transfers;
mod webhooks;
