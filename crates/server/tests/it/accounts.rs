//! Setting up, signing in and out; nobody guesses their way in.

use axum::http::{Method, StatusCode};
use chrono::Utc;
use flowstone_server::{AttemptLimits, ServerSettings};
use flowstone_store::UserPatch;
use serde_json::{Value, json};

use crate::{
    exchange::Transcript,
    server::{By, PASSWORD, TestServer},
};

fn registration(email: &str, password: &str) -> Value {
    json!({ "user": { "name": "Ann", "email": email, "credential": password } })
}

#[tokio::test]
async fn setting_up_and_signing_in() {
    let server = TestServer::start().await;
    let mut transcript = Transcript::default();
    let nobody = &By::Nobody;
    let mut post = async |path: &str, body: Value, by: &By| {
        transcript.call(&server, Method::POST, path, Some(body), by).await
    };
    post("/auth/resolve", json!({}), nobody).await;
    post("/account/register", registration("ann@example.com", "weak"), nobody).await;
    post("/account/register", registration("nobody", PASSWORD), nobody).await;
    post("/account/register", registration("Ann@Example.com", PASSWORD), nobody).await;
    post("/account/register", registration("bob@example.com", PASSWORD), nobody).await;
    post("/account/register", json!({}), nobody).await;
    post("/auth/resolve", json!({}), nobody).await;
    post("/auth/login", json!({}), nobody).await;
    post("/auth/login", json!({ "email": "ann@example.com", "password": "nope" }), nobody).await;
    post("/auth/login", json!({ "email": "eve@example.com", "password": "nope" }), nobody).await;
    let form = json!({ "email": "ann@example.com", "password": PASSWORD });
    let cookies = post("/auth/login", form, nobody).await.cookies();
    let session = By::Session(cookies);
    post("/auth/refreshToken", json!({}), nobody).await;
    post("/auth/refreshToken", json!({}), &session).await;
    post("/account/logout", json!({}), &session).await;
    transcript.call(&server, Method::GET, "/chatflows", None, &session).await;
    transcript.call(&server, Method::GET, "/loginmethod/default", None, nobody).await;
    insta::assert_snapshot!(transcript.text());
}

