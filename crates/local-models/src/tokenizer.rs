//! The tokenizer that a GGUF file carries, with what candle's reader leaves out.

use std::collections::HashSet;

use candle_core::quantized::gguf_file::Value;
use candle_core::quantized::tokenizer::TokenizerFromGguf;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{PreTokenizerWrapper, SplitDelimiterBehavior, Tokenizer};

use crate::gguf::{Fault, Gguf};

/// How Llama 3 cuts a text into words, numbers of up to three digits, signs and spaces
/// (`pre_tokenizer` in the `tokenizer.json` of Llama 3).
const LLAMA_3_WORDS: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Tokens that end an answer, by their usual names; the file names only one of them.
const END_TOKENS: [&str; 6] =
    ["<|im_end|>", "<|eot_id|>", "<|end_of_text|>", "<|endoftext|>", "<|end|>", "</s>"];

/// Text to tokens and back, and which tokens are more than text.
pub(crate) struct ModelTokenizer {
    tokenizer: Tokenizer,
    end_tokens: HashSet<u32>,
    special_texts: Vec<String>,
    begin_text: String,
    end_text: String,
}

impl ModelTokenizer {
    pub(crate) fn from_gguf(gguf: &Gguf) -> Result<Self, Fault> {
        match gguf.text("tokenizer.ggml.model") {
            Some("gpt2") => {}
            Some(kind) => {
                return Err(Fault::Unsupported(format!(
                    "its tokenizer is of the kind `{kind}`. Only byte-level BPE (`gpt2`) can be read, as SmolLM2 and Llama 3 have it."
                )));
            }
            None => return Err(Fault::Damaged("it holds no tokenizer".into())),
        }
        let mut tokenizer = Tokenizer::from_gguf(gguf.content())?;
        let words = gguf.text("tokenizer.ggml.pre").unwrap_or("default");
        tokenizer.with_pre_tokenizer(Some(word_splitter(words)?));

        let token_text = |key: &str| {
            let token = u32::try_from(gguf.number(key)?).ok()?;
            tokenizer.id_to_token(token)
        };
        let begin_text = token_text("tokenizer.ggml.bos_token_id").unwrap_or_default();
        let end_text = token_text("tokenizer.ggml.eos_token_id").unwrap_or_default();
        let turn_end = token_text("tokenizer.ggml.eot_token_id");
        let end_tokens = END_TOKENS
            .into_iter()
            .chain([end_text.as_str()])
            .chain(turn_end.as_deref())
            .filter_map(|text| tokenizer.token_to_id(text))
            .collect();
        let special_texts = tokenizer
            .get_added_tokens_decoder()
            .into_values()
            .filter(|token| token.special && !token.content.is_empty())
            .map(|token| token.content)
            .collect();
        Ok(Self { tokenizer, end_tokens, special_texts, begin_text, end_text })
    }

    /// How many tokens there are.
    pub(crate) fn size(&self) -> usize {
        self.tokenizer.get_vocab_size(true)
    }

    /// The text of the token that begins a prompt, empty if there is none.
    pub(crate) fn begin_text(&self) -> &str {
        &self.begin_text
    }

    /// The text of the token that ends a turn, empty if there is none.
    pub(crate) fn end_text(&self) -> &str {
        &self.end_text
    }

    pub(crate) fn ends_answer(&self, token: u32) -> bool {
        self.end_tokens.contains(&token)
    }

    /// Turns a rendered prompt into tokens; the template has written the special ones out.
    pub(crate) fn encode(&self, prompt: &str) -> Result<Vec<u32>, String> {
        let encoding =
            self.tokenizer.encode_fast(prompt, false).map_err(|error| error.to_string())?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Takes the special tokens out of what a person wrote, so that a question cannot pose as a
    /// system message.
    pub(crate) fn without_special_texts(&self, content: &str) -> String {
        let mut cleaned = content.to_owned();
        // Taking one out can make another of its neighbours, so this repeats until none is left.
        while let Some(special) =
            self.special_texts.iter().find(|special| cleaned.contains(special.as_str()))
        {
            cleaned = cleaned.replace(special.as_str(), "");
        }
        cleaned
    }

    /// The text that becomes certain with the next token of an answer, often none: a character of
    /// several tokens comes with its last, a special token has no text.
    pub(crate) fn decode(&self, token: u32, pieces: &mut Pieces) -> Result<String, String> {
        tokenizers::tokenizer::step_decode_stream(
            &self.tokenizer,
            vec![token],
            true,
            &mut pieces.ids,
            &mut pieces.prefix,
            &mut pieces.prefix_index,
        )
        .map(Option::unwrap_or_default)
        .map_err(|error| error.to_string())
    }
}

/// What is remembered between the tokens of one answer.
#[derive(Default)]
pub(crate) struct Pieces {
    ids: Vec<u32>,
    prefix: String,
    prefix_index: usize,
}

/// How the words of a text are told apart before they become tokens. candle knows some of the
/// names that stand in GGUF files; for the others it would put a space before each turn.
fn word_splitter(name: &str) -> Result<PreTokenizerWrapper, Fault> {
    let unsupported = |error: tokenizers::Error| Fault::Unsupported(error.to_string());
    let split_by = |pattern: &str| {
        let pattern = SplitPattern::Regex(pattern.to_owned());
        let split = Split::new(pattern, SplitDelimiterBehavior::Isolated, false)?;
        let parts = vec![split.into(), ByteLevel::new(false, true, false).into()];
        Ok(Sequence::new(parts).into())
    };
    match name {
        "llama-bpe" | "llama3" | "llama-v3" | "smaug-bpe" => {
            split_by(LLAMA_3_WORDS).map_err(unsupported)
        }
        "smollm" => {
            let parts = vec![Digits::new(true).into(), ByteLevel::new(false, true, true).into()];
            Ok(Sequence::new(parts).into())
        }
        "default" | "gpt-2" | "gpt2" => Ok(ByteLevel::new(false, true, true).into()),
        other => Err(Fault::Unsupported(format!(
            "its tokenizer splits words in the manner `{other}`. Supported are `smollm`, `llama-bpe` and `gpt-2`."
        ))),
    }
}

/// The template by which the file wants its conversations written, if it has one.
pub(crate) fn chat_template(gguf: &Gguf) -> Option<String> {
    match gguf.content().metadata.get("tokenizer.chat_template")? {
        Value::String(template) if !template.trim().is_empty() => Some(template.clone()),
        _ => None,
    }
}
