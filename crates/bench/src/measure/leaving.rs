//! How soon the call of the model ends when the client has left.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;

use super::{Bench, Ways};
use crate::{
    figures::{Sorted, milliseconds},
    script::Script,
};

/// Clients that leave, of each kind.
const CLIENTS: usize = 20;
/// How long the call may stay open. The bar is far below.
const PATIENCE: Duration = Duration::from_secs(20);

/// From the client's leaving to the end of the model's call, in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Leaving {
    /// In the middle of a stream.
    pub(crate) streamed: Left,
    /// While waiting for a whole answer.
    pub(crate) whole: Left,
}

/// Milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct Left {
    /// Half of them took no longer.
    pub(crate) p50: f64,
    /// None took longer.
    pub(crate) longest: f64,
}

impl Left {
    fn of(times: &Sorted) -> Self {
        Self { p50: times.percentile(50), longest: times.percentile(100) }
    }
}

pub(super) async fn measure(bench: Bench<'_>, ways: &Ways) -> Result<Leaving> {
    let Bench { client, mock, .. } = bench;
    let (mut streamed, mut whole) = (Vec::new(), Vec::new());
    for _ in 0..CLIENTS {
        let begun = ways.through.begin(client, Script::hang()).await?;
        mock.wait_for_hanging(1, PATIENCE).await?;
        let left = Instant::now();
        drop(begun);
        mock.wait_for_hanging(0, PATIENCE).await?;
        streamed.push(milliseconds(left.elapsed()));

        let left = tokio::select! {
            answer = ways.through.wait(client, Script::hang()) => {
                ensure!(answer.is_err(), "a model that says nothing was answered for");
                answer?;
                Instant::now()
            }
            hangs = mock.wait_for_hanging(1, PATIENCE) => {
                hangs?;
                Instant::now()
            }
        };
        mock.wait_for_hanging(0, PATIENCE).await?;
        whole.push(milliseconds(left.elapsed()));
    }
    Ok(Leaving { streamed: Left::of(&Sorted::new(streamed)), whole: Left::of(&Sorted::new(whole)) })
}
