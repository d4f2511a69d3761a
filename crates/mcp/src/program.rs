//! A program that is spoken to over its pipes: in a process group of its own, with nothing of our
//! environment but the path, and ended with the connection.

use std::{process::Stdio, time::Duration};

use flowstone_core::{Error, Result};
use rmcp::{RoleClient, transport::async_rw::AsyncRwTransport};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    sync::OwnedSemaphorePermit,
    task::JoinSet,
};

use crate::commands::Ready;

/// Longest message of a program, in bytes.
const LONGEST_MESSAGE: usize = 4 * 1024 * 1024;

/// How much of what a program complains of is logged, in bytes.
const MOST_COMPLAINTS: u64 = 64 * 1024;

/// How long a program that said nothing more may take to be gone.
const LEAVING: Duration = Duration::from_secs(2);

/// Messages over pipes.
pub(crate) type Pipes = AsyncRwTransport<RoleClient, ChildStdout, ChildStdin>;

/// A running program. It and all that it started are killed when this is dropped.
pub(crate) struct Running {
    child: Child,
    group: Option<Pid>,
    /// Logs what it complains of.
    _complaints: JoinSet<()>,
    _permit: OwnedSemaphorePermit,
}

impl Running {
    /// Starts a program that the operator allowed.
    ///
    /// # Errors
    /// `Transport` where it cannot be started.
    #[expect(clippy::disallowed_methods, reason = "the operator wrote this very command down")]
    pub(crate) fn start(
        ready: &Ready,
        path: &str,
        permit: OwnedSemaphorePermit,
    ) -> Result<(Self, Pipes)> {
        let mut command = Command::new(&ready.program);
        command
            .args(&ready.arguments)
            .env_clear()
            .env("PATH", path)
            .envs(ready.environment.iter().map(|(name, value)| (name, value)))
            // Ours may hold a `.env` file.
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        let place = ready.place();
        let mut child = command.spawn().map_err(|error| {
            tracing::warn!(%error, program = place, "a program of an MCP server cannot be started");
            Error::Transport(format!("the program {place} cannot be started: is it installed?"))
        })?;
        let group = child.id().and_then(|it| i32::try_from(it).ok()).and_then(Pid::from_raw);
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(Error::Transport(format!("the program {place} has no pipes")));
        };
        let mut complaints = JoinSet::new();
        complaints.spawn(log(place, stderr));
        let pipes = Pipes::new(stdout, stdin).with_max_line_length(LONGEST_MESSAGE);
        Ok((Self { child, group, _complaints: complaints, _permit: permit }, pipes))
    }

    /// What to tell of a program that did not greet.
    pub(crate) async fn why_it_ended(mut self, place: &str) -> Error {
        match tokio::time::timeout(LEAVING, self.child.wait()).await {
            Ok(Ok(status)) => Error::Transport(format!(
                "the program {place} ended at once ({status}); what it complained of is in the server's log"
            )),
            _ => Error::Transport(format!(
                "the program {place} does not answer as MCP servers do: is it one that talks over its pipes?"
            )),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Only while it is ours: a process that was waited for may have left its number to another.
        if self.child.id().is_none() {
            return;
        }
        if let Some(group) = self.group
            && let Err(error) = kill_process_group(group, Signal::KILL)
        {
            tracing::debug!(%error, "a program of an MCP server was gone already");
        }
    }
}

async fn log(place: String, stderr: ChildStderr) {
    let mut lines = BufReader::new(stderr.take(MOST_COMPLAINTS)).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        tracing::info!(program = place, "{line}");
    }
    // It must not be stopped by a full pipe.
    let mut rest = lines.into_inner().into_inner().into_inner();
    if let Err(error) = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await {
        tracing::debug!(%error, "a program's complaints broke off");
    }
}
