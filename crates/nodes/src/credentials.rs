//! Kinds of credentials that nodes ask for.

use flowstone_core::{CredentialSpec, Field, spec::Default};

/// All of them, by name.
pub const CREDENTIALS: &[CredentialSpec] = &[
    ALIBABA,
    MYSQL,
    POSTGRES,
    AGENTFLOW,
    ANTHROPIC,
    AZURE_OPENAI,
    BRAVE_SEARCH,
    CEREBRAS,
    CHATFLOW,
    CLOUDFLARE,
    COHERE,
    COMET,
    DEEPSEEK,
    EXA_SEARCH,
    FIREWORKS,
    GOOGLE_CUSTOM_SEARCH,
    GOOGLE_GENERATIVE_AI,
    GROQ,
    HTTP_API_KEY,
    HTTP_BASIC,
    HTTP_BEARER,
    HUGGING_FACE,
    JINA,
    LITELLM,
    LOCALAI,
    MISTRAL,
    NVIDIA,
    OLLAMA,
    OPENAI,
    OPENROUTER,
    PERPLEXITY,
    QDRANT,
    REDIS,
    REDIS_URL,
    SAMBANOVA,
    SEARCH_API,
    SERP_API,
    SERPER,
    TAVILY,
    TOGETHER,
    VOYAGE,
    WOLFRAM_ALPHA,
    XAI,
];

const ALIBABA: CredentialSpec = CredentialSpec {
    label: "Alibaba API",
    name: "AlibabaApi",
    version: 1.0,
    description: Some("Create a key under API-KEY in Alibaba Cloud Model Studio"),
    icon: "alibaba.svg",
    inputs: &[Field::new("Alibaba Api Key", "alibabaApiKey", "password")],
};

const AGENTFLOW: CredentialSpec = CredentialSpec {
    label: "Agentflow API",
    name: "agentflowApi",
    version: 1.0,
    description: Some("A key of the other installation, for an agentflow that asks for one"),
    icon: "flow-tool.svg",
    inputs: &[Field::new("Agentflow Api Key", "agentflowApiKey", "password")],
};

const ANTHROPIC: CredentialSpec = CredentialSpec {
    label: "Anthropic API",
    name: "anthropicApi",
    version: 1.0,
    description: Some("Create a key under API keys at platform.claude.com"),
    icon: "anthropic.svg",
    inputs: &[Field::new("Anthropic Api Key", "anthropicApiKey", "password")],
};

const AZURE_OPENAI: CredentialSpec = CredentialSpec {
    label: "Azure OpenAI API",
    name: "azureOpenAIApi",
    version: 1.0,
    description: Some(
        "Under Keys and Endpoint of an Azure OpenAI resource; the deployment is named in Azure AI Foundry",
    ),
    icon: "azure.svg",
    inputs: &[
        Field::new("Azure OpenAI Api Key", "azureOpenAIApiKey", "password"),
        Field {
            placeholder: Some("acme, of https://acme.openai.azure.com"),
            ..Field::new("Azure OpenAI Api Instance Name", "azureOpenAIApiInstanceName", "string")
        },
        Field {
            placeholder: Some("my-gpt-4o"),
            ..Field::new(
                "Azure OpenAI Api Deployment Name",
                "azureOpenAIApiDeploymentName",
                "string",
            )
        },
        Field {
            placeholder: Some("2024-10-21"),
            ..Field::new("Azure OpenAI Api Version", "azureOpenAIApiVersion", "string")
        },
    ],
};

