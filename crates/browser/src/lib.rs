//! A browser of this machine that reads web pages as people see them, scripts run.
//!
//! The browser (Chromium or Chrome) has no way out of its own: every call of a page is handed to a
//! [`Network`], which answers it or refuses. What a page tries beside that (sockets, other protocols,
//! names to look up) leads to a proxy that is not there. It is told what to do by a pair of pipes, so
//! it listens on no port. A session ends with its process when it is dropped.

mod error;
mod network;
mod pipe;
mod session;
mod visit;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use tokio::sync::Semaphore;

pub use error::{Error, Result};
pub use network::{Answer, Call, Network};
pub use session::Session;
pub use visit::{Seen, Visit, Wait};

/// Where the browsers of systems lie.
const USUAL: &[&str] = &[
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
    "/snap/bin/chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/// The browser of an installation.
#[derive(Debug)]
pub struct Browser {
    program: Option<PathBuf>,
    /// How many sessions may be open at once: each takes some hundred megabytes.
    places: Arc<Semaphore>,
}

impl Browser {
    /// The browser at `program`, else the one that is found where systems put them; at most
    /// `sessions` at once.
    pub fn new(program: Option<PathBuf>, sessions: usize) -> Self {
        let usual = || USUAL.iter().map(PathBuf::from).find(|it| it.is_file());
        let program = program.or_else(usual);
        Self { program, places: Arc::new(Semaphore::new(sessions.max(1))) }
    }

    /// Where it is, if there is one.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// Starts it. Where as many are open as may be, this waits for one to end.
    ///
    /// # Errors
    /// [`Error::Missing`] where there is none, [`Error::Broken`] where it does not start.
    pub async fn open(&self, network: Arc<dyn Network>) -> Result<Session> {
        let program = self.program.as_deref().ok_or(Error::Missing)?;
        let place = self.places.clone().acquire_owned().await;
        let place = place.map_err(|_| Error::Broken("no more browsers are started".to_owned()))?;
        Session::start(program, network, place).await
    }
}
