//! `flowstone start`: the server.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use flowstone_nodes::{ModelKind, ModelList};
use flowstone_server::{
    AppParts, AppState, Asset, Mailer, OldLogin, Origins, Price, RunContent, RunSettings,
    ServerSettings, TokenKey, TrustedProxies,
};
use flowstone_storage::Storage;
use flowstone_store::SecretFile;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    assets::Embedded,
    config::{Config, KNOWN, Variables},
    examples,
    installation::{Installation, gateways},
    instance::Instance,
    logging,
    mail::SmtpMailer,
    outside, telemetry, templates,
};

/// How to start.
#[derive(Args)]
#[command(after_help = variables_help())]
pub(crate) struct Start {
    /// Any variable as a flag: --PORT=3000. A flag beats the environment.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<String>,
}

impl Start {
    /// Serves until the process is told to stop.
    pub(crate) async fn execute(self) -> Result<()> {
        let mut config = Config::read(&self.flags)?;
        let telemetry = Arc::new(telemetry::start(&config)?);
        logging::start(&config.log_level, config.log_json, &telemetry);
        warn_of_settings(&config)?;
        // Before anybody can reach the server: whoever sees it answer may already end it.
        let stop = stop_signal().context("signals")?;
        // The port first: a second server on it should not touch the database.
        let listener = TcpListener::bind(config.address).await.with_context(|| {
            format!("port {} cannot be used (PORT and HOST choose another)", config.address)
        })?;
        config.listens_on(listener.local_addr()?);
        arm_crash_point(&config)?;
        let installation = Installation::open(&config).await?;
        let instance = Instance::claim(&config.database, &installation.store).await?;
        tracing::debug!(name = instance.name, alone = instance.is_alone(), "this process");
        let mut beside = JoinSet::new();
        beside.spawn(look_for_files(installation.files));
        let example = if config.examples {
            examples::seed(&installation.store).await.context("the example flows")?
        } else {
            None
        };
        let token_key = token_key(&config)?;
        if config.variables.flag("EXPIRE_AUTH_TOKENS_ON_RESTART", false)? {
            // Every session ends before then.
            let far = chrono::Utc::now() + chrono::Duration::days(36_500);
            installation.store.sessions().delete_expired(far).await?;
        }
        let settings = server_settings(&config)?;
        let mailer = mailer(&config, &settings)?;
        let state = AppState::new(AppParts {
            store: installation.store,
            owner: instance.name.clone(),
            engine: installation.engine,
            flow_port: installation.flow_port,
            encryption_key: installation.key,
            token_key,
            settings,
            credential_specs: flowstone_nodes::CREDENTIALS.iter().collect::<Vec<_>>().leak(),
            icon,
            assets: Arc::new(Embedded),
            mailer,
            metrics: {
                let telemetry = telemetry.clone();
                Arc::new(move || telemetry.render())
            },
            templates: templates::all()?,
            outside: Arc::new(outside::Services {
                client: installation.client,
                gateways: gateways(&config.variables),
                #[cfg(feature = "mcp")]
                mcp: installation.mcp,
            }),
            price: price(installation.models),
        });
        greet(&config, example.as_deref());
        let store = state.store.clone();
        flowstone_server::serve(listener, state, stop).await;
        // Folds SQLite's log back into the file, so that a copy of the file alone is whole.
        store.close().await?;
        tokio::task::spawn_blocking(move || telemetry.stop()).await?;
        tracing::info!("stopped");
        Ok(())
    }
}

/// Warns where uploaded files cannot be reached. A cloud that does not answer takes a minute to say so,
/// which nobody is to wait for: what needs no file goes on, and what needs one is told when it asks.
async fn look_for_files(files: Arc<Storage>) {
    if let Err(error) = files.check().await {
        let cause = std::error::Error::source(&error).map(ToString::to_string);
        tracing::warn!(cause, "uploaded files: {error}");
    }
}

/// Sets where the process is to end, for tests of what becomes of runs then.
#[cfg(feature = "crash-points")]
fn arm_crash_point(config: &Config) -> Result<()> {
    let Some(text) = config.variables.get("FLOWSTONE_CRASH_AT") else { return Ok(()) };
    flowstone_store::crash::arm(text)
        .map_err(|wrong| anyhow::anyhow!("FLOWSTONE_CRASH_AT: {wrong}"))
}

#[cfg(not(feature = "crash-points"))]
#[expect(clippy::unnecessary_wraps, reason = "as where there are crash points")]
fn arm_crash_point(_: &Config) -> Result<()> {
    Ok(())
}

/// Listens for Ctrl-C and a polite request to end from now on, and gives the wait for one.
#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Gives the wait for Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn warn_of_settings(config: &Config) -> Result<()> {
    if !config.variables.flag("HTTP_SECURITY_CHECK", true)? {
        tracing::warn!(
            "HTTP_SECURITY_CHECK=false: flows may call every address this machine can reach, \
             also private ones; HTTP_ALLOW_LIST opens single ones instead"
        );
    }
    for name in config.without_effect() {
        tracing::warn!("{name} is set, but this version does nothing with it");
    }
    Ok(())
}

fn token_key(config: &Config) -> Result<TokenKey> {
    match config.variables.get("JWT_AUTH_TOKEN_SECRET") {
        Some(text) if text.len() < 32 => {
            anyhow::bail!("JWT_AUTH_TOKEN_SECRET: at least 32 characters are needed")
        }
        Some(text) => Ok(TokenKey::new(text.as_bytes().to_vec())),
        None => {
            let secret = SecretFile::load_or_create(&config.secrets.join("token.key"))?;
            Ok(TokenKey::new(secret.bytes().to_vec()))
        }
    }
}

