//! Runs the contract suites over every implementation in this crate; each test lists which.

mod against;
mod embeddings;
mod vendors;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Embeddings, Inputs, Memory, Message, Node, Result, Run, Tool,
    VectorStore, services::Chats,
};
use flowstone_providers::{Gateways, HttpClient, HttpSettings};
use flowstone_testkit::{
    BagOfWords, FakeProvider, RedisProcess, Reply, ScriptedModel, contract, transcript,
};
use serde_json::{Value, json};

use crate::{
    cache::{
        in_memory_cache::InMemoryCache, in_memory_embedding_cache::InMemoryEmbeddingCache,
        redis_cache::RedisCache, redis_embeddings_cache::RedisEmbeddingsCache,
    },
    chat_models::{
        chat_anthropic::ChatAnthropic, chat_google_generative_ai::ChatGoogleGenerativeAi,
        chat_ollama::ChatOllama, chat_openai::ChatOpenAi,
    },
    embeddings::google_generative_ai_embeddings::GoogleGenerativeAiEmbeddings,
    memory::{
        buffer_memory::BufferMemory, buffer_window_memory::BufferWindowMemory,
        conversation_summary_buffer_memory::ConversationSummaryBufferMemory,
        conversation_summary_memory::ConversationSummaryMemory,
        redis_backed_chat_memory::RedisBackedChatMemory,
    },
    retrievers::{
        custom_retriever::CustomRetriever, embeddings_filter_retriever::EmbeddingsFilterRetriever,
        hyde_retriever::HydeRetriever, llm_filter_retriever::LlmFilterRetriever,
        multi_query_retriever::MultiQueryRetriever, rrf_retriever::RrfRetriever,
        similarity_threshold_retriever::SimilarityThresholdRetriever, tests::form_over_passages,
        vector_store_retriever::VectorStoreRetriever,
    },
    testing::{self, form, form_of_redis, plug},
    text_splitters::{
        character_text_splitter::CharacterTextSplitter, code_text_splitter::CodeTextSplitter,
        markdown_text_splitter::MarkdownTextSplitter,
        recursive_character_text_splitter::RecursiveCharacterTextSplitter,
    },
    tools::{calculator::Calculator, current_date_time::CurrentDateTime},
    vector_stores::memory_vector_store::MemoryVectorStore,
};

#[cfg(feature = "documents")]
use crate::text_splitters::html_to_markdown_text_splitter::HtmlToMarkdownTextSplitter;

/// A form whose HTTP client may call the fake provider.
fn form_for(provider: &FakeProvider, values: &Value) -> Inputs {
    let settings =
        HttpSettings { allow: vec![provider.address().to_owned()], ..HttpSettings::default() };
    let services = flowstone_testkit::services();
    let mut form = form(values);
    let gateways = Gateways { anthropic: provider.origin(), gemini: provider.origin() };
    let services = services.with(Arc::new(gateways));
    form.services = Arc::new(services.with(Arc::new(HttpClient::new(settings).unwrap())));
    let keys = ["anthropicApiKey", "googleGenerativeAPIKey", "openAIApiKey"];
    let fields = keys.map(|it| (it.to_owned(), "sk-fake".to_owned()));
    form.credential = Some(flowstone_core::Credential::new(fields.into()));
    form
}

async fn chat_model(node: &dyn Node, form: &Inputs) -> Arc<dyn ChatModel> {
    let Ok(Capability::ChatModel(model)) = node.init(form).await else { panic!("no model") };
    model
}

#[tokio::test]
async fn chat_models_keep_the_contract() {
    let provider = FakeProvider::start().await;
    let values = json!({"modelName": "mock", "basepath": provider.base_url()});
    let openai = chat_model(&ChatOpenAi, &form_for(&provider, &values)).await;
    contract::chat_model::speaks_to(openai.as_ref(), &provider).await;

    let provider = FakeProvider::start().await;
    let values = json!({"modelName": "mock", "baseUrl": provider.origin()});
    let ollama = chat_model(&ChatOllama, &form_for(&provider, &values)).await;
    contract::chat_model::speaks_to(ollama.as_ref(), &provider).await;

    for node in [&ChatAnthropic as &dyn Node, &ChatGoogleGenerativeAi] {
        let provider = FakeProvider::start().await;
        let model = chat_model(node, &form_for(&provider, &json!({}))).await;
        contract::chat_model::speaks_to(model.as_ref(), &provider).await;
    }

    contract::chat_model::answers(ScriptedModel::new().as_ref(), true).await;
}

