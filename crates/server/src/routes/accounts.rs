//! The first account, signing in and out.

use std::collections::BTreeMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use chrono::Utc;
use flowstone_store::{Account, Error as StoreError, Membership, Organization, User, Workspace};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use ts_rs::TS;
use uuid::Uuid;

use crate::{
    AppState, Body, Problem,
    auth::{
        ClientAddress, GROUPS, Group, NotForeign, OWNER_ROLE, Permission, check_password,
        email_address, end_session, hash_password, open_session, password_policy, refresh_session,
        removed_cookies,
    },
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
    routes::{old_login::require_old_login, profile::person_name},
    wire,
};

/// What the first account's set-up is told when it comes second.
const TAKEN: &str = "You can only have one organization";

pub(super) fn routes() -> Routes {
    let password = Policy::Anonymous("asks for the password, with limited attempts");
    Routes::new()
        .post(
            "/account/register",
            Policy::Anonymous("works once, while there is no account"),
            register,
        )
        .doc(
            doc("Make the first account")
                .takes::<Registration>()
                .creates::<Map<String, Value>>()
                .problem(403),
        )
        .post(
            "/account/logout",
            Policy::Anonymous("ends the session whose cookies come along"),
            logout,
        )
        .doc(doc("Sign out").gives::<LoggedOut>().problem(403))
        .post("/auth/login", password, login)
        .doc(
            doc("Sign in")
                .details("The answer sets the cookies of a session.")
                .takes::<Login>()
                .gives::<SessionUser>()
                .problem(401)
                .problem(403)
                .problem(404)
                .problem(429),
        )
        .post("/auth/resolve", Policy::Anonymous("tells whether there is an account yet"), resolve)
        .doc(doc("Tell which page to begin with").gives::<Entry>())
        .post("/auth/refreshToken", Policy::Anonymous("asks for the refresh cookie"), refresh)
        .doc(
            doc("Go on with a session")
                .details("Exchanges the refresh cookie for new cookies.")
                .gives::<SessionUser>()
                .problem(401)
                .problem(403),
        )
        .get("/auth/permissions/{kind}", Policy::Caller(&[]), permissions)
        .doc(doc("List permissions").gives::<BTreeMap<String, Vec<Permission>>>())
        .get(
            "/loginmethod/default",
            Policy::Anonymous("lists ways to sign in besides the password"),
            login_methods,
        )
        .doc(doc("List ways to sign in besides the password").gives::<Map<String, Value>>())
}

