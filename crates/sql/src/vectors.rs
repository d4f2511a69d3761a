//! Documents with their vectors in a SQLite file, searched from memory.
//!
//! What was written is in the file before the call returns, so it survives a kill. Memory holds the
//! vectors alone; texts and metadata are read for what is found.
//!
//! The file is read by the thread that asks: a search takes a tenth of a millisecond, and handing each
//! of its rows from one thread to another would take as long (`docs/decisions/0030-…`).

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
    time::Duration,
};

use rusqlite::{Connection, OptionalExtension as _, Transaction, params, params_from_iter};
use serde_json::{Map, Value};
use tokio::sync::Mutex as Turnstile;

use crate::{
    Error, Result,
    filter::Filter,
    index::{Index, Scored, of_length_one},
};

const PATIENCE: Duration = Duration::from_secs(30);
/// What softens the ranks of two lists that are put together, as is usual.
const RANK_SOFTENER: f32 = 60.0;

/// The folder of an installation's collections; each is opened once.
pub struct VectorFolder {
    folder: PathBuf,
    open: Turnstile<HashMap<String, VectorFile>>,
}

/// A collection; cheap to clone.
#[derive(Clone)]
pub struct VectorFile(Arc<Collection>);

struct Collection {
    /// Who writes holds this, and the index only while the written becomes lasting.
    writer: Mutex<Connection>,
    /// Who searches holds the index, and this while rows are read.
    reader: Mutex<Connection>,
    index: RwLock<Index>,
}

/// A document to write.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id; one that is there is replaced.
    pub id: String,
    /// Its text.
    pub text: String,
    /// What is known of it.
    pub metadata: Map<String, Value>,
    /// Where it lies; any length but zero, the same for all.
    pub vector: Vec<f32>,
}

/// A document that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// What is known of it.
    pub metadata: Map<String, Value>,
    /// How near it is: higher is nearer.
    pub score: f32,
}

/// How a collection is searched.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Search<'a> {
    /// The nearest.
    Nearest,
    /// Of the `fetch` nearest those that repeat each other least; `lambda` of 1 cares for nearness
    /// alone, of 0 for difference alone.
    Diverse {
        /// How many are looked at.
        fetch: usize,
        /// From 0 to 1.
        lambda: f32,
    },
    /// The nearest and those that share words with this text, by their places in both lists.
    WithWords(&'a str),
}

impl VectorFolder {
    /// Collections below `folder`, which need not be there yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into(), open: Turnstile::default() }
    }

    /// The collection of a key, made where there is none.
    ///
    /// # Errors
    /// [`Error::Settings`] for a key with anything but letters, digits and dashes, and
    /// [`Error::Connection`] where its file cannot be opened.
    pub async fn open(&self, key: &str) -> Result<VectorFile> {
        let fits = !key.is_empty()
            && key.len() <= 120
            && key.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
        if !fits {
            return Err(Error::Settings("this is no key of a collection".to_owned()));
        }
        let mut open = self.open.lock().await;
        if let Some(file) = open.get(key) {
            return Ok(file.clone());
        }
        tokio::fs::create_dir_all(&self.folder)
            .await
            .map_err(|_| Error::Connection("the folder of vectors cannot be made".to_owned()))?;
        let path = self.folder.join(format!("{key}.sqlite"));
        let opened = tokio::task::spawn_blocking(move || Collection::open(&path)).await;
        let opened = opened.map_err(|_| broken_off())?;
        let file = VectorFile(Arc::new(opened.map_err(|error| Error::opening(&error))?));
        open.insert(key.to_owned(), file.clone());
        Ok(file)
    }
}

impl VectorFile {
    /// How many documents there are.
    pub fn count(&self) -> usize {
        self.0.index().len()
    }

    /// Writes documents: all of them, or none.
    ///
    /// # Errors
    /// [`Error::Settings`] for a vector of another length than those that are there.
    pub async fn add(&self, entries: Vec<Entry>) -> Result<()> {
        self.apart(move |collection| collection.add(&entries)).await
    }

