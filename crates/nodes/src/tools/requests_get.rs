//! A tool that makes one `GET` request.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::http::Method;

use super::requests::{self, Rows};

const URL: Input<String> = requests::url_row("requestsGetUrl");
const NAME: Input<Option<String>> = requests::name_row("requestsGetName", "requests_get");
const DESCRIPTION: Input<Option<String>> =
    requests::description_row("requestsGetDescription", DEFAULT_DESCRIPTION);
const DEFAULT_DESCRIPTION: &str = "Reads data from one address.";
const HEADERS: Input<Option<String>> = requests::headers_row("requestsGetHeaders");
const QUERY_SCHEMA: Input<Option<String>> = requests::query_row("requestsGetQueryParamsSchema");
const MAX_OUTPUT_LENGTH: Input<Option<u64>> = requests::limit_row("requestsGetMaxOutputLength");

static SPEC: Spec = Spec {
    label: "Requests Get",
    name: "requestsGet",
    version: 2.0,
    kind: "RequestsGet",
    icon: "requests.svg",
    category: "Tools",
    description: "Lets a model read from an address by HTTP GET",
    base_classes: &["RequestsGet", "DynamicStructuredTool", "StructuredTool", "Runnable", "Tool"],
    inputs: &[
        URL.field,
        NAME.field,
        DESCRIPTION.field,
        HEADERS.field,
        QUERY_SCHEMA.field,
        MAX_OUTPUT_LENGTH.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RequestsGet;

#[async_trait]
impl Node for RequestsGet {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let rows = Rows {
            method: Method::GET,
            url: &URL,
            name: &NAME,
            description: &DESCRIPTION,
            headers: &HEADERS,
            limit: &MAX_OUTPUT_LENGTH,
        };
        Ok(Capability::Tool(Arc::new(rows.with_query(inputs, &QUERY_SCHEMA)?)))
    }
}
