//! Tables of `PostgreSQL` whose rows pgvector finds by their vectors, with the columns that Flowise
//! gives them.

use std::time::Duration;

use serde_json::{Map, Value};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    Entry, Error, Hit, Result, Target,
    database::{postgres_options, within},
};

/// How long connecting and each statement may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A table of vectors, connected to on first use.
pub struct VectorTable {
    targets: Vec<Target>,
    table: String,
    content: String,
    distance: Distance,
    connection: Mutex<Option<PgConnection>>,
}

/// What counts as near.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// The angle.
    Cosine,
    /// The straight line.
    Euclidean,
    /// The inner product.
    InnerProduct,
}

impl Distance {
    fn operator(self) -> &'static str {
        match self {
            Self::Cosine => "<=>",
            Self::Euclidean => "<->",
            Self::InnerProduct => "<#>",
        }
    }

    /// Higher is nearer.
    #[expect(clippy::cast_possible_truncation, reason = "scores need no more than six digits")]
    fn score(self, distance: f64) -> f32 {
        let score = match self {
            Self::Cosine => 1.0 - distance,
            Self::Euclidean => 1.0 / (1.0 + distance),
            Self::InnerProduct => -distance,
        };
        score as f32
    }
}

impl VectorTable {
    /// A table of this name in the first of the databases that answers; its column `content` holds
    /// the text. Both are made on the first write where they are not there.
    ///
    /// # Errors
    /// [`Error::Settings`] for names with anything but letters, digits and underscores.
    pub fn new(
        targets: Vec<Target>,
        table: &str,
        content: &str,
        distance: Distance,
    ) -> Result<Self> {
        for name in [table, content] {
            let fits = !name.is_empty()
                && name.len() <= 63
                && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
            if !fits {
                return Err(Error::Settings(format!(
                    "\"{name}\" is no name of letters, digits and underscores, such as documents"
                )));
            }
        }
        let connection = Mutex::new(None);
        Ok(Self { targets, table: table.into(), content: content.into(), distance, connection })
    }

