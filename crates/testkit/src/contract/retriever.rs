//! What every retriever must do.

use flowstone_core::{Document, Retriever, Run};

/// Laws of a retriever over [`PASSAGES`]: it finds the passage that answers, gives no passage twice,
/// and an odd question is answered with passages or none, never a panic.
pub async fn suite(retriever: &dyn Retriever, run: &Run) -> Vec<Document> {
    let found = retriever.retrieve(QUESTION, run).await.expect("a question can be looked for");
    assert!(!found.is_empty(), "the passage that answers is found");
    assert!(found[0].page_content.contains(PASSAGES[1]), "the best comes first: {found:?}");
    for (place, document) in found.iter().enumerate() {
        assert_eq!(document.metadata["place"], "shop", "metadata comes along");
        let twice = found[..place].iter().any(|it| it.page_content == document.page_content);
        assert!(!twice, "a passage is given once: {found:?}");
    }
    for odd in ["", "  \n", "žluťoučký kůň 🐎", "{question} {{metadata.x}}"] {
        retriever.retrieve(odd, run).await.expect("any text can be looked for");
    }
    found
}

/// What the retriever under test searches: embed it with [`BagOfWords`](crate::BagOfWords).
pub const PASSAGES: [&str; 4] = [
    "Stocks fell on Monday",
    "The shop opens at nine in the morning",
    "Bananas are yellow fruit",
    "The shop sells tea",
];

/// What [`PASSAGES`] answers.
pub const QUESTION: &str = "When does the shop open in the morning?";
