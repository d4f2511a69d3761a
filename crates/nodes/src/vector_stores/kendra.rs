//! Keeps documents in an index of Amazon Kendra, which finds passages by meaning itself.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec,
    node::{Entry, Removal, Upserted},
    spec::Output,
};
use flowstone_providers::vectors::{
    VectorGateways, VectorServer,
    kendra::{Index, KENDRA},
};
use serde_json::Value;

use super::{
    stored::{self, FILE_UPLOAD, FINDS, STORE_ITSELF, StoreNode},
    upserting::DOCUMENTS,
};
use crate::{
    aws_form::{self, CREDENTIAL, REGION},
    models::{self, Kind},
};

const INDEX: Input<String> = Input::text("Kendra Index ID", "indexId")
    .describe(
        "The id that the console shows on the page of the index. Metadata is kept in the attributes \
         that the index has; an attribute metadata of type String keeps all of it",
    )
    .placeholder("12345678-1234-1234-1234-123456789012");
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe("How many passages to find, up to 100; 10 where it is empty")
    .placeholder("10")
    .additional()
    .optional();
const FILTER: Input<Option<Value>> = Input::json("Attribute Filter", "attributeFilter")
    .describe(
        "Finds only what fulfils this, as Kendra documents it, such as {\"EqualsTo\": {\"Key\": \
         \"year\", \"Value\": {\"LongValue\": 2025}}}",
    )
    .optional()
    .additional()
    .accepts_variables();

static SPEC: Spec = Spec {
    label: "AWS Kendra",
    name: "kendra",
    version: 1.0,
    kind: "Kendra",
    icon: "aws.svg",
    category: "Vector Stores",
    description: "Keeps documents in an index of Amazon Kendra and finds passages by meaning",
    base_classes: &["Kendra", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CREDENTIAL),
    inputs: &[
        DOCUMENTS.field,
        REGION.field,
        INDEX.field,
        FILE_UPLOAD.field,
        TOP_K.field,
        FILTER.field,
    ],
    outputs: &[
        Output {
            label: "Kendra Retriever",
            name: "retriever",
            base_classes: &["Kendra", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Kendra Vector Store",
            name: "vectorStore",
            base_classes: &["Kendra", "BaseRetriever"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The store that the node is.
static STORE: StoreNode = StoreNode {
    usual_top_k: 10,
    ..StoreNode::new(&SPEC, |inputs| Box::pin(async move { index(inputs) }))
};

/// The node: a store whose form has a list of regions.
pub(crate) struct Kendra;

#[async_trait]
impl Node for Kendra {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        STORE.init(inputs).await
    }

    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        STORE.upsert(inputs).await
    }

    async fn remove(&self, inputs: &Inputs, which: &Removal) -> Result<()> {
        STORE.remove(inputs, which).await
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, "awsChatBedrock", method)
    }
}

fn index(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let gateways = inputs.services.get::<VectorGateways>().unwrap_or_default();
    let service = aws_form::service(inputs, &REGION, KENDRA, gateways.kendra.as_deref())?;
    let mut index = Index::new(service, &stored::name(inputs, &INDEX)?);
    index.filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    Ok(Arc::new(index))
}
