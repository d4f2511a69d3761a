//! The flow as one of its steps sees it: other kinds of nodes, built for the step.

use std::collections::HashMap;

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Inputs, Node, Result, Run, Spec, step::FlowView};
use serde_json::{Map, Value};

use super::{Walk, envelope::FallbackModel, spending::Meter};
use crate::{label, trace::At};

/// The flow as one of its steps sees it.
pub(super) struct View<'a> {
    pub(super) walk: &'a Walk<'a>,
    pub(super) run: &'a Run,
    /// The step that looks.
    pub(super) id: &'a str,
    /// Its label on the canvas.
    pub(super) label: &'a str,
    /// Counts what models spend.
    pub(super) meter: &'a Meter,
    /// Stands in for the chosen model.
    pub(super) instead: Option<&'a FallbackModel>,
}

/// The base class of nodes that are chat models.
const MODEL: &str = "BaseChatModel";

#[async_trait]
impl FlowView for View<'_> {
    async fn build(&self, name: &str, config: &Map<String, Value>) -> Result<Capability> {
        self.built(name, config, HashMap::new()).await
    }

    async fn build_with(
        &self,
        name: &str,
        config: &Map<String, Value>,
        plugged: (&str, Capability),
    ) -> Result<Capability> {
        let (socket, capability) = plugged;
        self.built(name, config, HashMap::from([(socket.to_owned(), vec![capability])])).await
    }

    fn spec(&self, name: &str) -> Option<&'static Spec> {
        self.walk.catalog.get(name).map(Node::spec)
    }

    fn node_label(&self, id: &str) -> Option<&str> {
        self.walk.graph.label(id)
    }
}

impl View<'_> {
    async fn built(
        &self,
        name: &str,
        config: &Map<String, Value>,
        plugged: HashMap<String, Vec<Capability>>,
    ) -> Result<Capability> {
        let find = |name: &str| {
            self.walk.catalog.get(name).ok_or_else(|| {
                Error::Unsupported(format!("there is no node \"{name}\" in this installation"))
            })
        };
        let chosen = find(name)?;
        let is_model = chosen.spec().base_classes.contains(&MODEL);
        let (node, config) = match self.instead.filter(|_| is_model) {
            Some(instead) => (find(&instead.name)?, &instead.config),
            None => (chosen, config),
        };
        let chosen = ["FLOWISE_CREDENTIAL_ID", "credential"]
            .iter()
            .find_map(|row| config.get(*row).and_then(Value::as_str).filter(|it| !it.is_empty()));
        let credential = match chosen {
            Some(id) if node.spec().credential.is_some() => {
                Some(self.run.services.credentials.reveal(&self.run.workspace, id).await?)
            }
            _ => None,
        };
        let inputs = Inputs {
            node_label: node.spec().label.to_owned(),
            workspace: self.run.workspace.clone(),
            flow_id: self.run.flow_id.clone(),
            values: config.clone(),
            plugged,
            credential,
            output: node.spec().name.to_owned(),
            run: Some(self.run.clone()),
            ..Inputs::empty(self.run.services.clone())
        };
        let built = node.init(&inputs).await.map_err(|it| it.at(self.label))?;
        let built = self.meter.watch(built, node.spec().name);
        let (id, label) = (self.id.to_owned(), self.label.to_owned());
        Ok(label::wrap(built, At { id, label, name: node.spec().name }))
    }
}
