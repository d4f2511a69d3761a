//! Makes GGUF files of a tiny llama whose answers are known beforehand.

use std::collections::HashMap;
use std::path::Path;

use candle_core::quantized::gguf_file::{self, Value};
use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};

/// Columns of the model; a multiple of 32, so that its matrices can be quantised.
const COLUMNS: usize = 64;

/// The tokens that are not single bytes.
const WORDS: [&str; 7] = ["<|im_start|>", "<|im_end|>", "Once", "Ġupon", "Ġa", "Ġtime", "ĠEND"];

/// What a tiny model says.
pub(crate) enum Says {
    /// These tokens after the prompt, the last one for ever. Each may occur once.
    Script(&'static [&'static str]),
    /// Something that depends on every token before it, never the end token.
    Noise,
}

/// Its sizes.
pub(crate) struct Tiny {
    pub(crate) says: Says,
    pub(crate) context: u32,
    pub(crate) architecture: &'static str,
    pub(crate) form: GgmlDType,
}

impl Tiny {
    pub(crate) fn script(tokens: &'static [&'static str]) -> Self {
        Self { says: Says::Script(tokens), ..Self::noise() }
    }

    pub(crate) fn noise() -> Self {
        Self { says: Says::Noise, context: 1024, architecture: "llama", form: GgmlDType::Q8_0 }
    }

    pub(crate) fn write(&self, path: &Path) {
        let vocabulary = vocabulary();
        let ids: HashMap<&str, usize> =
            vocabulary.iter().enumerate().map(|(id, text)| (text.as_str(), id)).collect();
        let mut random = Random(7);
        let embedding: Vec<Vec<f32>> = vocabulary.iter().map(|_| random.row(1.0)).collect();
        let strength = if matches!(self.says, Says::Noise) { 0.4 } else { 0.0 };
        let mut output = vec![vec![0.0; COLUMNS]; vocabulary.len()];
        match self.says {
            // The prompt ends with a line break, after which the script begins.
            Says::Script(tokens) => {
                let mut before = "Ċ";
                for token in tokens {
                    output[ids[token]].clone_from(&embedding[ids[before]]);
                    before = token;
                }
                // Attention and feed-forward do nothing, so the last token leads to itself.
                for (own, other) in output[ids[before]].iter_mut().zip(&embedding[ids[before]]) {
                    *own += other;
                }
            }
            Says::Noise => {
                for (id, row) in output.iter_mut().enumerate() {
                    // Only letters, so that every token is a piece of text.
                    if vocabulary[id].len() == 1
                        && vocabulary[id].as_bytes()[0].is_ascii_lowercase()
                    {
                        *row = random.row(1.0);
                    }
                }
            }
        }

        let mut tensors: Vec<(String, QTensor)> = vec![];
        let mut add = |name: &str, rows: Vec<Vec<f32>>, form: GgmlDType| {
            let plain = Tensor::new(rows, &Device::Cpu).unwrap();
            let plain = if plain.dim(0).unwrap() == 1 { plain.squeeze(0).unwrap() } else { plain };
            tensors.push((name.to_owned(), QTensor::quantize(&plain, form).unwrap()));
        };
        let ones = || vec![vec![1.0; COLUMNS]];
        add("token_embd.weight", embedding, self.form);
        add("output.weight", output, self.form);
        add("output_norm.weight", ones(), GgmlDType::F32);
        for block in 0..2 {
            add(&format!("blk.{block}.attn_norm.weight"), ones(), GgmlDType::F32);
            add(&format!("blk.{block}.ffn_norm.weight"), ones(), GgmlDType::F32);
            for (name, rows) in [
                ("attn_q", COLUMNS),
                ("attn_k", COLUMNS / 2),
                ("attn_v", COLUMNS / 2),
                ("attn_output", COLUMNS),
                ("ffn_gate", COLUMNS),
                ("ffn_up", COLUMNS),
                ("ffn_down", COLUMNS),
            ] {
                let rows = (0..rows).map(|_| random.row(strength)).collect();
                add(&format!("blk.{block}.{name}.weight"), rows, self.form);
            }
        }
        let kinds =
            vocabulary.iter().map(|text| Value::I32(if text.starts_with("<|") { 3 } else { 1 }));
        let texts = vocabulary.iter().map(|text| Value::String(text.clone()));
        let metadata = [
            ("general.architecture", Value::String(self.architecture.into())),
            ("llama.block_count", Value::U32(2)),
            ("llama.context_length", Value::U32(self.context)),
            ("llama.embedding_length", Value::U32(64)),
            ("llama.feed_forward_length", Value::U32(64)),
            ("llama.attention.head_count", Value::U32(4)),
            ("llama.attention.head_count_kv", Value::U32(2)),
            ("tokenizer.ggml.model", Value::String("gpt2".into())),
            ("tokenizer.ggml.pre", Value::String("smollm".into())),
            ("tokenizer.ggml.token_type", Value::Array(kinds.collect())),
            ("tokenizer.ggml.tokens", Value::Array(texts.collect())),
            ("tokenizer.ggml.merges", Value::Array(vec![])),
            ("tokenizer.ggml.bos_token_id", Value::U32(256)),
            ("tokenizer.ggml.eos_token_id", Value::U32(257)),
        ];
        let metadata: Vec<(&str, &Value)> =
            metadata.iter().map(|(key, value)| (*key, value)).collect();
        let tensors: Vec<(&str, &QTensor)> =
            tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        let mut file = std::fs::File::create(path).unwrap();
        gguf_file::write(&mut file, &metadata, &tensors).unwrap();
    }
}

/// All bytes in the letters that byte-level BPE writes them in, then the words.
fn vocabulary() -> Vec<String> {
    let mut next = 256;
    let bytes = (0..=255u8).map(|byte| {
        let plain = matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF);
        let letter = if plain {
            char::from(byte)
        } else {
            next += 1;
            char::from_u32(next - 1).unwrap()
        };
        letter.to_string()
    });
    bytes.chain(WORDS.map(ToOwned::to_owned)).collect()
}

/// A fixed row of numbers that look random (`xorshift64*`).
struct Random(u64);

impl Random {
    fn row(&mut self, strength: f32) -> Vec<f32> {
        (0..COLUMNS)
            .map(|_| {
                self.0 ^= self.0 >> 12;
                self.0 ^= self.0 << 25;
                self.0 ^= self.0 >> 27;
                let bits = u16::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 48).unwrap();
                strength * (f32::from(bits) / 32768.0 - 1.0)
            })
            .collect()
    }
}
