//! Records one run: what it does while it answers, and how it ended.

use chrono::{DateTime, Utc};
use flowstone_core::{
    Bill, Error as NodeError, Events, Usage,
    event::{Event, NodeState},
};
use flowstone_engine::{Error, FlowData, Span, SpanEnd, Spans, Trace, row_of};
use flowstone_store::FlowRun;
use parking_lot::Mutex;
use std::sync::Arc;

use super::{RunContent, RunSpan, redact, tally::Tally};
use crate::{
    AppState, Problem,
    prediction::{Call, ChatType, LiveFlow},
};

/// Most characters that are kept of a question.
const QUESTION: usize = 1_000;
/// Most characters that are kept of an error.
const ERROR: usize = 4_000;
/// Most bytes that the contents of a run's spans take together.
const CONTENTS: usize = 512 * 1024;

/// What a run finds out about itself on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunFacts {
    /// The chat, once it is known.
    pub(crate) chat_id: String,
    /// The conversation, once it is known.
    pub(crate) session_id: String,
    /// Somebody stopped it, or nobody listens any more.
    pub(crate) is_stopped: bool,
    /// What is wrong, where something is.
    fault: Option<Fault>,
}

/// Where a run failed, and why.
#[derive(Clone, Debug)]
struct Fault {
    message: String,
    node_label: Option<String>,
    row: Option<String>,
}

impl RunFacts {
    /// Remembers where the run failed.
    pub(crate) fn blame(&mut self, error: &Error) {
        let (node_label, row) = match error.root() {
            Error::Node(inner) => (label_of(inner), row_of(inner)),
            Error::UnknownNode { label, .. }
            | Error::NewerNode { label, .. }
            | Error::NotRunnable { label, .. } => (Some(label.as_str()), None),
            Error::MissingReference { label, row, .. } => {
                (Some(label.as_str()), Some(row.as_str()))
            }
            _ => (None, None),
        };
        self.fault = Some(Fault {
            message: match error.root() {
                Error::Node(inner) => inner.root().to_string(),
                other => other.to_string(),
            },
            node_label: node_label.map(str::to_owned),
            row: row.map(str::to_owned),
        });
    }
}

fn label_of(error: &NodeError) -> Option<&str> {
    match error {
        NodeError::At { node, .. } => Some(node),
        _ => None,
    }
}

/// The recording of a run. One that is dropped before its end was stopped.
pub(crate) struct Recorder {
    state: AppState,
    live: Arc<LiveFlow>,
    chat_type: ChatType,
    question: String,
    started: DateTime<Utc>,
    /// The id of the run, and of its answer.
    pub(crate) id: String,
    /// What it found out so far.
    pub(crate) facts: Arc<Mutex<RunFacts>>,
    /// What the flows that it asks have spent.
    pub(crate) tally: Arc<Tally>,
    trace: Trace,
    depth: u32,
    api_key: Option<String>,
    listener: Option<Events>,
    keeps: bool,
    is_over: bool,
}

impl Recorder {
    /// The recording of `call`, where its runs are kept or somebody wants to be told of its nodes.
    pub(crate) fn of(state: &AppState, call: &Call, id: &str, events: &Events) -> Option<Self> {
        let content = state.settings.runs.content;
        // Runs of agentflows have a history of their own.
        let keeps =
            content != RunContent::Off && call.live.flow.flow_type.as_deref() != Some("AGENTFLOW");
        let listener = call.question.node_events.then(|| events.clone());
        if !keeps && listener.is_none() && call.purse.is_none() {
            return None;
        }
        let is_full = content == RunContent::Full;
        let question = if is_full { cut(&call.question.text, QUESTION) } else { String::new() };
        Some(Self {
            trace: Trace::new(keeps && is_full, listener.clone()),
            state: state.clone(),
            live: call.live.clone(),
            chat_type: call.chat_type,
            question,
            started: Utc::now(),
            id: id.to_owned(),
            facts: Arc::default(),
            tally: Arc::new(Tally::new(call.purse.clone())),
            depth: call.depth,
            api_key: call.question.api_key.clone(),
            listener,
            keeps,
            is_over: false,
        })
    }

