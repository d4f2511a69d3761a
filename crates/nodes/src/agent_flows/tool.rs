//! A step that calls one tool with fixed arguments.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec, StateUpdate, Step, Taken, Tool, Turn,
    node::Entry,
    spec::{Holds, When},
};
use serde_json::{Map, Value, json};

use super::{
    lists,
    rows::{self, Row},
};
use crate::tool_loop;

const TOOL: Input<String> = {
    let mut it = Input::async_options("Tool", "toolAgentflowSelectedTool", "listTools");
    it.field.load_config = true;
    it
};
const ARGUMENT: Input<String> = {
    let mut it = Input::async_options("Input Argument Name", "inputArgName", "listToolInputArgs");
    it.field.refresh = true;
    it
};
const ARGUMENT_VALUE: Input<String> =
    Input::text("Input Argument Value", "inputArgValue").accepts_variables();
const ARGUMENTS: Input<Option<Vec<Row>>> = {
    let mut it = Input::array(
        "Tool Input Arguments",
        "toolInputArgs",
        &[ARGUMENT.field, ARGUMENT_VALUE.field],
    )
    .describe("What the tool is called with")
    .accepts_variables()
    .show_when(&[When("toolAgentflowSelectedTool", Holds::Text(".+"))])
    .optional();
    it.field.optional = false;
    it.field.refresh = true;
    it
};
const UPDATES: Input<Option<Vec<Row>>> = rows::updates("toolUpdateState");

static SPEC: Spec = Spec {
    label: "Tool",
    name: "toolAgentflow",
    version: 1.2,
    kind: "Tool",
    icon: "agentflow-tool.svg",
    category: "Agent Flows",
    description: "Calls one tool, without a model",
    color: Some("#d4a373"),
    base_classes: &["Tool"],
    inputs: &[TOOL.field, ARGUMENTS.field, UPDATES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ToolCall;

#[async_trait]
impl Node for ToolCall {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Calling {
            node: inputs.get(&TOOL)?,
            config: rows::config(inputs, &TOOL.field),
            arguments: inputs.get(&ARGUMENTS)?.unwrap_or_default(),
            updates: rows::state_updates(inputs, &UPDATES)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

struct Calling {
    node: String,
    config: Map<String, Value>,
    arguments: Vec<Row>,
    updates: Vec<StateUpdate>,
}

#[async_trait]
impl Step for Calling {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let tools = match turn.flow.build(&self.node, &self.config).await? {
            Capability::Tool(tool) => vec![tool],
            Capability::Tools(tools) => tools,
            other => {
                let reason = format!("a {} is chosen: choose a tool", other.kind());
                return Err(Error::invalid(&TOOL.field, reason));
            }
        };
        let run = turn.run.silenced();
        let (mut texts, mut sources, mut artifacts) = (Vec::new(), Vec::new(), Vec::new());
        // A node that stands for several tools is called by all of them that were chosen in it.
        for tool in &tools {
            let result = tool.call(&self.given(tool.as_ref())?, &run).await?;
            texts.push(result.text);
            sources.extend(result.source_documents);
            artifacts.extend(result.artifacts);
        }
        let content = texts.join("\n");
        turn.run.events.token(&content).await;
        let input = Map::from_iter([
            ("toolInputArgs".to_owned(), json!(self.arguments)),
            ("selectedTool".to_owned(), self.node.clone().into()),
        ]);
        let mut taken = Taken::text(input, content);
        if !sources.is_empty() {
            taken.output.insert("sourceDocuments".to_owned(), json!(sources));
        }
        if !artifacts.is_empty() {
            taken.output.insert("artifacts".to_owned(), artifacts.into());
        }
        taken.updates.clone_from(&self.updates);
        Ok(taken)
    }
}

impl Calling {
    /// The arguments in the types that the tool asks for; those of other tools of the same node are
    /// left out.
    fn given(&self, tool: &dyn Tool) -> Result<Map<String, Value>> {
        let schema = &tool.spec().parameters;
        let known = schema["properties"].as_object().filter(|it| !it.is_empty());
        let mut given = Map::new();
        for row in &self.arguments {
            let name = rows::text(row, ARGUMENT.field.name);
            let written = row.get(ARGUMENT_VALUE.field.name).cloned().unwrap_or(Value::Null);
            if name.is_empty() {
                continue;
            }
            if known.is_some_and(|it| it.contains_key(&name)) {
                let wanted = schema["properties"][&name]["type"].as_str().unwrap_or_default();
                given.insert(name, typed(written, wanted));
            } else if schema["additionalProperties"] != false {
                given.insert(name, typed(written, ""));
            }
        }
        match tool_loop::misfit(&given, schema) {
            None => Ok(given),
            Some(said) => {
                let said = said.trim_end_matches(" Call again.");
                Err(Error::invalid(&ARGUMENTS.field, said))
            }
        }
    }
}

/// What was written as the type that is wanted, where it can be read as one.
fn typed(written: Value, wanted: &str) -> Value {
    let Value::String(text) = &written else {
        let text = wanted == "string" && !written.is_null();
        return if text { crate::prompt_format::as_text(&written).into() } else { written };
    };
    let parsed: Option<Value> = serde_json::from_str(text.trim()).ok();
    let fits = |it: &Value| match wanted {
        "number" | "integer" => it.is_number(),
        "boolean" => it.is_boolean(),
        "array" => it.is_array(),
        "object" => it.is_object(),
        "string" => false,
        _ => it.is_array() || it.is_object() || it.is_number() || it.is_boolean(),
    };
    parsed.filter(fits).unwrap_or(written)
}
