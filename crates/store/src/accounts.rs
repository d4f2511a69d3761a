//! Who uses Flowstone: people, workspaces, and who belongs where.

use std::fmt;

use chrono::{DateTime, Utc};

/// Someone who can sign in.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// E-mail address, unique. The store compares it as it is, so callers write it in lower case.
    pub email: String,
    /// Hash of the password; `None` for someone who signs in elsewhere or has not set one yet.
    pub password_hash: Option<String>,
    /// `active`, `invited` or `unverified`.
    pub status: String,
    /// Id of the user who made it.
    pub created_by: Option<String>,
    /// Id of the user who changed it last.
    pub updated_by: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last changed.
    pub updated_date: DateTime<Utc>,
}

impl fmt::Debug for User {
    /// Leaves the password's hash out, as this ends up in logs.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("User")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("email", &self.email)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A group of workspaces under one administration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// Id.
    pub id: String,
    /// Name to show.
    pub name: String,
    /// Id of the user who made it.
    pub created_by: Option<String>,
    /// Id of the user who changed it last.
    pub updated_by: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last changed.
    pub updated_date: DateTime<Utc>,
}

/// A place for flows, credentials and everything else, shut off from other workspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Id; see [`crate::WorkspaceScope`].
    pub id: String,
    /// Name to show.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// The organization it belongs to.
    pub organization_id: String,
    /// Id of the user who made it.
    pub created_by: Option<String>,
    /// Id of the user who changed it last.
    pub updated_by: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last changed.
    pub updated_date: DateTime<Utc>,
}

/// That someone belongs to a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// The workspace.
    pub workspace_id: String,
    /// The user.
    pub user_id: String,
    /// Id of the role that tells what they may do there.
    pub role_id: String,
    /// `active`, `disable` or `invited`.
    pub status: String,
    /// When they last signed in to it.
    pub last_login: Option<DateTime<Utc>>,
    /// Id of the user who made it.
    pub created_by: Option<String>,
    /// Id of the user who changed it last.
    pub updated_by: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last changed.
    pub updated_date: DateTime<Utc>,
}

/// A new user with a place to work in: what signing up makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The user.
    pub user: User,
    /// Their organization.
    pub organization: Organization,
    /// Its first workspace.
    pub workspace: Workspace,
    /// Their membership in it.
    pub membership: Membership,
}
