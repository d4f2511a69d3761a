//! The engine with toy nodes: order, circles, reuse, what differs from call to call.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Error as NodeError, Events, Input, Inputs,
    Message, Node, Output, Result as NodeResult, Run, Runnable, Spec, node::VariableSet,
    spec::Output as Socket,
};
use serde_json::{Map, Value, json};

use crate::{CallFile, Catalog, Engine, Error, FlowSource, OverrideGate, Overrides};

static BUILDS: AtomicUsize = AtomicUsize::new(0);

const NAME: Input<Option<String>> = Input::text("Name", "name").optional();
const BADGE: Input<Option<String>> = Input::file("Badge", "badge", ".txt,.md").optional();
const FLAKY: Input<bool> = Input::flag("Fails", "fails");

static MODEL: Spec = Spec {
    name: "toyModel",
    label: "Toy Model",
    version: 2.1,
    category: "Chat Models",
    base_classes: &["BaseChatModel"],
    inputs: &[NAME.field, BADGE.field, FLAKY.field],
    ..Spec::EMPTY
};

struct ToyModel;

struct Named(String, bool);

#[async_trait]
impl Node for ToyModel {
    fn spec(&self) -> &'static Spec {
        &MODEL
    }
    async fn init(&self, inputs: &Inputs) -> NodeResult<Capability> {
        BUILDS.fetch_add(1, Ordering::SeqCst);
        let name = inputs.get(&NAME)?.or(inputs.get(&BADGE)?).unwrap_or_default();
        if name == "unbuildable" {
            return Err(NodeError::Credential("no credential is chosen".to_owned()));
        }
        Ok(Capability::ChatModel(Arc::new(Named(name, inputs.get(&FLAKY)?))))
    }
    fn streams(&self, values: &Map<String, Value>) -> bool {
        values.get("streaming") != Some(&Value::Bool(false))
    }
}

#[async_trait]
impl ChatModel for Named {
    fn provider(&self) -> &'static str {
        "toy"
    }
    fn model(&self) -> &str {
        &self.0
    }
    async fn chat(&self, request: &ChatRequest, _: &Events) -> NodeResult<ChatReply> {
        if self.1 {
            return Err(NodeError::Provider { status: 503, message: "asleep".to_owned() });
        }
        let asked = request.messages.last().map(|it| it.text.clone()).unwrap_or_default();
        Ok(ChatReply { text: format!("{}: {asked}", self.0), ..ChatReply::default() })
    }
}

const GREETING: Input<Option<String>> =
    Input::text("Greeting", "greeting").optional().accepts_variables();
const MODEL_SOCKET: Input<Arc<dyn ChatModel>> = Input::socket("Model", "model", "BaseChatModel");

static CHAIN: Spec = Spec {
    name: "toyChain",
    label: "Toy Chain",
    category: "Chains",
    base_classes: &["BaseChain"],
    inputs: &[MODEL_SOCKET.field, GREETING.field],
    ..Spec::EMPTY
};

struct ToyChain;

struct Greeter(Arc<dyn ChatModel>, String);

#[async_trait]
impl Node for ToyChain {
    fn spec(&self) -> &'static Spec {
        &CHAIN
    }
    async fn init(&self, inputs: &Inputs) -> NodeResult<Capability> {
        let greeting = inputs.get(&GREETING)?.unwrap_or_default();
        Ok(Capability::Runnable(Arc::new(Greeter(inputs.get(&MODEL_SOCKET)?, greeting))))
    }
}

#[async_trait]
impl Runnable for Greeter {
    async fn run(&self, input: &str, run: &Run) -> NodeResult<Output> {
        let request = ChatRequest::new(vec![Message::user(format!("{}{input}", self.1))]);
        Ok(Output::text(self.0.chat(&request, &run.events).await?.text))
    }
}

static VALUE: Spec = Spec {
    name: "toyValue",
    label: "Toy Value",
    category: "Utilities",
    base_classes: &["string"],
    inputs: &[],
    ..Spec::EMPTY
};

/// Hands on the question, so it must be made anew for each call.
struct ToyValue;

#[async_trait]
impl Node for ToyValue {
    fn spec(&self) -> &'static Spec {
        &VALUE
    }
    async fn init(&self, inputs: &Inputs) -> NodeResult<Capability> {
        Ok(Capability::Value(json!({"asked": inputs.run()?.question})))
    }
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
}

