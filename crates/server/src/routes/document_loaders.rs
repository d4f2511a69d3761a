//! The loaders of document stores and the chunks they make.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use flowstone_core::Document;
use flowstone_store::{Chunk, ChunkChange, DocumentStore, Page, WorkspaceScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;
use uuid::Uuid;

use super::document_stores::{StoreView, remove_files, view};
use crate::{
    AppState, Body, Caller, Problem,
    document_store::{
        Loader, Loading, length, loaders_of, missing, no_loader, preview, process, save, status,
        store_of, tell_flows, to_its_end, write_loaders,
    },
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

const LOADS: Policy = Policy::Caller(&["documentStores:preview-process"]);
/// How many chunks a page holds.
const PAGE: u64 = 50;
/// Stands for all loaders of a store.
const ALL: &str = "all";

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/document-store/loader/preview", LOADS, look)
        .doc(
            doc("See the chunks that a loader would make")
                .takes::<LoaderForm>()
                .gives::<Preview>()
                .problem(401)
                .problem(404)
                .problem(503),
        )
        .post("/document-store/loader/save", LOADS, keep)
        .doc(doc("Keep a loader").takes::<LoaderForm>().gives::<Loader>().problem(404))
        .post("/document-store/loader/process/{loader}", LOADS, load)
        .doc(
            doc("Make the chunks of a loader")
                .takes::<LoaderForm>()
                .gives::<Chunks>()
                .problem(401)
                .problem(503),
        )
        .delete(
            "/document-store/loader/{store}/{loader}",
            Policy::Caller(&["documentStores:delete-loader"]),
            delete,
        )
        .doc(
            doc("Delete a loader")
                .details(
                    "Its chunks and files go too; what it wrote to a vector store stays there.",
                )
                .gives::<StoreView>(),
        )
        .get(
            "/document-store/chunks/{store}/{loader}/{chunk}",
            Policy::Caller(&["documentStores:view"]),
            list,
        )
        .doc(
            doc("List the chunks of a loader, 50 on a page")
                .details("`all` stands for all loaders of the store.")
                .gives::<Chunks>(),
        )
        .post(
            "/document-store/chunks/{store}/{loader}",
            Policy::Caller(&["documentStores:update"]),
            add,
        )
        .doc(
            doc("Add a chunk to those of a loader")
                .details("It comes last, and goes when the loader is processed again.")
                .takes::<ChunkForm>()
                .gives::<Chunks>(),
        )
        .put(
            "/document-store/chunks/{store}/{loader}/{chunk}",
            Policy::Caller(&["documentStores:update"]),
            edit,
        )
        .doc(doc("Change a chunk").takes::<ChunkForm>().gives::<Chunks>())
        .delete(
            "/document-store/chunks/{store}/{loader}/{chunk}",
            Policy::Caller(&["documentStores:update", "documentStores:delete"]),
            remove,
        )
        .doc(doc("Delete a chunk").gives::<Chunks>())
}

/// A loader with its settings; what is left out is as it was saved.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoaderForm {
    /// Id of the store.
    store_id: Option<String>,
    /// Id of a loader that is there.
    id: Option<String>,
    loader_id: Option<String>,
    loader_name: Option<String>,
    loader_config: Option<Map<String, Value>>,
    splitter_id: Option<String>,
    splitter_name: Option<String>,
    #[serde(default, deserialize_with = "given_map")]
    splitter_config: Option<Map<String, Value>>,
    credential: Option<String>,
    /// How many chunks a preview shows; -1 for all, 20 where it is left out.
    preview_chunk_count: Option<i64>,
    /// Whether crawlers read a few pages only.
    preview: Option<bool>,
}

fn given_map<'de, D: serde::Deserializer<'de>>(
    from: D,
) -> Result<Option<Map<String, Value>>, D::Error> {
    crate::wire::map_or_nothing(from).map(Some)
}

impl LoaderForm {
    fn store(&self) -> Result<&str> {
        let id = self.store_id.as_deref().filter(|it| !it.is_empty());
        id.ok_or_else(|| Problem::bad_request("storeId: the id of a document store is expected"))
    }

    fn loading(&self) -> Loading {
        Loading {
            id: self.id.clone().filter(|it| !it.is_empty()),
            loader_id: self.loader_id.clone(),
            loader_name: self.loader_name.clone(),
            loader_config: self.loader_config.clone(),
            splitter_id: self.splitter_id.clone(),
            splitter_name: self.splitter_name.clone(),
            splitter_config: self.splitter_config.clone(),
            credential: self.credential.clone(),
        }
    }
}

/// The first chunks of a loader, and how many there are.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Preview {
    #[schemars(with = "Vec<Map<String, Value>>")]
    chunks: Vec<Document>,
    total_chunks: usize,
    preview_chunk_count: usize,
}

