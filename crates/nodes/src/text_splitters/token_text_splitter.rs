//! Cuts text after a number of tokens.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Spec, TextSplitter, spec::Choice,
};

use super::{
    rows,
    splitting::{self, Splitting},
};
use crate::tokens::Encoding;

const ENCODING: Input<String> = Input::options(
    "Encoding Name",
    "encodingName",
    &[
        Choice::plain("gpt2"),
        Choice::plain("r50k_base"),
        Choice::plain("p50k_base"),
        Choice::plain("p50k_edit"),
        Choice::plain("cl100k_base"),
    ],
)
.default("gpt2");
const CHUNK_SIZE: Input<Option<u64>> = rows::CHUNK_SIZE.describe("Length of a chunk, in tokens");
const CHUNK_OVERLAP: Input<Option<u64>> =
    rows::CHUNK_OVERLAP.describe("How many tokens of a chunk's end the next one repeats");

static SPEC: Spec = Spec {
    label: "Token Text Splitter",
    name: "tokenTextSplitter",
    version: 1.0,
    kind: "TokenTextSplitter",
    icon: "token-splitter.svg",
    category: "Text Splitters",
    description: "Cuts documents into chunks of so many tokens, as models count them",
    base_classes: &["TokenTextSplitter", "TextSplitter", "BaseDocumentTransformer", "Runnable"],
    inputs: &[ENCODING.field, CHUNK_SIZE.field, CHUNK_OVERLAP.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct TokenTextSplitter;

#[async_trait]
impl Node for TokenTextSplitter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let name = inputs.get(&ENCODING)?;
        let encoding = Encoding::named(&name).ok_or_else(|| {
            let known: Vec<&str> = ENCODING.field.options.iter().map(|it| it.name).collect();
            let reason = format!("there is no encoding {name}. There are: {}", known.join(", "));
            Error::invalid(&ENCODING.field, reason)
        })?;
        let lengths = rows::lengths(inputs)?;
        Ok(Capability::TextSplitter(Arc::new(Splitter { encoding, lengths })))
    }
}

struct Splitter {
    encoding: Encoding,
    /// In tokens.
    lengths: Splitting,
}

impl TextSplitter for Splitter {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        let tokens = self.encoding.encode(text);
        let mut chunks = Vec::new();
        let mut end = 0;
        while end < tokens.len() {
            let start = end.saturating_sub(self.lengths.chunk_overlap);
            end = start.saturating_add(self.lengths.chunk_size).min(tokens.len());
            chunks.push(self.encoding.decode(&tokens[start..end]));
        }
        Ok(chunks)
    }

    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        splitting::split_documents(self, documents)
    }
}
