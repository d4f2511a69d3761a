//! Kinds of credentials: the forms that they are entered in.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use flowstone_core::CredentialSpec;
use serde_json::{Map, Value};

use super::nodes::picture;
use crate::{
    AppState, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/components-credentials", Policy::Caller(&[]), list)
        .doc(doc("List kinds of credentials").gives::<Vec<Map<String, Value>>>().gives_status(304))
        .get("/components-credentials/{names}", Policy::Caller(&[]), some)
        .doc(
            doc("Read kinds of credentials")
                .details("One kind as an object; several names, joined by `&`, as a list.")
                .gives::<Value>(),
        )
        .get(
            "/components-credentials-icon/{name}",
            Policy::Anonymous("pictures are the same everywhere"),
            icon,
        )
        .doc(doc("Read the picture of a kind of credentials").gives_file("image/svg+xml"))
}

async fn list(State(state): State<AppState>, headers: HeaderMap) -> Response {
    state.catalogues.credential_kinds.answer(&headers)
}

/// One kind, or several whose names are joined by `&`.
async fn some(State(state): State<AppState>, Path(names): Path<String>) -> Result<Response> {
    // Old clients escape the separator as in HTML.
    let names = names.replace("&amp;", "&");
    if !names.contains('&') {
        return Ok(Json(find(&state, &names)?).into_response());
    }
    let kinds: Result<Vec<_>> = names.split('&').map(|name| find(&state, name)).collect();
    Ok(Json(kinds?).into_response())
}

async fn icon(State(state): State<AppState>, Path(name): Path<String>) -> Result<Response> {
    picture((state.icon)(find(&state, &name)?.icon))
}

/// The kind called `name`.
///
/// # Errors
/// 404 where there is none.
fn find(state: &AppState, name: &str) -> Result<&'static CredentialSpec> {
    let found = state.credential_specs.iter().find(|it| it.name == name);
    found.copied().ok_or_else(|| Problem::not_found(format!("Credential {name} not found")))
}
