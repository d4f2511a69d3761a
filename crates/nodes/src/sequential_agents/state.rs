//! What the nodes of a sequential flow share beside the conversation.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Field, Input, Inputs, Node, Result, Run, Spec,
    sequence::{Channels, Duty, Member},
    spec::{Column, Default as FieldDefault},
};
use serde_json::{Map, Value};

use super::code;

type Row = Map<String, Value>;

const NAME: &str = "stateMemory";
const TABLE: &str = "stateMemoryUI";
const CODE: &str = "stateMemoryCode";
const TAB: &str = "selectedStateTab";

const TABLE_ROW: Input<Option<Vec<Row>>> = Input::datagrid(
    "Custom State (Table)",
    TABLE,
    &[
        Column::text("key", "Key"),
        Column::choice("type", "Operation", &["Replace", "Append"]),
        Column::text("defaultValue", "Default Value"),
    ],
)
.describe(
    "Keys of the state. Replace keeps the newest value, Append makes a list; messages is always \
     there",
)
.additional()
.optional();
const EXAMPLE: &str = "\
{
  found: {
    value: (now, change) => now.concat(change),
    default: () => []
  },
  topic: {
    value: (now, change) => change ?? now,
    default: () => null
  }
}
";
const CODE_ROW: Input<Option<String>> = {
    let mut it = Input::code("Custom State (Code)", CODE)
        .describe("An object of keys, each with a function that takes up a change and a default")
        .additional()
        .optional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(EXAMPLE);
    it
};
const STATE: Field = Field {
    tabs: &[TABLE_ROW.field, CODE_ROW.field],
    tab_identifier: Some(TAB),
    additional_params: true,
    default: FieldDefault::Text(TABLE),
    ..Field::new("Custom State", NAME, "tabs")
};

static SPEC: Spec = Spec {
    label: "State",
    name: "seqState",
    version: 2.0,
    kind: "State",
    icon: "sequence-state.svg",
    category: "Sequential Agents",
    description: "What the nodes of the flow share beside the conversation",
    base_classes: &["State"],
    inputs: &[STATE],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct State;

#[async_trait]
impl Node for State {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name: String::new(),
            label: inputs.node_label.clone(),
            duty: Duty::Shapes(channels(inputs)?),
            model: None,
        })))
    }
}

fn channels(inputs: &Inputs) -> Result<Arc<dyn Channels>> {
    let table = inputs.values.get(TABLE).cloned().unwrap_or_default();
    // A call may bring further rows.
    let given = inputs.values.get(NAME).filter(|it| !matches!(it.as_str(), Some(TABLE | CODE)));
    if let Some(more) = given.and_then(as_rows) {
        let mut rows = as_rows(&table).unwrap_or_default();
        rows.extend(more);
        return Ok(Arc::new(Table::new(&rows)?));
    }
    if code::open_tab(inputs, TAB, &[TABLE, CODE]) == CODE {
        let text = inputs.values.get(CODE).and_then(Value::as_str).unwrap_or_default().trim();
        if text.is_empty() {
            return Ok(Arc::new(Table::default()));
        }
        let text = text.strip_prefix("return ").unwrap_or(text).trim_end_matches(';');
        return Ok(Arc::new(Written(text.to_owned())));
    }
    match &table {
        Value::Null => Ok(Arc::new(Table::default())),
        Value::String(text) if text.trim().is_empty() => Ok(Arc::new(Table::default())),
        other => {
            let rows = as_rows(other);
            let rows =
                rows.ok_or_else(|| Error::invalid(&TABLE_ROW.field, "a list of rows is expected"))?;
            Ok(Arc::new(Table::new(&rows)?))
        }
    }
}

