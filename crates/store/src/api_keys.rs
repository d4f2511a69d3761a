//! API keys: how programs show who they are. Only hashes are kept.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Error, Order, Page, Result, Store, WorkspaceScope,
    entities::api_key::{ActiveModel, Column, Entity, Model},
    query::{self, Table, change},
};

/// An API key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Id.
    pub id: String,
    /// Hash of the key, unique; the key itself is nowhere.
    pub key_hash: String,
    /// What may be shown of the key: its first and last characters.
    pub key_hint: String,
    /// Title.
    pub key_name: String,
    /// What it allows, such as `chatflows:view`.
    pub permissions: Vec<String>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it opens.
    pub workspace_id: String,
}

/// What to change in an API key; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ApiKeyPatch {
    /// Title.
    pub key_name: Option<String>,
    /// What it allows.
    pub permissions: Option<Vec<String>>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The API keys; see [`Store::api_keys`].
#[derive(Debug)]
pub struct ApiKeys<'a>(pub(crate) &'a Store);

impl ApiKeys<'_> {
    /// One API key.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<ApiKey> {
        query::get::<Entity>(self.0.reader(), scope, id).await?.try_into()
    }

    /// The key of any workspace with this hash: how a caller's workspace is found.
    pub async fn find_by_hash(&self, key_hash: &str) -> Result<Option<ApiKey>> {
        let key = Entity::find().filter(Column::KeyHash.eq(key_hash)).one(self.0.reader()).await;
        key.map_err(|error| Error::database(Entity::WHAT, error))?
            .map(TryInto::try_into)
            .transpose()
    }

    /// API keys, the last saved first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: Option<Page>,
    ) -> Result<(Vec<ApiKey>, u64)> {
        let keys = Entity::find().filter(Entity::in_scope(scope));
        let keys = query::by_time(keys, Column::UpdatedDate, Order::Descending);
        let (rows, total) = query::list::<_, Model>(self.0.reader(), keys, page).await?;
        let keys = rows.into_iter().map(TryInto::try_into).collect::<Result<_>>()?;
        Ok((keys, total))
    }

    /// Adds an API key. An id or a hash that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, key: &ApiKey) -> Result<()> {
        let row = Model {
            id: key.id.clone(),
            key_hash: key.key_hash.clone(),
            key_hint: key.key_hint.clone(),
            key_name: key.key_name.clone(),
            permissions: to_json(&key.permissions)?,
            updated_date: key.updated_date,
            workspace_id: key.workspace_id.clone(),
        };
        query::insert_in_scope::<Entity>(self.0.writer(), scope, &key.workspace_id, row).await
    }

    /// Changes an API key and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: ApiKeyPatch,
    ) -> Result<ApiKey> {
        let permissions = patch.permissions.as_deref().map(to_json).transpose()?;
        let row = ActiveModel {
            key_name: change(patch.key_name),
            permissions: change(permissions),
            updated_date: change(patch.updated_date),
            ..Default::default()
        };
        query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .try_into()
    }

    /// Deletes an API key; how many there were, 0 or 1. Flows that ask for it keep asking for it,
    /// so that they do not stand open all of a sudden.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}

impl TryFrom<Model> for ApiKey {
    type Error = Error;

    fn try_from(row: Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            key_hash: row.key_hash,
            key_hint: row.key_hint,
            key_name: row.key_name,
            permissions: serde_json::from_str(&row.permissions).map_err(Error::internal)?,
            updated_date: row.updated_date,
            workspace_id: row.workspace_id,
        })
    }
}

fn to_json(permissions: &[String]) -> Result<String> {
    serde_json::to_string(permissions).map_err(Error::internal)
}
