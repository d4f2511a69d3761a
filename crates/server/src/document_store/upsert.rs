//! Writing the chunks of a store to its vector store, searching it, and removing what was written.

use std::{collections::HashMap, sync::Arc};

use chrono::Utc;
use flowstone_core::{
    Capability, Document, VectorStore,
    node::{Removal, Upserted},
};
use flowstone_engine::Part;
use flowstone_store::{Chunk, ChunkChange, DocumentStore, WorkspaceScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Progress, history, load, missing, status, store_of, tell_flows};
use crate::{AppState, Problem, problem::Result};

/// A node with its form.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Chosen {
    /// The form.
    #[serde(default)]
    pub(crate) config: Map<String, Value>,
    /// The node's name.
    #[serde(default)]
    pub(crate) name: String,
}

impl Chosen {
    /// Reads what a store keeps.
    pub(super) fn parse(text: Option<&str>) -> Option<Self> {
        let chosen: Self = serde_json::from_str(text?).ok()?;
        (!chosen.name.is_empty()).then_some(chosen)
    }

    fn kept(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }
}

/// Where chunks are written to, and with what.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Targets {
    pub(crate) embedding: Option<Chosen>,
    pub(crate) vector_store: Option<Chosen>,
    pub(crate) record_manager: Option<Chosen>,
}

