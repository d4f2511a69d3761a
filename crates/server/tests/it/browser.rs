//! The walls that browsers keep up: origins, frames, pages.

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use flowstone_server::{Origins, ServerSettings};
use serde_json::json;

use crate::server::{Answer, By, TestServer};

async fn from_origin(server: &TestServer, path: &str, origin: &str) -> Answer {
    let request = Request::get(path).header("origin", origin).body(Body::empty()).unwrap();
    server.send(request).await
}

#[tokio::test]
async fn no_foreign_page_may_read_answers_unless_it_is_listed() {
    let server = TestServer::start().await;
    let answer = from_origin(&server, "/api/v1/ping", "https://shop.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), "");
    assert_eq!(answer.header("vary"), "Origin");

    let listed = Origins::Listed(vec!["https://shop.example".to_owned()]);
    let settings =
        ServerSettings { cors_origins: listed, cors_credentials: true, ..Default::default() };
    let server = TestServer::with(settings).await;
    let answer = from_origin(&server, "/api/v1/ping", "https://shop.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), "https://shop.example");
    assert_eq!(answer.header("access-control-allow-credentials"), "true");
    for foreign in
        ["https://shop.example.evil.example", "http://shop.example", "null", "https://evil.example"]
    {
        let answer = from_origin(&server, "/api/v1/ping", foreign).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{foreign}");
    }
}

#[tokio::test]
async fn everybody_never_includes_their_cookies() {
    let settings =
        ServerSettings { cors_origins: Origins::Any, cors_credentials: true, ..Default::default() };
    let server = TestServer::with(settings).await;
    let answer = from_origin(&server, "/api/v1/ping", "https://shop.example").await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_eq!(answer.header("access-control-allow-credentials"), "");
}

#[tokio::test]
async fn a_flow_opens_itself_to_the_sites_it_is_embedded_in() {
    let (server, session) = TestServer::set_up().await;
    let flow = json!({
        "name": "Sales", "flowData": "{}", "type": "CHATFLOW",
        "chatbotConfig": json!({ "allowedOrigins": ["https://good.example"] }).to_string(),
    });
    let id =
        server.post("/chatflows", &flow, &session).await.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/prediction/{id}");
    let ask = |origin: &str| {
        let request = Request::options(&path).header("origin", origin);
        request.header("access-control-request-method", "POST").body(Body::empty()).unwrap()
    };
    let answer = server.send(ask("https://good.example")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert_eq!(answer.header("access-control-allow-origin"), "https://good.example");
    assert_eq!(
        server.send(ask("https://evil.example")).await.header("access-control-allow-origin"),
        ""
    );
    let elsewhere = format!("/api/v1/chatflows/{id}");
    let answer = from_origin(&server, &elsewhere, "https://good.example").await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "",
        "only what chat windows call is opened"
    );
}

#[tokio::test]
async fn answers_tell_browsers_what_they_may_do_with_them() {
    let server = TestServer::start().await;
    let answer = server.get("/ping", &By::Nobody).await;
    assert_eq!(answer.header("content-security-policy"), "frame-ancestors 'self'");
    assert_eq!(answer.header("x-frame-options"), "SAMEORIGIN");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("x-request-id").len(), 36);

    let settings =
        ServerSettings { frame_ancestors: "https://shop.example".to_owned(), ..Default::default() };
    let server = TestServer::with(settings).await;
    let answer = server.get("/ping", &By::Nobody).await;
    assert_eq!(answer.header("content-security-policy"), "frame-ancestors https://shop.example");
    assert_eq!(answer.header("x-frame-options"), "");
}

#[tokio::test]
async fn pages_load_nothing_foreign_and_every_address_shows_the_page() {
    let server = TestServer::start().await;
    for path in ["/", "/canvas/some-id", "/signin?redirect=/", "/index.html"] {
        let answer = server.send(Request::get(path).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(answer.text().starts_with("<!doctype html>"), "{path}");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'self'"),
            "{policy}"
        );
    }
    let script = server.send(Request::get("/assets/app-1f.js").body(Body::empty()).unwrap()).await;
    assert_eq!(script.header("cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(script.header("access-control-allow-origin"), "");
    for file in ["/embed.js", "/embed-formulas.js"] {
        let widget = server.send(Request::get(file).body(Body::empty()).unwrap()).await;
        assert_eq!(widget.header("access-control-allow-origin"), "*", "{file}");
        assert!(widget.header("cache-control").starts_with("public, max-age="), "{file}");
    }
    let missing = server.send(Request::get("/assets/old.js").body(Body::empty()).unwrap()).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let posted = server.send(Request::post("/canvas").body(Body::empty()).unwrap()).await;
    assert_eq!(posted.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_foreign_page_cannot_set_up_sign_in_or_sign_out() {
    let (server, session) = TestServer::set_up().await;
    for path in ["/account/register", "/auth/login", "/auth/refreshToken", "/account/logout"] {
        let form = ("content-type", "application/x-www-form-urlencoded");
        for (name, value) in [form, ("sec-fetch-site", "cross-site")] {
            let request = session.sign(Request::post(format!("/api/v1{path}"))).header(name, value);
            let request = request.body(Body::from("email=a&password=b")).unwrap();
            assert_eq!(server.send(request).await.status, StatusCode::FORBIDDEN, "{path} {name}");
        }
    }
    assert_eq!(server.get("/chatflows", &session).await.status, StatusCode::OK);
}
