//! An engine that a model, or another engine, may ask.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Runnable, Spec, ToolSpec};

use super::chain_tool::Asking;

const ENGINE: Input<Arc<dyn Runnable>> =
    Input::socket("Base QueryEngine", "baseQueryEngine", "BaseQueryEngine");
const NAME: Input<String> = Input::text("Tool Name", "toolName")
    .describe("What the model calls the tool: a name that says what the engine knows")
    .placeholder("annual_reports");
const DESCRIPTION: Input<String> = Input::text("Tool Description", "toolDesc")
    .rows(4)
    .describe("Tells the model when to ask the engine")
    .placeholder("Answers questions on the annual reports of the last five years");

static SPEC: Spec = Spec {
    label: "QueryEngine Tool",
    name: "queryEngineToolLlamaIndex",
    version: 2.0,
    kind: "QueryEngineTool",
    icon: "retriever-tool.svg",
    category: "Tools",
    description: "Lets a model ask a query engine",
    base_classes: &["QueryEngineTool", "Tool_LlamaIndex"],
    badge: Some("DEPRECATING"),
    tags: &["LlamaIndex"],
    inputs: &[ENGINE.field, NAME.field, DESCRIPTION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct QueryEngineTool;

#[async_trait]
impl Node for QueryEngineTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Asking {
            spec: ToolSpec {
                name: super::name_for_models(&inputs.get(&NAME)?, "engine"),
                description: inputs.get(&DESCRIPTION)?,
                parameters: super::one_text("What to ask the engine, as a complete question"),
            },
            chain: inputs.get(&ENGINE)?,
            returns_directly: false,
        })))
    }
}
