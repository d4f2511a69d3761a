//! Document stores, their chunks, and what they wrote to vector stores.

use sea_orm::DbErr;
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, sea_query::ColumnDef};

use super::columns::{Schema, belongs_to, id, index, key};

pub(super) struct Step;

impl MigrationName for Step {
    fn name(&self) -> &'static str {
        "m0008_document_stores"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let schema = Schema::of(manager).await?;
        document_store(&schema).await?;
        document_store_file_chunk(&schema).await?;
        document_store_history(&schema).await
    }
}

async fn document_store(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("document_store")
        .col(id("id").primary_key())
        .col(schema.text("name"))
        .col(schema.text("description").null())
        .col(schema.text("loaders"))
        .col(schema.text("whereUsed"))
        .col(key("status"))
        .col(schema.text("vectorStoreConfig").null())
        .col(schema.text("embeddingConfig").null())
        .col(schema.text("recordManagerConfig").null())
        .col(schema.time("createdDate"))
        .col(schema.time("updatedDate"))
        .col(id("workspaceId"))
        .foreign_key(&mut belongs_to("document_store", "workspaceId", "workspace"))
        .to_owned();
    schema.create(table, vec![index("document_store", &["workspaceId"])]).await
}

async fn document_store_file_chunk(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("document_store_file_chunk")
        .col(id("id").primary_key())
        .col(id("docId"))
        .col(id("storeId"))
        .col(ColumnDef::new("chunkNo").integer().not_null())
        .col(schema.text("pageContent"))
        .col(schema.text("metadata").null())
        .foreign_key(&mut belongs_to("document_store_file_chunk", "storeId", "document_store"))
        .to_owned();
    let by_place = index("document_store_file_chunk", &["storeId", "docId", "chunkNo"]);
    schema.create(table, vec![by_place]).await
}

async fn document_store_history(schema: &Schema<'_>) -> Result<(), DbErr> {
    let table = schema
        .table("document_store_history")
        .col(id("id").primary_key())
        .col(id("storeId"))
        .col(schema.text("result"))
        .col(schema.text("flowData"))
        .col(schema.time("date"))
        .foreign_key(&mut belongs_to("document_store_history", "storeId", "document_store"))
        .to_owned();
    schema.create(table, vec![index("document_store_history", &["storeId"])]).await
}