#[tokio::test]
async fn who_signs_up_chooses_nothing_but_name_address_and_password() {
    let server = TestServer::start().await;
    let body = json!({
        "user": {
            "id": "11111111-1111-4111-8111-111111111111", "name": "Ann", "email": "ann@example.com",
            "credential": PASSWORD, "status": "unverified", "createdDate": "2001-01-01T00:00:00.000Z",
        },
        "organization": { "id": "22222222-2222-4222-8222-222222222222", "name": "Mine" },
        "workspace": { "id": "33333333-3333-4333-8333-333333333333" },
        "role": { "name": "other" },
    });
    let answer = server.post("/account/register", &body, &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    for chosen in ["11111111", "22222222", "33333333", "2001-", "unverified", "Mine"] {
        assert!(!answer.text().contains(chosen), "{chosen} in {}", answer.text());
    }
}

#[tokio::test]
async fn only_one_of_many_first_accounts_is_made() {
    let server = TestServer::start().await;
    let body = registration("ann@example.com", PASSWORD);
    let calls = (0..4).map(|_| server.post("/account/register", &body, &By::Nobody));
    let answers = futures::future::join_all(calls).await;
    let made = answers.iter().filter(|it| it.status == StatusCode::CREATED).count();
    let refused = answers.iter().filter(|it| it.status == StatusCode::BAD_REQUEST).count();
    assert_eq!((made, refused), (1, 3));
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_scripts_and_other_sites() {
    let settings = ServerSettings { secure_cookies: true, ..Default::default() };
    let server = TestServer::with(settings).await;
    server.post("/account/register", &registration("ann@example.com", PASSWORD), &By::Nobody).await;
    let form = json!({ "email": "ann@example.com", "password": PASSWORD });
    let answer = server.post("/auth/login", &form, &By::Nobody).await;
    let cookies: Vec<_> =
        answer.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
    assert_eq!(cookies.len(), 2);
    for cookie in cookies {
        for flag in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(cookie.contains(flag), "{flag} in {cookie}");
        }
    }
}

#[tokio::test]
async fn passwords_are_kept_as_argon2id_and_old_bcrypt_hashes_work() {
    let (server, _) = TestServer::set_up().await;
    let user = server.store.users().find_by_email("ann@example.com").await.unwrap().unwrap();
    assert!(user.password_hash.unwrap().starts_with("$argon2id$"));

    let hash = bcrypt::hash("Moved-Over-1", 4).unwrap();
    let patch = UserPatch { password_hash: Some(Some(hash)), ..UserPatch::default() };
    server.store.users().update(&user.id, patch).await.unwrap();
    let form = json!({ "email": "ann@example.com", "password": "Moved-Over-1" });
    assert_eq!(server.post("/auth/login", &form, &By::Nobody).await.status, StatusCode::OK);
}

#[tokio::test]
async fn guessing_is_stopped_even_with_the_right_password_at_last() {
    let limits = AttemptLimits { per_account: 3, ..AttemptLimits::default() };
    let server =
        TestServer::with(ServerSettings { login_attempts: limits, ..Default::default() }).await;
    server.post("/account/register", &registration("ann@example.com", PASSWORD), &By::Nobody).await;
    for attempt in 0..3 {
        let form = json!({ "email": "ann@example.com", "password": format!("guess-{attempt}") });
        assert_eq!(
            server.post("/auth/login", &form, &By::Nobody).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    let form = json!({ "email": "Ann@example.com", "password": PASSWORD });
    let answer = server.post("/auth/login", &form, &By::Nobody).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
}

#[tokio::test]
async fn signing_out_ends_the_session_and_its_refresh_token() {
    let (server, session) = TestServer::set_up().await;
    assert_eq!(server.get("/chatflows", &session).await.status, StatusCode::OK);
    let answer = server.post("/account/logout", &json!({}), &session).await;
    assert!(
        answer
            .headers
            .get_all("set-cookie")
            .iter()
            .all(|it| it.to_str().unwrap().contains("Max-Age=0"))
    );
    assert_eq!(server.get("/chatflows", &session).await.status, StatusCode::UNAUTHORIZED);
    let refreshed = server.post("/auth/refreshToken", &json!({}), &session).await;
    assert_eq!(refreshed.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_refresh_token_that_comes_a_second_time_ends_its_session() {
    let (server, old) = TestServer::set_up().await;
    let answer = server.post("/auth/refreshToken", &json!({}), &old).await;
    assert_eq!(answer.status, StatusCode::OK);
    let new = By::Session(answer.cookies());

    // At once it may be a second tab: refused, but the session lives on.
    assert_eq!(
        server.post("/auth/refreshToken", &json!({}), &old).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(server.get("/chatflows", &new).await.status, StatusCode::OK);

    // Later it is a thief.
    let user = server.store.users().find_by_email("ann@example.com").await.unwrap().unwrap();
    let session = server.store.sessions().list_for_user(&user.id).await.unwrap().remove(0);
    let earlier = Utc::now() - chrono::TimeDelta::minutes(5);
    let hash = session.refresh_hash.clone();
    let moved = server
        .store
        .sessions()
        .exchange(&session.id, &hash, &hash, earlier, session.expires_date)
        .await;
    assert!(moved.unwrap());
    assert_eq!(
        server.post("/auth/refreshToken", &json!({}), &old).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(server.get("/chatflows", &new).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_of_another_key_or_without_a_signature_is_nobody() {
    let (server, By::Session(cookies)) = TestServer::set_up().await else { panic!("a session") };
    let token = cookies.split("; ").find_map(|it| it.strip_prefix("token=")).unwrap();
    let (body, _) = token.rsplit_once('.').unwrap();
    let payload = body.split_once('.').unwrap().1;
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.");
    for forged in [unsigned, format!("{body}.AAAA"), String::new(), "x".repeat(5000)] {
        let session = By::Session(format!("token={forged}"));
        let answer = server.get("/chatflows", &session).await;
        assert_eq!(answer.json(), json!({ "message": "Invalid or Missing token" }));
    }
}
