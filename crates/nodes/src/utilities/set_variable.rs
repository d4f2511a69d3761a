//! Keeps a value under a name for the time of the run.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::VariableSet, spec::Output as Socket,
};
use serde_json::{Map, Value};

use super::VARIABLE_NAME;

const INPUT: Input<Vec<Value>> = {
    let mut it = Input::of("Input", "input", "string | number | boolean | json | array");
    it.field.list = true;
    it.field.optional = true;
    it
};
const SHOW_OUTPUT: Input<bool> = Input::flag("Show Output", "showOutput")
    .describe("Tells the value with the answer, among its flow variables")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "Set Variable",
    name: "setVariable",
    version: 2.1,
    kind: "SetVariable",
    icon: "set-variable.svg",
    category: "Utilities",
    description: "Keeps a value under a name while a question is answered",
    base_classes: &["SetVariable", "Utilities"],
    tags: &["Utilities"],
    inputs: &[INPUT.field, VARIABLE_NAME.field, SHOW_OUTPUT.field],
    outputs: &[Socket {
        label: "Output",
        name: "output",
        base_classes: &["string", "number", "boolean", "json", "array"],
        description: Some("The value itself"),
    }],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SetVariable;

#[async_trait]
impl Node for SetVariable {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let name = inputs.get(&VARIABLE_NAME)?;
        let mut values = inputs.get(&INPUT)?;
        let value = match values.len() {
            0 => Value::Null,
            1 => values.remove(0),
            _ => Value::Array(values),
        };
        inputs.run()?.state.set(name.trim(), value.clone());
        Ok(Capability::Value(value))
    }

    fn depends_on_run(&self, _: &str) -> bool {
        true
    }

    fn sets_variable<'a>(&self, values: &'a Map<String, Value>) -> Option<VariableSet<'a>> {
        let name = values.get(VARIABLE_NAME.field.name)?.as_str()?.trim();
        let shown = values.get(SHOW_OUTPUT.field.name);
        let is_told = shown.is_some_and(|it| *it == true || it == "true");
        (!name.is_empty()).then_some(VariableSet { name, is_told })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        testing::{form, plug},
        utilities::get_variable::GetVariable,
    };

    async fn value(node: &dyn Node, form: &Inputs) -> Value {
        let Ok(Capability::Value(value)) = node.init(form).await else { panic!("no value") };
        value
    }

    #[tokio::test]
    async fn what_is_set_is_read_in_the_same_run() {
        let (run, _receiver) = crate::testing::run("hi");
        let (other, _other) = crate::testing::run("hi");
        let named = || {
            let mut form = form(&json!({"variableName": " city "}));
            form.run = Some(run.clone());
            form
        };
        assert_eq!(value(&GetVariable, &named()).await, json!(null));
        for (plugged, expected) in [
            (vec![json!("Lima")], json!("Lima")),
            (vec![json!(1), json!({"a": 2})], json!([1, {"a": 2}])),
            (vec![], json!(null)),
        ] {
            let mut form = named();
            for it in plugged {
                plug(&mut form, "input", Capability::Value(it));
            }
            assert_eq!(value(&SetVariable, &form).await, expected);
            assert_eq!(value(&GetVariable, &named()).await, expected);
        }
        let mut elsewhere = named();
        elsewhere.run = Some(other);
        assert_eq!(value(&GetVariable, &elsewhere).await, json!(null));
    }

    #[test]
    fn the_engine_is_told_which_variables_are_set_and_read() {
        let values = json!({"variableName": " city ", "showOutput": "true"});
        let values = values.as_object().unwrap();
        let set = VariableSet { name: "city", is_told: true };
        assert_eq!(SetVariable.sets_variable(values), Some(set));
        assert_eq!(GetVariable.gets_variable(values), Some("city"));
        assert_eq!(SetVariable.sets_variable(&Map::new()), None);
    }
}
