//! A Flowise database, opened so that it cannot be written to.

use std::{collections::HashMap, time::Duration};

use futures::{StreamExt as _, TryStreamExt as _, stream, stream::BoxStream};
use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend,
    IsolationLevel, SqlxMySqlConnector, SqlxPostgresConnector, SqlxSqliteConnector, Statement,
    TransactionTrait as _,
    sqlx::{
        ConnectOptions as _, Connection,
        mysql::{MySqlConnectOptions, MySqlPoolOptions},
        postgres::{PgConnectOptions, PgPoolOptions},
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};
use serde_json::{Map, Value};

use crate::{Error, Place, Result, Row, Table};

/// How many rows are read at once.
const PAGE: usize = 500;
/// How long a server may take to answer at first.
const PATIENCE: Duration = Duration::from_secs(20);
/// The column that all tables but those of memberships have.
const ID: &str = "id";

/// A column as the database declares it.
struct Column {
    name: String,
    /// Its type, in the database's words.
    kind: String,
}

/// An open database: one transaction, so that all tables are read as of one moment.
pub(crate) struct Database {
    transaction: DatabaseTransaction,
    backend: DbBackend,
    /// The columns of each table.
    columns: HashMap<String, Vec<Column>>,
}

impl Database {
    pub(crate) async fn open(place: &Place) -> Result<Self> {
        let connection = connect(place).await?;
        let backend = connection.get_database_backend();
        let transaction = match backend {
            // The file is opened read-only; SQLite knows no such transactions.
            DbBackend::Sqlite => connection.begin().await?,
            _ => {
                connection
                    .begin_with_config(
                        Some(IsolationLevel::RepeatableRead),
                        Some(AccessMode::ReadOnly),
                    )
                    .await?
            }
        };
        let columns = columns(&transaction, backend).await?;
        if !columns.contains_key(Table::ChatFlow.name()) {
            return Err(Error::Place(
                "this is no database of Flowise: it has no table chat_flow".to_owned(),
            ));
        }
        Ok(Self { transaction, backend, columns })
    }

    pub(crate) async fn count(&self, table: Table) -> Result<Option<u64>> {
        if !self.columns.contains_key(table.name()) {
            return Ok(None);
        }
        let sql = format!("SELECT COUNT(*) FROM {}", self.quoted(table.name()));
        let row = self.transaction.query_one_raw(Statement::from_string(self.backend, sql)).await?;
        let count: i64 = row.map(|it| it.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(Some(u64::try_from(count).unwrap_or_default()))
    }

    pub(crate) fn rows(&self, table: Table) -> BoxStream<'_, Result<Row>> {
        let Some(columns) = self.columns.get(table.name()) else { return stream::empty().boxed() };
        // As text, whatever they are: the types of a column differ from database to database.
        let selected: Vec<String> = columns
            .iter()
            .map(|column| {
                let column = self.quoted(&column.name);
                match self.backend {
                    DbBackend::MySql => format!("CAST({column} AS CHAR CHARACTER SET utf8mb4)"),
                    _ => format!("CAST({column} AS TEXT)"),
                }
            })
            .collect();
        let from = format!("SELECT {} FROM {}", selected.join(", "), self.quoted(table.name()));
        let id = columns.iter().find(|it| it.name == ID);
        // Page by page behind the last id read, as a chat's history may not fit into memory.
        let pages = stream::try_unfold(Some(None), move |after: Option<Option<String>>| {
            let from = from.clone();
            async move {
                let Some(after) = after else { return Ok(None) };
                let statement = self.page(&from, id, after);
                let rows = self.transaction.query_all_raw(statement).await?;
                let rows = rows.iter().map(|row| {
                    let mut read = Map::new();
                    for (place, column) in columns.iter().enumerate() {
                        let value: Option<String> = row.try_get_by_index(place)?;
                        read.insert(column.name.clone(), value.map_or(Value::Null, Value::String));
                    }
                    Ok(Row::new(read))
                });
                let rows: Vec<Row> = rows.collect::<Result<_>>()?;
                let last = rows.last().and_then(|it| it.text(ID));
                let next = id.and(last).filter(|_| rows.len() == PAGE).map(Some);
                Ok::<_, Error>(Some((stream::iter(rows.into_iter().map(Ok)), next)))
            }
        });
        pages.try_flatten().boxed()
    }

