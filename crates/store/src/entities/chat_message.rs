//! The table of chat messages.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_message", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub role: String,
    #[sea_orm(column_name = "chatflowid")]
    pub chatflow_id: String,
    pub execution_id: Option<String>,
    pub content: String,
    pub source_documents: Option<String>,
    pub used_tools: Option<String>,
    pub file_annotations: Option<String>,
    pub agent_reasoning: Option<String>,
    pub reason_content: Option<String>,
    pub file_uploads: Option<String>,
    pub artifacts: Option<String>,
    pub action: Option<String>,
    pub chat_type: String,
    pub chat_id: String,
    pub memory_type: Option<String>,
    pub session_id: Option<String>,
    pub created_date: DateTimeUtc,
    pub lead_email: Option<String>,
    pub follow_up_prompts: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::messages::ChatMessage {
        id,
        role,
        chatflow_id,
        execution_id,
        content,
        source_documents,
        used_tools,
        file_annotations,
        agent_reasoning,
        reason_content,
        file_uploads,
        artifacts,
        action,
        chat_type,
        chat_id,
        memory_type,
        session_id,
        created_date,
        lead_email,
        follow_up_prompts
    }
);
