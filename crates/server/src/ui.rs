//! The web pages: files where there are some, else the one page, which knows what to show.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, header},
    response::{IntoResponse, Response},
};

use crate::{AppState, Problem, state::Asset};

/// The one page.
const PAGE: &str = "index.html";
/// The chat widget and what it loads when it needs it: pages of other sites ask for them.
const WIDGET: [&str; 2] = ["embed.js", "embed-formulas.js"];

/// Whether a path belongs to the API, however it is spelled: such a path is never answered by the
/// page, so that a typing error in a client is seen as one.
pub(crate) fn is_api(path: &str) -> bool {
    let first = path.trim_start_matches('/').split(['/', ';', '%', '?']).next().unwrap_or_default();
    first.eq_ignore_ascii_case("api")
}

/// Answers whatever no route answers.
pub(crate) async fn fallback(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if is_api(path) {
        return Problem::not_found(format!("there is no route {} {path}", request.method()))
            .into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return wrong_method().await.into_response();
    }
    let path = path.trim_start_matches('/');
    let file = if path.is_empty() { None } else { state.assets.get(path) };
    if let Some(asset) = file {
        let mut response = answer(&state, asset, path == PAGE);
        if WIDGET.contains(&path) {
            for_everybody(response.headers_mut());
        }
        return response;
    }
    // A missing script must not come back as a page: the browser would fail on its first line.
    if path.starts_with("assets/") {
        return Problem::not_found("there is no such file").into_response();
    }
    match state.assets.get(PAGE) {
        Some(page) => answer(&state, page, true),
        None => {
            Problem::not_found("this installation was built without its web pages").into_response()
        }
    }
}

/// Answers a known path that is called with another method.
pub(crate) async fn wrong_method() -> Problem {
    Problem::new(
        axum::http::StatusCode::METHOD_NOT_ALLOWED,
        "this address does not answer to this method",
    )
}

fn answer(state: &AppState, asset: Asset, is_page: bool) -> Response {
    let mut response = asset.bytes.into_owned().into_response();
    let headers = response.headers_mut();
    let mut put = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    put(header::CONTENT_TYPE, &asset.content_type);
    let keep = if asset.immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    put(header::CACHE_CONTROL, keep);
    if is_page {
        put(header::CONTENT_SECURITY_POLICY, &page_policy(&state.settings.frame_ancestors));
    }
    response
}

/// Lets pages of other sites load a file, and keep it for a while: its name stays the same in every
/// release.
fn for_everybody(headers: &mut HeaderMap) {
    let own = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
        (header::CACHE_CONTROL, "public, max-age=3600, stale-while-revalidate=86400"),
        (HeaderName::from_static("cross-origin-resource-policy"), "cross-origin"),
    ];
    for (name, value) in own {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

/// What the page may load: its own scripts and nothing foreign, pictures from anywhere (answers
/// hold some).
fn page_policy(ancestors: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data: blob: https: http:; media-src 'self' data: blob:; font-src 'self' data:; \
         connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors {ancestors}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_api_is_the_api_in_every_spelling() {
        for path in [
            "/api",
            "/api/v1/ping",
            "/API/v1/ping",
            "//api/v1/ping",
            "/api;x/v1",
            "/api%2fv1/ping",
            "/Api/",
        ] {
            assert!(is_api(path), "{path}");
        }
        for path in ["/", "/apis", "/canvas/api", "/assets/api.js"] {
            assert!(!is_api(path), "{path}");
        }
    }
}
