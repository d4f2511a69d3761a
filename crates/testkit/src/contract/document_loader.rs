//! What every document loader must do.

use std::sync::Arc;

use flowstone_core::{Capability, Document, Error, Field, Inputs, Node, Result, TextSplitter};
use serde_json::{Value, json};

/// Laws of a loader whose form is filled with something that has text: its documents have text and
/// metadata; a splitter that is plugged in cuts them; metadata is added and omitted; their text can
/// be handed on instead.
pub async fn suite(node: &dyn Node, form: &Inputs) {
    let name = node.spec().name;
    let loaded = documents(node, form).await;
    assert!(!loaded.is_empty(), "{name}: there are documents");
    for document in &loaded {
        assert!(!document.page_content.trim().is_empty(), "{name}: a document has text");
        assert!(document.id.is_none(), "{name}: ids are for stores to give");
    }

    let mut text = form.clone();
    text.output = "text".to_owned();
    let Ok(Capability::Value(Value::String(whole))) = node.init(&text).await else {
        panic!("{name}: the text of the documents can be handed on")
    };
    let parts = loaded.iter().map(|it| it.page_content.as_str());
    assert_eq!(whole, parts.collect::<Vec<_>>().join("\n"), "{name}: the text is that of all");

    let mut split = form.clone();
    let splitter = Capability::TextSplitter(Arc::new(Halves));
    split.plugged.insert("textSplitter".to_owned(), vec![splitter]);
    let halves = documents(node, &split).await;
    assert_eq!(halves.len(), 2 * loaded.len(), "{name}: a splitter cuts every document");

    let mut added = form.clone();
    added.values.insert("metadata".to_owned(), json!({"shelf": 3}));
    for (plain, more) in loaded.iter().zip(documents(node, &added).await) {
        let mut expected = plain.metadata.clone();
        expected.insert("shelf".to_owned(), 3.into());
        assert_eq!(more.metadata, expected, "{name}: metadata is added to what is known");
    }
    added.values.insert("omitMetadataKeys".to_owned(), "*".into());
    for document in documents(node, &added).await {
        let only = json!({"shelf": 3});
        assert_eq!(Value::from(document.metadata), only, "{name}: * leaves only what is added");
    }
    let mut omitted = form.clone();
    omitted.values.insert("omitMetadataKeys".to_owned(), "source, url".into());
    for document in documents(node, &omitted).await {
        let known = |key: &str| document.metadata.contains_key(key);
        assert!(!known("source") && !known("url"), "{name}: keys are omitted");
    }
}

/// Laws of a row of files: it is required, and what cannot be read is an error that names the row
/// and the file. `refused` are pairs of a file's name and a form filled with it.
pub async fn refuses(node: &dyn Node, row: &Field, empty: &Inputs, refused: &[(&str, Inputs)]) {
    let name = node.spec().name;
    let missing = node.init(empty).await.err();
    assert!(
        matches!(&missing, Some(Error::MissingInput { label }) if label == row.label),
        "{name}: {} is required, not {missing:?}",
        row.label
    );
    for (file, form) in refused {
        match node.init(form).await {
            Err(Error::InvalidInput { label, reason }) => {
                assert_eq!(label, row.label, "{name}: {file}: the row is named");
                assert!(reason.contains(file), "{name}: {reason}: the file {file} is named");
            }
            Err(other) => panic!("{name}: {file}: {other:?} is not about the row"),
            Ok(_) => panic!("{name}: {file} was read"),
        }
    }
}

async fn documents(node: &dyn Node, form: &Inputs) -> Vec<Document> {
    let mut form = form.clone();
    form.output = "document".to_owned();
    match node.init(&form).await {
        Ok(Capability::Documents(documents)) => documents.to_vec(),
        Ok(other) => panic!("{}: a {} instead of documents", node.spec().name, other.kind()),
        Err(error) => panic!("{}: {error}", node.spec().name),
    }
}

/// Cuts every text into two pieces, one of which may be empty.
struct Halves;

impl TextSplitter for Halves {
    fn split_text(&self, text: &str) -> Result<Vec<String>> {
        let (first, second) = text.split_at(text.floor_char_boundary(text.len() / 2));
        Ok(vec![first.to_owned(), second.to_owned()])
    }

    fn split_documents(&self, documents: &[Document]) -> Result<Vec<Document>> {
        let mut halves = Vec::new();
        for document in documents {
            for half in self.split_text(&document.page_content)? {
                halves.push(Document { page_content: half, ..document.clone() });
            }
        }
        Ok(halves)
    }
}
