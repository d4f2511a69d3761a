//! The table of flows.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_flow", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub flow_data: String,
    pub deployed: Option<bool>,
    pub is_public: Option<bool>,
    #[sea_orm(column_name = "apikeyid")]
    pub api_key_id: Option<String>,
    pub chatbot_config: Option<String>,
    pub api_config: Option<String>,
    pub analytic: Option<String>,
    pub speech_to_text: Option<String>,
    pub text_to_speech: Option<String>,
    pub follow_up_prompts: Option<String>,
    pub category: Option<String>,
    #[sea_orm(column_name = "type")]
    pub flow_type: Option<String>,
    pub mcp_server_config: Option<String>,
    pub webhook_secret: Option<String>,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
    pub revision: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::chatflows::ChatFlow {
        id,
        name,
        flow_data,
        deployed,
        is_public,
        api_key_id,
        chatbot_config,
        api_config,
        analytic,
        speech_to_text,
        text_to_speech,
        follow_up_prompts,
        category,
        flow_type,
        mcp_server_config,
        webhook_secret,
        created_date,
        updated_date,
        workspace_id,
        revision
    }
);