#[tokio::test]
async fn embedding_models_keep_the_contract() {
    let provider = FakeProvider::start().await;
    let made = GoogleGenerativeAiEmbeddings.init(&form_for(&provider, &json!({}))).await;
    let Ok(Capability::Embeddings(gemini)) = made else { panic!("no embeddings") };
    contract::embeddings::suite(gemini.as_ref()).await;
}

#[tokio::test]
async fn vector_stores_keep_the_contract() {
    let mut form = form(&json!({}));
    form.output = "vectorStore".to_owned();
    plug(&mut form, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    let made = MemoryVectorStore.init(&form).await;
    let Ok(Capability::VectorStore(memory)) = made else { panic!("no vector store") };
    contract::vector_store::suite(memory.as_ref() as &dyn VectorStore).await;
}

#[tokio::test]
async fn text_splitters_keep_the_contract() {
    let form = form(&json!({"chunkSize": 300, "chunkOverlap": 40}));
    let made = RecursiveCharacterTextSplitter.init(&form).await;
    let Ok(Capability::TextSplitter(recursive)) = made else { panic!("no splitter") };
    contract::text_splitter::suite(recursive.as_ref(), "");

    let cut_at_blanks = json!({"chunkSize": 300, "chunkOverlap": 40, "separator": " "});
    for (node, values) in [
        (&CharacterTextSplitter as &dyn Node, cut_at_blanks),
        (&CodeTextSplitter, json!({"language": "rust", "chunkSize": 300, "chunkOverlap": 40})),
        #[cfg(feature = "documents")]
        (&HtmlToMarkdownTextSplitter, json!({"chunkSize": 300, "chunkOverlap": 0})),
        (&MarkdownTextSplitter, json!({"chunkSize": 300, "chunkOverlap": 40})),
    ] {
        let made = node.init(&testing::form(&values)).await;
        let Ok(Capability::TextSplitter(splitter)) = made else { panic!("no splitter") };
        contract::text_splitter::suite(splitter.as_ref(), "");
    }
}

#[tokio::test]
async fn retrievers_keep_the_contract() {
    let (run, _receiver) = testing::run(contract::retriever::QUESTION);
    // What the model of each is to say to the suite's question; its script answers the others.
    let cases: &[(&dyn Node, Value, &[&str])] = &[
        (&CustomRetriever, json!({}), &[]),
        (&EmbeddingsFilterRetriever, json!({"similarityThreshold": 0.5}), &[]),
        (&HydeRetriever, json!({}), &["The shop opens at nine"]),
        (
            &LlmFilterRetriever,
            json!({}),
            &[contract::retriever::PASSAGES[1], "NOTHING", "NOTHING", "NOTHING"],
        ),
        (&MultiQueryRetriever, json!({}), &["opens in the morning\nthe shop in the morning"]),
        (&RrfRetriever, json!({}), &["opens in the morning\nthe shop in the morning"]),
        (&SimilarityThresholdRetriever, json!({"minSimilarityScore": 50}), &[]),
        (&VectorStoreRetriever, json!({"name": "shop", "description": "hours"}), &[]),
    ];
    for (node, values, replies) in cases {
        let (form, _) = form_over_passages(values, replies).await;
        let made = node.init(&form).await;
        let Ok(Capability::Retriever(retriever)) = made else { panic!("{}", node.spec().name) };
        contract::retriever::suite(retriever.as_ref(), &run).await;
    }
}

async fn tool(node: &dyn Node, form: &Inputs) -> Arc<dyn Tool> {
    let Ok(Capability::Tool(tool)) = node.init(form).await else { panic!("no tool") };
    tool
}

#[tokio::test]
async fn tools_keep_the_contract() {
    let empty = form(&json!({}));
    let (run, _receiver) = testing::run("What is 2+3?");
    let calculator = tool(&Calculator, &empty).await;
    let result = contract::tool::suite(calculator.as_ref(), &json!({"input": "2+3"}), &run).await;
    assert_eq!(result.text, "5");

    let clock = tool(&CurrentDateTime, &empty).await;
    let result = contract::tool::suite(clock.as_ref(), &json!({}), &run).await;
    assert!(serde_json::from_str::<Value>(&result.text).unwrap()["date"].is_string());

    let (run, cases) = crate::tools::tests::cases().await;
    for (tool, arguments, expected) in cases {
        let result = contract::tool::suite(tool.as_ref(), &arguments, &run).await;
        assert_eq!(result.text, expected, "{}", tool.spec().name);
    }
}

/// The stored chat, which the server writes after every answer.
#[derive(Default)]
struct StoredChat(Mutex<HashMap<String, Vec<Message>>>);

#[async_trait]
impl Chats for StoredChat {
    async fn history(
        &self,
        _: &str,
        _: &str,
        session: &str,
        limit: Option<u64>,
    ) -> Result<Vec<Message>> {
        let mut turns = self.0.lock().unwrap().get(session).cloned().unwrap_or_default();
        let keep = limit.map_or(turns.len(), |it| usize::try_from(it).unwrap());
        turns.drain(..turns.len().saturating_sub(keep));
        Ok(turns)
    }
}

/// A memory with the server that keeps its chat.
struct Served(Arc<dyn Memory>, Arc<StoredChat>);

#[async_trait]
impl Memory for Served {
    fn key(&self) -> &str {
        self.0.key()
    }
    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        self.0.messages(run).await
    }
    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        let turns = [Message::user(question), Message::assistant(answer)];
        self.1.0.lock().unwrap().entry(run.session_id.clone()).or_default().extend(turns);
        self.0.remember(run, question, answer).await
    }
    async fn clear(&self, run: &Run) -> Result<()> {
        self.1.0.lock().unwrap().remove(&run.session_id);
        self.0.clear(run).await
    }
}

