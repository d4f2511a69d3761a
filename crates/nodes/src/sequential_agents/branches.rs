//! The row *Condition*: which way a fork goes, by a table or by code.

use flowstone_core::{
    Error, Field, Input, Inputs, Result,
    sequence::Scene,
    spec::{Column, Output, Suggestion},
};
use serde_json::{Map, Value, json};

use super::{code, paths};
use crate::prompt_format::as_text;

type Row = Map<String, Value>;

const TABLE: &str = "conditionUI";
const CODE: &str = "conditionFunction";
const TAB: &str = "selectedConditionFunctionTab";

/// The ways of a fork before its rows name them.
pub(super) const WAYS: &[Output] = &[
    Output { label: "Next", name: "next", base_classes: &["Condition"], description: None },
    Output { label: "End", name: "end", base_classes: &["Condition"], description: None },
];

const OPERATIONS: &[&str] = &[
    "Contains",
    "Not Contains",
    "Start With",
    "End With",
    "Is",
    "Is Not",
    "Is Empty",
    "Is Not Empty",
    "Greater Than",
    "Less Than",
    "Equal To",
    "Not Equal To",
    "Greater Than or Equal To",
    "Less Than or Equal To",
];

const EXAMPLE: &str = "\
// Return the name of the output to leave by. End ends the run.
// $flow.state.messages is the conversation, $flow.state.KEY the rest of the state.
const last = $flow.state.messages[$flow.state.messages.length - 1];
return last.content ? \"Agent\" : \"End\";
";

const CODE_ROW: Input<Option<String>> = {
    let mut it = Input::code("Condition (Code)", CODE)
        .describe("Returns the name of the output to leave by")
        .optional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(EXAMPLE);
    it
};

/// The columns, with what the column of variables suggests.
pub(super) const fn columns(suggestions: &'static [Suggestion]) -> [Column; 4] {
    [
        Column::free("variable", "Variable", suggestions),
        Column::choice("operation", "Operation", OPERATIONS),
        Column::text("value", "Value"),
        Column::text("output", "Output Name"),
    ]
}

/// The table and the code, for [`row`].
pub(super) const fn tabs(columns: &'static [Column]) -> [Field; 2] {
    let table: Input<Vec<Row>> = Input::datagrid("Condition (Table)", TABLE, columns)
        .describe("The run leaves by the output of the first row that holds, else by End");
    let mut table = table.field;
    table.optional = true;
    [table, CODE_ROW.field]
}

/// The row.
pub(super) const fn row(tabs: &'static [Field]) -> Field {
    Field {
        tabs,
        tab_identifier: Some(TAB),
        ..Field::new("Condition", "condition", "conditionFunction")
    }
}

/// How a fork chooses.
pub(super) enum Branches {
    /// By the first row that holds.
    Rows(Vec<Row>),
    /// By what code returns.
    Code(String),
}

impl Branches {
    /// What the form says.
    ///
    /// # Errors
    /// Where the table cannot be read.
    pub(super) fn from_form(inputs: &Inputs) -> Result<Self> {
        let invalid = |label: &str, reason: &str| Error::InvalidInput {
            label: label.to_owned(),
            reason: reason.to_owned(),
        };
        if code::open_tab(inputs, TAB, &[TABLE, CODE]) == CODE {
            let text = inputs.values.get(CODE).and_then(Value::as_str).unwrap_or_default();
            if text.trim().is_empty() {
                return Err(invalid("Condition (Code)", "the code is empty"));
            }
            return Ok(Self::Code(text.to_owned()));
        }
        let rows = match inputs.values.get(TABLE) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::String(text)) if text.trim().is_empty() => Vec::new(),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map_err(|_| invalid("Condition (Table)", "a list of rows is expected"))?,
            Some(other) => serde_json::from_value(other.clone())
                .map_err(|_| invalid("Condition (Table)", "a list of rows is expected"))?,
        };
        Ok(Self::Rows(rows))
    }

    /// Name of the output that the run leaves by.
    ///
    /// # Errors
    /// What is wrong with a row, what the code threw, or that it returned no name.
    pub(super) async fn choose(&self, scene: &Scene<'_>, output: Option<Value>) -> Result<String> {
        let rows = match self {
            Self::Rows(rows) => rows,
            Self::Code(text) => {
                return match code::run(text, scene, output, Map::new()).await? {
                    Value::String(name) => Ok(name),
                    other => Err(Error::InvalidInput {
                        label: "Condition (Code)".to_owned(),
                        reason: format!("the code must return the name of an output, not {other}"),
                    }),
                };
            }
        };
        // A decision that asked no model goes by what was said last.
        let last = || scene.lines.last().map(|it| json!({ "content": it.content }));
        let flow = scene.flow(output.or_else(last));
        for (place, row) in rows.iter().enumerate() {
            let cell = |name: &str| row.get(name).map(as_text).unwrap_or_default();
            let wrong = |reason: String| Error::InvalidInput {
                label: format!("Condition, row {}", place + 1),
                reason,
            };
            let variable = cell("variable");
            let value = match paths::named(&variable, &flow, scene) {
                Some(value) => value,
                None => match variable.trim().strip_prefix('$') {
                    // What a node said last.
                    Some(node) => match scene.said_by(node) {
                        Some(line) => line.content.clone().into(),
                        None => continue,
                    },
                    None => {
                        return Err(wrong(
                            "Variable: a path such as $flow.state.messages[-1].content is expected"
                                .to_owned(),
                        ));
                    }
                },
            };
            let operation = cell("operation");
            let wanted = row.get("value").map(as_text).unwrap_or_default();
            let holds = holds(&value, &operation, &wanted).ok_or_else(|| {
                wrong(format!("there is no operation {operation:?}; choose one of the list"))
            })?;
            if holds {
                return Ok(cell("output"));
            }
        }
        Ok("End".to_owned())
    }
}

