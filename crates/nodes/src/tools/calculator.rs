//! Arithmetic, since models cannot be trusted with it.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec};
use serde_json::{Map, Value};

use super::arithmetic;

static SPEC: Spec = Spec {
    label: "Calculator",
    name: "calculator",
    version: 1.0,
    kind: "Calculator",
    icon: "calculator.svg",
    category: "Tools",
    description: "Works out mathematical expressions",
    base_classes: &["Calculator", "Tool", "StructuredTool", "Runnable"],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Calculator;

#[async_trait]
impl Node for Calculator {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(Evaluator::new())))
    }
}

/// The tool.
pub(crate) struct Evaluator {
    spec: ToolSpec,
}

impl Evaluator {
    /// The tool as models know it.
    pub(crate) fn new() -> Self {
        Self {
            spec: ToolSpec {
                name: "calculator".to_owned(),
                description: "Works out a mathematical expression, such as (2 + 3) * sqrt(16)."
                    .to_owned(),
                parameters: super::one_text("The expression"),
            },
        }
    }
}

#[async_trait]
impl Tool for Evaluator {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    /// A bad expression is an answer too: the model reads it and may try again.
    async fn call(&self, arguments: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
        let expression = arguments.get("input").and_then(Value::as_str).unwrap_or_default();
        let value = arithmetic::evaluate(expression);
        Ok(ToolResult::text(value.unwrap_or_else(|_| "I don't know how to do that.".to_owned())))
    }
}
