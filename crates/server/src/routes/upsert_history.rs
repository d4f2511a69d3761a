//! What was written to vector stores, and with which settings.

use axum::{
    Json,
    extract::{Path, State},
    response::Response,
};
use flowstone_store::{UpsertHistory, UpsertHistoryFilter};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::flow_view::flow_of;
use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::{Doc, Kind, doc},
    problem::Result,
    route::{Policy, Routes},
    wire::{self, Affected, Time},
};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/upsert-history", Policy::Caller(&[]), no_flow)
        .doc(Doc::hidden("says that the flow's id is missing"))
        .get("/upsert-history/{id}", Policy::Caller(&[]), list)
        .doc(
            doc("List what was written to the vector stores of a flow or a document store")
                .query(
                    "order",
                    Kind::Choice(&["ASC", "DESC"]),
                    "By time; `ASC` unless said otherwise.",
                )
                .query("startDate", Kind::Time, "From then on.")
                .query("endDate", Kind::Time, "Until then.")
                .gives::<Vec<HistoryRow>>(),
        )
        .patch("/upsert-history", Policy::Caller(&[]), delete)
        .doc(doc("Delete entries of that list").takes::<Chosen>().gives::<Affected>())
}

/// One upsert.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct HistoryRow {
    id: String,
    chatflowid: String,
    result: Value,
    flow_data: Value,
    date: Time,
}

impl From<UpsertHistory> for HistoryRow {
    fn from(entry: UpsertHistory) -> Self {
        let json = |text: &str| serde_json::from_str(text).unwrap_or_default();
        Self {
            result: json(&entry.result),
            flow_data: json(&entry.flow_data),
            id: entry.id,
            chatflowid: entry.chatflow_id,
            date: entry.date.into(),
        }
    }
}

async fn no_flow() -> Problem {
    Problem::bad_request("chatflow id is required!")
}

async fn list(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    query: Query,
) -> Result<Response> {
    let filter = UpsertHistoryFilter {
        start: query.time("startDate")?,
        end: query.end("endDate")?,
        order: query.order("order"),
    };
    let (rows, total) = if state.store.document_stores().get(&caller.scope, &id).await.is_ok() {
        state.store.document_stores().history(&caller.scope, &id, &filter, None).await?
    } else {
        flow_of(&state, &caller, &id).await?;
        state.store.upsert_history().list(&caller.scope, &id, &filter, None).await?
    };
    Ok(wire::list(rows.into_iter().map(HistoryRow::from).collect(), total, None))
}

/// Which entries to delete.
#[derive(Deserialize, JsonSchema)]
struct Chosen {
    ids: Option<Vec<String>>,
}

async fn delete(
    State(state): State<AppState>,
    caller: Caller,
    Body(chosen): Body<Chosen>,
) -> Result<Json<Affected>> {
    let ids = chosen.ids.ok_or_else(|| Problem::bad_request("ids are required!"))?;
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let of_flows = state.store.upsert_history().delete(&caller.scope, &ids).await?;
    let of_stores = state.store.document_stores().delete_history(&caller.scope, &ids).await?;
    Ok(Affected::rows(of_flows + of_stores))
}
