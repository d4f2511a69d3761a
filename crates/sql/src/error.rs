//! What can go wrong, in words that hold no password, path or stack.

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection string, the file or a list of tables makes no sense.
    #[error("{0}")]
    Settings(String),
    /// The server cannot be reached, or does not let us in.
    #[error("{0}")]
    Connection(String),
    /// A statement that is not run here. A model that is told so may write another.
    #[error("{0}")]
    Refused(String),
    /// What the database says is wrong with a statement.
    #[error("{0}")]
    Statement(String),
    /// It took too long.
    #[error("the database did not answer within {0} seconds")]
    TooSlow(u64),
}

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether another statement may do better.
    pub fn is_about_the_statement(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::Statement(_))
    }

    /// A failure while connecting. The text of the driver may hold the address or more, so only its
    /// kind is told.
    pub(crate) fn connecting(error: &sqlx::Error) -> Self {
        let said = match error {
            sqlx::Error::Database(it) => {
                let code = it.code().unwrap_or_default();
                match code.as_ref() {
                    "28P01" | "28000" | "1045" | "1698" | "1044" => {
                        "the database server does not accept the user or the password"
                    }
                    "3D000" | "1049" => "the database server has no database of this name",
                    "14" | "26" => "the file is no SQLite database that can be read",
                    _ => "the database server refused the connection",
                }
            }
            sqlx::Error::Tls(_) => "no secure connection to the database server could be made",
            _ => "the database server cannot be reached",
        };
        Self::Connection(said.to_owned())
    }

    /// A failure of a statement: the database's own words, which are about the statement.
    pub(crate) fn of_statement(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(it) if it.message() == "interrupted" => Self::TooSlow(0),
            sqlx::Error::Database(it) => Self::Statement(it.message().to_owned()),
            sqlx::Error::Io(_) | sqlx::Error::Protocol(_) => {
                Self::Connection("the connection to the database broke off".to_owned())
            }
            _ => Self::Statement("the result of this statement cannot be read".to_owned()),
        }
    }

    /// A file of ours that cannot be opened.
    pub(crate) fn opening(error: &rusqlite::Error) -> Self {
        let said = match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase | rusqlite::ErrorCode::CannotOpen) => {
                "the file is no SQLite database that can be read"
            }
            _ => "the file cannot be opened",
        };
        Self::Connection(said.to_owned())
    }

    /// A failure of a statement on a file of ours.
    pub(crate) fn of_file(error: &rusqlite::Error) -> Self {
        Self::Statement(match error {
            rusqlite::Error::SqliteFailure(_, Some(said)) => said.clone(),
            _ => "the result of this statement cannot be read".to_owned(),
        })
    }
}
