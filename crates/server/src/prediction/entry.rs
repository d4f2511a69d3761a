//! Who may call a flow: its origins, its limit, its key.

use std::{net::IpAddr, time::Instant};

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use flowstone_store::ApiKey;

use super::LiveFlow;
use crate::{AppState, Problem, auth};

/// Why a call may not be made.
pub(crate) enum Refusal {
    /// The page it comes from is not on the flow's list.
    Origin(String),
    /// One call too many.
    Limit(String),
    /// The flow asks for a key and this is not it.
    Key,
    /// The check itself failed.
    Problem(Problem),
}

impl Refusal {
    /// As a caller that wanted a stream reads it: before a stream opens, clients show plain text.
    pub(crate) fn into_text(self) -> Response {
        match self {
            Self::Origin(message) => Problem::forbidden_text(message).into_response(),
            other => other.into_response(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Self::Origin(message) => Problem::forbidden(message).into_response(),
            Self::Limit(message) => Problem::too_many_text(message).into_response(),
            Self::Key => Problem::unauthorized("Unauthorized").into_response(),
            Self::Problem(problem) => problem.into_response(),
        }
    }
}

/// Checks a call to `live`, in the order the reference does, and gives the key that the flow asks for.
pub(crate) async fn check(
    state: &AppState,
    live: &LiveFlow,
    headers: &HeaderMap,
    caller: IpAddr,
) -> Result<Option<ApiKey>, Refusal> {
    if let Some(limit) = &live.limit
        && !state.flow_limits.admit(&live.flow.id, caller, limit, Instant::now())
    {
        return Err(Refusal::Limit(limit.message.clone()));
    }
    may_enter(state, live, headers).await
}

/// Checks a call to `live` without counting it: its page and its key.
pub(crate) async fn may_enter(
    state: &AppState,
    live: &LiveFlow,
    headers: &HeaderMap,
) -> Result<Option<ApiKey>, Refusal> {
    let origin = headers.get(header::ORIGIN).and_then(|it| it.to_str().ok());
    if let Some(origin) = origin
        && !live.allows_origin(origin)
    {
        let message = live.origins_error.clone();
        return Err(Refusal::Origin(message.unwrap_or_else(|| {
            "This page is not on the list of domains that may use this flow.".to_owned()
        })));
    }
    check_key(state, live, headers).await
}

/// Counts something else than a question that somebody sends to the flow `id`, by the flow's own
/// limit but apart from its questions.
///
/// # Errors
/// 429 with the flow's own words.
pub(crate) async fn admit(
    state: &AppState,
    id: &str,
    what: &str,
    caller: IpAddr,
) -> crate::problem::Result<()> {
    let live = state.flows.get(&state.store, id).await?;
    let Some(limit) = &live.limit else { return Ok(()) };
    let counted = format!("{} {what}", live.flow.id);
    if state.flow_limits.admit(&counted, caller, limit, Instant::now()) {
        return Ok(());
    }
    Err(Problem::too_many_text(limit.message.clone()))
}

/// Checks the flow's own key, where it has one.
async fn check_key(
    state: &AppState,
    live: &LiveFlow,
    headers: &HeaderMap,
) -> Result<Option<ApiKey>, Refusal> {
    let Some(wanted) = live.flow.api_key_id.as_deref().filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    let Some(shown) = auth::presented_key(headers) else { return Err(Refusal::Key) };
    let found = auth::find_key(state, shown).await.map_err(Refusal::Problem)?;
    found.filter(|key| key.id == wanted).map(Some).ok_or(Refusal::Key)
}
