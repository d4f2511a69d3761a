//! A list whose entries are separated by commas.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::{AUTOFIX, Form};

static SPEC: Spec = Spec {
    label: "CSV Output Parser",
    name: "csvOutputParser",
    version: 1.0,
    kind: "CSVListOutputParser",
    icon: "list-parser.svg",
    category: "Output Parsers",
    description: "Makes a list of a model's answer, cut at its commas",
    base_classes: &["CSVListOutputParser", "BaseLLMOutputParser", "Runnable"],
    inputs: &[AUTOFIX.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CsvOutputParser;

#[async_trait]
impl Node for CsvOutputParser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        super::parser(Commas, inputs)
    }
}

/// Entries between commas or on lines of their own; one in quotes may hold commas.
struct Commas;

impl Form for Commas {
    fn instructions(&self) -> String {
        "Answer with a list of values separated by commas and with no other text, such as: red, \
         green, blue. Put a value that holds a comma in double quotes."
            .to_owned()
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        let entries = entries(super::unfenced(text));
        if entries.is_empty() {
            return Err("there is no value in it".to_owned());
        }
        Ok(entries.into())
    }
}

fn entries(text: &str) -> Vec<String> {
    let mut entries = Vec::new();
    let mut entry = String::new();
    let mut quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                entry.push('"');
            }
            '"' if quoted => quoted = false,
            // A quote that is never closed, or stands inside a word, is a character.
            '"' if entry.trim().is_empty() && rest.clone().any(|it| it == '"') => quoted = true,
            ',' | '\n' if !quoted => entries.push(std::mem::take(&mut entry)),
            other => entry.push(other),
        }
    }
    entries.push(entry);
    let trimmed = entries.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
    trimmed.map(str::to_owned).collect()
}