async fn look(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<LoaderForm>,
) -> Result<Json<Preview>> {
    let store = match form.store_id.as_deref().filter(|it| !it.is_empty()) {
        Some(id) => Some(store_of(&state, &caller.scope, id).await?),
        None => None,
    };
    let is_short = form.preview.unwrap_or(false);
    let made = preview(&state, &caller.scope, store.as_ref(), &form.loading(), is_short).await;
    let mut chunks = made?;
    let total_chunks = chunks.len();
    let wanted = match form.preview_chunk_count {
        None => 20,
        Some(count) => usize::try_from(count).unwrap_or(total_chunks),
    };
    chunks.truncate(wanted);
    Ok(Json(Preview { preview_chunk_count: chunks.len(), chunks, total_chunks }))
}

async fn keep(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<LoaderForm>,
) -> Result<Json<Loader>> {
    save(&state, &caller.scope, form.store()?, &form.loading()).await.map(Json)
}

async fn load(
    State(state): State<AppState>,
    Path(loader): Path<String>,
    caller: Caller,
    Body(form): Body<LoaderForm>,
) -> Result<Json<Chunks>> {
    let store = form.store()?.to_owned();
    store_of(&state, &caller.scope, &store).await?;
    let (task_state, scope) = (state.clone(), caller.scope.clone());
    let (id, loading, in_store) = (loader.clone(), form.loading(), store.clone());
    let work = async move { process(&task_state, &scope, &in_store, &id, &loading).await };
    to_its_end(&state, &store, work).await?;
    chunks(&state, &caller.scope, &store, &loader, 1).await.map(Json)
}