static FORK: Spec = Spec {
    name: "toyFork",
    label: "Toy Fork",
    category: "Utilities",
    base_classes: &["Utilities"],
    anchors: &[way("long"), way("short")],
    ..Spec::EMPTY
};

const fn way(name: &'static str) -> Socket {
    Socket { label: name, name, base_classes: &["string"], description: None }
}

/// Goes on by the length of the question.
struct ToyFork;

#[async_trait]
impl Node for ToyFork {
    fn spec(&self) -> &'static Spec {
        &FORK
    }
    async fn init(&self, inputs: &Inputs) -> NodeResult<Capability> {
        let question = inputs.run()?.question.clone();
        let output = if question.len() > 3 { "long" } else { "short" };
        Ok(Capability::Chosen { output, value: json!(question.to_uppercase()) })
    }
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
}

const VALUES: Input<Vec<Value>> = {
    let mut it = Input::of("Values", "values", "text");
    it.field.list = true;
    it
};

static KEEPER: Spec = Spec {
    name: "toyKeeper",
    label: "Toy Keeper",
    category: "Utilities",
    base_classes: &["string"],
    inputs: &[NAME.field, VALUES.field],
    ..Spec::EMPTY
};

static TELLER: Spec = Spec {
    name: "toyTeller",
    label: "Toy Teller",
    category: "Utilities",
    base_classes: &["string"],
    inputs: &[NAME.field],
    ..Spec::EMPTY
};

/// Keeps what is plugged in under a name.
struct ToyKeeper;

/// Hands on what is kept under a name.
struct ToyTeller;

#[async_trait]
impl Node for ToyKeeper {
    fn spec(&self) -> &'static Spec {
        &KEEPER
    }
    async fn init(&self, inputs: &Inputs) -> NodeResult<Capability> {
        let value = Value::Array(inputs.get(&VALUES)?);
        let name = inputs.get(&NAME)?.unwrap_or_default();
        inputs.run()?.state.set(&name, value.clone());
        Ok(Capability::Value(value))
    }
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
    fn sets_variable<'a>(&self, values: &'a Map<String, Value>) -> Option<VariableSet<'a>> {
        let name = values.get("name")?.as_str()?;
        Some(VariableSet { name, is_told: values.contains_key("told") })
    }
}

#[async_trait]
impl Node for ToyTeller {
    fn spec(&self) -> &'static Spec {
        &TELLER
    }
    async fn init(&self, inputs: &Inputs) -> NodeResult<Capability> {
        let name = inputs.get(&NAME)?.unwrap_or_default();
        Ok(Capability::Value(inputs.run()?.state.get(&name).unwrap_or_default()))
    }
    fn depends_on_run(&self, _: &str) -> bool {
        true
    }
    fn gets_variable<'a>(&self, values: &'a Map<String, Value>) -> Option<&'a str> {
        values.get("name")?.as_str()
    }
}

