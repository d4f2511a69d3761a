//! T14, T26: texts that want to be code.

use std::time::Duration;

use flowstone_server::route::{RouteRow, table};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::site::{Site, node, send};

const HOSTILE: &[&str] = &[
    "' OR '1'='1",
    "\" OR \"1\"=\"1",
    "x'; DROP TABLE chat_flow; --",
    "x\"; DELETE FROM chat_message; --",
    "1) UNION SELECT encryptedData FROM credential --",
    "%' OR 1=1 --",
    "\\' OR 1=1 #",
    "'||(SELECT credential FROM user)||'",
    "}) DETACH DELETE n //",
    "{\"$ne\":null}",
    "a`; DROP TABLE user",
    "%",
    "_",
    "\u{0}",
];

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// T14: in ids, filters and keys everything is a value, on every route that reads.
#[tokio::test]
async fn no_text_in_a_path_or_a_filter_is_a_statement() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    site.ask(&id, &json!({"question": "Bob"})).await;
    let filters = [
        "chatId",
        "chatType",
        "sessionId",
        "memoryType",
        "messageId",
        "startDate",
        "endDate",
        "order",
        "sort",
        "page",
        "limit",
        "type",
        "name",
        "search",
        "feedbackType",
        "chatflowid",
        "apikey",
    ];
    let document = send(site.request(Method::GET, "/openapi.json")).await.json();
    let reads = |it: &RouteRow| it.method == Method::GET && !it.path.contains("openapi");
    for (number, row) in table().iter().filter(|it| reads(it)).enumerate() {
        let Some(path) = row.path.strip_prefix("/api/v1") else { continue };
        let named = document["paths"][&row.path]["get"]["parameters"].as_array();
        let named = named.into_iter().flatten().filter(|it| it["in"] == "query");
        let named: Vec<&str> = named.filter_map(|it| it["name"].as_str()).collect();
        // Two texts for each route, and all of them over the whole table.
        for text in HOSTILE.iter().cycle().skip(number).step_by(5).take(2) {
            let mut hostile = path.to_owned();
            while let (Some(start), Some(end)) = (hostile.find('{'), hostile.find('}')) {
                hostile.replace_range(start..=end, &encoded(text));
            }
            let mut plain = path.to_owned();
            while let (Some(start), Some(end)) = (plain.find('{'), plain.find('}')) {
                plain.replace_range(start..=end, &id);
            }
            let query = named.iter().chain(&filters).map(|it| format!("{it}={}", encoded(text)));
            let query = query.collect::<Vec<_>>().join("&");
            let objects = filters.map(|it| format!("{it}[$ne]=x&{it}[]=y")).join("&");
            for path in [hostile, format!("{plain}?{query}"), format!("{plain}?{objects}")] {
                let answer = send(site.signed_in(Method::GET, &path)).await;
                for inside in [
                    "went wrong inside",
                    "syntax error",
                    "near \"",
                    "SQLITE",
                    "\"encryptedData\"",
                    "$2b$",
                ] {
                    assert!(!answer.text.contains(inside), "{path}: {}", answer.text);
                }
            }
        }
    }
    for text in HOSTILE {
        // A filter finds what is equal, or nothing.
        let path = format!("/chatmessage/{id}?chatId={}", encoded(text));
        let found = send(site.signed_in(Method::GET, &path)).await;
        assert!(found.text == "[]" || found.status.is_client_error(), "{path}: {}", found.text);
        let Ok(key) = reqwest::header::HeaderValue::from_str(&format!("Bearer {text}")) else {
            continue;
        };
        let asked = site.request(Method::GET, "/chatflows").header("authorization", key);
        assert_eq!(send(asked).await.status, StatusCode::UNAUTHORIZED, "{text}");
        let login = json!({"email": text, "password": text});
        let login = site.call(Method::POST, "/auth/login", &login).await;
        assert!(login.status.is_client_error(), "{text}: {}", login.text);
    }
    assert_eq!(site.said(&id).await.len(), 2, "everything is still there");
    assert!(send(site.signed_in(Method::GET, "/chatflows")).await.text.contains(&id));
}

