//! The tools that need something plugged in or a server to call, ready for the contract suite; and
//! what is peculiar to them.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Answer, Capability, Document, Event, FilePlace, Inputs, Node, Output, Result, Retriever, Run,
    Runnable, Tool, services::FlowSummary,
};
use flowstone_testkit::{FakeSite, Ports, SitePage};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::Receiver;

use super::{
    agent_as_tool::AgentAsTool, chain_tool::ChainTool, chatflow_tool::ChatflowTool,
    json_path_extractor::JsonPathExtractor, name_for_models, read_file::ReadFile,
    retriever_tool::RetrieverTool, write_file::WriteFile,
};
use crate::testing::{credential, form, plug, services_for, services_over, with_clients};

/// A tool with a call that works and what it then says.
pub(crate) type Case = (Arc<dyn Tool>, Value, &'static str);

/// Every tool of this folder that needs no server.
pub(crate) async fn cases() -> (Run, Vec<Case>) {
    let ports = ports();
    let (run, _) = flowstone_testkit::run("What is asked?", with_clients(ports.services()));
    let named = json!({"name": "ask it", "description": "asks it"});
    let mut cases: Vec<Case> = Vec::new();

    let mut chain = form(&named);
    plug(&mut chain, "baseChain", Capability::Runnable(Arc::new(Says)));
    cases.push((tool(&ChainTool, &chain).await, json!({"input": "hi"}), "You said hi"));

    let mut retriever = form(&named);
    plug(&mut retriever, "retriever", Capability::Retriever(Arc::new(Passages)));
    cases.push((tool(&RetrieverTool, &retriever).await, json!({"input": "x"}), "one\n\ntwo"));

    let path = form(&json!({"path": "items[0].id"}));
    let arguments = json!({"json": {"items": [{"id": 7}]}});
    cases.push((tool(&JsonPathExtractor, &path).await, arguments, "7"));

    let flow = form(&json!({"selectedChatflow": "other", "name": "ask", "description": "asks"}));
    cases.push((tool(&ChatflowTool, &flow).await, json!({"input": "hi"}), "the other flow"));
    let flow = form(&json!({"selectedAgentflow": "agent", "name": "ask", "description": "asks"}));
    cases.push((tool(&AgentAsTool, &flow).await, json!({"input": "hi"}), "the agent"));

    let empty = form(&json!({}));
    let arguments = json!({"file_path": "a.txt", "text": "written"});
    cases.push((tool(&WriteFile, &empty).await, arguments, "\"a.txt\" is written."));
    let arguments = json!({"file_path": "notes.txt"});
    cases.push((tool(&ReadFile, &empty).await, arguments, "noted"));
    ports.files.write(HERE, "notes.txt", b"\xef\xbb\xbfnoted".to_vec()).await.unwrap();
    (run, cases)
}

use flowstone_core::services::Files as _;

const HERE: FilePlace<'_> = FilePlace::Workspace { workspace: "workspace" };

/// Ports with two flows to ask.
fn ports() -> Ports {
    let ports = Ports::default();
    for (id, name, kind, answer) in [
        ("other", "Other", "CHATFLOW", "the other flow"),
        ("agent", "Agent", "AGENTFLOW", "the agent"),
    ] {
        let summary =
            FlowSummary { id: id.to_owned(), name: name.to_owned(), kind: kind.to_owned() };
        ports.flows.store("workspace", summary, Output::text(answer));
    }
    ports
}

pub(super) async fn tool(node: &dyn Node, form: &Inputs) -> Arc<dyn Tool> {
    let made = node.init(form).await;
    match made {
        Ok(Capability::Tool(tool)) => tool,
        Ok(other) => panic!("a {} instead of a tool", other.kind()),
        Err(error) => panic!("{error}"),
    }
}

pub(super) async fn refused(node: &dyn Node, values: &Value) -> String {
    node.init(&form(values)).await.err().unwrap().to_string()
}

pub(super) async fn call(tool: &Arc<dyn Tool>, arguments: &Value, run: &Run) -> Result<String> {
    let arguments: &Map<String, Value> = arguments.as_object().unwrap();
    tool.call(arguments, run).await.map(|it| it.text)
}

/// A run over a site that may be called.
pub(super) fn run_for(site: &FakeSite) -> (Run, Receiver<Event>) {
    flowstone_testkit::run("What is asked?", services_for(site.address()))
}

struct Says;

#[async_trait]
impl Runnable for Says {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        run.events.emit(Event::Token("heard by nobody".to_owned())).await;
        let sources = Some(vec![passage("one", json!({}))]);
        Ok(Output { source_documents: sources, ..Output::text(format!("You said {input}")) })
    }
}

struct Passages;

