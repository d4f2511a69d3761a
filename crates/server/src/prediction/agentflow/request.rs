//! What is kept of a request, and what its run has come to, read again.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    super::{ChatType, Question},
    origin::Origin,
};
use crate::{AppState, problem::Result};

pub(super) async fn records(state: &AppState, id: &str) -> Result<Vec<Arc<Value>>> {
    let stored = state.store.executions().records(id).await?;
    Ok(stored.iter().filter_map(|it| parse::<Value>(it).map(Arc::new)).collect())
}

pub(super) fn parse<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// A form's values as a model reads them.
pub(super) fn as_lines(form: &Map<String, Value>) -> String {
    let lines = form.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What has to be known of a request to go on with its run after a crash.
pub(super) fn request_text(
    question: &Question,
    chat_type: ChatType,
    depth: u32,
    chat_id: &str,
    session_id: &str,
    persisted: Option<&Map<String, Value>>,
    origin: &Origin,
) -> String {
    let mut overrides = question.override_config.clone();
    overrides.insert("sessionId".to_owned(), session_id.into());
    json!({
        "chatType": chat_type.as_str(),
        "depth": depth,
        "chatId": chat_id,
        "question": question.given,
        "form": question.form,
        "overrideConfig": overrides,
        "uploads": question.uploads,
        "leadEmail": question.lead_email,
        "persisted": persisted,
        "origin": origin,
    })
    .to_string()
}

/// The request of a run as it was kept.
pub(super) struct Asking {
    pub(super) question: Question,
    pub(super) chat_type: ChatType,
    pub(super) depth: u32,
    pub(super) chat_id: String,
    /// The state that the conversation's last run ended with.
    pub(super) persisted: Option<Map<String, Value>>,
    pub(super) origin: Origin,
}

pub(super) fn asking(request: &str) -> Asking {
    let body = parse::<Map<String, Value>>(request).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let depth = body.get("depth").and_then(Value::as_u64).unwrap_or_default();
    Asking {
        question: Question::from_fields(&body),
        chat_type: ChatType::parse(&text("chatType")),
        depth: u32::try_from(depth).unwrap_or_default(),
        chat_id: text("chatId"),
        persisted: body.get("persisted").and_then(Value::as_object).cloned(),
        origin: Origin::kept(request),
    }
}

pub(super) fn place(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
