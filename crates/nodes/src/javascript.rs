//! Code written by users: what it is given to see, and running it in the sandbox.

use std::sync::Arc;

use flowstone_core::{Error, Result, Run, Services, Tool};
use flowstone_sandbox::{HostFunction, Sandbox, Script};
use serde_json::{Map, Value};

/// A piece of code with all it may see.
pub(crate) struct Code(Script);

impl Code {
    /// The body of an async function that sees `$vars` and `$flow` of a run.
    pub(crate) fn new(code: String, run: &Run) -> Self {
        let mut it = Self::alone(code);
        it.global("vars", run.variables.clone().into());
        it.global("flow", run.flow_variables().into());
        it
    }

    /// The body of an async function that sees nothing of any run.
    pub(crate) fn alone(code: String) -> Self {
        Self(Script { code, ..Script::default() })
    }

    /// Lets it read `$name`.
    pub(crate) fn global(&mut self, name: &str, value: Value) {
        self.0.globals.insert(format!("${name}"), value);
    }

    /// Lets it call a tool, by any of the three names that existing code uses.
    pub(crate) fn tool(&mut self, tool: &Arc<dyn Tool>, run: &Run) {
        let function: Arc<dyn HostFunction> = {
            let (tool, run) = (tool.clone(), run.silenced());
            Arc::new(move |arguments: Vec<Value>| {
                let (tool, run) = (tool.clone(), run.clone());
                async move { call(tool.as_ref(), arguments, &run).await }
            })
        };
        for method in ["invoke", "call", "_call"] {
            let name = format!("$tools.{}.{method}", tool.spec().name);
            self.0.functions.insert(name, function.clone());
        }
    }
}

/// Runs code to its end; what it returns is the value.
///
/// # Errors
/// [`Error::Script`] with what the code threw; [`Error::Unsupported`] where this installation runs
/// no JavaScript.
pub(crate) async fn run(code: Code, services: &Services) -> Result<Value> {
    let sandbox = services.get::<Sandbox>()?;
    let outcome = sandbox.run(code.0).await.map_err(|error| Error::Script(error.to_string()))?;
    Ok(outcome.value)
}

/// A returned value where text is needed: text as it is, nothing for null, anything else as JSON.
pub(crate) fn text(value: &Value) -> String {
    crate::prompt_format::as_text(value)
}

/// Code calls a tool with an object of arguments, or with the text of its only one.
async fn call(tool: &dyn Tool, arguments: Vec<Value>, run: &Run) -> Result<Value, String> {
    let arguments = match arguments.into_iter().next() {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(arguments)) => arguments,
        Some(only) => Map::from_iter([(first_argument(tool), only)]),
    };
    let result = tool.call(&arguments, run).await.map_err(|error| error.to_string())?;
    Ok(result.text.into())
}

fn first_argument(tool: &dyn Tool) -> String {
    let properties = tool.spec().parameters["properties"].as_object();
    properties.and_then(|it| it.keys().next()).map_or("input", String::as_str).to_owned()
}

#[cfg(test)]
mod tests {
    use flowstone_core::{Answer, Capability, Inputs, Node, services::CustomTool as StoredTool};
    use flowstone_testkit::Ports;
    use serde_json::json;

    use super::*;
    use crate::{
        prompts::chat_prompt_template::ChatPromptTemplate,
        testing::{form, plug, with_clients},
        tools::{calculator::Evaluator, custom_tool::CustomTool},
        utilities::custom_function::CustomFunction,
    };

    async fn function(values: &Value, question: &str) -> Result<Value> {
        let (mut run, _receiver) = crate::testing::run(question);
        run.variables.insert("city".to_owned(), "Lima".into());
        let mut form = form(values);
        form.run = Some(run);
        plug(&mut form, "tools", Capability::Tool(Arc::new(Evaluator::new())));
        match CustomFunction.init(&form).await? {
            Capability::Value(value) => Ok(value),
            other => panic!("a {} instead of a value", other.kind()),
        }
    }

    #[tokio::test]
    async fn a_function_sees_input_flow_variables_and_tools() {
        for (code, expected) in [
            ("return $input + '!'", json!("hey!")),
            ("return 'fn:' + $flow.input", json!("fn:hey")),
            ("return [$flow.sessionId, $vars.city]", json!(["session", "Lima"])),
            ("return $a + 1", json!(2)),
            ("return await $tools.calculator.invoke({input: '2+3'})", json!("5")),
            ("return await $tools.calculator.call('6*7')", json!("42")),
            ("const x = 1", json!(null)),
        ] {
            let values =
                json!({"javascriptFunction": code, "functionInputVariables": "{\"a\": 1}"});
            assert_eq!(function(&values, "hey").await.unwrap(), expected, "{code}");
        }
    }

    #[tokio::test]
    async fn what_code_throws_is_told_with_its_line() {
        let values = json!({"javascriptFunction": "\nthrow new Error('boom')"});
        let said = function(&values, "").await.unwrap_err().to_string();
        assert!(said.contains("boom") && said.contains("line 2"), "{said}");
        let values = json!({"javascriptFunction": "return ((("});
        assert!(matches!(function(&values, "").await, Err(Error::Script(_))));
    }

