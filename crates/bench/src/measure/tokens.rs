//! What a streamed token costs the server, as the difference between long answers and short ones.

use std::time::Duration;

use anyhow::Result;
use serde::Serialize;
use tokio::task::JoinSet;

use super::{Bench, Ways};
use crate::{
    figures::{Spread, count, milliseconds},
    script::Script,
};

/// Tokens of a long answer that comes as fast as it is taken.
const LONG: usize = 1000;
/// Tokens of the answer that is measured as a whole.
const WHOLE: usize = 200;
/// Clients that listen to answers that come at a pace, and that pace.
const LISTENERS: usize = 16;
const PACE: Duration = Duration::from_millis(5);

/// CPU time of the server.
#[derive(Debug, Serialize)]
pub(crate) struct Tokens {
    /// Microseconds for a token of an answer that comes as fast as it is taken.
    pub(crate) burst: Spread,
    /// Microseconds for a token that comes alone, 5 ms after the one before.
    pub(crate) paced: Spread,
    /// Milliseconds for a whole run of 200 tokens.
    pub(crate) whole: Spread,
}

pub(super) async fn measure(bench: Bench<'_>, ways: &Ways) -> Result<Tokens> {
    let calls = bench.plan.calls;
    let (mut burst, mut paced, mut whole) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.plan.rounds {
        let short = one_by_one(bench, ways, Script::tokens(1)).await?;
        let long = one_by_one(bench, ways, Script::tokens(LONG)).await?;
        burst.push((long - short) * 1e3 / count(calls * (LONG - 1)));

        whole.push(one_by_one(bench, ways, Script::tokens(WHOLE)).await? / count(calls));

        let short = together(bench, ways, Script::tokens(1)).await?;
        let script = Script { pace: PACE, ..Script::tokens(WHOLE) };
        let long = together(bench, ways, script).await?;
        paced.push((long - short) * 1e3 / count(LISTENERS * (WHOLE - 1)));
    }
    Ok(Tokens { burst: Spread::of(burst), paced: Spread::of(paced), whole: Spread::of(whole) })
}

/// CPU time of one client's streams, in milliseconds.
async fn one_by_one(bench: Bench<'_>, ways: &Ways, script: Script) -> Result<f64> {
    let before = ways.server.cpu()?;
    for _ in 0..bench.plan.calls {
        ways.through.stream(bench.client, script).await?;
    }
    Ok(milliseconds(ways.server.cpu()?.saturating_sub(before)))
}

/// CPU time of one stream for each of many clients at once, in milliseconds.
async fn together(bench: Bench<'_>, ways: &Ways, script: Script) -> Result<f64> {
    let before = ways.server.cpu()?;
    let mut tasks = JoinSet::new();
    for _ in 0..LISTENERS {
        let (client, through) = (bench.client.clone(), ways.through.clone());
        tasks.spawn(async move { through.stream(&client, script).await });
    }
    while let Some(finished) = tasks.join_next().await {
        finished??;
    }
    Ok(milliseconds(ways.server.cpu()?.saturating_sub(before)))
}
