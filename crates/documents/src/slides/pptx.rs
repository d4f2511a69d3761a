//! Presentations of 2007 and after (ECMA-376, part 1, chapter 19).

use std::collections::HashMap;

use super::EXPECTED;
use crate::{
    Error, Kind, Result,
    archive::Archive,
    xml::{self, Sink, Tag},
};

/// The text of each slide.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<String>> {
    let mut archive = Archive::open(bytes, EXPECTED)?;
    let Some(presentation) = archive.xml("ppt/presentation.xml")? else {
        return Err(Error::WrongKind { expected: EXPECTED, found: Kind::describe(bytes) });
    };
    let mut order = Order::default();
    xml::walk(&presentation, &mut order)?;
    let relations = relations(&mut archive, "ppt", "presentation.xml")?;
    let mut slides = Vec::new();
    for id in order.0 {
        let Some((_, path)) = relations.get(&id) else { continue };
        let Some(slide) = archive.xml(path)? else { continue };
        let mut text = Words::default();
        xml::walk(&slide, &mut text)?;
        let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
        let of_slide = self::relations(&mut archive, folder, file)?;
        for (kind, path) in of_slide.values() {
            if kind == "notesSlide"
                && let Some(notes) = archive.xml(path)?
            {
                text.paragraph_end();
                xml::walk(&notes, &mut text)?;
            }
        }
        slides.push(text.text.trim().to_owned());
    }
    Ok(slides)
}

/// What a part refers to: by id, the kind and the path.
fn relations(
    archive: &mut Archive<'_>,
    folder: &str,
    file: &str,
) -> Result<HashMap<String, (String, String)>> {
    let mut found = Relations { folder: folder.to_owned(), found: HashMap::new() };
    if let Some(relations) = archive.xml(&format!("{folder}/_rels/{file}.rels"))? {
        xml::walk(&relations, &mut found)?;
    }
    Ok(found.found)
}

struct Relations {
    folder: String,
    found: HashMap<String, (String, String)>,
}

impl Sink for Relations {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        let attributes = (tag.attribute("Id"), tag.attribute("Type"), tag.attribute("Target"));
        if let ("Relationship", (Some(id), Some(kind), Some(target))) = (name, attributes) {
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            self.found.insert(id, (kind, xml::resolved(&self.folder, &target)));
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

/// The ids of slides in the order they are shown.
#[derive(Default)]
struct Order(Vec<String>);

impl Sink for Order {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        if name == "sldId" {
            // It has a number of its own too, which is called `id` as well.
            self.0.extend(tag.prefixed("id"));
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

/// Collects paragraphs.
#[derive(Default)]
struct Words {
    text: String,
    speaking: bool,
    /// Where the shape began that we are in, and whether it only repeats a date or a number.
    shapes: Vec<(usize, bool)>,
    hidden: usize,
}

impl Words {
    fn paragraph_end(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }
}

impl Sink for Words {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        match name {
            "t" => self.speaking = self.hidden == 0,
            "br" => self.text.push('\n'),
            "tab" if self.hidden == 0 => self.text.push('\t'),
            "Fallback" => self.hidden += 1,
            "sp" => self.shapes.push((self.text.len(), false)),
            "ph" => {
                let kind = tag.attribute("type").unwrap_or_default();
                if matches!(kind.as_str(), "sldNum" | "dt" | "ftr" | "hdr")
                    && let Some((_, repeated)) = self.shapes.last_mut()
                {
                    *repeated = true;
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "t" => self.speaking = false,
            "p" => self.paragraph_end(),
            "Fallback" => self.hidden = self.hidden.saturating_sub(1),
            "sp" => {
                if let Some((start, true)) = self.shapes.pop() {
                    self.text.truncate(start);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.speaking {
            self.text.push_str(text);
        }
    }
}
