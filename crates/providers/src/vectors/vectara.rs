//! Vectara's REST interface, version 1: a corpus that embeds texts and files itself.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Error, Result, capability::Summary};
use serde_json::{Map, Value, json};

use super::{Ask, Entry, Hit, VectorServer, as_score, flat, id_in, rest::Rest, text_in};
use crate::HttpClient;

/// Where the service is.
pub const ORIGIN: &str = "https://api.vectara.io";
/// The number of its reranker for what does not repeat itself.
const DIVERSE: u64 = 272_725_718;
/// Stands between the parts of an upload.
const BOUNDARY: &str = "flowstone-6f1f5a1c9c0e4f3d";

/// A corpus of a customer.
pub struct Corpus {
    rest: Rest,
    customer: String,
    corpus: String,
    /// How it is searched.
    pub search: Search,
}

/// How a corpus is searched.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// A condition in the service's own form, such as `doc.page = 3`.
    pub filter: Option<String>,
    /// Sentences told along with the one that was found: before and after it.
    pub around: (u64, u64),
    /// How much words count beside meaning, from 0 to 1.
    pub lambda: f64,
    /// Of so many near ones those that do not repeat each other, and how much difference counts.
    pub diverse: Option<(u64, f64)>,
}

impl Corpus {
    /// The corpus with this number of the customer with that one; the service is at `origin`.
    pub fn new(
        http: Arc<HttpClient>,
        origin: &str,
        key: &str,
        customer: &str,
        corpus: &str,
    ) -> Self {
        let rest = Rest::new(http, origin, format!("Vectara, corpus {corpus}"))
            .header("customer-id", customer)
            .secret("x-api-key", "", key);
        let (customer, corpus) = (customer.to_owned(), corpus.to_owned());
        Self { rest, customer, corpus, search: Search::default() }
    }

    /// Hands over a file, which the service reads itself.
    ///
    /// # Errors
    /// As the calls of [`VectorServer`].
    pub async fn upload(&self, name: &str, content: &[u8]) -> Result<()> {
        let name: String = name.chars().filter(|it| !"\"\r\n\\".contains(*it)).collect();
        let mut body = format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             content-type: application/octet-stream\r\n\r\n"
        )
        .into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
        let part = super::rest::part;
        let path = format!("/v1/upload?c={}&o={}&d=true", part(&self.customer), part(&self.corpus));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        self.rest.post_bytes(&path, &kind, body).await.map(drop)
    }

    /// A body with whose corpus it is about.
    fn about(&self, mut body: Value) -> Value {
        body["customerId"] = self.customer.clone().into();
        body["corpusId"] = self.corpus.clone().into();
        body
    }

    /// What became of a call, which is told with status 200.
    fn outcome(&self, told: &Value) -> Result<()> {
        match told["status"]["code"].as_str() {
            None | Some("OK") => Ok(()),
            Some(code) => {
                let said = told["status"]["statusDetail"].as_str().unwrap_or(code);
                Err(self.rest.refused(400, said))
            }
        }
    }

    async fn index(&self, entry: &Entry) -> Result<()> {
        let metadata = flat::whole(&entry.metadata);
        let document = json!({
            "documentId": entry.id,
            "title": entry.metadata.get("title").and_then(Value::as_str).unwrap_or_default(),
            "metadataJson": Value::Object(metadata).to_string(),
            "section": [{ "text": entry.text }],
        });
        let body = self.about(json!({ "document": document }));
        let told = self.rest.post("/v1/index", &body).await?;
        if matches!(told["status"]["code"].as_str(), Some("ALREADY_EXISTS" | "CONFLICT")) {
            // It keeps what is there, so that goes first.
            self.delete(std::slice::from_ref(&entry.id)).await?;
            return self.outcome(&self.rest.post("/v1/index", &body).await?);
        }
        self.outcome(&told)
    }
}

#[async_trait]
impl VectorServer for Corpus {
    fn collection(&self) -> &str {
        &self.corpus
    }

    /// The corpus is made by its owner.
    async fn make_ready(&self, _: usize) -> Result<Option<u64>> {
        Ok(None)
    }

