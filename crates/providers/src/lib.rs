//! Clients of model vendors and the one HTTP client below them. A client knows a wire; the forms
//! that users fill in are the nodes' matter.

pub mod anthropic;
pub mod aws;
pub mod crawl;
mod failure;
mod flatten;
mod gateways;
pub mod gemini;
pub mod http;
mod image;
pub mod key_check;
mod lines;
pub mod mongo;
pub mod oauth2;
pub mod ollama;
pub mod openai;
pub mod prompt_hub;
mod random;
pub mod redis;
mod schema;
pub mod speech;
mod sse;
pub mod vectors;

pub use gateways::Gateways;
pub use http::{HttpClient, HttpSettings};
