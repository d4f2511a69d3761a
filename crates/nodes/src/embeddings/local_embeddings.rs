//! Embedding models that run in this process, without a key and without another server.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Embeddings, Error, Input, Inputs, Node, Result, Spec, node::Entry,
};
use flowstone_local_models::{LocalModels, catalog, catalog::Kind};

use crate::local_models;

const MODEL: Input<String> = Input::async_options("Model Name", "modelName", "listModels")
    .default(catalog::EMBEDDING_MODEL)
    .describe("A built-in embedding model");

static SPEC: Spec = Spec {
    label: "Built-in Embeddings",
    name: "localEmbeddings",
    version: 1.0,
    kind: "LocalEmbeddings",
    icon: "local-model.svg",
    category: "Embeddings",
    description: "Turns text into vectors inside Flowstone: no key, no other server, and nothing \
                  leaves the machine",
    base_classes: &["LocalEmbeddings", "Embeddings"],
    inputs: &[MODEL.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct LocalEmbeddings;

#[async_trait]
impl Node for LocalEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Embeddings(Arc::new(Model {
            models: inputs.services.get::<LocalModels>()?,
            name: inputs.get(&MODEL)?,
        })))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        match method {
            "listModels" => local_models::entries(inputs, Kind::Embeddings),
            other => Err(Error::Unsupported(format!("{} has no list {other}", SPEC.label))),
        }
    }
}

struct Model {
    models: Arc<LocalModels>,
    name: String,
}

#[async_trait]
impl Embeddings for Model {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let vectors = self.models.embed(&self.name, texts.to_vec()).await;
        vectors.map_err(|error| local_models::failure(&error))
    }
}
