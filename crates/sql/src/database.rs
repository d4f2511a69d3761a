//! A connection that only reads.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures::{StreamExt as _, TryStreamExt as _};
use serde_json::{Map, Value};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection, PgConnection, Row as _,
    SqliteConnection,
    mysql::{MySqlConnectOptions, MySqlSslMode},
    postgres::{PgConnectOptions, PgSslMode},
    sqlite::SqliteConnectOptions,
};

use crate::{Error, Kind, Result, Rows, Server, Target, rows, statement, target::Security};

/// How far a connection may go.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long connecting and each statement may take.
    pub time: Duration,
    /// How many rows of a result are read.
    pub rows: usize,
}

impl Default for Limits {
    /// Half a minute, two hundred rows.
    fn default() -> Self {
        Self { time: Duration::from_secs(30), rows: 200 }
    }
}

/// A table or a view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Names and types of its columns, in order.
    pub columns: Vec<(String, String)>,
}

/// An open database that is only read. It is closed when dropped.
pub struct Database {
    connection: Connection,
    limits: Limits,
}

/// An open connection.
pub(crate) enum Connection {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

/// Name and type of every column, by table and position, for the kinds in order.
const COLUMNS_OF_SQLITE: &str = "SELECT m.name AS t, p.name AS c, p.type AS k FROM sqlite_master AS m \
     JOIN pragma_table_info(m.name) AS p WHERE m.type IN ('table', 'view') \
     AND m.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY m.name, p.cid";
const COLUMNS_OF_POSTGRES: &str = "SELECT table_name::text AS t, column_name::text AS c, \
     data_type::text AS k FROM information_schema.columns WHERE table_schema = current_schema() \
     ORDER BY table_name, ordinal_position";
const COLUMNS_OF_MYSQL: &str = "SELECT CAST(table_name AS CHAR) AS t, CAST(column_name AS CHAR) AS c, \
     CAST(column_type AS CHAR) AS k FROM information_schema.columns WHERE table_schema = database() \
     ORDER BY table_name, ordinal_position";

impl Database {
    /// Connects to `target`.
    ///
    /// # Errors
    /// [`Error::Connection`] and [`Error::TooSlow`].
    pub async fn open(target: &Target, limits: Limits) -> Result<Self> {
        let connection = within(limits.time, async {
            match target {
                Target::Sqlite(file) => open_sqlite(file).await.map(Connection::Sqlite),
                Target::Server(server) if server.kind == Kind::Postgres => {
                    open_postgres(server, limits).await.map(Connection::Postgres)
                }
                Target::Server(server) => open_mysql(server, limits).await.map(Connection::MySql),
            }
            .map_err(|error| Error::connecting(&error))
        });
        Ok(Self { connection: connection.await?, limits })
    }

    /// What the database speaks.
    pub fn kind(&self) -> Kind {
        match self.connection {
            Connection::Sqlite(_) => Kind::Sqlite,
            Connection::Postgres(_) => Kind::Postgres,
            Connection::MySql(_) => Kind::MySql,
        }
    }

    /// Its tables and views: of a server those of the connection's own schema.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::Statement`] and [`Error::TooSlow`].
    pub async fn tables(&mut self) -> Result<Vec<Table>> {
        let statement = match self.kind() {
            Kind::Sqlite => COLUMNS_OF_SQLITE,
            Kind::Postgres => COLUMNS_OF_POSTGRES,
            Kind::MySql => COLUMNS_OF_MYSQL,
        };
        // A database may have more columns than a question may have rows.
        let found = self.run(statement, 20_000).await?;
        let mut tables: Vec<Table> = Vec::new();
        for row in found.rows {
            let cell = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let column = (cell("c").to_owned(), cell("k").to_owned());
            match tables.last_mut().filter(|it| it.name == cell("t")) {
                Some(table) => table.columns.push(column),
                None => tables.push(Table { name: cell("t").to_owned(), columns: vec![column] }),
            }
        }
        Ok(tables)
    }

    /// The first `count` rows of a table.
    ///
    /// # Errors
    /// As [`query`](Self::query).
    pub async fn sample(&mut self, table: &str, count: usize) -> Result<Rows> {
        let name = match self.kind() {
            Kind::MySql => format!("`{}`", table.replace('`', "``")),
            Kind::Sqlite | Kind::Postgres => format!("\"{}\"", table.replace('"', "\"\"")),
        };
        let found = self.run(&format!("SELECT * FROM {name} LIMIT {count}"), count).await?;
        Ok(Rows { cut: false, ..found })
    }

    /// Runs one statement that only reads, and reads its first rows.
    ///
    /// # Errors
    /// [`Error::Refused`] where it is more than one or does not only read, [`Error::Statement`] with
    /// the database's words, [`Error::TooSlow`].
    pub async fn query(&mut self, text: &str) -> Result<Rows> {
        let statement = statement::reading(self.kind(), text)?.to_owned();
        self.run(&statement, self.limits.rows).await
    }

    async fn run(&mut self, statement: &str, most: usize) -> Result<Rows> {
        let time = self.limits.time;
        let run = async {
            match &mut self.connection {
                Connection::Sqlite(it) => run_sqlite(it, statement, most, time).await,
                Connection::Postgres(it) => run_postgres(it, statement, most).await,
                Connection::MySql(it) => run_mysql(it, statement, most).await,
            }
            .map_err(|error| Error::of_statement(&error))
        };
        match within(time, run).await {
            Err(Error::TooSlow(_)) => Err(Error::TooSlow(time.as_secs())),
            other => other,
        }
    }
}

/// Gives work so much time.
pub(crate) async fn within<T>(time: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    let in_time = tokio::time::timeout(time, work).await;
    in_time.unwrap_or_else(|_| Err(Error::TooSlow(time.as_secs())))
}

async fn open_sqlite(file: &std::path::Path) -> sqlx::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .read_only(true)
        .create_if_missing(false)
        .busy_timeout(Duration::from_secs(5))
        .pragma("query_only", "ON")
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    let mut connection = SqliteConnection::connect_with(&options).await?;
    // A file that is no database is noticed when it is read first.
    sqlx::query("SELECT count(*) FROM sqlite_master").execute(&mut connection).await?;
    Ok(connection)
}

