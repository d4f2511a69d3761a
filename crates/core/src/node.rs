//! The one trait that every node implements, and what it reads its inputs from.

mod from_input;

use std::{collections::HashMap, sync::Arc};

use async_trait::async_trait;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    Capability, Credential, Document, Error, Input, Result, Run, Services, Spec,
    spec::{Default as FieldDefault, Field},
};

pub use from_input::FromInput;

/// A kind of node.
#[async_trait]
pub trait Node: Send + Sync {
    /// What the canvas shows of it.
    fn spec(&self) -> &'static Spec;

    /// Builds what it gives to the nodes it is plugged into. Called once per flow, not per call,
    /// unless [`depends_on_run`](Self::depends_on_run) says otherwise.
    async fn init(&self, inputs: &Inputs) -> Result<Capability>;

    /// Whether `output` must be made anew for each call: true for nodes that hand on a value they
    /// compute from the question, such as a function or a chain's prediction.
    fn depends_on_run(&self, output: &str) -> bool {
        let _ = output;
        false
    }

    /// Whether its form, filled in as `values`, names something that only a call knows, in a row
    /// that the engine does not fill. Such a node is made anew for each call too.
    fn reads_run(&self, values: &Map<String, Value>) -> bool {
        let _ = values;
        false
    }

    /// The variable of the run that it sets when it is built. Such a node is built in every run,
    /// whether another needs it or not.
    fn sets_variable<'a>(&self, values: &'a Map<String, Value>) -> Option<VariableSet<'a>> {
        let _ = values;
        None
    }

    /// The variable of the run that it reads: it is built after all that set it.
    fn gets_variable<'a>(&self, values: &'a Map<String, Value>) -> Option<&'a str> {
        let _ = values;
        None
    }

    /// Whether a flow with this node, filled in as `values`, can tell its answer in pieces. False
    /// for a model switched to whole answers or an ending node that only knows its answer whole.
    fn streams(&self, values: &Map<String, Value>) -> bool {
        let _ = values;
        true
    }

    /// Whether a turn of it as a step of an agentflow stays inside the run: it calls nobody, costs
    /// nothing and is over at once, so that taking it again does no harm. Such turns may share a
    /// write with those behind them.
    fn stays_inside(&self) -> bool {
        false
    }

    /// Fills the drop-down whose row says `method`.
    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        let _ = inputs;
        Err(Error::Unsupported(format!("{} has no list {method}", self.spec().label)))
    }

    /// Writes the plugged-in documents to the store this node stands for.
    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        let _ = inputs;
        Err(Error::Unsupported(format!("{} does not keep documents", self.spec().label)))
    }

    /// Removes documents from the store this node stands for, as its record manager knows them.
    async fn remove(&self, inputs: &Inputs, which: &Removal) -> Result<()> {
        let _ = (inputs, which);
        Err(Error::Unsupported(format!("{} cannot remove documents", self.spec().label)))
    }
}

/// A variable of the run that a node sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VariableSet<'a> {
    /// Its name.
    pub name: &'a str,
    /// Whether the caller is told its value with the answer.
    pub is_told: bool,
}

/// One entry of a drop-down that a node fills.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// What the user reads.
    pub label: String,
    /// What the flow saves.
    pub name: String,
    /// One sentence under the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Where its picture is.
    #[serde(rename = "imageSrc", skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// What a model's vendor takes for a token read, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_cost: Option<f64>,
    /// What a model's vendor takes for a token written, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_cost: Option<f64>,
}

impl Entry {
    /// An entry that reads as `label` and is saved as `name`.
    pub fn new(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            name: name.into(),
            description: None,
            image: None,
            input_cost: None,
            output_cost: None,
        }
    }

    /// Adds a sentence under the label.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }
}

/// What an upsert wrote. Serialises to the answer of `POST /api/v1/vector/upsert/:id`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Upserted {
    /// Documents written.
    pub num_added: usize,
    /// Documents removed by a record manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_deleted: Option<usize>,
    /// Documents replaced by a record manager.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_updated: Option<usize>,
    /// Documents a record manager knew already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_skipped: Option<usize>,
    /// Documents that a record manager knows of now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_keys: Option<usize>,
    /// The documents written.
    pub added_docs: Vec<Document>,
}

