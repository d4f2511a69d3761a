//! The one error table: what every failure looks like to a client.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use flowstone_engine as engine;
use flowstone_store as store;
use schemars::{JsonSchema, SchemaGenerator};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::openapi::SchemaOf;

/// A failed request: a status and a sentence for the client.
///
/// Its body is `{statusCode, success: false, message, stack: {}}`, except where the check of who is
/// calling failed. What caused it is logged with the request's id and never sent.
#[derive(Debug)]
pub struct Problem {
    status: StatusCode,
    shape: Shape,
    message: String,
    details: Option<Box<Value>>,
    retry_after: Option<u64>,
}

/// Which of the wire's bodies an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    /// `{statusCode, success: false, message, stack: {}}`.
    Full,
    /// `{error}`: no valid key.
    Error,
    /// `{message}`: no valid session, or no permission.
    Message,
    /// Plain text.
    Text,
}

/// A handler's result.
pub(crate) type Result<T, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// A failure with a status of its own.
    pub fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            shape: Shape::Full,
            message: message.into(),
            details: None,
            retry_after: None,
        }
    }

    /// 400: the request is wrong in a way the message tells.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// 401 in the full shape: the route's own check failed, such as a flow's key.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, message)
    }

    /// 403 in the full shape.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 403 as plain text, which is how a flow's list of origins answers before a stream opens.
    pub fn forbidden_text(message: impl Into<String>) -> Self {
        Self { shape: Shape::Text, ..Self::forbidden(message) }
    }

    /// 404: there is no such thing, or it is not the caller's.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, message)
    }

    /// 409: somebody else was quicker; `details` says who and when, for a page to show.
    pub(crate) fn conflict(message: impl Into<String>, details: &impl Serialize) -> Self {
        let details = serde_json::to_value(details).ok().map(Box::new);
        Self { details, ..Self::new(StatusCode::CONFLICT, message) }
    }

    /// 412: an id or a field without which nothing can be done is missing.
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, message)
    }

    /// 413: the body is larger than this installation takes.
    pub fn too_large(limit: usize) -> Self {
        let megabytes = limit / (1024 * 1024);
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the request is larger than the {megabytes} MB this installation accepts"),
        )
    }

    /// 429: asked too often; right again in `seconds`.
    pub fn too_many(message: impl Into<String>, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    /// 429 as plain text, which is how a flow's own limit answers.
    pub fn too_many_text(message: impl Into<String>) -> Self {
        Self { shape: Shape::Text, ..Self::new(StatusCode::TOO_MANY_REQUESTS, message) }
    }

    /// 500 whose cause is only for the log.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, cause = ?cause.source(), "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "something went wrong inside the server; its log says what",
        )
    }

    /// A call of ours to another service failed: 400 where what the caller chose is wrong, else 502,
    /// as the failure is the other side's.
    pub(crate) fn outside(error: flowstone_core::Error) -> Self {
        use flowstone_core::Error;
        let status = match error.root() {
            Error::Provider { .. } | Error::Transport(_) => StatusCode::BAD_GATEWAY,
            Error::AddressRefused(_) | Error::Credential(_) | Error::Unsupported(_) => {
                StatusCode::BAD_REQUEST
            }
            _ => return Self::from(error),
        };
        Self::new(status, error.to_string())
    }

    /// 401 of a call without a valid session or key.
    pub(crate) fn no_key() -> Self {
        Self { shape: Shape::Error, ..Self::unauthorized("Unauthorized Access") }
    }

    /// 401 of a page's call whose session is missing or over.
    pub(crate) fn no_session() -> Self {
        Self { shape: Shape::Message, ..Self::unauthorized("Invalid or Missing token") }
    }

    /// 403 of a caller without the permission.
    pub(crate) fn no_permission() -> Self {
        Self { shape: Shape::Message, ..Self::forbidden("Forbidden") }
    }

    /// 401 of a flow that is not public.
    pub(crate) fn not_public() -> Self {
        Self { shape: Shape::Message, ..Self::unauthorized("Unauthorized") }
    }

    /// 401 as plain text, which is how a refused refresh answers.
    pub(crate) fn no_refresh() -> Self {
        Self { shape: Shape::Text, ..Self::unauthorized("Unauthorized") }
    }

    /// The same failure told in other words.
    #[must_use]
    pub fn say(mut self, message: impl Into<String>) -> Self {
        self.message = message.into();
        self
    }

    /// The status it is answered with.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The sentence for the client.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        let status = match &error {
            store::Error::NotFound { .. } => StatusCode::NOT_FOUND,
            store::Error::Conflict { .. } => StatusCode::CONFLICT,
            store::Error::Invalid { .. } => StatusCode::BAD_REQUEST,
            store::Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        if status.is_server_error() {
            let cause = std::error::Error::source(&error);
            tracing::error!(error = %error, cause = ?cause, "the store failed");
        }
        let retry_after = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5);
        Self { retry_after, ..Self::new(status, error.to_string()) }
    }
}

