//! Runs a flow for one call and keeps the exchange.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use flowstone_core::{Answer, Events, Metadata, Output, Purse, Run, UsedTool};
use flowstone_engine::{self as engine, Overrides};
use flowstone_store::{ChatMessage, WorkspaceScope};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};
use tracing::Instrument as _;
use uuid::Uuid;

use super::{LiveFlow, Question, follow_up, post_processing::post_process, uploads};
use crate::{
    AppState, Problem,
    problem::Result,
    runs::{Recorder, RunFacts},
};

/// The node that runs JavaScript.
pub(crate) const SCRIPT_NODE: &str = "customFunction";

/// Where a call comes from; stored with its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChatType {
    /// Our own pages.
    Internal,
    /// Everybody else.
    External,
    /// The flow's webhook.
    Webhook,
    /// The flow as a tool of an MCP client.
    Mcp,
    /// The flow's schedule.
    Scheduled,
}

impl ChatType {
    /// The kind that was stored as `word`.
    pub(super) fn parse(word: &str) -> Self {
        let kinds = [Self::Internal, Self::Webhook, Self::Mcp, Self::Scheduled];
        kinds.into_iter().find(|it| it.as_str() == word).unwrap_or(Self::External)
    }

    /// The word it is stored as.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "INTERNAL",
            Self::External => "EXTERNAL",
            Self::Webhook => "WEBHOOK",
            Self::Mcp => "MCP",
            Self::Scheduled => "SCHEDULED",
        }
    }
}

/// A call that may be made.
pub(crate) struct Call {
    /// The flow.
    pub(crate) live: Arc<LiveFlow>,
    /// What it asks.
    pub(crate) question: Question,
    /// Where it comes from.
    pub(crate) chat_type: ChatType,
    /// How many flows stand between the caller and this one.
    pub(crate) depth: u32,
    /// What the run that asks pays from.
    pub(crate) purse: Option<Arc<dyn Purse>>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// By itself.
    Finished,
    /// Its user stopped it.
    Stopped,
    /// Nobody listened any more.
    Left,
    /// Its user stopped a run of an agentflow, whose last words say so.
    Terminated,
}

/// An exchange that is kept.
pub(crate) struct Exchange {
    /// How it ended.
    pub(crate) ending: Ending,
    /// The answer as JSON.
    pub(crate) body: Body,
}

/// The answer of a call that does not stream.
#[derive(Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Answer")]
pub(crate) struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) json: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<Map<String, Value>>")]
    pub(super) used_tools: Vec<UsedTool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub(super) source_documents: Option<Vec<flowstone_core::Document>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) artifacts: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) file_annotations: Vec<Value>,
    /// The turns of an agentflow of the first version.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<Map<String, Value>>>")]
    pub(super) agent_reasoning: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) question: Option<Value>,
    pub(super) chat_id: String,
    pub(super) chat_message_id: String,
    /// The text of a JSON list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) follow_up_prompts: Option<String>,
    /// Says that this answer came in pieces, which it never did when it is JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) is_stream_valid: Option<bool>,
    /// What was filled into an agentflow's form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) form: Option<Map<String, Value>>,
    /// The run of an agentflow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) execution_id: Option<String>,
    /// The records of its turns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent_flow_executed_data: Option<Vec<Arc<Value>>>,
    /// What a person is asked before the run goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) action: Option<Value>,
    pub(super) session_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) memory_type: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub(super) flow_variables: Map<String, Value>,
}

impl From<Output> for Body {
    /// The answer alone, of nobody's question yet.
    fn from(output: Output) -> Self {
        let (text, json) = match output.answer {
            Answer::Text(text) => (Some(text), None),
            Answer::Json(value) => (None, Some(value)),
        };
        Self {
            text,
            json,
            used_tools: output.used_tools,
            source_documents: output.source_documents,
            artifacts: output.artifacts,
            file_annotations: output.file_annotations,
            flow_variables: output.flow_variables,
            agent_reasoning: output.agent_reasoning,
            action: output.action,
            ..Self::default()
        }
    }
}

