//! Puts the node's label on failures that happen while it is used by another node, and tells traces
//! of its work.
//!
//! Done here once, so that no node has to know or say its own label.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Document, Embeddings, Events, Memory, Message,
    MetadataFilter, Result, Retriever, Run, Tool, ToolResult, ToolSpec, VectorStore,
    capability::Summary,
};
use serde_json::{Map, Value, json};
use tracing::{Instrument as _, field::Empty};

use crate::{
    excerpt::Excerpt,
    trace::{At, SpanKind, Work, traced},
};

/// Wraps what talks to the outside; everything else cannot fail there or is told to the model.
pub(crate) fn wrap(capability: Capability, at: At) -> Capability {
    match capability {
        Capability::ChatModel(inner) => Capability::ChatModel(Arc::new(Labelled { inner, at })),
        Capability::Embeddings(inner) => Capability::Embeddings(Arc::new(Labelled { inner, at })),
        Capability::Retriever(inner) => Capability::Retriever(Arc::new(Labelled { inner, at })),
        Capability::VectorStore(inner) => Capability::VectorStore(Arc::new(Labelled { inner, at })),
        Capability::Memory(inner) => Capability::Memory(Arc::new(Labelled { inner, at })),
        Capability::Tool(inner) => Capability::Tool(Traced::new(inner, at)),
        Capability::Tools(many) => Capability::Tools(
            many.into_iter().map(|inner| Traced::new(inner, at.clone())).collect(),
        ),
        other => other,
    }
}

/// A tool whose calls are told to traces. Its failures carry no label: they go to the model.
struct Traced {
    inner: Arc<dyn Tool>,
    at: At,
}

impl Traced {
    #[expect(clippy::new_ret_no_self, reason = "it is only ever used as the tool it wraps")]
    fn new(inner: Arc<dyn Tool>, at: At) -> Arc<dyn Tool> {
        Arc::new(Self { inner, at })
    }
}

#[async_trait]
impl Tool for Traced {
    fn spec(&self) -> &ToolSpec {
        self.inner.spec()
    }
    fn returns_directly(&self) -> bool {
        self.inner.returns_directly()
    }
    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let name = &self.inner.spec().name;
        let span = tracing::info_span!(
            "execute_tool",
            "otel.name" = format!("execute_tool {name}"),
            "gen_ai.operation.name" = "execute_tool",
            "gen_ai.tool.name" = name,
            "error.type" = Empty,
        );
        let work = self.inner.call(arguments, run).instrument(span.clone());
        let done = traced(
            Work {
                at: &self.at,
                kind: SpanKind::Tool,
                name,
                input: |excerpt: &mut Excerpt| excerpt.value(&Value::Object(arguments.clone())),
            },
            work,
            |result: &ToolResult, excerpt| {
                let mut told = json!({ "text": excerpt.text(&result.text) });
                if !result.source_documents.is_empty() {
                    let found = result.source_documents.iter().map(|it| (it, None));
                    told["sourceDocuments"] = excerpt.documents(found);
                }
                if !result.artifacts.is_empty() {
                    told["artifacts"] = result.artifacts.len().into();
                }
                (told, None)
            },
        )
        .await;
        if let Err(error) = &done {
            span.record("error.type", error.kind());
        }
        done
    }
}

struct Labelled<T: ?Sized> {
    inner: Arc<T>,
    at: At,
}

impl<T: ?Sized> Labelled<T> {
    /// A span of the node's work.
    fn work<'a, I>(&'a self, kind: SpanKind, name: &'a str, input: I) -> Work<'a, I>
    where
        I: FnOnce(&mut Excerpt) -> Value,
    {
        Work { at: &self.at, kind, name, input }
    }
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
            "flowstone.node" = self.at.label,
        );
        let work = self.inner.chat(request, events).instrument(span.clone());
        let answered = traced(
            self.work(SpanKind::Model, self.inner.model(), |excerpt| excerpt.request(request)),
            work,
            |reply, excerpt| (excerpt.reply(reply), reply.usage),
        )
        .await;
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
        answered.map_err(|it| it.at(&self.at.label))
    }
}

