//! How much later answers come through Flowstone, and what they cost it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde::Serialize;
use tokio::task::JoinSet;

use super::{ANSWER, Bench, Ways};
use crate::{
    figures::{Sorted, Spread, count, milliseconds},
    script::Script,
    target::Target,
};

/// Whole answers, asked for by several clients at once, each asking again when it has its answer.
#[derive(Debug, Serialize)]
pub(crate) struct Latency {
    /// How many ask.
    pub(crate) clients: usize,
    rounds: Vec<Round>,
    /// Calls that reached the model over one connection, on average.
    calls_per_connection: f64,
}

/// Both ways, in short turns.
#[derive(Debug, Serialize)]
struct Round {
    direct: Side,
    through: Side,
    /// CPU time of the server for one request, in milliseconds.
    cpu: f64,
}

/// One way; times in milliseconds.
#[derive(Clone, Copy, Debug, Serialize)]
struct Side {
    requests: usize,
    p50: f64,
    p99: f64,
    per_second: f64,
}

impl Latency {
    /// Whether the direct calls took the same time in all rounds.
    pub(crate) fn is_steady(&self) -> bool {
        self.direct_p50().is_steady()
    }

    /// Half of the direct calls took no longer, in milliseconds.
    pub(crate) fn direct_p50(&self) -> Spread {
        self.spread(|it| it.direct.p50)
    }

    /// What the way through Flowstone adds to the median, in milliseconds.
    pub(crate) fn added_p50(&self) -> Spread {
        self.spread(|it| it.through.p50 - it.direct.p50)
    }

    /// What it adds to the time that 99 of 100 calls keep to.
    pub(crate) fn added_p99(&self) -> Spread {
        self.spread(|it| it.through.p99 - it.direct.p99)
    }

    /// The median through Flowstone as a multiple of the direct one.
    pub(crate) fn ratio(&self) -> Spread {
        self.spread(|it| it.through.p50 / it.direct.p50)
    }

    /// Answers in a second, direct and through.
    pub(crate) fn per_second(&self) -> [Spread; 2] {
        [self.spread(|it| it.direct.per_second), self.spread(|it| it.through.per_second)]
    }

    /// CPU time of the server for one request, in milliseconds.
    pub(crate) fn cpu(&self) -> Spread {
        self.spread(|it| it.cpu)
    }

    fn spread(&self, value: impl Fn(&Round) -> f64) -> Spread {
        Spread::of(self.rounds.iter().map(value))
    }
}

/// Asks both ways in turn. A set of rounds in which the direct calls did not take the same time is
/// measured again, as long as the plan allows.
pub(super) async fn measure(
    bench: Bench<'_>,
    ways: &Ways,
    clients: usize,
    script: Script,
) -> Result<Latency> {
    let mut latency = set(bench, ways, clients, script).await?;
    for _ in 1..bench.plan.attempts {
        if latency.is_steady() {
            break;
        }
        crate::say("    again, since the machine was busy with something else meanwhile");
        latency = set(bench, ways, clients, script).await?;
    }
    Ok(latency)
}

async fn set(bench: Bench<'_>, ways: &Ways, clients: usize, script: Script) -> Result<Latency> {
    let Bench { mock, plan, .. } = bench;
    // The first calls open connections and fill caches.
    for way in [&ways.direct, &ways.through] {
        load(bench, way, clients, script).await?;
    }
    let mut rounds = Vec::new();
    let (mut calls, mut connections) = (0, 0);
    for _ in 0..plan.rounds {
        let (mut direct, mut through) = (Load::default(), Load::default());
        let mut cpu = Duration::ZERO;
        for _ in 0..plan.turns {
            direct.add(load(bench, &ways.direct, clients, script).await?);
            let before = (ways.server.cpu()?, mock.calls(), mock.connections());
            let asked = load(bench, &ways.through, clients, script).await?;
            cpu += ways.server.cpu()?.saturating_sub(before.0);
            let (questions, seen) = (asked.times.len(), mock.calls() - before.1);
            ensure!(seen == questions as u64, "{questions} questions made {seen} model calls");
            calls += questions;
            connections += usize::try_from(mock.connections() - before.2)?;
            through.add(asked);
        }
        let cpu = milliseconds(cpu) / count(through.times.len());
        rounds.push(Round { direct: direct.side(), through: through.side(), cpu });
    }
    let calls_per_connection = count(calls) / count(connections.max(1));
    Ok(Latency { clients, rounds, calls_per_connection })
}

/// What one way took.
#[derive(Default)]
struct Load {
    /// Of each call, in milliseconds.
    times: Vec<f64>,
    /// Of all of them together.
    whole: Duration,
}

impl Load {
    fn add(&mut self, other: Self) {
        self.times.extend(other.times);
        self.whole += other.whole;
    }

    fn side(self) -> Side {
        let times = Sorted::new(self.times);
        let requests = times.len();
        Side {
            requests,
            p50: times.percentile(50),
            p99: times.percentile(99),
            per_second: count(requests) / self.whole.as_secs_f64(),
        }
    }
}

async fn load(bench: Bench<'_>, way: &Target, clients: usize, script: Script) -> Result<Load> {
    let plan = bench.plan;
    let begin = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..clients {
        let (client, way) = (bench.client.clone(), way.clone());
        tasks.spawn(async move {
            let mut times = Vec::new();
            while times.len() < plan.least || begin.elapsed() < plan.span {
                times.push(milliseconds(way.ask(&client, script).await?));
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(finished) = tasks.join_next().await {
        times.extend(finished??);
    }
    Ok(Load { times, whole: begin.elapsed() })
}

/// The first token of a stream, one client; times in milliseconds.
#[derive(Debug, Serialize)]
pub(crate) struct FirstToken {
    direct: Vec<f64>,
    through: Vec<f64>,
}

impl FirstToken {
    /// Whether the direct calls took the same time in all rounds.
    pub(crate) fn is_steady(&self) -> bool {
        self.direct_p50().is_steady()
    }

    /// Half of the direct streams began no later.
    pub(crate) fn direct_p50(&self) -> Spread {
        Spread::of(self.direct.iter().copied())
    }

    /// How much later half of them begin through Flowstone.
    pub(crate) fn added(&self) -> Spread {
        Spread::of(self.through.iter().zip(&self.direct).map(|(through, direct)| through - direct))
    }
}

/// Begins streams both ways in turn.
pub(super) async fn first_token(bench: Bench<'_>, ways: &Ways) -> Result<FirstToken> {
    let mut times = first_token_set(bench, ways).await?;
    for _ in 1..bench.plan.attempts {
        if times.is_steady() {
            break;
        }
        crate::say("    again, since the machine was busy with something else meanwhile");
        times = first_token_set(bench, ways).await?;
    }
    Ok(times)
}

async fn first_token_set(bench: Bench<'_>, ways: &Ways) -> Result<FirstToken> {
    let mut medians = FirstToken { direct: Vec::new(), through: Vec::new() };
    for _ in 0..bench.plan.rounds {
        let (mut direct, mut through) = (Vec::new(), Vec::new());
        for _ in 0..bench.plan.calls {
            for (way, times) in [(&ways.direct, &mut direct), (&ways.through, &mut through)] {
                times.push(milliseconds(way.stream(bench.client, Script::tokens(ANSWER)).await?));
            }
        }
        medians.direct.push(Sorted::new(direct).percentile(50));
        medians.through.push(Sorted::new(through).percentile(50));
    }
    Ok(medians)
}
