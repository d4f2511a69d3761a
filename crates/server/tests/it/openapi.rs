//! The OpenAPI document: laws over all of it, and how it holds every answer of these tests to its
//! word.

use std::{collections::HashSet, sync::LazyLock};

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use flowstone_server::{openapi_document, route::table};
use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::server::{Answer, By, TestServer};

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete"];

/// Every operation of the document: path, method, and what it says.
fn operations() -> impl Iterator<Item = (&'static str, &'static str, &'static Value)> {
    let paths = openapi_document()["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

#[test]
fn every_route_says_what_it_does() {
    let silent: Vec<String> = table()
        .iter()
        .filter(|it| !it.is_described())
        .map(|it| format!("{} {}", it.method, it.path))
        .collect();
    assert!(silent.is_empty(), "`.doc(doc(\"…\"))` is missing after: {silent:#?}");
}

#[test]
fn the_document_names_every_route_that_can_answer_well() {
    let mut expected: Vec<(String, String)> = table()
        .iter()
        .filter(|it| it.is_in_document())
        .map(|it| (it.path.replace("{*", "{"), it.method.as_str().to_lowercase()))
        .collect();
    let mut named: Vec<(String, String)> =
        operations().map(|(path, method, _)| (path.to_owned(), method.to_owned())).collect();
    expected.sort();
    named.sort();
    assert_eq!(named, expected);
}

#[test]
fn every_operation_is_whole() {
    let tags: HashSet<&str> = openapi_document()["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    let mut ids = HashSet::new();
    for (path, method, operation) in operations() {
        let place = format!("{method} {path}");
        assert!(METHODS.contains(&method), "{place}");
        assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{place}: its id is taken");
        let summary = operation["summary"].as_str().unwrap();
        assert!(summary.len() > 4 && !summary.ends_with('.'), "{place}: {summary}");
        assert!(
            tags.contains(operation["tags"][0].as_str().unwrap_or_default()),
            "{place}: which area?"
        );
        let answers: Vec<&String> = operation["responses"].as_object().unwrap().keys().collect();
        assert!(
            answers.iter().any(|it| it.starts_with('2')),
            "{place}: no good answer: {answers:?}"
        );
        assert!(answers.iter().any(|it| it.starts_with('4') || it.starts_with('5')), "{place}");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        for parameter in &parameters {
            let about = parameter["description"].as_str().unwrap();
            assert!(about.ends_with('.'), "{place}: what is {}?", parameter["name"]);
        }
        for part in path.split('/').filter_map(|it| it.strip_prefix('{')?.strip_suffix('}')) {
            let is_told = parameters.iter().any(|it| it["in"] == "path" && it["name"] == part);
            assert!(is_told, "{place}: {part}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn check(value: &Value) {
        if let Some(reference) = value["$ref"].as_str() {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(openapi_document().pointer(pointer).is_some(), "{reference}");
        }
        match value {
            Value::Array(list) => list.iter().for_each(check),
            Value::Object(map) => map.values().for_each(check),
            _ => {}
        }
    }
    check(openapi_document());
}

#[test]
fn who_may_call_is_what_the_policy_says() {
    for (path, method, security) in [
        ("/api/v1/ping", "get", json!([])),
        ("/api/v1/variables", "get", json!([{ "apiKey": [] }, { "session": [], "fromPage": [] }])),
        ("/api/v1/user", "put", json!([{ "session": [], "fromPage": [] }])),
    ] {
        assert_eq!(openapi_document()["paths"][path][method]["security"], security, "{path}");
    }
    let about = &openapi_document()["paths"]["/api/v1/variables"]["get"]["description"];
    assert_eq!(about, "For API keys and people with the permission `variables:view`.");
}

#[tokio::test]
async fn the_document_and_its_page_are_open_and_the_page_runs_nothing() {
    let server = TestServer::start().await;
    let answer = server.get("/openapi.json", &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(&answer.json(), openapi_document());
    let request = Request::get("/api-docs").header("host", "evil.example");
    let page = server.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    let text = page.text();
    for (_, _, operation) in operations() {
        let id = operation["operationId"].as_str().unwrap();
        assert!(text.contains(&format!("<article id=\"{id}\">")), "{id}");
    }
    for foreign in ["<script", "<link", "<img", "://", "evil", " on"] {
        let at = text.find(foreign).filter(|_| foreign != " on");
        assert_eq!(at, None, "{foreign}");
    }
}

/// Holds an answer to the document: its status is one that is told there, and its JSON is as
/// described; and where a call with JSON went well, so is what it sent.
pub(crate) fn hold_to_document(method: &Method, path: &str, sent: Option<&Value>, answer: &Answer) {
    let path = path.split('?').next().unwrap_or_default();
    let Some((pattern, operation)) = operation_of(method, path) else { return };
    let place = format!("{method} {pattern}");
    let status = answer.status.as_u16().to_string();
    // A method that is unknown, or a path that only looks like a known one.
    if answer.status == StatusCode::METHOD_NOT_ALLOWED {
        return;
    }
    let told = resolved(&operation["responses"][&status]);
    assert!(told.is_object(), "{place}: the document does not tell of {status}: {}", answer.text());
    let media = answer.header("content-type").split(';').next().unwrap_or_default().trim();
    let schema = &told["content"][media]["schema"];
    if media == "application/json" && !answer.bytes.is_empty() {
        assert!(!schema.is_null(), "{place}: the document tells of no {media} with {status}");
        hold(&format!("{place}: the answer {status}"), schema, &answer.json());
    }
    if let Some(sent) = sent.filter(|_| answer.status.is_success()) {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        if !schema.is_null() {
            hold(&format!("{place}: the body"), schema, sent);
        }
    }
}

/// The operation that a call reaches. What is written out wins over what is variable.
fn operation_of(method: &Method, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = method.as_str().to_lowercase();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        pattern.len() == parts.len()
            && pattern
                .iter()
                .zip(&parts)
                .all(|(it, part)| it == part || (it.starts_with('{') && !part.is_empty()))
    };
    let found = operations().filter(|(pattern, it, _)| *it == method && fits(pattern));
    let found = found.min_by_key(|(pattern, _, _)| pattern.matches('{').count());
    found.map(|(pattern, _, operation)| (pattern, operation))
}

fn resolved(value: &'static Value) -> &'static Value {
    let pointer = value["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    pointer.and_then(|it| openapi_document().pointer(it)).unwrap_or(value)
}

fn hold(what: &str, schema: &Value, value: &Value) {
    static COMPONENTS: LazyLock<Value> =
        LazyLock::new(|| json!({ "schemas": openapi_document()["components"]["schemas"] }));
    let mut whole: Map<String, Value> = schema.as_object().cloned().unwrap_or_default();
    whole.insert("components".to_owned(), COMPONENTS.clone());
    let validator: Validator = jsonschema::validator_for(&whole.into()).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(value).map(|it| format!("{}: {it}", it.instance_path())).collect();
    assert!(wrong.is_empty(), "{what} is not as the document says: {wrong:#?}\n{value:#}");
}
