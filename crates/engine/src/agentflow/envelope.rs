//! What holds for any node of an agentflow, whatever it does: how often it is tried, how long it may
//! take, what happens where it fails, and whether it may run twice.

use std::time::Duration;

use flowstone_core::Error;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::spending::Budget;

/// Most tries of one turn.
const MOST_RETRIES: u32 = 10;
/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

/// The envelope of a node, saved as `data.envelope` beside its form. All of it may be left out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Envelope {
    /// How often a failed turn is tried again.
    retries: u32,
    /// Milliseconds before the first new try; doubled with each.
    backoff: u64,
    /// Kinds of failure that are tried again ([`Error::kind`]); those that may pass by themselves
    /// where none is named.
    retry_on: Vec<String>,
    /// Seconds that one try may take; 0 for no limit.
    timeout: f64,
    /// What a failure does to the run.
    pub(crate) on_error: OnError,
    /// Whether the turn may be taken again where nobody knows if it was.
    pub(crate) repeatable: bool,
    /// The model that is asked where the chosen one fails.
    pub(crate) fallback_model: Option<FallbackModel>,
    /// What the run may spend; read of the node that begins.
    pub(crate) budget: Budget,
}

/// A model that stands in for another.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct FallbackModel {
    /// Name of its node.
    pub(crate) name: String,
    /// Its form, as nodes save the form of a chosen model.
    #[serde(default)]
    pub(crate) config: Map<String, Value>,
}

/// What a failure does to the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum OnError {
    /// The run fails.
    #[default]
    Stop,
    /// The run goes on along the node's error wire.
    Branch,
    /// The run goes on along the usual wires, with the failure's text as the output.
    Continue,
}

impl Default for Envelope {
    fn default() -> Self {
        Self {
            retries: 0,
            backoff: 500,
            retry_on: Vec::new(),
            timeout: 0.0,
            on_error: OnError::Stop,
            repeatable: true,
            fallback_model: None,
            budget: Budget::default(),
        }
    }
}

impl Envelope {
    /// Reads what a flow saved; rows that cannot be read count as left out.
    pub(crate) fn parse(saved: &Value) -> Self {
        serde_json::from_value(saved.clone()).unwrap_or_default()
    }

    /// How long to wait before try `tried + 1`; `None` where `error` is final.
    pub(crate) fn wait_before_retry(&self, error: &Error, tried: u32) -> Option<Duration> {
        let passes = || match error.root() {
            Error::Provider { status, .. } => *status == 429 || *status >= 500,
            Error::Transport(_) | Error::Busy(_) => true,
            _ => false,
        };
        let wanted = if self.retry_on.is_empty() {
            passes()
        } else {
            self.retry_on.iter().any(|it| it == error.kind())
        };
        (wanted && tried < self.retries.min(MOST_RETRIES)).then(|| {
            let doubled = self.backoff.saturating_mul(1 << tried.min(20));
            Duration::from_millis(doubled).min(LONGEST_WAIT)
        })
    }

    /// The model to ask instead after `error`, which another vendor may not have.
    pub(crate) fn instead(&self, error: &Error) -> Option<&FallbackModel> {
        let vendor =
            matches!(error.root(), Error::Provider { .. } | Error::Transport(_) | Error::Busy(_));
        self.fallback_model.as_ref().filter(|_| vendor)
    }

    /// How long one try may take.
    pub(crate) fn limit(&self) -> Option<Duration> {
        (self.timeout > 0.0).then(|| Duration::try_from_secs_f64(self.timeout).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_with_longer_waits() {
        let envelope = Envelope::parse(&json!({"retries": 2, "backoff": 100}));
        let busy = Error::Provider { status: 503, message: String::new() };
        let wait = |tried| envelope.wait_before_retry(&busy, tried).map(|it| it.as_millis());
        assert_eq!([wait(0), wait(1), wait(2)], [Some(100), Some(200), None]);
        let wrong = Error::Provider { status: 401, message: String::new() };
        assert_eq!(envelope.wait_before_retry(&wrong, 0), None);
    }

    #[test]
    fn an_envelope_that_cannot_be_read_changes_nothing() {
        for saved in [json!(null), json!(5), json!({"retries": "x"})] {
            assert_eq!(Envelope::parse(&saved), Envelope::default());
        }
    }
}
