//! Upserting by a call: a saved loader's settings with what the call says laid over them.

use base64::Engine as _;
use chrono::Utc;
use flowstone_core::node::Upserted;
use flowstone_store::{DocumentStore, WorkspaceScope};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Loader, Loading, Targets, insert, loaders_of, process, save, status, store_of, upsert::Chosen,
    work,
};
use crate::{AppState, Problem, problem::Result};

/// What a call says of one loader.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wish {
    doc_id: Option<String>,
    loader: Option<Chosen>,
    loader_name: Option<String>,
    splitter: Option<Chosen>,
    targets: Targets,
    metadata: Map<String, Value>,
    replaces: bool,
    /// A store to make first, by its name and description.
    new_store: Option<NewStore>,
    files: Vec<UploadedFile>,
}

/// A store that a call makes.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct NewStore {
    name: String,
    description: Option<String>,
}

/// A file that came with a call.
#[derive(Clone, Debug)]
pub(crate) struct UploadedFile {
    pub(crate) name: String,
    pub(crate) mime: String,
    pub(crate) bytes: bytes::Bytes,
}

/// What an upsert wrote, and by which loader.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpsertedBy {
    #[serde(flatten)]
    upserted: Upserted,
    doc_id: String,
}

impl Wish {
    /// Reads the fields of a call; in a form, objects are the text of JSON.
    ///
    /// # Errors
    /// 400 naming the field that cannot be read.
    pub(crate) fn parse(fields: &Map<String, Value>, files: Vec<UploadedFile>) -> Result<Self> {
        let text = |name: &str| {
            fields.get(name).and_then(Value::as_str).filter(|it| !it.is_empty()).map(str::to_owned)
        };
        let flag = |name: &str| match fields.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
            _ => false,
        };
        let metadata = object::<Map<String, Value>>(fields, "metadata").map_err(|_| {
            Problem::bad_request("Error: Invalid metadata: a JSON object is expected")
        })?;
        let new_store = if flag("createNewDocStore") {
            Some(object::<NewStore>(fields, "docStore")?.unwrap_or_default())
        } else {
            None
        };
        Ok(Self {
            doc_id: text("docId"),
            loader: object(fields, "loader")?,
            loader_name: text("loaderName"),
            splitter: object(fields, "splitter")?,
            targets: Targets {
                embedding: object(fields, "embedding")?,
                vector_store: object(fields, "vectorStore")?,
                record_manager: object(fields, "recordManager")?,
            },
            metadata: metadata.unwrap_or_default(),
            replaces: flag("replaceExisting"),
            new_store,
            files,
        })
    }

    /// A wish to load again what a loader loaded.
    fn again(loader: &str) -> Self {
        Self { doc_id: Some(loader.to_owned()), ..Self::default() }
    }
}

/// An object, or the text of one.
fn object<T: DeserializeOwned>(fields: &Map<String, Value>, name: &str) -> Result<Option<T>> {
    let wrong = |reason: String| Problem::bad_request(format!("{name}: {reason}"));
    let value = match fields.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|error| wrong(format!("this is not valid JSON: {error}")))?,
        Some(other) => other.clone(),
    };
    serde_json::from_value(value).map(Some).map_err(|error| wrong(error.to_string()))
}

/// What is to be done, with nothing left open.
struct Job {
    /// The loader to replace; a new one where there is none.
    id: Option<String>,
    loading: Loading,
    targets: Targets,
}

/// Lays a wish over what the store keeps.
///
/// # Errors
/// 400 for a part that neither names.
fn job(state: &AppState, row: Option<&DocumentStore>, wish: &Wish, replaces: bool) -> Result<Job> {
    let (mut saved, mut targets) = (Loader::default(), Targets::default());
    if let (Some(row), Some(id)) = (row, &wish.doc_id) {
        let found = loaders_of(row)?.into_iter().find(|it| it.id == *id);
        saved =
            found.ok_or_else(|| Problem::not_found(format!("Document loader {id} not found")))?;
        targets = Targets::of(row);
    }
    let label = |name: &str| {
        let node = state.engine.catalog().get(name);
        node.map(|it| it.spec().label.to_owned()).unwrap_or_default()
    };
    if let Some(loader) = &wish.loader {
        if !loader.name.is_empty() {
            saved.loader_name = label(&loader.name);
            saved.loader_id.clone_from(&loader.name);
        }
        saved.loader_config.extend(loader.config.clone());
    }
    if let Some(name) = &wish.loader_name {
        saved.loader_name.clone_from(name);
    }
    if let Some(splitter) = &wish.splitter {
        if !splitter.name.is_empty() {
            saved.splitter_name = label(&splitter.name);
            saved.splitter_id.clone_from(&splitter.name);
        }
        saved.splitter_config.extend(splitter.config.clone());
    }
    let merged = |old: Option<Chosen>, new: &Option<Chosen>| {
        let Some(new) = new else { return old };
        let mut chosen = old.unwrap_or_default();
        if !new.name.is_empty() {
            chosen.name.clone_from(&new.name);
        }
        chosen.config.extend(new.config.clone());
        (!chosen.name.is_empty()).then_some(chosen)
    };
    let targets = Targets {
        embedding: merged(targets.embedding, &wish.targets.embedding),
        vector_store: merged(targets.vector_store, &wish.targets.vector_store),
        record_manager: merged(targets.record_manager, &wish.targets.record_manager),
    };
    saved.loader_config.extend(file_rows(&saved.loader_id, &wish.files)?);
    if !wish.metadata.is_empty() {
        saved.loader_config.insert("metadata".to_owned(), wish.metadata.clone().into());
    }
    for (there, said) in [
        (!saved.loader_id.is_empty(), "Loader not configured"),
        (targets.vector_store.is_some(), "Vector store not configured"),
        (targets.embedding.is_some(), "Embedding not configured"),
    ] {
        if !there {
            return Err(Problem::bad_request(said));
        }
    }
    let loading = Loading {
        id: None,
        loader_id: Some(saved.loader_id),
        loader_name: Some(saved.loader_name),
        loader_config: Some(saved.loader_config),
        splitter_id: Some(saved.splitter_id),
        splitter_name: Some(saved.splitter_name),
        splitter_config: Some(saved.splitter_config),
        credential: saved.credential,
    };
    Ok(Job { id: wish.doc_id.clone().filter(|_| replaces), loading, targets })
}

