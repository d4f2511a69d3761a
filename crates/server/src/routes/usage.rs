//! Where things are used: which flows would feel it if they changed.

use std::collections::HashSet;

use axum::{
    Json,
    extract::{Path, State},
};
use flowstone_store::{ChatFlow, ChatFlowFilter, Error as StoreError, WorkspaceScope};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use ts_rs::TS;

use crate::{
    AppState, Caller, Problem,
    openapi::doc,
    problem::Result,
    route::{Policy, Routes},
};

/// Kinds of things, with the permission to see them.
const KINDS: &[(&str, &str)] = &[
    ("apikeys", "apikeys:view"),
    ("credentials", "credentials:view"),
    ("tools", "tools:view"),
    ("variables", "variables:view"),
];

const VIEWS: Policy =
    Policy::Caller(&["apikeys:view", "credentials:view", "tools:view", "variables:view"]);

pub(super) fn routes() -> Routes {
    Routes::new().get("/usage/{kind}/{id}", VIEWS, list).doc(
        doc("Tell which flows and assistants use something")
            .details("Asks for the permission to view things of this kind.")
            .gives::<Vec<UsageRow>>(),
    )
}

/// A flow or an assistant that uses it.
#[derive(Serialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
struct UsageRow {
    id: String,
    name: String,
    /// A kind of flow, or `ASSISTANT`.
    #[serde(rename = "type")]
    kind: String,
    /// Whether only the flow's draft uses it.
    in_draft: bool,
}

async fn list(
    State(state): State<AppState>,
    Path((kind, id)): Path<(String, String)>,
    caller: Caller,
) -> Result<Json<Vec<UsageRow>>> {
    let Some((_, permission)) = KINDS.iter().find(|(name, _)| *name == kind) else {
        let known: Vec<&str> = KINDS.iter().map(|(name, _)| *name).collect();
        let known = known.join(", ");
        return Err(Problem::bad_request(format!("there are uses of {known} only")));
    };
    if !caller.may_any(&[*permission]) {
        return Err(Problem::no_permission());
    }
    let (scope, store) = (&caller.scope, &state.store);
    let missing = |error: StoreError| match error {
        StoreError::NotFound { .. } => Problem::not_found("there is no such thing"),
        other => other.into(),
    };
    match kind.as_str() {
        "apikeys" => {
            store.api_keys().get(scope, &id).await.map_err(missing)?;
            let filter = ChatFlowFilter { api_key_id: Some(id), ..ChatFlowFilter::default() };
            let (flows, _) = store.chatflows().list_summaries(scope, &filter, None).await?;
            let rows = flows.into_iter().map(|it| row(it.id, it.name, it.flow_type, false));
            return Ok(Json(rows.collect()));
        }
        "credentials" => drop(store.credentials().get(scope, &id).await.map_err(missing)?),
        "tools" => drop(store.tools().get(scope, &id).await.map_err(missing)?),
        _ => {
            let (variables, _) = store.variables().list(scope, None).await?;
            let variable = variables.into_iter().find(|it| it.id == id);
            let variable = variable.ok_or_else(|| Problem::not_found("there is no such thing"))?;
            return uses_of_variable(&state, scope, &variable.name).await.map(Json);
        }
    }
    let live = store.chatflows().mentioning(scope, &id).await?;
    let mut rows: Vec<UsageRow> =
        live.into_iter().map(|(id, name, kind)| row(id, name, kind, false)).collect();
    add_drafts(&state, scope, store.drafts().mentioning(scope, &id).await?, &mut rows).await?;
    let (assistants, _) = store.assistants().list(scope, None, None).await?;
    for assistant in assistants {
        if assistant.credential == id || assistant.details.contains(&id) {
            let details: Value = serde_json::from_str(&assistant.details).unwrap_or_default();
            let name = details["name"].as_str().unwrap_or_default().to_owned();
            rows.push(row(assistant.id, name, Some("ASSISTANT".to_owned()), false));
        }
    }
    sort(&mut rows);
    Ok(Json(rows))
}

/// Flows that read `$vars.NAME`. The name may be the beginning of another one's, so each flow that
/// could be one is looked at.
async fn uses_of_variable(
    state: &AppState,
    scope: &WorkspaceScope,
    name: &str,
) -> Result<Vec<UsageRow>> {
    let wanted = format!("$vars.{name}");
    let (flows, drafts) = (state.store.chatflows(), state.store.drafts());
    let mut rows = Vec::new();
    for (id, name, kind) in flows.mentioning(scope, &wanted).await? {
        let flow = flows.get(scope, &id).await?;
        if texts(&flow).into_iter().any(|it| names(it, &wanted)) {
            rows.push(row(id, name, kind, false));
        }
    }
    let mut in_drafts = HashSet::new();
    for id in drafts.mentioning(scope, &wanted).await? {
        let draft = drafts.find(scope, &id).await?;
        if draft.is_some_and(|it| names(&it.flow_data, &wanted)) {
            in_drafts.insert(id);
        }
    }
    add_drafts(state, scope, in_drafts, &mut rows).await?;
    sort(&mut rows);
    Ok(rows)
}

/// The texts of a flow that may name something.
fn texts(flow: &ChatFlow) -> Vec<&str> {
    let settings = [
        &flow.chatbot_config,
        &flow.analytic,
        &flow.speech_to_text,
        &flow.text_to_speech,
        &flow.follow_up_prompts,
    ];
    let settings = settings.into_iter().filter_map(|it| it.as_deref());
    std::iter::once(flow.flow_data.as_str()).chain(settings).collect()
}

/// Whether `wanted` stands in `text` and does not go on.
fn names(text: &str, wanted: &str) -> bool {
    text.match_indices(wanted).any(|(start, _)| {
        let next = text.get(start + wanted.len()..).and_then(|it| it.chars().next());
        next.is_none_or(|it| !(it.is_alphanumeric() || it == '_' || it == '$'))
    })
}

/// Adds flows whose drafts alone use it.
async fn add_drafts(
    state: &AppState,
    scope: &WorkspaceScope,
    drafts: HashSet<String>,
    rows: &mut Vec<UsageRow>,
) -> Result<()> {
    let is_live = |id: &str| rows.iter().any(|it| it.id == id);
    let more: Vec<&str> = drafts.iter().map(String::as_str).filter(|it| !is_live(it)).collect();
    let found = state.store.chatflows().names_of(scope, &more).await?;
    rows.extend(found.into_iter().map(|(id, name, kind)| row(id, name, kind, true)));
    Ok(())
}

fn row(id: String, name: String, kind: Option<String>, in_draft: bool) -> UsageRow {
    UsageRow { id, name, kind: kind.unwrap_or_else(|| "CHATFLOW".to_owned()), in_draft }
}

fn sort(rows: &mut [UsageRow]) {
    rows.sort_by_cached_key(|it| (it.name.to_lowercase(), it.id.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_begins_like_another_is_not_it() {
        for (text, is_named) in [
            ("{{$vars.city}}", true),
            ("$vars.city", true),
            ("$vars.city.name", true),
            ("$vars.cities $vars.city2 $vars.city_x", false),
            ("$vars.citys, $vars.city!", true),
            ("vars.city", false),
        ] {
            assert_eq!(names(text, "$vars.city"), is_named, "{text}");
        }
    }
}
