//! Agentflows: what a node costs with its checkpoint and without, and what a waiting run holds.

use std::{collections::HashSet, path::Path, sync::Arc, time::Instant};

use anyhow::{Context, Result, ensure};
use flowstone_core::{Events, Run};
use flowstone_engine::{
    Catalog, FlowData,
    agentflow::{Begin, ExecutionState, Graph, MOST_TURNS, Progress, Unkept, Walk},
};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};

use super::Bench;
use crate::{
    account::Account,
    figures::{Spread, count, milliseconds},
    postgres::Postgres,
    process,
    script::Script,
    server::{Installation, Server},
    target::Target,
};

/// Nodes of a flow, beside its beginning.
const NODES: usize = 20;
/// Clients that ask side by side where nodes are counted by the second.
const CLIENTS: usize = 8;
/// Tokens of the answer that is streamed.
const TOKENS: usize = 200;
/// The node that does least, and the one that runs JavaScript.
const PLAIN: &str = "conditionAgentflow";
const SCRIPT: &str = "customFunctionAgentflow";

/// What was measured with each database.
#[derive(Debug, Serialize)]
pub(crate) struct Agentflows {
    /// With SQLite.
    pub(crate) sqlite: Kept,
    /// With PostgreSQL, where it is installed; the CPU time is that of Flowstone alone.
    pub(crate) postgres: Option<Kept>,
    /// CPU milliseconds of a plain node in the same engine where nothing is kept.
    pub(crate) unkept: Spread,
}

/// CPU milliseconds of the server, unless it says otherwise.
#[derive(Debug, Serialize)]
pub(crate) struct Kept {
    /// A run that only begins and ends.
    pub(crate) empty: Spread,
    /// A plain node, with its checkpoint.
    pub(crate) plain: Spread,
    /// A node that runs JavaScript, with its checkpoint.
    pub(crate) script: Spread,
    /// Plain nodes per second of the clock, asked for by several clients.
    pub(crate) per_second: Spread,
    /// A run whose model streams 200 tokens.
    pub(crate) streamed: Spread,
    /// Runs that wait for a person.
    pub(crate) waiting: usize,
    /// Bytes that the server grew by for each of them.
    pub(crate) waiting_bytes: f64,
}

impl Agentflows {
    /// CPU of a run of plain nodes, as a multiple of the same where the engine keeps nothing.
    pub(crate) fn durability(&self) -> f64 {
        let nodes = count(NODES);
        let empty = self.sqlite.empty.median;
        (empty + nodes * self.sqlite.plain.median) / (empty + nodes * self.unkept.median)
    }
}

pub(super) async fn measure(bench: Bench<'_>, binary: &Path, folder: &Path) -> Result<Agentflows> {
    let sqlite = with_database(bench, binary, &folder.join("agentflows"), &[]).await?;
    let postgres = match Postgres::start()? {
        Some(database) => {
            crate::say("the same with PostgreSQL");
            let (data, variables) = (folder.join("agentflows-postgres"), database.variables());
            Some(with_database(bench, binary, &data, &variables).await?)
        }
        None => {
            crate::say("PostgreSQL is not installed: agentflows are measured with SQLite alone");
            None
        }
    };
    crate::say("the engine alone, where nothing is kept");
    Ok(Agentflows { sqlite, postgres, unkept: unkept(bench).await? })
}

