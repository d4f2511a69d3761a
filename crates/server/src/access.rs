//! The one place where it is decided whether a request may reach its handler.

use std::{collections::HashMap, sync::Arc};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, Method},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{
    AppState, Problem,
    auth::{self, Caller, CallerKind},
    problem::Result,
    route::{Policy, RouteRow, path_of},
    ui,
};

/// The route table, arranged for looking up.
#[derive(Clone)]
pub(crate) struct Gate {
    state: AppState,
    policies: Arc<HashMap<String, Vec<(Method, Policy)>>>,
}

impl Gate {
    /// A gate for these routes.
    pub(crate) fn new(state: AppState, rows: Vec<RouteRow>) -> Self {
        let mut policies: HashMap<String, Vec<(Method, Policy)>> = HashMap::new();
        for row in rows {
            policies.entry(row.path).or_default().push((row.method, row.policy));
        }
        Self { state, policies: Arc::new(policies) }
    }

    /// The policy of the route that would answer. Where none would, because the path or its method
    /// is unknown, only callers learn so; everyone may learn it of a path that is open anyway.
    fn policy(&self, request: &Request) -> Policy {
        let matched = request.extensions().get::<MatchedPath>();
        let found = matched.and_then(|it| self.policies.get(path_of(it)));
        let Some(rows) = found else {
            return if ui::is_api(request.uri().path()) {
                Policy::Caller(&[])
            } else {
                Policy::Anonymous("the web pages")
            };
        };
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        if let Some((_, policy)) = rows.iter().find(|(it, _)| it == method) {
            return *policy;
        }
        let open = rows.iter().find(|(_, it)| matches!(it, Policy::Anonymous(_)));
        open.map_or(Policy::Caller(&[]), |(_, it)| *it)
    }
}

/// Lets a request through, with its [`Caller`] attached, or answers it.
pub(crate) async fn enforce(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Response {
    let policy = gate.policy(&request);
    match check(&gate.state, policy, request.headers()).await {
        Ok(caller) => {
            if let Some(caller) = caller {
                request.extensions_mut().insert(caller);
            }
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

async fn check(state: &AppState, policy: Policy, headers: &HeaderMap) -> Result<Option<Caller>> {
    let (permissions, keys_allowed) = match policy {
        Policy::Anonymous(_) => return Ok(None),
        Policy::Caller(permissions) => (permissions, true),
        Policy::Session(permissions) => (permissions, false),
    };
    let caller = auth::authenticate(state, headers).await?;
    if !keys_allowed && matches!(caller.kind, CallerKind::ApiKey { .. }) {
        return Err(Problem::no_key());
    }
    if !permissions.is_empty() && !caller.may_any(permissions) {
        return Err(Problem::no_permission());
    }
    Ok(Some(caller))
}
