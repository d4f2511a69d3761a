//! Encryption of what must not be read from a stolen database.

use std::fmt;

use aes_gcm::{
    Aes256Gcm, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{TryRng, rngs::SysRng};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, Zeroizing};

use crate::{Error, Result};

/// First part of everything that is sealed: the format's name and version.
const FORMAT: &str = "fs1";

const NONCE_LENGTH: usize = 12;

/// Salt of keys that come from a passphrase. It is the same everywhere, since servers that share a
/// database and a passphrase must find the same key; Argon2 makes guessing slow nevertheless.
const PASSPHRASE_SALT: &[u8] = b"flowstone.encryption-key.v1";

/// What people call a sealed thing in error texts.
const WHAT: &str = "credential";

/// The key that seals credentials: AES-256-GCM with a random 96-bit nonce for each message.
///
/// Sealed text is `fs1.<key id>.<nonce and ciphertext, base64url>`. The key's id tells a wrong key
/// from damaged data; the credential's id is authenticated along, so that one credential's data
/// cannot be put in another's place. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct EncryptionKey {
    cipher: Aes256Gcm,
    id: String,
}

impl EncryptionKey {
    /// The key with these random bytes, see [`crate::SecretFile`].
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        let digest =
            Sha256::new().chain_update(b"flowstone.key-id.v1").chain_update(bytes).finalize();
        Self { cipher: Aes256Gcm::new(bytes.into()), id: hex::encode(&digest[..4]) }
    }

    /// The key of a passphrase that an operator chose: Argon2id (19 MiB, 2 passes, 1 lane) over
    /// its UTF-8 bytes with the salt `flowstone.encryption-key.v1`. Takes some 50 ms.
    ///
    /// An empty passphrase is refused.
    pub fn from_passphrase(passphrase: &str) -> Result<Self> {
        if passphrase.is_empty() {
            return Err(Error::invalid("secret key", "it is empty; set a long random text"));
        }
        let parameters = Params::new(19 * 1024, 2, 1, Some(32)).map_err(argon2_failed)?;
        let mut bytes = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters)
            .hash_password_into(passphrase.as_bytes(), PASSPHRASE_SALT, bytes.as_mut_slice())
            .map_err(argon2_failed)?;
        Ok(Self::from_bytes(&bytes))
    }

    /// A short name of the key, by which two keys can be told apart; it gives nothing away.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Encrypts the data of a credential. Twice the same data gives two different texts.
    pub fn seal(&self, credential_id: &str, data: &str) -> Result<String> {
        let mut nonce = [0; NONCE_LENGTH];
        SysRng.try_fill_bytes(&mut nonce).map_err(Error::internal)?;
        let payload = Payload { msg: data.as_bytes(), aad: credential_id.as_bytes() };
        let ciphertext = self
            .cipher
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Error::invalid(WHAT, "it is too large to be encrypted"))?;
        let sealed = BASE64_URL_SAFE_NO_PAD.encode([nonce.as_slice(), &ciphertext].concat());
        Ok(format!("{FORMAT}.{}.{sealed}", self.id))
    }

    /// Decrypts what [`EncryptionKey::seal`] made of the data of this very credential.
    ///
    /// Anything else is [`Error::Invalid`], with a text that says whether the key is another one or
    /// the data was changed.
    pub fn open(&self, credential_id: &str, sealed: &str) -> Result<Zeroizing<String>> {
        let damaged = || {
            Error::invalid(
                WHAT,
                "its saved data is damaged or belongs to another credential; enter it again",
            )
        };
        let mut parts = sealed.splitn(3, '.');
        let (Some(FORMAT), Some(key_id), Some(data)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(damaged());
        };
        if key_id != self.id {
            let why = "it was encrypted with another secret key than this server has; start the server with \
                       that key, or enter the credential again";
            return Err(Error::invalid(WHAT, why));
        }
        let data = BASE64_URL_SAFE_NO_PAD.decode(data).map_err(|_| damaged())?;
        let Some((nonce, ciphertext)) = data.split_first_chunk::<NONCE_LENGTH>() else {
            return Err(damaged());
        };
        let payload = Payload { msg: ciphertext, aad: credential_id.as_bytes() };
        let plain = self.cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(plain).map(Zeroizing::new).map_err(|error| {
            error.into_bytes().zeroize();
            damaged()
        })
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EncryptionKey").field("id", &self.id).finish_non_exhaustive()
    }
}

