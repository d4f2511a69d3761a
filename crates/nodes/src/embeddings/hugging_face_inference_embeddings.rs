//! Embedding models on Hugging Face, or on a server of one's own.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::CredentialSlot};
use flowstone_providers::hugging_face::{BASE_URL, Embeddings};

use crate::llms::hugging_face_inference::model;

const MODEL: Input<Option<String>> = Input::text("Model", "modelName")
    .describe("Its name on Hugging Face. Not needed where an endpoint is given")
    .placeholder("sentence-transformers/all-MiniLM-L6-v2")
    .optional();
const ENDPOINT: Input<Option<String>> = Input::text("Endpoint", "endpoint")
    .describe("Address of an Inference Endpoint, or of a Text Embeddings Inference server")
    .placeholder("https://xyz.eu-west-1.aws.endpoints.huggingface.cloud")
    .optional();

/// What the model gives where the form names none, as in the reference.
const USUAL_MODEL: &str = "BAAI/bge-base-en-v1.5";

static SPEC: Spec = Spec {
    label: "HuggingFace Inference Embedding",
    name: "huggingFaceInferenceEmbeddings",
    version: 1.0,
    kind: "HuggingFaceInferenceEmbeddings",
    icon: "hugging-face.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models that Hugging Face or a server of yours runs",
    base_classes: &["HuggingFaceInferenceEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["huggingFaceApi"])),
    inputs: &[MODEL.field, ENDPOINT.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct HuggingFaceInferenceEmbeddings;

#[async_trait]
impl Node for HuggingFaceInferenceEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let name = inputs.get(&MODEL)?.unwrap_or_else(|| USUAL_MODEL.to_owned());
        let at_vendor = format!("{BASE_URL}/{name}/pipeline/feature-extraction");
        let model = model(inputs, name, inputs.get(&ENDPOINT)?, at_vendor)?;
        Ok(Capability::Embeddings(Arc::new(Embeddings(model))))
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{credential, form, services_for};

    #[tokio::test]
    async fn an_endpoint_is_asked_for_vectors() {
        let page = SitePage::new("application/json", "[[1.0],[2.0]]");
        let site = FakeSite::start([("/", page)]).await;
        let mut form = form(&json!({"endpoint": site.url("/")}));
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("huggingFaceApiKey", "secret")]));
        let made = HuggingFaceInferenceEmbeddings.init(&form).await.unwrap();
        let Capability::Embeddings(model) = made else { panic!("no embeddings") };
        let texts = ["a\nb".to_owned(), "c".to_owned()];
        assert_eq!(model.embed(&texts).await.unwrap(), [[1.0], [2.0]]);
        assert_eq!(site.calls()[0].body, r#"{"inputs":["a b","c"]}"#);
        assert_eq!(site.calls()[0].headers["authorization"], "Bearer secret");
        let said = model.embed_query("one").await.unwrap_err().to_string();
        assert!(said.contains("2 vectors for 1 texts"), "{said}");
    }
}