    /// What follows the run.
    pub(crate) fn trace(&self) -> Trace {
        self.trace.clone()
    }

    /// Writes down how the run ended.
    pub(crate) async fn finish(mut self, problem: Option<&Problem>) {
        self.is_over = true;
        let facts = self.facts.lock().clone();
        let spans = self.trace.spans();
        if let (Some(listener), Some(_)) = (&self.listener, problem) {
            self.tell_of_fault(listener, &facts, &spans).await;
        }
        let state = match problem {
            Some(_) => FlowRun::ERROR,
            None if facts.is_stopped => FlowRun::STOPPED,
            None => FlowRun::FINISHED,
        };
        self.keep(state, facts, spans, problem.map(Problem::message));
    }

    /// A failure outside of any span, such as a wire to nowhere, is told of its node too.
    async fn tell_of_fault(&self, listener: &Events, facts: &RunFacts, spans: &Spans) {
        let Some(fault) = &facts.fault else { return };
        let Some(label) = fault.node_label.as_ref().filter(|_| failed_span(spans).is_none()) else {
            return;
        };
        let Some(node_id) = node_by_label(&self.live.flow.flow_data, label) else { return };
        let state = NodeState {
            span_id: u32::MAX,
            node_id,
            label: label.clone(),
            kind: "build",
            ms: Some(0),
            message: Some(fault.message.clone()),
            row: fault.row.clone(),
            ..NodeState::default()
        };
        listener.emit(Event::NodeError(Box::new(state))).await;
    }

    fn keep(&self, state: &str, facts: RunFacts, spans: Spans, problem: Option<&str>) {
        if self.tally.is_asked() {
            self.tally.tell(bill(&spans.spans, &*self.state.price));
        }
        if !self.keeps {
            return;
        }
        let flow = &self.live.flow;
        let mut run = FlowRun {
            id: self.id.clone(),
            workspace_id: flow.workspace_id.clone(),
            chatflow_id: flow.id.clone(),
            version: self.live.version,
            draft: self.live.is_draft,
            chat_id: facts.chat_id,
            session_id: facts.session_id,
            chat_type: self.chat_type.as_str().to_owned(),
            state: state.to_owned(),
            started_date: self.started,
            milliseconds: self.trace.elapsed().as_millis().try_into().unwrap_or(i64::MAX),
            input_tokens: None,
            output_tokens: None,
            cost: None,
            question: self.question.clone(),
            error: problem.map(|it| cut(it, ERROR)),
            error_node_id: None,
            error_node_label: None,
            error_row: None,
            spans: String::new(),
            spans_left_out: spans.left_out.try_into().unwrap_or(i32::MAX),
            depth: self.depth.try_into().unwrap_or(i32::MAX),
            api_key_id: self.api_key.clone(),
        };
        if problem.is_some() {
            // The node that failed first: the others only passed its failure on.
            if let Some((span, row)) = failed_span(&spans) {
                run.error_node_id = Some(cut(&span.node_id, 255));
                run.error_node_label = Some(span.node_label.clone());
                run.error_row = row.cloned();
            }
            if let Some(fault) = facts.fault {
                run.error = Some(cut(&fault.message, ERROR));
                run.error_row = run.error_row.or(fault.row);
                if run.error_node_label.is_none() {
                    let id = fault.node_label.as_ref();
                    let id = id.and_then(|it| node_by_label(&flow.flow_data, it));
                    run.error_node_id = id.map(|it| cut(&it, 255));
                    run.error_node_label = fault.node_label;
                }
            }
        }
        self.state
            .run_log
            .push(&self.state, Finished { run, spans: spans.spans, asked: self.tally.total() });
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !self.is_over {
            let facts = self.facts.lock().clone();
            self.keep(FlowRun::STOPPED, facts, self.trace.spans(), None);
        }
    }
}

