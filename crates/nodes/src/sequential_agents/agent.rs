//! A member whose model calls tools until it has an answer.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatRequest, Events, Input, Inputs, Node, Result, Spec, Tool,
    sequence::{Acted, Acts, Approval, Duty, Line, Scene, Speaker},
    spec::{Column, Field, Suggestion},
};
use serde_json::{Value, json};

use super::{
    BEFORE, Who, approval, before, member, model_before,
    talk::{EARLIER, HISTORY, HUMAN, MODEL, SYSTEM, Talk},
    tool_lines::{self, Given, some},
    updates::{self, Updates},
};
use crate::{
    prompts::PROMPT_VALUES,
    tool_loop::{MAX_ITERATIONS, ToolLoop, Toolbox, rounds},
    tool_names::told_apart,
};

const NAME: Input<String> = Input::text("Agent Name", "agentName").placeholder("Agent");
pub(super) const TOOLS: Input<Vec<Arc<dyn Tool>>> = {
    let mut it = Input::sockets("Tools", "tools", "Tool");
    it.field.optional = true;
    it
};
const INSTRUCTIONS: Input<Option<String>> = {
    let mut it = SYSTEM;
    it.field.default = flowstone_core::spec::Default::Text(USUAL_INSTRUCTIONS);
    it
};
const USUAL_INSTRUCTIONS: &str = "\
You research what a task needs. Look things up with the tools you have, and answer with what you \
found and where you found it.";

const UPDATE_COLUMNS: &[Column] = &updates::columns(&[
    Suggestion::new("$flow.output.content", "Agent Output (string)"),
    Suggestion::new("$flow.output.usedTools", "Used Tools (array)"),
    Suggestion::new("$flow.output.usedTools[0].toolOutput", "First Tool Output (string)"),
    Suggestion::new("$flow.output.sourceDocuments", "Source Documents (array)"),
    Suggestion::new("$vars.<variable-name>", "Global variable (string)"),
    Suggestion::new("$flow.input", "Input Question (string)"),
    Suggestion::new("$flow.sessionId", "Session Id (string)"),
    Suggestion::new("$flow.chatId", "Chat Id (string)"),
    Suggestion::new("$flow.chatflowId", "Chatflow Id (string)"),
]);
const UPDATE_TABS: &[Field] = &updates::tabs(UPDATE_COLUMNS);

static SPEC: Spec = Spec {
    label: "Agent",
    name: "seqAgent",
    version: 4.1,
    kind: "Agent",
    icon: "agentflow-agent.svg",
    category: "Sequential Agents",
    description: "Calls tools until it has an answer",
    base_classes: &["Agent"],
    inputs: &[
        NAME.field,
        INSTRUCTIONS.field,
        EARLIER.field,
        HISTORY.field,
        HUMAN.field,
        TOOLS.field,
        BEFORE.field,
        MODEL.field,
        approval::REQUIRED.field,
        PROMPT_VALUES.field,
        approval::PROMPT.field,
        approval::APPROVE.field,
        approval::REJECT.field,
        updates::row(UPDATE_TABS),
        MAX_ITERATIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Agent;

#[async_trait]
impl Node for Agent {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let before = before(inputs, &BEFORE)?;
        let started = model_before(&before);
        let tools = told_apart(inputs.get(&TOOLS)?);
        let talk = Talk::from_form(inputs, (&INSTRUCTIONS, &HUMAN), started.clone())?;
        let approval = approval::from_form(inputs)?.filter(|_| !tools.is_empty());
        let rounds = rounds(inputs)?;
        let member = member(inputs, SPEC.name, &NAME, started, |who| {
            Ok(Duty::Acts(Arc::new(Acting {
                who: who.clone(),
                tool_loop: ToolLoop::new(talk.model.clone(), tools.clone(), rounds, false),
                toolbox: Toolbox::new(tools.clone()),
                updates: Updates::from_form(inputs)?,
                talk,
                tools,
                approval,
            })))
        })?;
        Ok(Capability::Member(member))
    }
}

struct Acting {
    who: Who,
    talk: Talk,
    tools: Vec<Arc<dyn Tool>>,
    toolbox: Toolbox,
    tool_loop: ToolLoop,
    approval: Option<Approval>,
    updates: Updates,
}

#[async_trait]
impl Acts for Acting {
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted> {
        let messages = self.talk.messages(scene).await?;
        if self.approval.is_none() {
            let run = tool_lines::with_state(scene);
            let output = self.tool_loop.run(messages, &run).await?;
            let given = Given {
                used_tools: output.used_tools,
                source_documents: output.source_documents.unwrap_or_default(),
                artifacts: output.artifacts,
            };
            return self.answered(output.answer.to_text(), given, scene).await;
        }
        let request = ChatRequest {
            messages,
            tools: self.toolbox.specs().to_vec(),
            ..ChatRequest::default()
        };
        let reply = self.talk.model.chat(&request, &Events::silent()).await?;
        if !reply.tool_calls.is_empty() {
            let line = Line::of_model(&reply.to_message()).by(&self.who.node_id, &self.who.name);
            return Ok(Acted::said(line));
        }
        let given = tool_lines::given(scene.lines, &self.who.node_id);
        self.answered(reply.text, given, scene).await
    }

    async fn call_tools(&self, scene: &Scene<'_>) -> Result<Acted> {
        let lines = tool_lines::run(&self.toolbox, &self.who, scene).await?;
        Ok(Acted { lines, ..Acted::default() })
    }

    fn tools(&self) -> &[Arc<dyn Tool>] {
        &self.tools
    }

    fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }
}

impl Acting {
    /// The turn of an agent that has answered: the others take its words as what was asked for.
    async fn answered(&self, text: String, given: Given, scene: &Scene<'_>) -> Result<Acted> {
        let output: Value = json!({
            "content": text,
            "usedTools": given.used_tools,
            "sourceDocuments": given.source_documents,
            "artifacts": given.artifacts,
        });
        let changes = self.updates.changes(scene, &output).await?;
        let mut line = Line::new(Speaker::Human, text).by(&self.who.node_id, &self.who.name);
        line.additional_kwargs.used_tools = some(given.used_tools);
        line.additional_kwargs.source_documents = some(given.source_documents);
        line.additional_kwargs.artifacts = some(given.artifacts);
        Ok(Acted { changes, ..Acted::said(line) })
    }
}
