//! Keeps documents in a Qdrant server.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Embeddings, Error, Input, Inputs, Node, Result, Retriever, Run, Spec,
    VectorStore,
    node::{Removal, Upserted},
    spec::{Choice, CredentialSlot, Output},
};
use flowstone_providers::{
    http::HttpClient,
    qdrant::{Collection, Found, Point},
};
use serde_json::{Map, Value, json};

use super::upserting::{self, DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K};

const SERVER: Input<String> =
    Input::text("Qdrant Server URL", "qdrantServerUrl").placeholder("http://localhost:6333");
const COLLECTION: Input<String> =
    Input::text("Qdrant Collection Name", "qdrantCollection").accepts_variables();
const FILE_UPLOAD: Input<bool> = Input::flag("File Upload", "fileUpload")
    .describe(
        "Finds what came with files of the same chat, and of other documents what is no chat's",
    )
    .may_be_empty()
    .additional();
const DIMENSION: Input<u64> = Input::whole("Vector Dimension", "qdrantVectorDimension")
    .default(1536)
    .describe("Length of the embedding model's vectors, for a collection that is made")
    .additional();
const CONTENT_KEY: Input<Option<String>> = Input::text("Content Key", "contentPayloadKey")
    .default("content")
    .describe("The part of a point that holds the text")
    .optional()
    .additional();
const METADATA_KEY: Input<Option<String>> = Input::text("Metadata Key", "metadataPayloadKey")
    .default("metadata")
    .describe("The part of a point that holds the metadata")
    .optional()
    .additional();
const BATCH_SIZE: Input<Option<u64>> = Input::whole("Upsert Batch Size", "batchSize")
    .step(1.0)
    .describe("How many points are written in one call; 100 where it is empty")
    .additional()
    .optional();
const SIMILARITY: Input<String> = Input::options("Similarity", "qdrantSimilarity", SIMILARITIES)
    .default("Cosine")
    .describe("What counts as near, for a collection that is made")
    .additional();
const SIMILARITIES: &[Choice] =
    &[Choice::plain("Cosine"), Choice::plain("Euclid"), Choice::plain("Dot")];
const SETTINGS: Input<Option<Value>> =
    Input::json("Additional Collection Cofiguration", "qdrantCollectionConfiguration")
        .describe("Further settings of a collection that is made, as Qdrant documents them")
        .optional()
        .additional();
const FILTER: Input<Option<Value>> = Input::json("Qdrant Search Filter", "qdrantFilter")
    .describe("Finds only points that fulfil these conditions, as Qdrant documents them")
    .optional()
    .accepts_variables()
    .additional();

/// Key of the metadata of what came with a chat.
const CHAT: &str = "flowise_chatId";

