//! Asking the model, directly or through Flowstone, in the same words and with the same client.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::script::Script;

/// No answer of these measurements takes longer; one that does is a fault.
const PATIENCE: Duration = Duration::from_mins(3);

/// A way to the model.
#[derive(Clone, Debug)]
pub(crate) enum Target {
    /// The model itself, below this address.
    Direct(String),
    /// A flow, at the address of its predictions.
    Through(String),
}

/// A streamed answer that has begun.
pub(crate) struct Begun {
    response: Response,
    received: Vec<u8>,
    /// From the call to the first token.
    pub(crate) first_token: Duration,
}

/// The one client of all measurements.
///
/// # Errors
/// Where its TLS library cannot be set up.
#[expect(
    clippy::disallowed_methods,
    reason = "the product's client refuses loopback addresses and retries; this one must do neither"
)]
pub(crate) fn client() -> Result<Client> {
    // Every call is plain HTTP, but the client wants to know.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().no_proxy().timeout(PATIENCE).pool_idle_timeout(None);
    client.build().context("there is no HTTP client")
}

impl Target {
    /// The call that asks for `script`.
    fn request(&self, client: &Client, script: Script, stream: bool) -> RequestBuilder {
        match self {
            // What the flow's nodes make of the question.
            Self::Direct(url) => {
                let mut body = json!({
                    "model": "measured",
                    "messages": [{"role": "user", "content": format!("Follow this script. {script}")}],
                    "temperature": 0,
                    "stream": stream,
                });
                if stream {
                    body["stream_options"] = json!({"include_usage": true});
                }
                client.post(format!("{url}/chat/completions")).json(&body)
            }
            Self::Through(url) => {
                let question = script.to_string();
                client.post(url).json(&json!({"question": question, "streaming": stream}))
            }
        }
    }

    /// Asks for a whole answer, checks it, and tells how long it took.
    ///
    /// # Errors
    /// Where the answer is another one than the script's.
    pub(crate) async fn ask(&self, client: &Client, script: Script) -> Result<Duration> {
        let begin = Instant::now();
        let response = self.request(client, script, false).send().await?;
        let status = response.status();
        let body = response.bytes().await?;
        let time = begin.elapsed();
        ensure!(status.is_success(), "{status}: {}", String::from_utf8_lossy(&body));
        let answer: Value = serde_json::from_slice(&body)?;
        let text = match self {
            Self::Direct(_) => &answer["choices"][0]["message"]["content"],
            Self::Through(_) => &answer["text"],
        };
        let expected = script.answer();
        ensure!(text.as_str() == Some(&expected), "the answer is {answer} instead of {expected:?}");
        Ok(time)
    }

    /// Asks for a whole answer and leaves it to the caller when to stop waiting.
    pub(crate) async fn wait(&self, client: &Client, script: Script) -> Result<Response> {
        Ok(self.request(client, script, false).send().await?)
    }

    /// Asks for a stream and reads it up to its first token.
    ///
    /// # Errors
    /// Where it ends before.
    pub(crate) async fn begin(&self, client: &Client, script: Script) -> Result<Begun> {
        let token = match self {
            Self::Direct(_) => &br#""content":"token0"#[..],
            Self::Through(_) => &br#""event":"token""#[..],
        };
        let begin = Instant::now();
        let mut response = self.request(client, script, true).send().await?;
        let mut received = Vec::new();
        while let Some(piece) = response.chunk().await? {
            received.extend_from_slice(&piece);
            if received.windows(token.len()).any(|it| it == token) {
                return Ok(Begun { response, received, first_token: begin.elapsed() });
            }
        }
        anyhow::bail!("the stream holds no token: {}", String::from_utf8_lossy(&received))
    }

    /// Asks for a stream, reads and checks all of it, and tells when the first token came.
    ///
    /// # Errors
    /// Where the answer is another one than the script's.
    pub(crate) async fn stream(&self, client: &Client, script: Script) -> Result<Duration> {
        let Begun { mut response, mut received, first_token } = self.begin(client, script).await?;
        while let Some(piece) = response.chunk().await? {
            received.extend_from_slice(&piece);
        }
        let text = self.text_of(&String::from_utf8(received)?)?;
        let expected = script.answer();
        ensure!(text == expected, "the streamed answer is {text:?} instead of {expected:?}");
        Ok(first_token)
    }

    /// The tokens of a whole stream, joined.
    fn text_of(&self, stream: &str) -> Result<String> {
        let mut text = String::new();
        for data in stream.lines().filter_map(|line| line.strip_prefix("data:")) {
            if data.trim() == "[DONE]" {
                continue;
            }
            let data: Value =
                serde_json::from_str(data).with_context(|| format!("no JSON: {data}"))?;
            let piece = match self {
                Self::Direct(_) => &data["choices"][0]["delta"]["content"],
                Self::Through(_) if data["event"] == "token" => &data["data"],
                Self::Through(_) => &Value::Null,
            };
            text.push_str(piece.as_str().unwrap_or_default());
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_streams_give_the_same_text() {
        let direct = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n\
                      data: {\"choices\":[{\"delta\":{\"content\":\"a \"}}]}\n\n\
                      data: {\"choices\":[{\"delta\":{\"content\":\"b\"}}]}\n\n\
                      data: {\"choices\":[]}\n\ndata: [DONE]\n\n";
        let through = "message:\ndata:{\"event\":\"start\",\"data\":\"\"}\n\n\
                       message:\ndata:{\"event\":\"token\",\"data\":\"a \"}\n\n:heartbeat\n\n\
                       message:\ndata:{\"event\":\"token\",\"data\":\"b\"}\n\n\
                       message:\ndata:{\"event\":\"end\",\"data\":\"[DONE]\"}\n\n";
        assert_eq!(Target::Direct(String::new()).text_of(direct).unwrap(), "a b");
        assert_eq!(Target::Through(String::new()).text_of(through).unwrap(), "a b");
    }
}
