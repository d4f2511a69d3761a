//! Processes of database servers, which end with the test. Other crates' tests use this file too.

use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A server process.
pub(crate) struct Server(Child);

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub(crate) fn start(mut command: Command, ready: &str) -> Self {
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

    pub(crate) fn stop(&mut self) {
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
pub(crate) struct Account {
    pub(crate) prefix: Vec<String>,
}

impl Account {
    /// PostgreSQL refuses to run as root: then it runs as the user of Debian's package, who gets
    /// the folder.
    pub(crate) fn for_postgres(folder: &Path) -> Self {
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

    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(&self.prefix[0]);
        command.args(&self.prefix[1..]).arg(program).current_dir("/");
        command
    }
}

/// The server must not outlive a test that is killed.
pub(crate) fn die_with_us() -> Vec<String> {
    vec![find("setpriv", "util-linux").to_str().unwrap().to_owned(), "--pdeathsig=TERM".to_owned()]
}

pub(crate) fn own_user() -> u32 {
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
pub(crate) fn postgres_binaries() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions.filter(|it| it.path().join("bin/initdb").is_file()).max_by_key(|it| {
        let version = it.file_name();
        version.to_string_lossy().parse::<u32>().unwrap_or_default()
    });
    newest.expect("PostgreSQL is missing: install the Debian package postgresql").path().join("bin")
}

pub(crate) fn find(program: &str, package: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers live in sbin, which is not in everybody's PATH.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/bin".into()]);
    let found = folders.map(|it: PathBuf| it.join(program)).find(|it| it.is_file());
    found.unwrap_or_else(|| panic!("{program} is missing: install the Debian package {package}"))
}

pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}
