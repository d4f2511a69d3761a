//! The catalog over HTTP.

use std::io::Read as _;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use serde_json::json;

use crate::{
    exchange::Transcript,
    server::{By, TestServer},
};

#[tokio::test]
async fn nodes_and_kinds_of_credentials_are_listed() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    for path in [
        "/nodes",
        "/nodes/toyModel",
        "/nodes/nope",
        "/nodes/category/Chains",
        "/nodes/category/Nope",
        "/components-credentials",
        "/components-credentials/toyApi",
        "/components-credentials/toyApi&amp;toyApi",
        "/components-credentials/nope",
    ] {
        transcript.call(&server, Method::GET, path, None, &session).await;
    }
    for path in ["/node-icon/toyModel", "/node-icon/nope", "/components-credentials-icon/toyApi"] {
        transcript.call(&server, Method::GET, path, None, &By::Nobody).await;
    }
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn the_list_is_sent_packed_and_only_when_it_is_new() {
    let (server, session) = TestServer::set_up().await;
    let ask = |name: &'static str, value: String| {
        let request =
            session.sign(Request::get("/api/v1/nodes?client=agentflowv2")).header(name, value);
        server.send(request.body(Body::empty()).unwrap())
    };
    let plain = ask("accept", "*/*".to_owned()).await;
    let packed = ask("accept-encoding", "gzip, br".to_owned()).await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    let mut text = String::new();
    flate2::read::GzDecoder::new(packed.bytes.as_slice()).read_to_string(&mut text).unwrap();
    assert_eq!(text, plain.text());
    let again = ask("if-none-match", plain.header("etag").to_owned()).await;
    assert_eq!((again.status, again.bytes.len()), (StatusCode::NOT_MODIFIED, 0));
    let weak = ask("if-none-match", format!("\"other\", W/{}", plain.header("etag"))).await;
    assert_eq!(weak.status, StatusCode::NOT_MODIFIED);
    assert_eq!(ask("if-none-match", "\"other\"".to_owned()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_drop_down_is_filled_by_its_node() {
    let (server, session) = TestServer::set_up().await;
    let ask = async |name: &str, body| {
        server.post(&format!("/node-load-method/{name}"), &body, &session).await
    };
    let filled = ask("toyModel", json!({ "loadMethod": "listModels", "inputs": {} })).await;
    assert_eq!(filled.json(), json!([{ "label": "without-key", "name": "without-key" }]));
    let none = ask("toyModel", json!({ "loadMethod": "listNothing" })).await;
    assert_eq!((none.status, none.json()), (StatusCode::OK, json!([])));
    let unknown = ask("nope", json!({ "loadMethod": "listModels" })).await;
    assert_eq!(
        (unknown.status, unknown.json()["message"].clone()),
        (StatusCode::NOT_FOUND, json!("Node nope not found"))
    );
    assert_eq!(ask("toyModel", json!({})).await.status, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn without_a_sandbox_no_code_runs() {
    let (server, session) = TestServer::set_up().await;
    let ask = json!({ "javascriptFunction": "return 1 + 1" });
    let answer = server.post("/node-custom-function", &ask, &session).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.json()["message"], "this installation runs no JavaScript");
}
