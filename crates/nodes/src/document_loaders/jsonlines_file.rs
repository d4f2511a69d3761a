//! Documents from the lines of JSON Lines files.

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Error, Input, Inputs, Node, Result, Spec, spec::Field};
use serde_json::{Map, Value};

use super::json_file;
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::{self, UploadedFile},
};

const FILE: Input<Value> = {
    let mut it = Input::of("Jsonlines File", "jsonlinesFile", "file");
    it.field.file_type = Some(".jsonl");
    it
};
const POINTER: Input<String> = Input::text("Pointer Extraction", "pointerName")
    .describe("The key whose value is the text of a line's document, such as answer or post/body")
    .placeholder("answer");
const METADATA_OF_EACH: Input<Option<Value>> = METADATA.describe(
    "A JSON object whose entries are added to the metadata of every document. A value that begins \
     with / is looked up in the line, such as {\"from\": \"/author/name\"}",
);

static SPEC: Spec = Spec {
    label: "Json Lines File",
    name: "jsonlinesFile",
    version: 3.0,
    kind: "Document",
    icon: "jsonlines-file.svg",
    category: "Document Loaders",
    description: "Makes a document of every line of a JSON Lines file",
    base_classes: &["Document"],
    inputs: &[
        FILE.field,
        TEXT_SPLITTER.field,
        POINTER.field,
        METADATA_OF_EACH.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct JsonlinesFile;

#[async_trait]
impl Node for JsonlinesFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let pointer = inputs.get(&POINTER)?;
        let (looked_up, added) = documents::looked_up_metadata(inputs)?;
        let parse = move |file: &UploadedFile| lines(&FILE.field, file, pointer.trim(), &looked_up);
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on_with(loaded, added, inputs).await
    }
}

/// A document for every line: what stands under `key`, and metadata looked up in the line.
pub(super) fn lines(
    field: &Field,
    file: &UploadedFile,
    key: &str,
    looked_up: &Map<String, Value>,
) -> Result<Vec<Document>> {
    let text = file.text(field)?;
    let pointer = json_file::pointers(key).concat();
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let wrong = |reason: String| {
            Error::invalid(field, format!("{}, line {}: {reason}", file.name(), index + 1))
        };
        let json: Value = serde_json::from_str(line.trim())
            .map_err(|error| wrong(format!("this is not valid JSON: {error}")))?;
        let text = match json.pointer(&pointer) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Null) | None => return Err(wrong(format!("there is no {key}"))),
            Some(other) => other.to_string(),
        };
        found.push((text, documents::look_up(&json, looked_up)));
    }
    Ok(documents::numbered(found))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form, upload};

    #[tokio::test]
    async fn a_line_is_a_document() {
        let lines = "{\"t\": \"one\", \"from\": {\"by\": \"a\"}}\n\n{\"t\": 2}\r\n";
        let values = json!({
            "jsonlinesFile": upload("a.jsonl", lines), "pointerName": " t ",
            "metadata": "{\"by\": \"/from/by\", \"kind\": \"note\"}",
        });
        let made = documents(JsonlinesFile.init(&form(&values)).await);
        assert_eq!((made[0].page_content.as_str(), made[1].page_content.as_str()), ("one", "2"));
        let expected =
            json!({"source": "blob", "blobType": "", "line": 1, "by": "a", "kind": "note"});
        assert_eq!(Value::from(made[0].metadata.clone()), expected);
    }

    #[tokio::test]
    async fn a_line_that_cannot_be_used_is_told_by_its_number() {
        for (lines, expected) in [
            ("{\"t\": \"\"}\n{\"t\"", "Jsonlines File: a.jsonl, line 2: this is not valid JSON"),
            ("\n{\"x\": 1}", "Jsonlines File: a.jsonl, line 2: there is no t"),
        ] {
            let values = json!({"jsonlinesFile": upload("a.jsonl", lines), "pointerName": "t"});
            let said = JsonlinesFile.init(&form(&values)).await.err().unwrap().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
        let values = json!({"jsonlinesFile": upload("a.jsonl", "{}")});
        let said = JsonlinesFile.init(&form(&values)).await.err().unwrap().to_string();
        assert_eq!(said, "Pointer Extraction is required");
    }
}
