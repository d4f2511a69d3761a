//! Cold starts, and memory at rest.

use std::{fs, path::Path};

use anyhow::Result;
use serde::Serialize;

use super::Bench;
use crate::{
    figures::{Spread, count, milliseconds},
    server::{Installation, Server, Start},
};

/// What starts take until `/api/v1/ping` answers, and what memory a server needs that nobody asks.
#[derive(Debug, Serialize)]
pub(crate) struct Starts {
    /// With a folder that was empty before.
    pub(crate) new: Took,
    /// With the database of a server that was used.
    pub(crate) existing: Took,
    /// Memory in bytes after a rest.
    pub(crate) idle_bytes: Spread,
}

/// Times in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Took {
    /// On the clock.
    pub(crate) wall: Spread,
    /// CPU time.
    pub(crate) cpu: Spread,
}

impl Took {
    fn of(starts: &[Start]) -> Self {
        Self {
            wall: Spread::of(starts.iter().map(|it| milliseconds(it.wall))),
            cpu: Spread::of(starts.iter().map(|it| milliseconds(it.cpu))),
        }
    }
}

/// Starts servers that have to make their database, and reads their memory after a rest.
pub(super) async fn new(bench: Bench<'_>, binary: &Path, folder: &Path) -> Result<(Took, Spread)> {
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..bench.plan.starts {
        fs::create_dir(folder)?;
        let model = bench.mock.address;
        let installation = Installation { binary, folder, model, variables: &[] };
        let server: Server = installation.start(bench.client).await?;
        starts.push(server.start);
        tokio::time::sleep(bench.plan.rest).await;
        memory.push(count(usize::try_from(server.memory()?)?));
        server.stop().await?;
        fs::remove_dir_all(folder)?;
    }
    Ok((Took::of(&starts), Spread::of(memory)))
}

/// Starts servers on a database that is there.
pub(super) async fn existing(bench: Bench<'_>, installation: Installation<'_>) -> Result<Took> {
    let mut starts = Vec::new();
    for _ in 0..bench.plan.starts {
        let server = installation.start(bench.client).await?;
        starts.push(server.start);
        server.stop().await?;
    }
    Ok(Took::of(&starts))
}
