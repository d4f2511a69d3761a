//! MCP servers that users registered. Their addresses and headers may hold secrets, so neither is
//! ever shown whole.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderName, HeaderValue},
    response::Response,
};
use chrono::Utc;
use flowstone_store::{CustomMcpServer, CustomMcpServerPatch, Error as StoreError, Page};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;
use url::Url;
use uuid::Uuid;

use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::doc,
    ports,
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Affected, Time},
};

/// What stands for a secret. A form that sends it back leaves the secret as it is.
const REDACTED: &str = "************";
const NO_AUTH: &str = "NONE";
const HEADERS: &str = "CUSTOM_HEADERS";
/// Servers on a page, where the caller does not say.
const ON_A_PAGE: u64 = 50;
/// The most a page may hold.
const MOST_ON_A_PAGE: u64 = 500;

const VIEWS: Policy = Policy::Caller(&["tools:view"]);
const UPDATES: Policy = Policy::Caller(&["tools:update", "tools:create"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/custom-mcp-servers", VIEWS, list)
        .doc(doc("List MCP servers").lists::<Value>())
        .post("/custom-mcp-servers", Policy::Caller(&["tools:create"]), create)
        .doc(doc("Register an MCP server").takes::<Value>().gives::<Value>())
        .get("/custom-mcp-servers/{id}", VIEWS, get)
        .doc(doc("Read an MCP server").gives::<Value>())
        .put("/custom-mcp-servers/{id}", UPDATES, update)
        .doc(doc("Change an MCP server").takes::<Value>().gives::<Value>())
        .delete("/custom-mcp-servers/{id}", Policy::Caller(&["tools:delete"]), delete)
        .doc(doc("Delete an MCP server").gives::<Affected>())
        .get("/custom-mcp-servers/{id}/tools", VIEWS, tools)
        .doc(doc("List the tools of an MCP server").gives::<Value>())
        .post("/custom-mcp-servers/{id}/authorize", UPDATES, authorize)
        .doc(doc("Ask an MCP server for its tools").gives::<Value>().problem(400))
}

/// An MCP server without its secrets.
#[derive(Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "McpServer")]
struct ServerRow {
    id: String,
    name: String,
    server_url: String,
    icon_src: Option<String>,
    color: Option<String>,
    auth_type: String,
    tool_count: i32,
    status: String,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    workspace_id: String,
}

impl From<CustomMcpServer> for ServerRow {
    fn from(server: CustomMcpServer) -> Self {
        Self {
            server_url: masked(&server.server_url),
            id: server.id,
            name: server.name,
            icon_src: server.icon_src,
            color: server.color,
            auth_type: server.auth_type,
            tool_count: server.tool_count,
            status: server.status,
            created_date: server.created_date.into(),
            updated_date: server.updated_date.into(),
            workspace_id: server.workspace_id,
        }
    }
}

/// One MCP server with the tools it told of and the names of its headers.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneServer {
    #[serde(flatten)]
    row: ServerRow,
    /// The text of a JSON list.
    tools: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_config: Option<Value>,
}

impl From<CustomMcpServer> for OneServer {
    fn from(mut server: CustomMcpServer) -> Self {
        Self { tools: server.tools.take(), row: server.into(), auth_config: None }
    }
}

/// What a form sends about an MCP server.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct ServerForm {
    name: Option<String>,
    server_url: Option<String>,
    #[serde(default, deserialize_with = "wire::given")]
    icon_src: Option<Option<String>>,
    #[serde(default, deserialize_with = "wire::given")]
    color: Option<Option<String>>,
    auth_type: Option<Value>,
    auth_config: Option<Value>,
}

