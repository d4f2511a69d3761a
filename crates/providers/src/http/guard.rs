//! Decides which addresses flows may call.

use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};

use flowstone_core::{Error, Result};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

use super::HttpSettings;

/// Networks of IPv4 that are not the public internet (IANA special-purpose registry, RFC 6890),
/// and the address under which Azure machines find their host.
const REFUSED_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(168, 63, 129, 16, 32),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
];

/// The same of IPv6: loopback, IPv4-compatible, discard, protocol assignments (Teredo among them),
/// documentation, 6to4, segment routing, unique local, link-local, site-local, multicast.
const REFUSED_V6: &[Ipv6Net] = &[
    v6([0, 0, 0, 0, 0, 0, 0, 0], 96),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
    v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
    v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20),
    v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16),
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10),
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8),
];

/// IPv6 addresses whose last 32 bits are an IPv4 address that is reached in the end: mapped ones
/// and those of NAT64 (RFC 6052). What they lead to is judged.
const CARRIES_V4: &[Ipv6Net] =
    &[v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96), v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96)];

/// Names that mean this machine or its cloud's metadata service wherever they are looked up, so
/// also where a proxy does that.
const REFUSED_NAMES: &[&str] =
    &["localhost", "ip6-localhost", "ip6-loopback", "metadata", "metadata.google.internal"];

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(segments: [u16; 8], prefix: u8) -> Ipv6Net {
    let s = segments;
    let address = Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    Ipv6Net::new_assert(address, prefix)
}

/// What can be said of a target before connecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// On the allow list: whatever it leads to is meant.
    Allowed,
    /// The addresses its name leads to must be looked at.
    ToBeChecked,
}

/// The rules of an installation.
#[derive(Debug)]
pub(super) struct Guard {
    allowed: HashSet<(String, u16)>,
    check: bool,
    denied_networks: Vec<IpNet>,
    denied_hosts: HashSet<String>,
}

impl Guard {
    pub(super) fn new(settings: &HttpSettings) -> Result<Self> {
        let allowed = settings.allow.iter().map(|it| it.trim()).filter(|it| !it.is_empty());
        let allowed = allowed.map(allow_entry).collect::<Result<_>>()?;
        let mut denied_networks = Vec::new();
        let mut denied_hosts = HashSet::new();
        for entry in settings.deny.iter().map(|it| it.trim()).filter(|it| !it.is_empty()) {
            if let Ok(network) = entry.parse::<IpNet>() {
                denied_networks.push(network);
            } else if let Ok(address) = entry.parse::<IpAddr>() {
                denied_networks.push(address.into());
            } else {
                denied_hosts.insert(plain_name(entry));
            }
        }
        Ok(Self { allowed, check: settings.check, denied_networks, denied_hosts })
    }

    /// Judges scheme, name and literal address of a target.
    ///
    /// # Errors
    /// `AddressRefused` with the entry that would allow it.
    pub(super) fn judge(&self, url: &Url) -> Result<Verdict> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::AddressRefused(format!(
                "{}: addresses cannot be called; http: and https: can",
                url.scheme()
            )));
        }
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(Error::AddressRefused(format!("{url} names no host")));
        };
        if self.allowed.contains(&(host.to_string(), port)) {
            return Ok(Verdict::Allowed);
        }
        let refused = match host {
            Host::Ipv4(address) => self.refuses(address.into()),
            Host::Ipv6(address) => self.refuses(address.into()),
            Host::Domain(name) => self.refuses_name(name),
        };
        if refused { Err(refusal(url)) } else { Ok(Verdict::ToBeChecked) }
    }

    /// Whether no connection may be made to `address`.
    pub(super) fn refuses(&self, address: IpAddr) -> bool {
        let reached = reached(address);
        let denied = |it: IpAddr| self.denied_networks.iter().any(|network| network.contains(&it));
        (self.check && is_special(reached)) || denied(address) || denied(reached)
    }

    fn refuses_name(&self, name: &str) -> bool {
        let name = plain_name(name);
        let local = REFUSED_NAMES.contains(&name.as_str()) || name.ends_with(".localhost");
        (self.check && local) || self.denied_hosts.contains(&name)
    }
}

/// The sentence for a refused target. It does not tell which address a name led to: that would let
/// flows map the network behind the server.
pub(super) fn refusal(url: &Url) -> Error {
    let entry = entry(url);
    Error::AddressRefused(format!(
        "{entry} is, or leads to, an address that flows may not call (private, reserved or \
         denied); to permit it, add {entry} to HTTP_ALLOW_LIST"
    ))
}

/// `host:port` as an allow list names it.
pub(super) fn entry(url: &Url) -> String {
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{}:{port}", url.host_str().unwrap_or_default())
}

fn allow_entry(entry: &str) -> Result<(String, u16)> {
    let wrong = || Error::InvalidInput {
        label: "HTTP_ALLOW_LIST".to_owned(),
        reason: format!("`{entry}` is no host:port entry, such as localhost:11434 or [::1]:8080"),
    };
    let (_, port) = entry.rsplit_once(':').ok_or_else(wrong)?;
    let port = port.parse().map_err(|_| wrong())?;
    let url = Url::parse(&format!("http://{entry}/")).map_err(|_| wrong())?;
    if url.path() != "/" || url.query().is_some() || !url.username().is_empty() {
        return Err(wrong());
    }
    Ok((url.host_str().ok_or_else(wrong)?.to_owned(), port))
}

