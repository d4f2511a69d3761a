//! The value that was kept under a name in this run.

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Spec, spec::Output as Socket};
use serde_json::{Map, Value};

use super::VARIABLE_NAME;

static SPEC: Spec = Spec {
    label: "Get Variable",
    name: "getVariable",
    version: 2.0,
    kind: "GetVariable",
    icon: "get-variable.svg",
    category: "Utilities",
    description: "Hands on what a Set Variable node kept; nothing where none did",
    base_classes: &["GetVariable", "Utilities"],
    tags: &["Utilities"],
    inputs: &[VARIABLE_NAME.field],
    outputs: &[Socket {
        label: "Output",
        name: "output",
        base_classes: &["string", "number", "boolean", "json", "array"],
        description: Some("The value"),
    }],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct GetVariable;

#[async_trait]
impl Node for GetVariable {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let name = inputs.get(&VARIABLE_NAME)?;
        let value = inputs.run()?.state.get(name.trim());
        Ok(Capability::Value(value.unwrap_or_default()))
    }

    fn depends_on_run(&self, _: &str) -> bool {
        true
    }

    fn gets_variable<'a>(&self, values: &'a Map<String, Value>) -> Option<&'a str> {
        let name = values.get(VARIABLE_NAME.field.name)?.as_str()?.trim();
        (!name.is_empty()).then_some(name)
    }
}
