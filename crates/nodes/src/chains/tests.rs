//! Whole chains and agents against a scripted model, by what they tell.

use std::sync::Arc;

use flowstone_core::{
    Capability, Document, Event, Inputs, Message, Node, Output, Result, Run, Upload,
};
use flowstone_testkit::{Ports, Reply, ScriptedModel, transcript};
use serde_json::{Value, json};

use super::{
    conversation_chain::ConversationChain,
    conversational_retrieval_qa_chain::ConversationalRetrievalQaChain, llm_chain::LlmChain,
};
use crate::{
    agents::tool_agent::ToolAgent,
    memory::buffer_memory::BufferMemory,
    moderation::input_moderation_simple::InputModerationSimple,
    output_parsers::structured_output_parser::StructuredOutputParser,
    prompts::prompt_template::PromptTemplate,
    testing::{form, plug, with_clients},
    tools::calculator::Calculator,
};

/// Plugs a node that is filled in with `values`.
async fn plug_node(form: &mut Inputs, socket: &str, node: &dyn Node, values: &Value) {
    let made = node.init(&crate::testing::form(values)).await.unwrap();
    plug(form, socket, made);
}

/// Runs a chain or an agent; what it told and its answer.
async fn ask(node: &dyn Node, form: &Inputs, run: RunOf) -> (String, Output) {
    let Ok(Capability::Runnable(runnable)) = node.init(form).await else { panic!("no runnable") };
    let (run, receiver) = run;
    let question = run.question.clone();
    let answered = async {
        let output = runnable.run(&question, &run).await;
        drop(run);
        output
    };
    let (output, told) = futures::join!(answered, transcript::collect(receiver));
    (transcript::lines(&told), output.unwrap())
}

type RunOf = (Run, tokio::sync::mpsc::Receiver<Event>);

fn run(question: &str) -> RunOf {
    crate::testing::run(question)
}

/// A run whose conversation was stored before.
fn run_with_history(question: &str) -> RunOf {
    let ports = Ports::default();
    let turns = vec![Message::user("My name is Bob"), Message::assistant("Hi Bob")];
    ports.chats.store("workspace", "flow", "session", turns);
    flowstone_testkit::run(question, with_clients(ports.services()))
}

fn model(form: &mut Inputs, model: &Arc<ScriptedModel>) {
    plug(form, "model", Capability::ChatModel(model.clone()));
}

fn texts(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|it| it.text.as_str()).collect()
}

async fn greeting(model_of: &Arc<ScriptedModel>) -> Inputs {
    let mut form = form(&json!({}));
    model(&mut form, model_of);
    let values = json!({"template": "Say hi to {name}."});
    plug_node(&mut form, "prompt", &PromptTemplate, &values).await;
    form
}

#[tokio::test]
async fn an_llm_chain_fills_its_prompt_with_the_question() {
    let form = greeting(&ScriptedModel::new()).await;
    let (told, output) = ask(&LlmChain, &form, run("Bob")).await;
    insta::assert_snapshot!("llm_chain", told);
    assert_eq!(output.answer.to_text(), "Mock reply to: Say hi to Bob.");
    assert!(output.usage.output_tokens > 0);
}

#[tokio::test]
async fn a_refusal_is_told_as_the_answer() {
    let asked = ScriptedModel::new();
    let mut form = greeting(&asked).await;
    let values = json!({
        "denyList": "forbiddenword", "moderationErrorMessage": "Blocked by moderation"
    });
    plug_node(&mut form, "inputModeration", &InputModerationSimple, &values).await;
    let (told, output) = ask(&LlmChain, &form, run("say forbiddenword")).await;
    insta::assert_snapshot!("llm_chain_moderation", told);
    assert_eq!(output.answer.to_text(), "Blocked by moderation");
    assert!(asked.requests().is_empty(), "no model saw the question");
}

