//! A chain that answers with what it was asked, a model that needs a key and one that needs none, a
//! tool and an agent: enough for a catalog.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Choice, CredentialSpec, Error, Events, Field,
    Input, Inputs, Memory, Message, Node, Output, Result, Role, Run, Runnable, Spec, Step, Taken,
    Tool, ToolSpec, Turn, Usage, capability::ToolResult, node::Entry, services::FlowCall,
    spec::CredentialSlot, step::Begins,
};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::document_stores::{BarLoader, ToyShelf, ToyVectors};

/// The nodes of the tests.
pub(crate) const NODES: &[&dyn Node] = &[
    &Echo,
    &Keyed,
    &Parrot,
    &ShoutNode,
    &Agent,
    &Asker,
    &BarLoader,
    &ToyVectors,
    &ToyShelf,
    &Begin,
    &Say,
    &Script,
    &Diary,
];

/// Told when an [`Asker`] was asked to wait.
pub(crate) static WAITING: Notify = Notify::const_new();

/// The kinds of credentials of the tests.
pub(crate) static CREDENTIALS: &[&CredentialSpec] = &[&CredentialSpec {
    label: "Toy API",
    name: "toyApi",
    version: 1.0,
    description: None,
    icon: "toy.svg",
    inputs: &[
        Field::new("Toy Key", "toyKey", "password"),
        Field::new("Address", "address", "string"),
    ],
}];

struct Echo;

#[async_trait]
impl Node for Echo {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Echo",
            name: "echo",
            kind: "Echo",
            icon: "toy.svg",
            category: "Chains",
            description: "Answers with the question",
            base_classes: &["Echo", "BaseChain"],
            inputs: &[Field::new("Model", "model", "ToyModel")],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Runnable(Arc::new(Self)))
    }
}

#[async_trait]
impl Runnable for Echo {
    async fn run(&self, input: &str, _: &Run) -> Result<Output> {
        Ok(Output::text(input))
    }
}

struct Keyed;

#[async_trait]
impl Node for Keyed {
    fn spec(&self) -> &'static Spec {
        static INPUTS: &[Field] = &[
            Field {
                load_method: Some("listModels"),
                ..Field::new("Model", "modelName", "asyncOptions")
            },
            Field {
                options: &[Choice::plain("low"), Choice::plain("high")],
                ..Field::new("Effort", "effort", "options")
            },
            Field::new("Proxy Password", "proxyPassword", "password"),
        ];
        static SPEC: Spec = Spec {
            label: "Toy Model",
            name: "toyModel",
            version: 2.5,
            kind: "ToyModel",
            icon: "toy.svg",
            category: "Chat Models",
            description: "Needs a key",
            base_classes: &["ToyModel"],
            credential: Some(CredentialSlot::required(&["toyApi"])),
            inputs: INPUTS,
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let key = inputs.credential()?.require("toyKey", "Toy Key")?;
        Ok(Capability::Value(key.len().into()))
    }

    /// The list tells whether a key came with the question.
    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listModels" {
            return Err(Error::Unsupported(format!("no list {method}")));
        }
        let name = if inputs.credential.is_some() { "with-key" } else { "without-key" };
        Ok(vec![Entry::new(name, name)])
    }
}

/// A model that repeats what it is told, or suggests questions where a schema asks for them.
struct Parrot;

#[async_trait]
impl Node for Parrot {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Parrot",
            name: "chatParrot",
            kind: "Parrot",
            icon: "toy.svg",
            category: "Chat Models",
            description: "Repeats what it is told",
            base_classes: &["Parrot", "BaseChatModel"],
            inputs: &[Field::new("Model Name", "modelName", "string")],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::ChatModel(Arc::new(Self)))
    }
}

#[async_trait]
impl ChatModel for Parrot {
    fn provider(&self) -> &'static str {
        "toy"
    }

    fn model(&self) -> &'static str {
        "parrot"
    }

    async fn chat(&self, request: &ChatRequest, _: &Events) -> Result<ChatReply> {
        let said = request.messages.last().map(|it| it.text.clone()).unwrap_or_default();
        let text = match &request.schema {
            Some(_) => json!({ "questions": [format!("Why {said}?"), "How?"] }).to_string(),
            None => format!("You said: {said}"),
        };
        let usage = Usage { input_tokens: 3, output_tokens: 4, ..Usage::default() };
        Ok(ChatReply { text, usage: Some(usage), ..ChatReply::default() })
    }
}

