//! Documents from the texts in JSON files.

use async_trait::async_trait;
#[cfg(feature = "documents")]
use flowstone_core::Document;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Spec,
    spec::{Field, Holds, When},
};
use serde_json::{Map, Value};

use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::{self, UploadedFile},
};

const FILE: Input<Value> = {
    let mut it = Input::of("Json File", "jsonFile", "file");
    it.field.file_type = Some(".json");
    it
};
const SEPARATE: Input<bool> =
    Input::flag("Separate by JSON Object (JSON Array)", "separateByObject")
        .describe("Makes one document of each entry of a JSON array, with a line for each value")
        .may_be_empty()
        .additional();
const POINTERS: Input<Option<String>> =
    Input::text("Pointers Extraction (separated by commas)", "pointersName")
        .describe(
            "Takes only the texts below these keys, such as title, author/name. All texts of the \
             file where it is empty",
        )
        .placeholder("title, body")
        .optional()
        .hide_when(&[When("separateByObject", Holds::Flag(true))]);
const METADATA_OF_EACH: Input<Option<Value>> = METADATA.describe(
    "A JSON object whose entries are added to the metadata of every document. A value that begins \
     with / is looked up in the entry of the file, such as {\"from\": \"/author/name\"}",
);

static SPEC: Spec = Spec {
    label: "Json File",
    name: "jsonFile",
    version: 3.1,
    kind: "Document",
    icon: "json-file.svg",
    category: "Document Loaders",
    description: "Makes documents of the texts in a JSON file",
    base_classes: &["Document"],
    inputs: &[
        FILE.field,
        TEXT_SPLITTER.field,
        SEPARATE.field,
        POINTERS.field,
        METADATA_OF_EACH.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct JsonFile;

#[async_trait]
impl Node for JsonFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let separate = inputs.get(&SEPARATE)?;
        let pointers = pointers(&inputs.get(&POINTERS)?.unwrap_or_default());
        let (looked_up, added) = documents::looked_up_metadata(inputs)?;
        let parse = move |file: &UploadedFile| {
            let json = json(&FILE.field, file)?;
            if separate {
                return Ok(documents::numbered(entries(&json, &looked_up)));
            }
            let mut texts = Vec::new();
            collect(&json, &pointers, pointers.is_empty(), false, &mut texts);
            let metadata = documents::look_up(&json, &looked_up);
            Ok(documents::numbered(texts.into_iter().map(|it| (it, metadata.clone())).collect()))
        };
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on_with(loaded, added, inputs).await
    }
}

/// All texts of a JSON file as documents.
#[cfg(feature = "documents")]
pub(super) fn texts(field: &Field, file: &UploadedFile) -> Result<Vec<Document>> {
    let mut texts = Vec::new();
    collect(&json(field, file)?, &[], true, false, &mut texts);
    Ok(documents::of_lines(texts))
}

fn json(field: &Field, file: &UploadedFile) -> Result<Value> {
    serde_json::from_str(file.text(field)?.trim()).map_err(|error| {
        Error::invalid(field, format!("{} is not valid JSON: {error}", file.name()))
    })
}

/// Keys as JSON pointers.
pub(super) fn pointers(keys: &str) -> Vec<String> {
    let keys = keys.split(',').map(str::trim).filter(|it| !it.is_empty());
    keys.map(|it| format!("/{}", it.trim_start_matches('/'))).collect()
}

/// Collects texts in the order of the LangChain loader: all texts below what a pointer finds, and
/// what further pointers find beside it. Below an object in which a pointer found something, objects
/// without any find are not looked into.
fn collect(json: &Value, pointers: &[String], all: bool, found: bool, texts: &mut Vec<String>) {
    let entries: Vec<&Value> = match json {
        Value::String(text) if all => {
            texts.push(text.clone());
            return;
        }
        Value::Array(entries) => entries.iter().collect(),
        Value::Object(entries) => entries.values().collect(),
        _ => return,
    };
    if all {
        for entry in entries {
            collect(entry, pointers, true, found, texts);
        }
        return;
    }
    let targets: Vec<&Value> = pointers.iter().filter_map(|it| json.pointer(it)).collect();
    if targets.is_empty() && found {
        return;
    }
    for target in &targets {
        collect(target, pointers, true, true, texts);
    }
    let found = found || !targets.is_empty();
    let others = entries.into_iter().filter(|it| !targets.iter().any(|t| std::ptr::eq(*t, *it)));
    for other in others {
        collect(other, pointers, false, found, texts);
    }
}

