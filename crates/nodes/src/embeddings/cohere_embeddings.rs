//! Embedding models of Cohere.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    cohere::{ADDRESS, Embeddings},
};

use crate::models::{self, Kind};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("embed-english-v2.0");
const TYPE: Input<Option<String>> = Input::options(
    "Type",
    "inputType",
    &[
        Choice::plain("search_document"),
        Choice::plain("search_query"),
        Choice::plain("classification"),
        Choice::plain("clustering"),
    ],
)
.default("search_query")
.describe(
    "What the vectors are for. With search_document, questions are embedded as search_query; \
     otherwise documents and questions are embedded alike",
)
.optional();

static SPEC: Spec = Spec {
    label: "Cohere Embedding",
    name: "cohereEmbeddings",
    version: 3.0,
    kind: "CohereEmbeddings",
    icon: "cohere.svg",
    category: "Embeddings",
    description: "Turns text into vectors with Cohere",
    base_classes: &["CohereEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["cohereApi"])),
    inputs: &[MODEL.field, TYPE.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CohereEmbeddings;

#[async_trait]
impl Node for CohereEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Embeddings(Arc::new(embeddings(inputs, ADDRESS)?)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, SPEC.name, method)
    }
}

/// The model at an address.
pub(crate) fn embeddings(inputs: &Inputs, address: &str) -> Result<Embeddings> {
    Ok(Embeddings {
        http: inputs.services.get::<HttpClient>()?,
        address: address.to_owned(),
        key: inputs.credential()?.require("cohereApiKey", "Cohere Api Key")?.to_owned(),
        model: inputs.get(&MODEL)?,
        input_type: inputs.get(&TYPE)?.unwrap_or_else(|| "search_query".to_owned()),
    })
}

#[cfg(test)]
mod tests {
    use flowstone_core::Embeddings as _;
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{credential, form, services_for};

    async fn asked(input_type: &str) -> (FakeSite, Embeddings) {
        let page = json!({"embeddings": {"float": [[1.0, 0.5]]}}).to_string();
        let page = SitePage::new("application/json", page);
        let site = FakeSite::start([("/embed", page)]).await;
        let mut form = form(&json!({"modelName": "embed-v4.0", "inputType": input_type}));
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("cohereApiKey", "secret")]));
        let made = embeddings(&form, &site.url("/embed")).unwrap();
        (site, made)
    }

    #[tokio::test]
    async fn documents_and_questions_are_told_apart() {
        let (site, model) = asked("search_document").await;
        assert_eq!(model.embed(&["a".to_owned()]).await.unwrap(), [[1.0, 0.5]]);
        assert_eq!(model.embed_query("b").await.unwrap(), [1.0, 0.5]);
        let bodies: Vec<Value> =
            site.calls().iter().map(|it| serde_json::from_str(&it.body).unwrap()).collect();
        let expected = json!({
            "model": "embed-v4.0", "texts": ["a"], "input_type": "search_document",
            "embedding_types": ["float"],
        });
        assert_eq!(bodies[0], expected);
        assert_eq!(bodies[1]["input_type"], "search_query");
        assert_eq!(site.calls()[0].headers["authorization"], "Bearer secret");
    }

    #[tokio::test]
    async fn fewer_vectors_than_texts_are_refused() {
        let (_site, model) = asked("clustering").await;
        let said = model.embed(&["a".to_owned(), "b".to_owned()]).await.unwrap_err().to_string();
        assert!(said.contains("1 vectors for 2 texts"), "{said}");
    }
}
