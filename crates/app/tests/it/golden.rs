//! Golden copies of whole exchanges with the running program, area by area. What differs from run to
//! run is left out by its name; everything else must stay as it is, since clients read it.

use std::{collections::BTreeMap, fmt::Write as _};

use regex::Regex;
use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{Answer, Site, send};

/// One request: who asks (`-` is nobody), method, path, JSON body or nothing, and what is kept of the
/// answer for later paths and bodies, as `name=/pointer`.
type Step = (&'static str, &'static str, &'static str, &'static str, &'static str);

const CHATMESSAGE: &[Step] = &[
    (
        "-",
        "POST",
        "/prediction/{flow}",
        r#"{"question":"Bob","chatId":"chat-1"}"#,
        "answer=/chatMessageId",
    ),
    (
        "-",
        "POST",
        "/prediction/{flow}",
        r#"{"question":"Eve","chatId":"chat-2","overrideConfig":{"sessionId":"s-2"}}"#,
        "",
    ),
    ("me", "GET", "/chatmessage/{flow}?order=ASC&chatId=chat-1", "", ""),
    ("me", "GET", "/chatmessage/{flow}?sessionId=s-2", "", ""),
    ("me", "GET", "/chatmessage/{flow}?chatType=EXTERNAL&page=1&limit=2&order=ASC", "", ""),
    ("me", "GET", "/chatmessage/{flow}?chatType=INTERNAL", "", ""),
    ("me", "GET", "/internal-chatmessage/{flow}", "", ""),
    (
        "-",
        "POST",
        "/feedback",
        r#"{"chatflowid":"{flow}","chatId":"chat-1","messageId":"{answer}","rating":"THUMBS_UP","content":"good"}"#,
        "",
    ),
    ("me", "GET", "/chatmessage/{flow}?feedback=true&chatId=chat-1&order=ASC", "", ""),
    ("me", "GET", "/stats/{flow}", "", ""),
    ("-", "PUT", "/chatmessage/abort/{flow}/chat-1", "{}", ""),
    ("-", "GET", "/chatmessage/{flow}", "", ""),
    ("me", "DELETE", "/chatmessage/{flow}?chatId=chat-1", "", ""),
    ("me", "GET", "/chatmessage/{flow}?chatId=chat-1", "", ""),
    ("me", "DELETE", "/chatmessage/{flow}", "", ""),
];

const PREDICTION: &[Step] = &[
    ("-", "POST", "/prediction/{flow}", r#"{"question":"Bob"}"#, ""),
    (
        "-",
        "POST",
        "/prediction/{flow}",
        r#"{"question":"Bob","overrideConfig":null,"chatId":null,"history":[],"uploads":[]}"#,
        "",
    ),
    ("-", "POST", "/prediction/{flow}", r#"{"question":""}"#, ""),
    ("-", "POST", "/prediction/{flow}", "{}", ""),
    ("-", "POST", "/prediction/{flow}", r#"{"question":"[[error:401]]"}"#, ""),
    ("-", "POST", "/prediction/00000000-0000-4000-8000-000000000000", r#"{"question":"Bob"}"#, ""),
    ("-", "POST", "/prediction/not-an-id", r#"{"question":"Bob"}"#, ""),
    ("-", "POST", "/prediction/", r#"{"question":"Bob"}"#, ""),
    ("me", "POST", "/internal-prediction/{flow}", r#"{"question":"Bob","chatId":"inside"}"#, ""),
    ("-", "POST", "/internal-prediction/{flow}", r#"{"question":"Bob"}"#, ""),
    ("-", "GET", "/chatflows-streaming/{flow}", "", ""),
    ("-", "GET", "/public-chatbotConfig/{flow}", "", ""),
    ("-", "GET", "/public-chatflows/{flow}", "", ""),
    ("me", "GET", "/flow-config/{flow}", "", ""),
];

const NODES: &[Step] = &[
    ("me", "GET", "/nodes/calculator", "", ""),
    ("me", "GET", "/nodes/no-such-node", "", ""),
    ("-", "GET", "/nodes/calculator", "", ""),
    ("me", "GET", "/nodes/category/Memory", "", "first=/0/name"),
    ("me", "POST", "/node-load-method/chatOpenAI", r#"{"loadMethod":"listNothing"}"#, ""),
    ("me", "POST", "/node-load-method/no-such-node", r#"{"loadMethod":"listModels"}"#, ""),
    (
        "me",
        "POST",
        "/node-custom-function",
        r#"{"javascriptFunction":"return 6 * $factor","functionInputVariables":{"factor":7}}"#,
        "",
    ),
    ("me", "POST", "/node-custom-function", r#"{"javascriptFunction":"return process.env"}"#, ""),
    ("me", "POST", "/node-custom-function", "{}", ""),
    ("me", "GET", "/components-credentials/openAIApi", "", ""),
    ("me", "GET", "/components-credentials/no-such-kind", "", ""),
];

const MOVING: &[Step] = &[
    ("me", "POST", "/variables", r#"{"name":"city","value":"Oslo","type":"static"}"#, ""),
    ("me", "POST", "/export-import/export", r#"{"variable":true,"tool":true}"#, ""),
    (
        "me",
        "POST",
        "/export-import/import",
        r#"{"Variable":[{"id":"00000000-0000-4000-8000-0000000000a1","name":"town","value":"Bergen","type":"static"}]}"#,
        "",
    ),
    ("me", "POST", "/export-import/import", r#"{"Variable":[{"name":7}]}"#, ""),
    ("me", "POST", "/export-import/import", "[]", ""),
    ("me", "POST", "/export-import/chatflow-messages", r#"{"chatflowId":"{flow}"}"#, ""),
    ("me", "GET", "/variables", "", ""),
    ("-", "POST", "/export-import/export", r#"{"variable":true}"#, ""),
];

const VECTORS: &[Step] = &[
    (
        "me",
        "POST",
        "/vector/internal-upsert/{retrieval}",
        r#"{"stopNodeId":"memoryVectorStore_0"}"#,
        "",
    ),
    ("me", "POST", "/vector/upsert/{retrieval}", "{}", ""),
    ("me", "POST", "/vector/upsert/{flow}", "{}", ""),
    ("-", "POST", "/vector/internal-upsert/{retrieval}", "{}", ""),
    ("me", "GET", "/upsert-history/{retrieval}?order=ASC", "", ""),
    ("me", "GET", "/upsert-history/{flow}", "", ""),
];

const MISC: &[Step] = &[
    ("-", "GET", "/ping", "", ""),
    ("-", "GET", "/version", "", ""),
    ("-", "GET", "/ip", "", ""),
    ("-", "GET", "/settings", "", ""),
    ("me", "GET", "/fetch-links?url=file%3A%2F%2F%2Fetc%2Fpasswd", "", ""),
    ("me", "GET", "/validation/{flow}", "", ""),
    ("me", "GET", "/chatflows/apikey/not-a-key", "", ""),
    ("me", "GET", "/chatflows/has-changed/{flow}/2001-01-01T00:00:00.000Z", "", ""),
    ("-", "GET", "/metrics", "", ""),
    ("me", "GET", "/no-such-route", "", ""),
    ("-", "GET", "/no-such-route", "", ""),
];

/// Plays the steps of an area and writes down what was said.
async fn played(steps: &[Step]) -> String {
    let site = Site::open().await;
    let mut names = BTreeMap::new();
    names.insert("flow".to_owned(), site.flow("llm-chain").await);
    names.insert("retrieval".to_owned(), site.flow("retrieval").await);
    let mut text = String::new();
    for (who, method, path, body, kept) in steps {
        let filled = |text: &str| {
            names.iter().fold(text.to_owned(), |it, (name, value)| {
                it.replace(&format!("{{{name}}}"), value)
            })
        };
        let verb: Method = method.parse().unwrap();
        let asked = filled(path);
        let request = match *who {
            "me" => site.signed_in(verb, &asked),
            _ => site.request(verb, &asked),
        };
        let request = match filled(body).as_str() {
            "" => request,
            body => request.header("content-type", "application/json").body(body.to_owned()),
        };
        let answer = send(request).await;
        let _ = writeln!(text, "{who} {method} {path} {body}");
        let _ = writeln!(text, "{}\n", written(&answer, &site, &names));
        if let Some((name, pointer)) = kept.split_once('=') {
            let json = answer.json();
            let value = json.pointer(pointer).and_then(Value::as_str);
            names.insert(name.to_owned(), value.unwrap_or_else(|| panic!("{answer:?}")).to_owned());
        }
    }
    text
}

/// Status, kind and body of an answer, without what differs from run to run.
fn written(answer: &Answer, site: &Site, names: &BTreeMap<String, String>) -> String {
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    let body = match serde_json::from_str::<Value>(&answer.text) {
        Ok(json) => format!("{:#}", shortened(json)),
        Err(_) => answer.text.clone(),
    };
    let mut text = format!("=> {} {kind}\n{body}", answer.status.as_u16());
    for (name, value) in names {
        text = text.replace(value, &format!("{{{name}}}"));
    }
    text = text.replace(site.provider.address(), "PROVIDER");
    for (pattern, name) in [
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[id]"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "[time]"),
        (r#""version": "\d+\.\d+\.\d+""#, r#""version": "[version]""#),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, name).into_owned();
    }
    text
}

/// Long texts by their beginning: what is in flows and pictures is another test's affair.
fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) if text.len() > 300 => {
            json!(format!("{}… and more", text.chars().take(60).collect::<String>()))
        }
        Value::Array(list) if list.len() > 20 => json!("a list of more than 20"),
        Value::Array(list) => list.into_iter().map(shortened).collect(),
        Value::Object(map) => map.into_iter().map(|(key, it)| (key, shortened(it))).collect(),
        other => other,
    }
}

#[tokio::test]
async fn messages_are_listed_as_clients_know_them() {
    insta::assert_snapshot!("chatmessage", played(CHATMESSAGE).await);
}

#[tokio::test]
async fn flows_answer_as_clients_know_it() {
    insta::assert_snapshot!("prediction", played(PREDICTION).await);
}

#[tokio::test]
async fn nodes_are_told_as_clients_know_them() {
    insta::assert_snapshot!("nodes", played(NODES).await);
}

#[tokio::test]
async fn what_is_exported_and_imported_looks_as_clients_know_it() {
    insta::assert_snapshot!("export-import", played(MOVING).await);
}

#[tokio::test]
async fn upserts_are_told_as_clients_know_them() {
    insta::assert_snapshot!("vector", played(VECTORS).await);
}

#[tokio::test]
async fn small_routes_answer_as_clients_know_them() {
    insta::assert_snapshot!("misc", played(MISC).await);
}
