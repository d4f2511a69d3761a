//! Agentflows that begin with a form: what pages are told of it, and how it is filled in.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::{Value, json};

use crate::server::{By, TestServer};

const FIELDS: &str = r#"[{"type":"string","label":"City","name":"city"},{"type":"options","label":"Day","name":"day","addOptions":[{"option":"today"},{"option":"tomorrow"}]}]"#;

async fn flow(server: &TestServer, by: &By) -> String {
    let fields: Value = serde_json::from_str(FIELDS).unwrap();
    let data = json!({
        "nodes": [
            { "id": "startAgentflow_0",
                "data": { "id": "startAgentflow_0", "name": "startAgentflow", "label": "Start",
                    "inputs": { "startInputType": "formInput", "formTitle": "Ferries",
                        "formDescription": "When do you leave?", "formInputTypes": fields } } },
            { "id": "say_0",
                "data": { "id": "say_0", "name": "sayAgentflow", "label": "Say", "inputs": {} } },
        ],
        "edges": [{ "source": "startAgentflow_0", "target": "say_0",
            "sourceHandle": "startAgentflow_0-output-startAgentflow", "targetHandle": "say_0" }],
    });
    let form = json!({ "name": "f", "flowData": data.to_string(), "type": "AGENTFLOW",
        "isPublic": true });
    server.post("/chatflows", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn pages_of_strangers_are_told_the_form() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    let config = server.get(&format!("/public-chatbotConfig/{id}"), &By::Nobody).await.json();
    let data: Value = serde_json::from_str(config["flowData"].as_str().unwrap()).unwrap();
    let inputs = &data["nodes"][0]["data"]["inputs"];
    assert_eq!(
        (&inputs["formTitle"], &inputs["startInputType"]),
        (&json!("Ferries"), &json!("formInput"))
    );
    assert_eq!(inputs["formInputTypes"].to_string(), FIELDS);
}

#[tokio::test]
async fn a_form_is_filled_in_as_json_or_as_a_field_of_a_form_and_never_beside_a_question() {
    let (server, session) = TestServer::set_up().await;
    let id = flow(&server, &session).await;
    let path = format!("/prediction/{id}");
    let filled = json!({ "city": "Rome", "day": "today" });
    let said = "Said: city: Rome\nday: today";
    let answer = server.post(&path, &json!({ "form": filled }), &By::Nobody).await;
    assert_eq!((answer.json()["text"].as_str(), &answer.json()["form"]), (Some(said), &filled));
    assert!(answer.json().get("question").is_none(), "{}", answer.text());

    let part = |name: &str, value: &str| {
        format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = format!("{}--b--\r\n", part("form", &filled.to_string()));
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("/api/v1{path}"))
        .header("content-type", "multipart/form-data; boundary=b");
    let answer = server.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.json()["text"], said, "{}", answer.text());

    let both = json!({ "form": filled, "question": "hi" });
    let refused = server.post(&path, &both, &By::Nobody).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert!(refused.text().contains("question and form came together"), "{}", refused.text());
    for (field, wrong) in [("form", json!("Rome")), ("humanInput", json!("proceed"))] {
        let refused = server.post(&path, &json!({ field: wrong }), &By::Nobody).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST);
        assert!(refused.text().contains("an object"), "{}", refused.text());
    }
    let runs = server.get(&format!("/executions?agentflowId={id}"), &session).await.json();
    assert_eq!(runs["total"], 2, "nothing was run of it");
}
