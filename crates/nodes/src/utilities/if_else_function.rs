//! Two ways on, of which JavaScript chooses one.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::Output as Socket};
use serde_json::{Map, Value};

use super::VARIABLES;
use crate::javascript::{self, Code};

const NAME: Input<Option<String>> =
    Input::text("IfElse Name", "functionName").placeholder("Is it a complaint?").optional();
const IF: Input<String> = Input::code("If Function", "ifFunction")
    .rows(2)
    .default("if (\"hello\" == \"hello\") {\n    return true;\n}")
    .describe("What it returns is handed on by True, unless it is nothing, false, 0 or empty");
const ELSE: Input<String> = Input::code("Else Function", "elseFunction")
    .rows(2)
    .default("return false;")
    .describe("Runs where the first function returned nothing; handed on by False");

/// What either way may be plugged into.
const VALUES: &[&str] = &["string", "number", "boolean", "json", "array"];
const TRUE: &str = "returnTrue";
const FALSE: &str = "returnFalse";

static SPEC: Spec = Spec {
    label: "IfElse Function",
    name: "ifElseFunction",
    version: 2.0,
    kind: "IfElseFunction",
    icon: "if-else.svg",
    category: "Utilities",
    description: "Goes on one of two ways, as your own JavaScript decides",
    base_classes: &["IfElseFunction", "Utilities"],
    tags: &["Utilities"],
    inputs: &[VARIABLES.field, NAME.field, IF.field, ELSE.field],
    anchors: &[
        Socket {
            label: "True",
            name: TRUE,
            base_classes: VALUES,
            description: Some("What the first function returned"),
        },
        Socket {
            label: "False",
            name: FALSE,
            base_classes: VALUES,
            description: Some("What the second function returned"),
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct IfElseFunction;

#[async_trait]
impl Node for IfElseFunction {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let variables = super::variables(inputs)?;
        let value = returned(inputs, inputs.get(&IF)?, &variables).await?;
        if counts(&value) {
            return Ok(Capability::Chosen { output: TRUE, value });
        }
        let value = returned(inputs, inputs.get(&ELSE)?, &variables).await?;
        Ok(Capability::Chosen { output: FALSE, value })
    }

    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
}

async fn returned(inputs: &Inputs, code: String, variables: &Map<String, Value>) -> Result<Value> {
    let run = inputs.run()?;
    let mut code = Code::new(code, run);
    code.global("input", run.question.clone().into());
    for (name, value) in variables {
        code.global(name, value.clone());
    }
    javascript::run(code, run.services.as_ref()).await
}

/// What JavaScript takes for true.
fn counts(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    async fn chosen(values: Value) -> Result<(&'static str, Value)> {
        let mut form = form(&values);
        let (run, _receiver) = crate::testing::run("hi");
        form.run = Some(run);
        match IfElseFunction.init(&form).await? {
            Capability::Chosen { output, value } => Ok((output, value)),
            other => panic!("a {} instead of a choice", other.kind()),
        }
    }

    #[tokio::test]
    async fn the_first_function_decides() {
        let variables = r#"{"n": 3, "data": "{\"a\": 1}"}"#;
        for (first, second, expected) in [
            ("return $input", "return 1", (TRUE, json!("hi"))),
            ("return $n > 5 ? 'big' : ''", "return 'small'", (FALSE, json!("small"))),
            ("return $data.a", "", (TRUE, json!(1))),
            ("const x = 1", "return 0", (FALSE, json!(0))),
        ] {
            let values = json!({
                "functionInputVariables": variables, "ifFunction": first,
                "elseFunction": if second.is_empty() { "return false" } else { second },
            });
            assert_eq!(chosen(values).await.unwrap(), expected, "{first}");
        }
        assert_eq!(chosen(json!({})).await.unwrap(), (TRUE, json!(true)));
    }

    #[tokio::test]
    async fn what_the_code_throws_is_told() {
        let said = chosen(json!({"ifFunction": "throw new Error('boom')"})).await.unwrap_err();
        assert!(said.to_string().contains("boom"), "{said}");
    }
}
