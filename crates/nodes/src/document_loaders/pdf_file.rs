//! Documents from PDF files.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::Choice};
use serde_json::Value;

use super::parsed;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("Pdf File", "pdfFile", "file");
    it.field.file_type = Some(".pdf");
    it
};
const USAGE: Input<String> = Input::options("Usage", "usage", PAGES).default(PER_PAGE);
const LEGACY_BUILD: Input<bool> = Input::flag("Use Legacy Build", "legacyBuild")
    .describe("Makes no difference: one reader reads all PDF files. Kept for existing flows")
    .may_be_empty()
    .additional();

/// How PDF files can become documents.
pub(super) const PAGES: &[Choice] = &[
    Choice::new(PER_PAGE, "One document per page"),
    Choice::new("perFile", "One document per file"),
];
/// The choice of one document per page.
pub(super) const PER_PAGE: &str = "perPage";

static SPEC: Spec = Spec {
    label: "Pdf File",
    name: "pdfFile",
    version: 2.0,
    kind: "Document",
    icon: "pdf-file.svg",
    category: "Document Loaders",
    description: "Makes documents of the text of PDF files",
    base_classes: &["Document"],
    inputs: &[
        FILE.field,
        TEXT_SPLITTER.field,
        USAGE.field,
        LEGACY_BUILD.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PdfFile;

#[async_trait]
impl Node for PdfFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let per_page = inputs.get(&USAGE)? == PER_PAGE;
        let parse = move |file: &files::UploadedFile| parsed::pdf(&FILE.field, file, per_page);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}
