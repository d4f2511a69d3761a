//! Steps that call something: agents with their tools, tools, addresses, other flows.

use std::sync::Arc;

use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Credential, Document, Embeddings, Error, Events,
    FilePlace, Hosted, HostedFile, HumanAnswer, MetadataFilter, Next, Node, Output, Result, Run,
    Spec, Tool, ToolResult, ToolSpec, UsedTool, VectorStore, services::FlowSummary,
};
use flowstone_testkit::{BagOfWords, FakeSite, Ports, Reply, ScriptedModel, SitePage, StepBench};
use insta::assert_json_snapshot;
use serde_json::{Map, Value, json};

use super::{
    agent::Agent,
    condition_agent::ConditionAgent,
    execute_flow::ExecuteFlow,
    http::Http,
    tests::{bench, failed, recorded, refused, step},
    tool::ToolCall,
};
use crate::{
    testing::{calling, form, services, with_clients},
    tools::calculator::Evaluator,
};

static CALCULATOR: Spec = Spec { label: "Calculator", name: "calculator", ..Spec::EMPTY };
static NOTES: Spec = Spec { label: "Notes", name: "notes", ..Spec::EMPTY };
static VECTORS: Spec = Spec { label: "Bag of Words", name: "bag", ..Spec::EMPTY };

fn with_calculator(question: &str, model: &Arc<ScriptedModel>) -> StepBench {
    let mut bench = bench(question, model);
    bench.flow.with(&CALCULATOR, Capability::Tool(Arc::new(Evaluator::new())));
    bench.label = "Math Agent".to_owned();
    bench
}

fn agent(asks: bool) -> Value {
    json!({
        "agentModel": "scripted", "agentEnableMemory": true, "agentMessages": "",
        "agentTools": [{
            "agentSelectedTool": "calculator", "agentSelectedToolConfig": {"a": 1},
            "agentSelectedToolRequiresHumanInput": asks,
        }],
        "agentUpdateState": [{"key": "sum", "value": "{{ output }}"}],
    })
}

const CALL: &str = "calc [[tool:calculator {\"input\":\"6*7\"}]]";

#[tokio::test]
async fn an_agent_calls_tools_until_it_answers() {
    let working = step(&Agent, &agent(false)).await;
    let bench = with_calculator(CALL, &ScriptedModel::new());
    assert_json_snapshot!("agent", recorded(working.as_ref(), bench).await);
}

#[tokio::test]
async fn an_agent_inside_a_flow_tells_its_calls_alone() {
    let working = step(&Agent, &agent(false)).await;
    let mut bench = with_calculator(CALL, &ScriptedModel::new());
    bench.speaks = false;
    let shown = recorded(working.as_ref(), bench).await;
    let call = json!({"tool": "calculator", "toolInput": {"input": "6*7"}, "toolOutput": ""});
    assert_eq!(shown["told"], json!([{"event": "calledTools", "data": [call]}]));
}

/// The record of an agent that waits for a person.
async fn waiting() -> Value {
    let working = step(&Agent, &agent(true)).await;
    let bench = with_calculator(CALL, &ScriptedModel::new());
    recorded(working.as_ref(), bench).await
}

#[tokio::test]
async fn a_person_is_asked_before_a_tool_runs() {
    assert_json_snapshot!("agent_pause", waiting().await);
    let working = step(&Agent, &agent(true)).await;
    let mut inside = with_calculator(CALL, &ScriptedModel::new());
    inside.inside_iteration = true;
    let (taken, _) = inside.take(working.as_ref()).await;
    assert_eq!(taken.unwrap().next, Next::Onward, "nobody can be asked inside a list");
}

fn answer(kind: &str, feedback: Option<&str>) -> HumanAnswer {
    let feedback = feedback.map(str::to_owned);
    HumanAnswer { kind: kind.to_owned(), start_node_id: None, feedback }
}

#[tokio::test]
async fn what_a_person_agreed_to_runs() {
    let working = step(&Agent, &agent(true)).await;
    let model = ScriptedModel::new();
    let mut bench = with_calculator("", &model);
    bench.waited = Some(waiting().await);
    bench.answer = Some(answer("proceed", None));
    let shown = recorded(working.as_ref(), bench).await;
    let asked = &model.requests()[0].messages;
    assert_eq!(asked[1].text, "", "the sentence to the person was not the model's");
    assert_eq!(asked[2].text, "42");
    assert_json_snapshot!("agent_resume", shown);
}

