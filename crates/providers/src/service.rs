//! One call of a service's REST interface, told as data: what is sent, in whose name, what comes back.

use std::time::Duration;

use flowstone_core::{Error, Result};
use serde_json::Value;
use url::form_urlencoded;

use crate::{
    HttpClient,
    http::Method,
    rest::{LONGEST, Service},
};

pub use crate::rest::segment;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_mins(2);

/// What is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is done.
    pub method: Method,
    /// Where.
    pub url: String,
    /// Pairs behind the address.
    pub query: Vec<(String, String)>,
    /// What goes along.
    pub content: Content,
}

/// What goes along with a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Value),
    /// The fields of an object as a form sends them; those inside of others as `outer[inner]`.
    Form(Value),
    /// A file with what is said of it (RFC 2387).
    File {
        /// What is said of it.
        about: Value,
        /// Its type.
        media_type: String,
        /// What is in it.
        text: String,
    },
}

/// In whose name a call is made.
#[derive(Clone, Copy)]
pub enum Signature<'a> {
    /// In nobody's.
    Nobody,
    /// `Authorization: Bearer`.
    Bearer(&'a str),
    /// `Authorization: Basic`.
    Basic {
        /// Who calls.
        user: &'a str,
        /// The secret of theirs.
        password: &'a str,
    },
    /// A header of the service's own.
    Header {
        /// Its name.
        name: &'static str,
        /// The secret in it.
        value: &'a str,
    },
}

impl<'a> Signature<'a> {
    fn secret(self) -> &'a str {
        match self {
            Self::Nobody => "",
            Self::Bearer(secret)
            | Self::Basic { password: secret, .. }
            | Self::Header { value: secret, .. } => secret,
        }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The type that the service says it has.
    pub media_type: String,
    /// The bytes.
    pub content: Vec<u8>,
}

impl Answer {
    /// The answer as JSON.
    ///
    /// # Errors
    /// `Transport` where it is none.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.content)
            .map_err(|error| Error::Transport(format!("the service did not answer JSON: {error}")))
    }
}

/// Makes a call of the service that people call `name`.
///
/// # Errors
/// The service's own words behind its name where it refuses; `Transport` where it cannot be reached.
pub async fn call(
    http: &HttpClient,
    name: &'static str,
    signature: Signature<'_>,
    call: &Call,
) -> Result<Answer> {
    let service = Service { name, secret: signature.secret() };
    let request = http.request(call.method.clone(), &call.url)?.timeout(Some(PATIENCE));
    let request = call.query.iter().fold(request, |it, (name, value)| it.query(name, value));
    let request = match signature {
        Signature::Nobody => request,
        Signature::Bearer(token) => request.bearer(token),
        Signature::Header { name, value } => request.header(name, value),
        Signature::Basic { user, password } => {
            use base64::Engine as _;
            let pair = format!("{user}:{password}");
            let pair = base64::engine::general_purpose::STANDARD.encode(pair);
            request.header("authorization", &format!("Basic {pair}"))
        }
    };
    let request = request.header("accept", "application/json, */*;q=0.5");
    let request = match &call.content {
        Content::Empty => request,
        Content::Json(body) => request.json(body),
        Content::Form(fields) => {
            request.header("content-type", "application/x-www-form-urlencoded").body(form(fields))
        }
        Content::File { about, media_type, text } => {
            let boundary = boundary(text);
            request
                .header("content-type", &format!("multipart/related; boundary={boundary}"))
                .body(related(&boundary, about, media_type, text))
        }
    };
    let response = service.answer(request).await?;
    let media_type = response.header("content-type").unwrap_or_default().to_owned();
    Ok(Answer { media_type, content: response.bytes(LONGEST).await?.to_vec() })
}

/// A line that is not in the text.
fn boundary(text: &str) -> String {
    let mut boundary = "flowstone".to_owned();
    while text.contains(&boundary) {
        boundary.push('-');
    }
    boundary
}

fn related(boundary: &str, about: &Value, media_type: &str, text: &str) -> String {
    format!(
        "--{boundary}\r\ncontent-type: application/json; charset=UTF-8\r\n\r\n{about}\r\n\
         --{boundary}\r\ncontent-type: {media_type}\r\n\r\n{text}\r\n--{boundary}--\r\n"
    )
}

fn form(fields: &Value) -> String {
    let mut written = form_urlencoded::Serializer::new(String::new());
    let mut open: Vec<(String, &Value)> = vec![(String::new(), fields)];
    // The fields of the last one stand before those that are still open, so the order stays.
    while let Some((name, value)) = open.pop() {
        let inside = |inner: &str| match name.as_str() {
            "" => inner.to_owned(),
            outer => format!("{outer}[{inner}]"),
        };
        match value {
            Value::Null => {}
            Value::Object(fields) => {
                open.extend(fields.iter().rev().map(|(inner, it)| (inside(inner), it)));
            }
            Value::Array(items) => {
                let numbered = items.iter().enumerate().rev();
                open.extend(numbered.map(|(index, it)| (inside(&index.to_string()), it)));
            }
            Value::String(text) => {
                written.append_pair(&name, text);
            }
            other => {
                written.append_pair(&name, &other.to_string());
            }
        }
    }
    written.finish()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_inside_of_others_are_written_with_brackets() {
        let fields = json!({
            "a": "x y", "n": 1, "none": null, "list": [{"price": "p", "quantity": 2}],
            "map": {"deep": {"er": true}},
        });
        let expected = "a=x+y&n=1&list%5B0%5D%5Bprice%5D=p&list%5B0%5D%5Bquantity%5D=2\
                        &map%5Bdeep%5D%5Ber%5D=true";
        assert_eq!(form(&fields), expected);
    }

    #[test]
    fn no_file_ends_at_a_line_of_its_own() {
        assert_eq!(boundary("--flowstone\r\n--flowstone-\r\n"), "flowstone--");
        let written = related("b", &json!({"name": "n"}), "text/plain", "hello");
        let lines: Vec<&str> = written.split("\r\n").collect();
        assert_eq!(
            lines,
            [
                "--b",
                "content-type: application/json; charset=UTF-8",
                "",
                r#"{"name":"n"}"#,
                "--b",
                "content-type: text/plain",
                "",
                "hello",
                "--b--",
                ""
            ]
        );
    }
}