    /// Removes documents; unknown ids are no error.
    pub async fn delete(&self, ids: &[String]) -> Result<()> {
        let ids = ids.to_vec();
        self.apart(move |collection| collection.delete(&ids)).await
    }

    /// The `k` documents that fit best, best first, of those that the filter lets through and whose
    /// metadata holds, of each key of `among`, one of the values.
    ///
    /// # Errors
    /// [`Error::Settings`] for a filter that cannot be read, and a vector of another length.
    pub async fn search(
        &self,
        vector: &[f32],
        k: usize,
        how: Search<'_>,
        filter: &Map<String, Value>,
        among: &[(&str, &[Value])],
    ) -> Result<Vec<Hit>> {
        let filter = Filter::new(filter, among)?;
        let (vector, plan) = (of_length_one(vector), Plan::new(k, how));
        if filter.is_none() && matches!(plan.how, How::Nearest | How::Diverse { .. }) {
            // Free and short enough, or it is looked for on another thread.
            let free = self.0.index.try_read().ok().zip(self.0.reader.try_lock().ok());
            if let Some((index, reader)) = free
                && index.is_quick(plan.wanted)
            {
                return found(&index, &reader, &vector, &plan, None);
            }
        }
        self.apart(move |collection| {
            let (index, reader) = (collection.index(), collection.reader());
            found(&index, &reader, &vector, &plan, filter.as_ref())
        })
        .await
    }

    /// Does what takes its time on a thread for that: other calls do not wait for it.
    async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Collection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let collection = self.0.clone();
        tokio::task::spawn_blocking(move || work(&collection)).await.map_err(|_| broken_off())?
    }
}

fn broken_off() -> Error {
    Error::Statement("the call broke off".to_owned())
}

fn failed(error: rusqlite::Error) -> Error {
    Error::of_file(&error)
}

