//! The retrievers over a store of four passages.

use std::sync::Arc;

use flowstone_core::{
    Capability, Credential, Document, Inputs, Node, Retriever, capability::StoreRetriever,
};
use flowstone_testkit::{
    BagOfWords, FakeSite, Reply, ScriptedModel, SitePage,
    contract::retriever::{PASSAGES, QUESTION},
};
use serde_json::{Value, json};

use super::{
    azure_rerank_retriever, cohere_rerank_retriever, custom_retriever::CustomRetriever,
    embeddings_filter_retriever::EmbeddingsFilterRetriever, hyde_retriever::HydeRetriever,
    jina_rerank_retriever, llm_filter_retriever::LlmFilterRetriever,
    multi_query_retriever::MultiQueryRetriever, rrf_retriever::RrfRetriever,
    similarity_threshold_retriever::SimilarityThresholdRetriever,
    vector_store_retriever::VectorStoreRetriever, voyage_ai_rerank_retriever,
};
use crate::{
    testing::{form, plug, run},
    vector_stores::memory_vector_store::MemoryVectorStore,
};

/// A form with the passages in a store, plugged into every socket that takes one, and a model that
/// answers `replies`.
pub(crate) async fn form_over_passages(
    values: &Value,
    replies: &[&str],
) -> (Inputs, Arc<ScriptedModel>) {
    let documents = PASSAGES.map(|text| Document {
        page_content: text.to_owned(),
        metadata: json!({"place": "shop"}).as_object().cloned().unwrap(),
        id: None,
    });
    let mut store = form(&json!({}));
    store.output = "vectorStore".to_owned();
    let embeddings = || Capability::Embeddings(Arc::new(BagOfWords));
    plug(&mut store, "embeddings", embeddings());
    plug(&mut store, "document", Capability::Documents(Arc::new(documents.to_vec())));
    let Ok(Capability::VectorStore(store)) = MemoryVectorStore.init(&store).await else {
        panic!("no store")
    };
    let model = ScriptedModel::with(replies.iter().map(|it| Reply::text(it)));
    let mut form = form(values);
    plug(&mut form, "vectorStore", Capability::VectorStore(store.clone()));
    let retriever = Capability::Retriever(Arc::new(StoreRetriever(store)));
    plug(&mut form, "baseRetriever", retriever);
    plug(&mut form, "embeddings", embeddings());
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    (form, model)
}

async fn retriever(node: &dyn Node, form: &Inputs) -> Arc<dyn Retriever> {
    let made = node.init(form).await.unwrap();
    let Capability::Retriever(retriever) = made else { panic!("no retriever") };
    retriever
}

async fn found(node: &dyn Node, form: &Inputs, question: &str) -> Vec<String> {
    let (run, _receiver) = run(question);
    let found = retriever(node, form).await.retrieve(question, &run).await.unwrap();
    found.into_iter().map(|it| it.page_content).collect()
}

#[tokio::test]
async fn only_what_is_near_enough_is_found() {
    for (values, expected) in [
        (json!({"minSimilarityScore": 60, "kIncrement": 1}), &PASSAGES[1..2]),
        (json!({"minSimilarityScore": 100}), &[]),
    ] {
        let (form, _) = form_over_passages(&values, &[]).await;
        assert_eq!(found(&SimilarityThresholdRetriever, &form, QUESTION).await, expected);
    }
    let (form, _) = form_over_passages(&json!({"minSimilarityScore": 0, "maxK": 3}), &[]).await;
    assert_eq!(found(&SimilarityThresholdRetriever, &form, QUESTION).await.len(), 3);
}

#[tokio::test]
async fn rows_that_make_no_sense_are_named() {
    for (node, values, expected) in [
        (
            &SimilarityThresholdRetriever as &dyn Node,
            json!({"minSimilarityScore": 120}),
            "Minimum Similarity Score (%): a number from 0 to 100 is expected",
        ),
        (
            &SimilarityThresholdRetriever,
            json!({"kIncrement": 0}),
            "K Increment: a number of 1 or more is expected",
        ),
        (
            &EmbeddingsFilterRetriever,
            json!({"similarityThreshold": "", "k": ""}),
            "Similarity Threshold: fill this in, or K: without both there is nothing to filter by",
        ),
        (
            &MultiQueryRetriever,
            json!({"modelPrompt": "Write more"}),
            "Prompt: it must hold {question}",
        ),
        (
            &HydeRetriever,
            json!({"customPrompt": "Write"}),
            "Custom Prompt: it must hold {question}",
        ),
    ] {
        let (form, _) = form_over_passages(&values, &[]).await;
        assert_eq!(node.init(&form).await.err().unwrap().to_string(), expected);
    }
    let (form, _) = form_over_passages(&json!({"promptKey": "poem"}), &[]).await;
    let said = HydeRetriever.init(&form).await.err().unwrap().to_string();
    assert!(
        said.starts_with("Select Defined Prompt: there is no prompt poem. There are websearch")
    );
}

