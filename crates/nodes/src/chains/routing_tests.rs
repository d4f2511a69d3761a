//! The chains that answer from passages or choose a route, against a scripted model.

use std::sync::Arc;

use flowstone_core::{Capability, Document, Inputs, Node, Output, Role};
use flowstone_testkit::{BagOfWords, Reply, ScriptedModel, transcript};
use serde_json::{Value, json};

use super::{
    multi_prompt_chain::MultiPromptChain, multi_retrieval_qa_chain::MultiRetrievalQaChain,
    retrieval_qa_chain::RetrievalQaChain, vector_db_qa_chain::VectorDbQaChain,
};
use crate::{
    retrievers::{prompt_retriever::PromptRetriever, vector_store_retriever::VectorStoreRetriever},
    testing::{form, plug},
    vector_stores::memory_vector_store::MemoryVectorStore,
};

async fn ask(node: &dyn Node, form: &Inputs, question: &str) -> (String, Output) {
    let Ok(Capability::Runnable(runnable)) = node.init(form).await else { panic!("no runnable") };
    let (run, receiver) = crate::testing::run(question);
    let answered = async {
        let output = runnable.run(question, &run).await;
        drop(run);
        output
    };
    let (output, told) = futures::join!(answered, transcript::collect(receiver));
    (transcript::lines(&told), output.unwrap())
}

fn with_model(values: &Value, model: &Arc<ScriptedModel>) -> Inputs {
    let mut form = form(values);
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    form
}

async fn store(texts: &[&str]) -> Capability {
    let documents = texts
        .iter()
        .map(|text| Document { page_content: (*text).to_owned(), ..Document::default() });
    let mut form = form(&json!({"topK": "1"}));
    form.output = "vectorStore".to_owned();
    plug(&mut form, "document", Capability::Documents(Arc::new(documents.collect())));
    plug(&mut form, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    MemoryVectorStore.init(&form).await.unwrap()
}

#[tokio::test]
async fn a_question_is_answered_from_the_nearest_passages() {
    for (node, socket) in [
        (&RetrievalQaChain as &dyn Node, "vectorStoreRetriever"),
        (&VectorDbQaChain, "vectorStore"),
    ] {
        let model = ScriptedModel::new();
        let mut form = with_model(&json!({}), &model);
        plug(&mut form, socket, store(&["The sky is blue", "Bananas are yellow"]).await);
        let (told, output) = ask(node, &form, "Which colour are bananas?").await;
        assert_eq!(output.answer.to_text(), "Mock reply to: Which colour are bananas?");
        assert_eq!(output.source_documents, None);
        let sent = &model.requests()[0].messages;
        assert_eq!((sent[0].role, sent[1].role), (Role::System, Role::User));
        assert!(sent[0].text.ends_with("Passages:\nBananas are yellow"), "{}", sent[0].text);
        assert!(told.contains("bananas?"), "{told}");
    }
}

async fn prompts(form: &mut Inputs) {
    for (name, message) in [("physics", "Be exact about {input}."), ("poetry", "Rhyme {{x}}.")] {
        let values =
            json!({"name": name, "description": format!("for {name}"), "systemMessage": message});
        let made = PromptRetriever.init(&crate::testing::form(&values)).await.unwrap();
        plug(form, "promptRetriever", made);
    }
}

#[tokio::test]
async fn the_model_chooses_the_instructions_it_answers_by() {
    for (chosen, expected) in [
        (r#"{"destination": "physics"}"#, Some("Be exact about Why?.")),
        ("```json\n{\"destination\": \"Poetry \"}\n```", Some("Rhyme {x}.")),
        ("physics", Some("Be exact about Why?.")),
        (r#"{"destination": "DEFAULT"}"#, None),
        (r#"{"destination": null}"#, None),
        ("I cannot say", None),
    ] {
        let model = ScriptedModel::with([Reply::text(chosen), Reply::text("Because.")]);
        let mut form = with_model(&json!({}), &model);
        prompts(&mut form).await;
        let (_, output) = ask(&MultiPromptChain, &form, "Why?").await;
        assert_eq!(output.answer.to_text(), "Because.");
        let requests = model.requests();
        assert!(requests[0].messages[0].text.contains("- poetry: for poetry"));
        let answered = &requests[1].messages;
        let system = answered.iter().find(|it| it.role == Role::System);
        assert_eq!(system.map(|it| it.text.as_str()), expected, "{chosen}");
        assert_eq!(answered.last().unwrap().text, "Why?");
        assert!(output.usage.output_tokens > 1, "the choice counts too");
    }
}

#[tokio::test]
async fn the_model_chooses_the_passages_it_answers_from() {
    for (chosen, expected) in [("fruit", Some("Bananas are yellow")), ("DEFAULT", None)] {
        let reply = json!({"destination": chosen}).to_string();
        let model = ScriptedModel::with([Reply::text(&reply), Reply::text("So.")]);
        let mut form = with_model(&json!({"returnSourceDocuments": true}), &model);
        for (name, text) in [("sky", "The sky is blue"), ("fruit", "Bananas are yellow")] {
            let values = json!({"name": name, "description": name});
            let mut retriever = crate::testing::form(&values);
            plug(&mut retriever, "vectorStore", store(&[text]).await);
            let made = VectorStoreRetriever.init(&retriever).await.unwrap();
            plug(&mut form, "vectorStoreRetriever", made);
        }
        let (told, output) = ask(&MultiRetrievalQaChain, &form, "What?").await;
        let sources = output.source_documents.unwrap_or_default();
        assert_eq!(sources.first().map(|it| it.page_content.as_str()), expected);
        assert_eq!(told.contains("sourceDocuments"), expected.is_some(), "{told}");
    }
}

#[tokio::test]
async fn routes_that_make_no_sense_are_refused() {
    let none = with_model(&json!({}), &ScriptedModel::new());
    let said = MultiPromptChain.init(&none).await.err().unwrap().to_string();
    assert_eq!(said, "Prompt Retriever is required");
    let mut twice = with_model(&json!({}), &ScriptedModel::new());
    prompts(&mut twice).await;
    prompts(&mut twice).await;
    let said = MultiPromptChain.init(&twice).await.err().unwrap().to_string();
    assert_eq!(said, "Prompt Retriever: two of them are called physics: rename one");
    let values = json!({"name": "a", "description": "b", "systemMessage": "Say {word}"});
    let said = PromptRetriever.init(&form(&values)).await.err().unwrap().to_string();
    assert!(said.starts_with("Prompt System Message: {word} has no value here"), "{said}");
}
