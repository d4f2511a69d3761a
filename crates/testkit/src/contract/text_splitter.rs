//! What every text splitter must do.

use flowstone_core::{Document, TextSplitter};

/// Laws of a splitter: every word of the text is kept in order of first appearance, no piece is
/// empty, documents keep their metadata.
///
/// `separators` are characters the splitter may leave out of its pieces besides white space.
pub fn suite(splitter: &dyn TextSplitter, separators: &str) {
    let empty = splitter.split_text("").expect("nothing can be split");
    assert!(empty.iter().all(String::is_empty), "nothing has no pieces: {empty:?}");

    let words = |text: &str| -> Vec<String> {
        let cut = |it: char| it.is_whitespace() || separators.contains(it);
        text.split(cut).filter(|it| !it.is_empty()).map(str::to_owned).collect()
    };
    let text = (0..400)
        .map(|index| match index % 40 {
            0 => format!("\n\nParagraph{index} žluťoučký"),
            20 => format!("\nline{index} 🐎"),
            _ => format!("word{index}"),
        })
        .collect::<Vec<_>>()
        .join(" ");
    let pieces = splitter.split_text(&text).expect("prose can be split");
    assert!(pieces.len() > 1, "a long text has several pieces");
    assert!(pieces.iter().all(|it| !it.trim().is_empty()), "no piece is empty");
    let mut next = 0;
    let all = words(&text);
    for piece in &pieces {
        // Pieces overlap: a piece may start again at words that the one before it ended with.
        for word in words(piece) {
            if all.get(next) == Some(&word) {
                next += 1;
            } else {
                assert!(all[..next].contains(&word), "{word:?} is not of the text or out of order");
            }
        }
    }
    assert_eq!(next, all.len(), "no word is lost");

    let mut document = Document { page_content: text, ..Document::default() };
    document.metadata.insert("source".to_owned(), "book".into());
    let parts = splitter.split_documents(&[document]).expect("documents can be split");
    assert_eq!(parts.len(), pieces.len(), "a document is cut as its text is");
    assert!(parts.iter().all(|it| it.metadata["source"] == "book"), "metadata is kept");
}
