//! A value, or an answer, from JavaScript.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Answer, Capability, Input, Inputs, Node, Output, Result, Run, Runnable, Spec, Tool,
    spec::Output as Socket,
};
use serde_json::{Map, Value};

use super::VARIABLES;
use crate::javascript::{self, Code};

const NAME: Input<Option<String>> =
    Input::text("Function Name", "functionName").placeholder("Name the function").optional();
const TOOLS: Input<Vec<Arc<dyn Tool>>> = {
    let mut it = Input::sockets("Additional Tools", "tools", "Tool")
        .describe("Tools for the code: await $tools.calculator.invoke({input: \"2 + 3\"})");
    it.field.optional = true;
    it
};
const CODE: Input<String> = {
    let mut it = Input::code("Javascript Function", "javascriptFunction");
    it.field.code_example = Some(EXAMPLE);
    it
};
const EXAMPLE: &str = "\
// What may be used:
// - $input, the question
// - $flow.chatflowId, $flow.sessionId, $flow.chatId, $flow.input
// - $vars.NAME, a variable of the workspace
// - $NAME, an entry of Input Variables
// What is returned is handed on.
const words = $input.trim().split(/\\s+/);
return `You wrote ${words.length} words.`;
";

static SPEC: Spec = Spec {
    label: "Custom JS Function",
    name: "customFunction",
    version: 3.0,
    kind: "CustomFunction",
    icon: "custom-function.svg",
    category: "Utilities",
    description: "Runs your own JavaScript",
    base_classes: &["CustomFunction", "Utilities"],
    tags: &["Utilities"],
    inputs: &[VARIABLES.field, NAME.field, TOOLS.field, CODE.field],
    outputs: &[
        Socket {
            label: "Output",
            name: "output",
            base_classes: &["string", "number", "boolean", "json", "array"],
            description: Some("What the code returns, for another node"),
        },
        Socket {
            label: "Ending Node",
            name: ENDING,
            base_classes: &["CustomFunction"],
            description: Some("What the code returns is the answer"),
        },
    ],
    ..Spec::EMPTY
};

/// The output by which the function ends the flow.
const ENDING: &str = "EndingNode";

/// The node.
pub(crate) struct CustomFunction;

#[async_trait]
impl Node for CustomFunction {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let function = Function::from_form(inputs)?;
        if inputs.output == ENDING {
            return Ok(Capability::Runnable(Arc::new(function)));
        }
        let run = inputs.run()?;
        Ok(Capability::Value(function.call(&run.question, run).await?))
    }

    fn depends_on_run(&self, output: &str) -> bool {
        output != ENDING
    }

    /// What code returns is known only whole.
    fn streams(&self, _: &Map<String, Value>) -> bool {
        false
    }
}

struct Function {
    code: String,
    variables: Map<String, Value>,
    tools: Vec<Arc<dyn Tool>>,
}

impl Function {
    fn from_form(inputs: &Inputs) -> Result<Self> {
        let variables = super::variables(inputs)?;
        Ok(Self { code: inputs.get(&CODE)?, variables, tools: inputs.get(&TOOLS)? })
    }

    async fn call(&self, input: &str, run: &Run) -> Result<Value> {
        let mut code = Code::new(self.code.clone(), run);
        code.global("input", input.into());
        for (name, value) in &self.variables {
            code.global(name, value.clone());
        }
        for tool in &self.tools {
            code.tool(tool, run);
        }
        javascript::run(code, run.services.as_ref()).await
    }
}

#[async_trait]
impl Runnable for Function {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        let answer = match self.call(input, run).await? {
            data @ (Value::Object(_) | Value::Array(_)) => Answer::Json(data),
            other => Answer::Text(javascript::text(&other)),
        };
        Ok(Output { answer, ..Output::default() })
    }
}
