//! The ERNIE models of Baidu, on its Qianfan platform.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    baidu::{IAM, KeyPair},
    openai::{Chat, Endpoint, dialects},
    tokens::Tokens,
};
use serde_json::{Map, Value};

use super::{CACHE, OPEN_STREAMING};
use crate::models::{self, Kind};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("ernie-4.5-8k-preview");
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModelName")
    .describe("A model that the list does not have; it wins over the one chosen there")
    .optional()
    .additional();
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("How much chance there is in an answer")
    .optional();
const TOP_P: Input<Option<f64>> = Input::number("Top Probability", "topP")
    .step(0.1)
    .describe("Considers only the likeliest words whose chances add up to this")
    .optional()
    .additional();
const PENALTY: Input<Option<f64>> = Input::number("Penalty Score", "penaltyScore")
    .step(0.1)
    .describe("How much repetitions count, from 1 to 2")
    .optional()
    .additional();
const USER: Input<Option<String>> = Input::text("User ID", "userId")
    .describe("Tells Baidu which of your users asks")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Baidu Wenxin",
    name: "chatBaiduWenxin",
    version: 3.0,
    kind: "ChatBaiduWenxin",
    icon: "baidu.svg",
    category: "Chat Models",
    description: "The ERNIE models of Baidu",
    base_classes: &["ChatBaiduWenxin", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CredentialSlot::required(&["baiduQianfanApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        CUSTOM_MODEL.field,
        TEMPERATURE.field,
        OPEN_STREAMING.field,
        TOP_P.field,
        PENALTY.field,
        USER.field,
    ],
    ..Spec::EMPTY
};

const NUMBERS: &[(Input<Option<f64>>, &str)] =
    &[(TEMPERATURE, "temperature"), (TOP_P, "top_p"), (PENALTY, "penalty_score")];

/// The node.
pub(crate) struct ChatBaiduWenxin;

#[async_trait]
impl Node for ChatBaiduWenxin {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        super::finish(inputs, chat(inputs, dialects::BAIDU.base_url, IAM)?)
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, SPEC.name, method)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}

fn chat(inputs: &Inputs, base_url: &str, iam: &str) -> Result<Chat> {
    let endpoint = endpoint(inputs, base_url, iam)?;
    let model = models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?;
    let mut chat = Chat::new(endpoint, model);
    chat.dialect = &dialects::BAIDU;
    chat.settings = super::numbers(inputs, NUMBERS)?;
    if let Some(user) = inputs.get(&USER)? {
        chat.settings.insert("user".to_owned(), user.into());
    }
    chat.stream = inputs.get(&OPEN_STREAMING)?;
    Ok(chat)
}

/// The platform at `base_url`, called with tokens that `iam` gives for the pair of keys.
pub(crate) fn endpoint(inputs: &Inputs, base_url: &str, iam: &str) -> Result<Endpoint> {
    let http = inputs.services.get::<HttpClient>()?;
    let credential = inputs.credential()?;
    let pair = KeyPair {
        http: http.clone(),
        address: iam.to_owned(),
        access_key: credential.require("qianfanAccessKey", "Qianfan Access Key")?.to_owned(),
        secret_key: credential.require("qianfanSecretKey", "Qianfan Secret Key")?.to_owned(),
    };
    let mut endpoint = Endpoint::new(http, base_url, None);
    endpoint.tokens = Some(Arc::new(Tokens::of(pair)));
    Ok(endpoint)
}

#[cfg(test)]
mod tests {
    use flowstone_core::{ChatModel, ChatRequest, Events, Message};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{credential, form, services_for};

    #[tokio::test]
    async fn a_pair_of_keys_becomes_a_token() {
        let said = json!({"choices": [{
            "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop", "index": 0,
        }]});
        let page = |value: &Value| SitePage::new("application/json", value.to_string());
        let site = FakeSite::start([
            ("/v1/BCE-BEARER/token?expireInSeconds=86400", page(&json!({"token": "bce-v3/t"}))),
            ("/v2/chat/completions", page(&said)),
        ])
        .await;
        let mut form = form(&json!({"penaltyScore": "1.5"}));
        form.services = services_for(site.address());
        form.credential =
            Some(credential(&[("qianfanAccessKey", "ak"), ("qianfanSecretKey", "sk")]));
        let chat = chat(&form, &site.url("/v2"), &site.url("")).unwrap();
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        assert_eq!(chat.chat(&request, &Events::silent()).await.unwrap().text, "Hi");
        let calls = site.calls();
        assert!(calls[0].headers["authorization"].starts_with("bce-auth-v1/ak/"));
        assert_eq!(calls[1].headers["authorization"], "Bearer bce-v3/t");
        let body: Value = serde_json::from_str(&calls[1].body).unwrap();
        assert_eq!(body["model"], "ernie-4.5-8k-preview");
        assert_eq!(body["penalty_score"], 1.5);
    }
}
