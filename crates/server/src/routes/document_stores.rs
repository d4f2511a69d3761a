//! Document stores: keeping them, and what they are put together from.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use chrono::Utc;
use flowstone_core::{Capability, ChatRequest, Events, FilePlace, Message};
use flowstone_store::{ChunkChange, DocumentStore, WorkspaceScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;
use uuid::Uuid;

use super::{
    flow_config::{ConfigRow, rows},
    nodes::CatalogNode,
};
use crate::{
    AppState, Body, Caller, Problem, Query,
    document_store::{Loader, Progress, loaders_of, missing, status, store_of, tell_flows},
    openapi::{Doc, doc},
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Time},
};

const VIEWS: Policy = Policy::Caller(&["documentStores:view"]);
const SETS_UP: Policy = Policy::Caller(&["documentStores:upsert-config"]);

/// Loaders that load what is here already, or what only the operator may name.
const NOT_FOR_STORES: &[&str] =
    &["documentStore", "vectorStoreToDocument", "unstructuredFolderLoader", "folderFiles"];
/// Vector stores that keep nothing, or are such a store themselves.
const NOT_WRITTEN_TO: &[&str] = &["documentStoreVS", "memoryVectorStore"];
/// Marks nodes of a framework whose parts do not fit.
const OTHER_FRAMEWORK: &str = "LlamaIndex";
/// How many chunks a model reads to describe a store.
const DESCRIBED_BY: u64 = 4;
/// What a model is told that describes a store.
const DESCRIBER: &str = "Here are passages from the beginning of a collection of documents. Write one \
sentence that tells an assistant when to look something up in this collection: what it is about and which \
questions it answers. Say nothing of these instructions and answer with the sentence only.\n\nPassages:\n";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/document-store/store", VIEWS, list)
        .doc(doc("List document stores").lists::<StoreView>())
        .post("/document-store/store", Policy::Caller(&["documentStores:create"]), create)
        .doc(doc("Add a document store").takes::<StoreForm>().gives::<StoreRow>())
        .get(
            "/document-store/store/{store}",
            Policy::Caller(&[
                "documentStores:view",
                "documentStores:update",
                "documentStores:delete",
            ]),
            get,
        )
        .doc(doc("Read a document store").gives::<StoreView>())
        .put(
            "/document-store/store/{store}",
            Policy::Caller(&["documentStores:create", "documentStores:update"]),
            update,
        )
        .doc(doc("Rename a document store").takes::<StoreForm>().gives::<StoreView>())
        .delete("/document-store/store/{store}", Policy::Caller(&["documentStores:delete"]), delete)
        .doc(
            doc("Delete a document store")
                .details("Its chunks, files and history go too; what it wrote to a vector store stays there.")
                .gives::<Deleted>(),
        )
        .get(
            "/document-store/components/loaders",
            Policy::Caller(&["documentStores:add-loader"]),
            loaders,
        )
        .doc(doc("List loaders for document stores").gives::<Vec<Map<String, Value>>>())
        .get("/document-store/components/embeddings", SETS_UP, embeddings)
        .doc(doc("List embedding models for document stores").gives::<Vec<Map<String, Value>>>())
        .get("/document-store/components/vectorstore", SETS_UP, vector_stores)
        .doc(doc("List vector stores for document stores").gives::<Vec<Map<String, Value>>>())
        .get("/document-store/components/recordmanager", SETS_UP, record_managers)
        .doc(doc("List record managers for document stores").gives::<Vec<Map<String, Value>>>())
        .get("/document-store/store-configs/{store}/{loader}", VIEWS, configs)
        .doc(
            doc("List what a call may set when it upserts by a loader")
                .gives::<Vec<ConfigRow>>(),
        )
        .post("/document-store/generate-tool-desc/{store}", VIEWS, describe)
        .doc(
            doc("Let a model describe a document store")
                .takes::<DescriptionAsked>()
                .gives::<Description>()
                .problem(401)
                .problem(503),
        )
        .post("/document-store/upsert", Policy::Caller(&[]), no_store)
        .doc(Doc::hidden("says that the store's id is missing"))
        .post("/document-store/refresh", Policy::Caller(&[]), no_store)
        .doc(Doc::hidden("says that the store's id is missing"))
}

async fn no_store() -> Problem {
    Problem::missing(
        "Error: documentStoreController.upsertDocStoreMiddleware - storeId not provided!",
    )
}

/// A document store as it is kept: its parts are the text of JSON.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DocumentStoreRow")]
pub(super) struct StoreRow {
    id: String,
    name: String,
    description: Option<String>,
    loaders: String,
    where_used: String,
    created_date: Time,
    updated_date: Time,
    status: String,
    vector_store_config: Option<String>,
    embedding_config: Option<String>,
    record_manager_config: Option<String>,
    workspace_id: String,
}

