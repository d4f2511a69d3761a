//! Shapes that several areas of the API share.

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, SecondsFormat, Utc};
use flowstone_store::Page;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many rows a change took away, as clients of the reference know it.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Affected {
    /// Always empty.
    raw: [(); 0],
    affected: u64,
}

impl Affected {
    /// `rows` rows.
    pub(crate) fn rows(rows: u64) -> Json<Self> {
        Json(Self { raw: [], affected: rows })
    }
}

/// A part of a list, with the size of the whole.
#[derive(Serialize)]
struct Paged<T> {
    data: Vec<T>,
    total: u64,
}

/// A list: `{data, total}` where a page was asked for, else all of it bare.
pub(crate) fn list<T: Serialize>(rows: Vec<T>, total: u64, page: Option<Page>) -> Response {
    match page {
        Some(_) => Json(Paged { data: rows, total }).into_response(),
        None => Json(rows).into_response(),
    }
}

/// An object; `null`, or the empty text that forms send for it, reads as none.
pub(crate) fn map_or_nothing<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<serde_json::Map<String, serde_json::Value>, D::Error> {
    use serde::de::Error as _;
    match serde_json::Value::deserialize(from)? {
        serde_json::Value::Object(map) => Ok(map),
        serde_json::Value::Null => Ok(serde_json::Map::new()),
        serde_json::Value::String(text) if text.is_empty() => Ok(serde_json::Map::new()),
        serde_json::Value::String(text) => {
            serde_json::from_str(&text).map_err(|_| D::Error::custom("an object is expected"))
        }
        _ => Err(D::Error::custom("an object is expected")),
    }
}

/// A time as JavaScript writes it: to the millisecond, in UTC.
pub(crate) struct Time(DateTime<Utc>);

impl JsonSchema for Time {
    fn schema_name() -> Cow<'static, str> {
        "Time".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "date-time" })
    }
}

/// A sentence that says how it went.
#[derive(Serialize, JsonSchema)]
pub(crate) struct Message {
    /// The sentence.
    pub(crate) message: &'static str,
}

impl From<DateTime<Utc>> for Time {
    fn from(time: DateTime<Utc>) -> Self {
        Self(time)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&time(self.0))
    }
}

/// The text of a [`Time`].
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Tells a field that is `null` from one that is not there: together with `#[serde(default)]`,
/// `None` leaves things as they are and `Some(None)` empties them.
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
pub(crate) fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}
