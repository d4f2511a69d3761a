//! Where a Redis is and how to get in.

use std::fmt;

use flowstone_core::{Error, Result};
use percent_encoding::percent_decode_str;
use url::Url;

/// The port of a Redis that says no other.
const PORT: u16 = 6379;

/// Address and secrets of a Redis. `Debug` and `Display` show the address only.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RedisServer {
    /// Name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Whether the connection is secured by TLS.
    pub secure: bool,
    /// Who signs in, where it is not the default user.
    pub user: Option<String>,
    /// The password of that user.
    pub password: Option<String>,
    /// The number of the database.
    pub database: i64,
}

impl Default for RedisServer {
    /// Redis's usual place on this machine, without a password.
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: PORT,
            secure: false,
            user: None,
            password: None,
            database: 0,
        }
    }
}

impl RedisServer {
    /// From `redis://user:password@host:port/database`, or `rediss://` for TLS.
    ///
    /// # Errors
    /// `Credential` saying what is wrong with the address, without repeating it: it holds a
    /// password.
    pub fn from_url(text: &str) -> Result<Self> {
        let wrong = |reason: &str| {
            Error::Credential(format!(
                "the Redis URL {reason}: redis://user:password@host:6379/0 is expected, or \
                 rediss:// for TLS"
            ))
        };
        let url = Url::parse(text.trim()).map_err(|_| wrong("cannot be read"))?;
        let secure = match url.scheme() {
            "redis" => false,
            "rediss" => true,
            _ => return Err(wrong("begins with another word than redis or rediss")),
        };
        let host = url.host_str().filter(|it| !it.is_empty());
        let host = host.ok_or_else(|| wrong("names no host"))?.to_owned();
        let mut database = url.path().trim_matches('/').to_owned();
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "db" if database.is_empty() => database = value.into_owned(),
                // How many kinds of addresses a name has does not matter here.
                "family" => {}
                _ => return Err(wrong("holds settings that are not understood")),
            }
        }
        if url.fragment().is_some() {
            return Err(wrong("ends in a # part; certificates are always checked"));
        }
        let database = match database.as_str() {
            "" => 0,
            number => number.parse().map_err(|_| wrong("names a database that is no number"))?,
        };
        Ok(Self {
            host,
            port: url.port().unwrap_or(PORT),
            secure,
            user: decoded(url.username()),
            password: url.password().and_then(decoded),
            database,
        })
    }
}

fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8_lossy();
    (!text.is_empty()).then(|| text.into_owned())
}

impl fmt::Display for RedisServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

impl fmt::Debug for RedisServer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RedisServer({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_with_its_secrets() {
        let server = RedisServer::from_url("rediss://ada:p%40ss@cache.example:6380/2").unwrap();
        let expected = RedisServer {
            host: "cache.example".to_owned(),
            port: 6380,
            secure: true,
            user: Some("ada".to_owned()),
            password: Some("p@ss".to_owned()),
            database: 2,
        };
        assert_eq!(server, expected);
        assert_eq!(RedisServer::from_url(" redis://127.0.0.1 ").unwrap(), RedisServer::default());
        let server = RedisServer::from_url("redis://:secret@[::1]?db=3&family=6").unwrap();
        assert_eq!((server.host.as_str(), server.database), ("[::1]", 3));
        assert_eq!((server.user, server.password.as_deref()), (None, Some("secret")));
    }

    #[test]
    fn a_wrong_address_is_explained_without_its_password() {
        for (text, reason) in [
            ("http://u:hidden@h", "begins with another word"),
            ("redis://u:hidden@", "cannot be read"),
            ("redis://u:hidden@h/first", "a database that is no number"),
            ("redis://u:hidden@h?x=1", "settings that are not understood"),
            ("rediss://u:hidden@h#insecure", "certificates are always checked"),
            ("redis:u:hidden@h", "names no host"),
            ("", "cannot be read"),
        ] {
            let said = RedisServer::from_url(text).unwrap_err().to_string();
            assert!(said.contains(reason) && !said.contains("hidden"), "{text}: {said}");
        }
        let server = RedisServer::from_url("redis://u:hidden@h").unwrap();
        assert_eq!(format!("{server} {server:?}"), "h:6379 RedisServer(h:6379)");
    }
}
