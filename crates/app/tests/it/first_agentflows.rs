//! Agentflows of the first version over the whole server: golden transcripts of a team and of a
//! sequence, people who are asked, and conversations that go on, also on another day.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    site::{Answer, Site, node},
    transcript::Transcript,
};

/// A node of a flow.
fn made(id: &str, inputs: Value) -> Value {
    let name = id.rsplit_once('_').unwrap().0;
    json!({"id": id, "data": {"id": id, "label": id, "name": name, "inputs": inputs}})
}

/// A wire that goes into a row; from a fork, `source.way`.
fn wire(source: &str, target: &str, row: &str) -> Value {
    let (source, way) = source.split_once('.').unwrap_or((source, "output"));
    json!({
        "source": source, "sourceHandle": format!("{source}-output-{way}-X"),
        "target": target, "targetHandle": format!("{target}-input-{row}-X"),
    })
}

/// A flow of these nodes and the usual model.
async fn flow(site: &Site, nodes: Vec<Value>, wires: &[(&str, &str, &str)]) -> String {
    let mut model = site.flow_data("llm-chain");
    let data = node(&mut model, "chatOpenAI_0").clone();
    let mut nodes = nodes;
    nodes.push(json!({"id": "chatOpenAI_0", "data": data}));
    let edges: Vec<Value> = wires.iter().map(|(from, to, row)| wire(from, to, row)).collect();
    let flow = json!({"nodes": nodes, "edges": edges});
    site.save(&flow, &json!({"type": "MULTIAGENT"})).await
}

#[tokio::test]
async fn a_team_that_has_nothing_to_do() {
    let site = Site::open().await;
    let nodes = vec![
        made("supervisor_0", json!({"supervisorName": "Supervisor", "recursionLimit": 100})),
        made("worker_0", json!({"workerName": "Writer", "workerPrompt": "You write."})),
    ];
    let wires =
        [("chatOpenAI_0", "supervisor_0", "model"), ("supervisor_0", "worker_0", "supervisor")];
    let id = flow(&site, nodes, &wires).await;
    let mut transcript = Transcript::of(&site, &id);
    transcript.ask_both_ways(json!({"question": "hello"})).await;
    insta::assert_snapshot!(transcript.finish());
    let path = format!("/chatflows-streaming/{id}");
    let streams = site.admin(Method::GET, &path, &Value::Null).await;
    assert_eq!(streams.json(), json!({"isStreaming": true}));
    let kept = &site.messages(&id).await[1]["agentReasoning"];
    assert_eq!(kept[0]["agentName"], "Supervisor");
}

/// A clerk with a calculator, a fork by the state, and a function.
async fn sequence(site: &Site, asks: bool) -> String {
    let state = json!([{"key": "sum", "type": "Replace", "defaultValue": "0"}]).to_string();
    let update = json!([{"key": "sum", "value": "$flow.output.usedTools[0].toolOutput"}]);
    let rows = json!([{
        "variable": "$flow.state.sum", "operation": "Greater Than", "value": "4", "output": "Large",
    }]);
    let nodes = vec![
        made("sqliteAgentMemory_0", json!({})),
        made("seqState_0", json!({ "stateMemoryUI": state })),
        made("calculator_0", json!({})),
        made("seqStart_0", json!({})),
        made(
            "seqAgent_0",
            json!({
                "agentName": "Night Clerk", "systemMessagePrompt": "You count.", "interrupt": asks,
                "updateStateMemoryUI": update.to_string(),
            }),
        ),
        made("seqCondition_0", json!({"conditionName": "Size", "conditionUI": rows.to_string()})),
        made(
            "seqCustomFunction_0",
            json!({
                "functionName": "Report", "returnValueAs": "aiMessage",
                "javascriptFunction": "return 'large: ' + $flow.state.sum + ', messages: ' + $flow.state.messages.length",
            }),
        ),
        made("seqEnd_0", json!({})),
        made("seqEnd_1", json!({})),
    ];
    let wires = [
        ("chatOpenAI_0", "seqStart_0", "model"),
        ("sqliteAgentMemory_0", "seqStart_0", "agentMemory"),
        ("seqState_0", "seqStart_0", "state"),
        ("seqStart_0", "seqAgent_0", "sequentialNode"),
        ("calculator_0", "seqAgent_0", "tools"),
        ("seqAgent_0", "seqCondition_0", "sequentialNode"),
        ("seqCondition_0.large", "seqCustomFunction_0", "sequentialNode"),
        ("seqCustomFunction_0", "seqEnd_0", "sequentialNode"),
        ("seqCondition_0.end", "seqEnd_1", "sequentialNode"),
    ];
    flow(site, nodes, &wires).await
}

