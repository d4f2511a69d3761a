//! Presentations of 1997 to 2003 ([MS-PPT]).

use encoding_rs::{UTF_16LE, WINDOWS_1252};

use super::EXPECTED;
use crate::{
    Error, Kind, Result,
    compound::{size_at, stream, u16_at},
};

/// The stream that holds a presentation.
pub(super) const STREAM: &str = "PowerPoint Document";

/// How deep records may nest.
const MOST_NESTED: usize = 64;

/// The text of each slide.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<String>> {
    let Some(content) = stream(bytes, STREAM)? else {
        return Err(Error::WrongKind { expected: EXPECTED, found: Kind::describe(bytes) });
    };
    if stream(bytes, "EncryptedSummary")?.is_some() {
        return Err(Error::Encrypted);
    }
    let mut found = Found::default();
    walk(&content, Part::Elsewhere, 0, &mut found)?;
    // Titles and lists stand in the outline, other texts with the slides.
    let count = found.outline.len().max(found.slides.len());
    let slides = (0..count).map(|index| {
        let of = |list: &[Vec<String>]| list.get(index).cloned().unwrap_or_default();
        let mut texts = of(&found.outline);
        texts.extend(of(&found.slides));
        texts.join("\n").trim().to_owned()
    });
    Ok(slides.collect())
}

#[derive(Default)]
struct Found {
    outline: Vec<Vec<String>>,
    slides: Vec<Vec<String>>,
}

/// What the records around a text are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Outline,
    Slide,
    Elsewhere,
}

/// Types of records (2.13.24).
mod record {
    pub(super) const SLIDE: u16 = 0x03ee;
    pub(super) const SLIDE_PERSIST: u16 = 0x03f3;
    pub(super) const SLIDE_LIST: u16 = 0x0ff0;
    pub(super) const TEXT_CHARS: u16 = 0x0fa0;
    pub(super) const TEXT_BYTES: u16 = 0x0fa8;
}

fn walk(content: &[u8], part: Part, depth: usize, found: &mut Found) -> Result<()> {
    if depth > MOST_NESTED {
        return Err(Error::TooLarge(format!(
            "its records are nested more than {MOST_NESTED} deep"
        )));
    }
    let mut rest = content;
    while let (Some(head), Some(kind), Some(length)) =
        (u16_at(rest, 0), u16_at(rest, 2), size_at(rest, 4))
    {
        let Some(body) = length.checked_add(8).and_then(|end| rest.get(8..end)) else {
            return Err(Error::damaged("it ends in the middle of a slide"));
        };
        let (is_container, instance) = (head & 0xf == 0xf, head >> 4);
        match kind {
            // Lists of the masters and the notes have other instances.
            record::SLIDE_LIST if instance == 0 => walk(body, Part::Outline, depth + 1, found)?,
            record::SLIDE_LIST => {}
            record::SLIDE_PERSIST if part == Part::Outline => found.outline.push(Vec::new()),
            record::SLIDE => {
                found.slides.push(Vec::new());
                walk(body, Part::Slide, depth + 1, found)?;
            }
            record::TEXT_CHARS => note(found, part, &UTF_16LE.decode_without_bom_handling(body).0),
            record::TEXT_BYTES => note(found, part, &WINDOWS_1252.decode(body).0),
            _ if is_container => walk(body, part, depth + 1, found)?,
            _ => {}
        }
        rest = rest.get(8 + length..).unwrap_or_default();
    }
    Ok(())
}

fn note(found: &mut Found, part: Part, text: &str) {
    let slides = match part {
        Part::Outline => &mut found.outline,
        Part::Slide => &mut found.slides,
        Part::Elsewhere => return,
    };
    // Paragraphs end with a carriage return, lines within them with a vertical tab.
    if let Some(texts) = slides.last_mut() {
        texts.push(text.replace(['\r', '\u{b}'], "\n"));
    }
}
