//! A list with a separator and a length of the author's choice.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::{AUTOFIX, Form};

const LENGTH: Input<Option<u64>> = Input::whole("Length", "length")
    .step(1.0)
    .describe("How many values the list must have; any number where it is empty")
    .optional();
const SEPARATOR: Input<Option<String>> = Input::text("Separator", "separator")
    .default(COMMA)
    .describe("What stands between two values. Write \\n for a line break")
    .optional();
const COMMA: &str = ",";

static SPEC: Spec = Spec {
    label: "Custom List Output Parser",
    name: "customListOutputParser",
    version: 1.0,
    kind: "CustomListOutputParser",
    icon: "list-parser.svg",
    category: "Output Parsers",
    description: "Makes a list of a model's answer, cut at a separator",
    base_classes: &["CustomListOutputParser", "BaseLLMOutputParser", "Runnable"],
    inputs: &[LENGTH.field, SEPARATOR.field, AUTOFIX.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CustomListOutputParser;

#[async_trait]
impl Node for CustomListOutputParser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let separator = inputs.get(&SEPARATOR)?;
        let separator = separator.as_deref().unwrap_or(COMMA);
        let list = List {
            separator: separator.replace("\\n", "\n").replace("\\t", "\t"),
            length: inputs.get(&LENGTH)?.filter(|it| *it > 0),
        };
        super::parser(list, inputs)
    }
}

struct List {
    separator: String,
    length: Option<u64>,
}

impl Form for List {
    fn instructions(&self) -> String {
        let separator = match self.separator.as_str() {
            "\n" => "line breaks".to_owned(),
            "\t" => "tabs".to_owned(),
            other => format!("`{other}`"),
        };
        let many = self.length.map(|it| format!("{it} ")).unwrap_or_default();
        format!(
            "Answer with a list of {many}values separated by {separator} and with no other text."
        )
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        let values = super::unfenced(text).split(&self.separator).map(str::trim);
        let values: Vec<&str> = values.filter(|it| !it.is_empty()).collect();
        if values.is_empty() {
            return Err("there is no value in it".to_owned());
        }
        match self.length {
            Some(length) if values.len() as u64 != length => {
                Err(format!("it has {} values instead of {length}", values.len()))
            }
            _ => Ok(values.into()),
        }
    }
}
