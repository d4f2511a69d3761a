//! Clients of model vendors and the one HTTP client below them. A client knows a wire; the forms
//! that users fill in are the nodes' matter.

pub mod anthropic;
pub mod aws;
pub mod baidu;
pub mod cohere;
pub mod crawl;
mod failure;
mod flatten;
mod gateways;
pub mod gemini;
pub mod google_account;
pub mod http;
pub mod hugging_face;
mod image;
pub mod key_check;
mod lines;
pub mod mem0;
pub mod momento;
pub mod mongo;
pub mod neo4j;
pub mod oauth2;
pub mod ollama;
pub mod openai;
pub mod prompt_hub;
mod random;
pub mod redis;
pub mod replicate;
pub mod rerank;
mod schema;
pub mod speech;
mod sse;
pub mod tokens;
pub mod upstash;
pub mod vectors;
pub mod watsonx;
pub mod zep;

pub use gateways::Gateways;
pub use http::{HttpClient, HttpSettings};
