//! What document stores write to vector stores, and how they are searched.

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use flowstone_core::node::Upserted;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{document_stores::StoreRow, predictions::Asked};
use crate::{
    AppState, Body, Caller, Problem, Query,
    document_store::{
        Chosen, FoundChunks, Saving, Targets, UploadedFile, UpsertedBy, Wish, carry_out, insert,
        query, refresh, remove_vectors, save_targets, store_of, to_its_end,
    },
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
};

const SETS_UP: Policy = Policy::Caller(&["documentStores:upsert-config"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/document-store/upsert/{store}", Policy::Caller(&[]), upsert)
        .doc(
            doc("Load documents and write them to the vector store")
                .details(
                    "By `docId` the settings of a loader that is there are taken, and the store's own \
                     vector store; every part that is sent is laid over them. In a form, objects are \
                     the text of JSON, and files go into the loader's row for them.",
                )
                .takes_form::<UpsertForm>()
                .gives::<Map<String, Value>>()
                .problem(401)
                .problem(503),
        )
        .post("/document-store/refresh/{store}", Policy::Caller(&[]), load_again)
        .doc(
            doc("Load again what loaders loaded, and write it")
                .details("Without `items`, all loaders of the store.")
                .takes::<RefreshForm>()
                .gives::<Vec<Map<String, Value>>>()
                .problem(401)
                .problem(503),
        )
        .post("/document-store/vectorstore/save", SETS_UP, save)
        .doc(
            doc("Keep where a document store writes to")
                .takes::<TargetsForm>()
                .gives::<StoreRow>()
                .problem(404),
        )
        .post("/document-store/vectorstore/update", SETS_UP, update)
        .doc(
            doc("Change the settings of a document store's vector store")
                .takes::<TargetsForm>()
                .gives::<Value>()
                .problem(404),
        )
        .post("/document-store/vectorstore/insert", SETS_UP, write)
        .doc(
            doc("Write the chunks of a document store to its vector store")
                .takes::<TargetsForm>()
                .gives::<Map<String, Value>>()
                .problem(401)
                .problem(404)
                .problem(503),
        )
        .post("/document-store/vectorstore/query", Policy::Caller(&["documentStores:view"]), find)
        .doc(
            doc("Search a document store")
                .takes::<Question>()
                .gives::<FoundChunks>()
                .problem(401)
                .problem(404)
                .problem(503),
        )
        .delete("/document-store/vectorstore/{store}", SETS_UP, remove)
        .doc(
            doc("Remove what a document store wrote to its vector store")
                .query("docId", Kind::Text, "Only what came by this loader.")
                .gives_text()
                .problem(401)
                .problem(503),
        )
}

/// What an upsert may say.
#[derive(JsonSchema)]
#[schemars(rename_all = "camelCase")]
#[expect(dead_code, reason = "only its schema is of use: `Wish` reads it")]
struct UpsertForm {
    /// The loader whose settings are taken.
    doc_id: Option<String>,
    /// Whether that loader is replaced; else there is a new one beside it.
    ///
    /// `true` or `false`, or their text as forms send it.
    replace_existing: Option<Value>,
    loader: Option<Chosen>,
    loader_name: Option<String>,
    splitter: Option<Chosen>,
    embedding: Option<Chosen>,
    vector_store: Option<Chosen>,
    record_manager: Option<Chosen>,
    /// Said of every chunk: an object, or its text as forms send it.
    metadata: Option<Value>,
    /// Whether the documents go into a new store.
    ///
    /// `true` or `false`, or their text as forms send it.
    create_new_doc_store: Option<Value>,
    /// Name and description of the new store.
    doc_store: Option<Map<String, Value>>,
}

async fn upsert(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Asked,
) -> Result<Json<UpsertedBy>> {
    let files = asked.files.into_iter().map(|file| UploadedFile {
        name: file.name,
        mime: file.mime,
        bytes: file.bytes,
    });
    let wish = Wish::parse(&asked.fields, files.collect())?;
    carry_out(&state, &caller.scope, &id, wish).await.map(Json)
}

/// What to load again.
#[derive(Deserialize, JsonSchema)]
struct RefreshForm {
    /// Loaders by their `docId`, each with what changes, as for an upsert.
    items: Option<Vec<Map<String, Value>>>,
}

async fn load_again(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<RefreshForm>,
) -> Result<Json<Vec<UpsertedBy>>> {
    store_of(&state, &caller.scope, &id).await?;
    let items = match form.items {
        Some(items) => {
            Some(items.iter().map(|it| Wish::parse(it, Vec::new())).collect::<Result<Vec<_>>>()?)
        }
        None => None,
    };
    refresh(&state, &caller.scope, &id, items).await.map(Json)
}

/// Where a store writes to.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TargetsForm {
    store_id: Option<String>,
    /// Only the chunks of this loader.
    doc_id: Option<String>,
    embedding_name: Option<String>,
    embedding_config: Option<Map<String, Value>>,
    vector_store_name: Option<String>,
    vector_store_config: Option<Map<String, Value>>,
    record_manager_name: Option<String>,
    record_manager_config: Option<Map<String, Value>>,
}

