//! A step that calls an address.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{
    Capability, Choice, Credential, Error, Field, Input, Inputs, Node, Result, Spec, Step, Taken,
    Turn,
    spec::{CredentialSlot, Default, Holds, When},
};
use flowstone_providers::{
    HttpClient,
    http::{Method, Request, Response},
};
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};
use uuid::Uuid;

use super::rows::{self, Row};
use crate::{loose_json, prompt_format::as_text};

/// How much of an answer is read, in bytes: it becomes part of the run's record.
const MOST_READ: usize = 10 * 1024 * 1024;

/// How long a server may think before it answers.
const PATIENCE: Duration = Duration::from_mins(5);

/// Headers that describe the exchange itself: a wrong one breaks it.
const OWN_HEADERS: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

const METHOD: Input<String> = Input::options(
    "Method",
    "method",
    &[
        Choice::plain("GET"),
        Choice::plain("POST"),
        Choice::plain("PUT"),
        Choice::plain("DELETE"),
        Choice::plain("PATCH"),
    ],
)
.default("GET");
const URL: Input<String> = Input::text("URL", "url")
    .describe("The address to call")
    .placeholder("https://api.example.com/orders")
    .accepts_variables();
const PAIR: &[Field] = &[
    Field { default: Default::Text(""), ..Field::new("Key", "key", "string") },
    Field {
        default: Default::Text(""),
        accept_variable: true,
        ..Field::new("Value", "value", "string")
    },
];
const HEADERS: Input<Option<Vec<Row>>> =
    Input::array("Headers", "headers", PAIR).accepts_variables().optional();
const QUERY: Input<Option<Vec<Row>>> =
    Input::array("Query Params", "queryParams", PAIR).accepts_variables().optional();
const BODY_KIND: Input<Option<String>> = Input::options(
    "Body Type",
    "bodyType",
    &[
        Choice::new("json", "JSON"),
        Choice::new("raw", "Raw"),
        Choice::new("formData", "Form Data"),
        Choice::new("xWwwFormUrlencoded", "x-www-form-urlencoded"),
    ],
)
.optional();
const BODY_TEXT: Input<Option<String>> = Input::text("Body", "body")
    .rows(4)
    .describe("What is sent")
    .accepts_variables()
    .show_when(&[When("bodyType", Holds::AnyOf(&["raw", "json"]))])
    .optional();
const BODY_PAIRS: Input<Option<Vec<Row>>> = Input::array("Body", "body", PAIR)
    .accepts_variables()
    .show_when(&[When("bodyType", Holds::AnyOf(&["xWwwFormUrlencoded", "formData"]))])
    .optional();
const ANSWER_KIND: Input<Option<String>> = Input::options(
    "Response Type",
    "responseType",
    &[
        Choice::new("json", "JSON"),
        Choice::new("text", "Text"),
        Choice::new("arraybuffer", "Array Buffer"),
        Choice::new("base64", "Raw (Base64)"),
    ],
)
.optional();

static SPEC: Spec = Spec {
    label: "HTTP",
    name: "httpAgentflow",
    version: 1.1,
    kind: "HTTP",
    icon: "agentflow-http.svg",
    category: "Agent Flows",
    description: "Calls an address and takes its answer",
    color: Some("#FF7F7F"),
    base_classes: &["HTTP"],
    credential: Some(
        CredentialSlot::optional(&["httpBasicAuth", "httpBearerToken", "httpApiKey"])
            .labelled("HTTP Credential"),
    ),
    inputs: &[
        METHOD.field,
        URL.field,
        HEADERS.field,
        QUERY.field,
        BODY_KIND.field,
        BODY_TEXT.field,
        BODY_PAIRS.field,
        ANSWER_KIND.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Http;

#[async_trait]
impl Node for Http {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let method = inputs.get(&METHOD)?;
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| Error::invalid(&METHOD.field, format!("{method} is no method")))?;
        let mut headers = pairs(inputs.get(&HEADERS)?);
        if let Some((name, _)) = headers.iter().find(|(name, _)| is_own(name)) {
            let reason = format!("{name} is set by the call itself: remove it");
            return Err(Error::invalid(&HEADERS.field, reason));
        }
        if let Some(credential) = &inputs.credential {
            let header = proof(credential);
            headers.retain(|(name, _)| !header.iter().any(|it| it.0.eq_ignore_ascii_case(name)));
            headers.extend(header);
        }
        let body = if method == Method::GET { None } else { body(inputs)? };
        let names = ["method", "url", "headers", "queryParams", "bodyType", "body", "responseType"];
        let shown = names.iter().filter_map(|name| {
            let value = inputs.values.get(*name).filter(|it| *it != "")?;
            Some(((*name).to_owned(), value.clone()))
        });
        Ok(Capability::Step(Arc::new(Calling {
            method,
            url: inputs.get(&URL)?,
            headers,
            query: pairs(inputs.get(&QUERY)?),
            body,
            answer: inputs.get(&ANSWER_KIND)?.unwrap_or_else(|| "json".to_owned()),
            shown: shown.collect(),
        })))
    }
}

fn is_own(header: &str) -> bool {
    OWN_HEADERS.iter().any(|it| it.eq_ignore_ascii_case(header))
}

