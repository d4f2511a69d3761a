//! Each step in a turn: its record, what it tells and what it refuses.

use std::sync::Arc;

use flowstone_core::{
    Capability, ChatModel, Event, HumanAnswer, Inputs, Next, Node, Result, Spec, Step, Taken,
    Upload,
};
use flowstone_testkit::{Reply, ScriptedModel, StepBench, transcript};
use insta::assert_json_snapshot;
use serde_json::{Map, Value, json};

use super::{
    condition::Condition, direct_reply::DirectReply, human_input::HumanInput, iteration::Iteration,
    llm::Llm, loop_back::LoopBack, start::Start, sticky_note::StickyNote,
};
use crate::testing::{form, services};

/// The node that models of these tests are chosen as.
pub(super) static MODEL: Spec =
    Spec { label: "Scripted", name: "scripted", category: "Chat Models", ..Spec::EMPTY };

/// The step of a filled-in node.
pub(super) async fn step(node: &dyn Node, values: &Value) -> Arc<dyn Step> {
    step_of(node, &form(values)).await.unwrap()
}

async fn step_of(node: &dyn Node, inputs: &Inputs) -> Result<Arc<dyn Step>> {
    match node.init(inputs).await? {
        Capability::Step(step) => Ok(step),
        other => panic!("a {} instead of a step", other.kind()),
    }
}

/// What a form that cannot be used is told.
pub(super) async fn refused(node: &dyn Node, values: &Value) -> String {
    step_of(node, &form(values)).await.err().unwrap().to_string()
}

/// A turn in which `model` can be asked.
pub(super) fn bench(question: &str, model: &Arc<ScriptedModel>) -> StepBench {
    let mut bench = StepBench::new(question, services());
    let model: Arc<dyn ChatModel> = model.clone();
    bench.flow.with(&MODEL, Capability::ChatModel(model));
    bench
}

/// A turn as its record, where it goes, and what was told.
pub(super) fn record(taken: Taken, told: &[Event]) -> Value {
    let mut shown = json!({"input": taken.input, "output": taken.output});
    if let Some(said) = taken.said {
        shown["said"] = said.into();
    }
    if !taken.updates.is_empty() {
        shown["updates"] = json!(taken.updates);
    }
    if taken.next != Next::Onward {
        shown["next"] = format!("{:?}", taken.next).split('(').next().unwrap().into();
    }
    if let Some(time) = shown["output"].get_mut("timeMetadata") {
        *time = "[time]".into();
    }
    shown["told"] = told.iter().map(|it| json!(it)).collect::<Vec<_>>().into();
    transcript::redact(&mut shown);
    shown
}

pub(super) async fn recorded(step: &dyn Step, bench: StepBench) -> Value {
    let (taken, told) = bench.take(step).await;
    record(taken.unwrap(), &told)
}

pub(super) async fn failed(step: &dyn Step, bench: StepBench) -> String {
    bench.take(step).await.0.unwrap_err().to_string()
}

#[tokio::test]
async fn a_start_tells_the_question_and_declares_the_state() {
    let values = json!({
        "startInputType": "chatInput", "startEphemeralMemory": true, "startPersistState": true,
        "startState": [{"key": "topic", "value": "none"}, {"key": "n"}, {"key": "", "value": "x"}],
    });
    let start = step(&Start, &values).await;
    let (taken, told) = StepBench::new("hi", services()).take(start.as_ref()).await;
    let taken = taken.unwrap();
    let begins = taken.begins.clone().unwrap();
    assert_eq!(json!(begins.state), json!({"topic": "none", "n": ""}));
    assert!(begins.forgets && begins.persists_state);
    assert_json_snapshot!("start", record(taken, &told));
}

#[tokio::test]
async fn a_start_tells_its_form() {
    let inputs = json!([{"type": "string", "label": "Subject", "name": "subject"}]);
    let values = json!({
        "startInputType": "formInput", "formTitle": "T", "formDescription": "D",
        "formInputTypes": inputs,
    });
    let start = step(&Start, &values).await;
    let mut bench = StepBench::new("", services());
    bench.form = json!({"subject": "Hey", "n": 5}).as_object().cloned();
    assert_json_snapshot!("start_with_form", recorded(start.as_ref(), bench).await);
}

