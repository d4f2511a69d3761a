//! The real models, from the folder that `FLOWSTONE_MODELS_DIR` names. Answers are kept short:
//! these tests also run on machines that are busy.

use std::time::Duration;

use flowstone_local_models::catalog::{CHAT_MODEL, EMBEDDING_MODEL};
use flowstone_local_models::{
    ChatEvent, ChatRequest, Error, Finish, LocalModels, Message, Role, Sampling, Settings,
};
use tokio::time::timeout;

/// Longer than anything here takes on a busy machine: it only keeps a hang from lasting for ever.
const PATIENCE: Duration = Duration::from_mins(2);

#[expect(clippy::disallowed_methods, reason = "the tests get their models by this variable only")]
fn models() -> LocalModels {
    let folder = std::env::var("FLOWSTONE_MODELS_DIR")
        .expect("FLOWSTONE_MODELS_DIR is not set: run `make test`, or `make models` and set it to the models folder");
    LocalModels::new(Settings { max_queue: 4, ..Settings::new(folder) })
}

fn ask(question: &str, max_tokens: usize) -> ChatRequest {
    ChatRequest {
        messages: vec![Message::new(Role::User, question)],
        sampling: Sampling::greedy(),
        max_tokens: Some(max_tokens),
        ..ChatRequest::default()
    }
}

async fn embed(models: &LocalModels, texts: &[&str]) -> Vec<Vec<f32>> {
    let texts = texts.iter().map(ToString::to_string).collect();
    timeout(PATIENCE, models.embed(EMBEDDING_MODEL, texts)).await.unwrap().unwrap()
}

fn similarity(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

#[tokio::test]
async fn the_chat_model_knows_the_capital_of_france_and_stops_when_told() {
    let models = models();
    let question = "What is the capital of France?";
    let stream = models.chat(CHAT_MODEL, ask(question, 24)).unwrap();
    let (answer, summary) = timeout(PATIENCE, stream.collect()).await.unwrap().unwrap();
    assert!(answer.contains("Paris"), "{answer}");
    assert!(!answer.contains("<|"), "{answer}");
    assert_eq!(summary.finish, Finish::Stop);
    // The default system message of the model's own template is part of the prompt.
    assert_eq!(summary.prompt_tokens, 37);

    let stop = vec!["Paris".to_owned()];
    let request = ChatRequest { stop, ..ask(question, 24) };
    let stream = models.chat(CHAT_MODEL, request).unwrap();
    let (cut, summary) = timeout(PATIENCE, stream.collect()).await.unwrap().unwrap();
    assert_eq!(Some(cut.as_str()), answer.split("Paris").next());
    assert_eq!(summary.finish, Finish::Stop);

    let stream = models.chat(CHAT_MODEL, ask(question, 3)).unwrap();
    let (cut, summary) = timeout(PATIENCE, stream.collect()).await.unwrap().unwrap();
    assert!(answer.starts_with(&cut) && cut.len() < answer.len(), "{cut}");
    assert_eq!((summary.finish, summary.completion_tokens), (Finish::Length, 3));
}

#[tokio::test]
async fn a_dropped_answer_makes_way_for_the_next() {
    let models = models();
    let mut long = models.chat(CHAT_MODEL, ask("Tell a very long story.", 3000)).unwrap();
    let first = timeout(PATIENCE, long.next()).await.unwrap();
    assert!(matches!(first, Some(Ok(ChatEvent::Text(_)))), "{first:?}");
    drop(long);
    // 3,000 tokens would take longer than this test has patience.
    let next = models.chat(CHAT_MODEL, ask("Hi", 1)).unwrap();
    let (_, summary) = timeout(PATIENCE, next.collect()).await.unwrap().unwrap();
    assert_eq!(summary.completion_tokens, 1);
}

#[tokio::test]
async fn a_burst_of_twenty_is_answered_or_told_to_wait() {
    let models = models();
    let requests: Vec<_> = (0..20).map(|_| models.chat(CHAT_MODEL, ask("Hi", 2))).collect();
    let mut answered = 0;
    for request in requests {
        match request {
            Ok(stream) => {
                let (answer, _) = timeout(PATIENCE, stream.collect()).await.unwrap().unwrap();
                assert!(!answer.is_empty());
                answered += 1;
            }
            Err(error) => assert!(matches!(error, Error::Busy { waiting: 4, .. }), "{error}"),
        }
    }
    assert!((4..=6).contains(&answered), "{answered} answered");
}

#[tokio::test]
async fn embeddings_bring_like_to_like() {
    let models = models();
    let texts = [
        "The cat sleeps on the sofa.",
        "A feline is napping on the couch.",
        "Stock prices fell sharply on Monday.",
        "",
    ];
    let vectors = embed(&models, &texts).await;
    for vector in &vectors {
        assert_eq!(vector.len(), 384);
        assert!((similarity(vector, vector) - 1.0).abs() < 1e-4);
    }
    let like = similarity(&vectors[0], &vectors[1]);
    let unlike = similarity(&vectors[0], &vectors[2]);
    assert!(like > 0.5 && unlike < 0.2, "{like} {unlike}");
}

#[tokio::test]
async fn a_vector_does_not_depend_on_its_neighbours() {
    let models = models();
    let alone = embed(&models, &["The old mill stood by the river."]).await;
    let long = "Nobody knew who had built it, nor when. ".repeat(40);
    let mut texts = vec![long.as_str(); 4];
    texts.insert(2, "The old mill stood by the river.");
    texts.push("Short.");
    let together = embed(&models, &texts).await;
    let difference = alone[0].iter().zip(&together[2]).map(|(left, right)| (left - right).abs());
    assert!(difference.fold(0.0, f32::max) < 1e-4);
    // What comes after the 256th word piece is not read.
    let longer = format!("{long} {}", "And yet. ".repeat(50));
    let cut = embed(&models, &[&longer]).await;
    assert!(similarity(&cut[0], &together[0]) > 0.9999);
}

#[tokio::test]
async fn no_text_gives_no_vector() {
    assert!(embed(&models(), &[]).await.is_empty());
}
