//! Credentials of model vendors.

use flowstone_core::{
    CredentialSpec, Field,
    spec::{Choice, Default},
};

pub(super) const ALIBABA: CredentialSpec = CredentialSpec {
    label: "Alibaba API",
    name: "AlibabaApi",
    version: 1.0,
    description: Some("Create a key under API-KEY in Alibaba Cloud Model Studio"),
    icon: "alibaba.svg",
    inputs: &[Field::new("Alibaba Api Key", "alibabaApiKey", "password")],
};

pub(super) const ANTHROPIC: CredentialSpec = CredentialSpec {
    label: "Anthropic API",
    name: "anthropicApi",
    version: 1.0,
    description: Some("Create a key under API keys at platform.claude.com"),
    icon: "anthropic.svg",
    inputs: &[Field::new("Anthropic Api Key", "anthropicApiKey", "password")],
};

pub(super) const AWS: CredentialSpec = CredentialSpec {
    label: "AWS security credentials",
    name: "awsApi",
    version: 1.1,
    description: Some(
        "An access key of an IAM user; leave it empty to use the role of the machine, or name a role to take on",
    ),
    icon: "cloud-service.svg",
    inputs: &[
        Field { optional: true, ..Field::new("AWS Access Key", "awsKey", "password") },
        Field { optional: true, ..Field::new("AWS Secret Access Key", "awsSecret", "password") },
        Field { optional: true, ..Field::new("AWS Session Key", "awsSession", "password") },
        Field { optional: true, ..Field::new("Role ARN", "roleArn", "string") },
        Field { optional: true, ..Field::new("External ID", "externalId", "string") },
    ],
};

pub(super) const AZURE_FOUNDRY: CredentialSpec = CredentialSpec {
    label: "Azure Foundry API",
    name: "azureFoundryApi",
    version: 1.0,
    description: Some("Key and endpoint are on the overview page of a project at ai.azure.com"),
    icon: "azure.svg",
    inputs: &[
        Field::new("Azure Foundry API Key", "azureFoundryApiKey", "password"),
        Field::new("Azure Foundry Endpoint", "azureFoundryEndpoint", "string"),
    ],
};

