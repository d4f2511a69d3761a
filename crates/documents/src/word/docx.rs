//! Word documents of 2007 and after (ECMA-376, part 1, chapter 17).

use super::EXPECTED;
use crate::{
    Error, Kind, Result,
    archive::Archive,
    xml::{self, Sink, Tag},
};

/// The text of each page.
pub(super) fn pages(bytes: &[u8]) -> Result<Vec<String>> {
    let mut archive = Archive::open(bytes, EXPECTED)?;
    let main = main_part(&mut archive)?;
    let Some(document) = archive.xml(&main)? else {
        return Err(Error::WrongKind { expected: EXPECTED, found: Kind::describe(bytes) });
    };
    let mut body = Body::default();
    xml::walk(&document, &mut body)?;
    if !body.is_document {
        return Err(Error::WrongKind { expected: EXPECTED, found: Kind::describe(bytes) });
    }
    let folder = main.rsplit_once('/').map_or("", |(folder, _)| folder);
    for notes in ["footnotes.xml", "endnotes.xml"] {
        if let Some(notes) = archive.xml(&format!("{folder}/{notes}"))? {
            xml::walk(&notes, &mut body)?;
        }
    }
    Ok(body.pages)
}

/// Where the package says that its document is.
fn main_part(archive: &mut Archive<'_>) -> Result<String> {
    let mut found = Relation::default();
    if let Some(relations) = archive.xml("_rels/.rels")? {
        xml::walk(&relations, &mut found)?;
    }
    Ok(found.target.unwrap_or_else(|| "word/document.xml".to_owned()))
}

/// Finds the target of the relation to the main part.
#[derive(Default)]
struct Relation {
    target: Option<String>,
}

impl Sink for Relation {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        let kind = tag.attribute("Type").unwrap_or_default();
        if name == "Relationship" && kind.ends_with("/officeDocument") {
            let target = tag.attribute("Target");
            self.target = target.map(|it| it.trim_start_matches('/').to_owned());
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

struct Body {
    /// Whether it begins as documents do.
    is_document: bool,
    pages: Vec<String>,
    /// How many elements around us hide what is in them.
    hidden: usize,
    /// Whether we are in a text of the document.
    speaking: bool,
    /// Whether the note we are in is one that only draws a line.
    separator: bool,
}

impl Default for Body {
    fn default() -> Self {
        Self {
            is_document: false,
            pages: vec![String::new()],
            hidden: 0,
            speaking: false,
            separator: false,
        }
    }
}

impl Body {
    fn push(&mut self, text: &str) {
        if self.hidden == 0
            && !self.separator
            && let Some(page) = self.pages.last_mut()
        {
            page.push_str(text);
        }
    }
}

/// What is in these is there a second time, or was taken out of the document.
const HIDDEN: &[&str] = &["Fallback", "del", "moveFrom"];

impl Sink for Body {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        match name {
            _ if HIDDEN.contains(&name) => self.hidden += 1,
            "document" => self.is_document = true,
            "t" => self.speaking = true,
            "tab" => self.push("\t"),
            "br" if tag.attribute("type").as_deref() == Some("page") => {
                self.pages.push(String::new());
            }
            // Word notes where pages ended when it last showed the document.
            "lastRenderedPageBreak"
                if self.hidden == 0
                    && self.pages.last().is_some_and(|it| !it.trim().is_empty()) =>
            {
                self.pages.push(String::new());
            }
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "footnote" | "endnote" => {
                let kind = tag.attribute("type").unwrap_or_default();
                self.separator = kind.to_ascii_lowercase().contains("separator");
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            _ if HIDDEN.contains(&name) => self.hidden = self.hidden.saturating_sub(1),
            "t" => self.speaking = false,
            "p" => self.push("\n\n"),
            "footnote" | "endnote" => self.separator = false,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.speaking {
            self.push(text);
        }
    }
}