impl Body {
    /// What a person is asked before the run goes on.
    pub(crate) fn action(&self) -> Option<&Value> {
        self.action.as_ref()
    }

    /// Id of the stored answer.
    pub(crate) fn message_id(&self) -> &str {
        &self.chat_message_id
    }

    /// The answer as plain text.
    pub(crate) fn to_text(&self) -> String {
        match (&self.json, &self.text) {
            (Some(json), _) => json.to_string(),
            (None, text) => text.clone().unwrap_or_default(),
        }
    }

    /// The answer as another flow takes it.
    pub(crate) fn into_output(self) -> Output {
        let answer = match (self.json, self.text) {
            (Some(json), _) => Answer::Json(json),
            (None, text) => Answer::Text(text.unwrap_or_default()),
        };
        Output {
            answer,
            source_documents: self.source_documents,
            used_tools: self.used_tools,
            artifacts: self.artifacts,
            file_annotations: self.file_annotations,
            flow_variables: self.flow_variables,
            agent_reasoning: self.agent_reasoning,
            action: self.action,
            ..Output::default()
        }
    }
}

impl Exchange {
    /// The same for the end of a stream.
    pub(crate) fn metadata(&self) -> Metadata {
        let question = match &self.body.question {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        Metadata {
            chat_id: self.body.chat_id.clone(),
            chat_message_id: self.body.chat_message_id.clone(),
            question,
            session_id: self.body.session_id.clone(),
            memory_type: self.body.memory_type.clone(),
            flow_variables: (!self.body.flow_variables.is_empty())
                .then(|| self.body.flow_variables.clone().into()),
            // Written twice: so clients of the reference read it.
            follow_up_prompts: self.body.follow_up_prompts.as_ref().map(|it| json!(it).to_string()),
            action: self.body.action.clone(),
        }
    }
}

impl Call {
    /// A call that comes from outside of all flows.
    pub(crate) fn new(live: Arc<LiveFlow>, question: Question, chat_type: ChatType) -> Self {
        Self { live, question, chat_type, depth: 0, purse: None }
    }

    /// Whether the flow can tell its answer in pieces. A flow that cannot be planned says so when
    /// it is run.
    pub(crate) async fn streams(&self, state: &AppState) -> bool {
        if self.live.is_agentflow() {
            return self.live.post_processing.is_none();
        }
        self.live.post_processing.is_none()
            && state.engine.plan(self.live.source()).await.is_ok_and(|plan| plan.streams())
    }

    /// Runs the flow and keeps the exchange: whole or not at all. A run that is cut short keeps
    /// what it said.
    pub(crate) async fn answer(mut self, state: &AppState, events: Events) -> Result<Exchange> {
        if self.live.is_agentflow() {
            return super::agentflow::answer(self, state, events, None).await;
        }
        let answer_id = Uuid::now_v7().to_string();
        let Some(recorder) = Recorder::of(state, &self, &answer_id, &events) else {
            return Box::pin(self.run(state, events, answer_id, &Mutex::default())).await;
        };
        let (trace, facts) = (recorder.trace(), recorder.facts.clone());
        self.purse = Some(recorder.tally.clone());
        // On the heap: a run holds all that its nodes hold.
        let run = Box::pin(self.run(state, events, answer_id, &facts));
        let outcome = trace.record(run).await;
        recorder.finish(outcome.as_ref().err()).await;
        outcome
    }

