//! Runs of agentflows that another server walked.

use chrono::{DateTime, Utc};

use super::{Execution, TurnRow};
use crate::{Error, Result};

/// States of runs that are over. A run in another state hangs on the server that walked it.
const OVER: [&str; 4] = ["FINISHED", "ERROR", "TERMINATED", "TIMEOUT"];

impl Execution {
    /// A run as another server tells of it, with its turns from the text of their list. It cannot
    /// go on here: one that was under way, or waited for a person, counts as terminated.
    ///
    /// # Errors
    /// [`Error::Invalid`] where `execution_data` is not the text of a list.
    pub fn moved(moved: MovedExecution) -> Result<(Self, Vec<TurnRow>)> {
        let records: Vec<serde_json::Value> =
            serde_json::from_str(&moved.execution_data).map_err(|error| {
                Error::invalid(
                    "execution",
                    format!("its turns are not the text of a list: {error}"),
                )
            })?;
        let turn = |it: &serde_json::Value| TurnRow { record: it.to_string(), position: None };
        let over = OVER.contains(&moved.state.as_str());
        let state = if over { moved.state } else { "TERMINATED".to_owned() };
        let execution = Self {
            id: moved.id,
            state,
            agentflow_id: moved.agentflow_id,
            session_id: moved.session_id,
            action: None,
            is_public: moved.is_public,
            request: "{}".to_owned(),
            progress: "{}".to_owned(),
            request_key: None,
            owner: None,
            lease_date: None,
            created_date: moved.created_date,
            updated_date: moved.updated_date,
            stopped_date: moved.stopped_date,
            workspace_id: moved.workspace_id,
            depth: 0,
            api_key_id: None,
            input_tokens: None,
            output_tokens: None,
            cost: None,
            milliseconds: None,
            flow_source: "published".to_owned(),
            rerun_of: None,
            rerun_node: None,
        };
        Ok((execution, records.iter().map(turn).collect()))
    }
}

/// What another server tells of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MovedExecution {
    /// Id.
    pub id: String,
    /// As in [`Execution::state`].
    pub state: String,
    /// The flow, by its id here.
    pub agentflow_id: String,
    /// The conversation.
    pub session_id: String,
    /// The text of the list of its turns.
    pub execution_data: String,
    /// Whether everybody who knows its id may read it.
    pub is_public: Option<bool>,
    /// When it began.
    pub created_date: DateTime<Utc>,
    /// When its last turn ended.
    pub updated_date: DateTime<Utc>,
    /// When it stopped for a person.
    pub stopped_date: Option<DateTime<Utc>>,
    /// The workspace here that it is moved into.
    pub workspace_id: String,
}
