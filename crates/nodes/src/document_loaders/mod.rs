//! Nodes that bring documents into a flow.

pub(crate) mod plain_text;
pub(crate) mod text_file;
