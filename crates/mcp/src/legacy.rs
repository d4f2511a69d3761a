//! The transport before streamable HTTP: a stream of server-sent events, whose first one says where
//! to post.

use std::sync::Arc;

use flowstone_core::{Error, Result};
use flowstone_providers::{
    HttpClient,
    http::{Request, Retry},
};
use futures::{StreamExt, stream, stream::BoxStream};
use rmcp::{
    RoleClient,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
    transport::Transport,
};
use sse_stream::{Error as SseError, Sse};
use url::Url;

use crate::{
    HttpServer, events,
    http::{PATIENCE, media_type, not_mcp, refused},
    slot::{Failed, Slot},
};

/// How much of a refusal is read, in bytes.
const MOST_OF_A_REFUSAL: usize = 64 * 1024;

/// An open stream and where to post.
pub(crate) struct Events {
    http: Arc<HttpClient>,
    headers: Arc<[(String, String)]>,
    endpoint: Url,
    events: BoxStream<'static, Result<Sse, SseError>>,
    slot: Slot,
}

impl Events {
    /// Opens the stream of `server` and waits until it says where to post.
    pub(crate) async fn connect(
        http: &Arc<HttpClient>,
        server: &HttpServer,
        slot: Slot,
    ) -> Result<Self> {
        let headers: Arc<[(String, String)]> = server.headers.as_slice().into();
        let request = with(http.get(&server.url)?, &headers).header("accept", "text/event-stream");
        let response = request.timeout(Some(PATIENCE)).retry(Retry::Never).send().await?;
        let place = response.place();
        if !response.status().is_success() {
            let status = response.status();
            let body = response.bytes(MOST_OF_A_REFUSAL).await.unwrap_or_default();
            return Err(refused(&place, status, &body));
        }
        if media_type(&response) != "text/event-stream" {
            return Err(not_mcp(&place));
        }
        let asked = response.url().clone();
        let mut events = events::of(response);
        let endpoint = loop {
            let Some(Ok(event)) = events.next().await else { return Err(not_mcp(&place)) };
            if event.event.as_deref() == Some("endpoint") {
                break event.data.unwrap_or_default();
            }
        };
        let endpoint = asked.join(endpoint.trim()).map_err(|_| not_mcp(&place))?;
        if endpoint.origin() != asked.origin() {
            return Err(Error::AddressRefused(format!(
                "the MCP server {place} wants messages to be posted to another server"
            )));
        }
        Ok(Self { http: http.clone(), headers, endpoint, events, slot })
    }
}

fn with<'a>(mut request: Request<'a>, headers: &[(String, String)]) -> Request<'a> {
    for (name, value) in headers {
        request = request.header(name, value);
    }
    request
}

async fn post(
    http: &HttpClient,
    endpoint: &Url,
    headers: &[(String, String)],
    message: &ClientJsonRpcMessage,
) -> Result<()> {
    let request = with(http.post(endpoint.as_str())?, headers).json(message);
    let response = request.timeout(Some(PATIENCE)).retry(Retry::Never).stay().send().await?;
    let (status, place) = (response.status(), response.place());
    if status.is_success() {
        return Ok(());
    }
    let body = response.bytes(MOST_OF_A_REFUSAL).await.unwrap_or_default();
    Err(refused(&place, status, &body))
}

impl Transport<RoleClient> for Events {
    type Error = Failed;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), Failed>> + Send + 'static {
        let (http, headers) = (self.http.clone(), self.headers.clone());
        let (endpoint, slot) = (self.endpoint.clone(), self.slot.clone());
        async move { post(&http, &endpoint, &headers, &message).await.map_err(|error| slot.keep(error)) }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        loop {
            let event = match self.events.next().await? {
                Ok(event) => event,
                Err(error) => {
                    self.slot.keep(Error::Transport(format!(
                        "the stream of the MCP server broke off: {error}"
                    )));
                    return None;
                }
            };
            if event.event.as_deref().is_some_and(|it| it != "message") {
                continue;
            }
            let Some(data) = event.data else { continue };
            match serde_json::from_str(&data) {
                Ok(message) => return Some(message),
                Err(error) => tracing::debug!(%error, "an MCP server sent what is no message"),
            }
        }
    }

    async fn close(&mut self) -> Result<(), Failed> {
        self.events = stream::empty().boxed();
        Ok(())
    }
}
