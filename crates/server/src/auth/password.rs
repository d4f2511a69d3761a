//! Passwords: what they must be like, how they are kept.

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{self, phc::PasswordHash},
};
use chrono::Utc;
use flowstone_store::{Store, UserPatch};
use rand::RngExt as _;
use tokio::sync::Semaphore;

use crate::{Problem, problem::Result};

/// Longest password taken. Hashing reads all of it, so a book as password would be an attack.
const LONGEST: usize = 256;

/// Hash that is checked where there is no account, so that the answer takes as long as with one.
/// It is the hash of nothing anybody knows.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$VGhlcmUgaXMgbm9ib2R5$Pm3vcDyr0QGuCdXNqDLGvqiuyZwwKUFxz1Pi3FhHZ0c";

/// Whether a new password is strong enough.
///
/// # Errors
/// 400 that names everything that is missing.
pub(crate) fn password_policy(password: &str) -> Result<()> {
    let mut missing = Vec::new();
    if password.chars().count() < 8 {
        missing.push("at least 8 characters");
    }
    if password.len() > LONGEST {
        missing.push("at most 256 characters");
    }
    if !password.chars().any(char::is_lowercase) {
        missing.push("a lower-case letter");
    }
    if !password.chars().any(char::is_uppercase) {
        missing.push("an upper-case letter");
    }
    if !password.chars().any(|it| it.is_ascii_digit()) {
        missing.push("a digit");
    }
    if password.chars().all(char::is_alphanumeric) {
        missing.push("a special character");
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(Problem::bad_request(format!("the password needs {}", missing.join(", "))))
}

/// The Argon2id hash of a new password.
pub(crate) async fn hash_password(password: String) -> Result<String> {
    on_a_worker(move || {
        Argon2::default().hash_password(password.as_bytes()).map(|it| it.to_string())
    })
    .await?
    .map_err(|error| Problem::internal(&error))
}

/// Whether a password is the one of `hash`; with no hash, `false` after the same work. Hashes that
/// came over from a Flowise installation (bcrypt) are checked as what they are.
pub(crate) async fn check_password(password: String, hash: Option<String>) -> Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    on_a_worker(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.to_owned());
        known & matches(&password, &hash)
    })
    .await
}

/// A random password that meets the rules, easy to read aloud: about 115 bits.
pub fn new_password() -> String {
    // Without letters and digits that look alike.
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    loop {
        let letters = (0..20).map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]));
        let letters: Vec<char> = letters.collect();
        let groups: Vec<String> = letters.chunks(5).map(|it| it.iter().collect()).collect();
        let password = groups.join("-");
        if password_policy(&password).is_ok() {
            return password;
        }
    }
}

/// Sets somebody's password for them, as whoever runs the installation may: their sessions end.
///
/// # Errors
/// 404 where nobody has this address, 400 where the password is weak.
pub async fn set_password(store: &Store, email: &str, password: String) -> Result<()> {
    let email = email.trim().to_lowercase();
    let user = store.users().find_by_email(&email).await?;
    let user =
        user.ok_or_else(|| Problem::not_found(format!("no account has the address {email}")))?;
    password_policy(&password)?;
    let patch = UserPatch {
        password_hash: Some(Some(hash_password(password).await?)),
        updated_date: Some(Utc::now()),
        ..UserPatch::default()
    };
    store.users().update_and_sign_out(&user.id, patch).await?;
    Ok(())
}

fn matches(password: &str, hash: &str) -> bool {
    if hash.starts_with("$2") {
        return bcrypt::verify(password, hash).unwrap_or(false);
    }
    let verified: password_hash::Result<()> = PasswordHash::new(hash)
        .map_err(Into::into)
        .and_then(|it| Argon2::default().verify_password(password.as_bytes(), &it));
    verified.is_ok()
}

/// Hashing keeps a core busy and 19 MB of memory for a while: it must not hold up other requests,
/// nor may a burst of sign-ins take all there is.
async fn on_a_worker<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    static PLACES: Semaphore = Semaphore::const_new(4);
    let _place = PLACES.acquire().await.map_err(|error| Problem::internal(&error))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::internal(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_password_is_told_all_it_lacks() {
        let said = |password| password_policy(password).err().map(|it| it.message().to_owned());
        assert_eq!(said("Oracle-Passw0rd!"), None);
        assert_eq!(
            said("x").as_deref(),
            Some(
                "the password needs at least 8 characters, an upper-case letter, a digit, a special character"
            )
        );
        assert_eq!(said("ALLUPPER-12").as_deref(), Some("the password needs a lower-case letter"));
        assert_eq!(said("NoSpecial12").as_deref(), Some("the password needs a special character"));
        assert!(said(&format!("Aa1!{}", "x".repeat(LONGEST))).is_some());
    }

    #[tokio::test]
    async fn argon2_and_bcrypt_hashes_are_both_checked() {
        let argon = hash_password("Right-1-Word".to_owned()).await.unwrap();
        assert!(argon.starts_with("$argon2id$"), "{argon}");
        let bcrypt = bcrypt::hash("Right-1-Word", 4).unwrap();
        for hash in [argon, bcrypt] {
            assert!(check_password("Right-1-Word".into(), Some(hash.clone())).await.unwrap());
            assert!(!check_password("Wrong-1-Word".into(), Some(hash)).await.unwrap());
        }
        assert!(!check_password("Right-1-Word".into(), None).await.unwrap());
        assert!(!check_password("Right-1-Word".into(), Some("nonsense".into())).await.unwrap());
    }

    #[test]
    fn a_new_password_meets_the_rules_and_is_new() {
        let (one, other) = (new_password(), new_password());
        assert!(password_policy(&one).is_ok() && one.len() == 23, "{one}");
        assert_ne!(one, other);
    }

    #[test]
    fn the_hash_of_nobody_costs_the_same_work() {
        let hash = PasswordHash::new(NOBODY).unwrap();
        let ours = Argon2::default();
        let memory = hash.params.get_decimal("m").unwrap();
        assert_eq!(memory, ours.params().m_cost());
    }
}