/// Whether a row holds; `None` for an operation that there is not. What is empty only is *Is Empty*.
fn holds(value: &Value, operation: &str, wanted: &str) -> Option<bool> {
    if !OPERATIONS.contains(&operation) {
        return None;
    }
    let is_empty = match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        _ => false,
    };
    if is_empty {
        return Some(operation == "Is Empty");
    }
    let text = as_text(value);
    let compared = |compare: fn(f64, f64) -> bool| {
        number(&text).zip(number(wanted)).is_some_and(|(one, two)| compare(one, two))
    };
    #[expect(clippy::float_cmp, reason = "the author asks whether two numbers are the same")]
    let holds = match operation {
        "Contains" => text.contains(wanted),
        "Not Contains" => !text.contains(wanted),
        "Start With" => text.starts_with(wanted),
        "End With" => text.ends_with(wanted),
        "Is" => text == wanted,
        "Is Not" => text != wanted,
        "Is Empty" => text.trim().is_empty(),
        "Is Not Empty" => !text.trim().is_empty(),
        "Greater Than" => compared(|one, two| one > two),
        "Less Than" => compared(|one, two| one < two),
        "Equal To" => compared(|one, two| one == two),
        "Not Equal To" => compared(|one, two| one != two),
        "Greater Than or Equal To" => compared(|one, two| one >= two),
        _ => compared(|one, two| one <= two),
    };
    Some(holds)
}

/// A plain number, without an exponent or blanks.
fn number(text: &str) -> Option<f64> {
    let plain = |it: char| it.is_ascii_digit() || it == '.' || it == '-';
    let ends_well = text.ends_with(|it: char| it.is_ascii_digit());
    (ends_well && text.chars().all(plain)).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case(json!("a math question"), "Contains", "math", true)]
    #[case(json!("a math question"), "Not Contains", "math", false)]
    #[case(json!("yes please"), "Start With", "yes", true)]
    #[case(json!("yes please"), "End With", "please", true)]
    #[case(json!("yes"), "Is", "yes", true)]
    #[case(json!("yes"), "Is Not", "no", true)]
    #[case(json!(true), "Is", "true", true)]
    #[case(json!(""), "Is Empty", "", true)]
    #[case(json!("  "), "Is Empty", "", true)]
    #[case(Value::Null, "Is Empty", "", true)]
    #[case(Value::Null, "Is Not", "yes", false)]
    #[case(json!(0), "Less Than", "5", false)]
    #[case(json!("x"), "Is Not Empty", "", true)]
    #[case(json!(7), "Greater Than", "6.5", true)]
    #[case(json!("7"), "Less Than", "10", true)]
    #[case(json!("7"), "Equal To", "7.0", true)]
    #[case(json!("7"), "Not Equal To", "8", true)]
    #[case(json!("7"), "Greater Than or Equal To", "7", true)]
    #[case(json!("7"), "Less Than or Equal To", "6", false)]
    #[case(json!("seven"), "Not Equal To", "8", false)]
    fn rows_hold(
        #[case] value: Value,
        #[case] operation: &str,
        #[case] wanted: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(holds(&value, operation, wanted), Some(expected));
    }

    #[test]
    fn an_operation_that_there_is_not_is_refused() {
        assert_eq!(holds(&json!("x"), "Resembles", "x"), None);
    }
}
