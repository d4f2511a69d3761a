//! What the doubles of vector servers share: rows by id, searched one by one.

use std::collections::BTreeMap;

use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

/// What a double answers: a status and a body.
pub(super) type Answer = (u16, Value);

/// A collection of a double.
#[derive(Default)]
pub(super) struct Shelf {
    /// Length of its vectors, once that is known.
    pub(super) length: Option<usize>,
    rows: BTreeMap<String, (Vec<f32>, Value)>,
}

impl Shelf {
    /// A collection for vectors of this length.
    pub(super) fn of(length: &Value) -> Self {
        let length = length.as_u64().or_else(|| length.as_str().and_then(|it| it.parse().ok()));
        Self { length: length.map(|it| usize::try_from(it).unwrap()), ..Self::default() }
    }

    /// Puts a row; the words of a refusal where its vector has another length than the others.
    pub(super) fn put(&mut self, id: &Value, vector: &Value, row: Value) -> Result<(), String> {
        let vector: Vec<f32> = serde_json::from_value(vector.clone()).unwrap();
        let length = *self.length.get_or_insert(vector.len());
        if length != vector.len() {
            return Err(format!("a vector of length {}, but {length} is expected", vector.len()));
        }
        self.rows.insert(id.as_str().unwrap().to_owned(), (vector, row));
        Ok(())
    }

    pub(super) fn has(&self, id: &str) -> bool {
        self.rows.contains_key(id)
    }

    pub(super) fn get(&self, id: &str) -> Option<&Value> {
        self.rows.get(id).map(|it| &it.1)
    }

    pub(super) fn any_vector(&self) -> Option<&Vec<f32>> {
        self.rows.values().next().map(|it| &it.0)
    }

    pub(super) fn remove(&mut self, ids: &Value) {
        for id in ids.as_array().unwrap() {
            self.rows.remove(id.as_str().unwrap());
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&str, &Value) -> bool) {
        self.rows.retain(|id, row| keep(id, &row.1));
    }

    /// The nearest by their angle that are wanted: id, row, vector and likeness.
    pub(super) fn nearest(
        &self,
        vector: &Value,
        k: &Value,
        wanted: impl Fn(&Value) -> bool,
    ) -> Vec<(String, Value, Vec<f32>, f32)> {
        let vector: Vec<f32> = serde_json::from_value(vector.clone()).unwrap();
        let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let lengths = |it: &[f32]| (dot(it, it) * dot(&vector, &vector)).sqrt();
        let rows = self.rows.iter().filter(|(_, row)| wanted(&row.1));
        let mut found: Vec<_> = rows
            .map(|(id, (at, row))| {
                (id.clone(), row.clone(), at.clone(), dot(at, &vector) / lengths(at))
            })
            .collect();
        found.sort_by(|a, b| b.3.total_cmp(&a.3));
        found.truncate(usize::try_from(k.as_u64().unwrap()).unwrap());
        found
    }
}

/// A call in its parts.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) body: Value,
    pub(super) text: &'a str,
}

impl<'a> Call<'a> {
    pub(super) fn of(call: &'a SiteCall) -> Self {
        let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
        let body = serde_json::from_str(&call.body).unwrap_or_default();
        Self { method: &call.method, path, query, body, text: &call.body }
    }

    /// A number of the query.
    pub(super) fn number(&self, name: &str) -> Value {
        let value = self.query.split('&').find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
        value.and_then(|it| it.parse::<u64>().ok()).into()
    }
}

pub(super) fn refused(status: u16, said: &str) -> Answer {
    (status, json!({ "message": said }))
}

/// Whether a condition in words holds for a row: comparisons for equality, joined by AND, OR and
/// brackets, as Upstash, Milvus and Meilisearch write them.
pub(super) fn holds(condition: &str, row: &Value) -> bool {
    let mut words = Words(condition.trim());
    condition.trim().is_empty() || words.either(row)
}

struct Words<'a>(&'a str);

impl Words<'_> {
    fn takes(&mut self, words: &[&str]) -> bool {
        let rest = self.0.trim_start();
        let found = words.iter().find_map(|it| rest.strip_prefix(it));
        self.0 = found.unwrap_or(rest);
        found.is_some()
    }

    fn either(&mut self, row: &Value) -> bool {
        let mut holds = self.both(row);
        while self.takes(&["OR", "||"]) {
            holds |= self.both(row);
        }
        holds
    }

    fn both(&mut self, row: &Value) -> bool {
        let mut holds = self.one(row);
        while self.takes(&["AND", "&&"]) {
            holds &= self.one(row);
        }
        holds
    }

    fn one(&mut self, row: &Value) -> bool {
        if self.takes(&["("]) {
            let holds = self.either(row);
            assert!(self.takes(&[")"]), "a bracket is never closed: {}", self.0);
            return holds;
        }
        if self.takes(&["HAS NOT FIELD"]) {
            let name = self.name();
            return row.get(name).is_none();
        }
        let name = self.name().to_owned();
        assert!(self.takes(&["==", "="]), "no comparison: {}", self.0);
        let pointer = format!("/{}", name.replace('.', "/"));
        let value = row.get(&name).or_else(|| row.pointer(&pointer)).cloned().unwrap_or_default();
        let rest = self.0.trim_start();
        let (wanted, after) = match rest.strip_prefix('\'') {
            Some(quoted) => {
                let ends = |(at, it): &(usize, char)| *it == '\'' && !quoted[..*at].ends_with('\\');
                let (end, _) = quoted.char_indices().find(ends).unwrap();
                (quoted[..end].replace("\\'", "'").into(), &quoted[end + 1..])
            }
            None if rest.starts_with('"') => {
                let mut values = serde_json::Deserializer::from_str(rest).into_iter();
                let text: Value = values.next().unwrap().unwrap();
                (text, &rest[values.byte_offset()..])
            }
            None => {
                let end = rest.find([' ', ')']).unwrap_or(rest.len());
                (serde_json::from_str(&rest[..end]).unwrap(), &rest[end..])
            }
        };
        self.0 = after;
        value == wanted
    }

    fn name(&mut self) -> &str {
        let rest = self.0.trim_start();
        if let Some(quoted) = rest.strip_prefix("$meta[\"") {
            let (name, after) = quoted.split_once("\"]").unwrap();
            self.0 = after;
            return name;
        }
        let is_name = |it: char| it.is_alphanumeric() || "_.".contains(it);
        let end = rest.find(|it| !is_name(it)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        self.0 = after;
        name
    }
}
