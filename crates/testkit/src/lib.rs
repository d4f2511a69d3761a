//! What tests share: a provider that follows a script, in-memory ports, transcripts, and the suites
//! that every implementation of a `core` trait must pass. A development dependency only.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "all of this crate runs inside tests: a panic is a failed test"
)]

mod api;
mod certificates;
pub mod contract;
pub mod mcp;
mod model;
mod peer;
mod provider;
mod recordings;
mod records;
mod redis;
mod relay;
mod script;
mod services;
mod site;
pub mod transcript;
mod turn;

pub use api::FakeApi;
pub use certificates::Certificates;
pub use mcp::{FakeMcp, McpCall};
pub use model::{BagOfWords, ScriptedModel};
pub use peer::PeerProcess;
pub use provider::{FakeProvider, Recorded};
pub use recordings::{Recording, recordings};
pub use records::MemoryRecords;
pub use redis::RedisProcess;
pub use relay::Relay;
pub use script::Reply;
pub use services::{
    MemoryChats, MemoryCredentials, MemoryDocumentStores, MemoryFiles, MemoryFlows, MemoryTools,
    Ports, run, services,
};
pub use site::{FakeSite, SiteCall, SitePage};
pub use turn::{FakeFlow, StepBench};
