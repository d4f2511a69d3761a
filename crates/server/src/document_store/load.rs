//! Loading documents and cutting them into chunks: to look at them, or to keep them.

use std::{collections::HashMap, sync::Arc};

use base64::Engine as _;
use chrono::{SecondsFormat, Utc};
use flowstone_core::{Capability, Document, FilePlace};
use flowstone_engine::Part;
use flowstone_store::{Chunk, ChunkChange, DocumentStore, WorkspaceScope};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    Loader, Progress,
    loader::{STORED, StoredFile},
    loaders_of, missing, no_loader, status, tell_flows, write_loaders,
};
use crate::{AppState, Problem, problem::Result};

/// Loaders that follow links, and how many pages of them a preview reads.
const CRAWLERS: &[&str] = &["cheerioWebScraper", "playwrightWebScraper", "puppeteerWebScraper"];
const PREVIEWED_PAGES: u64 = 3;
/// How many warnings a loader keeps.
const WARNINGS: usize = 50;

/// What to load, as forms and calls say it; what is left out is as the loader was saved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loading {
    /// The loader; a new one where it is left out.
    pub(crate) id: Option<String>,
    pub(crate) loader_id: Option<String>,
    pub(crate) loader_name: Option<String>,
    pub(crate) loader_config: Option<Map<String, Value>>,
    pub(crate) splitter_id: Option<String>,
    pub(crate) splitter_name: Option<String>,
    pub(crate) splitter_config: Option<Map<String, Value>>,
    pub(crate) credential: Option<String>,
}

impl Loading {
    /// The settings laid over those of a loader.
    fn over(&self, saved: Loader) -> Loader {
        let text = |new: &Option<String>, old: String| match new {
            Some(new) if !new.is_empty() => new.clone(),
            _ => old,
        };
        Loader {
            loader_id: text(&self.loader_id, saved.loader_id),
            loader_name: text(&self.loader_name, saved.loader_name),
            loader_config: self.loader_config.clone().unwrap_or(saved.loader_config),
            // A splitter may be taken away, a loader not.
            splitter_id: self.splitter_id.clone().unwrap_or(saved.splitter_id),
            splitter_name: self.splitter_name.clone().unwrap_or(saved.splitter_name),
            splitter_config: self.splitter_config.clone().unwrap_or(saved.splitter_config),
            credential: self.credential.clone().filter(|it| !it.is_empty()).or(saved.credential),
            ..saved
        }
    }
}

/// The chunks that settings make, without keeping any. `store` is whose files they may name.
pub(crate) async fn preview(
    state: &AppState,
    scope: &WorkspaceScope,
    store: Option<&DocumentStore>,
    loading: &Loading,
    is_short: bool,
) -> Result<Vec<Document>> {
    let saved = match (store, &loading.id) {
        (Some(store), Some(id)) => loaders_of(store)?.into_iter().find(|it| it.id == *id),
        _ => None,
    };
    let mut loader = loading.over(saved.unwrap_or_default());
    if is_short && CRAWLERS.contains(&loader.loader_id.as_str()) {
        loader.loader_config.insert("limit".to_owned(), PREVIEWED_PAGES.into());
    }
    chunks(state, scope, &loader).await.map(|it| it.0)
}

/// Keeps a loader's settings; its chunks are made by [`process`].
pub(crate) async fn save(
    state: &AppState,
    scope: &WorkspaceScope,
    store: &str,
    loading: &Loading,
) -> Result<Loader> {
    let id = loading.id.clone().filter(|it| !it.is_empty());
    let id = id.unwrap_or_else(|| Uuid::new_v4().to_string());
    let changed = change(state, scope, store, ChunkChange::None, |loaders| {
        let place = loaders.iter().position(|it| it.id == id);
        let saved = place.map(|at| loaders[at].clone()).unwrap_or_default();
        let loader = Loader {
            id: id.clone(),
            total_chunks: 0,
            total_chars: 0,
            status: status::NEW.to_owned(),
            error: None,
            warnings: Vec::new(),
            ..loading.over(saved)
        };
        if loader.loader_id.is_empty() {
            return Err(Problem::bad_request("loaderId: the name of a loader is expected"));
        }
        match place {
            Some(at) => loaders[at] = loader.clone(),
            None => loaders.push(loader.clone()),
        }
        Ok(loader)
    });
    let saved = changed.await?;
    // Clients take what was saved for being processed, as they ask for that next.
    Ok(Loader { status: status::SYNCING.to_owned(), ..saved.with_source() })
}

