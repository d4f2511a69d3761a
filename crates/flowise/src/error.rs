//! What can go wrong while an installation is read.

/// A failure, said for the person at the command line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is nothing at the place that was named, or it is something else.
    #[error("{0}")]
    Place(String),
    /// The database cannot be opened or stopped answering.
    #[error("the database of Flowise cannot be read: {0}")]
    Database(#[from] sea_orm::DbErr),
    /// A file cannot be read.
    #[error("{what} cannot be read: {source}")]
    File {
        /// Which file.
        what: String,
        /// Why.
        source: std::io::Error,
    },
    /// Something encrypted does not open with this key.
    #[error("it does not open with this encryption key")]
    Key,
}

/// The result of reading.
pub type Result<T, E = Error> = std::result::Result<T, E>;