/// A tool that shouts.
struct ShoutNode;

static SHOUT: std::sync::LazyLock<ToolSpec> = std::sync::LazyLock::new(|| ToolSpec {
    name: "shout".to_owned(),
    description: "Says it louder".to_owned(),
    parameters: json!({ "type": "object", "properties": { "text": { "type": "string" } } }),
});

#[async_trait]
impl Node for ShoutNode {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Shout",
            name: "shout",
            kind: "Shout",
            icon: "toy.svg",
            category: "Tools",
            description: "Says it louder",
            base_classes: &["Shout", "Tool"],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Self)))
    }
}

#[async_trait]
impl Tool for ShoutNode {
    fn spec(&self) -> &ToolSpec {
        &SHOUT
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let text = arguments.get("text").and_then(Value::as_str).unwrap_or_default();
        Ok(ToolResult::text(format!("{} in {}", text.to_uppercase(), run.chat_id)))
    }
}

/// An agent that holds tools and answers with the question.
struct Agent;

#[async_trait]
impl Node for Agent {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Toy Agent",
            name: "toyAgent",
            kind: "AgentExecutor",
            icon: "toy.svg",
            category: "Agents",
            description: "Holds tools",
            base_classes: &["AgentExecutor"],
            inputs: &[Field { list: true, ..Field::new("Tools", "tools", "Tool") }],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Runnable(Arc::new(Echo)))
    }
}

const MODEL: Input<Arc<dyn ChatModel>> = Input::socket("Model", "model", "BaseChatModel");
const TOOLS: Input<Vec<Arc<dyn Tool>>> = Input::sockets("Tools", "tools", "Tool");

/// A chain that asks its model and lets its tools shout the answer. Asked to `fail` or to `wait`, it
/// does.
struct Asker;

struct Asking {
    model: Arc<dyn ChatModel>,
    tools: Vec<Arc<dyn Tool>>,
}

#[async_trait]
impl Node for Asker {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Asker",
            name: "toyAsker",
            kind: "Asker",
            icon: "toy.svg",
            category: "Chains",
            description: "Asks a model",
            base_classes: &["BaseChain"],
            inputs: &[MODEL.field, TOOLS.field],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let asking = Asking { model: inputs.get(&MODEL)?, tools: inputs.get(&TOOLS)? };
        Ok(Capability::Runnable(Arc::new(asking)))
    }
}

#[async_trait]
impl Runnable for Asking {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        let request = ChatRequest::new(vec![Message::user(input)]);
        let said = self.model.chat(&request, &run.events).await?.text;
        match input {
            "fail" => return Err(Error::invalid(&MODEL.field, "another one is expected")),
            "wait" => {
                WAITING.notify_one();
                std::future::pending::<()>().await;
            }
            _ => {}
        }
        let arguments = json!({ "text": said, "apiKey": "sk-canary-1234567890ABC" });
        let arguments = arguments.as_object().cloned().unwrap_or_default();
        let mut answer = said;
        for tool in &self.tools {
            answer = tool.call(&arguments, run).await?.text;
        }
        run.events.token(&answer).await;
        Ok(Output::text(answer))
    }
}

/// The beginning of an agentflow.
struct Begin;

#[async_trait]
impl Node for Begin {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Start",
            name: "startAgentflow",
            kind: "Start",
            icon: "toy.svg",
            category: "Agent Flows",
            description: "Begins",
            base_classes: &["Start"],
            hide_input: true,
            inputs: &[Field::new("Input Type", "startInputType", "string")],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Self)))
    }
}

#[async_trait]
impl Step for Begin {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let taken = Taken::text(Map::new(), turn.run.question.clone());
        Ok(Taken { begins: Some(Begins::default()), ..taken })
    }
}

/// A node of an agentflow that says what was asked. Asked to `fail`, it does.
struct Say;