async fn memory(node: &dyn Node, values: &Value) -> Arc<dyn Memory> {
    let mut form = form(values);
    plug(&mut form, "model", Capability::ChatModel(ScriptedModel::new()));
    let Ok(Capability::Memory(memory)) = node.init(&form).await else { panic!() };
    memory
}

#[tokio::test]
async fn caches_keep_the_contract() {
    let (plain, secured) = (RedisProcess::start(&[]), RedisProcess::start_secured(&[]));
    for (node, process) in
        [(&InMemoryCache as &dyn Node, &plain), (&RedisCache, &plain), (&RedisCache, &secured)]
    {
        let made = node.init(&form_of_redis(process, &json!({"ttl": 60_000}))).await;
        let Ok(Capability::Cache(cache)) = made else { panic!("{}", node.spec().name) };
        contract::cache::suite(cache.as_ref()).await;
    }
    for (node, process) in [
        (&InMemoryEmbeddingCache as &dyn Node, &plain),
        (&RedisEmbeddingsCache, &plain),
        (&RedisEmbeddingsCache, &secured),
    ] {
        let mut form = form_of_redis(process, &json!({}));
        plug(&mut form, "embeddings", embeddings());
        let made = node.init(&form).await;
        let Ok(Capability::Embeddings(model)) = made else { panic!("{}", node.spec().name) };
        contract::embeddings::suite(model.as_ref()).await;
    }
}

#[tokio::test]
async fn a_memory_in_redis_keeps_the_contract() {
    let (plain, secured) = (RedisProcess::start(&[]), RedisProcess::start_secured(&[]));
    for (process, values) in [
        (&plain, json!({})),
        (&plain, json!({"windowSize": "2", "sessionTTL": 60})),
        (&secured, json!({})),
    ] {
        let form = form_of_redis(process, &values);
        let made = RedisBackedChatMemory.init(&form).await;
        let Ok(Capability::Memory(memory)) = made else { panic!("no memory") };
        let (run, _receiver) = flowstone_testkit::run("hi", form.services.clone());
        let other = Run { session_id: "other".to_owned(), ..run.clone() };
        contract::memory::suite(memory.as_ref(), &run, &other).await;
        memory.clear(&other).await.unwrap();
    }
}

