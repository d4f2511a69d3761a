//! Amazon Kendra: an index that reads documents, and finds passages of them by meaning.
//!
//! <https://docs.aws.amazon.com/kendra/latest/APIReference/welcome.html>

use std::time::Duration;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Result};
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::{Ask, CHAT, Entry, Hit, VectorServer, id_in, text_in};
use crate::aws::Service;

/// The part of its address before the region, and the name that it signs by.
pub const KENDRA: (&str, &str) = ("kendra", "kendra");
/// An attribute of the index that holds all metadata as JSON, where its owner made it.
pub const WHOLE: &str = "metadata";

/// How many documents it takes at once.
const BATCH: usize = 10;
/// How many passages it gives at most.
const MOST: usize = 100;
/// Longest text of an attribute, in characters.
const LONGEST: usize = 2_048;
/// How often is looked whether documents were read, and the pause between.
const LOOKS: usize = 30;
const PAUSE: Duration = Duration::from_secs(2);

/// An index.
pub struct Index {
    service: Service,
    id: String,
    /// A condition in Kendra's own form.
    pub filter: Option<Value>,
    attributes: OnceCell<Map<String, Value>>,
}

impl Index {
    /// The index `id` of a service in a region.
    pub fn new(service: Service, id: &str) -> Self {
        Self { service, id: id.to_owned(), filter: None, attributes: OnceCell::new() }
    }

    async fn call(&self, operation: &str, mut body: Value) -> Result<Value> {
        let key = if operation == "DescribeIndex" { "Id" } else { "IndexId" };
        body[key] = self.id.clone().into();
        let target = format!("AWSKendraFrontendService.{operation}");
        let told = self.service.call(&target, "1.1", &body).await;
        told.map_err(|error| match error {
            Error::Provider { status, message } => {
                let message = format!("Kendra, index \"{}\": {message}", self.id);
                Error::Provider { status, message }
            }
            other => other,
        })
    }

    /// The attributes that the index knows, with their types.
    async fn attributes(&self) -> Result<&Map<String, Value>> {
        let look = async {
            let told = self.call("DescribeIndex", json!({})).await?;
            let listed = told["DocumentMetadataConfigurations"].as_array();
            let listed = listed.map(Vec::as_slice).unwrap_or_default();
            let one = |it: &Value| Some((it["Name"].as_str()?.to_owned(), it["Type"].clone()));
            Ok(listed.iter().filter_map(one).collect())
        };
        self.attributes.get_or_try_init(|| look).await
    }

    /// A document as it takes one, with the metadata that it has attributes for.
    fn document(entry: &Entry, known: &Map<String, Value>) -> Result<Value> {
        if entry.metadata.contains_key(CHAT) && !known.contains_key(CHAT) {
            return Err(Error::Unsupported(format!(
                "the Kendra index cannot keep the files of chats apart: give it an attribute \
                 {CHAT} of type String"
            )));
        }
        let mut attributes: Vec<Value> = Vec::new();
        for (key, kind) in known {
            let held = flowstone_core::filter::entry(&entry.metadata, key);
            if let Some(value) = held.and_then(|it| attribute(it, kind)) {
                attributes.push(json!({ "Key": key, "Value": value }));
            }
        }
        let whole = Value::Object(entry.metadata.clone()).to_string();
        if known.contains_key(WHOLE)
            && !entry.metadata.contains_key(WHOLE)
            && whole.chars().count() <= LONGEST
        {
            attributes.push(json!({ "Key": WHOLE, "Value": { "StringValue": whole } }));
        }
        let title = ["title", "source"].iter().find_map(|it| entry.metadata.get(*it)?.as_str());
        let mut document = json!({
            "Id": entry.id,
            "Blob": STANDARD.encode(&entry.text),
            "ContentType": "PLAIN_TEXT",
            "Attributes": attributes,
        });
        if let Some(title) = title {
            document["Title"] = title.into();
        }
        Ok(document)
    }

