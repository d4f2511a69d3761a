//! Keeps documents in a Qdrant server.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorServer,
        qdrant::{Collection, Made},
    },
};
use serde_json::Value;

use super::{
    stored::{self, FILE_UPLOAD, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

const SERVER: Input<String> =
    Input::text("Qdrant Server URL", "qdrantServerUrl").placeholder("http://localhost:6333");
const COLLECTION: Input<String> =
    Input::text("Qdrant Collection Name", "qdrantCollection").accepts_variables();
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
            description: FINDS,
        },
        Output {
            label: "Qdrant Vector Store",
            name: "vectorStore",
            base_classes: &["Qdrant", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { collection(inputs) }));

fn collection(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let name = stored::name(inputs, &COLLECTION)?;
    if name.contains('/') {
        return Err(Error::invalid(&COLLECTION.field, "a name without slashes is expected"));
    }
    let made = Made {
        size: inputs.get(&DIMENSION)?,
        distance: inputs.get(&SIMILARITY)?,
        settings: stored::object(inputs, &SETTINGS)?.unwrap_or_default(),
    };
    let (http, key) =
        (inputs.services.get::<HttpClient>()?, stored::secret(inputs, "qdrantApiKey"));
    let mut collection = Collection::new(http, &inputs.get(&SERVER)?, key, &name, made);
    collection.content_key = stored::text_or(inputs, &CONTENT_KEY, "content")?;
    collection.metadata_key = stored::text_or(inputs, &METADATA_KEY, "metadata")?;
    let batch = inputs.get(&BATCH_SIZE)?.filter(|it| *it > 0).unwrap_or(100);
    collection.batch = usize::try_from(batch).unwrap_or(100);
    collection.filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    Ok(Arc::new(collection))
}
