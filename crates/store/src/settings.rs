//! Where the database is and how to reach it.

use std::path::PathBuf;

use secrecy::SecretString;

/// The database to open.
#[derive(Clone, Debug)]
pub enum DatabaseSettings {
    /// One file, made if it is missing (its folder too).
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A database that lives as long as its [`crate::Store`]: for tests and trials.
    SqliteMemory,
    /// A PostgreSQL server.
    Postgres(ServerSettings),
    /// A MySQL or MariaDB server.
    MySql(ServerSettings),
}

/// How to reach a database server.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Where it listens and whom it lets in.
    pub address: ServerAddress,
    /// Whether the connection is encrypted. For a [`ServerAddress::Url`], `None` leaves the
    /// choice to the URL's own parameters.
    pub tls: Option<TlsMode>,
    /// PEM text of the certificate authority that the server's certificate is checked against,
    /// instead of the built-in public ones.
    pub root_certificate: Option<String>,
    /// Most connections kept open at once; 10 is a good start.
    pub max_connections: u32,
}

/// Where a database server listens, and whom it lets in.
#[derive(Clone, Debug)]
pub enum ServerAddress {
    /// `postgres://user:password@host:port/database` or `mysql://…`.
    Url(SecretString),
    /// The same in parts.
    Parts {
        /// Host name or address; a path (`/run/postgresql`, `/run/mysqld/mysqld.sock`) means a
        /// Unix socket.
        host: String,
        /// Port; the server's usual one if `None`.
        port: Option<u16>,
        /// User name.
        user: String,
        /// Password, if the server asks for one.
        password: Option<SecretString>,
        /// Name of the database, which must exist.
        database: String,
    },
}

/// Whether the connection to a database server is encrypted, and how far its certificate is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsMode {
    /// Plain text.
    Off,
    /// Encrypted if the server can, else plain text.
    Preferred,
    /// Encrypted, with any certificate.
    Required,
    /// Encrypted, with a certificate that a known authority gave to this very host.
    Verified,
}

impl ServerSettings {
    /// A server with default settings: TLS if it can, ten connections.
    pub fn new(address: ServerAddress) -> Self {
        Self { address, tls: None, root_certificate: None, max_connections: 10 }
    }
}
