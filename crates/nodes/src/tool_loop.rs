//! The loop of an agent: the model calls tools until it has an answer.

use std::sync::Arc;

use flowstone_core::{
    Answer, ChatModel, ChatReply, ChatRequest, Document, Event, Input, Inputs, Message, Output,
    Result, Run, Tool, ToolCall, ToolSpec, UsedTool,
};
use futures::future::join_all;
use serde_json::{Map, Value};

use crate::{moderation, tool_names::told_apart};

/// How many times a model may call tools where the form does not say.
pub(crate) const DEFAULT_ROUNDS: u64 = 15;

/// How far an agent may go.
pub(crate) const MAX_ITERATIONS: Input<Option<u64>> =
    Input::whole("Max Iterations", "maxIterations")
        .describe(
            "How many times the agent may call tools before it must answer; 15 where it is empty",
        )
        .additional()
        .optional();

/// Reads [`MAX_ITERATIONS`].
pub(crate) fn rounds(inputs: &Inputs) -> Result<u64> {
    Ok(inputs.get(&MAX_ITERATIONS)?.filter(|it| *it > 0).unwrap_or(DEFAULT_ROUNDS))
}

/// Tools that a model may call by name.
pub(crate) struct Toolbox {
    tools: Vec<Arc<dyn Tool>>,
    specs: Vec<ToolSpec>,
}

impl Toolbox {
    /// These tools, [told apart](told_apart).
    pub(crate) fn new(tools: Vec<Arc<dyn Tool>>) -> Self {
        let tools = told_apart(tools);
        let specs = tools.iter().map(|it| it.spec().clone()).collect();
        Self { tools, specs }
    }

    /// What models are told of them.
    pub(crate) fn specs(&self) -> &[ToolSpec] {
        &self.specs
    }

    /// Their names with commas, for messages.
    pub(crate) fn names(&self) -> String {
        let names: Vec<&str> = self.specs.iter().map(|it| it.name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }

    /// Runs one call. What goes wrong is told to the model, which may do better.
    pub(crate) async fn call(&self, call: &ToolCall, run: &Run) -> Done {
        let arguments = match read_arguments(&call.arguments) {
            Ok(arguments) => arguments,
            Err(reason) => return Done::failed(call, call.arguments.clone().into(), reason),
        };
        let input = Value::from(arguments.clone());
        let Some(tool) = self.tools.iter().find(|it| it.spec().name == call.name) else {
            let reason = format!("There is no tool {}. The tools are: {}", call.name, self.names());
            return Done::failed(call, input, reason);
        };
        if let Some(reason) = misfit(&arguments, &tool.spec().parameters) {
            return Done::failed(call, input, reason);
        }
        match tool.call(&arguments, run).await {
            Err(error) => Done::failed(call, input, error.to_string()),
            Ok(result) => Done {
                told: result.text.clone(),
                answers: tool.returns_directly(),
                used: UsedTool {
                    tool: call.name.clone(),
                    tool_input: input,
                    tool_output: result.text.into(),
                    source_documents: result.source_documents,
                    artifacts: result.artifacts,
                    error: None,
                },
            },
        }
    }
}

/// A model, its tools and how far it may go.
pub(crate) struct ToolLoop {
    model: Arc<dyn ChatModel>,
    tools: Toolbox,
    rounds: u64,
    tells_each_round: bool,
}

impl ToolLoop {
    /// An agent that may call tools in up to `rounds` turns. With `tells_each_round` the tools
    /// used so far are told after every one of them, not only at the end.
    pub(crate) fn new(
        model: Arc<dyn ChatModel>,
        tools: Vec<Arc<dyn Tool>>,
        rounds: u64,
        tells_each_round: bool,
    ) -> Self {
        Self { model, tools: Toolbox::new(tools), rounds, tells_each_round }
    }

    /// Asks the model, runs the tools it calls, and so on until it answers.
    pub(crate) async fn run(&self, messages: Vec<Message>, run: &Run) -> Result<Output> {
        self.run_on(messages, Vec::new(), run).await
    }

