//! Real database servers of Debian's packages, started in a folder of their own and gone when dropped.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use flowstone_store::{DatabaseSettings, ServerAddress, ServerSettings};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use crate::process::{Account, Server, die_with_us, find, own_user, postgres_binaries, run};

/// A running PostgreSQL.
pub(crate) struct Postgres {
    folder: TempDir,
    server: Server,
}

impl Postgres {
    /// Makes a cluster and starts it; it listens on a Unix socket only.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let binaries = postgres_binaries();
        let data = folder.path().join("data");
        let account = Account::for_postgres(folder.path());
        run(account
            .command(&binaries.join("initdb"))
            .args([
                "--username=flowstone",
                "--auth=trust",
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(&data));
        let mut command = account.command(&binaries.join("postgres"));
        command.arg("-D").arg(&data).arg("-k").arg(folder.path());
        command.args(["-c", "listen_addresses=", "-c", "fsync=off", "-c", "full_page_writes=off"]);
        let server = Server::start(command, "ready to accept connections");
        Self { folder, server }
    }

    /// Makes a database and tells how to reach it.
    pub(crate) async fn database(&self, name: &str) -> DatabaseSettings {
        let administration = format!(
            "postgres://flowstone@localhost/postgres?host={}",
            self.folder.path().display()
        );
        execute(&administration, &format!("CREATE DATABASE {name}")).await;
        DatabaseSettings::Postgres(self.settings(name))
    }

    fn settings(&self, database: &str) -> ServerSettings {
        ServerSettings::new(ServerAddress::Parts {
            host: self.folder.path().to_str().unwrap().to_owned(),
            port: None,
            user: "flowstone".to_owned(),
            password: None,
            database: database.to_owned(),
        })
    }

    /// Stops the server while its clients are still there.
    pub(crate) fn stop(&mut self) {
        self.server.stop();
    }
}

/// A running MariaDB.
pub(crate) struct MariaDb {
    folder: TempDir,
    server: Server,
}

impl MariaDb {
    /// Makes a data folder and starts a server on it; it listens on a Unix socket only.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let install = find("mariadb-install-db", "mariadb-server");
        let data = folder.path().join("data");
        // As root a server wants to be told that it shall stay so.
        let user = (own_user() == 0).then_some("--user=root");
        run(Command::new(install)
            .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal"])
            .args(user)
            .arg(format!("--datadir={}", data.display())));
        let account = Account { prefix: die_with_us() };
        let mut command = account.command(&find("mariadbd", "mariadb-server"));
        command
            .args([
                "--no-defaults",
                "--skip-networking",
                "--skip-log-bin",
                "--innodb-flush-log-at-trx-commit=0",
                "--innodb-flush-method=nosync",
                "--skip-innodb-doublewrite",
                "--sync-frm=0",
            ])
            .args(user)
            .arg(format!("--datadir={}", data.display()))
            .arg(format!("--socket={}", socket(folder.path()).display()))
            .arg(format!("--pid-file={}", folder.path().join("pid").display()));
        let server = Server::start(command, "ready for connections");
        Self { folder, server }
    }

    /// Makes a database and tells how to reach it.
    pub(crate) async fn database(&self, name: &str) -> DatabaseSettings {
        let socket = socket(self.folder.path());
        let administration = format!("mysql://root@localhost/mysql?socket={}", socket.display());
        execute(&administration, &format!("CREATE DATABASE {name}")).await;
        DatabaseSettings::MySql(ServerSettings::new(ServerAddress::Parts {
            host: socket.to_str().unwrap().to_owned(),
            port: None,
            user: "root".to_owned(),
            password: None,
            database: name.to_owned(),
        }))
    }

    /// Stops the server while its clients are still there.
    pub(crate) fn stop(&mut self) {
        self.server.stop();
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("socket")
}

async fn execute(url: &str, statement: &str) {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    connection.execute_unprepared(statement).await.unwrap();
    connection.close().await.unwrap();
}
