//! Which database: a file, or a server with what it wants to know.

use std::path::PathBuf;

use url::Url;

use crate::{Error, Result};

/// A language of databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `SQLite`.
    Sqlite,
    /// `PostgreSQL`.
    Postgres,
    /// `MySQL` and `MariaDB`.
    MySql,
}

impl Kind {
    /// Its name, as models know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL",
        }
    }
}

/// A database to read.
#[derive(Clone, Debug)]
pub enum Target {
    /// A file that the caller found to be readable by flows.
    Sqlite(PathBuf),
    /// A database of a server.
    Server(Server),
}

/// A database of a server. Its password is never part of a message.
#[derive(Clone)]
pub struct Server {
    /// What it speaks.
    pub kind: Kind,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) database: String,
    pub(crate) security: Security,
    /// Where to connect to instead of the name; see [`Server::at`].
    pub(crate) address: Option<String>,
}

/// How much a connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all.
    Off,
    /// If the server can.
    Preferred,
    /// Encrypted.
    Required,
    /// Encrypted, and the server proves its name.
    Proven,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}:{}", self.kind.name(), self.host, self.port)
    }
}

impl Server {
    /// A server by its parts. `secure` asks for an encrypted connection; without it, one is used
    /// where the server can.
    ///
    /// # Errors
    /// [`Error::Settings`] where the host is a path, or a part is empty.
    pub fn new(
        kind: Kind,
        host: &str,
        port: u16,
        login: (&str, &str),
        database: &str,
        secure: bool,
    ) -> Result<Self> {
        let host = host.trim().trim_matches(['[', ']']);
        // A path would be a socket of this machine.
        if host.is_empty() || host.contains(['/', '\\', ',', '\0']) || host.starts_with('@') {
            return Err(Error::Settings(
                "the name or the address of a server is expected, such as db.example.com".into(),
            ));
        }
        if database.trim().is_empty() {
            return Err(Error::Settings("the name of a database is expected".to_owned()));
        }
        Ok(Self {
            kind,
            host: host.to_owned(),
            port,
            user: login.0.to_owned(),
            password: login.1.to_owned(),
            database: database.trim().to_owned(),
            security: if secure { Security::Required } else { Security::Preferred },
            address: None,
        })
    }

    /// Reads a connection string such as `postgres://user:password@host:5432/database?sslmode=require`.
    ///
    /// Only the settings that say how the connection is protected are taken from its query: others
    /// would move the connection elsewhere or read files of this machine.
    ///
    /// # Errors
    /// [`Error::Settings`] with what is missing or not taken, never with the string itself.
    pub fn parse(kind: Kind, text: &str) -> Result<Self> {
        let (schemes, example, usual_port): (&[&str], _, _) = match kind {
            Kind::Postgres => {
                (&["postgres", "postgresql"], "postgres://user:password@host:5432/database", 5432)
            }
            Kind::MySql | Kind::Sqlite => {
                (&["mysql", "mariadb"], "mysql://user:password@host:3306/database", 3306)
            }
        };
        let wrong = |reason: &str| {
            Error::Settings(format!("{reason}; a connection string looks like {example}"))
        };
        let url = Url::parse(text.trim()).map_err(|_| wrong("this is no connection string"))?;
        if !schemes.contains(&url.scheme()) {
            return Err(wrong("this is the connection string of another kind of database"));
        }
        let decoded =
            |text: &str| percent_decode(text).ok_or_else(|| wrong("it holds a bad % code"));
        let host = url.host_str().filter(|it| !it.is_empty());
        let host = decoded(host.ok_or_else(|| wrong("it names no host"))?)?;
        let host = host.trim_matches(['[', ']']).to_owned();
        // A path would be a socket of this machine.
        if host.contains(['/', '\\', ',', '\0']) || host.starts_with('@') {
            return Err(wrong("its host is no name and no address"));
        }
        if url.username().is_empty() {
            return Err(wrong("it names no user"));
        }
        let database = decoded(url.path().trim_start_matches('/'))?;
        if database.is_empty() {
            return Err(wrong("it names no database"));
        }
        let mut security = Security::Preferred;
        for (name, value) in url.query_pairs() {
            match name.to_ascii_lowercase().as_str() {
                "sslmode" | "ssl-mode" | "ssl" => {
                    security = Security::parse(&value).ok_or_else(|| {
                        wrong("its sslmode is none of disable, prefer, require and verify-full")
                    })?;
                }
                other => {
                    let reason =
                        format!("the setting {other:?} is not taken here, only sslmode is");
                    return Err(wrong(&reason));
                }
            }
        }
        Ok(Self {
            kind,
            host,
            port: url.port().unwrap_or(usual_port),
            user: decoded(url.username())?,
            password: decoded(url.password().unwrap_or_default())?,
            database,
            security,
            address: None,
        })
    }