impl From<flowstone_core::Error> for Problem {
    fn from(error: flowstone_core::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&flowstone_core::Error> for Problem {
    /// A failure inside a running flow is 500 by contract; only a provider's 401 stays one, and
    /// keeps the very sentence that clients of the reference look for.
    fn from(error: &flowstone_core::Error) -> Self {
        use flowstone_core::Error;
        let status = match error.root() {
            Error::Provider { status: 401, .. } => {
                return Self::unauthorized(error.root().to_string());
            }
            Error::Busy(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Conflict(_) => StatusCode::CONFLICT,
            Error::Storage { source, .. } => {
                tracing::error!(%error, cause = %source, "a node could not reach the store");
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.to_string())
    }
}

impl From<engine::Error> for Problem {
    fn from(error: engine::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&engine::Error> for Problem {
    /// What is wrong with the flow itself is the author's to mend (400); what failed while it ran
    /// follows the rule of [`flowstone_core::Error`].
    fn from(error: &engine::Error) -> Self {
        match error.root() {
            engine::Error::Node(inner) => Self::from(inner),
            flow => Self::bad_request(flow.to_string()),
        }
    }
}

/// The body of most failures.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Problem")]
struct FullBody<'a> {
    /// The status, once more.
    status_code: u16,
    /// Always `false`.
    success: bool,
    /// What was wrong, and what would be right.
    message: &'a str,
    /// Always empty: clients expect the field, but a stack trace is for the log.
    stack: Empty,
    /// Facts about the failure for pages that can show them, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<&'a Value>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Empty {}

/// The body where a call has no valid key.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NoKey")]
struct ErrorBody<'a> {
    /// What was wrong.
    error: &'a str,
}

/// The body where a page's call has no valid session, or its caller no permission.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Refusal")]
struct MessageBody<'a> {
    /// What was wrong.
    message: &'a str,
}

/// Any of the bodies of a refusal.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
#[expect(dead_code, reason = "only its schema is of use")]
enum AnyBody<'a> {
    Full(FullBody<'a>),
    Error(ErrorBody<'a>),
    Message(MessageBody<'a>),
}

/// Statuses of failures, and what they mean.
const DOCUMENTED: &[(u16, &str)] = &[
    (400, "The request is wrong; the message says in what."),
    (401, "There is no valid key or session, or the route's own check failed."),
    (403, "The caller may not do this."),
    (404, "There is no such thing, or it is not the caller's."),
    (405, "The address does not answer to this method."),
    (409, "It contradicts what is there already."),
    (412, "Something that is needed is missing."),
    (413, "The request is larger than this installation accepts."),
    (422, "The request was understood, but cannot be done."),
    (429, "Asked too often; `Retry-After` says when to come again."),
    (500, "Something failed inside: the server, the flow or what it calls."),
    (501, "This installation does not do that."),
    (502, "A service that is called did not answer as it should."),
    (503, "Too busy, or the database cannot be reached; `Retry-After` says when to come again."),
];

/// The answers of failures for the OpenAPI document, by their names; `schema` turns a type into what
/// stands for it there.
pub(crate) fn documented(schema: &mut dyn FnMut(SchemaOf) -> Value) -> Map<String, Value> {
    let full = schema(SchemaGenerator::subschema_for::<FullBody<'static>>);
    let any = schema(SchemaGenerator::subschema_for::<AnyBody<'static>>);
    let text = json!({ "type": "string" });
    let each = DOCUMENTED.iter().map(|&(status, about)| {
        let refused = matches!(status, 401 | 403);
        let body = if refused { &any } else { &full };
        let mut response = json!({
            "description": about,
            "content": { "application/json": { "schema": body } },
        });
        if refused || status == 429 {
            response["content"]["text/plain"] = json!({ "schema": text });
        }
        if matches!(status, 429 | 503) {
            response["headers"]["Retry-After"] =
                json!({ "description": "In so many seconds.", "schema": { "type": "integer" } });
        }
        (response_name(status), response)
    });
    each.collect()
}

/// The name under which the OpenAPI document keeps a failure's answer, such as `NotFound`.
pub(crate) fn response_name(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|it| it.canonical_reason());
    reason.unwrap_or("Problem").split_whitespace().collect()
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let message = self.message.as_str();
        let body = match self.shape {
            Shape::Full => Json(FullBody {
                status_code: self.status.as_u16(),
                success: false,
                message,
                stack: Empty {},
                details: self.details.as_deref(),
            })
            .into_response(),
            Shape::Error => Json(ErrorBody { error: message }).into_response(),
            Shape::Message => Json(MessageBody { message }).into_response(),
            Shape::Text => message.to_owned().into_response(),
        };
        let mut response = (self.status, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
