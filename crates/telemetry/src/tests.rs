//! Numbers are rendered, and numbers and traces reach a collector.

#![expect(clippy::disallowed_methods, reason = "the collector lives as long as the test")]

use flowstone_providers::http::HttpSettings;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    sync::mpsc,
};
use tracing_subscriber::layer::SubscriberExt as _;

use super::*;

/// Takes calls and tells each one's head and body.
async fn collector() -> (String, mpsc::Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (told, calls) = mpsc::channel(64);
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let told = told.clone();
            tokio::spawn(async move {
                let mut read = Vec::new();
                loop {
                    let mut piece = [0; 4096];
                    let Ok(length @ 1..) = connection.read(&mut piece).await else { return };
                    read.extend_from_slice(&piece[..length]);
                    let Some(end) = read.windows(4).position(|it| it == b"\r\n\r\n") else {
                        continue;
                    };
                    let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
                    let length: usize = head
                        .lines()
                        .find_map(|it| it.strip_prefix("content-length: ")?.parse().ok())
                        .unwrap_or(0);
                    if read.len() >= end + 4 + length {
                        let body = read[end + 4..end + 4 + length].to_vec();
                        let _ = told.send((head, body)).await;
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        let _ = connection.write_all(answer).await;
                        read.clear();
                    }
                }
            });
        }
    });
    (address, calls)
}

fn client(allow: &str) -> Arc<HttpClient> {
    let settings = HttpSettings { allow: vec![allow.to_owned()], ..HttpSettings::default() };
    Arc::new(HttpClient::new(settings).unwrap())
}

fn settings() -> TelemetrySettings {
    TelemetrySettings {
        service: "flows".to_owned(),
        version: "1.2.3".to_owned(),
        headers: vec![("x-key".to_owned(), "secret".to_owned())],
        ..TelemetrySettings::default()
    }
}

#[tokio::test]
async fn prometheus_reads_counters_durations_and_the_process() {
    let settings =
        TelemetrySettings { metrics: MetricsTarget::Prometheus, process: true, ..settings() };
    let telemetry = Telemetry::start(&settings, &client("localhost:1")).unwrap();
    metrics::counter!("chatflow_created", "status" => "success").increment(2);
    metrics::histogram!("http_request_duration_ms", "method" => "GET").record(7.0);
    let page = telemetry.render().unwrap();
    for line in [
        "flowise_version_info{version=\"v1.2.3\"} 1",
        "chatflow_created{status=\"success\"} 2",
        "http_request_duration_ms_bucket{method=\"GET\",le=\"15\"} 1",
        "process_resident_memory_bytes ",
    ] {
        assert!(page.contains(line), "{line} is missing in\n{page}");
    }
}

#[tokio::test]
async fn nothing_is_rendered_where_nothing_was_asked_for() {
    let telemetry = Telemetry::start(&settings(), &client("localhost:1")).unwrap();
    metrics::counter!("chatflow_created").increment(1);
    assert_eq!(telemetry.render(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_and_traces_reach_a_collector() {
    let (address, mut calls) = collector().await;
    let settings = TelemetrySettings {
        metrics: MetricsTarget::Collector(format!("http://{address}/v1/metrics")),
        traces: Some(format!("http://{address}/v1/traces")),
        ..settings()
    };
    let telemetry = Telemetry::start(&settings, &client(&address)).unwrap();
    metrics::counter!("tool_created", "status" => "success").increment(1);
    let subscriber = tracing_subscriber::registry().with(telemetry.layer());
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("chat", "gen_ai.request.model" = "little-one");
        span.in_scope(|| ());
    });
    tokio::task::spawn_blocking(move || telemetry.stop()).await.unwrap();
    let mut said = std::collections::HashMap::new();
    while let Ok((head, body)) = calls.try_recv() {
        let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
        assert!(head.contains("x-key: secret"), "{head}");
        said.entry(path).or_insert_with(Vec::new).extend(body);
    }
    let holds = |path: &str, text: &str| {
        said.get(path).is_some_and(|it| it.windows(text.len()).any(|it| it == text.as_bytes()))
    };
    assert!(holds("/v1/metrics", "tool_created") && holds("/v1/metrics", "flows"), "{said:?}");
    assert!(holds("/v1/traces", "little-one") && holds("/v1/traces", "chat"), "{said:?}");
}
