//! How Flowise encrypts credentials: AES of `crypto-js` with a passphrase.
//!
//! base64 of `Salted__`, 8 bytes of salt and AES-256-CBC with PKCS#7; key and vector are OpenSSL's
//! `EVP_BytesToKey` over the passphrase with MD5 and one round.

use aes::Aes256;
use base64::{Engine as _, prelude::BASE64_STANDARD};
use cbc::cipher::{
    BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _, block_padding::Pkcs7,
};
use md5::{Digest as _, Md5};
use zeroize::Zeroizing;

use crate::{Error, Result};

const MAGIC: &[u8] = b"Salted__";
const SALT: usize = 8;

/// The passphrase of an installation: the text of its `encryption.key`, or of its
/// `FLOWISE_SECRETKEY_OVERWRITE`. `Debug` does not show it.
pub struct Key(Zeroizing<String>);

impl Key {
    /// From the text, whose surrounding white space does not count.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.trim().to_owned()))
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}

/// What [`encrypt`] made of a text.
///
/// # Errors
/// `Key` where it was encrypted with another key, or is not what Flowise writes.
pub fn decrypt(key: &Key, encrypted: &str) -> Result<Zeroizing<String>> {
    let bytes = BASE64_STANDARD.decode(encrypted.trim()).map_err(|_| Error::Key)?;
    let rest = bytes.strip_prefix(MAGIC).ok_or(Error::Key)?;
    let (salt, ciphertext) = rest.split_at_checked(SALT).ok_or(Error::Key)?;
    let (key, vector) = key_and_vector(key, salt);
    let opened = cbc::Decryptor::<Aes256>::new(&(*key).into(), &vector.into())
        .decrypt_padded_vec::<Pkcs7>(ciphertext)
        .map_err(|_| Error::Key)?;
    String::from_utf8(opened).map(Zeroizing::new).map_err(|_| Error::Key)
}

/// Encrypts as Flowise does, with this salt: for tests that play an installation.
pub fn encrypt(key: &Key, salt: [u8; SALT], text: &str) -> String {
    let (key, vector) = key_and_vector(key, &salt);
    let sealed = cbc::Encryptor::<Aes256>::new(&(*key).into(), &vector.into())
        .encrypt_padded_vec::<Pkcs7>(text.as_bytes());
    BASE64_STANDARD.encode([MAGIC, &salt, &sealed].concat())
}

fn key_and_vector(key: &Key, salt: &[u8]) -> (Zeroizing<[u8; 32]>, [u8; 16]) {
    let mut derived = Zeroizing::new([0; 48]);
    let mut block = Vec::new();
    for part in derived.chunks_exact_mut(16) {
        let digest = Md5::new()
            .chain_update(&block)
            .chain_update(key.0.as_bytes())
            .chain_update(salt)
            .finalize();
        part.copy_from_slice(&digest);
        block = digest.to_vec();
    }
    let (mut key, mut vector) = (Zeroizing::new([0; 32]), [0; 16]);
    key.copy_from_slice(&derived[..32]);
    vector.copy_from_slice(&derived[32..]);
    (key, vector)
}
