//! Drafts and versions of flows: what is being worked on, what is live, what was.

use std::collections::HashMap;

use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, header},
    response::Response,
};
use chrono::Utc;
use flowstone_store::{
    ChatFlow, DraftChange, FlowDraft, FlowVersion, FlowVersionSummary, Outcome, VersionStamp,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{
    chatflows::{UPDATES, VIEWS_ONE, is_json},
    flow_view::{FlowRow, check_id, flow_of, missing},
};
use crate::{
    AppState, Body, Caller, Problem, Query,
    openapi::doc,
    problem::Result,
    route::Routes,
    schedule,
    wire::{self, Affected, Time},
};

/// Longest note of a version, in characters.
const NOTE_LIMIT: usize = 2_000;

pub(super) fn routes() -> Routes {
    const SEEN: &str = "`If-Match` may name the revision instead of the body. Where somebody \
                        else saved since then, nothing changes and `details` tells who and when.";
    Routes::new()
        .get("/chatflows/{id}/draft", VIEWS_ONE, get_draft)
        .doc(
            doc("Read a flow's draft")
                .details("Without a draft it holds what is live, with the revision 0.")
                .gives::<DraftRow>(),
        )
        .put("/chatflows/{id}/draft", UPDATES, save_draft)
        .doc(
            doc("Save a flow's draft")
                .details(SEEN)
                .takes::<DraftForm>()
                .gives::<DraftRow>()
                .problem(409),
        )
        .delete("/chatflows/{id}/draft", UPDATES, delete_draft)
        .doc(doc("Throw a flow's draft away").gives::<Affected>().problem(409))
        .post("/chatflows/{id}/publish", UPDATES, publish)
        .doc(
            doc("Make a flow's draft live as a new version")
                .details(SEEN)
                .takes::<PublishForm>()
                .gives::<Published>()
                .problem(409),
        )
        .get("/chatflows/{id}/versions", VIEWS_ONE, list_versions)
        .doc(doc("List a flow's versions, the newest first").lists::<VersionRow>())
        .get("/chatflows/{id}/versions/{number}", VIEWS_ONE, get_version)
        .doc(doc("Read a version of a flow").gives::<VersionDataRow>())
        .post("/chatflows/{id}/versions/{number}/restore", UPDATES, restore)
        .doc(
            doc("Put a version into a flow's draft")
                .details(SEEN)
                .takes::<SeenForm>()
                .gives::<DraftRow>()
                .problem(409),
        )
}

/// Who makes a version now, and how many are kept.
pub(super) fn stamp(state: &AppState, caller: &Caller, note: Option<String>) -> VersionStamp {
    VersionStamp {
        by: caller.user_id().map(str::to_owned),
        note,
        at: Utc::now(),
        keep: state.settings.versions_kept,
    }
}

/// Somebody who did something.
#[derive(Clone, Debug, Serialize, JsonSchema, TS)]
#[ts(export)]
struct Person {
    id: String,
    name: String,
}

/// The people behind ids; who is gone by now is nobody.
struct People(HashMap<String, String>);

impl People {
    async fn of(state: &AppState, ids: impl Iterator<Item = Option<&str>>) -> Result<Self> {
        let mut ids: Vec<&str> = ids.flatten().collect();
        ids.sort_unstable();
        ids.dedup();
        Ok(Self(state.store.users().names(&ids).await?))
    }

    fn get(&self, id: Option<&str>) -> Option<Person> {
        let id = id?;
        Some(Person { id: id.to_owned(), name: self.0.get(id)?.clone() })
    }
}

/// What is being worked on in a flow; what is live, where nothing is.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "FlowDraft")]
#[schemars(rename = "FlowDraft")]
struct DraftRow {
    flow_id: String,
    /// Nodes and edges, as the text of JSON.
    flow_data: String,
    /// Whether there is a draft.
    is_draft: bool,
    /// Grows with each save; 0 without a draft. To be sent with the next save.
    #[ts(type = "number")]
    revision: i64,
    /// The version that was live when the draft was begun.
    base_version: Option<i32>,
    /// The version that is live now; none where that was never numbered.
    live_version: Option<i32>,
    #[ts(as = "String")]
    updated_date: Time,
    /// Who saved it last, where that was a person.
    updated_by: Option<Person>,
}

/// What to save.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DraftForm {
    /// Nodes and edges, as the text of JSON.
    flow_data: Option<String>,
    /// The revision that the page knows.
    revision: Option<i64>,
}

/// What to publish.
#[derive(Deserialize, JsonSchema)]
struct PublishForm {
    /// The revision that the page knows.
    revision: Option<i64>,
    /// What to say of the version.
    note: Option<String>,
}

/// Which draft may be written over.
#[derive(Deserialize, JsonSchema)]
struct SeenForm {
    /// The revision that the page knows.
    revision: Option<i64>,
}

