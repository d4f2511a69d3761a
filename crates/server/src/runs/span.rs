//! A span of a run, as it is kept and as clients read it.

use std::time::Duration;

use flowstone_core::Usage;
use flowstone_engine::{Span, SpanEnd, SpanKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

use super::redact;

/// One piece of work of a run.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct RunSpan {
    /// Counted from 0 in the order of their beginning.
    id: u32,
    /// The span it is a part of.
    parent: Option<u32>,
    /// `node`, `build`, `model`, `tool`, `retriever`, `embeddings`, `store` or `memory`.
    kind: String,
    /// Of the model or the tool, or of the kind of node.
    name: String,
    node_id: Option<String>,
    node_label: Option<String>,
    /// When it began, in milliseconds since the beginning of the run.
    start: f64,
    milliseconds: f64,
    /// `ok`, `error` or `stopped`.
    status: String,
    /// What it was given, cut where it is long.
    #[ts(type = "unknown")]
    input: Option<Value>,
    /// What it gave, cut where it is long.
    #[ts(type = "unknown")]
    output: Option<Value>,
    error: Option<String>,
    /// Label of the row that is wrong, where it is one.
    row: Option<String>,
    #[ts(type = "number | null")]
    input_tokens: Option<u64>,
    #[ts(type = "number | null")]
    output_tokens: Option<u64>,
    /// In US dollars, where the prices are known.
    cost: Option<f64>,
    /// Name of the model, for its calls.
    model: Option<String>,
    /// Whether something of it was left out because it is long.
    truncated: bool,
}

impl RunSpan {
    /// The span as it is kept: priced, and without secrets.
    pub(super) fn of(span: Span, price: &dyn Fn(&str, &str, Usage) -> Option<f64>) -> Self {
        let (status, error, row) = match span.end {
            SpanEnd::Done => ("ok", None, None),
            SpanEnd::Failed { message, row } => ("error", Some(redact::text(message)), row),
            SpanEnd::Stopped => ("stopped", None, None),
        };
        let without_secrets = |mut value: Value| {
            redact::value(&mut value);
            value
        };
        let is_model = span.kind == SpanKind::Model;
        Self {
            id: span.id,
            parent: span.parent,
            kind: span.kind.as_str().to_owned(),
            node_id: Some(span.node_id),
            node_label: Some(span.node_label),
            start: milliseconds(span.start),
            milliseconds: milliseconds(span.length),
            status: status.to_owned(),
            input: span.input.map(without_secrets),
            output: span.output.map(without_secrets),
            error,
            row,
            input_tokens: span.usage.map(|it| it.input_tokens),
            output_tokens: span.usage.map(|it| it.output_tokens),
            cost: span.usage.and_then(|usage| price(&span.node_name, &span.name, usage)),
            model: is_model.then(|| span.name.clone()),
            name: span.name,
            truncated: span.is_cut,
        }
    }

    /// Its cost in US dollars.
    pub(super) fn cost(&self) -> Option<f64> {
        self.cost
    }

    /// About how many bytes its contents take.
    pub(super) fn weight(&self) -> usize {
        let weight = |value: &Option<Value>| value.as_ref().map_or(0, |it| it.to_string().len());
        weight(&self.input) + weight(&self.output)
    }

    /// Leaves its contents out.
    pub(super) fn lighten(&mut self) {
        self.truncated |= self.input.take().is_some() | self.output.take().is_some();
    }
}

/// To the tenth of a millisecond.
fn milliseconds(length: Duration) -> f64 {
    (length.as_secs_f64() * 10_000.0).round() / 10.0
}
