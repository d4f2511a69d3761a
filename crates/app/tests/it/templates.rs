//! The templates that come along, asked as a person asks who starts from one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    built_in::models_folder,
    site::{Site, node, send},
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
        let models: Vec<String> = flow["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["data"]["name"] == "chatLocal")
            .map(|it| it["id"].as_str().unwrap().to_owned())
            .collect();
        assert!(!models.is_empty(), "{name} has no built-in model");
        for model in models {
            // A few words show that it works.
            node(&mut flow, &model)["inputs"]["maxTokens"] = json!(8);
        }
        let id = site.save(&flow, &json!({})).await;
        let question = QUESTIONS.iter().find(|it| it.0 == name);
        let question = question.map_or("A cat sleeps on the warm roof.", |it| it.1);
        let answer = site.ask(&id, &json!({"question": question})).await;
        assert!(answer.status.is_success(), "{name}: {}", answer.text);
        let said = answer.json()["text"].as_str().unwrap_or_default().trim().to_owned();
        assert!(!said.is_empty(), "{name}: {}", answer.text);
        asked.push(name.to_owned());
    }
    assert!(asked.len() >= 10, "{asked:?}");
}
