//! The suites over every vendor that speaks OpenAI's wires, and what is peculiar to their rows.

use flowstone_core::{ChatRequest, Credential, Error, Events};
use flowstone_providers::openai::{Structured, dialects};

use super::*;
use crate::{
    chat_models::{self, azure_chat_openai::AzureChatOpenAi},
    embeddings::{
        self, azure_openai_embeddings::AzureOpenAiEmbeddings, ollama_embedding::OllamaEmbedding,
    },
    llms::{self, azure_openai::AzureOpenAi, ollama::Ollama},
    openai_form::{ChatForm, TextForm, VectorForm},
};

/// Every chat form.
const CHATS: &[&ChatForm] = &[
    &chat_models::chat_alibaba_tongyi::NODE,
    &chat_models::chat_cerebras::NODE,
    &chat_models::chat_cloudflare_workers_ai::NODE,
    &chat_models::chat_cohere::NODE,
    &chat_models::chat_comet_api::NODE,
    &chat_models::chat_deepseek::NODE,
    &chat_models::chat_fireworks::NODE,
    &chat_models::chat_groq_llama_index::NODE,
    &chat_models::chat_hugging_face::NODE,
    &chat_models::chat_litellm::NODE,
    &chat_models::chat_local_ai::NODE,
    &chat_models::chat_mistral_ai::NODE,
    &chat_models::chat_mistral_llama_index::NODE,
    &chat_models::chat_nemo_guardrails::NODE,
    &chat_models::chat_nvidia_nim::NODE,
    &chat_models::chat_open_router::NODE,
    &chat_models::chat_openai_custom::NODE,
    &chat_models::chat_openai_llama_index::NODE,
    &chat_models::chat_perplexity::NODE,
    &chat_models::chat_sambanova::NODE,
    &chat_models::chat_together_ai::NODE,
    &chat_models::chat_together_ai_llama_index::NODE,
    &chat_models::chat_xai::NODE,
    &chat_models::groq_chat::NODE,
    &llms::cohere::NODE,
];
const TEXTS: &[&TextForm] = &[
    &llms::fireworks::NODE,
    &llms::openai::NODE,
    &llms::sambanova::NODE,
    &llms::together_ai::NODE,
];
const VECTORS: &[&VectorForm] = &[
    &embeddings::jina_embeddings::NODE,
    &embeddings::local_ai_embeddings::NODE,
    &embeddings::mistral_ai_embeddings::NODE,
    &embeddings::openai_embedding_llama_index::NODE,
    &embeddings::openai_embeddings::NODE,
    &embeddings::openai_embeddings_custom::NODE,
    &embeddings::together_ai_embedding::NODE,
    &embeddings::voyage_ai_embeddings::NODE,
];

/// A form with what every vendor needs, and `values` on top.
fn filled(provider: &FakeProvider, key: Option<&str>, values: &Value) -> Inputs {
    let mut all = json!({
        "modelName": "mock", "model": "mock", "configurationId": "mock",
        "basePath": provider.base_url(),
    });
    all.as_object_mut().unwrap().extend(values.as_object().cloned().unwrap());
    let mut form = form_for(provider, &all);
    let mut fields = vec![
        ("cloudflareAccountId", "acme"),
        ("azureOpenAIApiKey", "sk-fake"),
        ("azureOpenAIApiDeploymentName", "mine"),
        ("azureOpenAIApiVersion", "2024-10-21"),
    ];
    fields.extend(key.map(|it| (it, "sk-fake")));
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
    form.credential = Some(Credential::new(fields.collect()));
    form
}

fn ask(text: &str) -> ChatRequest {
    ChatRequest::new(vec![Message::user(text)])
}

#[tokio::test]
async fn every_chat_form_keeps_the_contract() {
    let provider = FakeProvider::start().await;
    for form in CHATS {
        let name = form.spec.name;
        let key = form.key.map(|(name, _)| name);
        let values = json!({"baseUrl": provider.base_url()});
        let mut chat = form.chat(&filled(&provider, key, &values)).unwrap();
        assert_eq!(chat.dialect.provider, form.dialect.provider, "{name}");
        let own = chat.endpoint.base_url == provider.base_url();
        assert!(own || chat.endpoint.base_url == form.dialect.base_url, "{name}");
        chat.endpoint.base_url = provider.base_url();
        contract::chat_model::answers(&chat, true).await;
        assert_eq!(provider.last_request().headers.contains_key("authorization"), key.is_some());
        // Guardrails answer whole and know no tools.
        if form.dialect == &dialects::NEMO_GUARDRAILS {
            continue;
        }
        contract::chat_model::calls_tools(&chat).await;
        contract::chat_model::reports_failures(&chat).await;
        contract::chat_model::cancels(&chat, &provider).await;
        if form.dialect.structured == Structured::Schema {
            contract::chat_model::follows_a_schema(&chat).await;
        }
    }
}