impl Collection {
    fn open(path: &Path) -> rusqlite::Result<Self> {
        let writer = connect(path)?;
        writer.execute_batch(
            "CREATE TABLE IF NOT EXISTS documents (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, \
             text TEXT NOT NULL, metadata TEXT NOT NULL, vector BLOB NOT NULL); \
             CREATE VIRTUAL TABLE IF NOT EXISTS words \
             USING fts5(text, content='', contentless_delete=1);",
        )?;
        let mut index = Index::default();
        let mut statement = writer.prepare("SELECT place, vector FROM documents ORDER BY place")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(1)?.as_blob()?;
            let vector: Vec<f32> = bytes
                .chunks_exact(4)
                .map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]))
                .collect();
            index.push(row.get(0)?, &vector);
        }
        drop(rows);
        drop(statement);
        let (writer, reader) = (Mutex::new(writer), Mutex::new(connect(path)?));
        Ok(Self { writer, reader, index: RwLock::new(index) })
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, entries: &[Entry]) -> Result<()> {
        let Some(first) = entries.first() else { return Ok(()) };
        let mut writer = self.writer();
        let there = self.index().dimension();
        let expected = if there == 0 { first.vector.len() } else { there };
        if expected == 0 || entries.iter().any(|it| it.vector.len() != expected) {
            let length =
                entries.iter().map(|it| it.vector.len()).find(|it| *it != expected).unwrap_or(0);
            return Err(Error::Settings(format!(
                "the embedding model makes vectors of {length} numbers, the collection holds such of \
                 {expected}: choose another collection, or the model it was filled with"
            )));
        }
        let entries: Vec<(&Entry, Vec<f32>)> = without_repetition(entries)
            .into_iter()
            .map(|it| (it, of_length_one(&it.vector)))
            .collect();
        let transaction = writer.transaction().map_err(failed)?;
        let (gone, added) = write(&transaction, &entries).map_err(failed)?;
        // Nobody sees the file and the index apart.
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        transaction.commit().map_err(failed)?;
        index.remove(&gone);
        for (place, (_, vector)) in added.into_iter().zip(&entries) {
            index.push(place, vector);
        }
        Ok(())
    }

    fn delete(&self, ids: &[String]) -> Result<()> {
        let mut writer = self.writer();
        let transaction = writer.transaction().map_err(failed)?;
        let gone = remove(&transaction, ids.iter().map(String::as_str)).map_err(failed)?;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        transaction.commit().map_err(failed)?;
        index.remove(&gone);
        Ok(())
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// What a search is to find, and how.
struct Plan {
    k: usize,
    /// How many are looked at.
    wanted: usize,
    how: How,
}

/// [`Search`] with a text of its own.
enum How {
    Nearest,
    Diverse { lambda: f32 },
    WithWords(String),
}

impl Plan {
    fn new(k: usize, how: Search<'_>) -> Self {
        let (wanted, how) = match how {
            Search::Nearest => (k, How::Nearest),
            Search::Diverse { fetch, lambda } => (fetch.max(k), How::Diverse { lambda }),
            Search::WithWords(text) => {
                (k.saturating_mul(4).max(20), How::WithWords(text.to_owned()))
            }
        };
        Self { k, wanted, how }
    }
}

/// What fits best, read from the file.
fn found(
    index: &Index,
    reader: &Connection,
    vector: &[f32],
    plan: &Plan,
    filter: Option<&Filter>,
) -> Result<Vec<Hit>> {
    if index.dimension() != 0 && index.dimension() != vector.len() {
        return Err(Error::Settings(format!(
            "the embedding model makes vectors of {} numbers, the collection holds such of {}",
            vector.len(),
            index.dimension()
        )));
    }
    let only = filter.map(|it| places(reader, it)).transpose().map_err(failed)?;
    let nearest = index.nearest(vector, plan.wanted, only.as_ref());
    let mut best = match &plan.how {
        How::Nearest => nearest,
        How::Diverse { lambda } => index.diverse(nearest, plan.k, *lambda),
        How::WithWords(text) => {
            let by_words = words(reader, text, plan.wanted, only.as_ref()).map_err(failed)?;
            fused(&nearest, &by_words)
        }
    };
    best.truncate(plan.k);
    read(reader, &best).map_err(failed)
}

/// The places that a filter lets through.
fn places(reader: &Connection, filter: &Filter) -> rusqlite::Result<HashSet<i64>> {
    let mut statement = reader.prepare(&filter.statement)?;
    let rows = statement.query_map(params_from_iter(&filter.values), |row| row.get(0))?;
    rows.collect()
}

/// The last entry of each id: it replaces those before it, as it would in a later call.
fn without_repetition(entries: &[Entry]) -> Vec<&Entry> {
    let last: HashMap<&str, usize> =
        entries.iter().enumerate().map(|(at, it)| (it.id.as_str(), at)).collect();
    let last_of_its_id = |(at, it): &(usize, &Entry)| last.get(it.id.as_str()) == Some(at);
    entries.iter().enumerate().filter(last_of_its_id).map(|(_, it)| it).collect()
}

/// Two lists in one, by the places that each gives.
fn fused(near: &[Scored], by_words: &[i64]) -> Vec<Scored> {
    let mut sums: HashMap<i64, Scored> = HashMap::new();
    let both = near.iter().map(|it| it.place).zip(0..=u16::MAX);
    for (place, rank) in both.chain(by_words.iter().copied().zip(0..=u16::MAX)) {
        let sum = sums.entry(place).or_insert(Scored { score: 0.0, place, at: 0 });
        sum.score += 1.0 / (RANK_SOFTENER + 1.0 + f32::from(rank));
    }
    let mut all: Vec<Scored> = sums.into_values().collect();
    all.sort();
    all
}

/// Places of the documents that share words with `text`, best first.
fn words(
    reader: &Connection,
    text: &str,
    most: usize,
    only: Option<&HashSet<i64>>,
) -> rusqlite::Result<Vec<i64>> {
    // Each word in quotes: nothing in a question is an order to the index.
    let quoted: Vec<String> = text
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(|it| format!("\"{it}\""))
        .collect();
    if quoted.is_empty() {
        return Ok(Vec::new());
    }
    let limit = if only.is_some() { i64::MAX } else { i64::try_from(most).unwrap_or(i64::MAX) };
    let mut statement = reader
        .prepare_cached("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?")?;
    let rows = statement.query_map(params![quoted.join(" OR "), limit], |row| row.get(0))?;
    let places: rusqlite::Result<Vec<i64>> = rows.collect();
    let fitting = places?.into_iter().filter(|it| only.is_none_or(|only| only.contains(it)));
    Ok(fitting.take(most).collect())
}

/// Writes documents in the place of those with their ids: the places that are gone, and the new ones.
fn write(
    transaction: &Transaction<'_>,
    entries: &[(&Entry, Vec<f32>)],
) -> rusqlite::Result<(HashSet<i64>, Vec<i64>)> {
    let gone = remove(transaction, entries.iter().map(|it| it.0.id.as_str()))?;
    let mut document = transaction
        .prepare_cached("INSERT INTO documents (id, text, metadata, vector) VALUES (?, ?, ?, ?)")?;
    let mut words = transaction.prepare_cached("INSERT INTO words (rowid, text) VALUES (?, ?)")?;
    let mut places = Vec::with_capacity(entries.len());
    for (entry, vector) in entries {
        let bytes: Vec<u8> = vector.iter().flat_map(|it| it.to_le_bytes()).collect();
        let metadata = serde_json::to_string(&entry.metadata).unwrap_or_default();
        let place = document.insert(params![entry.id, entry.text, metadata, bytes])?;
        words.insert(params![place, entry.text])?;
        places.push(place);
    }
    Ok((gone, places))
}

fn remove<'a>(
    transaction: &Transaction<'_>,
    ids: impl Iterator<Item = &'a str>,
) -> rusqlite::Result<HashSet<i64>> {
    let mut document =
        transaction.prepare_cached("DELETE FROM documents WHERE id = ? RETURNING place")?;
    let mut words = transaction.prepare_cached("DELETE FROM words WHERE rowid = ?")?;
    let mut gone = HashSet::new();
    for id in ids {
        let place: Option<i64> = document.query_row([id], |row| row.get(0)).optional()?;
        if let Some(place) = place {
            words.execute([place])?;
            gone.insert(place);
        }
    }
    Ok(gone)
}

