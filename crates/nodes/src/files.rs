//! Files as forms hold them: data URIs or names of stored files, alone or in a JSON list.

use std::sync::Arc;

use base64::Engine as _;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use flowstone_core::{Document, Error, Inputs, Result, services::FilePlace, spec::Field};
use flowstone_providers::HttpClient;
use serde_json::Value;

use crate::documents;

/// How forms name a file that was put into this installation's storage.
const STORED: &str = "FILE-STORAGE::";

/// An uploaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UploadedFile {
    /// What its user called it, where that is known.
    name: Option<String>,
    /// The type its data URI claims; empty where there is none.
    media_type: String,
    bytes: Vec<u8>,
}

impl UploadedFile {
    /// A file that came from elsewhere than a form.
    pub(crate) fn named(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { name: Some(name.into()), media_type: String::new(), bytes: bytes.into() }
    }

    /// What it is called in messages.
    pub(crate) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("the file")
    }

    /// The ending of its name in lower case, without the dot; empty where it has none.
    #[cfg(any(test, feature = "documents"))]
    pub(crate) fn ending(&self) -> String {
        let ending = self.name.as_deref().and_then(|it| it.rsplit_once('.')).map(|(_, it)| it);
        ending.unwrap_or_default().to_ascii_lowercase()
    }

    /// The type its data URI claims; empty where there is none.
    #[cfg(any(test, feature = "documents"))]
    pub(crate) fn media_type(&self) -> &str {
        &self.media_type
    }

    /// The content.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The content as text, without a byte order mark. What is no UTF-8 is read as Windows writes
    /// text in western Europe.
    ///
    /// # Errors
    /// Where it holds zero bytes, which no text does.
    pub(crate) fn text(&self, field: &Field) -> Result<String> {
        let marked = Encoding::for_bom(&self.bytes).map(|(encoding, _)| encoding);
        if marked.is_none() && self.bytes.contains(&0) {
            let reason = format!("{} is no text: a file of text is expected", self.name());
            return Err(Error::invalid(field, reason));
        }
        let encoding = marked.unwrap_or_else(|| {
            let is_utf8 = std::str::from_utf8(&self.bytes).is_ok();
            if is_utf8 { UTF_8 } else { WINDOWS_1252 }
        });
        Ok(encoding.decode(&self.bytes).0.into_owned())
    }
}

/// The client of this installation, trusting the authorities whose certificates a row holds on top.
///
/// # Errors
/// About the row, where it holds something else.
pub(crate) async fn trusting(field: &Field, inputs: &Inputs) -> Result<Arc<HttpClient>> {
    let client = inputs.services.get::<HttpClient>()?;
    if inputs.value(field).is_none() {
        return Ok(client);
    }
    let mut certificates = Vec::new();
    for file in read(field, inputs).await? {
        certificates.extend_from_slice(file.bytes());
        certificates.push(b'\n');
    }
    let trusting = client.trusting(&certificates);
    let trusting = trusting.map_err(|error| Error::invalid(field, error.root().to_string()))?;
    Ok(Arc::new(trusting))
}

/// The files of a row.
///
/// # Errors
/// Where the row is empty, or holds something that is neither a data URI nor a stored file.
pub(crate) async fn read(field: &Field, inputs: &Inputs) -> Result<Vec<UploadedFile>> {
    let value = inputs.value(field).ok_or_else(|| Error::missing(field))?;
    let mut files = Vec::new();
    for text in listed(field, value)? {
        let Some(names) = text.strip_prefix(STORED) else {
            files.push(decode(field, &text)?);
            continue;
        };
        for name in listed(field, names.into())? {
            files.push(stored(inputs, name).await?);
        }
    }
    if files.is_empty() {
        return Err(Error::missing(field));
    }
    Ok(files)
}

/// The documents that `parse` makes of the files of a row, one file after the other. It runs where
/// no other call waits for it.
///
/// # Errors
/// As [`read`], and what `parse` says.
pub(crate) async fn load(
    field: &Field,
    inputs: &Inputs,
    parse: impl Fn(&UploadedFile) -> Result<Vec<Document>> + Send + 'static,
) -> Result<Vec<Document>> {
    let files = read(field, inputs).await?;
    documents::blocking(move || {
        let mut loaded = Vec::new();
        for file in &files {
            loaded.extend(parse(file)?);
        }
        Ok(loaded)
    })
    .await
}

/// One text, or those of a JSON list.
fn listed(field: &Field, value: Value) -> Result<Vec<String>> {
    let value = match value {
        Value::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(&text).unwrap_or(Value::String(text))
        }
        other => other,
    };
    match value {
        Value::String(text) => Ok(vec![text]),
        other => serde_json::from_value::<Vec<String>>(other)
            .map_err(|_| Error::invalid(field, "an uploaded file or a list of them is expected")),
    }
}

