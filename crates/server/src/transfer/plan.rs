//! What a file would meet where it is read: told before anything is written.

use std::collections::{HashMap, HashSet};

use flowstone_store::{ChatFlowFilter, WorkspaceScope};
use serde::Serialize;
use serde_json::{Map, Value};
use ts_rs::TS;

use super::{Kind, LISTS, records::name_of};
use crate::{AppState, Problem, problem::Result};

/// What a file holds and meets.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ImportPlan")]
pub(crate) struct Plan {
    /// How many rows each list holds.
    counts: HashMap<&'static str, usize>,
    /// Rows that are here already, by their id or their name.
    pub(crate) conflicts: Vec<Conflict>,
    /// Rows that would not be taken over, and why.
    pub(crate) left_out: Vec<LeftOut>,
}

/// A row that is here already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ImportConflict")]
pub(crate) struct Conflict {
    /// The list it stands in.
    #[serde(rename = "type")]
    pub(super) key: &'static str,
    /// Its name in the file.
    pub(super) name: String,
    /// Its id in the file.
    pub(super) import_id: String,
    /// The id of the one that is here.
    pub(super) existing_id: String,
    /// Whether the two have the same id; else only their names are the same.
    pub(super) same_id: bool,
}

/// A row that is not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export, rename = "ImportLeftOut")]
pub(crate) struct LeftOut {
    /// The list it stands in.
    #[serde(rename = "type")]
    pub(super) key: &'static str,
    /// How many rows.
    pub(super) rows: usize,
    /// Why, in a sentence.
    pub(super) reason: String,
}

/// The list `key` of a file.
///
/// # Errors
/// 400 where it is no list.
pub(super) fn list<'a>(file: &'a Map<String, Value>, key: &str) -> Result<&'a [Value]> {
    match file.get(key) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(rows)) => Ok(rows),
        Some(_) => Err(Problem::bad_request(format!("{key}: a list is expected"))),
    }
}

/// Reads a file without writing anything.
///
/// # Errors
/// 400 where it is no such file.
pub(crate) async fn plan(
    state: &AppState,
    scope: &WorkspaceScope,
    file: &Map<String, Value>,
) -> Result<Plan> {
    let mut plan = Plan { counts: HashMap::new(), conflicts: Vec::new(), left_out: Vec::new() };
    for (key, _, kind) in LISTS {
        let rows = list(file, key)?;
        if rows.is_empty() {
            continue;
        }
        plan.counts.insert(key, rows.len());
        let here = here(state, scope, *kind).await?;
        plan.conflicts.extend(rows.iter().filter_map(|row| conflict(key, *kind, row, &here)));
    }
    plan.left_out.extend(strays(state, scope, file).await?);
    Ok(plan)
}

/// The one that is here already, for a row: by id, else by name.
fn conflict(
    key: &'static str,
    kind: Kind,
    row: &Value,
    here: &[(String, String)],
) -> Option<Conflict> {
    let import_id = row["id"].as_str().unwrap_or_default();
    let name = match kind {
        Kind::Assistants(_) => name_of(row["details"].as_str().unwrap_or_default()),
        _ => row["name"].as_str().unwrap_or_default().to_owned(),
    };
    let same = here.iter().find(|(id, _)| id == import_id);
    let named = || here.iter().find(|(_, it)| !name.is_empty() && *it == name);
    let (existing_id, _) = same.or_else(named)?;
    Some(Conflict {
        key,
        name: name.clone(),
        import_id: import_id.to_owned(),
        existing_id: existing_id.clone(),
        same_id: same.is_some(),
    })
}

/// Ids and names of what the workspace has of a kind. Messages, feedback and runs have no names, and
/// what is there of them is never changed.
async fn here(
    state: &AppState,
    scope: &WorkspaceScope,
    kind: Kind,
) -> Result<Vec<(String, String)>> {
    let store = &state.store;
    Ok(match kind {
        Kind::Flows(flow_type) => {
            let filter = ChatFlowFilter {
                flow_type: Some(flow_type.to_owned()),
                ..ChatFlowFilter::default()
            };
            let (flows, _) = store.chatflows().list_summaries(scope, &filter, None).await?;
            flows.into_iter().map(|it| (it.id, it.name)).collect()
        }
        Kind::Assistants(kind) => {
            let (found, _) = store.assistants().list(scope, Some(kind), None).await?;
            found.into_iter().map(|it| (it.id, name_of(&it.details))).collect()
        }
        Kind::Tools => {
            let (tools, _) = store.tools().list(scope, None).await?;
            tools.into_iter().map(|it| (it.id, it.name)).collect()
        }
        Kind::Variables => {
            let (variables, _) = store.variables().list(scope, None).await?;
            variables.into_iter().map(|it| (it.id, it.name)).collect()
        }
        Kind::Templates => {
            let (templates, _) = store.templates().list(scope, None).await?;
            templates.into_iter().map(|it| (it.id, it.name)).collect()
        }
        Kind::DocumentStores => {
            let (stores, _) = store.document_stores().list(scope, None).await?;
            stores.into_iter().map(|it| (it.id, it.name)).collect()
        }
        Kind::Chunks | Kind::Messages | Kind::Feedback | Kind::Executions => Vec::new(),
    })
}

