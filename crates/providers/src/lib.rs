//! Clients of model vendors and the one HTTP client below them. A client knows a wire; the forms
//! that users fill in are the nodes' matter.

pub mod crawl;
mod failure;
mod flatten;
pub mod http;
mod image;
mod lines;
pub mod ollama;
pub mod openai;
mod random;
mod sse;

pub use http::{HttpClient, HttpSettings};