/// Makes the chunks of a loader, keeps them and its files, and gives the loader.
///
/// # Errors
/// What went wrong; it is kept with the loader too, whose chunks stay as they were.
pub(crate) async fn process(
    state: &AppState,
    scope: &WorkspaceScope,
    store: &str,
    id: &str,
    loading: &Loading,
) -> Result<Loader> {
    let row = super::store_of(state, scope, store).await?;
    let saved = loaders_of(&row)?.into_iter().find(|it| it.id == id);
    let Some(saved) = saved else {
        return Err(no_loader(format!(
            "Unable to locate loader {id} in Document Store {}",
            row.name
        )));
    };
    let before = saved.files.clone().unwrap_or_default();
    let loader = loading.over(saved);
    let begun = change(state, scope, store, ChunkChange::None, |loaders| {
        if let Some(loader) = loaders.iter_mut().find(|it| it.id == id) {
            status::SYNCING.clone_into(&mut loader.status);
        }
        Ok(())
    });
    begun.await?;
    let progress = Progress { stage: "loading", loader: id.to_owned(), done: 0, total: 1 };
    state.document_work.tell(store, progress);
    let made = make(state, scope, store, loader).await;
    match made {
        Ok((loader, chunks)) => {
            let replaced = ChunkChange::Replace { loader: id, chunks: &chunks };
            let kept = change(state, scope, store, replaced, |loaders| {
                loaders.retain(|it| it.id != id);
                loaders.push(loader.clone());
                Ok(loader.clone())
            });
            let kept = kept.await?;
            forget_files(state, scope, &before, &kept).await;
            tell_flows(state, scope, store).await?;
            Ok(kept)
        }
        Err(problem) => {
            let said = problem.message().to_owned();
            let told = change(state, scope, store, ChunkChange::None, |loaders| {
                if let Some(loader) = loaders.iter_mut().find(|it| it.id == id) {
                    loader.status = status::STALE.to_owned();
                    loader.error = Some(said);
                }
                Ok(())
            });
            told.await?;
            Err(problem)
        }
    }
}

/// Loads, cuts, and keeps the files.
async fn make(
    state: &AppState,
    scope: &WorkspaceScope,
    store: &str,
    mut loader: Loader,
) -> Result<(Loader, Vec<Chunk>)> {
    let (documents, left_out) = chunks(state, scope, &loader).await?;
    keep_files(state, scope, &mut loader).await?;
    let chunks: Vec<Chunk> = documents
        .into_iter()
        .zip(1..)
        .map(|(document, number)| Chunk {
            id: Uuid::new_v4().to_string(),
            loader_id: loader.id.clone(),
            store_id: store.to_owned(),
            number,
            // The one character that a database cannot keep.
            page_content: document.page_content.replace('\0', ""),
            metadata: serde_json::to_string(&document.metadata).ok(),
        })
        .collect();
    loader.total_chunks = chunks.len() as u64;
    loader.total_chars = chunks.iter().map(|it| length(&it.page_content)).sum();
    status::SYNC.clone_into(&mut loader.status);
    loader.error = None;
    loader.warnings = told(left_out);
    Ok((loader, chunks))
}

/// How many characters a text has, as clients count them.
pub(crate) fn length(text: &str) -> u64 {
    text.encode_utf16().count() as u64
}

/// The first of many warnings, and how many more there are: a crawl may leave out thousands of pages.
fn told(mut left_out: Vec<String>) -> Vec<String> {
    let more = left_out.len().saturating_sub(WARNINGS);
    if more > 0 {
        left_out.truncate(WARNINGS);
        left_out.push(format!("and {more} more were left out"));
    }
    left_out
}

/// The chunks that a loader makes, and what it left out.
async fn chunks(
    state: &AppState,
    scope: &WorkspaceScope,
    loader: &Loader,
) -> Result<(Vec<Document>, Vec<String>)> {
    if loader.loader_id.is_empty() {
        return Err(Problem::bad_request("loaderId: the name of a loader is expected"));
    }
    let mut plugged = HashMap::new();
    let part = |name, values, plugged, output| Part {
        name,
        values,
        output,
        plugged,
        workspace: scope.workspace_id(),
        home: &loader.id,
    };
    if !loader.splitter_id.is_empty() {
        let splitter = part(&loader.splitter_id, &loader.splitter_config, HashMap::new(), "");
        let built = state.engine.build_part(splitter).await.map_err(unusable)?;
        plugged.insert("textSplitter".to_owned(), vec![built]);
    }
    let mut values = loader.loader_config.clone();
    if let Some(credential) = loader.credential() {
        values.insert("credential".to_owned(), credential.into());
    }
    let loading = part(&loader.loader_id, &values, plugged, "document");
    let (built, left_out) = state.engine.build_part_heard(loading).await.map_err(unusable)?;
    match built {
        Capability::Documents(documents) => Ok((Arc::unwrap_or_clone(documents), left_out)),
        other => Err(Problem::bad_request(format!(
            "{} is no loader: it hands on a {}",
            loader.loader_name,
            other.kind()
        ))),
    }
}

