//! Where a conversation stands: what a checkpoint keeps, and taking up what a person answered.

use flowstone_core::{
    Error, Result, Run,
    sequence::{Line, Speaker},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The state of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Progress {
    /// The conversation.
    #[serde(rename = "messages")]
    pub(super) lines: Vec<Line>,
    /// What the state holds beside it.
    pub(super) values: Map<String, Value>,
    /// What waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) waiting: Option<Waiting>,
}

/// A run that waits for a person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Waiting {
    /// What the person was shown.
    pub(super) action: Value,
    /// What goes on when they agree.
    pub(super) tasks: Vec<Task>,
    /// Who has acted of those that others wait for.
    pub(super) arrived: Vec<Arrival>,
}

/// A turn that is to be taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Task {
    /// The node.
    pub(super) node: String,
    /// Its own tools run, as against its turn.
    pub(super) tools: bool,
    /// The fork that sent the run here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) via: Option<String>,
}

/// A node that others wait for has acted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Arrival {
    /// Which one waits.
    pub(super) waits: String,
    /// Which one has acted.
    pub(super) acted: String,
}

/// What a person says to a run that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// Go on.
    Approved,
    /// Do not.
    Rejected,
    /// Something else, which is a question.
    Asked,
}

impl Waiting {
    /// What the question of the call says to what was asked.
    ///
    /// # Errors
    /// Where it answers something that was asked earlier.
    pub(super) fn answer(&self, run: &Run) -> Result<Said> {
        if let Some(given) = run.action.as_ref().and_then(|it| it["id"].as_str())
            && self.action["id"].as_str() != Some(given)
        {
            return Err(answered());
        }
        let said = run.question.trim();
        let mapped = |name: &str| self.action["mapping"][name].as_str().map(str::trim);
        Ok(match said {
            it if mapped("approve") == Some(it) => Said::Approved,
            it if mapped("reject") == Some(it) => Said::Rejected,
            _ => Said::Asked,
        })
    }
}

/// What is answered is no longer asked.
pub(super) fn answered() -> Error {
    Error::Conflict(
        "nothing waits for this answer: it was given already, or the conversation has gone on"
            .to_owned(),
    )
}

impl Progress {
    /// What the model is told of the calls that a person did not let run.
    pub(super) fn deny(&mut self, node: &str) {
        let Some(asked) = self.lines.iter().rev().find(|it| !it.tool_calls.is_empty()) else {
            return;
        };
        let denied = asked.calls().into_iter().map(|call| {
            let told = format!(
                "The person did not let {} run. Say that you accept this, do nothing else, and \
                 ask what else you can do.",
                call.name
            );
            let mut line = Line::new(Speaker::Tool, told).by(node, &call.name);
            line.additional_kwargs.tool_calls_denied = true;
            line.tool_call_id = Some(call.id);
            line
        });
        let denied: Vec<Line> = denied.collect();
        self.lines.extend(denied);
    }

    /// The values with all keys of `begun` and no others, for a flow whose state was changed since.
    pub(super) fn shaped(mut self, begun: Map<String, Value>, is_team: bool) -> Self {
        if is_team {
            return self;
        }
        let kept = begun.into_iter().map(|(key, value)| {
            let value = self.values.remove(&key).unwrap_or(value);
            (key, value)
        });
        self.values = kept.collect();
        self
    }
}
