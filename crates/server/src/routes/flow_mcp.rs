//! A flow as an MCP server with one tool: its settings, and the endpoint that MCP clients call
//! (streamable HTTP without sessions, revisions 2024-11-05 to 2025-06-18 of the protocol).

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use flowstone_core::Events;
use flowstone_store::{ChatFlow, ChatFlowPatch, WorkspaceScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use subtle::ConstantTimeEq;

use super::flow_view::check_id;
use crate::{
    AppState, Body, Caller, Problem,
    auth::{ClientAddress, presented_key, random_hex},
    openapi::{Doc, doc},
    prediction::{self, Call, ChatType, Question},
    problem::Result,
    route::{Policy, Routes},
    wire::Message,
};

const CONFIGURES: Policy = Policy::Caller(&["chatflows:config", "agentflows:config"]);
const OPEN: Policy = Policy::Anonymous("the token of the flow's MCP server");

/// Revisions of the protocol that are spoken, the newest first.
const REVISIONS: &[&str] = &["2025-06-18", "2025-03-26", "2024-11-05"];
/// Longest name of a tool.
const NAME_LIMIT: usize = 64;
/// Codes of JSON-RPC.
const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const NO_METHOD: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
/// Codes that servers choose.
const REFUSED: i32 = -32000;
const UNAUTHORIZED: i32 = -32001;

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/mcp-server/{id}", CONFIGURES, settings)
        .doc(doc("How a flow serves as an MCP server").gives::<Settings>().problem(404))
        .post("/mcp-server/{id}", CONFIGURES, create)
        .doc(
            doc("Let a flow serve as an MCP server")
                .takes::<Change>()
                .creates::<Settings>()
                .problem(404),
        )
        .put("/mcp-server/{id}", CONFIGURES, update)
        .doc(
            doc("Change how a flow serves as an MCP server")
                .takes::<Change>()
                .gives::<Settings>()
                .problem(404),
        )
        .delete("/mcp-server/{id}", CONFIGURES, disable)
        .doc(doc("Let a flow serve as an MCP server no longer").gives::<Message>().problem(404))
        .post("/mcp-server/{id}/refresh", CONFIGURES, refresh)
        .doc(doc("Give a flow's MCP server a new token").gives::<Settings>().problem(404))
        .post("/mcp/{id}", OPEN, call)
        .doc(Doc::hidden("speaks JSON-RPC, which the MCP specification describes"))
        .get("/mcp/{id}", OPEN, no_stream)
        .doc(Doc::hidden("speaks JSON-RPC, which the MCP specification describes"))
        .options("/mcp/{id}", OPEN, methods)
        .doc(Doc::hidden("speaks JSON-RPC, which the MCP specification describes"))
        .delete("/mcp/{id}", OPEN, no_session)
        .doc(Doc::hidden("speaks JSON-RPC, which the MCP specification describes"))
}

/// How a flow serves as an MCP server.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
#[schemars(rename = "FlowMcpServer")]
struct Settings {
    enabled: bool,
    /// What its clients show.
    token: String,
    /// What its tool is for, for the models that choose it.
    description: String,
    /// What its tool is called.
    tool_name: String,
}

impl Settings {
    fn of(flow: &ChatFlow) -> Self {
        let saved = flow.mcp_server_config.as_deref();
        saved.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default()
    }

    /// As everybody but the flow's owner sees a server that is switched off: not at all.
    fn shown(self) -> Self {
        if self.enabled { self } else { Self::default() }
    }
}

/// What to change in it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Change {
    tool_name: Option<String>,
    description: Option<String>,
    enabled: Option<bool>,
}

impl Change {
    fn apply(self, settings: &mut Settings) -> Result<()> {
        if let Some(name) = self.tool_name {
            let fits = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
            if name.len() > NAME_LIMIT || !name.chars().all(fits) {
                return Err(Problem::bad_request(format!(
                    "toolName: at most {NAME_LIMIT} letters, digits, _ and - are possible"
                )));
            }
            settings.tool_name = name;
        }
        if let Some(description) = self.description {
            settings.description = description;
        }
        if let Some(enabled) = self.enabled {
            settings.enabled = enabled;
        }
        Ok(())
    }
}

