//! OpenAI's wires, which dozens of vendors speak: chat completions, embeddings, model lists.

mod chat;
mod dialect;
mod embeddings;
mod endpoint;
mod models;
mod request;
mod stream;
mod wire;

pub use chat::Chat;
pub use dialect::{Dialect, Structured, dialects};
pub use embeddings::{Embeddings, Encoding};
pub use endpoint::Endpoint;
