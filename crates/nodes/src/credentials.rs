//! Kinds of credentials that nodes ask for.

use flowstone_core::{CredentialSpec, Field};

/// All of them, by name.
pub const CREDENTIALS: &[CredentialSpec] =
    &[AGENTFLOW, ANTHROPIC, CHATFLOW, GOOGLE_GENERATIVE_AI, OLLAMA, OPENAI];

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

const CHATFLOW: CredentialSpec = CredentialSpec {
    label: "Chatflow API",
    name: "chatflowApi",
    version: 1.0,
    description: Some("A key of the other installation, for a chatflow that asks for one"),
    icon: "flow-tool.svg",
    inputs: &[Field::new("Chatflow Api Key", "chatflowApiKey", "password")],
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
