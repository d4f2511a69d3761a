//! The turns in which an agent's model calls tools.

use std::sync::Arc;

use flowstone_core::{
    ChatReply, ChatRequest, Document, Error, Event, Events, Hosted, HostedTool, Message, Result,
    Tool, ToolCall, ToolResult, ToolSpec, Turn, UsedTool,
};
use serde_json::{Map, Value, json};

use super::{
    agent::of_tool,
    conversation, hosted_files,
    model::{Talk, arguments, called, of_reply},
};
use crate::{moderation, tool_loop};

/// How many times in a row a model may call tools before the step gives up.
const MOST_ROUNDS: usize = 50;

/// What stands before the calls that a person is asked about.
const ATTEMPT: &str = "\nAttempting to use tool:\n";

/// A tool that the model is offered.
pub(super) struct Offered {
    pub(super) tool: Arc<dyn Tool>,
    /// Label and name of the node it comes from.
    pub(super) node: (String, String),
    /// Whether a person must agree to each call.
    pub(super) asks: bool,
    /// Whether the passages it finds are told to the caller.
    pub(super) shows_sources: bool,
}

impl Offered {
    /// How records describe it.
    pub(super) fn shown(&self) -> Value {
        let spec = self.tool.spec();
        json!({
            "name": spec.name,
            "description": spec.description,
            "schema": spec.parameters,
            "toolNode": {"label": self.node.0, "name": self.node.1},
        })
    }
}

/// How the turns ended.
pub(super) enum Ended {
    /// With the model's answer.
    Answered(ChatReply),
    /// With the result of a tool that is the answer.
    Direct(ChatReply, String),
    /// With calls that a person is asked about.
    Waits(ChatReply, String),
}

/// An agent at work.
pub(super) struct ToolTurns<'a> {
    pub(super) turn: &'a Turn<'a>,
    pub(super) tools: Vec<Offered>,
    /// The conversation as the record shows it.
    pub(super) turns: Vec<Value>,
    /// The same as the model is told of it.
    pub(super) told: Vec<Message>,
    pub(super) used: Vec<UsedTool>,
    pub(super) sources: Vec<Document>,
    pub(super) artifacts: Vec<Value>,
    /// Files that tools at the vendor made: `{filePath, fileName}`.
    pub(super) files: Vec<Value>,
    /// Tools that run at the vendor.
    pub(super) hosted: Vec<HostedTool>,
    /// Whether tools were called in this talk.
    pub(super) called_tools: bool,
}

impl<'a> ToolTurns<'a> {
    /// An agent that is to answer `turns`.
    ///
    /// # Errors
    /// Where a file of the conversation cannot be read.
    pub(super) async fn new(
        turn: &'a Turn<'a>,
        talk: &Talk<'_>,
        tools: Vec<Offered>,
        turns: Vec<Value>,
    ) -> Result<Self> {
        let told = talk.told(&turns).await?;
        Ok(Self {
            turn,
            tools,
            turns,
            told,
            used: Vec::new(),
            sources: Vec::new(),
            artifacts: Vec::new(),
            files: Vec::new(),
            hosted: Vec::new(),
            called_tools: false,
        })
    }

    /// Asks the model and runs what it calls, until it answers or a person must be asked. The
    /// pieces of the answer go to `events`.
    pub(super) async fn run(&mut self, talk: &mut Talk<'_>, events: &Events) -> Result<Ended> {
        for _ in 0..MOST_ROUNDS {
            let request = ChatRequest {
                messages: self.told.clone(),
                tools: self.specs(),
                hosted: self.hosted.clone(),
                ..ChatRequest::default()
            };
            let mut reply = talk.ask(&request, events).await?;
            self.take_hosted(&mut reply).await?;
            if reply.tool_calls.is_empty() {
                return Ok(Ended::Answered(reply));
            }
            self.called_tools = true;
            self.turn.tells.emit(Event::CalledTools(called(&reply))).await;
            if self.must_ask(&reply) {
                let text = format!("{}{}", reply.text, attempts(&reply));
                self.turn.run.events.token(&attempts(&reply)).await;
                reply.text.clone_from(&text);
                self.hears(&reply);
                return Ok(Ended::Waits(reply, text));
            }
            self.hears(&reply);
            if let Some(answer) = self.call_all(&reply.tool_calls).await? {
                moderation::tell(&answer, events).await;
                return Ok(Ended::Direct(reply, answer));
            }
        }
        Err(Error::ModelAnswer(format!(
            "the model called tools {MOST_ROUNDS} times in a row and gave no answer"
        )))
    }

