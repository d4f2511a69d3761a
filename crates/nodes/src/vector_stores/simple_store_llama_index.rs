//! Keeps documents in one file of the workspace, for flows of LlamaIndex nodes.

use std::sync::Arc;

use flowstone_core::{Embeddings, Error, Input, Inputs, Result, Spec, spec::Output};
use flowstone_providers::vectors::{Entry, VectorServer};
use serde_json::{Map, Value, json};

use super::{
    shelved::{Format, Shelf},
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::DOCUMENTS,
};

/// The model that answers belongs to the chain; older flows plug it in here too.
pub(super) const MODEL: Input<()> =
    Input::socket("Chat Model", "model", "BaseChatModel_LlamaIndex");
pub(super) const EMBEDDINGS: Input<Arc<dyn Embeddings>> =
    Input::socket("Embeddings", "embeddings", "BaseEmbedding_LlamaIndex");
const PATH: Input<Option<String>> = Input::text("Base Path to store", "basePath")
    .describe(
        "A name for the store, whose file NAME.simple-store.json lies in the folder of this \
         workspace; llamaindex where it is empty",
    )
    .placeholder("llamaindex")
    .optional();
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe("How many documents to find; 4 where it is empty")
    .placeholder("4")
    .optional();

static SPEC: Spec = Spec {
    label: "SimpleStore",
    name: "simpleStoreLlamaIndex",
    version: 1.0,
    kind: "SimpleVectorStore",
    icon: "simple-store.svg",
    category: "Vector Stores",
    tags: &["LlamaIndex"],
    badge: Some("DEPRECATING"),
    description: "Keeps documents in a file of the workspace and finds them by meaning",
    base_classes: &["SimpleVectorStore", "VectorIndexRetriever"],
    inputs: &[DOCUMENTS.field, MODEL.field, EMBEDDINGS.field, PATH.field, TOP_K.field],
    outputs: &[
        Output {
            label: "SimpleStore Retriever",
            name: "retriever",
            base_classes: &["SimpleVectorStore", "VectorIndexRetriever"],
            description: FINDS,
        },
        Output {
            label: "SimpleStore Vector Store Index",
            name: "vectorStore",
            base_classes: &["SimpleVectorStore", "VectorStoreIndex"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let path = stored::text_or(inputs, &PATH, "llamaindex")?;
    Ok(Arc::new(Shelf::new(inputs, &path, Plain, false)?))
}

/// The id, the text, the metadata and the vector of a document.
type Row = (String, String, Map<String, Value>, Vec<f32>);

/// A list of documents with their vectors, in JSON.
struct Plain;

impl Format for Plain {
    fn endings(&self) -> &'static [&'static str] {
        &["simple-store.json"]
    }

    fn read(&self, files: &[Vec<u8>]) -> Result<Vec<Entry>> {
        let wrong = || Error::Unsupported("the file of the store cannot be read".to_owned());
        let file = files.first().ok_or_else(wrong)?;
        let rows: Vec<Row> = serde_json::from_slice(file).map_err(|_| wrong())?;
        let entry = |(id, text, metadata, vector)| Entry { id, text, metadata, vector };
        Ok(rows.into_iter().map(entry).collect())
    }

    fn write(&self, entries: &[Entry]) -> Result<Vec<Vec<u8>>> {
        let row = |it: &Entry| json!([it.id, it.text, it.metadata, it.vector]);
        let rows: Vec<Value> = entries.iter().map(row).collect();
        Ok(vec![Value::from(rows).to_string().into_bytes()])
    }

    fn likeness(&self, a: &[f32], b: &[f32]) -> f32 {
        super::diverse::cosine(a, b)
    }
}
