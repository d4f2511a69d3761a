//! Documents from files of any kind.

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec, spec::Field};
use serde_json::Value;

use super::{
    parsed,
    pdf_file::{PAGES, PER_PAGE},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("File", "file", "file");
    it.field.file_type = Some("*");
    it
};
const USAGE: Input<Option<String>> = Input::options("Pdf Usage", "usage", PAGES)
    .describe("How PDF files become documents")
    .default(PER_PAGE)
    .optional()
    .additional();
const LEGACY_BUILD: Input<bool> = Input::flag("Use Legacy Build", "legacyBuild")
    .describe("Makes no difference: one reader reads all PDF files. Kept for existing flows")
    .may_be_empty()
    .additional();
const POINTER: Input<Option<String>> = Input::text("JSONL Pointer Extraction", "pointerName")
    .describe("The key of a JSON Lines file whose values are the texts of its documents")
    .placeholder("answer")
    .optional()
    .additional();

/// Rows of loaders of one kind under which calls may bring files: whoever calls does not know which
/// loader a flow has.
const OF_CALLS: &[Field] = &[
    Field::new("File", "txtFile", "file"),
    Field::new("File", "pdfFile", "file"),
    Field::new("File", "jsonFile", "file"),
    Field::new("File", "csvFile", "file"),
    Field::new("File", "jsonlinesFile", "file"),
    Field::new("File", "docxFile", "file"),
    Field::new("File", "yamlFile", "file"),
    Field::new("File", "excelFile", "file"),
    Field::new("File", "powerpointFile", "file"),
    Field::new("File", "epubFile", "file"),
];

static SPEC: Spec = Spec {
    label: "File Loader",
    name: "fileLoader",
    version: 2.0,
    kind: "Document",
    icon: "file-loader.svg",
    category: "Document Loaders",
    description: "Makes documents of files of any kind",
    base_classes: &["Document"],
    inputs: &[
        FILE.field,
        TEXT_SPLITTER.field,
        USAGE.field,
        LEGACY_BUILD.field,
        POINTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct FileLoader;

#[async_trait]
impl Node for FileLoader {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let mut loaded = Vec::new();
        let brought: Vec<&Field> =
            OF_CALLS.iter().filter(|it| inputs.value(it).is_some()).collect();
        let rows = if brought.is_empty() { vec![&FILE.field] } else { brought };
        for row in rows {
            let how = parsed::Settings {
                per_page: inputs.get(&USAGE)?.is_none_or(|it| it == PER_PAGE),
                jsonl_key: inputs.get(&POINTER)?.filter(|it| !it.trim().is_empty()),
            };
            let parse = move |file: &files::UploadedFile| parsed::any(&FILE.field, file, &how);
            loaded.extend(files::load(row, inputs, parse).await?);
        }
        if loaded.is_empty() {
            return Err(Error::invalid(&FILE.field, "the files hold nothing"));
        }
        documents::hand_on(loaded, inputs).await
    }
}
