//! Makes errors of the answers that vendors give when they fail.

use flowstone_core::{Error, Result};
use serde_json::Value;

use crate::http::Response;

/// How much of an error answer is read, in bytes.
const READ: usize = 64 * 1024;
/// How much of an error answer that is no JSON is shown, in characters.
const SHOWN: usize = 500;

/// The error that an answer with an error status stands for. Where `secret` occurs in the vendor's
/// words, it is masked.
pub(crate) async fn of_response(response: Response, secret: Option<&str>) -> Error {
    let status = response.status();
    let body = response.bytes(READ).await.unwrap_or_default();
    let said = words(&body).unwrap_or_else(|| {
        status.canonical_reason().unwrap_or("the provider gave no reason").to_owned()
    });
    Error::Provider { status: status.as_u16(), message: masked(&said, secret) }
}

/// An answer of a good status; of another one the error it stands for, with `secret` masked.
pub(crate) async fn checked(response: Response, secret: Option<&str>) -> Result<Response> {
    if response.status().is_success() {
        return Ok(response);
    }
    Err(of_response(response, secret).await)
}

/// The error that an error object inside of a stream stands for, or of an answer whose status was
/// good: Azure's content filter answers so.
pub(crate) fn of_value(error: &Value, secret: Option<&str>) -> Error {
    let number = |name: &str| error.get(name).and_then(Value::as_u64);
    let code = number("code").or_else(|| number("status")).and_then(|it| u16::try_from(it).ok());
    let said = in_value(error).unwrap_or_else(|| error.to_string());
    Error::Provider {
        status: code.filter(|it| (400..600).contains(it)).unwrap_or(500),
        message: masked(&said, secret),
    }
}

/// The vendor's own words in an error body, in any of the usual shapes.
fn words(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        return in_value(&value).or_else(|| Some(value.to_string()));
    }
    // A page of a proxy in between says nothing to a reader.
    let is_page = text.starts_with('<');
    (!is_page && !text.is_empty()).then(|| text.chars().take(SHOWN).collect())
}

fn in_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()).filter(|it| !it.is_empty()),
        Value::Array(items) => items.iter().find_map(in_value),
        Value::Object(fields) => ["error", "message", "detail", "errors", "msg"]
            .iter()
            .find_map(|name| fields.get(*name).and_then(in_value)),
        _ => None,
    }
}

fn masked(said: &str, secret: Option<&str>) -> String {
    match secret.filter(|it| !it.is_empty()) {
        Some(secret) => said.replace(secret, "[key]"),
        None => said.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendor_s_words_are_found_in_every_usual_shape() {
        let cases = [
            (r#"{"error":{"message":"no such model","type":"x"}}"#, "no such model"),
            (r#"{"error":"model 'x' not found"}"#, "model 'x' not found"),
            (r#"{"message":"Unauthorized"}"#, "Unauthorized"),
            (r#"{"detail":[{"loc":["body"],"msg":"Field required"}]}"#, "Field required"),
            (r#"{"errors":[{"message":"first"},{"message":"second"}]}"#, "first"),
            (r#"[{"error":{"message":"in a list"}}]"#, "in a list"),
            (r#"{"odd":1}"#, r#"{"odd":1}"#),
            ("plain words\n", "plain words"),
        ];
        for (body, expected) in cases {
            assert_eq!(words(body.as_bytes()).as_deref(), Some(expected), "{body}");
        }
        assert_eq!(words(b"<html><body>502</body></html>"), None);
        assert_eq!(words(b""), None);
        assert_eq!(words("é".repeat(900).as_bytes()).map(|it| it.chars().count()), Some(SHOWN));
    }

    #[test]
    fn the_key_is_masked() {
        let error = serde_json::json!({"message": "bad key sk-123", "code": 401});
        let Error::Provider { status, message } = of_value(&error, Some("sk-123")) else {
            panic!("no provider error")
        };
        assert_eq!((status, message.as_str()), (401, "bad key [key]"));
    }
}
