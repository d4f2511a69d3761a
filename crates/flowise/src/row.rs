//! One row, read leniently: the same column is kept as another type by each database and version.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::{Map, Value};

/// One row of a table. A column that is missing reads as one that is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(Map<String, Value>);

impl Row {
    /// From columns and their values.
    pub(crate) fn new(columns: Map<String, Value>) -> Self {
        Self(columns)
    }

    /// A column as text; `None` where it is empty. What is data is given as its JSON text.
    pub fn text(&self, column: &str) -> Option<String> {
        match self.0.get(column)? {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    /// A column that is true or false: 0 and 1 in SQLite and MySQL, `t` and `f` in PostgreSQL.
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.text(column)?.as_str() {
            "1" | "true" | "t" => Some(true),
            "0" | "false" | "f" => Some(false),
            _ => None,
        }
    }

    /// A time. One without a zone is in UTC, as Flowise writes them.
    pub fn time(&self, column: &str) -> Option<DateTime<Utc>> {
        let text = self.text(column)?;
        if let Ok(time) = DateTime::parse_from_rfc3339(&text) {
            return Some(time.to_utc());
        }
        // PostgreSQL writes `2025-01-31 10:00:00.5+00`.
        for format in ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M:%S%.f%#z"] {
            if let Ok(time) = DateTime::parse_from_str(&text, format) {
                return Some(time.to_utc());
            }
        }
        let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f"];
        let naive = formats.iter().find_map(|it| NaiveDateTime::parse_from_str(&text, it).ok());
        naive.map(|it| it.and_utc())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(value: &Value) -> Row {
        Row::new(value.as_object().cloned().unwrap())
    }

    #[test]
    fn times_are_read_as_each_database_writes_them() {
        let expected = "2025-01-31T10:00:00.500Z".parse::<DateTime<Utc>>().unwrap();
        for text in [
            "2025-01-31T10:00:00.500Z",
            "2025-01-31 10:00:00.5",
            "2025-01-31 10:00:00.500000",
            "2025-01-31 12:00:00.5+02",
            "2025-01-31T12:00:00.5+02:00",
        ] {
            assert_eq!(row(&json!({"at": text})).time("at"), Some(expected), "{text}");
        }
        assert_eq!(row(&json!({"at": "soon"})).time("at"), None);
    }

    #[test]
    fn flags_are_read_as_each_database_writes_them() {
        for (value, flag) in [
            (json!("1"), Some(true)),
            (json!("f"), Some(false)),
            (json!(true), Some(true)),
            (json!(0), Some(false)),
            (json!(null), None),
            (json!("perhaps"), None),
        ] {
            assert_eq!(row(&json!({"it": value})).flag("it"), flag, "{value}");
        }
    }
}
