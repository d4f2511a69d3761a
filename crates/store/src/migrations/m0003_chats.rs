//! What was said in chats, what people thought of it, and who they were.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager};

use super::columns::{Schema, belongs_to, id, index, key};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0003_chats"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        chat_message(&schema).await?;
        chat_message_feedback(&schema).await?;
        lead(&schema).await
    }
}

async fn chat_message(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("chat_message")
        .col(id("id").primary_key())
        .col(key("role"))
        .col(id("chatflowid"))
        .col(id("executionId").null())
        .col(schema.text("content"))
        .col(schema.text("sourceDocuments").null())
        .col(schema.text("usedTools").null())
        .col(schema.text("fileAnnotations").null())
        .col(schema.text("agentReasoning").null())
        .col(schema.text("reasonContent").null())
        .col(schema.text("fileUploads").null())
        .col(schema.text("artifacts").null())
        .col(schema.text("action").null())
        .col(key("chatType"))
        .col(key("chatId"))
        .col(schema.text("memoryType").null())
        .col(key("sessionId").null())
        .col(schema.time("createdDate"))
        .col(schema.text("leadEmail").null())
        .col(schema.text("followUpPrompts").null())
        .foreign_key(&mut belongs_to("chat_message", "chatflowid", "chat_flow"))
        .to_owned();
    schema
        .create(
            table,
            vec![
                index("chat_message", &["chatflowid", "sessionId", "createdDate"]),
                index("chat_message", &["chatflowid", "createdDate"]),
                index("chat_message", &["chatId"]),
            ],
        )
        .await
}

async fn chat_message_feedback(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("chat_message_feedback")
        .col(id("id").primary_key())
        .col(id("chatflowid"))
        .col(key("chatId"))
        .col(id("messageId"))
        .col(schema.text("rating").null())
        .col(schema.text("content").null())
        .col(schema.time("createdDate"))
        .foreign_key(&mut belongs_to("chat_message_feedback", "chatflowid", "chat_flow"))
        .foreign_key(&mut belongs_to("chat_message_feedback", "messageId", "chat_message"))
        .to_owned();
    schema
        .create(
            table,
            vec![
                index("chat_message_feedback", &["chatflowid", "createdDate"]),
                index("chat_message_feedback", &["messageId"]),
            ],
        )
        .await
}

async fn lead(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("lead")
        .col(id("id").primary_key())
        .col(schema.text("name").null())
        .col(schema.text("email").null())
        .col(schema.text("phone").null())
        .col(id("chatflowid"))
        .col(key("chatId"))
        .col(schema.time("createdDate"))
        .foreign_key(&mut belongs_to("lead", "chatflowid", "chat_flow"))
        .to_owned();
    schema.create(table, vec![index("lead", &["chatflowid", "createdDate"])]).await
}
