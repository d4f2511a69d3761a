//! Signs of life: ping, version, settings, and what address a client is seen under.

use axum::Json;
use schemars::JsonSchema;
use serde::Serialize;
use ts_rs::TS;

use crate::{
    auth::ClientAddress,
    openapi::doc,
    route::{Policy, Routes},
};

const OPEN: Policy = Policy::Anonymous("tells nothing but that the server runs and its version");

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/ping", OPEN, ping)
        .doc(doc("Ask for a sign of life").gives_text())
        .get("/version", OPEN, version)
        .doc(doc("Tell the version").gives::<Version>())
        .get("/settings", OPEN, settings)
        .doc(doc("Tell what pages adapt to").gives::<Settings>())
        .get("/ip", OPEN, ip)
        .doc(doc("Tell under which address a client is seen").gives::<SeenAs>())
}

async fn ping() -> &'static str {
    "pong"
}

/// Which version of Flowstone answers.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct Version {
    version: &'static str,
}

async fn version() -> Json<Version> {
    Json(Version { version: env!("CARGO_PKG_VERSION") })
}

/// What clients adapt their pages to.
#[derive(Serialize, JsonSchema)]
struct Settings {
    /// Always the one that knows a single organization.
    #[serde(rename = "PLATFORM_TYPE")]
    platform_type: &'static str,
}

async fn settings() -> Json<Settings> {
    Json(Settings { platform_type: "open source" })
}

/// The address a client is seen under.
#[derive(Serialize, JsonSchema)]
struct SeenAs {
    ip: String,
    msg: &'static str,
}

async fn ip(ClientAddress(address): ClientAddress) -> Json<SeenAs> {
    Json(SeenAs {
        ip: address.to_string(),
        msg: "This is the address that rate limits count for you. If it is not yours but that of a proxy, raise \
              the number of trusted proxies by one, restart, and look again.",
    })
}
