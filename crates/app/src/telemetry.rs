//! What the environment says of numbers and traces.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use flowstone_providers::http::HttpClient;
use flowstone_telemetry::{MetricsTarget, Telemetry, TelemetrySettings};

use crate::{config::Config, installation::http_settings};

/// Where collectors listen unless said otherwise.
const USUAL_COLLECTOR: &str = "http://localhost:4318/v1/metrics";

/// Connects what the environment asks for.
///
/// # Errors
/// The variable that is wrong and what would be right.
pub(crate) fn start(config: &Config) -> Result<Telemetry> {
    let settings = settings(config)?;
    let mut http = http_settings(&config.variables)?;
    // Collectors mostly run at private addresses. The operator named these, so they may be called;
    // flows use another client, for which nothing changes.
    let collector = match &settings.metrics {
        MetricsTarget::Collector(address) => Some(address),
        MetricsTarget::Off | MetricsTarget::Prometheus => None,
    };
    for address in settings.traces.iter().chain(collector) {
        let entry = host_and_port(address).with_context(|| {
            format!("\"{address}\" is no address such as http://localhost:4318/v1/traces")
        })?;
        http.allow.push(entry);
    }
    Ok(Telemetry::start(&settings, &Arc::new(HttpClient::new(http)?))?)
}

fn settings(config: &Config) -> Result<TelemetrySettings> {
    let variables = &config.variables;
    let text = |name: &str| variables.get(name).map(str::to_owned);
    let metrics = if variables.flag("ENABLE_METRICS", false)? {
        match variables.get("METRICS_PROVIDER").unwrap_or("prometheus") {
            "prometheus" => MetricsTarget::Prometheus,
            "open_telemetry" => MetricsTarget::Collector(
                text("METRICS_OPEN_TELEMETRY_METRIC_ENDPOINT")
                    .unwrap_or_else(|| USUAL_COLLECTOR.to_owned()),
            ),
            other => {
                bail!("METRICS_PROVIDER: \"{other}\" is neither prometheus nor open_telemetry")
            }
        }
    } else {
        MetricsTarget::Off
    };
    if variables.get("METRICS_OPEN_TELEMETRY_PROTOCOL") == Some("grpc") {
        bail!("METRICS_OPEN_TELEMETRY_PROTOCOL: grpc is not spoken; http and proto are");
    }
    let traces = text("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT").or_else(|| {
        let base = text("OTEL_EXPORTER_OTLP_ENDPOINT")?;
        Some(format!("{}/v1/traces", base.trim_end_matches('/')))
    });
    let service = text("OTEL_SERVICE_NAME").or_else(|| text("METRICS_SERVICE_NAME"));
    Ok(TelemetrySettings {
        metrics,
        process: variables.flag("METRICS_INCLUDE_NODE_METRICS", true)?,
        service: service.unwrap_or_else(|| "Flowstone".to_owned()),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        traces,
        headers: headers(variables.get("OTEL_EXPORTER_OTLP_HEADERS").unwrap_or_default())?,
    })
}

/// `name=value,name=value`, as OpenTelemetry writes headers.
fn headers(text: &str) -> Result<Vec<(String, String)>> {
    let pairs = text.split(',').map(str::trim).filter(|it| !it.is_empty());
    pairs
        .map(|pair| {
            // What is wrong is not repeated: it may be a key.
            let (name, value) = pair.split_once('=').context(
                "OTEL_EXPORTER_OTLP_HEADERS: pairs such as x-api-key=KEY are expected, with commas \
                 between",
            )?;
            Ok((name.trim().to_owned(), value.trim().to_owned()))
        })
        .collect()
}

/// The `host:port` of an address, as the list of allowed ones holds it.
fn host_and_port(address: &str) -> Option<String> {
    let url = url::Url::parse(address).ok()?;
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_pairs() {
        let expected = vec![("a".to_owned(), "1".to_owned()), ("b".to_owned(), "x=y".to_owned())];
        assert_eq!(headers("a=1, b=x=y,").unwrap(), expected);
        let wrong = headers("a=1,secret").unwrap_err().to_string();
        assert!(!wrong.contains("secret"), "{wrong}");
    }

    #[test]
    fn the_entry_of_an_address_has_its_port() {
        assert_eq!(host_and_port("http://localhost:4318/v1").as_deref(), Some("localhost:4318"));
        assert_eq!(
            host_and_port("https://otel.example.com").as_deref(),
            Some("otel.example.com:443")
        );
        assert_eq!(host_and_port("somewhere"), None);
    }
}