    #[tokio::test]
    async fn a_function_can_end_a_flow() {
        for (code, expected) in [
            ("return 'fn:' + $flow.input", Answer::Text("fn:hey".to_owned())),
            ("return 5", Answer::Text("5".to_owned())),
            ("return {a: 1}", Answer::Json(json!({"a": 1}))),
        ] {
            let mut form = form(&json!({"javascriptFunction": code}));
            form.output = "EndingNode".to_owned();
            let Ok(Capability::Runnable(ending)) = CustomFunction.init(&form).await else {
                panic!("no runnable")
            };
            let (run, _receiver) = crate::testing::run("hey");
            assert_eq!(ending.run("hey", &run).await.unwrap().answer, expected);
        }
    }

    const SHOUT_ROWS: &str = r#"[
        {"id": 1, "property": "word", "type": "string", "description": "w", "required": true},
        {"id": 2, "property": "times", "type": "number", "description": "", "required": false}
    ]"#;

    /// A form over a workspace with the tool `shout out`.
    fn tool_form(values: &Value) -> Inputs {
        let ports = Ports::default();
        ports.custom_tools.store(
            "w",
            StoredTool {
                id: "1".to_owned(),
                name: "shout out".to_owned(),
                description: "shouts".to_owned(),
                schema: SHOUT_ROWS.to_owned(),
                code: "return $word.toUpperCase() + '!'.repeat($times ?? 1) + $vars.city"
                    .to_owned(),
            },
        );
        let mut form = form(values);
        form.workspace = "w".to_owned();
        form.services = with_clients(ports.services());
        form
    }

    async fn tool(values: &Value) -> Result<Arc<dyn Tool>> {
        match CustomTool.init(&tool_form(values)).await? {
            Capability::Tool(tool) => Ok(tool),
            other => panic!("a {} instead of a tool", other.kind()),
        }
    }

    #[tokio::test]
    async fn a_stored_tool_runs_its_code_on_the_arguments() {
        let tool = tool(&json!({"selectedTool": "1", "returnDirect": true})).await.unwrap();
        assert_eq!(tool.spec().name, "shout_out");
        assert!(tool.returns_directly());
        assert_eq!(tool.spec().parameters["required"], json!(["word"]));
        assert_eq!(tool.spec().parameters["properties"]["times"]["type"], "number");
        let (mut run, _receiver) = crate::testing::run("");
        run.variables.insert("city".to_owned(), "Lima".into());
        let arguments = json!({"word": "hi", "times": 2});
        let made = tool.call(arguments.as_object().unwrap(), &run).await.unwrap();
        assert_eq!(made.text, "HI!!Lima");
        let arguments = json!({"word": "hi"});
        let made = flowstone_testkit::contract::tool::suite(tool.as_ref(), &arguments, &run).await;
        assert_eq!(made.text, "HI!Lima");
    }

    #[tokio::test]
    async fn a_call_may_bring_its_own_name_code_and_schema() {
        for schema in [
            r#"[{"property":"city","type":"string","description":"where","required":true}]"#,
            r#"{"type":"object","properties":{"city":{"type":"string","description":"where"}},
                "required":["city"]}"#,
            "z.object({ city: z.string().min(1).describe('where') })",
        ] {
            let values = json!({
                "selectedTool": "1", "customToolName": "weather", "customToolDesc": "weather of",
                "customToolSchema": schema, "customToolFunc": "return $city",
            });
            let tool = tool(&values).await.unwrap();
            assert_eq!(tool.spec().name, "weather");
            let expected = json!({"type": "string", "description": "where"});
            assert_eq!(tool.spec().parameters["properties"]["city"], expected, "{schema}");
            assert_eq!(tool.spec().parameters["required"], json!(["city"]), "{schema}");
        }
    }

    #[tokio::test]
    async fn tools_are_listed_and_a_missing_one_is_told() {
        let listed = CustomTool.options("listTools", &tool_form(&json!({}))).await.unwrap();
        assert_eq!((listed[0].name.as_str(), listed[0].label.as_str()), ("1", "shout out"));
        let said = tool(&json!({"selectedTool": "gone"})).await.err().unwrap().to_string();
        assert_eq!(said, "Select Tool: the chosen tool is gone: choose another one");
        let said = tool(&json!({"selectedTool": "1", "customToolSchema": "z.string()"})).await;
        assert!(said.err().unwrap().to_string().contains("z.object({…})"));
    }

    #[tokio::test]
    async fn code_may_add_messages_to_a_prompt() {
        use flowstone_core::{Message, PromptPart, Role};

        let code = "const { AIMessage, HumanMessage, ToolMessage } = \
                    require('@langchain/core/messages');
            return [
              new HumanMessage('2+3?'),
              new AIMessage({ content: '', tool_calls: [{ id: 'a', name: 'add', args: {} }] }),
              new ToolMessage({ tool_call_id: 'a', content: '5' }),
              { role: 'assistant', content: 'five' },
            ];";
        let form = form(&json!({
            "systemMessagePrompt": "Be {mood}.", "humanMessagePrompt": "{text}",
            "messageHistoryCode": code,
        }));
        let Ok(Capability::Prompt(prompt)) = ChatPromptTemplate.init(&form).await else { panic!() };
        assert_eq!(prompt.parts.len(), 6);
        assert_eq!(prompt.parts[1], PromptPart::Fixed(Message::user("2+3?")));
        let PromptPart::Fixed(call) = &prompt.parts[2] else { panic!() };
        assert_eq!((call.role, call.tool_calls[0].name.as_str()), (Role::Assistant, "add"));
        assert_eq!(prompt.parts[3], PromptPart::Fixed(Message::tool("a", "5")));
        assert_eq!(prompt.parts[4], PromptPart::Fixed(Message::assistant("five")));
    }
}
