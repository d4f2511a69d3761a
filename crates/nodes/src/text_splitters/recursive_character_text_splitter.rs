//! Cuts text at the coarsest separator that makes it short enough.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Spec, TextSplitter,
};

use super::splitting::{self, Splitting};

const CHUNK_SIZE: Input<Option<u64>> = Input::whole("Chunk Size", "chunkSize")
    .default(1000)
    .describe("Longest chunk, in characters")
    .optional();
const CHUNK_OVERLAP: Input<Option<u64>> = Input::whole("Chunk Overlap", "chunkOverlap")
    .default(200)
    .describe("How many characters of a chunk's end the next one repeats")
    .optional();
const SEPARATORS: Input<Option<Vec<String>>> = {
    let mut it = Input::of("Custom Separators", "separators", "string")
        .describe(
            "JSON list of where to cut, coarsest first. Blank lines, lines, words and then \
             characters where it is empty",
        )
        .placeholder(r###"["|", "##", ">", "-"]"###)
        .additional()
        .optional();
    it.field.rows = Some(4);
    it
};

static SPEC: Spec = Spec {
    label: "Recursive Character Text Splitter",
    name: "recursiveCharacterTextSplitter",
    version: 2.0,
    kind: "RecursiveCharacterTextSplitter",
    icon: "text-splitter.svg",
    category: "Text Splitters",
    description: "Cuts documents at paragraphs, else lines, else words, so that chunks stay short",
    base_classes: &[
        "RecursiveCharacterTextSplitter",
        "TextSplitter",
        "BaseDocumentTransformer",
        "Runnable",
    ],
    inputs: &[CHUNK_SIZE.field, CHUNK_OVERLAP.field, SEPARATORS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct RecursiveCharacterTextSplitter;

#[async_trait]
impl Node for RecursiveCharacterTextSplitter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::TextSplitter(Arc::new(Splitter {
            splitting: chunk_lengths(inputs)?,
            separators: separators(inputs)?,
        })))
    }
}

struct Splitter {
    splitting: Splitting,
    separators: Vec<String>,
}

impl TextSplitter for Splitter {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        Ok(self.splitting.recursive(text, &self.separators))
    }

    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        splitting::split_documents(self, documents)
    }
}

fn chunk_lengths(inputs: &Inputs) -> Result<Splitting> {
    let length = |input: &Input<Option<u64>>, emptied: u64| -> Result<usize> {
        let chosen = inputs.get(input)?.unwrap_or(emptied);
        usize::try_from(chosen).map_err(|_| Error::invalid(&input.field, "this is too long"))
    };
    let (size, overlap) = (length(&CHUNK_SIZE, 1000)?, length(&CHUNK_OVERLAP, 200)?);
    if overlap >= size {
        return Err(Error::invalid(
            &CHUNK_OVERLAP.field,
            format!("{overlap} is not less than the chunk size of {size}"),
        ));
    }
    Ok(Splitting { chunk_size: size, chunk_overlap: overlap, keep_separator: true })
}

fn separators(inputs: &Inputs) -> Result<Vec<String>> {
    let Some(text) = inputs.value(&SEPARATORS.field) else {
        return Ok(["\n\n", "\n", " ", ""].map(str::to_owned).to_vec());
    };
    let expected = "a JSON list of texts is expected, such as [\"\\n\\n\", \"\\n\", \" \"]";
    let list = match text {
        serde_json::Value::String(text) => serde_json::from_str(&text).unwrap_or_default(),
        other => other,
    };
    let list: Vec<String> =
        serde_json::from_value(list).map_err(|_| Error::invalid(&SEPARATORS.field, expected))?;
    if list.is_empty() {
        return Err(Error::invalid(&SEPARATORS.field, expected));
    }
    Ok(list)
}
