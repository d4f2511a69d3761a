//! The rows of agentflows.

use super::Row;
use crate::measure::{Agentflows, Kept};

/// Bars, from the goals of the project. Milliseconds unless the name says otherwise.
const PLAIN: f64 = 0.25;
const PER_SECOND: f64 = 2_000.0;
const DURABILITY: f64 = 1.5;
const SCRIPT: f64 = 1.0;

pub(super) fn rows(flows: &Agentflows) -> Vec<Row> {
    let Agentflows { sqlite, postgres, unkept } = flows;
    let mut rows = kept_rows(sqlite, "SQLite", true);
    let cost = flows.durability();
    rows.push(
        Row::new(
            "CPU of a run of 20 plain nodes, as a multiple of the same where nothing is kept",
            format!("{cost:.2}"),
        )
        .bar_everywhere("1.5", cost <= DURABILITY),
    );
    rows.push(Row::new(
        "CPU per plain node of an agentflow, nothing kept, the engine alone",
        format!("{unkept:.3} ms"),
    ));
    if let Some(postgres) = postgres {
        rows.extend(kept_rows(postgres, "PostgreSQL, without its own CPU", false));
    }
    rows
}

fn kept_rows(kept: &Kept, database: &str, barred: bool) -> Vec<Row> {
    let Kept { empty, plain, script, per_second, streamed, waiting, waiting_bytes } = kept;
    let mut plain_row = Row::new(
        format!("CPU per plain node of an agentflow with its checkpoint, {database}"),
        format!("{plain:.3} ms"),
    );
    let mut script_row = Row::new(
        format!("CPU per JavaScript node of an agentflow with its checkpoint, {database}"),
        format!("{script:.3} ms"),
    );
    let mut throughput = Row::new(
        format!("plain nodes per second, 8 clients, {database}"),
        format!("{per_second:.0}"),
    );
    if barred {
        plain_row = plain_row.bar("0.25 ms", plain.median <= PLAIN);
        script_row = script_row.bar("1 ms", script.median <= SCRIPT);
        throughput = throughput.bar("2,000", per_second.median >= PER_SECOND);
    }
    vec![
        plain_row,
        script_row,
        throughput,
        Row::new(
            format!("CPU per run of an agentflow that only begins, {database}"),
            format!("{empty:.2} ms"),
        ),
        Row::new(
            format!("CPU per run of an agentflow whose model streams 200 tokens, {database}"),
            format!("{streamed:.2} ms"),
        ),
        Row::new(
            format!("memory per run that waits for a person, {database}"),
            format!("{:.1} kB, taken from {waiting} runs", waiting_bytes / 1e3),
        ),
    ]
}
