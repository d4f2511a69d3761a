//! Numbers for operators: who may read them.

use axum::http::StatusCode;

use crate::server::{By, TestServer};

#[tokio::test]
async fn numbers_are_for_those_with_a_key() {
    let (server, session) = TestServer::set_up().await;
    let refused = server.get("/metrics", &By::Nobody).await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let key = server.key(&session, &["chatflows:view"]).await;
    let answer = server.get("/metrics", &key).await;
    assert_eq!((answer.status, answer.text()), (StatusCode::OK, "flows 1\n".into()));
}
