//! The table of what people thought of answers.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "chat_message_feedback", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(column_name = "chatflowid")]
    pub chatflow_id: String,
    pub chat_id: String,
    pub message_id: String,
    pub rating: Option<String>,
    pub content: Option<String>,
    pub created_date: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::feedback::Feedback {
        id,
        chatflow_id,
        chat_id,
        message_id,
        rating,
        content,
        created_date
    }
);
