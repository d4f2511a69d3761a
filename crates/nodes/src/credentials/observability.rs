//! Credentials of the services that traces are sent to.

use flowstone_core::{CredentialSpec, Field, spec::Default};

pub(super) const ARIZE: CredentialSpec = CredentialSpec {
    label: "Arize API",
    name: "arizeApi",
    version: 1.0,
    description: Some("Key and space id are under Space Settings at app.arize.com"),
    icon: "observability.svg",
    inputs: &[
        Field::new("API Key", "arizeApiKey", "password"),
        Field::new("Space ID", "arizeSpaceId", "string"),
        Field {
            default: Default::Text("https://otlp.arize.com"),
            ..Field::new("Endpoint", "arizeEndpoint", "string")
        },
    ],
};

pub(super) const LANGFUSE: CredentialSpec = CredentialSpec {
    label: "Langfuse API",
    name: "langfuseApi",
    version: 1.0,
    description: Some("Both keys are under Settings, API Keys, of a project in Langfuse"),
    icon: "observability.svg",
    inputs: &[
        Field::new("Secret Key", "langFuseSecretKey", "password"),
        Field::new("Public Key", "langFusePublicKey", "string"),
        Field {
            default: Default::Text("https://cloud.langfuse.com"),
            ..Field::new("Endpoint", "langFuseEndpoint", "string")
        },
    ],
};

pub(super) const LANGSMITH: CredentialSpec = CredentialSpec {
    label: "Langsmith API",
    name: "langsmithApi",
    version: 1.0,
    description: Some("Create a key under Settings, API Keys, at smith.langchain.com"),
    icon: "observability.svg",
    inputs: &[
        Field::new("API Key", "langSmithApiKey", "password"),
        Field {
            default: Default::Text("https://api.smith.langchain.com"),
            ..Field::new("Endpoint", "langSmithEndpoint", "string")
        },
    ],
};

pub(super) const LANGWATCH: CredentialSpec = CredentialSpec {
    label: "LangWatch API",
    name: "langwatchApi",
    version: 1.0,
    description: Some("Copy the key from the setup page of a project at app.langwatch.ai"),
    icon: "observability.svg",
    inputs: &[
        Field::new("API Key", "langWatchApiKey", "password"),
        Field {
            default: Default::Text("https://app.langwatch.ai"),
            ..Field::new("Endpoint", "langWatchEndpoint", "string")
        },
    ],
};

pub(super) const LUNARY: CredentialSpec = CredentialSpec {
    label: "Lunary AI",
    name: "lunaryApi",
    version: 1.0,
    description: Some("The public key is on the settings page of a project at app.lunary.ai"),
    icon: "observability.svg",
    inputs: &[
        Field::new("Public Key / Project ID", "lunaryAppId", "string"),
        Field {
            default: Default::Text("https://api.lunary.ai"),
            ..Field::new("Endpoint", "lunaryEndpoint", "string")
        },
    ],
};

pub(super) const OPIK: CredentialSpec = CredentialSpec {
    label: "Opik API",
    name: "opikApi",
    version: 1.0,
    description: Some(
        "The key is in the user menu at comet.com/opik; a server of your own needs its address only",
    ),
    icon: "observability.svg",
    inputs: &[
        Field::new("API Key", "opikApiKey", "password"),
        Field::new("URL", "opikUrl", "string"),
        Field::new("Workspace", "opikWorkspace", "string"),
    ],
};

pub(super) const PHOENIX: CredentialSpec = CredentialSpec {
    label: "Phoenix API",
    name: "phoenixApi",
    version: 1.0,
    description: Some(
        "Create a key under Settings at app.phoenix.arize.com, or on your own Phoenix",
    ),
    icon: "observability.svg",
    inputs: &[
        Field::new("API Key", "phoenixApiKey", "password"),
        Field {
            default: Default::Text("https://app.phoenix.arize.com"),
            ..Field::new("Endpoint", "phoenixEndpoint", "string")
        },
    ],
};
