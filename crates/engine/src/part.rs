//! Single nodes outside of any flow, filled in as a form saved them and plugged with what is given.

use std::{collections::HashMap, sync::Arc};

use flowstone_core::{
    Capability, Inputs, Node, Services,
    node::{Removal, Upserted},
    services::Remarks,
};
use serde_json::{Map, Value};

use crate::{Engine, Error, Result, label, trace::At};

/// A node as a form saved it.
pub struct Part<'a> {
    /// Its name.
    pub name: &'a str,
    /// What stands in its form, with the id of its credential under `credential` or
    /// `FLOWISE_CREDENTIAL_ID`.
    pub values: &'a Map<String, Value>,
    /// Which of its outputs is meant; its own where that is empty.
    pub output: &'a str,
    /// What is plugged into its sockets.
    pub plugged: HashMap<String, Vec<Capability>>,
    /// The workspace whose credentials and files it may use.
    pub workspace: &'a str,
    /// The flow, or the document store, whose files it may read.
    pub home: &'a str,
}

impl Engine {
    /// Builds a node.
    ///
    /// # Errors
    /// What is wrong with it, by its label.
    pub async fn build_part(&self, part: Part<'_>) -> Result<Capability> {
        self.build_part_heard(part).await.map(|it| it.0)
    }

    /// The same with what the node left out and why, each in a sentence.
    ///
    /// # Errors
    /// As for [`build_part`](Self::build_part).
    pub async fn build_part_heard(&self, part: Part<'_>) -> Result<(Capability, Vec<String>)> {
        let (node, mut inputs) = self.inputs_of(part).await?;
        let remarks = Arc::new(Remarks::default());
        let services = Services::clone(&inputs.services).with(remarks.clone());
        inputs.services = Arc::new(services);
        let label = node.spec().label;
        let capability = node.init(&inputs).await.map_err(|it| it.at(label))?;
        let name = node.spec().name;
        let at = At { id: String::new(), label: label.to_owned(), name };
        Ok((label::wrap(capability, at), remarks.all()))
    }

    /// Lets a vector store write the documents that are plugged into it.
    ///
    /// # Errors
    /// As for [`build_part`](Self::build_part).
    pub async fn upsert_part(&self, part: Part<'_>) -> Result<Upserted> {
        let (node, inputs) = self.inputs_of(part).await?;
        Ok(node.upsert(&inputs).await.map_err(|it| it.at(node.spec().label))?)
    }

    /// Lets a vector store remove documents.
    ///
    /// # Errors
    /// As for [`build_part`](Self::build_part).
    pub async fn remove_part(&self, part: Part<'_>, which: &Removal) -> Result<()> {
        let (node, inputs) = self.inputs_of(part).await?;
        Ok(node.remove(&inputs, which).await.map_err(|it| it.at(node.spec().label))?)
    }

    async fn inputs_of(&self, part: Part<'_>) -> Result<(&'static dyn Node, Inputs)> {
        let name = part.name;
        let unknown = || Error::UnknownNode { label: name.to_owned(), name: name.to_owned() };
        let node = self.catalog().get(name).ok_or_else(unknown)?;
        let spec = node.spec();
        let chosen = ["credential", "FLOWISE_CREDENTIAL_ID"].iter().find_map(|key| {
            part.values.get(*key).and_then(Value::as_str).filter(|it| !it.is_empty())
        });
        let credential = match chosen.filter(|_| spec.credential.is_some()) {
            Some(id) => {
                let revealed = self.services().credentials.reveal(part.workspace, id).await;
                Some(revealed.map_err(|it| it.at(spec.label))?)
            }
            None => None,
        };
        let output = if part.output.is_empty() { spec.name } else { part.output };
        let inputs = Inputs {
            node_id: format!("{}_0", spec.name),
            node_label: spec.label.to_owned(),
            workspace: part.workspace.to_owned(),
            flow_id: part.home.to_owned(),
            values: part.values.clone(),
            plugged: part.plugged,
            credential,
            output: output.to_owned(),
            services: self.services().clone(),
            run: None,
        };
        Ok((node, inputs))
    }
}
