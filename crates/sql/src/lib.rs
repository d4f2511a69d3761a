//! Reads databases of users by SQL that a model wrote: one statement that only reads, in bounded
//! time, with a bounded result, over a connection that is closed afterwards. It also keeps tables of
//! what was written to vector stores, and vectors in files of this installation.
//!
//! A leaf crate: it knows none of ours, and its caller decides which servers may be connected to.

mod checkpoints;
mod database;
mod error;
mod filter;
mod folder;
mod index;
mod packed;
mod pgvector;
mod record_file;
mod records;
mod rows;
mod singlestore;
mod sketches;
mod statement;
mod target;
mod vectors;

pub use checkpoints::{CheckpointRow, CheckpointTable};
pub use database::{Database, Limits, Table};
pub use error::{Error, Result};
pub use folder::SqliteFolder;
pub use pgvector::{Distance, VectorTable};
pub use record_file::RecordFile;
pub use records::{RecordRow, RecordTable, Which};
pub use rows::Rows;
pub use singlestore::{PackedColumns, PackedTable};
pub use target::{Kind, Server, Target};
pub use vectors::{Entry, Hit, Search, VectorFile, VectorFolder};