/// The rows that have both a name and a value.
fn pairs(rows: Option<Vec<Row>>) -> Vec<(String, String)> {
    let pairs = rows.unwrap_or_default().into_iter();
    let pairs = pairs.map(|row| (rows::text(&row, "key"), rows::text(&row, "value")));
    pairs.filter(|(key, value)| !key.is_empty() && !value.is_empty()).collect()
}

/// The header that proves who calls.
fn proof(credential: &Credential) -> Option<(String, String)> {
    let field = |name: &str| credential.get(name);
    let authorization = |value: String| Some(("authorization".to_owned(), value));
    let (user, password) = (field("basicAuthUsername"), field("basicAuthPassword"));
    if user.is_some() || password.is_some() {
        let pair = format!("{}:{}", user.unwrap_or_default(), password.unwrap_or_default());
        return authorization(format!("Basic {}", STANDARD.encode(pair)));
    }
    if let Some(token) = field("token") {
        return authorization(format!("Bearer {token}"));
    }
    Some((field("key")?.to_owned(), field("value")?.to_owned()))
}

/// What is sent, and what it is called.
struct Sent {
    kind: Option<String>,
    bytes: Vec<u8>,
}

fn body(inputs: &Inputs) -> Result<Option<Sent>> {
    let Some(kind) = inputs.get(&BODY_KIND)? else { return Ok(None) };
    let sent = |kind: &str, bytes: Vec<u8>| Ok(Some(Sent { kind: Some(kind.to_owned()), bytes }));
    match kind.as_str() {
        "json" => {
            let value = match inputs.value(&BODY_TEXT.field) {
                None => return Ok(None),
                Some(Value::String(text)) => loose_json::parse(&text).map_err(|reason| {
                    let reason = format!("this is not valid JSON: {reason}");
                    Error::invalid(&BODY_TEXT.field, reason)
                })?,
                Some(value) => value,
            };
            sent("application/json", value.to_string().into_bytes())
        }
        "raw" => {
            let Some(value) = inputs.value(&BODY_TEXT.field) else { return Ok(None) };
            Ok(Some(Sent { kind: None, bytes: as_text(&value).into_bytes() }))
        }
        "xWwwFormUrlencoded" => {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.extend_pairs(pairs(inputs.get(&BODY_PAIRS)?));
            sent("application/x-www-form-urlencoded", form.finish().into_bytes())
        }
        "formData" => {
            let boundary = format!("----flowstone-{}", Uuid::new_v4().simple());
            let pairs = pairs(inputs.get(&BODY_PAIRS)?).into_iter();
            let mut parts: Vec<String> = pairs
                .map(|(key, value)| {
                    let key = key.replace('"', "%22").replace(['\r', '\n'], " ");
                    format!(
                        "--{boundary}\r\ncontent-disposition: form-data; \
                         name=\"{key}\"\r\n\r\n{value}\r\n"
                    )
                })
                .collect();
            parts.push(format!("--{boundary}--\r\n"));
            let text = parts.concat();
            sent(&format!("multipart/form-data; boundary={boundary}"), text.into_bytes())
        }
        other => Err(Error::invalid(&BODY_KIND.field, format!("there is no body type {other}"))),
    }
}

struct Calling {
    method: Method,
    url: String,
    headers: Vec<(String, String)>,
    query: Vec<(String, String)>,
    body: Option<Sent>,
    answer: String,
    /// The form as the record shows it.
    shown: Map<String, Value>,
}

#[async_trait]
impl Step for Calling {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let http = turn.run.services.get::<HttpClient>()?;
        let response = self.request(&http)?.send().await?;
        let status = response.status();
        let headers = response.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), Value::from(value))
        });
        let headers: Map<String, Value> = headers.collect();
        let data = self.data(response).await?;
        let answer = json!({
            "data": data,
            "status": status.as_u16(),
            "statusText": status.canonical_reason().unwrap_or_default(),
            "headers": headers,
        });
        let under_http = |value: Value| Map::from_iter([("http".to_owned(), value)]);
        Ok(Taken {
            input: under_http(self.shown.clone().into()),
            output: under_http(answer),
            ..Taken::default()
        })
    }
}

impl Calling {
    fn request<'a>(&self, http: &'a HttpClient) -> Result<Request<'a>> {
        let url = Url::parse(self.url.trim()).ok().filter(Url::has_host);
        let Some(url) = url.filter(|it| ["http", "https"].contains(&it.scheme())) else {
            let reason = format!(
                "an address such as https://api.example.com/orders is expected, not {}",
                self.url.trim()
            );
            return Err(Error::invalid(&URL.field, reason));
        };
        let mut request = http.request(self.method.clone(), url.as_str())?.timeout(Some(PATIENCE));
        for (name, value) in &self.query {
            request = request.query(name, value);
        }
        if let Some(body) = &self.body {
            if let Some(kind) = &body.kind {
                request = request.header("content-type", kind);
            }
            request = request.body(body.bytes.clone());
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        Ok(request)
    }

    /// The body of an answer in the form that was asked for.
    async fn data(&self, response: Response) -> Result<Value> {
        let bytes = response.bytes(MOST_READ).await?;
        Ok(match self.answer.as_str() {
            "base64" => STANDARD.encode(&bytes).into(),
            "arraybuffer" => json!({"type": "Buffer", "data": bytes.to_vec()}),
            "text" => String::from_utf8_lossy(&bytes).into_owned().into(),
            // What is no JSON is handed on as it is.
            _ => serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| String::from_utf8_lossy(&bytes).into_owned().into()),
        })
    }
}
