//! One's own account: reading it, changing name, address and password.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::Utc;
use flowstone_store::{Error as StoreError, User, UserPatch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    AppState, Body, Caller, Problem, Query,
    auth::{
        ClientAddress, check_password, email_address, hash_password, open_session, password_policy,
    },
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    routes::passwords::tell_of_change,
    wire::Time,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/user", Policy::Session(&[]), show)
        .doc(
            doc("Read one's own account")
                .query("id", Kind::Text, "One's own id.")
                .query("email", Kind::Text, "One's own address, instead of the id.")
                .gives::<UserRow>()
                .problem(404),
        )
        .put("/user", Policy::Session(&[]), change)
        .doc(
            doc("Change one's own account")
                .details(
                    "A new address or password needs `oldPassword` and ends all other sessions.",
                )
                .takes::<Profile>()
                .gives::<UserRow>()
                .problem(404)
                .problem(429),
        )
}

/// An account as its owner sees it; its password's hash stays here.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "User")]
pub(super) struct UserRow {
    id: String,
    name: String,
    email: String,
    status: String,
    created_by: Option<String>,
    updated_by: Option<String>,
    created_date: Time,
    updated_date: Time,
}

impl From<&User> for UserRow {
    fn from(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            status: user.status.clone(),
            created_by: user.created_by.clone(),
            updated_by: user.updated_by.clone(),
            created_date: user.created_date.into(),
            updated_date: user.updated_date.into(),
        }
    }
}

/// What a person may change of themselves. Fields besides these are not read.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Profile {
    /// One's own id; may be left out.
    id: Option<String>,
    /// Name to show.
    name: Option<String>,
    /// E-mail address to sign in with.
    email: Option<String>,
    /// The current password, for a new address or password.
    old_password: Option<String>,
    /// The password to be.
    new_password: Option<String>,
    /// The same once more, where a form asks twice.
    confirm_password: Option<String>,
}

async fn show(
    State(state): State<AppState>,
    caller: Caller,
    query: Query,
) -> Result<Json<UserRow>> {
    let user = myself(&state, &caller).await?;
    let asked = match (query.get("id"), query.get("email")) {
        (Some(id), _) => id == user.id,
        (None, Some(email)) => email.eq_ignore_ascii_case(&user.email),
        // The sentence of the reference for a question about nobody.
        (None, None) => return Err(Problem::bad_request("Unhandled Edge Case")),
    };
    if asked { Ok(Json(UserRow::from(&user))) } else { Err(nobody()) }
}

async fn change(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    caller: Caller,
    Body(form): Body<Profile>,
) -> Result<Response> {
    let user = myself(&state, &caller).await?;
    if form.id.as_ref().is_some_and(|it| *it != user.id) {
        return Err(nobody());
    }
    let email = form.email.map(|it| new_email(&it)).transpose()?.filter(|it| *it != user.email);
    let password = form.new_password.filter(|it| !it.is_empty());
    if let Some(password) = &password {
        password_policy(password)?;
        if form.confirm_password.is_some_and(|it| it != *password) {
            return Err(Problem::bad_request("confirmPassword: the two new passwords differ"));
        }
    }
    let mut patch = UserPatch {
        name: form.name.map(|it| person_name(&it)).transpose()?,
        updated_by: Some(Some(user.id.clone())),
        updated_date: Some(Utc::now()),
        ..UserPatch::default()
    };
    if email.is_none() && password.is_none() {
        let user = state.store.users().update(&user.id, patch).await?;
        return Ok(Json(UserRow::from(&user)).into_response());
    }
    // Whoever found an open browser can neither shut the owner out nor have a link sent to them.
    let old = form.old_password.filter(|it| !it.is_empty()).ok_or_else(|| {
        Problem::bad_request("oldPassword: the current password is needed for this change")
    })?;
    state.attempts.begin(&user.email, address)?;
    if !check_password(old, user.password_hash.clone()).await? {
        return Err(Problem::bad_request("oldPassword: this is not the current password"));
    }
    state.attempts.succeeded(&user.email, address);
    patch.email.clone_from(&email);
    if let Some(password) = password {
        patch.password_hash = Some(Some(hash_password(password).await?));
    }
    let what = if patch.password_hash.is_some() { "password" } else { "e-mail address" };
    let saved = state.store.users().update_and_sign_out(&user.id, patch).await;
    let saved = saved.map_err(|error| match error {
        StoreError::Conflict { .. } => {
            Problem::bad_request("email: another account has this address")
        }
        other => other.into(),
    })?;
    // To the old address: the new one may be a thief's.
    tell_of_change(&state, &saved, &user.email, what);
    // The page at hand goes on, in a session of its own.
    let (cookies, _, _) = open_session(&state, &saved).await?;
    Ok((cookies, Json(UserRow::from(&saved))).into_response())
}

async fn myself(state: &AppState, caller: &Caller) -> Result<User> {
    let id = caller.user_id().ok_or_else(Problem::no_session)?;
    Ok(state.store.users().get(id).await?)
}

fn nobody() -> Problem {
    Problem::not_found("User Not Found")
}

fn new_email(text: &str) -> Result<String> {
    email_address(text).ok_or_else(|| Problem::bad_request("email: this is not an e-mail address"))
}

/// A name as it is kept.
///
/// # Errors
/// 400 where it is empty or a book.
pub(super) fn person_name(text: &str) -> Result<String> {
    let name = text.trim();
    if !(1..=100).contains(&name.chars().count()) || name.contains(char::is_control) {
        return Err(Problem::bad_request("name: 1 to 100 characters are needed"));
    }
    Ok(name.to_owned())
}