#[tokio::test]
async fn a_summary_keeps_the_contract() {
    let model = ScriptedModel::with([Reply::text("They met. "), Reply::text("again")]);
    let mut form = form(&json!({}));
    plug(&mut form, "model", Capability::ChatModel(model));
    let made = ConversationSummaryMemory.init(&form).await;
    let Ok(Capability::Memory(memory)) = made else { panic!("no memory") };
    let chat = Arc::new(StoredChat::default());
    let mut services = flowstone_testkit::services();
    services.chats = chat.clone();
    let (run, _receiver) = flowstone_testkit::run("hi", Arc::new(services));
    let other = Run { session_id: "other".to_owned(), ..run.clone() };
    let summary = contract::memory::summarises(&Served(memory, chat), &run, &other).await;
    assert_eq!(summary.text, "What was said before, in short:\nThey met.");
}

#[tokio::test]
async fn memories_keep_the_contract() {
    for (node, values) in [
        (&BufferMemory as &dyn Node, json!({})),
        (&BufferWindowMemory as &dyn Node, json!({"k": "2"})),
        (&ConversationSummaryBufferMemory as &dyn Node, json!({})),
    ] {
        let chat = Arc::new(StoredChat::default());
        let mut services = flowstone_testkit::services();
        services.chats = chat.clone();
        let (run, _receiver) = flowstone_testkit::run("hi", Arc::new(services));
        let other = Run { session_id: "other".to_owned(), ..run.clone() };
        let served = Served(memory(node, &values).await, chat);
        contract::memory::suite(&served, &run, &other).await;
    }
}

#[tokio::test]
async fn a_window_holds_the_newest_exchanges() {
    let ports = flowstone_testkit::Ports::default();
    let turns = ["a", "b", "c", "d", "e", "f"].map(Message::user).to_vec();
    ports.chats.store("workspace", "flow", "session", turns.clone());
    ports.chats.store("workspace", "flow", "mine", turns[..1].to_vec());
    let (run, _receiver) = flowstone_testkit::run("hi", Arc::new(ports.services()));
    for (values, expected) in [
        (json!({"k": 2}), &turns[2..]),
        (json!({}), &turns[..]),
        (json!({"k": "0"}), &[]),
        (json!({"k": -1}), &[]),
        (json!({"sessionId": "mine"}), &turns[..1]),
    ] {
        let window = memory(&BufferWindowMemory, &values).await;
        assert_eq!(window.messages(&run).await.unwrap(), expected, "{values}");
    }
    let fixed = memory(&BufferMemory, &json!({"sessionId": "mine"})).await;
    assert_eq!(fixed.session_id(), Some("mine"));
}

#[tokio::test]
async fn the_rows_of_chat_openai_reach_the_wire() {
    let provider = FakeProvider::start().await;
    let values = json!({
        "modelName": "mock", "basepath": provider.base_url(), "temperature": "0.5",
        "maxTokens": "64", "topP": 0.9, "frequencyPenalty": "", "stopSequence": "END, STOP",
        "baseOptions": "{\"x-team\": \"support\"}", "streaming": false,
    });
    let model = chat_model(&ChatOpenAi, &form_for(&provider, &values)).await;
    let (run, receiver) = testing::run("hi");
    let request = flowstone_core::ChatRequest::new(vec![Message::user("hi")]);
    model.chat(&request, &run.events).await.unwrap();
    drop(run);
    assert_eq!(transcript::text(&testing::told(receiver).await), "Mock reply to: hi");
    let asked = provider.last_request();
    assert_eq!(asked.headers["authorization"], "Bearer sk-fake");
    assert_eq!(asked.headers["x-team"], "support");
    let mut body = asked.body;
    body.as_object_mut().unwrap().remove("messages");
    assert_eq!(
        body,
        json!({
            "model": "mock", "temperature": 0.5, "max_tokens": 64, "top_p": 0.9,
            "stop": ["END", "STOP"], "stream": false,
        })
    );
    assert!(ChatOpenAi.streams(&serde_json::Map::new()));
    assert!(!ChatOpenAi.streams(json!({"streaming": "false"}).as_object().unwrap()));
}

#[tokio::test]
async fn a_reasoning_model_is_asked_for_effort_and_not_for_temperature() {
    let provider = FakeProvider::start().await;
    let values = json!({
        "modelName": "o4-mini", "basepath": provider.base_url(),
        "reasoning": true, "reasoningEffort": "low",
    });
    let model = chat_model(&ChatOpenAi, &form_for(&provider, &values)).await;
    let request = flowstone_core::ChatRequest::new(vec![Message::user("hi")]);
    model.chat(&request, &flowstone_core::Events::silent()).await.unwrap();
    let body = provider.last_request().body;
    assert_eq!(body["reasoning_effort"], "low");
    assert!(body.get("temperature").is_none());
}

