//! When a call is tried again, and after which pause.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::{Duration, SystemTime},
};

use reqwest::{Method, StatusCode, header::HeaderMap};

/// Longest pause that a server may ask for; a call that would wait longer fails at once.
const LONGEST_ASKED: Duration = Duration::from_mins(1);
/// Longest pause of our own choice.
const LONGEST_OWN: Duration = Duration::from_secs(8);

/// Which calls are tried again after a failure that may pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retry {
    /// None: the caller wants to see every answer.
    Never,
    /// Those that do no harm when the server sees them twice, by their method. Others only where
    /// no connection was made.
    #[default]
    ByMethod,
    /// All: asking a model twice costs money but changes nothing, and vendors' own clients do so.
    Always,
}

/// Why a try failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// No connection: the server has seen nothing.
    BeforeSending,
    /// The connection broke or the time was over: the server may have acted.
    Underway,
    /// Trying again cannot help.
    ForGood,
}

impl Retry {
    /// Whether a call of `method` that was lost so may be made again.
    pub(super) fn permits(self, method: &Method, lost: Lost) -> bool {
        match (self, lost) {
            (Self::Never, _) | (_, Lost::ForGood) => false,
            (_, Lost::BeforeSending) | (Self::Always, Lost::Underway) => true,
            (Self::ByMethod, Lost::Underway) => method.is_idempotent(),
        }
    }
}

/// Whether a status tells of something that may pass.
pub(super) fn may_pass(status: StatusCode, headers: &HeaderMap) -> bool {
    if status.is_success() {
        return false;
    }
    // OpenAI and Anthropic say outright whether another try makes sense.
    match headers.get("x-should-retry").map(reqwest::header::HeaderValue::as_bytes) {
        Some(b"true") => return true,
        Some(b"false") => return false,
        _ => {}
    }
    matches!(status.as_u16(), 408 | 409 | 429 | 500 | 502..=504 | 520..=529)
}

/// The pause before try number `next` (2 is the first that has one), or `None` where the server
/// asks for more patience than a caller has.
pub(super) fn pause(next: u32, first: Duration, headers: Option<&HeaderMap>) -> Option<Duration> {
    if let Some(asked) = headers.and_then(|it| asked_for(it, SystemTime::now())) {
        return (asked <= LONGEST_ASKED).then_some(asked);
    }
    let doubled = first.saturating_mul(1 << next.saturating_sub(2).min(16));
    Some(jittered(doubled.min(LONGEST_OWN)))
}

/// What `retry-after-ms` or `retry-after` (seconds or a date) asks for.
fn asked_for(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|it| it.to_str().ok()).map(str::trim);
    let number = |text: &str| text.parse::<f64>().ok().filter(|it| *it >= 0.0);
    if let Some(milliseconds) = text("retry-after-ms").and_then(number) {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    let after = text("retry-after")?;
    if let Some(seconds) = number(after) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(after).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// Three quarters of the pause and a random part of the last: callers that failed together do not
/// come back together.
fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().build_hasher().finish();
    #[expect(clippy::cast_precision_loss, reason = "a rough part between 0 and 1 is wanted")]
    let part = random as f64 / u64::MAX as f64;
    pause.mul_f64(0.75 + 0.25 * part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            reqwest::header::HeaderName::from_static(name),
            value.parse().unwrap(),
        )])
    }

    #[test]
    fn pauses_double_up_to_a_bound_with_jitter() {
        let first = Duration::from_millis(500);
        for (next, full) in [(2, 500), (3, 1000), (4, 2000), (6, 8000), (40, 8000)] {
            let full = Duration::from_millis(full);
            let pause = pause(next, first, None).unwrap();
            assert!(pause <= full && pause >= full.mul_f64(0.75), "{next}: {pause:?}");
        }
    }

    #[test]
    fn a_server_s_wish_is_honoured_within_reason() {
        let first = Duration::from_millis(500);
        let asked = |name, value: &str| pause(2, first, Some(&headers(name, value)));
        assert_eq!(asked("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("retry-after", "0"), Some(Duration::ZERO));
        assert_eq!(asked("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(asked("retry-after", "3600"), None);
        assert_eq!(asked("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert!(asked("retry-after", "soon").unwrap() <= first, "nonsense is as nothing");
        assert!(asked("retry-after", "-1").unwrap() <= first);
    }

    #[test]
    fn a_date_is_counted_from_now() {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 09:00:00 GMT").unwrap();
        let asked = asked_for(&headers("retry-after", "Sun, 22 Nov 2026 09:00:05 GMT"), now);
        assert_eq!(asked, Some(Duration::from_secs(5)));
    }

    #[test]
    fn only_passing_troubles_are_tried_again() {
        let none = HeaderMap::new();
        for status in [408, 409, 429, 500, 502, 503, 504, 529] {
            assert!(may_pass(StatusCode::from_u16(status).unwrap(), &none), "{status}");
        }
        for status in [200, 301, 400, 401, 403, 404, 413, 422, 501, 505] {
            assert!(!may_pass(StatusCode::from_u16(status).unwrap(), &none), "{status}");
        }
        assert!(!may_pass(StatusCode::TOO_MANY_REQUESTS, &headers("x-should-retry", "false")));
        assert!(may_pass(StatusCode::BAD_REQUEST, &headers("x-should-retry", "true")));
    }

    #[test]
    fn what_the_server_may_have_seen_is_repeated_only_where_that_is_harmless() {
        let post = &Method::POST;
        assert!(Retry::ByMethod.permits(post, Lost::BeforeSending));
        assert!(!Retry::ByMethod.permits(post, Lost::Underway));
        assert!(Retry::ByMethod.permits(&Method::GET, Lost::Underway));
        assert!(Retry::Always.permits(post, Lost::Underway));
        assert!(!Retry::Always.permits(post, Lost::ForGood));
        assert!(!Retry::Never.permits(post, Lost::BeforeSending));
    }
}
