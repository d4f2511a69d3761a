//! An object whose properties are listed in a table.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec, spec::Column};
use serde_json::{Map, Value, json};

use super::{AUTOFIX, Form};

const STRUCTURE: Input<Vec<Map<String, Value>>> =
    Input::datagrid("JSON Structure", "jsonStructure", COLUMNS)
        .describe("The properties of the object to answer with")
        .default_rows(
            r#"[
  {"property": "answer", "type": "string", "description": "the answer to the question"},
  {"property": "certain", "type": "boolean", "description": "whether the answer is certain"}
]"#,
        )
        .additional();
const COLUMNS: &[Column] = &[
    Column::text("property", "Property"),
    Column::choice("type", "Type", TYPES),
    Column::text("description", "Description"),
];
const TYPES: &[&str] = &["string", "number", "boolean"];

static SPEC: Spec = Spec {
    label: "Structured Output Parser",
    name: "structuredOutputParser",
    version: 1.0,
    kind: "StructuredOutputParser",
    icon: "output-parser.svg",
    category: "Output Parsers",
    description: "Makes an object of a model's answer",
    base_classes: &["StructuredOutputParser", "BaseLLMOutputParser", "Runnable"],
    inputs: &[AUTOFIX.field, STRUCTURE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct StructuredOutputParser;

#[async_trait]
impl Node for StructuredOutputParser {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let rows = inputs.get(&STRUCTURE)?;
        let properties: Vec<Property> = rows.iter().map(Property::read).collect::<Result<_>>()?;
        if properties.is_empty() {
            return Err(Error::invalid(&STRUCTURE.field, "at least one property is needed"));
        }
        super::parser(Table(properties), inputs)
    }
}

struct Property {
    name: String,
    kind: &'static str,
    description: String,
}

impl Property {
    fn read(row: &Map<String, Value>) -> Result<Self> {
        let cell = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default().trim();
        let name = cell("property");
        if name.is_empty() {
            return Err(Error::invalid(&STRUCTURE.field, "every property needs a name"));
        }
        let chosen = cell("type");
        let Some(kind) = TYPES.iter().find(|it| **it == chosen) else {
            let reason = format!("{name} is of type {chosen:?}; there are {}", TYPES.join(", "));
            return Err(Error::invalid(&STRUCTURE.field, reason));
        };
        Ok(Self { name: name.to_owned(), kind, description: cell("description").to_owned() })
    }

    fn fits(&self, value: &Value) -> bool {
        match self.kind {
            "number" => value.is_number(),
            "boolean" => value.is_boolean(),
            _ => value.is_string(),
        }
    }
}

/// An object with these properties.
struct Table(Vec<Property>);

impl Form for Table {
    fn instructions(&self) -> String {
        super::json_instructions(&self.schema())
    }

    /// The listed properties of the object in `text`; others are left out.
    fn read(&self, text: &str) -> Result<Value, String> {
        let Value::Object(mut found) = super::find_object(text)? else {
            return Err("there is no JSON object in it".to_owned());
        };
        let mut object = Map::new();
        for property in &self.0 {
            let name = &property.name;
            let value = found.remove(name).ok_or_else(|| format!("{name} is missing"))?;
            if !property.fits(&value) {
                return Err(format!("{name} is {value} and should be a {}", property.kind));
            }
            object.insert(name.clone(), value);
        }
        Ok(object.into())
    }
}

impl Table {
    fn schema(&self) -> Value {
        let properties = self
            .0
            .iter()
            .map(|it| (it.name.clone(), json!({"type": it.kind, "description": it.description})));
        let names: Vec<&str> = self.0.iter().map(|it| it.name.as_str()).collect();
        json!({
            "type": "object",
            "properties": properties.collect::<Map<_, _>>(),
            "required": names,
            "additionalProperties": false
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowstone_core::OutputParser;
    use flowstone_testkit::{Reply, ScriptedModel};

    use super::*;
    use crate::testing::form;

    const ROWS: &str = r#"[
        {"property": "answer", "type": "string", "description": "a"},
        {"property": "n", "type": "number", "description": "n"}
    ]"#;

    async fn parser(values: &Value) -> Result<Arc<dyn OutputParser>> {
        let Capability::OutputParser(it) = StructuredOutputParser.init(&form(values)).await? else {
            panic!("no parser")
        };
        Ok(it)
    }

    #[tokio::test]
    async fn an_object_is_found_wherever_it_stands() {
        let parser = parser(&json!({"jsonStructure": ROWS})).await.unwrap();
        let model = ScriptedModel::new();
        for text in [
            r#"{"answer":"yes","n":3,"extra":1}"#,
            "Sure:\n```json\n{\"answer\": \"yes\", \"n\": 3}\n```\nDone {x}.",
            r#"use {this}: {"n": 3, "answer": "yes"}"#,
        ] {
            let parsed = parser.parse(text, model.as_ref()).await.unwrap();
            assert_eq!(parsed, json!({"answer": "yes", "n": 3}), "{text}");
        }
        assert!(model.requests().is_empty());
        assert!(parser.instructions().contains(r#""required":["answer","n"]"#));
    }

    #[tokio::test]
    async fn what_does_not_fit_is_said() {
        let parser = parser(&json!({"jsonStructure": ROWS})).await.unwrap();
        for (text, expected) in [
            ("no idea", "there is no JSON object in it"),
            (r#"{"answer":"yes"}"#, "n is missing"),
            (r#"{"answer":"yes","n":"3"}"#, "n is \"3\" and should be a number"),
            (r#"{"answer":"#, "its JSON is not valid"),
        ] {
            let failed = parser.parse(text, ScriptedModel::new().as_ref()).await;
            let said = failed.unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
    }

    #[tokio::test]
    async fn autofix_asks_the_model_once() {
        let parser = parser(&json!({"jsonStructure": ROWS, "autofixParser": true})).await.unwrap();
        let model = ScriptedModel::with([Reply::text(r#"{"answer":"yes","n":3}"#)]);
        let parsed = parser.parse("yes, three", model.as_ref()).await.unwrap();
        assert_eq!(parsed, json!({"answer": "yes", "n": 3}));
        assert!(model.requests()[0].messages[0].text.ends_with("yes, three"));

        let model = ScriptedModel::with([Reply::text("still no")]);
        let said = parser.parse("yes", model.as_ref()).await.unwrap_err().to_string();
        assert!(said.contains("not even after a repair"), "{said}");
    }

    #[tokio::test]
    async fn a_table_that_makes_no_sense_is_refused() {
        for (rows, expected) in [
            ("[]", "at least one property"),
            (r#"[{"property":" ","type":"string"}]"#, "needs a name"),
            (r#"[{"property":"a","type":"date"}]"#, "a is of type \"date\"; there are string"),
        ] {
            let said = parser(&json!({"jsonStructure": rows})).await.err().unwrap().to_string();
            assert!(said.contains(expected), "{said}");
        }
    }
}
