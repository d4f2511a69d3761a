//! How vendors differ in speaking OpenAI's chat completions: data, not code.

use url::Url;

/// What is peculiar to a vendor. Only what its public documentation states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The `gen_ai.system` of traces.
    pub provider: &'static str,
    /// Its public address; empty where everyone runs a server of their own.
    pub base_url: &'static str,
    /// Name of the field that limits the answer's length in tokens.
    pub max_tokens: &'static str,
    /// Whether a stream tells its usage only when asked by `stream_options`. Where this is off the
    /// vendor tells it anyway, or refuses the field.
    pub asks_for_usage: bool,
    /// Role of instructions: `system`, or `developer`.
    pub instructions: &'static str,
    /// How an answer is bound to a schema.
    pub structured: Structured,
}

/// How an answer is bound to a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Structured {
    /// `response_format` of type `json_schema`.
    Schema,
    /// `response_format` of type `json_object`; the schema is told in the instructions.
    JsonObject,
    /// No way: the schema is told in the instructions and hoped for.
    Told,
}

impl Dialect {
    /// The dialect of the vendor whose host `base_url` has, else [`dialects::COMPATIBLE`].
    pub fn of(base_url: &str) -> &'static Self {
        let host = |address: &str| Url::parse(address).ok()?.host_str().map(str::to_owned);
        let Some(wanted) = host(base_url) else { return &dialects::COMPATIBLE };
        let known = dialects::ALL.iter().find(|it| host(it.base_url).as_ref() == Some(&wanted));
        known.copied().unwrap_or(&dialects::COMPATIBLE)
    }
}

/// The vendors.
pub mod dialects {
    use super::{Dialect, Structured};

    /// Any server that speaks the wire and says nothing of itself: vLLM, llama.cpp, LM Studio.
    pub static COMPATIBLE: Dialect = Dialect {
        provider: "openai-compatible",
        base_url: "",
        max_tokens: "max_tokens",
        asks_for_usage: true,
        instructions: "system",
        structured: Structured::Schema,
    };

    /// OpenAI itself.
    pub static OPENAI: Dialect = Dialect {
        provider: "openai",
        base_url: "https://api.openai.com/v1",
        max_tokens: "max_completion_tokens",
        ..COMPATIBLE
    };

    /// Cerebras Inference.
    pub static CEREBRAS: Dialect = Dialect {
        provider: "cerebras",
        base_url: "https://api.cerebras.ai/v1",
        max_tokens: "max_completion_tokens",
        asks_for_usage: false,
        ..COMPATIBLE
    };

    /// DeepSeek; it knows JSON mode but no schemas.
    pub static DEEPSEEK: Dialect = Dialect {
        provider: "deepseek",
        base_url: "https://api.deepseek.com",
        structured: Structured::JsonObject,
        ..COMPATIBLE
    };

    /// Fireworks AI; the last piece of a stream always has the usage.
    pub static FIREWORKS: Dialect = Dialect {
        provider: "fireworks",
        base_url: "https://api.fireworks.ai/inference/v1",
        asks_for_usage: false,
        ..COMPATIBLE
    };

    /// Groq.
    pub static GROQ: Dialect = Dialect {
        provider: "groq",
        base_url: "https://api.groq.com/openai/v1",
        max_tokens: "max_completion_tokens",
        ..COMPATIBLE
    };

    /// LiteLLM's proxy, on a server of one's own.
    pub static LITELLM: Dialect = Dialect { provider: "litellm", ..COMPATIBLE };

    /// LocalAI, on a server of one's own.
    pub static LOCALAI: Dialect = Dialect { provider: "localai", ..COMPATIBLE };

    /// Mistral AI; it refuses fields it does not know, `stream_options` among them.
    pub static MISTRAL: Dialect = Dialect {
        provider: "mistral_ai",
        base_url: "https://api.mistral.ai/v1",
        asks_for_usage: false,
        ..COMPATIBLE
    };

    /// NVIDIA NIM; which models take a schema depends on the one that is served.
    pub static NVIDIA: Dialect = Dialect {
        provider: "nvidia",
        base_url: "https://integrate.api.nvidia.com/v1",
        structured: Structured::Told,
        ..COMPATIBLE
    };

    /// OpenRouter.
    pub static OPENROUTER: Dialect =
        Dialect { provider: "openrouter", base_url: "https://openrouter.ai/api/v1", ..COMPATIBLE };

    /// Perplexity; each piece of a stream has the usage so far.
    pub static PERPLEXITY: Dialect = Dialect {
        provider: "perplexity",
        base_url: "https://api.perplexity.ai",
        asks_for_usage: false,
        ..COMPATIBLE
    };

    /// Together AI; the last piece of a stream always has the usage.
    pub static TOGETHER: Dialect = Dialect {
        provider: "together_ai",
        base_url: "https://api.together.xyz/v1",
        asks_for_usage: false,
        ..COMPATIBLE
    };

    /// xAI.
    pub static XAI: Dialect =
        Dialect { provider: "xai", base_url: "https://api.x.ai/v1", ..COMPATIBLE };

    /// All of them, by name.
    pub static ALL: &[&Dialect] = &[
        &CEREBRAS,
        &COMPATIBLE,
        &DEEPSEEK,
        &FIREWORKS,
        &GROQ,
        &LITELLM,
        &LOCALAI,
        &MISTRAL,
        &NVIDIA,
        &OPENAI,
        &OPENROUTER,
        &PERPLEXITY,
        &TOGETHER,
        &XAI,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_address_tells_the_dialect() {
        let cases = [
            ("https://api.openai.com/v1", &dialects::OPENAI),
            ("https://api.openai.com/v1/", &dialects::OPENAI),
            ("https://api.deepseek.com/v1", &dialects::DEEPSEEK),
            ("http://localhost:8000/v1", &dialects::COMPATIBLE),
            ("https://api.openai.com.evil.example/v1", &dialects::COMPATIBLE),
            ("nonsense", &dialects::COMPATIBLE),
            ("", &dialects::COMPATIBLE),
        ];
        for (address, dialect) in cases {
            assert_eq!(Dialect::of(address), dialect, "{address}");
        }
    }

    #[test]
    fn every_vendor_is_listed_once_with_a_safe_address() {
        let mut names: Vec<_> = dialects::ALL.iter().map(|it| it.provider).collect();
        names.dedup();
        assert_eq!(names.len(), dialects::ALL.len());
        for dialect in dialects::ALL {
            let address = dialect.base_url;
            assert!(address.is_empty() || address.starts_with("https://"), "{address}");
            assert!(!address.ends_with('/'), "{address}");
        }
    }
}
