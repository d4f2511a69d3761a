//! The registry: one line per model, busy errors, cancelling, loading and unloading.

use std::time::Duration;

use flowstone_local_models::{
    ChatEvent, ChatRequest, Error, Finish, LocalModels, Message, Role, Sampling, Settings,
};
use tokio::time::timeout;

use crate::tiny::Tiny;

/// Longer than anything here takes on a busy machine: it only keeps a hang from lasting for ever.
const PATIENCE: Duration = Duration::from_mins(1);

fn models(tiny: &Tiny, change: impl FnOnce(&mut Settings)) -> (tempfile::TempDir, LocalModels) {
    let folder = tempfile::tempdir().unwrap();
    tiny.write(&folder.path().join("tiny.gguf"));
    let mut settings = Settings::new(folder.path());
    change(&mut settings);
    (folder, LocalModels::new(settings))
}

fn ask(max_tokens: usize) -> ChatRequest {
    ChatRequest {
        messages: vec![Message::new(Role::User, "Tell")],
        sampling: Sampling::greedy(),
        max_tokens: Some(max_tokens),
        ..ChatRequest::default()
    }
}

#[tokio::test]
async fn an_answer_streams_and_ends_with_its_summary() {
    let script = Tiny::script(&["Once", "Ġupon", "Ġa", "Ġtime", "<|im_end|>"]);
    let (_folder, models) = models(&script, |_| {});
    let mut stream = models.chat("tiny.gguf", ask(40)).unwrap();
    let mut texts = vec![];
    let summary = loop {
        match timeout(PATIENCE, stream.next()).await.unwrap().unwrap().unwrap() {
            ChatEvent::Text(text) => texts.push(text),
            ChatEvent::Done(summary) => break summary,
        }
    };
    assert_eq!(texts, ["Once", " upon", " a", " time"]);
    assert_eq!((summary.finish, summary.completion_tokens), (Finish::Stop, 4));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_burst_is_answered_as_far_as_the_line_is_long() {
    let (_folder, models) = models(&Tiny::script(&["Once"]), |settings| settings.max_queue = 4);
    let requests: Vec<_> = (0..20).map(|_| models.chat("tiny.gguf", ask(300))).collect();
    let mut busy = 0;
    let mut answered = 0;
    for request in requests {
        match request {
            Ok(stream) => {
                let (answer, summary) = timeout(PATIENCE, stream.collect()).await.unwrap().unwrap();
                assert_eq!((answer, summary.completion_tokens), ("Once".repeat(300), 300));
                answered += 1;
            }
            Err(Error::Busy { waiting, .. }) => {
                assert_eq!(waiting, 4);
                busy += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    // Four wait; one or two more may have been done while the others were still being asked.
    assert!((4..=8).contains(&answered), "{answered} answered");
    assert_eq!(answered + busy, 20);
    let (answer, _) = models.chat("tiny.gguf", ask(1)).unwrap().collect().await.unwrap();
    assert_eq!(answer, "Once");
}

#[tokio::test]
async fn a_dropped_stream_makes_way() {
    let (_folder, models) = models(&Tiny::script(&["Once"]), |settings| settings.max_queue = 1);
    let mut long = models.chat("tiny.gguf", ask(1000)).unwrap();
    assert!(matches!(long.next().await, Some(Ok(ChatEvent::Text(_)))));
    // It is being answered now, so this one waits and takes the only place.
    let waiting = models.chat("tiny.gguf", ask(1000)).unwrap();
    assert!(matches!(models.chat("tiny.gguf", ask(1)), Err(Error::Busy { waiting: 1, .. })));
    drop(waiting);
    let next = models.chat("tiny.gguf", ask(1)).unwrap();
    drop(long);
    let (answer, summary) = timeout(PATIENCE, next.collect()).await.unwrap().unwrap();
    assert_eq!((answer.as_str(), summary.completion_tokens), ("Once", 1));
}

#[tokio::test]
async fn a_model_is_loaded_on_first_use_and_unloaded_when_idle() {
    let (_folder, models) = models(&Tiny::script(&["Once"]), |settings| {
        settings.unload_after = Some(Duration::ZERO);
    });
    assert!(models.status().is_empty());
    for _ in 0..2 {
        models.chat("tiny.gguf", ask(1)).unwrap().collect().await.unwrap();
        let unloaded = async {
            while models.status()[0].loaded {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, unloaded).await.unwrap();
    }
    let status = &models.status()[0];
    assert_eq!((status.model.as_str(), status.running, status.waiting), ("tiny.gguf", false, 0));
}

#[tokio::test]
async fn a_missing_model_is_told_at_once_and_found_once_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let models = LocalModels::new(Settings::new(folder.path()));
    for name in ["smollm2-135m-instruct", "mine.gguf"] {
        assert!(matches!(models.chat(name, ask(1)), Err(Error::Missing { .. })));
    }
    assert!(matches!(models.chat("../mine.gguf", ask(1)), Err(Error::Name { .. })));
    let texts = vec!["text".to_owned()];
    let error = models.embed("all-minilm-l6-v2", texts).await.unwrap_err();
    assert!(error.to_string().contains("flowstone models pull all-minilm-l6-v2"), "{error}");

    let path = folder.path().join("mine.gguf");
    std::fs::write(&path, "GGUF, but cut short").unwrap();
    let broken = models.chat("mine.gguf", ask(1)).unwrap().collect().await;
    assert!(matches!(broken, Err(Error::Damaged { .. })));
    Tiny::script(&["Once"]).write(&path);
    let (answer, _) = models.chat("mine.gguf", ask(1)).unwrap().collect().await.unwrap();
    assert_eq!(answer, "Once");
}

#[tokio::test]
async fn the_end_of_the_registry_ends_what_waits() {
    let (_folder, models) = models(&Tiny::script(&["Once"]), |_| {});
    let mut running = models.chat("tiny.gguf", ask(1000)).unwrap();
    assert!(matches!(running.next().await, Some(Ok(ChatEvent::Text(_)))));
    let waiting = models.chat("tiny.gguf", ask(1000)).unwrap();
    drop(models);
    let outcome = timeout(PATIENCE, waiting.collect()).await.unwrap();
    assert!(matches!(outcome, Err(Error::Stopped { .. })));
}

#[test]
fn out_of_range_sampling_is_told_before_anything_waits() {
    let (_folder, models) = models(&Tiny::script(&["Once"]), |_| {});
    let hot = Sampling { temperature: 9.0, ..Sampling::default() };
    let error = models.chat("tiny.gguf", ChatRequest { sampling: hot, ..ask(1) }).unwrap_err();
    assert_eq!(error.to_string(), "Temperature is 9, but must be from 0 to 2.");
}