fn engine() -> Engine {
    let nodes: &[&'static dyn Node] =
        &[&ToyModel, &ToyChain, &ToyValue, &ToyFork, &ToyKeeper, &ToyTeller];
    let catalog = Catalog::new(nodes, &HashSet::new()).with_aliases(&[("formerModel", "toyModel")]);
    Engine::new(catalog, Arc::new(flowstone_testkit::services()))
}

fn node(id: &str, name: &str, label: &str, inputs: Value) -> Value {
    json!({"id": id, "data": {"name": name, "label": label, "inputs": inputs}})
}

fn wire(source: &str, output: &str, target: &str, row: &str) -> Value {
    let mut edge = edge(source, target, row);
    edge["sourceHandle"] = json!(format!("{source}-output-{output}-string"));
    edge
}

fn edge(source: &str, target: &str, row: &str) -> Value {
    json!({"source": source, "target": target, "targetHandle": format!("{target}-input-{row}-X")})
}

/// A model wired to a chain; `greeting` is the chain's row.
fn flow(model: Value, greeting: &str) -> Value {
    let chain = json!({"model": "{{m_0.data.instance}}", "greeting": greeting});
    json!({
        "nodes": [node("m_0", "toyModel", "My Model", model), node("c_0", "toyChain", "My Chain", chain)],
        "edges": [edge("m_0", "c_0", "model")]
    })
}

fn source<'a>(id: &'a str, data: &'a str) -> FlowSource<'a> {
    FlowSource { id, revision: 1, workspace: "w", data }
}

fn call(engine: &Engine, question: &str) -> Run {
    Run {
        workspace: "w".to_owned(),
        flow_id: "f".to_owned(),
        chat_id: "chat".to_owned(),
        session_id: "session".to_owned(),
        question: question.to_owned(),
        variables: json!({"who": "you"}).as_object().cloned().unwrap_or_default(),
        ..Run::new(engine.services().clone())
    }
}

async fn answer(flow: &Value, question: &str) -> Result<String, Error> {
    let engine = engine();
    let data = flow.to_string();
    let prepared = engine.prepare(source("f", &data), None).await?;
    let output = engine.run(&prepared, &call(&engine, question)).await?;
    Ok(output.answer.to_text())
}

async fn refusal(flow: &Value) -> String {
    answer(flow, "q").await.unwrap_err().to_string()
}

#[tokio::test]
async fn a_chain_answers_through_its_model() {
    let flow = flow(json!({"name": "Ada"}), "");
    assert_eq!(answer(&flow, "hi").await.unwrap(), "Ada: hi");
}

#[tokio::test]
async fn a_wire_counts_where_the_row_saved_nothing() {
    let mut flow = flow(json!({"name": "Ada"}), "");
    flow["nodes"][1]["data"]["inputs"]["model"] = json!("");
    assert_eq!(answer(&flow, "hi").await.unwrap(), "Ada: hi");
}

#[tokio::test]
async fn fields_are_filled_from_the_call() {
    let greeting = "{{$vars.who}}/{{$flow.sessionId}}/{{question}}/";
    assert_eq!(answer(&flow(json!({}), greeting), "hi").await.unwrap(), ": you/session/hi/hi");
}

#[tokio::test]
async fn a_value_made_for_the_call_is_made_for_each_call() {
    let mut flow = flow(json!({}), "{{v_0.data.instance.asked}}|");
    flow["nodes"].as_array_mut().unwrap().push(node("v_0", "toyValue", "Value", json!({})));
    let engine = engine();
    let data = flow.to_string();
    let prepared = engine.prepare(source("f", &data), None).await.unwrap();
    let built: HashMap<&str, bool> = prepared.built_once();
    assert_eq!(built, HashMap::from([("m_0", true), ("c_0", false), ("v_0", false)]));
    for question in ["one", "two"] {
        let output = engine.run(&prepared, &call(&engine, question)).await.unwrap();
        assert_eq!(output.answer.to_text(), format!(": {question}|{question}"));
    }
}

#[tokio::test]
async fn a_prepared_flow_is_reused_until_its_revision_changes() {
    let engine = engine();
    let data = flow(json!({"name": "x"}), "").to_string();
    let first = engine.prepare(source("f", &data), None).await.unwrap();
    // The second text cannot even be read: it is not looked at.
    let again = engine.prepare(source("f", "not a flow"), None).await.unwrap();
    assert!(Arc::ptr_eq(&first, &again));
    let changed = FlowSource { revision: 2, ..source("f", &data) };
    assert!(!Arc::ptr_eq(&first, &engine.prepare(changed, None).await.unwrap()));
}

#[tokio::test]
async fn callers_at_the_same_time_share_one_build() {
    let engine = Arc::new(engine());
    let data: Arc<str> = flow(json!({"name": "shared"}), "").to_string().into();
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let (engine, data) = (engine.clone(), data.clone());
        callers.spawn(async move { engine.prepare(source("shared", &data), None).await.unwrap() });
    }
    let prepared = callers.join_all().await;
    assert!(prepared.windows(2).all(|pair| Arc::ptr_eq(&pair[0], &pair[1])));
}

#[tokio::test]
async fn an_override_prepares_its_own_and_leaves_the_shared_one() {
    let engine = engine();
    let data = flow(json!({"name": "saved"}), "").to_string();
    let rows = json!({"overrideConfig": {"status": true,
        "nodes": {"My Model": [{"name": "name", "enabled": true}]}}});
    let gate = OverrideGate::parse(Some(&rows.to_string()));
    let config = json!({"name": "other"}).as_object().cloned().unwrap();
    let overrides = Overrides { gate: &gate, config: &config, files: &[] };
    for (overrides, expected) in
        [(None, "saved: q"), (Some(&overrides), "other: q"), (None, "saved: q")]
    {
        let prepared = engine.prepare(source("f", &data), overrides).await.unwrap();
        let output = engine.run(&prepared, &call(&engine, "q")).await.unwrap();
        assert_eq!(output.answer.to_text(), expected);
    }
}

