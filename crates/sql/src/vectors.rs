//! Documents with their vectors in a SQLite file, searched from memory.
//!
//! What was written is in the file before the call returns, so it survives a kill. Memory holds the
//! vectors alone; texts and metadata are read for what is found.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use serde_json::{Map, Value};
use sqlx::{
    ConnectOptions as _, Connection as _, QueryBuilder, Row as _, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::Mutex;

use crate::{
    Error, Result,
    index::{Index, Scored, of_length_one},
};

const PATIENCE: Duration = Duration::from_secs(30);
/// How many rows one statement names.
const ROWS_PER_QUERY: usize = 500;
/// What softens the ranks of two lists that are put together, as is usual.
const RANK_SOFTENER: f32 = 60.0;

/// The folder of an installation's collections; each is opened once.
pub struct VectorFolder {
    folder: PathBuf,
    open: Mutex<HashMap<String, Arc<VectorFile>>>,
}

/// A collection.
pub struct VectorFile {
    connection: Mutex<SqliteConnection>,
    index: Arc<RwLock<Index>>,
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
        Self { folder: folder.into(), open: Mutex::default() }
    }

    /// The collection of a key, made where there is none.
    ///
    /// # Errors
    /// [`Error::Settings`] for a key with anything but letters, digits and dashes, and
    /// [`Error::Connection`] where its file cannot be opened.
    pub async fn open(&self, key: &str) -> Result<Arc<VectorFile>> {
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
        let file = VectorFile::open(self.folder.join(format!("{key}.sqlite"))).await;
        let file = Arc::new(file.map_err(|error| Error::connecting(&error))?);
        open.insert(key.to_owned(), file.clone());
        Ok(file)
    }
}

