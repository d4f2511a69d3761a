//! Walks a run of an agentflow in this process.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use flowstone_core::{Events, Purse, Run};
use flowstone_engine::agentflow::{Begin, Graph, MOST_TURNS, Progress, Walk};
use flowstone_store::WorkspaceScope;
use parking_lot::Mutex;
use serde_json::{Map, Value};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    super::{
        ChatType, LiveFlow, Question,
        answer::{Exchange, run_span, variables},
        uploads,
    },
    closing::{Closing, clean_record},
    journal::StoreJournal,
    log::Log,
    origin::Origin,
    recovery::close,
};
use crate::{AppState, Problem, problem::Result};

/// How soon events of a turn that goes on are kept where somebody follows the run.
const FLUSH: Duration = Duration::from_millis(100);

/// A run that is to be walked, from its beginning or from where it stopped.
pub(super) struct Ready {
    pub(super) live: Arc<LiveFlow>,
    pub(super) question: Question,
    pub(super) chat_type: ChatType,
    pub(super) depth: u32,
    pub(super) chat_id: String,
    pub(super) session_id: String,
    pub(super) execution_id: String,
    pub(super) progress: Progress,
    pub(super) records: Vec<Arc<Value>>,
    /// The state that the conversation's last run ended with.
    pub(super) persisted: Option<Map<String, Value>>,
    pub(super) asked: DateTime<Utc>,
    /// What the run that asked this one pays from.
    pub(super) purse: Option<Arc<dyn Purse>>,
    pub(super) origin: Origin,
    /// Whether the conversation begins with this run, so that nothing was said before.
    pub(super) begins_chat: bool,
    /// The number of the last event that the run told; looked up where it is not known.
    pub(super) last_event: Option<i32>,
}

/// The runs that this process walks; cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Walking(Arc<Mutex<HashMap<String, Arc<Notify>>>>);

/// A run that is walked until this is dropped.
struct Walked {
    all: Walking,
    id: String,
    /// Is told when somebody follows the run and there is something to keep for them.
    news: Arc<Notify>,
}

impl Walking {
    fn begin(&self, id: &str) -> Walked {
        let news = Arc::new(Notify::new());
        self.0.lock().insert(id.to_owned(), news.clone());
        Walked { all: self.clone(), id: id.to_owned(), news }
    }

    /// Tells a run that somebody follows it from now on.
    pub(in super::super) fn wake(&self, id: &str) {
        if let Some(news) = self.0.lock().get(id) {
            news.notify_one();
        }
    }

    /// The ids of them all.
    pub(super) fn ids(&self) -> Vec<String> {
        self.0.lock().keys().cloned().collect()
    }
}

impl Drop for Walked {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.id);
    }
}

/// What of a call is made ready before its first turn.
struct Prepared {
    run: Run,
    past: Vec<Value>,
    stored: Vec<Value>,
    last_event: i32,
}

async fn prepare(state: &AppState, ready: &mut Ready) -> Result<Prepared> {
    let Ready { live, question, .. } = ready;
    let run = Run {
        workspace: live.flow.workspace_id.clone(),
        flow_id: live.flow.id.clone(),
        chat_id: ready.chat_id.clone(),
        session_id: ready.session_id.clone(),
        question: ready.progress.question.clone(),
        history: std::mem::replace(&mut question.history, Ok(None))
            .map_err(Problem::bad_request)?,
        variables: variables(state, live, &question.override_config).await?,
        uploads: std::mem::take(&mut question.uploads),
        depth: ready.depth,
        purse: ready.purse.take(),
        ..Run::new(state.engine.services().clone())
    };
    let mut past: Vec<Value> = ready.origin.past.iter().flatten().cloned().collect();
    if !ready.begins_chat {
        let scope = WorkspaceScope::new(&*run.workspace);
        let messages = state.store.messages();
        let said = messages.history(&scope, &run.session_id, &run.flow_id, None).await?;
        past.extend(uploads::as_turns(&*run.services.files, &run.workspace, said).await);
    }
    if let Some(heard) = ready.progress.heard {
        past.truncate(heard);
    }
    let stored = uploads::keep(state, &run).await?;
    let last_event = match ready.last_event {
        Some(last) => last,
        None => state.store.executions().last_event(&ready.execution_id).await?,
    };
    Ok(Prepared { run, past, stored, last_event })
}

