//! Finding, making and changing users.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Account, Error, Page, Result, Store, User,
    connection::Transaction,
    entities::{
        organization, password_reset, session, setting,
        user::{ActiveModel, Column, Entity},
        workspace, workspace_user,
    },
    query::{self, change},
};

const WHAT: &str = "user";

/// The setting whose row says that the first account was made; its key is unique, so only one of
/// two set-ups at the same moment can win.
const FIRST_ACCOUNT: &str = "first-account";

/// What to change in a user. `None` leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::option_option,
    reason = "outside: whether to write; inside: what, as the column may be empty"
)]
pub struct UserPatch {
    /// Name to show.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Hash of the password.
    pub password_hash: Option<Option<String>>,
    /// `active`, `invited` or `unverified`.
    pub status: Option<String>,
    /// Id of the user who changes it.
    pub updated_by: Option<Option<String>>,
    /// The time of this change.
    pub updated_date: Option<DateTime<Utc>>,
}

/// The users; see [`Store::users`]. Users do not belong to one workspace, so no call takes a scope.
#[derive(Debug)]
pub struct Users<'a>(pub(crate) &'a Store);

impl Users<'_> {
    /// One user.
    pub async fn get(&self, id: &str) -> Result<User> {
        Entity::find_by_id(id)
            .one(self.0.reader())
            .await
            .map_err(failed)?
            .map(Into::into)
            .ok_or_else(|| Error::not_found(WHAT, id))
    }

    /// The names of users, by id. Ids that are unknown by now are left out.
    pub async fn names(&self, ids: &[&str]) -> Result<HashMap<String, String>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let found: Vec<(String, String)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Name])
            .filter(Column::Id.is_in(ids.iter().copied()))
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.into_iter().collect())
    }

    /// The user with this e-mail address, in exactly this spelling.
    pub async fn find_by_email(&self, email: &str) -> Result<Option<User>> {
        let user = Entity::find()
            .filter(Column::Email.eq(email))
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(user.map(Into::into))
    }

    /// How many users there are; 0 means that Flowstone has not been set up.
    pub async fn count(&self) -> Result<u64> {
        Entity::find().select_only().column(Column::Id).count(self.0.reader()).await.map_err(failed)
    }

    /// Users by e-mail address, and how many there are in all.
    pub async fn list(&self, page: Option<Page>) -> Result<(Vec<User>, u64)> {
        let users = query::in_page(Entity::find().order_by_asc(Column::Email), page);
        let users: Vec<User> =
            users.all(self.0.reader()).await.map_err(failed)?.into_iter().map(Into::into).collect();
        let total = if page.is_some() { self.count().await? } else { users.len() as u64 };
        Ok((users, total))
    }

    /// Makes the first account of this installation, all or nothing. If there is one already, or
    /// another caller is quicker, it is a conflict.
    ///
    /// Its organization and workspace may be there already: a new installation keeps its example
    /// flows in a workspace that the first account moves into.
    pub async fn insert_first(&self, account: &Account) -> Result<()> {
        let transaction = self.0.begin().await?;
        let taken = || Error::Conflict {
            what: "set-up",
            why: "the first account has been made already".to_owned(),
        };
        if Entity::find()
            .select_only()
            .column(Column::Id)
            .count(&transaction)
            .await
            .map_err(failed)?
            > 0
        {
            return Err(taken());
        }
        let row = setting::Model { key: FIRST_ACCOUNT.to_owned(), value: account.user.id.clone() };
        match query::insert::<setting::Entity>(&transaction, "set-up", row).await {
            Err(Error::Conflict { .. }) => return Err(taken()),
            other => other?,
        }
        insert_account(&transaction, account, true).await?;
        query::commit(transaction).await
    }

    /// Makes a further account with an organization and a workspace of its own, all or nothing.
    pub async fn insert(&self, account: &Account) -> Result<()> {
        let transaction = self.0.begin().await?;
        insert_account(&transaction, account, false).await?;
        query::commit(transaction).await
    }

    /// Makes a further account in a workspace that is there, all or nothing.
    pub async fn insert_into_workspace(&self, account: &Account) -> Result<()> {
        let transaction = self.0.begin().await?;
        insert_account(&transaction, account, true).await?;
        query::commit(transaction).await
    }

    /// Changes a user and gives it back.
    pub async fn update(&self, id: &str, patch: UserPatch) -> Result<User> {
        let transaction = self.0.begin().await?;
        let user = update(&transaction, id, patch).await?;
        query::commit(transaction).await?;
        Ok(user)
    }

    /// Changes a user whose password may be new. Where it is, or where their address is, whoever knew
    /// the old one is shut out: all their sessions end, and so does a reset that was on its way.
    pub async fn update_and_sign_out(&self, id: &str, patch: UserPatch) -> Result<User> {
        let transaction = self.0.begin().await?;
        let user = update(&transaction, id, patch).await?;
        sign_out(&transaction, id).await?;
        query::commit(transaction).await?;
        Ok(user)
    }

    /// Deletes a user with their sessions and memberships; how many there were, 0 or 1. What they
    /// made in their workspaces stays.
    pub async fn delete(&self, id: &str) -> Result<u64> {
        let deleted = Entity::delete_by_id(id).exec(self.0.writer()).await.map_err(failed)?;
        Ok(deleted.rows_affected)
    }
}