    /// The same for an answer that stands on passages which were found before.
    pub(crate) async fn run_on(
        &self,
        mut messages: Vec<Message>,
        sources: Vec<Document>,
        run: &Run,
    ) -> Result<Output> {
        let mut result = Progress { sources, ..Progress::default() };
        for _ in 0..self.rounds {
            let request = ChatRequest {
                messages: messages.clone(),
                tools: self.tools.specs().to_vec(),
                ..ChatRequest::default()
            };
            let reply = self.model.chat(&request, &run.events).await?;
            result.heard(&reply);
            if reply.tool_calls.is_empty() {
                return Ok(result.finish(reply.text, run).await);
            }
            messages.push(reply.to_message());
            let calls = reply.tool_calls.iter().map(|call| self.tools.call(call, run));
            let mut direct = None;
            for (call, done) in reply.tool_calls.iter().zip(join_all(calls).await) {
                if done.answers && direct.is_none() {
                    direct = Some(done.told.clone());
                }
                messages.push(Message::tool(&call.id, done.told));
                result.used(done.used);
            }
            if let Some(text) = direct {
                moderation::tell(&text, &run.events).await;
                return Ok(result.finish(text, run).await);
            }
            if self.tells_each_round {
                run.events.emit(Event::UsedTools(result.output.used_tools.clone())).await;
            }
        }
        let text = gave_up(self.rounds);
        moderation::tell(&text, &run.events).await;
        Ok(result.finish(text, run).await)
    }
}

/// What an agent says that may go no further.
pub(crate) fn gave_up(rounds: u64) -> String {
    format!(
        "I stopped after {rounds} rounds of tool calls without an answer. Max Iterations of the \
         agent allows no more."
    )
}

/// What an agent has done so far.
#[derive(Default)]
pub(crate) struct Progress {
    output: Output,
    sources: Vec<Document>,
}

impl Progress {
    /// Counts a model's answer.
    pub(crate) fn heard(&mut self, reply: &ChatReply) {
        self.output.usage += reply.usage.unwrap_or_default();
        self.output.reasoning.push_str(&reply.reasoning);
    }

    /// Keeps a call of a tool.
    pub(crate) fn used(&mut self, used: UsedTool) {
        self.sources.extend(used.source_documents.iter().cloned());
        self.output.artifacts.extend(used.artifacts.iter().cloned());
        self.output.used_tools.push(used);
    }

    /// Ends with `answer`: tells passages, tools and files after its last words, in this order.
    pub(crate) async fn finish(self, answer: String, run: &Run) -> Output {
        let Self { mut output, sources } = self;
        output.answer = Answer::Text(answer);
        if !sources.is_empty() {
            run.events.emit(Event::SourceDocuments(sources.clone())).await;
            output.source_documents = Some(sources);
        }
        if !output.used_tools.is_empty() {
            run.events.emit(Event::UsedTools(output.used_tools.clone())).await;
        }
        if !output.artifacts.is_empty() {
            run.events.emit(Event::Artifacts(output.artifacts.clone())).await;
        }
        output
    }
}

/// What came of one call.
pub(crate) struct Done {
    /// What the model is told.
    pub(crate) told: String,
    /// What was told is the answer.
    pub(crate) answers: bool,
    /// The call as clients see it.
    pub(crate) used: UsedTool,
}

impl Done {
    fn failed(call: &ToolCall, input: Value, reason: String) -> Self {
        Self {
            told: reason.clone(),
            answers: false,
            used: UsedTool {
                tool: call.name.clone(),
                tool_input: input,
                tool_output: "".into(),
                source_documents: Vec::new(),
                artifacts: Vec::new(),
                error: Some(reason),
            },
        }
    }
}

pub(crate) fn read_arguments(text: &str) -> Result<Map<String, Value>, String> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(other) => Err(format!("The arguments must be a JSON object, not {other}. Call again.")),
        Err(error) => Err(format!("The arguments are not valid JSON ({error}). Call again.")),
    }
}

