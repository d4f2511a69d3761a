//! Documents from a Notion page.

use flowstone_core::{Document, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::notion;
use futures::FutureExt;

use super::{
    notion_pages::{self, Start},
    remote::{Remote, Source, required},
};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const PAGE: Input<String> = Input::text("Notion Page Id", "pageId")
    .describe("Id of the page, or its address; it must be shared with the integration")
    .placeholder("0123456789abcdef0123456789abcdef");

static SPEC: Spec = Spec {
    label: "Notion Page",
    name: "notionPage",
    version: 2.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of a Notion page and the pages below it",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["notionApi"])),
    inputs: &[TEXT_SPLITTER.field, PAGE.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, notion::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let start = Start::Page(notion_pages::id(&required(source.inputs, &PAGE)?));
    notion_pages::load(&source, start, &PAGE).await
}
