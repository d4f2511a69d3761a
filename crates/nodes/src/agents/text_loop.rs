//! The loop of an agent that writes its calls of tools as text, for models without a way of their
//! own to call them.

use std::sync::Arc;

use flowstone_core::{
    ChatModel, ChatRequest, Events, Inputs, Message, Output, Result, Run, Tool, ToolCall, ToolSpec,
};
use serde_json::{Map, Value};

use crate::{
    moderation,
    prompt_format::as_text,
    tool_loop::{Progress, Toolbox, gave_up, rounds},
};

/// A way of writing calls and answers.
pub(super) trait Dialect: Send + Sync {
    /// Texts after which the model must not go on: what comes then is told by us.
    fn stops(&self) -> &'static [&'static str];
    /// The conversation with what was said and observed so far.
    fn messages(&self, so_far: &[Round]) -> Result<Vec<Message>>;
    /// What a text of the model means.
    fn read(&self, text: &str) -> Step;
    /// How a call and an answer are written, for a model that got it wrong.
    fn reminder(&self) -> &'static str;
}

/// What a text of a model means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// The answer.
    Answer(String),
    /// A call of a tool.
    Call {
        /// The text up to the end of the call.
        said: String,
        /// Name of the tool.
        tool: String,
        /// What it is given: JSON, or the only argument.
        input: String,
    },
    /// Neither; the reason is told to the model.
    Unclear(String),
    /// Text without anything of the dialect: an answer, if the model insists on it.
    Prose(String),
}

/// What a model said, and what it was told then.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Round {
    pub(super) said: String,
    pub(super) observed: String,
}

/// A model, its tools and how far it may go.
pub(super) struct TextLoop {
    model: Arc<dyn ChatModel>,
    tools: Toolbox,
    rounds: u64,
}

impl TextLoop {
    /// An agent over these tools, as far as the form lets it go.
    pub(super) fn from_form(
        inputs: &Inputs,
        model: Arc<dyn ChatModel>,
        tools: Vec<Arc<dyn Tool>>,
    ) -> Result<Self> {
        Ok(Self { model, tools: Toolbox::new(tools), rounds: rounds(inputs)? })
    }

