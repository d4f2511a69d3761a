//! SCRAM-SHA-256 (RFC 7677): both sides prove that they know the password, and neither tells it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// How often a server may have the password hashed, so that none can keep us busy for ever.
const MOST_ROUNDS: u32 = 1_000_000;

/// One signing in.
pub(super) struct Scram {
    first: String,
    nonce: String,
    password: String,
    expected: String,
}

impl Scram {
    /// With a nonce that nobody has seen before.
    pub(super) fn new(user: &str, password: &str, nonce: &str) -> Self {
        let user = user.replace('=', "=3D").replace(',', "=2C");
        Self {
            first: format!("n={user},r={nonce}"),
            nonce: nonce.to_owned(),
            password: password.to_owned(),
            expected: String::new(),
        }
    }

    /// What is said first.
    pub(super) fn begin(&self) -> String {
        format!("n,,{}", self.first)
    }

    /// What is said to the server's first answer; `None` where that is none.
    pub(super) fn answer(&mut self, challenge: &str) -> Option<String> {
        let nonce = part(challenge, 'r')?;
        let salt = STANDARD.decode(part(challenge, 's')?).ok()?;
        let rounds: u32 = part(challenge, 'i')?.parse().ok()?;
        if !nonce.starts_with(&self.nonce) || rounds == 0 || rounds > MOST_ROUNDS {
            return None;
        }
        let salted = stretched(self.password.as_bytes(), &salt, rounds);
        let client_key = keyed(&salted, b"Client Key");
        let last = format!("c=biws,r={nonce}");
        let said = format!("{},{challenge},{last}", self.first);
        let signature = keyed(&Sha256::digest(client_key), said.as_bytes());
        let proof: Vec<u8> = client_key.iter().zip(signature).map(|(a, b)| a ^ b).collect();
        let server_key = keyed(&salted, b"Server Key");
        self.expected = STANDARD.encode(keyed(&server_key, said.as_bytes()));
        Some(format!("{last},p={}", STANDARD.encode(proof)))
    }

    /// Whether the server's last answer proves that it knows the password too.
    pub(super) fn is_proven(&self, last: &str) -> bool {
        !self.expected.is_empty() && part(last, 'v') == Some(self.expected.as_str())
    }
}

fn part(text: &str, name: char) -> Option<&str> {
    text.split(',').find_map(|it| it.strip_prefix(name)?.strip_prefix('='))
}

fn keyed(key: &[u8], text: &[u8]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    mac.update(text);
    mac.finalize().into_bytes().into()
}

/// PBKDF2 with one block.
fn stretched(password: &[u8], salt: &[u8], rounds: u32) -> [u8; 32] {
    let mut block = keyed(password, &[salt, &[0, 0, 0, 1]].concat());
    let mut sum = block;
    for _ in 1..rounds {
        block = keyed(password, &block);
        for (sum, block) in sum.iter_mut().zip(block) {
            *sum ^= block;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exchange_is_that_of_the_rfc() {
        let mut scram = Scram::new("user", "pencil", "rOprNGfwEbeRWgbNEkqO");
        assert_eq!(scram.begin(), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
        let challenge = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                         s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
        let answer = scram.answer(challenge).unwrap();
        assert_eq!(
            answer,
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
             p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
        );
        assert!(scram.is_proven("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
        assert!(!scram.is_proven("v=AAAA"));
        assert_eq!(scram.answer("r=other,s=W22Z,i=4096"), None, "somebody else's answer");
    }
}