/// Which documents to remove from a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Removal {
    /// All that the record manager knows.
    All,
    /// Those that came by one loader of a document store.
    Loader(String),
}

/// The saved form of one node in a flow, with its sockets filled.
#[derive(Clone)]
pub struct Inputs {
    /// Id of the node in its flow.
    pub node_id: String,
    /// Label of the node on the canvas.
    pub node_label: String,
    /// The workspace whose credentials and tools it may use.
    pub workspace: String,
    /// The flow it is part of, whose stored files it may read; empty outside of any flow.
    pub flow_id: String,
    /// Values typed into the form.
    pub values: Map<String, Value>,
    /// Nodes plugged into its sockets.
    pub plugged: HashMap<String, Vec<Capability>>,
    /// Decrypted credential; `None` where none is chosen.
    pub credential: Option<Credential>,
    /// Name of the chosen output; the node's own name where it has no choice.
    pub output: String,
    /// Clients and ports.
    pub services: Arc<Services>,
    /// The call it is built for; only nodes that depend on the run have one.
    pub run: Option<Run>,
}

impl Inputs {
    /// A form with nothing filled in, for tests and for listing options.
    pub fn empty(services: Arc<Services>) -> Self {
        Self {
            node_id: String::new(),
            node_label: String::new(),
            workspace: String::new(),
            flow_id: String::new(),
            values: Map::new(),
            plugged: HashMap::new(),
            credential: None,
            output: String::new(),
            services,
            run: None,
        }
    }

    /// Reads one input as its declared type.
    pub fn get<T: FromInput>(&self, input: &Input<T>) -> Result<T> {
        T::from_input(&input.field, self)
    }

    /// The node's credential.
    ///
    /// # Errors
    /// [`Error::Credential`] where none is chosen.
    pub fn credential(&self) -> Result<&Credential> {
        self.credential.as_ref().ok_or_else(|| {
            Error::Credential("no credential is chosen: choose or create one".to_owned())
        })
    }

    /// The call this node is built for.
    ///
    /// # Errors
    /// [`Error::Unsupported`] outside of a call, such as while documents are upserted.
    pub fn run(&self) -> Result<&Run> {
        self.run.as_ref().ok_or_else(|| {
            Error::Unsupported(format!("{} only works while a question is asked", self.node_label))
        })
    }

    /// The value a flow saved, else the default.
    ///
    /// A row that a flow never saw takes its default. An optional row that was emptied stays empty
    /// (the user chose that); a required one falls back to its default.
    pub fn value(&self, field: &Field) -> Option<Value> {
        match self.values.get(field.name) {
            Some(Value::Null) => None,
            Some(Value::String(text)) if text.is_empty() => {
                if field.optional && !matches!(field.default, FieldDefault::Flag(_)) {
                    return None;
                }
                field.default.to_value().filter(|it| it != "")
            }
            Some(value) => Some(value.clone()),
            None => field.default.to_value().filter(|it| it != ""),
        }
    }

