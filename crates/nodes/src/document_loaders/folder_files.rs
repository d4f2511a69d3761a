//! Documents from the files of a folder that the operator allows.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Input, Inputs, Node, Result, Spec,
    spec::{Choice, Field},
};

use super::{
    parsed::{self, Settings},
    remote::{Gathered, filled, required},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    folder::{DocumentFolder, Found},
};

static PATH: Input<String> = Input::text("Folder Path", "folderPath")
    .describe("A folder below the one that the operator of this server sets for documents")
    .placeholder("reports");
const RECURSIVE: Input<bool> = {
    let mut it = Input::flag("Recursive", "recursive").describe("Loads files of folders below too");
    it.field.additional_params = false;
    it
};
const USAGE: Input<Option<String>> = Input::options(
    "Pdf Usage",
    "pdfUsage",
    &[
        Choice::new("perPage", "One document per page"),
        Choice::new("perFile", "One document per file"),
    ],
)
.default("perPage")
.optional()
.additional();
const POINTER: Input<Option<String>> = Input::text("JSONL Pointer Extraction", "pointerName")
    .describe("Key whose values are the texts of JSON Lines files")
    .placeholder("text")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Folder with Files",
    name: "folderFiles",
    version: 4.0,
    kind: "Document",
    icon: "file-loader.svg",
    category: "Document Loaders",
    description: "Makes documents of the files in a folder of this server",
    base_classes: &["Document"],
    inputs: &[
        PATH.field,
        RECURSIVE.field,
        TEXT_SPLITTER.field,
        USAGE.field,
        POINTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct FolderFiles;

#[async_trait]
impl Node for FolderFiles {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let given = required(inputs, &PATH)?;
        let recursive = inputs.get(&RECURSIVE)?;
        let how = Settings {
            per_page: inputs.get(&USAGE)?.as_deref() != Some("perFile"),
            jsonl_key: filled(inputs.get(&POINTER)?),
        };
        let parse = move |file: &Found| {
            let file = file.read(&PATH.field)?;
            parsed::any(&PATH.field, &file, &how)
        };
        let made = load(inputs, &PATH.field, given, recursive, |_| true, parse).await?;
        documents::hand_on(made, inputs).await
    }
}

/// The documents of the files of a folder whose names are `wanted`. Each says in `source` which file
/// it is.
pub(super) async fn load(
    inputs: &Inputs,
    field: &'static Field,
    given: String,
    recursive: bool,
    wanted: impl Fn(&str) -> bool + Send + 'static,
    parse: impl Fn(&Found) -> Result<Vec<Document>> + Send + 'static,
) -> Result<Vec<Document>> {
    let folder: Arc<DocumentFolder> = inputs.services.get()?;
    let services = inputs.services.clone();
    documents::blocking(move || {
        let mut gathered = Gathered::of(&services);
        for file in folder.files(field, &given, recursive)? {
            if !wanted(&file.name) {
                continue;
            }
            let made = parse(&file).map(|mut made| {
                for document in &mut made {
                    document.metadata.insert("source".to_owned(), file.name.as_str().into());
                }
                made
            });
            gathered.add(&file.name, made)?;
        }
        gathered.documents(field)
    })
    .await
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::contract::document_loader;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{documents, form, with_clients};

    fn form_over(folder: &std::path::Path, values: &Value) -> Inputs {
        let mut form = form(values);
        let services = flowstone_testkit::services();
        form.services = with_clients(services.with(Arc::new(DocumentFolder::new(folder))));
        form
    }

    #[tokio::test]
    async fn files_of_every_kind_are_loaded_and_broken_ones_do_not_keep_them_back() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("team/more");
        std::fs::create_dir_all(&below).unwrap();
        let word = include_bytes!("../../../documents/tests/files/library.docx");
        for (name, content) in [
            ("team/a.txt", &b"Open at nine"[..]),
            ("team/b.csv", b"day,from\nMo,9"),
            ("team/c.docx", &word[..500]),
            ("team/d.docx", word),
            ("team/more/e.md", b"# Closed"),
        ] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let load = async |values: Value| {
            let made = FolderFiles.init(&form_over(folder.path(), &values)).await?;
            let made = documents(Ok(made)).into_iter();
            Ok::<_, flowstone_core::Error>(
                made.map(|it| it.metadata["source"].as_str().unwrap().to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        let flat = json!({"folderPath": "team", "recursive": false});
        assert_eq!(load(flat.clone()).await.unwrap(), ["team/a.txt", "team/b.csv", "team/d.docx"]);
        let deep = load(json!({"folderPath": "/team/", "recursive": true})).await.unwrap();
        assert_eq!(deep.last().unwrap(), "team/more/e.md");
        document_loader::suite(&FolderFiles, &form_over(folder.path(), &flat)).await;
        for wrong in ["..", "gone", "team/a.txt", "/etc"] {
            let said = load(json!({"folderPath": wrong})).await.unwrap_err().to_string();
            assert!(said.starts_with("Folder Path: there is no such folder"), "{wrong}: {said}");
        }
        let without = form(&flat);
        assert!(FolderFiles.init(&without).await.is_err(), "nobody allows a folder");
    }
}
