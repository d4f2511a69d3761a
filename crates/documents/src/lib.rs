//! Reads documents: bytes in, their text out. Knows nothing of nodes and flows.
//!
//! What comes in is not trusted. Archives are unpacked in bounds, parsers of third parties run where
//! a failure of theirs is an error like any other, and nothing is read from or written to the disk.
//! Reading takes its time: call it where nothing else waits.

mod archive;
mod compound;
pub mod epub;
mod error;
mod guard;
pub mod html;
mod kind;
pub mod pdf;
pub mod sheets;
pub mod slides;
pub mod word;
mod xml;

pub use error::{Error, Result};
pub use kind::Kind;
