//! The one outbound HTTP client: pool, proxy, time limits, address check and retries in one place.
//!
//! Nobody outside of this module holds a `reqwest::Client`, so no call can go around the address
//! check. Redirects are followed here, hop by hop, each with the same check.

mod dial;
mod failure;
mod fetch;
mod guard;
mod lookup;
mod proxy;
mod request;
mod response;
mod retry;
mod services;

use std::{net::IpAddr, sync::Arc, time::Duration};

use flowstone_core::{Error, Result};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};
use url::Url;

pub use dial::Wire;
pub use fetch::{Fetch, Fetched};
pub use proxy::ProxySettings;
pub use request::Request;
pub use reqwest::{Method, StatusCode, header};
pub use response::Response;
pub use retry::Retry;

use guard::{Guard, Verdict};
use lookup::{Checked, Lookup, SystemLookup, Unchecked};
use proxy::Proxies;

/// Told to every server we call.
const USER_AGENT: &str = concat!("flowstone/", env!("CARGO_PKG_VERSION"));

/// How long an unused connection is kept for the next call.
const KEEP_IDLE: Duration = Duration::from_secs(90);

/// What an installation decides about outgoing calls.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// Exact `host:port` entries that may be called whatever they lead to (`HTTP_ALLOW_LIST`).
    pub allow: Vec<String>,
    /// Whether private and reserved addresses are refused (`HTTP_SECURITY_CHECK`).
    pub check: bool,
    /// Hosts, addresses and networks that are refused on top (`HTTP_DENY_LIST`).
    pub deny: Vec<String>,
    /// Certificates of authorities that are trusted on top of the machine's own and those of the
    /// public web, in PEM (`NODE_EXTRA_CA_CERTS`); may be empty.
    pub authorities: Vec<u8>,
    /// Where calls go through.
    pub proxy: ProxySettings,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long a server may be silent in the middle of an exchange.
    pub idle_timeout: Duration,
    /// How often a call is tried in all, at least once.
    pub attempts: u32,
    /// Pause before the second try; it doubles with each further one.
    pub first_pause: Duration,
}

impl Default for HttpSettings {
    /// Checked, with only Ollama's usual place on this machine allowed.
    fn default() -> Self {
        Self {
            allow: vec!["localhost:11434".to_owned()],
            check: true,
            deny: Vec::new(),
            authorities: Vec::new(),
            proxy: ProxySettings::default(),
            connect_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(5),
            attempts: 3,
            first_pause: Duration::from_millis(500),
        }
    }
}

/// Makes all outgoing calls; shared by everything that calls out.
pub struct HttpClient {
    settings: HttpSettings,
    tls: Arc<ClientConfig>,
    guard: Arc<Guard>,
    lookup: Arc<dyn Lookup>,
    proxies: Proxies,
    /// Connects to addresses that pass the check, for targets nobody vouched for.
    checked: reqwest::Client,
    /// Connects anywhere, for targets on the allow list only.
    unchecked: reqwest::Client,
    /// Connects to the proxy, which then connects to the target.
    proxied: Option<reqwest::Client>,
}

impl HttpClient {
    /// Makes the client of an installation.
    ///
    /// # Errors
    /// `InvalidInput` naming the setting that cannot be understood.
    pub fn new(settings: HttpSettings) -> Result<Self> {
        Self::with_lookup(settings, Arc::new(SystemLookup))
    }

    /// The same client, which trusts the certificates in `pem` on top.
    ///
    /// # Errors
    /// `Unsupported` where there is none in it, or one that is no authority's.
    pub fn trusting(&self, pem: &[u8]) -> Result<Self> {
        Self::build(self.settings.clone(), self.lookup.clone(), pem)
    }

    /// The same with another way to find addresses of names.
    pub(crate) fn with_lookup(settings: HttpSettings, lookup: Arc<dyn Lookup>) -> Result<Self> {
        Self::build(settings, lookup, &[])
    }

    fn build(settings: HttpSettings, lookup: Arc<dyn Lookup>, trusted: &[u8]) -> Result<Self> {
        let guard = Arc::new(Guard::new(&settings)?);
        let proxies = Proxies::new(&settings.proxy)?;
        let tls = tls(&settings.authorities, trusted)?;
        let checked = builder(&settings, &tls)
            .dns_resolver(Checked { guard: guard.clone(), lookup: lookup.clone() });
        let unchecked = builder(&settings, &tls).dns_resolver(Unchecked(lookup.clone()));
        let by_proxy = proxies.clients()?.map(|list| {
            let plain = builder(&settings, &tls).dns_resolver(Unchecked(lookup.clone()));
            list.into_iter().fold(plain, reqwest::ClientBuilder::proxy)
        });
        Ok(Self {
            checked: checked.build().map_err(|error| failure::unusable(&error))?,
            unchecked: unchecked.build().map_err(|error| failure::unusable(&error))?,
            proxied: by_proxy
                .map(reqwest::ClientBuilder::build)
                .transpose()
                .map_err(|error| failure::unusable(&error))?,
            settings,
            tls: Arc::new(tls),
            guard,
            lookup,
            proxies,
        })
    }

