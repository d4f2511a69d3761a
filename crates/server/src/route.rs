//! The route table: every route with who may call it.

use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{AppState, routes};

/// Where the API lives.
pub const API: &str = "/api/v1";

/// Who may call a route. There is no default: a route without a policy cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Everyone. What still has to be checked (a flow's own key, a password, whether a flow is
    /// public) the handler checks; the text says what that is.
    Anonymous(&'static str),
    /// Whoever is signed in or shows an API key, with one of these permissions; with none listed,
    /// any of them will do.
    Caller(&'static [&'static str]),
    /// Whoever is signed in, with one of these permissions; API keys are refused.
    Session(&'static [&'static str]),
}

/// One route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteRow {
    /// The method it answers.
    pub method: Method,
    /// The whole path, with `{name}` for its variable parts.
    pub path: String,
    /// Who may call it.
    pub policy: Policy,
}

/// Every route of the API, in the order they were declared.
pub fn table() -> Vec<RouteRow> {
    routes::all().rows
}

/// Routes with their policies, being collected.
#[derive(Default)]
pub struct Routes {
    rows: Vec<RouteRow>,
    router: Router<AppState>,
}

impl Routes {
    /// No routes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// `GET` (and with it `HEAD`) of a path below `/api/v1`.
    #[must_use]
    pub fn get<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::GET, MethodFilter::GET, path, policy, handler)
    }

    /// `POST` of a path below `/api/v1`.
    #[must_use]
    pub fn post<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::POST, MethodFilter::POST, path, policy, handler)
    }

    /// `PUT` of a path below `/api/v1`.
    #[must_use]
    pub fn put<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::PUT, MethodFilter::PUT, path, policy, handler)
    }

    /// `PATCH` of a path below `/api/v1`.
    #[must_use]
    pub fn patch<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::PATCH, MethodFilter::PATCH, path, policy, handler)
    }

    /// `DELETE` of a path below `/api/v1`.
    #[must_use]
    pub fn delete<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::DELETE, MethodFilter::DELETE, path, policy, handler)
    }

    /// These routes and those of another area.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.rows.extend(other.rows);
        Self { rows: self.rows, router: self.router.merge(other.router) }
    }

    /// The router, and the table that the check of callers goes by.
    pub(crate) fn into_parts(self) -> (Router<AppState>, Vec<RouteRow>) {
        (self.router, self.rows)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &str,
        policy: Policy,
        handler: H,
    ) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let path = format!("{API}{path}");
        let methods: MethodRouter<AppState> = on(filter, handler);
        self.router = self.router.route(&path, methods);
        self.rows.push(RouteRow { method, path, policy });
        self
    }
}
