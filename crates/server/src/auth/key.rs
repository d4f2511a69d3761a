//! API keys: made from 256 random bits, kept as a hash.

use axum::http::{HeaderMap, header};
use flowstone_store::ApiKey;
use rand::Rng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{AppState, problem::Result};

/// A secret that has just been made: the only moment at which it is known.
pub(crate) struct NewKey {
    /// The secret itself, 43 characters that are safe in addresses.
    pub(crate) secret: String,
    /// What is stored of it.
    pub(crate) hash: String,
    /// What may be shown of it later.
    pub(crate) hint: String,
}

impl NewKey {
    /// A fresh one.
    pub(crate) fn generate() -> Self {
        let mut bytes = [0_u8; 32];
        rand::rng().fill_bytes(&mut bytes);
        let secret = base64_url(&bytes);
        let hint = format!("{}…{}", &secret[..4], &secret[secret.len() - 4..]);
        Self { hash: hash(&secret), hint, secret }
    }
}

/// 256 random bits as hexadecimal text, which is how callers of webhooks know their secret.
pub(crate) fn random_hex() -> String {
    let mut bytes = [0_u8; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

/// What is stored of a key that another installation made: its hash, and what may be shown of it.
pub fn known_key(secret: &str) -> (String, String) {
    let shown = |it: std::iter::Take<std::str::Chars<'_>>| it.collect::<String>();
    let last: String = secret.chars().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect();
    // Of a short key nothing is shown: what is shown would be most of it.
    let hint = if secret.chars().count() < 16 {
        "…".to_owned()
    } else {
        format!("{}…{last}", shown(secret.chars().take(4)))
    };
    (hash(secret), hint)
}

/// Hash under which a random secret is stored. A plain SHA-256 does: 256 random bits cannot be
/// guessed, however quick the guessing.
pub(crate) fn hash(secret: &str) -> String {
    hex::encode(Sha256::digest(secret.as_bytes()))
}

/// Whether two secrets are the same, in a time that tells nothing of where they differ.
pub(crate) fn same_secret(one: &str, other: &str) -> bool {
    hash(one).as_bytes().ct_eq(hash(other).as_bytes()).into()
}

/// The key a request shows: `Authorization: Bearer KEY`, or the bare key, which clients send too.
pub(crate) fn presented_key(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?.trim();
    let key = match value.split_once(' ') {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim(),
        Some(_) => return None,
        None => value,
    };
    (!key.is_empty()).then_some(key)
}

/// The stored key, of any workspace, that `secret` opens.
pub(crate) async fn find_key(state: &AppState, secret: &str) -> Result<Option<ApiKey>> {
    let hash = hash(secret);
    let found = state.store.api_keys().find_by_hash(&hash).await?;
    // The database compared the hashes already, at whatever pace it likes; this does it evenly.
    Ok(found.filter(|it| it.key_hash.as_bytes().ct_eq(hash.as_bytes()).into()))
}

fn base64_url(bytes: &[u8]) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_long_different_and_kept_as_hashes() {
        let (one, other) = (NewKey::generate(), NewKey::generate());
        assert_eq!(one.secret.len(), 43);
        assert_ne!(one.secret, other.secret);
        assert_eq!(one.hash, hash(&one.secret));
        assert!(!one.hint.contains(&one.secret[4..39]));
    }

    #[test]
    fn the_key_is_found_with_and_without_its_scheme() {
        for (value, key) in [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("abc", Some("abc")),
            ("Basic dTpw", None),
            ("Bearer ", Some("Bearer")),
            ("", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            assert_eq!(presented_key(&headers), key, "{value:?}");
        }
    }
}
