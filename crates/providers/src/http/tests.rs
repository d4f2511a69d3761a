//! The client against servers of its own, down to the bytes.

use std::{
    io,
    net::IpAddr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use flowstone_core::Error;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::*;

/// A server that gives canned answers, one a connection, and keeps what it was sent. An empty
/// answer closes the connection without a word.
struct Canned {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    _server: JoinSet<()>,
}

impl Canned {
    async fn start<I: IntoIterator<Item = String>>(answers: I) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let answers: Vec<String> = answers.into_iter().collect();
        let (kept, mut server) = (requests.clone(), JoinSet::new());
        server.spawn(async move {
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = head(&mut stream).await;
                kept.lock().unwrap().push(request);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
            // The last caller may still be waiting for an answer that never comes.
            let _silent = listener.accept().await;
            std::future::pending::<()>().await;
        });
        Self { address, requests, _server: server }
    }

    fn url(&self) -> String {
        format!("http://{}/path", self.address)
    }

    fn port(&self) -> u16 {
        self.address.rsplit_once(':').unwrap().1.parse().unwrap()
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The head of a request, in lower case.
async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    while !read.ends_with(b"\r\n\r\n") {
        read.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(read).unwrap().to_lowercase()
}

fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len())
}

fn redirect(status: u16, location: &str) -> String {
    format!(
        "HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )
}

/// Names that lead where a test wants; all others are unknown.
#[derive(Default)]
struct Names {
    known: Vec<(&'static str, Vec<IpAddr>)>,
    asked: AtomicUsize,
}

#[async_trait]
impl Lookup for Names {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let found = self.known.iter().find(|(known, _)| *known == name);
        found.map(|it| it.1.clone()).ok_or_else(|| io::Error::other("unknown name"))
    }
}

fn names(name: &'static str, addresses: &[&str]) -> Arc<Names> {
    let addresses = addresses.iter().map(|it| it.parse().unwrap()).collect();
    Arc::new(Names { known: vec![(name, addresses)], ..Names::default() })
}

fn settings(allow: &[&str]) -> HttpSettings {
    HttpSettings {
        allow: allow.iter().map(|it| (*it).to_owned()).collect(),
        first_pause: Duration::ZERO,
        ..HttpSettings::default()
    }
}

fn client(allow: &[&str]) -> HttpClient {
    HttpClient::new(settings(allow)).unwrap()
}

async fn get(client: &HttpClient, url: &str) -> Result<String> {
    client.get(url)?.send().await?.text(1000).await
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused() {
    let server = Canned::start([ok("secret")]).await;
    for address in ["127.0.0.1", "::ffff:127.0.0.1", "10.0.0.1", "::1"] {
        let lookup = names("public.example", &[address]);
        let client = HttpClient::with_lookup(settings(&[]), lookup).unwrap();
        let url = format!("http://public.example:{}/", server.port());
        let failed = get(&client, &url).await.unwrap_err();
        assert!(matches!(failed, Error::AddressRefused(_)), "{address}: {failed}");
        let entry = format!("add public.example:{} to HTTP_ALLOW_LIST", server.port());
        assert!(failed.to_string().ends_with(&entry), "{failed}");
        assert!(!failed.to_string().contains(address), "the network is not shown: {failed}");
    }
    assert!(server.requests().is_empty(), "no connection was made");
}

#[tokio::test]
async fn an_allowed_name_may_lead_anywhere_on_its_port_only() {
    let (server, other) = (Canned::start([ok("in")]).await, Canned::start([ok("no")]).await);
    let entry = format!("private.example:{}", server.port());
    let lookup = names("private.example", &["127.0.0.1"]);
    let client = HttpClient::with_lookup(settings(&[&entry]), lookup).unwrap();
    assert_eq!(get(&client, &format!("http://{entry}/")).await.unwrap(), "in");
    let url = format!("http://private.example:{}/", other.port());
    assert!(matches!(get(&client, &url).await, Err(Error::AddressRefused(_))));
}

#[tokio::test]
async fn the_address_checked_is_the_address_connected() {
    // A name with a good and a bad address is only ever connected to the good one, and looked up
    // once a connection: there is no second answer to be fooled by.
    let lookup = names("rebind.example", &["127.0.0.1", "192.0.2.1", "127.0.0.2"]);
    let server = Canned::start([ok("in")]).await;
    let settings = HttpSettings {
        check: false,
        deny: vec!["192.0.2.0/24".to_owned(), "127.0.0.2".to_owned()],
        ..settings(&[])
    };
    let client = HttpClient::with_lookup(settings, lookup.clone()).unwrap();
    let url = format!("http://rebind.example:{}/", server.port());
    assert_eq!(get(&client, &url).await.unwrap(), "in");
    assert_eq!(lookup.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn localhost_by_any_name_is_refused_without_a_lookup() {
    let lookup = Arc::new(Names::default());
    let client = HttpClient::with_lookup(settings(&[]), lookup.clone()).unwrap();
    for url in ["http://localhost/", "http://LOCALHOST.:6379/", "http://x.localhost/"] {
        assert!(matches!(get(&client, url).await, Err(Error::AddressRefused(_))), "{url}");
    }
    assert_eq!(lookup.asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn servers_of_other_protocols_are_held_to_the_same_rules() {
    let lookup = names("db.example", &["10.0.0.7", "93.184.216.34"]);
    let client = HttpClient::with_lookup(settings(&["db.example:6432"]), lookup).unwrap();
    let public: IpAddr = [93, 184, 216, 34].into();
    assert_eq!(client.addresses("db.example", 5432).await.unwrap(), [public]);
    assert_eq!(client.addresses("db.example", 6432).await.unwrap().len(), 2, "on the allow list");
    assert_eq!(client.addresses("93.184.216.34", 5432).await.unwrap(), [public]);
    for host in ["127.0.0.1", "::1", "::ffff:127.0.0.1", "localhost", "10.0.0.7", "0x7f.1"] {
        let refused = client.addresses(host, 5432).await.unwrap_err();
        assert!(matches!(refused, Error::AddressRefused(_)), "{host}: {refused}");
    }
    for host in ["", "no.such.example", "a/b", "user@db.example", "/var/run/postgresql"] {
        assert!(client.addresses(host, 5432).await.is_err(), "{host}");
    }
}

#[tokio::test]
async fn a_call_that_stays_follows_no_redirect_to_another_server() {
    let other = Canned::start([ok("other")]).await;
    let server = Canned::start([redirect(302, &other.url())]).await;
    let client = client(&[&server.address, &other.address]);
    let said = client.get(&server.url()).unwrap().stay().send().await.err().unwrap();
    assert!(matches!(said, Error::AddressRefused(_)), "{said}");
    assert!(other.requests().is_empty());
    let server = Canned::start([redirect(302, "/there"), ok("there")]).await;
    let client = self::client(&[&server.address]);
    let answer = client.get(&server.url()).unwrap().stay().send().await.unwrap();
    assert_eq!(answer.text(100).await.unwrap(), "there");
}

#[tokio::test]
async fn every_hop_of_a_redirect_is_checked() {
    let inner = Canned::start([ok("secret")]).await;
    let targets = [
        inner.url(),
        format!("http://localhost:{}/", inner.port()),
        "http://169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1:6379/_INFO".to_owned(),
    ];
    for target in targets {
        let open = Canned::start([redirect(302, &target)]).await;
        let failed = get(&client(&[&open.address]), &open.url()).await.unwrap_err();
        assert!(matches!(failed, Error::AddressRefused(_)), "{target}: {failed}");
    }
    assert!(inner.requests().is_empty(), "no connection was made");
}

#[tokio::test]
async fn a_redirect_to_another_host_takes_no_keys_along() {
    let last = Canned::start([ok("there")]).await;
    let first = Canned::start([redirect(307, &last.url())]).await;
    let client = client(&[&first.address, &last.address]);
    let request = client.post(&first.url()).unwrap().bearer("sk-secret").header("x-api-key", "k");
    let response = request.header("accept", "text/plain").body("text").send().await.unwrap();
    assert_eq!(response.place(), last.address);
    assert_eq!(response.text(100).await.unwrap(), "there");
    assert!(first.requests()[0].contains("authorization: bearer sk-secret"));
    let second = &last.requests()[0];
    assert!(second.starts_with("post /path"), "307 keeps the method: {second}");
    assert!(second.contains("content-length: 4"), "and the body: {second}");
    assert!(second.contains("accept: text/plain"), "{second}");
    assert!(!second.contains("authorization") && !second.contains("x-api-key"), "{second}");
}

#[tokio::test]
async fn a_post_becomes_a_get_where_browsers_do_so() {
    let server = Canned::start([redirect(303, "/other"), ok("done")]).await;
    let client = client(&[&server.address]);
    let request = client.post(&server.url()).unwrap().json(&1).bearer("key");
    assert_eq!(request.send().await.unwrap().text(100).await.unwrap(), "done");
    let second = &server.requests()[1];
    assert!(second.starts_with("get /other"), "{second}");
    assert!(!second.contains("content-"), "no body, no type: {second}");
    assert!(second.contains("authorization"), "the same host keeps the key: {second}");
}

#[tokio::test]
async fn redirects_without_end_are_given_up() {
    let server = Canned::start((0..20).map(|_| redirect(302, "/again"))).await;
    let said = get(&client(&[&server.address]), &server.url()).await.unwrap_err().to_string();
    assert!(said.ends_with("redirects without end"), "{said}");
    assert_eq!(server.requests().len(), 11);
}

#[tokio::test]
async fn lost_connections_are_tried_again_where_that_is_harmless() {
    let lost = || [String::new(), ok("second")];
    let server = Canned::start(lost()).await;
    assert_eq!(get(&client(&[&server.address]), &server.url()).await.unwrap(), "second");

    let server = Canned::start(lost()).await;
    let one = client(&[&server.address]);
    let request = one.post(&server.url()).unwrap().body("x").retry(Retry::Always);
    assert_eq!(request.send().await.unwrap().text(100).await.unwrap(), "second");

    let server = Canned::start(lost()).await;
    let one = client(&[&server.address]);
    let failed = one.post(&server.url()).unwrap().body("x").send().await.unwrap_err();
    assert!(failed.to_string().starts_with("the connection to 127.0.0.1:"), "{failed}");
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_asks_for_much_patience_is_not_waited_for() {
    let busy =
        "HTTP/1.1 429 X\r\nretry-after: 3600\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let server = Canned::start([busy.to_owned(), ok("late")]).await;
    let client = client(&[&server.address]);
    let response = client.get(&server.url()).unwrap().send().await.unwrap();
    assert_eq!(response.status(), 429);
}

#[tokio::test]
async fn silence_is_bounded_by_the_caller_s_time() {
    let server = Canned::start([]).await;
    let client = client(&[&server.address]);
    let timeout = Some(Duration::from_millis(20));
    let request = client.get(&server.url()).unwrap().timeout(timeout).retry(Retry::Never);
    let said = request.send().await.unwrap_err().to_string();
    assert!(said.ends_with("did not answer within 0.02 seconds"), "{said}");
}

#[tokio::test]
async fn a_long_answer_is_cut_off_announced_or_not() {
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\
                   3c\r\n************************************************************\r\n0\r\n\r\n";
    let server = Canned::start([ok(&"*".repeat(60)), chunked.to_owned(), ok("short")]).await;
    let client = client(&[&server.address]);
    for _ in 0..2 {
        let response = client.get(&server.url()).unwrap().send().await.unwrap();
        let said = response.bytes(50).await.unwrap_err().to_string();
        assert!(said.ends_with("is longer than 50 bytes"), "{said}");
    }
    let response = client.get(&server.url()).unwrap().send().await.unwrap();
    assert_eq!(response.bytes(50).await.unwrap(), "short");
}

#[tokio::test]
async fn a_torn_answer_is_an_error() {
    let torn = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
    let server = Canned::start([torn.to_owned()]).await;
    let failed = get(&client(&[&server.address]), &server.url()).await;
    assert!(matches!(failed, Err(Error::Transport(_))), "{failed:?}");
}

#[tokio::test]
async fn what_is_wrong_is_said_in_words() {
    let client = HttpClient::with_lookup(settings(&[]), Arc::new(Names::default())).unwrap();
    let said = get(&client, "http://nowhere.example/").await.unwrap_err().to_string();
    assert_eq!(said, "cannot reach nowhere.example:80: no machine of this name was found");
    let said = get(&client, "no address").await.unwrap_err().to_string();
    assert!(said.starts_with("`no address` is no address such as"), "{said}");
    let request = client.get("http://nowhere.example/").unwrap().header("x", "a\r\nb: c");
    let said = request.send().await.unwrap_err().to_string();
    assert!(said.starts_with("the header \"x\" cannot be sent"), "{said}");
}

#[tokio::test]
async fn a_proxy_connects_but_our_check_stands() {
    let proxy = Canned::start([ok("by proxy")]).await;
    let lookup = names("private.example", &["10.0.0.1"]);
    let settings = HttpSettings {
        proxy: ProxySettings {
            http: Some(format!("http://{}", proxy.address)),
            ..ProxySettings::default()
        },
        ..settings(&[])
    };
    let client = HttpClient::with_lookup(settings, lookup).unwrap();
    let refused = [
        "http://10.0.0.1/",
        "http://169.254.169.254/",
        "http://private.example/",
        "http://metadata.google.internal/",
    ];
    for url in refused {
        assert!(matches!(get(&client, url).await, Err(Error::AddressRefused(_))), "{url}");
    }
    assert_eq!(get(&client, "http://known-to-proxy.example/x").await.unwrap(), "by proxy");
    let seen = proxy.requests();
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("get http://known-to-proxy.example/x http/1.1"), "{}", seen[0]);
}

#[tokio::test]
async fn scripts_get_the_whole_answer_of_one_call() {
    let answer = "HTTP/1.1 503 X\r\nset-cookie: a=1\r\nset-cookie: b=2\r\ncontent-length: 2\r\n\
                  connection: close\r\n\r\nno";
    let server = Canned::start([answer.to_owned(), ok("never asked")]).await;
    let fetch = Fetch {
        method: "PUT".to_owned(),
        url: server.url(),
        headers: vec![
            ("x-one".to_owned(), "1".to_owned()),
            ("Host".to_owned(), "evil.example".to_owned()),
            ("Content-Length".to_owned(), "999".to_owned()),
        ],
        body: Some(Bytes::from_static(b"body")),
        limit: 100,
    };
    let fetched = client(&[&server.address]).fetch(fetch).await.unwrap();
    assert_eq!((fetched.status, fetched.status_text), (503, "Service Unavailable"));
    assert_eq!(fetched.body, "no");
    let cookies: Vec<_> = fetched.headers.iter().filter(|it| it.0 == "set-cookie").collect();
    assert_eq!(cookies.len(), 2);
    let seen = server.requests();
    assert_eq!(seen.len(), 1, "a script sees every answer");
    assert!(seen[0].contains("x-one: 1") && seen[0].contains("content-length: 4"), "{}", seen[0]);
    assert!(seen[0].contains(&format!("host: {}", server.address)), "{}", seen[0]);
}
