//! Everything a command needs of an installation: its database, secrets, clients and engine.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use flowstone_engine::{Catalog, Engine};
use flowstone_nodes::{CachePool, ModelList};
use flowstone_providers::{
    Gateways,
    http::{HttpClient, HttpSettings, ProxySettings},
    redis::RedisClients,
};
use flowstone_server::FlowPort;
use flowstone_storage::Storage;
use flowstone_store::{EncryptionKey, SecretFile, Store};

use crate::{
    config::{Config, Variables},
    file_storage, model_list,
};

/// How many browsers read pages at once: each takes some hundred megabytes.
#[cfg(feature = "browser")]
const BROWSERS: usize = 2;

/// An opened installation.
pub(crate) struct Installation {
    pub(crate) store: Store,
    pub(crate) key: EncryptionKey,
    pub(crate) engine: Arc<Engine>,
    pub(crate) flow_port: Arc<FlowPort>,
    pub(crate) client: Arc<HttpClient>,
    pub(crate) models: Arc<ModelList>,
    pub(crate) files: Arc<Storage>,
    #[cfg(feature = "mcp")]
    pub(crate) mcp: Arc<flowstone_mcp::Mcp>,
}

impl Installation {
    /// Opens the database, makes the secrets at a first start, and builds the engine.
    pub(crate) async fn open(config: &Config) -> Result<Self> {
        let store = Store::connect(&config.database).await.context("the database")?;
        let key = match &config.encryption_key_text {
            Some(text) => EncryptionKey::from_passphrase(text)?,
            None => EncryptionKey::from_bytes(
                SecretFile::load_or_create(&config.secrets.join("encryption.key"))?.bytes(),
            ),
        };
        let client = Arc::new(HttpClient::new(http_settings(&config.variables)?)?);
        let models = model_list::load(config, &client).await?;
        let files = Arc::new(file_storage::open(config)?);
        let flow_port = Arc::new(FlowPort::new(store.clone()));
        let (flows, stores) = (flow_port.clone(), flow_port.clone());
        let services =
            flowstone_server::services(&store, key.clone(), files.clone(), flows, stores)
                .with(client.clone())
                .with(Arc::new(gateways(&config.variables)))
                .with(Arc::new(RedisClients::new(client.clone())))
                .with(Arc::new(CachePool::default()))
                .with(models.clone());
        #[cfg(feature = "mcp")]
        let mcp = Arc::new(crate::mcp::client(&config.variables, client.clone())?);
        #[cfg(feature = "mcp")]
        let services = services.with(mcp.clone());
        #[cfg(feature = "javascript")]
        let services = services.with(Arc::new(sandbox(config, client.clone())?));
        #[cfg(feature = "local-models")]
        let services = services.with(Arc::new(local_models(config)?));
        #[cfg(feature = "browser")]
        let services = services
            .with(Arc::new(flowstone_browser::Browser::new(config.browser.clone(), BROWSERS)));
        #[cfg(feature = "documents")]
        let services =
            services.with(Arc::new(flowstone_nodes::DocumentFolder::new(&config.documents)));
        #[cfg(feature = "sql")]
        let services =
            services.with(Arc::new(flowstone_sql::SqliteFolder::new(&config.sqlite_folder)));
        #[cfg(feature = "sql")]
        let services = services
            .with(Arc::new(flowstone_sql::RecordFile::new(&config.records)))
            .with(Arc::new(flowstone_sql::VectorFolder::new(&config.vectors)));
        let disabled = config.variables.list("DISABLED_NODES").into_iter().collect();
        let catalog = Catalog::new(flowstone_nodes::ALL, &disabled)
            .with_aliases(flowstone_nodes::FORMER_NAMES);
        let engine = Arc::new(Engine::new(catalog, Arc::new(services)));
        Ok(Self {
            store,
            key,
            engine,
            flow_port,
            client,
            models,
            files,
            #[cfg(feature = "mcp")]
            mcp,
        })
    }

    /// The oldest workspace; empty where there is none yet, which owns nothing.
    pub(crate) async fn default_workspace(&self) -> Result<String> {
        let all = self.store.workspaces().list_all().await?;
        Ok(all.into_iter().next().map(|it| it.id).unwrap_or_default())
    }
}

/// What the environment says of outgoing calls.
pub(crate) fn http_settings(variables: &Variables) -> Result<HttpSettings> {
    let mut settings = HttpSettings::default();
    if variables.get("HTTP_ALLOW_LIST").is_some() {
        settings.allow = variables.list("HTTP_ALLOW_LIST");
    }
    settings.deny = variables.list("HTTP_DENY_LIST");
    settings.check = variables.flag("HTTP_SECURITY_CHECK", true)?;
    if let Some(path) = variables.get("NODE_EXTRA_CA_CERTS") {
        let read = std::fs::read(path);
        settings.authorities =
            read.with_context(|| format!("NODE_EXTRA_CA_CERTS: {path} cannot be read"))?;
    }
    let text = |name: &str| variables.get(name).map(str::to_owned);
    settings.proxy = ProxySettings {
        http: text("GLOBAL_AGENT_HTTP_PROXY"),
        https: text("GLOBAL_AGENT_HTTPS_PROXY").or_else(|| text("GLOBAL_AGENT_HTTP_PROXY")),
        bypass: variables.list("GLOBAL_AGENT_NO_PROXY"),
    };
    Ok(settings)
}

/// What the environment says of vendors whose nodes have no row for an address.
pub(crate) fn gateways(variables: &Variables) -> Gateways {
    let own = |name: &str, usual: String| variables.get(name).map_or(usual, str::to_owned);
    let usual = Gateways::default();
    Gateways {
        anthropic: own("ANTHROPIC_BASE_URL", usual.anthropic),
        gemini: own("GOOGLE_GEMINI_BASE_URL", usual.gemini),
    }
}

/// The JavaScript sandbox, whose `fetch` goes through the one client.
#[cfg(feature = "javascript")]
fn sandbox(config: &Config, client: Arc<HttpClient>) -> Result<flowstone_sandbox::Sandbox> {
    use flowstone_sandbox::{Limits, Sandbox};
    let milliseconds = config.variables.number("SANDBOX_TIMEOUT", 300_000)?;
    let limits =
        Limits { wall_time: std::time::Duration::from_millis(milliseconds), ..Limits::default() };
    Ok(Sandbox::new(limits, Some(Arc::new(crate::script_fetch::ScriptFetch(client)))))
}

/// The built-in models; nothing is loaded before one is asked.
#[cfg(feature = "local-models")]
fn local_models(config: &Config) -> Result<flowstone_local_models::LocalModels> {
    use flowstone_local_models::{LocalModels, Settings};
    let mut settings = Settings::new(&config.models_dir);
    settings.threads = config.variables.number("FLOWSTONE_MODEL_THREADS", settings.threads)?.max(1);
    settings.max_queue = config.variables.number("FLOWSTONE_MODEL_QUEUE", settings.max_queue)?;
    Ok(LocalModels::new(settings))
}
