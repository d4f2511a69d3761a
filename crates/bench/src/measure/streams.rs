//! Memory of streams that are open while nothing comes.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;

use super::{ANSWER, Bench, Ways};
use crate::{figures::count, process, script::Script};

/// Files that each stream takes in this process (one connection of the client, one of the model),
/// and as many in the server's.
const FILES: usize = 2;
/// Files left for everything else.
const SPARE: usize = 200;
/// Streams opened at the same time.
const AT_ONCE: usize = 32;
/// How long all streams may take to open or to close.
const PATIENCE: Duration = Duration::from_mins(1);

/// Open streams that had their first token and wait for the second.
#[derive(Debug, Serialize)]
pub(crate) struct Streams {
    /// How many were open.
    pub(crate) open: usize,
    /// Memory of the server before, in bytes.
    pub(crate) before_bytes: f64,
    /// And while they were open.
    pub(crate) during_bytes: f64,
}

impl Streams {
    /// Bytes for each.
    pub(crate) fn bytes_each(&self) -> f64 {
        (self.during_bytes - self.before_bytes) / count(self.open)
    }

    /// How many fit into 10^9 bytes.
    pub(crate) fn per_gigabyte(&self) -> f64 {
        1e9 / self.bytes_each()
    }
}

pub(super) async fn measure(bench: Bench<'_>, ways: &Ways) -> Result<Streams> {
    let Bench { client, mock, plan } = bench;
    let possible = process::open_files_limit()?.saturating_sub(SPARE) / FILES;
    let wanted = plan.streams.min(possible);
    crate::say(&format!("{wanted} idle streams"));
    tokio::time::sleep(plan.rest).await;
    let before_bytes = memory(ways)?;
    let opened = stream::iter(0..wanted)
        .map(|_| ways.through.begin(client, Script::hang()))
        .buffer_unordered(AT_ONCE)
        .try_collect::<Vec<_>>();
    let opened = tokio::time::timeout(PATIENCE, opened)
        .await
        .with_context(|| format!("{wanted} streams do not open"))??;
    mock.wait_for_hanging(wanted, PATIENCE).await?;
    tokio::time::sleep(plan.rest).await;
    let during_bytes = memory(ways)?;
    drop(opened);
    mock.wait_for_hanging(0, PATIENCE).await?;
    ways.through.ask(client, Script::tokens(ANSWER)).await.context("after all streams closed")?;
    ensure!(wanted > 0, "the limit of open files allows no stream");
    Ok(Streams { open: wanted, before_bytes, during_bytes })
}

fn memory(ways: &Ways) -> Result<f64> {
    Ok(count(usize::try_from(ways.server.memory()?)?))
}