#[tokio::test]
async fn a_model_is_asked_with_the_conversation() {
    let values = json!({
        "llmModel": "scripted", "llmModelConfig": {"modelName": "m"}, "llmEnableMemory": true,
        "llmMessages": [
            {"role": "user", "content": "Before"}, {"role": "system", "content": "Be terse."},
        ],
        "llmMemoryType": "allMessages", "llmUserMessage": "Now.", "llmStructuredOutput": "",
        "llmReturnResponseAs": "assistantMessage",
        "llmUpdateState": [{"key": "topic", "value": "{{ output }}"}],
    });
    let llm = step(&Llm, &values).await;
    let model = ScriptedModel::with([Reply::text("Well then").thinking(["Hm. ", "Yes."])]);
    let mut bench = bench("hi", &model);
    bench.past = vec![json!({"role": "user", "content": "I am Zed"})];
    bench.label = "My LLM".to_owned();
    assert_json_snapshot!("llm", recorded(llm.as_ref(), bench).await);
}

#[tokio::test]
async fn a_later_model_is_not_told_the_question_again() {
    let values = json!({"llmModel": "scripted", "llmUserMessage": "Go on"});
    let llm = step(&Llm, &values).await;
    let model = ScriptedModel::new();
    let mut bench = bench("hi", &model);
    bench.speaks = false;
    bench.said = vec![json!({"role": "user", "content": "hi"})];
    let shown = recorded(llm.as_ref(), bench).await;
    assert_eq!(shown["told"], json!([]), "an inner node says nothing");
    let texts = |list: &Value| -> Vec<String> {
        let list = list.as_array().unwrap().iter();
        list.map(|it| it["content"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(texts(&shown["input"]["messages"]), ["hi", "Go on"]);
    assert_eq!(texts(&shown["said"]), ["Mock reply to: Go on"]);
    assert!(shown["output"]["responseMetadata"]["estimatedTokenUsage"].is_object());
}

#[tokio::test]
async fn without_memory_only_the_question_or_the_messages_are_told() {
    for (messages, expected) in
        [(json!([]), vec!["hi"]), (json!([{"role": "user", "content": "Say ho"}]), vec!["Say ho"])]
    {
        let values =
            json!({"llmModel": "scripted", "llmEnableMemory": false, "llmMessages": messages});
        let llm = step(&Llm, &values).await;
        let model = ScriptedModel::new();
        let mut bench = bench("hi", &model);
        bench.past = vec![json!({"role": "user", "content": "I am Zed"})];
        let shown = recorded(llm.as_ref(), bench).await;
        let asked: Vec<String> =
            model.requests()[0].messages.iter().map(|it| it.text.clone()).collect();
        assert_eq!(asked, expected);
        assert_eq!(shown["said"][0]["content"], expected[0]);
        assert_eq!(shown["said"].as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn pictures_are_shown_and_named_in_the_record() {
    let llm = step(&Llm, &json!({"llmModel": "scripted"})).await;
    let model = ScriptedModel::new();
    let mut bench = bench("what is it?", &model);
    bench.run.uploads = vec![Upload {
        kind: "stored-file".to_owned(),
        name: "cat.png".to_owned(),
        data: "data:image/png;base64,AAAA".to_owned(),
        mime: "image/png".to_owned(),
    }];
    let shown = recorded(llm.as_ref(), bench).await;
    let picture = json!([{"type": "stored-file", "name": "cat.png", "mime": "image/png"}]);
    assert_eq!(shown["input"]["messages"][0]["content"], picture);
    assert_eq!(shown["said"][0]["content"], picture);
    assert_eq!(model.requests()[0].messages[0].images[0].url, "data:image/png;base64,AAAA");
}

fn structured() -> Value {
    json!({
        "llmModel": "scripted",
        "llmStructuredOutput": [
            {"key": "name", "type": "string", "description": "n"},
            {"key": "kind", "type": "enum", "enumValues": "red, green", "description": "k"},
            {"key": "tags", "type": "stringArray", "description": "t"},
            {"key": "rows", "type": "jsonArray", "description": "r",
             "jsonSchema": "{\"id\":{\"type\":\"number\",\"description\":\"id\"}}"},
        ],
    })
}

#[tokio::test]
async fn an_answer_is_bound_to_its_form() {
    let llm = step(&Llm, &structured()).await;
    let model = ScriptedModel::new();
    let shown = recorded(llm.as_ref(), bench("go", &model)).await;
    assert_json_snapshot!("llm_structured", shown);
    assert_json_snapshot!("llm_structured_schema", model.requests()[0].schema);
}

#[tokio::test]
async fn an_answer_in_another_form_is_asked_for_once_more() {
    let llm = step(&Llm, &structured()).await;
    let good = r#"Here: {"name": "a", "kind": "red", "tags": [], "rows": []}"#;
    let model = ScriptedModel::with([Reply::text(r#"{"name": 1}"#), Reply::text(good)]);
    let shown = recorded(llm.as_ref(), bench("go", &model)).await;
    assert_eq!(shown["output"]["kind"], "red");
    assert!(model.requests()[1].messages[2].text.contains("name must be of type string"));
    let model = ScriptedModel::with([Reply::text("no"), Reply::text("{\"name\": \"a\"}")]);
    let said = failed(llm.as_ref(), bench("go", &model)).await;
    assert!(said.contains("asked twice for JSON") && said.contains("it lacks kind"), "{said}");
}

#[tokio::test]
async fn a_form_that_cannot_be_used_names_its_row() {
    assert_eq!(refused(&Llm, &json!({})).await, "Model is required");
    for (row, expected) in [
        (json!({"key": "k", "type": "enum"}), "k: Enum Values: a list"),
        (json!({"key": "k", "type": "jsonArray", "jsonSchema": "{"}), "k: JSON Schema: this is"),
        (json!({"key": "k", "type": "date"}), "k: there is no type date"),
    ] {
        let values = json!({"llmModel": "scripted", "llmStructuredOutput": [row]});
        let said = refused(&Llm, &values).await;
        assert!(said.starts_with(&format!("JSON Structured Output: {expected}")), "{said}");
    }
    let llm = step(&Llm, &json!({"llmModel": "gone"})).await;
    assert_eq!(failed(llm.as_ref(), StepBench::new("", services())).await, "there is no node gone");
    assert_eq!(refused(&DirectReply, &json!({})).await, "Message is required");
    assert!(refused(&StickyNote, &json!({})).await.starts_with("a note does nothing"));
}

#[tokio::test]
async fn a_model_s_failure_is_the_node_s() {
    let llm = step(&Llm, &json!({"llmModel": "scripted"})).await;
    let model = ScriptedModel::new();
    assert_eq!(
        failed(llm.as_ref(), bench("[[error:400]]", &model)).await,
        "400 mock upstream error 400"
    );
}

#[tokio::test]
async fn a_reply_is_told_at_once() {
    let reply = step(&DirectReply, &json!({"directReplyMessage": "Done."})).await;
    assert_json_snapshot!(
        "direct_reply",
        recorded(reply.as_ref(), StepBench::new("", services())).await
    );
}

#[tokio::test]
async fn the_first_row_that_holds_is_the_way() {
    let rows = json!([
        {"type": "string", "value1": "math", "operation": "contains", "value2": "poem"},
        {"type": "number", "value1": "3", "operation": "larger", "value2": 2},
        {"type": "string", "value1": "a", "operation": "equal", "value2": "a"},
    ]);
    let fork = step(&Condition, &json!({"conditions": rows})).await;
    let (taken, told) = StepBench::new("", services()).take(fork.as_ref()).await;
    let taken = taken.unwrap();
    assert_eq!(taken.next, Next::Ways(vec![1]));
    assert_json_snapshot!("condition", record(taken, &told));
    let rows = json!([{"type": "string", "value1": "a", "operation": "equal", "value2": "b"}]);
    let fork = step(&Condition, &json!({"conditions": rows})).await;
    let (taken, _) = StepBench::new("", services()).take(fork.as_ref()).await;
    assert_eq!(taken.unwrap().next, Next::Ways(vec![1]), "the last way is for the rest");
}

#[tokio::test]
async fn a_loop_goes_back_until_it_may_not() {
    let values = json!({
        "loopBackToNode": "llmAgentflow_0-LLM 0", "maxLoopCount": 2, "fallbackMessage": "ended",
        "loopUpdateState": [{"key": "n", "value": "{{ loop_count }}"}],
    });
    let back = step(&LoopBack, &values).await;
    let at = |jumps: u32| {
        let mut bench = StepBench::new("", services());
        bench.jumps = jumps;
        bench.flow.label("llmAgentflow_0", "LLM 0");
        bench
    };
    let (taken, told) = at(0).take(back.as_ref()).await;
    let taken = taken.unwrap();
    assert_eq!(taken.next, Next::Back("llmAgentflow_0".to_owned()));
    assert_json_snapshot!("loop_back", record(taken, &told));
    let ended = recorded(back.as_ref(), at(1)).await;
    assert_eq!((&ended["output"]["content"], &ended["next"]), (&json!("ended"), &json!("Ends")));
    let said = failed(back.as_ref(), StepBench::new("", services())).await;
    assert!(said.starts_with("Loop Back To: there is no node llmAgentflow_0-LLM 0"), "{said}");
}

#[tokio::test]
async fn an_iteration_takes_a_list_apart() {
    let each = step(&Iteration, &json!({"iterationInput": "[\"a\", \"b\"]"})).await;
    let (taken, _) = StepBench::new("", services()).take(each.as_ref()).await;
    let taken = taken.unwrap();
    assert_eq!(taken.next, Next::Each(vec!["a".into(), "b".into()]));
    assert_eq!(json!(taken.input), json!({"iterationInput": ["a", "b"]}));
}

fn answer(kind: &str, feedback: Option<&str>) -> HumanAnswer {
    HumanAnswer {
        kind: kind.to_owned(),
        start_node_id: Some("node_0".to_owned()),
        feedback: feedback.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_person_is_asked_and_answers() {
    let values = json!({
        "humanInputDescriptionType": "fixed", "humanInputDescription": "Proceed?",
        "humanInputEnableFeedback": true,
    });
    let asking = step(&HumanInput, &values).await;
    let with_said = || {
        let mut bench = StepBench::new("do it", services());
        bench.said = vec![json!({"role": "user", "content": "Sent soon"})];
        bench.speaks = false;
        bench
    };
    assert_json_snapshot!("human_pause", recorded(asking.as_ref(), with_said()).await);
    let mut resumed = with_said();
    resumed.answer = Some(answer("reject", Some("nope")));
    assert_json_snapshot!("human_resume", recorded(asking.as_ref(), resumed).await);
    let mut resumed = with_said();
    resumed.answer = Some(answer("proceed", None));
    let (taken, _) = resumed.take(asking.as_ref()).await;
    let taken = taken.unwrap();
    assert_eq!((taken.next, taken.said), (Next::Ways(vec![0]), None));
    assert_eq!(taken.output["content"], "proceed");
    let mut resumed = with_said();
    resumed.answer = Some(answer("maybe", None));
    assert!(failed(asking.as_ref(), resumed).await.contains("proceed or reject, not maybe"));
}

#[tokio::test]
async fn nobody_is_asked_inside_an_iteration() {
    let values = json!({"humanInputDescriptionType": "fixed", "humanInputDescription": "Proceed?"});
    let asking = step(&HumanInput, &values).await;
    let mut inside = StepBench::new("do it", services());
    inside.inside_iteration = true;
    assert!(failed(asking.as_ref(), inside).await.contains("inside an Iteration"));
}

#[tokio::test]
async fn a_model_may_ask_the_person() {
    let values = json!({"humanInputDescriptionType": "dynamic", "humanInputModel": "scripted"});
    let asking = step(&HumanInput, &values).await;
    let model = ScriptedModel::with([Reply::text("May I?")]);
    let mut bench = bench("do it", &model);
    bench.said = vec![json!({"role": "user", "content": "do it"})];
    bench.speaks = false;
    let shown = recorded(asking.as_ref(), bench).await;
    assert_eq!(shown["output"]["content"], "May I?");
    assert_eq!(shown["told"][0]["event"], "token");
    let prompt = &model.requests()[0].messages[1].text;
    assert!(prompt.starts_with("Write a short message"), "{prompt}");
}

#[cfg(feature = "javascript")]
#[tokio::test]
async fn code_gives_what_it_returns() {
    use super::custom_function::CustomFunction;

    let function = |code: &str| {
        json!({
            "customFunctionInputVariables": [
                {"variableName": "q", "variableValue": "abc"},
                {"variableName": "$list", "variableValue": "[1, 2]"},
            ],
            "customFunctionJavascriptFunction": code,
            "customFunctionUpdateState": [{"key": "k", "value": "{{ output.up }}"}],
        })
    };
    let code = "return { up: $q.toUpperCase(), sum: $list[0] + $list[1],
        flow: Object.keys($flow), state: $flow.state }";
    let returning = step(&CustomFunction, &function(code)).await;
    let mut bench = StepBench::new("hi", services());
    bench.state = Map::from_iter([("k".to_owned(), "v0".into())]);
    assert_json_snapshot!("custom_function", recorded(returning.as_ref(), bench).await);
    for (code, expected) in
        [("const x = 1", "the code returned nothing"), ("throw new Error('boom')", "boom")]
    {
        let failing = step(&CustomFunction, &function(code)).await;
        let said = failed(failing.as_ref(), StepBench::new("", services())).await;
        assert!(said.contains(expected), "{said}");
    }
}

#[cfg(feature = "javascript")]
#[tokio::test]
async fn code_that_never_returns_or_takes_a_gigabyte_is_cut() {
    use std::time::Duration;

    use flowstone_sandbox::{Limits, Sandbox};

    use super::custom_function::CustomFunction;

    let cpu_time = Duration::from_millis(500);
    let limits = Limits { cpu_time, memory_bytes: 16 << 20, ..Limits::default() };
    let sandbox = Arc::new(Sandbox::new(limits, None));
    let services = Arc::new(flowstone_testkit::services().with(sandbox));
    for (code, expected) in [
        ("for (;;) {}", "endless loop"),
        ("await new Promise(() => {}); return 1", "never"),
        ("let text = 'x'; for (;;) text += text", "too long"),
        ("const all = []; for (;;) all.push({})", "memory"),
    ] {
        let values = json!({"customFunctionJavascriptFunction": code});
        let cut = step(&CustomFunction, &values).await;
        let said = failed(cut.as_ref(), StepBench::new("", services.clone())).await;
        assert!(said.contains(expected), "{code}: {said}");
    }
}

#[tokio::test]
async fn drop_downs_offer_what_there_is() {
    let nodes = json!([{
        "id": "startAgentflow_0", "name": "startAgentflow", "label": "Start",
        "inputs": {"startState": [{"key": "topic", "value": ""}, {"key": ""}]},
    }]);
    let values = json!({"previousNodes": nodes});
    let listed = async |node: &dyn Node, method: &str| {
        json!(node.options(method, &form(&values)).await.unwrap())
    };
    let keys = listed(&Llm, "listRuntimeStateKeys").await;
    assert_eq!(keys, json!([{"label": "topic", "name": "topic"}]));
    let before = listed(&LoopBack, "listPreviousNodes").await;
    let expected = json!([
        {"label": "Start", "name": "startAgentflow_0-Start", "description": "startAgentflow_0"}
    ]);
    assert_eq!(before, expected);
    let models = listed(&Llm, "listModels").await;
    let openai = models.as_array().unwrap().iter().find(|it| it["name"] == "chatOpenAI");
    assert_eq!(openai.unwrap()["imageSrc"], "/api/v1/node-icon/chatOpenAI");
    assert!(Llm.options("listNothing", &form(&values)).await.is_err());
}
