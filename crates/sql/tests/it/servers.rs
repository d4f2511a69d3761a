//! The same little shop in a file, in a PostgreSQL and in a MariaDB, which listen on this machine.

use std::{net::TcpListener, process::Command};

use flowstone_sql::{Kind, Server, Target};
use sqlx::{AssertSqlSafe, Connection as _, MySqlConnection, PgConnection, SqliteConnection};
use tempfile::TempDir;

use crate::process::{
    Account, Server as Process, die_with_us, find, own_user, postgres_binaries, run,
};

/// Running servers and a file.
pub(crate) struct Example {
    folder: TempDir,
    servers: Vec<(Kind, u16, Process, TempDir)>,
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
        let example = Self { folder, servers: vec![postgres(), mariadb()] };
        for (kind, port, ..) in &example.servers {
            fill(*kind, *port).await;
        }
        example
    }

    /// All three, as the crate is told of them.
    pub(crate) fn targets(&self) -> Vec<Target> {
        let mut targets = vec![Target::Sqlite(self.folder.path().join("shop.db"))];
        for (kind, port, ..) in &self.servers {
            targets.push(Target::Server(Server::parse(*kind, &url(*kind, *port)).unwrap()));
        }
        targets
    }

    /// Stops the servers.
    pub(crate) fn stop(&mut self) {
        self.servers.iter_mut().for_each(|(_, _, process, _)| process.stop());
    }
}

fn url(kind: Kind, port: u16) -> String {
    match kind {
        Kind::Postgres => format!("postgres://flowstone@127.0.0.1:{port}/postgres"),
        _ => format!("mysql://root@127.0.0.1:{port}/test"),
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn postgres() -> (Kind, u16, Process, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let binaries = postgres_binaries();
    let data = folder.path().join("data");
    let account = Account::for_postgres(folder.path());
    run(account
        .command(&binaries.join("initdb"))
        .args(["--username=flowstone", "--auth=trust", "--no-sync", "--encoding=UTF8"])
        .args(["--locale=C", "-D"])
        .arg(&data));
    let port = free_port();
    let mut command = account.command(&binaries.join("postgres"));
    command.arg("-D").arg(&data).arg("-k").arg(folder.path());
    command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]);
    (Kind::Postgres, port, Process::start(command, "ready to accept connections"), folder)
}

fn mariadb() -> (Kind, u16, Process, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let user = (own_user() == 0).then_some("--user=root");
    run(Command::new(find("mariadb-install-db", "mariadb-server"))
        .args(["--no-defaults", "--auth-root-authentication-method=normal"])
        .args(user)
        .arg(format!("--datadir={}", data.display())));
    let port = free_port();
    let account = Account { prefix: die_with_us() };
    let mut command = account.command(&find("mariadbd", "mariadb-server"));
    command
        .args(["--no-defaults", "--skip-log-bin", "--bind-address=127.0.0.1"])
        .args(user)
        .arg(format!("--port={port}"))
        .arg(format!("--datadir={}", data.display()))
        .arg(format!("--socket={}", folder.path().join("socket").display()))
        .arg(format!("--pid-file={}", folder.path().join("pid").display()));
    (Kind::MySql, port, Process::start(command, "ready for connections"), folder)
}

async fn fill(kind: Kind, port: u16) {
    let url = url(kind, port);
    if kind == Kind::Postgres {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for statement in statements(kind) {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut connection).await.unwrap();
        }
        connection.close().await.unwrap();
        return;
    }
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
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