    /// The rows behind the id `after`, at most [`PAGE`]; all of a table that has no id.
    fn page(&self, from: &str, id: Option<&Column>, after: Option<String>) -> Statement {
        let Some(id) = id else { return Statement::from_string(self.backend, from) };
        let name = self.quoted(ID);
        let order = format!("ORDER BY {name} LIMIT {PAGE}");
        let Some(after) = after else {
            return Statement::from_string(self.backend, format!("{from} {order}"));
        };
        let place = match self.backend {
            DbBackend::Postgres => format!("CAST($1 AS {})", id.kind),
            _ => "?".to_owned(),
        };
        let sql = format!("{from} WHERE {name} > {place} {order}");
        Statement::from_sql_and_values(self.backend, sql, [after.into()])
    }

    fn quoted(&self, name: &str) -> String {
        let quote = if self.backend == DbBackend::MySql { '`' } else { '"' };
        format!("{quote}{name}{quote}")
    }
}

async fn connect(place: &Place) -> Result<DatabaseConnection> {
    let failed = |error: sea_orm::sqlx::Error| {
        Error::Place(format!("the database cannot be opened: {error}"))
    };
    Ok(match place {
        Place::Sqlite(path) => {
            let options = SqliteConnectOptions::new().filename(path).read_only(true);
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
            SqlxSqliteConnector::from_sqlx_sqlite_pool(pool.map_err(failed)?)
        }
        Place::Postgres(url) => {
            let options: PgConnectOptions = url.parse().map_err(failed)?;
            reach(options.connect()).await.map_err(failed)?;
            let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await;
            SqlxPostgresConnector::from_sqlx_postgres_pool(pool.map_err(failed)?)
        }
        Place::MySql(url) => {
            let options: MySqlConnectOptions = url.parse().map_err(failed)?;
            reach(options.connect()).await.map_err(failed)?;
            let pool = MySqlPoolOptions::new().max_connections(1).connect_with(options).await;
            SqlxMySqlConnector::from_sqlx_mysql_pool(pool.map_err(failed)?)
        }
        Place::Export(_) => {
            return Err(Error::Place("an exported file is no database".to_owned()));
        }
    })
}

/// Tries a server once: a pool would go on trying one that is not there for half a minute.
async fn reach<C: Connection>(
    connecting: impl Future<Output = sea_orm::sqlx::Result<C>>,
) -> sea_orm::sqlx::Result<()> {
    let connected = tokio::time::timeout(PATIENCE, connecting).await;
    connected.map_err(|_| sea_orm::sqlx::Error::PoolTimedOut)??.close().await
}

/// The columns of every table that is Flowise's, in their order.
async fn columns(
    transaction: &DatabaseTransaction,
    backend: DbBackend,
) -> Result<HashMap<String, Vec<Column>>> {
    let sql = match backend {
        DbBackend::Sqlite => {
            "SELECT m.name, p.name, p.type FROM sqlite_master m JOIN pragma_table_info(m.name) p \
             WHERE m.type = 'table' ORDER BY m.name, p.cid"
        }
        DbBackend::Postgres => {
            "SELECT table_name::text, column_name::text, data_type::text \
             FROM information_schema.columns \
             WHERE table_schema = ANY (current_schemas(false)) ORDER BY table_name, ordinal_position"
        }
        _ => {
            "SELECT CAST(table_name AS CHAR CHARACTER SET utf8mb4), \
             CAST(column_name AS CHAR CHARACTER SET utf8mb4), \
             CAST(data_type AS CHAR CHARACTER SET utf8mb4) FROM information_schema.columns \
             WHERE table_schema = DATABASE() ORDER BY table_name, ordinal_position"
        }
    };
    let mut columns: HashMap<String, Vec<Column>> = HashMap::new();
    for row in transaction.query_all_raw(Statement::from_string(backend, sql)).await? {
        let table: String = row.try_get_by_index(0)?;
        let column = Column { name: row.try_get_by_index(1)?, kind: row.try_get_by_index(2)? };
        if Table::ALL.iter().any(|it| it.name() == table) {
            columns.entry(table).or_default().push(column);
        }
    }
    Ok(columns)
}
