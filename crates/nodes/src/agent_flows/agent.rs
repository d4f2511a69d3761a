//! A step in which a model calls tools until it has an answer.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatReply, Choice, Error, Event, Events, Field, HostedTool, Input, Inputs, Message,
    Next, Node, Result, Spec, StateUpdate, Step, Taken, Turn,
    node::Entry,
    spec::{Holds, When},
};
use serde_json::{Map, Value, json};

use super::{
    approval,
    conversation::{Opening, speaker},
    knowledge::{self, Knowledge},
    lists,
    memory::Remembers,
    model::{Chosen, Talk},
    rows::{self, MemoryRows, Row, TalkRows},
    structured::Structure,
    tool_turns::{Ended, Offered, ToolTurns, shown_calls},
};
use crate::tool_names::told_apart;

const ON: &[When] = &[When("agentEnableMemory", Holds::Flag(true))];
const ANSWER_KEYS: &[Field] = &rows::structure_fields(
    &[When("agentStructuredOutput[$index].type", Holds::Text("enum"))],
    &[When("agentStructuredOutput[$index].type", Holds::Text("jsonArray"))],
);
const ROWS: TalkRows = TalkRows {
    model: rows::model("agentModel"),
    messages: rows::messages("agentMessages"),
    memory: MemoryRows::new(
        [
            "agentEnableMemory",
            "agentMemoryType",
            "agentMemoryWindowSize",
            "agentMemoryMaxTokenLimit",
        ],
        ON,
        &[When("agentMemoryType", Holds::Text("windowSize"))],
        &[When("agentMemoryType", Holds::Text("conversationSummaryBuffer"))],
    ),
    says: rows::says("agentUserMessage", ON),
    answers_as: rows::answers_as("agentReturnResponseAs"),
    structure: rows::structure("agentStructuredOutput", ANSWER_KEYS),
    updates: rows::updates("agentUpdateState"),
};

const BUILT_IN_OPENAI: Input<Vec<String>> = built_in(
    "OpenAI Built-in Tools",
    "agentToolsBuiltInOpenAI",
    &[
        Choice::new("web_search_preview", "Web Search").describe("Looks things up on the web"),
        Choice::new("code_interpreter", "Code Interpreter").describe("Writes and runs Python"),
        Choice::new("image_generation", "Image Generation").describe("Draws pictures"),
    ],
    &[When("agentModel", Holds::Text("chatOpenAI"))],
);
const BUILT_IN_GEMINI: Input<Vec<String>> = built_in(
    "Gemini Built-in Tools",
    "agentToolsBuiltInGemini",
    &[
        Choice::new("urlContext", "URL Context").describe("Reads the pages that are named"),
        Choice::new("googleSearch", "Google Search").describe("Looks things up on the web"),
        Choice::new("codeExecution", "Code Execution").describe("Writes and runs Python"),
    ],
    &[When("agentModel", Holds::Text("chatGoogleGenerativeAI"))],
);
const BUILT_IN_ANTHROPIC: Input<Vec<String>> = built_in(
    "Anthropic Built-in Tools",
    "agentToolsBuiltInAnthropic",
    &[
        Choice::new("web_search_20250305", "Web Search").describe("Looks things up on the web"),
        Choice::new("web_fetch_20250910", "Web Fetch").describe("Reads the pages that are named"),
    ],
    &[When("agentModel", Holds::Text("chatAnthropic"))],
);

const TOOL: Input<String> = {
    let mut it = Input::async_options("Tool", "agentSelectedTool", "listTools");
    it.field.load_config = true;
    it
};
const ASKS: Input<bool> = Input::flag("Require Human Input", "agentSelectedToolRequiresHumanInput")
    .describe("A person must agree before the tool is called")
    .may_be_empty();
const TOOLS: Input<Option<Vec<Row>>> =
    Input::array("Tools", "agentTools", &[TOOL.field, ASKS.field])
        .describe("What the model may call")
        .optional();

const fn built_in(
    label: &'static str,
    name: &'static str,
    choices: &'static [Choice],
    of_model: &'static [When],
) -> Input<Vec<String>> {
    let mut it = Input::multi_options(label, name, choices)
        .describe("Tools that run at the model's vendor")
        .show_when(of_model);
    it.field.optional = true;
    it
}

