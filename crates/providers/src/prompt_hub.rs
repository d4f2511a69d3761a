//! Prompts that people published in LangChain's hub.

use flowstone_core::{Error, Result};
use serde::Deserialize;
use serde_json::Value;

use crate::{failure, http::HttpClient};

/// Where the hub is.
pub const HUB: &str = "https://api.hub.langchain.com";
/// How many prompts are listed.
const LISTED: u32 = 100;
/// Longest answer, in bytes.
const LONGEST: usize = 8 * 1024 * 1024;

/// The most liked prompts, with these tags where there are some.
///
/// # Errors
/// The hub's, and where it cannot be reached.
pub async fn list(client: &HttpClient, hub: &str, tags: &str) -> Result<Vec<Value>> {
    #[derive(Deserialize)]
    struct Listed {
        #[serde(default)]
        repos: Vec<Value>,
    }
    let mut request = client.get(&format!("{hub}/repos/"))?.query("limit", LISTED);
    if !tags.is_empty() {
        request = request.query("tags", tags);
    }
    let request = request
        .query("has_commits", true)
        .query("sort_field", "num_likes")
        .query("sort_direction", "desc")
        .query("is_archived", false);
    let response = request.send().await?;
    if !response.status().is_success() {
        return Err(failure::of_response(response, None).await);
    }
    Ok(response.json::<Listed>(LONGEST).await?.repos)
}

/// The manifest of the prompt `name`: `owner/prompt`, or with the hash of a version
/// `owner/prompt:hash`.
///
/// # Errors
/// `Unsupported` for what is no such name, else the hub's.
pub async fn manifest(client: &HttpClient, hub: &str, name: &str) -> Result<Value> {
    #[derive(Deserialize)]
    struct Commit {
        manifest: Value,
    }
    let (name, version) = name.trim().split_once(':').unwrap_or((name.trim(), "latest"));
    let (owner, prompt) = name.split_once('/').unwrap_or(("-", name));
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_.".contains(&it))
    };
    if ![owner, prompt, version].into_iter().all(plain) {
        return Err(Error::Unsupported(format!(
            "{name:?} is no name of a published prompt, such as owner/prompt"
        )));
    }
    let response = client.get(&format!("{hub}/commits/{owner}/{prompt}/{version}"))?.send().await?;
    if !response.status().is_success() {
        return Err(failure::of_response(response, None).await);
    }
    Ok(response.json::<Commit>(LONGEST).await?.manifest)
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::HttpSettings;

    #[tokio::test]
    async fn prompts_are_listed_and_read_by_name() {
        let site = FakeSite::start([]).await;
        let json = |text: &'static str| SitePage::new("application/json", text);
        site.put(
            "/commits/ann/summary/latest",
            json(r#"{"manifest":{"kwargs":{"template":"Sum up {text}"}}}"#),
        );
        let place = url::Url::parse(&site.url("/")).unwrap();
        let allow = vec![format!("127.0.0.1:{}", place.port().unwrap())];
        let settings = HttpSettings { allow, attempts: 1, ..HttpSettings::default() };
        let client = HttpClient::new(settings).unwrap();
        let hub = site.url("");
        let found = manifest(&client, &hub, "ann/summary").await.unwrap();
        assert_eq!(found["kwargs"]["template"], "Sum up {text}");
        for bad in ["", "a/b/c", "../x", "a/..", "a b/c"] {
            let said = manifest(&client, &hub, bad).await.unwrap_err();
            assert!(matches!(said, Error::Unsupported(_)), "{bad}: {said}");
        }
        let said = list(&client, &hub, "").await.unwrap_err();
        assert!(matches!(said, Error::Provider { status: 404, .. }), "{said}");
    }
}
