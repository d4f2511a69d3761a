//! What a run did, span by span: which node called what, with what, for how long, at which price.
//!
//! A [`Trace`] follows the task of a run, so that nodes need not know of it. Whatever is long in a
//! span is cut as it is written down: a trace costs little, however much a flow says.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use flowstone_core::{
    Error, Events, Result, Usage,
    event::{Event, NodeState},
};
use serde_json::Value;

use crate::excerpt::Excerpt;

/// Most spans of a run that are written down; further ones are counted.
const SPANS: usize = 400;

/// What a span is the work of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpanKind {
    /// A node that answers.
    Node,
    /// A node that is made ready.
    Build,
    /// A call of a chat model.
    Model,
    /// A call of a tool.
    Tool,
    /// A search for passages.
    Retriever,
    /// Texts that are turned into vectors.
    Embeddings,
    /// Documents that are written to a vector store or taken out.
    Store,
    /// A conversation that is read or kept.
    Memory,
}

impl SpanKind {
    /// The word for it in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Build => "build",
            Self::Model => "model",
            Self::Tool => "tool",
            Self::Retriever => "retriever",
            Self::Embeddings => "embeddings",
            Self::Store => "store",
            Self::Memory => "memory",
        }
    }
}

/// How a span ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpanEnd {
    /// Well.
    Done,
    /// It failed.
    Failed {
        /// Why, in words for the flow's author.
        message: String,
        /// Label of the row that is wrong, where it is one.
        row: Option<String>,
    },
    /// It was cut short, as the run was.
    Stopped,
}

/// One piece of work of a run.
#[derive(Clone, Debug)]
pub struct Span {
    /// Counted from 0 in the order of their beginning.
    pub id: u32,
    /// The span it is a part of.
    pub parent: Option<u32>,
    /// What it is the work of.
    pub kind: SpanKind,
    /// Of the model or the tool, or of the kind of node.
    pub name: String,
    /// Id of the node.
    pub node_id: String,
    /// Its label on the canvas.
    pub node_label: String,
    /// Name of its kind.
    pub node_name: String,
    /// When it began, since the beginning of the run.
    pub start: Duration,
    /// How long it took.
    pub length: Duration,
    /// What it was given, cut.
    pub input: Option<Value>,
    /// What it gave, cut.
    pub output: Option<Value>,
    /// Whether one of these was cut.
    pub is_cut: bool,
    /// How it ended.
    pub end: SpanEnd,
    /// Tokens of a model call, where the vendor tells.
    pub usage: Option<Usage>,
}

/// What a run did.
#[derive(Clone, Debug, Default)]
pub struct Spans {
    /// In the order of their beginning.
    pub spans: Vec<Span>,
    /// How many more there were.
    pub left_out: u32,
}

/// The recording of a run; cheap to clone.
#[derive(Clone)]
pub struct Trace(Arc<Recording>);

struct Recording {
    started: Instant,
    spans: Mutex<Vec<Open>>,
    next: AtomicU32,
    left_out: AtomicU32,
    /// What spans were given and gave is written down too.
    keeps_content: bool,
    /// Who is told of nodes as they start and end.
    listener: Option<Events>,
}

/// A span, which may still go on.
struct Open {
    span: Span,
    is_over: bool,
}

/// Where in a recording a piece of work is.
#[derive(Clone)]
struct Here {
    trace: Trace,
    parent: Option<u32>,
}

tokio::task_local! {
    static HERE: Here;
}

/// A node, as spans and failures name it.
#[derive(Clone, Debug)]
pub(crate) struct At {
    pub(crate) id: String,
    pub(crate) label: String,
    /// Name of its kind.
    pub(crate) name: &'static str,
}

/// What a span is begun with.
pub(crate) struct Work<'a, I> {
    pub(crate) at: &'a At,
    pub(crate) kind: SpanKind,
    pub(crate) name: &'a str,
    /// What it is given; asked for only where it is written down.
    pub(crate) input: I,
}

impl Trace {
    /// A recording that begins now. With `keeps_content` it holds what spans are given and give;
    /// `listener` is told of nodes as they start and end.
    pub fn new(keeps_content: bool, listener: Option<Events>) -> Self {
        Self(Arc::new(Recording {
            started: Instant::now(),
            spans: Mutex::default(),
            next: AtomicU32::new(0),
            left_out: AtomicU32::new(0),
            keeps_content,
            listener,
        }))
    }

    /// Records what `work` does.
    pub async fn record<F: Future>(&self, work: F) -> F::Output {
        HERE.scope(Here { trace: self.clone(), parent: None }, work).await
    }

    /// How long ago it began.
    pub fn elapsed(&self) -> Duration {
        self.0.started.elapsed()
    }