static SPEC: Spec = Spec {
    label: "Qdrant",
    name: "qdrant",
    version: 5.0,
    kind: "Qdrant",
    icon: "qdrant.svg",
    category: "Vector Stores",
    description: "Keeps documents in a Qdrant server and finds them by meaning",
    base_classes: &["Qdrant", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::optional(&["qdrantApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        SERVER.field,
        COLLECTION.field,
        FILE_UPLOAD.field,
        DIMENSION.field,
        CONTENT_KEY.field,
        METADATA_KEY.field,
        BATCH_SIZE.field,
        SIMILARITY.field,
        SETTINGS.field,
        TOP_K.field,
        FILTER.field,
    ],
    outputs: &[
        Output {
            label: "Qdrant Retriever",
            name: "retriever",
            base_classes: &["Qdrant", "VectorStoreRetriever", "BaseRetriever"],
            description: Some("Finds documents for a question"),
        },
        Output {
            label: "Qdrant Vector Store",
            name: "vectorStore",
            base_classes: &["Qdrant", "VectorStore"],
            description: Some("The store itself, for nodes that search it their own way"),
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Qdrant;

#[async_trait]
impl Node for Qdrant {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let store = Arc::new(Store::from_form(inputs)?);
        if inputs.output == "vectorStore" {
            return Ok(Capability::VectorStore(store));
        }
        let of_chats = inputs.get(&FILE_UPLOAD)?;
        Ok(Capability::Retriever(Arc::new(Nearest { store, of_chats })))
    }

    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        let store = Store::from_form(inputs)?;
        upserting::upsert(&store, &store.collection.name, inputs).await
    }

    async fn remove(&self, inputs: &Inputs, which: &Removal) -> Result<()> {
        let store = Store::from_form(inputs)?;
        upserting::remove(&store, &store.collection.name, inputs, which).await
    }
}

struct Store {
    collection: Collection,
    embeddings: Arc<dyn Embeddings>,
    dimension: u64,
    similarity: String,
    settings: Map<String, Value>,
    content_key: String,
    metadata_key: String,
    batch: usize,
    filter: Option<Value>,
    top_k: usize,
}

impl Store {
    fn from_form(inputs: &Inputs) -> Result<Self> {
        let key = inputs.credential.as_ref().and_then(|it| it.get("qdrantApiKey"));
        let object = |field: &Input<Option<Value>>| match inputs.get(field)? {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(map)) => Ok(Some(map)),
            Some(_) => Err(Error::invalid(&field.field, "a JSON object is expected")),
        };
        let name = inputs.get(&COLLECTION)?;
        if name.trim().is_empty() || name.contains('/') {
            return Err(Error::invalid(&COLLECTION.field, "a name without slashes is expected"));
        }
        let or = |text: Option<String>, usual: &str| {
            text.filter(|it| !it.trim().is_empty()).unwrap_or_else(|| usual.to_owned())
        };
        let batch = inputs.get(&BATCH_SIZE)?.filter(|it| *it > 0).unwrap_or(100);
        Ok(Self {
            collection: Collection {
                http: inputs.services.get::<HttpClient>()?,
                server: inputs.get(&SERVER)?,
                key: key.filter(|it| !it.is_empty()).map(str::to_owned),
                name,
            },
            embeddings: inputs.get(&EMBEDDINGS)?,
            dimension: inputs.get(&DIMENSION)?,
            similarity: inputs.get(&SIMILARITY)?,
            settings: object(&SETTINGS)?.unwrap_or_default(),
            content_key: or(inputs.get(&CONTENT_KEY)?, "content"),
            metadata_key: or(inputs.get(&METADATA_KEY)?, "metadata"),
            batch: usize::try_from(batch).unwrap_or(100),
            filter: object(&FILTER)?.map(Value::Object),
            top_k: upserting::top_k(inputs)?,
        })
    }

    /// Makes the collection where there is none, and refuses vectors that do not fit it.
    async fn make_ready(&self, length: usize) -> Result<()> {
        let there = self.collection.dimension().await?;
        let expected = there.unwrap_or(self.dimension);
        if expected != 0 && expected != length as u64 {
            let reason = format!(
                "the embedding model makes vectors of {length} numbers, the collection is for \
                 {expected}; set it to {length} and choose a collection that is not there yet"
            );
            return Err(Error::invalid(&DIMENSION.field, reason));
        }
        if there.is_none() {
            self.collection.create(expected, &self.similarity, &self.settings).await?;
        }
        Ok(())
    }

    async fn find(
        &self,
        query: &str,
        k: usize,
        chat: Option<&str>,
    ) -> Result<Vec<(Document, f32)>> {
        let vector = self.embeddings.embed_query(query).await?;
        let filter = self.filter_for(chat);
        let found = self.collection.search(&vector, k, filter.as_ref()).await?;
        Ok(found.into_iter().map(|it| self.document(it)).collect())
    }

    /// The form's filter; for a chat also that a point is of this chat or of none.
    fn filter_for(&self, chat: Option<&str>) -> Option<Value> {
        let Some(chat) = chat else { return self.filter.clone() };
        let key = format!("{}.{CHAT}", self.metadata_key);
        let of_chat = json!({ "should": [
            { "key": key, "match": { "value": chat } },
            { "is_empty": { "key": key } },
        ]});
        Some(match &self.filter {
            Some(filter) => json!({ "must": [filter, of_chat] }),
            None => of_chat,
        })
    }

    fn document(&self, mut found: Found) -> (Document, f32) {
        let page_content = match found.payload.remove(&self.content_key) {
            Some(Value::String(text)) => text,
            None | Some(Value::Null) => String::new(),
            Some(other) => other.to_string(),
        };
        let metadata = match found.payload.remove(&self.metadata_key) {
            Some(Value::Object(map)) => map,
            _ => Map::new(),
        };
        let id = found.id.as_str().map_or_else(|| found.id.to_string(), str::to_owned);
        (Document { page_content, metadata, id: Some(id) }, found.score)
    }
}

#[async_trait]
impl VectorStore for Store {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        let mut ids = Vec::with_capacity(documents.len());
        let mut is_ready = false;
        for documents in documents.chunks(self.batch) {
            let texts: Vec<String> = documents.iter().map(|it| it.page_content.clone()).collect();
            let vectors = upserting::embed(&*self.embeddings, &texts).await?;
            if !is_ready {
                self.make_ready(vectors.first().map_or(0, Vec::len)).await?;
                is_ready = true;
            }
            let points: Vec<Point> = documents
                .iter()
                .zip(vectors)
                .map(|(document, vector)| Point {
                    id: document.id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
                    vector,
                    payload: Map::from_iter([
                        (self.content_key.clone(), document.page_content.clone().into()),
                        (self.metadata_key.clone(), document.metadata.clone().into()),
                    ]),
                })
                .collect();
            self.collection.upsert(&points).await?;
            ids.extend(points.into_iter().map(|it| it.id));
        }
        Ok(ids)
    }

    async fn search(&self, query: &str, k: usize) -> Result<Vec<(Document, f32)>> {
        self.find(query, k, None).await
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        self.collection.delete(ids).await
    }

    fn top_k(&self) -> usize {
        self.top_k
    }
}

struct Nearest {
    store: Arc<Store>,
    /// Only documents of the asking chat or of none.
    of_chats: bool,
}

#[async_trait]
impl Retriever for Nearest {
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        let chat = self.of_chats.then_some(run.chat_id.as_str());
        let found = self.store.find(query, self.store.top_k, chat).await?;
        Ok(found.into_iter().map(|(document, _)| document).collect())
    }
}
