//! One outgoing call: what is sent, tried again, and followed.

use std::{fmt::Display, time::Duration};

use bytes::Bytes;
use flowstone_core::{Error, Result};
use reqwest::{
    Method, StatusCode,
    header::{self, HeaderMap, HeaderName, HeaderValue},
};
use serde::Serialize;
use url::Url;

use super::{
    HttpClient, Response,
    failure::Failure,
    retry::{self, Retry},
};

/// How many redirects are followed.
const MOST_HOPS: usize = 10;

/// Headers that may go along when a redirect leaves for another host. Keys and cookies stay: their
/// names differ from vendor to vendor, so what is kept is listed, not what is dropped.
const TRAVELLING: [HeaderName; 3] = [header::ACCEPT, header::ACCEPT_LANGUAGE, header::CONTENT_TYPE];

/// A call that is being put together.
#[must_use = "nothing is sent before `send`"]
pub struct Request<'a> {
    client: &'a HttpClient,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    timeout: Option<Duration>,
    retry: Retry,
    /// Follows redirects on the same origin only.
    stays: bool,
    /// The first thing that was wrong with what was put in; told by `send`.
    wrong: Option<Error>,
}

impl<'a> Request<'a> {
    pub(super) fn new(client: &'a HttpClient, method: Method, url: &str) -> Result<Self> {
        let url = Url::parse(url.trim()).map_err(|error| {
            Error::Transport(format!(
                "`{}` is no address such as https://example.com/path: {error}",
                url.trim()
            ))
        })?;
        Ok(Self {
            client,
            method,
            url,
            headers: HeaderMap::new(),
            body: None,
            timeout: None,
            retry: Retry::default(),
            stays: false,
            wrong: None,
        })
    }

