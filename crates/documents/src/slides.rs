//! Presentations, slide by slide.

mod ppt;
mod pptx;

use crate::{Result, compound, guard::guarded};

/// What a document should be.
const EXPECTED: &str = "PowerPoint presentation";

/// The text of each slide in order, with the speaker's notes behind it. A slide of pictures is an
/// empty text.
///
/// # Errors
/// Where it is no presentation, is damaged, protected or too large.
pub fn read(bytes: &[u8]) -> Result<Vec<String>> {
    guarded(|| if compound::has(bytes, ppt::STREAM) { ppt::read(bytes) } else { pptx::read(bytes) })
}
