//! Nodes that cut documents into passages.

pub(crate) mod recursive_character_text_splitter;
pub(crate) mod splitting;
