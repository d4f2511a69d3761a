//! Chat models on IBM's watsonx.ai.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use flowstone_providers::{
    openai::{Chat, Endpoint, dialects},
    watsonx::Project,
};
use serde_json::{Map, Value};

use super::{CACHE, STREAMING};
use crate::watsonx_form::{self, CREDENTIAL};

const MODEL: Input<String> =
    Input::text("Model", "modelName").placeholder("ibm/granite-3-3-8b-instruct");
const TEMPERATURE: Input<Option<f64>> = Input::number("Temperature", "temperature")
    .step(0.1)
    .default(0.9)
    .describe("How much chance there is in an answer")
    .optional();
const MAX_TOKENS: Input<Option<f64>> =
    number("Max Tokens", "maxTokens", 1.0).describe("Longest answer, in tokens");
const FREQUENCY_PENALTY: Input<Option<f64>> = number("Frequency Penalty", "frequencyPenalty", 1.0)
    .describe("How much repeated words are avoided, from -2 to 2");
const LOG_PROBS: Input<bool> = Input::flag("Log Probs", "logprobs")
    .default(false)
    .describe("Asks for the chances of the words; the answer does not show them")
    .may_be_empty()
    .additional();
const N: Input<Option<f64>> =
    starting("N", "n", 1.0, 1.0).describe("How many answers are written; the first is given");
const PRESENCE_PENALTY: Input<Option<f64>> =
    starting("Presence Penalty", "presencePenalty", 1.0, 1.0)
        .describe("How much words that came before are avoided, from -2 to 2");
const TOP_P: Input<Option<f64>> = starting("Top P", "topP", 0.1, 0.1)
    .describe("Considers only the likeliest words whose chances add up to this");

const fn starting(
    label: &'static str,
    name: &'static str,
    step: f64,
    start: f64,
) -> Input<Option<f64>> {
    Input::number(label, name).step(step).default(start).optional().additional()
}

const fn number(label: &'static str, name: &'static str, step: f64) -> Input<Option<f64>> {
    Input::number(label, name).step(step).optional().additional()
}

static SPEC: Spec = Spec {
    label: "IBM Watsonx",
    name: "chatIBMWatsonx",
    version: 2.0,
    kind: "ChatIBMWatsonx",
    icon: "ibm.svg",
    category: "Chat Models",
    description: "Granite and other chat models on IBM watsonx.ai",
    base_classes: &["ChatIBMWatsonx", "BaseChatModel", "BaseLanguageModel", "Runnable"],
    credential: Some(CREDENTIAL),
    inputs: &[
        CACHE.field,
        MODEL.field,
        TEMPERATURE.field,
        STREAMING.field,
        MAX_TOKENS.field,
        FREQUENCY_PENALTY.field,
        LOG_PROBS.field,
        N.field,
        PRESENCE_PENALTY.field,
        TOP_P.field,
    ],
    ..Spec::EMPTY
};

const NUMBERS: &[(Input<Option<f64>>, &str)] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, "max_tokens"),
    (FREQUENCY_PENALTY, "frequency_penalty"),
    (N, "n"),
    (PRESENCE_PENALTY, "presence_penalty"),
    (TOP_P, "top_p"),
];

/// The node.
pub(crate) struct ChatIbmWatsonx;

#[async_trait]
impl Node for ChatIbmWatsonx {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        super::finish(inputs, chat(inputs, watsonx_form::project(inputs)?)?)
    }

    fn streams(&self, values: &Map<String, Value>) -> bool {
        super::streams(values)
    }
}

fn chat(inputs: &Inputs, project: Project) -> Result<Chat> {
    let base = format!("{}/ml/v1", project.server.trim().trim_end_matches('/'));
    let mut endpoint = Endpoint::new(project.http, base, None);
    endpoint.tokens = Some(project.tokens);
    endpoint.query.push(("version".to_owned(), project.version));
    let mut chat = Chat::new(endpoint, inputs.get(&MODEL)?);
    chat.dialect = &dialects::WATSONX;
    chat.settings = super::numbers(inputs, NUMBERS)?;
    chat.settings.insert("project_id".to_owned(), project.id.into());
    if inputs.get(&LOG_PROBS)? {
        chat.settings.insert("logprobs".to_owned(), true.into());
    }
    chat.stream = inputs.get(&STREAMING)?;
    Ok(chat)
}

