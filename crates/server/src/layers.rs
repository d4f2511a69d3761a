//! What happens around every request: its id and log line, the browser's walls, limits.

use std::{panic::AssertUnwindSafe, time::Instant};

use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{FutureExt, StreamExt};
use tracing::Instrument;
use uuid::Uuid;

use crate::{AppState, Problem, state::Origins};

/// Header that names a request in its answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// How far a body that is too large is read to its end, so that its sender reads our answer
/// instead of seeing the connection break: this many times the limit.
const DRAINED: usize = 8;

/// Gives the request an id, writes its log line, and answers 500 if a handler panics.
///
/// The log holds the route's pattern, not the address: addresses hold keys.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = Uuid::new_v4().to_string();
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str);
    let span = tracing::info_span!("request", id, method = %request.method(), route);
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
        if let Ok(id) = HeaderValue::from_str(&id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    };
    answer.instrument(span).await
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

async fn drain(body: Body) {
    let mut pieces = body.into_data_stream();
    while let Some(Ok(_)) = pieces.next().await {}
}
