//! Reading a request's body as a type, with errors a client can act on.

use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{AppState, Problem, problem::Result};

/// A body read as `T`: JSON, or form fields where a client sends those. A request without a body,
/// or with one of another kind, counts as `{}`, so that the handler can name the field it misses.
#[derive(Clone, Copy, Debug)]
pub struct Body<T>(pub T);

/// What a body's media type makes of it.
enum Kind {
    Json,
    Form,
    Other,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &AppState) -> Result<Self> {
        let kind = kind(request.headers());
        let bytes = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                Problem::too_large(state.settings.body_limit)
            } else {
                Problem::bad_request("the body broke off before its end")
            }
        })?;
        let Kind::Json = kind else {
            let fields = if matches!(kind, Kind::Form) { form_fields(&bytes) } else { Map::new() };
            return typed(Value::Object(fields)).map(Self);
        };
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| Problem::bad_request("the body is not valid UTF-8"))?;
        let text = if text.trim().is_empty() { "{}" } else { text };
        parse(text).map(Self)
    }
}

fn kind(headers: &HeaderMap) -> Kind {
    let value =
        headers.get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let media = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media.as_str() {
        "application/x-www-form-urlencoded" => Kind::Form,
        media if media == "application/json" || media.ends_with("+json") => Kind::Json,
        _ => Kind::Other,
    }
}

/// Reads JSON text as `T`.
///
/// # Errors
/// 400: where it is not JSON, or names the field whose value is of the wrong type.
pub(crate) fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let parsed =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| explain(&error))?;
    let end = deserializer.end();
    end.map_err(|error| Problem::bad_request(format!("the body is not valid JSON: {error}")))?;
    Ok(parsed)
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T> {
    serde_path_to_error::deserialize(value).map_err(|error| explain(&error))
}

fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    use serde_json::error::Category;
    let inner = error.inner();
    match inner.classify() {
        Category::Eof => Problem::bad_request("Unexpected end of JSON input"),
        Category::Data => {
            let path = error.path().to_string();
            let place = if path == "." { "the body".to_owned() } else { path };
            Problem::bad_request(format!("{place}: {}", reason(inner)))
        }
        Category::Syntax | Category::Io => {
            Problem::bad_request(format!("the body is not valid JSON: {inner}"))
        }
    }
}

/// What is wrong, without the line and column that serde adds.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split_once(" at line ").map_or_else(|| text.clone(), |(reason, _)| reason.to_owned())
}

fn form_fields(bytes: &[u8]) -> Map<String, Value> {
    url::form_urlencoded::parse(bytes)
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect()
}
