//! Where log lines go and what they look like.

use std::io::IsTerminal as _;

use tracing_subscriber::{EnvFilter, fmt};

/// Writes log lines of `level` and above to standard error.
///
/// Libraries speak up only from `warn` on: at `debug`, a database driver would log every statement
/// with its values.
pub(crate) fn start(level: &str, json: bool) {
    let filter = EnvFilter::try_new(format!(
        "warn,flowstone={level},flowstone_core={level},flowstone_sandbox={level},flowstone_server={level},flowstone_engine={level},flowstone_store={level},flowstone_nodes={level},flowstone_providers={level},flowstone_local_models={level}"
    ));
    let builder = fmt()
        .with_env_filter(filter.unwrap_or_else(|_| EnvFilter::new("info")))
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .with_target(false);
    // A second call (in one test process) changes nothing.
    let _ = if json { builder.json().try_init() } else { builder.try_init() };
}
