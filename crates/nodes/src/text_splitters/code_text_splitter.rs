//! Cuts program text at the declarations of its language.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Error, Input, Inputs, Node, Result, Spec, spec::Choice};

use super::{
    languages,
    rows::{self, CHUNK_OVERLAP, CHUNK_SIZE},
    splitting::Recursive,
};

const LANGUAGE: Input<String> = Input::options(
    "Language",
    "language",
    &[
        Choice::plain("c"),
        Choice::plain("cobol"),
        Choice::plain("cpp"),
        Choice::plain("csharp"),
        Choice::plain("elixir"),
        Choice::plain("go"),
        Choice::plain("haskell"),
        Choice::plain("html"),
        Choice::plain("java"),
        Choice::plain("js"),
        Choice::plain("kotlin"),
        Choice::plain("latex"),
        Choice::plain("lua"),
        Choice::plain("markdown"),
        Choice::plain("php"),
        Choice::plain("powershell"),
        Choice::plain("proto"),
        Choice::plain("python"),
        Choice::plain("rst"),
        Choice::plain("ruby"),
        Choice::plain("rust"),
        Choice::plain("scala"),
        Choice::plain("sol"),
        Choice::plain("swift"),
        Choice::plain("ts"),
    ],
);

static SPEC: Spec = Spec {
    label: "Code Text Splitter",
    name: "codeTextSplitter",
    version: 1.0,
    kind: "CodeTextSplitter",
    icon: "code-splitter.svg",
    category: "Text Splitters",
    description: "Cuts program text where declarations and statements of its language begin",
    base_classes: &["CodeTextSplitter", "TextSplitter", "BaseDocumentTransformer", "Runnable"],
    inputs: &[LANGUAGE.field, CHUNK_SIZE.field, CHUNK_OVERLAP.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CodeTextSplitter;

#[async_trait]
impl Node for CodeTextSplitter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let language = inputs.get(&LANGUAGE)?;
        let separators = languages::separators(&language).ok_or_else(|| {
            let known: Vec<&str> = LANGUAGE.field.options.iter().map(|it| it.name).collect();
            let reason =
                format!("there is no language {language}. There are: {}", known.join(", "));
            Error::invalid(&LANGUAGE.field, reason)
        })?;
        Ok(Capability::TextSplitter(Arc::new(Recursive {
            splitting: rows::lengths(inputs)?,
            separators,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_of_the_form_is_known() {
        for choice in LANGUAGE.field.options {
            let separators = languages::separators(choice.name);
            let last = separators.as_ref().and_then(|it| it.last());
            assert_eq!(last.map(String::as_str), Some(""), "{}", choice.name);
        }
    }
}
