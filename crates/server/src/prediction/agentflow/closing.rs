//! What a run leaves behind when it ends or waits: the exchange in its chat, the answer to its caller
//! and the end of its stream.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use flowstone_core::{Answer, Error, Event, Output, Run, UsedTool, event::Done};
use flowstone_engine::agentflow::{Checkpoint, ExecutionState};
use flowstone_store::ChatMessage;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::super::{
    Body, ChatType, LiveFlow, Question,
    answer::{Ending, Exchange, Kept},
    follow_up,
    post_processing::post_process,
};
use crate::{AppState, Problem};

/// What has to be known of a run to end it.
pub(super) struct Closing<'a> {
    pub(super) live: &'a LiveFlow,
    pub(super) run: &'a Run,
    pub(super) question: &'a Question,
    pub(super) chat_type: ChatType,
    pub(super) asked: DateTime<Utc>,
    /// What is kept of the files that came along.
    pub(super) stored: Vec<Value>,
    pub(super) execution_id: &'a str,
    /// Whether it went on after a person had answered: nobody asked a question then.
    pub(super) resumed: bool,
}

/// What is kept and told with the end.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) messages: Vec<ChatMessage>,
    pub(super) told: Vec<Event>,
    pub(super) exchange: Option<Exchange>,
}

impl Closing<'_> {
    /// Makes the answer of a run that ends with `checkpoint`.
    pub(super) async fn end(
        &self,
        state: &AppState,
        checkpoint: &Checkpoint<'_>,
    ) -> flowstone_core::Result<Ended> {
        let end = Event::End(Done::Done);
        if let Some(failure) = checkpoint.failure {
            let said = Problem::from(failure).message().to_owned();
            return Ok(Ended { told: vec![Event::Error(said), end], ..Ended::default() });
        }
        let answer_id = Uuid::now_v7().to_string();
        let mut output = last_output(checkpoint);
        let mut follow_ups = None;
        if checkpoint.state == ExecutionState::Finished {
            if let Some(code) = &self.live.post_processing {
                let processed = post_process(state, code, self.run, &output).await;
                let text = processed.map_err(|it| Error::Unsupported(it.message().to_owned()))?;
                output.answer = Answer::Text(text);
            }
            follow_ups = follow_up::suggest(state, self.live, &output.answer.to_text()).await;
        }
        // A trigger makes the question of what it was given: the chat shows what was asked in the end.
        let made = checkpoint.progress.webhook.is_some() && !self.resumed;
        let asked = made.then(|| checkpoint.progress.question.clone());
        let run = match &asked {
            Some(question) => &Run { question: question.clone(), ..self.run.clone() },
            None => self.run,
        };
        let kept = Kept {
            live: self.live,
            run,
            question: self.question,
            chat_type: self.chat_type,
            asked: self.asked,
            stored: self.stored.clone(),
            execution: Some((self.execution_id.to_owned(), checkpoint.action.cloned())),
        };
        let messages = kept.messages(&answer_id, &output, None, follow_ups.as_deref());
        let terminated = checkpoint.state == ExecutionState::Terminated;
        let form = self.question.form.clone();
        let given = asked.map(Value::from).or_else(|| self.question.given.clone());
        let body = Body {
            text: Some(output.answer.to_text()),
            question: given.filter(|_| !self.resumed && form.is_none()),
            form: form.filter(|_| !self.resumed),
            chat_id: self.run.chat_id.clone(),
            chat_message_id: answer_id,
            session_id: self.run.session_id.clone(),
            follow_up_prompts: follow_ups,
            execution_id: Some(self.execution_id.to_owned()),
            action: checkpoint.action.cloned(),
            ..Body::default()
        };
        let ending = if terminated { Ending::Terminated } else { Ending::Finished };
        let exchange = Exchange { ending, body };
        let last = if terminated {
            Event::Abort(Done::Done)
        } else {
            Event::Metadata(Box::new(exchange.metadata()))
        };
        Ok(Ended { messages: messages.into(), told: vec![last, end], exchange: Some(exchange) })
    }
}

/// What the last turn came to, as messages keep it.
fn last_output(checkpoint: &Checkpoint<'_>) -> Output {
    let empty = Value::Null;
    let last = checkpoint.record.map_or(&empty, |(_, it)| &it["data"]["output"]);
    Output {
        answer: Answer::Text(checkpoint.progress.text()),
        used_tools: part::<Vec<UsedTool>>(last, "usedTools").unwrap_or_default(),
        source_documents: part(last, "sourceDocuments"),
        artifacts: part(last, "artifacts").unwrap_or_default(),
        file_annotations: part(last, "fileAnnotations").unwrap_or_default(),
        reasoning: last["reasonContent"]["thinking"].as_str().unwrap_or_default().to_owned(),
        ..Output::default()
    }
}

fn part<T: DeserializeOwned>(output: &Value, name: &str) -> Option<T> {
    serde_json::from_value(output.get(name)?.clone()).ok()
}

const CREDENTIAL: &str = "FLOWISE_CREDENTIAL_ID";

/// A record without the ids of credentials, as everybody who may read it gets it. Most name none and
/// are handed on as they are.
pub(super) fn clean_record(record: &Arc<Value>) -> Arc<Value> {
    if names_credential(record) { Arc::new(without_credentials(record)) } else { record.clone() }
}

fn names_credential(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            map.iter().any(|(key, value)| key == CREDENTIAL || names_credential(value))
        }
        Value::Array(items) => items.iter().any(names_credential),
        _ => false,
    }
}

/// A value without the ids of credentials.
pub(crate) fn without_credentials(value: &Value) -> Value {
    match value {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != CREDENTIAL)
            .map(|(key, value)| (key.clone(), without_credentials(value)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(without_credentials).collect(),
        other => other.clone(),
    }
}
