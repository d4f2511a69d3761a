//! Assistants: custom ones, which run here, and those that were made at a vendor.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use chrono::Utc;
use flowstone_core::FilePlace;
use flowstone_store::{Assistant, AssistantPatch, Error as StoreError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use ts_rs::TS;
use uuid::Uuid;

use crate::{
    AppState, Body, Caller, Problem, Query, files,
    openapi::{Doc, Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Affected, Time},
};

/// The kind that runs here.
const CUSTOM: &str = "CUSTOM";
/// The kinds that lived at a vendor.
const AT_A_VENDOR: &[&str] = &["OPENAI", "AZURE"];

const VIEWS: Policy = Policy::Caller(&["assistants:view"]);
const CREATES: Policy = Policy::Caller(&["assistants:create"]);
const UPDATES: Policy = Policy::Caller(&["assistants:create", "assistants:update"]);
const DELETES: Policy = Policy::Caller(&["assistants:delete"]);

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/assistants", VIEWS, list)
        .doc(
            doc("List assistants")
                .query("type", Kind::Text, "Only those of this kind.")
                .lists::<AssistantRow>(),
        )
        .post("/assistants", CREATES, create)
        .doc(doc("Add an assistant").takes::<AssistantForm>().gives::<AssistantRow>().problem(404))
        .get("/assistants/{id}", VIEWS, get)
        .doc(doc("Read an assistant").gives::<AssistantRow>())
        .put("/assistants/{id}", UPDATES, update)
        .doc(doc("Change an assistant").takes::<AssistantForm>().gives::<AssistantRow>())
        .delete("/assistants/{id}", DELETES, delete)
        .doc(doc("Delete an assistant").gives::<Affected>())
        .get("/openai-assistants", VIEWS, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .get("/openai-assistants/{id}", VIEWS, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .post("/openai-assistants-file/upload", Policy::Caller(&[]), ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .get("/openai-assistants-vector-store", VIEWS, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .post("/openai-assistants-vector-store", CREATES, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .get("/openai-assistants-vector-store/{id}", VIEWS, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .put("/openai-assistants-vector-store/{id}", UPDATES, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .post("/openai-assistants-vector-store/{id}", UPDATES, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .patch(
            "/openai-assistants-vector-store/{id}",
            Policy::Caller(&["assistants:update"]),
            ended,
        )
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
        .delete("/openai-assistants-vector-store/{id}", DELETES, ended)
        .doc(Doc::hidden("OpenAI ended its Assistants API"))
}

/// An assistant; `details` holds the text of JSON.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Assistant")]
#[schemars(rename = "Assistant")]
pub(crate) struct AssistantRow {
    id: String,
    details: String,
    credential: String,
    icon_src: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[ts(as = "String")]
    created_date: Time,
    #[ts(as = "String")]
    updated_date: Time,
    workspace_id: String,
}

impl From<Assistant> for AssistantRow {
    fn from(assistant: Assistant) -> Self {
        Self {
            id: assistant.id,
            details: assistant.details,
            credential: assistant.credential,
            icon_src: assistant.icon_src,
            kind: assistant.kind,
            created_date: assistant.created_date.into(),
            updated_date: assistant.updated_date.into(),
            workspace_id: assistant.workspace_id,
        }
    }
}

/// What a form sends about an assistant.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::option_option, reason = "outside: whether to write; inside: what")]
struct AssistantForm {
    /// The text of a JSON object, or the object itself.
    details: Option<Value>,
    credential: Option<String>,
    #[serde(default, deserialize_with = "wire::given")]
    icon_src: Option<Option<String>>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

impl AssistantForm {
    fn details(&self) -> Result<Option<String>> {
        let wrong = || Problem::bad_request("details: the text of a JSON object is expected");
        match &self.details {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => match serde_json::from_str::<Map<String, Value>>(text) {
                Ok(_) => Ok(Some(text.clone())),
                Err(_) => Err(wrong()),
            },
            Some(Value::Object(map)) => Ok(Some(Value::Object(map.clone()).to_string())),
            Some(_) => Err(wrong()),
        }
    }
}

async fn list(State(state): State<AppState>, caller: Caller, query: Query) -> Result<Response> {
    let page = query.page()?;
    let found = state.store.assistants().list(&caller.scope, query.get("type"), page).await?;
    Ok(wire::list(found.0.into_iter().map(AssistantRow::from).collect(), found.1, page))
}

async fn create(
    State(state): State<AppState>,
    caller: Caller,
    Body(form): Body<AssistantForm>,
) -> Result<Json<AssistantRow>> {
    let details = form.details()?.ok_or_else(|| {
        Problem::bad_request("Invalid request body: details is missing, the text of a JSON object")
    })?;
    let kind = form.kind.filter(|it| !it.is_empty()).unwrap_or_else(|| "OPENAI".to_owned());
    let credential = form.credential.unwrap_or_default();
    if kind != CUSTOM {
        if !AT_A_VENDOR.contains(&kind.as_str()) {
            let known = AT_A_VENDOR.join(", ");
            return Err(Problem::bad_request(format!(
                "type: {kind:?} is none of {CUSTOM}, {known}"
            )));
        }
        state.store.credentials().get(&caller.scope, &credential).await.map_err(|error| {
            unless_missing(error, || format!("Credential {credential} not found"))
        })?;
        return Err(ended().await);
    }
    let now = Utc::now();
    let assistant = Assistant {
        id: Uuid::new_v4().to_string(),
        details,
        credential,
        icon_src: form.icon_src.flatten(),
        kind: Some(kind),
        created_date: now,
        updated_date: now,
        workspace_id: caller.scope.workspace_id().to_owned(),
    };
    state.store.assistants().insert(&caller.scope, &assistant).await?;
    Ok(Json(assistant.into()))
}

async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<AssistantRow>> {
    let found = state.store.assistants().get(&caller.scope, &id).await;
    Ok(Json(found.map_err(|error| missing(error, &id))?.into()))
}

async fn update(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    Body(form): Body<AssistantForm>,
) -> Result<Json<AssistantRow>> {
    let patch = AssistantPatch {
        details: form.details()?,
        credential: form.credential,
        icon_src: form.icon_src,
        updated_date: Some(Utc::now()),
    };
    let saved = state.store.assistants().update(&caller.scope, &id, patch).await;
    Ok(Json(saved.map_err(|error| missing(error, &id))?.into()))
}

async fn delete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Affected>> {
    match state.store.assistants().delete(&caller.scope, &id).await? {
        0 => Err(Problem::not_found(format!("Assistant {id} not found"))),
        deleted => {
            let place = FilePlace::Flow { workspace: caller.scope.workspace_id(), flow: &id };
            files::remove_all(&state, place).await;
            Ok(Affected::rows(deleted))
        }
    }
}

/// OpenAI switched its Assistants API off on 26 August 2026, so nothing can be made or read there.
async fn ended() -> Problem {
    Problem::not_found(
        "OpenAI ended its Assistants API on 26 August 2026: make a custom assistant instead",
    )
}

fn missing(error: StoreError, id: &str) -> Problem {
    unless_missing(error, || format!("Assistant {id} not found"))
}

fn unless_missing(error: StoreError, said: impl FnOnce() -> String) -> Problem {
    match error {
        StoreError::NotFound { .. } => Problem::not_found(said()),
        other => other.into(),
    }
}
