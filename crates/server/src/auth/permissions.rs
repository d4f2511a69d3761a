//! What a caller may do: the permissions there are, and who holds which.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

/// Id of the role that may do everything.
pub const OWNER_ROLE: &str = "5d7c3a10-6f0e-4c58-9a37-1be2c0a4d9f1";

/// What a caller may do.
#[derive(Clone, Debug)]
pub(crate) enum Permissions {
    /// Everything in their workspace.
    All,
    /// These.
    Listed(Arc<[String]>),
}

impl Permissions {
    /// Those of an API key.
    pub(crate) fn listed(permissions: Vec<String>) -> Self {
        Self::Listed(permissions.into())
    }

    /// Those of a role. Roles other than the owner's come with workspaces; until then they may
    /// nothing.
    pub(crate) fn of_role(role_id: &str) -> Self {
        if role_id == OWNER_ROLE { Self::All } else { Self::listed(Vec::new()) }
    }

    /// Whether `permission` is among them.
    pub(crate) fn contain(&self, permission: &str) -> bool {
        match self {
            Self::All => true,
            Self::Listed(list) => list.iter().any(|it| it == permission),
        }
    }
}

/// Every permission an API key may hold, by name.
pub fn all_permissions() -> Vec<String> {
    let groups = GROUPS.iter().filter(|it| it.for_keys);
    groups.flat_map(|it| it.permissions).map(|it| it.key.to_owned()).collect()
}

/// Permissions about one kind of thing.
pub(crate) struct Group {
    /// Name of the group, which is also the start of most of its keys.
    pub(crate) name: &'static str,
    /// Whether an API key may hold its permissions; the others are for people.
    pub(crate) for_keys: bool,
    /// Its permissions.
    pub(crate) permissions: &'static [Permission],
}

/// One permission, as the form that hands them out shows it.
#[derive(Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Permission {
    /// Its name in keys and roles.
    pub(crate) key: &'static str,
    /// Its name in the form.
    value: &'static str,
    /// Clients show only permissions that are marked so.
    is_open_source: bool,
    /// Kept for clients, which read it.
    is_enterprise: bool,
    /// Kept for clients, which read it.
    is_cloud: bool,
}

/// A permission about things this installation has.
const fn open(key: &'static str, value: &'static str) -> Permission {
    Permission { key, value, is_open_source: true, is_enterprise: true, is_cloud: true }
}

/// A permission that needs several workspaces or users to have a meaning.
const fn shared(key: &'static str, value: &'static str) -> Permission {
    Permission { is_open_source: false, ..open(key, value) }
}

/// A permission of an installation of one's own.
const fn own(key: &'static str, value: &'static str) -> Permission {
    Permission { is_cloud: false, ..shared(key, value) }
}

