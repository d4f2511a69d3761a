//! The credential that nodes of Redis share, and the client made of it.

use std::sync::Arc;

use flowstone_core::{Credential, Error, Inputs, Result, spec::CredentialSlot};
use flowstone_providers::redis::{RedisClient, RedisClients, RedisServer};

/// Without one, Redis is looked for in its usual place on this machine.
pub(crate) const CREDENTIAL: CredentialSlot =
    CredentialSlot::optional(&["redisCacheApi", "redisCacheUrlApi"]);

/// The client of the server that the credential names.
pub(crate) fn client(inputs: &Inputs) -> Result<Arc<RedisClient>> {
    let server = match &inputs.credential {
        Some(credential) => server(credential)?,
        None => RedisServer::default(),
    };
    Ok(inputs.services.get::<RedisClients>()?.of(server))
}

fn server(credential: &Credential) -> Result<RedisServer> {
    if let Some(url) = credential.get("redisUrl") {
        return RedisServer::from_url(url);
    }
    let usual = RedisServer::default();
    let port = match credential.get("redisCachePort") {
        Some(text) => text.trim().parse().map_err(|_| {
            Error::Credential("the credential's Port is no number from 1 to 65535".to_owned())
        })?,
        None => usual.port,
    };
    let text = |name: &str| credential.get(name).map(str::to_owned);
    Ok(RedisServer {
        host: text("redisCacheHost").unwrap_or(usual.host),
        port,
        secure: credential.get("redisCacheSslEnabled") == Some("true"),
        user: text("redisCacheUser"),
        password: text("redisCachePwd"),
        database: usual.database,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[(&str, &str)]) -> Result<RedisServer> {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        server(&Credential::new(fields.collect()))
    }

    #[test]
    fn both_kinds_of_credentials_name_a_server() {
        let fields = [
            ("redisCacheHost", "cache.example"),
            ("redisCachePort", "6380"),
            ("redisCacheUser", "ada"),
            ("redisCachePwd", "secret"),
            ("redisCacheSslEnabled", "true"),
        ];
        let expected = RedisServer {
            host: "cache.example".to_owned(),
            port: 6380,
            secure: true,
            user: Some("ada".to_owned()),
            password: Some("secret".to_owned()),
            database: 0,
        };
        assert_eq!(read(&fields).unwrap(), expected);
        let url = [("redisUrl", "rediss://ada:secret@cache.example:6380")];
        assert_eq!(read(&url).unwrap(), expected);
        assert_eq!(read(&[]).unwrap(), RedisServer::default());
    }

    #[test]
    fn a_wrong_port_is_told() {
        let said = read(&[("redisCachePort", "66000")]).unwrap_err().to_string();
        assert_eq!(said, "the credential's Port is no number from 1 to 65535");
    }
}
