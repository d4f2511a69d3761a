//! The route table: every route with who may call it.

use axum::{
    Router,
    extract::MatchedPath,
    handler::Handler,
    http::Method,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{AppState, openapi::Doc, routes};

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

/// Routes about one thing.
#[derive(Debug)]
pub(crate) struct Area {
    /// Its name.
    pub(crate) tag: &'static str,
    /// What it is about, in a sentence.
    pub(crate) about: &'static str,
    /// What the variable parts of its paths mean.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
}

impl Area {
    /// What a variable part means.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'static str> {
        self.parameters.iter().find(|(it, _)| *it == name).map(|(_, about)| *about)
    }
}

/// One route.
#[derive(Clone, Debug)]
pub struct RouteRow {
    /// The method it answers.
    pub method: Method,
    /// The whole path, with `{name}` for its variable parts.
    pub path: String,
    /// Who may call it.
    pub policy: Policy,
    /// What it documents.
    pub(crate) doc: Option<Doc>,
    /// What it is about.
    pub(crate) area: Option<&'static Area>,
}

impl RouteRow {
    /// Whether it says what it does. One that never answers well says why instead, and is left out
    /// of the OpenAPI document.
    pub fn is_described(&self) -> bool {
        self.doc.is_some()
    }

    /// Whether the OpenAPI document names it.
    pub fn is_in_document(&self) -> bool {
        self.doc.as_ref().is_some_and(|it| !it.is_hidden())
    }
}

/// Every route of the API, in the order they were declared.
pub fn table() -> Vec<RouteRow> {
    routes::all().rows
}

/// The path in the table of a route that matched, whether or not the request ended it with a slash.
pub(crate) fn path_of(matched: &MatchedPath) -> &str {
    matched.as_str().trim_end_matches('/')
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

    /// `OPTIONS` of a path below `/api/v1`, where a client asks without being a page of another
    /// origin; those are answered before.
    #[must_use]
    pub fn options<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add(Method::OPTIONS, MethodFilter::OPTIONS, path, policy, handler)
    }

    /// `GET` of a path outside of `/api/v1`, which clients of another API look for.
    #[must_use]
    pub(crate) fn get_at_root<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add_at(Method::GET, MethodFilter::GET, path.to_owned(), policy, handler)
    }

    /// `POST` of a path outside of `/api/v1`.
    #[must_use]
    pub(crate) fn post_at_root<H, T>(self, path: &str, policy: Policy, handler: H) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        self.add_at(Method::POST, MethodFilter::POST, path.to_owned(), policy, handler)
    }

    /// What the route before this documents.
    #[must_use]
    pub(crate) fn doc(mut self, doc: Doc) -> Self {
        if let Some(row) = self.rows.last_mut() {
            row.doc = Some(doc);
        }
        self
    }

    /// What these routes are about.
    #[must_use]
    pub(crate) fn area(mut self, area: &'static Area) -> Self {
        for row in &mut self.rows {
            row.area.get_or_insert(area);
        }
        self
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
        self,
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
        self.add_at(method, filter, format!("{API}{path}"), policy, handler)
    }

    fn add_at<H, T>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: String,
        policy: Policy,
        handler: H,
    ) -> Self
    where
        H: Handler<T, AppState>,
        T: 'static,
    {
        let methods: MethodRouter<AppState> = on(filter, handler);
        // Clients of the reference end paths with a slash or do not, as they like.
        if !path.contains("{*") {
            self.router = self.router.route(&format!("{path}/"), methods.clone());
        }
        self.router = self.router.route(&path, methods);
        self.rows.push(RouteRow { method, path, policy, doc: None, area: None });
        self
    }
}