#[cfg(test)]
mod tests {
    use flowstone_core::{ChatModel, ChatRequest, Credential, Embeddings as _, Events, Message};
    use flowstone_providers::watsonx::{Embeddings, Text};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{form, services_for};

    fn page(value: &Value) -> SitePage {
        SitePage::new("application/json", value.to_string())
    }

    fn project(site: &FakeSite, kind: &str) -> (Inputs, Project) {
        let mut form = form(&json!({"modelName": "granite", "topP": ""}));
        form.services = services_for(site.address());
        let fields = [
            ("serviceUrl", site.url("/")),
            ("version", "2024-05-31".to_owned()),
            ("projectId", "p1".to_owned()),
            ("watsonxAIAuthType", kind.to_owned()),
            ("watsonxAIApikey", "key".to_owned()),
            ("watsonxAIBearerToken", "given".to_owned()),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value));
        form.credential = Some(Credential::new(fields.into()));
        let project = watsonx_form::project_by(&form, &site.url("/token")).unwrap();
        (form, project)
    }

    #[tokio::test]
    async fn a_key_becomes_a_token_and_chats_texts_and_vectors_are_asked_for() {
        let said = json!({"choices": [{
            "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop", "index": 0,
        }]});
        let text = json!({"results": [{"generated_text": " on", "stop_reason": "eos_token"}]});
        let vectors = json!({"results": [{"embedding": [1.0]}]});
        let site = FakeSite::start([
            ("/token", page(&json!({"access_token": "t1", "expires_in": 3600}))),
            ("/ml/v1/text/chat?version=2024-05-31", page(&said)),
            ("/ml/v1/text/generation?version=2024-05-31", page(&text)),
            ("/ml/v1/text/embeddings?version=2024-05-31", page(&vectors)),
        ])
        .await;
        let (form, project) = project(&site, "iam");
        let request = ChatRequest::new(vec![Message::user("Hi")]);
        let chat = chat(&form, project.clone()).unwrap();
        assert_eq!(chat.chat(&request, &Events::silent()).await.unwrap().text, "Hi");
        let model = "m".to_owned();
        let text = Text { project: project.clone(), model: model.clone(), parameters: Map::new() };
        assert_eq!(text.chat(&request, &Events::silent()).await.unwrap().text, " on");
        let vectors = Embeddings { project, model, truncate: Some(9) };
        assert_eq!(vectors.embed(&["a".to_owned()]).await.unwrap(), [[1.0]]);
        let calls = site.calls();
        assert_eq!(calls.len(), 4, "one token for all");
        assert!(calls[0].body.ends_with("apikey=key"), "{}", calls[0].body);
        assert!(calls[1..].iter().all(|it| it.headers["authorization"] == "Bearer t1"));
        let bodies: Vec<Value> =
            calls[1..].iter().map(|it| serde_json::from_str(&it.body).unwrap()).collect();
        let expected = json!({
            "model_id": "granite", "project_id": "p1", "temperature": 0.9, "n": 1,
            "presence_penalty": 1, "messages": [{"role": "user", "content": "Hi"}],
        });
        assert_eq!(bodies[0], expected);
        assert_eq!(bodies[1]["input"], "Hi");
        assert_eq!(bodies[2]["parameters"], json!({"truncate_input_tokens": 9}));
    }

    #[tokio::test]
    async fn a_given_token_is_used_as_it_is() {
        let site = FakeSite::start([]).await;
        let (_, project) = project(&site, "bearertoken");
        assert_eq!(project.tokens.token().await.unwrap(), "given");
        assert!(site.calls().is_empty());
    }
}