impl ServerForm {
    /// How the server is called; `route` is part of the sentence that clients know.
    fn auth_type(&self, route: &str) -> Result<Option<String>> {
        let Some(value) = &self.auth_type else { return Ok(None) };
        match value.as_str() {
            Some(known @ (NO_AUTH | HEADERS)) => Ok(Some(known.to_owned())),
            other => {
                let said = other.map_or_else(|| value.to_string(), str::to_owned);
                Err(Problem::bad_request(format!(
                    "Error: customMcpServersController.{route} - invalid authType \"{said}\""
                )))
            }
        }
    }
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let asked = query.page()?;
    let page = asked.map_or_else(
        || Page::new(1, ON_A_PAGE),
        |it| Page::new(it.offset() / it.limit() + 1, it.limit().min(MOST_ON_A_PAGE)),
    );
    let (servers, total) = state.store.mcp_servers().list(&caller.scope, page).await?;
    Ok(wire::list(servers.into_iter().map(ServerRow::from).collect(), total, page))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<ServerForm>,
) -> Result<Json<OneServer>> {
    let auth_type = form.auth_type("createCustomMcpServer")?.unwrap_or_else(|| NO_AUTH.to_owned());
    let name = form.name.filter(|it| !it.trim().is_empty());
    let name = name.ok_or_else(|| Problem::bad_request("name: an MCP server needs a name"))?;
    let address = form.server_url.unwrap_or_default();
    check_address(&address)?;
    let id = Uuid::new_v4().to_string();
    let auth_config = match form.auth_config {
        Some(Value::Object(config)) if auth_type == HEADERS => {
            Some(seal(&state, &id, &checked(config)?)?)
        }
        _ => None,
    };
    let now = Utc::now();
    let server = CustomMcpServer {
        id,
        name,
        server_url: address,
        icon_src: form.icon_src.flatten(),
        color: form.color.flatten(),
        auth_type,
        auth_config,
        tools: None,
        tool_count: 0,
        status: CustomMcpServer::PENDING.to_owned(),
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.mcp_servers().insert(&caller.scope, &server).await?;
    Ok(Json(server.into()))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<OneServer>> {
    let server = find(&state, &caller, &id).await?;
    let auth_config = server.auth_config.as_deref().map(|sealed| redacted(&state, &id, sealed));
    Ok(Json(OneServer { auth_config, ..server.into() }))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<ServerForm>,
) -> Result<Json<OneServer>> {
    let auth_type = form.auth_type("updateCustomMcpServer")?;
    let old = find(&state, &caller, &id).await?;
    if form.name.as_ref().is_some_and(|it| it.trim().is_empty()) {
        return Err(Problem::bad_request("name: an MCP server needs a name"));
    }
    let address = match form
        .server_url
        .filter(|it| !it.is_empty() && *it != masked(&old.server_url))
    {
        Some(text) if text.contains(REDACTED) => {
            return Err(Problem::bad_request(
                "serverUrl: it still holds the stars that stand for what is hidden; send the whole address, or none \
                 to keep the one that is stored",
            ));
        }
        Some(text) => {
            check_address(&text)?;
            Some(text)
        }
        None => None,
    };
    let kind = auth_type.clone().unwrap_or_else(|| old.auth_type.clone());
    let held = opened(&state, &id, old.auth_config.as_deref());
    let auth_config = match form.auth_config {
        _ if kind == NO_AUTH => old.auth_config.is_some().then_some(None),
        Some(Value::Object(config)) => {
            let merged = checked(merged(config, held.clone())?)?;
            let is_new = merged != held || old.auth_config.is_none();
            is_new.then(|| seal(&state, &id, &merged)).transpose()?.map(Some)
        }
        _ => None,
    };
    // What another server would tell, or this one under another name, nobody has seen yet.
    let is_another =
        auth_config.is_some() || address.as_ref().is_some_and(|it| *it != old.server_url);
    let patch = CustomMcpServerPatch {
        tools: is_another.then_some(None),
        tool_count: is_another.then_some(0),
        status: is_another.then(|| CustomMcpServer::PENDING.to_owned()),
        name: form.name,
        server_url: address,
        icon_src: form.icon_src,
        color: form.color,
        auth_type,
        auth_config,
        updated_date: Some(Utc::now()),
    };
    Ok(Json(state.store.mcp_servers().update(&caller.scope, &id, patch).await?.into()))
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    Ok(Affected::rows(state.store.mcp_servers().delete(&caller.scope, &id).await?))
}

async fn tools(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Value>> {
    let server = find(&state, &caller, &id).await?;
    let tools = server.tools.and_then(|it| serde_json::from_str(&it).ok());
    Ok(Json(tools.unwrap_or_else(|| Value::Array(Vec::new()))))
}

/// Asks the server, and keeps what it told or that it could not be asked.
async fn authorize(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<OneServer>> {
    let server = find(&state, &caller, &id).await?;
    let headers = ports::mcp_headers(&state.encryption_key, &server).ok_or_else(|| {
        Problem::bad_request("authConfig: the headers were saved with another key; enter them anew")
    })?;
    let asked = state.outside.mcp_tools(&server.server_url, headers).await;
    let now = find(&state, &caller, &id).await?;
    if (&now.server_url, &now.auth_config) != (&server.server_url, &server.auth_config) {
        return Err(Problem::bad_request(
            "The MCP server was changed while it was asked; authorize it again",
        ));
    }
    let patch = match &asked {
        Ok(tools) => CustomMcpServerPatch {
            tools: Some(Some(Value::from(tools.clone()).to_string())),
            tool_count: Some(i32::try_from(tools.len()).unwrap_or(i32::MAX)),
            status: Some(CustomMcpServer::AUTHORIZED.to_owned()),
            updated_date: Some(Utc::now()),
            ..CustomMcpServerPatch::default()
        },
        Err(_) => CustomMcpServerPatch {
            status: Some(CustomMcpServer::ERROR.to_owned()),
            ..CustomMcpServerPatch::default()
        },
    };
    let kept = state.store.mcp_servers().update(&caller.scope, &id, patch).await?;
    match asked {
        Ok(_) => Ok(Json(kept.into())),
        Err(error) => {
            Err(Problem::bad_request(format!("Failed to connect to Custom MCP server: {error}")))
        }
    }
}

async fn find(state: &AppState, caller: &Caller, id: &str) -> Result<CustomMcpServer> {
    state.store.mcp_servers().get(&caller.scope, id).await.map_err(|error| match error {
        StoreError::NotFound { .. } => {
            Problem::not_found(format!("Custom MCP server {id} not found"))
        }
        other => other.into(),
    })
}

fn check_address(text: &str) -> Result<()> {
    let expected = "serverUrl: an address such as https://mcp.example.com/mcp is expected";
    match Url::parse(text) {
        Ok(address) if matches!(address.scheme(), "http" | "https") && address.has_host() => Ok(()),
        _ => Err(Problem::bad_request(expected)),
    }
}

/// An address without its path, which often holds a token.
pub(crate) fn masked(text: &str) -> String {
    let Ok(address) = Url::parse(text) else { return REDACTED.to_owned() };
    let origin = address.origin().ascii_serialization();
    let plain = address.path() == "/" && address.query().is_none();
    if plain { origin } else { format!("{origin}/{REDACTED}") }
}

/// Headers that can be sent.
fn checked(config: Map<String, Value>) -> Result<Map<String, Value>> {
    for (name, value) in config.get("headers").and_then(Value::as_object).into_iter().flatten() {
        let sendable = HeaderName::try_from(name).is_ok()
            && value.as_str().is_some_and(|it| HeaderValue::from_str(it).is_ok());
        if !sendable {
            return Err(Problem::bad_request(format!(
                "authConfig: the header {name:?} cannot be sent: its name or its value holds characters that headers \
                 may not have, such as a line break"
            )));
        }
    }
    Ok(config)
}

/// The new headers, with the old values where the form sent back the stars that stood for them.
fn merged(mut config: Map<String, Value>, old: Map<String, Value>) -> Result<Map<String, Value>> {
    let Some(headers) = config.get_mut("headers").and_then(Value::as_object_mut) else {
        return Ok(config);
    };
    for (name, value) in headers.iter_mut() {
        let kept = old.get("headers").and_then(|it| it.get(name));
        match (value.as_str(), kept) {
            (Some(REDACTED), Some(kept)) => *value = kept.clone(),
            (Some(text), _) if text.contains(REDACTED) => {
                return Err(Problem::bad_request(format!(
                    "authConfig: the header {name:?} still holds the stars that stand for what is hidden; send its \
                     whole value"
                )));
            }
            _ => {}
        }
    }
    Ok(config)
}

fn seal(state: &AppState, id: &str, config: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string(config).map_err(|error| Problem::internal(&error))?;
    Ok(state.encryption_key.seal(id, &text)?)
}

/// What was sealed; nothing where it cannot be opened any more.
fn opened(state: &AppState, id: &str, sealed: Option<&str>) -> Map<String, Value> {
    let text = sealed.and_then(|it| state.encryption_key.open(id, it).ok());
    text.and_then(|it| serde_json::from_str(&it).ok()).unwrap_or_default()
}

fn redacted(state: &AppState, id: &str, sealed: &str) -> Value {
    let mut config = opened(state, id, Some(sealed));
    if let Some(headers) = config.get_mut("headers").and_then(Value::as_object_mut) {
        headers.values_mut().for_each(|it| *it = REDACTED.into());
    }
    Value::Object(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_what_may_be_a_token() {
        for (address, shown) in [
            ("https://mcp.example.com", "https://mcp.example.com"),
            ("https://mcp.example.com/", "https://mcp.example.com"),
            ("http://127.0.0.1:9/mcp/tok", "http://127.0.0.1:9/************"),
            ("https://user:pass@mcp.example.com/?key=1", "https://mcp.example.com/************"),
            ("no address", "************"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }

    #[test]
    fn stars_keep_a_header_and_half_stars_are_refused() {
        let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
        let old = object(r#"{"headers":{"a":"secret"}}"#);
        let kept = merged(object(r#"{"headers":{"a":"************","b":"new"}}"#), old.clone());
        assert_eq!(kept.unwrap(), object(r#"{"headers":{"a":"secret","b":"new"}}"#));
        assert!(merged(object(r#"{"headers":{"a":"x************"}}"#), old).is_err());
        assert!(checked(object(r#"{"headers":{"a b":"x"}}"#)).is_err());
        assert!(checked(object(r#"{"headers":{"a":"x\ny"}}"#)).is_err());
    }
}
