//! The client against a real server, and against servers that are gone, closed or silent.

use std::net::Ipv4Addr;

use flowstone_testkit::RedisProcess;
use tokio::net::TcpListener;

use super::*;
use crate::{HttpSettings, redis::RedisClients};

fn clients(allowed: &str) -> RedisClients {
    let settings = HttpSettings { allow: vec![allowed.to_owned()], ..HttpSettings::default() };
    RedisClients::new(Arc::new(HttpClient::new(settings).unwrap()))
}

fn server(port: u16) -> RedisServer {
    RedisServer { port, ..RedisServer::default() }
}

fn client(process: &RedisProcess) -> Arc<RedisClient> {
    clients(&process.address()).of(server(process.port()))
}

async fn life(client: &RedisClient, key: &str) -> i64 {
    let mut pipeline = Pipeline::new();
    pipeline.cmd("PTTL").arg(key);
    let (milliseconds,): (i64,) = client.again(&pipeline).await.unwrap();
    milliseconds
}

#[tokio::test]
async fn lists_and_texts_come_back() {
    let process = RedisProcess::start(&[]);
    let client = client(&process);
    let texts = ["first", "zweite 🐻", "third"].map(str::to_owned);
    assert!(client.newest("talk", None).await.unwrap().is_empty());
    client.push("talk", &texts[..2], None).await.unwrap();
    assert_eq!(life(&client, "talk").await, -1, "without a life it stays");
    client.push("talk", &texts[2..], Some(Duration::from_mins(1))).await.unwrap();
    assert!((1..=60_000).contains(&life(&client, "talk").await));
    let mut newest_first = texts.to_vec();
    newest_first.reverse();
    assert_eq!(client.newest("talk", None).await.unwrap(), newest_first);
    assert_eq!(client.newest("talk", Some(2)).await.unwrap(), newest_first[..2]);
    assert!(client.newest("talk", Some(0)).await.unwrap().is_empty());
    client.remove("talk").await.unwrap();
    client.remove("talk").await.unwrap();
    assert!(client.newest("talk", None).await.unwrap().is_empty());

    assert_eq!(client.get("key").await.unwrap(), None);
    let entries: Vec<(String, String)> =
        (0..600).map(|it| (format!("key{it}"), format!("text {it}"))).collect();
    client.set_all(&entries, Some(Duration::from_mins(1))).await.unwrap();
    assert!((1..=60_000).contains(&life(&client, "key0").await));
    let mut keys: Vec<String> = entries.iter().map(|it| it.0.clone()).collect();
    keys.push("nothing".to_owned());
    let values = client.get_all(&keys).await.unwrap();
    assert_eq!(values[599].as_deref(), Some("text 599"));
    assert_eq!(values[600], None);
    assert_eq!(client.get("key7").await.unwrap().as_deref(), Some("text 7"));
    client.set_all(&[("key7".to_owned(), "other".to_owned())], None).await.unwrap();
    assert_eq!(client.get("key7").await.unwrap().as_deref(), Some("other"));
    assert_eq!(life(&client, "key7").await, -1);
}

#[tokio::test]
async fn a_lost_connection_is_made_anew() {
    let mut process = RedisProcess::start(&[]);
    let client = client(&process);
    client.set_all(&[("key".to_owned(), "kept".to_owned())], None).await.unwrap();
    process.restart();
    assert_eq!(client.get("key").await.unwrap(), None, "the new server is empty");
    process.restart();
    let pushed = client.push("talk", &["once".to_owned()], None).await;
    // Whether the end of the old connection was seen before the command is a matter of luck: then
    // the command is sent to the new server, else it fails and is not sent twice.
    let expected = usize::from(pushed.is_ok());
    assert_eq!(client.newest("talk", None).await.unwrap().len(), expected);
}

