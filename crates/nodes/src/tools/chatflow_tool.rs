//! A tool that asks another flow.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};

use super::flow_as_tool::{
    BASE_URL, CUSTOM_INPUT, DESCRIPTION, Kind, NAME, NEW_SESSION, OVERRIDES, RETURN_DIRECT,
    USE_QUESTION,
};

const SELECTED: Input<String> = Input::async_options("Select Chatflow", "selectedChatflow", METHOD);
const METHOD: &str = "listChatflows";

static SPEC: Spec = Spec {
    label: "Chatflow Tool",
    name: "ChatflowTool",
    version: 5.1,
    kind: "ChatflowTool",
    icon: "flow-tool.svg",
    category: "Tools",
    description: "Lets a model ask another flow of this workspace",
    base_classes: &["ChatflowTool", "Tool"],
    credential: Some(CredentialSlot::optional(&["chatflowApi"])),
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
    flows: &[],
    key: "chatflowApiKey",
    otherwise: "chatflow_tool",
};

/// The node.
pub(crate) struct ChatflowTool;

#[async_trait]
impl Node for ChatflowTool {
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
