//! Stored credentials. Their secrets go in and never come out again.

use std::time::Instant;

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use chrono::Utc;
use flowstone_core::CredentialSpec;
use flowstone_store::{Credential, CredentialPatch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;
use uuid::Uuid;

use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::{Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Affected, Time},
};

/// What stands for a secret in every answer. A form that sends it back leaves the secret as it is.
/// Clients of the reference know this text.
const REDACTED: &str = "_FLOWISE_BLANK_07167752-1a71-43b1-bf8f-4f32252165db";
/// What stands for the password inside an address.
const STARS: &str = "******";

/// Whoever may fill in a credential's form may see what it holds besides secrets.
const FILLS_FORMS: Policy = Policy::Caller(&["credentials:create", "credentials:update"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/credentials", Policy::Caller(&["credentials:view"]), list)
        .doc(
            doc("List credentials")
                .query("credentialName", Kind::Text, "Only of this kind; may come again.")
                .lists::<CredentialRow>(),
        )
        .post("/credentials", Policy::Caller(&["credentials:create"]), create)
        .doc(doc("Add a credential").takes::<CredentialForm>().gives::<SavedCredential>())
        .get("/credentials/{id}", FILLS_FORMS, get)
        .doc(doc("Read a credential").details("Secrets are redacted.").gives::<OpenCredential>())
        .get("/credentials/{id}/reveal", FILLS_FORMS, reveal)
        .doc(
            doc("Read what a credential holds")
                .details("Secrets are redacted here too.")
                .gives::<Revealed>(),
        )
        .put("/credentials/{id}", FILLS_FORMS, update)
        .doc(
            doc("Change a credential")
                .details("Fields that hold the text standing for a secret keep theirs.")
                .takes::<CredentialForm>()
                .gives::<SavedCredential>(),
        )
        .post("/credentials/test", FILLS_FORMS, test_form)
        .doc(
            doc("Try a credential that is not saved")
                .details("Secrets that are redacted in it are taken from the credential `id`.")
                .takes::<TestForm>()
                .gives::<CredentialTest>()
                .problem(404),
        )
        .post("/credentials/{id}/test", FILLS_FORMS, test)
        .doc(doc("Try a credential").gives::<CredentialTest>())
        .delete("/credentials/{id}", Policy::Caller(&["credentials:delete"]), delete)
        .doc(doc("Delete a credential").gives::<Affected>())
}

/// A credential without what it holds.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Credential")]
#[schemars(rename = "Credential")]
struct CredentialRow {
    id: String,
    name: String,
    credential_name: String,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    workspace_id: String,
}

impl From<Credential> for CredentialRow {
    fn from(credential: Credential) -> Self {
        Self {
            id: credential.id,
            name: credential.name,
            credential_name: credential.credential_name,
            created_date: credential.created_date.into(),
            updated_date: credential.updated_date.into(),
            workspace_id: credential.workspace_id,
        }
    }
}

/// A credential that was just saved. Clients of the reference expect the encrypted text here; not
/// even that leaves the server.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SavedCredential {
    #[serde(flatten)]
    row: CredentialRow,
    encrypted_data: &'static str,
}

impl From<Credential> for SavedCredential {
    fn from(credential: Credential) -> Self {
        Self { row: credential.into(), encrypted_data: REDACTED }
    }
}

/// A credential with what it holds, secrets redacted.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct OpenCredential {
    #[serde(flatten)]
    row: CredentialRow,
    plain_data_obj: Map<String, Value>,
}

