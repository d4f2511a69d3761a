//! What files of each kind become: the part that a loader of one kind and the loader of any kind
//! share.

use flowstone_core::{Document, Error, Result, spec::Field};
use flowstone_documents::{Kind, epub, pdf, sheets, slides, word};
use serde_json::{Map, Value, json};

use super::{csv_file, json_file, jsonlines_file};
use crate::{documents, files::UploadedFile};

/// The pages of a PDF file that hold text, or all of them as one document.
pub(super) fn pdf(field: &Field, file: &UploadedFile, per_page: bool) -> Result<Vec<Document>> {
    let read = pdf::read(file.bytes()).map_err(|it| refused(field, file, &it))?;
    let about = json!({"version": read.version, "info": read.info, "totalPages": read.pages.len()});
    let mut base = documents::blob_metadata();
    base.insert("pdf".to_owned(), about);
    let pages: Vec<(usize, String)> =
        (1..).zip(read.pages).filter(|(_, text)| !text.is_empty()).collect();
    if pages.is_empty() {
        let reason = format!("{} holds no text: its pages may be pictures", file.name());
        return Err(Error::invalid(field, reason));
    }
    if !per_page {
        let texts: Vec<String> = pages.into_iter().map(|(_, text)| text).collect();
        return Ok(vec![document(texts.join("\n\n"), base)]);
    }
    let page = |(number, text)| {
        let mut metadata = base.clone();
        metadata.insert("loc".to_owned(), json!({"pageNumber": number}));
        document(text, metadata)
    };
    Ok(pages.into_iter().map(page).collect())
}

/// A Word document as one document.
pub(super) fn docx(field: &Field, file: &UploadedFile) -> Result<Vec<Document>> {
    let text = word::text(file.bytes()).map_err(|it| refused(field, file, &it))?;
    not_empty(field, file, vec![document(text, documents::blob_metadata())])
}

/// The pages of a Word document.
pub(super) fn word(field: &Field, file: &UploadedFile) -> Result<Vec<Document>> {
    let pages = word::pages(file.bytes()).map_err(|it| refused(field, file, &it))?;
    let page = |(number, text): (usize, String)| {
        let known = json!({"documentType": "word", "pageNumber": number});
        document(text, with_blob(known))
    };
    not_empty(field, file, (1..).zip(pages).map(page).collect())
}

/// The rows of a workbook, with their values as text and as metadata.
pub(super) fn rows(field: &Field, file: &UploadedFile) -> Result<Vec<Document>> {
    let rows = sheets::read(file.bytes()).map_err(|it| refused(field, file, &it))?;
    let row = |row: sheets::Row| {
        let lines = row.cells.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("- {name}: {value}\n")
        });
        let text = lines.collect::<String>();
        let mut metadata = with_blob(json!({"worksheet": row.sheet, "rowNum": row.number}));
        metadata.extend(row.cells);
        document(text, metadata)
    };
    not_empty(field, file, rows.into_iter().map(row).collect())
}

/// The slides of a presentation that hold text.
pub(super) fn slides(field: &Field, file: &UploadedFile) -> Result<Vec<Document>> {
    let slides = slides::read(file.bytes()).map_err(|it| refused(field, file, &it))?;
    let slides = (1..).zip(slides).filter(|(_, text): &(usize, String)| !text.is_empty());
    let slide = |(number, text)| {
        let known = json!({"slideNumber": number, "documentType": "powerpoint"});
        document(text, with_blob(known))
    };
    not_empty(field, file, slides.map(slide).collect())
}

/// The chapters of a book, or all of them as one document.
pub(super) fn epub(field: &Field, file: &UploadedFile, per_chapter: bool) -> Result<Vec<Document>> {
    let chapters = epub::read(file.bytes()).map_err(|it| refused(field, file, &it))?;
    if !per_chapter {
        let texts: Vec<String> = chapters.into_iter().map(|it| it.text).collect();
        let whole = document(texts.join("\n\n"), documents::blob_metadata());
        return not_empty(field, file, vec![whole]);
    }
    let chapter = |chapter: epub::Chapter| {
        let mut metadata = documents::blob_metadata();
        metadata.extend(chapter.title.map(|it| ("chapter".to_owned(), it.into())));
        document(chapter.text, metadata)
    };
    not_empty(field, file, chapters.into_iter().map(chapter).collect())
}

/// How a file of any kind is read.
pub(super) struct Settings {
    /// Whether each page of a PDF file is a document.
    pub(super) per_page: bool,
    /// The key of a JSON Lines file whose values are the texts.
    pub(super) jsonl_key: Option<String>,
}

/// A file of any kind, told by its content, and for text by its name or type.
pub(super) fn any(field: &Field, file: &UploadedFile, how: &Settings) -> Result<Vec<Document>> {
    match Kind::of(file.bytes()) {
        Kind::Pdf => pdf(field, file, how.per_page),
        Kind::Word => docx(field, file),
        Kind::Sheets => rows(field, file),
        Kind::Slides => slides(field, file),
        Kind::Epub => epub(field, file, true),
        Kind::Text => text(field, file, how),
        Kind::Other => {
            let reason = format!(
                "{} is no text and no document that can be read (PDF, Word, Excel, PowerPoint, EPUB)",
                file.name()
            );
            Err(Error::invalid(field, reason))
        }
    }
}

fn text(field: &Field, file: &UploadedFile, how: &Settings) -> Result<Vec<Document>> {
    match (file.ending().as_str(), file.media_type()) {
        ("csv", _) | ("", "text/csv") => csv_file::rows(field, file, None),
        ("json", _) | ("", "application/json") => json_file::texts(field, file),
        ("jsonl", _) | ("", "application/jsonl" | "application/x-ndjson") => {
            let missing = || {
                let reason = format!("JSONL Pointer Extraction is required for {}", file.name());
                Error::invalid(field, reason)
            };
            let key = how.jsonl_key.as_deref().ok_or_else(missing)?;
            jsonlines_file::lines(field, file, key, &Map::new())
        }
        _ => Ok(vec![document(file.text(field)?, documents::blob_metadata())]),
    }
}

fn refused(field: &Field, file: &UploadedFile, error: &flowstone_documents::Error) -> Error {
    Error::invalid(field, format!("{} {error}", file.name()))
}

/// A document without text is most often not what its user takes it for.
fn not_empty(
    field: &Field,
    file: &UploadedFile,
    documents: Vec<Document>,
) -> Result<Vec<Document>> {
    if documents.iter().all(|it| it.page_content.trim().is_empty()) {
        return Err(Error::invalid(field, format!("{} holds no text", file.name())));
    }
    Ok(documents)
}

fn document(page_content: String, metadata: Map<String, Value>) -> Document {
    Document { page_content, metadata, id: None }
}

/// What is known of a piece, and that it came as bytes.
fn with_blob(known: Value) -> Map<String, Value> {
    let mut metadata = match known {
        Value::Object(known) => known,
        _ => Map::new(),
    };
    metadata.extend(documents::blob_metadata());
    metadata
}
