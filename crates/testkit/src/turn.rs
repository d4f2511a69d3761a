//! A turn of an agentflow to try steps with.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Event, Events, FlowView, HumanAnswer, Result, Run, Services, Spec, Step,
    Taken, Turn,
};
use serde_json::{Map, Value};
use tokio::sync::mpsc::Receiver;

use crate::transcript;

/// A place in an agentflow where a step has its turn. It is the last of its path and called
/// `Node 0`, until a test says otherwise.
pub struct StepBench {
    /// The call.
    pub run: Run,
    /// Whether the step's words are an answer.
    pub speaks: bool,
    /// Label of the node on the canvas.
    pub label: String,
    /// The flow's state.
    pub state: Map<String, Value>,
    /// Earlier turns of the conversation.
    pub past: Vec<Value>,
    /// What the nodes of the run said so far.
    pub said: Vec<Value>,
    /// What was filled into the flow's form.
    pub form: Option<Map<String, Value>>,
    /// The request that started the run.
    pub webhook: Option<Value>,
    /// What a person answered.
    pub answer: Option<HumanAnswer>,
    /// The record of the turn that waited.
    pub waited: Option<Value>,
    /// How often the node has sent the run back.
    pub jumps: u32,
    /// Whether it runs once per entry of a list.
    pub inside_iteration: bool,
    /// The flow around it.
    pub flow: FakeFlow,
    receiver: Receiver<Event>,
}

impl StepBench {
    /// A turn in a run that asks `question`.
    pub fn new(question: &str, services: Arc<Services>) -> Self {
        let (run, receiver) = crate::run(question, services);
        let events = run.events.without_start();
        Self {
            run: Run { events, ..run },
            speaks: true,
            label: "Node 0".to_owned(),
            state: Map::new(),
            past: Vec::new(),
            said: Vec::new(),
            form: None,
            webhook: None,
            answer: None,
            waited: None,
            jumps: 0,
            inside_iteration: false,
            flow: FakeFlow::default(),
            receiver,
        }
    }

    /// Lets the step have its turn: what came of it, and what was told.
    pub async fn take(self, step: &dyn Step) -> (Result<Taken>, Vec<Event>) {
        let (_, nobody) = Events::channel();
        let mut bench = self;
        let told = transcript::collect(std::mem::replace(&mut bench.receiver, nobody));
        let taking = async move {
            // Owned here, so that what is told ends with the turn.
            let bench = bench;
            let tells = bench.run.events.clone();
            let silenced = bench.run.silenced();
            let turn = Turn {
                run: if bench.speaks { &bench.run } else { &silenced },
                tells: &tells,
                speaks: bench.speaks,
                node_id: "node_0",
                node_label: &bench.label,
                state: &bench.state,
                past: &bench.past,
                said: &bench.said,
                form: bench.form.as_ref(),
                webhook: bench.webhook.as_ref(),
                answer: bench.answer.as_ref(),
                waited: bench.waited.as_ref(),
                jumps: bench.jumps,
                inside_iteration: bench.inside_iteration,
                flow: &bench.flow,
            };
            step.take(&turn).await
        };
        futures::future::join(taking, told).await
    }
}

/// A flow that has what a test put into it.
#[derive(Default)]
pub struct FakeFlow {
    nodes: HashMap<String, (&'static Spec, Capability)>,
    labels: HashMap<String, String>,
    built: Mutex<Vec<(String, Map<String, Value>)>>,
}

impl FakeFlow {
    /// Adds the kind of node `spec`, which is built as `capability`.
    pub fn with(&mut self, spec: &'static Spec, capability: Capability) -> &mut Self {
        self.nodes.insert(spec.name.to_owned(), (spec, capability));
        self
    }

    /// Adds a node that can be gone back to.
    pub fn label(&mut self, id: &str, label: &str) -> &mut Self {
        self.labels.insert(id.to_owned(), label.to_owned());
        self
    }

    /// What was built so far, and how it was filled in.
    pub fn built(&self) -> Vec<(String, Map<String, Value>)> {
        self.built.lock().unwrap().clone()
    }
}

#[async_trait]
impl FlowView for FakeFlow {
    async fn build(&self, name: &str, config: &Map<String, Value>) -> Result<Capability> {
        self.built.lock().unwrap().push((name.to_owned(), config.clone()));
        let found = self.nodes.get(name).map(|(_, capability)| capability.clone());
        found.ok_or_else(|| Error::Unsupported(format!("there is no node {name}")))
    }

    async fn build_with(
        &self,
        name: &str,
        config: &Map<String, Value>,
        _: (&str, Capability),
    ) -> Result<Capability> {
        self.build(name, config).await
    }

    fn spec(&self, name: &str) -> Option<&'static Spec> {
        self.nodes.get(name).map(|(spec, _)| *spec)
    }

    fn node_label(&self, id: &str) -> Option<&str> {
        self.labels.get(id).map(String::as_str)
    }
}
