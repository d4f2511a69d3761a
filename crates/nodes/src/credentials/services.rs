//! Credentials of the services that tools, loaders and flows call.

use flowstone_core::{CredentialSpec, Field, spec::Default};

pub(super) const AGENTFLOW: CredentialSpec = CredentialSpec {
    label: "Agentflow API",
    name: "agentflowApi",
    version: 1.0,
    description: Some("A key of the other installation, for an agentflow that asks for one"),
    icon: "flow-tool.svg",
    inputs: &[Field::new("Agentflow Api Key", "agentflowApiKey", "password")],
};

pub(super) const AIRTABLE: CredentialSpec = CredentialSpec {
    label: "Airtable API",
    name: "airtableApi",
    version: 1.0,
    description: Some(
        "Create a personal access token with data.records:read at airtable.com/create/tokens",
    ),
    icon: "table-service.svg",
    inputs: &[Field::new("Access Token", "accessToken", "password")],
};

pub(super) const ASSEMBLYAI: CredentialSpec = CredentialSpec {
    label: "AssemblyAI API",
    name: "assemblyAIApi",
    version: 1.0,
    description: Some("Copy the key from the dashboard at assemblyai.com"),
    icon: "speech-service.svg",
    inputs: &[Field::new("AssemblyAI Api Key", "assemblyAIApiKey", "password")],
};

pub(super) const AZURE_SPEECH: CredentialSpec = CredentialSpec {
    label: "Azure Cognitive Services",
    name: "azureCognitiveServices",
    version: 1.0,
    description: Some(
        "Key and region are under Keys and Endpoint of a Speech resource in the Azure portal",
    ),
    icon: "speech-service.svg",
    inputs: &[
        Field::new("Azure Subscription Key", "azureSubscriptionKey", "password"),
        Field::new("Service Region", "serviceRegion", "string"),
        Field {
            default: Default::Text("2024-05-15-preview"),
            ..Field::new("API Version", "apiVersion", "string")
        },
    ],
};

pub(super) const CHATFLOW: CredentialSpec = CredentialSpec {
    label: "Chatflow API",
    name: "chatflowApi",
    version: 1.0,
    description: Some("A key of the other installation, for a chatflow that asks for one"),
    icon: "flow-tool.svg",
    inputs: &[Field::new("Chatflow Api Key", "chatflowApiKey", "password")],
};

pub(super) const COMPOSIO: CredentialSpec = CredentialSpec {
    label: "Composio API",
    name: "composioApi",
    version: 1.0,
    description: Some("Copy the key under Settings, API Keys, at app.composio.dev"),
    icon: "toolbox.svg",
    inputs: &[Field::new("Composio API Key", "composioApi", "password")],
};

pub(super) const CONFLUENCE_CLOUD: CredentialSpec = CredentialSpec {
    label: "Confluence Cloud API",
    name: "confluenceCloudApi",
    version: 1.0,
    description: Some("An API token of id.atlassian.com and the mail address of its owner"),
    icon: "document-service.svg",
    inputs: &[
        Field::new("Access Token", "accessToken", "password"),
        Field::new("Username", "username", "string"),
    ],
};

pub(super) const CONFLUENCE_SERVER: CredentialSpec = CredentialSpec {
    label: "Confluence Server/Data Center API",
    name: "confluenceServerDCApi",
    version: 1.0,
    description: Some("Create a personal access token in the profile of your Confluence server"),
    icon: "document-service.svg",
    inputs: &[Field::new("Personal Access Token", "personalAccessToken", "password")],
};

pub(super) const E2B: CredentialSpec = CredentialSpec {
    label: "E2B API",
    name: "E2BApi",
    version: 1.0,
    description: Some("Create a key under API Keys at e2b.dev/dashboard"),
    icon: "code-service.svg",
    inputs: &[Field::new("E2B Api Key", "e2bApiKey", "password")],
};

pub(super) const ELEVENLABS: CredentialSpec = CredentialSpec {
    label: "Eleven Labs API",
    name: "elevenLabsApi",
    version: 1.0,
    description: Some("Create a key under Developers, API Keys, at elevenlabs.io"),
    icon: "speech-service.svg",
    inputs: &[Field::new("Eleven Labs API Key", "elevenLabsApiKey", "password")],
};

pub(super) const FIGMA: CredentialSpec = CredentialSpec {
    label: "Figma API",
    name: "figmaApi",
    version: 1.0,
    description: Some(
        "Create a personal access token with file_content:read in the settings of Figma",
    ),
    icon: "document-service.svg",
    inputs: &[Field::new("Access Token", "accessToken", "password")],
};

pub(super) const GITHUB: CredentialSpec = CredentialSpec {
    label: "Github API",
    name: "githubApi",
    version: 1.0,
    description: Some(
        "Create a token that may read the contents of the repositories at github.com/settings/tokens",
    ),
    icon: "code-service.svg",
    inputs: &[Field::new("Access Token", "accessToken", "password")],
};

