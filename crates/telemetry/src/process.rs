//! Numbers of the process itself, under Prometheus' usual names.

use std::time::Duration;

use metrics_process::Collector;

/// Memory, processor time, files and threads.
pub(crate) struct Process(Collector);

impl Process {
    /// Announces the numbers.
    pub(crate) fn describe() -> Self {
        let collector = Collector::default();
        collector.describe();
        Self(collector)
    }

    /// Reads them now.
    pub(crate) fn collect(&self) {
        self.0.collect();
    }

    /// Reads them again and again, for targets that do not ask.
    #[expect(
        clippy::disallowed_methods,
        reason = "this task measures the process, so it lives as long as that"
    )]
    pub(crate) fn collect_every(&self, interval: Duration) {
        let collector = self.0.clone();
        tokio::spawn(async move {
            let mut clock = tokio::time::interval(interval);
            loop {
                clock.tick().await;
                collector.collect();
            }
        });
    }
}
