//! Signs of life: ping, version, settings.

use axum::Json;
use serde_json::{Value, json};

use crate::route::{Policy, Routes};

const OPEN: Policy = Policy::Anonymous("tells nothing about the installation but its version");

pub(super) fn routes() -> Routes {
    Routes::new().get("/ping", OPEN, ping).get("/version", OPEN, version).get("/settings", OPEN, settings)
}

async fn ping() -> &'static str {
    "pong"
}

async fn version() -> Json<Value> {
    Json(json!({ "version": env!("CARGO_PKG_VERSION") }))
}

async fn settings() -> Json<Value> {
    Json(json!({ "PLATFORM_TYPE": "open source" }))
}
