//! The table of runs of agentflows.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "execution", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub state: String,
    pub agentflow_id: String,
    pub session_id: String,
    pub action: Option<String>,
    pub is_public: Option<bool>,
    pub request: String,
    pub progress: String,
    pub request_key: Option<String>,
    pub owner: Option<String>,
    pub lease_date: Option<DateTimeUtc>,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub stopped_date: Option<DateTimeUtc>,
    pub workspace_id: String,
    pub depth: i32,
    pub api_key_id: Option<String>,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost: Option<f64>,
    pub milliseconds: Option<i64>,
    pub flow_source: String,
    pub rerun_of: Option<String>,
    pub rerun_node: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::executions::Execution {
        id,
        state,
        agentflow_id,
        session_id,
        action,
        is_public,
        request,
        progress,
        request_key,
        owner,
        lease_date,
        created_date,
        updated_date,
        stopped_date,
        workspace_id,
        depth,
        api_key_id,
        input_tokens,
        output_tokens,
        cost,
        milliseconds,
        flow_source,
        rerun_of,
        rerun_node
    }
);
