//! A member that runs JavaScript of the flow's author.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec,
    sequence::{Acted, Acts, Duty, Scene},
};
use serde_json::{Map, Value};

use super::{BEFORE, Who, before, code, member, model_before, paths, returned};

const VARIABLES: Input<Option<Value>> = {
    let mut it = Input::json("Input Variables", "functionInputVariables")
        .describe("Values for the code, which reads them as $name")
        .accepts_variables()
        .optional();
    it.field.list = true;
    it
};
const NAME: Input<String> = Input::text("Function Name", "functionName").placeholder("My Function");
const CODE: Input<String> = {
    let mut it = Input::code("Javascript Function", "javascriptFunction")
        .describe("What the code returns is what the node gives");
    it.field.code_example = Some(EXAMPLE);
    it
};
const EXAMPLE: &str = "\
// What may be used:
// - $NAME, an entry of Input Variables
// - $flow.input, $flow.state.KEY, $flow.state.messages, $flow.sessionId, $flow.chatId
// - $vars.NAME, a variable of the workspace
const messages = $flow.state.messages;
return `There were ${messages.length} messages so far.`;
";

static SPEC: Spec = Spec {
    label: "Custom JS Function",
    name: "seqCustomFunction",
    version: 1.0,
    kind: "CustomFunction",
    icon: "custom-function.svg",
    category: "Sequential Agents",
    description: "Runs your own JavaScript",
    base_classes: &["CustomFunction"],
    inputs: &[VARIABLES.field, BEFORE.field, NAME.field, CODE.field, returned::AS.field],
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
        let before = before(inputs, &BEFORE)?;
        let variables = match inputs.get(&VARIABLES)? {
            None => Map::new(),
            Some(Value::Object(variables)) => variables,
            Some(other) => {
                let reason = format!("a JSON object of names and values is expected, not {other}");
                return Err(Error::invalid(&VARIABLES.field, reason));
            }
        };
        let code = inputs.get(&CODE)?;
        let answers_as = inputs.get(&returned::AS)?;
        let member = member(inputs, SPEC.name, &NAME, model_before(&before), |who| {
            Ok(Duty::Acts(Arc::new(Function { who: who.clone(), variables, code, answers_as })))
        })?;
        Ok(Capability::Member(member))
    }
}

struct Function {
    who: Who,
    variables: Map<String, Value>,
    code: String,
    answers_as: String,
}

#[async_trait]
impl Acts for Function {
    async fn act(&self, scene: &Scene<'_>) -> Result<Acted> {
        let variables = paths::values(&self.variables, scene)?;
        let variables = variables.into_iter().map(|(name, value)| (name, typed(value))).collect();
        let value = code::run(&self.code, scene, None, variables).await?;
        returned::acted(&self.answers_as, value, &self.who)
    }
}

/// A value as code expects it: text that is a JSON object becomes one.
fn typed(value: Value) -> Value {
    let Some(text) = value.as_str().map(str::trim) else { return value };
    let parsed = text.starts_with('{').then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or(value)
}
