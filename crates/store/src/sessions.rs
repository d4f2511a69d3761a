//! Sign-ins that can be refreshed.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

use crate::{
    Error, Result, Store,
    entities::session::{Column, Entity},
    query,
};

const WHAT: &str = "session";

/// A sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Id.
    pub id: String,
    /// Who signed in.
    pub user_id: String,
    /// Hash of the refresh token that is valid now, unique; the token itself is nowhere.
    pub refresh_hash: String,
    /// The workspace that is being worked in.
    pub workspace_id: String,
    /// When they signed in.
    pub created_date: DateTime<Utc>,
    /// When the refresh token was last exchanged.
    pub refreshed_date: DateTime<Utc>,
    /// When the refresh token ends.
    pub expires_date: DateTime<Utc>,
}

/// The sessions; see [`Store::sessions`]. A session belongs to a user, so no call takes a scope.
#[derive(Debug)]
pub struct Sessions<'a>(pub(crate) &'a Store);

impl Sessions<'_> {
    /// The session, expired or not.
    pub async fn find(&self, id: &str) -> Result<Option<Session>> {
        let session = Entity::find_by_id(id).one(self.0.reader()).await.map_err(failed)?;
        Ok(session.map(Into::into))
    }

    /// The session whose refresh token has this hash, expired or not.
    pub async fn find_by_refresh_hash(&self, refresh_hash: &str) -> Result<Option<Session>> {
        let session =
            Entity::find().filter(Column::RefreshHash.eq(refresh_hash)).one(self.0.reader()).await;
        Ok(session.map_err(failed)?.map(Into::into))
    }

    /// The sessions of a user, the newest first.
    pub async fn list_for_user(&self, user_id: &str) -> Result<Vec<Session>> {
        let sessions = Entity::find()
            .filter(Column::UserId.eq(user_id))
            .order_by_desc(Column::CreatedDate)
            .order_by_desc(Column::Id)
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(sessions.into_iter().map(Into::into).collect())
    }

    /// Adds a session. An id or a hash that exists already is a conflict.
    pub async fn insert(&self, session: &Session) -> Result<()> {
        query::insert::<Entity>(self.0.writer(), WHAT, session.into()).await
    }

    /// Exchanges the refresh token, if `old_hash` is still the valid one. `false` means that it was
    /// exchanged before (by a thief, or by an impatient second request) or that the session is gone.
    pub async fn exchange(
        &self,
        id: &str,
        old_hash: &str,
        new_hash: &str,
        refreshed: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Result<bool> {
        let updated = Entity::update_many()
            .col_expr(Column::RefreshHash, Expr::value(new_hash))
            .col_expr(Column::RefreshedDate, Expr::value(refreshed))
            .col_expr(Column::ExpiresDate, Expr::value(expires))
            .filter(Column::Id.eq(id))
            .filter(Column::RefreshHash.eq(old_hash))
            .exec(self.0.writer())
            .await
            .map_err(failed)?;
        Ok(updated.rows_affected == 1)
    }

    /// Ends a session; how many there were, 0 or 1.
    pub async fn delete(&self, id: &str) -> Result<u64> {
        let deleted = Entity::delete_by_id(id).exec(self.0.writer()).await.map_err(failed)?;
        Ok(deleted.rows_affected)
    }

    /// Ends all sessions of a user (after a change of password, say); how many there were.
    pub async fn delete_for_user(&self, user_id: &str) -> Result<u64> {
        let sessions = Entity::delete_many().filter(Column::UserId.eq(user_id));
        Ok(sessions.exec(self.0.writer()).await.map_err(failed)?.rows_affected)
    }

    /// Clears away the sessions that ended before `now`; how many there were.
    pub async fn delete_expired(&self, now: DateTime<Utc>) -> Result<u64> {
        let sessions = Entity::delete_many().filter(Column::ExpiresDate.lt(now));
        Ok(sessions.exec(self.0.writer()).await.map_err(failed)?.rows_affected)
    }
}

fn failed(error: DbErr) -> Error {
    Error::database(WHAT, error)
}
