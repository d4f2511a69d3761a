//! Nodes that make data of a model's text.

pub(crate) mod advanced_structured_output_parser;
pub(crate) mod csv_output_parser;
pub(crate) mod custom_list_output_parser;
pub(crate) mod structured_output_parser;
mod zod;

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatRequest, Error, Events, Input, Inputs, Message, OutputParser, Result,
};
use serde_json::Value;

/// Lets the model mend what it got wrong.
pub(crate) const AUTOFIX: Input<bool> = Input::flag("Autofix", "autofixParser")
    .describe("Lets the model repair an answer that does not have the form, once")
    .may_be_empty();

/// The form an answer must have.
pub(crate) trait Form: Send + Sync + 'static {
    /// What the model is told of it.
    fn instructions(&self) -> String;
    /// The data in `text`, or why it does not have the form.
    fn read(&self, text: &str) -> Result<Value, String>;
}

/// A parser for `form`, which repairs answers where [`AUTOFIX`] is on.
fn parser(form: impl Form, inputs: &Inputs) -> Result<Capability> {
    Ok(Capability::OutputParser(Arc::new(Parser { form, repairs: inputs.get(&AUTOFIX)? })))
}

struct Parser<F> {
    form: F,
    repairs: bool,
}

#[async_trait]
impl<F: Form> OutputParser for Parser<F> {
    fn instructions(&self) -> String {
        self.form.instructions()
    }

    async fn parse(&self, text: &str, model: &dyn ChatModel) -> Result<Value> {
        let reason = match self.form.read(text) {
            Ok(value) => return Ok(value),
            Err(reason) => reason,
        };
        if !self.repairs {
            return Err(Error::ModelAnswer(format!(
                "the model's answer does not have the form that was asked for: {reason}. It said: \
                 {}",
                shortened(text)
            )));
        }
        let request = ChatRequest::new(vec![Message::user(format!(
            "{}\n\nAn earlier answer did not have this form ({reason}). Put its content into the \
             form:\n{text}",
            self.form.instructions()
        ))]);
        let reply = model.chat(&request, &Events::silent()).await?;
        self.form.read(&reply.text).map_err(|reason| {
            Error::ModelAnswer(format!(
                "the model's answer does not have the form that was asked for, not even after a \
                 repair: {reason}. It said: {}",
                shortened(&reply.text)
            ))
        })
    }
}

/// What a model is told of an answer that is JSON.
fn json_instructions(schema: &Value) -> String {
    let kind = if schema["type"] == "array" { "list" } else { "object" };
    format!(
        "Answer with one JSON {kind} that follows this JSON Schema, in a ```json code block and \
         with no other text:\n```json\n{schema}\n```"
    )
}

/// The first JSON object in a text: in a code block, between words, or alone.
pub(crate) fn find_object(text: &str) -> Result<Value, String> {
    find_json(text, '{', "object")
}

/// The first JSON value in a text that begins with `opening`; `kind` names it to people.
fn find_json(text: &str, opening: char, kind: &str) -> Result<Value, String> {
    let mut reason = format!("there is no JSON {kind} in it");
    for (at, _) in text.match_indices(opening) {
        let mut values = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => return Ok(value),
            Some(Err(error)) => reason = format!("its JSON is not valid ({error})"),
            None => {}
        }
    }
    Err(reason)
}

/// The inside of the first code block of a text; the text itself where it has none.
fn unfenced(text: &str) -> &str {
    let Some((_, rest)) = text.split_once("```") else { return text.trim() };
    let Some((inside, _)) = rest.split_once("```") else { return text.trim() };
    // The first line of a block may name its language.
    match inside.split_once('\n') {
        Some((language, rest)) if !language.trim().contains([' ', ',']) => rest.trim(),
        _ => inside.trim(),
    }
}

fn shortened(text: &str) -> String {
    const MOST: usize = 200;
    let mut start: String = text.chars().take(MOST).collect();
    if start.len() < text.len() {
        start.push('…');
    }
    start
}

#[cfg(test)]
mod tests;
