//! Whole engines against a scripted model, by what they ask and tell.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, Document, Error, Event, Inputs, Message, Node, Output, Result,
    Retriever, Role, Run,
};
use flowstone_testkit::{BagOfWords, Ports, Reply, ScriptedModel, transcript};
use serde_json::json;
use tokio::sync::mpsc::Receiver;

use super::{
    context_chat_engine::ContextChatEngine, query_engine::QueryEngine,
    simple_chat_engine::SimpleChatEngine, sub_question_query_engine::SubQuestionQueryEngine,
};
use crate::{
    agents::{anthropic_agent_llama_index, openai_tool_agent_llama_index},
    memory::buffer_memory::BufferMemory,
    testing::{form, plug, with_clients},
    tools::query_engine_tool_llama_index::QueryEngineTool,
};

/// Finds one passage for everything, with a model of its own or none.
struct Shelf(Option<Arc<ScriptedModel>>);

#[async_trait]
impl Retriever for Shelf {
    fn model(&self) -> Option<Arc<dyn ChatModel>> {
        self.0.clone().map(|it| it as _)
    }

    async fn retrieve(&self, _: &str, _: &Run) -> Result<Vec<Document>> {
        Ok(vec![Document { page_content: "Ada was first".to_owned(), ..Document::default() }])
    }
}

fn shelf(model: Option<&Arc<ScriptedModel>>) -> Capability {
    Capability::Retriever(Arc::new(Shelf(model.cloned())))
}

async fn with_memory(form: &mut Inputs) {
    let memory = BufferMemory.init(&crate::testing::form(&json!({}))).await.unwrap();
    plug(form, "memory", memory);
}

fn run_with_history() -> (Run, Receiver<Event>) {
    let ports = Ports::default();
    let turns = vec![Message::user("My name is Bob"), Message::assistant("Hi Bob")];
    ports.chats.store("workspace", "flow", "session", turns);
    flowstone_testkit::run("Who was first?", with_clients(ports.services()))
}

async fn ask(node: &dyn Node, form: &Inputs) -> (Result<Output>, String) {
    let Ok(Capability::Runnable(engine)) = node.init(form).await else { panic!("no runnable") };
    let (run, receiver) = run_with_history();
    let answered = async {
        let output = engine.run("Who was first?", &run).await;
        drop(run);
        output
    };
    let (output, told) = futures::join!(answered, transcript::collect(receiver));
    (output, transcript::lines(&told))
}

fn asked(model: &ScriptedModel, at: usize) -> Vec<(Role, String)> {
    model.requests()[at].messages.iter().map(|it| (it.role, it.text.clone())).collect()
}

#[tokio::test]
async fn the_simple_chat_engine_remembers_and_takes_its_instructions_word_by_word() {
    let model = ScriptedModel::with([Reply::text("Ada")]);
    let mut form = form(&json!({"systemMessagePrompt": "Answer as {\"name\": …}"}));
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    with_memory(&mut form).await;
    let (output, _) = ask(&SimpleChatEngine, &form).await;
    assert_eq!(output.unwrap().answer.to_text(), "Ada");
    let expected = [
        (Role::System, "Answer as {\"name\": …}"),
        (Role::User, "My name is Bob"),
        (Role::Assistant, "Hi Bob"),
        (Role::User, "Who was first?"),
    ];
    assert_eq!(asked(&model, 0), expected.map(|(role, text)| (role, text.to_owned())));
}

#[tokio::test]
async fn the_context_chat_engine_answers_from_passages_and_shows_them() {
    let model = ScriptedModel::with([Reply::text("Ada")]);
    let mut form = form(&json!({"returnSourceDocuments": true}));
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    plug(&mut form, "vectorStoreRetriever", shelf(None));
    with_memory(&mut form).await;
    let (output, told) = ask(&ContextChatEngine, &form).await;
    assert_eq!(output.unwrap().source_documents.unwrap()[0].page_content, "Ada was first");
    assert!(asked(&model, 0)[0].1.ends_with("Ada was first"));
    assert!(told.contains("sourceDocuments"), "{told}");
}