/// A text for each entry of an array, or for the one object there is.
fn entries(json: &Value, looked_up: &Map<String, Value>) -> Vec<(String, Map<String, Value>)> {
    let entries = match json {
        Value::Array(entries) => entries.iter().collect(),
        other => vec![other],
    };
    let text = |entry: &Value| {
        let mut lines = Vec::new();
        flatten("", entry, &mut lines);
        lines.join("\n")
    };
    entries.into_iter().map(|it| (text(it), documents::look_up(it, looked_up))).collect()
}

/// `key: value` lines; keys inside of objects and lists are joined with dots.
fn flatten(path: &str, value: &Value, lines: &mut Vec<String>) {
    let below = |key: &str| {
        if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
    };
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                flatten(&below(key), value, lines);
            }
        }
        Value::Array(entries) => {
            for (index, value) in entries.iter().enumerate() {
                flatten(&below(&index.to_string()), value, lines);
            }
        }
        Value::String(text) if path.is_empty() => lines.push(text.clone()),
        Value::String(text) => lines.push(format!("{path}: {text}")),
        other if path.is_empty() => lines.push(other.to_string()),
        other => lines.push(format!("{path}: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::Document;
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form, upload};

    async fn load(json: &Value, rows: &Value) -> Vec<Document> {
        let mut values = rows.as_object().cloned().unwrap();
        values.insert("jsonFile".to_owned(), upload("a.json", json.to_string()).into());
        documents(JsonFile.init(&form(&values.into())).await)
    }

    /// Expectations were made by running the LangChain loader.
    #[rstest]
    #[case(json!({"a": "x", "b": 1, "c": ["y", {"d": "z"}]}), "", &["x", "y", "z"])]
    #[case(json!([{"t": "1", "u": "2"}, {"t": "3"}]), "t", &["1", "3"])]
    #[case(json!({"a": {"b": "x", "c": "y"}, "d": "z"}), "a/b", &["x"])]
    #[case(json!({"a": {"b": "x", "c": {"b": "y"}}}), "/b, c", &["x", "y"])]
    #[case(json!({"a": {"t": "1"}, "b": {"c": {"t": "2"}}}), "t", &["1", "2"])]
    #[case(json!({"t": {"x": "1"}, "u": ["a", {"t": "b"}]}), "t", &["1"])]
    #[case(json!({"t": "1", "deep": {"t": "2", "x": {"y": {"t": "3"}}}}), "t", &["1", "2"])]
    #[case(json!({"my_key": "x"}), "my_key", &["x"])]
    #[case(json!({"a": 5}), "a", &[])]
    #[tokio::test]
    async fn pointers_choose_texts(
        #[case] json: Value,
        #[case] pointers: &str,
        #[case] expected: &[&str],
    ) {
        let made = load(&json, &json!({"pointersName": pointers})).await;
        let texts: Vec<&str> = made.iter().map(|it| it.page_content.as_str()).collect();
        assert_eq!(texts, expected);
    }

    #[tokio::test]
    async fn each_entry_may_be_a_document_with_metadata_of_its_own() {
        let books = json!([
            {"title": "Emma", "author": {"name": "Austen", "born": 1775}, "tags": ["a", "b"]},
            {"title": "Ulysses"},
        ]);
        let rows = json!({
            "separateByObject": true, "pointersName": "ignored",
            "metadata": {"by": "/author/name", "shelf": "3"},
        });
        let made = load(&books, &rows).await;
        let expected = "title: Emma\nauthor.name: Austen\nauthor.born: 1775\ntags.0: a\ntags.1: b";
        assert_eq!(made[0].page_content, expected);
        let metadata: Vec<Value> = made.into_iter().map(|it| it.metadata.into()).collect();
        let blob = |line: u8| json!({"source": "blob", "blobType": "", "line": line});
        let with = |mut base: Value, more: &Value| {
            base.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
            base
        };
        assert_eq!(metadata[0], with(blob(1), &json!({"by": "Austen", "shelf": "3"})));
        assert_eq!(metadata[1], with(blob(2), &json!({"shelf": "3"})));
    }

    #[tokio::test]
    async fn what_is_no_json_is_told() {
        let form = form(&json!({"jsonFile": upload("a.json", "{\"a\": ")}));
        let said = JsonFile.init(&form).await.err().unwrap().to_string();
        assert!(said.starts_with("Json File: a.json is not valid JSON: EOF"), "{said}");
    }
}
