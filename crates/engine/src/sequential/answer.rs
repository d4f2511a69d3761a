//! What a run tells while it goes on, and what it ends with.

use flowstone_core::{
    Answer, ChatRequest, Document, Event, Events, Message, Output, Result, Run, UsedTool, Verdict,
    sequence::{Acted, Approval, Line},
};
use serde_json::{Map, Value, json};

use super::{graph::Graph, progress::Task, walk::Walk};

/// What a person is asked where the model has nothing to say.
const USUAL_QUESTION: &str = "Do you want to proceed?";
/// What a leader says that has nothing more to say.
pub(super) const FINISH: &str = "FINISH";
/// The key of the state under which a leader sums up.
const SUMMARY: &str = "summarization";

/// What was told so far.
#[derive(Default)]
pub(super) struct Told {
    /// The turns, as clients see them.
    reasoning: Vec<Value>,
    used_tools: Vec<UsedTool>,
    source_documents: Vec<Document>,
    artifacts: Vec<Value>,
    /// What the last worker said.
    worked: String,
    /// What the leader said at the end.
    led: String,
    /// How long the conversation was when the run began.
    pub(super) lines_before: usize,
}

/// The refusal of the first moderation that refuses the question, told as the answer it is.
pub(super) async fn refusal(graph: &Graph, question: &str, run: &Run) -> Result<Option<Output>> {
    for moderation in &graph.opening.moderations {
        if let Verdict::Refused(text) = moderation.check(question).await? {
            run.events.token(&text).await;
            let agent_reasoning = Some(Vec::new());
            return Ok(Some(Output { agent_reasoning, ..Output::text(text) }));
        }
    }
    Ok(None)
}

