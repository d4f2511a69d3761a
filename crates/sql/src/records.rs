//! Tables that keep track of what was written to vector stores: what `LangChain` calls a record
//! manager, with its columns.

use std::time::Duration;

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, MySql, MySqlConnection, PgConnection, Postgres,
    QueryBuilder, Row as _, Sqlite, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};
use tokio::sync::Mutex;

use crate::{
    Error, Kind, Result, Target,
    database::{Connection, mysql_options, postgres_options, within},
};

/// How long connecting and each statement may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many keys one statement names; MySQL and SQLite both bound it.
const KEYS_PER_QUERY: usize = 500;
/// What follows a time that would not be later than all there are.
const STEP: f64 = 0.001;

/// A table of records, connected to on first use.
pub struct RecordTable {
    targets: Vec<Target>,
    table: String,
    connection: Mutex<Option<Connection>>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Id of the document in its vector store.
    pub key: String,
    /// Where it comes from.
    pub group: Option<String>,
    /// The loader that it came by.
    pub document: Option<String>,
}

/// Which records are meant: those for which all that is given holds.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which<'a> {
    /// Written before this time.
    pub before: Option<f64>,
    /// Of one of these groups.
    pub groups: Option<&'a [String]>,
    /// Come by this loader.
    pub document: Option<&'a str>,
    /// So many at most.
    pub limit: Option<usize>,
}

/// Runs the same statements on whichever database is connected.
///
/// A macro, because the three drivers share no type that a function could take.
macro_rules! on {
    ($connection:expr, |$open:ident, $builder:ident| $work:expr) => {
        match $connection {
            Connection::Sqlite($open) => {
                type $builder = QueryBuilder<Sqlite>;
                $work
            }
            Connection::Postgres($open) => {
                type $builder = QueryBuilder<Postgres>;
                $work
            }
            Connection::MySql($open) => {
                type $builder = QueryBuilder<MySql>;
                $work
            }
        }
    };
}

impl RecordTable {
    /// A table of this name in the first of the databases that answers. A `SQLite` file is made
    /// where there is none.
    ///
    /// # Errors
    /// [`Error::Settings`] for a name with anything but letters, digits and underscores.
    pub fn new(targets: Vec<Target>, table: &str) -> Result<Self> {
        let table = table.trim().to_ascii_lowercase().replace(' ', "_");
        let fits = !table.is_empty()
            && table.len() <= 60
            && table.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
        if !fits {
            return Err(Error::Settings(
                "a name of letters, digits and underscores is expected, such as upsertion_records"
                    .to_owned(),
            ));
        }
        Ok(Self { targets, table, connection: Mutex::new(None) })
    }

