//! Documents from the files of a folder in Amazon's store of objects.

use flowstone_core::{
    Document, Input, Result, Spec,
    spec::{Choice, CredentialSlot},
};
use futures::{FutureExt, StreamExt, stream};

use super::{
    parsed::Settings,
    remote::{Gathered, Remote, Source, filled},
    s3_object::{self, BUCKET, LONGEST, REGION},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::UploadedFile,
};

const SERVER: Input<Option<String>> = Input::text("Server URL", "serverUrl")
    .describe("A server that speaks like Amazon's store; Amazon's own where it is empty")
    .placeholder("https://minio.example.com")
    .optional();
static PREFIX: Input<Option<String>> = Input::text("Prefix", "prefix")
    .describe("Loads the files whose names begin with this; all where it is empty")
    .placeholder("reports/")
    .optional();
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

/// Most files of one load.
const MOST_FILES: usize = 10_000;
/// How many files are read at once.
const AT_ONCE: usize = 4;

static SPEC: Spec = Spec {
    label: "S3 Directory",
    name: "s3Directory",
    version: 4.0,
    kind: "Document",
    icon: "cloud-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the files in a folder of an S3 bucket",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::optional(&["awsApi"]).labelled("Credential")),
    inputs: &[
        TEXT_SPLITTER.field,
        BUCKET.field,
        REGION.field,
        SERVER.field,
        PREFIX.field,
        USAGE.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote =
    Remote::new(&SPEC, "", |it| load(it).boxed()).listing(s3_object::regions);

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let bucket = s3_object::bucket(&source, filled(inputs.get(&SERVER)?))?;
    let prefix = filled(inputs.get(&PREFIX)?).unwrap_or_default();
    let per_page = inputs.get(&USAGE)?.as_deref() != Some("perFile");
    let objects = bucket.list(&prefix, MOST_FILES + 1).await?;
    if objects.len() > MOST_FILES {
        let reason = format!("there are more than {MOST_FILES} files: a longer prefix names fewer");
        return Err(flowstone_core::Error::invalid(&PREFIX.field, reason));
    }
    let bucket = &bucket;
    let read = objects.into_iter().filter(|it| it.size > 0).map(|object| async move {
        let made = match bucket.get(&object.key, LONGEST).await {
            Ok(content) => {
                let name = object.key.rsplit('/').next().unwrap_or(&object.key);
                let file = UploadedFile::named(name, content);
                let how = Settings { per_page, jsonl_key: None };
                let place = s3_object::place(bucket, &object.key);
                s3_object::documents_of(&PREFIX.field, file, place, how).await
            }
            Err(error) => Err(error),
        };
        (object.key, made)
    });
    let mut read = stream::iter(read).buffered(AT_ONCE);
    let mut gathered = Gathered::of(&inputs.services);
    while let Some((key, made)) = read.next().await {
        gathered.add(&key, made)?;
    }
    gathered.documents(&PREFIX.field)
}
