//! Text models on Amazon Bedrock. All of them answer its Converse interface too.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::aws::bedrock::{Chat, RUNTIME};

use super::DEPRECATING;
use crate::{
    aws_form::{self, CREDENTIAL, REGION},
    chat_models::{
        self, CACHE,
        aws_chat_bedrock::{INFERENCE, MAX_TOKENS, TEMPERATURE},
    },
    models::{self, Kind},
};

const MODEL: Input<String> = Input::async_options("Model Name", "model", "listModels");
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModel")
    .describe("A model that the list does not have; it wins over the one chosen there")
    .optional();
static SPEC: Spec = Spec {
    label: "AWS Bedrock",
    name: "awsBedrock",
    version: 4.0,
    kind: "AWSBedrock",
    icon: "aws.svg",
    category: "LLMs",
    description: "Text models of many vendors on Amazon Bedrock",
    base_classes: &["AWSBedrock", "Bedrock", "LLM", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CREDENTIAL),
    inputs: &[
        CACHE.field,
        REGION.field,
        MODEL.field,
        CUSTOM_MODEL.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AwsBedrock;

#[async_trait]
impl Node for AwsBedrock {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        chat_models::finish(
            inputs,
            Chat {
                service: aws_form::service(inputs, &REGION, RUNTIME, None)?,
                model: models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?,
                inference: chat_models::numbers(inputs, INFERENCE)?,
                fast: false,
                takes_images: false,
                stream: true,
            },
        )
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }
}
