//! Tokens that run out: asked for when they are needed and kept while they hold.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use flowstone_core::Result;
use tokio::sync::Mutex;

/// A token is asked for anew this long before it runs out.
const EARLY: Duration = Duration::from_mins(2);

/// Who gives tokens.
#[async_trait]
pub trait Issuer: Send + Sync {
    /// A new token and how long it holds.
    ///
    /// # Errors
    /// The issuer's words where it gives none.
    async fn issue(&self) -> Result<(String, Duration)>;
}

/// The tokens of one issuer.
pub struct Tokens {
    issuer: Box<dyn Issuer>,
    held: Mutex<Option<(String, Instant)>>,
}

impl Tokens {
    /// Those of `issuer`.
    pub fn of(issuer: impl Issuer + 'static) -> Self {
        Self { issuer: Box::new(issuer), held: Mutex::default() }
    }

    /// A token that holds.
    ///
    /// # Errors
    /// As [`Issuer::issue`].
    pub async fn token(&self) -> Result<String> {
        let mut held = self.held.lock().await;
        if let Some((token, until)) = &*held
            && Instant::now() + EARLY < *until
        {
            return Ok(token.clone());
        }
        let (token, life) = self.issuer.issue().await?;
        *held = Some((token.clone(), Instant::now() + life));
        Ok(token)
    }
}

/// A token that holds, where tokens are used at all.
pub(crate) async fn current(tokens: Option<&Arc<Tokens>>) -> Result<Option<String>> {
    match tokens {
        Some(tokens) => tokens.token().await.map(Some),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Counting(Duration, Arc<AtomicU64>);

    #[async_trait]
    impl Issuer for Counting {
        async fn issue(&self) -> Result<(String, Duration)> {
            Ok((self.1.fetch_add(1, Ordering::Relaxed).to_string(), self.0))
        }
    }

    #[tokio::test]
    async fn a_token_is_kept_while_it_holds() {
        for (life, expected) in [(3600, ["0", "0"]), (60, ["0", "1"])] {
            let tokens = Tokens::of(Counting(Duration::from_secs(life), Arc::default()));
            assert_eq!([tokens.token().await.unwrap(), tokens.token().await.unwrap()], expected);
        }
    }
}
