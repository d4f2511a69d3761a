//! A chain that answers with what it was asked, and a model that needs a key: enough for a catalog.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, CredentialSpec, Error, Field, Inputs, Node, Output, Result, Run, Runnable,
    Spec, node::Entry, spec::CredentialSlot,
};

/// The nodes of the tests.
pub(crate) const NODES: &[&dyn Node] = &[&Echo, &Keyed];

/// The kinds of credentials of the tests.
pub(crate) static CREDENTIALS: &[&CredentialSpec] = &[&CredentialSpec {
    label: "Toy API",
    name: "toyApi",
    version: 1.0,
    description: None,
    icon: "toy.svg",
    inputs: &[
        Field::new("Toy Key", "toyKey", "password"),
        Field::new("Address", "address", "string"),
    ],
}];

struct Echo;

#[async_trait]
impl Node for Echo {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Echo",
            name: "echo",
            kind: "Echo",
            icon: "toy.svg",
            category: "Chains",
            description: "Answers with the question",
            base_classes: &["Echo", "BaseChain"],
            inputs: &[Field::new("Model", "model", "ToyModel")],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Runnable(Arc::new(Self)))
    }
}

#[async_trait]
impl Runnable for Echo {
    async fn run(&self, input: &str, _: &Run) -> Result<Output> {
        Ok(Output::text(input))
    }
}

struct Keyed;

#[async_trait]
impl Node for Keyed {
    fn spec(&self) -> &'static Spec {
        static INPUTS: &[Field] = &[
            Field {
                load_method: Some("listModels"),
                ..Field::new("Model", "modelName", "asyncOptions")
            },
            Field {
                options: &[Choice::plain("low"), Choice::plain("high")],
                ..Field::new("Effort", "effort", "options")
            },
            Field::new("Proxy Password", "proxyPassword", "password"),
        ];
        static SPEC: Spec = Spec {
            label: "Toy Model",
            name: "toyModel",
            version: 2.5,
            kind: "ToyModel",
            icon: "toy.svg",
            category: "Chat Models",
            description: "Needs a key",
            base_classes: &["ToyModel"],
            credential: Some(CredentialSlot::required(&["toyApi"])),
            inputs: INPUTS,
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let key = inputs.credential()?.require("toyKey", "Toy Key")?;
        Ok(Capability::Value(key.len().into()))
    }

    /// The list tells whether a key came with the question.
    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listModels" {
            return Err(Error::Unsupported(format!("no list {method}")));
        }
        let name = if inputs.credential.is_some() { "with-key" } else { "without-key" };
        Ok(vec![Entry {
            label: name.to_owned(),
            name: name.to_owned(),
            description: None,
            input_cost: None,
            output_cost: None,
        }])
    }
}
