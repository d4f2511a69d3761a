//! OpenAI's wires, which dozens of vendors speak: chat completions, completions, responses,
//! embeddings, moderations, model lists.

mod chat;
mod completion;
mod dialect;
mod embeddings;
mod endpoint;
mod models;
mod moderations;
mod request;
mod responses;
mod stream;
mod wire;

pub use chat::Chat;
pub use completion::Completion;
pub use dialect::{Dialect, Structured, dialects};
pub use embeddings::{Embeddings, Encoding};
pub use endpoint::Endpoint;
pub use responses::Responses;
