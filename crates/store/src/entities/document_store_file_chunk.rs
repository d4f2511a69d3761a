//! The table of the chunks of document stores.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document_store_file_chunk", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    #[sea_orm(column_name = "docId")]
    pub loader_id: String,
    pub store_id: String,
    #[sea_orm(column_name = "chunkNo")]
    pub number: i32,
    pub page_content: String,
    pub metadata: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::document_stores::Chunk { id, loader_id, store_id, number, page_content, metadata }
);
