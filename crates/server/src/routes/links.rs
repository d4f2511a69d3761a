//! Finding the pages of a site, for loaders that read many.

use axum::{Json, extract::State};
use serde::Serialize;
use serde_json::Value;

use crate::{
    AppState, Problem, Query,
    openapi::{Kind, doc},
    outside::LinkSource,
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new().get("/fetch-links", Policy::Caller(&[]), find).doc(
        doc("Find the pages of a site")
            .query("url", Kind::Text, "Where to begin.")
            .query(
                "relativeLinksMethod",
                Kind::Choice(&["webCrawl", "scrapeXMLSitemap"]),
                "How to look.",
            )
            .query("limit", Kind::Number, "How many at most; 0 for all.")
            .gives::<Value>()
            .problem(400)
            .problem(412)
            .problem(502),
    )
}

/// Pages of a site.
#[derive(Serialize)]
struct Links {
    status: &'static str,
    links: Vec<String>,
}

async fn find(State(state): State<AppState>, query: Query) -> Result<Json<Links>> {
    let needed = |name: &str| {
        let missing = || {
            Problem::missing(format!(
                "Error: fetchLinksController.getAllLinks - {name} not provided!"
            ))
        };
        query.get(name).ok_or_else(missing)
    };
    let page = needed("url")?;
    let source = match needed("relativeLinksMethod")? {
        "webCrawl" => LinkSource::Pages,
        "scrapeXMLSitemap" => LinkSource::SiteMap,
        other => {
            return Err(Problem::bad_request(format!(
                "relativeLinksMethod: {other:?} is neither webCrawl nor scrapeXMLSitemap"
            )));
        }
    };
    let limit = needed("limit")?;
    let limit = limit
        .parse()
        .map_err(|_| Problem::bad_request(format!("limit: {limit:?} is not a whole number")))?;
    let links = state.outside.links(page, source, limit).await.map_err(Problem::outside)?;
    Ok(Json(Links { status: "OK", links }))
}