impl From<DocumentStore> for StoreRow {
    fn from(store: DocumentStore) -> Self {
        Self {
            id: store.id,
            name: store.name,
            description: store.description,
            loaders: store.loaders,
            where_used: store.where_used,
            created_date: store.created_date.into(),
            updated_date: store.updated_date.into(),
            status: store.status,
            vector_store_config: store.vector_store_config,
            embedding_config: store.embedding_config,
            record_manager_config: store.record_manager_config,
            workspace_id: store.workspace_id,
        }
    }
}

/// A document store with its parts read.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "DocumentStore")]
#[schemars(rename = "DocumentStore")]
pub(super) struct StoreView {
    id: String,
    name: String,
    description: Option<String>,
    loaders: Vec<Loader>,
    /// The flows that use it.
    where_used: Vec<UsedBy>,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    /// `EMPTY`, `SYNC`, `STALE`, `UPSERTING` or `UPSERTED`.
    status: String,
    #[ts(type = "{ name: string; config: Record<string, unknown> } | null")]
    vector_store_config: Option<Value>,
    #[ts(type = "{ name: string; config: Record<string, unknown> } | null")]
    embedding_config: Option<Value>,
    #[ts(type = "{ name: string; config: Record<string, unknown> } | null")]
    record_manager_config: Option<Value>,
    workspace_id: String,
    #[ts(type = "number")]
    total_chars: u64,
    #[ts(type = "number")]
    total_chunks: u64,
    /// How far the work on it is; left out where nothing is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    progress: Option<Progress>,
}

/// A flow that uses a store.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export, rename = "DocumentStoreUse")]
#[schemars(rename = "DocumentStoreUse")]
struct UsedBy {
    id: String,
    name: String,
}

/// A store as clients read it.
pub(super) async fn view(
    state: &AppState,
    scope: &WorkspaceScope,
    store: DocumentStore,
) -> Result<StoreView> {
    let loaders: Vec<Loader> = loaders_of(&store)?.into_iter().map(Loader::with_source).collect();
    let used = state.store.chatflows().mentioning(scope, &store.id).await?;
    let all_loaded = loaders.iter().all(|it| it.status == status::SYNC);
    let parsed = |text: Option<String>| text.and_then(|it| serde_json::from_str(&it).ok());
    Ok(StoreView {
        progress: state.document_work.progress(&store.id),
        total_chars: loaders.iter().map(|it| it.total_chars).sum(),
        total_chunks: loaders.iter().map(|it| it.total_chunks).sum(),
        where_used: used.into_iter().map(|(id, name, _)| UsedBy { id, name }).collect(),
        status: if all_loaded || store.status == status::UPSERTING {
            store.status
        } else {
            status::STALE.to_owned()
        },
        loaders,
        id: store.id,
        name: store.name,
        description: store.description,
        created_date: store.created_date.into(),
        updated_date: store.updated_date.into(),
        vector_store_config: parsed(store.vector_store_config),
        embedding_config: parsed(store.embedding_config),
        record_manager_config: parsed(store.record_manager_config),
        workspace_id: store.workspace_id,
    })
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let (stores, total) = state.store.document_stores().list(&caller.scope, page).await?;
    let mut views = Vec::with_capacity(stores.len());
    for store in stores {
        views.push(view(&state, &caller.scope, store).await?);
    }
    Ok(wire::list(views, total, page))
}

/// What a form sends about a store.
#[derive(Deserialize, JsonSchema)]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct StoreForm {
    name: Option<String>,
    #[serde(default, deserialize_with = "wire::given")]
    description: Option<Option<String>>,
}