static SPEC: Spec = Spec {
    label: "Agent",
    name: "agentAgentflow",
    version: 3.2,
    kind: "Agent",
    icon: "agentflow-agent.svg",
    category: "Agent Flows",
    description: "Asks a model that may call tools until it has an answer",
    color: Some("#4DD0E1"),
    base_classes: &["Agent"],
    inputs: &[
        ROWS.model.field,
        ROWS.messages.field,
        BUILT_IN_OPENAI.field,
        BUILT_IN_GEMINI.field,
        BUILT_IN_ANTHROPIC.field,
        TOOLS.field,
        knowledge::STORES.field,
        knowledge::VECTORS.field,
        ROWS.memory.on.field,
        ROWS.memory.kind.field,
        ROWS.memory.window.field,
        ROWS.memory.limit.field,
        ROWS.says.field,
        ROWS.answers_as.field,
        ROWS.structure.field,
        ROWS.updates.field,
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
        let mut hosted = Vec::new();
        for (row, model) in [
            (&BUILT_IN_OPENAI, "chatOpenAI"),
            (&BUILT_IN_GEMINI, "chatGoogleGenerativeAI"),
            (&BUILT_IN_ANTHROPIC, "chatAnthropic"),
        ] {
            // A choice for a model that was changed since is not shown any more.
            if inputs.get(&ROWS.model)? == model {
                hosted = inputs.get(row)?.into_iter().map(HostedTool::from).collect();
            }
        }
        let tools = inputs.get(&TOOLS)?.unwrap_or_default();
        Ok(Capability::Step(Arc::new(Working {
            chosen: Chosen::from_form(inputs, &ROWS.model)?,
            messages: inputs.get(&ROWS.messages)?.unwrap_or_default(),
            tools: tools.iter().filter_map(ChosenTool::from_row).collect(),
            hosted,
            knowledge: Knowledge::from_form(inputs)?,
            remembers: Remembers::from_form(inputs, &ROWS.memory)?,
            says: inputs.get(&ROWS.says)?,
            answers_as: rows::role(&inputs.get(&ROWS.answers_as)?),
            structure: Structure::from_form(inputs, &ROWS.structure)?,
            updates: rows::state_updates(inputs, &ROWS.updates)?,
            shown: rows::shown(inputs, ROWS.messages.field.name),
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

struct ChosenTool {
    node: String,
    config: Map<String, Value>,
    asks: bool,
}

impl ChosenTool {
    fn from_row(row: &Row) -> Option<Self> {
        let node = rows::text(row, TOOL.field.name);
        let asks = row.get(ASKS.field.name).is_some_and(|it| *it == true || *it == "true");
        let config = rows::config_in(row, TOOL.field.name);
        (!node.is_empty()).then_some(Self { node, config, asks })
    }

    async fn build(&self, turn: &Turn<'_>) -> Result<Vec<Offered>> {
        let label = turn.flow.spec(&self.node).map_or(&*self.node, |it| it.label).to_owned();
        let built = turn.flow.build(&self.node, &self.config).await;
        let tools = match built.map_err(|error| of_tool(error, turn, &label))? {
            Capability::Tool(tool) => vec![tool],
            Capability::Tools(tools) => tools,
            other => {
                let reason = format!("{} is a {}, not a tool", self.node, other.kind());
                return Err(Error::invalid(&TOOLS.field, reason));
            }
        };
        let offered = tools.into_iter().map(|tool| Offered {
            tool,
            node: (label.clone(), self.node.clone()),
            asks: self.asks,
            shows_sources: true,
        });
        Ok(offered.collect())
    }
}

/// A failure of one of several tools, which is to be found among them.
pub(super) fn of_tool(error: Error, turn: &Turn<'_>, tool: &str) -> Error {
    error.at(&format!("{}, tool {tool}", turn.node_label))
}

struct Working {
    chosen: Chosen,
    messages: Vec<Row>,
    tools: Vec<ChosenTool>,
    /// Tools that run at the model's vendor.
    hosted: Vec<HostedTool>,
    knowledge: Vec<Knowledge>,
    remembers: Remembers,
    says: Option<String>,
    answers_as: &'static str,
    structure: Option<Structure>,
    updates: Vec<StateUpdate>,
    shown: Map<String, Value>,
}

#[async_trait]
impl Step for Working {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let mut talk = Talk::begin(&self.chosen, turn).await?;
        let opening = Opening {
            messages: &self.messages,
            remembers: self.remembers,
            says: self.says.as_deref(),
        };
        let mut tools = Vec::new();
        for tool in &self.tools {
            tools.extend(tool.build(turn).await?);
        }
        for knowledge in &self.knowledge {
            tools.push(knowledge.build(turn).await?);
        }
        let apart = told_apart(tools.iter().map(|it| it.tool.clone()).collect());
        for (offered, tool) in tools.iter_mut().zip(apart) {
            offered.tool = tool;
        }
        let available: Vec<Value> = tools.iter().map(Offered::shown).collect();
        let mut agent;
        let mut ended = None;
        if let (Some(answer), Some(waited)) = (turn.answer, turn.waited) {
            approval::check(answer)?;
            let turns = waited["input"]["messages"].as_array().cloned().unwrap_or_default();
            agent = ToolTurns::new(turn, &talk, tools, turns).await?;
            if answer.proceeds() {
                let direct = agent.proceed().await?;
                ended = direct.map(|it| Ended::Direct(ChatReply::default(), it));
            } else {
                agent.reject(answer.feedback.as_deref())?;
            }
        } else {
            let turns = opening.turns(talk.model(), turn).await?;
            agent = ToolTurns::new(turn, &talk, tools, turns).await?;
        }
        agent.hosted.clone_from(&self.hosted);
        let ended = match ended {
            Some(ended) => ended,
            None => {
                // An answer in a form is told whole, once it has its form.
                let silent = Events::silent();
                let aloud = self.structure.is_none();
                agent.run(&mut talk, if aloud { &turn.run.events } else { &silent }).await?
            }
        };
        let mut said = opening.said(talk.model(), turn);
        let outcome = self.outcome(ended, &mut agent, &mut talk, turn).await?;
        let Outcome { content, mut output, waits } = outcome;
        let mut extras = gathered(&agent, &mut output);
        if !available.is_empty() {
            output.insert("availableTools".to_owned(), available.into());
        }
        if let Some(reasoning) = talk.reasoning() {
            output.insert("reasonContent".to_owned(), reasoning.clone());
            extras.insert("reasonContent".to_owned(), reasoning);
        }
        let mut answer =
            json!({"role": self.answers_as, "content": content, "name": speaker(turn)});
        if !extras.is_empty() {
            answer["additional_kwargs"] = extras.into();
        }
        said.push(answer);
        let mut input = Map::from_iter([("messages".to_owned(), Value::from(agent.turns))]);
        input.extend(self.shown.clone());
        let mut next = Next::Onward;
        if waits {
            let action = approval::action(turn, &input);
            output.insert("isWaitingForHumanInput".to_owned(), true.into());
            output.insert(approval::ACTION.to_owned(), action.clone());
            next = Next::Wait(action);
        }
        // What waits is not done: the state changes once the node has its answer.
        let updates = if waits { Vec::new() } else { self.updates.clone() };
        Ok(Taken { input, output, said: Some(said), updates, next, ..Taken::default() })
    }
}

/// What an agent came to.
struct Outcome {
    content: String,
    output: Map<String, Value>,
    waits: bool,
}

impl Working {
    async fn outcome(
        &self,
        ended: Ended,
        agent: &mut ToolTurns<'_>,
        talk: &mut Talk<'_>,
        turn: &Turn<'_>,
    ) -> Result<Outcome> {
        let mut output = Map::new();
        let (reply, content, waits) = match ended {
            Ended::Answered(reply) => {
                let content = reply.text.clone();
                (reply, content, false)
            }
            Ended::Direct(reply, content) => (reply, content, false),
            Ended::Waits(reply, content) => (reply, content, true),
        };
        if let (Some(structure), false) = (&self.structure, waits) {
            let mut told = agent.told.clone();
            told.push(Message::assistant(content));
            told.push(Message::user(
                "Now put this answer into the form that is asked for: JSON and nothing else.",
            ));
            let filled = structure.ask(told, talk).await?;
            let text = filled.text();
            turn.run.events.token(&text).await;
            tell(agent, turn).await;
            output.insert("content".to_owned(), text.clone().into());
            output.insert("timeMetadata".to_owned(), talk.time());
            if let Some(usage) = talk.usage(&filled.reply, agent.called_tools) {
                output.insert("usageMetadata".to_owned(), usage);
            }
            for (key, value) in filled.object {
                output.entry(key).or_insert(value);
            }
            return Ok(Outcome { content: text, output, waits });
        }
        output.insert("content".to_owned(), content.clone().into());
        output.insert("timeMetadata".to_owned(), talk.time());
        output.insert("calledTools".to_owned(), shown_calls(&reply).into());
        if let Some(usage) = talk.usage(&reply, agent.called_tools) {
            output.insert("usageMetadata".to_owned(), usage);
        }
        output.insert("responseMetadata".to_owned(), talk.response(&reply));
        tell(agent, turn).await;
        talk.tell_end(&reply).await;
        Ok(Outcome { content, output, waits })
    }
}

/// Tells what the tools gave, after the last words.
async fn tell(agent: &ToolTurns<'_>, turn: &Turn<'_>) {
    if !turn.speaks {
        return;
    }
    if !agent.used.is_empty() {
        turn.run.events.emit(Event::UsedTools(agent.used.clone())).await;
    }
    if !agent.sources.is_empty() {
        turn.run.events.emit(Event::SourceDocuments(agent.sources.clone())).await;
    }
    if !agent.artifacts.is_empty() {
        turn.run.events.emit(Event::Artifacts(agent.artifacts.clone())).await;
    }
    if !agent.files.is_empty() {
        turn.run.events.emit(Event::FileAnnotations(agent.files.clone())).await;
    }
}

/// Puts what the tools gave into the record; the same goes with the answer.
fn gathered(agent: &ToolTurns<'_>, output: &mut Map<String, Value>) -> Map<String, Value> {
    let mut extras = Map::new();
    for (name, value) in [
        ("usedTools", json!(agent.used)),
        ("sourceDocuments", json!(agent.sources)),
        ("artifacts", json!(agent.artifacts)),
        ("fileAnnotations", json!(agent.files)),
    ] {
        if value.as_array().is_some_and(|it| !it.is_empty()) {
            output.insert(name.to_owned(), value.clone());
            extras.insert(name.to_owned(), value);
        }
    }
    extras
}