    async fn run(
        self,
        state: &AppState,
        events: Events,
        answer_id: String,
        facts: &Mutex<RunFacts>,
    ) -> Result<Exchange> {
        let Self { live, mut question, chat_type, depth, purse } = self;
        let failed = |error: engine::Error| {
            facts.lock().blame(&error);
            Problem::from(error)
        };
        question.check()?;
        let asked = Utc::now();
        let overrides = Overrides {
            gate: &live.gate,
            config: &question.override_config,
            files: &question.files,
        };
        let prepared = state.engine.prepare(live.source(), Some(&overrides)).await;
        let prepared = prepared.map_err(failed)?;
        let memory = prepared.plan().memory();
        let history = match std::mem::replace(&mut question.history, Ok(None)) {
            Ok(turns) => turns,
            Err(message) if memory.is_some() => return Err(Problem::bad_request(message)),
            Err(_) => None,
        };
        let session = question.session_id().map(str::to_owned);
        let chat_id = question.chat_id.clone().or_else(|| session.clone());
        let own_session = || match chat_type {
            ChatType::External | ChatType::Webhook | ChatType::Mcp | ChatType::Scheduled => None,
            ChatType::Internal => memory.and_then(|it| it.session_id.clone()),
        };
        let chat_id = chat_id.unwrap_or_else(|| Uuid::new_v4().to_string());
        let session_id = session.or_else(own_session).unwrap_or_else(|| chat_id.clone());
        {
            let mut facts = facts.lock();
            facts.chat_id.clone_from(&chat_id);
            facts.session_id.clone_from(&session_id);
        }
        let run = Run {
            workspace: live.flow.workspace_id.clone(),
            flow_id: live.flow.id.clone(),
            chat_id: chat_id.clone(),
            session_id: session_id.clone(),
            question: question.text.clone(),
            history,
            variables: variables(state, &live, &question.override_config).await?,
            uploads: std::mem::take(&mut question.uploads),
            action: question.action.take(),
            depth,
            purse,
            events: events.clone(),
            ..Run::new(state.engine.services().clone())
        };
        let stored = uploads::keep(state, &run).await?;
        let span = run_span(&live, &answer_id, &session_id);
        let stoppable = state.stops.register(&live.flow.id, &chat_id);
        let (ending, mut output) = tokio::select! {
            output = state.engine.run(&prepared, &run).instrument(span) => {
                (Ending::Finished, output.map_err(failed)?)
            }
            () = stoppable.stopped() => (Ending::Stopped, Output::text(events.said())),
            () = events.closed() => (Ending::Left, Output::text(events.said())),
        };
        drop(stoppable);
        facts.lock().is_stopped = ending != Ending::Finished;
        // What asks a person is no answer yet.
        if let (Ending::Finished, Some(code), None) =
            (ending, &live.post_processing, &output.action)
        {
            output.answer = Answer::Text(post_process(state, code, &run, &output).await?);
        }
        let follow_ups = match ending {
            Ending::Finished => follow_up::suggest(state, &live, &output.answer.to_text()).await,
            Ending::Stopped | Ending::Left | Ending::Terminated => None,
        };
        let memory_type = memory.map(|it| it.label.clone());
        let exchange = Kept {
            live: &live,
            run: &run,
            question: &question,
            chat_type,
            asked,
            stored,
            execution: None,
        };
        let follow_ups = follow_ups.as_deref();
        exchange.store(state, &answer_id, &output, memory_type.as_deref(), follow_ups).await?;
        let body = Body {
            question: question.given,
            chat_id,
            chat_message_id: answer_id,
            follow_up_prompts: follow_ups.map(str::to_owned),
            is_stream_valid: output.agent_reasoning.is_none().then_some(false),
            session_id,
            memory_type,
            ..Body::from(output)
        };
        Ok(Exchange { ending, body })
    }
}

/// The one line of a trace, and the id in every log line, that all of a run has in common.
pub(super) fn run_span(live: &LiveFlow, id: &str, session: &str) -> tracing::Span {
    tracing::info_span!(
        "run",
        run = id,
        "otel.name" = format!("invoke_agent {}", live.flow.name),
        "gen_ai.operation.name" = "invoke_agent",
        "gen_ai.agent.name" = live.flow.name,
        "gen_ai.agent.id" = live.flow.id,
        "gen_ai.conversation.id" = session,
    )
}

/// `$vars` of a call: the workspace's, with those that the call may set.
pub(super) async fn variables(
    state: &AppState,
    live: &LiveFlow,
    override_config: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    if !live.reads_variables {
        return Ok(Map::new());
    }
    let scope = WorkspaceScope::new(live.flow.workspace_id.clone());
    let mut values = stored_variables(state, &scope).await?;
    values.extend(live.gate.allowed_variables(override_config.get("vars")));
    Ok(values)
}

/// `$vars` as a workspace keeps them.
pub(crate) async fn stored_variables(
    state: &AppState,
    scope: &WorkspaceScope,
) -> Result<Map<String, Value>> {
    let (stored, _) = state.store.variables().list(scope, None).await?;
    Ok(stored.into_iter().map(|it| (it.name, it.value.unwrap_or_default().into())).collect())
}

/// What both messages of an exchange have in common.
pub(super) struct Kept<'a> {
    pub(super) live: &'a LiveFlow,
    pub(super) run: &'a Run,
    pub(super) question: &'a Question,
    pub(super) chat_type: ChatType,
    pub(super) asked: DateTime<Utc>,
    /// What is kept of the files that came along.
    pub(super) stored: Vec<Value>,
    /// The run of an agentflow, and what a person is asked before it goes on.
    pub(super) execution: Option<(String, Option<Value>)>,
}

