//! Real database servers of Debian's packages, started in a folder of their own and gone when dropped.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use flowstone_store::{DatabaseSettings, ServerAddress, ServerSettings};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

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

/// A server process.
struct Server(Child);

impl Server {
    /// Starts it and waits until it says that it is ready.
    fn start(mut command: Command, ready: &str) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = Vec::new();
        let is_ready = lines.by_ref().map_while(Result::ok).any(|line| {
            said.push(line);
            said.last().is_some_and(|it| it.contains(ready))
        });
        assert!(is_ready, "{command:?} did not start:\n{}", said.join("\n"));
        // Whoever does not read on blocks the server when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }

    fn stop(&mut self) {
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        // An orderly end: PostgreSQL would leave shared memory behind otherwise.
        let _ = Command::new("kill").args(["-INT", &self.0.id().to_string()]).status();
        let _ = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let _ = self.0.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// As whom a server runs.
struct Account {
    prefix: Vec<String>,
}

impl Account {
    /// PostgreSQL refuses to run as root: then it runs as the user of Debian's package, who gets
    /// the folder.
    fn for_postgres(folder: &Path) -> Self {
        let mut prefix = die_with_us();
        if own_user() == 0 {
            let (user, group) = user_of_postgres();
            chown(folder, Some(user), Some(group)).unwrap();
            prefix.extend([
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ]);
        }
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).unwrap();
        Self { prefix }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(&self.prefix[0]);
        command.args(&self.prefix[1..]).arg(program).current_dir("/");
        command
    }
}

/// The server must not outlive a test that is killed.
fn die_with_us() -> Vec<String> {
    vec![find("setpriv", "util-linux").to_str().unwrap().to_owned(), "--pdeathsig=TERM".to_owned()]
}

fn own_user() -> u32 {
    fs::metadata("/proc/self").unwrap().uid()
}

fn user_of_postgres() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find_map(|it| it.strip_prefix("postgres:"));
    let line = line.expect("there is no user postgres: install the Debian package postgresql");
    let mut fields = line.split(':').skip(1).map(|it| it.parse().unwrap());
    (fields.next().unwrap(), fields.next().unwrap())
}

/// The folder of the newest installed PostgreSQL, which Debian keeps out of the `PATH`.
fn postgres_binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.filter(|it| it.path().join("bin/initdb").is_file()).max_by_key(|it| {
        let version = it.file_name();
        version.to_string_lossy().parse::<u32>().unwrap_or_default()
    });
    newest.expect("PostgreSQL is missing: install the Debian package postgresql").path().join("bin")
}

fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers live in sbin, which is not in everybody's PATH.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    let found = folders.map(|it: PathBuf| it.join(program)).find(|it| it.is_file());
    found.unwrap_or_else(|| panic!("{program} is missing: install the Debian package {package}"))
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}
