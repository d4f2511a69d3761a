//! The loaders of a document store, as its row keeps them.

use flowstone_store::DocumentStore;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;

use crate::{Problem, problem::Result};

/// How forms name files that this installation keeps.
pub(super) const STORED: &str = "FILE-STORAGE::";

/// A loader of a document store with its settings and its state.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, rename = "DocumentStoreLoader")]
#[schemars(rename = "DocumentStoreLoader")]
pub(crate) struct Loader {
    /// Its id.
    pub(crate) id: String,
    /// The node that loads.
    pub(crate) loader_id: String,
    /// What people read.
    pub(crate) loader_name: String,
    /// The node's form.
    #[ts(type = "Record<string, unknown>")]
    pub(crate) loader_config: Map<String, Value>,
    /// The node that splits; empty for none.
    pub(crate) splitter_id: String,
    /// What people read.
    pub(crate) splitter_name: String,
    /// The form of that node.
    #[ts(type = "Record<string, unknown>")]
    pub(crate) splitter_config: Map<String, Value>,
    /// How many chunks it made.
    #[ts(type = "number")]
    pub(crate) total_chunks: u64,
    /// How many characters these hold.
    #[ts(type = "number")]
    pub(crate) total_chars: u64,
    /// `SYNC`, `SYNCING` or `STALE`.
    pub(crate) status: String,
    /// The credential of the node that loads.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub(crate) credential: Option<String>,
    /// The files that are kept for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub(crate) files: Option<Vec<StoredFile>>,
    /// Where its documents come from, in a word; made when it is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub(crate) source: Option<String>,
    /// What went wrong when it was last loaded or written.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub(crate) error: Option<String>,
    /// What was left out when it was last loaded, and why, each in a sentence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub(crate) warnings: Vec<String>,
}

/// A file that is kept for a loader.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase", default)]
#[ts(export, rename = "DocumentStoreFile")]
#[schemars(rename = "DocumentStoreFile")]
pub(crate) struct StoredFile {
    /// Its id.
    pub(crate) id: String,
    /// Its name.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) mime_prefix: String,
    /// Its size in bytes.
    #[ts(type = "number")]
    pub(crate) size: u64,
    /// Always `NEW`.
    pub(crate) status: String,
    /// When it came.
    pub(crate) uploaded: String,
}

impl Loader {
    /// The loader with where its documents come from.
    pub(crate) fn with_source(mut self) -> Self {
        self.source = Some(self.source_word());
        self
    }

    fn source_word(&self) -> String {
        let text = |row: &str| {
            self.loader_config.get(row).and_then(Value::as_str).filter(|it| !it.is_empty())
        };
        let found = match self.loader_id.as_str() {
            row @ ("pdfFile" | "jsonFile" | "csvFile" | "jsonlinesFile") => {
                text(row).map(|it| files_of(it).join(", "))
            }
            "fileLoader" | "file" => text("file").map(|it| files_of(it).join(", ")),
            "unstructuredFileLoader" => text("fileObject")
                .map(|it| files_of(it).join(", "))
                .or(text("filePath").map(str::to_owned)),
            "apiLoader" => text("url").map(|url| match text("method") {
                Some(method) => format!("{url} ({method})"),
                None => url.to_owned(),
            }),
            "cheerioWebScraper" | "playwrightWebScraper" | "puppeteerWebScraper" => {
                text("url").map(str::to_owned)
            }
            _ => None,
        };
        found.unwrap_or_else(|| "None".to_owned())
    }

    /// The ids of the credential that its node uses.
    pub(super) fn credential(&self) -> Option<&str> {
        let in_form = || self.loader_config.get("FLOWISE_CREDENTIAL_ID").and_then(Value::as_str);
        self.credential.as_deref().filter(|it| !it.is_empty()).or_else(in_form)
    }
}

/// The loaders of a store.
///
/// # Errors
/// Where what is kept is no list of loaders.
pub(crate) fn loaders_of(store: &DocumentStore) -> Result<Vec<Loader>> {
    let read = |text: &str| -> serde_json::Result<Vec<Loader>> {
        let mut loaders: Vec<Map<String, Value>> = serde_json::from_str(text)?;
        for loader in &mut loaders {
            // What was left out may stand there as nothing, or as the empty text.
            let is_nothing =
                |key: &str, it: &Value| it.is_null() || key.ends_with("Config") && it == "";
            loader.retain(|key, it| !is_nothing(key, it));
        }
        loaders.into_iter().map(|it| serde_json::from_value(it.into())).collect()
    };
    read(&store.loaders).map_err(|error| Problem::internal(&error))
}

/// Writes the loaders of a store.
pub(crate) fn write_loaders(store: &mut DocumentStore, loaders: &[Loader]) {
    let kept: Vec<Loader> =
        loaders.iter().map(|it| Loader { source: None, ..it.clone() }).collect();
    store.loaders = serde_json::to_string(&kept).unwrap_or_else(|_| "[]".to_owned());
}

/// The names of the files in a row: of those that are kept, or of data URIs.
fn files_of(text: &str) -> Vec<String> {
    let text = text.strip_prefix(STORED).unwrap_or(text);
    let many: Vec<String> = serde_json::from_str(text).unwrap_or_else(|_| vec![text.to_owned()]);
    many.into_iter()
        .map(|it| match it.rsplit_once(",filename:") {
            Some((_, name)) => name.to_owned(),
            None if it.starts_with("data:") => "file".to_owned(),
            None => it,
        })
        .collect()
}