    /// Takes up turns that stopped for a person: the calls that were asked about run now.
    ///
    /// # Errors
    /// Where the record that stopped holds no calls.
    pub(super) async fn proceed(&mut self) -> Result<Option<String>> {
        let calls = self.waiting_calls()?;
        self.called_tools = true;
        let reply = ChatReply { tool_calls: calls, ..ChatReply::default() };
        self.turn.tells.emit(Event::CalledTools(called(&reply))).await;
        // The model never said the sentence in which a person was asked.
        if let Some(told) = self.told.last_mut()
            && let Some(at) = told.text.find(ATTEMPT)
        {
            told.text.truncate(at);
        }
        self.call_all(&reply.tool_calls).await
    }

    /// Takes up turns that a person stopped: the model is asked again, without the tools it wanted.
    ///
    /// # Errors
    /// As [`proceed`](Self::proceed).
    pub(super) fn reject(&mut self, feedback: Option<&str>) -> Result<()> {
        let calls = self.waiting_calls()?;
        self.turns.pop();
        self.told.pop();
        let refused = |it: &Offered| calls.iter().any(|call| call.name == it.tool.spec().name);
        let nodes: Vec<String> =
            self.tools.iter().filter(|it| refused(it)).map(|it| it.node.1.clone()).collect();
        // What one server offers is refused together.
        let together = |it: &Offered| it.node.1.ends_with("MCP") && nodes.contains(&it.node.1);
        self.tools.retain(|it| !refused(it) && !together(it));
        if let Some(feedback) = feedback.filter(|it| !it.is_empty()) {
            self.turns.push(conversation::turn_of("user", feedback));
            self.told.push(Message::user(feedback));
        }
        Ok(())
    }

    fn waiting_calls(&self) -> Result<Vec<ToolCall>> {
        let calls = self.told.last().map(|it| it.tool_calls.clone()).unwrap_or_default();
        if calls.is_empty() {
            let said = "the record of this node holds no calls that wait for an answer";
            return Err(Error::Unsupported(said.to_owned()));
        }
        Ok(calls)
    }

    /// Takes what tools at the vendor did: their files are kept with the chat, and the answer names
    /// them where they are then.
    async fn take_hosted(&mut self, reply: &mut ChatReply) -> Result<()> {
        let Hosted { used, files } = std::mem::take(&mut reply.hosted);
        self.used.extend(used);
        for file in files {
            let kept = hosted_files::keep(&file, self.turn.run).await?;
            if let Some(link) = &file.link {
                reply.text = reply.text.replace(link.as_str(), &kept.address);
            }
            match kept.artifact {
                Some(artifact) => self.artifacts.push(artifact),
                None => self.files.push(json!({ "filePath": kept.address, "fileName": file.name })),
            }
        }
        Ok(())
    }

    fn specs(&self) -> Vec<ToolSpec> {
        self.tools.iter().map(|it| it.tool.spec().clone()).collect()
    }

    fn must_ask(&self, reply: &ChatReply) -> bool {
        let asks = |name: &str| self.tools.iter().any(|it| it.asks && it.tool.spec().name == name);
        // Nobody can be asked inside a list.
        !self.turn.inside_iteration && reply.tool_calls.iter().any(|call| asks(&call.name))
    }