fn passage(text: &str, metadata: Value) -> Document {
    let Value::Object(metadata) = metadata else { panic!("metadata is an object") };
    Document { page_content: text.to_owned(), metadata, id: None }
}

#[async_trait]
impl Retriever for Passages {
    async fn retrieve(&self, _: &str, _: &Run) -> Result<Vec<Document>> {
        Ok(vec![
            passage("one", json!({"source": "a", "page": 1, "owner": "session"})),
            passage("two", json!({"source": "b", "page": 2.0, "tags": ["x", "y"]})),
        ])
    }
}

#[test]
fn names_are_such_that_models_accept_them() {
    for (name, expected) in [
        ("search handbook", "search_handbook"),
        ("  Größe-1 ", "Gr__e-1"),
        ("", "tool"),
        ("   ", "tool"),
    ] {
        assert_eq!(name_for_models(name, "tool"), expected);
    }
    assert_eq!(name_for_models(&"x".repeat(100), "tool").len(), 64);
}

#[tokio::test]
async fn a_chain_as_a_tool_says_its_answer_and_nothing_on_the_way() {
    let values = json!({"name": "c", "description": "d", "returnDirect": true});
    let mut form = form(&values);
    plug(&mut form, "baseChain", Capability::Runnable(Arc::new(Says)));
    let tool = tool(&ChainTool, &form).await;
    assert!(tool.returns_directly());
    let (run, receiver) = crate::testing::run("");
    let said = tool.call(json!({"input": "hi"}).as_object().unwrap(), &run).await.unwrap();
    assert_eq!(said.source_documents.len(), 1);
    let said = call(&tool, &json!({}), &run).await.unwrap_err().to_string();
    assert_eq!(said, "input must be a text. Call again.");
    drop(run);
    assert!(crate::testing::told(receiver).await.is_empty());
}

#[tokio::test]
async fn found_documents_are_kept_by_their_metadata() {
    let (run, _receiver) = crate::testing::run("b");
    run.state.set("page", json!(2));
    for (filter, expected) in [
        (json!({}), "one\n\ntwo"),
        (json!({"source": "a"}), "one"),
        (json!({"source": "$flow.input"}), "two"),
        (json!({"owner": "$flow.sessionId"}), "one"),
        (json!({"page": "$flow.state.page"}), "two"),
        (json!({"page": "$flow.state.unknown"}), ""),
        (json!({"page": {"$gte": 2}}), "two"),
        (json!({"source": {"$in": ["a", "z"]}}), "one"),
        (json!({"source": {"$nin": ["a"]}}), "two"),
        (json!({"tags": "y"}), "two"),
        (json!("{\"source\": \"b\", \"page\": 1}"), ""),
    ] {
        let values = json!({
            "name": "n", "description": "d", "returnSourceDocuments": true,
            "retrieverToolMetadataFilter": filter,
        });
        let mut form = form(&values);
        plug(&mut form, "retriever", Capability::Retriever(Arc::new(Passages)));
        let tool = tool(&RetrieverTool, &form).await;
        let said = tool.call(json!({"input": "q"}).as_object().unwrap(), &run).await.unwrap();
        assert_eq!(said.text, expected, "{filter}");
        let texts: Vec<_> = said.source_documents.iter().map(|it| &*it.page_content).collect();
        assert_eq!(texts.join("\n\n"), expected);
    }
    let mut form = form(&json!({
        "name": "n", "description": "d", "retrieverToolMetadataFilter": {"a": {"$like": "b"}},
    }));
    plug(&mut form, "retriever", Capability::Retriever(Arc::new(Passages)));
    let said = RetrieverTool.init(&form).await.err().unwrap().to_string();
    assert!(said.contains("there is no comparison $like"), "{said}");
}

