//! Puts the node's label on failures that happen while it is used by another node, and tells traces
//! of its work.
//!
//! Done here once, so that no node has to know or say its own label.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Document, Embeddings, Events, Memory, Message,
    Result, Retriever, Run, Tool, ToolResult, ToolSpec, VectorStore,
};
use serde_json::{Map, Value};
use tracing::{Instrument as _, field::Empty};

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
        Capability::Tool(inner) => Capability::Tool(Traced::new(inner)),
        Capability::Tools(many) => Capability::Tools(many.into_iter().map(Traced::new).collect()),
        other => other,
    }
}

/// A tool whose calls are told to traces. Its failures carry no label: they go to the model.
struct Traced(Arc<dyn Tool>);

impl Traced {
    #[expect(clippy::new_ret_no_self, reason = "it is only ever used as the tool it wraps")]
    fn new(inner: Arc<dyn Tool>) -> Arc<dyn Tool> {
        Arc::new(Self(inner))
    }
}

#[async_trait]
impl Tool for Traced {
    fn spec(&self) -> &ToolSpec {
        self.0.spec()
    }
    fn returns_directly(&self) -> bool {
        self.0.returns_directly()
    }
    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let name = &self.0.spec().name;
        let span = tracing::info_span!(
            "execute_tool",
            "otel.name" = format!("execute_tool {name}"),
            "gen_ai.operation.name" = "execute_tool",
            "gen_ai.tool.name" = name,
            "error.type" = Empty,
        );
        let done = self.0.call(arguments, run).instrument(span.clone()).await;
        if let Err(error) = &done {
            span.record("error.type", error.kind());
        }
        done
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
        let span = tracing::info_span!(
            "chat",
            "otel.name" = format!("chat {}", self.inner.model()),
            "otel.kind" = "client",
            "gen_ai.operation.name" = "chat",
            "gen_ai.provider.name" = self.inner.provider(),
            "gen_ai.request.model" = self.inner.model(),
            "gen_ai.usage.input_tokens" = Empty,
            "gen_ai.usage.output_tokens" = Empty,
            "gen_ai.response.finish_reasons" = Empty,
            "error.type" = Empty,
            "flowstone.node" = self.label,
        );
        let answered = self.inner.chat(request, events).instrument(span.clone()).await;
        match &answered {
            Ok(reply) => {
                if let Some(usage) = &reply.usage {
                    span.record("gen_ai.usage.input_tokens", usage.input_tokens);
                    span.record("gen_ai.usage.output_tokens", usage.output_tokens);
                }
                if let Some(reason) = &reply.finish_reason {
                    span.record("gen_ai.response.finish_reasons", reason);
                }
            }
            Err(error) => {
                span.record("error.type", error.kind());
            }
        }
        answered.map_err(|it| it.at(&self.label))
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
