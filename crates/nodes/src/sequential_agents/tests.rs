//! Members of sequential flows, each with its turn.

use std::sync::Arc;

use flowstone_core::{
    Capability, ChatModel, Error, Inputs, Node, Result, Role, Run, Tool,
    sequence::{Acted, Acts, Channels, Duty, Line, Member, Opening, Scene, Speaker},
};
use flowstone_testkit::{Reply, ScriptedModel};
use serde_json::{Map, Value, json};

use super::{
    agent::Agent, condition::Condition, condition_agent::ConditionAgent,
    custom_function::CustomFunction, end::End, execute_flow::ExecuteFlow, llm_node::LlmNode,
    loop_back::LoopBack, state::State, tool_node::ToolNode,
};
use crate::{
    testing::{self, form, plug},
    tools::calculator::Evaluator,
};

fn started(model: &Arc<ScriptedModel>) -> Arc<Member> {
    Arc::new(Member {
        node_id: "seqStart_0".to_owned(),
        kind: "seqStart",
        name: String::new(),
        label: "Start".to_owned(),
        duty: Duty::Begins(Opening::default()),
        model: Some(model.clone() as Arc<dyn ChatModel>),
    })
}

/// A form behind the Start node, which has the model.
fn filled(model: &Arc<ScriptedModel>, values: &Value) -> Inputs {
    let mut form = form(values);
    form.node_id = "node_0".to_owned();
    plug(&mut form, "sequentialNode", Capability::Member(started(model)));
    form
}

async fn member(node: &dyn Node, form: &Inputs) -> Result<Arc<Member>> {
    match node.init(form).await? {
        Capability::Member(member) => Ok(member),
        other => panic!("a {} instead of a member", other.kind()),
    }
}

fn acts(member: &Member) -> &dyn Acts {
    match &member.duty {
        Duty::Acts(it) | Duty::Serves(it) => it.as_ref(),
        _ => panic!("it takes no turns"),
    }
}

/// A state to act on.
struct Stage {
    run: Run,
    lines: Vec<Line>,
    values: Map<String, Value>,
    tools: Vec<Arc<dyn Tool>>,
}

impl Stage {
    fn new(lines: Vec<Line>, values: &Value) -> Self {
        let (mut run, _) = testing::run("What is 2+3?");
        run = run.silenced();
        run.variables.insert("city".to_owned(), "Lima".into());
        let values = values.as_object().cloned().unwrap_or_default();
        Self { run, lines, values, tools: Vec::new() }
    }

    fn scene(&self) -> Scene<'_> {
        Scene { run: &self.run, lines: &self.lines, values: &self.values, tools: &self.tools }
    }
}

fn question() -> Vec<Line> {
    vec![Line::new(Speaker::Human, "What is 2+3?")]
}

async fn acted(node: &dyn Node, form: &Inputs, stage: &Stage) -> Result<Acted> {
    let member = member(node, form).await?;
    acts(&member).act(&stage.scene()).await
}

fn failure<T>(result: Result<T>) -> String {
    result.err().map(|it| it.to_string()).unwrap_or_default()
}

fn calculator() -> Capability {
    Capability::Tool(Arc::new(Evaluator::new()))
}

