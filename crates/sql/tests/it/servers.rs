//! The same little shop in a file, in a PostgreSQL and in a MariaDB, which listen on this machine.

use flowstone_sql::{Kind, Server, Target};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::listening::Listening;

/// Running servers and a file.
pub(crate) struct Example {
    folder: TempDir,
    servers: Vec<(Kind, Listening)>,
}

impl Example {
    /// Starts the servers and fills all three.
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = format!("sqlite://{}/shop.db?mode=rwc", folder.path().display());
        let mut connection = SqliteConnection::connect(&file).await.unwrap();
        for statement in statements(Kind::Sqlite) {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        let servers =
            vec![(Kind::Postgres, Listening::postgres()), (Kind::MySql, Listening::mariadb())];
        let example = Self { folder, servers };
        for (kind, server) in &example.servers {
            fill(*kind, &server.url).await;
        }
        example
    }

    /// All three, as the crate is told of them.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let mut targets = vec![Target::Sqlite(self.folder.path().join("shop.db"))];
        for (kind, server) in &self.servers {
            targets.push(Target::Server(Server::parse(*kind, &server.url).unwrap()));
        }
        targets
    }

    /// Stops the servers.
    pub(crate) fn stop(&mut self) {
        self.servers.iter_mut().for_each(|(_, it)| it.stop());
    }
}

async fn fill(kind: Kind, url: &str) {
    if kind == Kind::Postgres {
        let mut connection = PgConnection::connect(url).await.unwrap();
        for statement in statements(kind) {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        return;
    }
    let mut connection = MySqlConnection::connect(url).await.unwrap();
    for statement in statements(kind) {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
    }
    connection.close().await.unwrap();
}

fn statements(kind: Kind) -> [String; 3] {
    let quote = if kind == Kind::MySql { '`' } else { '"' };
    let inner = if kind == Kind::MySql { "\"" } else { "\"\"" };
    [
        "CREATE TABLE fruit (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL, \
         price DOUBLE PRECISION, picked DATE, note TEXT)"
            .to_owned(),
        "INSERT INTO fruit (id, name, price, picked) VALUES (1, 'apple', 1.5, '2026-11-22'), \
         (2, 'pear', 2, NULL), (3, 'plum', 3, NULL), (4, 'fig', 4, NULL), (5, 'kiwi', 5, NULL)"
            .to_owned(),
        format!("CREATE TABLE {quote}odd {inner}name{quote} (id INTEGER)"),
    ]
}