/// Sets a user's password and ends all their sessions.
pub(crate) async fn set_password(
    transaction: &Transaction,
    id: &str,
    password_hash: &str,
    now: DateTime<Utc>,
) -> Result<User> {
    let patch = UserPatch {
        password_hash: Some(Some(password_hash.to_owned())),
        updated_by: Some(Some(id.to_owned())),
        updated_date: Some(now),
        ..UserPatch::default()
    };
    let user = update(transaction, id, patch).await?;
    sign_out(transaction, id).await?;
    Ok(user)
}

async fn update(transaction: &Transaction, id: &str, patch: UserPatch) -> Result<User> {
    let row = ActiveModel {
        name: change(patch.name),
        email: change(patch.email),
        password_hash: change(patch.password_hash),
        status: change(patch.status),
        updated_by: change(patch.updated_by),
        updated_date: change(patch.updated_date),
        ..Default::default()
    };
    query::changes::<Entity>(WHAT, row)?
        .filter(Column::Id.eq(id))
        .exec(transaction)
        .await
        .map_err(failed)?;
    let user = Entity::find_by_id(id).one(transaction).await.map_err(failed)?;
    user.map(Into::into).ok_or_else(|| Error::not_found(WHAT, id))
}

async fn sign_out(transaction: &Transaction, id: &str) -> Result<()> {
    let sessions = session::Entity::delete_many().filter(session::Column::UserId.eq(id));
    sessions.exec(transaction).await.map_err(failed)?;
    password_reset::Entity::delete_by_id(id).exec(transaction).await.map_err(failed)?;
    Ok(())
}

async fn insert_account(
    transaction: &Transaction,
    account: &Account,
    moves_in: bool,
) -> Result<()> {
    query::insert::<Entity>(transaction, WHAT, (&account.user).into()).await?;
    let workspace = workspace::Entity::find_by_id(&account.workspace.id);
    let there = moves_in && workspace.one(transaction).await.map_err(failed)?.is_some();
    if !there {
        query::insert::<organization::Entity>(
            transaction,
            "organization",
            (&account.organization).into(),
        )
        .await?;
        query::insert::<workspace::Entity>(transaction, "workspace", (&account.workspace).into())
            .await?;
    }
    query::insert::<workspace_user::Entity>(transaction, "membership", (&account.membership).into())
        .await
}

fn failed(error: sea_orm::DbErr) -> Error {
    Error::database(WHAT, error)
}