    /// Begins a call. Nothing is sent before [`Request::send`].
    ///
    /// # Errors
    /// `Transport` where `url` is no address.
    pub fn request(&self, method: Method, url: &str) -> Result<Request<'_>> {
        Request::new(self, method, url)
    }

    /// Begins a `GET`.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub fn get(&self, url: &str) -> Result<Request<'_>> {
        self.request(Method::GET, url)
    }

    /// Begins a `POST`.
    ///
    /// # Errors
    /// As [`request`](Self::request).
    pub fn post(&self, url: &str) -> Result<Request<'_>> {
        self.request(Method::POST, url)
    }

    /// The addresses of a server that is not spoken to by HTTP, such as a database, under the rules
    /// of HTTP calls: only what may be called is given. Connect to one of them and not to the
    /// name, which may lead somewhere else a moment later.
    ///
    /// # Errors
    /// `AddressRefused` where it may not be called; `Transport` where the name is unknown.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<IpAddr>> {
        let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        let url = Url::parse(&format!("http://{bracketed}:{port}/")).ok();
        let url = url.filter(|it| it.path() == "/" && it.username().is_empty());
        let Some(url) = url else {
            return Err(Error::Transport(format!("{host:?} is no name of a server")));
        };
        let verdict = self.guard.judge(&url)?;
        let mut addresses = match url.host() {
            Some(url::Host::Ipv4(it)) => vec![it.into()],
            Some(url::Host::Ipv6(it)) => vec![it.into()],
            _ => self.lookup.lookup(url.host_str().unwrap_or_default()).await.unwrap_or_default(),
        };
        if addresses.is_empty() {
            return Err(Error::Transport(format!("there is no server called {host}")));
        }
        if verdict == Verdict::ToBeChecked {
            addresses.retain(|it| !self.guard.refuses(*it));
        }
        if addresses.is_empty() { Err(guard::refusal(&url)) } else { Ok(addresses) }
    }

    /// Chooses who connects to `url`, after checking all that can be checked before connecting.
    async fn connector(&self, url: &Url) -> Result<&reqwest::Client> {
        let verdict = self.guard.judge(url)?;
        if let Some(proxied) = self.proxied.as_ref().filter(|_| self.proxies.covers(url)) {
            // The proxy looks the name up, so this is the only place for a check of ours. A name
            // that only the proxy knows has no address here and is left to it.
            if verdict == Verdict::ToBeChecked
                && let Some(host) = url.domain()
                && let Ok(addresses) = self.lookup.lookup(host).await
                && addresses.iter().any(|it| self.guard.refuses(*it))
            {
                return Err(guard::refusal(url));
            }
            return Ok(proxied);
        }
        Ok(match verdict {
            Verdict::Allowed => &self.unchecked,
            Verdict::ToBeChecked => &self.checked,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes clients")]
fn builder(settings: &HttpSettings, tls: &ClientConfig) -> reqwest::ClientBuilder {
    let mut tls = tls.clone();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.idle_timeout)
        .pool_idle_timeout(KEEP_IDLE)
        .tcp_keepalive(Duration::from_mins(1))
        .http2_keep_alive_interval(Duration::from_secs(30))
        .http2_adaptive_window(true)
}

/// Trusts what the machine trusts and the roots of the public web, so that a bare container
/// without certificates works too. On top the certificates in PEM that the installation names, and
/// those of one call.
fn tls(authorities: &[u8], more: &[u8]) -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    trust(&mut roots, authorities).map_err(|error| {
        Error::Unsupported(format!("NODE_EXTRA_CA_CERTS names another file: {error}"))
    })?;
    trust(&mut roots, more)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| failure::unusable(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn trust(roots: &mut RootCertStore, pem: &[u8]) -> Result<()> {
    if pem.is_empty() {
        return Ok(());
    }
    let trusted = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let trusted = trusted.ok().filter(|it| !it.is_empty()).ok_or_else(not_trusted)?;
    for certificate in trusted {
        roots.add(certificate).map_err(|_| not_trusted())?;
    }
    Ok(())
}

fn not_trusted() -> Error {
    Error::Unsupported(
        "a certificate of an authority is expected, in PEM (-----BEGIN CERTIFICATE-----)"
            .to_owned(),
    )
}

#[cfg(test)]
mod tests;
