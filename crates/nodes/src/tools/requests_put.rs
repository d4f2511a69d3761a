//! A tool that makes one `PUT` request.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::http::Method;

use super::requests::{self, Rows};

const URL: Input<String> = requests::url_row("requestsPutUrl");
const NAME: Input<Option<String>> = requests::name_row("requestsPutName", "requests_put");
const DESCRIPTION: Input<Option<String>> =
    requests::description_row("requestsPutDescription", DEFAULT_DESCRIPTION);
const DEFAULT_DESCRIPTION: &str = "Replaces the data at one address.";
const HEADERS: Input<Option<String>> = requests::headers_row("requestsPutHeaders");
const BODY: Input<Option<String>> = requests::body_row("requestPutBody");
const BODY_SCHEMA: Input<Option<String>> = requests::body_schema_row("requestsPutBodySchema");
const MAX_OUTPUT_LENGTH: Input<Option<u64>> = requests::limit_row("requestsPutMaxOutputLength");

static SPEC: Spec = Spec {
    label: "Requests Put",
    name: "requestsPut",
    version: 1.0,
    kind: "RequestsPut",
    icon: "requests.svg",
    category: "Tools",
    description: "Lets a model replace something by HTTP PUT",
    base_classes: &["RequestsPut", "DynamicStructuredTool", "StructuredTool", "Runnable", "Tool"],
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
pub(crate) struct RequestsPut;

#[async_trait]
impl Node for RequestsPut {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let rows = Rows {
            method: Method::PUT,
            url: &URL,
            name: &NAME,
            description: &DESCRIPTION,
            headers: &HEADERS,
            limit: &MAX_OUTPUT_LENGTH,
        };
        Ok(Capability::Tool(Arc::new(rows.with_body(inputs, &BODY, &BODY_SCHEMA)?)))
    }
}