/// The state of a draft that somebody else saved.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Newer {
    revision: i64,
    updated_date: Option<Time>,
    updated_by: Option<Person>,
}

/// A version of a flow, without its nodes and edges.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "FlowVersion")]
#[schemars(rename = "FlowVersion")]
struct VersionRow {
    /// Counted from 1 within the flow.
    number: i32,
    note: Option<String>,
    /// `publish`, `save` (live at once, without a draft) or `first` (what was live before
    /// versions were kept).
    kind: String,
    /// Whether it is the one that answers.
    live: bool,
    #[ts(as = "String")]
    created_date: Time,
    /// Who made it, where that was a person.
    created_by: Option<Person>,
}

/// A version with its nodes and edges.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "FlowVersionData")]
#[schemars(rename = "FlowVersionData")]
struct VersionDataRow {
    #[serde(flatten)]
    version: VersionRow,
    /// Nodes and edges, as the text of JSON.
    flow_data: String,
}

/// A flow that was just published.
#[derive(Serialize, JsonSchema, TS)]
#[ts(export, rename = "PublishedFlow")]
#[schemars(rename = "PublishedFlow")]
struct Published {
    flow: FlowRow,
    version: VersionRow,
}

async fn get_draft(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
) -> Result<Json<DraftRow>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let draft = state.store.drafts().find(&caller.scope, &id).await?;
    Ok(Json(row(&state, &caller, &flow, draft).await?))
}

async fn save_draft(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<DraftForm>,
) -> Result<Json<DraftRow>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let data = form
        .flow_data
        .ok_or_else(|| Problem::bad_request("flowData: the text of JSON is expected"))?;
    is_json("flowData", &data)?;
    let seen = seen(&headers, form.revision)?;
    put(&state, &caller, &flow, data, seen).await.map(Json)
}

async fn delete_draft(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
) -> Result<Json<Affected>> {
    check_id(&id)?;
    let seen = if_match(&headers)?;
    let done = state.store.drafts().delete(&caller.scope, &id, seen).await;
    match done.map_err(|error| missing(error, &id))? {
        Outcome::Done(deleted) => Ok(Affected::rows(deleted)),
        Outcome::Stale(newer) => Err(stale(&state, newer).await?),
    }
}

async fn publish(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<PublishForm>,
) -> Result<Json<Published>> {
    check_id(&id)?;
    let note = form.note.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty());
    if note.as_ref().is_some_and(|it| it.chars().count() > NOTE_LIMIT) {
        return Err(Problem::bad_request(format!("note: at most {NOTE_LIMIT} characters")));
    }
    // The flow comes first: one of another workspace must answer like one that is not there.
    flow_of(&state, &caller, &id).await?;
    let seen = seen(&headers, form.revision)?;
    if let Some(draft) = state.store.drafts().find(&caller.scope, &id).await? {
        schedule::check(&state, &draft.flow_data)?;
    }
    let stamp = stamp(&state, &caller, note);
    let done = state.store.drafts().publish(&caller.scope, &id, seen, &stamp).await;
    let (flow, version) = match done.map_err(|error| missing(error, &id))? {
        Outcome::Done(done) => done,
        Outcome::Stale(None) => {
            return Err(Problem::bad_request(
                "there is no draft to publish: what was saved last is live already",
            ));
        }
        Outcome::Stale(newer) => return Err(stale(&state, newer).await?),
    };
    schedule::register(&state, &flow).await?;
    let people = People::of(&state, [version.created_by.as_deref()].into_iter()).await?;
    let live = Some(version.number);
    let version = version_row(without_data(&version), live, &people);
    Ok(Json(Published { flow: flow.into(), version }))
}

async fn list_versions(
    State(state): State<AppState>,
    Path(id): Path<String>,
    caller: Caller,
    query: Query,
) -> Result<Response> {
    let page = query.page()?;
    flow_of(&state, &caller, &id).await?;
    let versions = state.store.versions();
    let (rows, total) = versions.list(&caller.scope, &id, page).await?;
    let live = versions.live_number(&caller.scope, &id).await?;
    let people = People::of(&state, rows.iter().map(|it| it.created_by.as_deref())).await?;
    let rows = rows.into_iter().map(|it| version_row(it, live, &people)).collect();
    Ok(wire::list(rows, total, page))
}