fn read(reader: &Connection, best: &[Scored]) -> rusqlite::Result<Vec<Hit>> {
    let mut statement =
        reader.prepare_cached("SELECT id, text, metadata FROM documents WHERE place = ?")?;
    let mut hits = Vec::with_capacity(best.len());
    for scored in best {
        let hit = statement.query_row([scored.place], |row| {
            let metadata = row.get_ref(2)?.as_str()?;
            Ok(Hit {
                id: row.get(0)?,
                text: row.get(1)?,
                metadata: serde_json::from_str(metadata).unwrap_or_default(),
                score: scored.score,
            })
        });
        // Another process may have removed some since: those are left out.
        hits.extend(hit.optional()?);
    }
    Ok(hits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_entries_with_one_id_the_last_is_kept_and_found() {
        let folder = tempfile::tempdir().unwrap();
        let file = VectorFolder::new(folder.path()).open("twice").await.unwrap();
        let entry = |id: &str, text: &str, vector: [f32; 2]| Entry {
            id: id.to_owned(),
            text: text.to_owned(),
            metadata: Map::new(),
            vector: vector.to_vec(),
        };
        let entries = [
            entry("a", "first", [1.0, 0.0]),
            entry("b", "other", [0.0, 1.0]),
            entry("a", "last", [1.0, 1.0]),
        ];
        file.add(entries.to_vec()).await.unwrap();
        assert_eq!(file.count(), 2);
        let found = file.search(&[0.0, 1.0], 5, Search::Nearest, &Map::new(), &[]).await.unwrap();
        let texts: Vec<&str> = found.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["other", "last"], "best first");
    }
}
