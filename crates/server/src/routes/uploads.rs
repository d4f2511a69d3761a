//! Which files a flow takes with a question.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

/// What pictures a chat window may send. The last entry is empty, as existing clients expect.
const PICTURES: &[&str] = &["image/gif", "image/jpeg", "image/png", "image/webp", ""];
/// Largest picture in MB.
const LARGEST_PICTURE: u32 = 5;
/// Largest document in MB.
const LARGEST_DOCUMENT: u32 = 500;

/// Which files a flow takes.
#[derive(Debug, Default, PartialEq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(super) struct Uploads {
    is_speech_to_text_enabled: bool,
    is_image_upload_allowed: bool,
    #[serde(rename = "isRAGFileUploadAllowed")]
    is_rag_file_upload_allowed: bool,
    img_upload_size_and_types: Vec<SizeAndTypes>,
    file_upload_size_and_types: Vec<SizeAndTypes>,
}

/// Files of some types up to a size.
#[derive(Debug, PartialEq, Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
struct SizeAndTypes {
    /// Media types of pictures, endings of documents.
    file_types: Vec<String>,
    /// In MB.
    max_upload_size: u32,
}

impl Uploads {
    /// Reads it off a flow: a model that is shown pictures, a vector store that takes documents.
    pub(super) fn of(flow_data: &str, speech_to_text: Option<&str>) -> Self {
        let flow: Value = serde_json::from_str(flow_data).unwrap_or_default();
        let data = || flow["nodes"].as_array().into_iter().flatten().map(|it| &it["data"]);
        let pictures = data().any(|it| is_on(&it["inputs"]["allowImageUploads"]));
        let documents = data().any(|it| is_on(&it["inputs"]["fileUpload"]));
        let picture_types = SizeAndTypes {
            file_types: PICTURES.iter().map(|it| (*it).to_owned()).collect(),
            max_upload_size: LARGEST_PICTURE,
        };
        Self {
            is_speech_to_text_enabled: has_provider(speech_to_text),
            is_image_upload_allowed: pictures,
            is_rag_file_upload_allowed: documents,
            img_upload_size_and_types: pictures.then_some(picture_types).into_iter().collect(),
            file_upload_size_and_types: if documents {
                data().flat_map(document_types).collect()
            } else {
                Vec::new()
            },
        }
    }
}

/// Whether one of the providers of a speech setting is switched on.
pub(super) fn has_provider(setting: Option<&str>) -> bool {
    let setting: Value = setting.and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
    let providers = setting.as_object().into_iter().flatten();
    providers.filter(|(name, _)| *name != "none").any(|(_, it)| it["status"] == true)
}

/// The endings that a document loader's file row takes.
fn document_types(data: &Value) -> Vec<SizeAndTypes> {
    if data["category"] != "Document Loaders" {
        return Vec::new();
    }
    let rows = data["inputParams"].as_array().into_iter().flatten();
    let files = rows.filter(|it| it["type"] == "file").filter_map(|it| it["fileType"].as_str());
    let types = files.map(|it| SizeAndTypes {
        file_types: it.split(',').map(|ending| ending.trim().to_owned()).collect(),
        max_upload_size: LARGEST_DOCUMENT,
    });
    types.collect()
}

fn is_on(value: &Value) -> bool {
    value == true || value == "true"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_tells_what_it_takes() {
        let flow = r#"{"nodes":[
            {"data":{"name":"chat","inputs":{"allowImageUploads":true}}},
            {"data":{"name":"store","inputs":{"fileUpload":"true"}}},
            {"data":{"name":"text","category":"Document Loaders",
                "inputParams":[{"type":"file","fileType":".txt, .md"},{"type":"string"}]}}]}"#;
        let uploads = Uploads::of(flow, Some(r#"{"openAIWhisper":{"status":true}}"#));
        assert!(uploads.is_speech_to_text_enabled && uploads.is_image_upload_allowed);
        assert_eq!(uploads.file_upload_size_and_types[0].file_types, [".txt", ".md"]);
        assert_eq!(
            Uploads::of(r#"{"nodes":[]}"#, Some(r#"{"none":{"status":true}}"#)),
            Uploads::default()
        );
        assert_eq!(Uploads::of("not json", None), Uploads::default());
    }
}
