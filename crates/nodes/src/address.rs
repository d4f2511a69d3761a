//! Putting values of a model into an address that its author wrote, so that they stay what they
//! are: one segment of the path, one value of the query.

use flowstone_core::{Error, Result};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use crate::prompt_format::as_text;

/// A value as addresses hold it: lists with commas.
pub(crate) fn written(value: &Value) -> String {
    match value {
        Value::Array(list) => list.iter().map(as_text).collect::<Vec<_>>().join(","),
        other => as_text(other),
    }
}

/// Everything but letters, digits and a few signs as `%XX`, so that it stays one segment.
pub(crate) fn segment(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Refuses a path with a segment of dots, which would climb out of what the author wrote.
///
/// # Errors
/// `ModelAnswer` for the model that filled it in.
pub(crate) fn stays_below(path: &str) -> Result<()> {
    let climbs =
        |it: &str| matches!(it.to_ascii_uppercase().replace("%2E", ".").as_str(), "." | "..");
    if path.split(['/', '\\']).any(climbs) {
        return Err(Error::ModelAnswer("a part of the path may not be . or ..".to_owned()));
    }
    Ok(())
}
