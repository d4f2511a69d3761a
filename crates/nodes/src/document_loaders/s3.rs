//! Documents from a file in Amazon's store of objects.

use flowstone_core::{
    Document, Error, Input, Result, Spec,
    spec::{Choice, CredentialSlot, Default, Field, Holds, When},
};
use futures::FutureExt;

use super::{
    parsed::Settings,
    remote::{Remote, Source, filled, required},
    s3_object::{self, BUCKET, LONGEST, REGION},
    unstructured::{self, Service},
};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::UploadedFile,
};

const BUILT_IN: &str = "builtIn";
const UNSTRUCTURED: &str = "unstructured";
const BY_SERVICE: &[When] = &[When("fileProcessingMethod", Holds::Text(UNSTRUCTURED))];

static KEY: Input<String> = Input::text("Object Key", "keyName")
    .describe("Name of the file in the bucket, with its folders")
    .placeholder("reports/2024.pdf");
const METHOD: Input<String> = Input::options(
    "File Processing Method",
    "fileProcessingMethod",
    &[
        Choice::new(BUILT_IN, "Built In Loaders").describe("Here, by the kind of the file"),
        Choice::new(UNSTRUCTURED, "Unstructured").describe("By Unstructured's service"),
    ],
)
.default(BUILT_IN);
const SPLITTER: Field = {
    let mut it = TEXT_SPLITTER.field;
    it.show = &[When("fileProcessingMethod", Holds::Text(BUILT_IN))];
    it
};
const SERVICE_KEY: Input<Option<String>> =
    Input::password("Unstructured API KEY", "unstructuredAPIKey")
        .describe("Key of Unstructured's service, where it wants one")
        .optional()
        .additional()
        .show_when(BY_SERVICE);

const ROWS: [Field; 15] =
    unstructured::rows(BY_SERVICE, unstructured::CHUNKS, Default::Text("detectron2_onnx"));
const SERVICE_URL: Field = {
    let mut it = ROWS[14];
    it.additional_params = true;
    it
};

static SPEC: Spec = Spec {
    label: "S3",
    name: "S3",
    version: 5.0,
    kind: "Document",
    icon: "cloud-service.svg",
    category: "Document Loaders",
    description: "Makes documents of a file in an S3 bucket",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::optional(&["awsApi"]).labelled("AWS Credential")),
    inputs: &[
        BUCKET.field,
        KEY.field,
        REGION.field,
        METHOD.field,
        SPLITTER,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
        SERVICE_URL,
        SERVICE_KEY.field,
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
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote =
    Remote::new(&SPEC, "", |it| load(it).boxed()).listing(s3_object::regions);

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let key = required(inputs, &KEY)?;
    let service = match inputs.get(&METHOD)?.as_str() {
        BUILT_IN => None,
        UNSTRUCTURED => Some(Service::read(inputs, &ROWS, filled(inputs.get(&SERVICE_KEY)?))?),
        other => {
            let reason = format!("{other} is neither {BUILT_IN} nor {UNSTRUCTURED}");
            return Err(Error::invalid(&METHOD.field, reason));
        }
    };
    let bucket = s3_object::bucket(&source, None)?;
    let content = bucket.get(&key, LONGEST).await?;
    let name = key.rsplit('/').next().unwrap_or(&key);
    let file = UploadedFile::named(name, content);
    if let Some(service) = service {
        return service.take_apart(&source.http, &file).await;
    }
    let how = Settings { per_page: true, jsonl_key: None };
    s3_object::documents_of(&KEY.field, file, s3_object::place(&bucket, &key), how).await
}
