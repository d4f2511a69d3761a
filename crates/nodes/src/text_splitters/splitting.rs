//! Cutting text by separators and joining the pieces to chunks, boundary for boundary as the
//! LangChain splitters for JavaScript do it.
//!
//! Lengths count UTF-16 units, as they do there. One difference: a character outside the basic
//! plane is never cut in half, where JavaScript would leave two broken halves.

use std::collections::VecDeque;

use flowstone_core::{Document, Result, TextSplitter};
use memchr::memmem;
use serde_json::{Map, Value, json};

/// How long chunks are and what happens to separators.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Splitting {
    /// Longest chunk, in UTF-16 units.
    pub(crate) chunk_size: usize,
    /// How much of a chunk's end the next one repeats, in UTF-16 units.
    pub(crate) chunk_overlap: usize,
    /// Whether a separator stays at the start of the piece behind it.
    pub(crate) keep_separator: bool,
}

impl Splitting {
    /// The chunks of `text`: cut at the first of `separators` that it holds; what is still too long
    /// is cut at the ones behind that.
    pub(crate) fn recursive(self, text: &str, separators: &[String]) -> Vec<String> {
        let stands = |it: &String| memmem::find(text.as_bytes(), it.as_bytes()).is_some();
        let found = separators.iter().position(|it| it.is_empty() || stands(it));
        let separator = found.or(separators.len().checked_sub(1)).map_or("", |at| &separators[at]);
        // No finer separator is left where the text has none of them or was cut into characters.
        let finer = found.filter(|_| !separator.is_empty()).map(|at| &separators[at + 1..]);
        let joint = if self.keep_separator { "" } else { separator };
        let mut chunks = Vec::new();
        let mut small = Joining::new(self, joint);
        for piece in self.cut(text, separator) {
            let length = units(piece);
            if length < self.chunk_size {
                small.push(piece, length, &mut chunks);
                continue;
            }
            small.end(&mut chunks);
            match finer {
                Some(finer) => chunks.extend(self.recursive(piece, finer)),
                None => chunks.push(piece.to_owned()),
            }
        }
        small.end(&mut chunks);
        chunks
    }

    /// Cuts at every place where `separator` starts; at every character where it is empty.
    pub(crate) fn cut<'a>(self, text: &'a str, separator: &str) -> Vec<&'a str> {
        let pieces: Vec<&str> = if separator.is_empty() {
            text.split_inclusive(|_| true).collect()
        } else if self.keep_separator {
            cut_before(text, separator)
        } else {
            text.split(separator).collect()
        };
        pieces.into_iter().filter(|it| !it.is_empty()).collect()
    }

    /// Joins neighbouring pieces to chunks that are as long as they may be.
    pub(crate) fn join(self, pieces: &[&str], joint: &str) -> Vec<String> {
        let mut chunks = Vec::new();
        let mut joining = Joining::new(self, joint);
        for piece in pieces {
            joining.push(piece, units(piece), &mut chunks);
        }
        joining.end(&mut chunks);
        chunks
    }
}

/// Pieces on their way into chunks.
struct Joining<'a> {
    splitting: Splitting,
    joint: &'a str,
    joint_units: usize,
    /// Those of the chunk that grows, with their lengths.
    current: VecDeque<(&'a str, usize)>,
    /// The sum of these lengths, without joints.
    total: usize,
}

impl<'a> Joining<'a> {
    fn new(splitting: Splitting, joint: &'a str) -> Self {
        let joint_units = units(joint);
        Self { splitting, joint, joint_units, current: VecDeque::new(), total: 0 }
    }

    /// Takes a piece of `length` UTF-16 units in; a chunk that has no room for it is finished first.
    fn push(&mut self, piece: &'a str, length: usize, chunks: &mut Vec<String>) {
        if self.is_full(length) && !self.current.is_empty() {
            chunks.extend(joined(&self.current, self.joint));
            while self.total > self.splitting.chunk_overlap
                || (self.is_full(length) && self.total > 0)
            {
                let Some((_, dropped)) = self.current.pop_front() else { break };
                self.total -= dropped;
            }
        }
        self.current.push_back((piece, length));
        self.total += length;
    }

    /// Finishes the chunk that grows; the next piece begins anew, without overlap.
    fn end(&mut self, chunks: &mut Vec<String>) {
        chunks.extend(joined(&self.current, self.joint));
        self.current.clear();
        self.total = 0;
    }

    fn is_full(&self, length: usize) -> bool {
        let joints = self.current.len() * self.joint_units;
        self.total + length + joints > self.splitting.chunk_size
    }
}

/// Cuts at the coarsest of a list of separators that makes pieces short enough.
pub(crate) struct Recursive {
    pub(crate) splitting: Splitting,
    /// Coarsest first.
    pub(crate) separators: Vec<String>,
}

impl TextSplitter for Recursive {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        Ok(self.splitting.recursive(text, &self.separators))
    }

    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        split_documents(self, documents)
    }
}

