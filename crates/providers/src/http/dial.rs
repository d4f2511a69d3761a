//! Bare connections for wires other than HTTP, behind the same address check.

use std::{io, net::IpAddr, sync::Arc};

use flowstone_core::{Error, Result};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{Instant, timeout_at},
};
use tokio_rustls::TlsConnector;
use url::Url;

use super::{HttpClient, failure, guard};

/// An open connection, secured or not.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

impl HttpClient {
    /// Connects to `host`:`port`, with TLS where `secure`; the certificate must be one that this
    /// machine trusts. Proxies are for HTTP and are not used.
    ///
    /// # Errors
    /// As [`addresses`](Self::addresses), and `Transport` where no connection comes about in the
    /// time that connecting may take.
    pub async fn dial(&self, host: &str, port: u16, secure: bool) -> Result<Box<dyn Wire>> {
        let place = guard::entry(&as_url(host, port)?);
        let deadline = Instant::now() + self.settings.connect_timeout;
        let connecting = async {
            let addresses = self.addresses(bare(host), port).await?;
            connect(&addresses, port).await.map_err(|it| failure::unreachable(&place, &it))
        };
        let late = |_| failure::unreachable(&place, &io::ErrorKind::TimedOut.into());
        let stream = timeout_at(deadline, connecting).await.map_err(late)??;
        if !secure {
            return Ok(Box::new(stream));
        }
        let name =
            ServerName::try_from(bare(host).to_owned()).map_err(|_| malformed(host, port))?;
        let securing = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
        let secured = timeout_at(deadline, securing).await.map_err(|_| {
            Error::Transport(format!(
                "cannot reach {place}: no secure connection (it is silent where TLS is spoken to \
                 it, as servers without TLS are)"
            ))
        })?;
        Ok(Box::new(secured.map_err(|it| failure::unreachable(&place, &it))?))
    }
}

/// The first that answers.
async fn connect(addresses: &[IpAddr], port: u16) -> io::Result<TcpStream> {
    let mut failed = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses {
        match TcpStream::connect((*address, port)).await {
            Ok(stream) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// The target in the form that the check judges, which also reads the odd spellings of addresses.
fn as_url(host: &str, port: u16) -> Result<Url> {
    let host = bare(host);
    let written = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    let url = Url::parse(&format!("http://{written}:{port}/"));
    let url = url.map_err(|_| malformed(host, port))?;
    let plain = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.port_or_known_default() == Some(port);
    if plain { Ok(url) } else { Err(malformed(host, port)) }
}

/// An IPv6 address without its brackets.
fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|it| it.strip_suffix(']')).unwrap_or(host)
}

fn malformed(host: &str, port: u16) -> Error {
    Error::Transport(format!("{host}:{port} is no machine's name or address with a port"))
}
