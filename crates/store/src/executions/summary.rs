//! A run as lists tell it.

use chrono::{DateTime, Utc};
use sea_orm::DerivePartialModel;

use super::Execution;
use crate::entities::execution::Entity;

/// A run without the texts that may be long: what was asked, and how far it has come.
#[derive(Clone, Debug, PartialEq, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct ExecutionSummary {
    /// Id.
    pub id: String,
    /// As in [`Execution::state`].
    pub state: String,
    /// The flow.
    pub agentflow_id: String,
    /// The conversation.
    pub session_id: String,
    /// What a person is asked, as JSON.
    pub action: Option<String>,
    /// Whether everybody who knows its id may read it.
    pub is_public: Option<bool>,
    /// When it began.
    pub created_date: DateTime<Utc>,
    /// When its last turn ended.
    pub updated_date: DateTime<Utc>,
    /// When it stopped for a person.
    pub stopped_date: Option<DateTime<Utc>>,
    /// The workspace it belongs to.
    pub workspace_id: String,
    /// The key that was shown with the call, where it is one of the workspace.
    pub api_key_id: Option<String>,
    /// Tokens that models read, in it and in the flows that it asked.
    pub input_tokens: Option<i64>,
    /// Tokens that models wrote, likewise.
    pub output_tokens: Option<i64>,
    /// US dollars, likewise, of the calls whose price is known.
    pub cost: Option<f64>,
    /// How long it was walked; waiting for a person does not count.
    pub milliseconds: Option<i64>,
    /// As in [`Execution::flow_source`].
    pub flow_source: String,
    /// The run that it goes back into.
    pub rerun_of: Option<String>,
    /// The node of that run that it begins at.
    pub rerun_node: Option<String>,
}

impl From<Execution> for ExecutionSummary {
    fn from(run: Execution) -> Self {
        Self {
            id: run.id,
            state: run.state,
            agentflow_id: run.agentflow_id,
            session_id: run.session_id,
            action: run.action,
            is_public: run.is_public,
            created_date: run.created_date,
            updated_date: run.updated_date,
            stopped_date: run.stopped_date,
            workspace_id: run.workspace_id,
            api_key_id: run.api_key_id,
            input_tokens: run.input_tokens,
            output_tokens: run.output_tokens,
            cost: run.cost,
            milliseconds: run.milliseconds,
            flow_source: run.flow_source,
            rerun_of: run.rerun_of,
            rerun_node: run.rerun_node,
        }
    }
}
