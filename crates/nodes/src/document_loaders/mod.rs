//! Nodes that bring documents into a flow.

pub(crate) mod csv_file;
pub(crate) mod json_file;
pub(crate) mod jsonlines_file;
pub(crate) mod plain_text;
pub(crate) mod text_file;