    /// Notes a turn in which the model calls tools.
    fn hears(&mut self, reply: &ChatReply) {
        let numbered = reply.tool_calls.iter().enumerate().map(|(index, call)| {
            json!({
                "index": index, "id": call.id, "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            })
        });
        let mut turn = json!({
            "role": "assistant",
            "content": reply.text,
            "tool_calls": shown_calls(reply),
            "additional_kwargs": {"tool_calls": numbered.collect::<Vec<_>>()},
        });
        if let Some(usage) = of_reply(reply) {
            turn["usage_metadata"] = usage;
        }
        if let Some(id) = reply.facts.get("id") {
            turn["id"] = id.clone();
        }
        if let Some(signed) = &reply.signed {
            turn["signed"] = signed.clone();
        }
        self.turns.push(turn);
        self.told.push(reply.to_message());
    }

    /// Runs calls in order. `Some` where the result of the only one is the answer.
    async fn call_all(&mut self, calls: &[ToolCall]) -> Result<Option<String>> {
        let mut direct = None;
        for call in calls {
            let (result, tool) = self.call(call).await?;
            if tool.is_some_and(|it| it.0) && calls.len() == 1 {
                direct = Some(result.text.clone());
            }
            let shows = tool.is_some_and(|it| it.1);
            let used = UsedTool {
                tool: call.name.clone(),
                tool_input: arguments(&call.arguments),
                tool_output: result.text.clone().into(),
                source_documents: if shows { result.source_documents } else { Vec::new() },
                artifacts: result.artifacts,
                error: tool.is_none().then(|| result.text.clone()),
            };
            let mut extras = Map::new();
            if !used.artifacts.is_empty() {
                extras.insert("artifacts".to_owned(), json!(used.artifacts));
            }
            if !used.source_documents.is_empty() {
                extras.insert("sourceDocuments".to_owned(), json!(used.source_documents));
            }
            self.turns.push(json!({
                "role": "tool", "content": result.text, "tool_call_id": call.id,
                "name": call.name, "additional_kwargs": extras,
            }));
            self.told.push(Message::tool(&call.id, result.text));
            self.sources.extend(used.source_documents.iter().cloned());
            self.artifacts.extend(used.artifacts.iter().cloned());
            self.used.push(used);
        }
        Ok(direct)
    }

    /// Runs one call: what came of it, and whether it may be the answer and shows its sources.
    /// What the model did wrong is told to the model; `None` then stands for the tool.
    ///
    /// # Errors
    /// The failure of the tool: it ends the step.
    async fn call(&self, call: &ToolCall) -> Result<(ToolResult, Option<(bool, bool)>)> {
        let wrong = |said: String| Ok((ToolResult::text(said), None));
        let given = match tool_loop::read_arguments(&call.arguments) {
            Ok(given) => given,
            Err(said) => return wrong(said),
        };
        let found = self.tools.iter().find(|it| it.tool.spec().name == call.name);
        let Some(offered) = found else {
            let names: Vec<&str> = self.tools.iter().map(|it| &*it.tool.spec().name).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            return wrong(format!("There is no tool {}. The tools are: {names}", call.name));
        };
        if let Some(said) = tool_loop::misfit(&given, &offered.tool.spec().parameters) {
            return wrong(said);
        }
        let result = offered.tool.call(&given, &self.turn.run.silenced()).await;
        let result = result.map_err(|error| of_tool(error, self.turn, &call.name))?;
        Ok((result, Some((offered.tool.returns_directly(), offered.shows_sources))))
    }
}

/// The calls of a reply as records show them.
pub(super) fn shown_calls(reply: &ChatReply) -> Vec<Value> {
    let calls = reply.tool_calls.iter().map(|it| {
        json!({
            "name": it.name, "args": arguments(&it.arguments), "id": it.id, "type": "tool_call",
        })
    });
    calls.collect()
}

fn attempts(reply: &ChatReply) -> String {
    let each = shown_calls(reply).into_iter().map(|call| {
        let call = serde_json::to_string_pretty(&call).unwrap_or_default();
        format!("{ATTEMPT}```json\n{call}\n```")
    });
    each.collect()
}