impl TargetsForm {
    fn store(&self) -> Result<String> {
        let id = self.store_id.clone().filter(|it| !it.is_empty());
        id.ok_or_else(|| Problem::bad_request("storeId: the id of a document store is expected"))
    }

    fn targets(self) -> Targets {
        let chosen = |name: Option<String>, config: Option<Map<String, Value>>| {
            let name = name.filter(|it| !it.is_empty())?;
            Some(Chosen { config: config.unwrap_or_default(), name })
        };
        Targets {
            embedding: chosen(self.embedding_name, self.embedding_config),
            vector_store: chosen(self.vector_store_name, self.vector_store_config),
            record_manager: chosen(self.record_manager_name, self.record_manager_config),
        }
    }
}

async fn save(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<TargetsForm>,
) -> Result<Json<StoreRow>> {
    let id = form.store()?;
    let saved = save_targets(&state, &caller.scope, &id, &form.targets(), Saving::Whole).await?;
    Ok(Json(saved.into()))
}

async fn update(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<TargetsForm>,
) -> Result<Response> {
    let id = form.store()?;
    let targets = Targets { embedding: None, record_manager: None, ..form.targets() };
    if targets.vector_store.is_none() {
        store_of(&state, &caller.scope, &id).await?;
        return Ok(Json(Map::new()).into_response());
    }
    let saved = save_targets(&state, &caller.scope, &id, &targets, Saving::Mentioned).await?;
    Ok(Json(StoreRow::from(saved)).into_response())
}

/// What was written; the rest stands there for clients of the reference.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    #[serde(flatten)]
    upserted: Upserted,
    total_chars: u64,
    total_chunks: u64,
    where_used: [(); 0],
}

async fn write(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<TargetsForm>,
) -> Result<Json<Written>> {
    let id = form.store()?;
    store_of(&state, &caller.scope, &id).await?;
    let loaders = form.doc_id.clone().filter(|it| !it.is_empty()).map(|it| vec![it]);
    let targets = form.targets();
    let (task_state, scope, store) = (state.clone(), caller.scope.clone(), id.clone());
    let work =
        async move { insert(&task_state, &scope, &store, &targets, loaders.as_deref()).await };
    let upserted = to_its_end(&state, &id, work).await?;
    Ok(Json(Written { upserted, total_chars: 0, total_chunks: 0, where_used: [] }))
}

/// A question to a store.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "DocumentStoreQuestion")]
struct Question {
    store_id: Option<String>,
    query: Option<String>,
    /// Laid over the settings of its vector store.
    inputs: Option<Map<String, Value>>,
}

async fn find(
    State(state): State<AppState>,
    caller: Caller,
    Body(asked): Body<Question>,
) -> Result<Json<FoundChunks>> {
    let missing =
        |name: &str, what: &str| Problem::bad_request(format!("{name}: {what} is expected"));
    let id = asked.store_id.ok_or_else(|| missing("storeId", "the id of a document store"))?;
    let text = asked.query.filter(|it| !it.trim().is_empty());
    store_of(&state, &caller.scope, &id).await?;
    let text = text.ok_or_else(|| missing("query", "a question"))?;
    query(&state, &caller.scope, &id, &text, asked.inputs.as_ref()).await.map(Json)
}

async fn remove(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    asked: Query,
) -> Result<Response> {
    let loader = asked.get("docId").map(str::to_owned);
    store_of(&state, &caller.scope, &id).await?;
    let (task_state, scope, store) = (state.clone(), caller.scope.clone(), id.clone());
    let work = async move { remove_vectors(&task_state, &scope, &store, loader.as_deref()).await };
    to_its_end(&state, &id, work).await?;
    // Clients of the reference get no body, but the type of one.
    let mut response = "".into_response();
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    Ok(response)
}
