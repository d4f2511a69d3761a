//! The measurements, each in a module of its own.

mod agentflows;
mod knowledge;
mod latency;
mod leaving;
mod splitting;
mod starts;
mod streams;
mod tokens;
mod vectors;

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use reqwest::Client;
use serde::Serialize;

pub(crate) use self::{
    agentflows::{Agentflows, Kept},
    knowledge::Knowledge,
    latency::{FirstToken, Latency},
    leaving::{Leaving, Left},
    splitting::Splitting,
    starts::{Starts, Took},
    streams::Streams,
    tokens::Tokens,
    vectors::{Measured, Vectors, alone as vectors_alone},
};
use crate::{
    account::Account,
    mock::Mock,
    peers::Peers,
    script::Script,
    server::{Installation, Server},
    target::Target,
};

/// Tokens of an answer where nothing else is said.
const ANSWER: usize = 20;

/// How much is measured.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Plan {
    /// Rounds, each of which measures both ways.
    pub(crate) rounds: usize,
    /// How often a set of rounds is measured until the direct calls are steady.
    pub(crate) attempts: usize,
    /// How often a round changes between the ways: what disturbs the machine meets both.
    pub(crate) turns: usize,
    /// How long one way is asked in a turn.
    pub(crate) span: Duration,
    /// Calls each client makes in a turn at least.
    pub(crate) least: usize,
    /// Calls one after the other, where they are counted instead of timed.
    pub(crate) calls: usize,
    /// Starts of the server of each kind.
    pub(crate) starts: usize,
    /// How long a server rests before its memory is read.
    pub(crate) rest: Duration,
    /// Idle streams to hold open, where the limit of open files lets us.
    pub(crate) streams: usize,
    /// Runs that wait for a person.
    pub(crate) waiting: usize,
    /// Vectors in the store.
    pub(crate) vectors: usize,
    /// Bytes of the text that is split.
    pub(crate) text: usize,
    /// Files of the corpus.
    pub(crate) files: usize,
    /// Pages of the long upsert.
    pub(crate) pages: usize,
    /// Questions of the set that are asked at most.
    pub(crate) questions: usize,
}

impl Plan {
    /// Enough for figures to be published.
    pub(crate) const FULL: Self = Self {
        rounds: 5,
        attempts: 3,
        turns: 5,
        span: Duration::from_millis(300),
        least: 5,
        calls: 200,
        starts: 5,
        rest: Duration::from_secs(4),
        streams: 4000,
        waiting: 100,
        vectors: 20_000,
        text: 4_600_000,
        files: 200,
        pages: 10_000,
        questions: usize::MAX,
    };

    /// Enough to see that everything works.
    pub(crate) const QUICK: Self = Self {
        rounds: 1,
        attempts: 1,
        turns: 1,
        span: Duration::ZERO,
        least: 2,
        calls: 3,
        starts: 1,
        rest: Duration::ZERO,
        streams: 20,
        waiting: 3,
        vectors: 200,
        text: 20_000,
        files: 4,
        pages: 200,
        questions: 20,
    };
}

/// What all measurements need.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    /// Makes the calls.
    pub(crate) client: &'a Client,
    /// Answers them in the end.
    pub(crate) mock: &'a Mock,
    /// How much is measured.
    pub(crate) plan: Plan,
}

/// The running server and the two ways to the model.
struct Ways {
    server: Server,
    direct: Target,
    through: Target,
}

/// Everything that was measured.
#[derive(Serialize)]
pub(crate) struct Results {
    /// What the server calls its version.
    pub(crate) version: String,
    /// Size of the program in bytes.
    pub(crate) binary_bytes: u64,
    /// Starts, and memory at rest.
    pub(crate) starts: Starts,
    /// A model that answers at once, asked by 1, 16 and 64 clients.
    pub(crate) at_once: Vec<Latency>,
    /// A model that thinks a while, asked by 16 clients.
    pub(crate) thinking: Latency,
    /// The first token of a stream.
    pub(crate) first_token: FirstToken,
    /// What streams cost.
    pub(crate) tokens: Tokens,
    /// Clients that leave.
    pub(crate) leaving: Leaving,
    /// Streams that are open and silent.
    pub(crate) streams: Streams,
    /// Runs of agentflows.
    pub(crate) agentflows: Agentflows,
    /// Text that is cut.
    pub(crate) splitting: Splitting,
    /// Vectors that are searched.
    pub(crate) vectors: Vectors,
    /// Documents that are loaded and found.
    pub(crate) knowledge: Knowledge,
}

