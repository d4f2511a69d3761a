//! Documents from EPUB books.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::Choice};
use serde_json::Value;

use super::parsed;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("Epub File", "epubFile", "file");
    it.field.file_type = Some(".epub");
    it
};
const USAGE: Input<String> = Input::options(
    "Usage",
    "usage",
    &[
        Choice::new(PER_CHAPTER, "One document per chapter"),
        Choice::new("perFile", "One document per file"),
    ],
)
.default(PER_CHAPTER);
const PER_CHAPTER: &str = "perChapter";

static SPEC: Spec = Spec {
    label: "Epub File",
    name: "epubFile",
    version: 1.0,
    kind: "Document",
    icon: "epub-file.svg",
    category: "Document Loaders",
    description: "Makes documents of the chapters of EPUB books",
    base_classes: &["Document"],
    inputs: &[
        FILE.field,
        TEXT_SPLITTER.field,
        USAGE.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct EpubFile;

#[async_trait]
impl Node for EpubFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let per_chapter = inputs.get(&USAGE)? == PER_CHAPTER;
        let parse = move |file: &files::UploadedFile| parsed::epub(&FILE.field, file, per_chapter);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}
