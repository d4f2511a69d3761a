//! Keeps documents in the memory of the process, as long as the flow is kept ready.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Embeddings, Input, Inputs, MetadataFilter, Node, Result, Retriever, Run,
    Spec, VectorStore, node::Upserted, spec::Output,
};
use uuid::Uuid;

use super::upserting;

const DOCUMENTS: Input<Vec<Document>> = {
    let mut it = Input::socket("Document", "document", "Document").list();
    it.field.optional = true;
    it
};
const EMBEDDINGS: Input<Arc<dyn Embeddings>> =
    Input::socket("Embeddings", "embeddings", "Embeddings");
const TOP_K: Input<Option<u64>> = Input::whole("Top K", "topK")
    .describe("How many documents to find; 4 where it is empty")
    .placeholder("4")
    .optional();

static SPEC: Spec = Spec {
    label: "In-Memory Vector Store",
    name: "memoryVectorStore",
    version: 1.0,
    kind: "Memory",
    icon: "memory-vector-store.svg",
    category: "Vector Stores",
    description: "Finds documents by meaning, from memory: nothing is kept over a restart",
    base_classes: &["Memory", "VectorStoreRetriever", "BaseRetriever"],
    inputs: &[DOCUMENTS.field, EMBEDDINGS.field, TOP_K.field],
    outputs: &[
        Output {
            label: "Memory Retriever",
            name: "retriever",
            base_classes: &["Memory", "VectorStoreRetriever", "BaseRetriever"],
            description: Some("Finds documents for a question"),
        },
        Output {
            label: "Memory Vector Store",
            name: "vectorStore",
            base_classes: &["Memory", "VectorStore"],
            description: Some("The store itself, for nodes that search it their own way"),
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MemoryVectorStore;

#[async_trait]
impl Node for MemoryVectorStore {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    /// The plugged-in documents are embedded here, once for as long as the flow is kept ready.
    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let store = Arc::new(Store::from_form(inputs)?);
        store.add(&documents(inputs)?).await?;
        if inputs.output == "vectorStore" {
            return Ok(Capability::VectorStore(store));
        }
        Ok(Capability::Retriever(Arc::new(Nearest(store))))
    }

    /// Embeds the documents, so that what would fail in a call fails here, and says what they are.
    /// Nothing is kept: calls embed them for themselves.
    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        let documents = documents(inputs)?;
        Store::from_form(inputs)?.add(&documents).await?;
        Ok(Upserted { num_added: documents.len(), added_docs: documents, ..Upserted::default() })
    }
}

/// The plugged-in documents that hold text.
fn documents(inputs: &Inputs) -> Result<Vec<Document>> {
    let mut documents = inputs.get(&DOCUMENTS)?;
    documents.retain(|it| !it.page_content.is_empty());
    Ok(documents)
}

struct Store {
    embeddings: Arc<dyn Embeddings>,
    top_k: usize,
    entries: RwLock<Vec<Entry>>,
}

struct Entry {
    id: String,
    /// Of length one, so that similarity is the inner product.
    vector: Vec<f32>,
    document: Document,
}

impl Store {
    fn from_form(inputs: &Inputs) -> Result<Self> {
        let top_k = inputs.get(&TOP_K)?.filter(|it| *it > 0).unwrap_or(4);
        Ok(Self {
            embeddings: inputs.get(&EMBEDDINGS)?,
            top_k: usize::try_from(top_k).unwrap_or(usize::MAX),
            entries: RwLock::default(),
        })
    }
}

/// Finds the nearest documents of a store. Their ids were made up for this process and would mean
/// nothing to a client, so they are not given.
struct Nearest(Arc<Store>);

#[async_trait]
impl Retriever for Nearest {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let found = self.0.search(query, self.0.top_k).await?;
        Ok(found.into_iter().map(|(document, _)| Document { id: None, ..document }).collect())
    }
}

#[async_trait]
impl VectorStore for Store {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        if documents.is_empty() {
            return Ok(Vec::new());
        }
        let texts: Vec<String> = documents.iter().map(|it| it.page_content.clone()).collect();
        let vectors = upserting::embed(self.embeddings.as_ref(), &texts).await?;
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        let mut ids = Vec::with_capacity(documents.len());
        for (document, vector) in documents.iter().zip(vectors) {
            let id = document.id.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
            entries.retain(|it| it.id != id);
            let document = Document { id: Some(id.clone()), ..document.clone() };
            ids.push(id.clone());
            entries.push(Entry { id, vector: of_length_one(vector), document });
        }
        Ok(ids)
    }

    async fn search_among(
        &self,
        query: &str,
        k: usize,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        if self.entries.read().unwrap_or_else(PoisonError::into_inner).is_empty() {
            return Ok(Vec::new());
        }
        let query = of_length_one(self.embeddings.embed_query(query).await?);
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let fitting = entries.iter().filter(|it| filter.lets_through(&it.document.metadata));
        let mut scored: Vec<(f32, &Entry)> =
            fitting.map(|it| (similarity(&query, &it.vector), it)).collect();
        // Equally near documents stay in the order they came in.
        scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let nearest = scored.into_iter().take(k);
        Ok(nearest.map(|(score, it)| (it.document.clone(), score)).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|it| !ids.contains(&it.id));
        Ok(())
    }

    fn top_k(&self) -> usize {
        self.top_k
    }
}

fn of_length_one(mut vector: Vec<f32>) -> Vec<f32> {
    let length = vector.iter().map(|it| it * it).sum::<f32>().sqrt();
    if length > 0.0 {
        for it in &mut vector {
            *it /= length;
        }
    }
    vector
}

fn similarity(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