/// Messages and runs of flows, and feedback on messages, that are neither in the file nor here: databases of
/// the reference keep those of flows that were deleted.
async fn strays(
    state: &AppState,
    scope: &WorkspaceScope,
    file: &Map<String, Value>,
) -> Result<Vec<LeftOut>> {
    let reachable = Reachable::of(state, scope, file).await?;
    let stores = stores_in(file)?;
    let chunks = list(file, "DocumentStoreFileChunk")?;
    let loose = chunks.iter().filter(|it| !is_chunk_of(it, &stores)).count();
    let messages = list(file, "ChatMessage")?;
    let lost = messages.iter().filter(|it| !reachable.holds_message(it)).count();
    let feedback = list(file, "ChatMessageFeedback")?;
    let unheard = feedback.iter().filter(|it| !reachable.holds_feedback(it)).count();
    let runs = list(file, "Execution")?;
    let homeless = runs.iter().filter(|it| !reachable.holds_execution(it)).count();
    let told = [
        ("DocumentStoreFileChunk", loose, "their document store is not in the file"),
        ("ChatMessage", lost, "their flow is neither in the file nor in this workspace"),
        (
            "ChatMessageFeedback",
            unheard,
            "their message is neither in the file nor in this workspace",
        ),
        ("Execution", homeless, "their flow is neither in the file nor in this workspace"),
    ];
    let told = told.into_iter().filter(|(_, rows, _)| *rows > 0);
    Ok(told.map(|(key, rows, reason)| LeftOut { key, rows, reason: reason.to_owned() }).collect())
}

/// Ids of the document stores of a file.
pub(super) fn stores_in(file: &Map<String, Value>) -> Result<HashSet<String>> {
    let stores = list(file, "DocumentStore")?.iter();
    Ok(stores.filter_map(|it| it["id"].as_str().map(str::to_owned)).collect())
}

/// Whether a chunk is one of these stores'.
pub(super) fn is_chunk_of(row: &Value, stores: &HashSet<String>) -> bool {
    row["storeId"].as_str().is_some_and(|it| stores.contains(it))
}

/// What messages, feedback and runs of a file may hang on.
pub(super) struct Reachable {
    flows: HashSet<String>,
    messages: HashSet<String>,
}

impl Reachable {
    /// Looks at the file and the workspace.
    pub(super) async fn of(
        state: &AppState,
        scope: &WorkspaceScope,
        file: &Map<String, Value>,
    ) -> Result<Self> {
        let ids = |rows: &[Value]| -> Vec<String> {
            rows.iter().filter_map(|it| it["id"].as_str().map(str::to_owned)).collect()
        };
        let mut flows = HashSet::new();
        for (key, _, _) in LISTS.iter().filter(|it| matches!(it.2, Kind::Flows(_))) {
            flows.extend(ids(list(file, key)?));
        }
        let messages = list(file, "ChatMessage")?;
        let feedback = list(file, "ChatMessageFeedback")?;
        let runs = list(file, "Execution")?;
        if messages.is_empty() && feedback.is_empty() && runs.is_empty() {
            return Ok(Self { flows, messages: HashSet::new() });
        }
        let filter = ChatFlowFilter::default();
        let (own, _) = state.store.chatflows().list_summaries(scope, &filter, None).await?;
        flows.extend(own.into_iter().map(|it| it.id));
        let mut found = Self { flows, messages: HashSet::new() };
        let in_file = messages.iter().filter(|it| found.holds_message(it)).cloned();
        found.messages = ids(&in_file.collect::<Vec<_>>()).into_iter().collect();
        for row in feedback {
            let id = row["messageId"].as_str().unwrap_or_default();
            if !found.messages.contains(id) && state.store.messages().get(scope, id).await.is_ok() {
                found.messages.insert(id.to_owned());
            }
        }
        Ok(found)
    }

    /// Whether the flow of a message is there.
    pub(super) fn holds_message(&self, row: &Value) -> bool {
        row["chatflowid"].as_str().is_some_and(|it| self.flows.contains(it))
    }

    /// Whether the flow of a run is there.
    pub(super) fn holds_execution(&self, row: &Value) -> bool {
        row["agentflowId"].as_str().is_some_and(|it| self.flows.contains(it))
    }

    /// Whether the flow and the message of a feedback are there.
    pub(super) fn holds_feedback(&self, row: &Value) -> bool {
        self.holds_message(row)
            && row["messageId"].as_str().is_some_and(|it| self.messages.contains(it))
    }
}
