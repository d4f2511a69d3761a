//! Documents from the rows of a Notion database.

use flowstone_core::{Document, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::notion;
use futures::FutureExt;

use super::{
    notion_pages::{self, Start},
    remote::{Remote, Source, required},
};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const DATABASE: Input<String> = Input::text("Notion Database Id", "databaseId")
    .describe("Id of the database, or its address; it must be shared with the integration")
    .placeholder("0123456789abcdef0123456789abcdef");

static SPEC: Spec = Spec {
    label: "Notion Database",
    name: "notionDB",
    version: 2.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the rows of a Notion database and what is below them",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["notionApi"])),
    inputs: &[TEXT_SPLITTER.field, DATABASE.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, notion::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let start = Start::Database(notion_pages::id(&required(source.inputs, &DATABASE)?));
    notion_pages::load(&source, start, &DATABASE).await
}