#[tokio::test]
async fn a_parser_makes_the_answer_an_object() {
    let rows = r#"[{"property":"n","type":"number","description":"n"}]"#;
    for template in ["Give data. {q} {format_instructions}", "Give data. {q}"] {
        let asked = ScriptedModel::new();
        let mut form = form(&json!({"outputParser": "{{structuredOutputParser_0.data.instance}}"}));
        model(&mut form, &asked);
        plug_node(&mut form, "prompt", &PromptTemplate, &json!({"template": template})).await;
        let values = json!({"jsonStructure": rows});
        plug_node(&mut form, "outputParser", &StructuredOutputParser, &values).await;
        let (told, output) = ask(&LlmChain, &form, run(r#"[[json:{"n":3}]]"#)).await;
        assert_eq!(told, "", "half an object helps nobody");
        assert_eq!(output.answer, flowstone_core::Answer::Json(json!({"n": 3})));
        assert!(asked.requests()[0].messages[0].text.contains("JSON Schema"));
        assert!(!LlmChain.streams(&form.values));
    }
}

#[tokio::test]
async fn the_prediction_of_a_chain_is_a_value() {
    let mut form = greeting(&ScriptedModel::new()).await;
    form.output = "outputPrediction".to_owned();
    let said = LlmChain.init(&form).await.err().unwrap().to_string();
    assert!(said.contains("only works while a question is asked"), "{said}");
    let (run, receiver) = run("Bob");
    form.run = Some(run);
    let Ok(Capability::Value(value)) = LlmChain.init(&form).await else { panic!("no value") };
    assert_eq!(value, "Mock reply to: Say hi to Bob.");
    drop(form);
    assert!(transcript::collect(receiver).await.is_empty(), "it is not the answer of the flow");
}

#[tokio::test]
async fn pictures_are_shown_with_the_question() {
    let asked = ScriptedModel::new();
    let form = greeting(&asked).await;
    let (mut run, receiver) = run("Bob");
    let upload = |mime: &str, data: &str| Upload {
        kind: "file".to_owned(),
        name: "it".to_owned(),
        data: data.to_owned(),
        mime: mime.to_owned(),
    };
    run.uploads = vec![
        upload("image/png", "data:image/png;base64,AA=="),
        upload("text/plain", "data:text/plain;base64,AA=="),
    ];
    ask(&LlmChain, &form, (run, receiver)).await;
    let sent = &asked.requests()[0].messages;
    assert_eq!(sent.len(), 2, "the pictures are a turn of their own after the question");
    let images = &sent[1].images;
    assert_eq!(images.len(), 1);
    assert_eq!(images[0].url, "data:image/png;base64,AA==");
}

#[tokio::test]
async fn a_conversation_chain_remembers() {
    let asked = ScriptedModel::new();
    let mut form = form(&json!({"systemMessagePrompt": "Be brief."}));
    model(&mut form, &asked);
    plug_node(&mut form, "memory", &BufferMemory, &json!({})).await;
    let (told, _) = ask(&ConversationChain, &form, run_with_history("What is my name?")).await;
    insta::assert_snapshot!("conversation_chain", told);
    let sent = &asked.requests()[0].messages;
    assert_eq!(texts(sent), ["Be brief.", "My name is Bob", "Hi Bob", "What is my name?"]);
}

#[tokio::test]
async fn turns_that_come_with_the_call_stand_in_for_the_stored_ones() {
    let asked = ScriptedModel::new();
    let mut form = form(&json!({"systemMessagePrompt": "Be brief."}));
    model(&mut form, &asked);
    plug_node(&mut form, "memory", &BufferMemory, &json!({})).await;
    let (mut run, receiver) = run_with_history("What is my name?");
    run.history = Some(vec![Message::user("I am Zed")]);
    ask(&ConversationChain, &form, (run, receiver)).await;
    let sent = &asked.requests()[0].messages;
    assert_eq!(texts(sent), ["Be brief.", "I am Zed", "What is my name?"]);
}

/// Gives the same passage whatever it is asked, and remembers what it was asked.
struct OnePassage(std::sync::Mutex<Vec<String>>);

#[async_trait::async_trait]
impl flowstone_core::Retriever for OnePassage {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        self.0.lock().unwrap().push(query.to_owned());
        Ok(vec![Document { page_content: "Bananas are yellow.".into(), ..Document::default() }])
    }
}

#[tokio::test]
async fn retrieval_rephrases_only_where_there_is_a_conversation() {
    let retriever = Arc::new(OnePassage(std::sync::Mutex::default()));
    let asked = ScriptedModel::with([
        Reply::text("Yellow."),
        Reply::text("Is a banana called Bob?"),
        Reply::text("No."),
    ]);
    let mut form = form(&json!({"returnSourceDocuments": true, "responsePrompt": "Use {context}"}));
    model(&mut form, &asked);
    plug(&mut form, "vectorStoreRetriever", Capability::Retriever(retriever.clone()));
    let node = ConversationalRetrievalQaChain;

    let (told, output) = ask(&node, &form, run("What colour?")).await;
    insta::assert_snapshot!("conversational_retrieval_qa_chain", told);
    assert_eq!(output.source_documents.map(|it| it.len()), Some(1));
    let sent = &asked.requests()[0].messages;
    assert_eq!(texts(sent), ["Use Bananas are yellow.", "What colour?"]);

    ask(&node, &form, run_with_history("Is it?")).await;
    let requests = asked.requests();
    let rephrasing = &requests[1].messages[0].text;
    assert!(rephrasing.contains("Human: My name is Bob\nAssistant: Hi Bob"), "{rephrasing}");
    assert_eq!(
        requests[2].messages.last().unwrap().text,
        "Is it?",
        "the answer is to what was asked"
    );
    assert_eq!(*retriever.0.lock().unwrap(), ["What colour?", "Is a banana called Bob?"]);
}

#[tokio::test]
async fn a_prompt_without_its_variables_is_refused() {
    let mut form = form(&json!({"rephrasePrompt": "Rephrase {question}"}));
    model(&mut form, &ScriptedModel::new());
    let said = ConversationalRetrievalQaChain.init(&form).await.err().unwrap().to_string();
    assert_eq!(said, "Rephrase Prompt: it must hold {chat_history}");
}

#[tokio::test]
async fn an_agent_tells_its_tools_after_its_answer() {
    let asked = ScriptedModel::new();
    let mut form = form(&json!({}));
    model(&mut form, &asked);
    plug_node(&mut form, "memory", &BufferMemory, &json!({})).await;
    plug_node(&mut form, "tools", &Calculator, &json!({})).await;
    let question = r#"What is 2+3? [[tool:calculator {"input":"2+3"}]]"#;
    let (told, output) = ask(&ToolAgent, &form, run(question)).await;
    insta::assert_snapshot!("tool_agent", told);
    assert_eq!(output.answer.to_text(), "Tool said: 5");

    let (told, _) = ask(&ToolAgent, &form, run("hello")).await;
    insta::assert_snapshot!("tool_agent_no_tool", told);

    let question = r#"[[tool:calculator {"input":"two plus two"}]]"#;
    let (told, _) = ask(&ToolAgent, &form, run(question)).await;
    insta::assert_snapshot!("tool_agent_tool_error", told);
}

#[tokio::test]
async fn an_agent_without_memory_says_which_row_is_empty() {
    let mut form = form(&json!({}));
    model(&mut form, &ScriptedModel::new());
    assert_eq!(ToolAgent.init(&form).await.err().unwrap().to_string(), "Memory is required");
}