#[tokio::test]
async fn a_file_reaches_the_rows_that_take_its_kind_and_only_if_allowed() {
    let engine = engine();
    let data = flow(json!({}), "").to_string();
    let file = |name: &str| CallFile { name: name.to_owned(), data: "data:,Eve".to_owned() };
    let rows = |enabled: bool| {
        let rows = json!([{"name": "badge", "enabled": enabled}]);
        json!({"overrideConfig": {"status": true, "nodes": {"My Model": rows}}}).to_string()
    };
    let table = [(true, "a.TXT", "data:,Eve: q"), (true, "a.pdf", ": q"), (false, "a.txt", ": q")];
    for (enabled, name, expected) in table {
        let gate = OverrideGate::parse(Some(&rows(enabled)));
        let files = [file(name)];
        let overrides = Overrides { gate: &gate, config: &Map::new(), files: &files };
        let prepared = engine.prepare(source(name, &data), Some(&overrides)).await.unwrap();
        let output = engine.run(&prepared, &call(&engine, "q")).await.unwrap();
        assert_eq!(output.answer.to_text(), expected);
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_label() {
    let good = || flow(json!({}), "");
    let mut unknown = good();
    unknown["nodes"][0]["data"]["name"] = json!("quantumModel");
    assert_eq!(
        refusal(&unknown).await,
        "My Model: there is no node \"quantumModel\" in this installation"
    );
    let mut newer = good();
    newer["nodes"][0]["data"]["version"] = json!(3);
    assert!(refusal(&newer).await.starts_with("My Model: saved with version 3"));
    let mut older = good();
    older["nodes"][0]["data"]["version"] = json!("2.9");
    assert!(answer(&older, "q").await.is_ok());
    let mut missing = good();
    missing["nodes"][1]["data"]["inputs"]["model"] = json!("{{gone_0.data.instance}}");
    assert_eq!(
        refusal(&missing).await,
        "My Chain: \"Model\" refers to a node that is not in the flow (gone_0)"
    );
    let mut unplugged = good();
    unplugged["nodes"][1]["data"]["inputs"]["model"] = json!("");
    unplugged["edges"] = json!([]);
    assert_eq!(refusal(&unplugged).await, "My Chain: Model is required");
    let wrong = flow(json!({"fails": "perhaps"}), "");
    assert_eq!(refusal(&wrong).await, "My Model: Fails: \"perhaps\" is neither true nor false");
    let credential = flow(json!({"name": "unbuildable"}), "");
    assert_eq!(refusal(&credential).await, "My Model: no credential is chosen");
    assert!(
        refusal(&json!({"nodes": [], "edges": []})).await.starts_with("the flow has no ending")
    );
}

#[tokio::test]
async fn a_failure_in_a_model_names_the_model() {
    assert_eq!(refusal(&flow(json!({"fails": true}), "")).await, "My Model: 503 asleep");
}

#[tokio::test]
async fn a_node_runs_under_its_former_name_whatever_its_version_was() {
    let mut flow = flow(json!({"name": "Ada"}), "");
    flow["nodes"][0]["data"]["name"] = json!("formerModel");
    flow["nodes"][0]["data"]["version"] = json!(9);
    assert_eq!(answer(&flow, "hi").await.unwrap(), "Ada: hi");
    assert!(engine().catalog().all().iter().all(|it| it.spec().name != "formerModel"));
}

/// A fork whose two ways lead to a chain each.
fn forked() -> Value {
    let chain = |greeting: &str| {
        json!({"model": "{{m_0.data.instance}}",
            "greeting": format!("{greeting} {{{{f_0.data.instance}}}} ")})
    };
    json!({
        "nodes": [
            node("m_0", "toyModel", "Model", json!({"name": "Ada"})),
            node("f_0", "toyFork", "Fork", json!({})),
            node("l_0", "toyChain", "Long", chain("long")),
            node("s_0", "toyChain", "Short", chain("short"))
        ],
        "edges": [
            edge("m_0", "l_0", "model"), wire("f_0", "long", "l_0", "greeting"),
            edge("m_0", "s_0", "model"), wire("f_0", "short", "s_0", "greeting")
        ]
    })
}

#[tokio::test]
async fn a_fork_goes_on_by_one_of_its_ways() {
    assert_eq!(answer(&forked(), "hey").await.unwrap(), "Ada: short HEY hey");
    assert_eq!(answer(&forked(), "hello").await.unwrap(), "Ada: long HELLO hello");
}

#[tokio::test]
async fn a_way_that_leads_nowhere_is_told() {
    let mut flow = forked();
    flow["nodes"].as_array_mut().unwrap().pop();
    flow["edges"].as_array_mut().unwrap().truncate(2);
    assert_eq!(answer(&flow, "hello").await.unwrap(), "Ada: long HELLO hello");
    let said = refusal(&flow).await;
    assert!(said.starts_with("the way that was taken at a fork leads to no ending"), "{said}");
}

#[tokio::test]
async fn ways_meet_again_in_a_row_that_takes_several() {
    let mut flow = flow(json!({"name": "Ada"}), "{{k_0.data.instance}} ");
    let nodes = flow["nodes"].as_array_mut().unwrap();
    nodes.push(node("f_0", "toyFork", "Fork", json!({})));
    nodes.push(node("a_0", "toyKeeper", "A", json!({"name": "a"})));
    nodes.push(node("b_0", "toyKeeper", "B", json!({"name": "b"})));
    nodes.push(node("k_0", "toyKeeper", "K", json!({"name": "k"})));
    let edges = flow["edges"].as_array_mut().unwrap();
    edges.push(wire("f_0", "long", "a_0", "values"));
    edges.push(wire("f_0", "short", "b_0", "values"));
    edges.push(edge("a_0", "k_0", "values"));
    edges.push(edge("b_0", "k_0", "values"));
    edges.push(edge("k_0", "c_0", "greeting"));
    assert_eq!(answer(&flow, "hey").await.unwrap(), r#"Ada: [["HEY"]] hey"#);
}

#[tokio::test]
async fn a_variable_is_set_before_it_is_read_and_told_with_the_answer() {
    let mut flow = flow(json!({"name": "Ada"}), "{{t_0.data.instance}} ");
    let broken = json!({"name": "z", "values": "{{gone.data.instance}}"});
    let nodes = flow["nodes"].as_array_mut().unwrap();
    nodes.push(node("t_0", "toyTeller", "Teller", json!({"name": "x"})));
    nodes.push(node("v_0", "toyValue", "Value", json!({})));
    nodes.push(node("k_0", "toyKeeper", "Keeper", json!({"name": "x"})));
    nodes.push(node("o_0", "toyKeeper", "Other", json!({"name": "y", "told": true})));
    nodes.push(node("n_0", "toyKeeper", "Broken", broken));
    let edges = flow["edges"].as_array_mut().unwrap();
    edges.push(edge("v_0", "k_0", "values"));
    edges.push(edge("v_0", "o_0", "values"));
    let engine = engine();
    let data = flow.to_string();
    let prepared = engine.prepare(source("f", &data), None).await.unwrap();
    for question in ["one", "two"] {
        let output = engine.run(&prepared, &call(&engine, question)).await.unwrap();
        let asked = format!(r#"[{{"asked":"{question}"}}]"#);
        assert_eq!(output.answer.to_text(), format!("Ada: {asked} {question}"));
        assert_eq!(Value::from(output.flow_variables), json!({"y": [{"asked": question}]}));
    }
}

#[tokio::test]
async fn a_circle_is_told_by_its_labels() {
    let chain = |other: &str| json!({"model": format!("{{{{{other}.data.instance}}}}")});
    let circle = json!({
        "nodes": [node("a", "toyChain", "First", chain("b")), node("b", "toyChain", "Second", chain("a"))],
        "edges": [edge("a", "b", "model"), edge("b", "a", "model")]
    });
    let message = refusal(&circle).await;
    assert_eq!(message, "these nodes need each other in a circle: First → Second → First");
}

#[tokio::test]
async fn a_broken_corner_that_nothing_needs_does_no_harm() {
    let mut flow = flow(json!({"name": "Ada"}), "");
    flow["nodes"].as_array_mut().unwrap().push(node("x", "unknownThing", "Draft", json!({})));
    assert_eq!(answer(&flow, "hi").await.unwrap(), "Ada: hi");
}

#[tokio::test]
async fn a_model_that_does_not_stream_makes_the_flow_answer_whole() {
    let engine = engine();
    for (streaming, expected) in [(json!(true), true), (json!(false), false), (json!(""), true)] {
        let data = flow(json!({"streaming": streaming}), "").to_string();
        let plan = engine.plan(source(&format!("f{streaming}"), &data)).await.unwrap();
        assert_eq!(plan.streams(), expected);
    }
}