    /// A time in seconds by the database's clock, later than that of every record of `namespace`.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::Statement`] and [`Error::TooSlow`], as all calls.
    pub async fn begin(&self, namespace: &str) -> Result<f64> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let now = match connection {
            Connection::Sqlite(_) => "(julianday('now') - 2440587.5) * 86400.0",
            Connection::Postgres(_) => "EXTRACT(EPOCH FROM clock_timestamp())::float8",
            Connection::MySql(_) => "CAST(UNIX_TIMESTAMP(NOW(3)) AS DOUBLE)",
        };
        let table = self.name(connection);
        let work = async {
            on!(connection, |open, Builder| {
                let mut query = Builder::new(format!("SELECT {now}, MAX(updated_at) FROM {table}"));
                query.push(" WHERE namespace = ").push_bind(namespace);
                let row = query.build().fetch_one(open).await?;
                let (now, last): (f64, Option<f64>) = (row.try_get(0)?, row.try_get(1)?);
                Ok(last.map_or(now, |last| now.max(last + STEP)))
            })
        };
        settled(work.await, held)
    }

    /// Which of the keys have a record.
    pub async fn known(&self, namespace: &str, keys: &[String]) -> Result<Vec<String>> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let (table, key) = (self.name(connection), key_column(connection));
        let work = async {
            let mut known = Vec::new();
            for keys in keys.chunks(KEYS_PER_QUERY) {
                on!(&mut *connection, |open, Builder| {
                    let mut query = Builder::new(format!("SELECT {key} FROM {table}"));
                    query.push(" WHERE namespace = ").push_bind(namespace);
                    query.push(format!(" AND {key} IN ("));
                    let mut list = query.separated(", ");
                    for it in keys {
                        list.push_bind(it);
                    }
                    query.push(")");
                    for row in query.build().fetch_all(&mut *open).await? {
                        known.push(row.try_get::<String, _>(0)?);
                    }
                });
            }
            Ok(known)
        };
        settled(work.await, held)
    }

    /// Keeps records as written at `time`; those that are there already are changed.
    pub async fn keep(&self, namespace: &str, records: &[RecordRow], time: f64) -> Result<()> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let (table, key) = (self.name(connection), key_column(connection));
        let changed = match connection {
            Connection::MySql(_) => " ON DUPLICATE KEY UPDATE updated_at = VALUES(updated_at), \
                 group_id = COALESCE(VALUES(group_id), group_id), \
                 doc_id = COALESCE(VALUES(doc_id), doc_id)"
                .to_owned(),
            _ => format!(
                " ON CONFLICT ({key}, namespace) DO UPDATE SET updated_at = excluded.updated_at, \
                 group_id = COALESCE(excluded.group_id, {table}.group_id), \
                 doc_id = COALESCE(excluded.doc_id, {table}.doc_id)"
            ),
        };
        let work = async {
            for records in records.chunks(KEYS_PER_QUERY / 5) {
                on!(&mut *connection, |open, Builder| {
                    let mut query = Builder::new(format!(
                        "INSERT INTO {table} ({key}, namespace, updated_at, group_id, doc_id) "
                    ));
                    query.push_values(records, |mut row, it| {
                        row.push_bind(&it.key)
                            .push_bind(namespace)
                            .push_bind(time)
                            .push_bind(&it.group)
                            .push_bind(&it.document);
                    });
                    query.push(&changed);
                    query.build().execute(&mut *open).await?;
                });
            }
            Ok(())
        };
        settled(work.await, held)
    }

    /// The keys of the records that are meant.
    pub async fn list(&self, namespace: &str, which: Which<'_>) -> Result<Vec<String>> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let (table, key) = (self.name(connection), key_column(connection));
        let work = async {
            on!(connection, |open, Builder| {
                let mut query = Builder::new(format!("SELECT {key} FROM {table}"));
                query.push(" WHERE namespace = ").push_bind(namespace);
                if let Some(before) = which.before {
                    query.push(" AND updated_at < ").push_bind(before);
                }
                if let Some(document) = which.document {
                    query.push(" AND doc_id = ").push_bind(document);
                }
                if let Some(groups) = which.groups {
                    // No source is none of the groups.
                    query.push(" AND group_id IN (NULL");
                    for group in groups {
                        query.push(", ").push_bind(group);
                    }
                    query.push(")");
                }
                if let Some(limit) = which.limit {
                    query.push(format!(" LIMIT {limit}"));
                }
                let rows = query.build().fetch_all(open).await?;
                rows.iter().map(|row| row.try_get::<String, _>(0)).collect()
            })
        };
        settled(work.await, held)
    }

    /// How many records there are.
    pub async fn count(&self, namespace: &str) -> Result<usize> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let table = self.name(connection);
        let work = async {
            on!(connection, |open, Builder| {
                let mut query = Builder::new(format!("SELECT COUNT(*) FROM {table}"));
                query.push(" WHERE namespace = ").push_bind(namespace);
                let count: i64 = query.build().fetch_one(open).await?.try_get(0)?;
                Ok(usize::try_from(count).unwrap_or_default())
            })
        };
        settled(work.await, held)
    }

    /// Removes records; unknown keys are no error.
    pub async fn forget(&self, namespace: &str, keys: &[String]) -> Result<()> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let (table, key) = (self.name(connection), key_column(connection));
        let work = async {
            for keys in keys.chunks(KEYS_PER_QUERY) {
                on!(&mut *connection, |open, Builder| {
                    let mut query = Builder::new(format!("DELETE FROM {table}"));
                    query.push(" WHERE namespace = ").push_bind(namespace);
                    query.push(format!(" AND {key} IN ("));
                    let mut list = query.separated(", ");
                    for it in keys {
                        list.push_bind(it);
                    }
                    query.push(")");
                    query.build().execute(&mut *open).await?;
                });
            }
            Ok(())
        };
        settled(work.await, held)
    }

    /// Connects, where that was not done yet, and makes the table.
    async fn open(&self) -> Result<tokio::sync::MutexGuard<'_, Option<Connection>>> {
        let mut held = self.connection.lock().await;
        if held.is_some() {
            return Ok(held);
        }
        let mut refused = Error::Connection("the database server cannot be reached".to_owned());
        for target in &self.targets {
            let opened = within(PATIENCE, async {
                let mut connection =
                    connect(target).await.map_err(|error| Error::connecting(&error))?;
                let made = make(&mut connection, &self.table).await;
                made.map_err(|error| Error::of_statement(&error))?;
                Ok(connection)
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

    fn name(&self, connection: &Connection) -> String {
        quoted(connection, &self.table)
    }
}

/// A connection that failed is not used again.
pub(crate) fn settled<T>(
    outcome: sqlx::Result<T>,
    mut held: tokio::sync::MutexGuard<'_, Option<Connection>>,
) -> Result<T> {
    outcome.map_err(|error| {
        *held = None;
        Error::of_statement(&error)
    })
}

pub(crate) fn connected(held: &mut Option<Connection>) -> Result<&mut Connection> {
    held.as_mut().ok_or_else(|| Error::Connection("the database cannot be reached".to_owned()))
}

fn quoted(connection: &Connection, name: &str) -> String {
    match connection {
        Connection::MySql(_) => format!("`{name}`"),
        _ => format!("\"{name}\""),
    }
}

/// `key` is a word of MySQL's own.
fn key_column(connection: &Connection) -> &'static str {
    match connection {
        Connection::MySql(_) => "`key`",
        _ => "key",
    }
}

pub(crate) async fn connect(target: &Target) -> sqlx::Result<Connection> {
    Ok(match target {
        Target::Sqlite(file) => {
            let options = SqliteConnectOptions::new()
                .filename(file)
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .busy_timeout(PATIENCE)
                .disable_statement_logging();
            Connection::Sqlite(
                <SqliteConnection as sqlx::Connection>::connect_with(&options).await?,
            )
        }
        Target::Server(server) if server.kind == Kind::Postgres => {
            let milliseconds = PATIENCE.as_millis().to_string();
            let options = postgres_options(server).options([
                ("statement_timeout", milliseconds.as_str()),
                ("lock_timeout", milliseconds.as_str()),
            ]);
            Connection::Postgres(<PgConnection as sqlx::Connection>::connect_with(&options).await?)
        }
        Target::Server(server) => Connection::MySql(
            <MySqlConnection as sqlx::Connection>::connect_with(&mysql_options(server)).await?,
        ),
    })
}

/// Makes the table, where it is not there, and the column that older tables have not.
async fn make(connection: &mut Connection, table: &str) -> sqlx::Result<()> {
    let name = quoted(connection, table);
    match connection {
        Connection::Sqlite(open) => {
            for statement in [
                format!(
                    "CREATE TABLE IF NOT EXISTS {name} (uuid TEXT PRIMARY KEY DEFAULT \
                     (lower(hex(randomblob(16)))), key TEXT NOT NULL, namespace TEXT NOT NULL, \
                     updated_at REAL NOT NULL, group_id TEXT, doc_id TEXT, UNIQUE (key, namespace))"
                ),
                format!(
                    "CREATE INDEX IF NOT EXISTS \"{table}_time\" ON {name} (namespace, updated_at)"
                ),
            ] {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut *open).await?;
            }
            let columns =
                format!("SELECT 1 FROM pragma_table_info('{table}') WHERE name = 'doc_id'");
            if sqlx::query(AssertSqlSafe(columns)).fetch_optional(&mut *open).await?.is_none() {
                let add = format!("ALTER TABLE {name} ADD COLUMN doc_id TEXT");
                sqlx::query(AssertSqlSafe(add)).execute(&mut *open).await?;
            }
        }
        Connection::Postgres(open) => {
            for statement in [
                format!(
                    "CREATE TABLE IF NOT EXISTS {name} (uuid UUID PRIMARY KEY DEFAULT \
                     gen_random_uuid(), key TEXT NOT NULL, namespace TEXT NOT NULL, \
                     updated_at DOUBLE PRECISION NOT NULL, group_id TEXT, doc_id TEXT, \
                     UNIQUE (key, namespace))"
                ),
                format!("ALTER TABLE {name} ADD COLUMN IF NOT EXISTS doc_id TEXT"),
            ] {
                sqlx::query(AssertSqlSafe(statement)).execute(&mut *open).await?;
            }
        }
        Connection::MySql(open) => {
            let create = format!(
                "CREATE TABLE IF NOT EXISTS {name} (uuid VARCHAR(36) PRIMARY KEY DEFAULT (UUID()), \
                 `key` VARCHAR(255) NOT NULL, namespace VARCHAR(255) NOT NULL, \
                 updated_at DOUBLE PRECISION NOT NULL, group_id LONGTEXT, doc_id LONGTEXT, \
                 UNIQUE KEY unique_key_namespace (`key`, namespace))"
            );
            sqlx::query(AssertSqlSafe(create)).execute(&mut *open).await?;
            let columns = "SELECT 1 FROM information_schema.columns WHERE table_schema = database() \
                           AND table_name = ? AND column_name = 'doc_id'";
            let there = sqlx::query(columns).bind(table).fetch_optional(&mut *open).await?;
            if there.is_none() {
                let add = format!("ALTER TABLE {name} ADD COLUMN doc_id LONGTEXT");
                sqlx::query(AssertSqlSafe(add)).execute(&mut *open).await?;
            }
        }
    }
    Ok(())
}