/// The first account, as its set-up page sends it. Fields besides these are not read: who signs up
/// cannot choose an id, a role or a workspace.
#[derive(Default, Deserialize, JsonSchema)]
struct Registration {
    #[serde(default)]
    user: NewUser,
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct NewUser {
    /// Name to show.
    name: Option<String>,
    /// E-mail address to sign in with.
    email: Option<String>,
    /// The password.
    credential: Option<String>,
}

async fn register(
    State(state): State<AppState>,
    _: NotForeign,
    headers: HeaderMap,
    Body(body): Body<Registration>,
) -> Result<Response> {
    if state.store.users().count().await? > 0 {
        return Err(Problem::bad_request(TAKEN));
    }
    require_old_login(&state, &headers)?;
    let name = person_name(body.user.name.as_deref().unwrap_or_default())?;
    let email = body.user.email.as_deref().and_then(email_address);
    let email =
        email.ok_or_else(|| Problem::bad_request("email: this is not an e-mail address"))?;
    let password = body.user.credential.unwrap_or_default();
    password_policy(&password)?;
    let mut account = new_account(name, email, hash_password(password).await?);
    // A new installation keeps its example flows in a workspace that waits for its first owner.
    if let Some(workspace) = state.store.workspaces().list_all().await?.into_iter().next() {
        let organization = &workspace.organization_id;
        account.organization = state.store.workspaces().get_organization(organization).await?;
        account.membership.workspace_id = workspace.id.clone();
        account.workspace = workspace;
    }
    match state.store.users().insert_first(&account).await {
        Ok(()) => Ok((StatusCode::CREATED, Json(account_view(&account))).into_response()),
        Err(StoreError::Conflict { .. }) => Err(Problem::bad_request(TAKEN)),
        Err(error) => Err(error.into()),
    }
}

fn new_account(name: String, email: String, password_hash: String) -> Account {
    let now = Utc::now();
    let id = || Uuid::new_v4().to_string();
    let (user_id, organization_id, workspace_id) = (id(), id(), id());
    let maker = Some(user_id.clone());
    Account {
        user: User {
            id: user_id.clone(),
            name,
            email,
            password_hash: Some(password_hash),
            status: "active".to_owned(),
            created_by: maker.clone(),
            updated_by: maker.clone(),
            created_date: now,
            updated_date: now,
        },
        organization: Organization {
            id: organization_id.clone(),
            name: "Default Organization".to_owned(),
            created_by: maker.clone(),
            updated_by: maker.clone(),
            created_date: now,
            updated_date: now,
        },
        workspace: Workspace {
            id: workspace_id.clone(),
            name: "Default Workspace".to_owned(),
            description: None,
            organization_id,
            created_by: maker.clone(),
            updated_by: maker.clone(),
            created_date: now,
            updated_date: now,
        },
        membership: Membership {
            workspace_id,
            user_id,
            role_id: OWNER_ROLE.to_owned(),
            status: "active".to_owned(),
            last_login: Some(now),
            created_by: maker.clone(),
            updated_by: maker,
            created_date: now,
            updated_date: now,
        },
    }
}

/// The new account as clients of the reference read it; the password's hash stays here.
fn account_view(account: &Account) -> Value {
    let Account { user, organization, workspace, membership } = account;
    // A workspace that waited for its first owner has no maker but them.
    let maker = |by: &Option<String>| by.clone().unwrap_or_else(|| user.id.clone());
    let (made, changed) = (wire::time(user.created_date), wire::time(user.updated_date));
    let role = json!({
        "id": OWNER_ROLE,
        "organizationId": null,
        "name": "owner",
        "description": "Has full control over the organization.",
        "permissions": r#"["organization","workspace"]"#,
        "createdDate": made,
        "updatedDate": changed,
        "createdBy": null,
        "updatedBy": null,
    });
    json!({
        "user": {
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "status": user.status,
            "createdBy": user.created_by,
            "updatedBy": user.updated_by,
            "createdDate": made,
            "updatedDate": changed,
        },
        "organization": {
            "id": organization.id,
            "name": organization.name,
            "createdBy": maker(&organization.created_by),
            "updatedBy": maker(&organization.updated_by),
            "customerId": null,
            "subscriptionId": null,
            "createdDate": made,
            "updatedDate": changed,
        },
        "organizationUser": {
            "organizationId": organization.id,
            "userId": user.id,
            "roleId": OWNER_ROLE,
            "createdBy": user.id,
            "updatedBy": user.id,
            "role": role,
            "status": membership.status,
            "createdDate": made,
            "updatedDate": changed,
        },
        "workspace": {
            "id": workspace.id,
            "name": workspace.name,
            "organizationId": organization.id,
            "createdBy": maker(&workspace.created_by),
            "updatedBy": maker(&workspace.updated_by),
            "description": workspace.description,
            "createdDate": made,
            "updatedDate": changed,
        },
        "workspaceUser": {
            "workspaceId": workspace.id,
            "userId": user.id,
            "roleId": OWNER_ROLE,
            "status": membership.status,
            "createdBy": membership.created_by,
            "updatedBy": membership.updated_by,
            "role": role,
            "lastLogin": membership.last_login.map(wire::time),
            "createdDate": made,
            "updatedDate": changed,
        },
        "role": {},
    })
}

#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Login {
    /// E-mail address of the account.
    email: String,
    /// Its password.
    password: String,
}

async fn login(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    _: NotForeign,
    Body(login): Body<Login>,
) -> Result<Response> {
    let email = login.email.trim().to_lowercase();
    if email.is_empty() || login.password.is_empty() {
        return Err(Problem::bad_request("email and password are needed"));
    }
    state.attempts.begin(&email, address)?;
    let user = state.store.users().find_by_email(&email).await?;
    let hash =
        user.as_ref().filter(|it| it.status == "active").and_then(|it| it.password_hash.clone());
    let right = check_password(login.password, hash).await?;
    if !right {
        tracing::warn!(%address, "a sign-in failed");
    }
    // Existing clients tell the two apart by their status; see docs/decisions.
    let user = user.ok_or_else(|| Problem::not_found("User Not Found"))?;
    if !right {
        return Err(Problem::unauthorized("Incorrect Email or Password"));
    }
    state.attempts.succeeded(&email, address);
    let (cookies, workspace, membership) = open_session(&state, &user).await?;
    Ok((cookies, Json(SessionUser::new(&user, &workspace, &membership))).into_response())
}

