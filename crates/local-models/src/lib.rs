//! Flowstone's built-in models: chat (GGUF, llama family) and sentence embeddings (MiniLM), run by
//! candle in this process, without a key and without another server.
//!
//! [`LocalModels`] is the entry: one per process, it loads models on first use, queues requests
//! and streams answers. [`catalog`] says which models are known and where they come from,
//! [`install`] puts them into the models folder. This crate opens no connection: who downloads
//! hands the bytes to [`install::Installer`].

pub mod catalog;
pub mod chat;
pub mod embeddings;
mod error;
mod gguf;
pub mod install;
mod llama;
mod pool;
mod queue;
mod sampling;
mod stop;
mod template;
pub mod threads;
mod tokenizer;
mod worker;

pub use chat::{ChatModelFile, ChatRequest, ChatSummary, Finish, Overflow};
pub use embeddings::EmbeddingModelFile;
pub use error::{Error, Result};
pub use pool::{ChatEvent, ChatStream, LocalModels, ModelStatus, Settings};
pub use sampling::Sampling;
pub use template::{Message, Role};