impl Kept<'_> {
    pub(super) async fn store(
        &self,
        state: &AppState,
        answer_id: &str,
        output: &Output,
        memory_type: Option<&str>,
        follow_ups: Option<&str>,
    ) -> Result<()> {
        let messages = self.messages(answer_id, output, memory_type, follow_ups);
        let scope = WorkspaceScope::new(self.live.flow.workspace_id.clone());
        Ok(state.store.messages().insert(&scope, &messages).await?)
    }

    /// The question and the answer as they are stored.
    pub(super) fn messages(
        &self,
        answer_id: &str,
        output: &Output,
        memory_type: Option<&str>,
        follow_ups: Option<&str>,
    ) -> [ChatMessage; 2] {
        let mut asked =
            self.message(Uuid::now_v7().to_string(), ChatMessage::USER, self.asked, memory_type);
        asked.content = self.run.question.clone();
        asked.file_uploads = list(&self.stored);
        // Two messages of one exchange never share a time, or their order would be anybody's guess.
        let answered = Utc::now().max(self.asked + chrono::Duration::milliseconds(1));
        let mut said = self.message(answer_id.to_owned(), ChatMessage::API, answered, memory_type);
        said.content = output.answer.to_text();
        said.source_documents = output.source_documents.as_ref().map(|it| json!(it).to_string());
        said.used_tools = list(&output.used_tools);
        said.artifacts = list(&output.artifacts);
        said.file_annotations = list(&output.file_annotations);
        said.follow_up_prompts = follow_ups.map(str::to_owned);
        if !output.reasoning.is_empty() {
            said.reason_content = Some(json!({"thinking": output.reasoning}).to_string());
        }
        let action = self.execution.as_ref().and_then(|(_, action)| action.as_ref());
        said.action = action.or(output.action.as_ref()).map(Value::to_string);
        said.agent_reasoning =
            output.agent_reasoning.as_ref().map(|it| Value::from(it.clone()).to_string());
        [asked, said]
    }

    fn message(
        &self,
        id: String,
        role: &str,
        created_date: DateTime<Utc>,
        memory_type: Option<&str>,
    ) -> ChatMessage {
        ChatMessage {
            id,
            role: role.to_owned(),
            chatflow_id: self.live.flow.id.clone(),
            execution_id: self.execution.as_ref().map(|(id, _)| id.clone()),
            content: String::new(),
            source_documents: None,
            used_tools: None,
            file_annotations: None,
            agent_reasoning: None,
            reason_content: None,
            file_uploads: None,
            artifacts: None,
            action: None,
            chat_type: self.chat_type.as_str().to_owned(),
            chat_id: self.run.chat_id.clone(),
            memory_type: Some(memory_type.unwrap_or_default().to_owned()),
            session_id: Some(self.run.session_id.clone()),
            created_date,
            lead_email: self.question.lead_email.clone(),
            follow_up_prompts: None,
        }
    }
}

/// JSON text of a list, nothing for an empty one.
fn list<T: Serialize>(items: &[T]) -> Option<String> {
    (!items.is_empty()).then(|| serde_json::to_string(items).ok()).flatten()
}
