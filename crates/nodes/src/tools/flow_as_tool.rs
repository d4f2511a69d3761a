//! What the nodes that ask another flow share.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Output, Result, Run, Tool, ToolResult, ToolSpec,
    node::Entry,
    services::FlowCall,
    spec::{Field, Holds, When},
};
use flowstone_providers::HttpClient;
use serde_json::{Map, Value, json};
use url::Url;
use uuid::Uuid;

/// Longest answer of another installation, in bytes.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;

pub(super) const NAME: Input<String> = Input::text("Tool Name", "name")
    .describe("What the model calls the tool: a name that says what the other flow does");
pub(super) const DESCRIPTION: Input<String> = Input::text("Tool Description", "description")
    .rows(3)
    .describe("Tells the model when to ask the other flow")
    .placeholder("Answers questions on invoices and payments");
pub(super) const RETURN_DIRECT: Input<bool> = Input::flag("Return Direct", "returnDirect")
    .describe("What the other flow says is the answer: the model is not asked again")
    .may_be_empty();
pub(super) const OVERRIDES: Input<Option<Value>> = Input::json("Override Config", "overrideConfig")
    .describe("Settings of the other flow for these calls, as far as it lets calls change them")
    .accepts_variables()
    .additional()
    .optional();
pub(super) const BASE_URL: Input<Option<String>> = Input::text("Base URL", "baseURL")
    .describe(
        "Another installation to ask for a flow that this workspace does not have. Flows of this \
         workspace are asked directly",
    )
    .placeholder("https://flows.example.com")
    .additional()
    .optional();
pub(super) const NEW_SESSION: Input<bool> =
    Input::flag("Start new session per message", "startNewSession")
        .default(false)
        .describe("Each call begins a conversation of its own, so that the other flow forgets")
        .may_be_empty()
        .additional();
pub(super) const USE_QUESTION: Input<bool> =
    Input::flag("Use Question from Chat", "useQuestionFromChat")
        .describe("Asks what the person asked, word for word, and not what the model makes of it")
        .may_be_empty()
        .additional();
pub(super) const CUSTOM_INPUT: Input<Option<String>> = Input::text("Custom Input", "customInput")
    .describe("Always asks this. Where it is empty, the model decides what is asked")
    .show_when(&[When("useQuestionFromChat", Holds::Flag(false))])
    .additional()
    .optional();

/// What differs between the nodes.
pub(super) struct Kind {
    /// The row in which the other flow is chosen.
    pub(super) selected: Input<String>,
    /// The list of its row.
    pub(super) method: &'static str,
    /// Kinds of flows in that list; all where there are none.
    pub(super) flows: &'static [&'static str],
    /// The field of the credential that another installation asks for.
    pub(super) key: &'static str,
    /// What the tool is called where nobody named it.
    pub(super) otherwise: &'static str,
}

impl Kind {
    /// The tool.
    pub(super) fn tool(&self, inputs: &Inputs) -> Result<Capability> {
        let flow_id = inputs.get(&self.selected)?;
        let asks_itself = || {
            let reason = "a flow cannot ask itself: choose another one";
            Error::invalid(&self.selected.field, reason)
        };
        if flow_id == inputs.flow_id {
            return Err(asks_itself());
        }
        let overrides = match inputs.get(&OVERRIDES)? {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(Error::invalid(&OVERRIDES.field, "a JSON object is expected")),
        };
        let asks = if inputs.get(&USE_QUESTION)? {
            Asks::TheQuestion
        } else {
            inputs.get(&CUSTOM_INPUT)?.map_or(Asks::WhatTheModelSays, Asks::Always)
        };
        let parameters = match asks {
            Asks::WhatTheModelSays => {
                super::one_text("What to ask the other flow, as a complete question")
            }
            _ => super::nothing(),
        };
        Ok(Capability::Tool(Arc::new(FlowAsTool {
            spec: ToolSpec {
                name: super::name_for_models(&inputs.get(&NAME)?, self.otherwise),
                description: inputs.get(&DESCRIPTION)?,
                parameters,
            },
            row: self.selected.field,
            flow_id,
            asks,
            overrides,
            new_session: inputs.get(&NEW_SESSION)?,
            returns_directly: inputs.get(&RETURN_DIRECT)?,
            elsewhere: self.elsewhere(inputs)?,
        })))
    }

    /// The flows that can be chosen.
    pub(super) async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != self.method {
            return Err(Error::Unsupported(format!("there is no list {method}")));
        }
        let flows = inputs.services.flows.list(&inputs.workspace).await?;
        let shown = |kind: &str| self.flows.is_empty() || self.flows.contains(&kind);
        let shown = flows.into_iter().filter(|it| shown(&it.kind) && it.id != inputs.flow_id);
        Ok(shown.map(|it| Entry::new(it.id, it.name).describe(in_words(&it.kind))).collect())
    }

    fn elsewhere(&self, inputs: &Inputs) -> Result<Option<Elsewhere>> {
        let Some(text) = inputs.get(&BASE_URL)? else { return Ok(None) };
        let key = inputs.credential.as_ref().and_then(|it| it.get(self.key));
        Elsewhere::at(&BASE_URL.field, &text, key).map(Some)
    }
}