impl Walk<'_> {
    /// Tells of a turn.
    pub(super) async fn tell(&mut self, task: &Task, seat: usize, acted: &Acted) {
        // Its tools run inside of an agent's turn, which goes on.
        if task.tools {
            return;
        }
        let graph = self.graph;
        let member = &graph.seats[seat].member;
        let in_team = graph.leader.is_some();
        let said: Vec<&str> = acted.lines.iter().map(|it| it.content.as_str()).collect();
        if let Some(fork) = task.via.as_deref().and_then(|it| graph.by_id(it)) {
            let fork = &graph.seats[fork];
            let mut led = said.clone();
            led.pop();
            led.push(&member.label);
            let label = &fork.member.label;
            let entry = json!({
                "agentName": if label.is_empty() { &fork.at.label } else { label },
                "messages": led, "nodeName": fork.member.kind, "nodeId": fork.at.id,
            });
            self.told.reasoning.push(entry);
        }
        let mut entry = Map::new();
        let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
        put("agentName", member.label.as_str().into());
        put("messages", json!(said));
        if graph.leader == Some(seat) {
            for key in ["next", "instructions"] {
                if let Some(value) = acted.changes.get(key) {
                    put(key, value.clone());
                }
            }
        }
        let came = acted.lines.iter().map(|it| &it.additional_kwargs);
        put("usedTools", flat(came.clone().map(|it| it.used_tools.as_deref())));
        put("sourceDocuments", flat(came.clone().map(|it| it.source_documents.as_deref())));
        put("artifacts", flat(came.map(|it| it.artifacts.as_deref())));
        put("state", acted.changes.clone().into());
        let speaks = !acted.lines.is_empty();
        if in_team {
            put("nodeId", if speaks { member.node_id.as_str().into() } else { "".into() });
        } else {
            put("nodeName", member.kind.into());
            put("nodeId", member.node_id.as_str().into());
        }
        for line in &acted.lines {
            let extras = line.additional_kwargs.clone();
            self.told.used_tools.extend(extras.used_tools.unwrap_or_default());
            self.told.source_documents.extend(extras.source_documents.unwrap_or_default());
            self.told.artifacts.extend(extras.artifacts.unwrap_or_default());
        }
        if in_team && let Some(line) = acted.lines.last() {
            self.told.worked.clone_from(&line.content);
        }
        if let Some(answer) = &acted.answer {
            self.told.led.clone_from(answer);
        }
        let is_first = self.told.reasoning.iter().all(|it| it.get("state").is_none());
        self.told.reasoning.push(entry.into());
        if self.events.is_silent() {
            return;
        }
        if is_first {
            self.events.emit(Event::StartTurns(self.told.reasoning.clone())).await;
        }
        self.events.emit(Event::AgentReasoning(self.told.reasoning.clone())).await;
        if graph.leader == Some(seat)
            && let Some(next) = &acted.next
        {
            let worker = graph.workers().find(|(name, _)| name == next);
            let label = worker.map_or(next, |(_, seat)| &graph.seats[seat].member.label);
            self.events.emit(Event::NextAgent(label.clone())).await;
        }
    }

    /// What a person is told before tools run, in the words of the model.
    pub(super) async fn approval_text(
        &self,
        seat: usize,
        approval: &Approval,
        calls: &[Value],
    ) -> Result<String> {
        let Some(model) = &self.graph.seats[seat].member.model else {
            return Ok(USUAL_QUESTION.to_owned());
        };
        let calls = calls.iter().map(|it| json!({"tool": it["name"], "toolInput": it["args"]}));
        let calls = calls.collect::<Value>().to_string();
        let prompt = approval.prompt.replace("{tools}", &calls);
        let request = ChatRequest::new(vec![Message::user(prompt)]);
        let text = model.chat(&request, &Events::silent()).await?.text;
        Ok(if text.trim().is_empty() { USUAL_QUESTION.to_owned() } else { text })
    }

    /// Tells the end.
    pub(super) async fn finish(
        self,
        lines: &[Line],
        values: &Map<String, Value>,
        waits: Option<(String, Value)>,
    ) -> Output {
        let in_team = self.graph.leader.is_some();
        let Self { events, told, .. } = self;
        let (text, action) = match waits {
            Some((text, action)) => (text, Some(action)),
            None if in_team => (of_team(&told, values), None),
            None => (last_words(lines, told.lines_before), None),
        };
        if !text.is_empty() {
            events.without_start().token(&text).await;
        } else if in_team {
            events.emit(Event::Token(String::new())).await;
        }
        let mut used_tools = told.used_tools;
        if let Some(action) = &action {
            events.emit(Event::Action(action.clone())).await;
            let calls = action["mapping"]["toolCalls"].as_array();
            used_tools.extend(calls.into_iter().flatten().map(|call| UsedTool {
                tool: call["name"].as_str().unwrap_or_default().to_owned(),
                tool_input: call["args"].clone(),
                tool_output: "".into(),
                source_documents: Vec::new(),
                artifacts: Vec::new(),
                error: None,
            }));
        }
        events.emit(Event::UsedTools(used_tools.clone())).await;
        events.emit(Event::SourceDocuments(told.source_documents.clone())).await;
        events.emit(Event::Artifacts(told.artifacts.clone())).await;
        let found = told.source_documents;
        Output {
            answer: Answer::Text(text),
            source_documents: (!found.is_empty()).then_some(found),
            used_tools,
            artifacts: told.artifacts,
            agent_reasoning: Some(told.reasoning),
            action,
            ..Output::default()
        }
    }
}

/// What the leader said, else how it summed up, else what the last worker said.
fn of_team(told: &Told, values: &Map<String, Value>) -> String {
    let summary = values.get(SUMMARY).and_then(Value::as_str).unwrap_or_default();
    let said = [told.led.as_str(), summary, told.worked.as_str()].map(str::trim);
    said.into_iter().find(|it| !it.is_empty() && *it != FINISH).unwrap_or_default().to_owned()
}

/// The last words that a member said in this run.
fn last_words(lines: &[Line], before: usize) -> String {
    let new = lines.get(before..).unwrap_or_default();
    let words = new.iter().rev().find(|it| !it.content.trim().is_empty());
    words.map(|it| it.content.clone()).unwrap_or_default()
}

/// Lists of several messages as one; a message that came without has `null` in its place.
fn flat<'a, T: serde::Serialize + 'a>(lists: impl Iterator<Item = Option<&'a [T]>>) -> Value {
    let mut flat = Vec::new();
    for list in lists {
        match list {
            None => flat.push(Value::Null),
            Some(list) => flat.extend(list.iter().map(|it| json!(it))),
        }
    }
    flat.into()
}