/// All permissions, in the order of the form.
pub(crate) const GROUPS: &[Group] = &[
    Group {
        name: "chatflows",
        for_keys: true,
        permissions: &[
            open("chatflows:view", "View"),
            open("chatflows:create", "Create"),
            open("chatflows:update", "Update"),
            open("chatflows:duplicate", "Duplicate"),
            open("chatflows:delete", "Delete"),
            open("chatflows:export", "Export"),
            open("chatflows:import", "Import"),
            open("chatflows:config", "Edit Configuration"),
            open("chatflows:domains", "Allowed Domains"),
        ],
    },
    Group {
        name: "agentflows",
        for_keys: true,
        permissions: &[
            open("agentflows:view", "View"),
            open("agentflows:create", "Create"),
            open("agentflows:update", "Update"),
            open("agentflows:duplicate", "Duplicate"),
            open("agentflows:delete", "Delete"),
            open("agentflows:export", "Export"),
            open("agentflows:import", "Import"),
            open("agentflows:config", "Edit Configuration"),
            open("agentflows:domains", "Allowed Domains"),
        ],
    },
    Group {
        name: "tools",
        for_keys: true,
        permissions: &[
            open("tools:view", "View"),
            open("tools:create", "Create"),
            open("tools:update", "Update"),
            open("tools:delete", "Delete"),
            open("tools:export", "Export"),
        ],
    },
    Group {
        name: "assistants",
        for_keys: true,
        permissions: &[
            open("assistants:view", "View"),
            open("assistants:create", "Create"),
            open("assistants:update", "Update"),
            open("assistants:delete", "Delete"),
        ],
    },
    Group {
        name: "credentials",
        for_keys: true,
        permissions: &[
            open("credentials:view", "View"),
            open("credentials:create", "Create"),
            open("credentials:update", "Update"),
            open("credentials:delete", "Delete"),
            shared("credentials:share", "Share"),
        ],
    },
    Group {
        name: "variables",
        for_keys: true,
        permissions: &[
            open("variables:view", "View"),
            open("variables:create", "Create"),
            open("variables:update", "Update"),
            open("variables:delete", "Delete"),
        ],
    },
    Group {
        name: "apikeys",
        for_keys: true,
        permissions: &[
            open("apikeys:view", "View"),
            open("apikeys:create", "Create"),
            open("apikeys:update", "Update"),
            open("apikeys:delete", "Delete"),
        ],
    },
    Group {
        name: "documentStores",
        for_keys: true,
        permissions: &[
            open("documentStores:view", "View"),
            open("documentStores:create", "Create"),
            open("documentStores:update", "Update"),
            open("documentStores:delete", "Delete Document Store"),
            open("documentStores:add-loader", "Add Document Loader"),
            open("documentStores:delete-loader", "Delete Document Loader"),
            open("documentStores:preview-process", "Preview & Process Document Chunks"),
            open("documentStores:upsert-config", "Upsert Config"),
        ],
    },
    Group {
        name: "datasets",
        for_keys: true,
        permissions: &[
            shared("datasets:view", "View"),
            shared("datasets:create", "Create"),
            shared("datasets:update", "Update"),
            shared("datasets:delete", "Delete"),
        ],
    },
    Group {
        name: "executions",
        for_keys: true,
        permissions: &[
            open("executions:view", "View"),
            open("executions:update", "Update"),
            open("executions:delete", "Delete"),
        ],
    },
    Group {
        name: "evaluators",
        for_keys: true,
        permissions: &[
            shared("evaluators:view", "View"),
            shared("evaluators:create", "Create"),
            shared("evaluators:update", "Update"),
            shared("evaluators:delete", "Delete"),
        ],
    },
    Group {
        name: "evaluations",
        for_keys: true,
        permissions: &[
            shared("evaluations:view", "View"),
            shared("evaluations:create", "Create"),
            shared("evaluations:update", "Update"),
            shared("evaluations:delete", "Delete"),
            shared("evaluations:run", "Run Again"),
        ],
    },
    Group {
        name: "templates",
        for_keys: true,
        permissions: &[
            open("templates:marketplace", "View Marketplace Templates"),
            open("templates:custom", "View Custom Templates"),
            open("templates:custom-delete", "Delete Custom Template"),
            open("templates:toolexport", "Export Tool as Template"),
            open("templates:flowexport", "Export Flow as Template"),
            shared("templates:custom-share", "Share Custom Templates"),
        ],
    },
    Group {
        name: "workspace",
        for_keys: false,
        permissions: &[
            shared("workspace:view", "View"),
            shared("workspace:create", "Create"),
            shared("workspace:update", "Update"),
            shared("workspace:add-user", "Add User"),
            shared("workspace:unlink-user", "Remove User"),
            shared("workspace:delete", "Delete"),
            shared("workspace:export", "Export Data within Workspace"),
            shared("workspace:import", "Import Data within Workspace"),
        ],
    },
    Group {
        name: "admin",
        for_keys: false,
        permissions: &[
            shared("users:manage", "Manage Users"),
            shared("roles:manage", "Manage Roles"),
            own("sso:manage", "Manage SSO"),
        ],
    },
    Group { name: "logs", for_keys: false, permissions: &[own("logs:view", "View Logs")] },
    Group {
        name: "loginActivity",
        for_keys: false,
        permissions: &[own("loginActivity:view", "View Login Activity")],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn permissions_are_unique() {
        let keys = || GROUPS.iter().flat_map(|it| it.permissions).map(|it| it.key);
        assert_eq!(keys().collect::<HashSet<_>>().len(), keys().count());
    }

    #[test]
    fn only_the_owner_may_everything() {
        assert!(Permissions::of_role(OWNER_ROLE).contain("chatflows:view"));
        assert!(!Permissions::of_role("another").contain("chatflows:view"));
        assert!(Permissions::listed(vec!["tools:view".into()]).contain("tools:view"));
    }
}
