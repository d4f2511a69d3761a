//! A tool that the user wrote in JavaScript.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    node::Entry, services::CustomTool as StoredTool,
};
use serde_json::{Map, Value, json};

use crate::javascript::{self, Code};

const SELECTED: Input<String> = Input::async_options("Select Tool", "selectedTool", "listTools");
const RETURN_DIRECT: Input<bool> = Input::flag("Return Direct", "returnDirect")
    .describe("What the tool gives is the answer: the model is not asked again")
    .may_be_empty();
const NAME: Input<Option<String>> = override_row("Custom Tool Name", "customToolName");
const DESCRIPTION: Input<Option<String>> =
    override_row("Custom Tool Description", "customToolDesc");
const SCHEMA: Input<Option<String>> = override_row("Custom Tool Schema", "customToolSchema");
const CODE: Input<Option<String>> = override_row("Custom Tool Func", "customToolFunc");

/// A row that only a call of the API fills.
const fn override_row(label: &'static str, name: &'static str) -> Input<Option<String>> {
    Input::of(label, name, "string").hidden()
}

static SPEC: Spec = Spec {
    label: "Custom Tool",
    name: "customTool",
    version: 3.0,
    kind: "CustomTool",
    icon: "custom-tool.svg",
    category: "Tools",
    description: "Runs a tool of this workspace that was written in JavaScript",
    base_classes: &["CustomTool", "Tool", "StructuredTool", "Runnable"],
    inputs: &[
        SELECTED.field,
        RETURN_DIRECT.field,
        NAME.field,
        DESCRIPTION.field,
        SCHEMA.field,
        CODE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CustomTool;

#[async_trait]
impl Node for CustomTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let stored = stored_tool(inputs).await?;
        let schema = match inputs.get(&SCHEMA)? {
            Some(text) => schema_from_override(&text, inputs).await?,
            None => schema_from_rows(&stored.schema)?,
        };
        let name = inputs.get(&NAME)?.unwrap_or(stored.name);
        Ok(Capability::Tool(Arc::new(UserTool {
            spec: ToolSpec {
                name: super::name_for_models(&name, "custom_tool"),
                description: inputs.get(&DESCRIPTION)?.unwrap_or(stored.description),
                parameters: schema,
            },
            code: inputs.get(&CODE)?.unwrap_or(stored.code),
            returns_directly: inputs.get(&RETURN_DIRECT)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listTools" {
            return Err(Error::Unsupported(format!("{} has no list {method}", SPEC.label)));
        }
        let tools = inputs.services.custom_tools.list(&inputs.workspace).await?;
        let entries = tools.into_iter();
        Ok(entries.map(|it| Entry::new(it.id, it.name).describe(it.description)).collect())
    }
}

async fn stored_tool(inputs: &Inputs) -> Result<StoredTool> {
    let id = inputs.get(&SELECTED)?;
    let found = inputs.services.custom_tools.get(&inputs.workspace, &id).await?;
    found.ok_or_else(|| {
        Error::invalid(&SELECTED.field, "the chosen tool is gone: choose another one")
    })
}

struct UserTool {
    spec: ToolSpec,
    code: String,
    returns_directly: bool,
}

#[async_trait]
impl Tool for UserTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn returns_directly(&self) -> bool {
        self.returns_directly
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let mut code = Code::new(self.code.clone(), run);
        code.global("input", run.question.clone().into());
        let properties = self.spec.parameters["properties"].as_object();
        for name in properties.into_iter().flat_map(Map::keys) {
            code.global(name, arguments.get(name).cloned().unwrap_or_default());
        }
        let value = javascript::run(code, run.services.as_ref()).await?;
        Ok(ToolResult::text(javascript::text(&value)))
    }
}

/// The schema of a stored tool: JSON text of `[{property, type, description, required}]`.
fn schema_from_rows(text: &str) -> Result<Value> {
    let wrong = |reason: String| Error::InvalidInput {
        label: "Input Schema of the tool".to_owned(),
        reason,
    };
    if text.trim().is_empty() {
        return Ok(json!({"type": "object", "properties": {}, "required": []}));
    }
    let rows: Vec<Map<String, Value>> = serde_json::from_str(text)
        .map_err(|error| wrong(format!("this is not a list of properties: {error}")))?;
    let mut properties = Map::new();
    let mut required: Vec<Value> = Vec::new();
    for row in &rows {
        let cell = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let name = cell("property");
        if name.is_empty() {
            return Err(wrong("every property needs a name".to_owned()));
        }
        let kind = match cell("type") {
            kind @ ("number" | "boolean" | "array" | "object") => kind,
            _ => "string",
        };
        let description = cell("description");
        properties.insert(name.to_owned(), json!({"type": kind, "description": description}));
        if row.get("required").is_some_and(|it| it == true || it == "true") {
            required.push(name.into());
        }
    }
    Ok(json!({"type": "object", "properties": properties, "required": required}))
}

/// The schema that came with a call: rows as stored, a JSON Schema, or Zod text.
async fn schema_from_override(text: &str, inputs: &Inputs) -> Result<Value> {
    match serde_json::from_str(text) {
        Ok(Value::Array(_)) => schema_from_rows(text),
        Ok(schema @ Value::Object(_)) if schema["type"] == "object" => Ok(schema),
        _ => {
            let code = Code::alone(format!("{ZOD}\nreturn (\n{text}\n).schema;"));
            let schema = javascript::run(code, inputs.services.as_ref()).await;
            let schema =
                schema.map_err(|error| Error::invalid(&SCHEMA.field, error.to_string()))?;
            if schema["type"] == "object" {
                return Ok(schema);
            }
            Err(Error::invalid(
                &SCHEMA.field,
                "a JSON Schema of an object, or z.object({…}), is expected",
            ))
        }
    }
}

/// The part of Zod's vocabulary that describes arguments, making a JSON Schema of them. Rules that
/// a schema for models does not need (`.min(1)`, `.email()`) are taken and do nothing.
const ZOD: &str = "\
const kind = (schema, needed = true) => {
  const again = (more, still = needed) => kind({ ...schema, ...more }, still);
  const known = {
    schema, needed,
    describe: (description) => again({ description }),
    optional: () => again({}, false),
    nullish: () => again({}, false),
    default: (value) => again({ default: value }, false),
    int: () => again({ type: 'integer' }),
  };
  return new Proxy(known, { get: (it, name) => (name in it ? it[name] : () => again({})) });
};
const z = {
  string: () => kind({ type: 'string' }),
  date: () => kind({ type: 'string' }),
  number: () => kind({ type: 'number' }),
  boolean: () => kind({ type: 'boolean' }),
  any: () => kind({}),
  unknown: () => kind({}),
  literal: (value) => kind({ const: value }),
  enum: (values) => kind({ type: 'string', enum: values }),
  array: (of) => kind({ type: 'array', items: of.schema }),
  record: () => kind({ type: 'object' }),
  object: (rows) => kind({
    type: 'object',
    properties: Object.fromEntries(Object.entries(rows).map(([name, it]) => [name, it.schema])),
    required: Object.keys(rows).filter((name) => rows[name].needed),
  }),
};";
