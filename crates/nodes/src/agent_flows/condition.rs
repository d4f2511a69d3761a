//! A step that goes one of several ways, by comparing values.

use std::sync::{Arc, LazyLock};

use async_trait::async_trait;
use fancy_regex::Regex;
use flowstone_core::{
    Capability, Choice, Field, Input, Inputs, Next, Node, Result, Spec, Step, Taken, Turn,
    spec::{Default, Holds, Output as Way, When},
};
use serde_json::{Map, Value, json};

use super::rows::{self, Row};
use crate::prompt_format::as_text;

const OF_TEXT: &[When] = &[When("conditions[$index].type", Holds::Text("string"))];
const OF_NUMBER: &[When] = &[When("conditions[$index].type", Holds::Text("number"))];
const OF_SWITCH: &[When] = &[When("conditions[$index].type", Holds::Text("boolean"))];
const KIND: Input<String> = Input::options(
    "Type",
    "type",
    &[
        Choice::new("string", "String"),
        Choice::new("number", "Number"),
        Choice::new("boolean", "Boolean"),
    ],
)
.default("string");

const TEXT_1: Input<String> = Input::text("Value 1", "value1")
    .default("")
    .describe("What is compared")
    .accepts_variables()
    .show_when(OF_TEXT);
const TEXT_IS: Input<String> = Input::options(
    "Operation",
    "operation",
    &[
        Choice::new("contains", "Contains"),
        Choice::new("endsWith", "Ends With"),
        Choice::new("equal", "Equal"),
        Choice::new("notContains", "Not Contains"),
        Choice::new("notEqual", "Not Equal"),
        Choice::new("regex", "Regex"),
        Choice::new("startsWith", "Starts With"),
        Choice::new("isEmpty", "Is Empty"),
        Choice::new("notEmpty", "Not Empty"),
    ],
)
.default("equal")
.describe("How the values are compared")
.show_when(OF_TEXT);
const TEXT_2: Input<String> = Input::text("Value 2", "value2")
    .default("")
    .describe("What it is compared with")
    .accepts_variables()
    .show_when(OF_TEXT)
    .hide_when(&[When("conditions[$index].operation", Holds::AnyOf(&["isEmpty", "notEmpty"]))]);
const NUMBER_1: Input<f64> = {
    let mut it = Input::number("Value 1", "value1")
        .describe("What is compared")
        .accepts_variables()
        .show_when(OF_NUMBER);
    it.field.default = Default::Text("");
    it
};
const NUMBER_IS: Input<String> = Input::options(
    "Operation",
    "operation",
    &[
        Choice::new("smaller", "Smaller"),
        Choice::new("smallerEqual", "Smaller Equal"),
        Choice::new("equal", "Equal"),
        Choice::new("notEqual", "Not Equal"),
        Choice::new("larger", "Larger"),
        Choice::new("largerEqual", "Larger Equal"),
        Choice::new("isEmpty", "Is Empty"),
        Choice::new("notEmpty", "Not Empty"),
    ],
)
.default("equal")
.describe("How the values are compared")
.show_when(OF_NUMBER);
const NUMBER_2: Input<f64> = Input::number("Value 2", "value2")
    .default(0.0)
    .describe("What it is compared with")
    .accepts_variables()
    .show_when(OF_NUMBER);
const SWITCH_1: Input<bool> = Input::flag("Value 1", "value1")
    .default(false)
    .describe("What is compared")
    .show_when(OF_SWITCH);
const SWITCH_IS: Input<String> = Input::options(
    "Operation",
    "operation",
    &[Choice::new("equal", "Equal"), Choice::new("notEqual", "Not Equal")],
)
.default("equal")
.describe("How the values are compared")
.show_when(OF_SWITCH);
const SWITCH_2: Input<bool> = Input::flag("Value 2", "value2")
    .default(false)
    .describe("What it is compared with")
    .show_when(OF_SWITCH);

