//! Paths of the reference that do nothing here. They are listed so that each answers clearly, and an
//! API key is refused before it learns more where only people may call.

use axum::http::StatusCode;

use crate::{
    Problem,
    openapi::Doc,
    route::{Policy, Routes},
};

const PEOPLE: Policy = Policy::Session(&[]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/nvidia-nim/{*rest}", PEOPLE, no_containers)
        .doc(Doc::hidden("answers 501: containers of the server's machine are not its business"))
        .post("/nvidia-nim/{*rest}", PEOPLE, no_containers)
        .doc(Doc::hidden("answers 501: containers of the server's machine are not its business"))
        .get("/logs", Policy::Caller(&["logs:view"]), no_logs)
        .doc(Doc::hidden("answers 403: the log goes to the server's standard error"))
        .get("/files", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
        .delete("/files", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
        .get("/organizationuser", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
        .get("/workspace", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
        .get("/workspaceuser", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
}

/// A server that may start programs on its own machine is one that whoever gets into it may start
/// programs with.
async fn no_containers() -> Problem {
    Problem::new(
        StatusCode::NOT_IMPLEMENTED,
        "this server does not start containers on its own machine: start the NIM container yourself \
         and give its address to the chat model's node",
    )
}

/// As the reference answers where it has no licence for it.
async fn no_logs() -> Problem {
    Problem::no_permission()
}

async fn not_offered() -> Problem {
    Problem::not_found("this installation does not offer that")
}