async fn with_database(
    bench: Bench<'_>,
    binary: &Path,
    folder: &Path,
    variables: &[(&'static str, String)],
) -> Result<Kept> {
    std::fs::create_dir(folder)?;
    let installation = Installation { binary, folder, model: bench.mock.address, variables };
    let server = installation.start(bench.client).await?;
    let account = Account::set_up(bench.client, &server.url, &bench.mock.url()).await?;
    let mut ways = Vec::new();
    for flow in [
        flow(&account, PLAIN, 0),
        flow(&account, PLAIN, NODES),
        flow(&account, SCRIPT, NODES),
        flow(&account, "humanInputAgentflow", 1),
        flow(&account, "llmAgentflow", 1),
    ] {
        let id = account.save_flow("AGENTFLOW", &flow?).await?;
        ways.push(account.prediction(&id));
    }
    let [empty, plain, script, human, model] = &ways[..] else {
        anyhow::bail!("a flow is missing");
    };
    let runs = Runs { bench, server: &server };
    crate::say("agentflows: plain nodes, scripts, a streamed answer");
    for (way, records) in [(empty, 1), (plain, NODES + 1), (script, NODES + 1)] {
        runs.checked(way, records).await?;
    }
    let model = Target::Through(model.clone());
    model.stream(bench.client, Script::tokens(TOKENS)).await?;
    let mut found: [Vec<f64>; 5] = Default::default();
    for _ in 0..bench.plan.rounds {
        let begun = runs.cpu(empty).await?;
        found[0].push(begun);
        found[1].push((runs.cpu(plain).await? - begun) / count(NODES));
        found[2].push((runs.cpu(script).await? - begun) / count(NODES));
        found[3].push(runs.per_second(plain).await?);
        let before = server.cpu()?;
        for _ in 0..bench.plan.calls {
            model.stream(bench.client, Script::tokens(TOKENS)).await?;
        }
        let used = server.cpu()?.saturating_sub(before);
        found[4].push(milliseconds(used) / count(bench.plan.calls));
    }
    let waiting = bench.plan.waiting;
    crate::say(&format!("{waiting} runs that wait for a person"));
    // What the first of them make ready for all is not theirs.
    runs.wait_for_people(human, waiting).await?;
    let before = memory(&server)?;
    runs.wait_for_people(human, waiting).await?;
    let waiting_bytes = ((memory(&server)? - before) / count(waiting)).max(0.0);
    server.stop().await?;
    let [empty, plain, script, per_second, streamed] = found.map(Spread::of);
    Ok(Kept { empty, plain, script, per_second, streamed, waiting, waiting_bytes })
}

/// Runs of flows of a server.
struct Runs<'a> {
    bench: Bench<'a>,
    server: &'a Server,
}

impl Runs<'_> {
    async fn ask(&self, way: &str) -> Result<Value> {
        let body = json!({"question": "go", "streaming": false});
        let response = self.bench.client.post(way).json(&body).send().await?;
        let (status, text) = (response.status(), response.text().await?);
        ensure!(status.is_success(), "{status}: {text}");
        Ok(serde_json::from_str(&text)?)
    }

    /// One run, which must have taken all its turns.
    async fn checked(&self, way: &str, records: usize) -> Result<()> {
        let answer = self.ask(way).await?;
        let taken = answer["agentFlowExecutedData"].as_array().context("there are no turns")?;
        ensure!(taken.len() == records, "{} turns instead of {records}: {answer}", taken.len());
        let bad = taken.iter().find(|it| it["status"] != "FINISHED");
        ensure!(bad.is_none(), "a turn that did not finish: {bad:?}");
        Ok(())
    }

    /// CPU milliseconds of a run, one after the other.
    async fn cpu(&self, way: &str) -> Result<f64> {
        let before = self.server.cpu()?;
        for _ in 0..self.bench.plan.calls {
            self.ask(way).await?;
        }
        let used = self.server.cpu()?.saturating_sub(before);
        Ok(milliseconds(used) / count(self.bench.plan.calls))
    }

    /// Nodes per second of the clock.
    async fn per_second(&self, way: &str) -> Result<f64> {
        let runs = self.bench.plan.calls * 2;
        let begin = Instant::now();
        let all = stream::iter(0..runs).map(|_| self.ask(way)).buffer_unordered(CLIENTS);
        all.try_for_each(|_| async { Ok(()) }).await?;
        Ok(count(runs * NODES) / begin.elapsed().as_secs_f64())
    }

    /// Begins runs that all stop to ask a person.
    async fn wait_for_people(&self, way: &str, runs: usize) -> Result<()> {
        let all = stream::iter(0..runs).map(|_| self.ask(way)).buffer_unordered(CLIENTS);
        all.try_for_each(|answer| async move {
            ensure!(!answer["action"].is_null(), "nobody is asked: {answer}");
            Ok(())
        })
        .await?;
        tokio::time::sleep(self.bench.plan.rest).await;
        Ok(())
    }
}

fn memory(server: &Server) -> Result<f64> {
    Ok(count(usize::try_from(server.memory()?)?))
}

