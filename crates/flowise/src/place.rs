//! Where an installation is: a folder, a file or a server.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Name of the database in an installation's folder.
const DATABASE: &str = "database.sqlite";

/// What a person named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`.
    Postgres(String),
    /// `mysql://user:password@host:port/database`; MariaDB too.
    MySql(String),
    /// A file that Flowise exported.
    Export(PathBuf),
}

impl Place {
    /// Understands a folder (such as `~/.flowise`), a `.sqlite` file, an exported `.json` file, or
    /// the address of a PostgreSQL, MySQL or MariaDB database.
    ///
    /// # Errors
    /// Where it is none of these.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some((scheme, rest)) = text.split_once("://") {
            return match scheme {
                "postgres" | "postgresql" => Ok(Self::Postgres(format!("postgres://{rest}"))),
                "mysql" | "mariadb" => Ok(Self::MySql(format!("mysql://{rest}"))),
                // The text is not repeated: an address may hold a password.
                _ => Err(Error::Place(format!(
                    "{scheme}:// is no database that can be read: postgres:// and mysql:// are"
                ))),
            };
        }
        let path = Path::new(text);
        if path.is_dir() {
            let file = path.join(DATABASE);
            if file.is_file() {
                return Ok(Self::Sqlite(file));
            }
            return Err(Error::Place(format!("there is no {DATABASE} in {text}")));
        }
        if !path.is_file() {
            return Err(Error::Place(format!("there is nothing at {text}")));
        }
        let is_json = path.extension().is_some_and(|it| it.eq_ignore_ascii_case("json"));
        Ok(if is_json { Self::Export(path.to_owned()) } else { Self::Sqlite(path.to_owned()) })
    }

    /// The folder it lies in, for a SQLite file.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(path) => path.parent().map(Path::to_owned),
            _ => None,
        }
    }
}
