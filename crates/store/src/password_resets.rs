//! Passwords that their owners have forgotten and may set anew.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use crate::{
    Error, Result, Store, User,
    entities::password_reset::{Column, Entity},
    query, users,
};

const WHAT: &str = "password reset";

/// That somebody may set a new password, by a token they were sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordReset {
    /// Whose password; one reset each, the newest.
    pub user_id: String,
    /// Hash of the token, unique; the token itself is nowhere.
    pub token_hash: String,
    /// When it was asked for.
    pub created_date: DateTime<Utc>,
    /// When the token ends.
    pub expires_date: DateTime<Utc>,
}

/// The resets; see [`Store::password_resets`]. A reset belongs to a user, so no call takes a scope.
#[derive(Debug)]
pub struct PasswordResets<'a>(pub(crate) &'a Store);

impl PasswordResets<'_> {
    /// The reset whose token has this hash, expired or not.
    pub async fn find_by_hash(&self, token_hash: &str) -> Result<Option<PasswordReset>> {
        let found = Entity::find().filter(Column::TokenHash.eq(token_hash));
        Ok(found.one(self.0.reader()).await.map_err(failed)?.map(Into::into))
    }

    /// Adds a reset. An earlier one of the same user is void from then on.
    pub async fn put(&self, reset: &PasswordReset) -> Result<()> {
        let transaction = self.0.begin().await?;
        Entity::delete_by_id(reset.user_id.as_str()).exec(&transaction).await.map_err(failed)?;
        query::insert::<Entity>(&transaction, WHAT, reset.into()).await?;
        query::commit(transaction).await
    }

    /// Uses a token up: sets the user's password and ends all their sessions, all or nothing. `None`
    /// where there is no such token (any more) at `now`: of two calls at once, one gets it.
    pub async fn redeem(
        &self,
        token_hash: &str,
        password_hash: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<User>> {
        let transaction = self.0.begin().await?;
        let hash = Column::TokenHash.eq(token_hash);
        let found = Entity::find().filter(hash.clone()).filter(Column::ExpiresDate.gt(now));
        let found = found.one(&transaction).await.map_err(failed)?;
        let Some(reset) = found else { return Ok(None) };
        let deleted =
            Entity::delete_many().filter(hash).exec(&transaction).await.map_err(failed)?;
        if deleted.rows_affected == 0 {
            return Ok(None);
        }
        let user = users::set_password(&transaction, &reset.user_id, password_hash, now).await?;
        query::commit(transaction).await?;
        Ok(Some(user))
    }

    /// Clears away the resets that ended before `now`; how many there were.
    pub async fn delete_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        let ended = Entity::delete_many().filter(Column::ExpiresDate.lt(now));
        Ok(ended.exec(self.0.writer()).await.map_err(failed)?.rows_affected)
    }
}

fn failed(error: DbErr) -> Error {
    Error::database(WHAT, error)
}