pub(super) const GMAIL_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Gmail OAuth2",
    name: "gmailOAuth2",
    version: 1.0,
    description: Some("An OAuth client of the Google Cloud console with the Gmail API switched on"),
    icon: "mail-service.svg",
    inputs: &google(
        "https://www.googleapis.com/auth/gmail.modify https://www.googleapis.com/auth/gmail.compose",
    ),
};

pub(super) const GOOGLE_CALENDAR_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Google Calendar OAuth2",
    name: "googleCalendarOAuth2",
    version: 1.0,
    description: Some(
        "An OAuth client of the Google Cloud console with the Calendar API switched on",
    ),
    icon: "calendar-service.svg",
    inputs: &google("https://www.googleapis.com/auth/calendar"),
};

pub(super) const GOOGLE_DOCS_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Google Docs OAuth2",
    name: "googleDocsOAuth2",
    version: 1.0,
    description: Some(
        "An OAuth client of the Google Cloud console with the Docs API and the Drive API switched on",
    ),
    icon: "document-service.svg",
    inputs: &google(
        "https://www.googleapis.com/auth/documents https://www.googleapis.com/auth/drive.file",
    ),
};

pub(super) const GOOGLE_DRIVE_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Google Drive OAuth2",
    name: "googleDriveOAuth2",
    version: 1.0,
    description: Some("An OAuth client of the Google Cloud console with the Drive API switched on"),
    icon: "document-service.svg",
    inputs: &google("https://www.googleapis.com/auth/drive"),
};

pub(super) const GOOGLE_SHEETS_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Google Sheets OAuth2",
    name: "googleSheetsOAuth2",
    version: 1.0,
    description: Some(
        "An OAuth client of the Google Cloud console with the Sheets API and the Drive API switched on",
    ),
    icon: "table-service.svg",
    inputs: &google(
        "https://www.googleapis.com/auth/spreadsheets https://www.googleapis.com/auth/drive.readonly",
    ),
};

pub(super) const HTTP_API_KEY: CredentialSpec = CredentialSpec {
    label: "HTTP Api Key",
    name: "httpApiKey",
    version: 1.0,
    description: Some("A header that proves who calls, such as X-API-Key"),
    icon: "agentflow-http.svg",
    inputs: &[Field::new("Key", "key", "string"), Field::new("Value", "value", "password")],
};

pub(super) const HTTP_BASIC: CredentialSpec = CredentialSpec {
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

pub(super) const HTTP_BEARER: CredentialSpec = CredentialSpec {
    label: "HTTP Bearer Token",
    name: "httpBearerToken",
    version: 1.0,
    description: Some("A token, sent as Authorization: Bearer"),
    icon: "agentflow-http.svg",
    inputs: &[Field::new("Token", "token", "password")],
};

pub(super) const JIRA: CredentialSpec = CredentialSpec {
    label: "Jira API",
    name: "jiraApi",
    version: 1.0,
    description: Some("An API token of id.atlassian.com and the mail address of its owner"),
    icon: "document-service.svg",
    inputs: &[
        Field::new("User Name", "username", "string"),
        Field::new("Access Token", "accessToken", "password"),
    ],
};

pub(super) const JIRA_BEARER: CredentialSpec = CredentialSpec {
    label: "Jira API (Bearer Token)",
    name: "jiraApiBearerToken",
    version: 1.0,
    description: Some("Create a personal access token in the profile of your Jira server"),
    icon: "document-service.svg",
    inputs: &[Field::new("Bearer Token", "bearerToken", "password")],
};

pub(super) const MICROSOFT_OUTLOOK_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Microsoft Outlook OAuth2",
    name: "microsoftOutlookOAuth2",
    version: 1.0,
    description: Some(
        "An app registration in Microsoft Entra; put its tenant id into both addresses",
    ),
    icon: "mail-service.svg",
    inputs: &microsoft(
        "openid offline_access Calendars.ReadWrite Mail.ReadWrite Mail.Send Contacts.Read MailboxSettings.Read",
    ),
};

pub(super) const MICROSOFT_TEAMS_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Microsoft Teams OAuth2",
    name: "microsoftTeamsOAuth2",
    version: 1.0,
    description: Some(
        "An app registration in Microsoft Entra; put its tenant id into both addresses",
    ),
    icon: "chat-service.svg",
    inputs: &microsoft(
        "openid offline_access Team.ReadBasic.All Channel.ReadBasic.All Channel.Create ChannelMessage.Send ChannelMessage.Read.All Chat.ReadWrite ChatMessage.Send TeamMember.ReadWrite.All",
    ),
};

