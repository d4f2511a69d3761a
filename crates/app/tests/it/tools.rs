//! Tools that reach beyond their flow: other flows of the workspace and its folder of files.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Site, exchange, node};

/// An agent whose tool is this node.
fn agent_with(site: &Site, name: &str, inputs: Value) -> Value {
    let mut flow = site.flow_data("tool-agent");
    let tool = node(&mut flow, "customTool_0");
    tool["name"] = name.into();
    tool["version"] = 1.into();
    tool["inputs"] = inputs;
    flow
}

async fn answer(site: &Site, flow: &str, question: &str) -> String {
    let answer = site.ask(flow, &json!({ "question": question })).await.json();
    answer["text"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn an_agent_asks_another_flow_which_keeps_what_was_said() {
    let site = Site::open().await;
    let inner = site.flow("llm-chain").await;
    let form = json!({"selectedChatflow": inner, "name": "ask", "description": "asks"});
    let outer = site.save(&agent_with(&site, "ChatflowTool", form), &json!({})).await;
    let question = "[[tool:ask {\"input\":\"Bob\"}]]";
    assert_eq!(answer(&site, &outer, question).await, "Tool said: Mock reply to: Say hi to Bob.");
    assert_eq!(site.said(&inner).await, exchange("Bob", "Mock reply to: Say hi to Bob."));

    let form = json!({"selectedChatflow": "gone", "name": "ask", "description": "asks"});
    let outer = site.save(&agent_with(&site, "ChatflowTool", form), &json!({})).await;
    let said = answer(&site, &outer, question).await;
    assert!(said.contains("the chosen flow is gone: choose another one"), "{said}");
}

#[tokio::test]
async fn flows_that_ask_each_other_come_to_an_end() {
    let site = Site::open().await;
    let asking = |flow: &str| {
        let form = json!({
            "selectedChatflow": flow, "name": "ask", "description": "asks",
            "useQuestionFromChat": true,
        });
        agent_with(&site, "ChatflowTool", form)
    };
    let first = site.save(&asking("later"), &json!({})).await;
    let second = site.save(&asking(&first), &json!({})).await;
    let update = json!({"flowData": asking(&second).to_string()});
    site.admin(Method::PUT, &format!("/chatflows/{first}"), &update).await;
    let said = answer(&site, &first, "[[tool:ask {}]]").await;
    assert!(said.contains("flows ask each other more than 5 deep"), "{said}");

    let update = json!({"flowData": asking(&first).to_string()});
    site.admin(Method::PUT, &format!("/chatflows/{first}"), &update).await;
    let said = site.ask(&first, &json!({"question": "[[tool:ask {}]]"})).await.text;
    assert!(said.contains("a flow cannot ask itself: choose another one"), "{said}");
}

/// T07: whatever a model calls a file, it lies in the workspace's folder.
#[tokio::test]
async fn files_are_shared_by_the_flows_of_a_workspace_and_stay_in_its_folder() {
    let site = Site::open().await;
    let writer = site.save(&agent_with(&site, "writeFile", json!({})), &json!({})).await;
    let reader = site.save(&agent_with(&site, "readFile", json!({})), &json!({})).await;
    let write = async |name: &str| {
        let arguments = json!({"file_path": name, "text": "escaped"});
        answer(&site, &writer, &format!("[[tool:write_file {arguments}]]")).await
    };
    assert_eq!(write("note.txt").await, "Tool said: \"note.txt\" is written.");
    for name in ["../evil.txt", "/tmp/evil.txt", "..%2fevil.txt", "a/../../evil.txt"] {
        let said = write(name).await;
        assert!(said.contains("is no file name"), "{said}");
    }
    let read = async |name: &str| {
        let arguments = json!({ "file_path": name });
        answer(&site, &reader, &format!("[[tool:read_file {arguments}]]")).await
    };
    assert_eq!(read("note.txt").await, "Tool said: escaped");
    let said = read("../../database.sqlite").await;
    assert!(said.contains("is no file name"), "{said}");
    assert!(!Path::new("/tmp/evil.txt").exists());
    assert!(!holds(site.home.path(), "evil"), "something was written elsewhere");
}

/// Whether a file below a folder has such a name.
fn holds(folder: &Path, name: &str) -> bool {
    let entries = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    entries
        .into_iter()
        .any(|it| it.to_string_lossy().contains(name) || it.is_dir() && holds(&it, name))
}
