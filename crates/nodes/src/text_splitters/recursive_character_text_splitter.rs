//! Cuts text at the coarsest separator that makes it short enough.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec};

use super::{
    rows::{self, CHUNK_OVERLAP, CHUNK_SIZE},
    splitting::Recursive,
};

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
        Ok(Capability::TextSplitter(Arc::new(Recursive {
            splitting: rows::lengths(inputs)?,
            separators: separators(inputs)?,
        })))
    }
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