const CALL: (&str, &str) = ("calculator", r#"{"input":"2+3"}"#);

#[tokio::test]
async fn an_agent_calls_tools_and_changes_the_state() {
    let model = ScriptedModel::with([Reply::tool_calls(&[CALL]), Reply::text("It is 5.")]);
    let values = json!({
        "agentName": "Night Clerk", "systemMessagePrompt": "You help {who}.",
        "promptValues": "{\"who\": \"$flow.state.guest\"}",
        "updateStateMemoryUI": "[{\"key\":\"result\",\"value\":\"$flow.output.usedTools[0].toolOutput\"},{\"key\":\"where\",\"value\":\"$vars.city\"},{\"key\":\"plain\",\"value\":\"as it is\"}]",
    });
    let mut form = filled(&model, &values);
    plug(&mut form, "tools", calculator());
    let stage = Stage::new(question(), &json!({"guest": "Ada"}));
    let acted = acted(&Agent, &form, &stage).await.unwrap();
    assert_eq!(acted.lines[0].content, "It is 5.");
    assert_eq!((&*acted.lines[0].name, acted.lines[0].speaker), ("night_clerk", Speaker::Human));
    let used = acted.lines[0].additional_kwargs.used_tools.as_ref().unwrap();
    assert_eq!(used[0].tool_output, "5");
    let changes = json!({"result": "5", "where": "Lima", "plain": "as it is"});
    assert_eq!(Value::from(acted.changes), changes);
    assert_eq!(model.requests()[0].messages[0].text, "You help Ada.");
}

#[tokio::test]
async fn an_agent_that_needs_approval_stops_at_its_calls() {
    let model = ScriptedModel::with([Reply::tool_calls(&[CALL]), Reply::text("It is 5.")]);
    let values = json!({"agentName": "Clerk", "interrupt": true, "approveButtonText": "Go"});
    let mut form = filled(&model, &values);
    plug(&mut form, "tools", calculator());
    let member = member(&Agent, &form).await.unwrap();
    let agent = acts(&member);
    assert_eq!(agent.approval().map(|it| (&*it.approve, &*it.reject)), Some(("Go", "No")));
    let mut stage = Stage::new(question(), &json!({}));
    let asks = agent.act(&stage.scene()).await.unwrap();
    assert_eq!(asks.lines[0].tool_calls[0]["args"], json!({"input": "2+3"}));
    stage.lines.extend(asks.lines);
    let ran = agent.call_tools(&stage.scene()).await.unwrap();
    assert_eq!((&*ran.lines[0].content, ran.lines[0].speaker), ("5", Speaker::Tool));
    stage.lines.extend(ran.lines);
    let answer = agent.act(&stage.scene()).await.unwrap();
    assert_eq!(answer.lines[0].content, "It is 5.");
    assert!(answer.lines[0].additional_kwargs.used_tools.is_some());
    let roles: Vec<Role> = model.requests()[1].messages.iter().map(|it| it.role).collect();
    // The usual instructions stand first.
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant, Role::Tool]);
}