#[tokio::test]
async fn every_text_form_keeps_what_holds_for_texts() {
    let provider = FakeProvider::start().await;
    for form in TEXTS {
        let inputs = filled(&provider, Some(form.key.0), &json!({"streaming": true}));
        let mut text = form.text(&inputs).unwrap();
        assert_eq!(text.endpoint.base_url, form.dialect.base_url, "{}", form.spec.name);
        text.endpoint.base_url = provider.base_url();
        contract::chat_model::answers(&text, true).await;
        contract::chat_model::reports_failures(&text).await;
        contract::chat_model::cancels(&text, &provider).await;
        assert!(provider.last_request().body["max_tokens"].is_u64(), "{}", form.spec.name);
    }
    let ollama = filled(&provider, None, &json!({"baseUrl": provider.origin(), "topK": "40"}));
    let ollama = chat_model(&Ollama, &ollama).await;
    contract::chat_model::answers(ollama.as_ref(), true).await;
    contract::chat_model::reports_failures(ollama.as_ref()).await;
    contract::chat_model::cancels(ollama.as_ref(), &provider).await;
    assert_eq!(provider.last_request().body["options"], json!({"temperature": 0.9, "top_k": 40}));
}

#[tokio::test]
async fn embedding_models_keep_the_contract() {
    let provider = FakeProvider::start().await;
    for form in VECTORS {
        let inputs = filled(&provider, Some(form.key.0), &json!({"batchSize": "100"}));
        let mut model = form.embeddings(&inputs).unwrap();
        model.endpoint.base_url = provider.base_url();
        contract::embeddings::suite(&model).await;
    }
    for node in [&AzureOpenAiEmbeddings as &dyn Node, &OllamaEmbedding] {
        let values = json!({"basepath": provider.origin(), "baseUrl": provider.origin()});
        let made = node.init(&filled(&provider, None, &values)).await;
        let Ok(Capability::Embeddings(model)) = made else { panic!("no embeddings") };
        contract::embeddings::suite(model.as_ref()).await;
    }
    let emptied = filled(&provider, Some("openAIApiKey"), &json!({"modelName": ""}));
    let model = embeddings::openai_embeddings_custom::NODE.embeddings(&emptied).unwrap();
    assert_eq!(model.model, "text-embedding-ada-002");
}

#[tokio::test]
async fn azure_keeps_the_contract() {
    let provider = FakeProvider::start().await;
    let values = json!({"basepath": provider.origin()});
    let chat = chat_model(&AzureChatOpenAi, &filled(&provider, None, &values)).await;
    contract::chat_model::speaks_to(chat.as_ref(), &provider).await;
    let sent = provider.last_request();
    assert_eq!(sent.path, "/openai/deployments/mine/chat/completions?api-version=2024-10-21");
    assert_eq!(sent.headers["api-key"], "sk-fake");

    let text = chat_model(&AzureOpenAi, &filled(&provider, None, &values)).await;
    contract::chat_model::answers(text.as_ref(), true).await;
    let path = provider.last_request().path;
    assert_eq!(path, "/openai/deployments/mine/completions?api-version=2024-10-21");
}

#[tokio::test]
async fn a_summary_of_the_reasoning_is_asked_for_over_responses() {
    let provider = FakeProvider::start().await;
    let rows = json!({
        "modelName": "gpt-5", "basepath": provider.base_url(), "maxTokens": 64,
        "reasoning": true, "reasoningEffort": "low", "reasoningSummary": "auto",
    });
    let chat = chat_model(&ChatOpenAi, &filled(&provider, Some("openAIApiKey"), &rows)).await;
    chat.chat(&ask("hi"), &Events::silent()).await.unwrap();
    let sent = provider.last_request();
    assert_eq!(sent.path, "/v1/responses");
    assert_eq!(sent.body["reasoning"], json!({"summary": "auto", "effort": "low"}));
    assert_eq!(sent.body["max_output_tokens"], 64);
    assert_eq!(sent.body.get("temperature"), None);

    let mut rows = rows;
    rows["basepath"] = format!("{}/openai/deployments", provider.origin()).into();
    let chat = chat_model(&AzureChatOpenAi, &filled(&provider, None, &rows)).await;
    chat.chat(&ask("hi"), &Events::silent()).await.unwrap();
    let sent = provider.last_request();
    assert_eq!((sent.path.as_str(), &sent.body["model"]), ("/openai/v1/responses", &json!("mine")));
    rows["reasoningSummary"] = "".into();
    let chat = chat_model(&AzureChatOpenAi, &filled(&provider, None, &rows)).await;
    chat.chat(&ask("hi"), &Events::silent()).await.unwrap();
    let sent = provider.last_request().body;
    assert_eq!(
        (&sent["max_completion_tokens"], &sent["reasoning_effort"]),
        (&json!(64), &json!("low"))
    );
}