async fn flow(state: &AppState, caller: &Caller, id: &str) -> Result<ChatFlow> {
    check_id(id)?;
    let found = state.store.chatflows().get(&caller.scope, id).await;
    found.map_err(|_| Problem::not_found(format!("Chatflow {id} not found")))
}

async fn save(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    settings: &Settings,
) -> Result<()> {
    let text = json!(settings).to_string();
    let patch = ChatFlowPatch { mcp_server_config: Some(Some(text)), ..Default::default() };
    state.store.chatflows().update(scope, id, patch).await?;
    Ok(())
}

async fn settings(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Settings>> {
    Ok(Json(Settings::of(&flow(&state, &caller, &id).await?).shown()))
}

/// A server that exists already stays as it is: making it again is no change.
async fn create(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(change): Body<Change>,
) -> Result<(StatusCode, Json<Settings>)> {
    let mut settings = Settings::of(&flow(&state, &caller, &id).await?);
    if !settings.enabled {
        change.apply(&mut settings)?;
        settings.enabled = true;
        if settings.token.is_empty() {
            settings.token = random_hex();
        }
        save(&state, &caller.scope, &id, &settings).await?;
    }
    Ok((StatusCode::CREATED, Json(settings)))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(change): Body<Change>,
) -> Result<Json<Settings>> {
    let mut settings = Settings::of(&flow(&state, &caller, &id).await?);
    if settings.token.is_empty() {
        return Err(Problem::not_found(format!("MCP server config of {id} not found")));
    }
    change.apply(&mut settings)?;
    save(&state, &caller.scope, &id, &settings).await?;
    Ok(Json(settings))
}

async fn disable(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Message>> {
    let mut settings = Settings::of(&flow(&state, &caller, &id).await?);
    settings.enabled = false;
    save(&state, &caller.scope, &id, &settings).await?;
    Ok(Json(Message { message: "MCP server config disabled" }))
}

async fn refresh(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Settings>> {
    let mut settings = Settings::of(&flow(&state, &caller, &id).await?);
    if settings.token.is_empty() {
        return Err(Problem::not_found(format!("MCP server config of {id} not found")));
    }
    settings.token = random_hex();
    save(&state, &caller.scope, &id, &settings).await?;
    Ok(Json(settings))
}

/// A refusal as MCP clients read it.
fn refusal(status: StatusCode, code: i32, message: &str) -> Response {
    let body = json!({
        "jsonrpc": "2.0",
        "error": { "code": code, "message": message },
        "id": null,
    });
    (status, Json(body)).into_response()
}

async fn no_session() -> Response {
    let said = "Session termination is not supported in stateless mode.";
    refusal(StatusCode::METHOD_NOT_ALLOWED, REFUSED, said)
}

/// The specification lets a server without news of its own refuse so.
async fn no_stream() -> Response {
    let said = "This server answers POST only: it has nothing to tell by itself.";
    refusal(StatusCode::METHOD_NOT_ALLOWED, REFUSED, said)
}

/// The flow behind an endpoint, with what its clients need to know.
struct Served {
    flow: ChatFlow,
    settings: Settings,
}

impl Served {
    fn tool_name(&self) -> String {
        if !self.settings.tool_name.is_empty() {
            return self.settings.tool_name.clone();
        }
        let lower = self.flow.name.to_lowercase();
        let words = lower.split(|it: char| !it.is_ascii_alphanumeric() && it != '-');
        let name = words.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("_");
        let name: String = name.chars().take(NAME_LIMIT).collect();
        if name.is_empty() { "flow".to_owned() } else { name }
    }

    fn tool(&self) -> Value {
        let description = if self.settings.description.is_empty() {
            format!("Ask the flow \"{}\"", self.flow.name)
        } else {
            self.settings.description.clone()
        };
        json!({
            "name": self.tool_name(),
            "description": description,
            "inputSchema": self.schema(),
            "execution": { "taskSupport": "forbidden" },
        })
    }

    fn schema(&self) -> Value {
        let draft = "http://json-schema.org/draft-07/schema#";
        if let Some(form) = form(&self.flow.flow_data) {
            return json!({
                "type": "object",
                "properties": { "form": form },
                "required": ["form"],
                "additionalProperties": false,
                "$schema": draft,
            });
        }
        if self.flow.flow_type.as_deref() == Some("AGENTFLOW") {
            return json!({
                "type": "object",
                "properties": {
                    "question": {
                        "type": "string",
                        "description": "The question or prompt to send to the agent flow",
                    },
                    "form": {
                        "type": "object",
                        "additionalProperties": {},
                        "description": "Form inputs for the agent flow",
                    },
                },
                "additionalProperties": false,
                "$schema": draft,
            });
        }
        json!({
            "type": "object",
            "properties": {
                "question": {
                    "type": "string",
                    "description": "The question or prompt to send to the chatflow",
                },
            },
            "required": ["question"],
            "additionalProperties": false,
            "$schema": draft,
        })
    }
}

/// The schema of the form that a flow begins with; none where it begins otherwise.
fn form(flow_data: &str) -> Option<Value> {
    let flow: Value = serde_json::from_str(flow_data).ok()?;
    let nodes = flow["nodes"].as_array()?;
    let start = nodes.iter().find(|it| it["data"]["name"] == "startAgentflow")?;
    let values = &start["data"]["inputs"];
    if values["startInputType"] != "formInput" {
        return None;
    }
    let mut fields = Map::new();
    for row in values["formInputTypes"].as_array().into_iter().flatten() {
        let Some(name) = row["name"].as_str().filter(|it| !it.is_empty()) else { continue };
        let kind = row["type"].as_str().filter(|it| ["number", "boolean"].contains(it));
        let kind = kind.unwrap_or("string");
        let mut field = json!({ "type": kind });
        if let Some(label) = row["label"].as_str().filter(|it| !it.is_empty()) {
            field["description"] = label.into();
        }
        if row["type"] == "options" {
            let options = row["addOptions"].as_array().into_iter().flatten();
            field["enum"] = options.map(|it| it["option"].clone()).collect();
        }
        fields.insert(name.to_owned(), field);
    }
    Some(json!({
        "type": "object",
        "properties": fields,
        "additionalProperties": false,
        "description": values["formTitle"].as_str().unwrap_or("Form inputs for the agent flow"),
    }))
}

/// The flow, if the caller shows its token; the refusal otherwise.
async fn served(state: &AppState, id: &str, headers: &HeaderMap) -> Result<Served, Response> {
    let Some(token) = presented_key(headers) else {
        return Err(refusal(
            StatusCode::UNAUTHORIZED,
            UNAUTHORIZED,
            "Unauthorized: missing or invalid Authorization header. Use Bearer <token>.",
        ));
    };
    let live = state.flows.get(&state.store, id).await;
    let found = live.map(|it| Served { settings: Settings::of(&it.flow), flow: it.flow.clone() });
    let Ok(served) = found else {
        return Err(refusal(StatusCode::NOT_FOUND, UNAUTHORIZED, "MCP server not found"));
    };
    let wanted = served.settings.token.as_bytes();
    if wanted.is_empty() || !bool::from(wanted.ct_eq(token.as_bytes())) {
        return Err(refusal(StatusCode::UNAUTHORIZED, UNAUTHORIZED, "Unauthorized"));
    }
    if !served.settings.enabled {
        return Err(refusal(StatusCode::NOT_FOUND, UNAUTHORIZED, "MCP server not found"));
    }
    Ok(served)
}

async fn call(
    State(state): State<AppState>,
    Path(id): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let served = match served(&state, &id, &headers).await {
        Ok(served) => served,
        Err(refusal) => return refusal,
    };
    if let Err(problem) = prediction::admit(&state, &id, "mcp", address).await {
        return problem.into_response();
    }
    let Ok(message) = serde_json::from_slice::<Value>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, PARSE_ERROR, "the body is not valid JSON");
    };
    // Clients of the older revisions may send several at once.
    let messages = match message {
        Value::Array(messages) => messages,
        single => vec![single],
    };
    let mut frames = String::new();
    for message in &messages {
        if let Some(answer) = answer(&state, &served, message).await {
            frames.push_str("event: message\ndata: ");
            frames.push_str(&answer.to_string());
            frames.push_str("\n\n");
        }
    }
    if frames.is_empty() {
        // Notifications and answers to us: nothing is said to them.
        return StatusCode::ACCEPTED.into_response();
    }
    let stream = HeaderValue::from_static("text/event-stream");
    ([(header::CONTENT_TYPE, stream)], frames).into_response()
}

/// The answer to one message; none to a notification.
async fn answer(state: &AppState, served: &Served, message: &Value) -> Option<Value> {
    let id = message.get("id").filter(|it| !it.is_null())?.clone();
    let params = &message["params"];
    let result = match message["method"].as_str() {
        Some("initialize") => Ok(initialize(served, params)),
        Some("ping") => Ok(json!({})),
        Some("tools/list") => Ok(json!({ "tools": [served.tool()] })),
        Some("tools/call") => call_tool(state, served, params).await,
        Some(other) => Err((NO_METHOD, format!("Method not found: {other}"))),
        // What has neither a method nor an id is an answer to us, and there is none to wait for.
        None if message.get("result").is_some() || message.get("error").is_some() => return None,
        None => Err((INVALID_REQUEST, "a method is missing".to_owned())),
    };
    Some(match result {
        Ok(result) => json!({ "result": result, "jsonrpc": "2.0", "id": id }),
        Err((code, message)) => {
            json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
        }
    })
}

fn initialize(served: &Served, params: &Value) -> Value {
    let wanted = params["protocolVersion"].as_str().unwrap_or_default();
    let revision = REVISIONS.iter().find(|it| **it == wanted).unwrap_or(&REVISIONS[0]);
    json!({
        "protocolVersion": revision,
        "capabilities": { "tools": { "listChanged": true } },
        "serverInfo": { "name": format!("flowise-{}", served.tool_name()), "version": "1.0.0" },
    })
}

/// Asks the flow. What fails inside of it is the tool's result, for the model to read.
async fn call_tool(
    state: &AppState,
    served: &Served,
    params: &Value,
) -> Result<Value, (i32, String)> {
    let name = params["name"].as_str().unwrap_or_default();
    if name != served.tool_name() {
        return Err((INVALID_PARAMS, format!("Tool {name} not found")));
    }
    let arguments = params["arguments"].as_object();
    let mut fields = Map::new();
    for row in ["question", "form"] {
        if let Some(given) = arguments.and_then(|it| it.get(row)) {
            fields.insert(row.to_owned(), given.clone());
        }
    }
    let live = state.flows.get(&state.store, &served.flow.id).await;
    let live = live.map_err(|it| (INVALID_PARAMS, it.message().to_owned()))?;
    let question = Question::from_fields(&fields);
    let asked = Call::new(live, question, ChatType::Mcp);
    let (text, failed) = match asked.answer(state, Events::silent()).await {
        Ok(exchange) => (exchange.body.to_text(), false),
        Err(problem) => (problem.message().to_owned(), true),
    };
    let mut result = json!({ "content": [{ "type": "text", "text": text }] });
    if failed {
        result["isError"] = true.into();
    }
    Ok(result)
}

/// Which methods there are, whether or not the flow serves.
async fn methods() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, [(header::ALLOW, "OPTIONS, POST")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_told_field_by_field() {
        let flow = |kind: &str| {
            let fields = json!([
                {"type": "string", "label": "Your name", "name": "who"},
                {"type": "number", "label": "", "name": "age"},
                {"type": "options", "label": "Plan", "name": "plan",
                    "addOptions": [{"option": "free"}, {"option": "paid"}]},
                {"type": "boolean", "label": "Sure", "name": ""},
            ]);
            let inputs = json!({"startInputType": kind, "formInputTypes": fields});
            let data = json!({"name": "startAgentflow", "inputs": inputs});
            json!({"nodes": [{"id": "s", "data": data}], "edges": []}).to_string()
        };
        let told = form(&flow("formInput")).unwrap();
        let expected = json!({
            "who": {"type": "string", "description": "Your name"},
            "age": {"type": "number"},
            "plan": {"type": "string", "description": "Plan", "enum": ["free", "paid"]},
        });
        assert_eq!(told["properties"], expected);
        assert_eq!(form(&flow("chatInput")), None);
        assert_eq!(form("no flow"), None);
    }
}