/// T14: an object or a list where a text is due is refused, or nothing is found by it.
#[tokio::test]
async fn an_object_is_no_text() {
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    site.ask(&id, &json!({"question": "My name is Bob", "chatId": "mine"})).await;
    for value in
        [json!({"$ne": null}), json!(["mine"]), json!({"length": 4}), json!(7), json!(true)]
    {
        for body in [
            json!({"question": "Hi", "chatId": value}),
            json!({"question": "Hi", "overrideConfig": {"sessionId": value}}),
            json!({"question": "Hi", "sessionId": value}),
        ] {
            let answer = site.ask(&id, &body).await;
            assert!(answer.status.as_u16() < 500, "{body}: {}", answer.text);
            if answer.status.is_success() {
                let asked = site.provider.last_request().body.to_string();
                assert!(!asked.contains("My name is Bob"), "{body}: {asked}");
            }
        }
        for (path, body) in [
            ("/auth/login", json!({"email": value, "password": value})),
            ("/account/forgot-password", json!({"user": {"email": value}})),
            (
                "/account/reset-password",
                json!({"user": {"email": "ada@example.com", "tempToken": value, "password": "New-Horse-12"}}),
            ),
            ("/leads", json!({"chatflowid": value, "name": "x"})),
            (
                "/feedback",
                json!({"chatflowid": id, "chatId": value, "messageId": value, "rating": "THUMBS_UP"}),
            ),
        ] {
            let answer = site.call(Method::POST, path, &body).await;
            assert!(answer.status.is_client_error(), "{path} {body}: {}", answer.status);
        }
    }
}

/// T26: what stands between braces is looked up and never run, wherever it comes from.
#[tokio::test]
async fn braces_are_a_lookup_and_not_a_language() {
    const BAD: &[&str] = &[
        "{{(function(){return this.process})()}}",
        "{{constructor.constructor('return process.env')()}}",
        "{{ [].constructor.constructor('return 7*6')() }}",
        "{{7*6}}",
        "{{= 7*6 }}",
        "${7*6}",
        "#{7*6}",
        "<%= 7*6 %>",
        "{{$vars.__proto__}}",
        "{{$flow.constructor}}",
        "{{$flow.state.__proto__.polluted}}",
        "{{chatOpenAI_0.data.inputs.credential}}",
        "{{question.constructor}}",
        "{{{{question}}}}",
        "{{#with \"s\" as |string|}}{{/with}}",
        "{% for x in range(10) %}{{x}}{% endfor %}",
    ];
    let site = Site::open().await;
    let id = site.flow("conversation").await;
    for bad in BAD {
        // From outside it is a question like any other, to the letter.
        let answer = site.ask(&id, &json!({"question": bad})).await;
        assert_eq!(answer.status, StatusCode::OK, "{bad}: {}", answer.text);
        let asked = site.provider.last_request().body;
        let last = asked["messages"].as_array().unwrap().last().unwrap()["content"].clone();
        assert_eq!(last, *bad);
        // From the owner too, in any field of text.
        let mut flow = site.flow_data("tool-agent");
        node(&mut flow, "customTool_0")["name"] = "calculator".into();
        node(&mut flow, "toolAgent_0")["inputs"]["systemMessage"] = (*bad).into();
        let owned = site.save(&flow, &json!({})).await;
        let answer = site.ask(&owned, &json!({"question": "Hi"})).await;
        let told = site.provider.last_request().body.to_string() + &answer.text;
        for ran in ["PATH", "native code", "[object", "c0de", "sk-test-1"] {
            assert!(!told.contains(ran), "{bad}: {told}");
        }
        if !bad.contains("question") {
            assert!(!told.contains("\"42\""), "{bad}: {told}");
        }
    }
    // And long ones take no longer than long texts do.
    for long in [
        "{{".repeat(100_000),
        "{{$flow.".repeat(50_000),
        "{{a".repeat(50_000) + &"}}".repeat(50_000),
    ] {
        let mut flow = site.flow_data("tool-agent");
        node(&mut flow, "customTool_0")["name"] = "calculator".into();
        node(&mut flow, "toolAgent_0")["inputs"]["systemMessage"] = long.clone().into();
        let owned = site.save(&flow, &json!({})).await;
        let question = json!({"question": "Hi"});
        let asked = site.ask(&owned, &question);
        let answer = tokio::time::timeout(Duration::from_secs(10), asked).await;
        let answer = answer.expect("it takes linear time");
        assert_ne!(answer.json(), Value::Null);
    }
}
