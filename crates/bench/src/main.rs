//! Measures a built `flowstone` against the project's bars, beside a mock model that is called
//! directly and through it in turn. `docs/performance.md` explains method and figures.

mod account;
mod corpus;
mod figures;
mod measure;
mod mock;
mod numbers;
mod peers;
mod postgres;
mod process;
mod report;
mod script;
mod server;
mod target;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};
use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    measure::{Bench, Plan, Results},
    mock::Mock,
    peers::Peers,
    report::Report,
};

/// What is measured in this process has the allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures a built flowstone and prints the figures beside their bars.
#[derive(Parser)]
struct Arguments {
    /// The program to measure; real figures need a release build
    #[arg(long, value_name = "PATH", default_value = "target/release/flowstone")]
    binary: PathBuf,
    /// Only see that everything works; the figures say nothing
    #[arg(long)]
    quick: bool,
    /// Fail where a bar is missed that is a ratio or a size
    #[arg(long)]
    check: bool,
    /// Write all figures of all rounds here, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Put the table between the two marks of this document
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
    /// A Python with the packages of `peers/python-packages.txt`; without it hnswlib, Chroma and
    /// the questions are left out
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// A folder whose `node_modules` has LangChain's splitters; left out without it
    #[arg(long, value_name = "FOLDER")]
    node: Option<PathBuf>,
    /// The folder of the built-in models; the questions are left out without it
    #[arg(long, value_name = "FOLDER")]
    models: Option<PathBuf>,
    /// Measure the built-in vector store alone with the vectors of this file
    #[arg(long, value_name = "FILE", hide = true)]
    vectors: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    if let Some(file) = &arguments.vectors {
        print(&measure::vectors_alone(file).await?);
        return Ok(());
    }
    let plan = if arguments.quick { Plan::QUICK } else { Plan::FULL };
    // Tried first: a wrong path should not cost the minutes of a run.
    if let Some(path) = &arguments.write {
        filled(path, "")?;
    }
    let load = process::load_average();
    let results = tokio::select! {
        results = measure_all(&arguments, plan) => results?,
        () = told_to_stop() => bail!("stopped before the end"),
    };
    let report = Report::new(results, plan, load);
    let table = report.markdown();
    print(&table);
    if let Some(path) = &arguments.json {
        fs::write(path, serde_json::to_vec_pretty(&report)?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    if let Some(path) = &arguments.write {
        fs::write(path, filled(path, &table)?)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let failures = report.failures();
    if arguments.check && !failures.is_empty() {
        bail!("not met: {}", failures.join("; "));
    }
    Ok(())
}

/// The document as it is now, with `table` between its marks.
fn filled(path: &Path, table: &str) -> Result<String> {
    let text =
        fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    report::fill(&text, table).with_context(|| path.display().to_string())
}

async fn measure_all(arguments: &Arguments, plan: Plan) -> Result<Results> {
    let binary = server::find(&arguments.binary)?;
    let folder = tempfile::tempdir().context("there is no place for temporary files")?;
    let mock = Mock::start().await?;
    let client = target::client()?;
    let python = peers::there(arguments.python.as_ref())?;
    let node = peers::there(arguments.node.as_ref())?;
    let models = peers::there(arguments.models.as_ref())?;
    let peers = Peers { python: python.as_deref(), node: node.as_deref(), folder: folder.path() };
    let bench = Bench { client: &client, mock: &mock, plan };
    measure::all(bench, &binary, folder.path(), peers, models.as_deref()).await
}

/// Ends the run so that the server and its folder go with it.
async fn told_to_stop() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Tells how far the run is, beside the figures.
#[expect(clippy::print_stderr, reason = "a tool for the terminal")]
fn say(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stdout, reason = "the table is what this tool is for")]
fn print(text: &str) {
    println!("{text}");
}
