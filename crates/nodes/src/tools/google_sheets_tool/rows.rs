//! What a form of Google Sheets holds where the model says nothing.

use flowstone_core::{
    Field,
    spec::{Choice, Default, Holds, When},
};

use crate::tools::actions::rows;

const VALUE_INPUT_OPTION_CHOICES: &[Choice] =
    &[Choice::new("RAW", "Raw"), Choice::new("USER_ENTERED", "User Entered")];
const VALUE_RENDER_OPTION_CHOICES: &[Choice] = &[
    Choice::new("FORMATTED_VALUE", "Formatted Value"),
    Choice::new("UNFORMATTED_VALUE", "Unformatted Value"),
    Choice::new("FORMULA", "Formula"),
];
const DATE_TIME_RENDER_OPTION_CHOICES: &[Choice] = &[
    Choice::new("SERIAL_NUMBER", "Serial Number"),
    Choice::new("FORMATTED_STRING", "Formatted String"),
];
const INSERT_DATA_OPTION_CHOICES: &[Choice] =
    &[Choice::new("OVERWRITE", "Overwrite"), Choice::new("INSERT_ROWS", "Insert Rows")];
const MAJOR_DIMENSION_CHOICES: &[Choice] =
    &[Choice::new("ROWS", "Rows"), Choice::new("COLUMNS", "Columns")];

pub(super) const SPREADSHEET_ID: Field = rows::text(
    "Spreadsheet ID",
    "spreadsheetId",
    &[When("sheetsType", Holds::AnyOf(&["spreadsheet", "values"]))],
    "The id in the address of the table, behind /d/",
);
pub(super) const TITLE: Field = rows::text(
    "Title",
    "title",
    &[When("spreadsheetActions", Holds::AnyOf(&["createSpreadsheet", "updateSpreadsheet"]))],
    "The title of the spreadsheet",
);
pub(super) const SHEET_COUNT: Field = rows::starting(
    rows::number(
        "Sheet Count",
        "sheetCount",
        &[When("spreadsheetActions", Holds::AnyOf(&["createSpreadsheet"]))],
        "How many sheets it has",
    ),
    Default::Number(1.0),
);
pub(super) const RANGE: Field = rows::text(
    "Range",
    "range",
    &[When("valuesActions", Holds::AnyOf(&["getValues", "updateValues", "clearValues"]))],
    "The cells, such as Sheet1!A1:B2",
);
pub(super) const RANGES: Field = rows::text(
    "Ranges",
    "ranges",
    &[When("valuesActions", Holds::AnyOf(&["batchGetValues", "batchClearValues"]))],
    "Several ranges of cells, with commas between them",
);
pub(super) const VALUES: Field = rows::text(
    "Values",
    "values",
    &[When("valuesActions", Holds::AnyOf(&["updateValues", "appendValues", "batchUpdateValues"]))],
    "The values, as JSON rows such as [[\"a\", 1], [\"b\", 2]]",
);
pub(super) const VALUE_INPUT_OPTION: Field = rows::starting(
    rows::choice(
        "Value Input Option",
        "valueInputOption",
        VALUE_INPUT_OPTION_CHOICES,
        &[When(
            "valuesActions",
            Holds::AnyOf(&["updateValues", "appendValues", "batchUpdateValues"]),
        )],
        "Whether values are taken as they are, or as if typed in",
    ),
    Default::Text("USER_ENTERED"),
);
pub(super) const VALUE_RENDER_OPTION: Field = rows::starting(
    rows::choice(
        "Value Render Option",
        "valueRenderOption",
        VALUE_RENDER_OPTION_CHOICES,
        &[When("valuesActions", Holds::AnyOf(&["getValues", "batchGetValues"]))],
        "How values are given",
    ),
    Default::Text("FORMATTED_VALUE"),
);
pub(super) const DATE_TIME_RENDER_OPTION: Field = rows::starting(
    rows::choice(
        "Date Time Render Option",
        "dateTimeRenderOption",
        DATE_TIME_RENDER_OPTION_CHOICES,
        &[When("valuesActions", Holds::AnyOf(&["getValues", "batchGetValues"]))],
        "How dates are given",
    ),
    Default::Text("FORMATTED_STRING"),
);
pub(super) const INSERT_DATA_OPTION: Field = rows::starting(
    rows::choice(
        "Insert Data Option",
        "insertDataOption",
        INSERT_DATA_OPTION_CHOICES,
        &[When("valuesActions", Holds::AnyOf(&["appendValues"]))],
        "Whether rows are put in for new values",
    ),
    Default::Text("OVERWRITE"),
);
pub(super) const INCLUDE_GRID_DATA: Field = rows::starting(
    rows::flag(
        "Include Grid Data",
        "includeGridData",
        &[When("spreadsheetActions", Holds::AnyOf(&["getSpreadsheet"]))],
        "Gives the cells too",
    ),
    Default::Flag(false),
);
pub(super) const MAJOR_DIMENSION: Field = rows::starting(
    rows::choice(
        "Major Dimension",
        "majorDimension",
        MAJOR_DIMENSION_CHOICES,
        &[When(
            "valuesActions",
            Holds::AnyOf(&[
                "getValues",
                "updateValues",
                "appendValues",
                "batchGetValues",
                "batchUpdateValues",
            ]),
        )],
        "Whether values stand in rows or in columns",
    ),
    Default::Text("ROWS"),
);
