//! Puts the node's label on failures that happen while it is used by another node.
//!
//! Done here once, so that no node has to know or say its own label.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Document, Embeddings, Events, Memory, Message,
    Result, Retriever, Run, VectorStore,
};

/// Wraps what talks to the outside; everything else cannot fail there or is told to the model.
pub(crate) fn wrap(capability: Capability, label: &str) -> Capability {
    let label = label.to_owned();
    match capability {
        Capability::ChatModel(inner) => Capability::ChatModel(Arc::new(Labelled { inner, label })),
        Capability::Embeddings(inner) => {
            Capability::Embeddings(Arc::new(Labelled { inner, label }))
        }
        Capability::Retriever(inner) => Capability::Retriever(Arc::new(Labelled { inner, label })),
        Capability::VectorStore(inner) => {
            Capability::VectorStore(Arc::new(Labelled { inner, label }))
        }
        Capability::Memory(inner) => Capability::Memory(Arc::new(Labelled { inner, label })),
        other => other,
    }
}

struct Labelled<T: ?Sized> {
    inner: Arc<T>,
    label: String,
}

#[async_trait]
impl ChatModel for Labelled<dyn ChatModel> {
    fn provider(&self) -> &str {
        self.inner.provider()
    }
    fn model(&self) -> &str {
        self.inner.model()
    }
    fn takes_images(&self) -> bool {
        self.inner.takes_images()
    }
    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        self.inner.chat(request, events).await.map_err(|it| it.at(&self.label))
    }
}

#[async_trait]
impl Embeddings for Labelled<dyn Embeddings> {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        self.inner.embed(texts).await.map_err(|it| it.at(&self.label))
    }
    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        self.inner.embed_query(text).await.map_err(|it| it.at(&self.label))
    }
}

#[async_trait]
impl Retriever for Labelled<dyn Retriever> {
    fn name(&self) -> Option<&str> {
        self.inner.name()
    }
    fn description(&self) -> Option<&str> {
        self.inner.description()
    }
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        self.inner.retrieve(query, run).await.map_err(|it| it.at(&self.label))
    }
}

#[async_trait]
impl VectorStore for Labelled<dyn VectorStore> {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        self.inner.add(documents).await.map_err(|it| it.at(&self.label))
    }
    async fn search(&self, query: &str, k: usize) -> Result<Vec<(Document, f32)>> {
        self.inner.search(query, k).await.map_err(|it| it.at(&self.label))
    }
    async fn delete(&self, ids: &[String]) -> Result<()> {
        self.inner.delete(ids).await.map_err(|it| it.at(&self.label))
    }
    fn top_k(&self) -> usize {
        self.inner.top_k()
    }
}

#[async_trait]
impl Memory for Labelled<dyn Memory> {
    fn session_id(&self) -> Option<&str> {
        self.inner.session_id()
    }
    fn key(&self) -> &str {
        self.inner.key()
    }
    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        self.inner.messages(run).await.map_err(|it| it.at(&self.label))
    }
    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        self.inner.remember(run, question, answer).await.map_err(|it| it.at(&self.label))
    }
    async fn clear(&self, run: &Run) -> Result<()> {
        self.inner.clear(run).await.map_err(|it| it.at(&self.label))
    }
}
