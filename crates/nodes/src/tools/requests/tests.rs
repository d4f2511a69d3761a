//! Calls against a server of the test: what is sent, what is refused, what comes back.

use flowstone_core::{Error, Node};
use flowstone_testkit::{FakeSite, SitePage, contract};
use serde_json::json;

use super::super::{
    requests_delete::RequestsDelete,
    requests_get::RequestsGet,
    requests_post::RequestsPost,
    requests_put::RequestsPut,
    tests::{call, refused, run_for, tool},
};
use super::*;
use crate::testing::form;

async fn site() -> FakeSite {
    FakeSite::start([
        ("/orders", SitePage::new("application/json", r#"{"orders": []}"#)),
        ("/orders?limit=2&note=a+b", SitePage::new("text/plain", "filtered")),
        ("/orders/4%2F2/lines?limit=1", SitePage::new("text/plain", "line")),
        ("/orders/7", SitePage::new("text/plain", "seven")),
        ("/refused", SitePage::new("text/plain", "not for you").status(403)),
        ("/away", SitePage::redirect("http://127.0.0.1:1/")),
        ("/long", SitePage::new("text/plain", "ä".repeat(5000))),
    ])
    .await
}

#[tokio::test]
async fn every_verb_keeps_the_contract_and_is_sent_as_it_says() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    for (node, verb) in [
        (&RequestsGet as &dyn Node, "Get"),
        (&RequestsDelete, "Delete"),
        (&RequestsPost, "Post"),
        (&RequestsPut, "Put"),
    ] {
        let row = |name: &str| format!("requests{verb}{name}");
        let values = json!({
            row("Url"): site.url("/orders"),
            row("Headers"): "{\"X-Key\": \"secret\", \"X-Number\": 5}",
        });
        let tool = tool(node, &form(&values)).await;
        assert_eq!(tool.spec().name, format!("requests_{}", verb.to_lowercase()));
        let said = contract::tool::suite(tool.as_ref(), &json!({}), &run).await;
        assert_eq!(said.text, r#"{"orders": []}"#);
        let sent = site.calls().pop().unwrap();
        assert_eq!(sent.method, verb.to_uppercase());
        assert_eq!((&*sent.headers["x-key"], &*sent.headers["x-number"]), ("secret", "5"));
        let body = if matches!(verb, "Post" | "Put") { "{}" } else { "" };
        assert_eq!(sent.body, body);
    }
}

#[tokio::test]
async fn the_model_completes_the_address_where_the_schema_says_so() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    let schema = "{id: {type: 'string', required: true, in: 'path'}, limit: {type: 'number'},}";
    let values = json!({
        "requestsGetUrl": site.url("/orders/:id/lines"),
        "requestsGetQueryParamsSchema": schema,
    });
    let tool = tool(&RequestsGet, &form(&values)).await;
    insta::assert_json_snapshot!("query_schema", tool.spec().parameters);
    let query = |it: Value| json!({"queryParams": it});
    let said = call(&tool, &query(json!({"id": "4/2", "limit": 1})), &run).await.unwrap();
    assert_eq!(said, "line");
    for (arguments, expected) in [
        (json!({}), "queryParams lacks id. Call again."),
        (query(json!({"id": null})), "queryParams lacks id. Call again."),
        (query(json!([])), "queryParams must be an object. Call again."),
        (
            query(json!({"id": "1", "url": "http://evil.example"})),
            "queryParams takes no url. It takes: id, limit. Call again.",
        ),
        (query(json!({"id": ".."})), "a part of the path may not be . or .."),
        (query(json!({"id": "."})), "a part of the path may not be . or .."),
    ] {
        let said = call(&tool, &arguments, &run).await.unwrap_err().to_string();
        assert_eq!(said, expected, "{arguments}");
    }
    assert_eq!(site.calls().len(), 1);
}

#[tokio::test]
async fn a_part_of_the_path_without_a_marker_goes_to_its_end() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    let values = json!({
        "requestsDeleteUrl": site.url("/orders/"),
        "requestsDeleteQueryParamsSchema": {"id": {"in": "path", "required": true}},
    });
    let tool = tool(&RequestsDelete, &form(&values)).await;
    let arguments = json!({"queryParams": {"id": 7}});
    assert_eq!(call(&tool, &arguments, &run).await.unwrap(), "seven");
}

/// T27: what the author wrote cannot be changed by what the model was told to write.
#[tokio::test]
async fn without_a_schema_the_model_may_only_add_to_the_query() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    let values = json!({"requestsGetUrl": site.url("/orders?limit=2")});
    let tool = tool(&RequestsGet, &form(&values)).await;
    let said = call(&tool, &json!({"queryParams": {"note": "a b"}}), &run).await.unwrap();
    assert_eq!(said, "filtered");
    let said = call(&tool, &json!({"queryParams": {"limit": 9}}), &run).await.unwrap_err();
    assert_eq!(said.to_string(), "limit is fixed: leave it out. Call again.");
    let arguments = json!({"url": "http://evil.example", "headers": {"x": "y"}, "method": "PUT"});
    call(&tool, &arguments, &run).await.unwrap_err();
    let sent = site.calls().pop().unwrap();
    assert_eq!((&*sent.method, &*sent.path), ("GET", "/orders?limit=2"));
    assert!(!sent.headers.contains_key("x"));
}

