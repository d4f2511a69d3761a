//! Files as forms hold them: data URIs, alone or in a JSON list.

use base64::Engine as _;
use flowstone_core::{Error, Inputs, Result, spec::Field};
use serde_json::Value;

/// How forms name a file that was put into this installation's storage.
const STORED: &str = "FILE-STORAGE::";

/// An uploaded file.
pub(crate) struct UploadedFile {
    bytes: Vec<u8>,
}

impl UploadedFile {
    /// The content as text; a byte order mark is dropped, bytes that are no UTF-8 are replaced.
    pub(crate) fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
    }
}

/// The files of a row.
///
/// # Errors
/// Where the row is empty, or holds something that is no data URI; stored files are refused until
/// this installation keeps files.
pub(crate) fn read(field: &Field, inputs: &Inputs) -> Result<Vec<UploadedFile>> {
    let value = inputs.value(field).ok_or_else(|| Error::missing(field))?;
    let listed = match &value {
        Value::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(text).unwrap_or(Value::Null)
        }
        other => other.clone(),
    };
    let texts = match listed {
        Value::String(text) => vec![text],
        other => serde_json::from_value::<Vec<String>>(other)
            .map_err(|_| Error::invalid(field, "an uploaded file or a list of them is expected"))?,
    };
    texts.iter().map(|text| decode(field, text)).collect()
}

fn decode(field: &Field, text: &str) -> Result<UploadedFile> {
    if text.starts_with(STORED) {
        return Err(Error::Unsupported(format!(
            "{}: this installation keeps no files yet: upload the file into the form again, so \
             that the flow holds it",
            field.label
        )));
    }
    let wrong = |reason: &str| Error::invalid(field, reason);
    let Some((head, body)) = text.strip_prefix("data:").and_then(|it| it.split_once(',')) else {
        return Err(wrong("an uploaded file is expected, as a data URI (data:TYPE;base64,…)"));
    };
    if !head.ends_with(";base64") {
        return Err(wrong("the data URI must be encoded as base64 (data:TYPE;base64,…)"));
    }
    // The canvas writes the file's name behind the content.
    let content = body.split_once(",filename:").map_or(body, |(content, _)| content);
    let bytes = base64::engine::general_purpose::STANDARD.decode(content.trim());
    let bytes = bytes.map_err(|_| wrong("the file's content is not valid base64"))?;
    Ok(UploadedFile { bytes })
}

#[cfg(test)]
mod tests {
    use flowstone_core::spec::Field;
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    const FIELD: Field = Field::new("Txt File", "txtFile", "file");

    fn said(value: &str) -> String {
        read(&FIELD, &form(&json!({"txtFile": value}))).err().map(|it| it.to_string()).unwrap()
    }

    #[test]
    fn a_data_uri_is_decoded() {
        let form = form(&json!({"txtFile": "data:text/plain;base64,77u/SGk=,filename:a.txt"}));
        assert_eq!(read(&FIELD, &form).unwrap()[0].text(), "Hi");
    }

    #[test]
    fn what_is_no_file_is_refused_with_the_reason() {
        assert_eq!(said(""), "Txt File is required");
        assert!(said("/etc/passwd").starts_with("Txt File: an uploaded file is expected"));
        assert!(said("data:text/plain,hi").contains("must be encoded as base64"));
        assert!(said("data:text/plain;base64,???").contains("not valid base64"));
        assert!(said("[1]").contains("a list of them"));
        assert!(said("FILE-STORAGE::a.txt").contains("keeps no files yet"));
    }
}
