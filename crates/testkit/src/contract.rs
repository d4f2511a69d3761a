//! Suites that every implementation of a `core` trait must pass, whatever stands behind it.

pub mod cache;
pub mod chat_model;
pub mod document_loader;
pub mod embeddings;
pub mod memory;
pub mod retriever;
pub mod text_splitter;
pub mod tool;
pub mod vector_store;