#[tokio::test]
async fn the_wordings_of_a_model_are_looked_for_and_joined() {
    let replies = ["<questions>\n1. What fruit is yellow?\n2. What fell on Monday?\n</questions>"];
    let (form, model) = form_over_passages(&json!({}), &replies).await;
    let found = found(&MultiQueryRetriever, &form, QUESTION).await;
    assert_eq!(found[0], PASSAGES[2]);
    assert_eq!(found.len(), PASSAGES.len(), "each passage once");
    let asked = &model.requests()[0].messages[0].text;
    assert!(asked.contains("in 3 further ways") && asked.ends_with(QUESTION), "{asked}");
}

#[tokio::test]
async fn a_model_without_other_wordings_leaves_the_question_itself() {
    let (form, _) = form_over_passages(&json!({}), &["\n"]).await;
    assert_eq!(found(&MultiQueryRetriever, &form, QUESTION).await[0], PASSAGES[1]);
}

#[tokio::test]
async fn an_imagined_answer_is_looked_for() {
    let (form, model) = form_over_passages(&json!({"topK": 1}), &["Bananas are yellow"]).await;
    assert_eq!(found(&HydeRetriever, &form, "What colour?").await, PASSAGES[2..3]);
    assert!(model.requests()[0].messages[0].text.contains("a good web page"));

    let values = json!({"topK": 1, "customPrompt": "As a poem: {question}"});
    let (form, model) = form_over_passages(&values, &[" "]).await;
    assert_eq!(found(&HydeRetriever, &form, QUESTION).await, PASSAGES[1..2]);
    assert_eq!(model.requests()[0].messages[0].text, format!("As a poem: {QUESTION}"));
}

#[tokio::test]
async fn several_wordings_are_ranked_together() {
    let values = json!({"queryCount": 2, "topK": 1});
    let replies = ["opens in the morning\nshop morning\nBananas are yellow fruit"];
    let (form, _) = form_over_passages(&values, &replies).await;
    assert_eq!(found(&RrfRetriever, &form, QUESTION).await, PASSAGES[1..2]);
    let (form, _) = form_over_passages(&json!({}), &replies).await;
    assert_eq!(found(&RrfRetriever, &form, QUESTION).await.len(), 4, "as many as one search");
}

#[tokio::test]
async fn a_model_cuts_documents_down_and_drops_those_that_do_not_help() {
    let replies = [" opens at nine ", "NOTHING.", "", "NOTHING"];
    let (form, _) = form_over_passages(&json!({}), &replies).await;
    assert_eq!(found(&LlmFilterRetriever, &form, QUESTION).await, ["opens at nine"]);
}

#[tokio::test]
async fn documents_far_from_the_question_are_dropped() {
    for (values, expected) in [
        (json!({"similarityThreshold": 0.6}), 1),
        (json!({"similarityThreshold": "", "k": 3}), 3),
        (json!({"similarityThreshold": 0.99}), 0),
    ] {
        let (form, _) = form_over_passages(&values, &[]).await;
        let found = found(&EmbeddingsFilterRetriever, &form, QUESTION).await;
        assert_eq!(found.len(), expected, "{values}: {found:?}");
    }
}

#[tokio::test]
async fn documents_are_handed_on_in_the_form_of_the_user() {
    let (form, _) = form_over_passages(&json!({"topK": 1}), &[]).await;
    let expected = format!("{}\nSource: ", PASSAGES[1]);
    assert_eq!(found(&CustomRetriever, &form, QUESTION).await, [expected]);
}

#[tokio::test]
async fn a_named_retriever_says_what_it_is_good_for() {
    let values = json!({"name": "hours", "description": "when shops open"});
    let (form, _) = form_over_passages(&values, &[]).await;
    let named = retriever(&VectorStoreRetriever, &form).await;
    assert_eq!((named.name(), named.description()), (Some("hours"), Some("when shops open")));
}

