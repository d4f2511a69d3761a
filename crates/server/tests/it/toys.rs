//! A chain that answers with what it was asked, a model that needs a key and one that needs none, a
//! tool and an agent: enough for a catalog.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Choice, CredentialSpec, Error, Events, Field,
    Input, Inputs, Message, Node, Output, Result, Run, Runnable, Spec, Tool, ToolSpec, Usage,
    capability::ToolResult, node::Entry, spec::CredentialSlot,
};
use serde_json::{Map, Value, json};
use tokio::sync::Notify;

use crate::document_stores::{BarLoader, ToyShelf, ToyVectors};

/// The nodes of the tests.
pub(crate) const NODES: &[&dyn Node] =
    &[&Echo, &Keyed, &Parrot, &ShoutNode, &Agent, &Asker, &BarLoader, &ToyVectors, &ToyShelf];

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
