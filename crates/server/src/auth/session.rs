//! Sessions of people: a short-lived access token and a refresh token that is exchanged each time
//! it is used.

use std::time::Duration;

use axum::{
    http::{HeaderMap, HeaderName, header},
    response::AppendHeaders,
};
use axum_extra::extract::cookie::CookieJar;
use chrono::{DateTime, TimeDelta, Utc};
use flowstone_store::{Membership, Session, User, Workspace, WorkspaceScope};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use subtle::ConstantTimeEq;
use uuid::Uuid;

use super::{Caller, CallerKind, NewKey, Permissions, key::hash};
use crate::{AppState, Problem, problem::Result};

/// Cookie with the access token.
const ACCESS: &str = "token";
/// Cookie with the refresh token.
const REFRESH: &str = "refreshToken";
/// For how long an exchanged refresh token may come again without harm: two tabs that refresh at
/// the same moment are no thief.
const GRACE: TimeDelta = TimeDelta::seconds(30);

/// Cookie of somebody who gave the old login and may make the first account.
const SETUP: &str = "setup";
/// How long they have for it.
const SETUP_LIFE: Duration = Duration::from_mins(15);

/// What the pass of somebody who sets up says.
#[derive(Serialize, Deserialize)]
struct SetupClaims {
    /// Tells it from an access token, which has no such field.
    setup: bool,
    /// Seconds since 1970 from which it is void.
    exp: i64,
}

/// What an access token says.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// Id of the session; everything else is looked up, so that ending the session ends the token.
    sid: String,
    /// Seconds since 1970 at which it was made.
    iat: i64,
    /// Seconds since 1970 from which it is void.
    exp: i64,
}

/// The two cookies of a session, or their removal: headers for an answer.
pub(crate) type SessionCookies = AppendHeaders<[(HeaderName, String); 2]>;

/// Takes both cookies away from the browser.
pub(crate) fn removed_cookies(state: &AppState) -> SessionCookies {
    let gone = |name| set_cookie(state, name, "", Duration::ZERO);
    AppendHeaders([gone(ACCESS), gone(REFRESH)])
}

/// The cookie that lets its holder make the first account.
pub(crate) fn setup_pass(state: &AppState) -> Result<AppendHeaders<[(HeaderName, String); 1]>> {
    let life = i64::try_from(SETUP_LIFE.as_secs()).unwrap_or_default();
    let claims = SetupClaims { setup: true, exp: Utc::now().timestamp() + life };
    let key = EncodingKey::from_secret(state.token_key.as_bytes());
    let token = encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|error| Problem::internal(&error))?;
    Ok(AppendHeaders([set_cookie(state, SETUP, &token, SETUP_LIFE)]))
}

/// Whether somebody holds that cookie.
pub(crate) fn shows_setup_pass(state: &AppState, headers: &HeaderMap) -> bool {
    let jar = CookieJar::from_headers(headers);
    let claims = jar.get(SETUP).and_then(|it| signed::<SetupClaims>(state, it.value()));
    claims.is_some_and(|it| it.setup)
}

/// `HttpOnly` keeps scripts from reading it, `SameSite` keeps other sites from making use of it.
fn set_cookie(state: &AppState, name: &str, value: &str, life: Duration) -> (HeaderName, String) {
    let secure = if state.settings.secure_cookies { "; Secure" } else { "" };
    let life = life.as_secs();
    let cookie = format!("{name}={value}; Max-Age={life}; Path=/; HttpOnly; SameSite=Lax{secure}");
    (header::SET_COOKIE, cookie)
}

/// Whoever the access cookie belongs to, if it is good.
pub(crate) async fn session_of(state: &AppState, headers: &HeaderMap) -> Result<Option<Caller>> {
    let jar = CookieJar::from_headers(headers);
    let Some(session_id) = jar.get(ACCESS).and_then(|it| session_id(state, it.value())) else {
        return Ok(None);
    };
    let Some(session) = live_session(state, &session_id).await? else { return Ok(None) };
    let Some((_, membership)) = place(state, &session.user_id, Some(&session.workspace_id)).await?
    else {
        return Ok(None);
    };
    Ok(Some(Caller {
        scope: WorkspaceScope::new(session.workspace_id),
        permissions: Permissions::of_role(&membership.role_id),
        kind: CallerKind::Session { session_id: session.id, user_id: session.user_id },
    }))
}

/// Signs a user in to the workspace they joined first.
///
/// # Errors
/// 403 where they belong to no workspace (any more).
pub(crate) async fn open_session(
    state: &AppState,
    user: &User,
) -> Result<(SessionCookies, Workspace, Membership)> {
    let Some((workspace, membership)) = place(state, &user.id, None).await? else {
        return Err(Problem::forbidden(
            "this account belongs to no workspace: ask an administrator to add it to one",
        ));
    };
    let now = Utc::now();
    state.store.sessions().delete_expired(now).await?;
    let refresh = NewKey::generate();
    let session = Session {
        id: Uuid::new_v4().to_string(),
        user_id: user.id.clone(),
        refresh_hash: refresh.hash,
        workspace_id: workspace.id.clone(),
        created_date: now,
        refreshed_date: now,
        expires_date: end_of_life(state, now),
    };
    state.store.sessions().insert(&session).await?;
    state.store.workspaces().note_login(&workspace.id, &user.id, now).await?;
    Ok((cookies(state, &session.id, &refresh.secret, now)?, workspace, membership))
}

