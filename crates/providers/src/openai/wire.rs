//! What comes over the wire, as types: pieces of a stream and whole answers alike.

use std::{borrow::Cow, fmt};

use flowstone_core::Usage;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

/// A piece of a stream, or a whole answer: they differ in the name of one field.
#[derive(Debug, Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    pub(super) choices: Vec<Choice<'a>>,
    #[serde(default)]
    pub(super) usage: Option<Told>,
    /// What the vendor calls the answer.
    #[serde(borrow, default)]
    pub(super) id: Text<'a>,
    /// The state of the vendor's machines.
    #[serde(borrow, default)]
    pub(super) system_fingerprint: Text<'a>,
    /// How urgently it was worked on.
    #[serde(borrow, default)]
    pub(super) service_tier: Text<'a>,
    /// NeMo Guardrails answers with turns alone.
    #[serde(borrow, default, deserialize_with = "null_is_default")]
    pub(super) messages: Vec<Delta<'a>>,
    /// Groq tells the usage here too.
    #[serde(default)]
    pub(super) x_groq: Option<Groq>,
    /// Set where the vendor fails after the status was sent.
    #[serde(default)]
    pub(super) error: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow, default, alias = "message", deserialize_with = "null_is_default")]
    pub(super) delta: Delta<'a>,
    /// The answer of a text completion.
    #[serde(borrow, default)]
    pub(super) text: Text<'a>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(super) content: Text<'a>,
    /// Thoughts, as DeepSeek, xAI and others name them.
    #[serde(borrow, default)]
    pub(super) reasoning_content: Text<'a>,
    /// Thoughts, as Groq, OpenRouter and others name them.
    #[serde(borrow, default)]
    pub(super) reasoning: Text<'a>,
    /// Words by which a model that is bound to a schema declines.
    #[serde(borrow, default)]
    pub(super) refusal: Text<'a>,
    #[serde(default, deserialize_with = "null_is_default")]
    pub(super) tool_calls: Vec<CallPiece>,
}

/// Text of a turn. Most vendors send a string; some send parts, of which some are thoughts.
#[derive(Debug, Default)]
pub(super) struct Text<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) thoughts: String,
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("text or a list of parts")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text { text: Cow::Borrowed(text), thoughts: String::new() })
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text { text: Cow::Owned(text.to_owned()), thoughts: String::new() })
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(Text::default())
    }

    /// Some servers number their answers.
    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Text { text: Cow::Owned(number.to_string()), thoughts: String::new() })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut parts: A) -> Result<Self::Value, A::Error> {
        let mut whole = Text::default();
        while let Some(part) = parts.next_element::<Part>()? {
            whole.text.to_mut().push_str(&part.text);
            for thought in part.thinking {
                whole.thoughts.push_str(&thought.text);
            }
        }
        Ok(whole)
    }

    /// An object where text is expected says nothing we know.
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::default())
    }
}

#[derive(Deserialize)]
struct Part {
    #[serde(default)]
    text: String,
    /// Mistral's thoughts are a list of parts in a part.
    #[serde(default)]
    thinking: Vec<Thought>,
}

#[derive(Deserialize)]
struct Thought {
    #[serde(default)]
    text: String,
}

/// A piece of a tool call, or a whole one.
#[derive(Debug, Deserialize)]
pub(super) struct CallPiece {
    /// Which call of the answer it belongs to.
    #[serde(default)]
    pub(super) index: Option<usize>,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    pub(super) function: FunctionPiece,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct FunctionPiece {
    #[serde(default)]
    pub(super) name: Option<String>,
    #[serde(default, deserialize_with = "as_json_text")]
    pub(super) arguments: String,
}

/// Arguments are JSON text by the book; some servers send the object itself.
fn as_json_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct Groq {
    #[serde(default)]
    pub(super) usage: Option<Spent>,
}

/// Tokens spent, with the vendor's own words for it.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) spent: Spent,
    pub(super) words: Value,
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let words = Value::deserialize(deserializer)?;
        let spent = Spent::deserialize(&words).map_err(de::Error::custom)?;
        Ok(Self { spent, words })
    }
}

/// Tokens spent.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
pub(super) struct Spent {
    #[serde(default, deserialize_with = "null_is_default")]
    prompt_tokens: u64,
    #[serde(default, deserialize_with = "null_is_default")]
    completion_tokens: u64,
    #[serde(default)]
    prompt_tokens_details: Option<PromptDetails>,
    #[serde(default)]
    completion_tokens_details: Option<CompletionDetails>,
    /// DeepSeek's name for tokens from its cache.
    #[serde(default)]
    prompt_cache_hit_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct PromptDetails {
    #[serde(default)]
    cached_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
struct CompletionDetails {
    #[serde(default)]
    reasoning_tokens: Option<u64>,
}

impl From<Spent> for Usage {
    fn from(spent: Spent) -> Self {
        let cached = spent.prompt_tokens_details.and_then(|it| it.cached_tokens);
        let thoughts = spent.completion_tokens_details.and_then(|it| it.reasoning_tokens);
        Self {
            input_tokens: spent.prompt_tokens,
            output_tokens: spent.completion_tokens,
            cached_tokens: cached.or(spent.prompt_cache_hit_tokens).unwrap_or_default(),
            reasoning_tokens: thoughts.unwrap_or_default(),
        }
    }
}

fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}
