//! Cuts Markdown at its headings.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Spec, TextSplitter, spec::Choice,
};

use super::{
    languages,
    rows::{self, CHUNK_OVERLAP, CHUNK_SIZE},
    splitting::{self, Recursive},
};

const SPLIT_BY_HEADERS: Input<Option<String>> = Input::options(
    "Split by Headers",
    "splitByHeaders",
    &[
        Choice::new("disabled", "Disabled"),
        Choice::new("h1", "# Headers (H1)"),
        Choice::new("h2", "## Headers (H2)"),
        Choice::new("h3", "### Headers (H3)"),
        Choice::new("h4", "#### Headers (H4)"),
        Choice::new("h5", "##### Headers (H5)"),
        Choice::new("h6", "###### Headers (H6)"),
    ],
)
.default("disabled")
.describe(
    "Makes a chunk of every section with its heading, down to this level. Sections stay whole, \
     whatever the chunk size",
)
.optional();

static SPEC: Spec = Spec {
    label: "Markdown Text Splitter",
    name: "markdownTextSplitter",
    version: 1.1,
    kind: "MarkdownTextSplitter",
    icon: "markdown-splitter.svg",
    category: "Text Splitters",
    description: "Cuts Markdown at headings, code blocks and rules before it cuts paragraphs",
    base_classes: &[
        "MarkdownTextSplitter",
        "RecursiveCharacterTextSplitter",
        "TextSplitter",
        "BaseDocumentTransformer",
        "Runnable",
    ],
    inputs: &[CHUNK_SIZE.field, CHUNK_OVERLAP.field, SPLIT_BY_HEADERS.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MarkdownTextSplitter;

#[async_trait]
impl Node for MarkdownTextSplitter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let by_size = by_size(inputs)?;
        let chosen = inputs.get(&SPLIT_BY_HEADERS)?.unwrap_or_else(|| "disabled".to_owned());
        let choices = SPLIT_BY_HEADERS.field.options;
        match choices.iter().position(|it| it.name == chosen) {
            Some(0) => Ok(Capability::TextSplitter(Arc::new(by_size))),
            Some(level) => Ok(Capability::TextSplitter(Arc::new(Sections { level }))),
            None => {
                let known: Vec<&str> = choices.iter().map(|it| it.name).collect();
                let reason = format!("{chosen} is none of: {}", known.join(", "));
                Err(Error::invalid(&SPLIT_BY_HEADERS.field, reason))
            }
        }
    }
}

/// Cuts at headings and finer, so that no chunk is too long.
pub(crate) fn by_size(inputs: &Inputs) -> Result<Recursive> {
    let separators = languages::separators("markdown").unwrap_or_default();
    Ok(Recursive { splitting: rows::lengths(inputs)?, separators })
}

/// Cuts at headings only.
struct Sections {
    /// Deepest level that starts a section.
    level: usize,
}

impl TextSplitter for Sections {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        let mut sections = Vec::new();
        let mut section = String::new();
        let mut fence = None;
        for line in text.split_inclusive('\n') {
            // What looks like a heading inside of a code block is a comment of its language.
            let mark = fence_of(line);
            match (fence, mark) {
                (None, Some(_)) => fence = mark,
                (Some(open), Some(mark)) if mark == open => fence = None,
                (None, None) if depth(line).is_some_and(|it| it <= self.level) => {
                    sections.push(std::mem::take(&mut section));
                }
                _ => {}
            }
            section.push_str(line);
        }
        sections.push(section);
        let trimmed = sections.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
        Ok(trimmed.map(str::to_owned).collect())
    }

    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        splitting::split_documents(self, documents)
    }
}

/// How deep the heading on a line is.
fn depth(line: &str) -> Option<usize> {
    let marks = line.bytes().take_while(|it| *it == b'#').count();
    let blank = line[marks..].starts_with(char::is_whitespace);
    (blank && (1..=6).contains(&marks)).then_some(marks)
}

/// The mark that opens or closes a code block on a line.
fn fence_of(line: &str) -> Option<&'static str> {
    ["```", "~~~"].into_iter().find(|it| line.trim_start().starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_a_chunk() {
        let text = "intro\n# One\n\na\n## Deep\nb\n```sh\n# no heading\n```\n#hash\n# Two\r\nc\n";
        let cut = |level| Sections { level }.split_text(text).unwrap();
        let code = "```sh\n# no heading\n```\n#hash";
        assert_eq!(cut(1), ["intro", &format!("# One\n\na\n## Deep\nb\n{code}"), "# Two\r\nc"]);
        assert_eq!(cut(2), ["intro", "# One\n\na", &format!("## Deep\nb\n{code}"), "# Two\r\nc"]);
        assert!(Sections { level: 6 }.split_text("\n \n").unwrap().is_empty());
    }
}