/// Exchanges the refresh cookie for a new pair.
///
/// A token that was exchanged before is somebody's copy: the session it belongs to is ended.
///
/// # Errors
/// 401 where there is no such session (any more).
pub(crate) async fn refresh_session(
    state: &AppState,
    headers: &HeaderMap,
) -> Result<(SessionCookies, User, Workspace, Membership)> {
    let jar = CookieJar::from_headers(headers);
    let token = jar.get(REFRESH).and_then(|it| it.value().split_once('.'));
    let Some((session_id, secret)) = token else { return Err(Problem::no_refresh()) };
    let session = live_session(state, session_id).await?.ok_or_else(Problem::no_refresh)?;
    let now = Utc::now();
    let known = hash(secret);
    let fresh = NewKey::generate();
    let matches: bool = known.as_bytes().ct_eq(session.refresh_hash.as_bytes()).into();
    let exchanged = matches
        && state
            .store
            .sessions()
            .exchange(&session.id, &known, &fresh.hash, now, end_of_life(state, now))
            .await?;
    if !exchanged {
        if !matches && now - session.refreshed_date > GRACE {
            state.store.sessions().delete(&session.id).await?;
            tracing::warn!(
                session = session.id,
                "a refresh token was used twice: its session is ended"
            );
        }
        return Err(Problem::no_refresh());
    }
    let user = state.store.users().get(&session.user_id).await?;
    let place = place(state, &user.id, Some(&session.workspace_id)).await?;
    let (workspace, membership) = place.ok_or_else(Problem::no_refresh)?;
    Ok((cookies(state, &session.id, &fresh.secret, now)?, user, workspace, membership))
}

/// Ends the session that the cookies belong to, if there is one.
pub(crate) async fn end_session(state: &AppState, headers: &HeaderMap) -> Result<()> {
    let jar = CookieJar::from_headers(headers);
    let by_access = jar.get(ACCESS).and_then(|it| session_id(state, it.value()));
    if let Some(id) = by_access {
        state.store.sessions().delete(&id).await?;
        return Ok(());
    }
    let by_refresh = jar.get(REFRESH).and_then(|it| it.value().split_once('.'));
    let Some((id, secret)) = by_refresh else { return Ok(()) };
    let session = state.store.sessions().find(id).await?;
    if session.is_some_and(|it| hash(secret).as_bytes().ct_eq(it.refresh_hash.as_bytes()).into()) {
        state.store.sessions().delete(id).await?;
    }
    Ok(())
}

async fn live_session(state: &AppState, id: &str) -> Result<Option<Session>> {
    let session = state.store.sessions().find(id).await?;
    Ok(session.filter(|it| it.expires_date > Utc::now()))
}

/// The workspace a user works in: the wanted one, else the first. Users and memberships that are
/// not active have none.
async fn place(
    state: &AppState,
    user_id: &str,
    wanted: Option<&str>,
) -> Result<Option<(Workspace, Membership)>> {
    let places = state.store.workspaces().list_for_user(user_id).await?;
    let fits = |workspace: &Workspace, membership: &Membership| {
        membership.status == "active" && wanted.is_none_or(|it| it == workspace.id)
    };
    Ok(places.into_iter().find(|(workspace, membership)| fits(workspace, membership)))
}

fn end_of_life(state: &AppState, now: DateTime<Utc>) -> DateTime<Utc> {
    let life = TimeDelta::from_std(state.settings.refresh_token_life).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(life).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn cookies(
    state: &AppState,
    session_id: &str,
    secret: &str,
    now: DateTime<Utc>,
) -> Result<SessionCookies> {
    let life = TimeDelta::from_std(state.settings.access_token_life).unwrap_or(TimeDelta::MAX);
    let claims = Claims {
        sid: session_id.to_owned(),
        iat: now.timestamp(),
        exp: now.timestamp().saturating_add(life.num_seconds()),
    };
    let key = EncodingKey::from_secret(state.token_key.as_bytes());
    let access = encode(&Header::new(Algorithm::HS256), &claims, &key)
        .map_err(|error| Problem::internal(&error))?;
    let refresh = format!("{session_id}.{secret}");
    let settings = &state.settings;
    Ok(AppendHeaders([
        set_cookie(state, ACCESS, &access, settings.access_token_life),
        set_cookie(state, REFRESH, &refresh, settings.refresh_token_life),
    ]))
}

/// The session that an access token names, if we signed it and it is not over.
fn session_id(state: &AppState, token: &str) -> Option<String> {
    signed::<Claims>(state, token).map(|it| it.sid)
}

/// What a token says, if we signed it and it is not over.
fn signed<T: DeserializeOwned>(state: &AppState, token: &str) -> Option<T> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = 0;
    let key = DecodingKey::from_secret(state.token_key.as_bytes());
    decode::<T>(token, &key, &validation).ok().map(|it| it.claims)
}
