//! Collects the text of pages from the PDF interpreter.

use std::time::Instant;

use lopdf::Document;
use pdf_extract::{
    ColorSpace, MediaBox, OutputDev, OutputError, Path, PlainTextOutput, Transform, output_doc,
    output_doc_page,
};

use crate::{Error, Result};

/// How long the text of a document may be, in bytes.
const LONGEST_TEXT: usize = 256 << 20;

/// The pages so far.
pub(super) struct Pages {
    finished: Vec<String>,
    page: Page,
    until: Instant,
    length: usize,
}

/// The page that is being read.
struct Page {
    writer: PlainTextOutput<Text>,
    text: Text,
}

/// Text that a writer and its reader share.
#[derive(Clone, Default)]
struct Text(std::rc::Rc<std::cell::RefCell<String>>);

impl pdf_extract::ConvertToFmt for Text {
    type Writer = Self;
    fn convert(self) -> Self {
        self
    }
}

impl std::fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.borrow_mut().push_str(text);
        Ok(())
    }
}

impl Page {
    fn new() -> Self {
        let text = Text::default();
        Self { writer: PlainTextOutput::new(text.clone()), text }
    }
}

impl Pages {
    fn new(until: Instant) -> Self {
        Self { finished: Vec::new(), page: Page::new(), until, length: 0 }
    }

    /// The text of all pages.
    pub(super) fn all(document: &Document, until: Instant) -> Result<Vec<String>> {
        let mut pages = Self::new(until);
        let read = output_doc(document, &mut pages);
        pages.end(read)
    }

    /// The text of one page.
    pub(super) fn one(document: &Document, number: u32, until: Instant) -> Result<String> {
        let mut pages = Self::new(until);
        let read = output_doc_page(document, &mut pages, number);
        Ok(pages.end(read)?.concat())
    }

    fn end(self, read: Result<(), OutputError>) -> Result<Vec<String>> {
        match read {
            Ok(()) => Ok(self.finished),
            Err(_) if self.is_too_much() => {
                Err(Error::TooLarge("reading it takes more time or memory than it may".to_owned()))
            }
            Err(error) => Err(Error::damaged(error)),
        }
    }

    fn is_too_much(&self) -> bool {
        self.length > LONGEST_TEXT || Instant::now() > self.until
    }

    /// Ends the reading where it takes too much.
    fn go_on(&mut self, length: usize) -> Result<(), OutputError> {
        self.length += length;
        if self.is_too_much() { Err(OutputError::FormatError(std::fmt::Error)) } else { Ok(()) }
    }
}

impl OutputDev for Pages {
    fn begin_page(
        &mut self,
        number: u32,
        media_box: &MediaBox,
        art_box: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.page = Page::new();
        self.page.writer.begin_page(number, media_box, art_box)
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.page.writer.end_page()?;
        self.finished.push(self.page.text.0.take());
        self.go_on(1)
    }

    fn output_character(
        &mut self,
        transform: &Transform,
        width: f64,
        spacing: f64,
        font_size: f64,
        character: &str,
    ) -> Result<(), OutputError> {
        self.go_on(character.len())?;
        self.page.writer.output_character(transform, width, spacing, font_size, character)
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.page.writer.begin_word()
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        self.page.writer.end_word()
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        self.go_on(0)?;
        self.page.writer.end_line()
    }

    fn fill(
        &mut self,
        _: &Transform,
        _: &ColorSpace,
        _: &[f64],
        _: &Path,
    ) -> Result<(), OutputError> {
        self.go_on(0)
    }
}