    /// Sets a header; an earlier one of the name is replaced.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::from_str(value)) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                self.headers.insert(name, value);
            }
            // The value may be a key, so it is not repeated.
            _ => {
                let said = format!(
                    "the header {name:?} cannot be sent: its name or value holds characters that \
                     headers may not have, such as a line break"
                );
                self.wrong.get_or_insert(Error::Transport(said));
            }
        }
        self
    }

    /// Sends a key as `Authorization: Bearer`.
    pub fn bearer(self, key: &str) -> Self {
        self.header("authorization", &format!("Bearer {key}"))
    }

    /// Adds a pair to the query.
    pub fn query(mut self, name: &str, value: impl Display) -> Self {
        self.url.query_pairs_mut().append_pair(name, &value.to_string());
        self
    }

    /// Sends `body` as JSON.
    pub fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => self.body = Some(bytes.into()),
            Err(error) => {
                let said = format!("the body cannot be written as JSON: {error}");
                self.wrong.get_or_insert(Error::Transport(said));
            }
        }
        self.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self
    }

    /// Sends these bytes; their type is for the caller to say in a header.
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Gives each try this long until the head of the answer is there. A streamed body may take
    /// longer, as long as it does not fall silent.
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// Says when the call may be tried again.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Adds the headers that `sign` makes of the method, the address, the headers and the body, which
    /// are to stay as they are from here on.
    pub fn signed<N: AsRef<str>>(
        mut self,
        sign: impl FnOnce(&Method, &Url, &HeaderMap, &[u8]) -> Vec<(N, String)>,
    ) -> Self {
        let body = self.body.clone().unwrap_or_default();
        for (name, value) in sign(&self.method, &self.url, &self.headers, &body) {
            self = self.header(name.as_ref(), &value);
        }
        self
    }

    /// Refuses redirects to another host, port or scheme: for calls whose target was judged by more
    /// than the installation's rules.
    pub fn stay(mut self) -> Self {
        self.stays = true;
        self
    }

    /// Makes the call, follows redirects, and tries again where that may help. The answer may have
    /// any status. Dropping the future or the answer ends the exchange.
    ///
    /// # Errors
    /// `AddressRefused` where the target, or one it redirects to, may not be called; `Transport`
    /// where no answer came.
    pub async fn send(mut self) -> Result<Response> {
        if let Some(wrong) = self.wrong.take() {
            return Err(wrong);
        }
        let settings = &self.client.settings;
        let mut tries = 1;
        loop {
            let outcome = self.one_try().await;
            let (again, headers) = match &outcome {
                Ok(response) => {
                    let passing = retry::may_pass(response.status(), response.headers());
                    let permitted = self.retry.permits(&self.method, retry::Lost::Underway);
                    (passing && permitted, Some(response.headers()))
                }
                Err(failure) => (self.retry.permits(&self.method, failure.lost), None),
            };
            let pause = retry::pause(tries + 1, settings.first_pause, headers);
            let (true, Some(pause)) = (again && tries < settings.attempts, pause) else {
                return outcome.map_err(|failure| failure.error);
            };
            tracing::debug!(
                host = self.url.host_str(),
                status = outcome.as_ref().map_or(0, |it| it.status().as_u16()),
                tries,
                ?pause,
                "calling again"
            );
            drop(outcome);
            tokio::time::sleep(pause).await;
            tries += 1;
        }
    }

    async fn one_try(&self) -> Result<Response, Failure> {
        let Some(timeout) = self.timeout else { return self.follow().await };
        let in_time = tokio::time::timeout(timeout, self.follow()).await;
        in_time.unwrap_or_else(|_| Err(Failure::timed_out(&self.url, timeout.as_secs_f64())))
    }

    async fn follow(&self) -> Result<Response, Failure> {
        let (mut method, mut url) = (self.method.clone(), self.url.clone());
        let (mut headers, mut body) = (self.headers.clone(), self.body.clone());
        for _ in 0..=MOST_HOPS {
            let client = self.client.connector(&url).await.map_err(Failure::for_good)?;
            let mut request = client.request(method.clone(), url.clone()).headers(headers.clone());
            if let Some(body) = &body {
                request = request.body(body.clone());
            }
            let response = request.send().await.map_err(|error| Failure::sending(&url, &error))?;
            let Some(next) = redirected(&response, &url).map_err(Failure::for_good)? else {
                return Ok(Response::new(response));
            };
            if becomes_get(response.status(), &method) {
                method = Method::GET;
                body = None;
                headers.remove(header::CONTENT_TYPE);
            }
            if next.origin() != url.origin() {
                if self.stays {
                    return Err(Failure::for_good(Error::AddressRefused(format!(
                        "{} redirects to another server, which this call may not follow",
                        super::guard::entry(&url)
                    ))));
                }
                headers = travelling(&headers);
            }
            url = next;
        }
        Err(Failure::for_good(Error::Transport(format!(
            "{} redirects without end",
            super::guard::entry(&self.url)
        ))))
    }
}

/// Where a redirect leads; `None` where the answer is none.
fn redirected(response: &reqwest::Response, from: &Url) -> Result<Option<Url>> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(header::LOCATION) else { return Ok(None) };
    let next = location.to_str().ok().and_then(|it| from.join(it).ok());
    let Some(next) = next else {
        let place = super::guard::entry(from);
        return Err(Error::Transport(format!("{place} redirects to something that is no address")));
    };
    if from.scheme() == "https" && next.scheme() == "http" {
        let place = super::guard::entry(from);
        return Err(Error::AddressRefused(format!(
            "{place} redirects from https: to http:, which would show the call to others"
        )));
    }
    Ok(Some(next))
}

/// As browsers do: the first three statuses turn a `POST` into a `GET`.
fn becomes_get(status: StatusCode, method: &Method) -> bool {
    match status.as_u16() {
        301 | 302 => *method == Method::POST,
        303 => *method != Method::HEAD,
        _ => false,
    }
}

fn travelling(headers: &HeaderMap) -> HeaderMap {
    let kept =
        TRAVELLING.iter().filter_map(|name| Some((name.clone(), headers.get(name)?.clone())));
    kept.collect()
}
