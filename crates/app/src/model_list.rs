//! The list of models and prices: what ships, or what `MODEL_LIST_CONFIG_JSON` points to.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use flowstone_nodes::ModelList;
use flowstone_providers::HttpClient;

use crate::config::Config;

/// The variable that names the list.
const VARIABLE: &str = "MODEL_LIST_CONFIG_JSON";
/// Longest list that is read, in bytes.
const LONGEST: usize = 16 << 20;

/// The list of this installation.
///
/// # Errors
/// A file that cannot be read, or a list that is malformed. An address that does not answer is
/// only warned of: the server of a list must not keep this one from starting.
pub(crate) async fn load(config: &Config, client: &HttpClient) -> Result<Arc<ModelList>> {
    let shipped = ModelList::shipped();
    let Some(place) = config.variables.get(VARIABLE) else { return Ok(shipped) };
    let text = if is_address(place) {
        match fetch(client, place).await {
            Ok(text) => text,
            Err(error) => {
                tracing::warn!("{VARIABLE}: {error:#}; the list that ships is used instead");
                return Ok(shipped);
            }
        }
    } else {
        let path = config.variables.path(VARIABLE).unwrap_or_else(|| place.into());
        let read = tokio::fs::read_to_string(path).await;
        read.with_context(|| format!("{VARIABLE}: the file \"{place}\" cannot be read"))?
    };
    let own = ModelList::parse(&text)
        .with_context(|| format!("{VARIABLE}: \"{place}\" holds no list of models"))?;
    Ok(Arc::new(own.over(&shipped)))
}

fn is_address(place: &str) -> bool {
    place.starts_with("http://") || place.starts_with("https://")
}

async fn fetch(client: &HttpClient, address: &str) -> Result<String> {
    let response = client.get(address)?.send().await?;
    if !response.status().is_success() {
        bail!("\"{address}\" answered {}", response.status());
    }
    Ok(response.text(LONGEST).await?)
}

#[cfg(test)]
mod tests {
    use flowstone_nodes::ModelKind;
    use flowstone_providers::HttpSettings;
    use flowstone_testkit::{FakeProvider, Reply};

    use super::*;
    use crate::config::Variables;

    const OWN: &str = r#"{"chat": [{"name": "chatOpenAI", "models": [{"name": "ours"}]}]}"#;

    async fn load_from(place: &str) -> Result<Arc<ModelList>> {
        let host = place.strip_prefix("http://").and_then(|it| it.split('/').next());
        let allow = host.map(str::to_owned).into_iter().collect();
        let settings = HttpSettings { allow, ..HttpSettings::default() };
        let variables = Variables::of(&[(VARIABLE, place)]);
        let config = Config::from_variables(variables).unwrap();
        load(&config, &HttpClient::new(settings).unwrap()).await
    }

    fn first(list: &ModelList) -> String {
        list.models(ModelKind::Chat, "chatOpenAI").swap_remove(0).name
    }

    #[tokio::test]
    async fn a_file_replaces_what_ships() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("models.json");
        std::fs::write(&path, OWN).unwrap();
        let path = path.to_str().unwrap();
        assert_eq!(first(&load_from(path).await.unwrap()), "ours");

        std::fs::write(path, "{").unwrap();
        let said = load_from(path).await.unwrap_err().to_string();
        assert!(said.starts_with(VARIABLE) && said.ends_with("holds no list of models"), "{said}");
        let said = load_from("no/such/file.json").await.unwrap_err().to_string();
        assert!(said.ends_with("the file \"no/such/file.json\" cannot be read"), "{said}");
    }

    #[tokio::test]
    async fn an_address_is_asked_and_may_fail() {
        let provider = FakeProvider::start().await;
        let address = format!("{}/chat/completions", provider.base_url());
        provider.reply(Reply::raw(200, "application/json", [OWN]));
        assert_eq!(first(&load_from(&address).await.unwrap()), "ours");
        let shipped = first(&ModelList::shipped());
        let gone = format!("{}/nothing/here", provider.base_url());
        assert_eq!(first(&load_from(&gone).await.unwrap()), shipped);
    }
}
