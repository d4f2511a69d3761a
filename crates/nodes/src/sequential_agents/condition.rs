//! A fork that compares values of the state.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec,
    sequence::{Chooses, Duty, Member, Scene, routing_name},
    spec::{Column, Field, Suggestion},
};

use super::{
    before,
    branches::{self, Branches},
    model_before,
};

const NAME: Input<Option<String>> =
    Input::text("Condition Name", "conditionName").placeholder("Is it answered?").optional();
/// What a fork comes behind.
pub(super) const BEFORE: Input<Vec<Arc<Member>>> = Input::of(
    "Sequential Node",
    "sequentialNode",
    "Start | Agent | LLMNode | ToolNode | CustomFunction | ExecuteFlow",
)
.list()
.describe("The nodes after which the flow forks");

const COLUMNS: &[Column] = &branches::columns(&[
    Suggestion::new("$flow.state.messages.length", "Total Messages (number)"),
    Suggestion::new("$flow.state.messages[0].content", "First Message Content (string)"),
    Suggestion::new("$flow.state.messages[-1].content", "Last Message Content (string)"),
    Suggestion::new("$vars.<variable-name>", "Global variable (string)"),
]);
const TABS: &[Field] = &branches::tabs(COLUMNS);

static SPEC: Spec = Spec {
    label: "Condition",
    name: "seqCondition",
    version: 2.1,
    kind: "Condition",
    icon: "agentflow-condition.svg",
    category: "Sequential Agents",
    description: "Goes one of several ways, by comparing values",
    base_classes: &["Condition"],
    inputs: &[NAME.field, BEFORE.field, branches::row(TABS)],
    anchors: branches::WAYS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Condition;

#[async_trait]
impl Node for Condition {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let before = before(inputs, &BEFORE)?;
        let label = inputs.get(&NAME)?.unwrap_or_default();
        Ok(Capability::Member(Arc::new(Member {
            node_id: inputs.node_id.clone(),
            kind: SPEC.name,
            name: routing_name(&label),
            label,
            duty: Duty::Chooses(Arc::new(Fork(Branches::from_form(inputs)?))),
            model: model_before(&before),
        })))
    }
}

struct Fork(Branches);

#[async_trait]
impl Chooses for Fork {
    async fn choose(&self, scene: &Scene<'_>) -> Result<String> {
        self.0.choose(scene, None).await
    }
}