#[async_trait]
impl Embeddings for Labelled<dyn Embeddings> {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let work = self.work(SpanKind::Embeddings, self.at.name, |excerpt| {
            json!({ "texts": texts.len(), "first": texts.first().map(|it| excerpt.text(it)) })
        });
        let done = traced(work, self.inner.embed(texts), |vectors, _| (sizes(vectors), None));
        done.await.map_err(|it| it.at(&self.at.label))
    }
    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let work = self.work(
            SpanKind::Embeddings,
            self.at.name,
            |excerpt| json!({ "query": excerpt.text(text) }),
        );
        let done = traced(work, self.inner.embed_query(text), |vector, _| {
            (json!({ "dimensions": vector.len() }), None)
        });
        done.await.map_err(|it| it.at(&self.at.label))
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
        let name = self.inner.name().unwrap_or(self.at.name);
        let work =
            self.work(SpanKind::Retriever, name, |excerpt| json!({ "query": excerpt.text(query) }));
        let done = traced(work, self.inner.retrieve(query, run), |found, excerpt| {
            (excerpt.documents(found.iter().map(|it| (it, None))), None)
        });
        done.await.map_err(|it| it.at(&self.at.label))
    }
}

#[async_trait]
impl VectorStore for Labelled<dyn VectorStore> {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        let work =
            self.work(SpanKind::Store, self.at.name, |_| json!({ "documents": documents.len() }));
        let done =
            traced(work, self.inner.add(documents), |ids, _| (json!({ "added": ids.len() }), None));
        done.await.map_err(|it| it.at(&self.at.label))
    }
    async fn search_among(
        &self,
        query: &str,
        k: usize,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        let work = self.work(SpanKind::Retriever, self.at.name, |excerpt| {
            let mut asked = json!({ "query": excerpt.text(query), "topK": k });
            if !filter.is_empty() {
                let conditions = filter.conditions();
                asked["filter"] = conditions.map(|(key, values)| json!({ key: values })).collect();
            }
            asked
        });
        let done = traced(work, self.inner.search_among(query, k, filter), |found, excerpt| {
            (excerpt.documents(found.iter().map(|(it, score)| (it, Some(*score)))), None)
        });
        done.await.map_err(|it| it.at(&self.at.label))
    }
    async fn summarise(&self, query: &str, how: &Summary) -> Result<(String, Vec<Document>)> {
        let work = self.work(
            SpanKind::Retriever,
            self.at.name,
            |excerpt| json!({ "query": excerpt.text(query), "topK": how.most }),
        );
        let done = traced(work, self.inner.summarise(query, how), |(_, found), excerpt| {
            (excerpt.documents(found.iter().map(|it| (it, None))), None)
        });
        done.await.map_err(|it| it.at(&self.at.label))
    }
    async fn delete(&self, ids: &[String]) -> Result<()> {
        let work = self.work(SpanKind::Store, self.at.name, |_| json!({ "delete": ids.len() }));
        let done = traced(work, self.inner.delete(ids), |(), _| (Value::Null, None));
        done.await.map_err(|it| it.at(&self.at.label))
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
        let work = self.work(SpanKind::Memory, self.at.name, |_| Value::Null);
        let done = traced(work, self.inner.messages(run), |turns, excerpt| {
            (excerpt.messages(turns), None)
        });
        done.await.map_err(|it| it.at(&self.at.label))
    }
    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        // No span: memories that read the stored chat have nothing to do here.
        self.inner.remember(run, question, answer).await.map_err(|it| it.at(&self.at.label))
    }
    async fn clear(&self, run: &Run) -> Result<()> {
        self.inner.clear(run).await.map_err(|it| it.at(&self.at.label))
    }
}

/// How many vectors there are, and how long they are.
fn sizes(vectors: &[Vec<f32>]) -> Value {
    json!({ "vectors": vectors.len(), "dimensions": vectors.first().map(Vec::len) })
}