/// A file of the flow, else one that came with the chat.
async fn stored(inputs: &Inputs, name: String) -> Result<UploadedFile> {
    let (workspace, flow) = (inputs.workspace.as_str(), inputs.flow_id.as_str());
    let files = &inputs.services.files;
    let of_flow = files.read(FilePlace::Flow { workspace, flow }, &name).await;
    let bytes = match (of_flow, &inputs.run) {
        (Ok(bytes), _) => bytes,
        (Err(error), None) => return Err(error),
        (Err(error), Some(run)) => {
            let chat = FilePlace::Chat { workspace, flow, chat: &run.chat_id };
            files.read(chat, &name).await.map_err(|_| error)?
        }
    };
    Ok(UploadedFile::named(name, bytes))
}

fn decode(field: &Field, text: &str) -> Result<UploadedFile> {
    let wrong = |reason: &str| Error::invalid(field, reason);
    let Some((head, body)) = text.strip_prefix("data:").and_then(|it| it.split_once(',')) else {
        return Err(wrong("an uploaded file is expected, as a data URI (data:TYPE;base64,…)"));
    };
    let Some(kind) = head.strip_suffix(";base64") else {
        return Err(wrong("the data URI must be encoded as base64 (data:TYPE;base64,…)"));
    };
    // The canvas writes the file's name behind the content.
    let (content, name) = match body.split_once(",filename:") {
        Some((content, name)) => (content, Some(name.trim().to_owned())),
        None => (body, None),
    };
    let bytes = base64::engine::general_purpose::STANDARD.decode(content.trim());
    let bytes = bytes.map_err(|_| wrong("the file's content is not valid base64"))?;
    let media_type = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    Ok(UploadedFile { name: name.filter(|it| !it.is_empty()), media_type, bytes })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use flowstone_core::{services::Files as _, spec::Field};
    use flowstone_testkit::Ports;
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    const FIELD: Field = Field::new("Txt File", "txtFile", "file");

    async fn said(value: &str) -> String {
        let read = read(&FIELD, &form(&json!({"txtFile": value}))).await;
        read.err().map(|it| it.to_string()).unwrap()
    }

    #[tokio::test]
    async fn a_data_uri_is_decoded() {
        let form = form(&json!({"txtFile": "data:text/plain;base64,77u/SGk=,filename:a.TXT"}));
        let files = read(&FIELD, &form).await.unwrap();
        assert_eq!(files[0].text(&FIELD).unwrap(), "Hi");
        assert_eq!((files[0].name(), files[0].ending().as_str()), ("a.TXT", "txt"));
        assert_eq!(files[0].media_type(), "text/plain");
    }

    #[tokio::test]
    async fn what_is_no_file_is_refused_with_the_reason() {
        assert_eq!(said("").await, "Txt File is required");
        assert_eq!(said("[]").await, "Txt File is required");
        assert!(said("/etc/passwd").await.starts_with("Txt File: an uploaded file is expected"));
        assert!(said("data:text/plain,hi").await.contains("must be encoded as base64"));
        assert!(said("data:text/plain;base64,???").await.contains("not valid base64"));
        assert!(said("[1]").await.contains("a list of them"));
    }

    #[test]
    fn text_is_read_in_the_encoding_it_is_written_in() {
        let text = |bytes: &[u8]| {
            let file = UploadedFile { name: None, media_type: String::new(), bytes: bytes.into() };
            file.text(&FIELD).map_err(|it| it.to_string())
        };
        assert_eq!(text("Größe".as_bytes()).unwrap(), "Größe");
        assert_eq!(text(b"Gr\xf6\xdfe").unwrap(), "Größe");
        assert_eq!(text(b"\xff\xfeG\0r\0").unwrap(), "Gr");
        let said = text(b"\x89PNG\0\0").unwrap_err();
        assert_eq!(said, "Txt File: the file is no text: a file of text is expected");
    }

    #[tokio::test]
    async fn stored_files_are_those_of_the_flow() {
        let ports = Ports::default();
        let place = FilePlace::Flow { workspace: "w", flow: "f" };
        for (name, content) in [("a.txt", "one"), ("b.txt", "two")] {
            ports.files.write(place, name, content.into()).await.unwrap();
        }
        let mut form = form(&json!({"txtFile": "FILE-STORAGE::[\"a.txt\",\"b.txt\"]"}));
        (form.workspace, form.flow_id) = ("w".to_owned(), "f".to_owned());
        form.services = Arc::new(ports.services());
        let files = read(&FIELD, &form).await.unwrap();
        let texts: Vec<String> = files.iter().map(|it| it.text(&FIELD).unwrap()).collect();
        assert_eq!(texts, ["one", "two"]);

        form.values = json!({"txtFile": "FILE-STORAGE::a.txt"}).as_object().cloned().unwrap();
        assert_eq!(read(&FIELD, &form).await.unwrap()[0].name(), "a.txt");
        form.flow_id = "other".to_owned();
        let said = read(&FIELD, &form).await.unwrap_err().to_string();
        assert!(said.contains("a.txt"), "{said}");
    }
}
