//! A member of a team: it does what its supervisor asks for, with tools if it has any.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Error, Input, Inputs, Message, Node, Result, Spec, Tool,
    sequence::{Acted, Acts, Duty, Line, Member, Scene, Speaker, routing_name},
};
use serde_json::{Map, Value};

use crate::{
    chat_prompt,
    prompt_format::Template,
    prompts::{self, PROMPT_VALUES},
    sequential_agents::talk::told,
    tool_loop::{self, ToolLoop},
};

const NAME: Input<String> = Input::text("Worker Name", "workerName").placeholder("Researcher");
const PROMPT: Input<String> = Input::text("Worker Prompt", "workerPrompt")
    .rows(4)
    .default("You look things up and report what you found.");
const TOOLS: Input<Vec<Arc<dyn Tool>>> = {
    let mut it = Input::sockets("Tools", "tools", "Tool");
    it.field.optional = true;
    it
};
const SUPERVISOR: Input<Arc<Member>> = Input::socket("Supervisor", "supervisor", "Supervisor")
    .describe("Who tells this worker what to do");
const MODEL: Input<Option<Arc<dyn ChatModel>>> =
    Input::socket("Tool Calling Chat Model", "model", "BaseChatModel")
        .describe("That of the supervisor where nothing is connected")
        .optional();
const MAX_ITERATIONS: Input<Option<u64>> = {
    let mut it = tool_loop::MAX_ITERATIONS;
    it.field.additional_params = false;
    it
};

static SPEC: Spec = Spec {
    label: "Worker",
    name: "worker",
    version: 2.0,
    kind: "Worker",
    icon: "worker.svg",
    category: "Multi Agents",
    description: "Does a part of a team's task",
    base_classes: &["Worker"],
    hide_output: true,
    inputs: &[
        NAME.field,
        PROMPT.field,
        TOOLS.field,
        SUPERVISOR.field,
        MODEL.field,
        PROMPT_VALUES.field,
        MAX_ITERATIONS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Worker;

#[async_trait]
impl Node for Worker {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let label = inputs.get(&NAME)?;
        let name = routing_name(&label);
        let supervisor = inputs.get(&SUPERVISOR)?;
        let model = inputs.get(&MODEL)?.or_else(|| supervisor.model.clone());
        let model = model.ok_or_else(|| Error::missing(&MODEL.field))?;
        let prompt = Template::parse(&inputs.get(&PROMPT)?, PROMPT.field.label)?;
        let rounds = tool_loop::rounds(inputs)?;
        let acts = Working {
            node_id: inputs.node_id.clone(),
            name: name.clone(),
            values: prompts::values(inputs)?,
            tools: ToolLoop::new(model.clone(), inputs.get(&TOOLS)?, rounds, false),
            model: model.clone(),
            prompt,
        };
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name,
            label,
            duty: Duty::Works { acts: Arc::new(acts), leader: supervisor.node_id.clone() },
            model: Some(model),
        })))
    }
}

struct Working {
    node_id: String,
    name: String,
    prompt: Template,
    values: Map<String, Value>,
    model: Arc<dyn ChatModel>,
    tools: ToolLoop,
}

#[async_trait]
impl Acts for Working {
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted> {
        let state = |key: &str| scene.values.get(key).and_then(Value::as_str).unwrap_or_default();
        let system = format!(
            "{}\nYou work in a team with others: {}. Do your part with what you know and the \
             tools you have, without asking back, and report what you have done. Your \
             supervisor asks you for this: {}",
            self.prompt.fill(&self.values)?,
            state("team_members"),
            state("instructions"),
        );
        let mut messages = vec![Message::system(system)];
        messages.extend(told(scene.lines));
        chat_prompt::show_images(&mut messages, &self.model, scene.run);
        let output = self.tools.run(messages, scene.run).await?;
        let text = output.answer.to_text();
        let mut line = Line::new(Speaker::Human, text).by(&self.node_id, &self.name);
        let extras = &mut line.additional_kwargs;
        let used = output.used_tools;
        extras.used_tools = (!used.is_empty()).then_some(used);
        extras.source_documents = output.source_documents.filter(|it| !it.is_empty());
        extras.artifacts = (!output.artifacts.is_empty()).then_some(output.artifacts);
        Ok(Acted::said(line))
    }
}
