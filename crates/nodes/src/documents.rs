//! What all document loaders share: the rows about metadata and splitting, and how they apply.

use std::sync::Arc;

use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Result, TextSplitter, spec::Output,
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
pub(crate) fn hand_on(documents: Vec<Document>, inputs: &Inputs) -> Result<Capability> {
    let documents = match inputs.get(&TEXT_SPLITTER)? {
        Some(splitter) => splitter.split_documents(&documents)?,
        None => documents,
    };
    if inputs.output == "text" {
        let texts: Vec<&str> = documents.iter().map(|it| it.page_content.as_str()).collect();
        return Ok(Capability::Value(texts.join("\n").into()));
    }
    let added = added_metadata(inputs)?;
    let omitted = inputs.get(&OMIT_METADATA_KEYS)?.unwrap_or_default();
    let omitted: Vec<&str> =
        omitted.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
    let documents = documents.into_iter().map(|document| Document {
        metadata: settle(document.metadata, &added, &omitted),
        ..document
    });
    Ok(Capability::Documents(Arc::new(documents.collect())))
}

fn added_metadata(inputs: &Inputs) -> Result<Map<String, Value>> {
    match inputs.get(&METADATA)? {
        None => Ok(Map::new()),
        Some(Value::Object(entries)) => Ok(entries),
        Some(other) => Err(Error::invalid(
            &METADATA.field,
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
