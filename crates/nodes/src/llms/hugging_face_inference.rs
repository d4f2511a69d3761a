//! Text models on Hugging Face, or on a server of one's own.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{
    HttpClient,
    hugging_face::{BASE_URL, Model, Text},
};

use super::DEPRECATING;
use crate::chat_models::{self, CACHE};

const MODEL: Input<Option<String>> = Input::text("Model", "model")
    .describe("Its name on Hugging Face. Not needed where an endpoint is given")
    .placeholder("HuggingFaceTB/SmolLM3-3B")
    .optional();
const ENDPOINT: Input<Option<String>> = Input::text("Endpoint", "endpoint")
    .describe("Address of an Inference Endpoint, or of a Text Generation Inference server")
    .placeholder("https://xyz.eu-west-1.aws.endpoints.huggingface.cloud")
    .optional();
const TEMPERATURE: Input<Option<f64>> =
    number("Temperature", "temperature", 0.1).describe("How much chance there is in an answer");
const MAX_TOKENS: Input<Option<f64>> =
    number("Max Tokens", "maxTokens", 1.0).describe("Longest answer, in tokens");
const TOP_P: Input<Option<f64>> = number("Top Probability", "topP", 0.1)
    .describe("Considers only the likeliest words whose chances add up to this");
const TOP_K: Input<Option<f64>> =
    number("Top K", "hfTopK", 0.1).describe("Considers only this many of the likeliest words");
const FREQUENCY_PENALTY: Input<Option<f64>> = number("Frequency Penalty", "frequencyPenalty", 0.1)
    .describe("How much repetitions count; 1 is off");

/// What is asked where the form names no model, as in the reference.
const USUAL_MODEL: &str = "gpt2";

const fn number(label: &'static str, name: &'static str, step: f64) -> Input<Option<f64>> {
    Input::number(label, name).step(step).optional().additional()
}

static SPEC: Spec = Spec {
    label: "HuggingFace Inference",
    name: "huggingFaceInference_LLMs",
    version: 2.0,
    kind: "HuggingFaceInference",
    icon: "hugging-face.svg",
    category: "LLMs",
    description: "Text models that Hugging Face or a server of yours runs",
    base_classes: &["HuggingFaceInference", "LLM", "BaseLLM", "BaseLanguageModel", "Runnable"],
    badge: DEPRECATING,
    credential: Some(CredentialSlot::required(&["huggingFaceApi"])),
    inputs: &[
        CACHE.field,
        MODEL.field,
        ENDPOINT.field,
        TEMPERATURE.field,
        MAX_TOKENS.field,
        TOP_P.field,
        TOP_K.field,
        FREQUENCY_PENALTY.field,
    ],
    ..Spec::EMPTY
};

/// The rows that are sent as numbers, and their names on the wire.
const PARAMETERS: &[(Input<Option<f64>>, &str)] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, "max_new_tokens"),
    (TOP_P, "top_p"),
    (TOP_K, "top_k"),
    (FREQUENCY_PENALTY, "repetition_penalty"),
];

/// The node.
pub(crate) struct HuggingFaceInference;

#[async_trait]
impl Node for HuggingFaceInference {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let name = inputs.get(&MODEL)?.unwrap_or_else(|| USUAL_MODEL.to_owned());
        let at_vendor = format!("{BASE_URL}/{name}");
        let model = model(inputs, name, inputs.get(&ENDPOINT)?, at_vendor)?;
        let parameters = chat_models::numbers(inputs, PARAMETERS)?;
        chat_models::finish(inputs, Text { model, parameters })
    }
}

/// A model at the endpoint of a form, or else at the vendor's.
pub(crate) fn model(
    inputs: &Inputs,
    name: String,
    endpoint: Option<String>,
    at_vendor: String,
) -> Result<Model> {
    let named = |it: char| it.is_alphanumeric() || matches!(it, '/' | '-' | '_' | '.');
    if !name.chars().all(named) || name.contains("..") {
        let reason = "a name such as BAAI/bge-base-en-v1.5 is expected".to_owned();
        return Err(Error::InvalidInput { label: MODEL.field.label.to_owned(), reason });
    }
    let endpoint = endpoint.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    let key = inputs.credential()?.require("huggingFaceApiKey", "HuggingFace Api Key")?;
    Ok(Model {
        http: inputs.services.get::<HttpClient>()?,
        address: endpoint.unwrap_or(at_vendor),
        key: key.to_owned(),
        name,
    })
}

#[cfg(test)]
mod tests {
    use flowstone_core::{ChatRequest, Events, Message};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{credential, form, services_for};

    fn filled(values: &Value, site: &FakeSite) -> Inputs {
        let mut form = form(values);
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("huggingFaceApiKey", "secret")]));
        form
    }

    #[tokio::test]
    async fn an_endpoint_goes_on_from_a_conversation() {
        let page = SitePage::new("application/json", r#"[{"generated_text": " Paris"}]"#);
        let site = FakeSite::start([("/tgi", page)]).await;
        let values = json!({"endpoint": site.url("/tgi"), "maxTokens": "20"});
        let made = HuggingFaceInference.init(&filled(&values, &site)).await.unwrap();
        let Capability::ChatModel(model) = made else { panic!("no model") };
        let turns = vec![Message::system("Be brief"), Message::user("Capital of France?")];
        let request = ChatRequest { stop: vec!["Human:".to_owned()], ..ChatRequest::new(turns) };
        let reply = model.chat(&request, &Events::silent()).await.unwrap();
        assert_eq!(reply.text, " Paris");
        let expected = json!({
            "inputs": "Be brief\n\nUser: Capital of France?\n\nAssistant:",
            "parameters": {"max_new_tokens": 20, "return_full_text": false, "stop": ["Human:"]},
        });
        assert_eq!(serde_json::from_str::<Value>(&site.calls()[0].body).unwrap(), expected);
    }

    #[tokio::test]
    async fn a_name_that_leaves_its_place_is_refused() {
        let site = FakeSite::start([]).await;
        for name in ["../admin", "a b", "x?y=1"] {
            let made = HuggingFaceInference.init(&filled(&json!({"model": name}), &site)).await;
            let said = made.err().unwrap().to_string();
            assert!(said.starts_with("Model: a name such as"), "{name}: {said}");
        }
    }
}
