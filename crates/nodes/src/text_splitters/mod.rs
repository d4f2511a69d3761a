//! Nodes that cut documents into passages.

pub(crate) mod character_text_splitter;
pub(crate) mod code_text_splitter;
#[cfg(test)]
mod golden;
#[cfg(feature = "documents")]
pub(crate) mod html_to_markdown_text_splitter;
mod languages;
pub(crate) mod markdown_text_splitter;
pub(crate) mod recursive_character_text_splitter;
mod rows;
pub(crate) mod splitting;
pub(crate) mod token_text_splitter;