#[tokio::test]
async fn the_query_engine_asks_the_model_of_its_retriever() {
    let model = ScriptedModel::with([Reply::text("Ada")]);
    let mut with_model = form(&json!({}));
    plug(&mut with_model, "vectorStoreRetriever", shelf(Some(&model)));
    let (output, _) = ask(&QueryEngine, &with_model).await;
    let output = output.unwrap();
    assert_eq!(output.answer.to_text(), "Ada");
    assert_eq!(output.source_documents, None);
    assert!(asked(&model, 0)[0].1.contains("Ada was first"));

    let mut without = form(&json!({}));
    plug(&mut without, "vectorStoreRetriever", shelf(None));
    let said = QueryEngine.init(&without).await.err().unwrap().to_string();
    assert!(said.contains("plug one into the vector store"), "{said}");
}

/// An engine's tool whose model gives these answers.
async fn tool(name: &str, answers: &[&str]) -> Capability {
    let model = ScriptedModel::with(answers.iter().map(|it| Reply::text(it)));
    let mut engine = form(&json!({"returnSourceDocuments": true}));
    plug(&mut engine, "vectorStoreRetriever", shelf(Some(&model)));
    let engine = QueryEngine.init(&engine).await.unwrap();
    let mut tool = form(&json!({"toolName": name, "toolDesc": "Knows the past"}));
    plug(&mut tool, "baseQueryEngine", engine);
    QueryEngineTool.init(&tool).await.unwrap()
}

async fn sub_questions(model: &Arc<ScriptedModel>) -> Inputs {
    let mut form = form(&json!({"returnSourceDocuments": true}));
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    plug(&mut form, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    plug(&mut form, "queryEngineTools", tool("history", &["Ada"]).await);
    plug(&mut form, "queryEngineTools", tool("sports", &["Bob"]).await);
    form
}

#[tokio::test]
async fn a_question_is_cut_into_parts_that_go_to_the_engines() {
    let parts = r#"Here: {"items": [
        {"subQuestion": "Who programmed first?", "toolName": "history"},
        {"subQuestion": "Who ran first?", "toolName": "sports"}]}"#;
    let model = ScriptedModel::with([Reply::text(parts), Reply::text("Ada and Bob")]);
    let (output, told) = ask(&SubQuestionQueryEngine, &sub_questions(&model).await).await;
    let output = output.unwrap();
    assert_eq!(output.answer.to_text(), "Ada and Bob");
    let last = &asked(&model, 1)[0].1;
    assert!(last.contains("Question: Who programmed first?\nAnswer: Ada"), "{last}");
    assert!(last.contains("Question: Who ran first?\nAnswer: Bob"), "{last}");
    assert_eq!(output.source_documents.unwrap().len(), 4, "both answers and what they stand on");
    assert!(!told.contains("Here:"), "the parts are no part of the answer: {told}");
}

#[tokio::test]
async fn parts_that_make_no_sense_end_with_a_reason() {
    for (parts, reason) in [
        ("I cannot", "did not cut"),
        (r#"{"items": []}"#, "did not cut"),
        (r#"[{"subQuestion": "Who?", "toolName": "cooking"}]"#, "\"cooking\""),
    ] {
        let model = ScriptedModel::with([Reply::text(parts)]);
        let (output, _) = ask(&SubQuestionQueryEngine, &sub_questions(&model).await).await;
        let Err(Error::ModelAnswer(said)) = output else { panic!("{parts}: {output:?}") };
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn agents_of_llama_index_flows_ask_engines() {
    let nodes =
        [&anthropic_agent_llama_index::NODE as &dyn Node, &openai_tool_agent_llama_index::NODE];
    for node in nodes {
        let call = Reply::tool_calls(&[("history", r#"{"input": "Who programmed first?"}"#)]);
        let model = ScriptedModel::with([call, Reply::text("It was Ada")]);
        let mut form = form(&json!({"systemMessage": "Be brief"}));
        plug(&mut form, "model", Capability::ChatModel(model.clone()));
        plug(&mut form, "tools", tool("history", &["Ada"]).await);
        with_memory(&mut form).await;
        let (output, _) = ask(node, &form).await;
        let output = output.unwrap();
        assert_eq!(output.answer.to_text(), "It was Ada");
        assert_eq!(output.used_tools[0].tool, "history");
        assert_eq!(output.used_tools[0].tool_output, "Ada");
        assert_eq!(asked(&model, 0)[0], (Role::System, "Be brief".to_owned()));
    }
}
