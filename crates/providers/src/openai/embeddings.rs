//! An embedding model behind OpenAI's embeddings.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Endpoint;
use crate::embedding;

/// Longest answer to one call, in bytes: 2048 vectors of 4096 numbers as text.
const LONGEST: usize = 256 * 1024 * 1024;

/// How the numbers travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// As text; larger and slower.
    Float,
    /// As bytes in base64; not all servers know it.
    Base64,
}

/// An embedding model behind an [`Endpoint`].
#[derive(Clone)]
pub struct Embeddings {
    /// Where to call.
    pub endpoint: Endpoint,
    /// Name of the model.
    pub model: String,
    /// How many texts go into one call, at least one.
    pub batch_size: usize,
    /// Turns line feeds into spaces before asking, as older models want it.
    pub strip_new_lines: bool,
    /// Length of the vectors, for models that let one choose.
    pub dimensions: Option<u64>,
    /// How the numbers travel; the server's choice where not said.
    pub encoding: Option<Encoding>,
    /// Further fields of the body, sent as they stand.
    pub settings: Map<String, Value>,
}

impl Embeddings {
    /// A model with the settings that LangChain starts from.
    pub fn new(endpoint: Endpoint, model: impl Into<String>) -> Self {
        Self {
            endpoint,
            model: model.into(),
            batch_size: 512,
            strip_new_lines: true,
            dimensions: None,
            encoding: None,
            settings: Map::new(),
        }
    }

    async fn embed_batch(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let input = texts
            .iter()
            .map(|text| if self.strip_new_lines { text.replace('\n', " ") } else { text.clone() });
        let body = Body {
            model: &self.model,
            input: input.collect(),
            dimensions: self.dimensions,
            encoding_format: self.encoding,
            settings: &self.settings,
        };
        let reply: Reply = self.endpoint.post("embeddings", &body).await?.json(LONGEST).await?;
        let mut rows = embedding::one_each(reply.data, texts)?;
        rows.sort_by_key(|row| row.index);
        rows.into_iter().map(|row| row.embedding.numbers()).collect()
    }
}

#[async_trait]
impl flowstone_core::Embeddings for Embeddings {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        embedding::in_batches(texts, self.batch_size, |batch| self.embed_batch(batch)).await
    }
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    input: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dimensions: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding_format: Option<Encoding>,
    #[serde(flatten)]
    settings: &'a Map<String, Value>,
}

#[derive(Deserialize)]
struct Reply {
    data: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default)]
    index: usize,
    embedding: Vector,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vector {
    Numbers(Vec<f32>),
    Encoded(String),
}

impl Vector {
    fn numbers(self) -> Result<Vec<f32>> {
        let text = match self {
            Self::Numbers(numbers) => return Ok(numbers),
            Self::Encoded(text) => text,
        };
        let bytes = STANDARD.decode(text).ok().filter(|it| it.len() % 4 == 0).ok_or_else(|| {
            Error::ModelAnswer("the embedding model gave a vector that is no base64".to_owned())
        })?;
        let (numbers, _) = bytes.as_chunks::<4>();
        Ok(numbers.iter().map(|it| f32::from_le_bytes(*it)).collect())
    }
}

#[cfg(test)]
mod tests;