#[tokio::test]
async fn what_a_person_refused_does_not_run() {
    let working = step(&Agent, &agent(true)).await;
    let model = ScriptedModel::new();
    let mut bench = with_calculator("", &model);
    bench.waited = Some(waiting().await);
    bench.answer = Some(answer("reject", Some("Do it in your head")));
    let shown = recorded(working.as_ref(), bench).await;
    let asked = &model.requests()[0];
    assert!(asked.tools.is_empty() && asked.messages.len() == 2);
    assert_eq!(shown["output"]["content"], "Mock reply to: Do it in your head");
    assert!(shown["output"].get("usedTools").is_none());
}

#[tokio::test]
async fn an_agent_says_what_is_wrong() {
    let working = step(&Agent, &agent(false)).await;
    // The model errs: it is told, and answers.
    let model = ScriptedModel::with([
        Reply::tool_calls(&[("abacus", "{}")]),
        Reply::tool_calls(&[("calculator", "{")]),
        Reply::text("Sorry"),
    ]);
    let shown = recorded(working.as_ref(), with_calculator("hi", &model)).await;
    let used = &shown["output"]["usedTools"];
    assert_eq!(used[0]["error"], "There is no tool abacus. The tools are: calculator");
    assert!(used[1]["error"].as_str().unwrap().contains("not valid JSON"));
    // The tool fails: so does the step.
    let failing = json!({
        "agentModel": "scripted", "agentTools": [{"agentSelectedTool": "notes"}],
    });
    let working = step(&Agent, &failing).await;
    let mut bench = bench("[[tool:note {}]]", &ScriptedModel::new());
    bench.flow.with(&NOTES, Capability::Tools(vec![Arc::new(Note::new())]));
    assert_eq!(failed(working.as_ref(), bench).await, "Node 0, tool note: the notes are full");
    let twice = json!({
        "agentModel": "scripted",
        "agentTools": [{"agentSelectedTool": "calculator"}, {"agentSelectedTool": "calculator"}],
    });
    // Vendors refuse two tools of one name: the second gets another.
    let model = ScriptedModel::with([
        Reply::tool_calls(&[("calculator_2", "{\"input\":\"1+1\"}")]),
        Reply::text("Two"),
    ]);
    let working = step(&Agent, &twice).await;
    let shown = recorded(working.as_ref(), with_calculator("hi", &model)).await;
    assert_eq!(shown["output"]["usedTools"][0]["tool"], "calculator_2");
    let names: Vec<_> = model.requests()[0].tools.iter().map(|it| it.name.clone()).collect();
    assert_eq!(names, ["calculator", "calculator_2"]);
    let endless = (0..60).map(|_| Reply::tool_calls(&[("calculator", "{\"input\":\"1\"}")]));
    let model = ScriptedModel::with(endless);
    let working = step(&Agent, &agent(false)).await;
    let said = failed(working.as_ref(), with_calculator("hi", &model)).await;
    assert!(said.contains("50 times in a row"), "{said}");
}

/// A model whose vendor has run code that made files.
struct Interpreting;

#[async_trait::async_trait]
impl ChatModel for Interpreting {
    fn provider(&self) -> &'static str {
        "toy"
    }
    fn model(&self) -> &'static str {
        "toy"
    }
    async fn chat(&self, request: &ChatRequest, _: &Events) -> Result<ChatReply> {
        let names: Vec<_> = request.hosted.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["code_interpreter", "image_generation"]);
        let file = |name: &str, link: Option<&str>| HostedFile {
            name: name.to_owned(),
            base64: "YSxi".to_owned(),
            link: link.map(str::to_owned),
        };
        let used = UsedTool { tool: "code_interpreter".to_owned(), ..UsedTool::default() };
        Ok(ChatReply {
            text: "See [it](sandbox:/mnt/data/t able.csv).".to_owned(),
            hosted: Hosted {
                used: vec![used],
                files: vec![
                    file("t able.csv", Some("sandbox:/mnt/data/t able.csv")),
                    file("image-1.png", None),
                ],
            },
            ..ChatReply::default()
        })
    }
}

