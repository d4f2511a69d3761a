//! Nodes that compute, and the note.

#[cfg(feature = "javascript")]
pub(crate) mod custom_function;
pub(crate) mod sticky_note;
