//! Google Sheets, in the name of a user that allowed it
//! (developers.google.com/workspace/sheets/api/reference/rest).

mod rows;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value, json};

use super::actions::{Action, Argument, Connection, Draft, Given, Group, ServiceTools, choices};
use crate::account;

const KIND: Input<String> = Input::options(
    "Type",
    "sheetsType",
    &[Choice::new("spreadsheet", "Spreadsheet"), Choice::new("values", "Values")],
)
.describe("What the model works with");
const SPREADSHEET_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Spreadsheet Actions", "spreadsheetActions", &SPREADSHEET_CHOICES)
        .describe("What the model may do with spreadsheets; each is a tool")
        .show_when(&[When("sheetsType", Holds::AnyOf(&["spreadsheet"]))]);
const SPREADSHEET_CHOICES: [Choice; 3] = choices(&SPREADSHEETS);
const VALUES_ACTIONS: Input<Vec<String>> =
    Input::multi_options("Values Actions", "valuesActions", &VALUES_CHOICES)
        .describe("What the model may do with the values in cells; each is a tool")
        .show_when(&[When("sheetsType", Holds::AnyOf(&["values"]))]);
const VALUES_CHOICES: [Choice; 7] = choices(&VALUES);

static SPEC: Spec = Spec {
    label: "Google Sheets",
    name: "googleSheetsTool",
    version: 1.0,
    kind: "GoogleSheets",
    icon: "table-service.svg",
    category: "Tools",
    description: "Lets a model read and write spreadsheets of Google Sheets",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["googleSheetsOAuth2"])),
    inputs: &[
        KIND.field,
        SPREADSHEET_ACTIONS.field,
        VALUES_ACTIONS.field,
        rows::SPREADSHEET_ID,
        rows::TITLE,
        rows::SHEET_COUNT,
        rows::RANGE,
        rows::RANGES,
        rows::VALUES,
        rows::VALUE_INPUT_OPTION,
        rows::VALUE_RENDER_OPTION,
        rows::DATE_TIME_RENDER_OPTION,
        rows::INSERT_DATA_OPTION,
        rows::INCLUDE_GRID_DATA,
        rows::MAJOR_DIMENSION,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[
    Group { kind: "spreadsheet", row: &SPREADSHEET_ACTIONS, actions: &SPREADSHEETS },
    Group { kind: "values", row: &VALUES_ACTIONS, actions: &VALUES },
];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, Some(&KIND), GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://sheets.googleapis.com", "/v4/");
    let kind = "googleSheetsOAuth2";
    async move { Connection::of_account("Google Sheets", address, kind, inputs, account::GOOGLE) }
        .boxed()
}

/// Most sheets that a new spreadsheet is given.
const MOST_SHEETS: u64 = 200;

const SPREADSHEET: Argument =
    Argument::text("spreadsheetId", "The id of the spreadsheet, as in its address behind /d/")
        .required()
        .row(&rows::SPREADSHEET_ID);
const TITLE: Argument = Argument::text("title", "The title of the spreadsheet")
    .row(&rows::TITLE)
    .sent_as("properties/title");
const LOCALE: Argument = Argument::text("locale", "The language of the spreadsheet, such as en_US")
    .sent_as("properties/locale");
const ZONE: Argument =
    Argument::text("timeZone", "The zone of the spreadsheet, such as Europe/Berlin")
        .sent_as("properties/timeZone");
const RANGE: Argument =
    Argument::text("range", "The cells, such as Sheet1!A1:B2").required().row(&rows::RANGE);
const RANGES: Argument =
    Argument::text("ranges", "Several ranges of cells, with commas between them")
        .row(&rows::RANGES);
const CELLS: Argument =
    Argument::text("values", "The values, as JSON rows such as [[\"a\", 1], [\"b\", 2]]")
        .required()
        .row(&rows::VALUES)
        .aside();