impl VectorFile {
    async fn open(path: PathBuf) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(PATIENCE)
            .disable_statement_logging();
        let mut connection = SqliteConnection::connect_with(&options).await?;
        for statement in [
            "CREATE TABLE IF NOT EXISTS documents (place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, \
             text TEXT NOT NULL, metadata TEXT NOT NULL, vector BLOB NOT NULL)",
            "CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(text, content='', contentless_delete=1)",
        ] {
            sqlx::query(statement).execute(&mut connection).await?;
        }
        let mut index = Index::default();
        let rows = sqlx::query("SELECT place, vector FROM documents ORDER BY place");
        for row in rows.fetch_all(&mut connection).await? {
            let bytes: Vec<u8> = row.try_get(1)?;
            let vector: Vec<f32> = bytes
                .chunks_exact(4)
                .map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]))
                .collect();
            index.push(row.try_get(0)?, &vector);
        }
        Ok(Self { connection: Mutex::new(connection), index: Arc::new(RwLock::new(index)) })
    }

    /// How many documents there are.
    pub fn count(&self) -> usize {
        self.index.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Writes documents: all of them, or none.
    ///
    /// # Errors
    /// [`Error::Settings`] for a vector of another length than those that are there.
    pub async fn add(&self, entries: &[Entry]) -> Result<()> {
        let Some(first) = entries.first() else { return Ok(()) };
        let mut connection = self.connection.lock().await;
        let there = self.index.read().unwrap_or_else(PoisonError::into_inner).dimension();
        let expected = if there == 0 { first.vector.len() } else { there };
        if expected == 0 || entries.iter().any(|it| it.vector.len() != expected) {
            let length =
                entries.iter().map(|it| it.vector.len()).find(|it| *it != expected).unwrap_or(0);
            return Err(Error::Settings(format!(
                "the embedding model makes vectors of {length} numbers, the collection holds such of \
                 {expected}: choose another collection, or the model it was filled with"
            )));
        }
        let entries = without_repetition(entries);
        let (gone, added) =
            write(&mut connection, &entries).await.map_err(|error| Error::of_statement(&error))?;
        let mut index = self.index.write().unwrap_or_else(PoisonError::into_inner);
        index.remove(&gone);
        for (place, entry) in added.into_iter().zip(entries) {
            index.push(place, &of_length_one(&entry.vector));
        }
        Ok(())
    }

    /// Removes documents; unknown ids are no error.
    pub async fn delete(&self, ids: &[String]) -> Result<()> {
        let mut connection = self.connection.lock().await;
        let gone = async {
            let mut transaction = connection.begin().await?;
            let gone = remove(&mut transaction, ids).await?;
            transaction.commit().await?;
            Ok(gone)
        };
        let gone = gone.await.map_err(|error: sqlx::Error| Error::of_statement(&error))?;
        self.index.write().unwrap_or_else(PoisonError::into_inner).remove(&gone);
        Ok(())
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
        let mut connection = self.connection.lock().await;
        let only = match filtered(filter, among)? {
            None => None,
            Some(mut query) => {
                let rows = query.build().fetch_all(&mut *connection).await;
                let rows = rows.map_err(|error| Error::of_statement(&error))?;
                let places: sqlx::Result<HashSet<i64>> =
                    rows.iter().map(|row| row.try_get(0)).collect();
                Some(places.map_err(|error| Error::of_statement(&error))?)
            }
        };
        let wanted = match how {
            Search::Nearest => k,
            Search::Diverse { fetch, .. } => fetch.max(k),
            Search::WithWords(_) => k.saturating_mul(4).max(20),
        };
        let by_words = match how {
            Search::WithWords(text) => {
                let found = words(&mut connection, text, wanted, only.as_ref()).await;
                found.map_err(|error| Error::of_statement(&error))?
            }
            _ => Vec::new(),
        };
        let (index, vector) = (self.index.clone(), of_length_one(vector));
        let lambda = if let Search::Diverse { lambda, .. } = how { Some(lambda) } else { None };
        let is_quick = index.read().unwrap_or_else(PoisonError::into_inner).is_quick(wanted);
        let is_quick = is_quick && only.is_none();
        let scan = move || {
            let index = index.read().unwrap_or_else(PoisonError::into_inner);
            if index.dimension() != 0 && index.dimension() != vector.len() {
                return Err(Error::Settings(format!(
                    "the embedding model makes vectors of {} numbers, the collection holds such of {}",
                    vector.len(),
                    index.dimension()
                )));
            }
            let nearest = index.nearest(&vector, wanted, only.as_ref());
            Ok(match lambda {
                Some(lambda) => index.diverse(nearest, k, lambda),
                None => nearest,
            })
        };
        let mut found = if is_quick {
            scan()?
        } else {
            // A long list takes its time; other calls do not wait for it.
            let broken = |_| Error::Statement("the search broke off".to_owned());
            tokio::task::spawn_blocking(scan).await.map_err(broken)??
        };
        if matches!(how, Search::WithWords(_)) {
            found = fused(&found, &by_words);
        }
        found.truncate(k);
        read(&mut connection, &found).await.map_err(|error| Error::of_statement(&error))
    }
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
async fn words(
    connection: &mut SqliteConnection,
    text: &str,
    most: usize,
    only: Option<&HashSet<i64>>,
) -> sqlx::Result<Vec<i64>> {
    // Each word in quotes: nothing in a question is an order to the index.
    let quoted: Vec<String> = text
        .split(|it: char| !it.is_alphanumeric())
        .filter(|it| !it.is_empty())
        .map(|it| format!("\"{it}\""))
        .collect();
    if quoted.is_empty() {
        return Ok(Vec::new());
    }
    let found = sqlx::query("SELECT rowid FROM words WHERE words MATCH ? ORDER BY rank LIMIT ?")
        .bind(quoted.join(" OR "))
        .bind(if only.is_some() { i64::MAX } else { i64::try_from(most).unwrap_or(i64::MAX) })
        .fetch_all(connection)
        .await?;
    let places: sqlx::Result<Vec<i64>> = found.iter().map(|row| row.try_get(0)).collect();
    let fitting = places?.into_iter().filter(|it| only.is_none_or(|only| only.contains(it)));
    Ok(fitting.take(most).collect())
}

async fn write(
    connection: &mut SqliteConnection,
    entries: &[&Entry],
) -> sqlx::Result<(HashSet<i64>, Vec<i64>)> {
    let ids: Vec<String> = entries.iter().map(|it| it.id.clone()).collect();
    let mut transaction = connection.begin().await?;
    let gone = remove(&mut transaction, &ids).await?;
    let mut places = Vec::with_capacity(entries.len());
    for entry in entries {
        let bytes: Vec<u8> =
            of_length_one(&entry.vector).iter().flat_map(|it| it.to_le_bytes()).collect();
        let done =
            sqlx::query("INSERT INTO documents (id, text, metadata, vector) VALUES (?, ?, ?, ?)")
                .bind(&entry.id)
                .bind(&entry.text)
                .bind(Value::Object(entry.metadata.clone()).to_string())
                .bind(bytes)
                .execute(&mut *transaction)
                .await?;
        let place = done.last_insert_rowid();
        sqlx::query("INSERT INTO words (rowid, text) VALUES (?, ?)")
            .bind(place)
            .bind(&entry.text)
            .execute(&mut *transaction)
            .await?;
        places.push(place);
    }
    transaction.commit().await?;
    Ok((gone, places))
}

async fn remove(connection: &mut SqliteConnection, ids: &[String]) -> sqlx::Result<HashSet<i64>> {
    let mut gone = HashSet::new();
    for ids in ids.chunks(ROWS_PER_QUERY) {
        let mut query = QueryBuilder::<Sqlite>::new("DELETE FROM documents WHERE id IN (");
        let mut list = query.separated(", ");
        for id in ids {
            list.push_bind(id);
        }
        query.push(") RETURNING place");
        for row in query.build().fetch_all(&mut *connection).await? {
            gone.insert(row.try_get(0)?);
        }
    }
    for place in &gone {
        sqlx::query("DELETE FROM words WHERE rowid = ?")
            .bind(place)
            .execute(&mut *connection)
            .await?;
    }
    Ok(gone)
}

async fn read(connection: &mut SqliteConnection, found: &[Scored]) -> sqlx::Result<Vec<Hit>> {
    // Another process may have removed some since: those are left out.
    let mut hits: Vec<Option<Hit>> = vec![None; found.len()];
    let at: HashMap<i64, usize> = found.iter().enumerate().map(|(at, it)| (it.place, at)).collect();
    for some in found.chunks(ROWS_PER_QUERY) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "SELECT place, id, text, metadata FROM documents WHERE place IN (",
        );
        let mut list = query.separated(", ");
        for it in some {
            list.push_bind(it.place);
        }
        query.push(")");
        for row in query.build().fetch_all(&mut *connection).await? {
            let Some(at) = at.get(&row.try_get(0)?).copied() else { continue };
            let metadata: String = row.try_get(3)?;
            hits[at] = Some(Hit {
                id: row.try_get(1)?,
                text: row.try_get(2)?,
                metadata: serde_json::from_str(&metadata).unwrap_or_default(),
                score: found[at].score,
            });
        }
    }
    Ok(hits.into_iter().flatten().collect())
}

