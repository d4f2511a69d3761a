//! Embedding models on Amazon Bedrock.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Choice, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::aws::bedrock::{Embeddings, RUNTIME};

use crate::{
    aws_form::{self, CREDENTIAL, REGION},
    models::{self, Kind},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "model", "listModels").default("amazon.titan-embed-text-v1");
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModel")
    .describe("A model that the list does not have; it wins over the one chosen there")
    .optional();
const HOST: Input<Option<String>> = Input::text("Custom Endpoint Host", "endpointHost")
    .describe("Another host to call, such as that of a private endpoint")
    .optional();
const TYPE: Input<Option<String>> = Input::options(
    "Cohere Input Type",
    "inputType",
    &[
        Choice::plain("search_document"),
        Choice::plain("search_query"),
        Choice::plain("classification"),
        Choice::plain("clustering"),
    ],
)
.describe("What the vectors of Cohere's models are for; search_document where it is empty")
.optional();
const BATCH: Input<Option<u64>> = Input::whole("Batch Size", "batchSize")
    .default(50)
    .describe("How many texts go into one call of Cohere's models, at most 96")
    .optional()
    .additional();
const RETRIES: Input<Option<u64>> = Input::whole("Max AWS API retries", "maxRetries")
    .default(5)
    .describe("Kept for flows of the reference; calls are tried again as everywhere here")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "AWS Bedrock Embedding",
    name: "AWSBedrockEmbeddings",
    version: 5.1,
    kind: "AWSBedrockEmbeddings",
    icon: "aws.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models on Amazon Bedrock",
    base_classes: &["AWSBedrockEmbeddings", "Embeddings"],
    credential: Some(CREDENTIAL),
    inputs: &[
        REGION.field,
        MODEL.field,
        CUSTOM_MODEL.field,
        HOST.field,
        TYPE.field,
        BATCH.field,
        RETRIES.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AwsBedrockEmbeddings;

#[async_trait]
impl Node for AwsBedrockEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let host = inputs.get(&HOST)?;
        let batch = inputs.get(&BATCH)?.filter(|it| *it > 0).unwrap_or(50);
        Ok(Capability::Embeddings(Arc::new(Embeddings {
            service: aws_form::service(inputs, &REGION, RUNTIME, host.as_deref())?,
            model: models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?,
            input_type: inputs.get(&TYPE)?,
            batch: usize::try_from(batch).unwrap_or(usize::MAX),
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, SPEC.name, method)
    }
}