    fn sockets(&self, field: &Field) -> &[Capability] {
        self.plugged.get(field.name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VectorStore;
    use crate::services::{
        Chats, Credentials, CustomTool, CustomTools, DocumentStoreSummary, DocumentStores,
        FilePlace, Files, FlowCall, FlowSummary, Flows,
    };

    struct Nothing;

    #[async_trait]
    impl Chats for Nothing {
        async fn history(
            &self,
            _: &str,
            _: &str,
            _: &str,
            _: Option<u64>,
        ) -> Result<Vec<crate::Message>> {
            Ok(Vec::new())
        }
    }

    #[async_trait]
    impl Credentials for Nothing {
        async fn reveal(&self, _: &str, _: &str) -> Result<Credential> {
            Ok(Credential::default())
        }
        async fn update(&self, _: &str, _: &str, _: Map<String, Value>) -> Result<()> {
            Ok(())
        }
    }

    #[async_trait]
    impl CustomTools for Nothing {
        async fn list(&self, _: &str) -> Result<Vec<CustomTool>> {
            Ok(Vec::new())
        }
        async fn get(&self, _: &str, _: &str) -> Result<Option<CustomTool>> {
            Ok(None)
        }
    }

    #[async_trait]
    impl Files for Nothing {
        async fn read(&self, _: FilePlace<'_>, name: &str) -> Result<Vec<u8>> {
            Err(Error::Unsupported(format!("there is no file {name}")))
        }
        async fn write(&self, _: FilePlace<'_>, _: &str, _: Vec<u8>) -> Result<()> {
            Ok(())
        }
        async fn list(&self, _: FilePlace<'_>) -> Result<Vec<String>> {
            Ok(Vec::new())
        }
        async fn remove(&self, _: FilePlace<'_>, _: &str) -> Result<()> {
            Ok(())
        }
        async fn remove_all(&self, _: FilePlace<'_>) -> Result<()> {
            Ok(())
        }
    }

    #[async_trait]
    impl Flows for Nothing {
        async fn list(&self, _: &str) -> Result<Vec<FlowSummary>> {
            Ok(Vec::new())
        }
        async fn ask(&self, _: &crate::Run, call: FlowCall) -> Result<crate::Output> {
            Err(Error::Unsupported(format!("there is no flow {}", call.flow_id)))
        }
    }

    #[async_trait]
    impl DocumentStores for Nothing {
        async fn list(&self, _: &str) -> Result<Vec<DocumentStoreSummary>> {
            Ok(Vec::new())
        }
        async fn documents(&self, _: &str, id: &str) -> Result<Vec<Document>> {
            Err(Error::Unsupported(format!("there is no store {id}")))
        }
        async fn vector_store(&self, _: &str, id: &str) -> Result<Arc<dyn VectorStore>> {
            Err(Error::Unsupported(format!("there is no store {id}")))
        }
    }

    fn inputs(values: &Value) -> Inputs {
        let nothing = Arc::new(Nothing);
        let services = Services::new(
            nothing.clone(),
            nothing.clone(),
            nothing.clone(),
            nothing.clone(),
            nothing.clone(),
            nothing,
        );
        let mut inputs = Inputs::empty(Arc::new(services));
        inputs.values = values.as_object().cloned().unwrap_or_default();
        inputs
    }

    const TEMPERATURE: Input<Option<f64>> =
        Input::number("Temperature", "temperature").default(0.9).optional();
    const SIZE: Input<u64> = Input::whole("Size", "k").default(4);
    const STREAMING: Input<bool> = Input::flag("Streaming", "streaming").default(true);
    const OPTIONS: Input<Value> = Input::json("Base Options", "baseOptions");

    #[test]
    fn a_row_the_flow_never_saw_takes_its_default() {
        let form = inputs(&serde_json::json!({}));
        assert_eq!(form.get(&TEMPERATURE).ok().flatten(), Some(0.9));
        assert_eq!(form.get(&SIZE).ok(), Some(4));
        assert_eq!(form.get(&STREAMING).ok(), Some(true));
    }

    #[test]
    fn an_emptied_row_stays_empty_only_where_it_may() {
        let form = inputs(&serde_json::json!({"temperature": "", "k": "", "streaming": ""}));
        assert_eq!(form.get(&TEMPERATURE).ok().flatten(), None);
        assert_eq!(form.get(&SIZE).ok(), Some(4));
        assert_eq!(form.get(&STREAMING).ok(), Some(true));
    }

    #[test]
    fn numbers_and_switches_are_read_from_text_too() {
        let form =
            inputs(&serde_json::json!({"temperature": " 0.2 ", "k": 7, "streaming": "false"}));
        assert_eq!(form.get(&TEMPERATURE).ok().flatten(), Some(0.2));
        assert_eq!(form.get(&SIZE).ok(), Some(7));
        assert_eq!(form.get(&STREAMING).ok(), Some(false));
    }

    #[test]
    fn a_bad_value_is_reported_by_the_label_of_its_row() {
        let form = inputs(&serde_json::json!({"temperature": "hot", "k": 1.5, "baseOptions": "{"}));
        let said = |result: Result<()>| result.err().map(|it| it.to_string()).unwrap_or_default();
        assert_eq!(said(form.get(&TEMPERATURE).map(drop)), "Temperature: \"hot\" is not a number");
        assert_eq!(
            said(form.get(&SIZE).map(drop)),
            "Size: 1.5 is not a whole number of zero or more"
        );
        assert!(said(form.get(&OPTIONS).map(drop)).starts_with("Base Options: this is not valid"));
        assert_eq!(
            said(inputs(&serde_json::json!({})).get(&OPTIONS).map(drop)),
            "Base Options is required"
        );
    }
}
