//! The measured server: started as a child process in a folder of its own, ended on every path.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use crate::process;

/// How long a start, and a polite end, may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Pause between two looks at a server that starts.
const LOOK: Duration = Duration::from_millis(1);
/// Starts before it is given up to find a port that nobody else takes meanwhile.
const TRIES: usize = 3;

/// What is started: a program, its data, and the model it may call.
#[derive(Clone, Copy)]
pub(crate) struct Installation<'a> {
    /// The program.
    pub(crate) binary: &'a Path,
    /// Where it keeps its database and secrets.
    pub(crate) folder: &'a Path,
    /// The one private address that flows may call.
    pub(crate) model: SocketAddr,
    /// Further variables of the environment.
    pub(crate) variables: &'a [(&'static str, String)],
}

/// A running server. Dropped, it is killed.
pub(crate) struct Server {
    child: Child,
    id: u32,
    /// Up to and without the path.
    pub(crate) url: String,
    /// What the start took until `/api/v1/ping` answered.
    pub(crate) start: Start,
}

/// What a start takes.
#[derive(Clone, Copy)]
pub(crate) struct Start {
    /// Time on the clock.
    pub(crate) wall: Duration,
    /// CPU time of the process.
    pub(crate) cpu: Duration,
}

impl Installation<'_> {
    /// Starts the server and waits until it answers.
    ///
    /// # Errors
    /// The end of its log, where it ends instead.
    pub(crate) async fn start(self, client: &reqwest::Client) -> Result<Server> {
        let mut failure = None;
        for _ in 0..TRIES {
            match self.try_start(client).await {
                Ok(server) => return Ok(server),
                Err(error) => failure = Some(error),
            }
        }
        Err(failure.context("no start was tried")?)
    }

    async fn try_start(self, client: &reqwest::Client) -> Result<Server> {
        let log = self.folder.join("log");
        let port = free_port()?;
        let url = format!("http://127.0.0.1:{port}");
        let begin = Instant::now();
        let mut child = self.command(port, &log)?.spawn().with_context(|| {
            format!("{} cannot be started (--binary names another program)", self.binary.display())
        })?;
        let id = child.id().context("the server ended at once")?;
        let ping = format!("{url}/api/v1/ping");
        loop {
            if client.get(&ping).send().await.is_ok_and(|it| it.status().is_success()) {
                break;
            }
            if let Some(status) = child.try_wait()? {
                bail!("the server ended at its start ({status}). Its log:\n{}", tail(&log));
            }
            if begin.elapsed() > PATIENCE {
                bail!("the server does not answer. Its log:\n{}", tail(&log));
            }
            tokio::time::sleep(LOOK).await;
        }
        let start = Start { wall: begin.elapsed(), cpu: process::cpu_time(id)? };
        Ok(Server { child, id, url, start })
    }

    #[expect(clippy::disallowed_methods, reason = "to start the server is what this tool is for")]
    fn command(self, port: u16, log: &Path) -> Result<Command> {
        let output = File::create(log).context("the server's log cannot be written")?;
        let mut command = Command::new(self.binary);
        // Nothing of this shell's settings may change what is measured.
        command
            .env_clear()
            .current_dir(self.folder)
            .arg("start")
            .env("HOME", self.folder)
            .env("DATABASE_PATH", self.folder)
            .env("SECRETKEY_PATH", self.folder)
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .env("HTTP_ALLOW_LIST", self.model.to_string())
            .env("FLOWSTONE_EXAMPLES", "false")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output)
            .kill_on_drop(true);
        Ok(command)
    }
}

impl Server {
    /// CPU time it has used so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        process::cpu_time(self.id)
    }

    /// Memory it holds, in bytes.
    pub(crate) fn memory(&self) -> Result<u64> {
        process::resident_memory(self.id)
    }

    /// The most memory it has held so far, in bytes.
    pub(crate) fn most_memory(&self) -> Result<u64> {
        process::most_memory(self.id)
    }

    /// Asks it to end and waits for it.
    ///
    /// # Errors
    /// Where it does not end, or not well.
    pub(crate) async fn stop(mut self) -> Result<()> {
        let id = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        kill_process(id.context("the server has no process id")?, Signal::TERM)?;
        let status = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        let status = status.context("the server does not end when it is asked to")??;
        anyhow::ensure!(status.success(), "the server ended with {status}");
        Ok(())
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}

/// The program as a path that holds wherever it is started from.
///
/// # Errors
/// Where there is none.
pub(crate) fn find(binary: &Path) -> Result<PathBuf> {
    binary.canonicalize().with_context(|| {
        format!("{} is not there: 'make build' makes it, --binary names another", binary.display())
    })
}