#[tokio::test]
async fn an_llm_node_answers_in_prose_in_data_or_with_calls() {
    let model = ScriptedModel::with([
        Reply::text("prose"),
        Reply::text(r#"{"team":"billing","urgent":true}"#),
        Reply::tool_calls(&[CALL]),
    ]);
    let mut stage = Stage::new(question(), &json!({}));
    let plain = json!({"llmNodeName": "Triage", "humanMessagePrompt": "Be short."});
    let said = acted(&LlmNode, &filled(&model, &plain), &stage).await.unwrap();
    assert_eq!((&*said.lines[0].content, said.lines[0].speaker), ("prose", Speaker::Ai));
    assert_eq!(model.requests()[0].messages.last().unwrap().text, "Be short.");
    let structured = json!({
        "llmNodeName": "Triage", "conversationHistorySelection": "user_question",
        "llmStructuredOutput": "[{\"key\":\"team\",\"type\":\"Enum\",\"enumValues\":\"billing, other\",\"description\":\"\"},{\"key\":\"urgent\",\"type\":\"Boolean\"}]",
        "updateStateMemoryUI": [{"key": "team", "value": "$flow.output.team"}],
    });
    let said = acted(&LlmNode, &filled(&model, &structured), &stage).await.unwrap();
    assert_eq!(said.lines[0].content, r#"{"team":"billing","urgent":true}"#);
    assert_eq!(Value::from(said.changes), json!({"team": "billing"}));
    assert_eq!(model.requests()[1].messages.len(), 1);
    // The tools of the Tool Node behind it.
    stage.tools.push(Arc::new(Evaluator::new()));
    let said = acted(&LlmNode, &filled(&model, &plain), &stage).await.unwrap();
    assert_eq!(said.lines[0].calls()[0].name, "calculator");
    assert_eq!(model.requests()[2].tools[0].name, "calculator");
}

#[tokio::test]
async fn a_tool_node_runs_the_calls_before_it() {
    let model = ScriptedModel::new();
    let values = json!({
        "toolNodeName": "Tools",
        "selectedUpdateStateMemoryTab_node_0": "updateStateMemoryCode_node_0",
        "updateStateMemoryCode": "return {sum: Number($flow.output[0].toolOutput) + $flow.state.sum}",
    });
    let mut form = form(&values);
    form.node_id = "node_0".to_owned();
    plug(&mut form, "llmNode", Capability::Member(started(&model)));
    let none = member(&ToolNode, &form).await;
    assert_eq!(failure(none), "Tools: connect one tool at least");
    plug(&mut form, "tools", calculator());
    let mut stage = Stage::new(question(), &json!({"sum": 1}));
    let nothing = failure(acted(&ToolNode, &form, &stage).await);
    assert!(nothing.starts_with("the message before it calls no tool"), "{nothing}");
    let call = json!({"name": "calculator", "args": {"input": "2+3"}, "id": "7"});
    stage.lines.push(Line { tool_calls: vec![call], ..Line::new(Speaker::Ai, "") });
    let ran = acted(&ToolNode, &form, &stage).await.unwrap();
    assert_eq!((&*ran.lines[0].content, ran.lines[0].tool_call_id.as_deref()), ("5", Some("7")));
    assert_eq!(Value::from(ran.changes), json!({"sum": 6}));
}

#[tokio::test]
async fn a_function_sees_the_state_and_gives_words_or_changes() {
    let model = ScriptedModel::new();
    let stage = Stage::new(question(), &json!({"sum": 4}));
    for (code, kind, words, changes) in [
        ("return 'sum ' + $flow.state.sum", "aiMessage", "sum 4", json!({})),
        ("return $flow.state.messages.length", "humanMessage", "1", json!({})),
        ("return $who + ' in ' + $vars.city", "aiMessage", "Ada in Lima", json!({})),
        ("return {...$flow.state, sum: 5}", "stateObj", "", json!({"sum": 5})),
    ] {
        let values = json!({
            "functionName": "Count", "javascriptFunction": code, "returnValueAs": kind,
            "functionInputVariables": {"who": "Ada"},
        });
        let did = acted(&CustomFunction, &filled(&model, &values), &stage).await.unwrap();
        let said = did.lines.first().map(|it| it.content.clone()).unwrap_or_default();
        assert_eq!((said.as_str(), Value::from(did.changes)), (words, changes), "{code}");
    }
    for (code, kind, wrong) in [
        ("throw new Error('boom')", "aiMessage", "boom"),
        ("const x = 1", "aiMessage", "it returned nothing"),
        ("return 'text'", "stateObj", "an object of changes of the state is expected"),
    ] {
        let values =
            json!({"functionName": "Count", "javascriptFunction": code, "returnValueAs": kind});
        let said = failure(acted(&CustomFunction, &filled(&model, &values), &stage).await);
        assert!(said.contains(wrong), "{code}: {said}");
    }
}

#[tokio::test]
async fn forks_go_by_tables_and_by_code() {
    let model = ScriptedModel::new();
    let mut lines = question();
    lines.push(Line::new(Speaker::Ai, "urgent: yes").by("seqAgent_0", "agent"));
    let stage = Stage::new(lines, &json!({"team": "billing"}));
    let row = |variable: &str, operation: &str, value: &str| {
        let row =
            json!({"variable": variable, "operation": operation, "value": value, "output": "Yes"});
        json!({"conditionUI": json!([row]).to_string()})
    };
    let code = |code: &str| {
        json!({
            "conditionFunction": code,
            "selectedConditionFunctionTab_node_0": "conditionFunction_node_0",
        })
    };
    for (values, expected) in [
        (row("$flow.state.messages[-1].content", "Start With", "urgent"), "Yes"),
        (row("$flow.state.messages.length", "Greater Than", "5"), "End"),
        (row("$flow.output.content", "Contains", "urgent"), "Yes"),
        (row("$flow.state.team", "Is", "billing"), "Yes"),
        (row("$vars.city", "Is", "Lima"), "Yes"),
        (row("$seqAgent_0", "Contains", "yes"), "Yes"),
        (row("$seqAgent_9", "Contains", "yes"), "End"),
        (json!({}), "End"),
        (code("return $flow.state.team"), "billing"),
    ] {
        let member = member(&Condition, &filled(&model, &values)).await.unwrap();
        let Duty::Chooses(fork) = &member.duty else { panic!("no fork") };
        assert_eq!(fork.choose(&stage.scene()).await.unwrap(), expected, "{values}");
    }
    for (values, wrong) in [
        (row("team", "Is", "x"), "Condition, row 1: Variable: a path such as"),
        (row("$flow.input", "Resembles", "x"), "Condition, row 1: there is no operation"),
        (code("return 5"), "Condition (Code): the code must return the name of an output, not 5"),
        (code("throw new Error('boom')"), "boom"),
    ] {
        let member = member(&Condition, &filled(&model, &values)).await.unwrap();
        let Duty::Chooses(fork) = &member.duty else { panic!("no fork") };
        let said = failure(fork.choose(&stage.scene()).await);
        assert!(said.contains(wrong), "{said}");
    }
}

#[tokio::test]
async fn a_condition_agent_goes_by_what_its_model_answers() {
    let model = ScriptedModel::with([Reply::text("TECHNICAL"), Reply::text(r#"{"team":"B"}"#)]);
    let stage = Stage::new(question(), &json!({}));
    let rows = |variable: &str, value: &str| json!([{"variable": variable, "operation": "Is", "value": value, "output": "There"}]);
    let prose = json!({
        "conditionAgentName": "Triage", "conditionUI": rows("$flow.output.content", "TECHNICAL"),
    });
    let data = json!({
        "conditionAgentName": "Triage", "conditionUI": rows("$flow.output.team", "B"),
        "conditionAgentStructuredOutput": [{"key": "team", "type": "String"}],
    });
    for values in [prose, data] {
        let member = member(&ConditionAgent, &filled(&model, &values)).await.unwrap();
        let Duty::Chooses(fork) = &member.duty else { panic!("no fork") };
        assert_eq!(fork.choose(&stage.scene()).await.unwrap(), "There");
    }
}

async fn channels(values: Value) -> Result<Arc<dyn Channels>> {
    let mut form = form(&values);
    form.node_id = "seqState_0".to_owned();
    match &member(&State, &form).await?.duty {
        Duty::Shapes(channels) => Ok(channels.clone()),
        _ => panic!("no state"),
    }
}

#[tokio::test]
async fn a_state_replaces_and_appends() {
    let rows = json!([
        {"key": "topic", "type": "Replace", "defaultValue": "none"},
        {"key": "found", "type": "Append", "defaultValue": "[\"a\"]"},
    ]);
    let code = "{topic: {value: (x, y) => y ?? x, default: () => 'none'}, \
                found: {value: (x, y) => x.concat(y), default: () => ['a']}};";
    let (run, _) = testing::run("");
    let written = json!({
        "stateMemoryCode": code, "selectedStateTab_seqState_0": "stateMemoryCode_seqState_0",
    });
    for values in [json!({ "stateMemoryUI": rows.to_string() }), written] {
        let channels = channels(values).await.unwrap();
        let mut state = channels.begin(&run).await.unwrap();
        assert_eq!(Value::from(state.clone()), json!({"topic": "none", "found": ["a"]}));
        for (changes, expected) in [
            (
                json!({"topic": "rain", "found": ["b"]}),
                json!({"topic": "rain", "found": ["a", "b"]}),
            ),
            (
                json!({"topic": null, "found": "c"}),
                json!({"topic": "rain", "found": ["a", "b", "c"]}),
            ),
        ] {
            let changes = changes.as_object().cloned().unwrap();
            channels.merge(&mut state, changes, &run).await.unwrap();
            assert_eq!(Value::from(state.clone()), expected);
        }
    }
    // A call may bring rows of its own.
    let more = json!([{"Key": "topic", "Operation": "Replace", "Default Value": "snow"}]);
    let channels = channels(json!({"stateMemoryUI": rows, "stateMemory": more})).await.unwrap();
    let state = channels.begin(&run).await.unwrap();
    assert_eq!(Value::from(state), json!({"found": ["a"], "topic": "snow"}));
}

#[tokio::test]
async fn a_state_that_cannot_be_read_says_why() {
    let table = |row: Value| json!({ "stateMemoryUI": [row] });
    for (values, wrong) in [
        (table(json!({"type": "Replace"})), "a row lacks its key"),
        (table(json!({"key": "messages"})), "messages is the conversation"),
        (table(json!({"key": "a", "type": "Mix"})), "a: Mix is neither Replace nor Append"),
        (table(json!({"key": "a", "type": "Append", "defaultValue": "x"})), "begins with a list"),
        (json!({"stateMemoryUI": "{"}), "a list of rows is expected"),
    ] {
        let said = failure(channels(values).await);
        assert!(said.starts_with("Custom State (Table): ") && said.contains(wrong), "{said}");
    }
    let broken = json!({
        "stateMemoryCode": "{a: (", "selectedStateTab_seqState_0": "stateMemoryCode_seqState_0",
    });
    let (run, _) = testing::run("");
    let said = failure(channels(broken).await.unwrap().begin(&run).await);
    assert!(said.starts_with("Custom State (Code): "), "{said}");
}

#[tokio::test]
async fn a_node_that_nothing_leads_to_is_refused() {
    let named = json!({
        "agentName": "A", "llmNodeName": "A", "functionName": "A", "javascriptFunction": "return 1",
        "loopToName": "A", "selectedFlow": "x", "seqExecuteFlowName": "A",
        "seqExecuteFlowInput": "userQuestion",
    });
    let nodes: [&dyn Node; 7] =
        [&Agent, &Condition, &CustomFunction, &End, &ExecuteFlow, &LlmNode, &LoopBack];
    for node in nodes {
        let said = failure(member(node, &form(&named)).await);
        assert!(said.starts_with("Sequential Node: no node is wired to it"), "{said}");
    }
    let unnamed = failure(member(&Agent, &filled(&ScriptedModel::new(), &json!({}))).await);
    assert_eq!(unnamed, "Agent Name is required");
}

#[tokio::test]
async fn a_model_is_told_what_its_form_chooses() {
    let mut lines = question();
    lines.push(Line::new(Speaker::Ai, "Five").by("seqAgent_0", "agent"));
    let stage = Stage::new(lines, &json!({}));
    for (values, expected) in [
        (json!({}), vec!["What is 2+3?", "Five"]),
        (json!({"conversationHistorySelection": "last_message"}), vec!["Five"]),
        (json!({"conversationHistorySelection": "user_question"}), vec!["What is 2+3?"]),
        (
            json!({"conversationHistorySelection": "empty", "humanMessagePrompt": "Use {it}.",
                "promptValues": {"it": "{\"id\":\"seqAgent_0\"}"}}),
            vec!["Use Five."],
        ),
        (
            json!({"messageHistory": "return [{role: 'user', content: 'Hi'}]",
                "systemMessagePrompt": "Be kind.", "conversationHistorySelection": "last_message"}),
            vec!["Be kind.", "Hi", "Five"],
        ),
    ] {
        let model = ScriptedModel::with([Reply::text("ok")]);
        let mut values = values;
        values["llmNodeName"] = "A".into();
        acted(&LlmNode, &filled(&model, &values), &stage).await.unwrap();
        let requests = model.requests();
        let told: Vec<&str> = requests[0].messages.iter().map(|it| it.text.as_str()).collect();
        assert_eq!(told, expected, "{values}");
    }
    let nothing = json!({"llmNodeName": "A", "conversationHistorySelection": "empty"});
    let model = ScriptedModel::new();
    let refused = acted(&LlmNode, &filled(&model, &nothing), &stage).await;
    assert!(matches!(refused, Err(Error::InvalidInput { .. })));
}
