//! Paths of the reference that only people may call there and that do nothing here. They are listed
//! so that an API key is refused before it learns more.

use crate::{
    Problem,
    route::{Policy, Routes},
};

const PEOPLE: Policy = Policy::Session(&[]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/nvidia-nim/{*rest}", PEOPLE, not_offered)
        .post("/nvidia-nim/{*rest}", PEOPLE, not_offered)
        .get("/files", PEOPLE, not_offered)
        .delete("/files", PEOPLE, not_offered)
        .get("/organizationuser", PEOPLE, not_offered)
        .get("/workspace", PEOPLE, not_offered)
        .get("/workspaceuser", PEOPLE, not_offered)
}

async fn not_offered() -> Problem {
    Problem::not_found("this installation does not offer that")
}
