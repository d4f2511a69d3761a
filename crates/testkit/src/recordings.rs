//! What vendors answered once: exchanges that other projects recorded for their own tests, fetched
//! by `scripts/install-test-deps`.

use std::fs;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use crate::{SitePage, peer::installed};

/// A recorded exchange.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recording {
    /// The package and the test that it was recorded for.
    pub source: String,
    /// The address that was called; some are blanked.
    pub uri: String,
    request: String,
    /// The answer's status.
    pub status: u16,
    content_type: String,
    answer: String,
}

impl Recording {
    /// The body that was sent, `null` where it was no JSON.
    pub fn request(&self) -> Value {
        serde_json::from_str(&self.request).unwrap_or_default()
    }

    /// Whether the answer came in pieces.
    pub fn streams(&self) -> bool {
        ["event-stream", "eventstream", "ndjson"].iter().any(|it| self.content_type().contains(it))
    }

    /// The answer's media type; some are blanked, and then its first bytes tell.
    fn content_type(&self) -> &str {
        if self.content_type.contains('/') {
            return &self.content_type;
        }
        let bytes = self.bytes();
        let is_stream = bytes.starts_with(b"event:") || bytes.starts_with(b"data:");
        if is_stream { "text/event-stream" } else { "application/json" }
    }

    /// The answer as it came.
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.answer).unwrap()
    }

    /// The answer, `null` where it was no JSON.
    pub fn answer(&self) -> Value {
        serde_json::from_slice(&self.bytes()).unwrap_or_default()
    }

    /// The data of the answer's events, where they are JSON.
    pub fn events(&self) -> Vec<Value> {
        let text = String::from_utf8_lossy(&self.bytes()).into_owned();
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.filter_map(|it| serde_json::from_str(it.trim()).ok()).collect()
    }

    /// The answer as a server gives it again.
    pub fn page(&self) -> SitePage {
        SitePage::new(self.content_type(), self.bytes()).status(self.status)
    }
}

/// The exchanges that are `wanted`.
pub fn recordings(wanted: impl Fn(&Recording) -> bool) -> Vec<Recording> {
    let file = installed("FLOWSTONE_RECORDINGS", "recordings").join("exchanges.jsonl");
    let text = fs::read_to_string(file)
        .expect("the recorded exchanges are missing: run scripts/install-test-deps");
    let lines = text.lines().map(|line| serde_json::from_str::<Recording>(line).unwrap());
    lines.filter(|it| wanted(it)).collect()
}
