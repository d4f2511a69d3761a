//! A tool that makes one `POST` request.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::http::Method;

use super::requests::{self, Rows};

const URL: Input<String> = requests::url_row("requestsPostUrl");
const NAME: Input<Option<String>> = requests::name_row("requestsPostName", "requests_post");
const DESCRIPTION: Input<Option<String>> =
    requests::description_row("requestsPostDescription", DEFAULT_DESCRIPTION);
const DEFAULT_DESCRIPTION: &str = "Sends data to one address.";
const HEADERS: Input<Option<String>> = requests::headers_row("requestsPostHeaders");
const BODY: Input<Option<String>> = requests::body_row("requestPostBody");
const BODY_SCHEMA: Input<Option<String>> = requests::body_schema_row("requestsPostBodySchema");
const MAX_OUTPUT_LENGTH: Input<Option<u64>> = requests::limit_row("requestsPostMaxOutputLength");

static SPEC: Spec = Spec {
    label: "Requests Post",
    name: "requestsPost",
    version: 2.0,
    kind: "RequestsPost",
    icon: "requests.svg",
    category: "Tools",
    description: "Lets a model send data by HTTP POST",
    base_classes: &["RequestsPost", "DynamicStructuredTool", "StructuredTool", "Runnable", "Tool"],
    inputs: &[
        URL.field,
        NAME.field,
        DESCRIPTION.field,
        HEADERS.field,
        BODY.field,
        BODY_SCHEMA.field,
        MAX_OUTPUT_LENGTH.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RequestsPost;

#[async_trait]
impl Node for RequestsPost {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let rows = Rows {
            method: Method::POST,
            url: &URL,
            name: &NAME,
            description: &DESCRIPTION,
            headers: &HEADERS,
            limit: &MAX_OUTPUT_LENGTH,
        };
        Ok(Capability::Tool(Arc::new(rows.with_body(inputs, &BODY, &BODY_SCHEMA)?)))
    }
}