/// Endings of files, with the row of the loader that takes them and the media types they may say.
const FILE_ROWS: &[(&[&str], &str, &[&str])] = &[
    (&["txt"], "txtFile", &["text/plain"]),
    (&["pdf"], "pdfFile", &["application/pdf"]),
    (&["json"], "jsonFile", &["application/json"]),
    (
        &["jsonl"],
        "jsonlinesFile",
        &["application/jsonl", "application/x-ndjson", "application/json-lines", "text/jsonl"],
    ),
    (&["csv"], "csvFile", &["text/csv", "application/vnd.ms-excel"]),
    (
        &["yaml", "yml"],
        "yamlFile",
        &[
            "application/yaml",
            "application/x-yaml",
            "application/vnd.yaml",
            "text/yaml",
            "text/x-yaml",
        ],
    ),
    (
        &["docx"],
        "docxFile",
        &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    ),
    (&["doc"], "docxFile", &["application/msword"]),
    (
        &["xlsx"],
        "excelFile",
        &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
    ),
    (&["xls"], "excelFile", &["application/vnd.ms-excel"]),
    (
        &["pptx"],
        "powerpointFile",
        &["application/vnd.openxmlformats-officedocument.presentationml.presentation"],
    ),
    (&["ppt"], "powerpointFile", &["application/vnd.ms-powerpoint"]),
];

/// The rows that files go into, each with its files as a list of data URIs.
fn file_rows(loader: &str, files: &[UploadedFile]) -> Result<Map<String, Value>> {
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for file in files {
        let ending = file.name.rsplit_once('.').map(|it| it.1.to_ascii_lowercase());
        let mime = file.mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let known =
            FILE_ROWS.iter().find(|it| ending.as_deref().is_some_and(|end| it.0.contains(&end)));
        if let Some((_, _, types)) = known
            && !["", "application/octet-stream", "text/plain"].contains(&mime.as_str())
            && !types.contains(&mime.as_str())
        {
            return Err(Problem::bad_request(format!(
                "MIME type mismatch: \"{}\" does not end as a file of type {mime} does; {} is expected",
                file.name,
                types.join(" or ")
            )));
        }
        let row = match loader {
            "unstructuredFileLoader" => "fileObject",
            "fileLoader" => "file",
            _ => known.map_or("txtFile", |it| it.1),
        };
        let content = base64::engine::general_purpose::STANDARD.encode(&file.bytes);
        let name = file.name.replace(['/', '\\'], "_");
        let uri = format!("data:{mime};base64,{content},filename:{name}");
        match rows.iter_mut().find(|it| it.0 == row) {
            Some((_, uris)) => uris.push(uri),
            None => rows.push((row.to_owned(), vec![uri])),
        }
    }
    let text = |uris: Vec<String>| Value::String(serde_json::to_string(&uris).unwrap_or_default());
    Ok(rows.into_iter().map(|(row, uris)| (row, text(uris))).collect())
}

/// Carries out one wish: loads, cuts, keeps and writes.
///
/// # Errors
/// 404 for a store or a loader that is not there, 400 for a part that is missing, and what went wrong
/// while it was done.
pub(crate) async fn carry_out(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    wish: Wish,
) -> Result<UpsertedBy> {
    let row = store_of(state, scope, id).await?;
    let job = job(state, Some(&row), &wish, wish.replaces && wish.new_store.is_none())?;
    let id = match &wish.new_store {
        Some(new) => make_store(state, scope, new).await?,
        None => row.id,
    };
    let (task_state, task_scope, task_id) = (state.clone(), scope.clone(), id.clone());
    let work = async move {
        let (state, scope, id) = (task_state, task_scope, task_id);
        let loader = load(&state, &scope, &id, &job).await?;
        let loaders = [loader.id];
        let upserted = insert(&state, &scope, &id, &job.targets, Some(&loaders)).await?;
        let [doc_id] = loaders;
        Ok(UpsertedBy { upserted, doc_id })
    };
    work::to_its_end(state, &id, work).await
}

