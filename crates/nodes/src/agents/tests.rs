//! The agents that write their calls as text, whole, against a scripted model.

use std::sync::Arc;

use flowstone_core::{
    Capability, Document, Event, Inputs, Message, Node, Output, Result, Role, Run,
};
use flowstone_testkit::{Ports, Reply, ScriptedModel, transcript};
use serde_json::{Value, json};
use tokio::sync::mpsc::Receiver;

use super::{
    conversational_agent::ConversationalAgent,
    conversational_retrieval_tool_agent::ConversationalRetrievalToolAgent,
    react_agent_chat::ReactAgentChat, react_agent_llm::ReactAgentLlm, xml_agent::XmlAgent,
};
use crate::{
    memory::buffer_memory::BufferMemory,
    testing::{form, plug, with_clients},
    tools::calculator::Calculator,
};

const AGENTS: &[&dyn Node] = &[&ReactAgentChat, &ReactAgentLlm, &ConversationalAgent, &XmlAgent];

/// A call of the calculator and an answer, as each of [`AGENTS`] writes them.
const CALLS: &[&str] = &[
    "Thought: sum\nAction: NAME\nAction Input: INPUT",
    " sum\nAction: NAME\nAction Input: INPUT",
    "```json\n{\"action\": \"NAME\", \"action_input\": \"INPUT\"}\n```",
    "<tool>NAME</tool><tool_input>INPUT",
];
const ANSWERS: &[&str] = &[
    "Thought: done\nFinal Answer: It is 5",
    " done\nFinal Answer: It is 5",
    "{\"action\": \"Final Answer\", \"action_input\": \"It is 5\"}",
    "<final_answer>It is 5",
];

fn call(agent: usize, name: &str, input: &str) -> Reply {
    Reply::text(&CALLS[agent].replace("NAME", name).replace("INPUT", input))
}

fn answer(agent: usize) -> Reply {
    Reply::text(ANSWERS[agent])
}

async fn agent_form(values: &Value, model: &Arc<ScriptedModel>) -> Inputs {
    let mut form = form(values);
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    let memory = BufferMemory.init(&crate::testing::form(&json!({}))).await.unwrap();
    plug(&mut form, "memory", memory);
    plug(&mut form, "tools", Calculator.init(&crate::testing::form(&json!({}))).await.unwrap());
    form
}

/// A run whose conversation was stored before.
fn run_with_history() -> (Run, Receiver<Event>) {
    let ports = Ports::default();
    let turns = vec![Message::user("My name is Bob"), Message::assistant("Hi Bob")];
    ports.chats.store("workspace", "flow", "session", turns);
    flowstone_testkit::run("What is 2+3?", with_clients(ports.services()))
}

/// Asks an agent whose conversation was stored before.
async fn ask(
    agent: usize,
    values: Value,
    replies: Vec<Reply>,
) -> (Output, Vec<Vec<Message>>, String) {
    let model = ScriptedModel::with(replies);
    let form = agent_form(&values, &model).await;
    let made = AGENTS[agent].init(&form).await;
    let Ok(Capability::Runnable(runnable)) = made else { panic!("no runnable") };
    let (run, receiver) = run_with_history();
    let answered = async {
        let output = runnable.run("What is 2+3?", &run).await;
        drop(run);
        output
    };
    let (output, told) = futures::join!(answered, transcript::collect(receiver));
    let requests = model.requests().into_iter().map(|it| it.messages).collect();
    (output.unwrap(), requests, transcript::lines(&told))
}

#[tokio::test]
async fn agents_use_their_tools_and_tell_them_after_the_answer() {
    for (agent, node) in AGENTS.iter().enumerate() {
        let replies = vec![call(agent, "calculator", "2+3"), answer(agent)];
        let (output, requests, told) = ask(agent, json!({}), replies).await;
        assert_eq!(output.answer.to_text(), "It is 5", "{}", node.spec().name);
        assert_eq!(output.used_tools[0].tool_output, "5");
        assert_eq!(output.used_tools[0].tool_input, json!({"input": "2+3"}));
        let second = requests[1].last().unwrap();
        assert_eq!(second.role, Role::User);
        assert!(second.text.contains('5'), "{}", second.text);
        insta::allow_duplicates! { insta::assert_snapshot!("text_agent", told); }
    }
}

