//! Lists that are the same for everyone: written and packed once, when the server starts.

use std::io::Write as _;

use axum::{
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use flowstone_core::Node;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::nodes::CatalogNode;
use crate::state::AppParts;

/// The lists.
pub(crate) struct Catalogues {
    /// Every node, for `GET /nodes`.
    pub(super) nodes: Packed,
    /// Every kind of credential, for `GET /components-credentials`.
    pub(super) credential_kinds: Packed,
}

impl Catalogues {
    /// Makes them of the engine's nodes and the kinds of credentials.
    pub(crate) fn new(parts: &AppParts) -> Self {
        let nodes = node_catalog(parts.engine.catalog().all());
        Self { nodes: Packed::new(&nodes), credential_kinds: Packed::new(&parts.credential_specs) }
    }
}

/// The entries of `GET /nodes` for these nodes.
pub fn node_catalog(nodes: &[&'static dyn Node]) -> Vec<impl Serialize + use<>> {
    nodes.iter().map(|it| CatalogNode::new(*it)).collect()
}

/// JSON that is kept as it goes over the wire.
pub(super) struct Packed {
    plain: Bytes,
    packed: Bytes,
    /// Changes with the content, so that a browser which has it need not load it again.
    tag: String,
}

impl Packed {
    /// Writes and packs `value`.
    pub(super) fn new(value: &impl Serialize) -> Self {
        // Specs are constants whose keys are text; there is nothing that could fail to be written.
        let plain = serde_json::to_vec(value).unwrap_or_default();
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        let packed = encoder.write_all(&plain).and_then(|()| encoder.finish()).unwrap_or_default();
        let digest = Sha256::digest(&plain);
        let tag = hex::encode(&digest[..8]);
        Self { plain: plain.into(), packed: packed.into(), tag: format!("\"{tag}\"") }
    }

    /// Answers a request with these headers: not at all where the client has it already.
    pub(super) fn answer(&self, request: &HeaderMap) -> Response {
        let known = text(request, header::IF_NONE_MATCH);
        let zips = text(request, header::ACCEPT_ENCODING).split(',').any(|it| {
            let mut parts = it.split(';').map(str::trim);
            parts.next() == Some("gzip") && parts.next() != Some("q=0")
        });
        let mut response =
            if known.split(',').any(|it| it.trim().trim_start_matches("W/") == self.tag) {
                StatusCode::NOT_MODIFIED.into_response()
            } else {
                let body = if zips && !self.packed.is_empty() { &self.packed } else { &self.plain };
                let mut response = body.clone().into_response();
                let headers = response.headers_mut();
                headers.insert(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json; charset=utf-8"),
                );
                if zips && !self.packed.is_empty() {
                    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                }
                response
            };
        let headers = response.headers_mut();
        if let Ok(tag) = HeaderValue::from_str(&self.tag) {
            headers.insert(header::ETAG, tag);
        }
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        response
    }
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
}
