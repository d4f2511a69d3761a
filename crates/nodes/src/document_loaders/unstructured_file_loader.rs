//! Documents from files that Unstructured's service takes apart.

use flowstone_core::{
    Document, Input, Result, Spec,
    spec::{CredentialSlot, Default, Field},
};
use futures::FutureExt;

use super::{
    remote::{Gathered, Remote, Source},
    unstructured::{self, Service, URL},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS},
    files,
};

const FILES: Input<String> = Input::file(
    "Files Upload",
    "fileObject",
    ".txt, .text, .pdf, .docx, .doc, .jpg, .jpeg, .eml, .html, .htm, .md, .pptx, .ppt, .msg, .rtf, \
     .xlsx, .xls, .odt, .epub",
)
.describe("Files to load");

const ROWS: [Field; 15] = unstructured::rows(&[], unstructured::ALL_CHUNKS, Default::None);

static SPEC: Spec = Spec {
    label: "Unstructured File Loader",
    name: "unstructuredFileLoader",
    version: 4.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of files that Unstructured takes apart",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::optional(&["unstructuredApi"])),
    inputs: &[
        FILES.field,
        URL.field,
        ROWS[0],
        ROWS[1],
        ROWS[2],
        ROWS[3],
        ROWS[4],
        ROWS[5],
        ROWS[6],
        ROWS[7],
        ROWS[8],
        ROWS[9],
        ROWS[10],
        ROWS[11],
        ROWS[12],
        ROWS[13],
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node. Where the service is, the form says.
pub(crate) static NODE: Remote = Remote::new(&SPEC, "", |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let key = inputs.credential.as_ref().and_then(|it| it.get("unstructuredAPIKey"));
    let service = Service::read(inputs, &ROWS, key.map(str::to_owned))?;
    let mut gathered = Gathered::of(&inputs.services);
    for file in files::read(&FILES.field, inputs).await? {
        gathered.add(file.name(), service.take_apart(&source.http, &file).await)?;
    }
    gathered.documents(&FILES.field)
}