/// Why the arguments do not fit the tool's schema, as far as names and plain types go.
pub(crate) fn misfit(arguments: &Map<String, Value>, schema: &Value) -> Option<String> {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let missing: Vec<&str> = required.filter(|name| !arguments.contains_key(*name)).collect();
    if !missing.is_empty() {
        return Some(format!("The arguments lack {}. Call again.", missing.join(", ")));
    }
    arguments.iter().find_map(|(name, value)| {
        let wanted = schema["properties"][name]["type"].as_str()?;
        let fits = match wanted {
            "string" => value.is_string(),
            "number" => value.is_number(),
            "integer" => value.as_f64().is_some_and(|it| it.fract() == 0.0),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            _ => true,
        };
        (!fits).then(|| format!("{name} must be of type {wanted}, not {value}. Call again."))
    })
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{Reply, ScriptedModel};
    use serde_json::json;

    use super::*;
    use crate::{testing, tools::calculator::Evaluator};

    struct Echo(ToolSpec);

    #[async_trait::async_trait]
    impl Tool for Echo {
        fn spec(&self) -> &ToolSpec {
            &self.0
        }
        fn returns_directly(&self) -> bool {
            true
        }
        async fn call(
            &self,
            arguments: &Map<String, Value>,
            _: &Run,
        ) -> Result<flowstone_core::ToolResult> {
            match arguments.get("fail") {
                Some(reason) => Err(flowstone_core::Error::Script(reason.to_string())),
                None => Ok(flowstone_core::ToolResult::text("said back")),
            }
        }
    }

    fn echo() -> Arc<dyn Tool> {
        Arc::new(Echo(ToolSpec {
            name: "echo".to_owned(),
            description: String::new(),
            parameters: json!({"type": "object"}),
        }))
    }

    async fn answer(replies: Vec<Reply>, rounds: u64) -> (Output, Arc<ScriptedModel>, Vec<Event>) {
        let model = ScriptedModel::with(replies);
        let tools: Vec<Arc<dyn Tool>> = vec![Arc::new(Evaluator::new()), echo()];
        let agent = ToolLoop::new(model.clone(), tools, rounds, false);
        let (run, receiver) = testing::run("What is 2+3?");
        let output = agent.run(vec![Message::user("What is 2+3?")], &run).await.unwrap();
        drop(run);
        (output, model, testing::told(receiver).await)
    }

    fn told_to_model(model: &ScriptedModel) -> Vec<String> {
        let requests = model.requests();
        let results = requests.last().unwrap().messages.iter();
        results.filter(|it| it.tool_call_id.is_some()).map(|it| it.text.clone()).collect()
    }

    #[tokio::test]
    async fn several_calls_of_one_turn_are_answered_in_order() {
        let calls = [("calculator", r#"{"input":"2+3"}"#), ("calculator", r#"{"input":"6*7"}"#)];
        let (output, model, events) =
            answer(vec![Reply::tool_calls(&calls), Reply::text("5 and 42")], 5).await;
        assert_eq!(output.answer, Answer::Text("5 and 42".to_owned()));
        assert_eq!(told_to_model(&model), ["5", "42"]);
        let outputs: Vec<&Value> = output.used_tools.iter().map(|it| &it.tool_output).collect();
        assert_eq!(outputs, [&json!("5"), &json!("42")]);
        assert_eq!(events.last(), Some(&Event::UsedTools(output.used_tools)));
        assert_eq!(events.first(), Some(&Event::Start(String::new())));
    }

    #[tokio::test]
    async fn the_model_is_told_what_is_wrong_with_a_call() {
        let calls = [
            ("calculator", "{\"input\":"),
            ("search", "{}"),
            ("calculator", "{}"),
            ("calculator", r#"{"input":5}"#),
            ("echo", r#"{"fail":"no"}"#),
        ];
        let (output, model, _) =
            answer(vec![Reply::tool_calls(&calls), Reply::text("sorry")], 5).await;
        let told = told_to_model(&model);
        assert!(told[0].starts_with("The arguments are not valid JSON"));
        assert_eq!(told[1], "There is no tool search. The tools are: calculator, echo");
        assert_eq!(told[2], "The arguments lack input. Call again.");
        assert_eq!(told[3], "input must be of type string, not 5. Call again.");
        assert_eq!(told[4], "\"no\"");
        assert_eq!(output.used_tools[4].error.as_deref(), Some("\"no\""));
        assert_eq!(output.used_tools[4].tool_output, "");
    }

    #[tokio::test]
    async fn a_tool_that_returns_directly_gives_the_answer() {
        let (output, model, events) = answer(vec![Reply::tool_calls(&[("echo", "")])], 5).await;
        assert_eq!(output.answer, Answer::Text("said back".to_owned()));
        assert_eq!(model.requests().len(), 1);
        assert_eq!(events[1..4].len(), 3);
        assert_eq!(events[1], Event::Token("said".to_owned()));
    }

    #[tokio::test]
    async fn the_loop_ends_after_its_rounds() {
        let again = || Reply::tool_calls(&[("calculator", r#"{"input":"1"}"#)]);
        let (output, model, _) = answer(vec![again(), again(), again()], 2).await;
        assert_eq!(model.requests().len(), 2);
        assert!(output.answer.to_text().starts_with("I stopped after 2 rounds"));
        assert_eq!(output.used_tools.len(), 2);
    }

    #[tokio::test]
    async fn two_tools_of_one_name_are_called_apart() {
        let replies = vec![
            Reply::tool_calls(&[("echo_2", "{}"), ("echo", r#"{"fail":"no"}"#)]),
            Reply::text("Done"),
        ];
        let model = ScriptedModel::with(replies);
        let agent = ToolLoop::new(model.clone(), vec![echo(), echo()], 5, false);
        let (run, _receiver) = testing::run("Who is there?");
        let output = agent.run(vec![Message::user("Who is there?")], &run).await.unwrap();
        let names = model.requests()[0].tools.iter().map(|it| it.name.clone()).collect::<Vec<_>>();
        assert_eq!(names, ["echo", "echo_2"]);
        let used: Vec<_> = output.used_tools.iter().map(|it| it.tool.as_str()).collect();
        assert_eq!(used, ["echo_2", "echo"]);
    }
}
