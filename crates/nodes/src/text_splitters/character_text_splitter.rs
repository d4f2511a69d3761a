//! Cuts text at one separator and joins the pieces to chunks.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Input, Inputs, Node, Result, Spec, TextSplitter};

use super::{
    rows::{self, CHUNK_OVERLAP, CHUNK_SIZE},
    splitting::{self, Splitting},
};

const SEPARATOR: Input<Option<String>> = Input::text("Custom Separator", "separator")
    .describe("Where to cut; at blank lines where it is empty")
    .placeholder("---")
    .optional();

static SPEC: Spec = Spec {
    label: "Character Text Splitter",
    name: "characterTextSplitter",
    version: 1.0,
    kind: "CharacterTextSplitter",
    icon: "text-splitter.svg",
    category: "Text Splitters",
    description: "Cuts documents at one separator; what stands between two of them stays whole",
    base_classes: &["CharacterTextSplitter", "TextSplitter", "BaseDocumentTransformer", "Runnable"],
    inputs: &[CHUNK_SIZE.field, CHUNK_OVERLAP.field, SEPARATOR.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CharacterTextSplitter;

#[async_trait]
impl Node for CharacterTextSplitter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::TextSplitter(Arc::new(Splitter {
            splitting: Splitting { keep_separator: false, ..rows::lengths(inputs)? },
            separator: inputs.get(&SEPARATOR)?.unwrap_or_else(|| "\n\n".to_owned()),
        })))
    }
}

struct Splitter {
    splitting: Splitting,
    separator: String,
}

impl TextSplitter for Splitter {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        let pieces = self.splitting.cut(text, &self.separator);
        Ok(self.splitting.join(&pieces, &self.separator))
    }

    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        splitting::split_documents(self, documents)
    }
}