fn secured(process: &RedisProcess, authorities: Vec<u8>) -> RedisClients {
    let allow = ["127.0.0.1", "localhost"].map(|it| format!("{it}:{}", process.port()));
    let settings = HttpSettings { allow: allow.into(), authorities, ..HttpSettings::default() };
    RedisClients::new(Arc::new(HttpClient::new(settings).unwrap()))
}

#[tokio::test]
async fn tls_is_spoken_with_a_server_whose_authority_is_trusted() {
    let mut process = RedisProcess::start_secured(&["--requirepass", "right"]);
    let clients = secured(&process, process.authority());
    for host in ["127.0.0.1", "localhost"] {
        let url = format!("rediss://:right@{host}:{}/1", process.port());
        let client = clients.of(RedisServer::from_url(&url).unwrap());
        client.push(host, &["said".to_owned()], None).await.unwrap();
        assert_eq!(client.newest(host, None).await.unwrap(), ["said"]);
        process.restart();
        assert!(client.newest(host, None).await.unwrap().is_empty(), "the new server is empty");
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_trusts_is_refused() {
    let process = RedisProcess::start_secured(&[]);
    // An authority of the same name that vouches for another server is none for this one.
    let another = RedisProcess::start_secured(&[]).authority();
    for (authorities, reason) in
        [(Vec::new(), "NODE_EXTRA_CA_CERTS names"), (another, "BadSignature)")]
    {
        let server = RedisServer::from_url(&process.url()).unwrap();
        let client = secured(&process, authorities).of(server);
        let told = client.get("key").await.unwrap_err();
        let said = told.to_string();
        let place = process.address();
        let expected = format!("cannot reach {place}: its certificate is not trusted (");
        assert!(matches!(told, Error::Transport(_)) && said.starts_with(&expected), "{said}");
        assert!(said.ends_with(reason), "{said}");
    }
    let settings = HttpSettings { authorities: b"nothing".into(), ..HttpSettings::default() };
    let said = HttpClient::new(settings).err().unwrap().to_string();
    assert!(said.contains("NODE_EXTRA_CA_CERTS names another file"), "{said}");
}

#[tokio::test]
async fn a_certificate_of_another_name_is_refused() {
    // It answers there too, but its certificate says nothing of that address.
    let process = RedisProcess::start_secured(&["--bind", "127.0.0.1", "127.0.0.2"]);
    let allow = vec![format!("127.0.0.2:{}", process.port())];
    let authorities = process.authority();
    let settings = HttpSettings { allow, authorities, ..HttpSettings::default() };
    let clients = RedisClients::new(Arc::new(HttpClient::new(settings).unwrap()));
    let url = format!("rediss://127.0.0.2:{}", process.port());
    let said = clients.of(RedisServer::from_url(&url).unwrap()).get("key").await.unwrap_err();
    assert!(said.to_string().contains("its certificate is not trusted"), "{said}");
}

#[tokio::test]
async fn who_speaks_tls_with_only_one_side_is_told_so() {
    let plain = RedisProcess::start(&[]);
    let server = RedisServer { secure: true, ..server(plain.port()) };
    // It waits for the end of a line that never comes.
    let settings = HttpSettings {
        allow: vec![plain.address()],
        connect_timeout: Duration::from_millis(200),
        ..HttpSettings::default()
    };
    let clients_in_haste = RedisClients::new(Arc::new(HttpClient::new(settings).unwrap()));
    let said = clients_in_haste.of(server).get("key").await.unwrap_err().to_string();
    assert!(said.contains("no secure connection"), "{said}");
    let secure = RedisProcess::start_secured(&[]);
    let client = clients(&secure.address()).of(self::server(secure.port()));
    let said = client.get("key").await.unwrap_err().to_string();
    assert!(said.contains("TLS"), "{said}");
}

#[tokio::test]
async fn one_server_has_one_client_as_long_as_it_is_used() {
    let clients = clients("127.0.0.1:1");
    let first = clients.of(server(1));
    assert!(Arc::ptr_eq(&first, &clients.of(server(1))));
    assert!(!Arc::ptr_eq(&first, &clients.of(server(2))));
    let with_password = RedisServer { password: Some("p".to_owned()), ..server(1) };
    assert!(!Arc::ptr_eq(&first, &clients.of(with_password)), "each signs in for itself");
    drop(first);
    assert_eq!(Arc::strong_count(&clients.of(server(1))), 1);
}

#[tokio::test]
async fn who_may_not_come_in_is_told_so_without_the_password() {
    let process = RedisProcess::start(&["--requirepass", "right"]);
    let clients = clients(&process.address());
    let with = |user: Option<&str>, password: Option<&str>, database: i64| {
        clients.of(RedisServer {
            user: user.map(str::to_owned),
            password: password.map(str::to_owned),
            database,
            ..server(process.port())
        })
    };
    let right = with(Some("default"), Some("right"), 1);
    right.set_all(&[("key".to_owned(), "value".to_owned())], None).await.unwrap();
    for (client, reason) in [
        (with(None, None, 0), "asks for a password"),
        (with(None, Some("hidden"), 0), "does not let us in"),
        (with(Some("hidden"), Some("right"), 0), "does not let us in"),
        (with(None, Some("right"), 999), "does not let us in"),
    ] {
        let error = client.get("key").await.unwrap_err();
        let said = error.to_string();
        assert!(matches!(error, Error::Credential(_)), "{said}");
        assert!(said.contains(reason) && !said.contains("hidden"), "{said}");
    }
}

#[tokio::test]
async fn what_a_key_holds_of_another_kind_is_refused() {
    let process = RedisProcess::start(&[]);
    let client = client(&process);
    client.set_all(&[("key".to_owned(), "text".to_owned())], None).await.unwrap();
    for error in [
        client.newest("key", None).await.unwrap_err(),
        client.push("key", &["entry".to_owned()], None).await.unwrap_err(),
    ] {
        let said = error.to_string();
        assert!(said.ends_with("holds something of another kind under this key"), "{said}");
    }
    assert_eq!(client.get("key").await.unwrap().as_deref(), Some("text"), "nothing is changed");
}

#[tokio::test]
async fn private_addresses_are_refused_as_for_http() {
    let clients = clients("127.0.0.1:1");
    for host in ["127.0.0.1", "localhost", "2130706433", "[::1]", "::ffff:10.0.0.1", "0"] {
        let client = clients.of(RedisServer { host: host.to_owned(), ..server(6379) });
        let error = client.get("key").await.unwrap_err();
        assert!(matches!(error, Error::AddressRefused(_)), "{host}: {error}");
        assert!(error.to_string().ends_with("to HTTP_ALLOW_LIST"), "{error}");
    }
    for host in ["a/b", "u@h", "h?x", "h#x", ""] {
        let client = clients.of(RedisServer { host: host.to_owned(), ..server(6379) });
        let said = client.get("key").await.unwrap_err().to_string();
        assert!(said.contains("is no machine's name"), "{host}: {said}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_reported_at_once() {
    let mut process = RedisProcess::start(&[]);
    let client = client(&process);
    assert_eq!(client.get("key").await.unwrap(), None);
    process.stop();
    for _ in 0..2 {
        let said = client.get("key").await.unwrap_err().to_string();
        assert_eq!(said, format!("cannot reach {}: nothing answers there", process.address()));
    }
}

#[tokio::test]
async fn a_silent_server_is_not_waited_for_without_end() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let http = HttpSettings { allow: vec![address.to_string()], ..HttpSettings::default() };
    let http = Arc::new(HttpClient::new(http).unwrap());
    let mut client = RedisClient::new(server(address.port()), http);
    client.patience = Duration::from_millis(50);
    let said = client.get("key").await.unwrap_err().to_string();
    assert_eq!(said, format!("Redis at {address} did not answer within 0.05 s"));
}
