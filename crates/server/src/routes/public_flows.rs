//! What chat windows on foreign pages ask about a flow.

use axum::{
    Json,
    extract::{Path, State},
};
use flowstone_store::ChatFlow;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    flow_view::{FlowRow, check_id, missing, public_config, public_data},
    uploads::{Uploads, has_provider},
};
use crate::{
    AppState, Caller, Problem,
    openapi::doc,
    problem::Result,
    route::{API, Policy, Routes},
};

/// Areas whose routes with a flow's id foreign pages call.
const EMBEDDED: &[&str] = &[
    "prediction",
    "chatflows-streaming",
    "chatflows-uploads",
    "public-chatflows",
    "public-chatbotConfig",
    "chatmessage",
    "feedback",
    "attachments",
];

pub(super) fn routes() -> Routes {
    let window = Policy::Anonymous("chat windows need it; secrets are taken out");
    Routes::new()
        .get(
            "/public-chatflows/{id}",
            Policy::Anonymous("only public flows, secrets are taken out"),
            public_flow,
        )
        .doc(doc("Read a public flow").gives::<FlowRow>().problem(401))
        .get("/public-chatbotConfig/{id}", window, chatbot_config)
        .doc(doc("Read what a flow's chat window needs").gives::<Map<String, Value>>())
        .get("/chatflows-streaming/{id}", window, streaming)
        .doc(doc("Tell whether a flow can stream its answer").gives::<Streaming>())
        .get("/chatflows-uploads/{id}", window, uploads)
        .doc(doc("Tell which files a flow takes").gives::<Uploads>())
}

/// A public flow, or one of the caller's own workspace.
async fn public_flow(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Option<Caller>,
) -> Result<Json<FlowRow>> {
    let flow = flow_for_anyone(&state, &id).await?;
    let own = caller.is_some_and(|it| it.scope.workspace_id() == flow.workspace_id);
    if !own && flow.is_public != Some(true) {
        return Err(Problem::not_public());
    }
    Ok(Json(FlowRow::public(flow, state.engine.catalog())))
}

/// The settings of a flow's chat window.
async fn chatbot_config(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Map<String, Value>>> {
    let flow = flow_for_anyone(&state, &id).await?;
    let mut config = match public_config(flow.chatbot_config.as_deref().unwrap_or_default()) {
        Value::Object(config) => config,
        _ => Map::new(),
    };
    config.insert(
        "uploads".into(),
        json!(Uploads::of(&flow.flow_data, flow.speech_to_text.as_deref())),
    );
    config.insert("flowData".into(), public_data(&flow.flow_data, state.engine.catalog()).into());
    config.insert("isTTSEnabled".into(), has_provider(flow.text_to_speech.as_deref()).into());
    Ok(Json(config))
}

/// Whether a flow can tell its answer in pieces.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Streaming {
    is_streaming: bool,
}

async fn streaming(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<Streaming>> {
    let live = state.flows.get(&state.store, &id).await?;
    let agents = matches!(live.flow.flow_type.as_deref(), Some("AGENTFLOW" | "MULTIAGENT"));
    let streams = agents || state.engine.plan(live.source()).await.is_ok_and(|plan| plan.streams());
    Ok(Json(Streaming { is_streaming: streams && live.post_processing.is_none() }))
}

async fn uploads(State(state): State<AppState>, Path(id): Path<String>) -> Result<Json<Uploads>> {
    let flow = flow_for_anyone(&state, &id).await?;
    Ok(Json(Uploads::of(&flow.flow_data, flow.speech_to_text.as_deref())))
}

async fn flow_for_anyone(state: &AppState, id: &str) -> Result<ChatFlow> {
    check_id(id)?;
    state.store.chatflows().get_for_anyone(id).await.map_err(|error| missing(error, id))
}

/// Whether the flow that `path` is about lists `origin` among the sites it is embedded in.
pub(crate) async fn flow_allows_origin(state: &AppState, path: &str, origin: &str) -> bool {
    let Some(rest) = path.strip_prefix(API).and_then(|it| it.strip_prefix('/')) else {
        return false;
    };
    let mut parts = rest.split('/');
    if !parts.next().is_some_and(|it| EMBEDDED.contains(&it)) {
        return false;
    }
    let Some(id) = parts.find(|it| Uuid::try_parse(it).is_ok()) else { return false };
    let live = state.flows.get(&state.store, id).await;
    live.is_ok_and(|it| !it.origins.is_empty() && it.allows_origin(origin))
}
