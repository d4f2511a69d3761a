//! The built-in models as nodes: the contract of every chat model and every embedding model.

use std::sync::Arc;

use flowstone_core::{Capability, Inputs};
use flowstone_local_models::{LocalModels, Settings};
use flowstone_testkit::contract;
use serde_json::{Value, json};

/// The folder of the built-in models.
#[expect(clippy::disallowed_methods, reason = "the tests get their models by this variable only")]
pub(crate) fn models_folder() -> String {
    std::env::var("FLOWSTONE_MODELS_DIR").unwrap_or_else(|_| {
        panic!("FLOWSTONE_MODELS_DIR is not set: run `make test`, or `make models` and set it to the models folder")
    })
}

/// What a node of the catalog hands on for a form filled in with `values`.
async fn made(name: &str, values: Value) -> Capability {
    let models = Arc::new(LocalModels::new(Settings::new(models_folder())));
    let mut form = Inputs::empty(Arc::new(flowstone_testkit::services().with(models)));
    form.values = values.as_object().cloned().unwrap();
    let node = flowstone_nodes::ALL.iter().find(|it| it.spec().name == name).unwrap();
    node.init(&form).await.unwrap()
}

#[tokio::test]
async fn the_chat_model_keeps_the_contract() {
    let values = json!({"temperature": 0, "maxTokens": 12, "streaming": true});
    let Capability::ChatModel(model) = made("chatLocal", values).await else { panic!("no model") };
    contract::chat_model::answers(model.as_ref(), true).await;
}

#[tokio::test]
async fn the_embedding_model_keeps_the_contract() {
    let made = made("localEmbeddings", json!({})).await;
    let Capability::Embeddings(model) = made else { panic!("no embeddings") };
    contract::embeddings::suite(model.as_ref()).await;
}
