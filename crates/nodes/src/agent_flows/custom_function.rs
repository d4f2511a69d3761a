//! A step that runs JavaScript of the flow's author.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Field, Input, Inputs, Node, Result, Run, Spec, StateUpdate, Step, Taken,
    Turn, node::Entry,
};
use serde_json::{Map, Value, json};

use super::{
    lists,
    rows::{self, Row},
};
use crate::javascript::{self, Code};

const VARIABLE: Input<String> = Input::text("Variable Name", "variableName").placeholder("city");
const VARIABLE_VALUE: Input<String> =
    Input::text("Variable Value", "variableValue").accepts_variables();
const VARIABLES: Input<Option<Vec<Row>>> = Input::array(
    "Input Variables",
    "customFunctionInputVariables",
    &[VARIABLE.field, VARIABLE_VALUE.field],
)
.describe("Values for the code, which reads them as $name")
.accepts_variables()
.optional();
const CODE: Input<String> = {
    let mut it = Input::code("Javascript Function", "customFunctionJavascriptFunction")
        .describe("What the code returns is what the node gives");
    it.field.code_example = Some(EXAMPLE);
    it
};
const EXAMPLE: &str = "\
// What may be used:
// - $NAME, an entry of Input Variables
// - $flow.input, $flow.state.KEY, $flow.chatflowId, $flow.sessionId, $flow.chatId
// - $vars.NAME, a variable of the workspace
const words = $flow.input.trim().split(/\\s+/);
return `You wrote ${words.length} words.`;
";
const UPDATES: Input<Option<Vec<Row>>> = rows::updates("customFunctionUpdateState");

static SPEC: Spec = Spec {
    label: "Custom Function",
    name: "customFunctionAgentflow",
    version: 1.1,
    kind: "CustomFunction",
    icon: "custom-function.svg",
    category: "Agent Flows",
    description: "Runs your own JavaScript",
    color: Some("#E4B7FF"),
    base_classes: &["CustomFunction"],
    inputs: &[VARIABLES.field, CODE.field, UPDATES.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CustomFunction;

#[async_trait]
impl Node for CustomFunction {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Step(Arc::new(Function {
            variables: inputs.get(&VARIABLES)?.unwrap_or_default(),
            code: inputs.get(&CODE)?,
            updates: rows::state_updates(inputs, &UPDATES)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        lists::entries(&SPEC, method, inputs).await
    }
}

struct Function {
    variables: Vec<Row>,
    code: String,
    updates: Vec<StateUpdate>,
}

#[async_trait]
impl Step for Function {
    async fn take(&self, turn: &Turn<'_>) -> Result<Taken> {
        let mut code = Code::alone(self.code.clone());
        code.global("vars", turn.run.variables.clone().into());
        code.global("flow", flow(turn.run, turn.state));
        code.global("input", turn.run.question.clone().into());
        for row in &self.variables {
            let name = rows::text(row, "variableName");
            let name = name.trim().trim_start_matches('$');
            if name.is_empty() {
                continue;
            }
            if !is_name(name) {
                return Err(wrong_name(&VARIABLES.field, name));
            }
            code.global(name, typed(row.get("variableValue").unwrap_or(&Value::Null)));
        }
        let returned = javascript::run(code, &turn.run.services).await?;
        let content = match returned {
            Value::Null => {
                let said = "the code returned nothing that can be kept: end it with return and a value, \
                            such as a text, a number or an object (NaN is none)";
                return Err(Error::Script(said.to_owned()));
            }
            data @ (Value::Object(_) | Value::Array(_)) => {
                serde_json::to_string_pretty(&data).unwrap_or_default()
            }
            other => javascript::text(&other),
        };
        turn.run.events.token(&content).await;
        let input = Map::from_iter([
            ("inputVariables".to_owned(), json!(self.variables)),
            ("code".to_owned(), self.code.clone().into()),
        ]);
        Ok(Taken { updates: self.updates.clone(), ..Taken::text(input, content) })
    }
}

/// `$flow`, with the keys in the order that existing code may rely on.
fn flow(run: &Run, state: &Map<String, Value>) -> Value {
    json!({
        "input": run.question,
        "state": state,
        "chatflowId": run.flow_id,
        "sessionId": run.session_id,
        "chatId": run.chat_id,
        "rawOutput": "",
        "chatHistory": [],
        "sourceDocuments": [],
        "usedTools": [],
        "artifacts": [],
        "fileAnnotations": [],
    })
}

/// A value as code expects it: text that is a JSON object or list becomes one.
fn typed(value: &Value) -> Value {
    let Some(text) = value.as_str().map(str::trim) else { return value.clone() };
    let looks_like_json = (text.starts_with('{') && text.ends_with('}'))
        || (text.starts_with('[') && text.ends_with(']'));
    let parsed = looks_like_json.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| value.clone())
}

fn is_name(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(|it| it.is_alphabetic() || it == '_')
        && characters.all(|it| it.is_alphanumeric() || it == '_')
}

fn wrong_name(field: &Field, name: &str) -> Error {
    Error::invalid(
        field,
        format!("{name:?} is no name that code can use: letters, digits and _ are"),
    )
}