pub(crate) fn in_words(kind: &str) -> &'static str {
    match kind {
        "AGENTFLOW" => "Agentflow",
        "MULTIAGENT" => "Agentflow of the first version",
        "ASSISTANT" => "Assistant",
        _ => "Chatflow",
    }
}

struct FlowAsTool {
    spec: ToolSpec,
    row: Field,
    flow_id: String,
    asks: Asks,
    overrides: Map<String, Value>,
    new_session: bool,
    returns_directly: bool,
    elsewhere: Option<Elsewhere>,
}

/// What the other flow is asked.
enum Asks {
    WhatTheModelSays,
    TheQuestion,
    Always(String),
}

/// Another installation.
pub(crate) struct Elsewhere {
    base: String,
    key: Option<String>,
}

#[async_trait]
impl Tool for FlowAsTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn returns_directly(&self) -> bool {
        self.returns_directly
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let question = match &self.asks {
            Asks::WhatTheModelSays => super::text_of(arguments, "input")?.to_owned(),
            Asks::TheQuestion => run.question.clone(),
            Asks::Always(text) => text.clone(),
        };
        let fresh = || Uuid::new_v4().to_string();
        let session = if self.new_session { fresh() } else { run.session_id.clone() };
        let mut overrides = Map::from_iter([("sessionId".to_owned(), session.into())]);
        overrides.extend(self.overrides.clone());
        let call = FlowCall {
            flow_id: self.flow_id.clone(),
            question,
            chat_id: (!self.new_session).then(|| run.chat_id.clone()),
            overrides,
        };
        if let Some(elsewhere) = &self.elsewhere
            && !self.is_here(run).await?
        {
            return elsewhere.ask(call, run).await;
        }
        if self.flow_id == run.flow_id {
            return Err(Error::invalid(&self.row, "a flow cannot ask itself: choose another one"));
        }
        let said = run.services.flows.ask(run, call).await?;
        Ok(result(said))
    }
}

impl FlowAsTool {
    async fn is_here(&self, run: &Run) -> Result<bool> {
        let flows = run.services.flows.list(&run.workspace).await?;
        Ok(flows.iter().any(|it| it.id == self.flow_id))
    }
}

fn result(said: Output) -> ToolResult {
    ToolResult {
        text: said.answer.to_text(),
        source_documents: said.source_documents.unwrap_or_default(),
        artifacts: said.artifacts,
    }
}

impl Elsewhere {
    /// The installation at the address that row `field` holds.
    ///
    /// # Errors
    /// Where that is none.
    pub(crate) fn at(field: &Field, address: &str, key: Option<&str>) -> Result<Self> {
        let Some(url) = Url::parse(address.trim()).ok().filter(Url::has_host) else {
            let reason = "an address such as https://flows.example.com is expected";
            return Err(Error::invalid(field, reason));
        };
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, key: key.map(str::to_owned) })
    }

    /// What its flow says.
    pub(crate) async fn ask(&self, call: FlowCall, run: &Run) -> Result<ToolResult> {
        let http = run.services.get::<HttpClient>()?;
        let flow: String = url::form_urlencoded::byte_serialize(call.flow_id.as_bytes()).collect();
        let mut request = http
            .post(&format!("{}/api/v1/prediction/{flow}", self.base))?
            .header("flowise-tool", "true")
            .json(&json!({
                "question": call.question,
                "chatId": call.chat_id.unwrap_or_else(|| Uuid::new_v4().to_string()),
                "overrideConfig": call.overrides,
            }));
        if let Some(key) = &self.key {
            request = request.bearer(key);
        }
        let response = request.send().await?;
        let status = response.status();
        if !status.is_success() {
            let said: Value = response.json(LONGEST_ANSWER).await.unwrap_or_default();
            let reason = status.canonical_reason().unwrap_or_default();
            let message = said["message"].as_str().unwrap_or(reason).to_owned();
            return Err(Error::Provider { status: status.as_u16(), message });
        }
        let said: Value = response.json(LONGEST_ANSWER).await?;
        let documents = serde_json::from_value(said["sourceDocuments"].clone());
        Ok(ToolResult {
            text: crate::prompt_format::as_text(said.get("text").unwrap_or(&said["json"])),
            source_documents: documents.unwrap_or_default(),
            artifacts: said["artifacts"].as_array().cloned().unwrap_or_default(),
        })
    }
}
