//! Reading a file into a workspace: all of it, or nothing.

use std::collections::{HashMap, HashSet};

use chrono::Utc;
use flowstone_store::{Execution, RowKind, Transfer, WorkspaceScope};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use ts_rs::TS;
use uuid::Uuid;

use super::{
    Kind, LISTS,
    plan::{self, LeftOut, Plan, Reachable, is_chunk_of, list, stores_in},
    records::{
        AssistantRecord, ChunkRecord, DocumentStoreRecord, ExecutionRecord, FeedbackRecord,
        FlowRecord, MessageRecord, TemplateRecord, ToolRecord, VariableRecord,
    },
    remap::{NewIds, replace},
};
use crate::{AppState, Problem, problem::Result, schedule};

/// Key of the answers to a plan's conflicts.
const RESOLUTIONS: &str = "conflictResolutions";

/// What to do with a row that is here already. Without one of these, it is taken over beside it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resolution {
    #[serde(rename = "type")]
    key: String,
    import_id: String,
    existing_id: String,
    action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// Writes over the one that is here.
    Update,
    /// Puts it beside the one that is here.
    Duplicate,
    /// Keeps the one that is here; what refers to the row in the file then refers to it.
    Skip,
}

/// What was taken over.
#[derive(Debug, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export)]
pub(crate) struct Imported {
    /// Always `success`; a failure answers otherwise.
    message: &'static str,
    /// How many rows of each list were written.
    imported: HashMap<&'static str, usize>,
    /// What was not taken over, and why.
    left_out: Vec<LeftOut>,
}

/// Reads a file.
///
/// # Errors
/// 400 where it is no such file or a row of it cannot be read; then nothing has changed.
pub(crate) async fn run(
    state: &AppState,
    scope: &WorkspaceScope,
    mut file: Map<String, Value>,
) -> Result<Imported> {
    let plan = plan::plan(state, scope, &file).await?;
    let resolutions = resolutions(file.remove(RESOLUTIONS), &plan)?;
    let reachable = Reachable::of(state, scope, &file).await?;
    let ids = new_ids(state, &mut file, &resolutions).await?;

    // Chunks follow their store: one that is left here as it is keeps those it has.
    let mut stores = stores_in(&file)?;
    stores.retain(|id| {
        let answer = resolutions.get(&("DocumentStore".to_owned(), id.clone()));
        answer.is_none_or(|it| it.action != Action::Skip)
    });
    let (mut transfer, mut imported) = (Transfer::default(), HashMap::new());
    transfer.replaced = resolutions
        .values()
        .filter(|it| it.action == Action::Update)
        .map(|it| it.existing_id.clone())
        .collect();
    let mut left_out = plan.left_out;
    for (key, _, kind) in LISTS {
        let mut rows = list(&file, key)?.to_vec();
        let before = rows.len();
        rows.retain(|it| action(&resolutions, key, it) != Some(Action::Skip));
        if rows.len() < before {
            let reason = "you chose to keep those that are here".to_owned();
            left_out.push(LeftOut { key, rows: before - rows.len(), reason });
        }
        match kind {
            Kind::Messages => rows.retain(|it| reachable.holds_message(it)),
            Kind::Feedback => rows.retain(|it| reachable.holds_feedback(it)),
            Kind::Chunks => rows.retain(|it| is_chunk_of(it, &stores)),
            Kind::Executions => rows.retain(|it| reachable.holds_execution(it)),
            _ => {}
        }
        for row in &mut rows {
            replace(row, &ids);
        }
        if !rows.is_empty() {
            imported.insert(*key, rows.len());
        }
        place(&mut transfer, scope, key, *kind, rows)?;
    }
    state.store.transfers().run(scope, &transfer).await?;
    for flow in &transfer.flows {
        let saved = state.store.chatflows().get(scope, &flow.id).await?;
        schedule::register_moved(state, &saved).await?;
    }
    for id in &transfer.replaced {
        // Flows that were prepared with the old tool must be prepared again.
        state.store.chatflows().raise_revisions(scope, id).await?;
    }
    Ok(Imported { message: "success", imported, left_out })
}

/// The answers to conflicts, by list and id in the file.
fn resolutions(value: Option<Value>, plan: &Plan) -> Result<HashMap<(String, String), Resolution>> {
    let Some(value) = value.filter(|it| !it.is_null()) else { return Ok(HashMap::new()) };
    let answers: Vec<Resolution> = serde_json::from_value(value).map_err(|error| {
        Problem::bad_request(format!(
            "{RESOLUTIONS}: a list of {{type, importId, existingId, action}} is expected, each action one of update, \
             duplicate and skip: {error}"
        ))
    })?;
    let mut found = HashMap::new();
    for answer in answers {
        let known = plan.conflicts.iter().any(|it| {
            it.key == answer.key
                && it.import_id == answer.import_id
                && it.existing_id == answer.existing_id
        });
        if !known {
            return Err(Problem::bad_request(format!(
                "{RESOLUTIONS}: {} {} does not meet {} in this workspace; ask for the plan again",
                answer.key, answer.import_id, answer.existing_id
            )));
        }
        found.insert((answer.key.clone(), answer.import_id.clone()), answer);
    }
    Ok(found)
}

fn action(
    resolutions: &HashMap<(String, String), Resolution>,
    key: &str,
    row: &Value,
) -> Option<Action> {
    let id = row["id"].as_str()?;
    resolutions.get(&(key.to_owned(), id.to_owned())).map(|it| it.action)
}

