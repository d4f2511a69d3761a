//! How documents get into a vector store and out of it: with a record manager nothing is written
//! twice, and what is gone from its source is removed.

use std::{collections::HashSet, sync::Arc};

use flowstone_core::{
    Cleanup, Document, Embeddings, Error, Input, Inputs, Record, RecordFilter, RecordManager,
    Result, VectorStore,
    node::{Removal, Upserted},
};
use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};
use uuid::Uuid;

/// What is written.
pub(crate) const DOCUMENTS: Input<Vec<Document>> = {
    let mut it = Input::socket("Document", "document", "Document").list();
    it.field.optional = true;
    it
};
/// What makes vectors of it.
pub(crate) const EMBEDDINGS: Input<Arc<dyn Embeddings>> =
    Input::socket("Embeddings", "embeddings", "Embeddings");
/// What keeps track of it.
pub(crate) const RECORD_MANAGER: Input<Option<Arc<dyn RecordManager>>> =
    Input::socket("Record Manager", "recordManager", "RecordManager")
        .describe("Keeps track of what was written, so that nothing is written twice")
        .optional();
/// How many are found.
pub(crate) const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe("How many documents to find; 4 where it is empty")
    .placeholder("4")
    .additional()
    .optional();

/// How many documents are found where nobody says.
pub(crate) const USUAL: usize = 4;
/// How many documents are written, and kept track of, at once.
const BATCH: usize = 100;
/// How many are removed at once.
const REMOVED_AT_ONCE: usize = 1_000;
/// Key of a chunk's metadata that names the loader of a document store it came by.
const LOADER: &str = "docId";

/// How many documents the form wants to be found, in the row that it calls `row`; `usual` where the
/// row is empty.
pub(crate) fn count(inputs: &Inputs, row: &Input<Option<u64>>, usual: usize) -> Result<usize> {
    let top_k = inputs.get(row)?.filter(|it| *it > 0);
    Ok(top_k.map_or(usual, |it| usize::try_from(it).unwrap_or(usize::MAX)))
}

/// The plugged-in documents that hold text.
pub(crate) fn documents(inputs: &Inputs) -> Result<Vec<Document>> {
    let mut documents = inputs.get(&DOCUMENTS)?;
    documents.retain(|it| !it.page_content.is_empty());
    Ok(documents)
}

/// One vector for each text.
///
/// # Errors
/// Where the model gives another number of them.
pub(crate) async fn embed(embeddings: &dyn Embeddings, texts: &[String]) -> Result<Vec<Vec<f32>>> {
    let vectors = embeddings.embed(texts).await?;
    if vectors.len() == texts.len() {
        return Ok(vectors);
    }
    Err(Error::ModelAnswer(format!(
        "the embedding model gave {} vectors for {} texts",
        vectors.len(),
        texts.len()
    )))
}

/// Writes the plugged-in documents to `collection` of `store`.
///
/// Their ids follow from what they hold, so that a second try after a failure writes nothing twice.
pub(crate) async fn upsert(
    store: &dyn VectorStore,
    collection: &str,
    inputs: &Inputs,
) -> Result<Upserted> {
    let documents = documents(inputs)?;
    match inputs.get(&RECORD_MANAGER)? {
        Some(records) => with_records(store, collection, &*records, documents).await,
        None => {
            for (at, batch) in documents.chunks(BATCH).enumerate() {
                let identified: Vec<Document> = batch.iter().map(identified).collect();
                let added = store.add(&identified).await;
                added.map_err(|error| broken_off(error, at * BATCH, documents.len()))?;
            }
            let num_added = documents.len();
            Ok(Upserted { num_added, added_docs: documents, ..Upserted::default() })
        }
    }
}

/// Removes documents that the record manager knows.
///
/// # Errors
/// Where no record manager is plugged in: nobody else knows which documents there are.
pub(crate) async fn remove(
    store: &dyn VectorStore,
    collection: &str,
    inputs: &Inputs,
    which: &Removal,
) -> Result<()> {
    let records =
        inputs.get(&RECORD_MANAGER)?.ok_or_else(|| Error::missing(&RECORD_MANAGER.field))?;
    let loader = match which {
        Removal::All => None,
        Removal::Loader(id) => Some(id.clone()),
    };
    records.begin(collection).await?;
    let filter = RecordFilter { loader, limit: Some(REMOVED_AT_ONCE), ..RecordFilter::default() };
    clear(store, collection, &*records, &filter).await.map(drop)
}

