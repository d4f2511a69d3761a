//! Documents from the slides of presentations.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use super::parsed;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const FILE: Input<Value> = {
    let mut it = Input::of("PowerPoint File", "powerpointFile", "file");
    it.field.file_type = Some(".pptx, .ppt");
    it
};

static SPEC: Spec = Spec {
    label: "Microsoft PowerPoint",
    name: "microsoftPowerpoint",
    version: 1.0,
    kind: "Document",
    icon: "powerpoint-file.svg",
    category: "Document Loaders",
    description: "Makes a document of every slide of a presentation, old or new",
    base_classes: &["Document"],
    inputs: &[FILE.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MicrosoftPowerpoint;

#[async_trait]
impl Node for MicrosoftPowerpoint {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let parse = |file: &files::UploadedFile| parsed::slides(&FILE.field, file);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}