    async fn write(&self, entries: &[Entry]) -> Result<()> {
        for entry in entries {
            self.index(entry).await?;
        }
        Ok(())
    }

    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        Ok(hits(self.query(ask, None).await?))
    }

    async fn summary(&self, ask: &Ask<'_>, how: &Summary) -> Result<Option<(String, Vec<Hit>)>> {
        let mut wanted = json!({
            "summarizerPromptName": how.prompt, "maxSummarizedResults": how.most,
        });
        if let Some(language) = &how.language {
            wanted["responseLang"] = language.clone().into();
        }
        let mut set = self.query(ask, Some(wanted)).await?;
        let summary = set["summary"][0].take();
        let states = summary["status"].as_array().map(Vec::as_slice).unwrap_or_default();
        if let Some(failed) = states.iter().find(|it| it["code"].as_str() != Some("OK")) {
            let code = failed["code"].as_str().unwrap_or_default();
            let detail = failed["statusDetail"].as_str().unwrap_or(code);
            return Err(self.rest.refused(400, &match code {
                "BAD_REQUEST" => format!(
                    "the passages are too long to be summed up ({detail}): lower Max Summarized \
                     Results, or the sentences before and after"
                ),
                "NOT_FOUND" => format!(
                    "this account does not have the model {} ({detail}): choose another under \
                     Summarizer Prompt Name",
                    how.prompt
                ),
                _ => detail.to_owned(),
            }));
        }
        match summary["text"].as_str().filter(|it| !it.is_empty()) {
            Some(text) => Ok(Some((text.to_owned(), hits(set)))),
            None => Err(Error::ModelAnswer("Vectara gave no answer".to_owned())),
        }
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        for id in ids {
            let body = self.about(json!({ "documentId": id }));
            let told =
                self.rest.unless(&[404], reqwest::Method::POST, "/v1/delete-doc", Some(&body));
            let told = told.await?.unwrap_or_default();
            if told["status"]["code"] != "NOT_FOUND" {
                self.outcome(&told)?;
            }
        }
        Ok(())
    }
}

impl Corpus {
    /// The first set of what is found, with a summary where one is wanted.
    async fn query(&self, ask: &Ask<'_>, summary: Option<Value>) -> Result<Value> {
        let Search { filter, around, lambda, diverse } = &self.search;
        let k = ask.k as u64;
        let mut query = json!({
            "query": ask.text,
            "start": 0,
            "numResults": diverse.map_or(k, |it| it.0.max(k)),
            "contextConfig": { "sentencesBefore": around.0, "sentencesAfter": around.1 },
            "corpusKey": [{
                "customerId": self.customer,
                "corpusId": self.corpus,
                "metadataFilter": filter.as_deref().unwrap_or_default(),
                "lexicalInterpolationConfig": { "lambda": lambda },
            }],
        });
        if let Some((_, bias)) = diverse {
            query["rerankingConfig"] =
                json!({ "rerankerId": DIVERSE, "mmrConfig": { "diversityBias": bias } });
        }
        if let Some(summary) = summary {
            query["summary"] = json!([summary]);
        }
        let mut told = self.rest.post("/v1/query", &json!({ "query": [query] })).await?;
        Ok(told["responseSet"][0].take())
    }
}

/// The passages of a set.
fn hits(mut set: Value) -> Vec<Hit> {
    let (found, documents) = (set["response"].take(), set["document"].take());
    let Value::Array(found) = found else { return Vec::new() };
    let hit = |mut it: Value| {
        let at = it["documentIndex"].as_u64().and_then(|it| usize::try_from(it).ok());
        let document = documents.get(at.unwrap_or_default()).unwrap_or(&Value::Null);
        let mut metadata = named(&it["metadata"]);
        metadata.extend(named(&document["metadata"]));
        Hit {
            id: id_in(&document["id"]),
            text: text_in(it["text"].take()),
            metadata: flat::restored(metadata),
            score: as_score(it["score"].as_f64().unwrap_or_default()),
            vector: None,
        }
    };
    found.into_iter().map(hit).collect()
}

/// A list of names and values as an object.
fn named(list: &Value) -> Map<String, Value> {
    let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let pair = |it: &Value| Some((it["name"].as_str()?.to_owned(), it["value"].clone()));
    list.iter().filter_map(pair).collect()
}