const TYPED: Argument = Argument::one_of(
    "valueInputOption",
    "Whether values are taken as they are (RAW), or as if typed in (USER_ENTERED)",
    &["RAW", "USER_ENTERED"],
)
.row(&rows::VALUE_INPUT_OPTION)
.in_query();
const SHOWN: Argument = Argument::one_of(
    "valueRenderOption",
    "How values are given",
    &["FORMATTED_VALUE", "UNFORMATTED_VALUE", "FORMULA"],
)
.row(&rows::VALUE_RENDER_OPTION);
const DATES: Argument = Argument::one_of(
    "dateTimeRenderOption",
    "How dates are given",
    &["SERIAL_NUMBER", "FORMATTED_STRING"],
)
.row(&rows::DATE_TIME_RENDER_OPTION);
const ALONG: Argument = Argument::one_of(
    "majorDimension",
    "Whether values stand in rows or in columns",
    &["ROWS", "COLUMNS"],
)
.row(&rows::MAJOR_DIMENSION);

const SPREADSHEETS: [Action; 3] = [
    Action {
        choice: "createSpreadsheet",
        label: "Create Spreadsheet",
        description: "Makes a spreadsheet",
        arguments: &[
            TITLE.required(),
            Argument::whole("sheetCount", "How many sheets it has").row(&rows::SHEET_COUNT).aside(),
            LOCALE,
            ZONE,
        ],
        tried: Some(with_sheets),
        ..Action::post("spreadsheets")
    },
    Action {
        choice: "getSpreadsheet",
        label: "Get Spreadsheet",
        description: "Reads which sheets a spreadsheet has, and the cells where that is said",
        arguments: &[
            SPREADSHEET,
            Argument::text("ranges", "Several ranges of cells, with commas between them")
                .each_in_query(),
            Argument::flag("includeGridData", "Gives the cells too").row(&rows::INCLUDE_GRID_DATA),
        ],
        ..Action::get("spreadsheets/{spreadsheetId}")
    },
    Action {
        choice: "updateSpreadsheet",
        label: "Update Spreadsheet",
        description: "Changes the title, the language or the zone of a spreadsheet",
        arguments: &[SPREADSHEET, TITLE.aside(), LOCALE.aside(), ZONE.aside()],
        tried: Some(new_properties),
        ..Action::post("spreadsheets/{spreadsheetId}:batchUpdate")
    },
];

const VALUES: [Action; 7] = [
    Action {
        choice: "getValues",
        label: "Get Values",
        description: "Reads the values of cells",
        arguments: &[SPREADSHEET, RANGE, SHOWN, DATES, ALONG],
        ..Action::get("spreadsheets/{spreadsheetId}/values/{range}")
    },
    Action {
        choice: "updateValues",
        label: "Update Values",
        description: "Writes values into cells",
        arguments: &[SPREADSHEET, RANGE, CELLS, TYPED, ALONG],
        tried: Some(with_values),
        ..Action::put("spreadsheets/{spreadsheetId}/values/{range}")
    },
    Action {
        choice: "appendValues",
        label: "Append Values",
        description: "Writes values below the table that begins in a range",
        arguments: &[
            SPREADSHEET,
            Argument::text("range", "Where the table is, such as Sheet1!A1:B2").required(),
            CELLS,
            TYPED,
            Argument::one_of(
                "insertDataOption",
                "Whether rows are put in for the values",
                &["OVERWRITE", "INSERT_ROWS"],
            )
            .row(&rows::INSERT_DATA_OPTION)
            .in_query(),
            ALONG,
        ],
        tried: Some(with_values),
        ..Action::post("spreadsheets/{spreadsheetId}/values/{range}:append")
    },
    Action {
        choice: "clearValues",
        label: "Clear Values",
        description: "Empties cells; how they look stays",
        arguments: &[SPREADSHEET, RANGE],
        ..Action::post("spreadsheets/{spreadsheetId}/values/{range}:clear")
    },
    Action {
        choice: "batchGetValues",
        label: "Batch Get Values",
        description: "Reads the values of several ranges of cells",
        arguments: &[SPREADSHEET, RANGES.required().each_in_query(), SHOWN, DATES, ALONG],
        ..Action::get("spreadsheets/{spreadsheetId}/values:batchGet")
    },
    Action {
        choice: "batchUpdateValues",
        label: "Batch Update Values",
        description: "Writes values into several ranges of cells",
        arguments: &[
            SPREADSHEET,
            Argument::one_of(
                "valueInputOption",
                "Whether values are taken as they are (RAW), or as if typed in (USER_ENTERED)",
                &["RAW", "USER_ENTERED"],
            )
            .row(&rows::VALUE_INPUT_OPTION),
            Argument::text(
                "values",
                "The ranges with their values, as JSON such as \
                 [{\"range\": \"A1:B1\", \"values\": [[1, 2]]}]",
            )
            .required()
            .row(&rows::VALUES)
            .aside(),
            ALONG.aside(),
            Argument::flag("includeValuesInResponse", "Gives the values back as they are then"),
        ],
        tried: Some(with_ranges),
        ..Action::post("spreadsheets/{spreadsheetId}/values:batchUpdate")
    },
    Action {
        choice: "batchClearValues",
        label: "Batch Clear Values",
        description: "Empties several ranges of cells; how they look stays",
        arguments: &[SPREADSHEET, RANGES.required().aside()],
        made: Some(all_ranges),
        ..Action::post("spreadsheets/{spreadsheetId}/values:batchClear")
    },
];

