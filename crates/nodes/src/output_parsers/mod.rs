//! Nodes that make data of a model's text.

pub(crate) mod structured_output_parser;
