//! Connections to MCP servers, and those that a run keeps open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use flowstone_core::{Error, Result};
use flowstone_providers::HttpClient;
use http::{HeaderName, HeaderValue};
use rmcp::{
    RoleClient,
    model::{
        CallToolRequestParams, ClientCapabilities, ClientConfig, Implementation,
        PaginatedRequestParams,
    },
    service::{ClientInitializeError, RunningService, ServiceError, serve_client},
    transport::{
        Transport,
        streamable_http_client::{
            StreamableHttpClientTransport, StreamableHttpClientTransportConfig,
        },
    },
};
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    Called, HttpServer, Mcp, Settings, Target, ToolInfo, Wire, commands::Ready, http::Client,
    legacy, program::Running, slot::Slot, tools,
};

/// Pages of tools that are read.
const MOST_PAGES: usize = 100;

/// A connection on which server and client have greeted each other. It ends when this is dropped.
pub(crate) struct Session {
    client: RunningService<RoleClient, ClientConfig>,
    slot: Slot,
    place: String,
    /// The program behind it, which ends with it.
    program: Option<Running>,
}

impl Session {
    pub(crate) async fn over_http(http: &Arc<HttpClient>, server: &HttpServer) -> Result<Self> {
        let place = Target::Http(server.clone()).place();
        let newer = match server.wire {
            Wire::Events => None,
            Wire::Either | Wire::Streamable => match streamable(http, server, &place).await {
                Ok(session) => return Ok(session),
                Err(error) if server.wire == Wire::Either && may_be_older(&error) => Some(error),
                Err(error) => return Err(error),
            },
        };
        let slot = Slot::default();
        match legacy::Events::connect(http, server, slot.clone()).await {
            Ok(events) => greet(events, slot, place, None).await,
            Err(error) => Err(newer.unwrap_or(error)),
        }
    }

