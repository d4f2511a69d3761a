//! Documents from the pages of Word documents.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::parsed;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("Word File", "docxFile", "file");
    it.field.file_type = Some(".docx, .doc");
    it
};

static SPEC: Spec = Spec {
    label: "Microsoft Word",
    name: "microsoftWord",
    version: 1.0,
    kind: "Document",
    icon: "word-file.svg",
    category: "Document Loaders",
    description: "Makes documents of the pages of a Word document, old or new",
    base_classes: &["Document"],
    inputs: &[FILE.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MicrosoftWord;

#[async_trait]
impl Node for MicrosoftWord {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let parse = |file: &files::UploadedFile| parsed::word(&FILE.field, file);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}