#[tokio::test]
async fn the_model_adds_to_the_body_what_the_schema_lists() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    let values = json!({
        "requestsPostUrl": site.url("/orders"),
        "requestPostBody": "{\"source\": \"chat\", \"express\": false}",
        "requestsPostBodySchema": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "express": {"type": "boolean"}},
            "required": ["name"],
        },
    });
    let tool = tool(&RequestsPost, &form(&values)).await;
    assert_eq!(tool.spec().parameters["required"], json!(["body"]));
    let arguments = json!({"body": {"name": "Ada", "express": true}});
    call(&tool, &arguments, &run).await.unwrap();
    let sent: Value = serde_json::from_str(&site.calls().pop().unwrap().body).unwrap();
    assert_eq!(sent, json!({"source": "chat", "express": true, "name": "Ada"}));
    let arguments = json!({"body": {"name": "Ada", "source": "me"}});
    let said = call(&tool, &arguments, &run).await.unwrap_err().to_string();
    assert_eq!(said, "body takes no source. It takes: name, express. Call again.");

    let values = json!({"requestsPutUrl": site.url("/orders"), "requestPutBody": "[1, 2]"});
    let fixed = super::super::tests::tool(&RequestsPut, &form(&values)).await;
    call(&fixed, &json!({"body": {"a": 1}}), &run).await.unwrap();
    assert_eq!(site.calls().pop().unwrap().body, "[1,2]");
}

#[tokio::test]
async fn answers_are_cut_and_refusals_are_told() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    let get = async |path: &str, limit: Value| {
        let values = json!({
            "requestsGetUrl": site.url(path), "requestsGetMaxOutputLength": limit,
        });
        let tool = tool(&RequestsGet, &form(&values)).await;
        call(&tool, &json!({}), &run).await
    };
    let count = async |limit: Value| get("/long", limit).await.unwrap().chars().count();
    assert_eq!(count(json!("2000")).await, 2000);
    assert_eq!(count(json!(3)).await, 3);
    assert_eq!(count(json!("")).await, 5000);
    let said = get("/refused", json!("")).await.unwrap_err().to_string();
    assert_eq!(said, "403 Forbidden not for you");
}

/// T06: neither the address nor a redirect leads to where this installation does not let flows.
#[tokio::test]
async fn addresses_that_may_not_be_called_are_refused() {
    let site = site().await;
    let (run, _receiver) = run_for(&site);
    let away = site.url("/away");
    for url in [
        "http://127.0.0.1:1/",
        "http://[::ffff:169.254.169.254]/latest/meta-data",
        "http://2130706433/",
        "http://localhost/",
        "file:///etc/passwd",
        &away,
    ] {
        let made = RequestsGet.init(&form(&json!({"requestsGetUrl": url}))).await;
        let Ok(flowstone_core::Capability::Tool(tool)) = made else {
            assert!(url.starts_with("file:"), "{url}");
            continue;
        };
        let said = call(&tool, &json!({}), &run).await.unwrap_err();
        assert!(matches!(said, Error::AddressRefused(_)), "{url}: {said}");
    }
}

#[tokio::test]
async fn rows_that_cannot_be_used_are_named() {
    let with =
        |name: &str, value: &str| json!({"requestsPostUrl": "https://example.com", name: value});
    for (values, expected) in [
        (json!({}), "URL is required"),
        (json!({"requestsPostUrl": "example"}), "URL: an address such as"),
        (with("requestsPostHeaders", "X-Key: [1"), "Headers: a JSON object is expected"),
        (with("requestsPostHeaders", "{\"Host\": \"x\"}"), "Headers: Host is set by the call"),
        (with("requestPostBody", "{\"a\": "), "Body: this is not valid JSON"),
        (with("requestsPostBodySchema", "[]"), "Body Schema: an object of names"),
        (with("requestsPostBodySchema", "{\"a\": 1}"), "Body Schema: a: an object such as"),
        (with("requestsPostMaxOutputLength", "-1"), "Max Output Length: -1 is not a whole"),
    ] {
        let said = refused(&RequestsPost, &values).await;
        assert!(said.starts_with(expected), "{said}");
    }
}

#[test]
fn rows_that_the_canvas_saved_as_html_are_read_as_text() {
    assert_eq!(plain("<p>https://a.example/<b>x</b></p>"), "https://a.example/x");
    assert_eq!(plain("{\"a\": \"<p>\"}"), "{\"a\": \"<p>\"}");
}

#[test]
fn markers_are_whole_words_of_the_path() {
    let replaced = |path: &str| replace_marker(path, "id", "5");
    assert_eq!(replaced("/a/:id/b:id").as_deref(), Some("/a/5/b5"));
    assert_eq!(replaced("/a/:idx/:id").as_deref(), Some("/a/:idx/5"));
    assert_eq!(replaced("/a/:idx"), None);
}
