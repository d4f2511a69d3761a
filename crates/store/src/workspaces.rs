//! Finding and making workspaces, their organizations and their members.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};

use crate::{
    Error, Membership, Organization, Result, Store, Workspace,
    entities::{organization, workspace, workspace_user},
    query,
};

const WHAT: &str = "workspace";

/// The workspaces; see [`Store::workspaces`]. These calls are how a scope is found, so none takes one.
#[derive(Debug)]
pub struct Workspaces<'a>(pub(crate) &'a Store);

impl Workspaces<'_> {
    /// One workspace.
    pub async fn get(&self, id: &str) -> Result<Workspace> {
        workspace::Entity::find_by_id(id)
            .one(self.0.reader())
            .await
            .map_err(failed)?
            .map(Into::into)
            .ok_or_else(|| Error::not_found(WHAT, id))
    }

    /// One organization.
    pub async fn get_organization(&self, id: &str) -> Result<Organization> {
        organization::Entity::find_by_id(id)
            .one(self.0.reader())
            .await
            .map_err(failed)?
            .map(Into::into)
            .ok_or_else(|| Error::not_found("organization", id))
    }

    /// The workspaces that someone belongs to, the oldest membership first.
    pub async fn list_for_user(&self, user_id: &str) -> Result<Vec<(Workspace, Membership)>> {
        let memberships = workspace_user::Entity::find()
            .filter(workspace_user::Column::UserId.eq(user_id))
            .order_by_asc(workspace_user::Column::CreatedDate)
            .order_by_asc(workspace_user::Column::WorkspaceId)
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        let ids = memberships.iter().map(|it| it.workspace_id.as_str());
        let mut workspaces: Vec<Workspace> = workspace::Entity::find()
            .filter(workspace::Column::Id.is_in(ids))
            .all(self.0.reader())
            .await
            .map_err(failed)?
            .into_iter()
            .map(Into::into)
            .collect();
        let places = memberships.into_iter().filter_map(|membership| {
            let index = workspaces.iter().position(|it| it.id == membership.workspace_id)?;
            Some((workspaces.swap_remove(index), membership.into()))
        });
        Ok(places.collect())
    }

    /// Every workspace, the oldest first.
    pub async fn list_all(&self) -> Result<Vec<Workspace>> {
        let workspaces = workspace::Entity::find()
            .order_by_asc(workspace::Column::CreatedDate)
            .order_by_asc(workspace::Column::Id)
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(workspaces.into_iter().map(Into::into).collect())
    }

    /// Adds an organization. An id that exists already is a conflict.
    pub async fn insert_organization(&self, organization: &Organization) -> Result<()> {
        query::insert::<organization::Entity>(self.0.writer(), "organization", organization.into())
            .await
    }

    /// Adds a workspace to an organization that is there. An id that exists already is a conflict.
    pub async fn insert(&self, workspace: &Workspace) -> Result<()> {
        query::insert::<workspace::Entity>(self.0.writer(), WHAT, workspace.into()).await
    }

    /// Adds a user to a workspace. A second time it is a conflict.
    pub async fn insert_member(&self, membership: &Membership) -> Result<()> {
        query::insert::<workspace_user::Entity>(self.0.writer(), "membership", membership.into())
            .await
    }

    /// Writes down when someone signed in to a workspace; how many memberships that were, 0 or 1.
    pub async fn note_login(
        &self,
        workspace_id: &str,
        user_id: &str,
        time: DateTime<Utc>,
    ) -> Result<u64> {
        let updated = workspace_user::Entity::update_many()
            .col_expr(workspace_user::Column::LastLogin, Expr::value(time))
            .filter(workspace_user::Column::WorkspaceId.eq(workspace_id))
            .filter(workspace_user::Column::UserId.eq(user_id))
            .exec(self.0.writer())
            .await
            .map_err(failed)?;
        Ok(updated.rows_affected)
    }
}

fn failed(error: DbErr) -> Error {
    Error::database(WHAT, error)
}
