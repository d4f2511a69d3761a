//! Numbers for Prometheus.

use axum::{extract::State, http::header, response::IntoResponse};

use crate::{
    AppState, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/metrics", Policy::Caller(&[]), read)
        .doc(doc("Read the figures of the server for Prometheus").gives_text().problem(404))
}

async fn read(State(state): State<AppState>) -> Result<impl IntoResponse> {
    let page = (state.metrics)()
        .ok_or_else(|| Problem::not_found("numbers are not kept here: set ENABLE_METRICS=true"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page))
}
