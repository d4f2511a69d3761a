//! Which calls go through a proxy.

use flowstone_core::{Error, Result};
use url::{Host, Url};

/// Proxies of an installation.
#[derive(Clone, Debug, Default)]
pub struct ProxySettings {
    /// Proxy of `http:` calls (`GLOBAL_AGENT_HTTP_PROXY`), and of `https:` ones where the next is
    /// not set.
    pub http: Option<String>,
    /// Proxy of `https:` calls (`GLOBAL_AGENT_HTTPS_PROXY`).
    pub https: Option<String>,
    /// Host patterns that are called directly (`GLOBAL_AGENT_NO_PROXY`): `*` stands for any text,
    /// `:port` at the end limits a pattern to that port.
    pub bypass: Vec<String>,
}

/// The same, understood.
#[derive(Debug)]
pub(super) struct Proxies {
    http: Option<Url>,
    https: Option<Url>,
    bypass: Vec<(String, Option<u16>)>,
}

impl Proxies {
    pub(super) fn new(settings: &ProxySettings) -> Result<Self> {
        let http = proxy("GLOBAL_AGENT_HTTP_PROXY", settings.http.as_deref())?;
        let https = proxy("GLOBAL_AGENT_HTTPS_PROXY", settings.https.as_deref())?;
        let patterns = settings.bypass.iter().map(|it| it.trim().to_ascii_lowercase());
        let bypass = patterns.filter(|it| !it.is_empty()).map(|pattern| {
            let limited = pattern.rsplit_once(':').and_then(|(host, port)| {
                let is_name = !host.contains(':') || host.ends_with(']');
                is_name.then(|| Some((host.to_owned(), port.parse().ok()?)))?
            });
            limited.map_or_else(|| (pattern.clone(), None), |(host, port)| (host, Some(port)))
        });
        Ok(Self { https: https.or_else(|| http.clone()), http, bypass: bypass.collect() })
    }

    /// The proxies as reqwest takes them; `None` where there are none.
    pub(super) fn clients(&self) -> Result<Option<Vec<reqwest::Proxy>>> {
        let http = self.http.iter().map(|it| reqwest::Proxy::http(it.as_str()));
        let https = self.https.iter().map(|it| reqwest::Proxy::https(it.as_str()));
        let all: Vec<_> = http
            .chain(https)
            .collect::<Result<_, _>>()
            .map_err(|error| super::failure::unusable(&error))?;
        Ok(Some(all).filter(|it| !it.is_empty()))
    }

    /// Whether a call of `url` goes through a proxy. This machine itself never does.
    pub(super) fn covers(&self, url: &Url) -> bool {
        let proxy = if url.scheme() == "https" { &self.https } else { &self.http };
        let Some(host) = url.host().filter(|_| proxy.is_some()) else { return false };
        let local = match &host {
            Host::Domain(name) => *name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let (name, called) = (host.to_string(), url.port_or_known_default());
        let bypassed = self.bypass.iter().any(|(pattern, port)| {
            (port.is_none() || *port == called) && matches(pattern.as_bytes(), name.as_bytes())
        });
        !local && !bypassed
    }
}

fn proxy(label: &str, address: Option<&str>) -> Result<Option<Url>> {
    let Some(address) = address.map(str::trim).filter(|it| !it.is_empty()) else {
        return Ok(None);
    };
    // The address may hold a password, so it is not repeated.
    let url = Url::parse(address)
        .ok()
        .filter(|it| matches!(it.scheme(), "http" | "https") && it.host().is_some());
    let wrong = || Error::InvalidInput {
        label: label.to_owned(),
        reason: "this is no address of a proxy, such as http://proxy.example:3128".to_owned(),
    };
    url.map(Some).ok_or_else(wrong)
}

/// Whether `text` fits `pattern`, where `*` stands for any text. A pattern that begins with a dot
/// fits all names that end so.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skip| matches(rest, &text[skip..])),
        Some((b'.', _)) if text.len() >= pattern.len() && !text.starts_with(b".") => {
            text.ends_with(pattern)
        }
        Some((first, rest)) => text.first() == Some(first) && matches(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(bypass: &[&str]) -> Proxies {
        let bypass = bypass.iter().map(|it| (*it).to_owned()).collect();
        let http = Some("http://user:secret@proxy.example:3128".to_owned());
        Proxies::new(&ProxySettings { http, https: None, bypass }).unwrap()
    }

    fn covers(proxies: &Proxies, url: &str) -> bool {
        proxies.covers(&Url::parse(url).unwrap())
    }

    #[test]
    fn the_http_proxy_serves_https_too() {
        let proxies = proxies(&[]);
        assert!(covers(&proxies, "https://api.openai.com/"));
        assert!(covers(&proxies, "http://example.com/"));
        assert_eq!(proxies.clients().unwrap().unwrap().len(), 2);
    }

    #[test]
    fn this_machine_is_called_directly() {
        let proxies = proxies(&[]);
        for url in ["http://localhost:11434/", "http://127.0.0.1/", "http://[::1]/"] {
            assert!(!covers(&proxies, url), "{url}");
        }
    }

    #[test]
    fn patterns_take_calls_off_the_proxy() {
        let proxies = proxies(&["*.corp.example", "direct.example:8080", ".svc", "10.1.*"]);
        let cases = [
            ("http://a.corp.example/", false),
            ("http://corp.example/", true),
            ("http://direct.example:8080/", false),
            ("http://direct.example/", true),
            ("http://db.svc:1/", false),
            ("http://10.1.2.3/", false),
            ("http://10.2.2.3/", true),
        ];
        for (url, covered) in cases {
            assert_eq!(covers(&proxies, url), covered, "{url}");
        }
    }

    #[test]
    fn a_wrong_proxy_is_reported_without_its_password() {
        let settings = ProxySettings {
            https: Some("socks9://user:secret@x".to_owned()),
            ..ProxySettings::default()
        };
        let said = Proxies::new(&settings).unwrap_err().to_string();
        assert!(said.starts_with("GLOBAL_AGENT_HTTPS_PROXY: "), "{said}");
        assert!(!said.contains("secret"), "{said}");
    }

    #[test]
    fn without_proxies_nothing_is_covered() {
        let none = Proxies::new(&ProxySettings::default()).unwrap();
        assert!(!covers(&none, "http://example.com/"));
        assert!(none.clients().unwrap().is_none());
    }
}
