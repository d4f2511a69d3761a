//! People who left their address in a chat.

use axum::{
    Json,
    extract::{Path, State},
};
use chrono::Utc;
use flowstone_store::{Lead, WorkspaceScope};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::flow_view::{flow_of, missing};
use crate::{
    AppState, Body, Caller, Problem,
    auth::ClientAddress,
    openapi::doc,
    prediction,
    problem::Result,
    route::{Policy, Routes},
    wire::Time,
};

/// Longest entry, in characters.
const LONGEST: usize = 500;

pub(super) fn routes() -> Routes {
    Routes::new()
        .post("/leads", Policy::Anonymous("visitors of a chat leave their own address"), create)
        .doc(doc("Leave an address in a chat").takes::<LeadForm>().gives::<LeadRow>().problem(404))
        .get("/leads/{id}", Policy::Caller(&[]), list)
        .doc(doc("List who left an address with a flow").gives::<Vec<LeadRow>>())
}

/// Somebody who left an address.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "Lead")]
#[schemars(rename = "Lead")]
struct LeadRow {
    id: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    chatflowid: String,
    chat_id: String,
    #[ts(as = "String")]
    created_date: Time,
}

impl From<Lead> for LeadRow {
    fn from(lead: Lead) -> Self {
        Self {
            id: lead.id,
            name: lead.name,
            email: lead.email,
            phone: lead.phone,
            chatflowid: lead.chatflow_id,
            chat_id: lead.chat_id,
            created_date: lead.created_date.into(),
        }
    }
}

/// What a chat window sends.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct LeadForm {
    chatflowid: Option<String>,
    chat_id: Option<String>,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

async fn create(
    State(state): State<AppState>,
    ClientAddress(address): ClientAddress,
    Body(form): Body<LeadForm>,
) -> Result<Json<LeadRow>> {
    let chatflow_id = form.chatflowid.filter(|it| !it.is_empty());
    let chatflow_id = chatflow_id
        .ok_or_else(|| Problem::bad_request("chatflowid: the id of a flow is needed"))?;
    for (field, value) in [("name", &form.name), ("email", &form.email), ("phone", &form.phone)] {
        if value.as_ref().is_some_and(|it| it.chars().count() > LONGEST) {
            return Err(Problem::bad_request(format!(
                "{field}: at most {LONGEST} characters are kept"
            )));
        }
    }
    let flow = state.store.chatflows().get_for_anyone(&chatflow_id).await;
    let flow = flow.map_err(|error| missing(error, &chatflow_id))?;
    prediction::admit(&state, &flow.id, "leads", address).await?;
    let lead = Lead {
        id: Uuid::new_v4().to_string(),
        name: form.name,
        email: form.email,
        phone: form.phone,
        chatflow_id,
        chat_id: form
            .chat_id
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| Uuid::new_v4().to_string()),
        created_date: Utc::now(),
    };
    state.store.leads().insert(&WorkspaceScope::new(flow.workspace_id), &lead).await?;
    Ok(Json(lead.into()))
}

async fn list(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<Vec<LeadRow>>> {
    flow_of(&state, &caller, &id).await?;
    let (leads, _) = state.store.leads().list(&caller.scope, &id, None).await?;
    Ok(Json(leads.into_iter().map(LeadRow::from).collect()))
}
