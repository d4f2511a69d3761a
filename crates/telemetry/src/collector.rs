//! The `metrics` facade over OpenTelemetry's instruments.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit,
};
use opentelemetry::{
    KeyValue,
    metrics::{self as otel, Meter, MeterProvider as _},
};
use opentelemetry_sdk::metrics::SdkMeterProvider;

/// Makes instruments of one meter.
pub(crate) struct Bridge {
    meter: Meter,
    /// Upper bounds of the buckets of histograms.
    buckets: &'static [f64],
}

impl Bridge {
    pub(crate) fn new(meters: &SdkMeterProvider, buckets: &'static [f64]) -> Self {
        Self { meter: meters.meter("flowstone"), buckets }
    }
}

impl Recorder for Bridge {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        let instrument = self.meter.u64_counter(key.name().to_owned()).build();
        let told = AtomicU64::new(0);
        Counter::from_arc(Arc::new(Counted { instrument, labels: labels(key), told }))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        let instrument = self.meter.f64_gauge(key.name().to_owned()).build();
        Gauge::from_arc(Arc::new(Gauged {
            instrument,
            labels: labels(key),
            value: Mutex::default(),
        }))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        let instrument = self.meter.f64_histogram(key.name().to_owned());
        let instrument = instrument.with_boundaries(self.buckets.to_vec()).build();
        Histogram::from_arc(Arc::new(Spread { instrument, labels: labels(key) }))
    }
}

fn labels(key: &Key) -> Vec<KeyValue> {
    key.labels().map(|it| KeyValue::new(it.key().to_owned(), it.value().to_owned())).collect()
}

struct Counted {
    instrument: otel::Counter<u64>,
    labels: Vec<KeyValue>,
    /// What was told so far, for callers that know a total.
    told: AtomicU64,
}

impl CounterFn for Counted {
    fn increment(&self, value: u64) {
        self.told.fetch_add(value, Ordering::Relaxed);
        self.instrument.add(value, &self.labels);
    }

    fn absolute(&self, value: u64) {
        let before = self.told.fetch_max(value, Ordering::Relaxed);
        if let Some(more) = value.checked_sub(before).filter(|it| *it > 0) {
            self.instrument.add(more, &self.labels);
        }
    }
}

struct Gauged {
    instrument: otel::Gauge<f64>,
    labels: Vec<KeyValue>,
    value: Mutex<f64>,
}

impl Gauged {
    fn change(&self, to: impl FnOnce(f64) -> f64) {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        *value = to(*value);
        self.instrument.record(*value, &self.labels);
    }
}

impl GaugeFn for Gauged {
    fn increment(&self, value: f64) {
        self.change(|it| it + value);
    }

    fn decrement(&self, value: f64) {
        self.change(|it| it - value);
    }

    fn set(&self, value: f64) {
        self.change(|_| value);
    }
}

struct Spread {
    instrument: otel::Histogram<f64>,
    labels: Vec<KeyValue>,
}

impl HistogramFn for Spread {
    fn record(&self, value: f64) {
        self.instrument.record(value, &self.labels);
    }
}
