//! What can go wrong in the store, told by what the caller can do about it.

use std::fmt;

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr, sqlx};

/// The result of a call to the store.
pub type Result<T, E = Error> = std::result::Result<T, E>;

type Source = Box<dyn std::error::Error + Send + Sync>;

/// What went wrong. The text of every variant may be shown to a client: it never holds SQL, a path
/// or what the database said; that is in [`std::error::Error::source`], for the log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no such row, or it belongs to another workspace.
    #[error("no {what} with id {id}")]
    NotFound {
        /// The kind of thing, in words.
        what: &'static str,
        /// The id that was asked for.
        id: String,
    },
    /// The row clashes with one that is already there.
    #[error("{what}: {why}")]
    Conflict {
        /// The kind of thing, in words.
        what: &'static str,
        /// What it clashes with.
        why: String,
    },
    /// A value cannot be stored, or what was stored cannot be read.
    #[error("{what}: {why}")]
    Invalid {
        /// The thing or the field, in words.
        what: &'static str,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The database cannot do its work now; the same call may succeed later.
    #[error("{reason}")]
    Unavailable {
        /// What keeps it.
        reason: Outage,
        /// What the database said; never for clients.
        #[source]
        source: Source,
    },
    /// Anything else: a bug or a broken database.
    #[error("the database could not carry out the request")]
    Internal(#[source] Source),
}

/// Why the database cannot do its work now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outage {
    /// No connection, or it broke.
    Unreachable,
    /// No room for what should be written.
    DiskFull,
    /// The database, its file or its folder cannot be written.
    ReadOnly,
    /// Others held the database for too long, or all connections are in use.
    Busy,
}

impl fmt::Display for Outage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Unreachable => "the database cannot be reached: is it running, and are its address and login right?",
            Self::DiskFull => "the database's disk is full: nothing was saved",
            Self::ReadOnly => "the database cannot be written to: is its folder read-only or owned by another user?",
            Self::Busy => "the database is too busy: try again in a moment",
        })
    }
}

impl Error {
    pub(crate) fn not_found(what: &'static str, id: &str) -> Self {
        Self::NotFound { what, id: id.to_owned() }
    }

    pub(crate) fn invalid(what: &'static str, why: impl Into<String>) -> Self {
        Self::Invalid { what, why: why.into() }
    }

    pub(crate) fn unavailable(reason: Outage, source: impl Into<Source>) -> Self {
        Self::Unavailable { reason, source: source.into() }
    }

    pub(crate) fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(source.into())
    }

    /// The error of a statement about `what`.
    pub(crate) fn database(what: &'static str, error: DbErr) -> Self {
        match Cause::of(&error) {
            Cause::Outage(reason) => Self::unavailable(reason, error),
            Cause::Duplicate => {
                Self::Conflict { what, why: "there is already one with this id or name".to_owned() }
            }
            Cause::Reference => Self::Conflict {
                what,
                why: "it refers to something that does not exist (any more)".to_owned(),
            },
            Cause::Value => Self::invalid(
                what,
                "a text is too long or holds characters that the database cannot keep",
            ),
            Cause::Unknown => Self::internal(error),
        }
    }
}

/// Whether a trigger of SQLite refused the statement.
pub(crate) fn is_refused_by_trigger(error: &DbErr) -> bool {
    /// <https://www.sqlite.org/rescode.html#constraint_trigger>
    const CONSTRAINT_TRIGGER: &str = "1811";
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    let error = error.as_database_error();
    error.and_then(|it| it.try_downcast_ref::<sqlx::sqlite::SqliteError>()).is_some_and(|it| {
        sqlx::error::DatabaseError::code(it).as_deref() == Some(CONSTRAINT_TRIGGER)
    })
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match Cause::of_driver(&error) {
            Cause::Outage(reason) => Self::unavailable(reason, error),
            _ => Self::internal(error),
        }
    }
}

/// What a database error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    Outage(Outage),
    Duplicate,
    Reference,
    Value,
    Unknown,
}

