//! Documents that a model may look up.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Retriever, Run, Spec, Tool,
    ToolResult, ToolSpec,
};
use serde_json::{Map, Value};

const NAME: Input<String> = Input::text("Retriever Name", "name")
    .describe("What the model calls the tool: a name that says what is looked up")
    .placeholder("search_handbook");
const DESCRIPTION: Input<String> = Input::text("Retriever Description", "description")
    .rows(3)
    .describe("Tells the model when to look something up here")
    .placeholder("Finds passages of the employee handbook");
const RETRIEVER: Input<Arc<dyn Retriever>> =
    Input::socket("Retriever", "retriever", "BaseRetriever");
const RETURN_SOURCES: Input<bool> = Input::flag("Return Source Documents", "returnSourceDocuments")
    .describe("Shows the passages beside the answer")
    .may_be_empty();
const FILTER: Input<Option<Value>> = Input::json(
    "Additional Metadata Filter",
    "retrieverToolMetadataFilter",
)
.describe(
    "Keeps the found documents whose metadata has these values. A value may be $flow.input, \
             $flow.chatId, $flow.sessionId, $flow.chatflowId, $flow.state.NAME or $vars.NAME",
)
.accepts_variables()
.additional()
.optional();

static SPEC: Spec = Spec {
    label: "Retriever Tool",
    name: "retrieverTool",
    version: 3.0,
    kind: "RetrieverTool",
    icon: "retriever-tool.svg",
    category: "Tools",
    description: "Lets a model look up documents",
    base_classes: &["RetrieverTool", "DynamicTool", "Tool", "StructuredTool", "Runnable"],
    inputs: &[NAME.field, DESCRIPTION.field, RETRIEVER.field, RETURN_SOURCES.field, FILTER.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RetrieverTool;

#[async_trait]
impl Node for RetrieverTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let filter = match inputs.get(&FILTER)? {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(filter)) => filter,
            Some(_) => {
                let reason = "a JSON object is expected, such as {\"source\": \"handbook.pdf\"}";
                return Err(Error::invalid(&FILTER.field, reason));
            }
        };
        Ok(Capability::Tool(Arc::new(Lookup {
            spec: ToolSpec {
                name: super::name_for_models(&inputs.get(&NAME)?, "retriever"),
                description: inputs.get(&DESCRIPTION)?,
                parameters: super::one_text("What to look up"),
            },
            retriever: inputs.get(&RETRIEVER)?,
            shows_sources: inputs.get(&RETURN_SOURCES)?,
            filter: checked(filter)?,
        })))
    }
}

struct Lookup {
    spec: ToolSpec,
    retriever: Arc<dyn Retriever>,
    shows_sources: bool,
    filter: Map<String, Value>,
}

#[async_trait]
impl Tool for Lookup {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let query = super::text_of(arguments, "input")?;
        let mut found = self.retriever.retrieve(query, run).await?;
        let filter: Vec<(&String, Value)> =
            self.filter.iter().map(|(name, value)| (name, of_the_call(value, run))).collect();
        found.retain(|it| filter.iter().all(|(name, wanted)| holds(it, name, wanted)));
        let texts: Vec<&str> = found.iter().map(|it| it.page_content.as_str()).collect();
        Ok(ToolResult {
            text: texts.join("\n\n"),
            source_documents: if self.shows_sources { found } else { Vec::new() },
            ..ToolResult::default()
        })
    }
}

/// Comparisons that a filter may ask for, as vector stores write them.
const COMPARISONS: [&str; 8] = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin"];

/// Refuses comparisons that nothing would understand: they would match no document at all.
fn checked(filter: Map<String, Value>) -> Result<Map<String, Value>> {
    let comparisons = filter.values().filter_map(Value::as_object).flat_map(Map::keys);
    match comparisons.into_iter().find(|it| !COMPARISONS.contains(&it.as_str())) {
        None => Ok(filter),
        Some(name) => Err(Error::invalid(
            &FILTER.field,
            format!("there is no comparison {name}. There are {}", COMPARISONS.join(", ")),
        )),
    }
}

/// A value of the filter with `$flow.…` and `$vars.…` replaced by what this call knows.
fn of_the_call(value: &Value, run: &Run) -> Value {
    match value {
        Value::String(text) => named(text, run).unwrap_or_else(|| value.clone()),
        Value::Array(list) => list.iter().map(|it| of_the_call(it, run)).collect(),
        Value::Object(map) => {
            map.iter().map(|(name, it)| (name.clone(), of_the_call(it, run))).collect()
        }
        other => other.clone(),
    }
}

/// What a name such as `$flow.sessionId` stands for; nothing that is unknown matches anything.
fn named(text: &str, run: &Run) -> Option<Value> {
    let (root, path) = text.strip_prefix('$')?.split_once('.')?;
    let all = match root {
        "vars" => run.variables.clone(),
        "flow" => {
            let mut all = run.flow_variables();
            all.insert("state".to_owned(), run.state.all().into());
            all
        }
        _ => return None,
    };
    let found = path.split('.').try_fold(Value::from(all), |at, name| at.get(name).cloned());
    Some(found.unwrap_or_default())
}

fn holds(document: &Document, name: &str, wanted: &Value) -> bool {
    let value = document.metadata.get(name).unwrap_or(&Value::Null);
    match wanted {
        Value::Object(comparisons) => comparisons.iter().all(|(how, it)| compare(value, how, it)),
        other => equal(value, other),
    }
}

fn compare(value: &Value, how: &str, other: &Value) -> bool {
    let listed = || other.as_array().is_some_and(|it| it.iter().any(|one| equal(value, one)));
    let order = match (value, other) {
        (Value::Number(a), Value::Number(b)) => {
            a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b))
        }
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match how {
        "$eq" => equal(value, other),
        "$ne" => !equal(value, other),
        "$gt" => order.is_some_and(std::cmp::Ordering::is_gt),
        "$gte" => order.is_some_and(std::cmp::Ordering::is_ge),
        "$lt" => order.is_some_and(std::cmp::Ordering::is_lt),
        "$lte" => order.is_some_and(std::cmp::Ordering::is_le),
        "$in" => listed(),
        "$nin" => !listed(),
        _ => false,
    }
}

/// The same value, or a list that holds it. `1` and `1.0` are one number.
fn equal(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(list), one) if !one.is_array() => list.iter().any(|it| equal(it, one)),
        _ => value == wanted,
    }
}
