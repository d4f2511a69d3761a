//! Documents from the rows of CSV files.

use async_trait::async_trait;
use flowstone_core::{Capability, Document, Error, Input, Inputs, Node, Result, Spec, spec::Field};
use serde_json::Value;

use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files::{self, UploadedFile},
};

const FILE: Input<Value> = {
    let mut it = Input::of("Csv File", "csvFile", "file");
    it.field.file_type = Some(".csv");
    it
};
const COLUMN: Input<Option<String>> = Input::text("Single Column Extraction", "columnName")
    .describe("Takes only this column of each row; all columns where it is empty")
    .placeholder("answer")
    .optional();

static SPEC: Spec = Spec {
    label: "Csv File",
    name: "csvFile",
    version: 3.0,
    kind: "Document",
    icon: "csv-file.svg",
    category: "Document Loaders",
    description: "Makes a document of every row of a CSV file",
    base_classes: &["Document"],
    inputs: &[
        FILE.field,
        TEXT_SPLITTER.field,
        COLUMN.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CsvFile;

#[async_trait]
impl Node for CsvFile {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let column = inputs.get(&COLUMN)?.map(|it| it.trim().to_owned());
        let column = column.filter(|it| !it.is_empty());
        let parse = move |file: &UploadedFile| rows(&FILE.field, file, column.as_deref());
        let loaded = files::load(&FILE.field, inputs, parse).await?;
        documents::hand_on(loaded, inputs).await
    }
}

/// A document for every row: the text of one column, or `name: value` lines of all.
pub(super) fn rows(
    field: &Field,
    file: &UploadedFile,
    column: Option<&str>,
) -> Result<Vec<Document>> {
    let text = file.text(field)?;
    let text = text.trim();
    let mut reader = reader(text, delimiter(text)).into_records();
    let wrong = |error: csv::Error| {
        Error::invalid(field, format!("{} is no CSV file: {error}", file.name()))
    };
    let Some(head) = reader.next().transpose().map_err(wrong)? else { return Ok(Vec::new()) };
    let names: Vec<&str> = head.iter().map(str::trim).collect();
    let wanted = match column {
        None => None,
        Some(column) => Some(names.iter().position(|it| *it == column).ok_or_else(|| {
            let there = names.join(", ");
            let name = file.name();
            Error::invalid(&COLUMN.field, format!("{name} has no column {column}. It has: {there}"))
        })?),
    };
    let mut texts = Vec::new();
    for row in reader {
        let row = row.map_err(wrong)?;
        texts.push(match wanted {
            Some(wanted) => row.get(wanted).unwrap_or_default().to_owned(),
            None => lines(&names, &row),
        });
    }
    Ok(documents::of_lines(texts))
}

/// `name: value` lines. What stands behind the last column is named by its number.
fn lines(names: &[&str], row: &csv::StringRecord) -> String {
    let count = names.len().max(row.len());
    let line = |at: usize| {
        let value = row.get(at).unwrap_or_default().trim();
        match names.get(at) {
            Some(name) if !name.is_empty() => format!("{name}: {value}"),
            _ => format!("_{at}: {value}"),
        }
    };
    (0..count).map(line).collect::<Vec<_>>().join("\n")
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
}

/// The character that cuts the first rows into several columns, as many in each as possible.
fn delimiter(text: &str) -> u8 {
    let mut best = (b',', usize::MAX, 1);
    for delimiter in [b',', b'\t', b'|', b';'] {
        let rows = reader(text, delimiter).into_records().take(10);
        let widths: Vec<usize> = rows.flatten().map(|it| it.len()).collect();
        let uneven: usize = widths.windows(2).map(|it| it[0].abs_diff(it[1])).sum();
        let widest = widths.iter().copied().max().unwrap_or_default();
        let (_, least, most) = best;
        if widest > 1 && (uneven < least || (uneven == least && widest > most)) {
            best = (delimiter, uneven, widest);
        }
    }
    best.0
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;
    use crate::testing::{documents, form, upload};

    #[tokio::test]
    async fn a_row_is_a_document_of_named_values() {
        let csv = "name, city,\n\"Ada, L.\",London,1\nGrace,\"New\nYork\"\n";
        let form = form(&json!({"csvFile": upload("a.csv", csv)}));
        let made = documents(CsvFile.init(&form).await);
        assert_eq!(made[0].page_content, "name: Ada, L.\ncity: London\n_2: 1");
        assert_eq!(made[1].page_content, "name: Grace\ncity: New\nYork\n_2: ");
        let expected = json!({"source": "blob", "blobType": "", "line": 2});
        assert_eq!(Value::from(made[1].metadata.clone()), expected);
    }

    #[tokio::test]
    async fn one_column_may_be_enough() {
        let form = form(&json!({"csvFile": upload("a.csv", "a;b\n1;2,5\n"), "columnName": " b "}));
        let made = documents(CsvFile.init(&form).await);
        assert_eq!(made[0].page_content, "2,5");
        assert!(!made[0].metadata.contains_key("line"), "a single row needs no number");
    }

    #[tokio::test]
    async fn a_column_that_is_not_there_is_told_with_those_that_are() {
        let form = form(&json!({"csvFile": upload("a.csv", "a,b\n1,2"), "columnName": "c"}));
        let said = CsvFile.init(&form).await.err().unwrap().to_string();
        assert_eq!(said, "Single Column Extraction: a.csv has no column c. It has: a, b");
    }

    #[rstest]
    #[case("a,b\n1,2", b',')]
    #[case("a\tb\n1,5\t2", b'\t')]
    #[case("a;b\n1,5;2", b';')]
    #[case("a|b|c\n1|2|3", b'|')]
    #[case("only\none", b',')]
    #[case("\"x;y\",b\n1,2", b',')]
    fn the_delimiter_is_found(#[case] text: &str, #[case] expected: u8) {
        assert_eq!(delimiter(text), expected);
    }
}
