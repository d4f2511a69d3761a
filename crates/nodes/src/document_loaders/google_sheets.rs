//! Documents from tables of Google Sheets.

use flowstone_core::{
    Document, Error, Input, Result, Spec,
    node::Entry,
    spec::{Choice, CredentialSlot},
};
use flowstone_providers::google::{self, Cells, Drive, Sheets, Spreadsheet};
use futures::FutureExt;
use serde_json::{Value, json};

use super::remote::{Gathered, Remote, Source, document, filled, listed};
use crate::{
    account::{self, Account},
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
};

static SPREADSHEETS: Input<Vec<String>> = {
    let mut it = Input::of("Select Spreadsheet", "spreadsheetIds", "asyncMultiOptions")
        .describe("The tables to load; the newest are offered");
    it.field.load_method = Some("listSpreadsheets");
    it.field.refresh = true;
    it
};
const SHEETS: Input<Option<String>> = Input::text("Sheet Names", "sheetNames")
    .describe("Names of the sheets, with commas; all where it is empty")
    .placeholder("Sheet1, Sheet2")
    .optional();
const RANGE: Input<Option<String>> = Input::text("Range", "range")
    .describe("The cells of each sheet; all where it is empty")
    .placeholder("A1:E10")
    .optional();
const HEADERS: Input<bool> = Input::flag("Include Headers", "includeHeaders")
    .default(true)
    .describe("The first row names the columns");
const RENDER: Input<Option<String>> = Input::options(
    "Value Render Option",
    "valueRenderOption",
    &[
        Choice::new("FORMATTED_VALUE", "Formatted Value").describe("As the sheet shows them"),
        Choice::new("UNFORMATTED_VALUE", "Unformatted Value")
            .describe("As plain numbers and texts"),
        Choice::new("FORMULA", "Formula").describe("As formulas, where there are some"),
    ],
)
.describe("How values are written")
.default("FORMATTED_VALUE")
.optional();

/// How many tables the drop-down offers.
const OFFERED: usize = 100;

static SPEC: Spec = Spec {
    label: "Google Sheets",
    name: "googleSheets",
    version: 1.0,
    kind: "Document",
    icon: "table-service.svg",
    category: "Document Loaders",
    description: "Makes documents of tables in Google Sheets",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["googleSheetsOAuth2"])),
    inputs: &[
        SPREADSHEETS.field,
        SHEETS.field,
        RANGE.field,
        HEADERS.field,
        RENDER.field,
        TEXT_SPLITTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, google::SHEETS, |it| load(it).boxed())
    .listing(|method, source| offered(method, source).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let ids = inputs.get(&SPREADSHEETS)?;
    if ids.is_empty() {
        return Err(Error::missing(&SPREADSHEETS.field));
    }
    let chosen = listed(inputs.get(&SHEETS)?);
    let range = filled(inputs.get(&RANGE)?);
    let headers = inputs.get(&HEADERS)?;
    let render = filled(inputs.get(&RENDER)?).unwrap_or_else(|| "FORMATTED_VALUE".to_owned());
    let account = Account::of(inputs, account::GOOGLE)?;
    let token = account.token().await?;
    let client = Sheets { http: &source.http, address: source.address, token: &token };
    let mut gathered = Gathered::of(&inputs.services);
    for id in ids {
        let table = match client.spreadsheet(&id).await {
            Ok(table) => table,
            Err(error) => {
                gathered.add(&id, Err(error))?;
                continue;
            }
        };
        let sheets = if chosen.is_empty() { &table.sheets } else { &chosen };
        for sheet in sheets {
            let read = client.cells(&id, &cells_of(sheet, range.as_deref()), &render).await;
            let made = read.map(|cells| {
                document_of(&id, &table, sheet, &cells, headers).into_iter().collect()
            });
            gathered.add(&format!("{}, {sheet}", table.title), made)?;
        }
    }
    gathered.documents(&SPREADSHEETS.field)
}

/// A range in A1 notation. In quotes, a name may hold anything.
fn cells_of(sheet: &str, range: Option<&str>) -> String {
    let sheet = format!("'{}'", sheet.replace('\'', "''"));
    range.map_or_else(|| sheet.clone(), |range| format!("{sheet}!{range}"))
}

/// A sheet as a table of Markdown; `None` for an empty one.
fn document_of(
    id: &str,
    table: &Spreadsheet,
    sheet: &str,
    cells: &Cells,
    headers: bool,
) -> Option<Document> {
    let width = cells.values.iter().map(Vec::len).max()?;
    let row = |cells: &[Value]| -> Vec<String> {
        let text = |at: usize| match cells.get(at) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        (0..width).map(text).collect()
    };
    let (names, rows) = match cells.values.split_first() {
        Some((first, rest)) if headers => (row(first), rest),
        _ => ((0..width).map(letters).collect(), cells.values.as_slice()),
    };
    let written = |cells: &[String]| {
        let cells = cells.iter().map(|it| it.replace('|', "\\|").replace('\n', " "));
        format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
    };
    let mut text = written(&names);
    text.push_str(&written(&vec!["---".to_owned(); width]));
    text.extend(rows.iter().map(|it| written(&row(it))));
    let metadata = json!({
        "source": format!("Google Sheets: {} - {sheet}", table.title),
        "spreadsheetId": id,
        "sheetName": sheet,
        "spreadsheetTitle": table.title,
        "spreadsheetUrl": format!("https://docs.google.com/spreadsheets/d/{id}"),
        "range": cells.range,
        "rowCount": cells.values.len(),
        "columnCount": width,
        "headers": headers.then_some(names),
        "totalDataRows": rows.len(),
    });
    Some(document(text, metadata))
}

/// What a sheet calls a column: A to Z, then AA.
fn letters(column: usize) -> String {
    let mut name = String::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = u8::try_from((left - 1) % 26).unwrap_or_default();
        name.insert(0, char::from(b'A' + digit));
        left = (left - 1) / 26;
    }
    name
}

/// The newest tables, which Drive knows.
async fn offered(method: &str, source: Source<'_>) -> Result<Vec<Entry>> {
    if method != "listSpreadsheets" {
        return Err(Error::Unsupported(format!("there is no list {method}")));
    }
    if source.inputs.credential.is_none() {
        return Ok(Vec::new());
    }
    let account = Account::of(source.inputs, account::GOOGLE)?;
    let token = account.token().await?;
    let address = if source.address == google::SHEETS { google::DRIVE } else { source.address };
    let drive = Drive { http: &source.http, address, token: &token, shared: false };
    let kind = google::quoted(google::SPREADSHEET);
    let found = drive.list(&format!("mimeType={kind} and trashed = false"), true, OFFERED).await?;
    let entry = |file: google::File| {
        let changed = file.modified_time.as_deref().and_then(|it| it.get(..10)).unwrap_or("?");
        Entry::new(file.id, file.name).describe(format!("Changed {changed}"))
    };
    Ok(found.into_iter().map(entry).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_called_as_in_sheets() {
        assert_eq!([0, 25, 26, 701, 702].map(letters), ["A", "Z", "AA", "ZZ", "AAA"]);
        assert_eq!(cells_of("Ann's", Some("A1:B2")), "'Ann''s'!A1:B2");
    }
}
