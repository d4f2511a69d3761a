//! What happens around every request: its id and log line, the browser's walls, limits.

use std::{
    panic::AssertUnwindSafe,
    time::{Duration, Instant},
};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{FutureExt, StreamExt, stream};
use hyper::body::Body as _;
use tracing::Instrument;
use uuid::Uuid;

use crate::{AppState, Problem, route::path_of, state::Origins};

/// Header that names a request in its answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How far a body that is too large is read to its end, so that its sender reads our answer
/// instead of seeing the connection break: this many times the limit.
const DRAINED: usize = 8;

/// Bytes a second of a body that is not too slow.
const RATE: u64 = 1024;

/// Gives the request an id, writes its log line, and answers 500 if a handler panics.
///
/// The log holds the route's pattern, not the address: addresses hold keys.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let matched = request.extensions().get::<MatchedPath>().cloned();
    let route = matched.as_ref().map_or("-", path_of);
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request", id, %method, route, "otel.name" = format!("{method} {route}"), "otel.kind" = "server",
        "http.response.status_code" = tracing::field::Empty
    );
    let start = Instant::now();
    let answer = async {
        let answer = AssertUnwindSafe(next.run(request)).catch_unwind().await;
        let mut response = answer.unwrap_or_else(|_| {
            tracing::error!("a handler panicked");
            Problem::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "something went wrong inside the server; its log says what",
            )
            .into_response()
        });
        tracing::debug!(
            status = response.status().as_u16(),
            ms = start.elapsed().as_millis(),
            "answered"
        );
        count(&method, route, response.status(), start.elapsed());
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    answer.instrument(span).await
}

/// What an answered request is counted as, beside the numbers of all requests: the names that
/// dashboards made for Flowise look for.
const COUNTED: &[(Method, &str, &str)] = &[
    (Method::POST, "/api/v1/chatflows", "chatflow_created"),
    (Method::POST, "/api/v1/assistants", "assistant_created"),
    (Method::POST, "/api/v1/tools", "tool_created"),
    (Method::POST, "/api/v1/custom-mcp-servers", "custom_mcp_server_created"),
    (Method::POST, "/api/v1/vector/upsert", "vector_upserted"),
    (Method::POST, "/api/v1/vector/internal-upsert", "vector_upserted"),
    (Method::POST, "/api/v1/prediction", "chatflow_prediction_external"),
    (Method::POST, "/api/v1/internal-prediction", "chatflow_prediction_internal"),
];

/// Counts a request by its route's pattern: addresses hold ids and would never end.
fn count(method: &Method, route: &str, status: StatusCode, took: Duration) {
    let (verb, code) = (method.as_str().to_owned(), status.as_u16().to_string());
    tracing::Span::current().record("http.response.status_code", status.as_u16());
    metrics::counter!(
        "http_requests_total",
        "method" => verb.clone(), "path" => route.to_owned(), "status" => code.clone()
    )
    .increment(1);
    metrics::histogram!(
        "http_request_duration_ms",
        "method" => verb, "route" => route.to_owned(), "code" => code
    )
    .record(took.as_secs_f64() * 1000.0);
    // A route with an id counts as the one without.
    let plain = route.strip_suffix("/{id}").unwrap_or(route);
    let counted = COUNTED.iter().find(|it| it.0 == *method && it.1 == plain);
    if let Some((_, _, name)) = counted {
        let outcome = if status.is_success() { "success" } else { "failure" };
        metrics::counter!(*name, "status" => outcome).increment(1);
    }
}

/// Tells browsers what they may do with our answers.
pub(crate) async fn walls(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let ancestors = &state.settings.frame_ancestors;
    put_new(headers, header::CONTENT_SECURITY_POLICY, &format!("frame-ancestors {ancestors}"));
    if ancestors == "'self'" {
        // The older header cannot name other sites, so it is left out where there are some.
        put_new(headers, header::X_FRAME_OPTIONS, "SAMEORIGIN");
    }
    put_new(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put_new(headers, header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    if state.settings.secure_cookies {
        put_new(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    put_new(headers, header::CACHE_CONTROL, "no-store");
    response
}

/// Sets a header that the handler did not set itself.
fn put_new(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.entry(name).or_insert(value);
    }
}

/// Lets pages of the listed origins read answers, and answers their browsers' questions in advance.
pub(crate) async fn cors(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let asks = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let wanted = request.headers().get(header::ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    let allowed = match &origin {
        Some(origin) => allowed_origin(&state, origin, request.uri().path()).await,
        None => None,
    };
    let mut response =
        if asks { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some((allowed, with_credentials)) = allowed else { return response };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    if with_credentials {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    if asks {
        headers.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        let methods = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        if let Some(wanted) = wanted {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted);
        }
    }
    response
}

/// What an origin may be told, and whether it may send cookies along. A flow that lists the sites
/// it is embedded in opens its own routes to them.
async fn allowed_origin(
    state: &AppState,
    origin: &HeaderValue,
    path: &str,
) -> Option<(HeaderValue, bool)> {
    let text = origin.to_str().ok().filter(|it| *it != "null")?;
    match &state.settings.cors_origins {
        Origins::Listed(list) if list.iter().any(|it| it.eq_ignore_ascii_case(text)) => {
            Some((origin.clone(), state.settings.cors_credentials))
        }
        Origins::Any => Some((HeaderValue::from_static("*"), false)),
        Origins::Listed(_) => {
            let opened = crate::routes::flow_allows_origin(state, path, text).await;
            opened.then(|| (origin.clone(), false))
        }
    }
}

/// Refuses a body whose announced length is too large, before anything of it is kept.
pub(crate) async fn limit(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let limit = state.settings.body_limit;
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|it| it.to_str().ok());
    let length: usize = length.and_then(|it| it.parse().ok()).unwrap_or(0);
    if length <= limit {
        return next.run(request).await;
    }
    if length <= limit.saturating_mul(DRAINED) {
        drain(request.into_body()).await;
    }
    Problem::too_large(limit).into_response()
}

/// Cuts a body that comes too slowly, so that nobody keeps requests open by sending a byte now and
/// then: its client has the settings' patience, and a second more for each [`RATE`] bytes.
pub(crate) async fn keep_coming(
    State(state): State<AppState>,
    request: Request,
    next: Next,
) -> Response {
    let patience = state.settings.request_patience;
    let (head, body) = request.into_parts();
    if body.is_end_stream() {
        return next.run(Request::from_parts(head, body)).await;
    }
    let start = tokio::time::Instant::now();
    let pieces = stream::try_unfold((body.into_data_stream(), 0), move |(mut pieces, read)| {
        let until = start + patience + Duration::from_secs(read / RATE);
        async move {
            let Ok(piece) = tokio::time::timeout_at(until, pieces.next()).await else {
                return Err(axum::Error::new("the client is too slow"));
            };
            let Some(piece) = piece.transpose()? else { return Ok(None) };
            let read = read + piece.len() as u64;
            Ok(Some((piece, (pieces, read))))
        }
    });
    next.run(Request::from_parts(head, Body::from_stream(pieces))).await
}

async fn drain(body: Body) {
    let mut pieces = body.into_data_stream();
    while let Some(Ok(_)) = pieces.next().await {}
}
