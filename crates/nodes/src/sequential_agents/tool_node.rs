//! A member that runs the tools which the model before it calls.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec, Tool,
    sequence::{Acted, Acts, Approval, Duty, Line, Member, Scene},
    spec::{Column, Field, Suggestion},
};
use serde_json::{Value, json};

use super::{
    Who,
    agent::TOOLS,
    approval, member, tool_lines,
    updates::{self, Updates},
};
use crate::{tool_loop::Toolbox, tool_names::told_apart};

const ASKED: Input<Arc<Member>> = Input::socket("LLM Node", "llmNode", "LLMNode")
    .describe("Whose calls are run; its model is told of the tools");
const NAME: Input<String> = Input::text("Name", "toolNodeName").placeholder("Tools");

const UPDATE_COLUMNS: &[Column] = &updates::columns(&[
    Suggestion::new("$flow.output", "All Tools Output (array)"),
    Suggestion::new("$flow.output[0].toolOutput", "First Tool Output (string)"),
    Suggestion::new("$flow.output[0].toolInput", "First Tool Input Arguments (string | json)"),
    Suggestion::new(
        "$flow.output[0].sourceDocuments",
        "First Tool Returned Source Documents (array)",
    ),
    Suggestion::new("$vars.<variable-name>", "Global variable (string)"),
    Suggestion::new("$flow.input", "Input Question (string)"),
    Suggestion::new("$flow.sessionId", "Session Id (string)"),
    Suggestion::new("$flow.chatId", "Chat Id (string)"),
    Suggestion::new("$flow.chatflowId", "Chatflow Id (string)"),
]);
const UPDATE_TABS: &[Field] = &updates::tabs(UPDATE_COLUMNS);

static SPEC: Spec = Spec {
    label: "Tool Node",
    name: "seqToolNode",
    version: 2.1,
    kind: "ToolNode",
    icon: "agentflow-tool.svg",
    category: "Sequential Agents",
    description: "Runs the tools that the LLM Node before it calls",
    base_classes: &["ToolNode"],
    inputs: &[
        TOOLS.field,
        ASKED.field,
        NAME.field,
        approval::REQUIRED.field,
        approval::PROMPT.field,
        approval::APPROVE.field,
        approval::REJECT.field,
        updates::row(UPDATE_TABS),
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ToolNode;

#[async_trait]
impl Node for ToolNode {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let asked = inputs.get(&ASKED)?;
        let tools = told_apart(inputs.get(&TOOLS)?);
        if tools.is_empty() {
            return Err(Error::invalid(&TOOLS.field, "connect one tool at least"));
        }
        let approval = approval::from_form(inputs)?;
        let member = member(inputs, SPEC.name, &NAME, asked.model.clone(), |who| {
            Ok(Duty::Serves(Arc::new(Serving {
                who: who.clone(),
                toolbox: Toolbox::new(tools.clone()),
                updates: Updates::from_form(inputs)?,
                tools,
                approval,
            })))
        })?;
        Ok(Capability::Member(member))
    }
}

struct Serving {
    who: Who,
    tools: Vec<Arc<dyn Tool>>,
    toolbox: Toolbox,
    approval: Option<Approval>,
    updates: Updates,
}

#[async_trait]
impl Acts for Serving {
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted> {
        let lines = tool_lines::run(&self.toolbox, &self.who, scene).await?;
        let changes = self.updates.changes(scene, &shown(&lines)).await?;
        Ok(Acted { lines, changes, ..Acted::default() })
    }

    fn tools(&self) -> &[Arc<dyn Tool>] {
        &self.tools
    }

    fn approval(&self) -> Option<&Approval> {
        self.approval.as_ref()
    }
}

/// What the tools gave, as forms and code read it.
fn shown(lines: &[Line]) -> Value {
    let each = lines.iter().map(|line| {
        let extras = &line.additional_kwargs;
        let used = extras.used_tools.as_deref().and_then(<[_]>::first);
        json!({
            "tool": line.name,
            "toolInput": used.map(|it| &it.tool_input),
            "toolOutput": line.content,
            "sourceDocuments": extras.source_documents.as_deref().unwrap_or_default(),
            "artifacts": extras.artifacts.as_deref().unwrap_or_default(),
        })
    });
    each.collect()
}
