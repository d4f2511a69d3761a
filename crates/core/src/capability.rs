//! What nodes give each other: a closed set of traits.

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    ChatReply, ChatRequest, Error, Events, Message, MetadataFilter, Output, Prompt, Result, Run,
    Step, ToolSpec,
    sequence::{Checkpoints, Member},
};

/// A ready piece of a flow, as one node hands it to the next.
#[derive(Clone)]
pub enum Capability {
    /// Answers conversations.
    ChatModel(Arc<dyn ChatModel>),
    /// Turns text into vectors.
    Embeddings(Arc<dyn Embeddings>),
    /// Keeps documents by meaning.
    VectorStore(Arc<dyn VectorStore>),
    /// Finds documents for a question.
    Retriever(Arc<dyn Retriever>),
    /// Something a model may call.
    Tool(Arc<dyn Tool>),
    /// Several such things from one node.
    Tools(Vec<Arc<dyn Tool>>),
    /// Remembers a conversation.
    Memory(Arc<dyn Memory>),
    /// A prompt to fill.
    Prompt(Arc<Prompt>),
    /// Makes data of a model's text.
    OutputParser(Arc<dyn OutputParser>),
    /// Lets questions through or not.
    Moderation(Arc<dyn Moderation>),
    /// Keeps answers for questions that come again.
    Cache(Arc<dyn Cache>),
    /// Keeps track of what was written to vector stores.
    RecordManager(Arc<dyn RecordManager>),
    /// Cuts text into pieces.
    TextSplitter(Arc<dyn TextSplitter>),
    /// Loaded documents.
    Documents(Arc<Vec<Document>>),
    /// A plain value: what a utility node or a text output hands on.
    Value(Value),
    /// A value that leaves a fork by one of its ways: nothing on the others runs.
    Chosen {
        /// Name of the way.
        output: &'static str,
        /// The value.
        value: Value,
    },
    /// Instructions that a router may choose.
    Route(Arc<Route>),
    /// Puts answers together from passages.
    Synthesizer(Arc<dyn Synthesizer>),
    /// A graph that can be asked.
    Graph(Arc<dyn Graph>),
    /// A chain, an agent or another node that can end a flow.
    Runnable(Arc<dyn Runnable>),
    /// One turn of an agentflow.
    Step(Arc<dyn Step>),
    /// A member of an agentflow of the first version.
    Member(Arc<Member>),
    /// Keeps the state of such a flow.
    Checkpoints(Arc<dyn Checkpoints>),
}

impl Capability {
    /// The variant's name, for messages to the user.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ChatModel(_) => "Chat Model",
            Self::Embeddings(_) => "Embeddings",
            Self::VectorStore(_) => "Vector Store",
            Self::Retriever(_) => "Retriever",
            Self::Tool(_) | Self::Tools(_) => "Tool",
            Self::Memory(_) => "Memory",
            Self::Prompt(_) => "Prompt",
            Self::OutputParser(_) => "Output Parser",
            Self::Moderation(_) => "Moderation",
            Self::Cache(_) => "Cache",
            Self::RecordManager(_) => "Record Manager",
            Self::TextSplitter(_) => "Text Splitter",
            Self::Documents(_) => "Document",
            Self::Value(_) | Self::Chosen { .. } => "value",
            Self::Route(_) => "Route",
            Self::Synthesizer(_) => "Response Synthesizer",
            Self::Graph(_) => "Graph",
            Self::Runnable(_) => "Chain",
            Self::Step(_) => "Step",
            Self::Member(_) => "Agentflow node",
            Self::Checkpoints(_) => "Agent Memory",
        }
    }
}

/// A piece of text with where it came from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// The text.
    pub page_content: String,
    /// Source, page, anything a loader knew.
    pub metadata: Map<String, Value>,
    /// Its id in the store it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}

/// Answers a conversation.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Who serves it, such as `openai`: the `gen_ai.system` of traces.
    fn provider(&self) -> &str;
    /// The model's own name.
    fn model(&self) -> &str;
    /// Whether the node lets users show it pictures.
    fn takes_images(&self) -> bool {
        false
    }
    /// Asks the model. Pieces of the answer go to `events` as they come; the whole of it is
    /// returned once the stream has ended. Dropping the future ends the call at the vendor.
    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply>;
}

