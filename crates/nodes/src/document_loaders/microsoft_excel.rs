//! Documents from the rows of workbooks.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::parsed;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("Excel File", "excelFile", "file");
    it.field.file_type = Some(".xlsx, .xls, .xlsm, .xlsb");
    it
};

static SPEC: Spec = Spec {
    label: "Microsoft Excel",
    name: "microsoftExcel",
    version: 1.0,
    kind: "Document",
    icon: "excel-file.svg",
    category: "Document Loaders",
    description: "Makes a document of every row of a workbook, old or new",
    base_classes: &["Document"],
    inputs: &[FILE.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MicrosoftExcel;

#[async_trait]
impl Node for MicrosoftExcel {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let parse = |file: &files::UploadedFile| parsed::rows(&FILE.field, file);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}
