//! A prompt of several turns with variables.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Field, Input, Inputs, Message, Node, Prompt, PromptPart, Result, Role,
    Services, Spec, ToolCall, spec::Default as FieldDefault,
};
use serde_json::Value;

use super::PROMPT_VALUES;
use crate::prompt_format::Template;

const SYSTEM_MESSAGE: Input<String> = Input::text("System Message", "systemMessagePrompt")
    .rows(4)
    .placeholder("You translate from {from} to {to}.");
const HUMAN_MESSAGE: Input<String> = Input::text("Human Message", "humanMessagePrompt")
    .rows(4)
    .describe("Stands at the end of the prompt, as what the person says")
    .placeholder("{text}");
const HISTORY_CODE: Input<Option<String>> = {
    let mut it = Input::code("Add Messages (Code)", "messageHistoryCode")
        .describe("Returns messages that stand between the system message and the human one")
        .additional()
        .optional();
    it.field.code_example = Some(EXAMPLE);
    it.field.hide_code_execute = true;
    it
};
const HISTORY: Field = Field {
    tabs: &[HISTORY_CODE.field],
    tab_identifier: Some("selectedMessagesTab"),
    additional_params: true,
    default: FieldDefault::Text("messageHistoryCode"),
    description: Some("Earlier messages, as examples of how to answer"),
    ..Field::new("Messages History", "messageHistory", "tabs")
};
const EXAMPLE: &str = "\
const { AIMessage, HumanMessage } = require('@langchain/core/messages');

return [
  new HumanMessage('What is the capital of Peru?'),
  new AIMessage('Lima.'),
];
";

static SPEC: Spec = Spec {
    label: "Chat Prompt Template",
    name: "chatPromptTemplate",
    version: 2.0,
    kind: "ChatPromptTemplate",
    icon: "chat-prompt.svg",
    category: "Prompts",
    description: "Instructions and what the person says, with places for values",
    base_classes: &[
        "ChatPromptTemplate",
        "BaseChatPromptTemplate",
        "BasePromptTemplate",
        "Runnable",
    ],
    inputs: &[SYSTEM_MESSAGE.field, HUMAN_MESSAGE.field, PROMPT_VALUES.field, HISTORY],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ChatPromptTemplate;

#[async_trait]
impl Node for ChatPromptTemplate {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let template = |row: &Input<String>, role: Role| {
            let text = inputs.get(row)?;
            Template::parse(&text, row.field.label)?;
            Ok::<_, Error>(PromptPart::Template { role, text })
        };
        let mut parts = vec![template(&SYSTEM_MESSAGE, Role::System)?];
        parts.extend(fixed_messages(inputs).await?.into_iter().map(PromptPart::Fixed));
        parts.push(template(&HUMAN_MESSAGE, Role::User)?);
        let values = super::values(inputs)?;
        Ok(Capability::Prompt(Arc::new(Prompt { parts, values })))
    }
}

/// The messages that the code in the form returns.
async fn fixed_messages(inputs: &Inputs) -> Result<Vec<Message>> {
    let Some(code) = inputs.get(&HISTORY_CODE)?.filter(|it| !it.trim().is_empty()) else {
        return Ok(Vec::new());
    };
    messages_of(&code, &HISTORY_CODE.field, &inputs.services).await
}

/// The messages that code in the row `field` returns.
///
/// # Errors
/// Where it returns anything else.
pub(crate) async fn messages_of(
    code: &str,
    field: &Field,
    services: &Services,
) -> Result<Vec<Message>> {
    let returned = run_code(code, services).await?;
    let Value::Array(entries) = &returned else {
        let reason = format!("the code must return a list of messages; it returned {returned}");
        return Err(Error::invalid(field, reason));
    };
    entries.iter().map(|entry| message(entry, field)).collect()
}

#[cfg(feature = "javascript")]
async fn run_code(code: &str, services: &Services) -> Result<Value> {
    use crate::javascript::{self, Code};

    // All on the code's first line, so that the line numbers of its errors are right.
    let wrapped = format!("{MESSAGE_CLASSES} return await (async () => {{ {code}\n}})();");
    javascript::run(Code::alone(wrapped), services).await
}

#[cfg(not(feature = "javascript"))]
#[expect(clippy::unused_async, reason = "it stands in for the one that runs code")]
async fn run_code(_: &str, _: &Services) -> Result<Value> {
    Err(Error::Unsupported("this installation was built without JavaScript".to_owned()))
}

/// The message classes that existing code takes from a package.
#[cfg(feature = "javascript")]
const MESSAGE_CLASSES: &str = "\
const { require } = (() => { \
const of = (role) => class { constructor(given) { \
Object.assign(this, typeof given === 'string' ? { content: given } : given, { role }); } }; \
const messages = { HumanMessage: of('user'), AIMessage: of('assistant'), \
SystemMessage: of('system'), ToolMessage: of('tool') }; \
const outer = globalThis.require; \
return { require: (name) => name.startsWith('@langchain/core') ? messages : outer(name) }; })();";

/// A message as code returns it: `{role, content}` with a model's tool calls and tools' results.
fn message(entry: &Value, field: &Field) -> Result<Message> {
    let role = match entry["role"].as_str() {
        Some("system") => Role::System,
        Some("user" | "human") => Role::User,
        Some("assistant" | "ai") => Role::Assistant,
        Some("tool") => Role::Tool,
        _ => {
            let reason = format!("{entry} is no message: {{role, content}} is expected");
            return Err(Error::invalid(field, reason));
        }
    };
    let text = entry["content"].as_str().unwrap_or_default();
    let calls = entry["tool_calls"].as_array().into_iter().flatten().map(|call| ToolCall {
        id: call["id"].as_str().unwrap_or_default().to_owned(),
        name: call["name"].as_str().unwrap_or_default().to_owned(),
        arguments: call["args"].to_string(),
    });
    Ok(Message {
        tool_calls: calls.collect(),
        tool_call_id: entry["tool_call_id"].as_str().map(str::to_owned),
        ..Message::new(role, text)
    })
}
