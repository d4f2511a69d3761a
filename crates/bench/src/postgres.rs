//! A PostgreSQL of Debian's package, started in a folder of its own and gone when dropped.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A running PostgreSQL without anything in it.
pub(crate) struct Postgres {
    folder: TempDir,
    child: Child,
}

impl Postgres {
    /// Makes a cluster and starts it, with its own settings for what is safe; nothing where it is
    /// not installed. It listens on a Unix socket only.
    ///
    /// # Errors
    /// Where it is installed and does not start.
    pub(crate) fn start() -> Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        let mut prefix = vec!["--pdeathsig=TERM".to_owned()];
        // It refuses to run as root: then it runs as the user of Debian's package.
        if fs::metadata("/proc/self")?.uid() == 0 {
            let Some((user, group)) = user()? else { return Ok(None) };
            chown(folder.path(), Some(user), Some(group))?;
            let who = [format!("--reuid={user}"), format!("--regid={group}")];
            prefix.extend(who.into_iter().chain(["--clear-groups".to_owned()]));
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700))?;
        let data = folder.path().join("data");
        let mut make = command(&prefix, &programs.join("initdb"));
        make.args(["--username=flowstone", "--auth=trust", "--encoding=UTF8", "--locale=C", "-D"]);
        let initialised = make.arg(&data).output().context("initdb cannot be started")?;
        let errors = String::from_utf8_lossy(&initialised.stderr);
        ensure!(initialised.status.success(), "initdb: {errors}");

        let mut serve = command(&prefix, &programs.join("postgres"));
        serve.arg("-D").arg(&data).arg("-k").arg(folder.path()).args(["-c", "listen_addresses="]);
        serve.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = serve.spawn().context("PostgreSQL cannot be started")?;
        let errors = child.stderr.take().context("PostgreSQL has no standard error")?;
        let mut lines = BufReader::new(errors).lines().map_while(Result::ok);
        let ready = lines.any(|line| line.contains("ready to accept connections"));
        let server = Self { folder, child };
        ensure!(ready, "PostgreSQL ended at its start");
        // Whoever does not read on blocks the server when the pipe is full.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Some(server))
    }

    /// What a server is told to use it.
    pub(crate) fn variables(&self) -> [(&'static str, String); 4] {
        [
            ("DATABASE_TYPE", "postgres".to_owned()),
            ("DATABASE_HOST", self.folder.path().display().to_string()),
            ("DATABASE_USER", "flowstone".to_owned()),
            ("DATABASE_NAME", "postgres".to_owned()),
        ]
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An orderly end: it would leave shared memory behind otherwise.
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(id, Signal::INT);
        }
        let _ = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "to start a database is what this file is for")]
fn command(prefix: &[String], program: &Path) -> Command {
    let mut command = Command::new("setpriv");
    command.args(prefix).arg(program);
    command
}

/// The folder of the newest installed one, which Debian keeps out of the `PATH`.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?.flatten();
    let newest = versions.filter(|it| it.path().join("bin/initdb").is_file()).max_by_key(|it| {
        let version = it.file_name();
        version.to_string_lossy().parse::<u32>().unwrap_or_default()
    });
    Some(newest?.path().join("bin"))
}

/// Numbers of the user and group of Debian's package.
fn user() -> Result<Option<(u32, u32)>> {
    let users = fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find_map(|it| it.strip_prefix("postgres:"));
    let mut fields = line.into_iter().flat_map(|it| it.split(':').skip(1));
    let mut number = || fields.next().and_then(|it| it.parse().ok());
    Ok(number().zip(number()))
}