/// Rows with a value, and what reaches the wire of them.
#[tokio::test]
async fn peculiar_rows_reach_the_wire() {
    let provider = FakeProvider::start().await;
    let cases: &[(&ChatForm, Value, Value)] = &[
        (
            &chat_models::chat_mistral_ai::NODE,
            json!({"maxOutputTokens": "64", "randomSeed": 7, "safeMode": true, "temperature": ""}),
            json!({"max_tokens": 64, "random_seed": 7, "safe_prompt": true}),
        ),
        (
            &chat_models::chat_deepseek::NODE,
            json!({"thinking": true, "stopSequence": "a, b", "maxTokens": 5}),
            json!({"temperature": 0.7, "thinking": {"type": "enabled"}, "stop": ["a", "b"],
                   "max_tokens": 5}),
        ),
        (
            &chat_models::chat_hugging_face::NODE,
            json!({"hfTopK": 3, "stop": "END"}),
            json!({"top_k": 3, "stop": ["END"]}),
        ),
        (
            &chat_models::chat_perplexity::NODE,
            json!({"topK": 3, "topP": 0.5}),
            json!({"temperature": 1, "top_p": 0.5, "top_k": 3}),
        ),
        (
            &chat_models::groq_chat::NODE,
            json!({"maxTokens": 9}),
            json!({"temperature": 0.9, "max_completion_tokens": 9}),
        ),
        (&chat_models::chat_cloudflare_workers_ai::NODE, json!({"temperature": 0.1}), json!({})),
        (
            &chat_models::chat_openai_custom::NODE,
            json!({"basepath": provider.base_url(), "maxTokens": 9}),
            json!({"temperature": 0.9, "max_tokens": 9}),
        ),
    ];
    for (form, values, expected) in cases {
        let key = form.key.map(|(name, _)| name);
        let chat = form.chat(&filled(&provider, key, values)).unwrap();
        assert_eq!(Value::from(chat.settings), *expected, "{}", form.spec.name);
    }
}

#[tokio::test]
async fn addresses_are_found_as_forms_write_them() {
    let provider = FakeProvider::start().await;
    let account = "https://api.cloudflare.com/client/v4/accounts/acme/ai/v1";
    let cases: &[(&ChatForm, Value, &str)] = &[
        (&chat_models::chat_cloudflare_workers_ai::NODE, json!({}), account),
        (
            &chat_models::chat_sambanova::NODE,
            json!({"basepath": "htps://api.sambanova.ai/v1"}),
            "https://api.sambanova.ai/v1",
        ),
        (
            &chat_models::chat_mistral_ai::NODE,
            json!({"overrideEndpoint": "https://own.example"}),
            "https://own.example/v1",
        ),
        (
            &chat_models::chat_hugging_face::NODE,
            json!({"endpoint": "https://x.example/"}),
            "https://x.example/v1",
        ),
        (&chat_models::chat_cerebras::NODE, json!({"basepath": ""}), "https://api.cerebras.ai/v1"),
    ];
    for (form, values, expected) in cases {
        let key = form.key.map(|(name, _)| name);
        let chat = form.chat(&filled(&provider, key, values)).unwrap();
        assert_eq!(chat.endpoint.base_url, *expected, "{}", form.spec.name);
    }
    let proxied = filled(&provider, Some("perplexityApiKey"), &json!({"proxyUrl": "http://p:1"}));
    let said = chat_models::chat_perplexity::NODE.chat(&proxied).err().unwrap().to_string();
    assert!(said.starts_with("Proxy Url: a flow cannot choose a proxy"), "{said}");
}

#[tokio::test]
async fn guardrails_are_told_their_configuration() {
    let provider = FakeProvider::start().await;
    let values = json!({"baseUrl": provider.origin()});
    let node = &chat_models::chat_nemo_guardrails::NODE;
    let chat = chat_model(node, &filled(&provider, None, &values)).await;
    chat.chat(&ask("hi"), &Events::silent()).await.unwrap();
    let turns = json!([{"role": "user", "content": "hi"}]);
    let expected = json!({"config_id": "mock", "messages": turns, "stream": false});
    assert_eq!(provider.last_request().body, expected);
}

#[tokio::test]
async fn the_best_of_several_answers_is_not_streamed() {
    let provider = FakeProvider::start().await;
    let values = json!({"bestOf": 3, "maxTokens": ""});
    let text = llms::openai::NODE.text(&filled(&provider, Some("openAIApiKey"), &values)).unwrap();
    assert!(!text.stream);
    let expected = json!({"temperature": 0.7, "best_of": 3, "max_tokens": 256});
    assert_eq!(Value::from(text.settings), expected);
}

#[tokio::test]
async fn a_missing_key_is_named_where_the_vendor_needs_one() {
    let provider = FakeProvider::start().await;
    for form in CHATS {
        let required = form.spec.credential.is_some_and(|it| !it.optional);
        let made = form.chat(&filled(&provider, None, &json!({"baseUrl": provider.base_url()})));
        match made {
            Err(Error::Credential(said)) => {
                let (_, label) = form.key.unwrap();
                assert!(required && said.contains(label), "{}: {said}", form.spec.name);
            }
            other => assert!(!required && other.is_ok(), "{}", form.spec.name),
        }
    }
}
