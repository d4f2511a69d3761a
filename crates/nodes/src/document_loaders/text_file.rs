//! Documents from uploaded text files.

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Input, Inputs, Node, Result, Spec};
use serde_json::Value;

use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::{self, UploadedFile},
};

const FILE: Input<Value> = {
    let mut it = Input::of("Txt File", "txtFile", "file");
    it.field.file_type = Some(
        ".txt, .html, .aspx, .asp, .cpp, .c, .cs, .css, .go, .h, .java, .js, .less, .ts, .php, \
         .proto, .py, .rst, .rb, .rs, .sass, .scala, .scss, .sol, .sql, .swift, .markdown, .md, \
         .tex, .ltx, .vb, .xml",
    );
    it
};

static SPEC: Spec = Spec {
    label: "Text File",
    name: "textFile",
    version: 3.0,
    kind: "Document",
    icon: "text-file.svg",
    category: "Document Loaders",
    description: "Makes documents of text files, one a file",
    base_classes: &["Document"],
    inputs: &[FILE.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct TextFile;

#[async_trait]
impl Node for TextFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let loaded = files::load(&FILE.field, inputs, text_document).await?;
        documents::hand_on(loaded, inputs).await
    }
}

/// A file of text as a document.
fn text_document(file: &UploadedFile) -> Result<Vec<Document>> {
    let page_content = file.text(&FILE.field)?;
    Ok(vec![Document { page_content, metadata: documents::blob_metadata(), id: None }])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form};

    #[tokio::test]
    async fn every_file_is_a_document() {
        let one = "data:text/plain;base64,SGVsbG8=,filename:a.txt";
        let two = "data:text/plain;base64,V29ybGQ=,filename:b.txt";
        let form = form(&json!({"txtFile": json!([one, two]).to_string()}));
        let made = documents(TextFile.init(&form).await);
        let texts: Vec<&str> = made.iter().map(|it| it.page_content.as_str()).collect();
        assert_eq!(texts, ["Hello", "World"]);
        assert_eq!(
            Value::from(made[0].metadata.clone()),
            json!({"source": "blob", "blobType": ""})
        );
    }
}