    /// Connects to `address`, which the caller found to be one that may be connected to, instead of
    /// asking for the name again. A server that proves its name is connected to by it: nobody else
    /// can.
    #[must_use]
    pub fn at(mut self, address: std::net::IpAddr) -> Self {
        if self.security != Security::Proven {
            self.address = Some(address.to_string());
        }
        self
    }

    pub(crate) fn connects_to(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.host)
    }
}

impl Security {
    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_lowercase().replace('_', "-").as_str() {
            "disable" | "disabled" | "false" | "0" => Self::Off,
            "allow" | "prefer" | "preferred" => Self::Preferred,
            "require" | "required" | "true" | "1" => Self::Required,
            "verify-ca" | "verify-full" | "verify-identity" => Self::Proven,
            _ => return None,
        })
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |it: u8| char::from(it).to_digit(16).and_then(|it| u8::try_from(it).ok());
        bytes.push(16 * digit(rest.next()?)? + digit(rest.next()?)?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn said(kind: Kind, text: &str) -> String {
        Server::parse(kind, text).unwrap_err().to_string()
    }

    #[test]
    fn a_connection_string_is_read() {
        let server = Server::parse(
            Kind::Postgres,
            "postgresql://us%40er:p%3Aw@db.example.com/shop?sslmode=require",
        )
        .unwrap();
        assert_eq!((server.host.as_str(), server.port), ("db.example.com", 5432));
        assert_eq!((server.user.as_str(), server.password.as_str()), ("us@er", "p:w"));
        assert_eq!((server.database.as_str(), server.security), ("shop", Security::Required));
        assert_eq!(format!("{server:?}"), "PostgreSQL db.example.com:5432");
        let server = Server::parse(Kind::MySql, "mysql://root@[::1]:3307/a").unwrap();
        assert_eq!((server.host.as_str(), server.port), ("::1", 3307));
    }

    #[test]
    fn a_server_that_proves_its_name_is_connected_to_by_it() {
        let at = |text: &str| {
            let server = Server::parse(Kind::Postgres, text).unwrap();
            server.at([10, 1, 2, 3].into()).connects_to().to_owned()
        };
        assert_eq!(at("postgres://u@db.example.com/a"), "10.1.2.3");
        assert_eq!(at("postgres://u@db.example.com/a?sslmode=verify-full"), "db.example.com");
    }

    #[test]
    fn what_would_lead_elsewhere_is_not_taken() {
        for (text, expected) in [
            ("postgres://u:secret@ok.example/a?host=/var/run", "the setting \"host\" is not taken"),
            ("postgres://u:secret@ok.example/a?hostaddr=127.0.0.1", "\"hostaddr\" is not taken"),
            ("postgres://u:secret@ok.example/a?sslrootcert=/etc/passwd", "\"sslrootcert\" is not"),
            ("postgres://u:secret@ok.example/a?options=-c%20x", "\"options\" is not taken"),
            ("postgres://u:secret@%2Fvar%2Frun/a", "its host is no name"),
            ("postgres:///a", "it names no host"),
            ("postgres://ok.example/a", "it names no user"),
            ("postgres://u:secret@ok.example", "it names no database"),
            ("postgres://u:secret@ok.example/a?sslmode=x", "its sslmode is none of"),
            ("mysql://u:secret@ok.example/a", "of another kind of database"),
            ("secret", "this is no connection string"),
        ] {
            let said = said(Kind::Postgres, text);
            assert!(said.contains(expected), "{text}: {said}");
            assert!(!said.contains("secret"), "{said}");
        }
        assert!(said(Kind::MySql, "mysql://u@h/a?socket=/tmp/x").contains("\"socket\" is not"));
    }

    proptest! {
        #[test]
        fn no_message_repeats_the_password(password in "[a-z]{12}", rest in "[a-z:/@?=%&0-9]{0,30}") {
            let text = format!("postgres://user:{password}@{rest}");
            if let Err(error) = Server::parse(Kind::Postgres, &text) {
                prop_assert!(!error.to_string().contains(&password));
            }
        }
    }
}
