//! The catalog of nodes.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use flowstone_core::{Error, Field, Inputs, Node, Spec, node::Entry};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    AppState, Body, Caller, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    state::Asset,
};

/// Whoever may look at flows or document stores may fill in a node's form.
const FILLS_FORMS: Policy = Policy::Caller(&[
    "chatflows:view",
    "chatflows:create",
    "chatflows:update",
    "chatflows:delete",
    "agentflows:view",
    "agentflows:create",
    "agentflows:update",
    "agentflows:delete",
    "documentStores:view",
    "documentStores:create",
    "documentStores:update",
    "documentStores:add-loader",
]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/nodes", Policy::Caller(&[]), list)
        .doc(doc("List nodes").gives::<Vec<Map<String, Value>>>().gives_status(304))
        .get("/nodes/{name}", Policy::Caller(&[]), one)
        .doc(doc("Read a node's form").gives::<Map<String, Value>>())
        .get("/nodes/category/{name}", Policy::Caller(&[]), category)
        .doc(doc("List the nodes of a category").gives::<Vec<Map<String, Value>>>())
        .get("/node-icon/{name}", Policy::Anonymous("pictures are the same everywhere"), icon)
        .doc(doc("Read a node's picture").gives_file("image/svg+xml"))
        .post("/node-load-method/{name}", FILLS_FORMS, options)
        .doc(
            doc("Fill a drop-down of a node's form")
                .takes::<OptionsAsked>()
                .gives::<Vec<Map<String, Value>>>()
                .problem(401)
                .problem(412),
        )
}

/// A node as clients of the reference know it: two fields more than its spec has.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CatalogNode {
    #[serde(flatten)]
    spec: &'static Spec,
    /// There, if empty, where the node fills some of its lists itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    load_methods: Option<Empty>,
    /// Nodes are built in: none is loaded from a file.
    file_path: &'static str,
}

#[derive(Serialize)]
struct Empty {}

impl CatalogNode {
    /// The entry of `node`.
    pub(super) fn new(node: &'static dyn Node) -> Self {
        let spec = node.spec();
        let fills = spec.inputs.iter().any(fills_a_list);
        Self { spec, load_methods: fills.then_some(Empty {}), file_path: "" }
    }
}

fn fills_a_list(row: &Field) -> bool {
    row.load_method.is_some() || row.array.iter().any(fills_a_list)
}

async fn list(State(state): State<AppState>, headers: HeaderMap) -> Response {
    state.catalogues.nodes.answer(&headers)
}

async fn one(State(state): State<AppState>, Path(name): Path<String>) -> Result<Json<CatalogNode>> {
    Ok(Json(CatalogNode::new(find(&state, &name)?)))
}

async fn category(
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Json<Vec<CatalogNode>> {
    let nodes = state.engine.catalog().all().iter().filter(|it| it.spec().category == name);
    Json(nodes.map(|it| CatalogNode::new(*it)).collect())
}

async fn icon(State(state): State<AppState>, Path(name): Path<String>) -> Result<Response> {
    let file = find(&state, &name)?.spec().icon;
    picture((state.icon)(file))
}

/// Answers with a picture, which browsers may keep for a day.
pub(super) fn picture(asset: Option<Asset>) -> Result<Response> {
    let asset = asset.ok_or_else(|| Problem::not_found("there is no such picture"))?;
    let kind = HeaderValue::from_str(&asset.content_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut response = asset.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
    // A picture opened on its own is a page of this origin: nothing in it may run.
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    Ok(response)
}

/// A half-filled form whose drop-down is to be filled.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OptionsAsked {
    load_method: Option<String>,
    #[serde(default)]
    inputs: Option<Map<String, Value>>,
    credential: Option<String>,
    /// The node whose form is open: `{id, inputs}`.
    current_node: Option<Map<String, Value>>,
    /// The nodes of an agentflow that stand before it: `{id, name, label, inputs}` each.
    previous_nodes: Option<Vec<Value>>,
}

async fn options(
    State(state): State<AppState>,
    Path(name): Path<String>,
    caller: Caller,
    Body(asked): Body<OptionsAsked>,
) -> Result<Json<Vec<Entry>>> {
    let node = find(&state, &name)?;
    let method = asked.load_method.ok_or_else(|| Problem::missing("loadMethod not provided!"))?;
    let mut values = asked.inputs.unwrap_or_default();
    if let Some(nodes) = asked.previous_nodes {
        values.insert("previousNodes".to_owned(), nodes.into());
    }
    let node_id = asked.current_node.as_ref().and_then(|it| it.get("id")?.as_str());
    let node_id = node_id.unwrap_or_default().to_owned();
    if let Some(node) = asked.current_node {
        values.insert("currentNode".to_owned(), node.into());
    }
    let in_form = || values.get("FLOWISE_CREDENTIAL_ID").and_then(Value::as_str).map(str::to_owned);
    let credential_id = asked.credential.filter(|it| !it.is_empty()).or_else(in_form);
    let services = state.engine.services();
    let workspace = caller.scope.workspace_id();
    let credential = match credential_id {
        Some(id) => {
            let revealed = services.credentials.reveal(workspace, &id).await;
            Some(revealed.map_err(Problem::outside)?)
        }
        None => None,
    };
    let inputs = Inputs {
        node_id,
        node_label: node.spec().label.to_owned(),
        workspace: workspace.to_owned(),
        values,
        credential,
        output: node.spec().name.to_owned(),
        ..Inputs::empty(services.clone())
    };
    match node.options(&method, &inputs).await {
        Ok(entries) => Ok(Json(entries)),
        // A list the node does not have is an empty one: a canvas of another version may ask.
        Err(Error::Unsupported(_)) => Ok(Json(Vec::new())),
        Err(error) => Err(error.at(node.spec().label).into()),
    }
}

fn find(state: &AppState, name: &str) -> Result<&'static dyn Node> {
    state
        .engine
        .catalog()
        .get(name)
        .ok_or_else(|| Problem::not_found(format!("Node {name} not found")))
}
