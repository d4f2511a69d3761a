//! Unstructured's taking apart of documents (docs.unstructured.io, "Partition endpoint").

use std::time::Duration;

use flowstone_core::Result;
use serde_json::Value;

use crate::{HttpClient, rest::Service};

/// How long a document may take: models look at every page of it.
const PATIENCE: Duration = Duration::from_mins(15);

/// A file to take apart.
pub struct Upload<'a> {
    /// Its name, by whose ending its kind is told.
    pub name: &'a str,
    /// Its content.
    pub content: &'a [u8],
    /// How it is taken apart: the fields of the form.
    pub fields: &'a [(&'static str, String)],
}

/// The elements of a file: objects with `type`, `text` and `metadata`. `url` is the whole address,
/// such as `https://api.unstructuredapp.io/general/v0/general`.
///
/// # Errors
/// The service's own words where it refuses; `Transport` where it cannot be reached.
pub async fn elements(
    http: &HttpClient,
    url: &str,
    key: Option<&str>,
    upload: &Upload<'_>,
) -> Result<Vec<Value>> {
    let boundary = boundary(upload.content);
    let kind = format!("multipart/form-data; boundary={boundary}");
    let request =
        http.post(url)?.header("content-type", &kind).header("accept", "application/json");
    let request = match key {
        Some(key) => request.header("unstructured-api-key", key),
        None => request,
    };
    let service = Service { name: "Unstructured", secret: key.unwrap_or_default() };
    service.json(request.timeout(Some(PATIENCE)).body(form(upload, &boundary))).await
}

fn form(upload: &Upload<'_>, boundary: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(upload.content.len() + 4096);
    for (name, value) in upload.fields {
        let part = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend_from_slice(part.as_bytes());
    }
    // A name is written as browsers write it.
    let name = upload.name.replace('"', "%22").replace(['\r', '\n'], " ");
    let head = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{name}\"\r\n\
         content-type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(upload.content);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    body
}

/// A line that does not occur in the content.
fn boundary(content: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(content)).chars().take(32).collect()
}
