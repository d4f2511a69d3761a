//! The row *Update State*: what a turn changes in the shared state, by a table or by code.

use flowstone_core::{
    Error, Field, Input, Inputs, Result,
    sequence::Scene,
    spec::{Column, Default, Suggestion},
};
use serde_json::{Map, Value};

use super::{code, paths};

type Row = Map<String, Value>;

const NAME: &str = "updateStateMemory";
const TABLE: &str = "updateStateMemoryUI";
const CODE: &str = "updateStateMemoryCode";
const TAB: &str = "selectedUpdateStateMemoryTab";

const EXAMPLE: &str = "\
// Return the keys of the state that change, with their new values.
// - $flow.output is what this node gave
// - $flow.state.KEY and $flow.state.messages are the state
// - $flow.input, $flow.sessionId, $flow.chatId, $flow.chatflowId, $vars.NAME
return { summary: $flow.output.content };
";

const CODE_ROW: Input<Option<String>> = {
    let mut it = Input::code("Update State (Code)", CODE)
        .describe("Returns an object of keys and their new values")
        .additional()
        .optional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(EXAMPLE);
    it
};

/// The columns, with what the column of values suggests.
pub(super) const fn columns(suggestions: &'static [Suggestion]) -> [Column; 2] {
    let mut key = Column::text("key", "Key");
    key.kind = Some("asyncSingleSelect");
    [key, Column::free("value", "Value", suggestions)]
}

/// The table, for [`row`].
pub(super) const fn tabs(columns: &'static [Column]) -> [Field; 2] {
    let table: Input<Vec<Row>> = Input::datagrid("Update State (Table)", TABLE, columns)
        .describe("Which keys of the state this node sets, and to what")
        .additional();
    let mut table = table.field;
    table.optional = true;
    [table, CODE_ROW.field]
}

/// The row.
pub(super) const fn row(tabs: &'static [Field]) -> Field {
    Field {
        tabs,
        tab_identifier: Some(TAB),
        additional_params: true,
        default: Default::Text(TABLE),
        description: Some("What this node changes in the state, whose keys a State node names"),
        ..Field::new("Update State", NAME, "tabs")
    }
}

/// What a turn changes.
pub(super) enum Updates {
    /// Keys with a path or a plain value each.
    Rows(Vec<(String, Value)>),
    /// What code returns.
    Code(String),
}

impl Updates {
    /// What the form says.
    ///
    /// # Errors
    /// Where the table cannot be read, or a row lacks its key.
    pub(super) fn from_form(inputs: &Inputs) -> Result<Self> {
        // A call may bring rows of its own instead.
        let given = inputs.values.get(NAME).filter(|it| !matches!(it.as_str(), Some(TABLE | CODE)));
        if let Some(given) = given.filter(|it| it.is_array() || as_rows(it).is_some()) {
            return Self::of_rows(given);
        }
        let text = inputs.values.get(CODE).and_then(Value::as_str).unwrap_or_default();
        if code::open_tab(inputs, TAB, &[TABLE, CODE]) == CODE {
            let is_empty = text.trim().is_empty();
            return Ok(if is_empty { Self::Rows(Vec::new()) } else { Self::Code(text.to_owned()) });
        }
        match inputs.values.get(TABLE) {
            None | Some(Value::Null) => Ok(Self::Rows(Vec::new())),
            Some(Value::String(text)) if text.trim().is_empty() => Ok(Self::Rows(Vec::new())),
            Some(given) => Self::of_rows(given),
        }
    }

    fn of_rows(given: &Value) -> Result<Self> {
        let invalid = |reason: &str| Error::InvalidInput {
            label: "Update State".to_owned(),
            reason: reason.to_owned(),
        };
        let rows = as_rows(given).ok_or_else(|| invalid("a list of rows is expected"))?;
        let each = rows.into_iter().map(|row| {
            let cell = |names: [&str; 2]| names.into_iter().find_map(|it| row.get(it)).cloned();
            let key = cell(["key", "Key"]).unwrap_or_default();
            let key = key.as_str().map(str::trim).filter(|it| !it.is_empty());
            let key = key.ok_or_else(|| invalid("a row lacks its key"))?;
            Ok((key.to_owned(), cell(["value", "Value"]).unwrap_or_default()))
        });
        each.collect::<Result<_>>().map(Self::Rows)
    }

    /// What changes after a turn that gave `output`.
    ///
    /// # Errors
    /// What the code threw, or that it returned no object.
    pub(super) async fn changes(
        &self,
        scene: &Scene<'_>,
        output: &Value,
    ) -> Result<Map<String, Value>> {
        match self {
            Self::Rows(rows) if rows.is_empty() => Ok(Map::new()),
            Self::Rows(rows) => {
                let flow = scene.flow(Some(output.clone()));
                let each = rows.iter().map(|(key, value)| {
                    let named = value.as_str().and_then(|it| paths::named(it, &flow, scene));
                    (key.clone(), named.unwrap_or_else(|| value.clone()))
                });
                Ok(each.collect())
            }
            Self::Code(text) => {
                match code::run(text, scene, Some(output.clone()), Map::new()).await? {
                    Value::Object(changes) => Ok(changes),
                    Value::Null => Ok(Map::new()),
                    other => Err(Error::InvalidInput {
                        label: "Update State (Code)".to_owned(),
                        reason: format!("the code must return an object of changes, not {other}"),
                    }),
                }
            }
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