async fn load(state: &AppState, scope: &WorkspaceScope, id: &str, job: &Job) -> Result<Loader> {
    let loading = Loading { id: job.id.clone(), ..job.loading.clone() };
    let saved = save(state, scope, id, &loading).await?;
    let loading = Loading { id: Some(saved.id.clone()), ..loading };
    process(state, scope, id, &saved.id, &loading).await
}

async fn make_store(state: &AppState, scope: &WorkspaceScope, new: &NewStore) -> Result<String> {
    let now = Utc::now();
    let name = new.name.trim();
    let store = DocumentStore {
        id: Uuid::new_v4().to_string(),
        name: if name.is_empty() {
            format!("Document Store {}", now.timestamp_millis())
        } else {
            name.to_owned()
        },
        description: new.description.clone(),
        loaders: "[]".to_owned(),
        where_used: "[]".to_owned(),
        status: status::EMPTY.to_owned(),
        vector_store_config: None,
        embedding_config: None,
        record_manager_config: None,
        created_date: now,
        updated_date: now,
        workspace_id: scope.workspace_id().to_owned(),
    };
    state.store.document_stores().insert(scope, &store).await?;
    Ok(store.id)
}

/// Loads again what the wishes name, or all of a store, and writes it: what is written to the same
/// place in one go, so that a full clean-up keeps what belongs together.
///
/// A loader that cannot be loaded tells it, and the others go on.
///
/// # Errors
/// 404 for a store that is not there; what went wrong, where nothing could be done.
pub(crate) async fn refresh(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    items: Option<Vec<Wish>>,
) -> Result<Vec<UpsertedBy>> {
    let row = store_of(state, scope, id).await?;
    let wishes = match items.filter(|it| !it.is_empty()) {
        Some(items) => items,
        None => loaders_of(&row)?.iter().map(|it| Wish::again(&it.id)).collect(),
    };
    let jobs: Vec<Job> =
        wishes.iter().map(|it| job(state, Some(&row), it, true)).collect::<Result<_>>()?;
    let (task_state, task_scope, task_id) = (state.clone(), scope.clone(), id.to_owned());
    let work = async move {
        let (state, scope, id) = (task_state, task_scope, task_id);
        // Each place that is written to, with what is written there.
        let mut groups: Vec<(Targets, Vec<String>)> = Vec::new();
        let mut failure = None;
        for job in jobs {
            match load(&state, &scope, &id, &job).await {
                Ok(loader) => match groups.iter_mut().find(|it| it.0 == job.targets) {
                    Some((_, loaders)) => loaders.push(loader.id),
                    None => groups.push((job.targets, vec![loader.id])),
                },
                // It is kept with the loader, too.
                Err(problem) => failure = Some(problem),
            }
        }
        if let (Some(problem), true) = (failure, groups.is_empty()) {
            return Err(problem);
        }
        let mut results = Vec::new();
        for (targets, loaders) in groups {
            let upserted = insert(&state, &scope, &id, &targets, Some(&loaders)).await?;
            results.extend(shares(&state, &scope, &id, upserted, loaders).await?);
        }
        Ok(results)
    };
    work::to_its_end(state, id, work).await
}

/// What of an upsert is whose: what was removed was nobody's, and is told with the first.
async fn shares(
    state: &AppState,
    scope: &WorkspaceScope,
    id: &str,
    upserted: Upserted,
    loaders: Vec<String>,
) -> Result<Vec<UpsertedBy>> {
    if let [only] = loaders.as_slice() {
        return Ok(vec![UpsertedBy { upserted, doc_id: only.clone() }]);
    }
    let row = store_of(state, scope, id).await?;
    let all = loaders_of(&row)?;
    let shares = loaders.into_iter().enumerate().map(|(place, doc_id)| {
        let of_loader = |it: &&flowstone_core::Document| {
            it.metadata.get("docId").and_then(Value::as_str) == Some(doc_id.as_str())
        };
        let added: Vec<_> = upserted.added_docs.iter().filter(of_loader).cloned().collect();
        let chunks = all.iter().find(|it| it.id == doc_id).map_or(0, |it| it.total_chunks);
        let chunks = usize::try_from(chunks).unwrap_or(usize::MAX);
        let of_first = |count: Option<usize>| count.map(|it| if place == 0 { it } else { 0 });
        UpsertedBy {
            upserted: Upserted {
                num_added: added.len(),
                num_deleted: of_first(upserted.num_deleted),
                num_updated: upserted.num_updated.map(|_| 0),
                num_skipped: upserted.num_skipped.map(|_| chunks.saturating_sub(added.len())),
                total_keys: upserted.total_keys,
                added_docs: added,
            },
            doc_id,
        }
    });
    Ok(shares.collect())
}
