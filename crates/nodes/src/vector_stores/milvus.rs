//! Keeps documents in Milvus.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Field, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorServer,
        milvus::{Collection, TEXT},
    },
};

use super::{
    stored::{self, FILE_UPLOAD, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, EMBEDDINGS, TOP_K},
};

const SERVER: Input<String> =
    Input::text("Milvus Server URL", "milvusServerUrl").placeholder("http://localhost:19530");
const COLLECTION: Input<String> = Input::text("Milvus Collection Name", "milvusCollection");
const PARTITION: Input<Option<String>> = Input::text("Milvus Partition Name", "milvusPartition")
    .default("_default")
    .describe("The part of the collection")
    .optional();
const TEXT_FIELD: Input<Option<String>> = Input::text("Milvus Text Field", "milvusTextField")
    .describe("The field that holds the text; langchain_text where this is empty")
    .placeholder("langchain_text")
    .optional()
    .additional();
const FILTER: Input<Option<String>> = Input::text("Milvus Filter", "milvusFilter")
    .describe("Finds only documents that fulfil this, such as page > 3, as Milvus documents it")
    .placeholder("source == \"a.pdf\"")
    .optional()
    .additional()
    .accepts_variables();
const SECURE: Input<bool> = Input::flag("Secure", "secure")
    .describe("Calls by https where the address says nothing else")
    .may_be_empty()
    .additional();
const CLIENT_PEM: Input<Option<String>> = file("Client PEM Path", "clientPemPath");
const CLIENT_KEY: Input<Option<String>> = file("Client Key Path", "clientKeyPath");
const CA_PEM: Input<Option<String>> = file("CA PEM Path", "caPemPath");
const SERVER_NAME: Input<Option<String>> = file("Server Name", "serverName");

/// A row that only older flows fill in.
const fn file(label: &'static str, name: &'static str) -> Input<Option<String>> {
    Input::text(label, name)
        .describe(
            "Kept for flows of older installations, and must stay empty: files of this machine are \
             not read, and the certificates that it trusts are those that are checked",
        )
        .optional()
        .additional()
}

static SPEC: Spec = Spec {
    label: "Milvus",
    name: "milvus",
    version: 2.1,
    kind: "Milvus",
    icon: "milvus.svg",
    category: "Vector Stores",
    description: "Keeps documents in Milvus 2.4 or newer, or in Zilliz Cloud, and finds them by meaning",
    base_classes: &["Milvus", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::optional(&["milvusAuth"])),
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        SERVER.field,
        COLLECTION.field,
        PARTITION.field,
        FILE_UPLOAD.field,
        TEXT_FIELD.field,
        FILTER.field,
        TOP_K.field,
        SECURE.field,
        CLIENT_PEM.field,
        CLIENT_KEY.field,
        CA_PEM.field,
        SERVER_NAME.field,
    ],
    outputs: &[
        Output {
            label: "Milvus Retriever",
            name: "retriever",
            base_classes: &["Milvus", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Milvus Vector Store",
            name: "vectorStore",
            base_classes: &["Milvus", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode =
    StoreNode::new(&SPEC, |inputs| Box::pin(async move { opened(inputs) }));

fn opened(inputs: &Inputs) -> Result<Arc<dyn VectorServer>> {
    for row in [&CLIENT_PEM, &CLIENT_KEY, &CA_PEM, &SERVER_NAME] {
        empty(&row.field, stored::text(inputs, row)?)?;
    }
    let server = stored::name(inputs, &SERVER)?;
    let scheme = if inputs.get(&SECURE)? { "https" } else { "http" };
    let server = if server.contains("://") { server } else { format!("{scheme}://{server}") };
    let login = stored::secret(inputs, "milvusUser")
        .map(|user| (user, stored::secret(inputs, "milvusPassword").unwrap_or_default()));
    let (http, name) = (inputs.services.get::<HttpClient>()?, stored::name(inputs, &COLLECTION)?);
    let mut collection = Collection::new(http, &server, login, &name);
    collection.partition = stored::text(inputs, &PARTITION)?.filter(|it| it != "_default");
    collection.text_field = stored::text_or(inputs, &TEXT_FIELD, TEXT)?;
    collection.filter = stored::text(inputs, &FILTER)?;
    collection.of_chats = inputs.get(&FILE_UPLOAD)?;
    Ok(Arc::new(collection))
}

fn empty(field: &Field, value: Option<String>) -> Result<()> {
    match value {
        None => Ok(()),
        Some(_) => Err(Error::invalid(
            field,
            "certificates of a flow are not taken: leave this empty, and have the operator trust \
             the authority on this machine",
        )),
    }
}
