//! Documents from the nodes of a Figma file.

use flowstone_core::{Document, Error, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::figma;
use futures::FutureExt;
use serde_json::json;

use super::remote::{self, Remote, Source, document, listed, required};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const FILE: Input<String> = Input::text("File Key", "fileKey")
    .describe("The part of the file's address behind /file/ or /design/")
    .placeholder("key");
const NODES: Input<String> = Input::text("Node IDs", "nodeIds")
    .describe("Ids of nodes as addresses hold them behind node-id=, with commas")
    .placeholder("0:1, 12:34");
const RECURSIVE: Input<bool> = Input::flag("Recursive", "recursive")
    .describe("Kept for flows of older installations: what is below a node always comes with it")
    .may_be_empty();

static SPEC: Spec = Spec {
    label: "Figma",
    name: "figma",
    version: 2.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes a document of nodes of a Figma file",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["figmaApi"])),
    inputs: &[
        FILE.field,
        NODES.field,
        RECURSIVE.field,
        TEXT_SPLITTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, figma::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let nodes = listed(Some(inputs.get(&NODES)?));
    if nodes.is_empty() {
        return Err(Error::missing(&NODES.field));
    }
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let token = remote::key(inputs, "accessToken", "Access Token")?;
    let place = figma::place(source.address, &required(inputs, &FILE)?, &nodes);
    let found = figma::nodes(&source.http, &place, token).await?;
    Ok(vec![document(found.to_string(), json!({"source": place}))])
}