#[tokio::test]
async fn a_path_takes_one_value_out_of_json() {
    let (run, _receiver) = crate::testing::run("");
    let json = r#"{"a": {"b c": [{"id": 1}, {"id": "x"}]}, "n": null}"#;
    for (path, expected) in [
        ("a['b c'][1].id", "x"),
        ("a[\"b c\"].0", r#"{"id":1}"#),
        ("$.a['b c'][*].id", r#"[1,"x"]"#),
        ("$..id", r#"[1,"x"]"#),
        ("$.a['b c'][?@.id == 1].id", "1"),
        ("n", "null"),
    ] {
        let tool = tool(&JsonPathExtractor, &form(&json!({"path": path}))).await;
        assert_eq!(call(&tool, &json!({"json": json}), &run).await.unwrap(), expected, "{path}");
    }
    for (json, said) in [
        (json!("{"), "the JSON cannot be read"),
        (json!([1, 2]), "There is nothing at a.b in [1,2]"),
    ] {
        let arguments = json!({"json": json});
        let strict = tool(&JsonPathExtractor, &form(&json!({"path": "a.b"}))).await;
        let error = call(&strict, &arguments, &run).await.unwrap_err().to_string();
        assert!(error.starts_with(said), "{error}");
        let values = json!({"path": "a.b", "returnNullOnError": true});
        let lenient = tool(&JsonPathExtractor, &form(&values)).await;
        assert_eq!(call(&lenient, &arguments, &run).await.unwrap(), "null");
    }
    assert!(refused(&JsonPathExtractor, &json!({"path": "$["})).await.starts_with("JSON Path: $["));
    assert!(refused(&JsonPathExtractor, &json!({"path": "."})).await.contains("items[0].id"));
}

#[tokio::test]
async fn another_flow_is_asked_in_the_same_conversation_or_a_new_one() {
    let ports = ports();
    let (run, _receiver) = flowstone_testkit::run("What is asked?", with_clients(ports.services()));
    let values = |more: Value| {
        let mut values = json!({"selectedChatflow": "other", "name": "a", "description": "d"});
        values.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        values
    };
    let asked = async |more: Value, arguments: Value| {
        let tool = tool(&ChatflowTool, &form(&values(more))).await;
        call(&tool, &arguments, &run).await.unwrap();
        ports.flows.asked().pop().unwrap()
    };
    let overrides = json!({"temperature": 0});
    let call = asked(json!({"overrideConfig": overrides}), json!({"input": "hi"})).await;
    assert_eq!((call.question.as_str(), call.chat_id.as_deref()), ("hi", Some("chat")));
    assert_eq!(Value::from(call.overrides), json!({"sessionId": "session", "temperature": 0}));

    let call = asked(json!({"startNewSession": true}), json!({"input": "hi"})).await;
    assert_eq!(call.chat_id, None);
    assert_ne!(call.overrides["sessionId"], "session");

    let call = asked(json!({"useQuestionFromChat": true, "customInput": "no"}), json!({})).await;
    assert_eq!(call.question, "What is asked?");
    let call = asked(json!({"customInput": "always this"}), json!({})).await;
    assert_eq!(call.question, "always this");
}

#[tokio::test]
async fn a_flow_cannot_ask_itself_and_the_lists_leave_it_out() {
    let values = json!({"selectedChatflow": "other", "name": "a", "description": "d"});
    let mut here = form(&values);
    here.services = with_clients(ports().services());
    here.workspace = "workspace".to_owned();
    here.flow_id = "other".to_owned();
    let said = ChatflowTool.init(&here).await.err().unwrap().to_string();
    assert_eq!(said, "Select Chatflow: a flow cannot ask itself: choose another one");
    let listed = ChatflowTool.options("listChatflows", &here).await.unwrap();
    let listed: Vec<_> = listed.iter().map(|it| (it.name.as_str(), it.label.as_str())).collect();
    assert_eq!(listed, [("agent", "Agent")]);
    here.flow_id = "flow".to_owned();
    let listed = AgentAsTool.options("listAgentflows", &here).await.unwrap();
    assert_eq!(listed.len(), 1);
    assert!(AgentAsTool.options("listChatflows", &here).await.is_err());
}

#[tokio::test]
async fn a_flow_of_another_installation_is_asked_over_http() {
    let answer =
        json!({"text": "from afar", "sourceDocuments": [{"pageContent": "p", "metadata": {}}]});
    let page = |status: u16, body: &Value| {
        SitePage::new("application/json", body.to_string()).status(status)
    };
    let site = FakeSite::start([
        ("/api/v1/prediction/far", page(200, &answer)),
        ("/api/v1/prediction/locked", page(401, &json!({"message": "Unauthorized Access"}))),
    ])
    .await;
    let services = services_over(ports().services(), site.address());
    let (run, _receiver) = flowstone_testkit::run("q", services);
    let ask = async |flow: &str| {
        let mut form = form(&json!({
            "selectedChatflow": flow, "name": "a", "description": "d", "baseURL": site.url("/"),
        }));
        form.credential = Some(credential(&[("chatflowApiKey", "k")]));
        let tool = tool(&ChatflowTool, &form).await;
        tool.call(json!({"input": "hi"}).as_object().unwrap(), &run).await
    };
    let said = ask("far").await.unwrap();
    assert_eq!((said.text.as_str(), said.source_documents.len()), ("from afar", 1));
    let sent = site.calls().pop().unwrap();
    assert_eq!(sent.headers["authorization"], "Bearer k");
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!((&body["question"], &body["chatId"]), (&json!("hi"), &json!("chat")));
    assert_eq!(body["overrideConfig"]["sessionId"], "session");
    let said = ask("locked").await.unwrap_err().to_string();
    assert_eq!(said, "401 Unauthorized Access");
    // A flow of this workspace is asked directly, whatever address the form holds.
    assert_eq!(ask("other").await.unwrap().text, "the other flow");
    assert_eq!(site.calls().len(), 2);
}

/// T07: whatever a model calls a file, it stays in the workspace's folder.
#[tokio::test]
async fn no_name_of_a_file_leads_out_of_the_workspace() {
    let ports = Ports::default();
    let (run, _receiver) = flowstone_testkit::run("", with_clients(ports.services()));
    let (reader, writer) = (
        tool(&ReadFile, &form(&json!({}))).await,
        tool(&WriteFile, &form(&json!({"workspacePath": "/etc"}))).await,
    );
    for name in [
        "../a.txt",
        "..",
        ".",
        "",
        "/etc/passwd",
        "..\\a.txt",
        "C:\\a.txt",
        "C:a.txt",
        "a/b.txt",
        "..%2fa.txt",
        "%2e%2e%2fa.txt",
        "a%00.txt",
        "a\0.txt",
        "..%5Ca",
        "\\\\host\\share\\a",
        ".flowstone",
        "%252e%252e",
        "\u{2024}\u{2024}/a",
    ] {
        let arguments = json!({"file_path": name, "text": "x"});
        let said = call(&writer, &arguments, &run).await;
        assert!(name.is_empty() || said.is_err(), "{name:?} was written");
        assert!(call(&reader, &arguments, &run).await.is_err() || name.is_empty(), "{name:?}");
    }
    assert!(ports.files.list(HERE).await.unwrap().iter().all(String::is_empty));
    let said = refused(&WriteFile, &json!({"enforceWorkspaceBoundaries": false})).await;
    assert!(said.starts_with("Enforce Workspace Boundaries: files outside"), "{said}");
}

#[tokio::test]
async fn files_are_bounded_in_size_and_kind() {
    let ports = Ports::default();
    let (run, _receiver) = flowstone_testkit::run("", with_clients(ports.services()));
    let values = json!({"maxFileSize": "0.00001", "allowedExtensions": "txt, .MD"});
    let (reader, writer) =
        (tool(&ReadFile, &form(&values)).await, tool(&WriteFile, &form(&values)).await);
    let write = async |name: &str, text: &str| {
        call(&writer, &json!({"file_path": name, "text": text}), &run).await
    };
    write("a.txt", "0123456789").await.unwrap();
    write("b.md", "").await.unwrap();
    let said = write("c.txt", "0123456789a").await.unwrap_err().to_string();
    assert_eq!(said, "\"c.txt\" is too large: at most 10 bytes are allowed");
    let said = write("c.json", "").await.unwrap_err().to_string();
    assert_eq!(said, "the name must end in one of these: .txt, .md");
    let free = tool(&WriteFile, &form(&json!({}))).await;
    let said = call(&free, &json!({"file_path": "c.SH", "text": ""}), &run).await.unwrap_err();
    assert_eq!(said.to_string(), "no files in .sh are written");
    let read = async |name: &str| call(&reader, &json!({"file_path": name}), &run).await;
    assert_eq!(read("a.txt").await.unwrap(), "0123456789");
    let said = read("z.txt").await.unwrap_err().to_string();
    assert_eq!(said, "There is no file \"z.txt\". The files are: a.txt, b.md");
    ports.files.write(HERE, "big.txt", vec![b'x'; 11]).await.unwrap();
    ports.files.write(HERE, "raw.txt", vec![0xff]).await.unwrap();
    assert!(read("big.txt").await.unwrap_err().to_string().contains("too large"));
    assert_eq!(read("raw.txt").await.unwrap_err().to_string(), "\"raw.txt\" holds no text");
}

#[tokio::test]
async fn an_answer_of_data_is_told_as_json() {
    let ports = Ports::default();
    let output = Output { answer: Answer::Json(json!({"a": 1})), ..Output::default() };
    let summary =
        FlowSummary { id: "data".to_owned(), name: "Data".to_owned(), kind: "CHATFLOW".to_owned() };
    ports.flows.store("workspace", summary, output);
    let (run, _receiver) = flowstone_testkit::run("", with_clients(ports.services()));
    let values = json!({"selectedChatflow": "data", "name": "", "description": "d"});
    assert_eq!(refused(&ChatflowTool, &values).await, "Tool Name is required");
    let values = json!({"selectedChatflow": "data", "name": "???", "description": "d"});
    let tool = tool(&ChatflowTool, &form(&values)).await;
    assert_eq!(call(&tool, &json!({"input": "x"}), &run).await.unwrap(), r#"{"a":1}"#);
}
