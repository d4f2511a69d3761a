//! What both loaders of Amazon's store of objects share.

use std::sync::Arc;

use flowstone_core::{Document, Error, Input, Inputs, Result, node::Entry, spec::Field};
use flowstone_providers::aws::{Access, Bucket, REGIONS};
use futures::{FutureExt, future::BoxFuture};

use super::{
    parsed::{self, Settings},
    remote::{Source, required},
};
use crate::{documents, files::UploadedFile};

pub(super) const BUCKET: Input<String> =
    Input::text("Bucket", "bucketName").describe("Name of the bucket").placeholder("my-files");
pub(super) const REGION: Input<String> = Input::async_options("Region", "region", "listRegions")
    .default("us-east-1")
    .describe("Where the bucket lies");

/// Longest object that is read, in bytes.
pub(super) const LONGEST: usize = 100 << 20;

/// The bucket of a form; `server` stands in for Amazon's.
pub(super) fn bucket(source: &Source<'_>, server: Option<String>) -> Result<Bucket> {
    let inputs: &Inputs = source.inputs;
    let region = required(inputs, &REGION)?;
    // A credential of a role alone has no keys to ask for it with.
    let access = match &inputs.credential {
        None => None,
        Some(credential) => Some(Arc::new(Access::of(source.http.clone(), credential, &region)?)),
    };
    let stand_in = Some(source.address).filter(|it| !it.is_empty()).map(str::to_owned);
    Ok(Bucket {
        http: source.http.clone(),
        access,
        name: required(inputs, &BUCKET)?,
        region,
        endpoint: server.or(stand_in),
    })
}

/// The documents of an object, by its kind.
pub(super) async fn documents_of(
    field: &'static Field,
    file: UploadedFile,
    place: String,
    how: Settings,
) -> Result<Vec<Document>> {
    documents::blocking(move || {
        let mut made = parsed::any(field, &file, &how)?;
        for document in &mut made {
            document.metadata.insert("source".to_owned(), place.as_str().into());
        }
        Ok(made)
    })
    .await
}

/// How an object is called in metadata.
pub(super) fn place(bucket: &Bucket, key: &str) -> String {
    format!("s3://{}/{key}", bucket.name)
}

/// The drop-down of regions.
pub(super) fn regions<'a>(method: &'a str, _: Source<'a>) -> BoxFuture<'a, Result<Vec<Entry>>> {
    async move {
        if method != "listRegions" {
            return Err(Error::Unsupported(format!("there is no list {method}")));
        }
        Ok(REGIONS.iter().map(|(name, place)| Entry::new(*name, *name).describe(*place)).collect())
    }
    .boxed()
}
