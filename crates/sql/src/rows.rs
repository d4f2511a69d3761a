//! What a statement gave, as JSON values whatever the database calls their types.

use serde_json::{Map, Value};
use sqlx::{
    Column as _, Decode, Row as _, Type, TypeInfo as _, ValueRef as _, mysql::MySqlRow,
    sqlite::SqliteRow,
};

/// Longest text in a cell, in characters.
const LONGEST_CELL: usize = 2_000;

/// The rows that a statement gave.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rows {
    /// One object a row, its entries in the order of the columns.
    pub rows: Vec<Map<String, Value>>,
    /// There were more.
    pub cut: bool,
}

impl Rows {
    /// The rows as JSON text, one a line; what is left out is said.
    pub fn to_text(&self) -> String {
        if self.rows.is_empty() {
            return "(no rows)".to_owned();
        }
        let lines = self.rows.iter().map(|it| Value::Object(it.clone()).to_string());
        let mut text = lines.collect::<Vec<_>>().join("\n");
        if self.cut {
            text.push_str("\n(and more rows, which are left out)");
        }
        text
    }
}

/// Puts a cell under the name of its column; a name that is there twice gets a number.
fn put(row: &mut Map<String, Value>, name: &str, value: Value) {
    let mut free = name.to_owned();
    let mut number = 2;
    while row.contains_key(&free) {
        free = format!("{name}_{number}");
        number += 1;
    }
    row.insert(free, shortened(value));
}

fn shortened(value: Value) -> Value {
    match value {
        Value::String(text) => match text.char_indices().nth(LONGEST_CELL) {
            Some((cut, _)) => format!("{}…", &text[..cut]).into(),
            None => text.into(),
        },
        other => other,
    }
}

pub(crate) fn of_sqlite(row: &SqliteRow) -> Map<String, Value> {
    let mut read = Map::new();
    for (at, column) in row.columns().iter().enumerate() {
        let value = row.try_get_raw(at).map_or(Value::Null, |raw| {
            let kind = raw.type_info();
            match kind.name() {
                _ if raw.is_null() => Value::Null,
                "INTEGER" | "BOOLEAN" => as_json(row.try_get_unchecked::<i64, _>(at)),
                "REAL" => as_json(row.try_get_unchecked::<f64, _>(at)),
                "BLOB" => bytes(row.try_get_unchecked::<Vec<u8>, _>(at)),
                _ => as_json(row.try_get_unchecked::<String, _>(at)),
            }
        });
        put(&mut read, column.name(), value);
    }
    read
}

/// PostgreSQL writes its rows as JSON itself; see [`crate::database`].
pub(crate) fn of_json(text: &str) -> Map<String, Value> {
    match serde_json::from_str(text) {
        Ok(Value::Object(row)) => {
            row.into_iter().map(|(name, value)| (name, shortened(value))).collect()
        }
        _ => Map::new(),
    }
}

pub(crate) fn of_mysql(row: &MySqlRow) -> Map<String, Value> {
    use chrono::{NaiveDate, NaiveDateTime, NaiveTime};

    let mut read = Map::new();
    for (at, column) in row.columns().iter().enumerate() {
        let value = row.try_get_raw(at).map_or(Value::Null, |raw| {
            let kind = raw.type_info();
            match kind.name() {
                _ if raw.is_null() => Value::Null,
                name if name.ends_with("UNSIGNED") || name == "BIT" || name == "YEAR" => {
                    as_json(row.try_get_unchecked::<u64, _>(at))
                }
                "BOOLEAN" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => {
                    as_json(row.try_get_unchecked::<i64, _>(at))
                }
                "FLOAT" => as_json(row.try_get_unchecked::<f32, _>(at)),
                "DOUBLE" => as_json(row.try_get_unchecked::<f64, _>(at)),
                "DATE" => shown::<NaiveDate>(row, at),
                "TIME" => shown::<NaiveTime>(row, at),
                "DATETIME" | "TIMESTAMP" => shown::<NaiveDateTime>(row, at),
                "BLOB" | "TINYBLOB" | "MEDIUMBLOB" | "LONGBLOB" | "BINARY" | "VARBINARY" => {
                    bytes(row.try_get_unchecked::<Vec<u8>, _>(at))
                }
                _ => as_json(row.try_get_unchecked::<String, _>(at)),
            }
        });
        put(&mut read, column.name(), value);
    }
    read
}

fn shown<'r, T>(row: &'r MySqlRow, at: usize) -> Value
where
    T: Decode<'r, sqlx::MySql> + Type<sqlx::MySql> + ToString,
{
    as_json(row.try_get_unchecked::<T, _>(at).map(|it| it.to_string()))
}

fn as_json<T: Into<Value>>(value: Result<T, sqlx::Error>) -> Value {
    value.map_or_else(|_| "(cannot be shown)".into(), Into::into)
}

/// Bytes are text where they are text, and else only counted.
fn bytes(value: Result<Vec<u8>, sqlx::Error>) -> Value {
    match value.map(String::from_utf8) {
        Ok(Ok(text)) if !text.contains('\0') => text.into(),
        Ok(Ok(text)) => format!("({} bytes)", text.len()).into(),
        Ok(Err(error)) => format!("({} bytes)", error.as_bytes().len()).into(),
        Err(_) => "(cannot be shown)".into(),
    }
}