fn mailer(config: &Config, settings: &ServerSettings) -> Result<Option<Arc<dyn Mailer>>> {
    let Some(mailer) = SmtpMailer::of(&config.variables)? else { return Ok(None) };
    if settings.link_base().is_none() {
        tracing::warn!(
            "APP_URL is {}: links for new passwords are sent only where it begins with https://",
            config.app_url
        );
    }
    Ok(Some(Arc::new(mailer)))
}

/// The login of an installation from before there were accounts.
fn old_login(config: &Config) -> Option<OldLogin> {
    let text = |name: &str| config.variables.get(name).map(str::to_owned);
    Some(OldLogin { user: text("FLOWISE_USERNAME")?, password: text("FLOWISE_PASSWORD")? })
}

fn server_settings(config: &Config) -> Result<ServerSettings> {
    let variables = &config.variables;
    let https = config.app_url.starts_with("https://");
    let minutes = |name: &str, default: u64| -> Result<Duration> {
        Ok(Duration::from_mins(variables.number(name, default)?))
    };
    let origins = variables.list("CORS_ORIGINS");
    let frames = variables.list("IFRAME_ORIGINS");
    Ok(ServerSettings {
        app_url: Some(config.app_url.clone()),
        secure_cookies: variables.flag("SECURE_COOKIES", https)?,
        cors_origins: if origins.iter().any(|it| it == "*") {
            Origins::Any
        } else {
            Origins::Listed(origins)
        },
        cors_credentials: variables.flag("CORS_ALLOW_CREDENTIALS", false)?,
        frame_ancestors: if frames.is_empty() { "'self'".to_owned() } else { frames.join(" ") },
        body_limit: config.body_limit,
        request_patience: Duration::from_secs(
            variables.number("FLOWSTONE_REQUEST_PATIENCE", 60_u64)?.max(1),
        ),
        trusted_proxies: trusted_proxies(variables.get("TRUST_PROXY"))?,
        reset_token_life: minutes("PASSWORD_RESET_TOKEN_EXPIRY_IN_MINS", 15)?,
        old_login: old_login(config),
        access_token_life: minutes("JWT_TOKEN_EXPIRY_IN_MINUTES", 60)?,
        refresh_token_life: minutes("JWT_REFRESH_TOKEN_EXPIRY_IN_MINUTES", 129_600)?,
        versions_kept: variables.number("FLOWSTONE_FLOW_VERSIONS", 100)?,
        runs: run_settings(variables)?,
        shortest_schedule: Duration::from_secs(
            variables.number("MIN_SCHEDULE_INTERVAL_SECONDS", 60_u64)?.max(1),
        ),
        ..ServerSettings::default()
    })
}

/// Unset believes one proxy at a private address, as a reverse proxy on the same machine or in the
/// same cluster is; `true` one wherever it is, `false` none, a number so many.
fn trusted_proxies(text: Option<&str>) -> Result<TrustedProxies> {
    match text {
        None => Ok(TrustedProxies::Private),
        Some("true") => Ok(TrustedProxies::Count(1)),
        Some("false") => Ok(TrustedProxies::Count(0)),
        Some(number) => number.parse().map(TrustedProxies::Count).with_context(|| {
            format!("TRUST_PROXY: \"{number}\" is none of true, false and a number of proxies")
        }),
    }
}

/// What model calls cost, by the list of this installation.
fn price(models: Arc<ModelList>) -> Price {
    Arc::new(move |node, model, usage| {
        let (input, output) = models.price(ModelKind::Chat, node, model)?;
        #[expect(clippy::cast_precision_loss, reason = "no call has that many tokens")]
        let cost = |tokens: u64, each: f64| tokens as f64 * each;
        Some(cost(usage.input_tokens, input) + cost(usage.output_tokens, output))
    })
}

/// What the environment says of the history of runs.
fn run_settings(variables: &Variables) -> Result<RunSettings> {
    let usual = RunSettings::default();
    let content = match variables.get("FLOWSTONE_RUN_HISTORY") {
        None | Some("full") => RunContent::Full,
        Some("outline") => RunContent::Outline,
        Some("off") => RunContent::Off,
        Some(other) => {
            bail!("FLOWSTONE_RUN_HISTORY: \"{other}\" is none of full, outline and off")
        }
    };
    Ok(RunSettings {
        content,
        days: variables.number("FLOWSTONE_RUN_HISTORY_DAYS", usual.days)?,
        most: variables.number("FLOWSTONE_RUN_HISTORY_RUNS", usual.most)?,
    })
}

fn icon(file: &str) -> Option<Asset> {
    let bytes = flowstone_nodes::icon(file)?;
    // Every icon of ours is a drawing; a law over the catalog holds that.
    Some(Asset { bytes: bytes.into(), content_type: "image/svg+xml".into(), immutable: false })
}

fn greet(config: &Config, example: Option<&str>) {
    let url = &config.app_url;
    let mut text = format!("\n  Flowstone is ready: {url}\n");
    if let Some(id) = example {
        let _ = write!(
            text,
            "\n  Ask the example flow (no key needed):\n\n    curl -N {url}/api/v1/prediction/{id} \\\n      -H 'Content-Type: application/json' \\\n      -d '{{\"question\": \"What is the capital of France?\", \"streaming\": true}}'\n"
        );
    }
    super::say(&text);
}

fn variables_help() -> String {
    let mut text = "Variables (environment, .env or --NAME=value):\n".to_owned();
    for it in KNOWN {
        let _ = writeln!(text, "  {:<38} {} [{}]", it.name, it.meaning, it.default);
    }
    text
}
