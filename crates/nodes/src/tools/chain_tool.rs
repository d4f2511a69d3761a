//! A chain that a model may ask.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Run, Runnable, Spec, Tool, ToolResult, ToolSpec,
};
use serde_json::{Map, Value};

const NAME: Input<String> = Input::text("Chain Name", "name")
    .describe("What the model calls the tool: a name that says what it knows")
    .placeholder("holiday_rules");
const DESCRIPTION: Input<String> = Input::text("Chain Description", "description")
    .rows(3)
    .describe("Tells the model when to ask the chain")
    .placeholder("Answers questions on holidays and days off");
const RETURN_DIRECT: Input<bool> = Input::flag("Return Direct", "returnDirect")
    .describe("What the chain says is the answer: the model is not asked again")
    .may_be_empty();
const CHAIN: Input<Arc<dyn Runnable>> = Input::socket("Base Chain", "baseChain", "BaseChain");

static SPEC: Spec = Spec {
    label: "Chain Tool",
    name: "chainTool",
    version: 1.0,
    kind: "ChainTool",
    icon: "chain-tool.svg",
    category: "Tools",
    description: "Lets a model ask a chain",
    base_classes: &["ChainTool", "DynamicTool", "Tool", "StructuredTool", "Runnable"],
    inputs: &[NAME.field, DESCRIPTION.field, RETURN_DIRECT.field, CHAIN.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ChainTool;

#[async_trait]
impl Node for ChainTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Asking {
            spec: ToolSpec {
                name: super::name_for_models(&inputs.get(&NAME)?, "chain"),
                description: inputs.get(&DESCRIPTION)?,
                parameters: super::one_text("What to ask the chain, as a complete question"),
            },
            chain: inputs.get(&CHAIN)?,
            returns_directly: inputs.get(&RETURN_DIRECT)?,
        })))
    }
}

/// Asks what ends a flow elsewhere.
pub(super) struct Asking {
    /// What the model is told.
    pub(super) spec: ToolSpec,
    /// What is asked.
    pub(super) chain: Arc<dyn Runnable>,
    /// Whether its answer is the agent's.
    pub(super) returns_directly: bool,
}

#[async_trait]
impl Tool for Asking {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn returns_directly(&self) -> bool {
        self.returns_directly
    }

    /// What the chain says on its way is no part of the answer.
    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let question = super::text_of(arguments, "input")?;
        let said = self.chain.run(question, &run.silenced()).await?;
        Ok(ToolResult {
            text: said.answer.to_text(),
            source_documents: said.source_documents.unwrap_or_default(),
            artifacts: said.artifacts,
        })
    }
}