    /// Makes the table where it is not there. The length of its vectors; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::Statement`] and [`Error::TooSlow`], as all calls.
    pub async fn make_ready(&self) -> Result<Option<u64>> {
        let Self { table, content, .. } = self;
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            if !is_there(connection, table).await? {
                for statement in [
                    "CREATE EXTENSION IF NOT EXISTS vector".to_owned(),
                    format!(
                        "CREATE TABLE IF NOT EXISTS \"{table}\" (id uuid NOT NULL DEFAULT \
                         gen_random_uuid() PRIMARY KEY, \"{content}\" text, metadata jsonb, \
                         embedding vector)"
                    ),
                ] {
                    sqlx::query(AssertSqlSafe(statement)).execute(&mut *connection).await?;
                }
            }
            let length = format!(
                "SELECT vector_dims(embedding)::int8 FROM \"{table}\" WHERE embedding IS NOT NULL \
                 LIMIT 1"
            );
            let row = sqlx::query(AssertSqlSafe(length)).fetch_optional(connection).await?;
            row.map(|it| it.try_get::<i64, _>(0)).transpose()
        };
        let length = settled(work.await, held)?;
        Ok(length.and_then(|it| u64::try_from(it).ok()))
    }

    /// Writes rows; those with a known id are replaced. Ids are UUIDs.
    ///
    /// # Errors
    /// As [`make_ready`](Self::make_ready).
    pub async fn write(&self, entries: &[Entry]) -> Result<()> {
        let Self { table, content, .. } = self;
        if let Some(odd) = entries.iter().find(|it| !is_uuid(&it.id)) {
            return Err(Error::Settings(format!("the id \"{}\" is no UUID", odd.id)));
        }
        let statement = format!(
            "INSERT INTO \"{table}\" (id, \"{content}\", metadata, embedding) \
             SELECT i::uuid, c, m::jsonb, e::vector \
             FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[]) AS new(i, c, m, e) \
             ON CONFLICT (id) DO UPDATE SET \"{content}\" = excluded.\"{content}\", \
             metadata = excluded.metadata, embedding = excluded.embedding"
        );
        let column = |value: fn(&Entry) -> String| entries.iter().map(value).collect::<Vec<_>>();
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let written = sqlx::query(AssertSqlSafe(statement))
            .bind(column(|it| it.id.clone()))
            .bind(column(|it| it.text.clone()))
            .bind(column(|it| Value::Object(it.metadata.clone()).to_string()))
            .bind(column(|it| as_text(&it.vector)))
            .execute(connection)
            .await;
        settled(written.map(drop), held)
    }

    /// The `k` rows nearest to `vector` whose metadata holds all of `filter` and, of each list in
    /// `among`, one of the objects; with `chat` only those whose metadata says this under the key, or
    /// has no such key. Nothing where there is no table.
    ///
    /// # Errors
    /// As [`make_ready`](Self::make_ready).
    pub async fn nearest(
        &self,
        vector: &[f32],
        k: usize,
        filter: &Map<String, Value>,
        among: &[Vec<Value>],
        chat: Option<(&str, &str)>,
    ) -> Result<Vec<Hit>> {
        let Self { table, content, .. } = self;
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let operator = self.distance.operator();
        let of_chat = match chat {
            Some(_) => " AND (metadata->>$3 = $4 OR NOT jsonb_exists(metadata::jsonb, $3))",
            None => "",
        };
        let first = if chat.is_some() { 5 } else { 3 };
        let one_of = (first..first + among.len())
            .map(|it| format!(" AND metadata::jsonb @> ANY(${it}::text[]::jsonb[])"));
        let of_chat = one_of.fold(of_chat.to_owned(), |all, one| all + &one);
        let statement = format!(
            "SELECT id::text, \"{content}\", metadata::text, \
             (embedding {operator} $1::vector)::float8 FROM \"{table}\" \
             WHERE embedding IS NOT NULL AND COALESCE(metadata::jsonb, '{{}}') @> $2::jsonb\
             {of_chat} ORDER BY embedding {operator} $1::vector LIMIT {k}"
        );
        let work = async {
            if !is_there(connection, table).await? {
                return Ok(Vec::new());
            }
            let mut query = sqlx::query(AssertSqlSafe(statement))
                .bind(as_text(vector))
                .bind(Value::Object(filter.clone()).to_string());
            if let Some((key, chat)) = chat {
                query = query.bind(key).bind(chat);
            }
            for objects in among {
                query = query.bind(objects.iter().map(Value::to_string).collect::<Vec<_>>());
            }
            let mut hits = Vec::new();
            for row in query.fetch_all(connection).await? {
                let metadata: Option<String> = row.try_get(2)?;
                let metadata = metadata.and_then(|it| serde_json::from_str(&it).ok());
                hits.push(Hit {
                    id: row.try_get(0)?,
                    text: row.try_get::<Option<String>, _>(1)?.unwrap_or_default(),
                    metadata: metadata.unwrap_or_default(),
                    score: self.distance.score(row.try_get(3)?),
                });
            }
            Ok(hits)
        };
        settled(work.await, held)
    }

    /// Removes rows; unknown ids are no error.
    ///
    /// # Errors
    /// As [`make_ready`](Self::make_ready).
    pub async fn delete(&self, ids: &[String]) -> Result<()> {
        let table = &self.table;
        let ids: Vec<&str> = ids.iter().filter(|it| is_uuid(it)).map(String::as_str).collect();
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            if is_there(connection, table).await? {
                let statement = format!("DELETE FROM \"{table}\" WHERE id = ANY($1::uuid[])");
                sqlx::query(AssertSqlSafe(statement)).bind(ids).execute(connection).await?;
            }
            Ok(())
        };
        settled(work.await, held)
    }

    async fn open(&self) -> Result<MutexGuard<'_, Option<PgConnection>>> {
        let mut held = self.connection.lock().await;
        if held.is_some() {
            return Ok(held);
        }
        let mut refused = Error::Connection("the database server cannot be reached".to_owned());
        for target in &self.targets {
            let Target::Server(server) = target else { continue };
            let milliseconds = PATIENCE.as_millis().to_string();
            let options = postgres_options(server).options([
                ("statement_timeout", milliseconds.as_str()),
                ("lock_timeout", milliseconds.as_str()),
            ]);
            let opened = within(PATIENCE, async {
                let connected = PgConnection::connect_with(&options).await;
                connected.map_err(|error| Error::connecting(&error))
            });
            match opened.await {
                Ok(connection) => {
                    *held = Some(connection);
                    return Ok(held);
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}

async fn is_there(connection: &mut PgConnection, table: &str) -> sqlx::Result<bool> {
    let name = format!("\"{table}\"");
    let row = sqlx::query("SELECT to_regclass($1) IS NOT NULL").bind(name);
    row.fetch_one(connection).await?.try_get(0)
}

/// A connection that failed is not used again.
fn settled<T>(
    outcome: sqlx::Result<T>,
    mut held: MutexGuard<'_, Option<PgConnection>>,
) -> Result<T> {
    outcome.map_err(|error| {
        *held = None;
        Error::of_statement(&error)
    })
}

fn connected(held: &mut Option<PgConnection>) -> Result<&mut PgConnection> {
    held.as_mut().ok_or_else(|| Error::Connection("the database cannot be reached".to_owned()))
}

/// As pgvector reads it: `[1,2.5]`.
fn as_text(vector: &[f32]) -> String {
    let numbers: Vec<String> = vector.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(","))
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    groups == [8, 4, 4, 4, 12] && text.chars().all(|it| it == '-' || it.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_reach_a_statement() {
        let made = |table, content| {
            VectorTable::new(Vec::new(), table, content, Distance::Cosine).map(drop)
        };
        assert!(made("documents", "pageContent").is_ok());
        for odd in ["", "a b", "a\"b", "a;b", "a.b", "é"] {
            assert!(made(odd, "text").is_err() && made("documents", odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn ids_are_uuids() {
        assert!(is_uuid("0f9f3a3e-5a1c-4c9e-9d5f-0123456789ab"));
        for odd in [
            "",
            "unknown",
            "0f9f3a3e5a1c4c9e9d5f0123456789ab",
            "zf9f3a3e-5a1c-4c9e-9d5f-0123456789ab",
        ] {
            assert!(!is_uuid(odd), "{odd}");
        }
    }
}
