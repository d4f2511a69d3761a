//! Embedding models on Baidu's Qianfan platform.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec, node::Entry, spec::CredentialSlot,
};
use flowstone_providers::{
    baidu::IAM,
    openai::{Embeddings, dialects},
};

use crate::{
    chat_models::chat_baidu_wenxin,
    models::{self, Kind},
    openai_form::{self, STRIP_NEW_LINES, VECTOR_TIMEOUT},
};

const MODEL: Input<String> =
    Input::async_options("Model Name", "modelName", "listModels").default("Embedding-V1");
const CUSTOM_MODEL: Input<Option<String>> = Input::text("Custom Model Name", "customModelName")
    .describe("A model that the list does not have; it wins over the one chosen there")
    .placeholder("qwen3-embedding-4b")
    .optional()
    .additional();
const BATCH_SIZE: Input<Option<u64>> = Input::whole("Batch Size", "batchSize")
    .default(1)
    .describe(
        "How many texts go into one call; 16 at most for most models, and 1 for tao-8k. A text may \
         have about 1000 characters for Embedding-V1",
    )
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Baidu Qianfan Embedding",
    name: "baiduQianfanEmbeddings",
    version: 1.0,
    kind: "BaiduQianfanEmbeddings",
    icon: "baidu.svg",
    category: "Embeddings",
    description: "Turns text into vectors with models on Baidu's Qianfan platform",
    base_classes: &["BaiduQianfanEmbeddings", "Embeddings"],
    credential: Some(CredentialSlot::required(&["baiduQianfanApi"])),
    inputs: &[
        MODEL.field,
        CUSTOM_MODEL.field,
        STRIP_NEW_LINES.field,
        BATCH_SIZE.field,
        VECTOR_TIMEOUT.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct BaiduQianfanEmbeddings;

#[async_trait]
impl Node for BaiduQianfanEmbeddings {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let model = embeddings(inputs, dialects::BAIDU.base_url, IAM)?;
        Ok(Capability::Embeddings(Arc::new(model)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Embedding, SPEC.name, method)
    }
}

/// The model at an address, with keys exchanged at another.
pub(crate) fn embeddings(inputs: &Inputs, base_url: &str, iam: &str) -> Result<Embeddings> {
    let mut endpoint = chat_baidu_wenxin::endpoint(inputs, base_url, iam)?;
    openai_form::dress(&mut endpoint, inputs, &SPEC)?;
    // The second version of the interface knows models in small letters only, such as embedding-v1.
    let name = models::chosen(inputs, &CUSTOM_MODEL, &MODEL)?.to_lowercase();
    let mut model = Embeddings::new(endpoint, name);
    model.strip_new_lines = inputs.get(&STRIP_NEW_LINES)?;
    let size = inputs.get(&BATCH_SIZE)?.filter(|it| *it > 0).unwrap_or(1);
    model.batch_size = usize::try_from(size).unwrap_or(usize::MAX);
    Ok(model)
}

#[cfg(test)]
mod tests {
    use flowstone_core::{Embeddings as _, Error};
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{credential, form, services_for};

    const TOKEN: &str = "/v1/BCE-BEARER/token?expireInSeconds=86400";

    async fn asked(values: &Value, answer: SitePage) -> (Result<Vec<Vec<f32>>>, Vec<Value>) {
        let token = SitePage::new("application/json", json!({"token": "bce-v3/t"}).to_string());
        let site = FakeSite::start([(TOKEN, token), ("/v2/embeddings", answer)]).await;
        let mut form = form(values);
        form.services = services_for(site.address());
        form.credential =
            Some(credential(&[("qianfanAccessKey", "ak"), ("qianfanSecretKey", "sk-secret")]));
        let model = embeddings(&form, &site.url("/v2"), &site.url("")).unwrap();
        let found = model.embed(&["a\nb".to_owned(), "c".to_owned()]).await;
        let calls = site.calls();
        let calls = calls.iter().filter(|it| it.path == "/v2/embeddings");
        let bodies = calls.map(|it| {
            assert_eq!(it.headers["authorization"], "Bearer bce-v3/t");
            serde_json::from_str(&it.body).unwrap()
        });
        (found, bodies.collect())
    }

    fn page(value: &Value) -> SitePage {
        SitePage::new("application/json", value.to_string())
    }

    #[tokio::test]
    async fn texts_become_vectors_one_call_each() {
        let row = page(&json!({"data": [{"embedding": [0.5, 1.0], "index": 0}]}));
        let (found, bodies) = asked(&json!({"stripNewLines": true}), row).await;
        assert_eq!(found.unwrap(), [[0.5, 1.0], [0.5, 1.0]]);
        let mut inputs: Vec<&Value> = bodies.iter().map(|it| &it["input"]).collect();
        inputs.sort_by_key(ToString::to_string);
        assert_eq!(inputs, [&json!(["a b"]), &json!(["c"])]);
        assert_eq!(bodies[0]["model"], "embedding-v1");
    }

    #[tokio::test]
    async fn several_texts_go_together_where_the_form_says_so() {
        let rows = json!({"data": [
            {"embedding": [2.0], "index": 1}, {"embedding": [1.0], "index": 0},
        ]});
        let values = json!({"batchSize": "16", "customModelName": "Qwen3-Embedding-4B"});
        let (found, bodies) = asked(&values, page(&rows)).await;
        assert_eq!(found.unwrap(), [[1.0], [2.0]], "in their order");
        assert_eq!(bodies[0]["model"], "qwen3-embedding-4b");
    }

    #[tokio::test]
    async fn a_refusal_is_told_and_a_strange_answer_is_named() {
        let refusal = page(&json!({"error": {"message": "bad key sk-secret"}})).status(401);
        let said = asked(&json!({}), refusal).await.0.unwrap_err();
        assert!(matches!(&said, Error::Provider { status: 401, .. }), "{said}");
        for answer in [page(&json!({"data": []})), page(&json!("no"))] {
            assert!(asked(&json!({}), answer).await.0.is_err());
        }
    }
}
