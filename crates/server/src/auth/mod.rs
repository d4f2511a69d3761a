//! Who is calling: sessions of people, keys of programs.

mod address;
mod attempts;
mod email;
mod key;
mod origin;
mod password;
mod permissions;
mod session;

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use flowstone_store::WorkspaceScope;

pub(crate) use address::ClientAddress;
pub(crate) use attempts::Attempts;
pub(crate) use email::email_address;
pub use key::known_key;
pub(crate) use key::{
    NewKey, find_key, hash as hash_secret, presented_key, random_hex, same_secret,
};
pub(crate) use origin::NotForeign;
pub(crate) use password::{check_password, hash_password, password_policy};
pub use password::{new_password, set_password};
pub(crate) use permissions::{GROUPS, Group, Permission, Permissions};
pub use permissions::{OWNER_ROLE, all_permissions};
pub(crate) use session::{
    end_session, open_session, refresh_session, removed_cookies, session_of, setup_pass,
    shows_setup_pass,
};

use crate::{AppState, Problem, problem::Result};

/// Header by which our web pages mark their calls. A foreign page cannot send it without asking
/// first, so it also keeps foreign pages from using somebody's cookies.
const INTERNAL: &str = "x-request-from";

/// Whoever makes a request: what they may touch and do.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The workspace they work in.
    pub scope: WorkspaceScope,
    /// What they may do there.
    pub(crate) permissions: Permissions,
    /// How they showed who they are.
    pub kind: CallerKind,
}

/// How a caller showed who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallerKind {
    /// Signed in with a password.
    Session {
        /// Id of the session.
        session_id: String,
        /// Id of the user.
        user_id: String,
    },
    /// By an API key.
    ApiKey {
        /// Id of the key.
        key_id: String,
    },
}

impl Caller {
    /// Whether they hold at least one of these permissions.
    pub fn may_any(&self, permissions: &[&str]) -> bool {
        permissions.iter().any(|it| self.permissions.contain(it))
    }

    /// The key, where a program is calling with one.
    pub fn key_id(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::Session { .. } => None,
            CallerKind::ApiKey { key_id } => Some(key_id),
        }
    }

    /// The user, where a person is calling.
    pub fn user_id(&self) -> Option<&str> {
        match &self.kind {
            CallerKind::Session { user_id, .. } => Some(user_id),
            CallerKind::ApiKey { .. } => None,
        }
    }
}

/// Finds out who makes a request.
///
/// A call marked as coming from our pages is judged by its cookies alone, every other one by its
/// key alone.
///
/// # Errors
/// 401 in the shape of the way that was tried.
pub(crate) async fn authenticate(state: &AppState, headers: &HeaderMap) -> Result<Caller> {
    if headers.get(INTERNAL).is_some_and(|it| it == "internal") {
        return session_of(state, headers).await?.ok_or_else(Problem::no_session);
    }
    let Some(key) = presented_key(headers) else { return Err(Problem::no_key()) };
    let key = find_key(state, key).await?.ok_or_else(Problem::no_key)?;
    Ok(Caller {
        scope: WorkspaceScope::new(key.workspace_id),
        permissions: Permissions::listed(key.permissions),
        kind: CallerKind::ApiKey { key_id: key.id },
    })
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    /// The caller that the route's policy let through.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self> {
        match parts.extensions.get::<Self>() {
            Some(caller) => Ok(caller.clone()),
            None => authenticate(state, &parts.headers).await,
        }
    }
}

impl OptionalFromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    /// For open routes: the caller, where there is a valid session or key.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Option<Self>> {
        let attached = parts.extensions.get::<Self>();
        if attached.is_some() {
            return Ok(attached.cloned());
        }
        if !parts.headers.contains_key(INTERNAL)
            && !parts.headers.contains_key(header::AUTHORIZATION)
        {
            return Ok(None);
        }
        match authenticate(state, &parts.headers).await {
            Ok(caller) => Ok(Some(caller)),
            Err(problem) if problem.status().is_client_error() => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}
