//! Paths of the reference that only people may call there and that do nothing here. They are listed
//! so that an API key is refused before it learns more.

use crate::{
    Problem,
    openapi::Doc,
    route::{Policy, Routes},
};

const PEOPLE: Policy = Policy::Session(&[]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/nvidia-nim/{*rest}", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
        .post("/nvidia-nim/{*rest}", PEOPLE, not_offered)
        .doc(Doc::hidden("people only, and nothing here yet"))
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

async fn not_offered() -> Problem {
    Problem::not_found("this installation does not offer that")
}
