//! Says what went wrong on the way, in words for the person at the canvas.

use std::{error::Error as StdError, io};

use flowstone_core::Error;
use url::Url;

use super::{guard, lookup::Refused, retry::Lost};

/// A try that gave no answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: Error,
    pub(super) lost: Lost,
}

impl Failure {
    /// Trying again cannot help.
    pub(super) fn for_good(error: Error) -> Self {
        Self { error, lost: Lost::ForGood }
    }

    /// The time that the caller gives was over.
    pub(super) fn timed_out(url: &Url, seconds: f64) -> Self {
        let place = guard::entry(url);
        let error = Error::Transport(format!("{place} did not answer within {seconds} seconds"));
        Self { error, lost: Lost::Underway }
    }

    /// What reqwest met before the head of an answer.
    pub(super) fn sending(url: &Url, error: &reqwest::Error) -> Self {
        if find::<Refused>(error).is_some() {
            return Self::for_good(guard::refusal(url));
        }
        let place = guard::entry(url);
        if error.is_builder() {
            return Self::for_good(Error::Transport(format!(
                "the call of {place} cannot be sent: its address or a header is malformed"
            )));
        }
        if !error.is_connect() {
            let said = format!("the connection to {place} was lost: {}", reason(error));
            return Self { error: Error::Transport(said), lost: Lost::Underway };
        }
        // A certificate does not become valid by asking again.
        let untrusted = find::<rustls::Error>(error).is_some();
        let lost = if untrusted { Lost::ForGood } else { Lost::BeforeSending };
        let said = format!("cannot reach {place}: {}", reason(error));
        Self { error: Error::Transport(said), lost }
    }
}

/// What broke an answer off after its head.
pub(super) fn broke_off(place: &str, error: &reqwest::Error) -> Error {
    Error::Transport(format!("the answer of {place} broke off: {}", reason(error)))
}

/// The client itself cannot be made with these settings.
pub(super) fn unusable(error: &dyn StdError) -> Error {
    Error::Unsupported(format!("no HTTP client can be made: {error}"))
}

/// A connection that is not one of HTTP cannot be made.
pub(super) fn unreachable(place: &str, error: &io::Error) -> Error {
    let reason = secure_reason(error).unwrap_or_else(|| io_reason(error));
    Error::Transport(format!("cannot reach {place}: {reason}"))
}

fn reason(error: &reqwest::Error) -> String {
    if let Some(reason) = secure_reason(error) {
        return reason;
    }
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    if error.is_dns() {
        return "no machine of this name was found".to_owned();
    }
    io_reason(error)
}

/// What failed of encryption, where that did.
fn secure_reason(error: &(dyn StdError + 'static)) -> Option<String> {
    Some(match find::<rustls::Error>(error)? {
        tls @ rustls::Error::InvalidCertificate(why) => {
            let hint = if *why == rustls::CertificateError::UnknownIssuer {
                ": an authority of your own belongs into the file that NODE_EXTRA_CA_CERTS names"
            } else {
                ""
            };
            format!("its certificate is not trusted ({tls}){hint}")
        }
        other => format!("no secure connection ({other})"),
    })
}

fn io_reason(error: &(dyn StdError + 'static)) -> String {
    match find::<io::Error>(error).map(io::Error::kind) {
        Some(io::ErrorKind::TimedOut) => "it took too long".to_owned(),
        Some(io::ErrorKind::ConnectionRefused) => "nothing answers there".to_owned(),
        Some(
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof,
        ) => "the other side closed the connection".to_owned(),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            "there is no way to it from this machine".to_owned()
        }
        _ => innermost(error).to_string(),
    }
}

/// The first cause of type `T`, also inside of IO errors, which wrap others.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(found) = current.downcast_ref::<T>() {
            return Some(found);
        }
        let inner = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(found) = inner.and_then(|it| find::<T>(it)) {
            return Some(found);
        }
        next = current.source();
    }
    None
}

fn innermost(error: &dyn StdError) -> &dyn StdError {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current
}