/// CPU milliseconds of a plain node in the engine, in this process, where nothing is kept.
async fn unkept(bench: Bench<'_>) -> Result<Spread> {
    let catalog = Catalog::new(flowstone_nodes::ALL, &HashSet::new());
    let graphs = [0, NODES].map(|nodes| {
        let flow = FlowData::parse(&chain(PLAIN, &plain_form(), nodes)?.to_string())?;
        Ok::<_, anyhow::Error>(Graph::new(&flow, &catalog)?)
    });
    let services = Arc::new(flowstone_testkit::services());
    let mut rounds = Vec::new();
    for _ in 0..bench.plan.rounds {
        let mut used = [0.0; 2];
        for (used, graph) in used.iter_mut().zip(&graphs) {
            let graph = graph.as_ref().map_err(|error| anyhow::anyhow!("{error:#}"))?;
            let run = Run {
                question: "go".to_owned(),
                events: Events::silent(),
                ..Run::new(services.clone())
            };
            let walk = Walk {
                is_trial: false,
                graph,
                catalog: &catalog,
                run: &run,
                id: "run",
                past: Vec::new(),
                journal: &Unkept,
                begin: Begin::default(),
                most_turns: MOST_TURNS,
                price: None,
            };
            let before = process::cpu_time(std::process::id())?;
            for _ in 0..bench.plan.calls * 10 {
                let progress = Progress::starting(graph.start(), "go");
                let never = std::pin::pin!(std::future::pending::<()>());
                let end = walk.go(progress, Vec::new(), never).await;
                ensure!(end.state == ExecutionState::Finished, "{:?}", end.failure);
            }
            let spent = process::cpu_time(std::process::id())?.saturating_sub(before);
            *used = milliseconds(spent) / count(bench.plan.calls * 10);
        }
        rounds.push((used[1] - used[0]) / count(NODES));
    }
    Ok(Spread::of(rounds))
}

/// A flow of `nodes` of one kind, one after the other.
fn flow(account: &Account<'_>, kind: &str, nodes: usize) -> Result<Value> {
    let form = match kind {
        PLAIN => plain_form(),
        SCRIPT => json!({"customFunctionJavascriptFunction": "return 'x'"}),
        "humanInputAgentflow" => json!({
            "humanInputDescriptionType": "fixed",
            "humanInputDescription": "Go on?",
            "humanInputEnableFeedback": false,
        }),
        _ => json!({
            "llmModel": "chatOpenAI",
            "llmModelConfig": account.with_model(&json!({"llmModel": "chatOpenAI", "streaming": true})),
            "llmEnableMemory": true,
            "llmMemoryType": "allMessages",
            "llmReturnResponseAs": "userMessage",
        }),
    };
    chain(kind, &form, nodes)
}

/// A decision that is always the same.
fn plain_form() -> Value {
    let condition = json!({"type": "number", "value1": "1", "operation": "smaller", "value2": "2"});
    json!({"conditions": [condition]})
}

fn chain(kind: &str, form: &Value, nodes: usize) -> Result<Value> {
    let start = json!({"startInputType": "chatInput"});
    let mut made = vec![node("startAgentflow", 0, &start)?];
    let mut wires = Vec::new();
    for place in 0..nodes {
        made.push(node(kind, place, form)?);
        let (source, output) = match place {
            0 => ("startAgentflow_0".to_owned(), "startAgentflow"),
            // The first of a decision's outputs.
            _ if kind == PLAIN => (format!("{kind}_{}", place - 1), "0"),
            _ => (format!("{kind}_{}", place - 1), kind),
        };
        let target = format!("{kind}_{place}");
        wires.push(json!({
            "id": format!("{source}-{target}"),
            "source": source,
            "sourceHandle": format!("{source}-output-{output}"),
            "target": target,
            "targetHandle": target,
        }));
    }
    Ok(json!({"nodes": made, "edges": wires}))
}

fn node(kind: &str, place: usize, form: &Value) -> Result<Value> {
    let known = flowstone_nodes::ALL.iter().find(|it| it.spec().name == kind);
    let version = known.with_context(|| format!("there is no node {kind}"))?.spec().version;
    let id = format!("{kind}_{place}");
    Ok(json!({
        "id": id,
        "type": "agentFlow",
        "position": {"x": 0, "y": 0},
        "data": {"id": id, "name": kind, "label": id, "version": version, "inputs": form},
    }))
}