/// Gives every row an id that is free, and tells which old ids these stand for.
async fn new_ids(
    state: &AppState,
    file: &mut Map<String, Value>,
    resolutions: &HashMap<(String, String), Resolution>,
) -> Result<NewIds> {
    let mut ids = NewIds::new();
    let mut seen: HashSet<String> = HashSet::new();
    for (key, _, kind) in LISTS {
        let row_kind = row_kind(*kind);
        let given: Vec<&str> = list(file, key)?.iter().filter_map(|it| it["id"].as_str()).collect();
        let taken = state.store.transfers().taken_by_anyone(row_kind, &given).await?;
        let Some(Value::Array(rows)) = file.get_mut(*key) else { continue };
        for row in rows {
            let Some(row) = row.as_object_mut() else {
                return Err(Problem::bad_request(format!("{key}: a list of objects is expected")));
            };
            let old = row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            let resolution = resolutions.get(&((*key).to_owned(), old.clone()));
            match resolution.filter(|it| it.action != Action::Duplicate) {
                Some(resolution) => {
                    ids.insert(old, resolution.existing_id.clone());
                }
                None if old.is_empty() => {
                    row.insert("id".to_owned(), Uuid::new_v4().to_string().into());
                }
                None if taken.contains(&old)
                    || Uuid::try_parse(&old).is_err()
                    || !seen.insert(old.clone()) =>
                {
                    ids.insert(old, Uuid::new_v4().to_string());
                }
                None => {}
            }
        }
    }
    Ok(ids)
}

fn row_kind(kind: Kind) -> RowKind {
    match kind {
        Kind::Flows(_) => RowKind::Flow,
        Kind::Assistants(_) => RowKind::Assistant,
        Kind::Tools => RowKind::Tool,
        Kind::Variables => RowKind::Variable,
        Kind::Templates => RowKind::Template,
        Kind::DocumentStores => RowKind::DocumentStore,
        Kind::Chunks => RowKind::Chunk,
        Kind::Messages => RowKind::Message,
        Kind::Feedback => RowKind::Feedback,
        Kind::Executions => RowKind::Execution,
    }
}

/// Reads the rows of a list and puts them where they belong.
fn place(
    transfer: &mut Transfer,
    scope: &WorkspaceScope,
    key: &str,
    kind: Kind,
    rows: Vec<Value>,
) -> Result<()> {
    let now = Utc::now();
    match kind {
        Kind::Flows(flow_type) => {
            for flow in read::<FlowRecord>(key, rows)? {
                is_json(key, &flow.name, &flow.flow_data)?;
                transfer.flows.push(flow.place(scope, flow_type, now));
            }
        }
        Kind::Assistants(kind) => {
            for assistant in read::<AssistantRecord>(key, rows)? {
                is_json(key, &assistant.name(), &assistant.details)?;
                transfer.assistants.push(assistant.place(scope, kind, now));
            }
        }
        Kind::Tools => {
            let tools = read::<ToolRecord>(key, rows)?;
            transfer.tools.extend(tools.into_iter().map(|it| it.place(scope, now)));
        }
        Kind::Variables => {
            let variables = read::<VariableRecord>(key, rows)?;
            transfer.variables.extend(variables.into_iter().map(|it| it.place(scope, now)));
        }
        Kind::Templates => {
            for template in read::<TemplateRecord>(key, rows)? {
                is_json(key, &template.name, &template.flow_data)?;
                transfer.templates.push(template.place(scope, now));
            }
        }
        Kind::DocumentStores => {
            for store in read::<DocumentStoreRecord>(key, rows)? {
                is_json(key, &store.name, &store.loaders)?;
                transfer.document_stores.push(store.place(scope, now));
            }
        }
        Kind::Chunks => {
            let chunks = read::<ChunkRecord>(key, rows)?;
            transfer.chunks.extend(chunks.into_iter().map(ChunkRecord::place));
        }
        Kind::Messages => {
            let messages = read::<MessageRecord>(key, rows)?;
            transfer.messages.extend(messages.into_iter().map(|it| it.place(now)));
        }
        Kind::Feedback => {
            let feedback = read::<FeedbackRecord>(key, rows)?;
            transfer.feedback.extend(feedback.into_iter().map(|it| it.place(now)));
        }
        Kind::Executions => {
            for (place, run) in read::<ExecutionRecord>(key, rows)?.into_iter().enumerate() {
                let moved = Execution::moved(run.place(scope, now)).map_err(|error| {
                    Problem::bad_request(format!("{key}[{place}].executionData: {error}"))
                })?;
                transfer.executions.push(moved);
            }
        }
    }
    Ok(())
}

fn read<T: DeserializeOwned>(key: &str, rows: Vec<Value>) -> Result<Vec<T>> {
    let rows = rows.into_iter().enumerate().map(|(place, row)| {
        serde_path_to_error::deserialize(row).map_err(|error| {
            let path = error.path().to_string();
            let field = if path == "." { String::new() } else { format!(".{path}") };
            let reason = error.into_inner();
            Problem::bad_request(format!("{key}[{place}]{field}: {reason}"))
        })
    });
    rows.collect()
}

fn is_json(key: &str, name: &str, text: &str) -> Result<()> {
    let read = serde_json::from_str::<serde::de::IgnoredAny>(text);
    read.map(drop).map_err(|error| {
        Problem::bad_request(format!("{key} \"{name}\": its data is not the text of JSON: {error}"))
    })
}
