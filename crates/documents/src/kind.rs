//! What a file is, by its content.

use crate::{archive::Archive, compound};

/// A kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// PDF.
    Pdf,
    /// Word, of 2007 and after or of before.
    Word,
    /// Excel, of 2007 and after or of before.
    Sheets,
    /// PowerPoint, of 2007 and after or of before.
    Slides,
    /// EPUB.
    Epub,
    /// Text in any encoding that can be told.
    Text,
    /// Something else, such as a picture.
    Other,
}

impl Kind {
    /// Looks at the content; what a file is called does not matter.
    pub fn of(bytes: &[u8]) -> Self {
        // Some programs write a line or a mark before the head of a PDF; readers look for it in the
        // first kilobyte.
        let head = bytes.get(..1024).unwrap_or(bytes);
        if head.windows(5).any(|it| it == b"%PDF-") {
            return Self::Pdf;
        }
        if bytes.starts_with(b"PK\x03\x04") {
            return Self::of_archive(bytes);
        }
        if compound::is(bytes) {
            return match () {
                () if compound::has(bytes, "WordDocument") => Self::Word,
                () if compound::has(bytes, "Workbook") || compound::has(bytes, "Book") => {
                    Self::Sheets
                }
                () if compound::has(bytes, "PowerPoint Document") => Self::Slides,
                () => Self::Other,
            };
        }
        // UTF-16 has zero bytes, and says so at its start.
        let marked = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
        if marked || !bytes.contains(&0) { Self::Text } else { Self::Other }
    }

    fn of_archive(bytes: &[u8]) -> Self {
        let Ok(archive) = Archive::open(bytes, "archive") else { return Self::Other };
        let names = archive.names();
        let has = |start: &str| names.iter().any(|it| it.starts_with(start));
        match () {
            () if has("word/") => Self::Word,
            () if has("xl/") => Self::Sheets,
            () if has("ppt/") => Self::Slides,
            () if has("META-INF/container.xml") => Self::Epub,
            () => Self::Other,
        }
    }

    /// What content looks like, in words.
    pub(crate) fn describe(bytes: &[u8]) -> String {
        if bytes.is_empty() {
            return "it is empty".to_owned();
        }
        let name = match Self::of(bytes) {
            Self::Pdf => "a PDF file",
            Self::Word => "a Word document",
            Self::Sheets => "a workbook",
            Self::Slides => "a presentation",
            Self::Epub => "an EPUB book",
            Self::Text => "text",
            Self::Other => "something else",
        };
        format!("it looks like {name}")
    }
}
