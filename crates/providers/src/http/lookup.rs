//! Finds the addresses of names, and keeps those that may be connected to.

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::Guard;

/// A way to find addresses of names.
#[async_trait]
pub(crate) trait Lookup: Send + Sync {
    /// All addresses of `name`.
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own way.
pub(super) struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|it| it.ip()).collect())
    }
}

/// Gives only addresses that pass the check: what is checked is what is connected to, so a name
/// that answers differently the second time gains nothing.
pub(super) struct Checked {
    pub(super) guard: Arc<Guard>,
    pub(super) lookup: Arc<dyn Lookup>,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, lookup) = (self.guard.clone(), self.lookup.clone());
        Box::pin(async move {
            let mut addresses = lookup.lookup(name.as_str()).await?;
            let found = addresses.len();
            addresses.retain(|address| !guard.refuses(*address));
            if addresses.is_empty() && found > 0 {
                return Err(Refused.into());
            }
            Ok(sockets(addresses))
        })
    }
}

/// Gives all addresses.
pub(super) struct Unchecked(pub(super) Arc<dyn Lookup>);

impl Resolve for Unchecked {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = self.0.clone();
        Box::pin(async move { Ok(sockets(lookup.lookup(name.as_str()).await?)) })
    }
}

/// Port 0 is replaced by that of the address that is called.
fn sockets(addresses: Vec<IpAddr>) -> Addrs {
    Box::new(addresses.into_iter().map(|it| SocketAddr::new(it, 0)))
}

/// All addresses of a name were refused.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("all addresses of this name are refused")
    }
}

impl std::error::Error for Refused {}
