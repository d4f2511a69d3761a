//! A sentence embedding model from a folder: from texts to vectors of length one.

use std::path::Path;

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{Encoding, Tokenizer, TruncationParams};

use crate::catalog;
use crate::gguf::Fault;
use crate::{Error, Result};

/// A text is read up to this many word pieces, as its makers trained the model
/// (`max_seq_length` in the model's `sentence_bert_config.json`).
pub const MOST_WORD_PIECES: usize = 256;

/// A text is cut to this many bytes before it is split into word pieces, so that a whole book
/// does not cost minutes; no ordinary writing has 256 word pieces that long.
const MOST_BYTES: usize = 64 * 1024;

/// So many word pieces, padding counted, are computed at once: enough to be quick, and few enough
/// (a quarter of a second) that others need not wait long.
const BATCH_WORD_PIECES: usize = 2048;

/// An embedding model in memory.
pub struct EmbeddingModelFile {
    name: String,
    bert: BertModel,
    tokenizer: Tokenizer,
    dimensions: usize,
}

/// Texts on their way to vectors, done batch by batch.
pub(crate) struct EmbeddingRun {
    /// The texts still to do with their places, the shortest last, so that they are taken from the
    /// end and those of one batch are of like length.
    open: Vec<(usize, Encoding)>,
    vectors: Vec<Vec<f32>>,
}

impl EmbeddingModelFile {
    /// Loads `config.json`, `tokenizer.json` and `model.safetensors` of a BERT with mean pooling.
    pub fn load(folder: &Path) -> Result<Self> {
        let name = catalog::display_name(folder);
        std::panic::catch_unwind(|| Self::read(folder, &name))
            .unwrap_or_else(|_| Err(Fault::Damaged("it cannot be read".into())))
            .map_err(|fault| catalog::unusable(&name, fault))
    }

    /// How many numbers a vector has.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// One vector per text, in the order of the texts.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        let mut run = self.start(texts)?;
        while !self.step(&mut run)? {}
        Ok(run.vectors)
    }

    /// Splits the texts into word pieces and puts them in order.
    pub(crate) fn start(&self, texts: &[String]) -> Result<EmbeddingRun> {
        let short: Vec<&str> = texts.iter().map(|text| beginning(text)).collect();
        let encodings = self
            .tokenizer
            .encode_batch_fast(short, true)
            .map_err(|error| self.stopped(error.to_string()))?;
        let mut open: Vec<(usize, Encoding)> = encodings.into_iter().enumerate().collect();
        open.sort_by_key(|(_, encoding)| std::cmp::Reverse(encoding.len()));
        Ok(EmbeddingRun { open, vectors: vec![vec![]; texts.len()] })
    }

    /// Computes one batch; gives `true` when all is done.
    pub(crate) fn step(&self, run: &mut EmbeddingRun) -> Result<bool> {
        // Texts are taken from the short end, so the last one taken is the longest.
        let mut first = run.open.len();
        while first > 0 {
            let longest = run.open[first - 1].1.len();
            let count = run.open.len() - first + 1;
            if count > 1 && longest * count > BATCH_WORD_PIECES {
                break;
            }
            first -= 1;
        }
        let batch = run.open.split_off(first);
        let vectors = self.vectors(&batch).map_err(|error| self.stopped(error.to_string()))?;
        for ((place, _), vector) in batch.into_iter().zip(vectors) {
            run.vectors[place] = vector;
        }
        Ok(run.open.is_empty())
    }

    fn read(folder: &Path, name: &str) -> Result<Self, Fault> {
        let damaged = |file: &str, reason: &dyn std::fmt::Display| {
            Fault::Damaged(format!("`{file}` cannot be read: {reason}"))
        };
        let config = std::fs::read(folder.join("config.json"))
            .map_err(|error| damaged("config.json", &error))?;
        let config: Config =
            serde_json::from_slice(&config).map_err(|error| damaged("config.json", &error))?;
        if config.model_type.as_deref().is_some_and(|kind| kind != "bert") {
            return Err(Fault::Unsupported("only models of the type `bert` are built in.".into()));
        }
        let words = std::fs::read(folder.join("tokenizer.json"))
            .map_err(|error| damaged("tokenizer.json", &error))?;
        let mut tokenizer =
            Tokenizer::from_bytes(&words).map_err(|error| damaged("tokenizer.json", &error))?;
        let truncation = TruncationParams {
            max_length: MOST_WORD_PIECES.min(config.max_position_embeddings),
            ..TruncationParams::default()
        };
        // The file asks for padding to a fixed length, which is wasted work for short texts.
        tokenizer
            .with_padding(None)
            .with_truncation(Some(truncation))
            .map_err(|error| damaged("tokenizer.json", &error))?;
        let weights =
            candle_core::safetensors::load(folder.join("model.safetensors"), &Device::Cpu)
                .map_err(|error| damaged("model.safetensors", &error))?;
        let weights = VarBuilder::from_tensors(weights, DType::F32, &Device::Cpu);
        let bert = BertModel::load(weights, &config)?;
        Ok(Self { name: name.to_owned(), bert, tokenizer, dimensions: config.hidden_size })
    }

    fn vectors(&self, batch: &[(usize, Encoding)]) -> candle_core::Result<Vec<Vec<f32>>> {
        let longest = batch.iter().map(|(_, encoding)| encoding.len()).max().unwrap_or(0);
        if longest == 0 {
            return Ok(vec![vec![]; batch.len()]);
        }
        let shape = (batch.len(), longest);
        let mut ids = Vec::with_capacity(batch.len() * longest);
        let mut mask = Vec::with_capacity(batch.len() * longest);
        for (_, encoding) in batch {
            let padding = longest - encoding.len();
            ids.extend(encoding.get_ids().iter().copied().chain(std::iter::repeat_n(0, padding)));
            mask.extend(std::iter::repeat_n(1f32, encoding.len()));
            mask.extend(std::iter::repeat_n(0f32, padding));
        }
        let ids = Tensor::from_vec(ids, shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(mask, shape, &Device::Cpu)?;
        let states = self.bert.forward(&ids, &ids.zeros_like()?, Some(&mask))?;

        // The mean over the real word pieces, as the makers pool (`1_Pooling/config.json`).
        let counts = mask.sum_keepdim(1)?;
        let sums = mask.unsqueeze(1)?.matmul(&states)?.squeeze(1)?;
        let means = sums.broadcast_div(&counts)?;
        let lengths = means.sqr()?.sum_keepdim(1)?.sqrt()?;
        means.broadcast_div(&lengths)?.to_vec2()
    }

    fn stopped(&self, reason: String) -> Error {
        Error::Stopped { model: self.name.clone(), reason }
    }
}

impl EmbeddingRun {
    /// The vectors, in the order of the texts.
    pub(crate) fn into_vectors(self) -> Vec<Vec<f32>> {
        self.vectors
    }
}

/// As much of the text as the model could ever read.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MOST_BYTES)]
}