async fn open_postgres(server: &Server, limits: Limits) -> sqlx::Result<PgConnection> {
    let milliseconds = limits.time.as_millis().to_string();
    let options = postgres_options(server).options([
        ("default_transaction_read_only", "on"),
        ("statement_timeout", milliseconds.as_str()),
        ("lock_timeout", milliseconds.as_str()),
    ]);
    PgConnection::connect_with(&options).await
}

/// How a `PostgreSQL` server is connected to, without what this machine's environment and files say
/// of other databases.
pub(crate) fn postgres_options(server: &Server) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .host(server.connects_to())
        .port(server.port)
        .username(&server.user)
        .password(&server.password)
        .database(&server.database)
        .application_name("flowstone")
        .ssl_mode(match server.security {
            Security::Off => PgSslMode::Disable,
            Security::Preferred => PgSslMode::Prefer,
            Security::Required => PgSslMode::Require,
            Security::Proven => PgSslMode::VerifyFull,
        })
        .disable_statement_logging()
}

/// How a MySQL server is connected to.
pub(crate) fn mysql_options(server: &Server) -> MySqlConnectOptions {
    let options = MySqlConnectOptions::new()
        .host(server.connects_to())
        .port(server.port)
        .username(&server.user)
        .database(&server.database)
        .ssl_mode(match server.security {
            Security::Off => MySqlSslMode::Disabled,
            Security::Preferred => MySqlSslMode::Preferred,
            Security::Required => MySqlSslMode::Required,
            Security::Proven => MySqlSslMode::VerifyIdentity,
        })
        .disable_statement_logging();
    // An empty password is none: it would be scrambled like one.
    if server.password.is_empty() { options } else { options.password(&server.password) }
}

async fn open_mysql(server: &Server, limits: Limits) -> sqlx::Result<MySqlConnection> {
    let mut connection = MySqlConnection::connect_with(&mysql_options(server)).await?;
    sqlx::query("SET SESSION TRANSACTION READ ONLY").execute(&mut connection).await?;
    let version: String = sqlx::query("SELECT CAST(VERSION() AS CHAR)")
        .fetch_one(&mut connection)
        .await?
        .try_get(0)?;
    // The two servers name and count the limit differently.
    let limit = if version.contains("MariaDB") {
        format!("SET SESSION max_statement_time = {}", limits.time.as_secs().max(1))
    } else {
        format!("SET SESSION max_execution_time = {}", limits.time.as_millis())
    };
    sqlx::query(AssertSqlSafe(limit)).execute(&mut connection).await?;
    Ok(connection)
}

async fn run_sqlite(
    connection: &mut SqliteConnection,
    statement: &str,
    most: usize,
    time: Duration,
) -> sqlx::Result<Rows> {
    // The statement runs in a thread that dropping the future does not end.
    let deadline = Instant::now() + time;
    connection.lock_handle().await?.set_progress_handler(1_000, move || Instant::now() < deadline);
    let found = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch(connection);
    collect(found.map_ok(|row| rows::of_sqlite(&row)), most).await
}

async fn run_postgres(
    connection: &mut PgConnection,
    statement: &str,
    most: usize,
) -> sqlx::Result<Rows> {
    let mut transaction = connection.begin().await?;
    sqlx::query("SET TRANSACTION READ ONLY").execute(&mut *transaction).await?;
    let first = statement.trim_start_matches(['(', ' ', '\n']).to_ascii_lowercase();
    if ["show", "explain"].iter().any(|it| first.starts_with(it)) {
        let found = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch(&mut *transaction);
        let found = found.map_ok(|row| {
            let cell: Value = row.try_get::<String, _>(0).map_or(Value::Null, Into::into);
            Map::from_iter([("result".to_owned(), cell)])
        });
        return collect(found, most).await;
    }
    // The server knows how to write its types; a row arrives as one text. The line break ends a
    // comment at the end of the statement.
    let wrapped = format!(
        "SELECT row_to_json(result)::text FROM (\n{statement}\n) AS result LIMIT {}",
        most + 1
    );
    let found = sqlx::query(AssertSqlSafe(wrapped)).fetch(&mut *transaction);
    let found = found.map_ok(|row| rows::of_json(&row.try_get::<String, _>(0).unwrap_or_default()));
    collect(found, most).await
}

async fn run_mysql(
    connection: &mut MySqlConnection,
    statement: &str,
    most: usize,
) -> sqlx::Result<Rows> {
    let mut transaction = connection.begin().await?;
    let found = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch(&mut *transaction);
    collect(found.map_ok(|row| rows::of_mysql(&row)), most).await
}

/// Reads rows up to the limit, and whether there are more.
async fn collect(
    found: impl futures::Stream<Item = sqlx::Result<Map<String, Value>>>,
    most: usize,
) -> sqlx::Result<Rows> {
    let mut rows: Vec<_> = found.take(most + 1).try_collect().await?;
    let cut = rows.len() > most;
    rows.truncate(most);
    Ok(Rows { rows, cut })
}