/// Measures everything, with the server's data in `folder`.
///
/// # Errors
/// Where something does not work; that something is slow is no error.
pub(crate) async fn all(
    bench: Bench<'_>,
    binary: &Path,
    folder: &Path,
    peers: Peers<'_>,
    models: Option<&Path>,
) -> Result<Results> {
    let binary_bytes = binary.metadata()?.len();
    let fresh = folder.join("fresh");
    let model = bench.mock.address;

    crate::say("new databases, and memory at rest");
    let (new, idle_bytes) = starts::new(bench, binary, &fresh).await?;

    let data = folder.join("data");
    std::fs::create_dir(&data)?;
    let installation = Installation { binary, folder: &data, model, variables: &[] };
    let server = installation.start(bench.client).await?;
    let account = Account::set_up(bench.client, &server.url, &bench.mock.url()).await?;
    let flow = account.measured_flow().await?;
    let version = version(bench.client, &server.url).await?;
    let ways = bench.ways(server, &flow).await?;

    let mut at_once = Vec::new();
    for clients in [1, 16, 64] {
        crate::say(&format!("{clients} at a time, a model that answers at once"));
        at_once.push(latency::measure(bench, &ways, clients, Script::tokens(ANSWER)).await?);
    }
    crate::say("16 clients, a model that thinks for 20 ms");
    let script = Script { delay: Duration::from_millis(20), ..Script::tokens(ANSWER) };
    let thinking = latency::measure(bench, &ways, 16, script).await?;
    crate::say("first token");
    let first_token = latency::first_token(bench, &ways).await?;
    crate::say("CPU per streamed token");
    let tokens = tokens::measure(bench, &ways).await?;
    crate::say("clients that leave");
    let leaving = leaving::measure(bench, &ways).await?;
    ways.server.stop().await?;

    crate::say("starts on the database of all these calls");
    let existing = starts::existing(bench, installation).await?;

    // A new process: what the load left in the memory of the old one would hide the streams.
    let ways = bench.ways(installation.start(bench.client).await?, &flow).await?;
    let streams = streams::measure(bench, &ways).await?;
    ways.server.stop().await?;

    let agentflows = agentflows::measure(bench, binary, folder).await?;
    let splitting = splitting::measure(peers, bench.plan.text, bench.plan.rounds).await?;
    let vectors = vectors::measure(peers, bench.plan.vectors).await?;
    let knowledge = knowledge::measure(bench, binary, folder, peers, models).await?;

    let starts = Starts { new, existing, idle_bytes };
    Ok(Results {
        version,
        binary_bytes,
        starts,
        at_once,
        thinking,
        first_token,
        tokens,
        leaving,
        streams,
        agentflows,
        splitting,
        vectors,
        knowledge,
    })
}

impl Bench<'_> {
    /// The two ways, once both give the same answers, whole and streamed.
    async fn ways(&self, server: Server, flow: &str) -> Result<Ways> {
        let through = Target::Through(format!("{}/api/v1/prediction/{flow}", server.url));
        let ways = Ways { server, direct: Target::Direct(self.mock.url()), through };
        for way in [&ways.direct, &ways.through] {
            way.ask(self.client, Script::tokens(ANSWER)).await.context("the first answer")?;
            way.stream(self.client, Script::tokens(ANSWER)).await.context("the first stream")?;
        }
        Ok(ways)
    }
}

async fn version(client: &Client, url: &str) -> Result<String> {
    let answer = client.get(format!("{url}/api/v1/version")).send().await?.text().await?;
    let answer: serde_json::Value = serde_json::from_str(&answer)?;
    Ok(answer["version"].as_str().context("the server tells no version")?.to_owned())
}