#[tokio::test]
async fn files_of_tools_at_the_vendor_are_kept_and_named_where_they_are() {
    static OPENAI: Spec =
        Spec { label: "ChatOpenAI", name: "chatOpenAI", category: "Chat Models", ..Spec::EMPTY };
    let values = json!({
        "agentModel": "chatOpenAI",
        "agentToolsBuiltInOpenAI": "[\"code_interpreter\",\"image_generation\"]",
        // Of a model that was chosen before.
        "agentToolsBuiltInGemini": "[\"googleSearch\"]",
    });
    let working = step(&Agent, &values).await;
    let mut bench = bench("hi", &ScriptedModel::new());
    bench.flow.with(&OPENAI, Capability::ChatModel(Arc::new(Interpreting)));
    let files = bench.run.services.files.clone();
    let place = (bench.run.workspace.clone(), bench.run.flow_id.clone(), bench.run.chat_id.clone());
    let shown = recorded(working.as_ref(), bench).await;
    let output = &shown["output"];
    assert_eq!(output["usedTools"][0]["tool"], "code_interpreter");
    let told = output["fileAnnotations"][0].clone();
    let address = told["filePath"].as_str().unwrap();
    assert!(address.starts_with("/api/v1/get-upload-file?chatflowId="), "{address}");
    assert_eq!(told["fileName"], "t able.csv");
    assert_eq!(output["content"], format!("See [it]({address})."));
    let picture = output["artifacts"][0]["data"].as_str().unwrap();
    assert!(picture.starts_with("FILE-STORAGE::") && picture.ends_with("-image-1.png"));
    let (workspace, flow, chat) = (&*place.0, &*place.1, &*place.2);
    let place = FilePlace::Chat { workspace, flow, chat };
    let name = address.rsplit('=').next().unwrap();
    assert_eq!(files.read(place, name).await.unwrap(), b"a,b");
    assert!(name.ends_with("-t_able.csv"), "{name}");
}

struct Note(ToolSpec);

impl Note {
    fn new() -> Self {
        Self(ToolSpec {
            name: "note".to_owned(),
            description: "notes".to_owned(),
            parameters: json!({"type": "object", "properties": {}}),
        })
    }
}

#[async_trait::async_trait]
impl Tool for Note {
    fn spec(&self) -> &ToolSpec {
        &self.0
    }
    async fn call(&self, _: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
        Err(Error::Unsupported("the notes are full".to_owned()))
    }
}

#[tokio::test]
async fn an_agent_puts_its_answer_into_a_form() {
    let mut values = agent(false);
    values["agentStructuredOutput"] = json!([{"key": "sum", "type": "number", "description": ""}]);
    let working = step(&Agent, &values).await;
    let bench = with_calculator(CALL, &ScriptedModel::new());
    let shown = recorded(working.as_ref(), bench).await;
    assert_eq!(shown["output"]["sum"], 42);
    let told: Vec<&Value> = shown["told"].as_array().unwrap().iter().collect();
    let events: Vec<&str> = told.iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["calledTools", "token", "usedTools"]);
    assert_eq!(told[1]["data"], "{\n  \"sum\": 42\n}");
}

/// Finds the one thing it knows.
struct Bag;