/// A run that has ended, before it is written.
pub(super) struct Finished {
    run: FlowRun,
    spans: Vec<Span>,
    /// What the flows that it asked have spent.
    asked: Bill,
}

impl Finished {
    /// The row of the run: priced, summed up, without secrets. Made apart from the answer, as it
    /// takes a while.
    pub(super) fn into_row(self, price: &dyn Fn(&str, &str, Usage) -> Option<f64>) -> FlowRun {
        let Self { mut run, spans, asked } = self;
        let mut usage: Option<Usage> = None;
        for used in spans.iter().filter_map(|it| it.usage) {
            *usage.get_or_insert_default() += used;
        }
        if asked != Bill::default() {
            let usage = usage.get_or_insert_default();
            usage.input_tokens += asked.input_tokens;
            usage.output_tokens += asked.output_tokens;
        }
        let number = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        run.input_tokens = usage.map(|it| number(it.input_tokens));
        run.output_tokens = usage.map(|it| number(it.output_tokens));
        let mut room = CONTENTS;
        let spans: Vec<RunSpan> = spans
            .into_iter()
            .map(|span| {
                let mut span = RunSpan::of(span, price);
                let weight = span.weight();
                if weight > room {
                    span.lighten();
                } else {
                    room -= weight;
                }
                span
            })
            .collect();
        let costs = spans.iter().filter_map(RunSpan::cost);
        let costs = costs.chain((asked.cost > 0.0).then_some(asked.cost));
        run.cost = costs.fold(None, |sum: Option<f64>, it| Some(sum.unwrap_or_default() + it));
        run.spans = serde_json::to_string(&spans).unwrap_or_else(|_| "[]".to_owned());
        run.question = redact::text(run.question);
        run.error = run.error.map(redact::text);
        for text in [&mut run.question, &mut run.spans] {
            if text.contains('\0') {
                *text = text.replace('\0', "");
            }
        }
        run.error = run.error.map(|it| it.replace('\0', ""));
        run
    }
}

/// What the models of a run have spent.
fn bill(spans: &[Span], price: &dyn Fn(&str, &str, Usage) -> Option<f64>) -> Bill {
    let mut bill = Bill::default();
    for (span, usage) in spans.iter().filter_map(|it| Some((it, it.usage?))) {
        bill += Bill {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cost: price(&span.node_name, &span.name, usage).unwrap_or_default(),
        };
    }
    bill
}

/// The innermost span that failed last: what made the run fail.
fn failed_span(spans: &Spans) -> Option<(&Span, Option<&String>)> {
    let failed = spans.spans.iter().filter_map(|it| match &it.end {
        SpanEnd::Failed { row, .. } => Some((it, row.as_ref())),
        _ => None,
    });
    // A tool's failure goes to the model, which may answer all the same.
    let failed: Vec<_> = failed.collect();
    let is_passed_on = |span: &Span| failed.iter().any(|(it, _)| it.parent == Some(span.id));
    let root = failed.iter().rev().find(|(it, _)| it.parent.is_none()).or(failed.last())?;
    let mut found = *root;
    while is_passed_on(found.0) {
        let Some(inner) = failed.iter().rev().find(|(it, _)| it.parent == Some(found.0.id)) else {
            break;
        };
        found = *inner;
    }
    Some(found)
}

/// The id of the node with this label.
fn node_by_label(flow_data: &str, label: &str) -> Option<String> {
    let flow = FlowData::parse(flow_data).ok()?;
    flow.nodes.into_iter().find(|it| it.data.label == label).map(|it| it.id)
}

/// The beginning of a text, of at most so many bytes.
fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let mut end = most.saturating_sub(3);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", text.get(..end).unwrap_or_default())
}