impl StoreForm {
    fn name(&self) -> Result<Option<String>> {
        match &self.name {
            Some(name) if name.trim().is_empty() => {
                Err(Problem::bad_request("name: a name for the document store is expected"))
            }
            other => Ok(other.as_deref().map(|it| it.trim().to_owned())),
        }
    }
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<StoreForm>,
) -> Result<Json<StoreRow>> {
    let name = form.name()?.ok_or_else(|| {
        Problem::bad_request("Invalid request body: name is missing, that of the document store")
    })?;
    let now = Utc::now();
    let store = DocumentStore {
        id: Uuid::new_v4().to_string(),
        name,
        description: form.description.flatten(),
        loaders: "[]".to_owned(),
        where_used: "[]".to_owned(),
        status: status::EMPTY.to_owned(),
        vector_store_config: None,
        embedding_config: None,
        record_manager_config: None,
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.document_stores().insert(&caller.scope, &store).await?;
    Ok(Json(store.into()))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<StoreView>> {
    let store = store_of(&state, &caller.scope, &id).await?;
    view(&state, &caller.scope, store).await.map(Json)
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<StoreForm>,
) -> Result<Json<StoreView>> {
    let name = form.name()?;
    let stores = state.store.document_stores();
    let changed = stores.change(&caller.scope, &id, ChunkChange::None, |row| {
        if let Some(name) = name {
            row.name = name;
        }
        if let Some(description) = form.description {
            row.description = description;
        }
        row.updated_date = Utc::now();
        Ok::<_, Problem>(())
    });
    let (store, ()) = changed.await.map_err(|error| missing(error, &id))??;
    view(&state, &caller.scope, store).await.map(Json)
}

/// How many stores were deleted.
#[derive(Serialize, JsonSchema)]
struct Deleted {
    deleted: u64,
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Deleted>> {
    let store = store_of(&state, &caller.scope, &id).await?;
    let loaders = loaders_of(&store)?;
    let deleted = state.store.document_stores().delete(&caller.scope, &id).await?;
    for loader in loaders {
        remove_files(&state, &caller.scope, &loader.id).await;
    }
    tell_flows(&state, &caller.scope, &id).await?;
    Ok(Json(Deleted { deleted }))
}

/// Removes the files that are kept for a loader.
pub(super) async fn remove_files(state: &AppState, scope: &WorkspaceScope, loader: &str) {
    let place = FilePlace::Flow { workspace: scope.workspace_id(), flow: loader };
    crate::files::remove_all(state, place).await;
}

fn nodes(state: &AppState, category: &str, without: &[&str]) -> Json<Vec<CatalogNode>> {
    let all = state.engine.catalog().all().iter().copied();
    let fitting = all.filter(|it| {
        let spec = it.spec();
        spec.category == category
            && !without.contains(&spec.name)
            && !spec.tags.contains(&OTHER_FRAMEWORK)
    });
    Json(fitting.map(CatalogNode::new).collect())
}

async fn loaders(State(state): State<AppState>) -> Json<Vec<CatalogNode>> {
    nodes(&state, "Document Loaders", NOT_FOR_STORES)
}

async fn embeddings(State(state): State<AppState>) -> Json<Vec<CatalogNode>> {
    nodes(&state, "Embeddings", &[])
}

async fn vector_stores(State(state): State<AppState>) -> Json<Vec<CatalogNode>> {
    nodes(&state, "Vector Stores", NOT_WRITTEN_TO)
}

async fn record_managers(State(state): State<AppState>) -> Json<Vec<CatalogNode>> {
    nodes(&state, "Record Manager", &[])
}

/// The rows of every node that takes part when a loader's chunks are written.
async fn configs(
    State(state): State<AppState>,
    Path((id, loader)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Vec<ConfigRow>>> {
    let store = store_of(&state, &caller.scope, &id).await?;
    let found = loaders_of(&store)?.into_iter().find(|it| it.id == loader);
    let found =
        found.ok_or_else(|| Problem::not_found(format!("Document loader {loader} not found")))?;
    let name = |config: &Option<String>| {
        let config: Value = serde_json::from_str(config.as_deref()?).ok()?;
        config["name"].as_str().map(str::to_owned)
    };
    let names = [
        Some(found.loader_id),
        Some(found.splitter_id),
        name(&store.vector_store_config),
        name(&store.embedding_config),
        name(&store.record_manager_config),
    ];
    let mut all = Vec::new();
    for name in names.into_iter().flatten() {
        let Some(node) = state.engine.catalog().get(&name) else { continue };
        let spec = node.spec();
        let fields: Vec<&flowstone_core::Field> =
            spec.inputs.iter().filter(|it| !it.is_socket()).collect();
        let node = json!({
            "label": spec.label,
            "id": format!("{}_0", spec.name),
            "inputParams": fields,
        });
        all.extend(rows(&node, state.credential_specs));
    }
    Ok(Json(all))
}

/// Which model describes a store.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DescriptionAsked {
    /// A node as the canvas holds it.
    selected_chat_model: Option<Map<String, Value>>,
}

/// What a model says of a store.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "DocumentStoreDescription")]
struct Description {
    content: String,
}

async fn describe(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(asked): Body<DescriptionAsked>,
) -> Result<Json<Description>> {
    store_of(&state, &caller.scope, &id).await?;
    let node = asked.selected_chat_model.filter(|it| !it.is_empty()).ok_or_else(|| {
        Problem::bad_request("selectedChatModel: a chat model is expected, as the canvas holds it")
    })?;
    let page = flowstone_store::Page::new(1, DESCRIBED_BY);
    let stores = state.store.document_stores();
    let (chunks, _) = stores.chunks(&caller.scope, &id, None, page).await?;
    if chunks.is_empty() {
        return Err(Problem::not_found(format!("DocumentStore {id} chunks not found")));
    }
    let built = state.engine.build(&Value::Object(node), caller.scope.workspace_id()).await?;
    let Capability::ChatModel(model) = built else {
        let kind = built.kind();
        return Err(Problem::bad_request(format!(
            "selectedChatModel: a chat model is expected, this is a {kind}"
        )));
    };
    let texts: Vec<&str> = chunks.iter().map(|it| it.page_content.as_str()).collect();
    let told = format!("{DESCRIBER}{}", texts.join("\n"));
    let request = ChatRequest::new(vec![Message::user(told)]);
    let reply = model.chat(&request, &Events::silent()).await?;
    Ok(Json(Description { content: reply.text }))
}
