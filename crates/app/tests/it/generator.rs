//! A flow that a model draws with the nodes there really are.

use flowstone_testkit::Reply;
use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Site, node};

fn setting(name: &str, value: &Value) -> Value {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    json!({ "name": name, "value": text })
}

fn step(id: &str, kind: &str, inside: Option<&str>, settings: &[(&str, Value)]) -> Value {
    let settings: Vec<Value> = settings.iter().map(|(name, it)| setting(name, it)).collect();
    json!({ "id": id, "kind": kind, "label": format!("Do {id}"), "inside": inside,
        "settings": settings })
}

/// A draft with every kind of decision, an iteration, a loop and an agent with a tool.
fn draft() -> Value {
    let messages =
        json!([{ "role": "system", "content": "Sort {{ question }} for {{ $form.name }}" }]);
    let wires = [
        ("begin", "sort", None),
        ("sort", "gather", Some(0)),
        ("sort", "check", Some(1)),
        ("gather", "each", None),
        ("write", "trim", None),
        ("each", "agree", None),
        ("agree", "answer", Some(0)),
        ("agree", "again", Some(1)),
        ("check", "tell", Some(0)),
        ("check", "count", Some(1)),
        ("check", "fetch", Some(2)),
    ];
    let edges: Vec<Value> =
        wires.iter().map(|(from, to, way)| json!({ "from": from, "to": to, "way": way })).collect();
    json!({
        "nodes": [
            step("begin", "startAgentflow", None, &[
                ("startInputType", json!("formInput")),
                ("formTitle", json!("Ask")),
                ("formDescription", json!("Ask us")),
                ("formInputTypes", json!([{ "type": "string", "label": "Name", "name": "name" }])),
                ("startState", json!([{ "key": "found", "value": "" }])),
            ]),
            step("sort", "conditionAgentAgentflow", None, &[
                ("conditionAgentInstructions", json!("Tell lists from questions")),
                ("conditionAgentInput", json!("{{ question }}")),
                ("conditionAgentScenarios", json!([{ "scenario": "a list" }, { "scenario": "a question" }])),
            ]),
            step("gather", "llmAgentflow", None, &[
                ("llmMessages", messages),
                ("llmUpdateState", json!([{ "key": "found", "value": "{{ output }}" }])),
            ]),
            step("each", "iterationAgentflow", None, &[("iterationInput", json!("{{ gather.output }}"))]),
            step("write", "llmAgentflow", Some("each"), &[
                ("llmMessages", json!([{ "role": "user", "content": "{{ $iteration }}" }])),
            ]),
            step("trim", "customFunctionAgentflow", Some("each"), &[
                ("customFunctionJavascriptFunction", json!("return 1")),
            ]),
            step("agree", "humanInputAgentflow", None, &[
                ("humanInputDescriptionType", json!("fixed")),
                ("humanInputDescription", json!("Shall I send {{ each.output }}?")),
            ]),
            step("again", "loopAgentflow", None, &[
                ("loopBackToNode", json!("gather")),
                ("maxLoopCount", json!(3)),
            ]),
            step("check", "conditionAgentflow", None, &[("conditions", json!([
                { "type": "string", "value1": "{{ question }}", "operation": "contains", "value2": "?" },
                { "type": "number", "value1": "1", "operation": "larger", "value2": "0" },
            ]))]),
            step("count", "agentAgentflow", None, &[
                ("agentMessages", json!([{ "role": "system", "content": "Count" }])),
                ("agentTools", json!([{ "agentSelectedTool": "calculator" }])),
            ]),
            step("fetch", "httpAgentflow", None, &[("method", json!("GET")), ("url", json!("https://example.com"))]),
            step("answer", "directReplyAgentflow", None, &[("directReplyMessage", json!("{{ $flow.state.found }}"))]),
            step("tell", "directReplyAgentflow", None, &[("directReplyMessage", json!("You asked: {{ $form.name }}"))]),
        ],
        "edges": edges,
    })
}

#[tokio::test]
async fn a_drawn_flow_is_whole_passes_the_checklist_and_can_be_asked() {
    let site = Site::open().await;
    let mut chain = site.flow_data("llm-chain");
    let model = node(&mut chain, "chatOpenAI_0").clone();
    let wish = json!({ "question": "Sort what people ask", "selectedChatModel": model });
    site.provider
        .reply(Reply::text("I would rather not."))
        .reply(Reply::text(&draft().to_string()));
    let drawn = site.admin(Method::POST, "/agentflowv2-generator/generate", &wish).await.json();
    assert!(drawn["nodes"].is_array(), "{drawn:#}");
    let told = site.provider.last_request().body.to_string();
    assert!(
        told.contains("holds no JSON object") && told.contains("conditionAgentScenarios"),
        "{told}"
    );

    let ways = |id: &str| {
        let node = drawn["nodes"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
        node["data"]["outputAnchors"].as_array().unwrap().len()
    };
    assert_eq!((ways("conditionAgentflow_0"), ways("conditionAgentAgentflow_0")), (3, 2));
    let flow = json!({ "nodes": drawn["nodes"], "edges": drawn["edges"] });
    let form = json!({ "flowData": flow.to_string() });
    let issues =
        site.admin(Method::POST, "/chatflows/validate?chosenCredentials=true", &form).await;
    assert_eq!(issues.json(), json!([]));
    let form = json!({ "name": "Drawn", "type": "AGENTFLOW", "flowData": flow.to_string() });
    let id = site.admin(Method::POST, "/chatflows", &form).await.json()["id"].clone();
    // The decision, by its model: a question. The condition's first row holds then.
    site.provider.reply(Reply::text(r#"{"output": "a question"}"#));
    let said = site.ask(id.as_str().unwrap(), &json!({ "form": { "name": "Who?" } })).await;
    let records = &said.json()["agentFlowExecutedData"];
    let walked: Vec<&str> =
        records.as_array().unwrap().iter().map(|it| it["nodeId"].as_str().unwrap()).collect();
    assert_eq!(
        walked,
        [
            "startAgentflow_0",
            "conditionAgentAgentflow_0",
            "conditionAgentflow_0",
            "directReplyAgentflow_1"
        ]
    );
}
