//! A tool that makes one `DELETE` request.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::http::Method;

use super::requests::{self, Rows};

const URL: Input<String> = requests::url_row("requestsDeleteUrl");
const NAME: Input<Option<String>> = requests::name_row("requestsDeleteName", "requests_delete");
const DESCRIPTION: Input<Option<String>> =
    requests::description_row("requestsDeleteDescription", DEFAULT_DESCRIPTION);
const DEFAULT_DESCRIPTION: &str = "Removes something at one address.";
const HEADERS: Input<Option<String>> = requests::headers_row("requestsDeleteHeaders");
const QUERY_SCHEMA: Input<Option<String>> = requests::query_row("requestsDeleteQueryParamsSchema");
const MAX_OUTPUT_LENGTH: Input<Option<u64>> = requests::limit_row("requestsDeleteMaxOutputLength");

static SPEC: Spec = Spec {
    label: "Requests Delete",
    name: "requestsDelete",
    version: 1.0,
    kind: "RequestsDelete",
    icon: "requests.svg",
    category: "Tools",
    description: "Lets a model remove something by HTTP DELETE",
    base_classes: &[
        "RequestsDelete",
        "DynamicStructuredTool",
        "StructuredTool",
        "Runnable",
        "Tool",
    ],
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
pub(crate) struct RequestsDelete;

#[async_trait]
impl Node for RequestsDelete {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let rows = Rows {
            method: Method::DELETE,
            url: &URL,
            name: &NAME,
            description: &DESCRIPTION,
            headers: &HEADERS,
            limit: &MAX_OUTPUT_LENGTH,
        };
        Ok(Capability::Tool(Arc::new(rows.with_query(inputs, &QUERY_SCHEMA)?)))
    }
}
