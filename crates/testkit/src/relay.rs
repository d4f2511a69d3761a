//! A line to a server that a test can cut.

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// Listens on a free port of this machine and passes everything on, until it is cut.
pub struct Relay {
    address: String,
    orders: mpsc::Sender<(bool, oneshot::Sender<()>)>,
    _carrier: JoinSet<()>,
}

impl Relay {
    /// A line to the server at `to`, a `host:port`.
    ///
    /// # Panics
    /// Where there is no free port.
    pub async fn to(to: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (orders, received) = mpsc::channel(1);
        let mut carrier = JoinSet::new();
        carrier.spawn(carry(listener, to.to_owned(), received));
        Self { address, orders, _carrier: carrier }
    }

    /// Where it listens, as an allow list names it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Ends all connections, and from now on every new one at once.
    pub async fn cut(&self) {
        self.order(false).await;
    }

    /// Passes on again.
    pub async fn mend(&self) {
        self.order(true).await;
    }

    async fn order(&self, whole: bool) {
        let (done, heard) = oneshot::channel();
        self.orders.send((whole, done)).await.unwrap();
        heard.await.unwrap();
    }
}

async fn carry(
    listener: TcpListener,
    to: String,
    mut orders: mpsc::Receiver<(bool, oneshot::Sender<()>)>,
) {
    let mut open = JoinSet::new();
    let mut whole = true;
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (mut from, _) = accepted.unwrap();
                let to = to.clone();
                if whole {
                    open.spawn(async move {
                        if let Ok(mut there) = TcpStream::connect(to).await {
                            let _ = copy_bidirectional(&mut from, &mut there).await;
                        }
                    });
                }
            }
            order = orders.recv() => {
                let Some((wanted, done)) = order else { return };
                whole = wanted;
                if !whole {
                    open.shutdown().await;
                }
                let _ = done.send(());
            }
            Some(_) = open.join_next(), if !open.is_empty() => {}
        }
    }
}