async fn delete(
    State(state): State<AppState>,
    Path((id, loader)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<StoreView>> {
    let stores = state.store.document_stores();
    let gone = ChunkChange::Replace { loader: &loader, chunks: &[] };
    let changed = stores.change(&caller.scope, &id, gone, |row| {
        let mut loaders = loaders_of(row)?;
        let before = loaders.len();
        loaders.retain(|it| it.id != loader);
        if loaders.len() == before {
            let said = format!("Unable to locate loader in Document Store {}", row.name);
            return Err(no_loader(said));
        }
        write_loaders(row, &loaders);
        row.updated_date = Utc::now();
        Ok(())
    });
    let (store, ()) = changed.await.map_err(|error| missing(error, &id))??;
    remove_files(&state, &caller.scope, &loader).await;
    tell_flows(&state, &caller.scope, &id).await?;
    view(&state, &caller.scope, store).await.map(Json)
}

/// A chunk; `metadata` is the text of JSON.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "DocumentChunk")]
#[schemars(rename = "DocumentChunk")]
struct ChunkRow {
    id: String,
    doc_id: String,
    store_id: String,
    chunk_no: i32,
    page_content: String,
    metadata: Option<String>,
}

impl From<Chunk> for ChunkRow {
    fn from(chunk: Chunk) -> Self {
        Self {
            id: chunk.id,
            doc_id: chunk.loader_id,
            store_id: chunk.store_id,
            chunk_no: chunk.number,
            page_content: chunk.page_content,
            metadata: chunk.metadata,
        }
    }
}

/// A page of chunks with what they belong to.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "DocumentChunks")]
#[schemars(rename = "DocumentChunks")]
struct Chunks {
    chunks: Vec<ChunkRow>,
    /// How many there are on all pages.
    #[ts(type = "number")]
    count: u64,
    /// The loader; left out for all loaders. Its status is the store's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    file: Option<Loader>,
    #[ts(type = "number")]
    current_page: u64,
    store_name: String,
    description: Option<String>,
    workspace_id: String,
    /// The loader, or `all`.
    doc_id: String,
    /// How many characters all chunks of the store hold.
    #[ts(type = "number")]
    characters: u64,
}

async fn chunks(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    loader: &str,
    page: u64,
) -> Result<Chunks> {
    let store = store_of(state, scope, id).await?;
    let loaders = loaders_of(&store)?;
    let characters = loaders.iter().map(|it| it.total_chars).sum();
    let file = if loader == ALL {
        None
    } else {
        let found = loaders.into_iter().find(|it| it.id == loader);
        Some(found.ok_or_else(|| Problem::not_found(format!("Document file {loader} not found")))?)
    };
    let only = file.as_ref().map(|it| it.id.as_str());
    let stores = state.store.document_stores();
    let (chunks, count) = stores.chunks(scope, id, only, Page::new(page, PAGE)).await?;
    Ok(Chunks {
        chunks: chunks.into_iter().map(ChunkRow::from).collect(),
        count,
        file: file.map(|it| Loader { status: store.status.clone(), ..it }),
        current_page: page,
        store_name: store.name,
        description: store.description,
        workspace_id: store.workspace_id,
        doc_id: loader.to_owned(),
        characters,
    })
}

async fn list(
    State(state): State<AppState>,
    Path((id, loader, page)): Path<(String, String, String)>,
    caller: Caller,
) -> Result<Json<Chunks>> {
    store_of(&state, &caller.scope, &id).await?;
    let number = page.parse().ok().filter(|it| *it > 0);
    let number = number.ok_or_else(|| {
        Problem::bad_request("the number of a page is expected at the end of the address, from 1")
    })?;
    chunks(&state, &caller.scope, &id, &loader, number).await.map(Json)
}

/// What a chunk is to hold.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChunkForm {
    page_content: Option<String>,
    metadata: Option<Map<String, Value>>,
}

/// What is wrong with a chunk that holds nothing.
fn no_text(instead: &str) -> Problem {
    Problem::bad_request(format!("pageContent: a text is expected{instead}"))
}

async fn add(
    State(state): State<AppState>,
    Path((id, loader)): Path<(String, String)>,
    caller: Caller,
    Body(form): Body<ChunkForm>,
) -> Result<Json<Chunks>> {
    has_loader(&state, &caller.scope, &id, &loader).await?;
    let text = form.page_content.unwrap_or_default().replace('\0', "");
    if text.trim().is_empty() {
        return Err(no_text(""));
    }
    // Chunks are deleted too, so the last number may be higher than there are chunks.
    let last = state.store.document_stores().last_number(&caller.scope, &id, &loader).await?;
    let new = Chunk {
        id: Uuid::new_v4().to_string(),
        loader_id: loader.clone(),
        store_id: id.clone(),
        number: last.saturating_add(1),
        page_content: text,
        metadata: serde_json::to_string(&form.metadata.unwrap_or_default()).ok(),
    };
    let change = ChunkChange::Add(&new);
    changed(&state, &caller.scope, (&id, &loader), change, 1, size(&new)).await
}

async fn edit(
    State(state): State<AppState>,
    Path((id, loader, chunk)): Path<(String, String, String)>,
    caller: Caller,
    Body(form): Body<ChunkForm>,
) -> Result<Json<Chunks>> {
    let old = chunk_of(&state, &caller.scope, &id, &loader, &chunk).await?;
    let mut new = old.clone();
    if let Some(text) = form.page_content {
        if text.trim().is_empty() {
            return Err(no_text("; delete the chunk to be rid of it"));
        }
        new.page_content = text.replace('\0', "");
    }
    if let Some(metadata) = form.metadata {
        new.metadata = serde_json::to_string(&metadata).ok();
    }
    let change = ChunkChange::Update(&new);
    changed(&state, &caller.scope, (&id, &loader), change, 0, size(&new) - size(&old)).await
}

async fn remove(
    State(state): State<AppState>,
    Path((id, loader, chunk)): Path<(String, String, String)>,
    caller: Caller,
) -> Result<Json<Chunks>> {
    let old = chunk_of(&state, &caller.scope, &id, &loader, &chunk).await?;
    let change = ChunkChange::Delete(&old.id);
    changed(&state, &caller.scope, (&id, &loader), change, -1, -size(&old)).await
}

async fn chunk_of(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    loader: &str,
    chunk: &str,
) -> Result<Chunk> {
    has_loader(state, scope, id, loader).await?;
    let found = state.store.document_stores().chunk(scope, id, loader, chunk).await;
    found.map_err(|error| missing(error, id))
}

/// That a store has a loader.
async fn has_loader(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    loader: &str,
) -> Result<()> {
    let store = store_of(state, scope, id).await?;
    if loaders_of(&store)?.iter().any(|it| it.id == loader) {
        return Ok(());
    }
    Err(Problem::not_found(format!("Document store loader {loader} not found")))
}

fn size(chunk: &Chunk) -> i64 {
    i64::try_from(length(&chunk.page_content)).unwrap_or(i64::MAX)
}

/// Changes a chunk and the numbers of its loader, and shows the first page.
async fn changed(
    state: &AppState,
    scope: &WorkspaceScope,
    (id, loader): (&str, &str),
    change: ChunkChange<'_>,
    more_chunks: i64,
    more_chars: i64,
) -> Result<Json<Chunks>> {
    let stores = state.store.document_stores();
    let done = stores.change(scope, id, change, |row: &mut DocumentStore| {
        let mut loaders = loaders_of(row)?;
        if let Some(loader) = loaders.iter_mut().find(|it| it.id == loader) {
            loader.total_chunks = loader.total_chunks.saturating_add_signed(more_chunks);
            loader.total_chars = loader.total_chars.saturating_add_signed(more_chars);
        }
        write_loaders(row, &loaders);
        if row.status == status::UPSERTED {
            // The vector store holds the chunk as it was.
            status::STALE.clone_into(&mut row.status);
        }
        row.updated_date = Utc::now();
        Ok::<_, Problem>(())
    });
    done.await.map_err(|error| missing(error, id))??;
    tell_flows(state, scope, id).await?;
    chunks(state, scope, id, loader, 1).await.map(Json)
}