const COLUMNS: &[Field] = &[
    KIND.field,
    TEXT_1.field,
    TEXT_IS.field,
    TEXT_2.field,
    NUMBER_1.field,
    NUMBER_IS.field,
    NUMBER_2.field,
    SWITCH_1.field,
    SWITCH_IS.field,
    SWITCH_2.field,
];
const CONDITIONS: Input<Vec<Row>> = {
    let mut it = Input::array("Conditions", "conditions", COLUMNS)
        .describe("The run goes the way of the first row that holds, else the last way")
        .accepts_variables();
    it.field.default =
        Default::Json(r#"[{"type": "string", "value1": "", "operation": "equal", "value2": ""}]"#);
    it
};

static SPEC: Spec = Spec {
    label: "Condition",
    name: "conditionAgentflow",
    version: 1.0,
    kind: "Condition",
    icon: "agentflow-condition.svg",
    category: "Agent Flows",
    description: "Goes one of several ways, by comparing values",
    color: Some("#FFB938"),
    base_classes: &["Condition"],
    inputs: &[CONDITIONS.field],
    outputs: &[
        Way { label: "0", name: "0", base_classes: &[], description: Some("The first row holds") },
        Way { label: "1", name: "1", base_classes: &[], description: Some("No row holds") },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Condition;

#[async_trait]
impl Node for Condition {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    fn stays_inside(&self) -> bool {
        true
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Fork(inputs.get(&CONDITIONS)?))))
    }
}

struct Fork(Vec<Row>);

#[async_trait]
impl Step for Fork {
    async fn take(&self, _: &Turn<'_>) -> Result<Taken> {
        let chosen = self.0.iter().position(holds);
        let mut asked = Map::new();
        let mut outcomes = Vec::with_capacity(self.0.len() + 1);
        for (place, row) in self.0.iter().enumerate() {
            asked.insert(place.to_string(), row.clone().into());
            let mut outcome = row.clone();
            outcome.insert("isFulfilled".to_owned(), (chosen == Some(place)).into());
            outcomes.push(Value::from(outcome));
        }
        let otherwise = chosen.is_none();
        outcomes.push(json!({
            "type": "string", "value1": "", "operation": "equal", "value2": "",
            "isFulfilled": otherwise,
        }));
        Ok(Taken {
            input: Map::from_iter([("conditions".to_owned(), asked.into())]),
            output: Map::from_iter([("conditions".to_owned(), outcomes.into())]),
            next: Next::Ways(vec![chosen.unwrap_or(self.0.len())]),
            ..Taken::default()
        })
    }
}

fn holds(row: &Row) -> bool {
    let nothing = Value::from("");
    let (one, two) = (row.get("value1").unwrap_or(&nothing), row.get("value2").unwrap_or(&nothing));
    let operation = rows::text(row, "operation");
    let operation = if operation.is_empty() { "equal" } else { &operation };
    match rows::text(row, "type").as_str() {
        "number" => number_holds(operation, one, two),
        // A text that says `true` is no switch that is on.
        "boolean" => (one == two) == (operation != "notEqual"),
        _ => text_holds(operation, &text_of(one), &text_of(two)),
    }
}

fn text_of(value: &Value) -> String {
    if value.is_null() { String::new() } else { without_marks(&as_text(value)) }
}

fn text_holds(operation: &str, one: &str, two: &str) -> bool {
    match operation {
        "contains" => one.contains(two),
        "notContains" => !one.contains(two),
        "startsWith" => one.starts_with(two),
        "endsWith" => one.ends_with(two),
        "notEqual" => one != two,
        "regex" => Regex::new(two).is_ok_and(|it| it.is_match(one).unwrap_or(false)),
        "isEmpty" => one.is_empty(),
        "notEmpty" => !one.is_empty(),
        _ => one == two,
    }
}

#[expect(clippy::float_cmp, reason = "the author asks whether two numbers are the same")]
fn number_holds(operation: &str, one: &Value, two: &Value) -> bool {
    let is_empty = one.is_null() || one == "";
    let (one, two) = (number(one), number(two));
    match operation {
        "smaller" => one < two,
        "smallerEqual" => one <= two,
        "larger" => one > two,
        "largerEqual" => one >= two,
        "notEqual" => one != two,
        "isEmpty" => is_empty,
        "notEmpty" => !is_empty,
        _ => one == two,
    }
}

/// The number that a value begins with, as in `85%` or `7 items`; what begins with none counts as 0.
fn number(value: &Value) -> f64 {
    static NUMBER: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"));
    let begun = |text: &str| NUMBER.find(text.trim_start()).ok()??.as_str().parse().ok();
    let parsed = value.as_f64().or_else(|| begun(value.as_str()?));
    parsed.filter(|it: &f64| it.is_finite()).unwrap_or_default()
}

#[expect(clippy::unwrap_used, reason = "the patterns are written below and tried by the tests")]
fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

