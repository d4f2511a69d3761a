//! Passwords that were forgotten: asking for a link by mail, and setting a new one by it.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{TimeDelta, Utc};
use flowstone_store::{PasswordReset, User};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{
    AppState, Body, Problem,
    auth::{ClientAddress, NewKey, NotForeign, hash_password, hash_secret, password_policy},
    mail::{changed_letter, reset_letter},
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    wire::Message,
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .post(
            "/account/forgot-password",
            Policy::Anonymous("answers alike for every address, with limited attempts"),
            forgot,
        )
        .doc(
            doc("Ask for a link to choose a new password")
                .takes::<Forgotten>()
                .creates::<Message>()
                .problem(403)
                .problem(404)
                .problem(429),
        )
        .post(
            "/account/reset-password",
            Policy::Anonymous("asks for the token of a mail, with limited attempts"),
            reset,
        )
        .doc(
            doc("Choose a new password by a link")
                .takes::<Reset>()
                .gives::<Message>()
                .problem(403)
                .problem(429),
        )
}

/// What a page sends about somebody who forgot their password. Anything else is not read.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Forgotten {
    user: ForgottenUser,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct ForgottenUser {
    /// Where the link goes, if it belongs to an account.
    email: Option<String>,
}

/// What a page sends to choose a new password.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(rename = "PasswordReset")]
struct Reset {
    user: ResetUser,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default, rename_all = "camelCase")]
#[schemars(rename = "PasswordResetUser")]
struct ResetUser {
    /// The account's address; may be left out.
    email: Option<String>,
    /// The token of the link.
    temp_token: Option<String>,
    /// The new password.
    password: Option<String>,
}

async fn forgot(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    _: NotForeign,
    Body(body): Body<Forgotten>,
) -> Result<Response> {
    let email = body.user.email.unwrap_or_default().trim().to_lowercase();
    if email.is_empty() {
        return Err(Problem::bad_request("email: an e-mail address is needed"));
    }
    if state.mailer.is_none() || state.settings.link_base().is_none() {
        return Err(Problem::not_found(
            "this installation sends no mail: whoever runs it sets a new password with \
             `flowstone user reset`",
        ));
    }
    state.resets.begin(&email, address)?;
    let Ok(place) = state.mails.clone().try_acquire_owned() else {
        return Err(Problem::too_many("many mails are on their way: try again in a minute", 60));
    };
    // Looked up only now, so that the answer takes the same time whoever asks about whom.
    let later = state.clone();
    state.tasks.spawn(async move {
        if let Err(problem) = send_link(&later, &email).await {
            tracing::warn!(reason = problem.message(), "a new password could not be offered");
        }
        drop(place);
    });
    let message = "If an account has this address, a mail with a link is on its way to it.";
    Ok((StatusCode::CREATED, Json(Message { message })).into_response())
}

async fn send_link(state: &AppState, email: &str) -> Result<()> {
    let now = Utc::now();
    state.store.password_resets().delete_expired(now).await?;
    let user = state.store.users().find_by_email(email).await?;
    let Some(user) = user.filter(|it| it.status == "active") else { return Ok(()) };
    let Some(app_url) = state.settings.link_base() else { return Ok(()) };
    let life = state.settings.reset_token_life;
    let token = NewKey::generate();
    let reset = PasswordReset {
        user_id: user.id,
        token_hash: token.hash,
        created_date: now,
        expires_date: now + TimeDelta::from_std(life).unwrap_or(TimeDelta::zero()),
    };
    state.store.password_resets().put(&reset).await?;
    let minutes = life.as_secs() / 60;
    let letter = reset_letter(&user.email, &user.name, app_url, &token.secret, minutes);
    state.post(letter).await;
    Ok(())
}

async fn reset(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    _: NotForeign,
    Body(body): Body<Reset>,
) -> Result<Json<Message>> {
    let wrong = || Problem::bad_request("this link is not valid any more: ask for a new one");
    let password = body.user.password.unwrap_or_default();
    password_policy(&password)?;
    let token = body.user.temp_token.filter(|it| !it.is_empty()).ok_or_else(wrong)?;
    let hash = hash_secret(&token);
    state.resets.begin(&hash, address)?;
    let found = state.store.password_resets().find_by_hash(&hash).await?;
    let found = found.filter(|it| it.expires_date > Utc::now()).ok_or_else(wrong)?;
    let user = state.store.users().get(&found.user_id).await?;
    // The token alone would do; an address that comes along must not be another's.
    let email = body.user.email.map(|it| it.trim().to_lowercase()).filter(|it| !it.is_empty());
    if user.status != "active" || email.is_some_and(|it| it != user.email) {
        return Err(wrong());
    }
    let password_hash = hash_password(password).await?;
    let redeemed = state.store.password_resets().redeem(&hash, &password_hash, Utc::now()).await?;
    let user = redeemed.ok_or_else(wrong)?;
    state.resets.succeeded(&hash, address);
    state.attempts.succeeded(&user.email, address);
    tracing::info!(user = user.id, "a password was set anew by mail");
    tell_of_change(&state, &user, &user.email, "password");
    Ok(Json(Message { message: "The password is set. Sign in with it." }))
}

/// Tells somebody at `address` that this part of their account is another one now; where no mail is
/// sent, nobody is told.
pub(super) fn tell_of_change(state: &AppState, user: &User, address: &str, what: &'static str) {
    let Ok(place) = state.mails.clone().try_acquire_owned() else { return };
    let app_url = state.settings.app_url.as_deref().unwrap_or("Flowstone");
    let letter = changed_letter(address, &user.name, app_url, what);
    let later = state.clone();
    state.tasks.spawn(async move {
        later.post(letter).await;
        drop(place);
    });
}
