//! Where log lines go and what they look like.

use std::io::IsTerminal as _;

use flowstone_telemetry::Telemetry;
use tracing_subscriber::{
    EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Writes log lines of `level` and above to standard error.
///
/// Libraries speak up only from `warn` on: at `debug`, a database driver would log every statement
/// with its values.
pub(crate) fn start(level: &str, json: bool, telemetry: &Telemetry) {
    let filter = EnvFilter::try_new(format!(
        "warn,flowstone={level},flowstone_core={level},flowstone_sandbox={level},flowstone_server={level},flowstone_engine={level},flowstone_store={level},flowstone_nodes={level},flowstone_providers={level},flowstone_local_models={level}"
    ));
    let lines = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false);
    let lines = if json { lines.json().boxed() } else { lines.boxed() };
    let all = tracing_subscriber::registry()
        .with(telemetry.layer())
        .with(lines)
        .with(filter.unwrap_or_else(|_| EnvFilter::new("info")));
    // A second call (in one test process) changes nothing.
    let _ = all.try_init();
}
