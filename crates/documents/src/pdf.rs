//! PDF documents, page by page.

mod forms;
mod output;
mod repair;

use std::{
    io::Read,
    time::{Duration, Instant},
};

use flate2::read::ZlibDecoder;
use lopdf::{Document, Object};
use serde_json::{Map, Value};

use crate::{Error, Kind, Result, guard::guarded};
use output::Pages;

/// How many pages are read.
const MOST_PAGES: usize = 20_000;

/// How much one stream may unpack to, in bytes.
const LONGEST_STREAM: u64 = 256 << 20;

/// How long a document may take.
const PATIENCE: Duration = Duration::from_mins(5);

/// A PDF document.
#[derive(Clone, Debug, PartialEq)]
pub struct Pdf {
    /// The text of each page; empty for a page of pictures.
    pub pages: Vec<String>,
    /// The version of PDF it is written in, such as `1.7`.
    pub version: String,
    /// What it says of itself: `Title`, `Author`, `Producer` and so on.
    pub info: Map<String, Value>,
}

/// Reads a document.
///
/// # Errors
/// Where it is no PDF document, is damaged, needs a password or is too large.
pub fn read(bytes: &[u8]) -> Result<Pdf> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    let Some(start) = head.windows(5).position(|it| it == b"%PDF-") else {
        return Err(Error::WrongKind { expected: "PDF document", found: Kind::describe(bytes) });
    };
    let bytes = bytes.get(start..).unwrap_or_default();
    let until = Instant::now() + PATIENCE;
    let document = guarded(|| {
        measure(bytes, LONGEST_STREAM)?;
        let mut document = match load(bytes) {
            // Other readers mend a list of contents that is wrong; so do we.
            Err(Error::Damaged(reason)) => match repair::repaired(bytes) {
                Some(repaired) => load(&repaired)?,
                None => return Err(Error::Damaged(reason)),
            },
            loaded => loaded?,
        };
        forms::prepare(&mut document)?;
        Ok(document)
    })?;
    let ids = document.get_pages();
    if ids.is_empty() {
        return Err(Error::damaged("it has no pages"));
    }
    if ids.len() > MOST_PAGES {
        let reason = format!("it has {} pages, and {MOST_PAGES} are read", ids.len());
        return Err(Error::TooLarge(reason));
    }
    let pages = match guarded(|| Pages::all(&document, until)) {
        Ok(pages) if pages.len() == ids.len() => pages,
        Err(error @ Error::TooLarge(_)) => return Err(error),
        // One page spoiled the whole: the others are read without it.
        _ => one_by_one(&document, ids.len(), until)?,
    };
    let mut pages: Vec<String> = pages.iter().map(|it| tidy(it)).collect();
    look_again(&document, &mut pages);
    Ok(Pdf { pages, version: document.version.clone(), info: info(&document) })
}

/// Reads pages one by one, and those that the first reader cannot read by a second one.
fn one_by_one(document: &Document, count: usize, until: Instant) -> Result<Vec<String>> {
    let mut pages = Vec::new();
    for number in 1..=u32::try_from(count).unwrap_or(u32::MAX) {
        let first = guarded(|| Pages::one(document, number, until));
        let page = match first {
            Ok(page) => Ok(page),
            Err(error @ Error::TooLarge(_)) => return Err(error),
            Err(_) => guarded(|| document.extract_text(&[number]).map_err(Error::damaged)),
        };
        pages.push(page.map_err(|_| Error::damaged(format!("page {number} cannot be read")))?);
    }
    Ok(pages)
}

/// How many pages without text a second reader looks at. A book of pictures has thousands of them.
const MOST_LOOKED_AT: usize = 100;

/// Some fonts say nothing to the first reader. What the second one finds is better than nothing.
fn look_again(document: &Document, pages: &mut [String]) {
    let blank = (1..).zip(pages).filter(|(_, text)| text.is_empty());
    for (number, page) in blank.take(MOST_LOOKED_AT) {
        let found = guarded(|| document.extract_text(&[number]).map_err(Error::damaged));
        if let Ok(text) = found {
            *page = tidy(&text);
        }
    }
}

fn load(bytes: &[u8]) -> Result<Document> {
    let mut document = Document::load_mem(bytes).map_err(|error| match error {
        lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => Error::Encrypted,
        other => Error::damaged(other),
    })?;
    // Many documents are only protected from being changed, and open without a password.
    if document.is_encrypted() {
        document.decrypt("").map_err(|_| Error::Encrypted)?;
    }
    Ok(document)
}

/// Unpacks everything that looks packed once and forgets it, since the parser unpacks without
/// bounds. It looks at bytes, not at structure, which could say something else than what is read.
fn measure(bytes: &[u8], longest: u64) -> Result<()> {
    const MARK: &[u8] = b"stream";
    let mut from = 0;
    let mut buffer = vec![0; 64 << 10];
    while let Some(at) = memchr::memmem::find(bytes.get(from..).unwrap_or_default(), MARK) {
        from += at + MARK.len();
        let body = bytes.get(from..).unwrap_or_default();
        let skipped = body.iter().take(2).take_while(|it| matches!(it, b'\r' | b'\n')).count();
        let body = body.get(skipped..).unwrap_or_default();
        if body.first().is_none_or(|it| it & 0x0f != 8) {
            continue;
        }
        let mut unpacked = ZlibDecoder::new(body).take(longest + 1);
        let mut length = 0;
        // A stream that ends in an error is cut there by the parser too.
        while let Ok(read @ 1..) = unpacked.read(&mut buffer) {
            length += read as u64;
        }
        if length > longest {
            let reason = format!("a part of it unpacks to more than {longest} bytes");
            return Err(Error::TooLarge(reason));
        }
    }
    Ok(())
}

/// What the document says of itself.
fn info(document: &Document) -> Map<String, Value> {
    let mut info = Map::new();
    let entry = document.trailer.get(b"Info").ok();
    let entry = entry.and_then(|it| document.dereference(it).ok());
    let Some((_, Object::Dictionary(entries))) = entry else { return info };
    for (key, value) in entries {
        let Ok((_, value)) = document.dereference(value) else { continue };
        let text = match value {
            Object::String(..) => lopdf::decode_text_string(value).ok(),
            Object::Name(name) => Some(String::from_utf8_lossy(name).into_owned()),
            _ => None,
        };
        if let Some(text) = text {
            info.insert(String::from_utf8_lossy(key).into_owned(), text.into());
        }
    }
    info
}

/// Text without blanks at line ends, without more than one empty line, and without the marks that
/// fonts without names for their characters leave behind.
fn tidy(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    let mut empty = 0;
    for line in page.lines() {
        let line: String = line.chars().filter(|it| !it.is_control() || *it == '\t').collect();
        let line = line.trim_end();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty > 1 {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::ZlibEncoder};

    use super::*;

    #[test]
    fn what_unpacks_to_more_than_it_may_is_refused() {
        let mut packed = ZlibEncoder::new(b"%PDF-1.4\nstream\r\n".to_vec(), Compression::fast());
        packed.write_all(&[0; 5000]).unwrap();
        let bytes = packed.finish().unwrap();
        assert_eq!(measure(&bytes, 5000), Ok(()));
        assert!(matches!(measure(&bytes, 4999), Err(Error::TooLarge(_))));
    }

    #[test]
    fn text_is_tidied() {
        assert_eq!(tidy("\n a \n\n\n\nb\u{1}c\td\n"), "a\n\nbc\td");
    }
}