/// The chunks of each document, with its metadata and the lines they stand on under `loc.lines`.
pub(crate) fn split_documents(
    splitter: &dyn TextSplitter,
    documents: &[Document],
) -> Result<Vec<Document>> {
    let mut chunks = Vec::new();
    for document in documents {
        let mut lines = Lines::of(&document.page_content);
        for chunk in splitter.split_text(&document.page_content)? {
            let (from, to) = lines.next(&chunk);
            let mut metadata = document.metadata.clone();
            let known = metadata.get("loc").and_then(Value::as_object).cloned();
            let mut place: Map<String, Value> = known.unwrap_or_default();
            place.insert("lines".to_owned(), json!({"from": from, "to": to}));
            metadata.insert("loc".to_owned(), place.into());
            chunks.push(Document { page_content: chunk, metadata, id: None });
        }
    }
    Ok(chunks)
}

/// Follows chunks through their text and counts lines.
///
/// Chunks overlap and are trimmed, so each is looked for behind the start of the one before. One
/// that starts no later (its start was blank and trimmed away), or that is no passage of the text
/// (separators that stood side by side were left out), is not found; the search then starts over,
/// as the original's does, so that line numbers agree with it.
struct Lines<'a> {
    text: &'a str,
    line: usize,
    previous: Option<Previous>,
    /// Where the last chunk that was found stands.
    anchor: usize,
    misses: usize,
}

/// The chunk before.
struct Previous {
    /// Where it stands; `None` where it was not found.
    at: Option<usize>,
    bytes: usize,
    /// Its length in UTF-16 units, in which the original counts.
    units: usize,
}

impl Previous {
    /// Where it ends in `text`.
    fn end(&self, text: &str) -> usize {
        match self.at {
            Some(at) => at + self.bytes,
            None => byte_of(text, self.units.saturating_sub(1)),
        }
    }
}

/// After so many chunks that were not found, chunks are only looked for near the last one that was:
/// a text made to defeat the search must not take a time that grows with the square of its length.
const MOST_MISSES: usize = 64;

/// How much of the text is near, in bytes.
const NEAR: usize = 1 << 16;

impl<'a> Lines<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, line: 1, previous: None, anchor: 0, misses: 0 }
    }

    /// First and last line of the next chunk.
    fn next(&mut self, chunk: &str) -> (usize, usize) {
        let found = self.find(chunk);
        let end = self.previous.as_ref().map(|it| it.end(self.text));
        match (end, found) {
            (None, Some(here)) => self.line += self.line_breaks(0, here),
            (Some(end), Some(here)) if end < here => self.line += self.line_breaks(end, here),
            (Some(end), Some(here)) => {
                self.line = self.line.saturating_sub(self.line_breaks(here, end));
            }
            // The original takes a chunk that it did not find to stand one before the text, and
            // places below zero to count from the end.
            (None, None) => self.line += self.line_breaks(0, self.text.len().saturating_sub(1)),
            (Some(end), None) => {
                let last = self.line_breaks(self.text.len().saturating_sub(1), end);
                self.line = self.line.saturating_sub(last);
            }
        }
        let first = self.line;
        self.line += memchr::memchr_iter(b'\n', chunk.as_bytes()).count();
        self.previous = Some(Previous { at: found, bytes: chunk.len(), units: units(chunk) });
        (first, self.line)
    }

    fn find(&mut self, chunk: &str) -> Option<usize> {
        let text = self.text.as_bytes();
        let behind = self.previous.as_ref().and_then(|it| it.at).map_or(0, |at| at + 1);
        let (from, to) = if self.misses > MOST_MISSES {
            let from = behind.max(self.anchor);
            (from, from.saturating_add(NEAR + 4 * chunk.len()).min(text.len()))
        } else {
            (behind, text.len())
        };
        let near = text.get(from..to)?;
        let found = memchr::memmem::find(near, chunk.as_bytes()).map(|at| from + at);
        match found {
            Some(at) => self.anchor = at,
            None => self.misses += 1,
        }
        found
    }

    fn line_breaks(&self, from: usize, to: usize) -> usize {
        let bytes = self.text.as_bytes();
        let to = to.min(bytes.len());
        memchr::memchr_iter(b'\n', bytes.get(from..to).unwrap_or_default()).count()
    }
}

/// The place of the character that `units` UTF-16 units lie before.
fn byte_of(text: &str, units: usize) -> usize {
    let mut left = units;
    for (at, character) in text.char_indices() {
        let Some(rest) = left.checked_sub(character.len_utf16()) else { return at };
        left = rest;
        if left == 0 {
            return at + character.len_utf8();
        }
    }
    text.len()
}

