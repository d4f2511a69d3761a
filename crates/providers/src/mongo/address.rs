//! Where a MongoDB is and how to get in.

use flowstone_core::{Error, Result};
use percent_encoding::percent_decode_str;

/// The port of a MongoDB that says no other.
const PORT: u16 = 27017;

/// What a connection string says. `Debug` shows the servers only.
#[derive(Clone, PartialEq, Eq)]
pub struct MongoAddress {
    /// Names and ports of its servers; with `by_name` one name that DNS knows more of.
    pub(super) servers: Vec<(String, u16)>,
    /// The servers stand in DNS, as those of Atlas do.
    pub(super) by_name: bool,
    /// Whether connections are secured by TLS.
    pub(super) secure: bool,
    /// Who signs in.
    pub(super) user: Option<(String, String)>,
    /// The database that knows the user.
    pub(super) source: String,
}

impl std::fmt::Debug for MongoAddress {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "MongoDB at {:?}", self.servers)
    }
}

impl MongoAddress {
    /// Reads `mongodb://user:password@host:27017/database?tls=true`, or `mongodb+srv://…`, whose
    /// servers stand in DNS.
    ///
    /// # Errors
    /// `Credential` saying what is wrong, without repeating the string: it holds a password.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = |reason: &str| {
            Error::Credential(format!(
                "the MongoDB connection URL {reason}: mongodb+srv://user:password@cluster.example/ \
                 or mongodb://user:password@host:27017/ is expected"
            ))
        };
        let text = text.trim();
        let (by_name, rest) = match text.strip_prefix("mongodb+srv://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("mongodb://").ok_or_else(|| wrong("is none"))?),
        };
        let (before, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (place, database) = before.split_once('/').unwrap_or((before, ""));
        let (login, hosts) = match place.rsplit_once('@') {
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, place),
        };
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let user = login.map(|it| {
            let (user, password) = it.split_once(':').unwrap_or((it, ""));
            (decoded(user), decoded(password))
        });
        let mut servers = Vec::new();
        for host in hosts.split(',') {
            let (name, port) = match host.rsplit_once(':') {
                Some((name, port)) if !name.ends_with(':') => {
                    (name, port.parse().map_err(|_| wrong("names a port that is no number"))?)
                }
                _ => (host, PORT),
            };
            // A path would be a socket of this machine.
            if name.is_empty() || name.contains(['/', '%', '\\']) {
                return Err(wrong("names no host"));
            }
            servers.push((name.to_owned(), port));
        }
        if by_name && servers.len() != 1 {
            return Err(wrong("names several clusters"));
        }
        let mut address = Self {
            servers,
            by_name,
            secure: by_name,
            user,
            source: if database.is_empty() { "admin".to_owned() } else { decoded(database) },
        };
        if by_name {
            // What Atlas says in DNS of every cluster.
            "admin".clone_into(&mut address.source);
        }
        for pair in query.split('&').filter(|it| !it.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match name.to_ascii_lowercase().as_str() {
                "authsource" => address.source = decoded(value),
                "tls" | "ssl" => address.secure = value == "true",
                "authmechanism" if value != "SCRAM-SHA-256" && value != "DEFAULT" => {
                    return Err(wrong("asks for another way to sign in than SCRAM-SHA-256"));
                }
                "tlsinsecure" | "tlsallowinvalidcertificates" | "tlsallowinvalidhostnames"
                    if value == "true" =>
                {
                    return Err(wrong("asks for certificates that are not checked"));
                }
                // How a driver of their own would go about it changes nothing here.
                _ => {}
            }
        }
        Ok(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_addresses_are_read() {
        let read = MongoAddress::parse(
            "mongodb+srv://ada:p%40ss@c.example.net/?retryWrites=true&w=majority",
        )
        .unwrap();
        let expected = MongoAddress {
            servers: vec![("c.example.net".to_owned(), 27017)],
            by_name: true,
            secure: true,
            user: Some(("ada".to_owned(), "p@ss".to_owned())),
            source: "admin".to_owned(),
        };
        assert_eq!(read, expected);
        let read =
            MongoAddress::parse("mongodb://a.example,b.example:27018/shop?tls=true").unwrap();
        let servers = [("a.example".to_owned(), 27017), ("b.example".to_owned(), 27018)];
        assert_eq!((read.servers, read.source.as_str()), (servers.to_vec(), "shop"));
        assert!(read.secure && !read.by_name && read.user.is_none());
    }

    #[test]
    fn a_wrong_address_is_explained_without_its_password() {
        for (text, reason) in [
            ("http://u:hidden@h", "is none"),
            ("mongodb://u:hidden@", "names no host"),
            ("mongodb://u:hidden@%2Ftmp%2Fsocket", "names no host"),
            ("mongodb://u:hidden@h:x", "a port that is no number"),
            ("mongodb+srv://u:hidden@a,b", "names several clusters"),
            ("mongodb://u:hidden@h/?authMechanism=MONGODB-X509", "another way to sign in"),
            ("mongodb://u:hidden@h/?tlsInsecure=true", "certificates that are not checked"),
        ] {
            let said = MongoAddress::parse(text).unwrap_err().to_string();
            assert!(said.contains(reason) && !said.contains("hidden"), "{text}: {said}");
        }
    }
}
