//! The figures beside their bars, as a table for people and as JSON for programs.

mod flows;
mod knowledge;

use std::fmt::Write as _;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::{
    figures::Spread,
    measure::{Latency, Left, Plan, Results, Took},
    process,
};

/// The lines of a document between which the table stands.
const BEGIN: &str = "<!-- figures: begin -->";
const END: &str = "<!-- figures: end -->";

/// Bars, from the goals of the project. Times in milliseconds unless the name says otherwise.
const ADDED_P50: f64 = 1.5;
const ADDED_P99: f64 = 8.0;
const RATIO: f64 = 2.0;
const FIRST_TOKEN: f64 = 2.0;
const TOKEN_MICROSECONDS: f64 = 25.0;
const START: f64 = 500.0;
const IDLE_MEGABYTES: f64 = 80.0;
const STREAMS_PER_GIGABYTE: f64 = 10_000.0;
const LEAVING: f64 = 1000.0;
const BINARY_MEGABYTES: f64 = 80.0;

/// All that is to be said about a run.
#[derive(Serialize)]
pub(crate) struct Report {
    date: DateTime<Utc>,
    machine: String,
    /// Load average before and after.
    load: [f64; 2],
    plan: Plan,
    rows: Vec<Row>,
    results: Results,
}

/// One line of the table.
#[derive(Debug, Serialize)]
struct Row {
    what: String,
    bar: Option<Bar>,
    /// With its unit; for people.
    figure: String,
    /// Whether the bar is met; nothing where there is none, or where the machine was too busy.
    met: Option<bool>,
}

#[derive(Debug, Serialize)]
struct Bar {
    /// For people.
    text: String,
    /// Whether it holds on every machine, however busy.
    holds_everywhere: bool,
}

impl Row {
    fn new(what: impl Into<String>, figure: impl Into<String>) -> Self {
        Self { what: what.into(), bar: None, figure: figure.into(), met: None }
    }

    fn bar(mut self, text: impl Into<String>, met: bool) -> Self {
        self.bar = Some(Bar { text: text.into(), holds_everywhere: false });
        self.met = Some(met);
        self
    }

    /// A bar that is a ratio or a size.
    fn bar_everywhere(self, text: impl Into<String>, met: bool) -> Self {
        let mut row = self.bar(text, met);
        if let Some(bar) = &mut row.bar {
            bar.holds_everywhere = true;
        }
        row
    }

    /// Says nothing where the direct calls, beside which the figure stands, were not `steady`.
    fn only_if(mut self, steady: bool, direct: Spread) -> Self {
        if !steady {
            self.met = None;
            self.figure =
                format!("none: the machine was too busy, the direct call took {direct} ms");
        }
        self
    }
}

impl Report {
    /// Puts the figures beside their bars. `load` is the load average before the run.
    pub(crate) fn new(results: Results, plan: Plan, load: f64) -> Self {
        Self {
            date: Utc::now(),
            machine: process::machine(),
            load: [load, process::load_average()],
            plan,
            rows: rows(&results),
            results,
        }
    }

    /// The rows whose bar holds on every machine and is missed, or could not be looked at.
    pub(crate) fn failures(&self) -> Vec<&str> {
        let strict = self.rows.iter().filter(|row| {
            row.bar.as_ref().is_some_and(|bar| bar.holds_everywhere) && row.met != Some(true)
        });
        strict.map(|row| row.what.as_str()).collect()
    }

    /// The table, with a line about machine, date and version above it.
    pub(crate) fn markdown(&self) -> String {
        let Self { machine, load: [before, after], results, .. } = self;
        let date = self.date.format("%Y-%m-%d %H:%M UTC");
        let version = &results.version;
        let mut text = format!(
            "Flowstone {version} on {machine}; {date}; load average {before:.1} before, {after:.1} \
             after. Median of the rounds, in brackets the lowest and the highest.\n\n\
             | measured | bar | figure | met |\n|---|---|---|---|\n"
        );
        for Row { what, bar, figure, met } in &self.rows {
            let Some(bar) = bar else { continue };
            let met = match met {
                Some(true) => "yes",
                Some(false) => "**no**",
                None => "?",
            };
            let _ = writeln!(text, "| {what} | {} | {figure} | {met} |", bar.text);
        }
        text.push_str("\n| measured, without a bar | figure |\n|---|---|\n");
        for Row { what, figure, .. } in self.rows.iter().filter(|row| row.bar.is_none()) {
            let _ = writeln!(text, "| {what} | {figure} |");
        }
        text
    }
}

fn rows(results: &Results) -> Vec<Row> {
    let mut rows = Vec::new();
    for latency in &results.at_once {
        rows.extend(latency_rows(latency));
    }
    rows.extend(thinking_rows(&results.thinking));
    rows.extend(stream_rows(results));
    rows.extend(process_rows(results));
    rows.extend(flows::rows(&results.agentflows));
    rows.extend(knowledge::rows(&results.splitting, &results.vectors, &results.knowledge));
    rows
}

