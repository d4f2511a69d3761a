//! Credentials: what nodes show to other services, kept encrypted.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    Error, Order, Page, Result, Store, WorkspaceScope,
    entities::credential::{ActiveModel, Column, Entity},
    query::{self, Table, change},
};

/// A credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Id; also bound into the encryption, see [`crate::EncryptionKey::seal`].
    pub id: String,
    /// Title.
    pub name: String,
    /// The kind of credential, such as `openAIApi`.
    pub credential_name: String,
    /// The fields of the form as JSON, sealed by [`crate::EncryptionKey::seal`].
    pub encrypted_data: String,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last saved.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

/// What to change in a credential; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct CredentialPatch {
    /// Title.
    pub name: Option<String>,
    /// The kind of credential.
    pub credential_name: Option<String>,
    /// The sealed fields.
    pub encrypted_data: Option<String>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The credentials; see [`Store::credentials`].
#[derive(Debug)]
pub struct Credentials<'a>(pub(crate) &'a Store);

impl Credentials<'_> {
    /// One credential.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Credential> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// One credential of any workspace, for the consent of a service that comes back without a
    /// session. The caller takes the scope for everything else from its `workspace_id`.
    pub async fn get_for_anyone(&self, id: &str) -> Result<Credential> {
        Entity::find_by_id(id)
            .one(self.0.reader())
            .await
            .map_err(|error| Error::database(Entity::WHAT, error))?
            .map(Into::into)
            .ok_or_else(|| Error::not_found(Entity::WHAT, id))
    }

    /// Credentials, the oldest first, and how many there are in all. With `kinds`, only those
    /// whose `credential_name` is among them.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        kinds: &[&str],
        page: Option<Page>,
    ) -> Result<(Vec<Credential>, u64)> {
        let mut credentials = Entity::find().filter(Entity::in_scope(scope));
        if !kinds.is_empty() {
            credentials = credentials.filter(Column::CredentialName.is_in(kinds.iter().copied()));
        }
        let credentials = query::by_time(credentials, Column::CreatedDate, Order::Ascending);
        query::list(self.0.reader(), credentials, page).await
    }

    /// Adds a credential. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, credential: &Credential) -> Result<()> {
        query::insert_in_scope::<Entity>(
            self.0.writer(),
            scope,
            &credential.workspace_id,
            credential.into(),
        )
        .await
    }

    /// Changes a credential and gives it back.
    pub async fn update(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        patch: CredentialPatch,
    ) -> Result<Credential> {
        let row = ActiveModel {
            name: change(patch.name),
            credential_name: change(patch.credential_name),
            encrypted_data: change(patch.encrypted_data),
            updated_date: change(patch.updated_date),
            ..Default::default()
        };
        Ok(query::update(self.0, scope, id, query::changes::<Entity>(Entity::WHAT, row)?)
            .await?
            .into())
    }

    /// Deletes a credential; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }
}
