//! Models that Replicate runs.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{
    HttpClient,
    replicate::{BASE_URL, Text},
};
use serde_json::Value;

use crate::chat_models::{self, CACHE};

const MODEL: Input<Option<String>> = Input::text("Model", "model")
    .describe("Its owner and its name, and the version to use where it shall not change")
    .placeholder("meta/meta-llama-3-8b-instruct")
    .optional();
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.7)
    .describe("How much chance there is in an answer")
    .optional();
const MAX_TOKENS: Input<Option<f64>> =
    number("Max Tokens", "maxTokens", 1.0).describe("Longest answer, in tokens");
const TOP_P: Input<Option<f64>> = number("Top Probability", "topP", 0.1)
    .describe("Considers only the likeliest words whose chances add up to this");
const PENALTY: Input<Option<f64>> = number("Repetition Penalty", "repetitionPenalty", 0.1)
    .describe("How much repetitions count; 1 is off");
const ADDITIONAL: Input<Option<Value>> = Input::json("Additional Inputs", "additionalInputs")
    .describe("What else the model takes, as a JSON object; its page tells the names")
    .placeholder(r#"{"system_prompt": "Be brief"}"#)
    .additional()
    .optional();

const fn number(label: &'static str, name: &'static str, step: f64) -> Input<Option<f64>> {
    Input::number(label, name).step(step).optional().additional()
}

static SPEC: Spec = Spec {
    label: "Replicate",
    name: "replicate",
    version: 2.0,
    kind: "Replicate",
    icon: "cloud-service.svg",
    category: "LLMs",
    description: "Models that Replicate runs",
    base_classes: &[
        "Replicate",
        "BaseChatModel",
        "LLM",
        "BaseLLM",
        "BaseLanguageModel",
        "Runnable",
    ],
    credential: Some(CredentialSlot::required(&["replicateApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        TOP_P.field,
        PENALTY.field,
        ADDITIONAL.field,
    ],
    ..Spec::EMPTY
};

/// The rows that are sent as numbers, and what most models call them.
const NUMBERS: &[(Input<Option<f64>>, &str)] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, "max_tokens"),
    (TOP_P, "top_p"),
    (PENALTY, "repetition_penalty"),
];

/// The node.
pub(crate) struct Replicate;

#[async_trait]
impl Node for Replicate {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        chat_models::finish(inputs, text(inputs, BASE_URL)?)
    }
}

fn text(inputs: &Inputs, base_url: &str) -> Result<Text> {
    let model = inputs.get(&MODEL)?.ok_or_else(|| Error::missing(&MODEL.field))?;
    let named = |it: &str| {
        let plain = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.');
        !it.is_empty() && !it.starts_with('.') && it.chars().all(plain)
    };
    let (name, version) = model.trim().split_once(':').unwrap_or((model.trim(), "latest"));
    let whole = name.split_once('/').is_some_and(|(owner, name)| named(owner) && named(name));
    if !whole || !named(version) {
        let reason = "owner/name is expected, or owner/name:version";
        return Err(Error::invalid(&MODEL.field, reason));
    }
    let mut input = chat_models::numbers(inputs, NUMBERS)?;
    match inputs.get(&ADDITIONAL)? {
        None | Some(Value::Null) => {}
        Some(Value::Object(more)) => input.extend(more),
        Some(_) => return Err(Error::invalid(&ADDITIONAL.field, "a JSON object is expected")),
    }
    Ok(Text {
        http: inputs.services.get::<HttpClient>()?,
        base_url: base_url.to_owned(),
        key: inputs.credential()?.require("replicateApiKey", "Replicate Api Key")?.to_owned(),
        model: model.trim().to_owned(),
        input,
    })
}

#[cfg(test)]
mod tests {
    use flowstone_core::{ChatModel, ChatRequest, Events, Message};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{credential, form, services_for};

    fn filled(values: &Value, address: &str) -> Inputs {
        let mut form = form(values);
        form.services = services_for(address);
        form.credential = Some(credential(&[("replicateApiKey", "secret")]));
        form
    }

    fn page(value: &Value) -> SitePage {
        SitePage::new("application/json", value.to_string())
    }

    async fn ask(site: &FakeSite, values: &Value) -> Result<String> {
        let model = text(&filled(values, site.address()), &site.url(""))?;
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        Ok(model.chat(&request, &Events::silent()).await?.text)
    }

    #[tokio::test]
    async fn a_prediction_is_followed_to_its_end() {
        let begun = json!({"id": "p1", "status": "processing"});
        let done = json!({"id": "p1", "status": "succeeded", "output": ["Hel", "lo"]});
        let pages =
            [("/models/meta/llama/predictions", page(&begun)), ("/predictions/p1", page(&done))];
        let site = FakeSite::start(pages).await;
        let values = json!({"model": "meta/llama", "additionalInputs": {"system_prompt": "x"}});
        assert_eq!(ask(&site, &values).await.unwrap(), "Hello");
        let call = &site.calls()[0];
        assert_eq!(call.headers["prefer"], "wait");
        let body: Value = serde_json::from_str(&call.body).unwrap();
        let input = json!({"prompt": "Hi", "temperature": 0.7, "system_prompt": "x"});
        assert_eq!(body, json!({ "input": input }));
    }

    #[tokio::test]
    async fn a_version_is_asked_for_and_a_failure_told() {
        let failed = json!({"id": "p1", "status": "failed", "error": "out of memory"});
        let site = FakeSite::start([("/predictions", page(&failed))]).await;
        let said = ask(&site, &json!({"model": "meta/llama:abc"})).await.unwrap_err().to_string();
        assert!(said.contains("out of memory"), "{said}");
        assert!(site.calls()[0].body.contains("\"version\":\"abc\""));
    }

    #[test]
    fn a_model_is_owner_and_name() {
        for wrong in ["llama", "a/b/c", "a/../b", "a/b:", "a/b?x=1"] {
            let made = text(&filled(&json!({"model": wrong}), ""), BASE_URL);
            assert!(made.err().unwrap().to_string().starts_with("Model: owner/name"), "{wrong}");
        }
    }
}