#[async_trait]
impl Node for Say {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Say",
            name: "sayAgentflow",
            kind: "Say",
            icon: "toy.svg",
            category: "Agent Flows",
            description: "Says what was asked",
            base_classes: &["Say"],
            inputs: &[
                Field {
                    load_method: Some("listModels"),
                    load_config: true,
                    ..Field::new("Model", "sayModel", "asyncOptions")
                },
                Field::new("Text", "text", "string"),
                Field { optional: true, ..Field::new("Times", "times", "number") },
            ],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.values.get("text").and_then(Value::as_str).unwrap_or_default();
        Ok(Capability::Step(Arc::new(Saying(text.to_owned()))))
    }
}

/// A turn of [`Say`]: `=words` are its answer, `talk` asks a model, `ask ID` another flow.
struct Saying(String);

#[async_trait]
impl Step for Saying {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let asked = &turn.run.question;
        if asked == "fail" {
            return Err(Error::Unsupported("it was asked to fail".to_owned()));
        }
        let answer = if let Some(words) = self.0.strip_prefix('=') {
            words.to_owned()
        } else if let Some(flow) = self.0.strip_prefix("ask ") {
            let call = FlowCall {
                flow_id: flow.to_owned(),
                question: asked.clone(),
                chat_id: None,
                overrides: Map::new(),
            };
            turn.run.services.flows.ask(turn.run, call).await?.answer.to_text()
        } else if self.0 == "talk" {
            let Capability::ChatModel(model) = turn.flow.build("chatParrot", &Map::new()).await?
            else {
                return Err(Error::Unsupported("a parrot is no model".to_owned()));
            };
            let asked = ChatRequest::new(vec![Message::user(asked.clone())]);
            model.chat(&asked, &Events::silent()).await?.text
        } else {
            format!("Said: {asked}")
        };
        turn.run.events.token(&answer).await;
        let said = json!({ "role": "assistant", "content": answer });
        Ok(Taken { said: Some(vec![said]), ..Taken::text(Map::new(), answer) })
    }
}

/// A model that answers what stands in its form: the first line first, after each answer of its own
/// the next.
struct Script;

#[async_trait]
impl Node for Script {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Script",
            name: "chatScript",
            kind: "Script",
            icon: "toy.svg",
            category: "Chat Models",
            description: "Answers from its form",
            base_classes: &["Script", "BaseChatModel"],
            inputs: &[Field::new("Answers", "answers", "string")],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let answers = inputs.values.get("answers").and_then(Value::as_str).unwrap_or_default();
        let answers = answers.lines().map(str::to_owned).collect();
        Ok(Capability::ChatModel(Arc::new(Scripted(answers))))
    }
}

struct Scripted(Vec<String>);

#[async_trait]
impl ChatModel for Scripted {
    fn provider(&self) -> &'static str {
        "toy"
    }

    fn model(&self) -> &'static str {
        "script"
    }

    async fn chat(&self, request: &ChatRequest, _: &Events) -> Result<ChatReply> {
        let said = request.messages.iter().filter(|it| it.role == Role::Assistant).count();
        let text = self.0.get(said).or(self.0.last()).cloned().unwrap_or_default();
        Ok(ChatReply { text, ..ChatReply::default() })
    }
}

/// Conversations that a [`Diary`] was asked to forget.
pub(crate) static FORGOTTEN: parking_lot::Mutex<Vec<String>> = parking_lot::Mutex::new(Vec::new());

/// A memory that keeps conversations elsewhere.
struct Diary;

#[async_trait]
impl Node for Diary {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Diary",
            name: "toyDiary",
            kind: "Diary",
            icon: "toy.svg",
            category: "Memory",
            description: "Keeps conversations elsewhere",
            base_classes: &["Diary", "BaseMemory"],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(Self)))
    }
}

#[async_trait]
impl Memory for Diary {
    fn key(&self) -> &'static str {
        "history"
    }

    async fn messages(&self, _: &Run) -> Result<Vec<Message>> {
        Ok(Vec::new())
    }

    async fn remember(&self, _: &Run, _: &str, _: &str) -> Result<()> {
        Ok(())
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        if run.session_id == "burning" {
            return Err(Error::Transport("the diary cannot be reached".to_owned()));
        }
        FORGOTTEN.lock().push(run.session_id.clone());
        Ok(())
    }
}
