//! Where a request comes from.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, request::Parts},
};

use crate::{AppState, Problem, state::TrustedProxies};

/// The address of the client, seen through as many proxies as the operator trusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClientAddress(pub(crate) IpAddr);

impl FromRequestParts<AppState> for ClientAddress {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        // Without a connection (the service called directly) everybody is one client.
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |it| it.0.ip());
        let trusted = match state.settings.trusted_proxies {
            TrustedProxies::Private => usize::from(is_private(peer)),
            TrustedProxies::Count(count) => count,
        };
        Ok(Self(behind_proxies(peer, &parts.headers, trusted)))
    }
}

/// Whether only machines nearby can call from this address.
fn is_private(peer: IpAddr) -> bool {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// Each trusted proxy has added whom it heard from at the end of `X-Forwarded-For`; what stands
/// before that anybody can have written.
fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: usize) -> IpAddr {
    let lines = headers.get_all("x-forwarded-for").iter().filter_map(|it| it.to_str().ok());
    let hops: Vec<IpAddr> =
        lines.flat_map(|line| line.split(',')).filter_map(|it| it.trim().parse().ok()).collect();
    match trusted.min(hops.len()) {
        0 => peer.to_canonical(),
        steps => hops[hops.len() - steps].to_canonical(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_as_many_proxies_are_believed_as_are_trusted() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "6.6.6.6, 1.2.3.4, 10.0.0.1".parse().unwrap());
        let peer: IpAddr = "127.0.0.1".parse().unwrap();
        let seen = |trusted| behind_proxies(peer, &headers, trusted).to_string();
        assert_eq!([seen(0), seen(1), seen(2)], ["127.0.0.1", "10.0.0.1", "1.2.3.4"]);
        assert_eq!(seen(9), "6.6.6.6");
        assert_eq!(behind_proxies(peer, &HeaderMap::new(), 2), peer);
    }
}