#[tokio::test]
async fn agents_with_a_memory_are_told_the_conversation() {
    for (agent, expected) in [(0, true), (1, false), (2, true), (3, true)] {
        let (_, requests, _) = ask(agent, json!({}), vec![answer(agent)]).await;
        let said: Vec<&str> = requests[0].iter().map(|it| it.text.as_str()).collect();
        assert_eq!(said.join("\n").contains("My name is Bob"), expected);
        assert!(said.join("\n").contains("calculator"), "the tools are named");
        assert!(said.last().unwrap().contains("What is 2+3?"));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told_to_the_model() {
    for agent in 0..AGENTS.len() {
        let replies = vec![
            call(agent, "search", "x"),
            call(agent, "calculator", "two"),
            Reply::text("Let me think about it"),
            answer(agent),
        ];
        let (output, requests, _) = ask(agent, json!({}), replies).await;
        assert_eq!(output.answer.to_text(), "It is 5");
        let told = |round: usize| requests[round].last().unwrap().text.clone();
        assert!(told(1).contains("There is no tool search. The tools are: calculator"));
        assert_eq!(output.used_tools.len(), 2, "the one that is not there counts too");
        assert!(output.used_tools[0].error.is_some());
        assert!(told(3).contains("Write either") || told(3).contains("Answer with one JSON"));
    }
}

#[tokio::test]
async fn a_model_that_insists_on_prose_has_answered() {
    for agent in 0..AGENTS.len() {
        let replies = vec![Reply::text("Five."), Reply::text("It is five.")];
        let (output, requests, _) = ask(agent, json!({}), replies).await;
        assert_eq!((output.answer.to_text().as_str(), requests.len()), ("It is five.", 2));
    }
}

#[tokio::test]
async fn agents_end_after_their_rounds() {
    for agent in 0..AGENTS.len() {
        let again = || call(agent, "calculator", "1");
        let (output, requests, _) =
            ask(agent, json!({"maxIterations": "2"}), vec![again(), again(), again()]).await;
        assert_eq!(requests.len(), 2);
        assert!(output.answer.to_text().starts_with("I stopped after 2 rounds"));
    }
}

#[tokio::test]
async fn agents_stop_the_model_where_a_tool_is_to_answer() {
    for (agent, expected) in [(0, "\nObservation:"), (1, "\nObservation:"), (3, "</tool_input>")] {
        let model = ScriptedModel::with([answer(agent)]);
        let form = agent_form(&json!({}), &model).await;
        let made = AGENTS[agent].init(&form).await;
        let Ok(Capability::Runnable(runnable)) = made else { panic!("no runnable") };
        let (run, _receiver) = crate::testing::run("hi");
        runnable.run("hi", &run.silenced()).await.unwrap();
        assert!(model.requests()[0].stop.contains(&expected.to_owned()));
        assert!(!AGENTS[agent].streams(&form.values));
    }
}

/// Gives one passage that repeats what it was asked.
struct Echo;

#[async_trait::async_trait]
impl flowstone_core::Retriever for Echo {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let page_content = format!("found for {query}");
        Ok(vec![Document { page_content, ..Document::default() }])
    }
}

#[tokio::test]
async fn a_retrieval_agent_answers_from_passages_and_with_tools() {
    let replies = [
        Reply::text("What is the sum of 2 and 3?"),
        Reply::tool_calls(&[("calculator", r#"{"input":"2+3"}"#)]),
        Reply::text("It is 5"),
    ];
    let model = ScriptedModel::with(replies);
    let mut form = agent_form(&json!({"systemMessage": "Be brief."}), &model).await;
    plug(&mut form, "vectorStoreRetriever", Capability::Retriever(Arc::new(Echo)));
    let made = ConversationalRetrievalToolAgent.init(&form).await;
    let Ok(Capability::Runnable(agent)) = made else { panic!("no runnable") };
    let (run, receiver) = run_with_history();
    let answered = async {
        let output = agent.run("What is 2+3?", &run).await;
        drop(run);
        output
    };
    let (output, told) = futures::join!(answered, transcript::collect(receiver));
    let output = output.unwrap();
    assert_eq!(output.answer.to_text(), "It is 5");
    assert_eq!(output.used_tools.len(), 1);
    let sources = output.source_documents.unwrap();
    assert_eq!(sources[0].page_content, "found for What is the sum of 2 and 3?");
    insta::assert_snapshot!("retrieval_agent", transcript::lines(&told));
    let sent = &model.requests()[1].messages;
    assert!(sent[0].text.starts_with("Be brief.") && sent[0].text.ends_with("2 and 3?"));
    assert_eq!(sent[1].text, "My name is Bob");
    assert_eq!(sent.last().unwrap().text, "What is 2+3?");
}

#[tokio::test]
async fn the_xml_agent_adds_what_its_template_lacks() {
    let values = json!({"systemMessage": "Be kind to {chat_history}. {{x}}"});
    let (_, requests, _) = ask(3, values, vec![answer(3)]).await;
    let said = &requests[0][0].text;
    assert!(said.starts_with("Be kind to Human: My name is Bob"), "{said}");
    assert!(said.contains("{x}") && said.contains("- calculator:"), "{said}");
    assert!(said.trim_end().ends_with("Question: What is 2+3?"), "{said}");
}