    /// What was recorded. Spans that still go on count as stopped.
    pub fn spans(&self) -> Spans {
        let now = self.elapsed();
        let mut open = self.0.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let spans = std::mem::take(&mut *open).into_iter().map(|open| {
            let mut span = open.span;
            if !open.is_over {
                span.length = now.saturating_sub(span.start);
                span.end = SpanEnd::Stopped;
            }
            span
        });
        Spans { spans: spans.collect(), left_out: self.0.left_out.load(Ordering::Relaxed) }
    }

    fn begin<I: FnOnce(&mut Excerpt) -> Value>(
        &self,
        parent: Option<u32>,
        work: Work<'_, I>,
    ) -> u32 {
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        if id as usize >= SPANS {
            self.0.left_out.fetch_add(1, Ordering::Relaxed);
            return id;
        }
        let mut excerpt = Excerpt::default();
        let input = self.0.keeps_content.then(|| (work.input)(&mut excerpt));
        let span = Span {
            id,
            parent,
            kind: work.kind,
            name: work.name.to_owned(),
            node_id: work.at.id.clone(),
            node_label: work.at.label.clone(),
            node_name: work.at.name.to_owned(),
            start: self.elapsed(),
            length: Duration::ZERO,
            input: input.filter(|it| !it.is_null()),
            output: None,
            is_cut: excerpt.is_cut(),
            end: SpanEnd::Done,
            usage: None,
        };
        let mut spans = self.0.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.push(Open { span, is_over: false });
        id
    }

    fn end(&self, id: u32, change: impl FnOnce(&mut Span)) {
        let now = self.elapsed();
        let mut spans = self.0.spans.lock().unwrap_or_else(PoisonError::into_inner);
        // Spans are begun at once by works that go on together: the last ones are close by.
        let Some(open) = spans.iter_mut().rev().find(|it| it.span.id == id) else { return };
        open.span.length = now.saturating_sub(open.span.start);
        open.is_over = true;
        change(&mut open.span);
    }
}

/// Does `work` as a span of the recording it is in, if it is in one.
pub(crate) async fn traced<T, I, O>(
    work: Work<'_, I>,
    future: impl Future<Output = Result<T>>,
    told: O,
) -> Result<T>
where
    I: FnOnce(&mut Excerpt) -> Value,
    O: FnOnce(&T, &mut Excerpt) -> (Value, Option<Usage>),
{
    let Ok(here) = HERE.try_with(Clone::clone) else { return future.await };
    let trace = here.trace;
    let (at, kind) = (work.at, work.kind);
    let began = trace.elapsed();
    let id = trace.begin(here.parent, work);
    let state = |ms: Option<u64>| NodeState {
        span_id: id,
        node_id: at.id.clone(),
        label: at.label.clone(),
        kind: kind.as_str(),
        ms,
        ..NodeState::default()
    };
    if let Some(listener) = &trace.0.listener {
        listener.emit(Event::NodeStart(Box::new(state(None)))).await;
    }
    let inside = Here { trace: trace.clone(), parent: Some(id) };
    let done = HERE.scope(inside, future).await;
    let mut usage = None;
    let content = trace.0.keeps_content;
    trace.end(id, |span| match &done {
        Ok(value) => {
            let mut excerpt = Excerpt::default();
            let (output, tokens) = told(value, &mut excerpt);
            span.output = content.then_some(output).filter(|it| !it.is_null());
            span.is_cut |= content && excerpt.is_cut();
            span.usage = tokens;
            usage = tokens;
        }
        Err(error) => {
            span.end = SpanEnd::Failed {
                message: error.root().to_string(),
                row: row_of(error).map(str::to_owned),
            };
        }
    });
    if let Some(listener) = &trace.0.listener {
        let ms = trace.elapsed().saturating_sub(began).as_millis();
        let mut state = state(Some(ms.try_into().unwrap_or(u64::MAX)));
        let event = match &done {
            Ok(_) => {
                state.input_tokens = usage.map(|it| it.input_tokens);
                state.output_tokens = usage.map(|it| it.output_tokens);
                Event::NodeEnd(Box::new(state))
            }
            Err(error) => {
                state.message = Some(error.root().to_string());
                state.row = row_of(error).map(str::to_owned);
                Event::NodeError(Box::new(state))
            }
        };
        listener.emit(event).await;
    }
    done
}

/// Label of the row that a failure is about, where it is about one.
pub fn row_of(error: &Error) -> Option<&str> {
    match error.root() {
        Error::MissingInput { label } | Error::InvalidInput { label, .. } => Some(label),
        _ => None,
    }
}