/// Turns text into vectors.
#[async_trait]
pub trait Embeddings: Send + Sync {
    /// One vector per text, in order, all of the same length.
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>>;
    /// The vector of a question, for models that treat it unlike a document.
    async fn embed_query(&self, text: &str) -> Result<Vec<f32>> {
        let vectors = self.embed(&[text.to_owned()]).await?;
        vectors
            .into_iter()
            .next()
            .ok_or_else(|| Error::ModelAnswer("the embedding model gave no vector".to_owned()))
    }
}

/// Keeps documents by meaning.
#[async_trait]
pub trait VectorStore: Send + Sync {
    /// Adds documents; returns their ids in order.
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>>;
    /// The `k` nearest to `query` with their similarity (higher is nearer), nearest first.
    async fn search(&self, query: &str, k: usize) -> Result<Vec<(Document, f32)>> {
        self.search_among(query, k, MetadataFilter::ALL).await
    }
    /// The same of those documents only that `filter` lets through, beside whatever the store's form
    /// says.
    async fn search_among(
        &self,
        query: &str,
        k: usize,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>>;
    /// What the store's service answers by a model of its own from what it finds, and the documents
    /// that the answer cites as `[1]`, `[2]` and so on.
    ///
    /// # Errors
    /// [`Error::Unsupported`] by a store whose service has no such model, which are most.
    async fn summarise(&self, _query: &str, _how: &Summary) -> Result<(String, Vec<Document>)> {
        Err(Summary::unsupported())
    }
    /// Removes documents; unknown ids are no error.
    async fn delete(&self, ids: &[String]) -> Result<()>;
    /// How many documents [`search`](Self::search) gives where the caller does not say.
    fn top_k(&self) -> usize {
        4
    }
}

/// How a store's service is to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Name of its model, or of the prompt for that.
    pub prompt: String,
    /// The language to answer in, by three letters; that of the question where it is not said.
    pub language: Option<String>,
    /// From how many documents at most.
    pub most: u64,
}

impl Summary {
    /// The refusal of a store whose service has no model of its own.
    pub fn unsupported() -> Error {
        Error::Unsupported(
            "this vector store cannot answer by itself: plug in one of Vectara".to_owned(),
        )
    }
}

/// What becomes of earlier documents when others are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cleanup {
    /// They stay.
    #[default]
    None,
    /// Those of the same sources go.
    Incremental,
    /// All go that were not written again.
    Full,
}

/// What is known of a document that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The document's id in the vector store.
    pub key: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// The loader of a document store that it came by.
    pub loader: Option<String>,
}

/// Which records are meant: those for which all that is given holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RecordFilter {
    /// Last written before this time.
    pub before: Option<f64>,
    /// From one of these sources.
    pub sources: Option<Vec<String>>,
    /// Come by this loader.
    pub loader: Option<String>,
    /// So many at most.
    pub limit: Option<usize>,
}

/// Keeps track of what was written to vector stores, so that nothing is written twice and what is
/// gone from its source can be removed. `collection` names the part of a vector store it is about.
#[async_trait]
pub trait RecordManager: Send + Sync {
    /// What becomes of earlier documents.
    fn cleanup(&self) -> Cleanup;
    /// The key of a document's metadata that says where it comes from.
    fn source_key(&self) -> &str;
    /// Begins to write: a time in seconds that is later than that of every record there is.
    async fn begin(&self, collection: &str) -> Result<f64>;
    /// Which of the keys have a record, in their order.
    async fn known(&self, collection: &str, keys: &[String]) -> Result<Vec<bool>>;
    /// Keeps records as written at `time`; those that are there already are changed.
    async fn keep(&self, collection: &str, records: &[Record], time: f64) -> Result<()>;
    /// The keys of the records that are meant.
    async fn list(&self, collection: &str, filter: &RecordFilter) -> Result<Vec<String>>;
    /// How many records there are.
    async fn count(&self, collection: &str) -> Result<usize>;
    /// Removes records; unknown keys are no error.
    async fn forget(&self, collection: &str, keys: &[String]) -> Result<()>;
}

/// Finds documents for a question.
#[async_trait]
pub trait Retriever: Send + Sync {
    /// What it is called, where its form says so: chains that choose among several go by it.
    fn name(&self) -> Option<&str> {
        None
    }
    /// What it is good for, where its form says so.
    fn description(&self) -> Option<&str> {
        None
    }
    /// The model that its form names for answers from what it finds: engines ask that one.
    fn model(&self) -> Option<Arc<dyn ChatModel>> {
        None
    }
    /// The documents that fit, best first.
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>>;
}