#[async_trait::async_trait]
impl VectorStore for Bag {
    async fn add(&self, _: &[Document]) -> Result<Vec<String>> {
        Ok(Vec::new())
    }
    async fn search_among(
        &self,
        query: &str,
        _: usize,
        _: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        let page_content = format!("all about {query}");
        Ok(vec![(Document { page_content, ..Document::default() }, 1.0)])
    }
    async fn delete(&self, _: &[String]) -> Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_agent_looks_things_up() {
    let knowledge = json!({
        "vectorStore": "bag", "vectorStoreConfig": {}, "embeddingModel": "notes",
        "knowledgeName": "Delivery Terms", "knowledgeDescription": "How we deliver",
        "returnSourceDocuments": true,
    });
    let values = json!({"agentModel": "scripted", "agentKnowledgeVSEmbeddings": [knowledge]});
    let working = step(&Agent, &values).await;
    let mut bench = bench("[[tool:delivery_terms {\"input\":\"boats\"}]]", &ScriptedModel::new());
    let embeddings: Arc<dyn Embeddings> = Arc::new(BagOfWords);
    bench.flow.with(&NOTES, Capability::Embeddings(embeddings));
    bench.flow.with(&VECTORS, Capability::VectorStore(Arc::new(Bag)));
    let shown = recorded(working.as_ref(), bench).await;
    assert_eq!(shown["output"]["sourceDocuments"][0]["pageContent"], "all about boats");
    assert_eq!(shown["output"]["content"], "Tool said: all about boats");
    let node = &shown["output"]["availableTools"][0]["toolNode"];
    assert_eq!(*node, json!({"label": "Bag of Words", "name": "bag"}));
}

#[tokio::test]
async fn a_tool_is_called_with_arguments_of_the_form() {
    let values = json!({
        "toolAgentflowSelectedTool": "calculator",
        "toolInputArgs": [{"inputArgName": "input", "inputArgValue": "8*8"}],
        "toolUpdateState": [{"key": "k", "value": "{{ output }}"}],
    });
    let calling = step(&ToolCall, &values).await;
    let bench = with_calculator("", &ScriptedModel::new());
    assert_json_snapshot!("tool", recorded(calling.as_ref(), bench).await);
    let calling = step(&ToolCall, &json!({"toolAgentflowSelectedTool": "calculator"})).await;
    let said = failed(calling.as_ref(), with_calculator("", &ScriptedModel::new())).await;
    assert_eq!(said, "Tool Input Arguments: The arguments lack input.");
}

#[tokio::test]
async fn a_tool_that_fails_fails_its_node() {
    let calling = step(&ToolCall, &json!({"toolAgentflowSelectedTool": "notes"})).await;
    let mut bench = StepBench::new("", services());
    bench.flow.with(&NOTES, Capability::Tools(vec![Arc::new(Note::new())]));
    assert_eq!(failed(calling.as_ref(), bench).await, "the notes are full");
}

#[tokio::test]
async fn a_model_chooses_the_way() {
    let values = json!({
        "conditionAgentModel": "scripted", "conditionAgentInstructions": "Route it",
        "conditionAgentInput": "add numbers",
        "conditionAgentScenarios": [
            {"scenario": "User asks about math"}, {"scenario": "Anything else"},
        ],
    });
    let deciding = step(&ConditionAgent, &values).await;
    let model =
        ScriptedModel::with([Reply::text("```json\n{\"output\":\"User asks about math\"}\n```")]);
    assert_json_snapshot!("condition_agent", recorded(deciding.as_ref(), bench("q", &model)).await);
    let system = &model.requests()[0].messages[0].text;
    assert!(system.starts_with("You sort what comes in."), "{system}");
    let model = ScriptedModel::with([Reply::text("{\"output\":\"The weather\"}")]);
    let (taken, _) = bench("q", &model).take(deciding.as_ref()).await;
    assert_eq!(taken.unwrap().next, Next::Ways(vec![1]), "the last way is for the rest");
    let model = ScriptedModel::with([Reply::text("Math, I think")]);
    let said = failed(deciding.as_ref(), bench("q", &model)).await;
    assert!(said.contains("did not name a scenario") && said.contains("Math, I think"), "{said}");
}

#[tokio::test]
async fn another_flow_is_asked() {
    let ports = Ports::default();
    let flow = FlowSummary { id: "b".into(), name: "B".into(), kind: "CHATFLOW".into() };
    ports.flows.store("workspace", flow, Output::text("Hi Bob"));
    let services = with_clients(ports.services());
    let values = json!({
        "executeFlowSelectedFlow": "b", "executeFlowInput": "Bob",
        "executeFlowOverrideConfig": "{temperature: 1}",
    });
    let asking = step(&ExecuteFlow, &values).await;
    let bench = StepBench::new("q", services.clone());
    assert_json_snapshot!("execute_flow", recorded(asking.as_ref(), bench).await);
    let call = &ports.flows.asked()[0];
    assert_eq!(json!(call.overrides), json!({"temperature": 1, "sessionId": "session"}));
    assert_eq!(call.chat_id.as_deref(), Some("chat"));
    let values = json!({
        "executeFlowSelectedFlow": "b", "executeFlowInput": "x", "executeFlowOverrideConfig": "[1]",
    });
    assert!(refused(&ExecuteFlow, &values).await.contains("a JSON object is expected"));
}

#[tokio::test]
async fn a_flow_that_asks_itself_or_none_fails_at_its_node() {
    let services = with_clients(Ports::default().services());
    for (id, expected) in [("flow", "a flow cannot ask itself"), ("c", "there is no flow c")] {
        let values = json!({"executeFlowSelectedFlow": id, "executeFlowInput": "x"});
        let asking = step(&ExecuteFlow, &values).await;
        let said = failed(asking.as_ref(), StepBench::new("q", services.clone())).await;
        assert!(said.contains(expected), "{said}");
    }
}

async fn site(path: &str, body: &'static str) -> FakeSite {
    FakeSite::start([(path, SitePage::new("application/json", body))]).await
}

fn http(site: &FakeSite, values: &Value) -> Value {
    let mut all = json!({"method": "POST", "url": site.url("/orders"), "responseType": "json"});
    all.as_object_mut().unwrap().extend(values.as_object().cloned().unwrap());
    all
}

async fn called(site: &FakeSite, values: &Value) -> Value {
    let calls = step(&Http, &http(site, values)).await;
    let bench = StepBench::new("q", calling(&[site.address()]));
    recorded(calls.as_ref(), bench).await
}

#[tokio::test]
async fn an_address_is_called() {
    let site = site("/orders?q=a+b", r#"{"ok":true}"#).await;
    let shown = called(
        &site,
        &json!({
            "headers": [{"key": "x-test", "value": "abc"}, {"key": "", "value": "x"}],
            "queryParams": [{"key": "q", "value": "a b"}],
            "bodyType": "json", "body": "{msg: 'ping',}",
        }),
    )
    .await;
    assert_eq!(shown["output"]["http"]["data"], json!({"ok": true}));
    assert_eq!(shown["output"]["http"]["status"], 200);
    assert_eq!(shown["output"]["http"]["statusText"], "OK");
    assert_eq!(shown["input"]["http"]["body"], "{msg: 'ping',}");
    let call = site.calls().pop().unwrap();
    assert_eq!((call.method.as_str(), call.path.as_str()), ("POST", "/orders?q=a+b"));
    assert_eq!(call.headers["x-test"], "abc");
    assert_eq!(call.body, "{\"msg\":\"ping\"}");
}

#[tokio::test]
async fn bodies_are_sent_as_they_are_chosen() {
    let site = site("/orders", "1").await;
    let pairs = json!([{"key": "a", "value": "1 & 2"}]);
    called(&site, &json!({"bodyType": "xWwwFormUrlencoded", "body": pairs})).await;
    called(&site, &json!({"bodyType": "formData", "body": pairs})).await;
    called(&site, &json!({"bodyType": "raw", "body": "as it is"})).await;
    called(&site, &json!({"method": "GET", "bodyType": "raw", "body": "x"})).await;
    let bodies: Vec<String> = site.calls().into_iter().map(|it| it.body).collect();
    assert_eq!(bodies[0], "a=1+%26+2");
    assert!(bodies[1].contains("form-data; name=\"a\"\r\n\r\n1 & 2\r\n"), "{}", bodies[1]);
    assert_eq!((&*bodies[2], &*bodies[3]), ("as it is", ""));
    let said = refused(
        &Http,
        &json!({"url": "http://x", "method": "POST", "bodyType": "json", "body": "{"}),
    )
    .await;
    assert!(said.starts_with("Body: this is not valid JSON"), "{said}");
}

#[tokio::test]
async fn answers_are_read_as_they_are_chosen() {
    let site = site("/orders", r#"{"a":1}"#).await;
    for (kind, expected) in [
        ("json", json!({"a": 1})),
        ("text", json!("{\"a\":1}")),
        ("base64", json!("eyJhIjoxfQ==")),
        ("arraybuffer", json!({"type": "Buffer", "data": b"{\"a\":1}".to_vec()})),
    ] {
        let shown = called(&site, &json!({"responseType": kind})).await;
        assert_eq!(shown["output"]["http"]["data"], expected);
    }
    let shown = called(&site, &json!({"url": site.url("/gone")})).await;
    assert_eq!(shown["output"]["http"]["status"], 404, "any answer is one");
}

#[tokio::test]
async fn a_call_proves_who_calls() {
    let site = site("/orders", "1").await;
    for (fields, header, expected) in [
        (
            vec![("basicAuthUsername", "me"), ("basicAuthPassword", "pw")],
            "authorization",
            "Basic bWU6cHc=",
        ),
        (vec![("token", "t")], "authorization", "Bearer t"),
        (vec![("key", "x-key"), ("value", "v")], "x-key", "v"),
    ] {
        let mut inputs = form(&http(&site, &json!({})));
        let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        inputs.credential = Some(Credential::new(fields.collect()));
        let Ok(Capability::Step(calls)) = Http.init(&inputs).await else { panic!("no step") };
        let bench = StepBench::new("q", calling(&[site.address()]));
        recorded(calls.as_ref(), bench).await;
        assert_eq!(site.calls().pop().unwrap().headers[header], expected);
    }
}

#[tokio::test]
async fn an_address_that_may_not_be_called_is_refused() {
    let calls = step(&Http, &json!({"url": "http://169.254.169.254/latest"})).await;
    let said = failed(calls.as_ref(), StepBench::new("q", calling(&[]))).await;
    assert!(said.contains("169.254.169.254"), "{said}");
    let calls = step(&Http, &json!({"url": "file:///etc/passwd"})).await;
    let said = failed(calls.as_ref(), StepBench::new("q", calling(&[]))).await;
    assert!(said.starts_with("URL: an address such as"), "{said}");
    let own = json!({"url": "http://x", "headers": [{"key": "Host", "value": "y"}]});
    assert!(refused(&Http, &own).await.starts_with("Headers: Host is set by the call itself"));
}
