//! The server over HTTP: recorded exchanges, and the laws that hold for every route.

#![cfg(test)]

mod accounts;
mod api_keys;
mod bad_input;
mod browser;
mod catalog;
mod credentials;
mod exchange;
mod flows;
mod metrics;
mod openapi;
mod passwords;
mod policy;
mod records;
mod server;
mod serving;
mod tenants;
mod toys;