async fn with_records(
    store: &dyn VectorStore,
    collection: &str,
    records: &dyn RecordManager,
    documents: Vec<Document>,
) -> Result<Upserted> {
    let (cleanup, key) = (records.cleanup(), records.source_key().to_owned());
    let source = |document: &Document| source_of(document, &key);
    if cleanup == Cleanup::Incremental
        && let Some(without) = documents.iter().find(|it| source(it).is_none())
    {
        let start: String = without.page_content.chars().take(60).collect();
        return Err(Error::InvalidInput {
            label: "SourceId Key".to_owned(),
            reason: format!(
                "with Cleanup set to Incremental every document needs \"{key}\" in its metadata, \
                 which says where it comes from; \"{start}\" has none"
            ),
        });
    }
    let time = records.begin(collection).await?;
    let mut done = Upserted::default();
    let (mut deleted, mut skipped) = (0, 0);
    for batch in documents.chunks(BATCH) {
        let mut seen = HashSet::new();
        let batch: Vec<Document> = (batch.iter().map(identified))
            .filter(|it| seen.insert(it.id.clone().unwrap_or_default()))
            .collect();
        let kept: Vec<Record> = batch
            .iter()
            .map(|it| Record {
                key: it.id.clone().unwrap_or_default(),
                source: source(it),
                loader: it.metadata.get(LOADER).and_then(Value::as_str).map(str::to_owned),
            })
            .collect();
        let keys: Vec<String> = kept.iter().map(|it| it.key.clone()).collect();
        let known = records.known(collection, &keys).await?;
        skipped += known.iter().filter(|it| **it).count();
        let fresh: Vec<Document> =
            batch.into_iter().zip(known).filter(|(_, known)| !known).map(|it| it.0).collect();
        if !fresh.is_empty() {
            let added = store.add(&fresh).await;
            added.map_err(|error| broken_off(error, done.num_added + skipped, documents.len()))?;
        }
        // Only what is in the vector store is known: a failure before leaves it to the next try.
        records.keep(collection, &kept, time).await?;
        done.num_added += fresh.len();
        done.added_docs.extend(fresh.into_iter().map(|it| Document { id: None, ..it }));
        if cleanup == Cleanup::Incremental {
            let mut sources: Vec<String> = kept.into_iter().filter_map(|it| it.source).collect();
            sources.sort_unstable();
            sources.dedup();
            let filter = earlier(time, Some(sources));
            // A source may go on in a later batch: what of it is still to come is kept.
            deleted += clear_incrementally(store, collection, records, &filter, &documents).await?;
        }
    }
    if cleanup == Cleanup::Full {
        deleted += clear(store, collection, records, &earlier(time, None)).await?;
    }
    done.num_deleted = Some(deleted);
    done.num_updated = Some(0);
    done.num_skipped = Some(skipped);
    done.total_keys = Some(records.count(collection).await?);
    Ok(done)
}

/// The failure of a store that took some of the documents before: says how many.
fn broken_off(error: Error, written: usize, total: usize) -> Error {
    if written == 0 {
        return error;
    }
    let so_far = format!(
        "{written} of {total} documents are written; write all of them again to add the rest, which \
         adds none twice"
    );
    match error {
        Error::Transport(said) => Error::Transport(format!("{said} ({so_far})")),
        Error::Unsupported(said) => Error::Unsupported(format!("{said} ({so_far})")),
        Error::Provider { status, message } => {
            Error::Provider { status, message: format!("{message} ({so_far})") }
        }
        Error::At { node, source } => {
            Error::At { node, source: Box::new(broken_off(*source, written, total)) }
        }
        other => other,
    }
}

fn earlier(time: f64, sources: Option<Vec<String>>) -> RecordFilter {
    RecordFilter {
        before: Some(time),
        sources,
        limit: Some(REMOVED_AT_ONCE),
        ..RecordFilter::default()
    }
}

/// Removes what the filter means from the vector store, then from the records; how many there were.
async fn clear(
    store: &dyn VectorStore,
    collection: &str,
    records: &dyn RecordManager,
    filter: &RecordFilter,
) -> Result<usize> {
    let mut removed = 0;
    loop {
        let keys = records.list(collection, filter).await?;
        if keys.is_empty() {
            return Ok(removed);
        }
        store.delete(&keys).await?;
        records.forget(collection, &keys).await?;
        removed += keys.len();
    }
}

/// The same for documents of sources that are written right now: those that are written in this run,
/// only later, stay.
async fn clear_incrementally(
    store: &dyn VectorStore,
    collection: &str,
    records: &dyn RecordManager,
    filter: &RecordFilter,
    documents: &[Document],
) -> Result<usize> {
    let mut keys =
        records.list(collection, &RecordFilter { limit: None, ..filter.clone() }).await?;
    if keys.is_empty() {
        return Ok(0);
    }
    if documents.len() > BATCH {
        let coming: HashSet<String> = documents.iter().map(uid).collect();
        keys.retain(|it| !coming.contains(it));
    }
    for keys in keys.chunks(REMOVED_AT_ONCE) {
        store.delete(keys).await?;
        records.forget(collection, keys).await?;
    }
    Ok(keys.len())
}

/// The document with the id that follows from what it holds.
fn identified(document: &Document) -> Document {
    Document { id: Some(uid(document)), ..document.clone() }
}

/// An id that follows from text and metadata.
pub(crate) fn uid(document: &Document) -> String {
    let mut hash = Sha1::new();
    hash.update(document.page_content.as_bytes());
    hash.update([0]);
    hash.update(in_order(&Value::Object(document.metadata.clone())).to_string().as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    let id: Uuid = uuid::Builder::from_sha1_bytes(bytes).into_uuid();
    id.to_string()
}

/// The value with the keys of all its objects in order: how they were written says nothing.
fn in_order(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            let sorted = keys.into_iter().map(|key| (key.clone(), in_order(&map[key])));
            Value::Object(sorted.collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.iter().map(in_order).collect()),
        other => other.clone(),
    }
}

/// Where a document comes from, by the key of its metadata.
fn source_of(document: &Document, key: &str) -> Option<String> {
    match document.metadata.get(key)? {
        Value::Null => None,
        Value::String(text) => Some(text.clone()).filter(|it| !it.is_empty()),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests;