/// Pieces that each start with the separator. Every place where it stands counts, also those that
/// overlap: `\n\n\n` is cut twice at `\n\n`.
fn cut_before<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let finder = memmem::Finder::new(separator);
    let next = |from: usize| {
        let rest = text.as_bytes().get(from..)?;
        finder.find(rest).map(|at| from + at)
    };
    let mut start = 0;
    let mut from = 0;
    while let Some(at) = next(from) {
        if at > start {
            pieces.push(&text[start..at]);
            start = at;
        }
        from = at + text[at..].chars().next().map_or(1, char::len_utf8);
    }
    pieces.push(&text[start..]);
    pieces
}

fn joined(pieces: &VecDeque<(&str, usize)>, joint: &str) -> Option<String> {
    let bytes = pieces.iter().map(|(piece, _)| piece.len() + joint.len()).sum();
    let mut text = String::with_capacity(bytes);
    for (at, (piece, _)) in pieces.iter().enumerate() {
        if at > 0 {
            text.push_str(joint);
        }
        text.push_str(piece);
    }
    text.truncate(text.trim_end_matches(is_blank).len());
    let start = text.len() - text.trim_start_matches(is_blank).len();
    text.drain(..start);
    (!text.is_empty()).then_some(text)
}

/// What JavaScript's `trim` takes away: Unicode's white space, the byte order mark, but not U+0085.
fn is_blank(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}

/// The length in UTF-16 units: one for each character, two for one of four bytes.
fn units(text: &str) -> usize {
    // By first bytes, which is much quicker than to make the units.
    text.chars().count() + text.bytes().filter(|it| *it >= 0b1111_0000).count()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    /// Made by running the LangChain package over texts and settings; see the file's first line.
    const GOLDEN: &str = include_str!("../../tests/golden/recursive_character_text_splitter.json");

    #[derive(Deserialize)]
    struct Golden {
        texts: HashMap<String, String>,
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        settings: Settings,
        text: String,
        /// First line, last line, text.
        chunks: Vec<(u64, u64, String)>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Settings {
        chunk_size: usize,
        chunk_overlap: usize,
        separators: Option<Vec<String>>,
        keep_separator: Option<bool>,
    }

    fn splitter(settings: &Settings) -> Recursive {
        let usual = || ["\n\n", "\n", " ", ""].map(str::to_owned).to_vec();
        Recursive {
            splitting: Splitting {
                chunk_size: settings.chunk_size,
                chunk_overlap: settings.chunk_overlap,
                keep_separator: settings.keep_separator.unwrap_or(true),
            },
            separators: settings.separators.clone().unwrap_or_else(usual),
        }
    }

    #[test]
    fn chunks_and_lines_are_those_of_langchain() {
        let golden: Golden = serde_json::from_str(GOLDEN).unwrap();
        assert!(golden.cases.len() > 100);
        for case in golden.cases {
            let metadata = json!({"loc": {"page": 1}}).as_object().cloned().unwrap();
            let text = golden.texts[&case.text].clone();
            let document = Document { page_content: text, metadata, id: None };
            let made = splitter(&case.settings).split_documents(&[document]).unwrap();
            let made = made.into_iter().map(|it| {
                let place = &it.metadata["loc"];
                assert_eq!(place["page"], 1, "what was known of the place is kept");
                let line = |key: &str| place["lines"][key].as_u64().unwrap();
                (line("from"), line("to"), it.page_content)
            });
            assert_eq!(made.collect::<Vec<_>>(), case.chunks, "{} {:?}", case.text, case.settings);
        }
    }

    proptest! {
        #[test]
        fn lengths_are_those_of_utf_16(text in "\\PC{0,80}") {
            prop_assert_eq!(units(&text), text.encode_utf16().count());
        }
    }

    #[test]
    fn a_character_of_two_units_is_never_cut_in_half() {
        let splitting = Splitting { chunk_size: 3, chunk_overlap: 0, keep_separator: true };
        let chunks = splitting.recursive("🦜🦜🦜", &[String::new()]);
        assert_eq!(chunks, ["🦜", "🦜", "🦜"]);
    }

    proptest! {
        #[test]
        fn chunks_are_short_trimmed_parts_of_the_text(
            text in "[ab \n🦜é]{0,200}",
            chunk_size in 3_usize..60,
            overlap in 0_usize..59,
        ) {
            let chunk_overlap = overlap.min(chunk_size - 1);
            let settings =
                Settings { chunk_size, chunk_overlap, separators: None, keep_separator: None };
            let chunks = splitter(&settings).split_text(&text).unwrap();
            for chunk in &chunks {
                prop_assert!(text.contains(chunk.as_str()));
                prop_assert!(units(chunk) <= chunk_size);
                prop_assert_eq!(chunk.trim(), chunk);
                prop_assert!(!chunk.is_empty());
            }
            let kept: usize = chunks.iter().map(|it| words(it)).sum();
            prop_assert!(kept >= words(&text), "nothing but blanks is lost");
        }
    }

    /// Characters that are no blanks.
    fn words(text: &str) -> usize {
        text.chars().filter(|it| !it.is_whitespace()).count()
    }
}