/// What is wrong with a form, or with what it loads, is its author's to mend.
pub(crate) fn unusable(error: flowstone_engine::Error) -> Problem {
    use flowstone_core::Error;
    let flowstone_engine::Error::Node(node) = error.root() else { return error.into() };
    match node.root() {
        Error::MissingInput { .. }
        | Error::InvalidInput { .. }
        | Error::Credential(_)
        | Error::Unsupported(_) => Problem::bad_request(node.to_string()),
        _ => error.into(),
    }
}

/// Puts files that came within the form where they stay, and names them there.
async fn keep_files(state: &AppState, scope: &WorkspaceScope, loader: &mut Loader) -> Result<()> {
    let mut kept = Vec::new();
    let rows: Vec<String> = loader.loader_config.keys().cloned().collect();
    for row in rows {
        let Some(Value::String(text)) = loader.loader_config.get(&row) else { continue };
        let many: Vec<String> = if text.starts_with('[') {
            serde_json::from_str(text).unwrap_or_default()
        } else {
            vec![text.clone()]
        };
        let (mut names, mut any) = (Vec::new(), false);
        for uri in many {
            let Some(file) = decoded(&uri) else { continue };
            any = true;
            let place = FilePlace::Flow { workspace: scope.workspace_id(), flow: &loader.id };
            let size = file.bytes.len() as u64;
            let written = state.engine.services().files.write(place, &file.name, file.bytes).await;
            written.map_err(|error| Problem::bad_request(error.to_string()))?;
            names.push(file.name.clone());
            kept.push(StoredFile {
                id: Uuid::new_v4().to_string(),
                name: file.name,
                mime_prefix: file.media_type,
                size,
                status: status::NEW.to_owned(),
                uploaded: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
            });
        }
        if any {
            let names = serde_json::to_string(&names).unwrap_or_default();
            loader.loader_config.insert(row, format!("{STORED}{names}").into());
        }
    }
    if !kept.is_empty() {
        loader.files = Some(kept);
    }
    Ok(())
}

struct Decoded {
    name: String,
    media_type: String,
    bytes: Vec<u8>,
}

/// A file in a data URI; `None` for anything else.
fn decoded(uri: &str) -> Option<Decoded> {
    let (head, body) = uri.strip_prefix("data:")?.split_once(',')?;
    let media_type = head.strip_suffix(";base64")?.to_owned();
    let (content, name) = body.split_once(",filename:").unwrap_or((body, "file"));
    let bytes = base64::engine::general_purpose::STANDARD.decode(content.trim()).ok()?;
    Some(Decoded { name: name.trim().to_owned(), media_type, bytes })
}

/// Removes files that the loader does not name any more.
async fn forget_files(
    state: &AppState,
    scope: &WorkspaceScope,
    before: &[StoredFile],
    loader: &Loader,
) {
    let now = loader.files.as_deref().unwrap_or_default();
    let place = FilePlace::Flow { workspace: scope.workspace_id(), flow: &loader.id };
    for gone in before.iter().filter(|it| !now.iter().any(|now| now.name == it.name)) {
        if let Err(error) = state.engine.services().files.remove(place, &gone.name).await {
            tracing::warn!(%error, "a file of a loader could not be removed");
        }
    }
}

/// Changes the loaders of a store, and with them how the store stands.
pub(super) async fn change<T: Send>(
    state: &AppState,
    scope: &WorkspaceScope,
    store: &str,
    chunks: ChunkChange<'_>,
    change: impl FnOnce(&mut Vec<Loader>) -> Result<T> + Send,
) -> Result<T> {
    let is_reloaded = matches!(chunks, ChunkChange::Replace { .. });
    let stores = state.store.document_stores();
    let changed = stores.change(scope, store, chunks, |row| {
        let mut loaders = loaders_of(row)?;
        let given = change(&mut loaders)?;
        write_loaders(row, &loaders);
        if is_reloaded {
            let all = loaders.iter().all(|it| it.status == status::SYNC);
            row.status = if all { status::SYNC } else { status::STALE }.to_owned();
        }
        row.updated_date = Utc::now();
        Ok(given)
    });
    changed.await.map_err(|error| missing(error, store))?.map(|(_, given)| given)
}
