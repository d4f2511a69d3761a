//! Credentials of web search and of services that fetch pages.

use flowstone_core::{CredentialSpec, Field, spec::Default};

pub(super) const APIFY: CredentialSpec = CredentialSpec {
    label: "Apify API",
    name: "apifyApi",
    version: 1.0,
    description: Some(
        "Copy the API token under Settings, API and integrations, at console.apify.com",
    ),
    icon: "web-scraper.svg",
    inputs: &[Field::new("Apify API", "apifyApiToken", "password")],
};

pub(super) const BRAVE_SEARCH: CredentialSpec = CredentialSpec {
    label: "Brave Search API",
    name: "braveSearchApi",
    version: 1.0,
    description: Some("Create a key at api-dashboard.search.brave.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("BraveSearch Api Key", "braveApiKey", "password")],
};

pub(super) const BROWSERLESS: CredentialSpec = CredentialSpec {
    label: "Browserless API",
    name: "browserlessApi",
    version: 1.0,
    description: Some("Copy the API token from the account page at browserless.io"),
    icon: "web-scraper.svg",
    inputs: &[Field::new("API Token", "browserlessApiToken", "password")],
};

pub(super) const EXA_SEARCH: CredentialSpec = CredentialSpec {
    label: "Exa Search API",
    name: "exaSearchApi",
    version: 1.0,
    description: Some("Create a key at dashboard.exa.ai"),
    icon: "web-search.svg",
    inputs: &[Field::new("ExaSearch Api Key", "exaSearchApiKey", "password")],
};

pub(super) const FIRECRAWL: CredentialSpec = CredentialSpec {
    label: "FireCrawl API",
    name: "fireCrawlApi",
    version: 2.0,
    description: Some("Copy the key at firecrawl.dev; another address is for a server of your own"),
    icon: "web-scraper.svg",
    inputs: &[
        Field::new("FireCrawl API", "firecrawlApiToken", "password"),
        Field {
            default: Default::Text("https://api.firecrawl.dev"),
            ..Field::new("FireCrawl API URL", "firecrawlApiUrl", "string")
        },
    ],
};

pub(super) const GOOGLE_CUSTOM_SEARCH: CredentialSpec = CredentialSpec {
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

pub(super) const OXYLABS: CredentialSpec = CredentialSpec {
    label: "Oxylabs API",
    name: "oxylabsApi",
    version: 1.0,
    description: Some("An API user of the Web Scraper API, made at dashboard.oxylabs.io"),
    icon: "web-scraper.svg",
    inputs: &[
        Field::new("Oxylabs Username", "username", "string"),
        Field::new("Oxylabs Password", "password", "password"),
    ],
};

pub(super) const SEARCH_API: CredentialSpec = CredentialSpec {
    label: "Search API",
    name: "searchApi",
    version: 1.0,
    description: Some("Create a key at searchapi.io"),
    icon: "web-search.svg",
    inputs: &[Field::new("SearchApi API Key", "searchApiKey", "password")],
};

pub(super) const SERPER: CredentialSpec = CredentialSpec {
    label: "Serper API",
    name: "serperApi",
    version: 1.0,
    description: Some("Find the key under API Key at serper.dev"),
    icon: "web-search.svg",
    inputs: &[Field::new("Serper Api Key", "serperApiKey", "password")],
};

pub(super) const SERP_API: CredentialSpec = CredentialSpec {
    label: "Serp API",
    name: "serpApi",
    version: 1.0,
    description: Some("Find the key at serpapi.com/manage-api-key"),
    icon: "web-search.svg",
    inputs: &[Field::new("Serp Api Key", "serpApiKey", "password")],
};

pub(super) const SPIDER: CredentialSpec = CredentialSpec {
    label: "Spider API",
    name: "spiderApi",
    version: 1.0,
    description: Some("Create a key at spider.cloud/api-keys"),
    icon: "web-scraper.svg",
    inputs: &[Field::new("Spider API Key", "spiderApiKey", "password")],
};

pub(super) const TAVILY: CredentialSpec = CredentialSpec {
    label: "Tavily API",
    name: "tavilyApi",
    version: 1.1,
    description: Some("Find the key at app.tavily.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("Tavily Api Key", "tavilyApiKey", "password")],
};

pub(super) const WOLFRAM_ALPHA: CredentialSpec = CredentialSpec {
    label: "WolframAlpha App ID",
    name: "wolframAlphaAppId",
    version: 1.0,
    description: Some("Create an App ID for the LLM API at developer.wolframalpha.com"),
    icon: "web-search.svg",
    inputs: &[Field::new("App ID", "wolframAlphaAppId", "password")],
};