#[tokio::test]
async fn the_rows_of_chat_ollama_reach_the_wire() {
    let provider = FakeProvider::start().await;
    let values = json!({
        "modelName": "mock", "baseUrl": provider.origin(), "temperature": 0, "topK": "40",
        "numGpu": -1, "stop": "END", "keepAlive": "10m", "think": true,
    });
    let model = chat_model(&ChatOllama, &form_for(&provider, &values)).await;
    let request = flowstone_core::ChatRequest::new(vec![Message::user("hi")]);
    model.chat(&request, &flowstone_core::Events::silent()).await.unwrap();
    let body = provider.last_request().body;
    let options = json!({"temperature": 0, "top_k": 40, "num_gpu": -1, "stop": ["END"]});
    assert_eq!(body["options"], options);
    assert_eq!(body["keep_alive"], "10m");
    assert_eq!(body["think"], true);
}

/// What a node's form makes a vendor's server be asked, without the conversation.
async fn sent(node: &dyn Node, values: &Value) -> Value {
    let provider = FakeProvider::start().await;
    let model = chat_model(node, &form_for(&provider, values)).await;
    let request = flowstone_core::ChatRequest::new(vec![Message::user("hi")]);
    model.chat(&request, &flowstone_core::Events::silent()).await.unwrap();
    let mut body = provider.last_request().body;
    body.as_object_mut().unwrap().retain(|name, _| name != "messages" && name != "contents");
    body
}

#[tokio::test]
async fn the_rows_of_chat_anthropic_reach_the_wire() {
    assert_eq!(
        sent(&ChatAnthropic, &json!({})).await,
        json!({
            "model": "claude-haiku-4-5", "max_tokens": 16384, "temperature": 0.9, "stream": false,
        })
    );
    let values = json!({"temperature": "0.2", "maxTokensToSample": "64", "topK": "5"});
    assert_eq!(
        sent(&ChatAnthropic, &values).await,
        json!({
            "model": "claude-haiku-4-5", "max_tokens": 64, "temperature": 0.2, "top_k": 5,
            "stream": false,
        })
    );
    let values = json!({"extendedThinking": true, "budgetTokens": "2048", "topP": 0.9});
    assert_eq!(
        sent(&ChatAnthropic, &values).await,
        json!({
            "model": "claude-haiku-4-5", "max_tokens": 18432, "stream": false,
            "thinking": {"type": "enabled", "budget_tokens": 2048},
        })
    );
    // Rows that the form hides for a model do not count.
    let values = json!({
        "modelName": "claude-opus-4-6", "extendedThinking": true, "adaptiveThinking": false,
        "thinkingEffort": "low", "temperature": "",
    });
    let mut plain = json!({"model": "claude-opus-4-6", "max_tokens": 16384, "stream": false});
    assert_eq!(sent(&ChatAnthropic, &values).await, plain);
    let mut values = values;
    values["adaptiveThinking"] = true.into();
    plain["thinking"] = json!({"type": "adaptive", "display": "summarized"});
    plain["output_config"] = json!({"effort": "low"});
    assert_eq!(sent(&ChatAnthropic, &values).await, plain);
    assert!(!ChatAnthropic.streams(json!({"streaming": false}).as_object().unwrap()));
}

#[tokio::test]
async fn a_budget_that_cannot_be_is_named_by_its_row() {
    let provider = FakeProvider::start().await;
    for (values, expected) in [
        (json!({"budgetTokens": 5}), "Budget Tokens: 5 is too little: at least 1024 are needed"),
        (
            json!({"budgetTokens": 2000, "maxTokensToSample": 2000}),
            "Budget Tokens: the model may think 2000 tokens long, but Max Tokens is 2000: \
             thoughts count into it, so it must be larger",
        ),
    ] {
        let mut values = values;
        values["extendedThinking"] = true.into();
        let made = ChatAnthropic.init(&form_for(&provider, &values)).await;
        assert_eq!(made.err().unwrap().to_string(), expected);
    }
}

