//! Chat models on Amazon Bedrock.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, node::Entry};
use flowstone_providers::aws::bedrock::{Chat, RUNTIME};
use serde_json::{Map, Value};

use super::{ALLOW_IMAGES, CACHE, STREAMING};
use crate::{
    aws_form::{self, CREDENTIAL, REGION},
    models::{self, Kind},
};

const MODEL: Input<String> = {
    let mut it = Input::async_options("Model Name", "model", "listModels")
        .default("anthropic.claude-haiku-4-5-20251001-v1:0");
    it.field.optional = true;
    it
};
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model ARN", "customModel")
    .describe("The name of a model or an inference profile of yours; it wins over the list")
    .placeholder("arn:aws:bedrock:us-east-1:123456789012:inference-profile/mine")
    .optional();
const HOST: Input<Option<String>> = Input::text("Custom Endpoint Host", "endpointHost")
    .describe("Another host to call, such as that of a private endpoint")
    .placeholder("vpce-1a2b3c.bedrock-runtime.us-east-1.vpce.amazonaws.com")
    .optional()
    .additional();
/// How much chance there is in an answer.
pub(crate) const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.7)
    .describe("How much chance there is in an answer")
    .optional()
    .additional();
/// How long an answer may be.
pub(crate) const MAX_TOKENS: Input<Option<f64>> =
    Input::number("Max Tokens to Sample", "max_tokens_to_sample")
        .step(10.0)
        .default(200.0)
        .describe("Longest answer, in tokens")
        .optional()
        .additional();
const FAST: Input<bool> = Input::flag("Latency Optimized", "latencyOptimized")
    .default(false)
    .describe("Asks for the faster and dearer way, which some models offer in some regions")
    .may_be_empty()
    .additional();
const GLOBAL: Input<bool> = Input::flag("Use Global Inference Endpoint", "useGlobalEndpoint")
    .default(false)
    .describe("Lets Amazon choose the region of each call; some models are offered so")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "AWS Bedrock",
    name: "awsChatBedrock",
    version: 6.1,
    kind: "AWSChatBedrock",
    icon: "aws.svg",
    category: "Chat Models",
    description: "Chat models of many vendors on Amazon Bedrock",
    base_classes: &["AWSChatBedrock", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CREDENTIAL),
    inputs: &[
        CACHE.field,
        REGION.field,
        MODEL.field,
        CUSTOM_MODEL.field,
        HOST.field,
        STREAMING.field,
        ALLOW_IMAGES.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        FAST.field,
        GLOBAL.field,
    ],
    ..Spec::EMPTY
};

/// The rows that are sent as numbers, and their names on the wire.
pub(crate) const INFERENCE: &[(Input<Option<f64>>, &str)] =
    &[(TEMPERATURE, "temperature"), (MAX_TOKENS, "maxTokens")];

/// The node.
pub(crate) struct AwsChatBedrock;

#[async_trait]
impl Node for AwsChatBedrock {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let host = inputs.get(&HOST)?;
        let mut model = models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?;
        if inputs.get(&GLOBAL)? && !model.starts_with("arn:") && !model.starts_with("global.") {
            model = format!("global.{model}");
        }
        super::finish(
            inputs,
            Chat {
                service: aws_form::service(inputs, &REGION, RUNTIME, host.as_deref())?,
                model,
                inference: super::numbers(inputs, INFERENCE)?,
                fast: inputs.get(&FAST)?,
                takes_images: inputs.get(&ALLOW_IMAGES)?,
                stream: inputs.get(&STREAMING)?,
            },
        )
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::{ChatRequest, Events, Message};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{credential, form, services_for};

    #[tokio::test]
    async fn the_rows_reach_the_wire() {
        let answer = json!({
            "output": {"message": {"role": "assistant", "content": [{"text": "Hi"}]}},
            "stopReason": "end_turn",
        });
        let page = SitePage::new("application/json", answer.to_string());
        let path = "/model/global.mine/converse";
        let site = FakeSite::start([(path, page)]).await;
        let mut form = form(&json!({
            "region": "eu-west-1", "model": "listed", "customModel": "mine",
            "endpointHost": site.url(""), "temperature": "0.5", "latencyOptimized": true,
            "useGlobalEndpoint": true,
        }));
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("awsKey", "id"), ("awsSecret", "secret")]));
        let made = AwsChatBedrock.init(&form).await.unwrap();
        let Capability::ChatModel(model) = made else { panic!("no model") };
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        assert_eq!(model.chat(&request, &Events::silent()).await.unwrap().text, "Hi");
        let call = &site.calls()[0];
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!(body["inferenceConfig"], json!({"temperature": 0.5, "maxTokens": 200}));
        assert_eq!(body["performanceConfig"], json!({"latency": "optimized"}));
        assert!(call.headers["authorization"].contains("/eu-west-1/bedrock/"));

        form.values.insert("region".to_owned(), "x.example/".into());
        let said = AwsChatBedrock.init(&form).await.err().unwrap().to_string();
        assert!(said.starts_with("Region: a region such as"), "{said}");
    }
}
