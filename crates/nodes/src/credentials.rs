//! Kinds of credentials that nodes ask for.

use flowstone_core::{CredentialSpec, Field};

/// All of them, by name.
pub const CREDENTIALS: &[CredentialSpec] = &[
    AGENTFLOW,
    ANTHROPIC,
    BRAVE_SEARCH,
    CHATFLOW,
    EXA_SEARCH,
    GOOGLE_CUSTOM_SEARCH,
    GOOGLE_GENERATIVE_AI,
    OLLAMA,
    OPENAI,
    SEARCH_API,
    SERP_API,
    SERPER,
    TAVILY,
    WOLFRAM_ALPHA,
];

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

const BRAVE_SEARCH: CredentialSpec = CredentialSpec {
    label: "Brave Search API",
    name: "braveSearchApi",
    version: 1.0,
    description: Some("Create a key at api-dashboard.search.brave.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("BraveSearch Api Key", "braveApiKey", "password")],
};

const CHATFLOW: CredentialSpec = CredentialSpec {
    label: "Chatflow API",
    name: "chatflowApi",
    version: 1.0,
    description: Some("A key of the other installation, for a chatflow that asks for one"),
    icon: "flow-tool.svg",
    inputs: &[Field::new("Chatflow Api Key", "chatflowApiKey", "password")],
};

const EXA_SEARCH: CredentialSpec = CredentialSpec {
    label: "Exa Search API",
    name: "exaSearchApi",
    version: 1.0,
    description: Some("Create a key at dashboard.exa.ai"),
    icon: "web-search.svg",
    inputs: &[Field::new("ExaSearch Api Key", "exaSearchApiKey", "password")],
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

const WOLFRAM_ALPHA: CredentialSpec = CredentialSpec {
    label: "WolframAlpha App ID",
    name: "wolframAlphaAppId",
    version: 1.0,
    description: Some("Create an App ID for the LLM API at developer.wolframalpha.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("App ID", "wolframAlphaAppId", "password")],
};