const BRAVE_SEARCH: CredentialSpec = CredentialSpec {
    label: "Brave Search API",
    name: "braveSearchApi",
    version: 1.0,
    description: Some("Create a key at api-dashboard.search.brave.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("BraveSearch Api Key", "braveApiKey", "password")],
};

const CEREBRAS: CredentialSpec = CredentialSpec {
    label: "Cerebras API Key",
    name: "cerebrasAIApi",
    version: 2.0,
    description: Some("Create a key under API Keys at cloud.cerebras.ai"),
    icon: "cerebras.svg",
    inputs: &[Field::new("Cerebras API Key", "cerebrasApiKey", "password")],
};

const CHATFLOW: CredentialSpec = CredentialSpec {
    label: "Chatflow API",
    name: "chatflowApi",
    version: 1.0,
    description: Some("A key of the other installation, for a chatflow that asks for one"),
    icon: "flow-tool.svg",
    inputs: &[Field::new("Chatflow Api Key", "chatflowApiKey", "password")],
};

const CLOUDFLARE: CredentialSpec = CredentialSpec {
    label: "Cloudflare API",
    name: "cloudflareApi",
    version: 1.0,
    description: Some(
        "Create a token for Workers AI under AI at dash.cloudflare.com, which shows the account too",
    ),
    icon: "cloudflare.svg",
    inputs: &[
        Field::new("Cloudflare Account ID", "cloudflareAccountId", "string"),
        Field::new("Cloudflare API Token", "cloudflareApiToken", "password"),
    ],
};

const COHERE: CredentialSpec = CredentialSpec {
    label: "Cohere API",
    name: "cohereApi",
    version: 1.0,
    description: Some("Create a key under API Keys at dashboard.cohere.com"),
    icon: "cohere.svg",
    inputs: &[Field::new("Cohere Api Key", "cohereApiKey", "password")],
};

const COMET: CredentialSpec = CredentialSpec {
    label: "Comet API",
    name: "cometApi",
    version: 1.0,
    description: Some("Create a key under API Keys at api.cometapi.com"),
    icon: "comet.svg",
    inputs: &[Field::new("Comet API Key", "cometApiKey", "password")],
};

const DEEPSEEK: CredentialSpec = CredentialSpec {
    label: "DeepseekAI API",
    name: "deepseekApi",
    version: 1.0,
    description: Some("Create a key under API keys at platform.deepseek.com"),
    icon: "deepseek.svg",
    inputs: &[Field::new("DeepseekAI API Key", "deepseekApiKey", "password")],
};

const EXA_SEARCH: CredentialSpec = CredentialSpec {
    label: "Exa Search API",
    name: "exaSearchApi",
    version: 1.0,
    description: Some("Create a key at dashboard.exa.ai"),
    icon: "web-search.svg",
    inputs: &[Field::new("ExaSearch Api Key", "exaSearchApiKey", "password")],
};

const FIREWORKS: CredentialSpec = CredentialSpec {
    label: "Fireworks API",
    name: "fireworksApi",
    version: 1.0,
    description: Some("Create a key under API Keys at app.fireworks.ai"),
    icon: "fireworks.svg",
    inputs: &[Field::new("Fireworks Api Key", "fireworksApiKey", "password")],
};

const GOOGLE_CUSTOM_SEARCH: CredentialSpec = CredentialSpec {
    label: "Google Custom Search API",
    name: "googleCustomSearchApi",
    version: 1.0,
    description: Some(
        "A key from console.cloud.google.com and the engine from programmablesearchengine.google.com",
    ),
    icon: "web-search.svg",
    inputs: &[
        Field::new("Google Custom Search Api Key", "googleCustomSearchApiKey", "password"),
        Field::new("Programmable Search Engine ID", "googleCustomSearchApiId", "string"),
    ],
};

const GOOGLE_GENERATIVE_AI: CredentialSpec = CredentialSpec {
    label: "Google Generative AI",
    name: "googleGenerativeAI",
    version: 1.0,
    description: Some("Create a key under API keys at aistudio.google.com"),
    icon: "gemini.svg",
    inputs: &[Field::new("Google AI API Key", "googleGenerativeAPIKey", "password")],
};

const GROQ: CredentialSpec = CredentialSpec {
    label: "Groq API",
    name: "groqApi",
    version: 1.0,
    description: Some("Create a key under API Keys at console.groq.com"),
    icon: "groq.svg",
    inputs: &[Field::new("Groq Api Key", "groqApiKey", "password")],
};

const HTTP_API_KEY: CredentialSpec = CredentialSpec {
    label: "HTTP Api Key",
    name: "httpApiKey",
    version: 1.0,
    description: Some("A header that proves who calls, such as X-API-Key"),
    icon: "agentflow-http.svg",
    inputs: &[Field::new("Key", "key", "string"), Field::new("Value", "value", "password")],
};

const HTTP_BASIC: CredentialSpec = CredentialSpec {
    label: "HTTP Basic Auth",
    name: "httpBasicAuth",
    version: 1.0,
    description: Some("A name and a password, sent as HTTP Basic authentication"),
    icon: "agentflow-http.svg",
    inputs: &[
        Field::new("Basic Auth Username", "basicAuthUsername", "string"),
        Field::new("Basic Auth Password", "basicAuthPassword", "password"),
    ],
};

const HTTP_BEARER: CredentialSpec = CredentialSpec {
    label: "HTTP Bearer Token",
    name: "httpBearerToken",
    version: 1.0,
    description: Some("A token, sent as Authorization: Bearer"),
    icon: "agentflow-http.svg",
    inputs: &[Field::new("Token", "token", "password")],
};

const HUGGING_FACE: CredentialSpec = CredentialSpec {
    label: "HuggingFace API",
    name: "huggingFaceApi",
    version: 1.0,
    description: Some(
        "Create a token that may call inference providers under Access Tokens at huggingface.co",
    ),
    icon: "hugging-face.svg",
    inputs: &[Field::new("HuggingFace Api Key", "huggingFaceApiKey", "password")],
};

const JINA: CredentialSpec = CredentialSpec {
    label: "JinaAI API",
    name: "jinaAIApi",
    version: 1.0,
    description: Some("Create a key under API at jina.ai"),
    icon: "jina.svg",
    inputs: &[Field::new("JinaAI API Key", "jinaAIAPIKey", "password")],
};

const LITELLM: CredentialSpec = CredentialSpec {
    label: "Litellm API",
    name: "litellmApi",
    version: 1.0,
    description: Some("The proxy's master key, or one that it made"),
    icon: "litellm.svg",
    inputs: &[Field::new("API Key", "litellmApiKey", "password")],
};

const LOCALAI: CredentialSpec = CredentialSpec {
    label: "LocalAI API",
    name: "localAIApi",
    version: 1.0,
    description: Some("Only for a server that was started with a key"),
    icon: "local-ai.svg",
    inputs: &[Field::new("LocalAI Api Key", "localAIApiKey", "password")],
};

const MISTRAL: CredentialSpec = CredentialSpec {
    label: "MistralAI API",
    name: "mistralAIApi",
    version: 1.0,
    description: Some("Create a key under API Keys at console.mistral.ai"),
    icon: "mistral.svg",
    inputs: &[Field::new("MistralAI API Key", "mistralAIAPIKey", "password")],
};

const NVIDIA: CredentialSpec = CredentialSpec {
    label: "NVIDIA NGC API Key",
    name: "nvidiaNIMApi",
    version: 1.0,
    description: Some("Create a key at build.nvidia.com; a container of your own may need none"),
    icon: "nvidia.svg",
    inputs: &[Field::new("NVIDIA NGC API Key", "nvidiaNIMApiKey", "password")],
};

const OLLAMA: CredentialSpec = CredentialSpec {
    label: "Ollama API",
    name: "ollamaApi",
    version: 1.0,
    description: Some(
        "Only for Ollama's cloud or a server behind a key: create one under Keys at ollama.com",
    ),
    icon: "ollama.svg",
    inputs: &[Field::new("Ollama Api Key", "ollamaApiKey", "password")],
};

const OPENAI: CredentialSpec = CredentialSpec {
    label: "OpenAI API",
    name: "openAIApi",
    version: 1.0,
    description: Some("Create a key under API keys at platform.openai.com"),
    icon: "openai.svg",
    inputs: &[Field::new("OpenAI Api Key", "openAIApiKey", "password")],
};

const OPENROUTER: CredentialSpec = CredentialSpec {
    label: "OpenRouter API Key",
    name: "openRouterApi",
    version: 1.0,
    description: Some("Create a key under Keys at openrouter.ai"),
    icon: "openrouter.svg",
    inputs: &[Field::new("OpenRouter API Key", "openRouterApiKey", "password")],
};

const PERPLEXITY: CredentialSpec = CredentialSpec {
    label: "Perplexity API",
    name: "perplexityApi",
    version: 1.0,
    description: Some("Create a key under API at perplexity.ai"),
    icon: "perplexity.svg",
    inputs: &[Field::new("Perplexity API Key", "perplexityApiKey", "password")],
};

const REDIS: CredentialSpec = CredentialSpec {
    label: "Redis API",
    name: "redisCacheApi",
    version: 1.0,
    description: Some("User and password may stay empty where the server asks for none"),
    icon: "redis.svg",
    inputs: &[
        Field {
            default: Default::Text("127.0.0.1"),
            ..Field::new("Redis Host", "redisCacheHost", "string")
        },
        Field { default: Default::Text("6379"), ..Field::new("Port", "redisCachePort", "number") },
        Field::new("User", "redisCacheUser", "string"),
        Field::new("Password", "redisCachePwd", "password"),
        Field {
            description: Some("Secures the connection; the server's certificate must be trusted"),
            ..Field::new("Use SSL", "redisCacheSslEnabled", "boolean")
        },
    ],
};

const MYSQL: CredentialSpec = CredentialSpec {
    label: "MySQL API",
    name: "MySQLApi",
    version: 1.0,
    description: Some("A user that may make and write the tables that are named in nodes"),
    icon: "sql-database.svg",
    inputs: &[Field::new("User", "user", "string"), Field::new("Password", "password", "password")],
};

const POSTGRES: CredentialSpec = CredentialSpec {
    label: "Postgres API",
    name: "PostgresApi",
    version: 1.0,
    description: Some("A user that may make and write the tables that are named in nodes"),
    icon: "sql-database.svg",
    inputs: &[Field::new("User", "user", "string"), Field::new("Password", "password", "password")],
};

const QDRANT: CredentialSpec = CredentialSpec {
    label: "Qdrant API",
    name: "qdrantApi",
    version: 1.0,
    description: Some("Needed where the server asks for a key, as Qdrant's cloud does"),
    icon: "qdrant.svg",
    inputs: &[Field::new("Qdrant API Key", "qdrantApiKey", "password")],
};

const REDIS_URL: CredentialSpec = CredentialSpec {
    label: "Redis URL",
    name: "redisCacheUrlApi",
    version: 1.0,
    description: Some("redis://user:password@host:6379/0, or rediss:// for a secured connection"),
    icon: "redis.svg",
    inputs: &[Field {
        default: Default::Text("redis://localhost:6379"),
        ..Field::new("Redis URL", "redisUrl", "url")
    }],
};

const SAMBANOVA: CredentialSpec = CredentialSpec {
    label: "Sambanova API",
    name: "sambanovaApi",
    version: 1.0,
    description: Some("Create a key under API Keys at cloud.sambanova.ai"),
    icon: "sambanova.svg",
    inputs: &[Field::new("Sambanova Api Key", "sambanovaApiKey", "password")],
};

const SEARCH_API: CredentialSpec = CredentialSpec {
    label: "Search API",
    name: "searchApi",
    version: 1.0,
    description: Some("Create a key at searchapi.io"),
    icon: "web-search.svg",
    inputs: &[Field::new("SearchApi API Key", "searchApiKey", "password")],
};

const SERP_API: CredentialSpec = CredentialSpec {
    label: "Serp API",
    name: "serpApi",
    version: 1.0,
    description: Some("Find the key at serpapi.com/manage-api-key"),
    icon: "web-search.svg",
    inputs: &[Field::new("Serp Api Key", "serpApiKey", "password")],
};

const SERPER: CredentialSpec = CredentialSpec {
    label: "Serper API",
    name: "serperApi",
    version: 1.0,
    description: Some("Find the key under API Key at serper.dev"),
    icon: "web-search.svg",
    inputs: &[Field::new("Serper Api Key", "serperApiKey", "password")],
};

const TAVILY: CredentialSpec = CredentialSpec {
    label: "Tavily API",
    name: "tavilyApi",
    version: 1.1,
    description: Some("Find the key at app.tavily.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("Tavily Api Key", "tavilyApiKey", "password")],
};

const TOGETHER: CredentialSpec = CredentialSpec {
    label: "TogetherAI API",
    name: "togetherAIApi",
    version: 1.0,
    description: Some("Create a key under API Keys at api.together.ai"),
    icon: "together.svg",
    inputs: &[Field::new("TogetherAI Api Key", "togetherAIApiKey", "password")],
};

const VOYAGE: CredentialSpec = CredentialSpec {
    label: "Voyage AI API",
    name: "voyageAIApi",
    version: 1.0,
    description: Some("Create a key under API Keys at dashboard.voyageai.com"),
    icon: "voyage.svg",
    inputs: &[
        Field {
            default: Default::Text("https://api.voyageai.com/v1/embeddings"),
            ..Field::new("Voyage AI Endpoint", "endpoint", "string")
        },
        Field::new("Voyage AI API Key", "apiKey", "password"),
    ],
};

const WOLFRAM_ALPHA: CredentialSpec = CredentialSpec {
    label: "WolframAlpha App ID",
    name: "wolframAlphaAppId",
    version: 1.0,
    description: Some("Create an App ID for the LLM API at developer.wolframalpha.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("App ID", "wolframAlphaAppId", "password")],
};

const XAI: CredentialSpec = CredentialSpec {
    label: "Xai API",
    name: "xaiApi",
    version: 1.0,
    description: Some("Create a key under API Keys at console.x.ai"),
    icon: "xai.svg",
    inputs: &[Field::new("X AI API Key", "xaiApiKey", "password")],
};
