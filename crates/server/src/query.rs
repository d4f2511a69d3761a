//! Reading what stands after the question mark of an address.

use std::convert::Infallible;

use axum::{extract::FromRequestParts, http::request::Parts};
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use flowstone_store::{Order, Page};

use crate::{AppState, Problem, problem::Result};

/// The parameters of an address, in the order they came. Names may repeat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl FromRequestParts<AppState> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &AppState) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Query {
    /// Reads `a=1&b=2`.
    pub fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// The first value of a parameter that is not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of a parameter that is not empty.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        let values = self.0.iter().filter(move |(it, value)| it == name && !value.is_empty());
        values.map(|(_, value)| value.as_str())
    }

    /// Every value of a parameter that is a list: repeated, or the text of a JSON list.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let each = self.all(name).flat_map(|value| {
            serde_json::from_str::<Vec<String>>(value).unwrap_or_else(|_| vec![value.to_owned()])
        });
        each.collect()
    }

    /// All parameters as an object; a name that repeats has the list of its values.
    pub fn to_map(&self) -> serde_json::Map<String, serde_json::Value> {
        let mut map = serde_json::Map::new();
        for (name, value) in &self.0 {
            let value = serde_json::Value::from(value.clone());
            match map.get_mut(name) {
                None => {
                    map.insert(name.clone(), value);
                }
                Some(serde_json::Value::Array(values)) => values.push(value),
                Some(first) => *first = vec![first.take(), value].into(),
            }
        }
        map
    }

    /// Whether a switch is set to `true`.
    pub fn flag(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// The page of a list, asked for by `page` and `limit`; without both of them, or with `-1` or
    /// 0 in one, the whole list.
    ///
    /// # Errors
    /// 400 where one of them is not a whole number.
    pub fn page(&self) -> Result<Option<Page>> {
        Ok(Page::new(self.number("page")?, self.number("limit")?))
    }

    /// A whole number; 0 where it is missing or negative.
    pub(crate) fn number(&self, name: &str) -> Result<u64> {
        let Some(text) = self.get(name) else { return Ok(0) };
        let parsed = text.parse::<i64>();
        let number = parsed
            .map_err(|_| Problem::bad_request(format!("{name}: {text:?} is not a whole number")))?;
        Ok(u64::try_from(number).unwrap_or(0))
    }

    /// A time such as `2026-01-31T09:30:00.000Z`; a day alone is its beginning.
    ///
    /// # Errors
    /// 400 where it is not one.
    pub fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>> {
        day_begins(name, self.get(name))
    }

    /// The same for the end of a period; a day alone is its end.
    ///
    /// # Errors
    /// 400 where it is not one.
    pub fn end(&self, name: &str) -> Result<Option<DateTime<Utc>>> {
        day_ends(name, self.get(name))
    }

    /// Newest first where the parameter says `DESC`, else oldest first.
    pub fn order(&self, name: &str) -> Order {
        let descending = self.get(name).is_some_and(|it| it.eq_ignore_ascii_case("desc"));
        if descending { Order::Descending } else { Order::Ascending }
    }
}

/// The time in `text`; a day alone is its beginning.
///
/// # Errors
/// 400 where it is neither.
pub(crate) fn day_begins(name: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    moment(name, text, NaiveTime::MIN)
}

/// The time in `text`; a day alone is its last millisecond.
///
/// # Errors
/// 400 where it is neither.
pub(crate) fn day_ends(name: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>> {
    let last = NaiveTime::from_hms_milli_opt(23, 59, 59, 999).unwrap_or(NaiveTime::MIN);
    moment(name, text, last)
}

fn moment(name: &str, text: Option<&str>, of_day: NaiveTime) -> Result<Option<DateTime<Utc>>> {
    let Some(text) = text.filter(|it| !it.is_empty()) else { return Ok(None) };
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Ok(Some(day.and_time(of_day).and_utc()));
    }
    let parsed = text.parse().map_err(|_| {
        Problem::bad_request(format!(
            "{name}: {text:?} is not a time such as 2026-01-31T09:30:00.000Z"
        ))
    });
    parsed.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_alone_reaches_from_its_beginning_to_its_end() {
        let query = Query::parse("a=2026-01-31&b=2026-01-31T09:30:00.000Z&c=yesterday");
        let told = |time: Option<DateTime<Utc>>| time.map(|it| it.to_rfc3339());
        assert_eq!(told(query.time("a").unwrap()).unwrap(), "2026-01-31T00:00:00+00:00");
        assert_eq!(told(query.end("a").unwrap()).unwrap(), "2026-01-31T23:59:59.999+00:00");
        assert_eq!(query.time("b").unwrap(), query.end("b").unwrap());
        assert!(query.time("c").is_err() && query.end("d").unwrap().is_none());
    }

    #[test]
    fn a_page_is_asked_for_by_both_numbers() {
        let page = |text| Query::parse(text).page().ok().flatten();
        assert_eq!(page("page=2&limit=10"), Page::new(2, 10));
        for text in ["", "page=2", "limit=10", "page=-1&limit=-1", "page=0&limit=5"] {
            assert_eq!(page(text), None, "{text}");
        }
        let problem = Query::parse("page=two&limit=1").page().unwrap_err();
        assert_eq!(problem.message(), "page: \"two\" is not a whole number");
    }

    #[test]
    fn names_may_repeat_and_empty_values_do_not_count() {
        let query = Query::parse("a=1&a=&a=2&b=");
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.get("b"), None);
        let lists = Query::parse(r#"t=["X","Y"]&t=Z"#);
        assert_eq!(lists.texts("t"), ["X", "Y", "Z"]);
    }
}
