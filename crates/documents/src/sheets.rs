//! Workbooks, row by row.

mod xls;

use std::{collections::HashMap, io::Cursor};

use calamine::{Data, ExcelDateTime, Reader, Xls, Xlsb, Xlsx};
use serde_json::{Map, Value};

use crate::{Error, Kind, Result, archive::Archive, compound, guard::guarded};

/// What a document should be.
const EXPECTED: &str = "Excel workbook";

/// How many cells of a workbook are read.
const MOST_CELLS: usize = 10_000_000;

/// A row below the head of its sheet.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of the sheet.
    pub sheet: String,
    /// Its number in the sheet; the first row of a sheet is number zero.
    pub number: u32,
    /// The cells that hold something, by the name of their column: text, number or truth value.
    pub cells: Map<String, Value>,
}

/// The rows of all sheets that hold something. The first such row of a sheet names its columns.
///
/// # Errors
/// Where it is no workbook, is damaged, protected or too large.
pub fn read(bytes: &[u8]) -> Result<Vec<Row>> {
    guarded(|| {
        if compound::has(bytes, "Workbook") || compound::has(bytes, "Book") {
            return old(bytes);
        }
        let mut archive = Archive::open(bytes, EXPECTED)?;
        let names = archive.names();
        let has = |name: &str| names.iter().any(|it| it == name);
        let (binary, xml) = (has("xl/workbook.bin"), has("xl/workbook.xml"));
        if !binary && !xml {
            return Err(Error::WrongKind { expected: EXPECTED, found: Kind::describe(bytes) });
        }
        // The parser unpacks without bounds.
        archive.measure()?;
        if binary { binary_sheets(bytes) } else { xml_sheets(bytes) }
    })
}

fn old(bytes: &[u8]) -> Result<Vec<Row>> {
    xls::check(bytes)?;
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsError::Password => Error::Encrypted,
        other => Error::damaged(other),
    })?;
    let mut rows = Vec::new();
    for name in workbook.sheet_names() {
        let range = workbook.worksheet_range(&name).map_err(Error::damaged)?;
        let (top, left) = range.start().unwrap_or_default();
        let mut sheet = Sheet::new(name);
        for (row, column, data) in range.used_cells() {
            let place = |start: u32, at: usize| start + u32::try_from(at).unwrap_or(u32::MAX);
            sheet.put(place(top, row), place(left, column), value(data.clone()));
        }
        rows.extend(sheet.rows());
    }
    Ok(rows)
}

fn xml_sheets(bytes: &[u8]) -> Result<Vec<Row>> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsxError::Password => Error::Encrypted,
        other => Error::damaged(other),
    })?;
    let mut rows = Vec::new();
    let mut left = MOST_CELLS;
    for name in workbook.sheet_names() {
        let mut sheet = Sheet::new(name.clone());
        let mut cells = match workbook.worksheet_cells_reader(&name) {
            Ok(cells) => cells,
            // A sheet may be a chart.
            Err(calamine::XlsxError::NotAWorksheet(_)) => continue,
            Err(error) => return Err(Error::damaged(error)),
        };
        while let Some(cell) = cells.next_cell().map_err(Error::damaged)? {
            let (row, column) = cell.get_position();
            sheet.put(row, column, value(cell.get_value().clone().into()));
            left = one_less(left)?;
        }
        rows.extend(sheet.rows());
    }
    Ok(rows)
}

fn binary_sheets(bytes: &[u8]) -> Result<Vec<Row>> {
    let mut workbook = Xlsb::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsbError::Password => Error::Encrypted,
        other => Error::damaged(other),
    })?;
    let mut rows = Vec::new();
    let mut left = MOST_CELLS;
    for name in workbook.sheet_names() {
        let mut sheet = Sheet::new(name.clone());
        let mut cells = workbook.worksheet_cells_reader(&name).map_err(Error::damaged)?;
        while let Some(cell) = cells.next_cell().map_err(Error::damaged)? {
            let (row, column) = cell.get_position();
            sheet.put(row, column, value(cell.get_value().clone().into()));
            left = one_less(left)?;
        }
        rows.extend(sheet.rows());
    }
    Ok(rows)
}

fn one_less(left: usize) -> Result<usize> {
    let reason = || Error::TooLarge(format!("it has more than {MOST_CELLS} cells"));
    left.checked_sub(1).ok_or_else(reason)
}

/// The cells of a sheet that hold something.
struct Sheet {
    name: String,
    cells: Vec<(u32, u32, Value)>,
}

impl Sheet {
    fn new(name: String) -> Self {
        Self { name, cells: Vec::new() }
    }

    fn put(&mut self, row: u32, column: u32, value: Option<Value>) {
        self.cells.extend(value.map(|it| (row, column, it)));
    }

    fn rows(mut self) -> Vec<Row> {
        self.cells.sort_by_key(|(row, column, _)| (*row, *column));
        let mut cells = self.cells.into_iter().peekable();
        let Some(head) = cells.peek().map(|(row, ..)| *row) else { return Vec::new() };
        let mut names = Names::default();
        while let Some((_, column, value)) = cells.next_if(|(row, ..)| *row == head) {
            names.name(column, &text(&value));
        }
        let mut rows: Vec<Row> = Vec::new();
        for (number, column, value) in cells {
            if rows.last().is_none_or(|it| it.number != number) {
                rows.push(Row { sheet: self.name.clone(), number, cells: Map::new() });
            }
            let name = names.of(column);
            if let Some(row) = rows.last_mut() {
                row.cells.insert(name, value);
            }
        }
        rows
    }
}

/// The names of columns, each once. What the head does not name is called `__EMPTY`, as in other
/// readers of workbooks.
#[derive(Default)]
struct Names {
    of_column: HashMap<u32, String>,
    used: HashMap<String, usize>,
}

impl Names {
    fn name(&mut self, column: u32, wanted: &str) {
        let mut name = wanted.to_owned();
        loop {
            let used = self.used.entry(name.clone()).or_default();
            *used += 1;
            if *used == 1 {
                break;
            }
            name = format!("{name}_{}", *used - 1);
        }
        self.of_column.insert(column, name);
    }

    fn of(&mut self, column: u32) -> String {
        if !self.of_column.contains_key(&column) {
            self.name(column, "__EMPTY");
        }
        self.of_column.get(&column).cloned().unwrap_or_default()
    }
}

/// A value as text: text without quotes.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn value(cell: Data) -> Option<Value> {
    Some(match cell {
        Data::Empty => return None,
        Data::Int(number) => number.into(),
        Data::Float(number) => as_written(number),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => {
            return (!text.is_empty()).then(|| text.into());
        }
        Data::Bool(truth) => truth.into(),
        Data::DateTime(moment) => date(&moment).into(),
        Data::Error(error) => error.to_string().into(),
    })
}

/// `5` for 5.0, as people wrote it.
fn as_written(number: f64) -> Value {
    #[expect(clippy::cast_possible_truncation, reason = "guarded by the range just tested")]
    if number.fract() == 0.0 && number.abs() < 9e15 {
        (number as i64).into()
    } else {
        number.into()
    }
}

/// A date, with its time where it has one; a duration as hours.
fn date(moment: &ExcelDateTime) -> String {
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if !moment.is_datetime() {
        return format!("{hour:02}:{minute:02}:{second:02}");
    }
    if (hour, minute, second) == (0, 0, 0) {
        return format!("{year:04}-{month:02}-{day:02}");
    }
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}