/// A text without the marks that models and the editor put around words: `**bold**`, `# heading`,
/// `- entry`, `` `code` ``, `_word_`, `[label](address)`.
fn without_marks(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim_start_matches('#').trim_start_matches("> ");
        let line = ["- ", "* ", "+ "].iter().find_map(|it| line.strip_prefix(it)).unwrap_or(line);
        let line = if line.len() < text.len() { line.trim_start() } else { line };
        let mut plain = line.to_owned();
        for mark in ["**", "__", "~~", "```", "`"] {
            // A mark alone is a sign of its own, such as in `2 ** 8`.
            if plain.matches(mark).count().is_multiple_of(2) {
                plain = plain.replace(mark, "");
            }
        }
        without_links(&without_emphasis(&plain))
    });
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// One star or underline before and behind words. With a space inside, or a letter outside, they are
/// signs of their own, as in `2 * 3` and `snake_case`.
fn without_emphasis(text: &str) -> String {
    static MARKED: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?<![\w*_])([*_])(?![\s*_])([^*_]*[^\s*_])\1(?![\w*_])"));
    MARKED.replace_all(text, "$2").into_owned()
}

fn without_links(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        let link = rest[start + 1..].split_once("](").and_then(|(label, after)| {
            let (_, after) = after.split_once(')')?;
            (!label.contains(['[', ']'])).then_some((label, after))
        });
        let Some((label, after)) = link else {
            plain.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        plain.push_str(&rest[..start]);
        plain.push_str(label);
        rest = after;
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn row(kind: &str, one: Value, operation: &str, two: Value) -> bool {
        let row = json!({"type": kind, "value1": one, "operation": operation, "value2": two});
        holds(row.as_object().unwrap())
    }

    #[rstest]
    #[case("a math question", "contains", "math", true)]
    #[case("a math question", "contains", "Math", false)]
    #[case("anything", "contains", "", true)]
    #[case("a", "notContains", "b", true)]
    #[case("**Yes**", "equal", "Yes", true)]
    #[case("# Yes", "equal", "Yes", true)]
    #[case("- Yes", "equal", "Yes", true)]
    #[case("see [here](https://example.com)", "endsWith", "see here", true)]
    #[case("2 ** 8", "equal", "2 ** 8", true)]
    #[case("2 * 3 * 4", "equal", "2 * 3 * 4", true)]
    #[case("_Hello_ *there*", "equal", "Hello there", true)]
    #[case("a_snake_case", "equal", "a_snake_case", true)]
    #[case("yes", "notEqual", "Yes", true)]
    #[case("order 42", "regex", "^order \\d+$", true)]
    #[case("order 42", "regex", "(?<!no )order", true)]
    #[case("order", "regex", "(", false)]
    #[case("", "isEmpty", "", true)]
    #[case("x", "notEmpty", "", true)]
    #[case("x", "", "x", true)]
    fn texts_are_compared(
        #[case] one: &str,
        #[case] operation: &str,
        #[case] two: &str,
        #[case] expected: bool,
    ) {
        assert_eq!(row("string", one.into(), operation, two.into()), expected);
    }

    #[rstest]
    #[case(json!("10"), "larger", json!(9), true)]
    #[case(json!(" 1.5 "), "equal", json!("1.50"), true)]
    #[case(json!("hot"), "equal", json!(0), true)]
    #[case(json!("85%"), "larger", json!("80"), true)]
    #[case(json!("7 items"), "equal", json!(7), true)]
    #[case(json!("-.5e1x"), "equal", json!(-5), true)]
    #[case(json!("1,000"), "larger", json!(5), false)]
    #[case(json!(3), "smallerEqual", json!(3), true)]
    #[case(json!(""), "isEmpty", json!(0), true)]
    #[case(json!(0), "notEmpty", json!(0), true)]
    #[case(json!(1), "notEqual", json!(1), false)]
    fn numbers_are_compared(
        #[case] one: Value,
        #[case] operation: &str,
        #[case] two: Value,
        #[case] expected: bool,
    ) {
        assert_eq!(row("number", one, operation, two), expected);
    }

    #[test]
    fn a_text_is_no_switch() {
        assert!(row("boolean", json!(true), "equal", json!(true)));
        assert!(!row("boolean", json!("true"), "equal", json!(true)));
        assert!(row("boolean", json!(true), "notEqual", json!(false)));
    }
}