    /// The tools with what they are for, one a line.
    pub(super) fn tools(&self) -> String {
        let lines = self.tools.specs().iter().map(|spec| {
            let description = spec.description.trim().replace('\n', " ");
            let arguments = &spec.parameters["properties"];
            if only_text(spec) {
                return format!("- {}: {description}", spec.name);
            }
            let name = &spec.name;
            format!(
                "- {name}: {description} It takes a JSON object of these arguments: {arguments}"
            )
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { "(there are none)".to_owned() } else { lines.join("\n") }
    }

    /// The names of the tools.
    pub(super) fn names(&self) -> String {
        self.tools.names()
    }

    /// Asks the model, runs the tools it calls, and so on until it answers.
    pub(super) async fn run(&self, dialect: &dyn Dialect, run: &Run) -> Result<Output> {
        let mut progress = Progress::default();
        let mut so_far: Vec<Round> = Vec::new();
        let mut was_prose = false;
        for _ in 0..self.rounds {
            let request = ChatRequest {
                stop: dialect.stops().iter().map(|it| (*it).to_owned()).collect(),
                ..ChatRequest::new(dialect.messages(&so_far)?)
            };
            let reply = self.model.chat(&request, &Events::silent()).await?;
            progress.heard(&reply);
            let answer = match dialect.read(&reply.text) {
                Step::Answer(text) => Some(text),
                Step::Prose(text) if was_prose => Some(text),
                Step::Prose(_) => {
                    was_prose = true;
                    let observed = dialect.reminder().to_owned();
                    so_far.push(Round { said: reply.text, observed });
                    None
                }
                Step::Unclear(reason) => {
                    let observed = format!("{reason} {}", dialect.reminder());
                    so_far.push(Round { said: reply.text, observed });
                    None
                }
                Step::Call { said, tool, input } => {
                    was_prose = false;
                    let arguments = self.arguments(&tool, &input);
                    let call = ToolCall { id: String::new(), name: tool, arguments };
                    let done = self.tools.call(&call, run).await;
                    progress.used(done.used);
                    let answer = done.answers.then(|| done.told.clone());
                    so_far.push(Round { said, observed: done.told });
                    answer
                }
            };
            if let Some(text) = answer {
                moderation::tell(&text, &run.events).await;
                return Ok(progress.finish(text, run).await);
            }
        }
        let text = gave_up(self.rounds);
        moderation::tell(&text, &run.events).await;
        Ok(progress.finish(text, run).await)
    }

    /// JSON text of the arguments that `input` means for `tool`.
    fn arguments(&self, tool: &str, input: &str) -> String {
        let spec = self.tools.specs().iter().find(|it| it.name == tool);
        arguments(spec, input)
    }
}

/// JSON text of the arguments that `input` means: an object as it is, anything else as the only
/// argument of the tool.
fn arguments(spec: Option<&ToolSpec>, input: &str) -> String {
    let input = unfenced(input.trim());
    let properties = spec.and_then(|it| it.parameters["properties"].as_object());
    let parsed = serde_json::from_str::<Value>(input);
    if let Ok(Value::Object(object)) = &parsed {
        let known = |name: &String| properties.is_some_and(|it| it.contains_key(name));
        let is_text = spec.is_some_and(only_text) && !object.keys().any(known);
        // An object that none of the arguments is in is itself what a tool takes that takes text.
        if !is_text {
            return input.to_owned();
        }
    } else if input.starts_with('{') && !spec.is_some_and(only_text) {
        // The model meant an object and is told what is wrong with it.
        return input.to_owned();
    }
    let required = spec.and_then(|it| it.parameters["required"].get(0)).and_then(Value::as_str);
    let first = || properties.and_then(|it| it.keys().next()).map(String::as_str);
    let name = match (required.or_else(first), properties) {
        (Some(name), _) => name,
        (None, Some(_)) => return "{}".to_owned(),
        (None, None) => "input",
    };
    let kind = properties.and_then(|it| it.get(name)).and_then(|it| it["type"].as_str());
    let value = match (kind, parsed) {
        (Some("string") | None, Ok(Value::String(text))) => text.into(),
        (Some("string") | None, _) | (_, Err(_)) => input.into(),
        (_, Ok(value)) => value,
    };
    Value::from(Map::from_iter([(name.to_owned(), value)])).to_string()
}

/// Whether a tool takes one text and nothing else, which needs no JSON.
fn only_text(spec: &ToolSpec) -> bool {
    let Some(properties) = spec.parameters["properties"].as_object() else { return true };
    properties.len() <= 1 && properties.values().all(|it| it["type"] == "string")
}

/// A text without the code block that is all of it.
fn unfenced(text: &str) -> &str {
    let Some(inside) = text.strip_prefix("```").and_then(|it| it.strip_suffix("```")) else {
        return text;
    };
    match inside.split_once('\n') {
        Some((language, rest)) if language.trim().chars().all(char::is_alphanumeric) => rest.trim(),
        _ => inside.trim(),
    }
}

/// A conversation that goes on in turns: what the model said as its own, what it is told as the
/// person's.
pub(super) fn in_turns(
    opening: &[Message],
    so_far: &[Round],
    told: impl Fn(&str) -> String,
) -> Vec<Message> {
    let mut messages = opening.to_vec();
    for round in so_far {
        messages.push(Message::assistant(round.said.clone()));
        messages.push(Message::user(told(&round.observed)));
    }
    messages
}

/// A value of a call as the text a tool is given.
pub(super) fn as_input(value: &Value) -> String {
    as_text(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn spec(parameters: Value) -> ToolSpec {
        ToolSpec { name: "tool".to_owned(), description: String::new(), parameters }
    }

    #[test]
    fn an_input_becomes_arguments() {
        let text = spec(json!({"type": "object", "properties": {"input": {"type": "string"}}}));
        let number = spec(json!({"properties": {"n": {"type": "number"}}}));
        let two = spec(json!({
            "properties": {"a": {"type": "string"}, "b": {"type": "string"}}, "required": ["b"]
        }));
        let none = spec(json!({"type": "object", "properties": {}}));
        for (spec, input, expected) in [
            (&text, "2+3", r#"{"input":"2+3"}"#),
            (&text, "\"2+3\"", r#"{"input":"2+3"}"#),
            (&text, "```\n2+3\n```", r#"{"input":"2+3"}"#),
            (&text, r#"{"input":"2+3"}"#, r#"{"input":"2+3"}"#),
            (&text, r#"{"q":1}"#, r#"{"input":"{\"q\":1}"}"#),
            (&text, "{not json", r#"{"input":"{not json"}"#),
            (&text, "7", r#"{"input":"7"}"#),
            (&number, "7", r#"{"n":7}"#),
            (&number, "seven", r#"{"n":"seven"}"#),
            (&two, "x", r#"{"b":"x"}"#),
            (&two, "{\"b\":", "{\"b\":"),
            (&none, "", "{}"),
        ] {
            assert_eq!(arguments(Some(spec), input), expected, "{input}");
        }
        assert_eq!(arguments(None, "x"), r#"{"input":"x"}"#);
    }

    proptest! {
        #[test]
        fn any_input_is_an_argument_of_a_tool_that_takes_text(input in any::<String>()) {
            let text = spec(json!({"properties": {"input": {"type": "string"}}}));
            let made: Value = serde_json::from_str(&arguments(Some(&text), &input)).unwrap();
            prop_assert!(made["input"].is_string() || made.as_object().is_some());
        }
    }
}