#[tokio::test]
async fn other_outputs_find_at_once_for_the_query_or_the_question() {
    let (mut form, _) =
        form_over_passages(&json!({"topK": 1, "resultFormat": "<{{context}}>"}), &[]).await;
    let (run, _receiver) = run("What are bananas?");
    form.run = Some(run);
    form.output = "document".to_owned();
    let Ok(Capability::Documents(documents)) = CustomRetriever.init(&form).await else { panic!() };
    assert_eq!(documents[0].page_content, format!("<{}>", PASSAGES[2]));

    form.output = "text".to_owned();
    form.values.insert("query".to_owned(), QUESTION.into());
    let Ok(Capability::Value(text)) = CustomRetriever.init(&form).await else { panic!() };
    assert_eq!(text, format!("<{}>", PASSAGES[1]));
    assert!(CustomRetriever.depends_on_run("text") && !CustomRetriever.depends_on_run("retriever"));
}

/// A form over the passages whose services all have one key and one address.
async fn rerank_form(values: &Value, site: &FakeSite) -> Inputs {
    let (mut form, _) = form_over_passages(values, &[]).await;
    form.services = crate::testing::services_for(site.address());
    let names = ["cohereApiKey", "jinaAIAPIKey", "apiKey", "azureFoundryApiKey"];
    let mut fields: Vec<_> = names.map(|it| (it.to_owned(), "secret".to_owned())).into();
    fields.push(("azureFoundryEndpoint".to_owned(), site.url("/")));
    form.credential = Some(Credential::new(fields.into_iter().collect()));
    form
}

fn ranking(name: &str, ranks: &[(usize, f64)]) -> SitePage {
    let ranks =
        ranks.iter().map(|(index, score)| json!({"index": index, "relevance_score": score}));
    let ranks: Value = ranks.collect();
    SitePage::new("application/json", json!({ name: ranks }).to_string())
}

#[tokio::test]
async fn services_put_passages_in_order() {
    let cases = [
        (&cohere_rerank_retriever::NODE, "results", "topK", "top_n", "rerank-v3.5"),
        (
            &jina_rerank_retriever::NODE,
            "results",
            "topN",
            "top_n",
            "jina-reranker-v2-base-multilingual",
        ),
        (&voyage_ai_rerank_retriever::NODE, "data", "topK", "top_k", "rerank-lite-1"),
        (&azure_rerank_retriever::NODE, "results", "topK", "top_n", "Cohere-rerank-v4.0-fast"),
    ];
    for (node, list, row, name, model) in cases {
        let page = ranking(list, &[(1, 0.25), (3, 0.75), (0, 0.5)]);
        let site = FakeSite::start([("/rank", page)]).await;
        let form = rerank_form(&json!({ row: "2" }), &site).await;
        let mut service = node.reranker(&form).unwrap();
        service.address = site.url("/rank");
        let (run, _told) = run(QUESTION);
        let retriever = node.retriever(&form, service).unwrap();
        let found = retriever.retrieve(QUESTION, &run).await.unwrap();
        let scores: Vec<&Value> = found.iter().map(|it| &it.metadata["relevance_score"]).collect();
        assert_eq!(scores, [0.75, 0.5], "the best two, best first");
        let call = &site.calls()[0];
        assert_eq!(call.headers["authorization"], "Bearer secret");
        let body: Value = serde_json::from_str(&call.body).unwrap();
        assert_eq!((&body["model"], &body["query"]), (&json!(model), &json!(QUESTION)));
        assert_eq!(body[name], 2);
        let told = body["documents"][3].as_str().unwrap();
        assert_eq!(found[0].page_content, told, "the passage that the service meant");
    }
}

#[tokio::test]
async fn a_service_that_ranks_what_it_was_not_given_is_refused() {
    let site =
        FakeSite::start([("/providers/cohere/v2/rerank", ranking("results", &[(9, 0.5)]))]).await;
    let form = rerank_form(&json!({}), &site).await;
    let retriever = retriever(&azure_rerank_retriever::NODE, &form).await;
    let (run, _told) = run(QUESTION);
    let said = retriever.retrieve(QUESTION, &run).await.unwrap_err().to_string();
    assert!(said.contains("not given"), "{said}");
    assert_eq!(site.calls().len(), 1, "the project's address and the path of Cohere's models");
}
