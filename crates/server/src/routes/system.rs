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

/// Word for word what clients of the reference are told, since they compare it.
const WHAT_TO_DO: &str = "Check returned IP address in the response. If it matches your current IP address ( which \
you can get by going to http://ip.nfriedly.com/ or https://api.ipify.org/ ), then the number of proxies is correct \
and the rate limiter should now work correctly. If not, increase the number of proxies by 1 and restart Cloud-Hosted \
Flowise until the IP address matches your own. Visit \
https://docs.flowiseai.com/configuration/rate-limit#cloud-hosted-rate-limit-setup-guide for more information.";

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/ping", OPEN, ping)
        .doc(doc("Ask for a sign of life").gives_text())
        .get("/version", OPEN, version)
        .doc(doc("Tell the version").gives::<Version>())
        .get("/settings", OPEN, settings)
        .doc(doc("Tell what pages adapt to").gives::<Settings>())
        .get("/pricing", OPEN, pricing)
        .doc(doc("Tell what this installation costs").gives::<Vec<Offer>>())
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

/// What can be had, and for how much.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PricedOffer")]
struct Offer {
    title: &'static str,
    subtitle: &'static str,
    price: &'static str,
    period: &'static str,
    features: Vec<Feature>,
}

/// One thing that an offer holds.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "OfferedFeature")]
struct Feature {
    text: &'static str,
}

/// There is one offer: all of it.
async fn pricing() -> Json<Vec<Offer>> {
    const HOLDS: [&str; 3] = [
        "Every node, route and page",
        "As many flows, people and runs as your servers carry",
        "Open source: read it, change it, run it anywhere",
    ];
    Json(vec![Offer {
        title: "Your own installation",
        subtitle: "Everything, on your own servers",
        price: "0",
        period: "for ever",
        features: HOLDS.into_iter().map(|text| Feature { text }).collect(),
    }])
}

/// The address a client is seen under.
#[derive(Serialize, JsonSchema)]
struct SeenAs {
    ip: String,
    msg: &'static str,
}

async fn ip(ClientAddress(address): ClientAddress) -> Json<SeenAs> {
    Json(SeenAs { ip: address.to_string(), msg: WHAT_TO_DO })
}
