//! Database servers of Debian's packages that listen on a port of this machine. Other crates' tests use this file too.

use std::{net::TcpListener, process::Command};

use tempfile::TempDir;

use super::process::{Account, Server, die_with_us, find, own_user, postgres_binaries, run};

/// A running server with an empty database; gone when dropped.
pub(crate) struct Listening {
    /// The address of its empty database, as its first user reaches it.
    pub(crate) url: String,
    server: Server,
    _folder: TempDir,
}

impl Listening {
    /// A PostgreSQL.
    pub(crate) fn postgres() -> Self {
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
        command.args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"]);
        command.args(["-c", "fsync=off"]);
        let server = Server::start(command, "ready to accept connections");
        let url = format!("postgres://flowstone@127.0.0.1:{port}/postgres");
        Self { url, server, _folder: folder }
    }

    /// A MariaDB.
    pub(crate) fn mariadb() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        // As root a server wants to be told that it shall stay so.
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
        let server = Server::start(command, "ready for connections");
        Self { url: format!("mysql://root@127.0.0.1:{port}/test"), server, _folder: folder }
    }

    /// Stops it.
    pub(crate) fn stop(&mut self) {
        self.server.stop();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