fn plain_name(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// The IPv4 address that an IPv6 address stands for, where it does.
fn reached(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if !CARRIES_V4.iter().any(|network| network.contains(&v6)) {
        return address;
    }
    let [.., a, b, c, d] = v6.octets();
    Ipv4Addr::new(a, b, c, d).into()
}

fn is_special(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => REFUSED_V4.iter().any(|network| network.contains(&it)),
        IpAddr::V6(it) => REFUSED_V6.iter().any(|network| network.contains(&it)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(change: impl FnOnce(&mut HttpSettings)) -> Guard {
        let mut settings = HttpSettings::default();
        change(&mut settings);
        Guard::new(&settings).unwrap()
    }

    fn judge(guard: &Guard, url: &str) -> Result<Verdict> {
        guard.judge(&Url::parse(url).unwrap())
    }

    /// Every spelling of an address that must not be reached. Names that only a lookup can judge
    /// are in the tests of the client.
    const REFUSED: &[&str] = &[
        "http://127.0.0.1/",
        "http://127.1/",
        "http://127.255.255.254:8080/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://017700000001/",
        "http://127.0.0.1./",
        "http://0/",
        "http://0.0.0.0/",
        "http://10.0.0.1/",
        "http://10.255.255.255/",
        "http://100.64.1.1/",
        "http://100.100.100.200/latest/meta-data/",
        "http://168.63.129.16/",
        "http://169.254.169.254/latest/meta-data/",
        "http://0xa9fea9fe/",
        "http://172.16.0.1/",
        "http://172.31.255.255/",
        "http://192.0.0.192/",
        "http://192.168.1.1:6379/",
        "http://198.18.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::127.0.0.1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::FFFF:A9FE:A9FE]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b:1::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
        "http://[fd00:ec2::254]/",
        "http://[fe80::1]/",
        "http://[fec0::1]/",
        "http://[ff02::1]/",
        "http://ok@127.0.0.1/",
        "http://api.openai.com:443@127.0.0.1/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "http://①②⑦.0.0.1/",
        "http://localhost/",
        "http://LOCALHOST:6379/",
        "http://localhost./",
        "http://any.localhost/",
        "http://metadata.google.internal/computeMetadata/v1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "ftp://example.com/",
        "data:text/plain,hi",
        "unix:/var/run/docker.sock",
    ];

    #[test]
    fn no_spelling_of_a_refused_address_passes() {
        let guard = guard(|_| {});
        for target in REFUSED {
            let verdict = judge(&guard, target);
            assert!(matches!(verdict, Err(Error::AddressRefused(_))), "{target}: {verdict:?}");
        }
    }

    #[test]
    fn public_addresses_pass() {
        let guard = guard(|_| {});
        let targets = [
            "https://api.openai.com/v1",
            "http://8.8.8.8/",
            "http://172.32.0.1/",
            "http://100.128.0.1/",
            "http://[2606:4700:4700::1111]/",
            "http://[::ffff:8.8.8.8]/",
            "http://[64:ff9b::808:808]/",
        ];
        for target in targets {
            assert_eq!(judge(&guard, target).unwrap(), Verdict::ToBeChecked, "{target}");
        }
    }

    #[test]
    fn an_allow_entry_opens_one_port_of_one_spelling() {
        let guard = guard(|it| it.allow = vec!["Localhost:11434".into(), " [::1]:80 ".into()]);
        for target in
            ["http://localhost:11434/api/chat", "http://LOCALHOST:11434/", "http://[::1]/"]
        {
            assert_eq!(judge(&guard, target).unwrap(), Verdict::Allowed, "{target}");
        }
        let others = [
            "http://localhost:11435/",
            "http://localhost/",
            "http://127.0.0.1:11434/",
            "http://localhost.:11434/",
            "https://[::1]/",
        ];
        for target in others {
            assert!(judge(&guard, target).is_err(), "{target}");
        }
    }

    #[test]
    fn a_refusal_names_the_entry_to_add() {
        let said = judge(&guard(|_| {}), "http://10.1.2.3:8080/x?key=1").unwrap_err().to_string();
        assert!(said.ends_with("add 10.1.2.3:8080 to HTTP_ALLOW_LIST"), "{said}");
        let said = judge(&guard(|_| {}), "https://localhost/").unwrap_err().to_string();
        assert!(said.ends_with("add localhost:443 to HTTP_ALLOW_LIST"), "{said}");
    }

    #[test]
    fn without_the_check_only_the_deny_list_refuses() {
        let guard = guard(|it| {
            it.check = false;
            it.deny = ["203.0.113.0/24", "8.8.8.8", "Evil.example", "2606:4700::/32"]
                .map(str::to_owned)
                .to_vec();
        });
        assert_eq!(judge(&guard, "http://127.0.0.1/").unwrap(), Verdict::ToBeChecked);
        assert_eq!(judge(&guard, "http://localhost/").unwrap(), Verdict::ToBeChecked);
        let denied = [
            "http://203.0.113.9/",
            "http://8.8.8.8/",
            "http://[::ffff:8.8.8.8]/",
            "http://evil.example./",
            "http://[2606:4700:4700::1111]/",
        ];
        for target in denied {
            assert!(judge(&guard, target).is_err(), "{target}");
        }
        assert!(judge(&guard, "file:///etc/passwd").is_err());
    }

    #[test]
    fn a_wrong_allow_entry_is_reported_by_the_setting_s_name() {
        for entry in ["localhost", "localhost:", "http://localhost:80", "a b:80", "host:99999"] {
            let settings = HttpSettings { allow: vec![entry.into()], ..HttpSettings::default() };
            let said = Guard::new(&settings).unwrap_err().to_string();
            assert!(said.starts_with("HTTP_ALLOW_LIST: "), "{entry}: {said}");
        }
    }
}
