//! Tables of `SingleStore`, which speaks `MySQL`'s wire and finds rows by their vectors, with the
//! columns that `LangChain` gives them and an id.

use std::time::Duration;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, Row as _};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    Entry, Error, Hit, Result, Target,
    database::{mysql_options, within},
};

/// How long connecting and each call may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A table of vectors, connected to on first use.
pub struct PackedTable {
    targets: Vec<Target>,
    columns: PackedColumns,
    connection: Mutex<Option<MySqlConnection>>,
}

/// Names of the table and of its columns.
#[derive(Clone, Debug)]
pub struct PackedColumns {
    /// The table.
    pub table: String,
    /// The text.
    pub content: String,
    /// The vector, as packed numbers.
    pub vector: String,
    /// The metadata, as JSON.
    pub metadata: String,
}

impl PackedTable {
    /// A table in the first of the databases that answers; made on the first write where it is not
    /// there.
    ///
    /// # Errors
    /// [`Error::Settings`] for names with anything but letters, digits and underscores.
    pub fn new(targets: Vec<Target>, columns: PackedColumns) -> Result<Self> {
        let PackedColumns { table, content, vector, metadata } = &columns;
        for name in [table, content, vector, metadata] {
            let fits = !name.is_empty()
                && name.len() <= 60
                && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
            if !fits {
                return Err(Error::Settings(format!(
                    "\"{name}\" is no name of letters, digits and underscores, such as embeddings"
                )));
            }
        }
        Ok(Self { targets, columns, connection: Mutex::new(None) })
    }

    /// Makes the table where it is not there. The length of its vectors; `None` before the first.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::Statement`] and [`Error::TooSlow`], as all calls.
    pub async fn make_ready(&self) -> Result<Option<u64>> {
        let PackedColumns { table, content, vector, metadata } = &self.columns;
        let create = format!(
            "CREATE TABLE IF NOT EXISTS `{table}` (`id` VARCHAR(255) NOT NULL PRIMARY KEY, \
             `{content}` LONGTEXT CHARACTER SET utf8mb4, `{vector}` LONGBLOB, `{metadata}` JSON)"
        );
        // Packed numbers take four bytes each.
        let length = format!(
            "SELECT CAST(LENGTH(`{vector}`) / 4 AS SIGNED) FROM `{table}` \
             WHERE `{vector}` IS NOT NULL LIMIT 1"
        );
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            sqlx::query(AssertSqlSafe(create)).execute(&mut *connection).await?;
            let row = sqlx::query(AssertSqlSafe(length)).fetch_optional(connection).await?;
            row.map(|it| it.try_get::<i64, _>(0)).transpose()
        };
        let length = settled(work.await, held)?;
        Ok(length.and_then(|it| u64::try_from(it).ok()))
    }

    /// Writes rows; those with a known id are replaced.
    ///
    /// # Errors
    /// As [`make_ready`](Self::make_ready).
    pub async fn write(&self, entries: &[Entry]) -> Result<()> {
        let PackedColumns { table, content, vector, metadata } = &self.columns;
        let row = "(?, ?, JSON_ARRAY_PACK(?), ?)";
        let statement = format!(
            "REPLACE INTO `{table}` (`id`, `{content}`, `{vector}`, `{metadata}`) VALUES {}",
            vec![row; entries.len()].join(", ")
        );
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let mut query = sqlx::query(AssertSqlSafe(statement));
        for it in entries {
            query = query
                .bind(&it.id)
                .bind(&it.text)
                .bind(as_json(&it.vector))
                .bind(Value::Object(it.metadata.clone()).to_string());
        }
        settled(query.execute(connection).await.map(drop), held)
    }

    /// The `k` rows whose inner product with `vector` is largest. Nothing where there is no table.
    ///
    /// # Errors
    /// As [`make_ready`](Self::make_ready).
    pub async fn nearest(&self, vector: &[f32], k: usize) -> Result<Vec<Hit>> {
        let PackedColumns { table, content, vector: column, metadata } = &self.columns;
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            if !is_there(connection, table).await? {
                return Ok(Vec::new());
            }
            // A table that others made has no id.
            let ids = "SELECT 1 FROM information_schema.columns WHERE table_schema = database() \
                       AND table_name = ? AND column_name = 'id'";
            let has_ids = sqlx::query(ids).bind(table).fetch_optional(&mut *connection).await?;
            let id = if has_ids.is_some() { "CAST(`id` AS CHAR)" } else { "''" };
            let statement = format!(
                "SELECT {id}, `{content}`, CAST(`{metadata}` AS CHAR), \
                 DOT_PRODUCT(`{column}`, JSON_ARRAY_PACK(?)) AS nearness \
                 FROM `{table}` ORDER BY nearness DESC LIMIT {k}"
            );
            let query = sqlx::query(AssertSqlSafe(statement)).bind(as_json(vector));
            let mut hits = Vec::new();
            for row in query.fetch_all(connection).await? {
                let metadata: Option<String> = row.try_get(2)?;
                let metadata = metadata.and_then(|it| serde_json::from_str(&it).ok());
                #[expect(clippy::cast_possible_truncation, reason = "a score needs no more")]
                let score = row.try_get::<f64, _>(3)? as f32;
                hits.push(Hit {
                    id: row.try_get(0)?,
                    text: row.try_get::<Option<String>, _>(1)?.unwrap_or_default(),
                    metadata: metadata.unwrap_or_default(),
                    score,
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
        let table = &self.columns.table;
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            if ids.is_empty() || !is_there(connection, table).await? {
                return Ok(());
            }
            let list = vec!["?"; ids.len()].join(", ");
            let statement = format!("DELETE FROM `{table}` WHERE `id` IN ({list})");
            let mut query = sqlx::query(AssertSqlSafe(statement));
            for id in ids {
                query = query.bind(id);
            }
            query.execute(connection).await.map(drop)
        };
        settled(work.await, held)
    }

    async fn open(&self) -> Result<MutexGuard<'_, Option<MySqlConnection>>> {
        let mut held = self.connection.lock().await;
        if held.is_some() {
            return Ok(held);
        }
        let mut refused = Error::Connection("the database server cannot be reached".to_owned());
        for target in &self.targets {
            let Target::Server(server) = target else { continue };
            let options = mysql_options(server);
            let opened = within(PATIENCE, async {
                let connected = MySqlConnection::connect_with(&options).await;
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

async fn is_there(connection: &mut MySqlConnection, table: &str) -> sqlx::Result<bool> {
    let statement = "SELECT 1 FROM information_schema.tables WHERE table_schema = database() AND \
                     table_name = ?";
    Ok(sqlx::query(statement).bind(table).fetch_optional(connection).await?.is_some())
}

/// A connection that failed is not used again.
fn settled<T>(
    outcome: sqlx::Result<T>,
    mut held: MutexGuard<'_, Option<MySqlConnection>>,
) -> Result<T> {
    outcome.map_err(|error| {
        *held = None;
        Error::of_statement(&error)
    })
}

fn connected(held: &mut Option<MySqlConnection>) -> Result<&mut MySqlConnection> {
    held.as_mut().ok_or_else(|| Error::Connection("the database cannot be reached".to_owned()))
}

fn as_json(vector: &[f32]) -> String {
    let numbers: Vec<String> = vector.iter().map(ToString::to_string).collect();
    format!("[{}]", numbers.join(","))
}