pub(super) const AZURE_OPENAI: CredentialSpec = CredentialSpec {
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

pub(super) const BAIDU_QIANFAN: CredentialSpec = CredentialSpec {
    label: "Baidu Qianfan API",
    name: "baiduQianfanApi",
    version: 2.0,
    description: Some(
        "Access key and secret key are under Security Authentication in the Baidu AI Cloud console",
    ),
    icon: "cloud-service.svg",
    inputs: &[
        Field::new("Qianfan Access Key", "qianfanAccessKey", "password"),
        Field::new("Qianfan Secret Key", "qianfanSecretKey", "password"),
    ],
};

pub(super) const CEREBRAS: CredentialSpec = CredentialSpec {
    label: "Cerebras API Key",
    name: "cerebrasAIApi",
    version: 2.0,
    description: Some("Create a key under API Keys at cloud.cerebras.ai"),
    icon: "cerebras.svg",
    inputs: &[Field::new("Cerebras API Key", "cerebrasApiKey", "password")],
};

pub(super) const CLOUDFLARE: CredentialSpec = CredentialSpec {
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

pub(super) const COHERE: CredentialSpec = CredentialSpec {
    label: "Cohere API",
    name: "cohereApi",
    version: 1.0,
    description: Some("Create a key under API Keys at dashboard.cohere.com"),
    icon: "cohere.svg",
    inputs: &[Field::new("Cohere Api Key", "cohereApiKey", "password")],
};

pub(super) const COMET: CredentialSpec = CredentialSpec {
    label: "Comet API",
    name: "cometApi",
    version: 1.0,
    description: Some("Create a key under API Keys at api.cometapi.com"),
    icon: "comet.svg",
    inputs: &[Field::new("Comet API Key", "cometApiKey", "password")],
};

pub(super) const DEEPSEEK: CredentialSpec = CredentialSpec {
    label: "DeepseekAI API",
    name: "deepseekApi",
    version: 1.0,
    description: Some("Create a key under API keys at platform.deepseek.com"),
    icon: "deepseek.svg",
    inputs: &[Field::new("DeepseekAI API Key", "deepseekApiKey", "password")],
};

pub(super) const FIREWORKS: CredentialSpec = CredentialSpec {
    label: "Fireworks API",
    name: "fireworksApi",
    version: 1.0,
    description: Some("Create a key under API Keys at app.fireworks.ai"),
    icon: "fireworks.svg",
    inputs: &[Field::new("Fireworks Api Key", "fireworksApiKey", "password")],
};

pub(super) const GOOGLE_GENERATIVE_AI: CredentialSpec = CredentialSpec {
    label: "Google Generative AI",
    name: "googleGenerativeAI",
    version: 1.0,
    description: Some("Create a key under API keys at aistudio.google.com"),
    icon: "gemini.svg",
    inputs: &[Field::new("Google AI API Key", "googleGenerativeAPIKey", "password")],
};

pub(super) const GOOGLE_MAKERSUITE: CredentialSpec = CredentialSpec {
    label: "Google MakerSuite",
    name: "googleMakerSuite",
    version: 1.0,
    description: Some("A key of the former MakerSuite; new keys are made at aistudio.google.com"),
    icon: "gemini.svg",
    inputs: &[Field::new("MakerSuite API Key", "googleMakerSuiteKey", "password")],
};

pub(super) const GOOGLE_VERTEX: CredentialSpec = CredentialSpec {
    label: "Google Vertex Auth",
    name: "googleVertexAuth",
    version: 1.0,
    description: Some(
        "The JSON key of a service account with the Vertex AI User role, pasted or as a file on the server",
    ),
    icon: "cloud-service.svg",
    inputs: &[
        Field {
            optional: true,
            ..Field::new(
                "Google Application Credential File Path",
                "googleApplicationCredentialFilePath",
                "string",
            )
        },
        Field {
            rows: Some(4),
            optional: true,
            ..Field::new("Google Credential JSON Object", "googleApplicationCredential", "password")
        },
        Field {
            optional: true,
            additional_params: true,
            ..Field::new("Project ID", "projectID", "string")
        },
    ],
};

pub(super) const GROQ: CredentialSpec = CredentialSpec {
    label: "Groq API",
    name: "groqApi",
    version: 1.0,
    description: Some("Create a key under API Keys at console.groq.com"),
    icon: "groq.svg",
    inputs: &[Field::new("Groq Api Key", "groqApiKey", "password")],
};

pub(super) const HUGGING_FACE: CredentialSpec = CredentialSpec {
    label: "HuggingFace API",
    name: "huggingFaceApi",
    version: 1.0,
    description: Some(
        "Create a token that may call inference providers under Access Tokens at huggingface.co",
    ),
    icon: "hugging-face.svg",
    inputs: &[Field::new("HuggingFace Api Key", "huggingFaceApiKey", "password")],
};

pub(super) const IBM_WATSONX: CredentialSpec = CredentialSpec {
    label: "IBM Watsonx",
    name: "ibmWatsonx",
    version: 1.0,
    description: Some(
        "Key, service address and project id are under Developer access of a watsonx.ai project",
    ),
    icon: "cloud-service.svg",
    inputs: &[
        Field::new("Version", "version", "string"),
        Field::new("Service URL", "serviceUrl", "string"),
        Field::new("Project ID", "projectId", "string"),
        Field {
            default: Default::Text("iam"),
            options: &[Choice::new("iam", "IAM"), Choice::new("bearertoken", "Bearer Token")],
            ..Field::new("Watsonx AI Auth Type", "watsonxAIAuthType", "options")
        },
        Field {
            optional: true,
            ..Field::new("Watsonx AI IAM API Key", "watsonxAIApikey", "password")
        },
        Field {
            optional: true,
            ..Field::new("Watsonx AI Bearer Token", "watsonxAIBearerToken", "password")
        },
    ],
};

pub(super) const JINA: CredentialSpec = CredentialSpec {
    label: "JinaAI API",
    name: "jinaAIApi",
    version: 1.0,
    description: Some("Create a key under API at jina.ai"),
    icon: "jina.svg",
    inputs: &[Field::new("JinaAI API Key", "jinaAIAPIKey", "password")],
};

pub(super) const LITELLM: CredentialSpec = CredentialSpec {
    label: "Litellm API",
    name: "litellmApi",
    version: 1.0,
    description: Some("The proxy's master key, or one that it made"),
    icon: "litellm.svg",
    inputs: &[Field::new("API Key", "litellmApiKey", "password")],
};

pub(super) const LOCALAI: CredentialSpec = CredentialSpec {
    label: "LocalAI API",
    name: "localAIApi",
    version: 1.0,
    description: Some("Only for a server that was started with a key"),
    icon: "local-ai.svg",
    inputs: &[Field::new("LocalAI Api Key", "localAIApiKey", "password")],
};

pub(super) const MISTRAL: CredentialSpec = CredentialSpec {
    label: "MistralAI API",
    name: "mistralAIApi",
    version: 1.0,
    description: Some("Create a key under API Keys at console.mistral.ai"),
    icon: "mistral.svg",
    inputs: &[Field::new("MistralAI API Key", "mistralAIAPIKey", "password")],
};

pub(super) const NVIDIA: CredentialSpec = CredentialSpec {
    label: "NVIDIA NGC API Key",
    name: "nvidiaNIMApi",
    version: 1.0,
    description: Some("Create a key at build.nvidia.com; a container of your own may need none"),
    icon: "nvidia.svg",
    inputs: &[Field::new("NVIDIA NGC API Key", "nvidiaNIMApiKey", "password")],
};

pub(super) const OLLAMA: CredentialSpec = CredentialSpec {
    label: "Ollama API",
    name: "ollamaApi",
    version: 1.0,
    description: Some(
        "Only for Ollama's cloud or a server behind a key: create one under Keys at ollama.com",
    ),
    icon: "ollama.svg",
    inputs: &[Field::new("Ollama Api Key", "ollamaApiKey", "password")],
};

pub(super) const OPENAI: CredentialSpec = CredentialSpec {
    label: "OpenAI API",
    name: "openAIApi",
    version: 1.0,
    description: Some("Create a key under API keys at platform.openai.com"),
    icon: "openai.svg",
    inputs: &[Field::new("OpenAI Api Key", "openAIApiKey", "password")],
};

pub(super) const OPENROUTER: CredentialSpec = CredentialSpec {
    label: "OpenRouter API Key",
    name: "openRouterApi",
    version: 1.0,
    description: Some("Create a key under Keys at openrouter.ai"),
    icon: "openrouter.svg",
    inputs: &[Field::new("OpenRouter API Key", "openRouterApiKey", "password")],
};

pub(super) const PERPLEXITY: CredentialSpec = CredentialSpec {
    label: "Perplexity API",
    name: "perplexityApi",
    version: 1.0,
    description: Some("Create a key under API at perplexity.ai"),
    icon: "perplexity.svg",
    inputs: &[Field::new("Perplexity API Key", "perplexityApiKey", "password")],
};

pub(super) const REPLICATE: CredentialSpec = CredentialSpec {
    label: "Replicate API",
    name: "replicateApi",
    version: 1.0,
    description: Some("Create a token at replicate.com/account/api-tokens"),
    icon: "cloud-service.svg",
    inputs: &[Field::new("Replicate Api Key", "replicateApiKey", "password")],
};

pub(super) const SAMBANOVA: CredentialSpec = CredentialSpec {
    label: "Sambanova API",
    name: "sambanovaApi",
    version: 1.0,
    description: Some("Create a key under API Keys at cloud.sambanova.ai"),
    icon: "sambanova.svg",
    inputs: &[Field::new("Sambanova Api Key", "sambanovaApiKey", "password")],
};

pub(super) const TOGETHER: CredentialSpec = CredentialSpec {
    label: "TogetherAI API",
    name: "togetherAIApi",
    version: 1.0,
    description: Some("Create a key under API Keys at api.together.ai"),
    icon: "together.svg",
    inputs: &[Field::new("TogetherAI Api Key", "togetherAIApiKey", "password")],
};

pub(super) const VOYAGE: CredentialSpec = CredentialSpec {
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

pub(super) const XAI: CredentialSpec = CredentialSpec {
    label: "Xai API",
    name: "xaiApi",
    version: 1.0,
    description: Some("Create a key under API Keys at console.x.ai"),
    icon: "xai.svg",
    inputs: &[Field::new("X AI API Key", "xaiApiKey", "password")],
};