fn latency_rows(latency: &Latency) -> Vec<Row> {
    let clients = match latency.clients {
        1 => "1 client".to_owned(),
        more => format!("{more} clients"),
    };
    let (steady, direct) = (latency.is_steady(), latency.direct_p50());
    let barred = latency.clients <= 16;
    let (p50, p99, ratio) = (latency.added_p50(), latency.added_p99(), latency.ratio());
    let mut added_p50 = Row::new(format!("added time p50, {clients}"), format!("{p50} ms"));
    let mut added_p99 = Row::new(format!("added time p99, {clients}"), format!("{p99} ms"));
    if barred {
        added_p50 = added_p50.bar("1.5 ms", p50.median <= ADDED_P50);
        added_p99 = added_p99.bar("8 ms", p99.median <= ADDED_P99);
    }
    let mut multiple = Row::new(
        format!("time p50 as a multiple of the direct call, {clients}"),
        format!("{ratio}"),
    );
    if latency.clients == 16 {
        multiple = multiple.bar_everywhere("2", ratio.median <= RATIO);
    }
    let [alone, through] = latency.per_second();
    let throughput = Row::new(
        format!("answers per second, {clients}"),
        format!("{through}; the model alone {alone}"),
    );
    let mut rows: Vec<Row> = [added_p50, added_p99, multiple, throughput]
        .into_iter()
        .map(|row| row.only_if(steady, direct))
        .collect();
    let cpu = latency.cpu();
    rows.push(Row::new(format!("CPU per request, {clients}"), format!("{cpu:.3} ms")));
    rows
}

/// A model that takes its time keeps clients waiting, not the machine busy.
fn thinking_rows(latency: &Latency) -> [Row; 3] {
    let with = format!("{} clients, a model that takes 20 ms", latency.clients);
    let (p50, p99) = (latency.added_p50(), latency.added_p99());
    [
        Row::new(format!("added time p50, {with}"), format!("{p50} ms"))
            .bar("1.5 ms", p50.median <= ADDED_P50)
            .only_if(latency.is_steady(), latency.direct_p50()),
        Row::new(format!("added time p99, {with}"), format!("{p99} ms"))
            .bar("8 ms", p99.median <= ADDED_P99)
            .only_if(latency.is_steady(), latency.direct_p50()),
        Row::new(format!("CPU per request, {with}"), format!("{:.3} ms", latency.cpu())),
    ]
}

fn stream_rows(results: &Results) -> Vec<Row> {
    let (first, tokens) = (&results.first_token, &results.tokens);
    let (added, streams) = (first.added(), &results.streams);
    vec![
        Row::new("first token comes later by", format!("{added} ms"))
            .bar("2 ms", added.median <= FIRST_TOKEN)
            .only_if(first.is_steady(), first.direct_p50()),
        Row::new("CPU per streamed token, as fast as they come", format!("{:.1} µs", tokens.burst))
            .bar("25 µs", tokens.burst.median <= TOKEN_MICROSECONDS),
        Row::new(
            "CPU per streamed token, each alone, 5 ms apart",
            format!("{:.1} µs", tokens.paced),
        ),
        Row::new("CPU per streamed answer of 200 tokens", format!("{:.2} ms", tokens.whole)),
        Row::new(
            "idle streams per GB",
            format!(
                "{:.0}: {:.1} kB each, taken from {} open streams",
                streams.per_gigabyte(),
                streams.bytes_each() / 1e3,
                streams.open,
            ),
        )
        .bar_everywhere("10,000", streams.per_gigabyte() >= STREAMS_PER_GIGABYTE),
        leaving_row(
            "client leaves a stream, until the model's call ends",
            &results.leaving.streamed,
        ),
        leaving_row(
            "client leaves before its answer, until the model's call ends",
            &results.leaving.whole,
        ),
    ]
}

fn leaving_row(what: &str, left: &Left) -> Row {
    Row::new(what, format!("{:.1} ms, the longest {:.1} ms", left.p50, left.longest))
        .bar("1 s", left.longest <= LEAVING)
}

fn process_rows(results: &Results) -> Vec<Row> {
    let starts = &results.starts;
    let start = |what: &str, took: &Took| {
        Row::new(
            format!("start to the first `/ping`, {what}"),
            format!("{:.0} ms, {:.0} ms of CPU", took.wall, took.cpu),
        )
        .bar("500 ms", took.wall.median <= START)
    };
    let idle = Spread {
        median: starts.idle_bytes.median / 1e6,
        low: starts.idle_bytes.low / 1e6,
        high: starts.idle_bytes.high / 1e6,
    };
    #[expect(clippy::cast_precision_loss, reason = "no program comes near 2^52 bytes")]
    let binary = results.binary_bytes as f64 / 1e6;
    vec![
        start("new database", &starts.new),
        start("existing database", &starts.existing),
        Row::new("memory at rest, no local model loaded", format!("{idle:.1} MB"))
            .bar_everywhere("80 MB", idle.median <= IDLE_MEGABYTES),
        Row::new("size of the binary", format!("{binary:.1} MB"))
            .bar_everywhere("80 MB", binary <= BINARY_MEGABYTES),
    ]
}

/// The document with `table` between its two marks.
///
/// # Errors
/// Where the marks are not there.
pub(crate) fn fill(document: &str, table: &str) -> Result<String> {
    let parts = document.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) =
        parts.with_context(|| format!("the document has no lines {BEGIN} and {END}"))?;
    Ok(format!("{before}{BEGIN}\n\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_replaces_what_stood_between_the_marks() {
        let document = format!("# Title\n\n{BEGIN}\nold\n{END}\n\nend\n");
        let filled = fill(&document, "| new |\n").unwrap();
        assert_eq!(filled, format!("# Title\n\n{BEGIN}\n\n| new |\n\n{END}\n\nend\n"));
        assert_eq!(fill(&filled, "| new |\n").unwrap(), filled);
        assert!(fill("no marks", "").is_err());
    }

    #[test]
    fn a_busy_machine_takes_the_figure_away() {
        let direct = Spread { median: 2.0, low: 1.0, high: 4.0 };
        let row = Row::new("time", "1 ms").bar("2 ms", true).only_if(false, direct);
        assert_eq!(row.met, None);
        assert!(row.figure.contains("2.00 (1.00 to 4.00)"));
    }
}
