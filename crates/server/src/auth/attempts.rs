//! Slows down whoever guesses passwords, per account and per address.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use crate::{Problem, problem::Result, state::AttemptLimits};

/// Entries kept at most; beyond that the oldest go, so that guessing cannot fill the memory.
const KEPT: usize = 10_000;

/// Failed attempts that still count.
pub(crate) struct Attempts {
    limits: AttemptLimits,
    failures: Mutex<HashMap<Key, Failures>>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
}

struct Failures {
    count: u32,
    since: Instant,
}

impl Attempts {
    /// Nobody has failed yet.
    pub(crate) fn new(limits: AttemptLimits) -> Self {
        Self { limits, failures: Mutex::default() }
    }

    /// Begins an attempt, which counts as failed until [`succeeded`](Self::succeeded) says
    /// otherwise: so many at the same moment are no way around the limit.
    ///
    /// # Errors
    /// 429 with the time to wait.
    pub(crate) fn begin(&self, account: &str, address: IpAddr) -> Result<()> {
        let mut failures = self.failures.lock();
        let keys = self.keys(account, address);
        let waits = keys.iter().filter_map(|(key, limit)| {
            let failed = failures.get(key)?;
            let left = self.limits.window.checked_sub(failed.since.elapsed())?;
            (failed.count >= *limit).then_some(left)
        });
        if let Some(wait) = waits.max() {
            let seconds = wait.as_secs() + 1;
            let minutes = seconds.div_ceil(60);
            return Err(Problem::too_many(
                format!("too many failed attempts: try again in {minutes} minute(s)"),
                seconds,
            ));
        }
        let now = Instant::now();
        for (key, _) in keys {
            let entry = failures.entry(key).or_insert(Failures { count: 0, since: now });
            if now.duration_since(entry.since) >= self.limits.window {
                *entry = Failures { count: 0, since: now };
            }
            entry.count = entry.count.saturating_add(1);
        }
        if failures.len() > KEPT {
            forget(&mut failures, self.limits.window);
        }
        Ok(())
    }

    /// Forgets the failures of an account whose owner has signed in, and takes this attempt off
    /// their address.
    pub(crate) fn succeeded(&self, account: &str, address: IpAddr) {
        let mut failures = self.failures.lock();
        failures.remove(&Key::Account(account.to_lowercase()));
        if let Some(entry) = failures.get_mut(&Key::Address(address)) {
            entry.count = entry.count.saturating_sub(1);
        }
    }

    fn keys(&self, account: &str, address: IpAddr) -> [(Key, u32); 2] {
        [
            (Key::Account(account.to_lowercase()), self.limits.per_account),
            (Key::Address(address), self.limits.per_address),
        ]
    }
}

/// Drops what no longer counts, and the older half of the rest where that is not enough.
fn forget(failures: &mut HashMap<Key, Failures>, window: Duration) {
    failures.retain(|_, it| it.since.elapsed() < window);
    if failures.len() <= KEPT {
        return;
    }
    let mut times: Vec<Instant> = failures.values().map(|it| it.since).collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    failures.retain(|_, it| it.since > middle);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempts() -> Attempts {
        Attempts::new(AttemptLimits {
            per_account: 2,
            per_address: 3,
            window: Duration::from_mins(1),
        })
    }

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::BROADCAST);

    #[test]
    fn an_account_is_closed_for_all_addresses_and_other_accounts_are_not() {
        let attempts = attempts();
        for _ in 0..2 {
            assert!(attempts.begin("a@example.com", HOME).is_ok());
        }
        assert!(attempts.begin("A@example.com", AWAY).is_err());
        assert!(attempts.begin("b@example.com", AWAY).is_ok());
        attempts.succeeded("a@example.com", HOME);
        assert!(attempts.begin("a@example.com", HOME).is_ok());
    }

    #[test]
    fn an_address_is_closed_for_all_accounts() {
        let attempts = attempts();
        for account in ["a", "b", "c"] {
            assert!(attempts.begin(account, HOME).is_ok());
        }
        let problem = attempts.begin("d", HOME).unwrap_err();
        assert_eq!(problem.status(), axum::http::StatusCode::TOO_MANY_REQUESTS);
        assert!(attempts.begin("d", AWAY).is_ok());
    }

    #[test]
    fn signing_in_often_is_no_failure() {
        let attempts = attempts();
        for _ in 0..10 {
            assert!(attempts.begin("a", HOME).is_ok());
            attempts.succeeded("a", HOME);
        }
    }

    #[test]
    fn memory_stays_bounded() {
        let limits = AttemptLimits { per_address: u32::MAX, ..AttemptLimits::default() };
        let attempts = Attempts::new(limits);
        for number in 0..(KEPT + 100) {
            assert!(attempts.begin(&number.to_string(), HOME).is_ok());
        }
        assert!(attempts.failures.lock().len() <= KEPT + 1);
    }
}
