//! The OpenAPI document of this API, and the page to read it on.

use std::sync::OnceLock;

use axum::{
    Json,
    http::{HeaderName, header},
    response::Html,
};
use serde_json::{Map, Value};

use crate::{
    openapi::{self, doc},
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    let open = Policy::Anonymous("it tells of the program, and nothing of this installation");
    Routes::new()
        .get("/openapi.json", open, document)
        .doc(doc("Read the OpenAPI document").gives::<Map<String, Value>>())
}

async fn document() -> Json<&'static Value> {
    Json(openapi::document())
}

/// `GET /api-docs`: the document as a page, which runs no script and loads nothing.
pub(crate) async fn page() -> ([(HeaderName, &'static str); 1], Html<&'static str>) {
    static PAGE: OnceLock<String> = OnceLock::new();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'";
    ([(header::CONTENT_SECURITY_POLICY, policy)], Html(PAGE.get_or_init(openapi::page)))
}
