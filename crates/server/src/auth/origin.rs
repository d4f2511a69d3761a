//! Keeps foreign pages from making somebody's browser sign in or out.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use crate::{AppState, Problem};

/// Proof that no foreign page sent a request.
///
/// Routes that work without our header need it, as they could otherwise be called by a form on any
/// page: one that signs its visitor in to somebody else's account, or that sets up the first
/// account of an installation nobody else can reach.
pub(crate) struct NotForeign;

impl FromRequestParts<AppState> for NotForeign {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Problem> {
        if is_foreign(&parts.headers) {
            return Err(Problem::forbidden("another site's page cannot do this"));
        }
        Ok(Self)
    }
}

/// Browsers say when another site's page sends a request. Old ones do not, but without asking
/// first they let such a page send forms only.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let kind = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let forms = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"];
    let site = headers.get("sec-fetch-site").is_some_and(|it| it == "cross-site");
    site || forms.iter().any(|it| it.eq_ignore_ascii_case(kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_other_sites_are_foreign() {
        for (name, value, foreign) in [
            ("content-type", "application/json", false),
            ("content-type", "text/plain;charset=UTF-8", true),
            ("content-type", "multipart/form-data; boundary=x", true),
            ("content-type", "Application/X-WWW-Form-Urlencoded", true),
            ("sec-fetch-site", "cross-site", true),
            ("sec-fetch-site", "same-origin", false),
            ("accept", "*/*", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(name, value.parse().unwrap());
            assert_eq!(is_foreign(&headers), foreign, "{name}: {value}");
        }
    }
}
