//! What handlers work with, made once by the program.

use std::{borrow::Cow, fmt, ops::Deref, sync::Arc, time::Duration};

use flowstone_core::{CredentialSpec, Usage};
use flowstone_engine::Engine;
use flowstone_store::{EncryptionKey, Store};

use tokio::sync::{Notify, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Letter, Mailer, Outside,
    auth::Attempts,
    document_store::Work,
    prediction::{FlowLimits, FlowPort, Followers, Listeners, LiveFlows, Stops, Walking},
    routes::{Catalogues, FlowContents},
    runs::{RunLog, RunSettings},
};

/// Most letters that are on their way at once.
const MAILS: usize = 16;

/// What the program hands to the server.
pub struct AppParts {
    /// The database.
    pub store: Store,
    /// The name under which this process owns runs of agentflows: no other may have it.
    pub owner: String,
    /// Runs flows and knows the nodes.
    pub engine: Arc<Engine>,
    /// The port through which the engine's nodes ask flows; bound to this server.
    pub flow_port: Arc<FlowPort>,
    /// Seals credentials.
    pub encryption_key: EncryptionKey,
    /// Signs access tokens.
    pub token_key: TokenKey,
    /// How the server behaves.
    pub settings: ServerSettings,
    /// Every kind of credential, in the order of the list.
    pub credential_specs: &'static [&'static CredentialSpec],
    /// Finds the picture of a node or a credential by the file name in its spec.
    pub icon: fn(&str) -> Option<Asset>,
    /// The web pages.
    pub assets: Arc<dyn Assets>,
    /// Carries letters, where the operator gave it a mail server.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// Gives the numbers for Prometheus; `None` where they are not kept.
    pub metrics: Arc<dyn Fn() -> Option<String> + Send + Sync>,
    /// Flows to start from.
    pub templates: Vec<TemplateFile>,
    /// Services that routes ask.
    pub outside: Arc<dyn Outside>,
    /// What a model call costs in US dollars, by the kind of its node and the name of its model;
    /// `None` where that is not known.
    pub price: Price,
}

/// See [`AppParts::price`].
pub type Price = Arc<dyn Fn(&str, &str, Usage) -> Option<f64> + Send + Sync>;

/// What handlers work with; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// The inside of [`AppState`].
pub struct Shared {
    parts: AppParts,
    pub(crate) attempts: Attempts,
    /// New passwords that were asked for, and tokens that were tried.
    pub(crate) resets: Attempts,
    /// Letters on their way at once.
    pub(crate) mails: Arc<Semaphore>,
    pub(crate) catalogues: Catalogues,
    /// What flows in lists are made of.
    pub(crate) flow_contents: FlowContents,
    /// Flows that were called lately.
    pub(crate) flows: LiveFlows,
    /// Who called which flow how often.
    pub(crate) flow_limits: FlowLimits,
    /// Document stores that are worked on.
    pub(crate) document_work: Work,
    /// Runs that have ended and are still to be written down.
    pub(crate) run_log: RunLog,
    /// Runs that can be stopped.
    pub(crate) stops: Stops,
    /// Pages that listen to webhooks.
    pub(crate) listeners: Listeners,
    /// Told when a schedule was changed here.
    pub(crate) schedule_changed: Notify,
    /// Who follows which run of an agentflow.
    pub(crate) followers: Followers,
    /// The runs of agentflows that this process walks.
    pub(crate) walking: Walking,
    /// Cancelled when the server goes: runs that can go on elsewhere stop where they are.
    pub(crate) leaving: CancellationToken,
    /// Runs whose answer goes out in pieces; they end by themselves when nobody listens.
    pub(crate) tasks: TaskTracker,
}

impl AppState {
    /// Prepares what does not change while the server runs.
    pub fn new(parts: AppParts) -> Self {
        let attempts = Attempts::new(parts.settings.login_attempts);
        let resets = Attempts::new(parts.settings.reset_attempts);
        let catalogues = Catalogues::new(&parts);
        let shared = Arc::new(Shared {
            parts,
            attempts,
            resets,
            mails: Arc::new(Semaphore::new(MAILS)),
            catalogues,
            flow_contents: FlowContents::new(),
            flows: LiveFlows::new(),
            flow_limits: FlowLimits::default(),
            document_work: Work::default(),
            run_log: RunLog::default(),
            stops: Stops::default(),
            listeners: Listeners::default(),
            schedule_changed: Notify::new(),
            followers: Followers::default(),
            walking: Walking::default(),
            leaving: CancellationToken::new(),
            tasks: TaskTracker::new(),
        });
        shared.flow_port.bind(Arc::downgrade(&shared));
        Self(shared)
    }
}

impl From<Arc<Shared>> for AppState {
    fn from(shared: Arc<Shared>) -> Self {
        Self(shared)
    }
}

