//! The table of runs: what flows did, call by call.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "flow_run", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub workspace_id: String,
    #[sea_orm(column_name = "chatflowid")]
    pub chatflow_id: String,
    pub version: Option<i32>,
    pub draft: bool,
    pub chat_id: String,
    pub session_id: String,
    pub chat_type: String,
    pub state: String,
    pub started_date: DateTimeUtc,
    pub milliseconds: i64,
    pub input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost: Option<f64>,
    pub question: String,
    pub error: Option<String>,
    pub error_node_id: Option<String>,
    pub error_node_label: Option<String>,
    pub error_row: Option<String>,
    pub spans: String,
    pub spans_left_out: i32,
    pub depth: i32,
    pub api_key_id: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::runs::FlowRun {
        id,
        workspace_id,
        chatflow_id,
        version,
        draft,
        chat_id,
        session_id,
        chat_type,
        state,
        started_date,
        milliseconds,
        input_tokens,
        output_tokens,
        cost,
        question,
        error,
        error_node_id,
        error_node_label,
        error_row,
        spans,
        spans_left_out,
        depth,
        api_key_id
    }
);
