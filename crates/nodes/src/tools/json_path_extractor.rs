//! One value out of JSON that a model read somewhere.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
};
use serde_json::{Map, Value, json};
use serde_json_path::JsonPath;

use super::cut;
use crate::prompt_format::as_text;

/// How much of the JSON a model is shown when its path leads nowhere, in characters.
const MOST_SHOWN: usize = 200;

const PATH: Input<String> = Input::text("JSON Path", "path")
    .describe(
        "What to take: names with dots and numbers in brackets, or a whole JSONPath (RFC 9535) \
         that begins with $",
    )
    .placeholder("items[0].id");
const RETURN_NULL: Input<bool> = Input::flag("Return Null on Error", "returnNullOnError")
    .default(false)
    .describe("Says null where the path leads nowhere or the JSON is broken, instead of failing")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "JSON Path Extractor",
    name: "jsonPathExtractor",
    version: 1.0,
    kind: "JSONPathExtractor",
    icon: "json-path.svg",
    category: "Tools",
    description: "Takes one value out of JSON",
    base_classes: &["JSONPathExtractor", "StructuredTool", "Runnable"],
    inputs: &[PATH.field, RETURN_NULL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct JsonPathExtractor;

#[async_trait]
impl Node for JsonPathExtractor {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.get(&PATH)?;
        Ok(Capability::Tool(Arc::new(Extractor {
            spec: ToolSpec {
                name: "json_path_extractor".to_owned(),
                description: format!("Takes the value at {text} out of JSON."),
                parameters: json!({
                    "type": "object",
                    "properties": {"json": {
                        "description": "The JSON, as it is or as text",
                        "anyOf": [
                            {"type": "string"},
                            {"type": "object"},
                            {"type": "array", "items": {}},
                        ],
                    }},
                    "required": ["json"],
                    "additionalProperties": false
                }),
            },
            path: Path::parse(text.trim())?,
            text,
            null_on_error: inputs.get(&RETURN_NULL)?,
        })))
    }
}

struct Extractor {
    spec: ToolSpec,
    text: String,
    path: Path,
    null_on_error: bool,
}

#[async_trait]
impl Tool for Extractor {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
        match self.extract(arguments.get("json").unwrap_or(&Value::Null)) {
            Ok(Value::Null) => Ok(ToolResult::text("null")),
            Ok(value) => Ok(ToolResult::text(as_text(&value))),
            Err(_) if self.null_on_error => Ok(ToolResult::text("null")),
            Err(reason) => Err(Error::ModelAnswer(reason)),
        }
    }
}

impl Extractor {
    fn extract(&self, json: &Value) -> Result<Value, String> {
        let parsed = match json {
            Value::String(text) => serde_json::from_str(text)
                .map_err(|error| format!("the JSON cannot be read: {error}"))?,
            other => other.clone(),
        };
        self.path.find(&parsed).ok_or_else(|| {
            let shown = parsed.to_string();
            format!("There is nothing at {} in {}", self.text, cut(&shown, MOST_SHOWN))
        })
    }
}

/// The two ways to write a path.
enum Path {
    /// `$.items[*].id`: gives the only match, or the list of them.
    Standard(JsonPath),
    /// `items[0].id`: names and places, one after the other.
    Steps(Vec<String>),
}

impl Path {
    fn parse(text: &str) -> Result<Self> {
        if text.starts_with('$') {
            let path = JsonPath::parse(text);
            let wrong = |error| Error::invalid(&PATH.field, format!("{text}: {error}"));
            return Ok(Self::Standard(path.map_err(wrong)?));
        }
        let marks = |it: char| matches!(it, '.' | '[' | ']' | '"' | '\'');
        let steps = text.split(marks).filter(|it| !it.is_empty()).map(str::to_owned);
        let steps: Vec<String> = steps.collect();
        if steps.is_empty() {
            return Err(Error::invalid(&PATH.field, "a path such as items[0].id is expected"));
        }
        Ok(Self::Steps(steps))
    }

    fn find(&self, value: &Value) -> Option<Value> {
        match self {
            Self::Standard(path) => {
                let found = path.query(value).all();
                match found.as_slice() {
                    [] => None,
                    [only] => Some((*only).clone()),
                    many => Some(many.iter().copied().cloned().collect()),
                }
            }
            Self::Steps(steps) => {
                let step = |at: &'_ Value, name: &String| match at {
                    Value::Array(list) => list.get(name.parse::<usize>().ok()?).cloned(),
                    other => other.get(name).cloned(),
                };
                steps.iter().try_fold(value.clone(), |at, name| step(&at, name))
            }
        }
    }
}