async fn get_version(
    State(state): State<AppState>,
    Path((id, number)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<VersionDataRow>> {
    flow_of(&state, &caller, &id).await?;
    let version = version_of(&state, &caller, &id, &number).await?;
    let live = state.store.versions().live_number(&caller.scope, &id).await?;
    let people = People::of(&state, [version.created_by.as_deref()].into_iter()).await?;
    let row = version_row(without_data(&version), live, &people);
    Ok(Json(VersionDataRow { version: row, flow_data: version.flow_data }))
}

async fn restore(
    State(state): State<AppState>,
    Path((id, number)): Path<(String, String)>,
    caller: Caller,
    headers: HeaderMap,
    Body(form): Body<SeenForm>,
) -> Result<Json<DraftRow>> {
    let flow = flow_of(&state, &caller, &id).await?;
    let version = version_of(&state, &caller, &id, &number).await?;
    let seen = seen(&headers, form.revision)?;
    put(&state, &caller, &flow, version.flow_data, seen).await.map(Json)
}

/// Saves the draft of `flow`, unless somebody else did so since `seen`.
async fn put(
    state: &AppState,
    caller: &Caller,
    flow: &ChatFlow,
    flow_data: String,
    seen: i64,
) -> Result<DraftRow> {
    let change = DraftChange {
        flow_data,
        seen,
        base_version: state.store.versions().live_number(&caller.scope, &flow.id).await?,
        by: caller.user_id().map(str::to_owned),
        at: Utc::now(),
    };
    let done = state.store.drafts().save(&caller.scope, &flow.id, change).await;
    match done.map_err(|error| missing(error, &flow.id))? {
        Outcome::Done(draft) => row(state, caller, flow, Some(draft)).await,
        Outcome::Stale(newer) => Err(stale(state, newer).await?),
    }
}

async fn row(
    state: &AppState,
    caller: &Caller,
    flow: &ChatFlow,
    draft: Option<FlowDraft>,
) -> Result<DraftRow> {
    let live_version = state.store.versions().live_number(&caller.scope, &flow.id).await?;
    let Some(draft) = draft else {
        return Ok(DraftRow {
            flow_id: flow.id.clone(),
            flow_data: flow.flow_data.clone(),
            is_draft: false,
            revision: FlowDraft::NONE,
            base_version: live_version,
            live_version,
            updated_date: flow.updated_date.into(),
            updated_by: None,
        });
    };
    let people = People::of(state, [draft.updated_by.as_deref()].into_iter()).await?;
    Ok(DraftRow {
        flow_id: draft.chatflow_id,
        is_draft: true,
        revision: draft.revision,
        base_version: draft.base_version,
        live_version,
        updated_date: draft.updated_date.into(),
        updated_by: people.get(draft.updated_by.as_deref()),
        flow_data: draft.flow_data,
    })
}

/// What is told to whoever did not see the newest draft.
async fn stale(state: &AppState, newer: Option<FlowDraft>) -> Result<Problem> {
    let Some(newer) = newer else {
        let gone = Newer { revision: FlowDraft::NONE, updated_date: None, updated_by: None };
        let said = "the draft was published or thrown away in the meantime: load the flow again";
        return Ok(Problem::conflict(said, &gone));
    };
    let by = newer.updated_by.as_deref();
    let updated_by = People::of(state, [by].into_iter()).await?.get(by);
    let who = updated_by.as_ref().map_or("somebody else", |it| it.name.as_str());
    let when = wire::time(newer.updated_date);
    let said = format!("{who} saved this draft at {when}: load it before you save yours");
    let updated_date = Some(newer.updated_date.into());
    Ok(Problem::conflict(said, &Newer { revision: newer.revision, updated_date, updated_by }))
}

async fn version_of(
    state: &AppState,
    caller: &Caller,
    id: &str,
    number: &str,
) -> Result<FlowVersion> {
    let number: i32 = number.parse().map_err(|_| {
        Problem::bad_request(format!("{number:?} is not the number of a version, such as 3"))
    })?;
    state.store.versions().get(&caller.scope, id, number).await.map_err(|error| match error {
        flowstone_store::Error::NotFound { .. } => {
            Problem::not_found(format!("version {number} of this flow is not kept (any more)"))
        }
        other => other.into(),
    })
}

fn without_data(version: &FlowVersion) -> FlowVersionSummary {
    FlowVersionSummary {
        chatflow_id: version.chatflow_id.clone(),
        number: version.number,
        note: version.note.clone(),
        kind: version.kind.clone(),
        created_by: version.created_by.clone(),
        created_date: version.created_date,
    }
}

fn version_row(version: FlowVersionSummary, live: Option<i32>, people: &People) -> VersionRow {
    VersionRow {
        number: version.number,
        note: version.note,
        live: live == Some(version.number),
        kind: version.kind,
        created_date: version.created_date.into(),
        created_by: people.get(version.created_by.as_deref()),
    }
}

/// The revision that a page saw, by its body or by `If-Match`.
fn seen(headers: &HeaderMap, revision: Option<i64>) -> Result<i64> {
    match revision {
        Some(revision) => Ok(revision),
        None => if_match(headers)?.ok_or_else(|| {
            Problem::bad_request(
                "revision: the revision of the draft that was loaded is expected, 0 for none",
            )
        }),
    }
}

fn if_match(headers: &HeaderMap) -> Result<Option<i64>> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|it| it.trim().trim_matches('"').parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::bad_request("If-Match: the revision of a draft is expected, such as \"7\"")
    })
}
