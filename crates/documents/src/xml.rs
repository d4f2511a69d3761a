//! Events of XML, with what names and entities mean settled.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};
use quick_xml::{
    Reader,
    events::{BytesRef, BytesStart, Event},
};

use crate::{Error, Result};

/// How deep elements may nest.
const MOST_NESTED: usize = 1000;

/// What is told of a document, in order. Names are without their prefix.
pub(crate) trait Sink {
    /// An element begins.
    fn open(&mut self, name: &str, tag: &Tag<'_>);
    /// It ends.
    fn close(&mut self, name: &str);
    /// Text between tags.
    fn text(&mut self, text: &str);
}

/// The tag that an element begins with.
pub(crate) struct Tag<'a>(&'a BytesStart<'a>);

impl Tag<'_> {
    /// An attribute by its name without prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.html_attributes();
        attributes.with_checks(false);
        let found = attributes.flatten().find(|it| it.key.local_name().into_inner() == name)?;
        let value = quick_xml::escape::unescape(&found.value);
        Some(value.map_or_else(|_| found.value.to_string(), Cow::into_owned))
    }

    /// An attribute that has a prefix, by its name behind that.
    pub(crate) fn prefixed(&self, name: &str) -> Option<String> {
        let mut attributes = self.0.html_attributes();
        attributes.with_checks(false);
        let is_it = |key: &str| key.split_once(':').is_some_and(|(_, it)| it == name);
        let found = attributes.flatten().find(|it| is_it(it.key.into_inner()))?;
        Some(found.value.to_string())
    }
}

/// Tells `sink` of `xml`.
///
/// # Errors
/// Where it is no XML or nested too deep.
pub(crate) fn walk(xml: &str, sink: &mut dyn Sink) -> Result<()> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut open: Vec<String> = Vec::new();
    loop {
        let event = reader.read_event();
        let event = event.map_err(|error| Error::damaged(format!("its XML is wrong: {error}")))?;
        match event {
            Event::Start(tag) => {
                let name = tag.local_name().into_inner().to_owned();
                sink.open(&name, &Tag(&tag));
                open.push(name);
                if open.len() > MOST_NESTED {
                    let reason = format!("its elements are nested more than {MOST_NESTED} deep");
                    return Err(Error::TooLarge(reason));
                }
            }
            Event::Empty(tag) => {
                let name = tag.local_name().into_inner().to_owned();
                sink.open(&name, &Tag(&tag));
                sink.close(&name);
            }
            // An end that fits nothing is passed over; one that fits further out closes what is
            // open inside.
            Event::End(tag) => {
                let name = tag.local_name().into_inner().to_owned();
                if let Some(at) = open.iter().rposition(|it| *it == name) {
                    for inner in open.drain(at..).rev() {
                        sink.close(&inner);
                    }
                }
            }
            Event::Text(text) => sink.text(&text),
            Event::CData(text) => sink.text(&text),
            Event::GeneralRef(reference) => sink.text(&spelled_out(&reference)),
            Event::Eof => {
                for inner in open.drain(..).rev() {
                    sink.close(&inner);
                }
                return Ok(());
            }
            Event::Decl(_) | Event::PI(_) | Event::DocType(_) | Event::Comment(_) => {}
        }
    }
}

/// A path as it is written in a folder.
pub(crate) fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for step in target.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            other => path.push(other),
        }
    }
    path.join("/")
}

/// The character that `&…;` stands for; one that nobody knows stays as it is written. Entities that
/// a document declares itself are not followed: they are how small files become endless.
fn spelled_out(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let known = quick_xml::escape::resolve_html5_entity(reference);
    known.map_or_else(|| format!("&{};", &**reference), str::to_owned)
}

/// The text of an XML file: by its byte order mark, else as its first line says, else as UTF-8.
pub(crate) fn decode(bytes: &[u8]) -> String {
    let head = bytes.get(..200).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head);
    let declared = head.split_once("?>").and_then(|(declaration, _)| {
        let label = declaration.split_once("encoding=")?.1;
        let label = label.trim_start_matches(['"', '\'']).split(['"', '\'']).next()?;
        Encoding::for_label(label.as_bytes())
    });
    declared.unwrap_or(UTF_8).decode(bytes).0.into_owned()
}
