//! Documents from a folder of Markdown that was exported from Notion.

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec};

use super::{
    folder_files,
    remote::{document, required},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    folder::Found,
};

static FOLDER: Input<String> = Input::text("Notion Folder", "notionFolder")
    .describe(
        "The unpacked export, a folder below the one that the operator of this server sets for \
         documents",
    )
    .placeholder("notion-export");

static SPEC: Spec = Spec {
    label: "Notion Folder",
    name: "notionFolder",
    version: 2.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of pages that were exported from Notion as Markdown",
    base_classes: &["Document"],
    inputs: &[FOLDER.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct NotionFolder;

#[async_trait]
impl Node for NotionFolder {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let given = required(inputs, &FOLDER)?;
        let is_page = |name: &str| name.to_ascii_lowercase().ends_with(".md");
        let parse = |file: &Found| {
            let text = file.read(&FOLDER.field)?.text(&FOLDER.field)?;
            Ok(vec![document(text, serde_json::Value::Null)])
        };
        let made = folder_files::load(inputs, &FOLDER.field, given, true, is_page, parse).await?;
        documents::hand_on(made, inputs).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowstone_testkit::contract::document_loader;
    use serde_json::json;

    use super::*;
    use crate::{
        folder::DocumentFolder,
        testing::{documents, form, with_clients},
    };

    #[tokio::test]
    async fn pages_of_an_export_are_loaded_with_those_below() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("export/Hours")).unwrap();
        for name in ["export/Hours.md", "export/Hours/Summer.MD", "export/picture.png"] {
            std::fs::write(folder.path().join(name), "# Hours").unwrap();
        }
        let mut form = form(&json!({"notionFolder": "export"}));
        let services = flowstone_testkit::services();
        form.services = with_clients(services.with(Arc::new(DocumentFolder::new(folder.path()))));
        let made = documents(NotionFolder.init(&form).await);
        let sources: Vec<_> = made.iter().map(|it| it.metadata["source"].clone()).collect();
        assert_eq!(sources, ["export/Hours.md", "export/Hours/Summer.MD"]);
        document_loader::suite(&NotionFolder, &form).await;
    }
}
