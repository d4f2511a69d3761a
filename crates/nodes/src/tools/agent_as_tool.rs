//! A tool that asks an agentflow.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};

use super::flow_as_tool::{
    BASE_URL, CUSTOM_INPUT, DESCRIPTION, Kind, NAME, NEW_SESSION, OVERRIDES, RETURN_DIRECT,
    USE_QUESTION,
};

const SELECTED: Input<String> = Input::async_options("Select Agent", "selectedAgentflow", METHOD);
const METHOD: &str = "listAgentflows";

static SPEC: Spec = Spec {
    label: "Agent as Tool",
    name: "agentAsTool",
    version: 1.0,
    kind: "AgentAsTool",
    icon: "flow-tool.svg",
    category: "Tools",
    description: "Lets a model ask an agentflow of this workspace",
    base_classes: &["AgentAsTool", "Tool"],
    credential: Some(CredentialSlot::optional(&["agentflowApi"])),
    inputs: &[
        SELECTED.field,
        NAME.field,
        DESCRIPTION.field,
        RETURN_DIRECT.field,
        OVERRIDES.field,
        BASE_URL.field,
        NEW_SESSION.field,
        USE_QUESTION.field,
        CUSTOM_INPUT.field,
    ],
    ..Spec::EMPTY
};

const KIND: Kind = Kind {
    selected: SELECTED,
    method: METHOD,
    flows: &["AGENTFLOW"],
    key: "agentflowApiKey",
    otherwise: "agent_tool",
};

/// The node.
pub(crate) struct AgentAsTool;

#[async_trait]
impl Node for AgentAsTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        KIND.tool(inputs)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        KIND.options(method, inputs).await
    }
}
