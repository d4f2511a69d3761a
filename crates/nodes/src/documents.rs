//! What all document loaders share: the rows about metadata and splitting, and how they apply.

use std::sync::Arc;

use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Result, TextSplitter,
    spec::{Field, Output},
};
use serde_json::{Map, Value};

/// Cuts what was loaded into passages.
pub(crate) const TEXT_SPLITTER: Input<Option<Arc<dyn TextSplitter>>> =
    Input::socket("Text Splitter", "textSplitter", "TextSplitter").optional();

/// Said of every document on top of what the loader knows.
pub(crate) const METADATA: Input<Option<Value>> = Input::json("Additional Metadata", "metadata")
    .describe("A JSON object whose entries are added to the metadata of every document")
    .optional()
    .additional();

/// What the loader knows but should not say.
pub(crate) const OMIT_METADATA_KEYS: Input<Option<String>> =
    Input::text("Omit Metadata Keys", "omitMetadataKeys")
        .rows(4)
        .describe(
            "Metadata that documents are not to carry, keys separated by commas. Write * to keep \
             nothing but the additional metadata",
        )
        .placeholder("source, loc.lines")
        .optional()
        .additional();

/// A loader hands on its documents or their text.
pub(crate) const OUTPUTS: &[Output] = &[
    Output {
        label: "Document",
        name: "document",
        base_classes: &["Document", "json"],
        description: Some("Documents with their text and metadata"),
    },
    Output {
        label: "Text",
        name: "text",
        base_classes: &["string", "json"],
        description: Some("The text of all documents, one after the other"),
    },
];

/// Splits `documents`, settles their metadata and hands on the chosen output.
pub(crate) async fn hand_on(documents: Vec<Document>, inputs: &Inputs) -> Result<Capability> {
    let added = added_metadata(inputs)?;
    hand_on_with(documents, added, inputs).await
}

/// The same with other additional metadata than the form's.
pub(crate) async fn hand_on_with(
    documents: Vec<Document>,
    added: Map<String, Value>,
    inputs: &Inputs,
) -> Result<Capability> {
    let documents = match inputs.get(&TEXT_SPLITTER)? {
        Some(splitter) => blocking(move || splitter.split_documents(&documents)).await?,
        None => documents,
    };
    if inputs.output == "text" {
        let texts: Vec<&str> = documents.iter().map(|it| it.page_content.as_str()).collect();
        return Ok(Capability::Value(texts.join("\n").into()));
    }
    let omitted = inputs.get(&OMIT_METADATA_KEYS)?.unwrap_or_default();
    let omitted: Vec<&str> =
        omitted.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let documents = documents.into_iter().map(|document| Document {
        metadata: settle(document.metadata, &added, &omitted),
        ..document
    });
    Ok(Capability::Documents(Arc::new(documents.collect())))
}

/// Runs what takes its time where no other call waits for it.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|_| {
        Err(Error::Unsupported("the documents cannot be read: the work on them broke off".into()))
    })
}

/// What existing flows' filters expect of a document that came as bytes without a path.
pub(crate) fn blob_metadata() -> Map<String, Value> {
    Map::from_iter([("source".to_owned(), "blob".into()), ("blobType".to_owned(), "".into())])
}

/// Documents of texts that came as bytes. Where there are several, each says which it is.
pub(crate) fn of_lines(texts: Vec<String>) -> Vec<Document> {
    numbered(texts.into_iter().map(|it| (it, Map::new())).collect())
}

/// The same with metadata of each.
pub(crate) fn numbered(texts: Vec<(String, Map<String, Value>)>) -> Vec<Document> {
    let several = texts.len() > 1;
    let document = |(index, (page_content, more)): (usize, (String, Map<String, Value>))| {
        let mut metadata = blob_metadata();
        if several {
            metadata.insert("line".to_owned(), (index + 1).into());
        }
        metadata.extend(more);
        Document { page_content, metadata, id: None }
    };
    texts.into_iter().enumerate().map(document).collect()
}

/// The additional metadata in two parts: entries that begin with `/` are looked up in each piece of
/// data, the others are said of every document.
pub(crate) fn looked_up_metadata(
    inputs: &Inputs,
) -> Result<(Map<String, Value>, Map<String, Value>)> {
    let added = added_metadata(inputs)?.into_iter();
    let is_pointer = |value: &Value| value.as_str().is_some_and(|it| it.starts_with('/'));
    Ok(added.partition(|(_, value)| is_pointer(value)))
}

/// What the pointers find in a piece of data; those that find nothing are left out.
pub(crate) fn look_up(json: &Value, pointers: &Map<String, Value>) -> Map<String, Value> {
    let found = pointers
        .iter()
        .filter_map(|(key, pointer)| Some((key.clone(), json.pointer(pointer.as_str()?)?.clone())));
    found.collect()
}

/// What the form says of every document.
pub(crate) fn added_metadata(inputs: &Inputs) -> Result<Map<String, Value>> {
    entries(&METADATA.field, inputs.get(&METADATA)?)
}

/// The entries of a row of JSON; none where it is empty.
///
/// # Errors
/// `InvalidInput` where it holds something else than an object.
pub(crate) fn entries(field: &Field, value: Option<Value>) -> Result<Map<String, Value>> {
    match value {
        None => Ok(Map::new()),
        Some(Value::Object(entries)) => Ok(entries),
        Some(other) => Err(Error::invalid(
            field,
            format!("a JSON object such as {{\"topic\": \"birds\"}} is expected, not {other}"),
        )),
    }
}

fn settle(
    mut known: Map<String, Value>,
    added: &Map<String, Value>,
    omitted: &[&str],
) -> Map<String, Value> {
    if omitted == ["*"] {
        return added.clone();
    }
    known.extend(added.clone());
    for key in omitted {
        remove(&mut known, key);
    }
    known
}

/// Removes a key, or by `a.b` a key of the object under a key.
fn remove(metadata: &mut Map<String, Value>, key: &str) {
    if metadata.shift_remove(key).is_some() {
        return;
    }
    let Some((outer, inner)) = key.split_once('.') else { return };
    if let Some(Value::Object(nested)) = metadata.get_mut(outer) {
        remove(nested, inner);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn settled(added: &Value, omitted: &[&str]) -> Value {
        let known = json!({"source": "blob", "loc": {"lines": {"from": 1}, "page": 2}});
        let map = |value: &Value| value.as_object().cloned().unwrap();
        settle(map(&known), &map(added), omitted).into()
    }

    #[test]
    fn metadata_is_added_and_omitted() {
        let none = json!({});
        assert_eq!(
            settled(&json!({"a": 1}), &["source"]),
            json!({"loc": {"lines": {"from": 1}, "page": 2}, "a": 1})
        );
        assert_eq!(
            settled(&none, &["loc.lines", "nothing"]),
            json!({"source": "blob", "loc": {"page": 2}})
        );
        assert_eq!(settled(&json!({"a": 1}), &["*"]), json!({"a": 1}));
    }
}
