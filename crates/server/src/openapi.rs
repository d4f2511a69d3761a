//! The OpenAPI document of this server, made from its route table, and a page to read it on.
//!
//! What a route documents stands beside its policy: `.get(path, policy, handler).doc(doc("…"))`.
//! Types come from the structs that are read and written; who may call comes from the policy.

mod describe;
mod document;
mod page;
mod schemas;

pub(crate) use describe::{Doc, Kind, SchemaOf, doc};
pub use document::document;
pub(crate) use page::page;
