//! Who may call what: laws over the route table.

use std::fmt::Write as _;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use flowstone_server::route::{Policy, RouteRow, table};
use serde_json::json;

use crate::server::{ALL_PERMISSIONS, By, NIL, TestServer};

/// A path of the table with every variable part filled in, below `/api/v1`.
pub(crate) fn filled(row: &RouteRow, id: &str) -> String {
    // A route of another API's clients is the same as one of ours.
    let ours = row.path.strip_prefix("/api/v1").or_else(|| row.path.strip_prefix("/v1"));
    let path = ours.unwrap();
    let part = |part| match part {
        "{since}" => "2001-01-01T00:00:00.000Z",
        _ if str::starts_with(part, '{') => id,
        _ => part,
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The body that goes with a method.
pub(crate) fn body(row: &RouteRow) -> Option<serde_json::Value> {
    (row.method != Method::GET).then(|| json!({}))
}

#[test]
fn every_route_and_its_policy_is_as_reviewed() {
    let mut text = String::new();
    for row in table() {
        let _ = writeln!(text, "{:6} {} {:?}", row.method.as_str(), row.path, row.policy);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn no_route_is_listed_twice() {
    let mut rows: Vec<_> = table().into_iter().map(|it| (it.path, it.method.to_string())).collect();
    let all = rows.len();
    rows.sort();
    rows.dedup();
    assert_eq!(rows.len(), all);
}

#[tokio::test]
async fn without_a_session_or_a_key_only_open_routes_answer() {
    let (server, _) = TestServer::set_up().await;
    for row in table().iter().filter(|it| !matches!(it.policy, Policy::Anonymous(_))) {
        let path = filled(row, NIL);
        let answer = server.call(row.method.clone(), &path, body(row).as_ref(), &By::Nobody).await;
        let told = (answer.status, answer.json());
        assert_eq!(
            told,
            (StatusCode::UNAUTHORIZED, json!({ "error": "Unauthorized Access" })),
            "{row:?}"
        );

        let wrong = By::Key("wrong".to_owned());
        let answer = server.call(row.method.clone(), &path, body(row).as_ref(), &wrong).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{row:?}");

        let gone = By::Session("token=gone".to_owned());
        let answer = server.call(row.method.clone(), &path, body(row).as_ref(), &gone).await;
        let told = (answer.status, answer.json());
        assert_eq!(
            told,
            (StatusCode::UNAUTHORIZED, json!({ "message": "Invalid or Missing token" })),
            "{row:?}"
        );
    }
}

#[tokio::test]
async fn without_the_permission_a_key_is_refused() {
    let (server, session) = TestServer::set_up().await;
    let powerless = server.key(&session, &[]).await;
    for row in table() {
        let expected = match row.policy {
            Policy::Caller(permissions) if !permissions.is_empty() => StatusCode::FORBIDDEN,
            Policy::Session(_) => StatusCode::UNAUTHORIZED,
            _ => continue,
        };
        let path = filled(&row, NIL);
        let answer = server.call(row.method.clone(), &path, body(&row).as_ref(), &powerless).await;
        assert_eq!(answer.status, expected, "{row:?}");
        if expected == StatusCode::FORBIDDEN {
            assert_eq!(answer.json(), json!({ "message": "Forbidden" }), "{row:?}");
        }
    }
}

#[tokio::test]
async fn a_slash_at_the_end_of_a_path_changes_nothing() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, ALL_PERMISSIONS).await;
    for row in table().iter().filter(|it| !it.path.contains("{*")) {
        let path = filled(row, NIL);
        for by in [&By::Nobody, &key] {
            let ask = async |path: &str| {
                let answer = server.call(row.method.clone(), path, body(row).as_ref(), by).await;
                (answer.status, answer.header("allow").to_owned())
            };
            assert_eq!(ask(&format!("{path}/")).await, ask(&path).await, "{row:?} by {by:?}");
        }
    }
}

#[tokio::test]
async fn another_spelling_of_a_path_opens_nothing() {
    let (server, _) = TestServer::set_up().await;
    for path in [
        "/API/v1/chatflows",
        "/api/V1/chatflows",
        "/Api/v1/chatflows/",
        "//api/v1/chatflows",
        "/api/v1//chatflows",
        "/api/v1/chatflows/",
        "/api/v1/chatflows;x",
        "/api/v1/chatflows%2f",
        "/api/v1/%63hatflows",
        "/api/v1/ping/../chatflows",
        "/api%2fv1/chatflows",
        "/api/v1",
        "/api",
    ] {
        for (name, value) in [
            ("x-nothing", "1"),
            ("x-http-method-override", "OPTIONS"),
            ("x-original-url", "/api/v1/ping"),
        ] {
            let request = Request::get(path).header(name, value).body(Body::empty()).unwrap();
            let answer = server.send(request).await;
            assert_eq!(
                answer.status,
                StatusCode::UNAUTHORIZED,
                "{path} with {name}: {}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn an_unknown_path_is_no_page_and_a_wrong_method_no_route() {
    let (server, session) = TestServer::set_up().await;
    let key = server.key(&session, &["chatflows:view"]).await;
    for by in [&session, &key] {
        let answer = server.get("/no-such-route", by).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.json()["message"], "there is no route GET /api/v1/no-such-route");
        assert_eq!(
            server.call(Method::PATCH, "/chatflows", None, by).await.status,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }
    // Everybody may know that an open path is there.
    let answer = server.post("/ping", &json!({}), &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.call(Method::HEAD, "/ping", None, &By::Nobody).await.status, StatusCode::OK);
    assert_eq!(
        server.call(Method::HEAD, "/chatflows", None, &By::Nobody).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_cookie_without_our_header_is_not_looked_at() {
    let (server, By::Session(cookies)) = TestServer::set_up().await else { panic!("a session") };
    let request =
        Request::get("/api/v1/chatflows").header("cookie", &cookies).body(Body::empty()).unwrap();
    let answer = server.send(request).await;
    assert_eq!(answer.json(), json!({ "error": "Unauthorized Access" }));
}

#[tokio::test]
async fn a_key_is_shown_with_or_without_its_scheme() {
    let (server, session) = TestServer::set_up().await;
    let By::Key(key) = server.key(&session, &["chatflows:view"]).await else { panic!("a key") };
    for (value, status) in [
        (format!("Bearer {key}"), StatusCode::OK),
        (key.clone(), StatusCode::OK),
        (format!("Basic {key}"), StatusCode::UNAUTHORIZED),
        (format!("Bearer {key}x"), StatusCode::UNAUTHORIZED),
    ] {
        let request =
            Request::get("/api/v1/chatflows").header("authorization", value).body(Body::empty());
        assert_eq!(server.send(request.unwrap()).await.status, status);
    }
}
