//! The templates that come along, asked as a person asks who starts from one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    built_in::models_folder,
    site::{Site, send},
};

/// What a template is asked, by its name; the rest is asked for something to say.
const QUESTIONS: &[(&str, &str)] = &[
    ("Ask a table", "How much is the tea?"),
    ("Ask the rules", "When is the house closed?"),
    ("Explain a word", "tide"),
    ("Subject lines", "The meeting on Monday is moved to Tuesday."),
];

#[tokio::test]
async fn every_template_of_the_built_in_model_answers() {
    let site = Site::with(&[("FLOWSTONE_MODELS_DIR", &models_folder())]).await;
    let listed = send(site.signed_in(Method::GET, "/marketplaces/templates")).await.json();
    let mut asked = Vec::new();
    for template in listed.as_array().unwrap() {
        let told = template["description"].as_str().unwrap();
        if !told.contains("Runs on the built-in model") {
            continue;
        }
        let name = template["templateName"].as_str().or(template["name"].as_str()).unwrap();
        let text = template["flowData"].as_str().unwrap();
        let mut flow: Value = serde_json::from_str(text).unwrap();
        assert!(speak_briefly(&mut flow) > 0, "{name} has no built-in model");
        let is_agentflow = template["type"] == "AgentflowV2";
        let settings = if is_agentflow { json!({ "type": "AGENTFLOW" }) } else { json!({}) };
        let id = site.save(&flow, &settings).await;
        let question = QUESTIONS.iter().find(|it| it.0 == name);
        let question = question.map_or("A cat sleeps on the warm roof.", |it| it.1);
        let asked_for = form(&flow);
        let body = if asked_for == json!({}) {
            json!({ "question": question })
        } else {
            json!({ "form": asked_for })
        };
        let answer = site.ask(&id, &body).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.text);
        let said = answer.json()["text"].as_str().unwrap_or_default().trim().to_owned();
        assert!(!said.is_empty(), "{name}: {}", answer.text);
        asked.push(name.to_owned());
    }
    assert!(asked.len() >= 14, "{asked:?}");
}

/// A few words of each model show that it works. How many models there are.
fn speak_briefly(flow: &mut Value) -> usize {
    let mut models = 0;
    for node in flow["nodes"].as_array_mut().unwrap() {
        let inputs = &mut node["data"]["inputs"];
        if inputs["llmModel"] == "chatLocal" {
            inputs["llmModelConfig"]["maxTokens"] = json!(8);
        } else if node["data"]["name"] == "chatLocal" {
            node["data"]["inputs"]["maxTokens"] = json!(8);
        } else {
            continue;
        }
        models += 1;
    }
    models
}

/// The form that the flow begins with, filled in; empty where it begins with a question.
fn form(flow: &Value) -> Value {
    let start =
        flow["nodes"].as_array().unwrap().iter().find(|it| it["data"]["name"] == "startAgentflow");
    let Some(start) = start.filter(|it| it["data"]["inputs"]["startInputType"] == "formInput")
    else {
        return json!({});
    };
    let rows = start["data"]["inputs"]["formInputTypes"].as_array().unwrap();
    rows.iter().map(|it| (it["name"].as_str().unwrap().to_owned(), json!("a cup of tea"))).collect()
}
