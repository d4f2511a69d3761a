//! Vectors of OpenAI, Azure, Mistral and Voyage, and passages put in order by Cohere and Voyage.

use base64::{Engine, engine::general_purpose::STANDARD};
use flowstone_core::Embeddings as _;
use flowstone_providers::{
    openai::{Embeddings, Endpoint},
    rerank::Reranker,
};
use flowstone_testkit::{FakeSite, recordings};
use serde_json::{Map, Value};

use crate::{client, list_at, text_at};

#[tokio::test]
async fn vectors_come_back_as_they_were_recorded() {
    let mut replayed = 0;
    let site = FakeSite::start([]).await;
    let http = client(site.address());
    for recording in recordings(|it| it.uri.contains("/embeddings")) {
        let asked = recording.request();
        // Some ask by numbers of tokens.
        let texts = match &asked["input"] {
            Value::String(text) => vec![text.clone()],
            Value::Array(texts) if texts.iter().all(Value::is_string) => {
                texts.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect()
            }
            _ => continue,
        };
        site.otherwise(recording.page());
        let endpoint = Endpoint::new(http.clone(), site.url(""), None);
        let mut model = Embeddings::new(endpoint, text_at(&asked, "model"));
        model.strip_new_lines = false;
        let found = model.embed(&texts).await;
        let name = &recording.source;
        replayed += 1;
        if recording.status >= 400 {
            assert!(found.is_err(), "{name}");
            continue;
        }
        let expected: Vec<_> = list_at(&recording.answer(), "data")
            .iter()
            .map(|it| numbers(&it["embedding"]))
            .collect();
        assert_eq!(found.unwrap(), expected, "{name}");
        let sent: Value = serde_json::from_str(&site.calls().pop().unwrap().body).unwrap();
        assert_eq!(sent["input"], Value::from(texts), "{name}");
    }
    assert!(replayed >= 30, "only {replayed} were replayed");
}

fn numbers(told: &Value) -> Vec<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "vectors are of single precision")]
    let listed = |it: &Value| it.as_f64().unwrap() as f32;
    match told {
        Value::String(packed) => {
            let bytes = STANDARD.decode(packed).unwrap();
            bytes.chunks_exact(4).map(|it| f32::from_le_bytes(it.try_into().unwrap())).collect()
        }
        other => other.as_array().unwrap().iter().map(listed).collect(),
    }
}

#[tokio::test]
async fn passages_come_back_in_the_recorded_order() {
    let mut replayed = 0;
    let site = FakeSite::start([]).await;
    let http = client(site.address());
    for recording in recordings(|it| it.uri.contains("/rerank")) {
        let asked = recording.request();
        let passages = list_at(&asked, "documents").iter();
        let passages = passages.map(|it| it.as_str().or_else(|| it["text"].as_str()).unwrap());
        site.otherwise(recording.page());
        let reranker = Reranker {
            http: http.clone(),
            address: site.url("/rerank"),
            key: "recorded".to_owned(),
            model: text_at(&asked, "model"),
            settings: Map::new(),
        };
        let passages: Vec<_> = passages.collect();
        let query = text_at(&asked, "query");
        let found = reranker.rank(&query, &passages, "top_n", passages.len()).await.unwrap();
        let answer = recording.answer();
        let rows = list_at(&answer, if answer["data"].is_array() { "data" } else { "results" });
        let mut expected: Vec<_> = rows
            .iter()
            .map(|it| (it["index"].as_u64().unwrap(), it["relevance_score"].as_f64().unwrap()))
            .collect();
        expected.sort_by(|a, b| b.1.total_cmp(&a.1));
        let found: Vec<_> =
            found.iter().map(|it| (u64::try_from(it.index).unwrap(), it.relevance_score)).collect();
        assert_eq!(found, expected, "{}", recording.source);
        replayed += 1;
    }
    assert!(replayed >= 4, "only {replayed} were replayed");
}