impl Shared {
    /// Sends a letter; one that does not leave is only for the log, since its reader is elsewhere.
    pub(crate) async fn post(&self, letter: Letter) {
        let Some(mailer) = &self.parts.mailer else { return };
        if let Err(reason) = mailer.send(letter).await {
            tracing::warn!(reason, "a mail did not leave");
        }
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Deref for Shared {
    type Target = AppParts;

    fn deref(&self) -> &AppParts {
        &self.parts
    }
}

/// How the server behaves. Read from the environment by the program, never here.
#[derive(Clone, Debug)]
pub struct ServerSettings {
    /// Where people reach this installation, such as `https://flows.example.com`, without a slash
    /// at the end. Links are made of it, never of what a request says.
    pub app_url: Option<String>,
    /// Whether cookies are only sent over HTTPS.
    pub secure_cookies: bool,
    /// Web pages of which origins may read answers.
    pub cors_origins: Origins,
    /// Whether such pages may send cookies along; never with [`Origins::Any`].
    pub cors_credentials: bool,
    /// Which sites may show our pages in a frame: the sources of `frame-ancestors`.
    pub frame_ancestors: String,
    /// Largest body of a request in bytes.
    pub body_limit: usize,
    /// How long a client may take to send a request's head, and to begin with its body.
    pub request_patience: Duration,
    /// Whose word on where a request comes from is believed.
    pub trusted_proxies: TrustedProxies,
    /// How often a sign-in may fail.
    pub login_attempts: AttemptLimits,
    /// How often a new password may be asked for, or a token for one tried.
    pub reset_attempts: AttemptLimits,
    /// How long the link for a new password is good for.
    pub reset_token_life: Duration,
    /// Whoever sets up the first account gives this once.
    pub old_login: Option<OldLogin>,
    /// How long an access token is good for.
    pub access_token_life: Duration,
    /// How long a session lives without being used.
    pub refresh_token_life: Duration,
    /// How many versions of each flow are kept.
    pub versions_kept: u32,
    /// What is kept of runs.
    pub runs: RunSettings,
    /// The shortest time between two runs of a flow by its schedule.
    pub shortest_schedule: Duration,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            app_url: None,
            secure_cookies: false,
            cors_origins: Origins::Listed(Vec::new()),
            cors_credentials: false,
            frame_ancestors: "'self'".to_owned(),
            body_limit: 50 * 1024 * 1024,
            request_patience: Duration::from_mins(1),
            trusted_proxies: TrustedProxies::Count(0),
            login_attempts: AttemptLimits::default(),
            reset_attempts: AttemptLimits {
                per_account: 5,
                per_address: 20,
                ..AttemptLimits::default()
            },
            reset_token_life: Duration::from_mins(15),
            old_login: None,
            access_token_life: Duration::from_hours(1),
            refresh_token_life: Duration::from_hours(24 * 30),
            versions_kept: 100,
            runs: RunSettings::default(),
            shortest_schedule: Duration::from_mins(1),
        }
    }
}

impl ServerSettings {
    /// The address that links with a token may begin with: over HTTPS, or on this very machine, so
    /// that nobody on the way reads them.
    pub fn link_base(&self) -> Option<&str> {
        let url = self.app_url.as_deref()?;
        let parsed = url::Url::parse(url).ok()?;
        let here = match parsed.host()? {
            url::Host::Domain(name) => name == "localhost" || name.ends_with(".localhost"),
            url::Host::Ipv4(address) => address.is_loopback(),
            url::Host::Ipv6(address) => address.is_loopback(),
        };
        (parsed.scheme() == "https" || (parsed.scheme() == "http" && here)).then_some(url)
    }
}

/// A user name and password from before there were accounts. `Debug` does not show the password.
#[derive(Clone)]
pub struct OldLogin {
    /// `FLOWISE_USERNAME`.
    pub user: String,
    /// `FLOWISE_PASSWORD`.
    pub password: String,
}

impl fmt::Debug for OldLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("OldLogin").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Proxies in front, whose additions to `X-Forwarded-For` are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrustedProxies {
    /// One, where it calls from a private or loopback address: no client of the internet does.
    Private,
    /// So many, wherever they are; 0 believes none.
    Count(usize),
}

/// Origins of web pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origins {
    /// Every origin.
    Any,
    /// These, such as `https://shop.example.com`; none by default.
    Listed(Vec<String>),
}

/// How often something may fail before its maker has to wait.
#[derive(Clone, Copy, Debug)]
pub struct AttemptLimits {
    /// Failures for one account.
    pub per_account: u32,
    /// Failures from one address.
    pub per_address: u32,
    /// How long failures are remembered.
    pub window: Duration,
}

impl Default for AttemptLimits {
    fn default() -> Self {
        Self { per_account: 10, per_address: 50, window: Duration::from_mins(15) }
    }
}

/// The secret that signs access tokens. `Debug` does not show it.
#[derive(Clone)]
pub struct TokenKey(Vec<u8>);

impl TokenKey {
    /// From at least 32 random bytes.
    pub fn new(secret: impl Into<Vec<u8>>) -> Self {
        Self(secret.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenKey")
    }
}

/// A file of the web pages or a picture.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its bytes.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type, such as `image/svg+xml`.
    pub content_type: Cow<'static, str>,
    /// Whether its name changes with its content, so that browsers may keep it for ever.
    pub immutable: bool,
}

/// A flow to start others from. Its text is an ordinary export with `description`, `usecases`,
/// `framework`, `badge` and `type` on top.
#[derive(Clone, Debug)]
pub struct TemplateFile {
    /// Its id, the same at every start.
    pub id: String,
    /// Its title.
    pub name: String,
    /// The text of its JSON.
    pub text: String,
}

/// The web pages, wherever the program keeps them.
pub trait Assets: Send + Sync {
    /// The file at a path without a leading slash, such as `assets/index-3f2a.js`. The single page
    /// itself is `index.html`.
    fn get(&self, path: &str) -> Option<Asset>;
}
