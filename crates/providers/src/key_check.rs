//! Tries keys of services out, by calls that cost nothing: most often the list of models.

use flowstone_core::{Credential, Result};

use crate::{
    Gateways, failure,
    http::{HttpClient, Retry},
    openai::dialects,
};

/// The version of Anthropic's API that is spoken.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// How the key of one kind of credential is tried out.
struct Check {
    /// Name of the kind.
    kind: &'static str,
    /// The field that holds the key, and what its form calls it.
    field: (&'static str, &'static str),
    /// Where to ask.
    place: Place,
    /// How the key is shown.
    key: Key,
}

/// An address that tells nothing without a key.
enum Place {
    /// This one.
    Fixed(&'static str),
    /// A path below the address of the vendor's own wire.
    Below(&'static str, &'static str),
    /// A path below Anthropic's API, or the gateway in its place.
    Anthropic(&'static str),
    /// A path below the Gemini API, or the gateway in its place.
    Gemini(&'static str),
    /// The customer's own address, with the fields in braces filled in.
    OfFields(&'static str, &'static [(&'static str, &'static str)]),
}

enum Key {
    Bearer,
    Header(&'static str),
    Query(&'static str),
}

const fn models(
    kind: &'static str,
    field: (&'static str, &'static str),
    base: &'static str,
) -> Check {
    Check { kind, field, place: Place::Below(base, "/models"), key: Key::Bearer }
}

/// Services whose list is public, or who have none, are not among them: their answer would say
/// nothing of the key.
static CHECKS: &[Check] = &[
    models("openAIApi", ("openAIApiKey", "OpenAI Api Key"), dialects::OPENAI.base_url),
    models("cerebrasAIApi", ("cerebrasApiKey", "Cerebras API Key"), dialects::CEREBRAS.base_url),
    models("deepseekApi", ("deepseekApiKey", "DeepseekAI API Key"), dialects::DEEPSEEK.base_url),
    models("fireworksApi", ("fireworksApiKey", "Fireworks Api Key"), dialects::FIREWORKS.base_url),
    models("groqApi", ("groqApiKey", "Groq Api Key"), dialects::GROQ.base_url),
    models("mistralAIApi", ("mistralAIAPIKey", "MistralAI API Key"), dialects::MISTRAL.base_url),
    models(
        "togetherAIApi",
        ("togetherAIApiKey", "TogetherAI Api Key"),
        dialects::TOGETHER.base_url,
    ),
    models("xaiApi", ("xaiApiKey", "X AI API Key"), dialects::XAI.base_url),
    Check {
        kind: "openRouterApi",
        field: ("openRouterApiKey", "OpenRouter API Key"),
        place: Place::Below(dialects::OPENROUTER.base_url, "/key"),
        key: Key::Bearer,
    },
    Check {
        kind: "cohereApi",
        field: ("cohereApiKey", "Cohere Api Key"),
        place: Place::Fixed("https://api.cohere.com/v1/models?page_size=1"),
        key: Key::Bearer,
    },
    Check {
        kind: "anthropicApi",
        field: ("anthropicApiKey", "Anthropic Api Key"),
        place: Place::Anthropic("/v1/models?limit=1"),
        key: Key::Header("x-api-key"),
    },
    Check {
        kind: "googleGenerativeAI",
        field: ("googleGenerativeAPIKey", "Google AI API Key"),
        place: Place::Gemini("/v1beta/models?pageSize=1"),
        key: Key::Header("x-goog-api-key"),
    },
    Check {
        kind: "azureOpenAIApi",
        field: ("azureOpenAIApiKey", "Azure OpenAI Api Key"),
        place: Place::OfFields(
            "https://{azureOpenAIApiInstanceName}.openai.azure.com/openai/models?api-version={azureOpenAIApiVersion}",
            &[
                ("azureOpenAIApiInstanceName", "Azure OpenAI Api Instance Name"),
                ("azureOpenAIApiVersion", "Azure OpenAI Api Version"),
            ],
        ),
        key: Key::Header("api-key"),
    },
    Check {
        kind: "cloudflareApi",
        field: ("cloudflareApiToken", "Cloudflare API Token"),
        place: Place::OfFields(
            "https://api.cloudflare.com/client/v4/accounts/{cloudflareAccountId}/ai/models/search?per_page=1",
            &[("cloudflareAccountId", "Cloudflare Account ID")],
        ),
        key: Key::Bearer,
    },
    Check {
        kind: "huggingFaceApi",
        field: ("huggingFaceApiKey", "HuggingFace Api Key"),
        place: Place::Fixed("https://huggingface.co/api/whoami-v2"),
        key: Key::Bearer,
    },
    Check {
        kind: "tavilyApi",
        field: ("tavilyApiKey", "Tavily Api Key"),
        place: Place::Fixed("https://api.tavily.com/usage"),
        key: Key::Bearer,
    },
    Check {
        kind: "serpApi",
        field: ("serpApiKey", "Serp Api Key"),
        place: Place::Fixed("https://serpapi.com/account.json"),
        key: Key::Query("api_key"),
    },
];

/// Asks the service of a credential of this kind whether it takes the key; `None` where there is
/// no way to ask.
///
/// # Errors
/// `Credential` where a field is empty, `Provider` with the service's own words where it refuses,
/// `Transport` where it cannot be reached.
pub async fn check(
    http: &HttpClient,
    gateways: &Gateways,
    kind: &str,
    credential: &Credential,
) -> Option<Result<()>> {
    let check = CHECKS.iter().find(|it| it.kind == kind)?;
    Some(ask(http, gateways, check, credential).await)
}

async fn ask(
    http: &HttpClient,
    gateways: &Gateways,
    check: &Check,
    credential: &Credential,
) -> Result<()> {
    let key = credential.require(check.field.0, check.field.1)?;
    let address = match &check.place {
        Place::Fixed(address) => (*address).to_owned(),
        Place::Below(base, path) => format!("{base}{path}"),
        Place::Anthropic(path) => below(&gateways.anthropic, path),
        Place::Gemini(path) => below(&gateways.gemini, path),
        Place::OfFields(pattern, fields) => {
            let mut address = (*pattern).to_owned();
            for (name, label) in *fields {
                let value = credential.require(name, label)?.trim().as_bytes();
                let value: String = url::form_urlencoded::byte_serialize(value).collect();
                address = address.replace(&format!("{{{name}}}"), &value);
            }
            address
        }
    };
    let request = http.get(&address)?.retry(Retry::Never);
    let request = match check.key {
        Key::Bearer => request.bearer(key),
        Key::Header(name) => request.header(name, key),
        Key::Query(name) => request.query(name, key),
    };
    let request = match check.place {
        Place::Anthropic(_) => request.header("anthropic-version", ANTHROPIC_VERSION),
        _ => request,
    };
    let response = request.send().await?;
    if response.status().is_success() {
        return Ok(());
    }
    Err(failure::of_response(response, Some(key)).await)
}

fn below(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim().trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, HashSet};

    use flowstone_core::Error;
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::HttpSettings;

    fn credential(field: &str) -> Credential {
        Credential::new(BTreeMap::from([(field.to_owned(), "key-1".to_owned())]))
    }

    #[tokio::test]
    async fn a_key_is_shown_to_its_service_and_the_answer_is_told() {
        let site = FakeSite::start([]).await;
        let address = site.url("/");
        let port = url::Url::parse(&address).unwrap().port().unwrap();
        let allow = vec![format!("127.0.0.1:{port}")];
        let http = HttpClient::new(HttpSettings { allow, attempts: 1, ..HttpSettings::default() });
        let http = http.unwrap();
        let gateways = Gateways { anthropic: address.clone(), gemini: address };
        site.put("/v1/models?limit=1", SitePage::new("application/json", "{}"));
        let refused = r#"{"error":{"message":"no such key: key-1"}}"#;
        let refused = SitePage::new("application/json", refused).status(403);
        site.put("/v1beta/models?pageSize=1", refused);

        let claude = credential("anthropicApiKey");
        let good = check(&http, &gateways, "anthropicApi", &claude).await.unwrap();
        assert!(good.is_ok(), "{good:?}");
        let headers = &site.calls()[0].headers;
        assert_eq!(
            (&*headers["x-api-key"], &*headers["anthropic-version"]),
            ("key-1", "2023-06-01")
        );

        let google = credential("googleGenerativeAPIKey");
        let bad = check(&http, &gateways, "googleGenerativeAI", &google).await.unwrap();
        let Err(Error::Provider { status: 403, message }) = bad else { panic!("{bad:?}") };
        assert_eq!(message, "no such key: [key]");

        let empty = check(&http, &gateways, "anthropicApi", &google).await.unwrap();
        assert!(matches!(empty, Err(Error::Credential(_))), "{empty:?}");
        assert!(check(&http, &gateways, "someOtherApi", &google).await.is_none());
    }

    #[test]
    fn every_kind_is_listed_once_and_asked_over_https() {
        let kinds: HashSet<_> = CHECKS.iter().map(|it| it.kind).collect();
        assert_eq!(kinds.len(), CHECKS.len());
        for check in CHECKS {
            let address = match &check.place {
                Place::Fixed(address) | Place::Below(address, _) | Place::OfFields(address, _) => {
                    *address
                }
                Place::Anthropic(path) | Place::Gemini(path) => {
                    assert!(path.starts_with('/'));
                    continue;
                }
            };
            assert!(address.starts_with("https://"), "{}", check.kind);
        }
    }
}
