//! The user name and password of an installation from before there were accounts: whoever sets up
//! the first account gives them once.

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AppState, Body, Problem,
    auth::{ClientAddress, NotForeign, same_secret, setup_pass, shows_setup_pass},
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    wire::Message,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(
            "/account/basic-auth",
            Policy::Anonymous("tells whether setting up asks for the old login"),
            is_asked,
        )
        .doc(doc("Tell whether setting up asks for a former login").gives::<Asked>())
        .post(
            "/account/basic-auth",
            Policy::Anonymous("asks for the old login, with limited attempts"),
            check,
        )
        .doc(
            doc("Give the former login")
                .details("The answer sets a cookie with which the first account can be made.")
                .takes::<OldLogin>()
                .gives::<Message>()
                .problem(401)
                .problem(403)
                .problem(429),
        )
}

/// Whether the set-up page has to ask for the old login.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FormerLoginAsked")]
struct Asked {
    is_username_password_set: bool,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "FormerLogin")]
struct OldLogin {
    username: String,
    password: String,
}

async fn is_asked(State(state): State<AppState>) -> Result<Json<Asked>> {
    let asked = state.settings.old_login.is_some() && state.store.users().count().await? == 0;
    Ok(Json(Asked { is_username_password_set: asked }))
}

async fn check(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    _: NotForeign,
    Body(form): Body<OldLogin>,
) -> Result<Response> {
    state.attempts.begin("the old login", address)?;
    let right = state.settings.old_login.as_ref().is_some_and(|it| {
        // Both are compared in any case, so that the time tells nothing.
        same_secret(&form.username, &it.user) & same_secret(&form.password, &it.password)
    });
    if !right {
        tracing::warn!(%address, "the old login was not the right one");
        let problem = Problem::new(StatusCode::UNAUTHORIZED, "Authentication failed");
        return Err(problem);
    }
    state.attempts.succeeded("the old login", address);
    let answer = Message { message: "Authentication successful" };
    Ok((setup_pass(&state)?, Json(answer)).into_response())
}

/// Lets whoever makes the first account pass, if they gave the old login or there is none.
///
/// # Errors
/// 403 that says what is needed.
pub(super) fn require_old_login(state: &AppState, headers: &HeaderMap) -> Result<()> {
    if state.settings.old_login.is_none() || shows_setup_pass(state, headers) {
        return Ok(());
    }
    Err(Problem::forbidden(
        "this installation is set up by whoever knows its FLOWISE_USERNAME and FLOWISE_PASSWORD: \
         give them first (POST /account/basic-auth)",
    ))
}