#[tokio::test]
async fn the_rows_of_chat_google_generative_ai_reach_the_wire() {
    let provider = FakeProvider::start().await;
    let mut values = json!({
        "modelName": "gemini-2.5-flash", "temperature": 0, "maxOutputTokens": "64", "topP": "0.9",
        "topK": 40, "thinkingBudget": "-1", "thinkingLevel": "",
        "safetySettings": [
            {"harmCategory": "HARM_CATEGORY_HARASSMENT", "harmBlockThreshold": "BLOCK_NONE"},
            {"harmCategory": "", "harmBlockThreshold": ""},
        ],
    });
    assert_eq!(
        sent(&ChatGoogleGenerativeAi, &values).await,
        json!({
            "safetySettings": [
                {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"},
            ],
            "generationConfig": {
                "temperature": 0, "maxOutputTokens": 64, "topP": 0.9, "topK": 40,
                "thinkingConfig": {"thinkingBudget": -1, "includeThoughts": true},
            },
        })
    );

    values["customModelName"] = "gemini-3-flash-preview".into();
    values["thinkingLevel"] = "HIGH".into();
    values["baseUrl"] = format!("{}/v1beta", provider.origin()).into();
    let model = chat_model(&ChatGoogleGenerativeAi, &form_for(&provider, &values)).await;
    let request = flowstone_core::ChatRequest::new(vec![Message::user("hi")]);
    model.chat(&request, &flowstone_core::Events::silent()).await.unwrap();
    let asked = provider.last_request();
    assert_eq!(asked.path, "/v1beta/models/gemini-3-flash-preview:generateContent");
    let thinking = json!({"thinkingLevel": "HIGH", "includeThoughts": true});
    assert_eq!(asked.body["generationConfig"]["thinkingConfig"], thinking);

    values["safetySettings"] = json!("[{\"harmBlockThreshold\": \"BLOCK_NONE\"}]");
    let made = ChatGoogleGenerativeAi.init(&form_for(&provider, &values)).await;
    let said = made.err().unwrap().to_string();
    assert_eq!(said, "Safety Settings: Harm Category is missing in an entry");
}

#[tokio::test]
async fn the_rows_of_google_generative_ai_embeddings_reach_the_wire() {
    let provider = FakeProvider::start().await;
    let values = json!({"tasktype": "CLUSTERING", "stripNewLines": true});
    let made = GoogleGenerativeAiEmbeddings.init(&form_for(&provider, &values)).await;
    let Ok(Capability::Embeddings(model)) = made else { panic!("no embeddings") };
    model.embed(&["a\nb".to_owned()]).await.unwrap();
    let sent = &provider.last_request().body["requests"][0];
    assert_eq!(sent["taskType"], "CLUSTERING");
    assert_eq!(sent["content"]["parts"][0]["text"], "a b");
}

#[tokio::test]
async fn a_key_is_asked_for_where_there_is_none() {
    let provider = FakeProvider::start().await;
    let mut form = form_for(&provider, &json!({}));
    form.credential = None;
    let said = ChatOpenAi.init(&form).await.err().unwrap().to_string();
    assert_eq!(said, "no credential is chosen: choose or create one");
}

fn embeddings() -> Capability {
    Capability::Embeddings(Arc::new(BagOfWords) as Arc<dyn Embeddings>)
}

#[tokio::test]
async fn the_memory_store_finds_what_was_plugged_in() {
    use flowstone_core::Document;

    let texts = ["The sky is blue", "", "Bananas are yellow fruit"];
    let documents = texts.map(|text| Document { page_content: text.into(), ..Document::default() });
    let mut form = form(&json!({"topK": "1"}));
    plug(&mut form, "document", Capability::Documents(Arc::new(documents.to_vec())));
    plug(&mut form, "embeddings", embeddings());
    let Ok(Capability::Retriever(retriever)) = MemoryVectorStore.init(&form).await else {
        panic!()
    };
    let (run, _receiver) = testing::run("");
    let found = retriever.retrieve("What colour are bananas?", &run).await.unwrap();
    assert_eq!(found, [documents[2].clone()]);

    let written = MemoryVectorStore.upsert(&form).await.unwrap();
    assert_eq!(written.num_added, 2);
    assert_eq!(serde_json::to_value(&written).unwrap()["addedDocs"][0]["metadata"], json!({}));
}