fn argon2_failed(error: argon2::Error) -> Error {
    Error::internal(error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_refused(outcome: Result<Zeroizing<String>>) -> bool {
        matches!(outcome, Err(Error::Invalid { .. }))
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_again(bytes: [u8; 32], id: String, data: String) {
            let key = EncryptionKey::from_bytes(&bytes);
            let sealed = key.seal(&id, &data).unwrap();
            let opened = key.open(&id, &sealed).unwrap();
            prop_assert_eq!(opened.as_str(), data.as_str());
            prop_assert_ne!(key.seal(&id, &data).unwrap(), sealed, "a nonce is never used twice");
        }

        #[test]
        fn a_changed_byte_is_noticed(bytes: [u8; 32], data: String, place: prop::sample::Index, flip in 1_u8..) {
            let key = EncryptionKey::from_bytes(&bytes);
            let sealed = key.seal("id", &data).unwrap();
            let (head, body) = sealed.rsplit_once('.').unwrap();
            let mut body = BASE64_URL_SAFE_NO_PAD.decode(body).unwrap();
            let place = place.index(body.len());
            body[place] ^= flip;
            let changed = format!("{head}.{}", BASE64_URL_SAFE_NO_PAD.encode(body));
            prop_assert!(is_refused(key.open("id", &changed)));
        }

        #[test]
        fn a_cut_text_is_noticed(data: String, length: prop::sample::Index) {
            let key = EncryptionKey::from_bytes(&[7; 32]);
            let sealed = key.seal("id", &data).unwrap();
            let cut = &sealed[..length.index(sealed.len())];
            prop_assert!(is_refused(key.open("id", cut)));
        }

        #[test]
        fn another_credential_cannot_open_it(one: String, other: String, data: String) {
            prop_assume!(one != other);
            let key = EncryptionKey::from_bytes(&[7; 32]);
            let sealed = key.seal(&one, &data).unwrap();
            prop_assert!(is_refused(key.open(&other, &sealed)));
        }

        #[test]
        fn any_text_at_all_is_an_error_and_no_panic(text: String) {
            let key = EncryptionKey::from_bytes(&[7; 32]);
            prop_assert!(is_refused(key.open("id", &text)));
            let dressed_up = format!("{FORMAT}.{}.{text}", key.id());
            prop_assert!(is_refused(key.open("id", &dressed_up)));
        }
    }

    #[test]
    fn a_wrong_key_is_told_from_damaged_data() {
        let sealed = EncryptionKey::from_bytes(&[1; 32]).seal("id", "{}").unwrap();
        let error = EncryptionKey::from_bytes(&[2; 32]).open("id", &sealed).unwrap_err();
        assert!(error.to_string().contains("another secret key"), "{error}");
    }

    #[test]
    fn a_passphrase_always_gives_the_same_key() {
        let sealed =
            EncryptionKey::from_passphrase("correct horse").unwrap().seal("id", "{}").unwrap();
        let again = EncryptionKey::from_passphrase("correct horse").unwrap();
        assert_eq!(again.open("id", &sealed).unwrap().as_str(), "{}");
        assert_ne!(EncryptionKey::from_passphrase("correct horsf").unwrap().id(), again.id());
        assert!(EncryptionKey::from_passphrase("").is_err());
    }

    #[test]
    fn the_key_stays_readable_for_later_versions() {
        // Sealed by the first version; if this fails, every credential in the world is lost.
        let key = EncryptionKey::from_passphrase("flowstone").unwrap();
        assert_eq!(key.id(), SEALED_BY_FIRST_VERSION.split('.').nth(1).unwrap());
        let data =
            key.open("8a1002e0-7678-4e2c-b52f-210880e55d96", SEALED_BY_FIRST_VERSION).unwrap();
        assert_eq!(data.as_str(), r#"{"openAIApiKey":"sk-ünïcode"}"#);
    }

    const SEALED_BY_FIRST_VERSION: &str = "fs1.5f238ec3.5CDFn_La7f4HztXzNDQgal-ISSoXpCTTo0wsQxiOxbFziwDz2spS7uGrhOYjm5Qzu-afx5b0iJibsBs";

    #[test]
    fn nothing_secret_is_printed() {
        let printed = format!("{:?}", EncryptionKey::from_bytes(&[0xab; 32]));
        assert!(!printed.contains("abab") && !printed.contains("171"), "{printed}");
    }
}
