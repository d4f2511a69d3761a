//! A flow's own limit on calls from one address.

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

use parking_lot::Mutex;

use super::live::CallLimit;

/// Above this many windows the old ones are cleared away.
const SWEEP_ABOVE: usize = 10_000;

/// Who called which flow how often. A limit that is changed counts at once.
#[derive(Default)]
pub(crate) struct FlowLimits(Mutex<HashMap<(String, IpAddr), Window>>);

struct Window {
    since: Instant,
    length: Duration,
    calls: u32,
}

impl FlowLimits {
    /// Counts a call; `false` where it is one too many.
    pub(crate) fn admit(
        &self,
        flow: &str,
        caller: IpAddr,
        limit: &CallLimit,
        now: Instant,
    ) -> bool {
        let length = Duration::from_secs(limit.seconds.into());
        let mut windows = self.0.lock();
        if windows.len() > SWEEP_ABOVE {
            windows.retain(|_, it| now.duration_since(it.since) < it.length);
        }
        let window = windows.entry((flow.to_owned(), caller)).or_insert(Window {
            since: now,
            length,
            calls: 0,
        });
        if now.duration_since(window.since) >= length {
            *window = Window { since: now, length, calls: 0 };
        }
        window.calls = window.calls.saturating_add(1);
        window.calls <= limit.calls
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_so_many_calls_through_and_then_opens_again() {
        let limits = FlowLimits::default();
        let limit = CallLimit { calls: 2, seconds: 60, message: String::new() };
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let start = Instant::now();
        let admitted: Vec<bool> = (0..4)
            .map(|it| limits.admit("f", one, &limit, start + Duration::from_secs(it)))
            .collect();
        assert_eq!(admitted, [true, true, false, false]);
        assert!(limits.admit("f", other, &limit, start));
        assert!(limits.admit("g", one, &limit, start));
        assert!(limits.admit("f", one, &limit, start + Duration::from_mins(1)));
    }
}
