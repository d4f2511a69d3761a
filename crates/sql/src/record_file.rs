//! Where an installation keeps the records of those who name no database.

use std::path::{Path, PathBuf};

/// The `SQLite` file of records; made where it is not there.
#[derive(Clone, Debug)]
pub struct RecordFile(PathBuf);

impl RecordFile {
    /// A file in a folder that is there.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self(file.into())
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.0
    }
}