async fn refresh(
    State(state): State<AppState>,
    _: NotForeign,
    headers: HeaderMap,
) -> Result<Response> {
    let (cookies, user, workspace, membership) = refresh_session(&state, &headers).await?;
    Ok((cookies, Json(SessionUser::new(&user, &workspace, &membership))).into_response())
}

/// That a session has ended.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LoggedOut {
    message: &'static str,
    /// Path of the page to go to.
    redirect_to: &'static str,
}

async fn logout(
    State(state): State<AppState>,
    _: NotForeign,
    headers: HeaderMap,
) -> Result<Response> {
    end_session(&state, &headers).await?;
    let answer = LoggedOut { message: "logged_out", redirect_to: "/signin" };
    Ok((removed_cookies(&state), Json(answer)).into_response())
}

/// Where to go next.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "FirstPage")]
struct Entry {
    /// Path of a page: that of the set-up before the first account, else that of the sign-in.
    redirect_url: &'static str,
}

async fn resolve(State(state): State<AppState>) -> Result<Json<Entry>> {
    let first = state.store.users().count().await? == 0;
    Ok(Json(Entry { redirect_url: if first { "/organization-setup" } else { "/signin" } }))
}

/// Ways to sign in besides the password: none.
async fn login_methods() -> Json<Map<String, Value>> {
    Json(Map::new())
}

async fn permissions(Path(kind): Path<String>) -> Result<Json<Map<String, Value>>> {
    let wanted: fn(&Group) -> bool = match kind.as_str() {
        "API_KEY" => |group| group.for_keys,
        "ROLE" => |_| true,
        _ => return Err(Problem::bad_request(format!("{kind:?} is neither API_KEY nor ROLE"))),
    };
    let groups = GROUPS.iter().filter(|it| wanted(it));
    Ok(Json(groups.map(|it| (it.name.to_owned(), json!(it.permissions))).collect()))
}

/// Whoever has signed in, and where they are.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct SessionUser {
    id: String,
    email: String,
    name: String,
    role_id: String,
    active_organization_id: String,
    /// Plans and customers are the hosted product's; clients expect the fields.
    active_organization_subscription_id: Option<String>,
    active_organization_customer_id: Option<String>,
    active_organization_product_id: &'static str,
    is_organization_admin: bool,
    active_workspace_id: String,
    active_workspace: String,
    assigned_workspaces: Vec<AssignedWorkspace>,
    /// What they may do; the owner's two stand for everything.
    permissions: Vec<&'static str>,
    /// Always empty: there are no plans.
    features: Features,
    /// Always `false`: they signed in with a password.
    #[serde(rename = "isSSO")]
    is_sso: bool,
}

/// A workspace that somebody belongs to.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
struct AssignedWorkspace {
    id: String,
    name: String,
    role: &'static str,
    organization_id: String,
}

/// Features of a plan: there are no plans.
#[derive(Serialize, JsonSchema, TS)]
struct Features {}

impl SessionUser {
    fn new(user: &User, workspace: &Workspace, membership: &Membership) -> Self {
        let owner = membership.role_id == OWNER_ROLE;
        Self {
            id: user.id.clone(),
            email: user.email.clone(),
            name: user.name.clone(),
            role_id: membership.role_id.clone(),
            active_organization_id: workspace.organization_id.clone(),
            active_organization_subscription_id: None,
            active_organization_customer_id: None,
            active_organization_product_id: "",
            is_organization_admin: owner,
            active_workspace_id: workspace.id.clone(),
            active_workspace: workspace.name.clone(),
            assigned_workspaces: vec![AssignedWorkspace {
                id: workspace.id.clone(),
                name: workspace.name.clone(),
                role: if owner { "owner" } else { "member" },
                organization_id: workspace.organization_id.clone(),
            }],
            permissions: if owner { vec!["organization", "workspace"] } else { Vec::new() },
            features: Features {},
            is_sso: false,
        }
    }
}