    pub(crate) async fn over_pipes(
        ready: Ready,
        path: &str,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self> {
        let place = ready.place();
        let (running, pipes) = Running::start(&ready, path, permit)?;
        greet(pipes, Slot::default(), place, Some(running)).await
    }

    pub(crate) fn is_over(&self) -> bool {
        self.client.is_closed() || self.client.is_transport_closed()
    }

    /// All tools, within the limits of the installation.
    pub(crate) async fn tools(&self, settings: &Settings) -> Result<Vec<ToolInfo>> {
        let (mut listed, mut size, mut cursor) = (Vec::new(), 0, None);
        for _ in 0..MOST_PAGES {
            let asked = PaginatedRequestParams::default().with_cursor(cursor);
            let page = self.client.list_tools(Some(asked)).await;
            let page = page.map_err(|error| self.failed(error))?;
            for tool in page.tools {
                let tool = serde_json::to_value(&tool).unwrap_or_default();
                size += tool.to_string().len();
                if size > settings.list {
                    return Err(Error::Transport(format!(
                        "the MCP server {} tells of more tools than the {} bytes that this installation takes",
                        self.place, settings.list
                    )));
                }
                listed.push(ToolInfo::read(&tool, settings.description)?);
            }
            cursor = page.next_cursor.filter(|it| !it.is_empty());
            if cursor.is_none() {
                break;
            }
        }
        Ok(listed)
    }

    pub(crate) async fn call(&self, name: &str, arguments: Map<String, Value>) -> Result<Called> {
        let asked = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        match self.client.call_tool(asked).await {
            Ok(result) => Ok(tools::called(result)),
            // The server refuses the call itself: a model may do better.
            Err(ServiceError::McpError(error)) => Ok(Called::failed(error.message.into_owned())),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Says good-bye and waits until that is done.
    pub(crate) async fn close(self) {
        let Self { client, program, .. } = self;
        if let Err(error) = client.cancel().await {
            tracing::debug!(%error, "a connection to an MCP server did not end well");
        }
        drop(program);
    }

    fn failed(&self, error: ServiceError) -> Error {
        let place = &self.place;
        match (self.slot.take(), error) {
            (Some(kept), _) => kept,
            (None, ServiceError::McpError(error)) => {
                Error::Transport(format!("the MCP server {place} refuses: {}", error.message))
            }
            (None, ServiceError::UnexpectedResponse) => Error::Transport(format!(
                "the MCP server {place} answered something that MCP does not know"
            )),
            (None, error) => {
                tracing::debug!(%error, "a call of an MCP server failed");
                Error::Transport(format!("the connection to the MCP server {place} was lost"))
            }
        }
    }
}

/// Whether a failure may mean that the server knows only the older transport.
fn may_be_older(error: &Error) -> bool {
    match error {
        Error::Provider { status, .. } => {
            (400..500).contains(status) && !matches!(status, 401 | 403 | 407 | 429)
        }
        _ => false,
    }
}

async fn streamable(http: &Arc<HttpClient>, server: &HttpServer, place: &str) -> Result<Session> {
    let slot = Slot::default();
    let mut headers = HashMap::new();
    for (name, value) in &server.headers {
        let (Ok(name), Ok(mut value)) = (HeaderName::try_from(name), HeaderValue::from_str(value))
        else {
            return Err(Error::Transport(format!(
                "the header {name:?} cannot be sent: its name or value holds characters that headers may not have"
            )));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    let client = Client { http: http.clone(), slot: slot.clone() };
    let config =
        StreamableHttpClientTransportConfig::with_uri(server.url.clone()).custom_headers(headers);
    let transport = StreamableHttpClientTransport::with_client(client, config);
    greet(transport, slot, place.to_owned(), None).await
}

async fn greet<T>(
    transport: T,
    slot: Slot,
    place: String,
    program: Option<Running>,
) -> Result<Session>
where
    T: Transport<RoleClient> + 'static,
{
    let us = Implementation::new("flowstone", env!("CARGO_PKG_VERSION"));
    let us = ClientConfig::new(ClientCapabilities::default(), us);
    match serve_client(us, transport).await {
        Ok(client) => Ok(Session { client, slot, place, program }),
        Err(error) => Err(match (slot.take(), program) {
            (Some(kept), _) => kept,
            (None, Some(program)) => program.why_it_ended(&place).await,
            (None, None) => not_greeted(&place, &error),
        }),
    }
}

fn not_greeted(place: &str, error: &ClientInitializeError) -> Error {
    match error {
        ClientInitializeError::JsonRpcError(error) => {
            Error::Transport(format!("the MCP server {place} refuses: {}", error.message))
        }
        other => {
            tracing::debug!(error = %other, "an MCP server did not greet");
            crate::http::not_mcp(place)
        }
    }
}

/// Connections that stay open for the rest of a run, one for each server. They end with the run.
#[derive(Default)]
pub struct Sessions(Mutex<HashMap<Target, Held>>);

type Held = Arc<tokio::sync::Mutex<Option<Arc<Session>>>>;

impl Sessions {
    /// The connection to `target`; opened where there is none, or none any more.
    pub(crate) async fn of(&self, mcp: &Mcp, target: &Target) -> Result<Arc<Session>> {
        let held = self.held(target);
        // Whoever comes meanwhile waits for this one instead of opening another.
        let mut held = held.lock().await;
        if let Some(session) = held.as_ref().filter(|it| !it.is_over()) {
            return Ok(session.clone());
        }
        let session = Arc::new(mcp.open(target).await?);
        *held = Some(session.clone());
        Ok(session)
    }

    /// Drops a connection on which something failed, unless it was replaced already.
    pub(crate) async fn forget(&self, target: &Target, session: &Arc<Session>) {
        let held = self.held(target);
        let mut held = held.lock().await;
        if held.as_ref().is_some_and(|it| Arc::ptr_eq(it, session)) {
            *held = None;
        }
    }

    fn held(&self, target: &Target) -> Held {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.entry(target.clone()).or_default().clone()
    }
}
