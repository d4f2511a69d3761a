//! What every vector store must do.

use flowstone_core::{Document, VectorStore};
use serde_json::json;

/// Laws of a store that is empty when given and whose embedding model is
/// [`BagOfWords`](crate::BagOfWords) or knows words as well.
pub async fn suite(store: &dyn VectorStore) {
    assert!(store.top_k() > 0, "a search gives something");
    assert!(store.search("cat", 4).await.expect("an empty store can be searched").is_empty());
    assert!(store.add(&[]).await.expect("nothing can be added").is_empty());

    let texts = [
        "The cat sits on the mat",
        "Stocks fell on Monday",
        "Příliš žluťoučký kůň úpěl 🐎",
        "The cat sleeps",
    ];
    let documents = texts.map(|text| {
        let mut document = Document { page_content: text.to_owned(), ..Document::default() };
        document.metadata.insert("source".to_owned(), json!({"name": text, "page": 1}));
        document
    });
    let ids = store.add(&documents).await.expect("documents are added");
    assert_eq!(ids.len(), documents.len(), "one id per document, in order");
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len(), "ids differ");

    let found = store.search("the cat sleeps", 10).await.expect("a store can be searched");
    assert_eq!(found.len(), documents.len(), "all are found where there are fewer than k");
    assert_eq!(found[0].0.page_content, "The cat sleeps", "the nearest comes first");
    assert!(found.is_sorted_by(|left, right| left.1 >= right.1), "nearest first");
    assert_eq!(found[0].0.metadata, documents[3].metadata, "metadata comes back as it was");
    assert_eq!(found[0].0.id.as_ref(), Some(&ids[3]), "a document knows its id");

    assert_eq!(store.search("cat", 2).await.expect("k is a limit").len(), 2);
    let found = store.search("žluťoučký kůň", 1).await.expect("any script can be searched");
    assert_eq!(found[0].0.page_content, texts[2]);

    store.delete(&ids[3..]).await.expect("a document can be removed");
    store.delete(&["unknown".to_owned()]).await.expect("an unknown id is no error");
    let found = store.search("the cat sleeps", 10).await.expect("a store can be searched");
    assert_eq!(found.len(), documents.len() - 1, "only the one is gone");
    assert!(found.iter().all(|it| it.0.page_content != "The cat sleeps"));
}
