//! Documents from Word documents, one a file.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::parsed;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("Docx File", "docxFile", "file");
    it.field.file_type = Some(".docx");
    it
};

static SPEC: Spec = Spec {
    label: "Docx File",
    name: "docxFile",
    version: 2.0,
    kind: "Document",
    icon: "docx-file.svg",
    category: "Document Loaders",
    description: "Makes a document of the text of a Word document",
    base_classes: &["Document"],
    inputs: &[FILE.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct DocxFile;

#[async_trait]
impl Node for DocxFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let parse = |file: &files::UploadedFile| parsed::docx(&FILE.field, file);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}