fn with_sheets(given: &Given, draft: &mut Draft) -> Result<()> {
    let count = given.value("sheetCount").map_or(Some(1), Value::as_u64);
    let Some(count @ 1..=MOST_SHEETS) = count else {
        let said = format!("sheetCount: a number from 1 to {MOST_SHEETS} is expected. Call again.");
        return Err(Error::ModelAnswer(said));
    };
    if count > 1 {
        let sheet = |number: u64| json!({"properties": {"title": format!("Sheet{number}")}});
        draft.put("sheets", (1..=count).map(sheet).collect::<Vec<_>>());
    }
    Ok(())
}

fn new_properties(given: &Given, draft: &mut Draft) -> Result<()> {
    let said = ["title", "locale", "timeZone"].into_iter();
    let properties: Map<String, Value> =
        said.filter_map(|it| Some((it.to_owned(), given.value(it)?.clone()))).collect();
    if properties.is_empty() {
        return Err(Error::ModelAnswer(
            "It is not said what to change: give title, locale or timeZone. Call again.".to_owned(),
        ));
    }
    let fields = properties.keys().cloned().collect::<Vec<_>>().join(",");
    let change = json!({"properties": properties, "fields": fields});
    draft.put("requests", json!([{"updateSpreadsheetProperties": change}]));
    Ok(())
}

fn with_values(given: &Given, draft: &mut Draft) -> Result<()> {
    draft.put("values", rows_of(given, "rows of values such as [[\"a\", 1], [\"b\", 2]]")?);
    Ok(())
}

fn with_ranges(given: &Given, draft: &mut Draft) -> Result<()> {
    let right = "ranges with values such as [{\"range\": \"A1:B1\", \"values\": [[1, 2]]}]";
    let mut ranges = rows_of(given, right)?;
    for range in ranges.iter_mut().filter_map(Value::as_object_mut) {
        if let Some(along) = given.value("majorDimension") {
            range.entry("majorDimension").or_insert_with(|| along.clone());
        }
    }
    draft.put("data", ranges);
    Ok(())
}

/// The JSON list that the values are said as.
fn rows_of(given: &Given, right: &str) -> Result<Vec<Value>> {
    let text = given.text("values").unwrap_or_default();
    serde_json::from_str(text).map_err(|error| {
        Error::ModelAnswer(format!("values: JSON is expected, {right} ({error}). Call again."))
    })
}

fn all_ranges(given: &Given, draft: &mut Draft) {
    let ranges: Vec<Value> = given.list("ranges").into_iter().map(Value::from).collect();
    draft.put("ranges", ranges);
}