fn as_rows(given: &Value) -> Option<Vec<Row>> {
    let parsed = match given {
        Value::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    serde_json::from_value(parsed).ok()
}

/// A state by the rows of a table.
#[derive(Default)]
struct Table(Vec<Channel>);

struct Channel {
    key: String,
    appends: bool,
    default: Value,
}

impl Table {
    fn new(rows: &[Row]) -> Result<Self> {
        let invalid = |reason: String| Error::invalid(&TABLE_ROW.field, reason);
        let mut channels: Vec<Channel> = Vec::new();
        for row in rows {
            let cell = |names: [&str; 2]| names.into_iter().find_map(|it| row.get(it)).cloned();
            let key = cell(["key", "Key"]).unwrap_or_default();
            let key = key.as_str().map(str::trim).filter(|it| !it.is_empty());
            let key = key.ok_or_else(|| invalid("a row lacks its key".to_owned()))?;
            if key == "messages" {
                let reason = "messages is the conversation, which is always there: rename the key";
                return Err(invalid(reason.to_owned()));
            }
            let kind = cell(["type", "Operation"]).unwrap_or_default();
            let appends = match kind.as_str() {
                Some("Append") => true,
                None | Some("" | "Replace") => false,
                Some(other) => {
                    return Err(invalid(format!("{key}: {other} is neither Replace nor Append")));
                }
            };
            let given = cell(["defaultValue", "Default Value"]).unwrap_or_default();
            let default = if appends { list(key, &given).map_err(invalid)? } else { given };
            // A row of the call takes the place of the flow's.
            channels.retain(|it| it.key != key);
            channels.push(Channel { key: key.to_owned(), appends, default });
        }
        Ok(Self(channels))
    }
}

/// The list that a row begins with.
fn list(key: &str, given: &Value) -> Result<Value, String> {
    let read = match given {
        Value::Null => return Ok(Value::Array(Vec::new())),
        Value::String(text) if text.trim().is_empty() => return Ok(Value::Array(Vec::new())),
        Value::String(text) => serde_json::from_str(text).unwrap_or_default(),
        other => other.clone(),
    };
    if read.is_array() {
        return Ok(read);
    }
    Err(format!("{key}: Append begins with a list such as [\"a\", \"b\"], not {given}"))
}

#[async_trait]
impl Channels for Table {
    async fn begin(&self, _: &Run) -> Result<Map<String, Value>> {
        Ok(self.0.iter().map(|it| (it.key.clone(), it.default.clone())).collect())
    }

    async fn merge(
        &self,
        values: &mut Map<String, Value>,
        changes: Map<String, Value>,
        _: &Run,
    ) -> Result<()> {
        for (key, change) in changes {
            let appends = self.0.iter().any(|it| it.key == key && it.appends);
            let now = values.entry(key).or_insert(Value::Null);
            match (appends, change) {
                (_, Value::Null) => {}
                (false, change) => *now = change,
                (true, change) => {
                    let mut items = now.as_array().cloned().unwrap_or_default();
                    match change {
                        Value::Array(more) => items.extend(more),
                        one => items.push(one),
                    }
                    *now = items.into();
                }
            }
        }
        Ok(())
    }
}

/// A state by an object of functions.
struct Written(String);

impl Written {
    async fn run(&self, code: &str, values: Vec<(&str, Value)>, run: &Run) -> Result<Value> {
        let code = format!("const channels = ({}\n); {code}", self.0);
        run_code(&code, values, run).await.map_err(|error| Error::InvalidInput {
            label: CODE_ROW.field.label.to_owned(),
            reason: error.to_string(),
        })
    }
}

#[cfg(feature = "javascript")]
async fn run_code(code: &str, values: Vec<(&str, Value)>, run: &Run) -> Result<Value> {
    use crate::javascript::{self, Code};

    let mut program = Code::new(code.to_owned(), run);
    for (name, value) in values {
        program.global(name, value);
    }
    javascript::run(program, &run.services).await
}

#[cfg(not(feature = "javascript"))]
#[expect(clippy::unused_async, reason = "it stands in for the one that runs code")]
async fn run_code(_: &str, _: Vec<(&str, Value)>, _: &Run) -> Result<Value> {
    Err(code::without())
}

#[async_trait]
impl Channels for Written {
    async fn begin(&self, run: &Run) -> Result<Map<String, Value>> {
        const BEGIN: &str = "\
            if (!channels || typeof channels !== 'object') throw new Error('an object is expected');\
            const values = {};\
            for (const key of Object.keys(channels)) {\
                const begins = channels[key]?.default;\
                values[key] = (typeof begins === 'function' ? begins() : begins) ?? null;\
            }\
            return values;";
        match self.run(BEGIN, Vec::new(), run).await? {
            Value::Object(mut values) => {
                values.remove("messages");
                Ok(values)
            }
            other => {
                let reason = format!("an object of keys is expected, not {other}");
                Err(Error::invalid(&CODE_ROW.field, reason))
            }
        }
    }

    async fn merge(
        &self,
        values: &mut Map<String, Value>,
        changes: Map<String, Value>,
        run: &Run,
    ) -> Result<()> {
        const MERGE: &str = "\
            const values = {};\
            for (const key of Object.keys($changes)) {\
                const takes = channels[key]?.value;\
                const change = $changes[key];\
                values[key] = (typeof takes === 'function' ? takes($values[key], change) : change)\
                    ?? null;\
            }\
            return values;";
        let given = vec![("values", values.clone().into()), ("changes", changes.into())];
        match self.run(MERGE, given, run).await? {
            Value::Object(merged) => {
                values.extend(merged);
                Ok(())
            }
            other => {
                let reason = format!("an object of keys is expected, not {other}");
                Err(Error::invalid(&CODE_ROW.field, reason))
            }
        }
    }
}
