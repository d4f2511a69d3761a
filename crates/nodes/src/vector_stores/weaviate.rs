//! Keeps documents in Weaviate.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, Output, When},
};
use flowstone_providers::{
    HttpClient,
    vectors::{VectorServer, weaviate::Collection},
};
use serde_json::Value;

use super::{
    stored::{self, FETCH_K, FINDS, LAMBDA, SEARCH, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K},
};

const CONNECTION: Input<String> =
    Input::options("Weaviate Connection Type", "weaviateConnectionType", CONNECTIONS)
        .default("cloud")
        .describe("Where the server is");
const CONNECTIONS: &[Choice] = &[
    Choice::new("cloud", "Cloud").describe("Weaviate Cloud, by its REST address"),
    Choice::new("local", "Local").describe("A machine of yours, at port 8080 without TLS"),
    Choice::new("custom", "Custom").describe("Host and port as you say"),
];
const HOST: Input<String> =
    Input::text("Weaviate Host/URL", "weaviateHost").placeholder("localhost");
const SECURE: Input<bool> = Input::flag("HTTP Secure", "weaviateHttpSecure")
    .default(true)
    .describe("Calls by https")
    .show_when(CUSTOM)
    .may_be_empty()
    .additional();
const GRPC_HOST: Input<Option<String>> = Input::text("GRPC Host/URL", "weaviateGrpcHost")
    .describe("Kept for flows of older installations: everything goes by HTTP here")
    .show_when(CUSTOM)
    .additional()
    .optional();
const GRPC_SECURE: Input<bool> = Input::flag("GRPC Secure", "weaviateGrpcSecure")
    .default(true)
    .describe("Kept for flows of older installations: everything goes by HTTP here")
    .show_when(CUSTOM)
    .may_be_empty()
    .additional();
const CUSTOM: &[When] = &[When("weaviateConnectionType", Holds::Text("custom"))];
const INDEX: Input<String> = Input::text("Weaviate Index", "weaviateIndex").placeholder("Handbook");
const TEXT_KEY: Input<Option<String>> = Input::text("Weaviate Text Key", "weaviateTextKey")
    .describe("The property that holds the text; text where this is empty")
    .placeholder("text")
    .optional()
    .additional();
const METADATA_KEYS: Input<Option<String>> =
    Input::text("Weaviate Metadata Keys", "weaviateMetadataKeys")
        .rows(4)
        .describe(
            "A JSON list of the properties that are read as metadata; all where this is empty",
        )
        .placeholder("[\"source\"]")
        .optional()
        .additional();
const FILTER: Input<Option<Value>> = Input::json("Weaviate Search Filter", "weaviateFilter")
    .describe(
        "Finds only documents that fulfil this, such as {\"operator\": \"Equal\", \"path\": \
         [\"source\"], \"valueText\": \"a.pdf\"}; nested values are named with _",
    )
    .additional()
    .optional()
    .accepts_variables();
const ALPHA: Input<Option<f64>> = Input::number("Alpha (for Hybrid Search)", "alpha")
    .describe("From 0, only words count, to 1, only meaning; only meaning where it is empty")
    .placeholder("0.75")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Weaviate",
    name: "weaviate",
    version: 5.0,
    kind: "Weaviate",
    icon: "weaviate.svg",
    category: "Vector Stores",
    description: "Keeps documents in Weaviate and finds them by meaning, or by meaning and words",
    base_classes: &["Weaviate", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::optional(&["weaviateApi"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        CONNECTION.field,
        HOST.field,
        SECURE.field,
        GRPC_HOST.field,
        GRPC_SECURE.field,
        INDEX.field,
        TEXT_KEY.field,
        METADATA_KEYS.field,
        TOP_K.field,
        FILTER.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
        ALPHA.field,
    ],
    outputs: &[
        Output {
            label: "Weaviate Retriever",
            name: "retriever",
            base_classes: &["Weaviate", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Weaviate Vector Store",
            name: "vectorStore",
            base_classes: &["Weaviate", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    let name = stored::name(inputs, &INDEX)?;
    let is_name = name.starts_with(|it: char| it.is_ascii_alphabetic())
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_');
    if !is_name {
        let reason = "a name of letters, digits and underscores is expected, such as Handbook";
        return Err(Error::invalid(&INDEX.field, reason));
    }
    let text_key = stored::text_or(inputs, &TEXT_KEY, "text")?;
    if !text_key.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
        let reason = "a name of letters, digits and underscores is expected";
        return Err(Error::invalid(&TEXT_KEY.field, reason));
    }
    let alpha = inputs.get(&ALPHA)?;
    if alpha.is_some_and(|it| !(0.0..=1.0).contains(&it)) {
        return Err(Error::invalid(&ALPHA.field, "a number from 0 to 1 is expected"));
    }
    let metadata_keys = match stored::text(inputs, &METADATA_KEYS)? {
        None => Vec::new(),
        Some(text) => serde_json::from_str(&text).map_err(|_| {
            Error::invalid(&METADATA_KEYS.field, "a list is expected, such as [\"source\"]")
        })?,
    };
    let (http, key) =
        (inputs.services.get::<HttpClient>()?, stored::secret(inputs, "weaviateApiKey"));
    let mut collection = Collection::new(http, &origin(inputs)?, key, &name);
    collection.text_key = text_key;
    collection.metadata_keys = metadata_keys;
    collection.filter = stored::object(inputs, &FILTER)?.map(Value::Object);
    collection.alpha = alpha;
    Ok(Arc::new(collection))
}

/// The server's address.
fn origin(inputs: &Inputs) -> Result<String> {
    let host = stored::name(inputs, &HOST)?;
    if host.contains("://") {
        return Ok(host);
    }
    Ok(match inputs.get(&CONNECTION)?.as_str() {
        "cloud" => format!("https://{host}"),
        "local" if host.contains(':') => format!("http://{host}"),
        "local" => format!("http://{host}:8080"),
        "custom" if inputs.get(&SECURE)? => format!("https://{host}"),
        "custom" => format!("http://{host}"),
        other => {
            let reason = format!("{other} is none of cloud, local and custom");
            return Err(Error::invalid(&CONNECTION.field, reason));
        }
    })
}
