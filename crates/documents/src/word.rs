//! Word documents, page by page where they say where pages end.

mod doc;
mod docx;

use crate::{Result, compound, guard::guarded};

/// What a document should be.
const EXPECTED: &str = "Word document";

/// The text of each page that is not blank. A document that does not say where pages end has one.
///
/// # Errors
/// Where it is no Word document, is damaged, protected or too large.
pub fn pages(bytes: &[u8]) -> Result<Vec<String>> {
    let pages = guarded(|| {
        if compound::has(bytes, "WordDocument") {
            doc::text(bytes).map(|it| it.split('\u{c}').map(str::to_owned).collect())
        } else {
            docx::pages(bytes)
        }
    })?;
    Ok(trimmed(pages))
}

/// The whole text: each paragraph with an empty line behind it.
///
/// # Errors
/// As [`pages`].
pub fn text(bytes: &[u8]) -> Result<String> {
    Ok(pages(bytes)?.join("\n\n"))
}

fn trimmed(pages: Vec<String>) -> Vec<String> {
    let pages = pages.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
    pages.map(str::to_owned).collect()
}
