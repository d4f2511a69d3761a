//! Forgotten and changed passwords: who gets a link, what a token opens, which sessions end.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode},
};
use chrono::Utc;
use flowstone_server::{AttemptLimits, OldLogin, ServerSettings};
use flowstone_store::{PasswordReset, UserPatch};
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{Answer, By, PASSWORD, TestServer},
};

const NEW: &str = "Another-Horse-2";
const APP_URL: &str = "https://flows.example.com";

async fn set_up(settings: ServerSettings) -> (TestServer, By) {
    let settings = ServerSettings { app_url: Some(APP_URL.to_owned()), ..settings };
    let server = TestServer::with(settings).await;
    let account =
        json!({ "user": { "name": "Ann", "email": "ann@example.com", "credential": PASSWORD } });
    let answer = server.post("/account/register", &account, &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let session = server.sign_in("ann@example.com").await;
    (server, session)
}

fn forgotten(email: &str) -> Value {
    json!({ "user": { "email": email } })
}

fn chosen(token: &Value, password: &str) -> Value {
    json!({ "user": { "email": "ann@example.com", "tempToken": token, "password": password } })
}

/// Asks for a link.
async fn ask(server: &TestServer, email: &str) -> Answer {
    server.post("/account/forgot-password", &forgotten(email), &By::Nobody).await
}

/// Asks for a link; gives the token in it.
async fn token(server: &TestServer) -> String {
    assert_eq!(ask(server, "Ann@Example.com ").await.status, StatusCode::CREATED);
    let letter = server.letter().await;
    let (_, rest) = letter.text.split_once("/reset-password#token=").unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_mail() {
    let (server, session) = set_up(ServerSettings::default()).await;
    let token = token(&server).await;
    let mut transcript = Transcript::default();
    let mut post = async |path: &str, body: Value| {
        transcript.call(&server, Method::POST, path, Some(body), &By::Nobody).await
    };
    post("/account/forgot-password", json!({})).await;
    post("/account/forgot-password", forgotten("nobody@example.com")).await;
    post("/account/reset-password", chosen(&json!(token), "weak")).await;
    post("/account/reset-password", chosen(&json!("AAAA"), NEW)).await;
    post("/account/reset-password", chosen(&json!(token), NEW)).await;
    post("/account/reset-password", chosen(&json!(token), "Third-Horse-3")).await;
    post("/auth/login", json!({ "email": "ann@example.com", "password": PASSWORD })).await;
    post("/auth/login", json!({ "email": "ann@example.com", "password": NEW })).await;
    insta::assert_snapshot!(transcript.text());

    assert_eq!(server.get("/chatflows", &session).await.status, StatusCode::UNAUTHORIZED);
    let refreshed = server.post("/auth/refreshToken", &json!({}), &session).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
    let told = server.letter().await;
    assert!(told.subject.contains("password was changed"), "{}", told.subject);
    assert_eq!(told.to, "ann@example.com");
}

#[tokio::test]
async fn the_answer_is_the_same_for_every_address_and_holds_no_token() {
    let (server, _) = set_up(ServerSettings::default()).await;
    let told = async |email: &str| {
        let answer = ask(&server, email).await;
        (answer.status, answer.text().into_owned())
    };
    let known = told("ann@example.com").await;
    let letter = server.letter().await;
    assert_eq!(known, told("eve@example.com").await);
    assert_eq!(known, told("not an address").await);
    let (_, token) = letter.text.split_once("token=").unwrap();
    assert!(!known.1.contains(&token[..20]), "{}", known.1);
    // Somebody who may not sign in gets none either, and nobody can tell.
    let ann = server.store.users().find_by_email("ann@example.com").await.unwrap().unwrap();
    let patch = UserPatch { status: Some("invited".to_owned()), ..UserPatch::default() };
    server.store.users().update(&ann.id, patch).await.unwrap();
    assert_eq!(known, told("ann@example.com").await);
    server.quiet().await;
}

#[tokio::test]
async fn a_link_leads_to_the_configured_address_whatever_a_request_says() {
    let (server, _) = set_up(ServerSettings::default()).await;
    let request = Request::post("/api/v1/account/forgot-password")
        .header("host", "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("x-forwarded-proto", "http")
        .header("origin", "https://evil.example")
        .header("content-type", "application/json")
        .body(Body::from(forgotten("ann@example.com").to_string()));
    assert_eq!(server.send(request.unwrap()).await.status, StatusCode::CREATED);
    let letter = server.letter().await;
    for text in [&letter.text, &letter.html] {
        assert!(text.contains(&format!("{APP_URL}/reset-password#token=")), "{text}");
        assert!(!text.contains("evil") && !text.contains("http://"), "{text}");
    }
}

#[tokio::test]
async fn no_token_travels_over_plain_http() {
    for (app_url, status) in [
        (Some("http://flows.example.com"), StatusCode::NOT_FOUND),
        (None, StatusCode::NOT_FOUND),
        (Some("http://localhost:3000"), StatusCode::CREATED),
        (Some("http://127.0.0.1:3000"), StatusCode::CREATED),
    ] {
        let app_url = app_url.map(str::to_owned);
        let server = TestServer::with(ServerSettings { app_url, ..Default::default() }).await;
        assert_eq!(ask(&server, "a@b.example").await.status, status);
    }
}

#[tokio::test]
async fn no_token_but_the_right_one_opens_an_account() {
    let (server, _) = set_up(ServerSettings::default()).await;
    server.neighbour().await;
    let token = token(&server).await;
    let wrong = [
        json!(null),
        json!(""),
        json!([]),
        json!([token]),
        json!({ "$ne": null }),
        json!(0),
        json!(true),
        json!("x".repeat(5000)),
    ];
    for value in wrong {
        let answer =
            server.post("/account/reset-password", &chosen(&value, NEW), &By::Nobody).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{value}: {}", answer.text());
    }
    // A token of one account with the address of another.
    let others =
        json!({ "user": { "email": "bob@example.com", "tempToken": token, "password": NEW } });
    let answer = server.post("/account/reset-password", &others, &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    // Its time is over.
    let ann = server.store.users().find_by_email("ann@example.com").await.unwrap().unwrap();
    let old = PasswordReset {
        user_id: ann.id.clone(),
        token_hash: "0".repeat(64),
        created_date: Utc::now(),
        expires_date: Utc::now() - chrono::TimeDelta::seconds(1),
    };
    server.store.password_resets().put(&old).await.unwrap();
    let answer =
        server.post("/account/reset-password", &chosen(&json!(token), NEW), &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "a newer request voids it");
    let now = server.store.users().get(&ann.id).await.unwrap();
    assert_eq!(now.password_hash, ann.password_hash);
}

#[tokio::test]
async fn asking_and_trying_often_is_stopped() {
    let limits = AttemptLimits { per_account: 2, ..AttemptLimits::default() };
    let (server, _) = set_up(ServerSettings { reset_attempts: limits, ..Default::default() }).await;
    for email in ["ann@example.com", "eve@example.com"] {
        for status in [StatusCode::CREATED, StatusCode::CREATED, StatusCode::TOO_MANY_REQUESTS] {
            assert_eq!(ask(&server, email).await.status, status, "{email}");
        }
    }
    let guess = chosen(&json!("guess"), NEW);
    for _ in 0..2 {
        server.post("/account/reset-password", &guess, &By::Nobody).await;
    }
    let answer = server.post("/account/reset-password", &guess, &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_person_changes_their_name_address_and_password() {
    let (server, session) = set_up(ServerSettings::default()).await;
    let elsewhere = server.sign_in("ann@example.com").await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>, by: &By| {
        transcript.call(&server, method, path, body, by).await
    };
    call(Method::GET, "/user", None, &session).await;
    let me = call(Method::GET, "/user?email=ANN@example.com", None, &session).await.json();
    call(Method::GET, "/user?id=00000000-0000-4000-8000-000000000000", None, &session).await;
    let id = &me["id"];
    call(Method::PUT, "/user", Some(json!({ "id": id, "name": " Ann Lee " })), &session).await;
    call(Method::PUT, "/user", Some(json!({ "name": " " })), &session).await;
    call(Method::PUT, "/user", Some(json!({ "newPassword": NEW })), &session).await;
    let weak = json!({ "oldPassword": PASSWORD, "newPassword": "weak" });
    call(Method::PUT, "/user", Some(weak), &session).await;
    let wrong = json!({ "oldPassword": "Wrong-Horse-1", "newPassword": NEW });
    call(Method::PUT, "/user", Some(wrong), &session).await;
    let differs = json!({ "oldPassword": PASSWORD, "newPassword": NEW, "confirmPassword": "x" });
    call(Method::PUT, "/user", Some(differs), &session).await;
    call(Method::PUT, "/user", Some(json!({ "email": "lee@example.com" })), &session).await;
    assert_eq!(server.get("/chatflows", &elsewhere).await.status, StatusCode::OK);
    server.quiet().await;

    let right =
        json!({ "id": id, "oldPassword": PASSWORD, "newPassword": NEW, "confirmPassword": NEW });
    let answer = call(Method::PUT, "/user", Some(right), &session).await;
    let renewed = By::Session(answer.cookies());
    for over in [&session, &elsewhere] {
        assert_eq!(server.get("/chatflows", over).await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(server.get("/chatflows", &renewed).await.status, StatusCode::OK);
    assert_eq!(server.letter().await.to, "ann@example.com");
    let moved = json!({ "email": "Lee@example.com", "oldPassword": NEW });
    call(Method::PUT, "/user", Some(moved), &renewed).await;
    assert_eq!(server.letter().await.to, "ann@example.com", "the old address is told");
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn nobody_changes_another_person_or_what_only_the_server_decides() {
    let (server, session) = set_up(ServerSettings::default()).await;
    server.neighbour().await;
    let users = server.store.users();
    let bob = users.find_by_email("bob@example.com").await.unwrap().unwrap();
    let hash = bcrypt::hash("Chosen-Horse-1", 4).unwrap();
    let theirs = json!({ "id": bob.id, "name": "stolen", "credential": hash });
    assert_eq!(server.put("/user", &theirs, &session).await.status, StatusCode::NOT_FOUND);
    let taken = json!({ "email": "bob@example.com", "oldPassword": PASSWORD });
    assert_eq!(server.put("/user", &taken, &session).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(users.get(&bob.id).await.unwrap(), bob);

    let ann = users.find_by_email("ann@example.com").await.unwrap().unwrap();
    let loaded = json!({
        "name": "Ann", "credential": hash, "passwordHash": hash, "password": "Chosen-Horse-1",
        "status": "invited", "createdDate": "2001-01-01T00:00:00.000Z", "tempToken": "chosen",
    });
    assert_eq!(server.put("/user", &loaded, &session).await.status, StatusCode::OK);
    let now = users.get(&ann.id).await.unwrap();
    assert_eq!(
        (now.password_hash, now.status, now.created_date),
        (ann.password_hash, ann.status, ann.created_date)
    );
}

#[tokio::test]
async fn guessing_the_present_password_is_stopped() {
    let limits = AttemptLimits { per_account: 2, ..AttemptLimits::default() };
    let (server, session) =
        set_up(ServerSettings { login_attempts: limits, ..Default::default() }).await;
    let guess = json!({ "oldPassword": "Wrong-Horse-1", "newPassword": NEW });
    for _ in 0..2 {
        assert_eq!(server.put("/user", &guess, &session).await.status, StatusCode::BAD_REQUEST);
    }
    let right = json!({ "oldPassword": PASSWORD, "newPassword": NEW });
    assert_eq!(server.put("/user", &right, &session).await.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn an_old_login_is_asked_for_before_the_first_account() {
    let old = OldLogin { user: "admin".to_owned(), password: "1234".to_owned() };
    let server =
        TestServer::with(ServerSettings { old_login: Some(old), ..Default::default() }).await;
    let account =
        json!({ "user": { "name": "Ann", "email": "ann@example.com", "credential": PASSWORD } });
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>, by: &By| {
        transcript.call(&server, method, path, body, by).await
    };
    let nobody = &By::Nobody;
    call(Method::GET, "/account/basic-auth", None, nobody).await;
    call(Method::POST, "/account/register", Some(account.clone()), nobody).await;
    for (user, password) in [("admin", "12345"), ("Admin", "1234"), ("", "")] {
        let form = json!({ "username": user, "password": password });
        call(Method::POST, "/account/basic-auth", Some(form), nobody).await;
    }
    let form = json!({ "username": "admin", "password": "1234" });
    let pass = call(Method::POST, "/account/basic-auth", Some(form), nobody).await.cookies();
    let forged = By::Session("setup=eyJhbGciOiJub25lIn0.eyJzZXR1cCI6dHJ1ZX0.".to_owned());
    call(Method::POST, "/account/register", Some(account.clone()), &forged).await;
    call(Method::POST, "/account/register", Some(account), &By::Session(pass.clone())).await;
    call(Method::GET, "/account/basic-auth", None, nobody).await;
    insta::assert_snapshot!(transcript.text());
    // The pass is no session.
    let token = pass.replace("setup=", "token=");
    assert_eq!(
        server.get("/chatflows", &By::Session(token)).await.status,
        StatusCode::UNAUTHORIZED
    );
}
