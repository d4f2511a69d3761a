//! What a running server tells its operators: numbers for Prometheus or an OpenTelemetry collector,
//! and traces by OpenTelemetry's conventions.
//!
//! The rest of the program speaks to two facades, `metrics` and `tracing`; here they are connected,
//! if the operator asked for it. What goes out goes through a client of `providers`.

mod client;
mod collector;
mod process;

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Result};
use flowstone_providers::HttpClient;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{
    MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig,
};
use opentelemetry_sdk::{
    Resource,
    metrics::{PeriodicReader, SdkMeterProvider},
    trace::SdkTracerProvider,
};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use client::Outgoing;

/// How often numbers are sent to a collector.
const INTERVAL: Duration = Duration::from_secs(5);
/// Upper bounds of the buckets of durations in milliseconds.
const MILLISECONDS: &[f64] =
    &[1.0, 5.0, 15.0, 50.0, 100.0, 200.0, 300.0, 400.0, 500.0, 1_000.0, 5_000.0, 30_000.0];

/// What the operator asked for.
#[derive(Clone, Debug, Default)]
pub struct TelemetrySettings {
    /// Where numbers go.
    pub metrics: MetricsTarget,
    /// Whether numbers of the process itself (memory, processor, files) are among them.
    pub process: bool,
    /// Name under which collectors know this server.
    pub service: String,
    /// Version of the program.
    pub version: String,
    /// Address that takes traces, such as `http://localhost:4318/v1/traces`.
    pub traces: Option<String>,
    /// Headers of calls to collectors, such as a key.
    pub headers: Vec<(String, String)>,
}

/// Where numbers go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum MetricsTarget {
    /// Nowhere: nothing is counted.
    #[default]
    Off,
    /// They are kept until [`Telemetry::render`] is asked.
    Prometheus,
    /// They are sent to this address, such as `http://localhost:4318/v1/metrics`.
    Collector(String),
}

/// The connected facades.
#[derive(Default)]
pub struct Telemetry {
    prometheus: Option<PrometheusHandle>,
    process: Option<process::Process>,
    meters: Option<SdkMeterProvider>,
    traces: Option<SdkTracerProvider>,
}

impl Telemetry {
    /// Connects what `settings` ask for. Call it once, inside the runtime that sends, with a client
    /// that may reach the collectors.
    ///
    /// # Errors
    /// `InvalidInput`-like sentences for an address that cannot be used.
    pub fn start(settings: &TelemetrySettings, client: &Arc<HttpClient>) -> Result<Self> {
        let mut telemetry = Self::default();
        let resource = Resource::builder()
            .with_service_name(settings.service.clone())
            .with_attribute(opentelemetry::KeyValue::new(
                "service.version",
                settings.version.clone(),
            ))
            .build();
        let outgoing = || Outgoing::new(client.clone(), settings.headers.clone());
        match &settings.metrics {
            MetricsTarget::Off => {}
            MetricsTarget::Prometheus => {
                let recorder = PrometheusBuilder::new()
                    .set_buckets(MILLISECONDS)
                    .map_err(|error| unusable(&error))?
                    .build_recorder();
                telemetry.prometheus = Some(recorder.handle());
                install(recorder);
            }
            MetricsTarget::Collector(address) => {
                let exporter = MetricExporter::builder()
                    .with_http()
                    .with_http_client(outgoing())
                    .with_protocol(Protocol::HttpBinary)
                    .with_endpoint(address)
                    .build()
                    .map_err(|error| unusable(&error))?;
                let reader = PeriodicReader::builder(exporter).with_interval(INTERVAL).build();
                let meters = SdkMeterProvider::builder()
                    .with_reader(reader)
                    .with_resource(resource.clone())
                    .build();
                install(collector::Bridge::new(&meters, MILLISECONDS));
                telemetry.meters = Some(meters);
            }
        }
        if settings.metrics != MetricsTarget::Off {
            // Dashboards made for Flowise look for this name.
            let version = format!("v{}", settings.version);
            metrics::gauge!("flowise_version_info", "version" => version).set(1.0);
            telemetry.process = settings.process.then(process::Process::describe);
        }
        if let (Some(process), Some(_)) = (&telemetry.process, &telemetry.meters) {
            process.collect_every(INTERVAL);
        }
        if let Some(address) = &settings.traces {
            let exporter = SpanExporter::builder()
                .with_http()
                .with_http_client(outgoing())
                .with_protocol(Protocol::HttpBinary)
                .with_endpoint(address)
                .build()
                .map_err(|error| unusable(&error))?;
            let traces = SdkTracerProvider::builder()
                .with_batch_exporter(exporter)
                .with_resource(resource)
                .build();
            telemetry.traces = Some(traces);
        }
        Ok(telemetry)
    }

    /// The layer that turns spans into traces, where traces are asked for.
    pub fn layer<S>(&self) -> Option<OpenTelemetryLayer<S, opentelemetry_sdk::trace::SdkTracer>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let tracer = self.traces.as_ref()?.tracer("flowstone");
        Some(tracing_opentelemetry::layer().with_tracer(tracer).with_location(false))
    }

    /// The numbers in Prometheus' text format 0.0.4; `None` where it was not asked for.
    pub fn render(&self) -> Option<String> {
        let prometheus = self.prometheus.as_ref()?;
        if let Some(process) = &self.process {
            process.collect();
        }
        prometheus.run_upkeep();
        Some(prometheus.render())
    }

    /// Sends what is still waiting. Blocks for some seconds where a collector is slow.
    pub fn stop(&self) {
        if let Some(meters) = &self.meters {
            let _ = meters.shutdown();
        }
        if let Some(traces) = &self.traces {
            let _ = traces.shutdown();
        }
    }
}

/// A second recorder in one process, as in tests, changes nothing.
fn install(recorder: impl metrics::Recorder + Sync + 'static) {
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::debug!("numbers are counted already");
    }
}

fn unusable(error: &dyn std::error::Error) -> Error {
    Error::Unsupported(format!("telemetry cannot be sent: {error}"))
}

#[cfg(test)]
mod tests;