/// Every vector store is a retriever of its `top_k` nearest.
pub struct StoreRetriever(pub Arc<dyn VectorStore>);

#[async_trait]
impl Retriever for StoreRetriever {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let found = self.0.search(query, self.0.top_k()).await?;
        Ok(found.into_iter().map(|(document, _)| document).collect())
    }
}

/// Something a model may call.
#[async_trait]
pub trait Tool: Send + Sync {
    /// How the model is told of it.
    fn spec(&self) -> &ToolSpec;
    /// Its result is the answer: the model is not asked again.
    fn returns_directly(&self) -> bool {
        false
    }
    /// Runs it on the model's arguments. A failure goes back to the model, which may try again.
    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult>;
}

/// What a tool gives back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolResult {
    /// Told to the model.
    pub text: String,
    /// Passages it found.
    pub source_documents: Vec<Document>,
    /// Files and pictures it made.
    pub artifacts: Vec<Value>,
}

impl ToolResult {
    /// Text alone.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

/// Remembers a conversation.
#[async_trait]
pub trait Memory: Send + Sync {
    /// The conversation its form fixes, where it does.
    fn session_id(&self) -> Option<&str> {
        None
    }
    /// Name under which prompts refer to the conversation.
    fn key(&self) -> &str;
    /// The earlier turns of this run's conversation, oldest first.
    async fn messages(&self, run: &Run) -> Result<Vec<Message>>;
    /// Keeps a finished exchange. Memories that read the stored chat have nothing to do.
    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()>;
    /// Forgets this run's conversation.
    async fn clear(&self, run: &Run) -> Result<()>;
}

/// Makes data of a model's text.
#[async_trait]
pub trait OutputParser: Send + Sync {
    /// What the model is told of the form its answer must have.
    fn instructions(&self) -> String;
    /// Parses an answer. Where the node repairs bad answers, `model` is asked to.
    async fn parse(&self, text: &str, model: &dyn ChatModel) -> Result<Value>;
}

/// Lets questions through or not.
#[async_trait]
pub trait Moderation: Send + Sync {
    /// Judges a question before any model of the flow sees it.
    async fn check(&self, question: &str) -> Result<Verdict>;
}

/// What a moderation says of a question.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Go on.
    Allowed,
    /// Answer this instead.
    Refused(String),
}

/// Keeps answers for questions that come again.
#[async_trait]
pub trait Cache: Send + Sync {
    /// What was kept under `key` and is still good.
    async fn get(&self, key: &str) -> Result<Option<String>>;
    /// Keeps `value` under `key`; an earlier one is replaced.
    async fn put(&self, key: &str, value: &str) -> Result<()>;
}

/// Cuts text into pieces.
pub trait TextSplitter: Send + Sync {
    /// The pieces of `text`, in order.
    fn split_text(&self, text: &str) -> Result<Vec<String>>;
    /// The pieces of each document, with its metadata and the lines they stand on.
    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>>;
}

/// Instructions that a router may choose for a question, with what it is told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What the router calls them.
    pub name: String,
    /// Which questions they are for.
    pub description: String,
    /// What the model that answers is told; `{input}` stands for the question.
    pub instructions: String,
}

/// A graph database that is only read.
#[async_trait]
pub trait Graph: Send + Sync {
    /// What is in it, for a model that shall write statements: nodes and relationships with their
    /// properties, and what is related to what.
    async fn schema(&self) -> Result<String>;
    /// The rows that a statement reads, each an object of its columns. A statement that would write
    /// is refused.
    async fn read(&self, statement: &str) -> Result<Vec<Map<String, Value>>>;
}

/// Puts an answer together from passages.
#[async_trait]
pub trait Synthesizer: Send + Sync {
    /// Answers `question` from `passages` with `model`. The pieces of the answer go to `run.events`;
    /// what is asked on the way is not told.
    async fn synthesize(
        &self,
        model: &dyn ChatModel,
        question: &str,
        passages: &[Document],
        run: &Run,
    ) -> Result<Output>;
}

/// A node that can end a flow.
#[async_trait]
pub trait Runnable: Send + Sync {
    /// Answers `input`. Tokens, tools and passages go to `run.events` as they come.
    async fn run(&self, input: &str, run: &Run) -> Result<Output>;
}
