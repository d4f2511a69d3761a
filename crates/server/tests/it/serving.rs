//! The server on a real port: what it sends, and how it stops.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use flowstone_server::serve;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

use crate::server::TestServer;

struct Running {
    address: SocketAddr,
    stop: Arc<Notify>,
    task: JoinHandle<()>,
}

async fn run() -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = Arc::new(Notify::new());
    let stopped = stop.clone();
    let state = TestServer::start().await.state;
    #[expect(clippy::disallowed_methods, reason = "the test waits for it")]
    let task = tokio::spawn(serve(listener, state, async move { stopped.notified().await }));
    Running { address, stop, task }
}

async fn ask(connection: &mut TcpStream, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn it_answers_and_stops_when_it_is_told_to() {
    let running = run().await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    let answer = ask(&mut connection, "/api/v1/ping").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\npong"), "{answer}");
    running.stop.notify_one();
    running.task.await.unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_client_is_seen_under_its_own_address_and_no_answer_repeats_the_host_it_named() {
    let running = run().await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    let answer = ask(&mut connection, "/api/v1/ip").await;
    assert!(answer.contains(r#""ip":"127.0.0.1""#), "{answer}");
    assert!(!answer.contains("evil.example"), "{answer}");
    running.stop.notify_one();
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_connection_goes_on_after_an_answer_that_needed_no_body() {
    let running = run().await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    let head = b"POST /api/v1/nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n";
    connection.write_all(head).await.unwrap();
    // An answer that comes before the body would be there by then.
    let early = tokio::time::timeout(Duration::from_millis(200), connection.readable()).await;
    assert!(early.is_err(), "it is answered when the body has come");
    connection.write_all(b"{}").await.unwrap();
    let answers = ask(&mut connection, "/api/v1/ping").await;
    assert!(answers.starts_with("HTTP/1.1 4"), "{answers}");
    assert!(answers.ends_with("\r\n\r\npong"), "{answers}");
    running.stop.notify_one();
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_large_body_that_nobody_wants_ends_the_connection_and_the_answer_says_so() {
    let running = run().await;
    let mut connection = TcpStream::connect(running.address).await.unwrap();
    let head = b"POST /api/v1/nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 900000\r\n\r\n";
    connection.write_all(head).await.unwrap();
    connection.write_all(" ".repeat(100_000).as_bytes()).await.unwrap();
    let mut start = [0; 4096];
    let bytes = connection.read(&mut start).await.unwrap();
    let answer = String::from_utf8_lossy(&start[..bytes]);
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
    running.stop.notify_one();
    running.task.await.unwrap();
}
