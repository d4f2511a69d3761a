//! Airtable's records (airtable.com/developers/web/api, "List records").

use flowstone_core::Result;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    HttpClient,
    rest::{self, Service},
};

/// Where the service is.
pub const ADDRESS: &str = "https://api.airtable.com";
/// Records of one answer, as many as the service gives.
const PAGE: usize = 100;

/// A table.
pub struct Table<'a> {
    /// The shared client.
    pub http: &'a HttpClient,
    /// Where the service is.
    pub address: &'a str,
    /// A personal access token.
    pub token: &'a str,
    /// Id of the base, such as `app…`.
    pub base: &'a str,
    /// Id or name of the table.
    pub table: &'a str,
}

/// Which records are wanted.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Those of a view, in its order.
    pub view: Option<String>,
    /// With these fields only.
    pub fields: Vec<String>,
    /// Those for which this formula holds.
    pub formula: Option<String>,
    /// So many at most.
    pub most: Option<usize>,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Record {
    /// Such as `rec…`.
    pub id: String,
    /// Values by the names of fields; those without a value are not there.
    #[serde(default)]
    pub fields: Map<String, Value>,
}

#[derive(Deserialize)]
struct Listed {
    #[serde(default)]
    records: Vec<Record>,
    offset: Option<String>,
}

impl Table<'_> {
    /// Where a record is found.
    pub fn place(&self, record: &Record) -> String {
        let (base, table) = (rest::segment(self.base), rest::segment(self.table));
        format!("{}/v0/{base}/{table}/{}", rest::base(self.address), record.id)
    }

    /// The records, page by page.
    ///
    /// # Errors
    /// Airtable's own words where it refuses; `Transport` where it cannot be reached.
    pub async fn records(&self, query: &Query) -> Result<Vec<Record>> {
        let service = Service { name: "Airtable", secret: self.token };
        let (base, table) = (rest::segment(self.base), rest::segment(self.table));
        let url = format!("{}/v0/{base}/{table}/listRecords", rest::base(self.address));
        let most = query.most.unwrap_or(usize::MAX);
        let mut records: Vec<Record> = Vec::new();
        let mut offset = None;
        for _ in 0..rest::MOST_PAGES {
            let left = most - records.len();
            let mut body = Map::new();
            body.insert("pageSize".to_owned(), left.min(PAGE).into());
            body.extend(query.view.clone().map(|it| ("view".to_owned(), it.into())));
            body.extend(query.formula.clone().map(|it| ("filterByFormula".to_owned(), it.into())));
            if !query.fields.is_empty() {
                body.insert("fields".to_owned(), query.fields.clone().into());
            }
            body.extend(offset.take().map(|it: String| ("offset".to_owned(), it.into())));
            let request = self.http.post(&url)?.bearer(self.token).json(&body);
            let listed: Listed = service.json(request).await?;
            records.extend(listed.records);
            offset = listed.offset;
            if offset.is_none() || records.len() >= most {
                records.truncate(most);
                return Ok(records);
            }
        }
        Err(service.endless())
    }
}