impl Cause {
    fn of(error: &DbErr) -> Self {
        match error {
            DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) => Self::Outage(Outage::Busy),
            DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed) => {
                Self::Outage(Outage::Unreachable)
            }
            DbErr::Conn(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error))
            | DbErr::Query(RuntimeErr::SqlxError(error)) => Self::of_driver(error),
            DbErr::Conn(_) => Self::Outage(Outage::Unreachable),
            _ => Self::Unknown,
        }
    }

    fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Outage(Outage::Busy),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed => Self::Outage(Outage::Unreachable),
            sqlx::Error::Database(error) if error.is_unique_violation() => Self::Duplicate,
            sqlx::Error::Database(error) if error.is_foreign_key_violation() => Self::Reference,
            sqlx::Error::Database(error) => {
                if let Some(error) = error.try_downcast_ref::<sqlx::sqlite::SqliteError>() {
                    return Self::of_sqlite(sqlx::error::DatabaseError::code(error).as_deref());
                }
                if let Some(error) = error.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>() {
                    return Self::of_mysql(error.number());
                }
                Self::of_postgres(error.code().as_deref().unwrap_or_default())
            }
            _ => Self::Unknown,
        }
    }

    /// Result codes: <https://www.sqlite.org/rescode.html>; the low byte is the primary code.
    fn of_sqlite(code: Option<&str>) -> Self {
        /// The index of the write-ahead log could not grow.
        const SHARED_MEMORY_SIZE: u32 = 4874;
        let code: u32 = code.and_then(|it| it.parse().ok()).unwrap_or_default();
        match code & 0xff {
            _ if code == SHARED_MEMORY_SIZE => Self::Outage(Outage::DiskFull),
            5 | 6 => Self::Outage(Outage::Busy),
            8 => Self::Outage(Outage::ReadOnly),
            13 => Self::Outage(Outage::DiskFull),
            10 | 14 => Self::Outage(Outage::Unreachable),
            18 => Self::Value,
            _ => Self::Unknown,
        }
    }

    /// Error numbers: <https://mariadb.com/kb/en/mariadb-error-codes/>.
    fn of_mysql(number: u16) -> Self {
        match number {
            1021 | 1114 => Self::Outage(Outage::DiskFull),
            1036 | 1290 | 1792 | 1836 => Self::Outage(Outage::ReadOnly),
            1205 | 1213 | 1040 => Self::Outage(Outage::Busy),
            1044 | 1045 | 1049 | 1053 | 1129 | 1130 => Self::Outage(Outage::Unreachable),
            1153 | 1366 | 1406 => Self::Value,
            _ => Self::Unknown,
        }
    }

    /// Error codes: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
    fn of_postgres(code: &str) -> Self {
        match code {
            "53100" => Self::Outage(Outage::DiskFull),
            "25006" => Self::Outage(Outage::ReadOnly),
            "40001" | "40P01" | "53300" | "55P03" => Self::Outage(Outage::Busy),
            "3D000" | "28000" | "28P01" | "57P01" | "57P02" | "57P03" => {
                Self::Outage(Outage::Unreachable)
            }
            "22001" | "22021" | "22P05" | "54000" => Self::Value,
            code if code.starts_with("08") => Self::Outage(Outage::Unreachable),
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn codes_become_what_a_caller_can_act_on() {
        assert_eq!(Cause::of_sqlite(Some("13")), Cause::Outage(Outage::DiskFull));
        assert_eq!(Cause::of_sqlite(Some("4874")), Cause::Outage(Outage::DiskFull));
        // 1032 is SQLITE_READONLY_DBMOVED, an extended code of 8.
        assert_eq!(Cause::of_sqlite(Some("1032")), Cause::Outage(Outage::ReadOnly));
        assert_eq!(Cause::of_sqlite(Some("517")), Cause::Outage(Outage::Busy));
        assert_eq!(Cause::of_sqlite(None), Cause::Unknown);
        assert_eq!(Cause::of_mysql(1021), Cause::Outage(Outage::DiskFull));
        assert_eq!(Cause::of_mysql(1406), Cause::Value);
        assert_eq!(Cause::of_postgres("53100"), Cause::Outage(Outage::DiskFull));
        assert_eq!(Cause::of_postgres("25006"), Cause::Outage(Outage::ReadOnly));
        assert_eq!(Cause::of_postgres("08006"), Cause::Outage(Outage::Unreachable));
        assert_eq!(Cause::of_postgres("42P01"), Cause::Unknown);
    }

    #[test]
    fn what_the_database_said_is_for_the_log_only() {
        let error = Error::internal("near \"SELEC\": syntax error in /data/flowstone.sqlite");
        assert_eq!(error.to_string(), "the database could not carry out the request");
        assert!(error.source().is_some_and(|it| it.to_string().contains("SELEC")));
    }
}
