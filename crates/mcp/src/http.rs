//! Streamable HTTP over the one HTTP client.

use std::{borrow::Cow, collections::HashMap, sync::Arc, time::Duration};

use flowstone_core::Error;
use flowstone_providers::{
    HttpClient,
    http::{Method, Request, Response, Retry, StatusCode},
};
use futures::stream::BoxStream;
use http::{HeaderName, HeaderValue};
use rmcp::{
    model::{ClientJsonRpcMessage, JsonRpcMessage, ServerJsonRpcMessage},
    transport::streamable_http_client::{
        SseError, StreamableHttpClient, StreamableHttpError, StreamableHttpPostResponse,
    },
};
use sse_stream::Sse;

use crate::{
    events,
    slot::{Failed, Slot},
};

/// What a server may answer with.
pub(crate) const ACCEPT: &str = "application/json, text/event-stream";

/// How long the head of an answer may take. What is asked for has limits of its own.
pub(crate) const PATIENCE: Duration = Duration::from_mins(5);

/// How much of a refusal is shown, in characters.
const MOST_OF_A_REFUSAL: usize = 300;

type Outcome<T> = Result<T, StreamableHttpError<Failed>>;

/// What `rmcp` sends by.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: Arc<HttpClient>,
    pub(crate) slot: Slot,
}

impl Client {
    fn failed(&self, error: Error) -> StreamableHttpError<Failed> {
        StreamableHttpError::Client(self.slot.keep(error))
    }

    fn request(
        &self,
        method: Method,
        uri: &str,
        session: Option<&str>,
        headers: &HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<Request<'_>> {
        let request = self.http.request(method, uri).map_err(|error| self.failed(error))?;
        let mut request = request.retry(Retry::Never).timeout(Some(PATIENCE));
        for (name, value) in headers {
            let Ok(value) = value.to_str() else { continue };
            request = request.header(name.as_str(), value);
        }
        if let Some(session) = session {
            request = request.header("mcp-session-id", session);
        }
        Ok(request)
    }
}

impl StreamableHttpClient for Client {
    type Error = Failed;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<StreamableHttpPostResponse> {
        let has_session = session_id.is_some();
        let request = self.request(Method::POST, &uri, session_id.as_deref(), &headers)?;
        let response = request.header("accept", ACCEPT).json(&message).send().await;
        let response = response.map_err(|error| self.failed(error))?;
        let status = response.status();
        if matches!(status, StatusCode::ACCEPTED | StatusCode::NO_CONTENT) {
            return Ok(StreamableHttpPostResponse::Accepted);
        }
        if status == StatusCode::NOT_FOUND && has_session {
            return Err(StreamableHttpError::SessionExpired);
        }
        let kind = media_type(&response);
        let session = response.header("mcp-session-id").map(str::to_owned);
        if status.is_success() && kind == "text/event-stream" {
            return Ok(StreamableHttpPostResponse::Sse(events::of(response), session));
        }
        let place = response.place();
        let body = response.bytes(events::LONGEST).await.map_err(|error| self.failed(error))?;
        let read = serde_json::from_slice::<ServerJsonRpcMessage>(&body);
        if status.is_success() {
            let wants_answer = matches!(message, JsonRpcMessage::Request(_));
            return match read {
                Ok(answer) if kind == "application/json" => {
                    Ok(StreamableHttpPostResponse::Json(answer, session))
                }
                _ if !wants_answer => Ok(StreamableHttpPostResponse::Accepted),
                _ => Err(self.failed(not_mcp(&place))),
            };
        }
        // An error of the protocol may come with any status; one of the door is told as such.
        let at_the_door = matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        match read {
            Ok(answer @ JsonRpcMessage::Error(_)) if !at_the_door && has_session => {
                Ok(StreamableHttpPostResponse::Json(answer, session))
            }
            _ => Err(self.failed(refused(&place, status, &body))),
        }
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<()> {
        // A session that the server does not let go of ends by itself.
        let request = self.request(Method::DELETE, &uri, Some(&session_id), &headers)?;
        if let Err(error) = request.send().await {
            tracing::debug!(%error, "a session of an MCP server was not ended");
        }
        Ok(())
    }

    async fn get_stream(
        &self,
        uri: Arc<str>,
        session_id: Option<Arc<str>>,
        last_event_id: Option<String>,
        _: Option<String>,
        headers: HashMap<HeaderName, HeaderValue>,
    ) -> Outcome<BoxStream<'static, Result<Sse, SseError>>> {
        let mut request = self.request(Method::GET, &uri, session_id.as_deref(), &headers)?;
        if let Some(id) = last_event_id {
            request = request.header("last-event-id", &id);
        }
        // Many servers have nothing to say of themselves, so a failure here is not one of a call.
        let quiet = || StreamableHttpError::ServerDoesNotSupportSse;
        let response = request.header("accept", "text/event-stream").send().await;
        let response = response.map_err(|_| quiet())?;
        if !response.status().is_success() || media_type(&response) != "text/event-stream" {
            return Err(quiet());
        }
        Ok(events::of(response))
    }
}

/// The media type of an answer, in lower case and without parameters.
pub(crate) fn media_type(response: &Response) -> Cow<'static, str> {
    let kind = response.header("content-type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().into()
}

/// A status of 400 or more, as a person reads it.
pub(crate) fn refused(place: &str, status: StatusCode, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body);
    let json = serde_json::from_str::<serde_json::Value>(&text).ok();
    let told = json.as_ref().and_then(|it| {
        ["/error/message", "/message", "/error_description", "/error"]
            .iter()
            .find_map(|path| it.pointer(path)?.as_str())
    });
    // A page of HTML says nothing to anybody here.
    let told = told.unwrap_or(if text.trim_start().starts_with('<') { "" } else { text.trim() });
    let told: String = told.chars().take(MOST_OF_A_REFUSAL).collect();
    let words = status.canonical_reason().unwrap_or_default();
    let message = if told.is_empty() {
        format!("{words}, says the MCP server {place}")
    } else {
        format!("{words}, says the MCP server {place}: {told}")
    };
    Error::Provider { status: status.as_u16(), message }
}

pub(crate) fn not_mcp(place: &str) -> Error {
    Error::Transport(format!("{place} does not answer as MCP servers do: is the address right?"))
}
