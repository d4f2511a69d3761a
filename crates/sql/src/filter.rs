//! What a search may find, said by metadata: a filter as one statement.

use rusqlite::types::Value as Bound;
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The statement for the places of documents that are let through.
pub(crate) struct Filter {
    pub(crate) statement: String,
    pub(crate) values: Vec<Bound>,
}

impl Filter {
    /// Of documents whose metadata fits `filter` and holds, of each key of `among`, one of the values;
    /// `None` where all are let through.
    ///
    /// # Errors
    /// [`Error::Settings`] for what cannot be read, with the key.
    pub(crate) fn new(
        filter: &Map<String, Value>,
        among: &[(&str, &[Value])],
    ) -> Result<Option<Self>> {
        if filter.is_empty() && among.is_empty() {
            return Ok(None);
        }
        let statement = "SELECT place FROM documents WHERE TRUE".to_owned();
        let mut query = Self { statement, values: Vec::new() };
        for (key, wanted) in filter {
            match wanted {
                Value::Object(conditions) => {
                    for (operator, value) in conditions {
                        query.condition(key, operator, value)?;
                    }
                }
                Value::Array(_) => query.condition(key, "$in", wanted)?,
                other => query.condition(key, "$eq", other)?,
            }
        }
        for (key, values) in among {
            // Of a list it goes through the elements, of anything else through the one value.
            query.push(" AND EXISTS (SELECT 1 FROM json_each(documents.metadata, ");
            query.bind_path(key);
            query.push(") AS held WHERE held.value IN (NULL");
            query.list(key, values)?;
            query.push("))");
        }
        Ok(Some(query))
    }

    fn condition(&mut self, key: &str, operator: &str, value: &Value) -> Result<()> {
        let compared = match operator {
            "$eq" => "IS",
            "$ne" => "IS NOT",
            "$gt" => ">",
            "$gte" => ">=",
            "$lt" => "<",
            "$lte" => "<=",
            "$in" | "$nin" => {
                let Value::Array(values) = value else {
                    return Err(wrong(key, "a list is expected"));
                };
                self.extracted(key);
                self.push(if operator == "$in" { " IN (NULL" } else { " NOT IN (''" });
                self.list(key, values)?;
                self.push(")");
                return Ok(());
            }
            other => {
                let known = "$eq, $ne, $gt, $gte, $lt, $lte, $in and $nin";
                return Err(wrong(key, &format!("{other} is none of {known}")));
            }
        };
        self.extracted(key);
        self.push(" ");
        self.push(compared);
        self.push(" ");
        self.bind(value).ok_or_else(|| wrong(key, "a text, a number or a switch is expected"))
    }

    /// What the metadata holds under a key.
    fn extracted(&mut self, key: &str) {
        self.push(" AND json_extract(metadata, ");
        self.bind_path(key);
        self.push(")");
    }

    /// Values behind one that is there, and so each behind a comma.
    fn list(&mut self, key: &str, values: &[Value]) -> Result<()> {
        for value in values {
            self.push(", ");
            self.bind(value)
                .ok_or_else(|| wrong(key, "texts, numbers and switches are expected"))?;
        }
        Ok(())
    }

    fn push(&mut self, text: &str) {
        self.statement.push_str(text);
    }

    /// The path of a key in metadata; dots go into what is nested.
    fn bind_path(&mut self, key: &str) {
        let parts: Vec<String> =
            key.split('.').map(|it| format!(".\"{}\"", it.replace('"', ""))).collect();
        self.push("?");
        self.values.push(Bound::Text(format!("${}", parts.concat())));
    }

    fn bind(&mut self, value: &Value) -> Option<()> {
        let bound = match value {
            Value::String(text) => Bound::Text(text.clone()),
            Value::Bool(flag) => Bound::Integer(i64::from(*flag)),
            Value::Number(number) => match number.as_i64() {
                Some(whole) => Bound::Integer(whole),
                None => Bound::Real(number.as_f64()?),
            },
            Value::Null => Bound::Null,
            _ => return None,
        };
        self.push("?");
        self.values.push(bound);
        Some(())
    }
}

fn wrong(key: &str, what: &str) -> Error {
    Error::Settings(format!("the filter on \"{key}\": {what}"))
}