/// What a form sends about a credential.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CredentialForm {
    name: Option<String>,
    credential_name: Option<String>,
    plain_data_obj: Option<Map<String, Value>>,
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let kinds: Vec<&str> = query.all("credentialName").collect();
    let page = query.page()?;
    let (rows, total) = state.store.credentials().list(&caller.scope, &kinds, page).await?;
    Ok(wire::list(rows.into_iter().map(CredentialRow::from).collect(), total, page))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<CredentialForm>,
) -> Result<Json<SavedCredential>> {
    let name = form.name.filter(|it| !it.trim().is_empty());
    let name = name.ok_or_else(|| Problem::bad_request("name: a credential needs a name"))?;
    let credential_name = form.credential_name.filter(|it| !it.is_empty());
    let credential_name = credential_name
        .ok_or_else(|| Problem::bad_request("credentialName: choose a kind of credential"))?;
    let id = Uuid::new_v4().to_string();
    let fields = form.plain_data_obj.unwrap_or_default();
    let now = Utc::now();
    let credential = Credential {
        encrypted_data: seal(&state, &id, &fields)?,
        id,
        name,
        credential_name,
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.credentials().insert(&caller.scope, &credential).await?;
    Ok(Json(credential.into()))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<OpenCredential>> {
    let credential = find(&state, &caller, &id).await?;
    let plain_data_obj = redacted(&state, &credential)?;
    Ok(Json(OpenCredential { row: credential.into(), plain_data_obj }))
}

/// What a credential holds.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Revealed {
    plain_data_obj: Map<String, Value>,
}

/// Fields that are no secrets in plain, the others redacted, as the reference does.
async fn reveal(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Revealed>> {
    let credential = find(&state, &caller, &id).await?;
    Ok(Json(Revealed { plain_data_obj: redacted(&state, &credential)? }))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<CredentialForm>,
) -> Result<Json<SavedCredential>> {
    let old = find(&state, &caller, &id).await?;
    if form.name.as_ref().is_some_and(|it| it.trim().is_empty()) {
        return Err(Problem::bad_request("name: a credential needs a name"));
    }
    let encrypted_data = match form.plain_data_obj {
        Some(fields) => Some(seal(&state, &id, &merged(&state, &old, fields)?)?),
        None => None,
    };
    let patch = CredentialPatch {
        name: form.name,
        credential_name: form.credential_name.filter(|it| !it.is_empty()),
        encrypted_data,
        updated_date: Some(Utc::now()),
    };
    let saved = state.store.credentials().update(&caller.scope, &id, patch).await?;
    // Flows that were prepared with the old fields must be prepared again.
    state.store.chatflows().raise_revisions(&caller.scope, &id).await?;
    Ok(Json(saved.into()))
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    let deleted = state.store.credentials().delete(&caller.scope, &id).await?;
    if deleted > 0 {
        state.store.chatflows().raise_revisions(&caller.scope, &id).await?;
    }
    Ok(Affected::rows(deleted))
}

/// A credential as its form holds it.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TestForm {
    credential_name: Option<String>,
    plain_data_obj: Option<Map<String, Value>>,
    /// The saved credential that the form is about, where there is one.
    id: Option<String>,
}

/// What the service of a credential says of it.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export)]
struct CredentialTest {
    /// Whether there is a way to try credentials of this kind.
    tested: bool,
    /// Whether the service took it; none where that could not be found out.
    ok: Option<bool>,
    /// The same in words.
    message: String,
    /// How long the answer took.
    #[ts(type = "number")]
    milliseconds: u64,
}

async fn test_form(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<TestForm>,
) -> Result<Json<CredentialTest>> {
    let fields = form.plain_data_obj.unwrap_or_default();
    let name = form.credential_name.filter(|it| !it.is_empty());
    let (name, fields) = match form.id.filter(|it| !it.is_empty()) {
        Some(id) => {
            let saved = find(&state, &caller, &id).await?;
            let fields = merged(&state, &saved, fields)?;
            // Of its own kind: a kept secret shall not be shown to another kind's service.
            (saved.credential_name, fields)
        }
        None => {
            let missing = || Problem::bad_request("credentialName: choose a kind of credential");
            (name.ok_or_else(missing)?, fields)
        }
    };
    Ok(Json(try_out(&state, &name, fields).await))
}

async fn test(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<CredentialTest>> {
    let credential = find(&state, &caller, &id).await?;
    let fields = open(&state, &credential)?;
    Ok(Json(try_out(&state, &credential.credential_name, fields).await))
}

/// Asks the service of a credential whether it takes it.
async fn try_out(state: &AppState, name: &str, fields: Map<String, Value>) -> CredentialTest {
    use flowstone_core::Error;
    let as_text = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let fields = fields.into_iter().map(|(name, value)| (name, as_text(value))).collect();
    let started = Instant::now();
    let answer = state.outside.try_credential(name, &flowstone_core::Credential::new(fields)).await;
    let label = kind(state, name).map_or(name, |it| it.label);
    let tested = answer.is_some();
    let (ok, message) = match answer {
        None => {
            let said =
                "credentials of this kind cannot be tried here; a flow that uses it will tell";
            (None, format!("{label}: {said}"))
        }
        Some(Ok(())) => (Some(true), format!("{label}: the service took it")),
        Some(Err(error)) => match error.root() {
            Error::Provider { status: 429, message } => (
                Some(true),
                format!("{label}: the service took it, but is at its limit: {message}"),
            ),
            Error::Provider { status: status @ 500.., message } => {
                (None, format!("{label}: the service is in trouble: {status} {message}"))
            }
            Error::Provider { status, message } => {
                (Some(false), format!("{label}: the service refused it: {status} {message}"))
            }
            Error::Credential(said) => (Some(false), said.clone()),
            other => (None, format!("{label}: {other}")),
        },
    };
    let milliseconds = started.elapsed().as_millis().try_into().unwrap_or(u64::MAX);
    CredentialTest { tested, ok, message, milliseconds }
}

async fn find(state: &AppState, caller: &Caller, id: &str) -> Result<Credential> {
    state.store.credentials().get(&caller.scope, id).await.map_err(|error| match error {
        flowstone_store::Error::NotFound { .. } => {
            Problem::not_found(format!("Credential {id} not found"))
        }
        other => other.into(),
    })
}

/// Encrypts what a credential holds.
pub(super) fn seal(state: &AppState, id: &str, fields: &Map<String, Value>) -> Result<String> {
    let text = serde_json::to_string(fields).map_err(|error| Problem::internal(&error))?;
    Ok(state.encryption_key.seal(id, &text)?)
}

/// Decrypts what a credential holds.
pub(super) fn open(state: &AppState, credential: &Credential) -> Result<Map<String, Value>> {
    let text = state.encryption_key.open(&credential.id, &credential.encrypted_data)?;
    serde_json::from_str(&text).map_err(|error| Problem::internal(&error))
}

fn redacted(state: &AppState, credential: &Credential) -> Result<Map<String, Value>> {
    let kind = kind(state, &credential.credential_name);
    let fields = open(state, credential)?.into_iter();
    Ok(fields.map(|(name, value)| (name.clone(), redact(kind, &name, value))).collect())
}

fn kind(state: &AppState, name: &str) -> Option<&'static CredentialSpec> {
    state.credential_specs.iter().copied().find(|it| it.name == name)
}

/// What may be shown of a field: everything where its form says that it is no secret.
fn redact(kind: Option<&CredentialSpec>, name: &str, value: Value) -> Value {
    let control = kind.and_then(|it| it.inputs.iter().find(|it| it.name == name)).map(|it| it.kind);
    match (control, value) {
        (_, Value::Null) => Value::Null,
        (_, Value::String(text)) if text.is_empty() => Value::String(text),
        (None | Some("password"), _) => REDACTED.into(),
        (Some(_), Value::String(text)) => starred(&text).into(),
        (Some(_), other) => other,
    }
}

/// An address without the password in it; other text as it is.
fn starred(text: &str) -> String {
    match url::Url::parse(text) {
        Ok(mut address) if address.password().is_some() => {
            match address.set_password(Some(STARS)) {
                Ok(()) => address.into(),
                Err(()) => REDACTED.to_owned(),
            }
        }
        _ => text.to_owned(),
    }
}

/// The new fields, with the old values where the form sent back what stood for them.
fn merged(
    state: &AppState,
    old: &Credential,
    fields: Map<String, Value>,
) -> Result<Map<String, Value>> {
    let untouched =
        |value: &Value| value.as_str().is_some_and(|it| it == REDACTED || it.contains(STARS));
    if !fields.values().any(untouched) {
        return Ok(fields);
    }
    let stored = open(state, old)?;
    let kind = kind(state, &old.credential_name);
    let keep = |(name, value): (String, Value)| match stored.get(&name) {
        Some(kept) if value == REDACTED || value == redact(kind, &name, kept.clone()) => {
            (name, kept.clone())
        }
        _ => (name, value),
    };
    Ok(fields.into_iter().map(keep).collect())
}

#[cfg(test)]
mod tests {
    use flowstone_core::Field;

    use super::*;

    static KIND: CredentialSpec = CredentialSpec {
        label: "Shop",
        name: "shop",
        version: 1.0,
        description: None,
        icon: "shop.svg",
        inputs: &[
            Field::new("Key", "key", "password"),
            Field::new("Address", "address", "string"),
            Field::new("Port", "port", "number"),
        ],
    };

    #[test]
    fn secrets_are_redacted_and_the_rest_is_shown() {
        let shown = |name, value: Value| redact(Some(&KIND), name, value);
        assert_eq!(shown("key", "sk-1".into()), REDACTED);
        assert_eq!(shown("key", "".into()), "");
        assert_eq!(shown("port", 5432.into()), 5432);
        assert_eq!(shown("address", "https://example.com/".into()), "https://example.com/");
        assert_eq!(
            shown("address", "redis://u:secret@db:6379/1".into()),
            "redis://u:******@db:6379/1"
        );
        assert_eq!(
            shown("unknown", "x".into()),
            REDACTED,
            "what no form describes may be a secret"
        );
        assert_eq!(redact(None, "key", "sk-1".into()), REDACTED);
    }
}