pub(super) const NOTION: CredentialSpec = CredentialSpec {
    label: "Notion API",
    name: "notionApi",
    version: 1.0,
    description: Some(
        "Create an internal integration at notion.so/my-integrations and share the pages with it",
    ),
    icon: "document-service.svg",
    inputs: &[Field::new("Notion Integration Token", "notionIntegrationToken", "password")],
};

pub(super) const PIPEDREAM: CredentialSpec = CredentialSpec {
    label: "Pipedream Connect",
    name: "pipedreamOAuthApi",
    version: 1.0,
    description: Some(
        "An OAuth client of the workspace settings and the id of a Connect project at pipedream.com",
    ),
    icon: "toolbox.svg",
    inputs: &[
        Field::new("Client ID", "clientId", "string"),
        Field::new("Client Secret", "clientSecret", "password"),
        Field::new("Project ID", "projectId", "string"),
        Field { optional: true, ..Field::new("OAuth Scopes", "oauthScopes", "string") },
    ],
};

pub(super) const SLACK: CredentialSpec = CredentialSpec {
    label: "Slack Bot Token",
    name: "slackApi",
    version: 1.0,
    description: Some("The bot token (xoxb-…) of a Slack app and the id of the team, T…"),
    icon: "chat-service.svg",
    inputs: &[
        Field::new("Bot Token", "botToken", "password"),
        Field::new("Team ID", "teamId", "string"),
    ],
};

pub(super) const SLACK_OAUTH2: CredentialSpec = CredentialSpec {
    label: "Slack User Token OAuth2",
    name: "slackOAuth2",
    version: 1.0,
    description: Some(
        "A Slack app with user scopes; its client id and secret are under Basic Information",
    ),
    icon: "chat-service.svg",
    inputs: &[
        Field {
            default: Default::Text("https://slack.com/oauth/v2_user/authorize"),
            ..Field::new("Authorization URL", "authorizationUrl", "string")
        },
        Field {
            default: Default::Text("https://slack.com/api/oauth.v2.user.access"),
            ..Field::new("Access Token URL", "accessTokenUrl", "string")
        },
        Field::new("Client ID", "clientId", "string"),
        Field::new("Client Secret", "clientSecret", "password"),
        Field {
            default: Default::Text(""),
            hidden: true,
            ..Field::new("Additional Parameters", "additionalParameters", "string")
        },
        Field {
            default: Default::Text(
                "channels:read channels:history groups:read groups:history im:history users:read search:read chat:write reactions:write",
            ),
            optional: true,
            ..Field::new("Scope", "scope", "string")
        },
    ],
};

pub(super) const STRIPE: CredentialSpec = CredentialSpec {
    label: "Stripe API",
    name: "stripeApi",
    version: 1.0,
    description: Some(
        "A restricted or secret key under Developers, API keys, in the Stripe dashboard",
    ),
    icon: "payment-service.svg",
    inputs: &[Field::new("Stripe API Token", "stripeApiToken", "password")],
};

pub(super) const UNSTRUCTURED: CredentialSpec = CredentialSpec {
    label: "Unstructured API",
    name: "unstructuredApi",
    version: 1.0,
    description: Some(
        "Copy the key from platform.unstructured.io; a server of your own may need none",
    ),
    icon: "document-service.svg",
    inputs: &[Field::new("API Key", "unstructuredAPIKey", "password")],
};

/// The form of an account at Google that is asked to allow `scope`.
const fn google(scope: &'static str) -> [Field; 6] {
    [
        starting(
            "Authorization URL",
            "authorizationUrl",
            "https://accounts.google.com/o/oauth2/v2/auth",
        ),
        starting("Access Token URL", "accessTokenUrl", "https://oauth2.googleapis.com/token"),
        Field::new("Client ID", "clientId", "string"),
        Field::new("Client Secret", "clientSecret", "password"),
        Field {
            hidden: true,
            ..starting(
                "Additional Parameters",
                "additionalParameters",
                "access_type=offline&prompt=consent",
            )
        },
        Field { hidden: true, ..starting("Scope", "scope", scope) },
    ]
}

/// The same at Microsoft, where each tenant has addresses of its own.
const fn microsoft(scope: &'static str) -> [Field; 5] {
    [
        starting(
            "Authorization URL",
            "authorizationUrl",
            "https://login.microsoftonline.com/<tenantId>/oauth2/v2.0/authorize",
        ),
        starting(
            "Access Token URL",
            "accessTokenUrl",
            "https://login.microsoftonline.com/<tenantId>/oauth2/v2.0/token",
        ),
        Field::new("Client ID", "clientId", "string"),
        Field::new("Client Secret", "clientSecret", "password"),
        Field { hidden: true, ..starting("Scope", "scope", scope) },
    ]
}

const fn starting(label: &'static str, name: &'static str, start: &'static str) -> Field {
    Field { default: Default::Text(start), ..Field::new(label, name, "string") }
}