    /// Waits until the documents can be found, for a minute at most: it reads them in its own time.
    async fn read(&self, ids: &[&str]) -> Result<()> {
        for _ in 0..LOOKS {
            let list: Vec<Value> = ids.iter().map(|it| json!({ "DocumentId": it })).collect();
            let told =
                self.call("BatchGetDocumentStatus", json!({ "DocumentInfoList": list })).await?;
            let states = told["DocumentStatusList"].as_array().map(Vec::as_slice);
            let states = states.unwrap_or_default();
            let is = |it: &Value, wanted: &[&str]| {
                it["DocumentStatus"].as_str().is_some_and(|it| wanted.contains(&it))
            };
            if let Some(failed) = states.iter().find(|it| is(it, &["FAILED"])) {
                let reason = failed["FailureReason"].as_str().unwrap_or("it does not say why");
                return Err(self.refused(&failed["DocumentId"], reason));
            }
            if states.iter().all(|it| is(it, &["INDEXED", "UPDATED"])) {
                break;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    fn refused(&self, document: &Value, reason: &str) -> Error {
        let message = format!(
            "Kendra, index \"{}\": the document {} was not taken: {reason}",
            self.id,
            id_in(document)
        );
        Error::Provider { status: 400, message }
    }

    /// What of a list of failures is one.
    fn outcome(&self, told: &Value, list: &str, but: &[&str]) -> Result<()> {
        let failed = told[list].as_array().map(Vec::as_slice).unwrap_or_default();
        let counts = |it: &&Value| !it["ErrorCode"].as_str().is_some_and(|it| but.contains(&it));
        let Some(first) = failed.iter().find(counts) else { return Ok(()) };
        let id = first.get("Id").or_else(|| first.get("DocumentId")).unwrap_or(&Value::Null);
        Err(self.refused(id, first["ErrorMessage"].as_str().unwrap_or("it does not say why")))
    }
}

/// Whether a condition needs an attribute that no document has, so that nothing can be found.
fn needs_unknown(filter: &Value, known: &Map<String, Value>) -> bool {
    let operators = filter.as_object().into_iter().flatten();
    operators.into_iter().any(|(operator, inner)| match operator.as_str() {
        "AndAllFilters" => {
            inner.as_array().is_some_and(|all| all.iter().any(|it| needs_unknown(it, known)))
        }
        "OrAllFilters" | "NotFilter" => false,
        // Those that begin with _ are Kendra's own.
        _ => {
            inner["Key"].as_str().is_some_and(|it| !it.starts_with('_') && !known.contains_key(it))
        }
    })
}

/// A value as an attribute of a type holds it.
fn attribute(value: &Value, kind: &Value) -> Option<Value> {
    let short = |text: &str| text.chars().take(LONGEST).collect::<String>();
    Some(match (kind.as_str()?, value) {
        ("STRING_VALUE", Value::String(text)) => json!({ "StringValue": short(text) }),
        ("STRING_VALUE", Value::Number(_) | Value::Bool(_)) => {
            json!({ "StringValue": value.to_string() })
        }
        ("STRING_LIST_VALUE", Value::Array(list)) if list.iter().all(Value::is_string) => {
            json!({ "StringListValue": list.iter().take(10).collect::<Vec<_>>() })
        }
        ("STRING_LIST_VALUE", Value::String(text)) => json!({ "StringListValue": [short(text)] }),
        ("LONG_VALUE", value) => json!({ "LongValue": value.as_i64()? }),
        ("DATE_VALUE", Value::String(text)) => {
            let date = chrono::DateTime::parse_from_rfc3339(text).ok()?;
            json!({ "DateValue": date.timestamp() })
        }
        _ => return None,
    })
}

#[async_trait]
impl VectorServer for Index {
    fn collection(&self) -> &str {
        &self.id
    }

    fn batch(&self) -> usize {
        BATCH
    }

    /// The index is made by its owner.
    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        self.attributes().await.map(|_| None)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        let known = self.attributes().await?;
        for entries in entries.chunks(BATCH) {
            let documents: Result<Vec<Value>> =
                entries.iter().map(|it| Self::document(it, known)).collect();
            let told = self.call("BatchPutDocument", json!({ "Documents": documents? })).await?;
            self.outcome(&told, "FailedDocuments", &[])?;
            let ids: Vec<&str> = entries.iter().map(|it| it.id.as_str()).collect();
            self.read(&ids).await?;
        }
        Ok(())
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        // It has no condition for what lacks an attribute, so what is of other chats is left out here.
        let wanted = if ask.chat.is_some() { MOST } else { ask.k.min(MOST) };
        let mut body = json!({ "QueryText": ask.text, "PageSize": wanted });
        if let Some(filter) = &self.filter {
            // It refuses what names an attribute that it does not have. Who may only search may not
            // look which there are.
            if self.attributes().await.is_ok_and(|known| needs_unknown(filter, known)) {
                return Ok(Vec::new());
            }
            body["AttributeFilter"] = filter.clone();
        }
        let mut told = self.call("Retrieve", body.clone()).await?;
        if told["ResultItems"].as_array().is_none_or(Vec::is_empty) {
            // Documents too short for passages are found by its older search.
            told = self.call("Query", body).await?;
        }
        let Value::Array(found) = told["ResultItems"].take() else { return Ok(Vec::new()) };
        let hits = found.into_iter().map(hit).filter(|it| {
            let of = it.metadata.get(CHAT).and_then(Value::as_str);
            ask.chat.is_none() || of.is_none() || of == ask.chat
        });
        Ok(hits.take(ask.k).collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        for ids in ids.chunks(BATCH) {
            let told = self.call("BatchDeleteDocument", json!({ "DocumentIdList": ids })).await?;
            self.outcome(&told, "FailedDocuments", &["NotFound", "InvalidRequest"])?;
        }
        Ok(())
    }
}

/// A passage, or a result of the older search. Its nearness is told in words.
fn hit(mut found: Value) -> Hit {
    let score = match found["ScoreAttributes"]["ScoreConfidence"].as_str() {
        Some("VERY_HIGH") => 1.0,
        Some("HIGH") => 0.75,
        Some("MEDIUM") => 0.5,
        Some("LOW") => 0.25,
        _ => 0.0,
    };
    let text = match found["Content"].take() {
        Value::Null => found["DocumentExcerpt"]["Text"].take(),
        text => text,
    };
    let mut metadata = Map::new();
    let attributes = found["DocumentAttributes"].as_array().map(Vec::as_slice).unwrap_or_default();
    for it in attributes {
        let held = it["Value"].as_object().and_then(|it| it.values().find(|it| !it.is_null()));
        if let (Some(key), Some(value)) = (it["Key"].as_str(), held) {
            metadata.insert(key.to_owned(), value.clone());
        }
    }
    let whole = metadata.get(WHOLE).and_then(Value::as_str).map(serde_json::from_str);
    if let Some(Ok(Value::Object(whole))) = whole {
        metadata = whole;
    } else {
        let title = found["DocumentTitle"].as_str().or(found["DocumentTitle"]["Text"].as_str());
        for (key, value) in [("title", title), ("source", found["DocumentURI"].as_str())] {
            if let Some(value) = value.filter(|it| !it.is_empty()) {
                metadata.entry(key).or_insert_with(|| value.into());
            }
        }
    }
    Hit { id: id_in(&found["DocumentId"]), text: text_in(text), metadata, score, vector: None }
}