/// The statement for the places that a filter lets through; `None` for an empty filter.
fn filtered(
    filter: &Map<String, Value>,
    among: &[(&str, &[Value])],
) -> Result<Option<QueryBuilder<Sqlite>>> {
    if filter.is_empty() && among.is_empty() {
        return Ok(None);
    }
    let mut query = QueryBuilder::new("SELECT place FROM documents WHERE TRUE");
    for (key, wanted) in filter {
        let path = path_of(key);
        match wanted {
            Value::Object(conditions) => {
                for (operator, value) in conditions {
                    condition(&mut query, &path, key, operator, value)?;
                }
            }
            Value::Array(_) => condition(&mut query, &path, key, "$in", wanted)?,
            other => condition(&mut query, &path, key, "$eq", other)?,
        }
    }
    for (key, values) in among {
        // Of a list it goes through the elements, of anything else through the one value.
        query.push(" AND EXISTS (SELECT 1 FROM json_each(documents.metadata, ");
        query.push_bind(path_of(key)).push(") AS held WHERE held.value IN (NULL");
        for value in *values {
            query.push(", ");
            bind(&mut query, value).ok_or_else(|| {
                let said = "texts, numbers and switches are expected";
                Error::Settings(format!("the filter on \"{key}\": {said}"))
            })?;
        }
        query.push("))");
    }
    Ok(Some(query))
}

/// The path of a key in metadata; dots go into what is nested.
fn path_of(key: &str) -> String {
    let parts: Vec<String> =
        key.split('.').map(|it| format!(".\"{}\"", it.replace('"', ""))).collect();
    format!("${}", parts.concat())
}

fn condition(
    query: &mut QueryBuilder<Sqlite>,
    path: &str,
    key: &str,
    operator: &str,
    value: &Value,
) -> Result<()> {
    let wrong = |what: &str| Error::Settings(format!("the filter on \"{key}\": {what}"));
    let compared = match operator {
        "$eq" => "IS",
        "$ne" => "IS NOT",
        "$gt" => ">",
        "$gte" => ">=",
        "$lt" => "<",
        "$lte" => "<=",
        "$in" | "$nin" => {
            let Value::Array(values) = value else { return Err(wrong("a list is expected")) };
            query.push(" AND json_extract(metadata, ").push_bind(path.to_owned());
            query.push(if operator == "$in" { ") IN (NULL" } else { ") NOT IN (''" });
            for value in values {
                query.push(", ");
                bind(query, value)
                    .ok_or_else(|| wrong("texts, numbers and switches are expected"))?;
            }
            query.push(")");
            return Ok(());
        }
        other => {
            return Err(wrong(&format!(
                "{other} is none of $eq, $ne, $gt, $gte, $lt, $lte, $in and $nin"
            )));
        }
    };
    query.push(" AND json_extract(metadata, ").push_bind(path.to_owned());
    query.push(format!(") {compared} "));
    bind(query, value).ok_or_else(|| wrong("a text, a number or a switch is expected"))
}

fn bind(query: &mut QueryBuilder<Sqlite>, value: &Value) -> Option<()> {
    match value {
        Value::String(text) => query.push_bind(text.clone()),
        Value::Bool(flag) => query.push_bind(i64::from(*flag)),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => query.push_bind(whole),
            None => query.push_bind(number.as_f64()?),
        },
        Value::Null => query.push("NULL"),
        _ => return None,
    };
    Some(())
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
        file.add(&entries).await.unwrap();
        assert_eq!(file.count(), 2);
        let found = file.search(&[0.0, 1.0], 5, Search::Nearest, &Map::new(), &[]).await.unwrap();
        let texts: Vec<&str> = found.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(texts, ["other", "last"], "best first");
    }
}
