//! The table of document stores.

use sea_orm::entity::prelude::*;

use crate::convert::same_fields;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "document_store", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub name: String,
    pub description: Option<String>,
    pub loaders: String,
    pub where_used: String,
    pub status: String,
    pub vector_store_config: Option<String>,
    pub embedding_config: Option<String>,
    pub record_manager_config: Option<String>,
    pub created_date: DateTimeUtc,
    pub updated_date: DateTimeUtc,
    pub workspace_id: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

same_fields!(
    Model,
    crate::document_stores::DocumentStore {
        id,
        name,
        description,
        loaders,
        where_used,
        status,
        vector_store_config,
        embedding_config,
        record_manager_config,
        created_date,
        updated_date,
        workspace_id
    }
);
