//! What routes ask of other services: links, prompts, speech, consent; and MCP servers.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

#[tokio::test]
async fn links_and_prompts() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    call(Method::GET, "/fetch-links", None).await;
    call(Method::GET, "/fetch-links?url=http://a.example", None).await;
    call(Method::GET, "/fetch-links?url=http://a.example&relativeLinksMethod=webCrawl", None).await;
    for (method, limit) in
        [("webCrawl", "5"), ("scrapeXMLSitemap", "0"), ("guess", "1"), ("webCrawl", "x")]
    {
        let path =
            format!("/fetch-links?url=http://a.example&relativeLinksMethod={method}&limit={limit}");
        call(Method::GET, &path, None).await;
    }
    call(Method::GET, "/fetch-links?url=a&relativeLinksMethod=webCrawl&limit=1", None).await;
    call(Method::POST, "/prompts-list", Some(json!({ "tags": "x" }))).await;
    call(Method::POST, "/prompts-list", Some(json!({ "tags": "away" }))).await;
    call(Method::POST, "/load-prompt", Some(json!({}))).await;
    call(Method::POST, "/load-prompt", Some(json!({ "promptName": "ann/summary" }))).await;
    insta::assert_snapshot!(transcript.text());
}

async fn credential(server: &TestServer, by: &By, fields: Value) -> String {
    let form = json!({ "name": "c", "credentialName": "toyApi", "plainDataObj": fields });
    server.post("/credentials", &form, by).await.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn answers_are_read_aloud_by_the_voice_of_the_flow() {
    let (server, session) = TestServer::set_up().await;
    let key = credential(&server, &session, json!({ "toyKey": "k" })).await;
    let voices = format!("/text-to-speech/voices?provider=openai&credentialId={key}");
    assert_eq!(
        server.get(&voices, &session).await.json(),
        json!([{ "id": "k", "name": "openai" }])
    );
    let voice = json!({ "openai": { "status": true, "credentialId": key, "voice": "alloy" }, "none": { "status": false } });
    let flow = json!({ "name": "f", "flowData": "{}", "type": "CHATFLOW", "textToSpeech": voice.to_string() });
    let flow = server.post("/chatflows", &flow, &session).await.json()["id"].clone();
    let ask = json!({ "chatflowId": flow, "chatId": "c", "chatMessageId": "m", "text": "Hello" });
    let heard = server.post("/text-to-speech/generate", &ask, &By::Nobody).await;
    assert_eq!(heard.header("content-type"), "text/event-stream");
    insta::assert_snapshot!(heard.text(), @r#"
    event: tts_start
    data: {"event":"tts_start","data":{"chatMessageId":"m","format":"mp3"}}

    event: tts_data
    data: {"event":"tts_data","data":{"chatMessageId":"m","audioChunk":"YWxsb3kgc2F5cyBIZWxsbyBieSBvcGVuYWk="}}

    event: tts_end
    data: {"event":"tts_end","data":{"chatMessageId":"m"}}
    "#);
    for (ask, status) in [
        (json!({}), StatusCode::BAD_REQUEST),
        (
            json!({ "text": "x", "provider": "openai", "credentialId": key }),
            StatusCode::UNAUTHORIZED,
        ),
        (json!({ "text": "x", "chatflowId": NIL }), StatusCode::NOT_FOUND),
    ] {
        let answer = server.post("/text-to-speech/generate", &ask, &By::Nobody).await;
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    let stop = json!({ "chatId": "c", "chatMessageId": "m", "chatflowId": flow });
    let stopped = server.post("/text-to-speech/abort", &stop, &By::Nobody).await;
    assert_eq!(stopped.json()["chatMessageId"], "m");
    let nothing = server.post("/text-to-speech/abort", &json!({}), &By::Nobody).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn consent_is_asked_for_kept_and_renewed_without_showing_a_token() {
    let (server, session) = TestServer::set_up().await;
    let fields = json!({
        "clientId": "app", "clientSecret": "canary", "authorizationUrl": "https://login.example/authorize",
        "accessTokenUrl": "https://login.example/token", "scope": "mail", "additionalParameters": "prompt=consent",
    });
    let id = credential(&server, &session, fields).await;
    let asked =
        server.post(&format!("/oauth2-credential/authorize/{id}"), &json!({}), &session).await;
    let address = asked.json()["authorizationUrl"].as_str().unwrap().to_owned();
    assert!(
        address.starts_with("https://login.example/authorize?client_id=app&response_type=code"),
        "{address}"
    );
    assert!(
        address.ends_with("&scope=mail&prompt=consent") && !address.contains("canary"),
        "{address}"
    );
    let state = address.split("state=").nth(1).unwrap().split('&').next().unwrap();

    let forged =
        server.get(&format!("/oauth2-credential/callback?code=1&state={id}"), &By::Nobody).await;
    assert_eq!(forged.status, StatusCode::BAD_REQUEST);
    let denied = server
        .get("/oauth2-credential/callback?error=no&error_description=%3Cb%3E", &By::Nobody)
        .await;
    assert!(
        denied.text().contains("&lt;b&gt;") && !denied.text().contains("<b>"),
        "{}",
        denied.text()
    );
    let path = format!("/oauth2-credential/callback?code=42&state={state}");
    let page = server.get(&path, &By::Nobody).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("OAUTH2_SUCCESS") && !page.text().contains("canary"));

    let renewed =
        server.post(&format!("/oauth2-credential/refresh/{id}"), &json!({}), &By::Nobody).await;
    let told = renewed.json();
    assert_eq!(told["tokenInfo"]["has_new_refresh_token"], true, "{told}");
    assert!(!renewed.text().contains("canary") && !renewed.text().contains("access_token"));
    let unknown =
        server.post(&format!("/oauth2-credential/refresh/{NIL}"), &json!({}), &By::Nobody).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let kept = server.get(&format!("/credentials/{id}"), &session).await.text().into_owned();
    assert!(
        kept.contains("access_token") && !kept.contains("login.example/token grant_type"),
        "{kept}"
    );
}

#[tokio::test]
async fn mcp_servers_are_kept_without_showing_where_and_how() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, path, body, &session).await
    };
    let form = json!({
        "name": "m", "serverUrl": "https://mcp.example/canary", "authType": "CUSTOM_HEADERS",
        "authConfig": { "headers": { "x-key": "canary" } },
    });
    let made = server.post("/custom-mcp-servers", &form, &session).await.json();
    let path = format!("/custom-mcp-servers/{}", made["id"].as_str().unwrap());
    call(Method::GET, "/custom-mcp-servers", None).await;
    call(Method::POST, "/custom-mcp-servers", Some(json!({ "authType": "zzz" }))).await;
    call(Method::POST, "/custom-mcp-servers", Some(json!({ "name": "m", "serverUrl": "ftp://x" })))
        .await;
    call(Method::GET, &path, None).await;
    call(Method::GET, &format!("{path}/tools"), None).await;
    call(Method::POST, &format!("{path}/authorize"), Some(json!({}))).await;
    call(Method::GET, &format!("{path}/tools"), None).await;
    let change = json!({ "name": "m2", "serverUrl": "https://mcp.example/************", "authConfig": { "headers": { "x-key": "************" } } });
    call(Method::PUT, &path, Some(change)).await;
    call(Method::PUT, &path, Some(json!({ "serverUrl": "https://other.example/************" })))
        .await;
    call(Method::PUT, &path, Some(json!({ "authType": "NONE" }))).await;
    call(Method::PUT, &path, Some(json!({ "serverUrl": "https://away.example/mcp" }))).await;
    call(Method::POST, &format!("{path}/authorize"), Some(json!({}))).await;
    call(Method::PUT, &path, Some(json!({ "name": "m3" }))).await;
    call(Method::GET, &format!("/custom-mcp-servers/{NIL}"), None).await;
    call(Method::DELETE, &path, None).await;
    assert!(!transcript.text().contains("canary"));
    insta::assert_snapshot!(transcript.text());
}
