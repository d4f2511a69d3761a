//! How vendors differ in speaking OpenAI's chat completions: data, not code.

use url::Url;

/// What is peculiar to a vendor. Only what its public documentation states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The `gen_ai.system` of traces.
    pub provider: &'static str,
    /// Its public address; empty where everyone runs a server of their own.
    pub base_url: &'static str,
    /// Where chats are answered, below the address: whole, and streamed.
    pub paths: [&'static str; 2],
    /// Name of the field that says which model answers.
    pub model: &'static str,
    /// Name of the field that limits the answer's length in tokens.
    pub max_tokens: &'static str,
    /// The same for models that think, where it differs.
    pub max_tokens_thinking: &'static str,
    /// Whether a stream tells its usage only when asked by `stream_options`. Where this is off the
    /// vendor tells it anyway, or refuses the field.
    pub asks_for_usage: bool,
    /// Role of instructions: `system`, or `developer`.
    pub instructions: &'static str,
    /// How an answer is bound to a schema.
    pub structured: Structured,
    /// Field in which the vendor wants its thoughts back with the calls they led to; it refuses
    /// the results of tools without them.
    pub echo: Option<&'static str>,
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
        paths: ["chat/completions", "chat/completions"],
        model: "model",
        max_tokens: "max_tokens",
        max_tokens_thinking: "max_tokens",
        asks_for_usage: true,
        instructions: "system",
        structured: Structured::Schema,
        echo: None,
    };

    /// OpenAI itself.
    pub static OPENAI: Dialect = Dialect {
        provider: "openai",
        base_url: "https://api.openai.com/v1",
        max_tokens: "max_completion_tokens",
        max_tokens_thinking: "max_completion_tokens",
        ..COMPATIBLE
    };

    /// Alibaba Cloud's Model Studio (DashScope); its schemas hold for some models only.
    pub static ALIBABA: Dialect = Dialect {
        provider: "alibaba_cloud",
        base_url: "https://dashscope.aliyuncs.com/compatible-mode/v1",
        structured: Structured::JsonObject,
        ..COMPATIBLE
    };

    /// Azure OpenAI; the address is the customer's own.
    pub static AZURE: Dialect = Dialect {
        provider: "azure.ai.openai",
        max_tokens_thinking: "max_completion_tokens",
        ..COMPATIBLE
    };

    /// Azure OpenAI before version 2024-09-01-preview of its API, which brought `stream_options`.
    pub static AZURE_BEFORE_USAGE: Dialect = Dialect { asks_for_usage: false, ..AZURE };

    /// Baidu's Qianfan.
    pub static BAIDU: Dialect = Dialect {
        provider: "baidu.qianfan",
        base_url: "https://qianfan.baidubce.com/v2",
        structured: Structured::JsonObject,
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

    /// Cloudflare Workers AI; the address holds the customer's account. What a model takes
    /// differs, so nothing beyond the common fields is sent.
    pub static CLOUDFLARE: Dialect = Dialect {
        provider: "cloudflare",
        asks_for_usage: false,
        structured: Structured::Told,
        ..COMPATIBLE
    };

    /// Cohere, by its compatibility API.
    pub static COHERE: Dialect = Dialect {
        provider: "cohere",
        base_url: "https://api.cohere.ai/compatibility/v1",
        ..COMPATIBLE
    };

    /// CometAPI.
    pub static COMET: Dialect =
        Dialect { provider: "cometapi", base_url: "https://api.cometapi.com/v1", ..COMPATIBLE };

    /// DeepSeek; it knows JSON mode but no schemas.
    pub static DEEPSEEK: Dialect = Dialect {
        provider: "deepseek",
        base_url: "https://api.deepseek.com",
        structured: Structured::JsonObject,
        echo: Some("reasoning_content"),
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

    /// The router of Hugging Face, behind which many vendors serve.
    pub static HUGGING_FACE: Dialect = Dialect {
        provider: "huggingface",
        base_url: "https://router.huggingface.co/v1",
        ..COMPATIBLE
    };

    /// Jina AI; its embeddings speak the wire, so it is no server to chat with.
    pub static JINA: Dialect =
        Dialect { provider: "jina_ai", base_url: "https://api.jina.ai/v1", ..COMPATIBLE };

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

    /// NeMo Guardrails, on a server of one's own: a gate before some model, without tools. Which
    /// model it is, a configuration of the server says.
    pub static NEMO_GUARDRAILS: Dialect = Dialect {
        provider: "nemo_guardrails",
        model: "config_id",
        asks_for_usage: false,
        structured: Structured::Told,
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

    /// SambaNova Cloud.
    pub static SAMBANOVA: Dialect =
        Dialect { provider: "sambanova", base_url: "https://api.sambanova.ai/v1", ..COMPATIBLE };

    /// Together AI; the last piece of a stream always has the usage.
    pub static TOGETHER: Dialect = Dialect {
        provider: "together_ai",
        base_url: "https://api.together.xyz/v1",
        asks_for_usage: false,
        ..COMPATIBLE
    };

    /// Voyage AI; its embeddings speak the wire, so it is no server to chat with.
    pub static VOYAGE: Dialect =
        Dialect { provider: "voyage_ai", base_url: "https://api.voyageai.com/v1", ..COMPATIBLE };

    /// IBM's watsonx.ai; the address is that of the customer's region. Whole and streamed answers are
    /// asked for at two places.
    pub static WATSONX: Dialect = Dialect {
        provider: "ibm.watsonx.ai",
        paths: ["text/chat", "text/chat_stream"],
        model: "model_id",
        asks_for_usage: false,
        structured: Structured::JsonObject,
        ..COMPATIBLE
    };

    /// xAI.
    pub static XAI: Dialect =
        Dialect { provider: "xai", base_url: "https://api.x.ai/v1", ..COMPATIBLE };

    /// All that one can chat with, by name.
    pub static ALL: &[&Dialect] = &[
        &ALIBABA,
        &AZURE,
        &BAIDU,
        &CEREBRAS,
        &CLOUDFLARE,
        &COHERE,
        &COMET,
        &COMPATIBLE,
        &DEEPSEEK,
        &FIREWORKS,
        &GROQ,
        &HUGGING_FACE,
        &LITELLM,
        &LOCALAI,
        &MISTRAL,
        &NEMO_GUARDRAILS,
        &NVIDIA,
        &OPENAI,
        &OPENROUTER,
        &PERPLEXITY,
        &SAMBANOVA,
        &TOGETHER,
        &WATSONX,
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