impl Targets {
    /// What a store keeps.
    pub(super) fn of(store: &DocumentStore) -> Self {
        Self {
            embedding: Chosen::parse(store.embedding_config.as_deref()),
            vector_store: Chosen::parse(store.vector_store_config.as_deref()),
            record_manager: Chosen::parse(store.record_manager_config.as_deref()),
        }
    }

    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What becomes of what a store keeps and a change does not mention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saving {
    /// It is emptied.
    Whole,
    /// It stays.
    Mentioned,
}

/// Keeps where a store writes to.
pub(crate) async fn save_targets(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    targets: &Targets,
    saving: Saving,
) -> Result<DocumentStore> {
    let keep = |new: &Option<Chosen>, old: &mut Option<String>| match new {
        Some(new) => *old = new.kept(),
        None if saving == Saving::Whole => *old = None,
        None => {}
    };
    let store = write(state, scope, id, |row| {
        keep(&targets.embedding, &mut row.embedding_config);
        keep(&targets.vector_store, &mut row.vector_store_config);
        keep(&targets.record_manager, &mut row.record_manager_config);
        if row.status != status::UPSERTED && !targets.is_empty() {
            status::SYNC.clone_into(&mut row.status);
        }
    });
    let store = store.await?;
    tell_flows(state, scope, id).await?;
    Ok(store)
}

async fn write(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    change: impl FnOnce(&mut DocumentStore) + Send,
) -> Result<DocumentStore> {
    let stores = state.store.document_stores();
    let changed = stores.change(scope, id, ChunkChange::None, |row| {
        change(row);
        row.updated_date = Utc::now();
        Ok::<_, Problem>(())
    });
    Ok(changed.await.map_err(|error| missing(error, id))??.0)
}

/// Writes the chunks of a store, or of some of its loaders, to its vector store.
///
/// # Errors
/// What went wrong; the loaders tell it too, until they are written.
pub(crate) async fn insert(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    targets: &Targets,
    loaders: Option<&[String]>,
) -> Result<Upserted> {
    let row = save_targets(state, scope, id, targets, Saving::Mentioned).await?;
    let before = row.status.clone();
    let targets = Targets::of(&row);
    write(state, scope, id, |row| status::UPSERTING.clone_into(&mut row.status)).await?;
    let total = loaders.map_or(1, <[String]>::len);
    let loader = loaders.and_then(<[String]>::first).cloned().unwrap_or_default();
    state.document_work.tell(id, Progress { stage: "writing", loader, done: 0, total });
    let written = write_chunks(state, scope, id, &targets, loaders).await;
    let (standing, said) = match &written {
        Ok(_) => (status::UPSERTED, None),
        // What was written before is still there.
        Err(problem) if before == status::UPSERTED => (status::STALE, Some(problem.message())),
        Err(problem) => (before.as_str(), Some(problem.message())),
    };
    let concerned = |it: &str| loaders.is_none_or(|all| all.iter().any(|one| one == it));
    let stores = state.store.document_stores();
    let settled = stores.change(scope, id, ChunkChange::None, |row| {
        let mut all = super::loaders_of(row)?;
        for loader in all.iter_mut().filter(|it| concerned(&it.id)) {
            if said.is_some() || loader.status == status::SYNC {
                loader.error = said.map(str::to_owned);
            }
        }
        super::write_loaders(row, &all);
        standing.clone_into(&mut row.status);
        row.updated_date = Utc::now();
        Ok::<_, Problem>(())
    });
    settled.await.map_err(|error| missing(error, id))??;
    let upserted = written?;
    history::remember(state, scope, id, &targets, &upserted).await?;
    metrics::counter!("vector_upserted", "status" => "success").increment(1);
    tell_flows(state, scope, id).await?;
    Ok(upserted)
}

async fn write_chunks(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    targets: &Targets,
    loaders: Option<&[String]>,
) -> Result<Upserted> {
    let mut documents = Vec::new();
    let stores = state.store.document_stores();
    match loaders {
        None => documents.extend(stores.chunks(scope, id, None, None).await?.0),
        Some(loaders) => {
            for loader in loaders {
                documents.extend(stores.chunks(scope, id, Some(loader), None).await?.0);
            }
        }
    }
    let documents: Vec<Document> = documents.into_iter().map(document).collect();
    let store = target(targets.vector_store.as_ref(), "Vector store not configured")?;
    let mut plugged = plugged(state, scope, id, targets).await?;
    plugged.insert("document".to_owned(), vec![Capability::Documents(Arc::new(documents))]);
    Ok(state.engine.upsert_part(part(scope, id, store, plugged, "retriever")).await?)
}

/// A chunk as vector stores take it: it says which loader it came by.
fn document(chunk: Chunk) -> Document {
    let metadata = chunk.metadata.as_deref().and_then(|it| serde_json::from_str(it).ok());
    let mut metadata: Map<String, Value> = metadata.unwrap_or_default();
    metadata.insert("docId".to_owned(), chunk.loader_id.into());
    Document { page_content: chunk.page_content, metadata, id: None }
}

/// Removes what the record manager knows of a store, or of one of its loaders.
pub(crate) async fn remove_vectors(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    loader: Option<&str>,
) -> Result<()> {
    let row = store_of(state, scope, id).await?;
    let targets = Targets::of(&row);
    let not_found = |what: &str| format!("{what} Document store {id} not found");
    target(targets.embedding.as_ref(), &not_found("Embedding for"))?;
    let store = target(targets.vector_store.as_ref(), &not_found("Vector Store for"))?;
    let needed = format!(
        "Record Manager for Document Store {id} is needed to delete data from Vector Store"
    );
    target(targets.record_manager.as_ref(), &needed)?;
    let plugged = plugged(state, scope, id, &targets).await?;
    let which = loader.map_or(Removal::All, |it| Removal::Loader(it.to_owned()));
    state.engine.remove_part(part(scope, id, store, plugged, "retriever"), &which).await?;
    tell_flows(state, scope, id).await
}

/// A passage that was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundChunk {
    page_content: String,
    metadata: Map<String, Value>,
    /// Id of the chunk; of one that the store has no more, made up.
    id: String,
    /// Its number; -1 for one that the store has no more.
    chunk_no: i32,
    /// How near it is, as the vector store counts.
    score: f32,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundChunks {
    /// How long it took, in milliseconds.
    time_taken: u64,
    docs: Vec<FoundChunk>,
}

/// Searches a store. `inputs` are laid over the form of its vector store.
pub(crate) async fn query(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    question: &str,
    inputs: Option<&Map<String, Value>>,
) -> Result<FoundChunks> {
    let row = store_of(state, scope, id).await?;
    let mut targets = Targets::of(&row);
    target(targets.embedding.as_ref(), &format!("Embedding for {id} is not configured"))?;
    target(targets.vector_store.as_ref(), &format!("Vector Store for {id} is not configured"))?;
    if let (Some(store), Some(inputs)) = (&mut targets.vector_store, inputs) {
        store.config.extend(inputs.clone());
    }
    let store = vector_store(state, scope, id, &targets).await?;
    let started = std::time::Instant::now();
    let found = store.search(question, store.top_k()).await?;
    let time_taken = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let texts: Vec<&str> = found.iter().map(|it| it.0.page_content.as_str()).collect();
    let known = state.store.document_stores().chunks_with_texts(scope, id, &texts).await?;
    let docs = found.into_iter().map(|(document, score)| {
        let loader = document.metadata.get("docId").and_then(Value::as_str);
        let mut same = known.iter().filter(|it| it.page_content == document.page_content);
        let exact = same.clone().find(|it| Some(it.loader_id.as_str()) == loader);
        let chunk = exact.or_else(|| same.next());
        FoundChunk {
            id: chunk.map_or_else(|| uuid::Uuid::new_v4().to_string(), |it| it.id.clone()),
            chunk_no: chunk.map_or(-1, |it| it.number),
            page_content: document.page_content,
            metadata: document.metadata,
            score,
        }
    });
    Ok(FoundChunks { time_taken, docs: docs.collect() })
}

/// The vector store of a store, ready to be searched.
pub(super) async fn vector_store(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    targets: &Targets,
) -> Result<Arc<dyn VectorStore>> {
    let chosen = target(targets.vector_store.as_ref(), "Vector store not configured")?;
    // Searching needs no records.
    let targets = Targets { record_manager: None, ..targets.clone() };
    let plugged = plugged(state, scope, id, &targets).await?;
    match state.engine.build_part(part(scope, id, chosen, plugged, "vectorStore")).await? {
        Capability::VectorStore(store) => Ok(store),
        other => Err(Problem::bad_request(format!(
            "{} cannot be searched: it hands on a {}",
            chosen.name,
            other.kind()
        ))),
    }
}

fn target<'a>(chosen: Option<&'a Chosen>, otherwise: &str) -> Result<&'a Chosen> {
    chosen.ok_or_else(|| Problem::bad_request(otherwise))
}

fn part<'a>(
    scope: &'a WorkspaceScope,
    id: &'a str,
    chosen: &'a Chosen,
    plugged: HashMap<String, Vec<Capability>>,
    output: &'a str,
) -> Part<'a> {
    Part {
        name: &chosen.name,
        values: &chosen.config,
        output,
        plugged,
        workspace: scope.workspace_id(),
        home: id,
    }
}

/// What is plugged into a vector store: what makes vectors, and what keeps records.
async fn plugged(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    targets: &Targets,
) -> Result<HashMap<String, Vec<Capability>>> {
    let mut plugged = HashMap::new();
    let embedding = target(targets.embedding.as_ref(), "Embedding not configured")?;
    let parts =
        [("embeddings", Some(embedding)), ("recordManager", targets.record_manager.as_ref())];
    for (socket, chosen) in parts {
        let Some(chosen) = chosen else { continue };
        let built = state.engine.build_part(part(scope, id, chosen, HashMap::new(), "")).await;
        plugged.insert(socket.to_owned(), vec![built.map_err(load::unusable)?]);
    }
    Ok(plugged)
}
