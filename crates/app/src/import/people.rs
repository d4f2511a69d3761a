//! Workspaces, people and API keys.

use std::collections::HashSet;

use anyhow::Result;
use chrono::TimeDelta;
use flowstone_flowise::{Row, Table};
use flowstone_store::{Account, ApiKey, Membership, User, Workspace};

use super::{Fate, Import};

impl Import<'_> {
    /// The source's first workspace is the first one here; further ones come over by their ids.
    pub(super) async fn workspaces(&mut self) -> Result<()> {
        let mut rows = self.rows(Table::Workspace).await?;
        rows.sort_by_key(|row| self.made(row));
        let store = self.store();
        let all = store.workspaces().list_all().await?;
        let here: HashSet<String> = all.iter().map(|it| it.id.clone()).collect();
        let home = all.into_iter().find(|it| it.id == self.default_workspace);
        // Only a rehearsal, which writes nothing, may find no home.
        let (organization, opened) =
            home.map(|it| (it.organization_id, it.created_date)).unwrap_or_default();
        for row in rows {
            let Some(id) = row.text("id") else { continue };
            // Also where an earlier run made it: the same id means the same workspace.
            if self.workspaces.is_empty() && !here.contains(&id) {
                self.workspaces.insert(id, self.default_workspace.clone());
                continue;
            }
            self.workspaces.insert(id.clone(), id.clone());
            let name = row.text("name").unwrap_or_else(|| "Workspace".to_owned());
            let known = std::future::ready(here.contains(&id));
            let workspace = Workspace {
                id,
                name: name.clone(),
                description: row.text("description"),
                organization_id: organization.clone(),
                created_by: None,
                updated_by: None,
                // The oldest workspace is the first one here, and must stay so.
                created_date: self.made(&row).max(opened + TimeDelta::seconds(1)),
                updated_date: self.changed(&row),
            };
            let written = Box::pin(async { store.workspaces().insert(&workspace).await });
            self.keep(Table::Workspace, &name, known, written).await?;
        }
        Ok(())
    }

    /// People keep their passwords: the hashes are checked as what they are.
    pub(super) async fn people(&mut self) -> Result<()> {
        let memberships = self.rows(Table::WorkspaceUser).await?;
        let mut rows = self.rows(Table::User).await?;
        rows.sort_by_key(|row| self.made(row));
        for row in rows {
            let Some(email) = row.text("email").map(|it| it.to_lowercase()) else { continue };
            if self.store().users().find_by_email(&email).await?.is_some() {
                self.report.count(Table::User, Fate::Here);
                continue;
            }
            let user = self.user(&row, email);
            if user.password_hash.is_none() {
                self.report.not_taken(format!(
                    "the password of {}: they signed in elsewhere; give them one with `flowstone \
                     user reset`",
                    user.email
                ));
            }
            let name = user.email.clone();
            let written = if self.rehearsal {
                Ok(())
            } else {
                self.insert_person(user, &row, &memberships).await
            };
            self.settle(Table::User, &name, written)?;
        }
        Ok(())
    }

    fn user(&self, row: &Row, email: String) -> User {
        User {
            id: row.text("id").unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
            name: row.text("name").unwrap_or_else(|| email.clone()),
            email,
            password_hash: row.text("credential"),
            status: row.text("status").unwrap_or_else(|| "active".to_owned()),
            created_by: None,
            updated_by: None,
            created_date: self.made(row),
            updated_date: self.changed(row),
        }
    }

    /// The first person of an installation that has nobody owns it; everyone else joins the
    /// workspaces they belonged to.
    async fn insert_person(
        &self,
        user: User,
        row: &Row,
        memberships: &[Row],
    ) -> flowstone_store::Result<()> {
        let store = self.store();
        let their_id = row.text("id");
        let belongs = memberships.iter().filter(|it| it.text("userId") == their_id);
        let mut places: Vec<String> = belongs
            .filter_map(|it| self.workspaces.get(&it.text("workspaceId")?).cloned())
            .collect();
        if places.is_empty() {
            places.push(self.default_workspace.clone());
        }
        let membership = |workspace_id: String| Membership {
            workspace_id,
            user_id: user.id.clone(),
            role_id: flowstone_server::OWNER_ROLE.to_owned(),
            status: "active".to_owned(),
            last_login: None,
            created_by: None,
            updated_by: None,
            created_date: self.now,
            updated_date: self.now,
        };
        let workspace = store.workspaces().get(&places[0]).await?;
        let organization = store.workspaces().get_organization(&workspace.organization_id).await?;
        let account = Account {
            user: user.clone(),
            organization,
            membership: membership(workspace.id.clone()),
            workspace,
        };
        store.users().insert_into_workspace(&account).await?;
        for further in places.drain(1..) {
            match store.workspaces().insert_member(&membership(further)).await {
                Ok(()) | Err(flowstone_store::Error::Conflict { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Keys go on opening what they opened: their hashes are made of the texts that Flowise kept.
    pub(super) async fn api_keys(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::ApiKey).await? {
            let (Some(id), Some(secret)) = (row.text("id"), row.text("apiKey")) else { continue };
            let name = row.text("keyName").unwrap_or_else(|| "API key".to_owned());
            let (key_hash, key_hint) = flowstone_server::known_key(&secret);
            let here = store.api_keys().find_by_hash(&key_hash).await?.is_some();
            let key = ApiKey {
                id,
                key_hash,
                key_hint,
                key_name: name.clone(),
                permissions: permissions(&row),
                updated_date: row.time("updatedDate").unwrap_or(self.now),
                workspace_id: self.workspace_of(&row),
            };
            let (here, scope) = (std::future::ready(here), self.scope_of(&row));
            let written = Box::pin(async { store.api_keys().insert(&scope, &key).await });
            self.keep(Table::ApiKey, &name, here, written).await?;
        }
        Ok(())
    }
}

/// What a key allows. Keys of versions that knew no permissions could do everything.
fn permissions(row: &Row) -> Vec<String> {
    let listed = row.text("permissions").and_then(|it| serde_json::from_str(&it).ok());
    listed
        .filter(|it: &Vec<String>| !it.is_empty())
        .unwrap_or_else(flowstone_server::all_permissions)
}