/// Walks a run to its end, its next stop or its failure, and keeps the exchange.
pub(super) async fn walk(
    state: &AppState,
    mut ready: Ready,
    graph: &Graph,
    events: Events,
    gone: CancellationToken,
) -> Result<Exchange> {
    let walked = state.walking.begin(&ready.execution_id);
    let Prepared { run, past, stored, last_event } = match prepare(state, &mut ready).await {
        Ok(prepared) => prepared,
        Err(problem) => {
            let scope = WorkspaceScope::new(ready.live.flow.workspace_id.clone());
            let execution = state.store.executions().get(&scope, &ready.execution_id).await?;
            close(state, &execution, ready.records.len(), &problem).await?;
            return Err(problem);
        }
    };
    let Ready { live, mut question, chat_type, execution_id, progress, records, .. } = ready;
    let log = Log::after(last_event);
    let recorder = log.recorder({
        let (news, followers) = (walked.news.clone(), state.followers.clone());
        let id = execution_id.clone();
        move || {
            if followers.has(&id) {
                news.notify_one();
            }
        }
    });
    let run = Run { events: events.recorded(recorder), ..run };
    let resumed = progress.reply.is_some();
    if let Some(reply) = &progress.reply {
        question.text.clone_from(reply);
    }
    let closing = Closing {
        live: &live,
        run: &Run { question: question.text.clone(), ..run.clone() },
        question: &question,
        chat_type,
        asked: ready.asked,
        stored: if resumed { Vec::new() } else { stored },
        execution_id: &execution_id,
        resumed,
    };
    let journal = StoreJournal::new(state, &execution_id, records.len(), closing, log);
    let start = (graph.start(), graph.label(graph.start()).unwrap_or_default());
    let set = live.gate.allowed_state(start, question.override_config.get("startState"));
    let walk = Walk {
        graph,
        catalog: state.engine.catalog(),
        run: &run,
        id: &execution_id,
        past,
        journal: &journal,
        begin: Begin { persisted: ready.persisted, set },
        most_turns: MOST_TURNS,
        is_trial: ready.origin.is_trial,
        price: Some(state.price.clone()),
    };
    let span = run_span(&live, &execution_id, &run.session_id);
    let stoppable = state.stops.register(&live.flow.id, &run.chat_id);
    let left = async {
        if question.ends_with_caller {
            tokio::select! { () = events.closed() => {}, () = gone.cancelled() => {} }
        } else {
            std::future::pending::<()>().await;
        }
    };
    let stop = pin!(async {
        tokio::select! { () = stoppable.stopped() => {}, () = left => {} }
    });
    let end = tokio::select! {
        biased;
        () = state.leaving.cancelled() => None,
        end = walk.go(progress, records, stop).instrument(span) => Some(end),
        never = keep_flushing(&journal, &walked.news) => match never {},
    };
    let Some(end) = end else {
        return Err(Problem::new(
            axum::http::StatusCode::SERVICE_UNAVAILABLE,
            "the server is stopping; the run goes on when it is back",
        ));
    };
    if let Some(error) = end.failure {
        return Err(error.into());
    }
    let missing = || {
        Problem::new(
            axum::http::StatusCode::INTERNAL_SERVER_ERROR,
            "the run came to no end that could be kept",
        )
    };
    let mut exchange = journal.exchange().ok_or_else(missing)?;
    let records = end.records.iter().map(clean_record).collect();
    exchange.body.agent_flow_executed_data = Some(records);
    Ok(exchange)
}

/// Keeps the events of long turns for those who follow the run. Nothing is done while nobody does.
async fn keep_flushing(journal: &StoreJournal<'_>, news: &Notify) -> std::convert::Infallible {
    loop {
        news.notified().await;
        if !journal.is_awaited() {
            continue;
        }
        // What is told in the meantime is kept with it.
        tokio::time::sleep(FLUSH).await;
        if let Err(error) = journal.flush().await {
            tracing::warn!(%error, "events of a run could not be kept yet");
            news.notify_one();
        }
    }
}