const SUM: &str = "[[tool:calculator {\"input\":\"2+3\"}]]";

#[tokio::test]
async fn a_sequence_with_a_state_and_a_fork() {
    let site = Site::open().await;
    let id = sequence(&site, false).await;
    let mut transcript = Transcript::of(&site, &id);
    for (question, session) in [("Good evening", "one"), (SUM, "one"), (SUM, "two")] {
        let config = json!({ "sessionId": session });
        transcript
            .ask(json!({"question": question, "streaming": true, "overrideConfig": config}))
            .await;
    }
    insta::assert_snapshot!(transcript.finish());
}

#[tokio::test]
async fn a_person_is_asked_and_the_conversation_goes_on_after_a_restart() {
    let site = Site::open().await;
    let id = sequence(&site, true).await;
    let ask = async |site: &Site, body: Value| -> Answer { site.ask(&id, &body).await };
    let waits = ask(&site, json!({"question": SUM, "chatId": "desk", "streaming": true})).await;
    let events = waits.events();
    let action = &events.iter().find(|it| it.0 == "action").unwrap().1;
    let kinds: Vec<&str> =
        events.iter().map(|it| it.0.as_str()).filter(|it| *it != "token").collect();
    let expected = [
        "start",
        "agentReasoning",
        "action",
        "usedTools",
        "sourceDocuments",
        "artifacts",
        "metadata",
        "end",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(action["mapping"]["toolCalls"][0]["name"], "calculator");
    let kept = &site.messages(&id).await[1]["action"];
    assert_eq!(kept["id"], action["id"]);

    let site = site.killed_and_started().await;
    let approves = json!({"question": "Yes", "chatId": "desk", "action": action});
    let done = ask(&site, approves.clone()).await.json();
    assert_eq!(done["text"], "large: 5, messages: 4");
    assert_eq!(done["usedTools"][0]["toolOutput"], "5");
    let again = ask(&site, approves).await;
    assert_eq!(again.status.as_u16(), 409, "{}", again.text);
    assert!(again.failure().contains("nothing waits for this answer"));
    // Deleting the chat is forgetting it.
    site.admin(Method::DELETE, &format!("/chatmessage/{id}?chatId=desk"), &Value::Null).await;
    let after = ask(&site, json!({"question": "hello", "chatId": "desk"})).await.json();
    assert_eq!(after["agentReasoning"].as_array().unwrap().len(), 1, "{after}");
}

#[tokio::test]
async fn a_flow_that_cannot_be_walked_says_why_by_its_labels() {
    let site = Site::open().await;
    let function = |code: &str| {
        made("seqCustomFunction_0", json!({"functionName": "F", "javascriptFunction": code}))
    };
    let model = ("chatOpenAI_0", "seqStart_0", "model");
    let first = ("seqStart_0", "seqCustomFunction_0", "sequentialNode");
    let end = ("seqCustomFunction_0", "seqEnd_0", "sequentialNode");
    let (start, stop) = (made("seqStart_0", json!({})), made("seqEnd_0", json!({})));
    let back = made("seqLoop_0", json!({"loopToName": "F"}));
    let cases = [
        (vec![start.clone(), function("return 1")], vec![model, first], "the flow never ends"),
        (
            vec![function("return 1"), stop.clone()],
            vec![end],
            "seqCustomFunction_0: Sequential Node",
        ),
        (
            vec![start.clone(), function("throw new Error('boom')"), stop],
            vec![model, first, end],
            "seqCustomFunction_0: ",
        ),
        (
            vec![start, function("return 'x'"), back],
            vec![model, first, ("seqCustomFunction_0", "seqLoop_0", "sequentialNode")],
            "seqCustomFunction_0: the run has taken 100 turns",
        ),
    ];
    for (nodes, wires, expected) in cases {
        let id = flow(&site, nodes, &wires).await;
        let answer = site.ask(&id, &json!({"question": "hey"})).await;
        let said = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(said.starts_with(expected), "{said}");
    }
}
