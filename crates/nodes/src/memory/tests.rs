//! Memories that summarise, and the one in Redis.

use std::sync::Arc;

use flowstone_core::{Capability, Memory, Message, Node, Role, Run};
use flowstone_testkit::{Ports, RedisProcess, Reply, ScriptedModel};
use serde_json::{Value, json};

use super::{
    conversation_summary_buffer_memory::ConversationSummaryBufferMemory,
    conversation_summary_memory::ConversationSummaryMemory,
    redis_backed_chat_memory::RedisBackedChatMemory,
};
use crate::testing::{form, form_of_redis, plug};

async fn memory(
    node: &dyn Node,
    values: &Value,
    replies: &[&str],
) -> (Arc<dyn Memory>, Arc<ScriptedModel>) {
    let model = ScriptedModel::with(replies.iter().map(|it| Reply::text(it)));
    let mut form = form(values);
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    let Ok(Capability::Memory(memory)) = node.init(&form).await else { panic!("no memory") };
    (memory, model)
}

/// A run whose session `session` has `exchanges` stored.
fn run_after(ports: &Ports, exchanges: &[(&str, &str)]) -> Run {
    store(ports, exchanges);
    flowstone_testkit::run("hi", Arc::new(ports.services())).0
}

fn store(ports: &Ports, exchanges: &[(&str, &str)]) {
    for (question, answer) in exchanges {
        let turns = vec![Message::user(*question), Message::assistant(*answer)];
        ports.chats.store("workspace", "flow", "session", turns);
    }
}

fn prompts(model: &ScriptedModel) -> Vec<String> {
    model.requests().into_iter().map(|it| it.messages[0].text.clone()).collect()
}

#[tokio::test]
async fn a_summary_goes_on_from_the_one_before() {
    let ports = Ports::default();
    let run = run_after(&ports, &[("I am Ada", "Hello Ada")]);
    let (memory, model) =
        memory(&ConversationSummaryMemory, &json!({}), &["Ada came.", "Ada came and left."]).await;
    memory.messages(&run).await.unwrap();
    store(&ports, &[("I leave", "Bye")]);
    let turns = memory.messages(&run).await.unwrap();
    assert_eq!(turns, [Message::system("What was said before, in short:\nAda came and left.")]);
    let asked = prompts(&model);
    assert_eq!(asked.len(), 2);
    assert!(asked[0].contains("(none yet)") && asked[0].contains("Human: I am Ada\nAssistant:"));
    assert!(asked[1].contains("so far:\nAda came.\n") && asked[1].contains("Human: I leave"));
    assert!(!asked[1].contains("I am Ada"), "what is summarised is not read again");
}

#[tokio::test]
async fn a_conversation_that_was_changed_is_read_anew() {
    let ports = Ports::default();
    let mut run = run_after(&ports, &[("I am Ada", "Hello Ada")]);
    let (memory, model) = memory(&ConversationSummaryMemory, &json!({}), &["Ada.", "Bob."]).await;
    memory.messages(&run).await.unwrap();
    // The same session after its chat was cleared.
    let ports = Ports::default();
    run.services = Arc::new(ports.services());
    store(&ports, &[("I am Bob", "Hello Bob"), ("How are you?", "Well")]);
    assert!(memory.messages(&run).await.unwrap()[0].text.ends_with("Bob."));
    assert!(!prompts(&model)[1].contains("Ada"), "nothing of the old one is left");
}

#[tokio::test]
async fn a_long_conversation_is_read_in_portions() {
    let ports = Ports::default();
    let long = "word ".repeat(900);
    let run = run_after(&ports, &[(&long, &long), (&long, "end")]);
    let (memory, model) = memory(&ConversationSummaryMemory, &json!({}), &["one", "two"]).await;
    assert!(memory.messages(&run).await.unwrap()[0].text.ends_with("two"));
    assert!(prompts(&model)[1].contains("so far:\none\n"));
}

#[tokio::test]
async fn only_what_is_over_the_limit_is_summarised() {
    let ports = Ports::default();
    let run = run_after(&ports, &[("one two three", "four five six"), ("seven", "eight")]);
    let values = json!({"maxTokenLimit": 18});
    let (memory, model) =
        memory(&ConversationSummaryBufferMemory, &values, &["first", "second"]).await;
    let turns = memory.messages(&run).await.unwrap();
    let newest =
        [Message::assistant("four five six"), Message::user("seven"), Message::assistant("eight")];
    assert_eq!(turns[0], Message::system("What was said before, in short:\nfirst"));
    assert_eq!(turns[1..], newest);
    let asked = prompts(&model);
    assert!(asked[0].contains("one two three") && !asked[0].contains("four"));

    store(&ports, &[("nine", "ten")]);
    let turns = memory.messages(&run).await.unwrap();
    assert!(turns[0].text.ends_with("second") && turns.len() < 5, "{turns:?}");
    assert_eq!(turns.last(), Some(&Message::assistant("ten")));
    let asked = prompts(&model);
    assert!(asked[1].contains("so far:\nfirst\n") && !asked[1].contains("one two three"));
}

#[tokio::test]
async fn conversations_in_redis_are_those_of_langchain() {
    let process = RedisProcess::start(&[]);
    let values = json!({"sessionId": "mine", "windowSize": 1});
    let form = form_of_redis(&process, &values);
    let Ok(Capability::Memory(memory)) = RedisBackedChatMemory.init(&form).await else { panic!() };
    assert_eq!((memory.session_id(), memory.key()), (Some("mine"), "chat_history"));
    let (run, _receiver) = flowstone_testkit::run("hi", form.services.clone());

    // As LangChain's RedisChatMessageHistory wrote them: the newest at the head.
    let client = crate::redis_form::client(&form).unwrap();
    let said = |kind: &str, text: &str| {
        json!({"type": kind, "data": {"content": text, "additional_kwargs": {}}}).to_string()
    };
    let entries = [said("human", "a"), said("ai", "b"), said("human", "c"), said("ai", "d")];
    client.push("mine", &entries, None).await.unwrap();
    let expected = [Message::user("c"), Message::assistant("d")];
    assert_eq!(memory.messages(&run).await.unwrap(), expected, "the newest exchange");

    memory.remember(&run, "e", "f").await.unwrap();
    let list = client.newest("mine", None).await.unwrap();
    let head: Value = serde_json::from_str(&list[0]).unwrap();
    assert_eq!((head["type"].as_str(), head["data"]["content"].as_str()), (Some("ai"), Some("f")));
    assert_eq!(list.len(), 6);

    client.push("mine", &["no turn".to_owned()], None).await.unwrap();
    let said = memory.messages(&run).await.unwrap_err().to_string();
    assert!(said.contains("another program uses its name"), "{said}");
    memory.clear(&run).await.unwrap();
    assert!(client.newest("mine", None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_model_that_fails_says_so() {
    let ports = Ports::default();
    let run = run_after(&ports, &[("I am Ada", "Hello Ada")]);
    let model = ScriptedModel::with([Reply::error(429, "slow down")]);
    let mut form = form(&json!({}));
    plug(&mut form, "model", Capability::ChatModel(model));
    let made = ConversationSummaryMemory.init(&form).await;
    let Ok(Capability::Memory(memory)) = made else { panic!("no memory") };
    assert_eq!(memory.messages(&run).await.unwrap_err().to_string(), "429 slow down");
    let turns = memory.messages(&run).await.unwrap();
    assert_eq!(turns[0].role, Role::System, "the next question tries again");
}
