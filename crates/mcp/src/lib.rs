//! The client of MCP servers: lists their tools and calls them, over streamable HTTP, over the older
//! transport of server-sent events, and over the pipes of a program that the operator allowed.
//!
//! The protocol itself is the crate `rmcp`; what goes out goes through the one HTTP client.

mod commands;
mod events;
mod http;
mod legacy;
mod program;
mod session;
mod slot;
mod target;
#[cfg(test)]
mod tests;
mod tools;

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Result};
use flowstone_providers::HttpClient;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

pub use commands::Commands;
pub use session::Sessions;
pub use target::{HttpServer, Program, Target, Wire};
pub use tools::{Called, Picture, ToolInfo};

use session::Session;

/// Programs that may run at once.
const MOST_PROGRAMS: usize = 16;

/// What an installation decides about MCP servers.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The programs that flows may start; none by default.
    pub commands: Commands,
    /// Folders in which programs are looked for: the `PATH` they get.
    pub path: String,
    /// Longest description of a tool, in characters.
    pub description: usize,
    /// Longest name of a tool as models are told it, in characters.
    pub name: usize,
    /// Longest list of tools, in bytes of JSON.
    pub list: usize,
    /// How long a server may take to tell its tools.
    pub patience: Duration,
    /// How long a program may take to start and tell its tools: it may have to be fetched first.
    pub start: Duration,
    /// How long a tool may take.
    pub call: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            commands: Commands::default(),
            path: String::new(),
            description: 1024,
            name: 64,
            list: 512 * 1024,
            patience: Duration::from_secs(15),
            start: Duration::from_mins(1),
            call: Duration::from_mins(2),
        }
    }
}

/// Calls MCP servers; one for an installation.
pub struct Mcp {
    http: Arc<HttpClient>,
    settings: Settings,
    programs: Arc<Semaphore>,
}

impl Mcp {
    /// A client with these settings.
    pub fn new(http: Arc<HttpClient>, settings: Settings) -> Self {
        Self { http, settings, programs: Arc::new(Semaphore::new(MOST_PROGRAMS)) }
    }

    /// What the installation decides.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The tools of a server, as it names and describes them, cleaned of what only machines can
    /// see. With `sessions` the connection stays open for calls that follow.
    ///
    /// # Errors
    /// `Unsupported` where a program is not allowed; `AddressRefused`, `Transport` and `Provider`
    /// where the server cannot be asked.
    pub async fn tools(
        &self,
        target: &Target,
        sessions: Option<&Sessions>,
    ) -> Result<Vec<ToolInfo>> {
        let patience = self.patience(target);
        let listing = async {
            let session = match sessions {
                Some(sessions) => sessions.of(self, target).await?,
                None => Arc::new(self.open(target).await?),
            };
            let listed = session.tools(&self.settings).await;
            if sessions.is_none()
                && let Some(session) = Arc::into_inner(session)
            {
                session.close().await;
            }
            listed
        };
        let listed = tokio::time::timeout(patience, listing).await;
        listed.unwrap_or_else(|_| Err(too_slow(target, patience)))
    }

    /// Calls a tool by the name that the server gave it.
    ///
    /// # Errors
    /// As [`tools`](Self::tools). What the tool itself says went wrong is no error but a result.
    pub async fn call(
        &self,
        target: &Target,
        sessions: &Sessions,
        name: &str,
        arguments: &Map<String, Value>,
    ) -> Result<Called> {
        let patience = self.patience(target);
        let opened = tokio::time::timeout(patience, sessions.of(self, target)).await;
        let session = opened.unwrap_or_else(|_| Err(too_slow(target, patience)))?;
        let call = session.call(name, arguments.clone());
        let called = tokio::time::timeout(self.settings.call, call).await;
        let called = called.unwrap_or_else(|_| Err(too_slow(target, self.settings.call)));
        if called.is_err() {
            sessions.forget(target, &session).await;
        }
        called
    }

    fn patience(&self, target: &Target) -> Duration {
        match target {
            Target::Http(_) => self.settings.patience,
            Target::Program(_) => self.settings.start,
        }
    }

    async fn open(&self, target: &Target) -> Result<Session> {
        match target {
            Target::Http(server) => Session::over_http(&self.http, server).await,
            Target::Program(program) => {
                let ready = self.settings.commands.ready(program)?;
                let permit = self.programs.clone().try_acquire_owned().map_err(|_| {
                    Error::Busy(format!(
                        "{MOST_PROGRAMS} programs of MCP servers are running, and no more may at once; try again \
                         later"
                    ))
                })?;
                Session::over_pipes(ready, &self.settings.path, permit).await
            }
        }
    }
}

fn too_slow(target: &Target, patience: Duration) -> Error {
    let seconds = patience.as_secs_f64();
    Error::Transport(format!(
        "the MCP server {} did not answer within {seconds} seconds",
        target.place()
    ))
}
