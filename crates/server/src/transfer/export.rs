//! Writing a workspace, or parts of it, as a file.

use flowstone_store::{
    ChatFlowFilter, ExecutionFilter, FeedbackFilter, MessageFilter, Order, WorkspaceScope,
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    Kind, LISTS,
    records::{
        AssistantRecord, ChunkRecord, DocumentStoreRecord, ExecutionRecord, FeedbackRecord,
        FlowRecord, MessageRecord, TemplateRecord, ToolRecord, VariableRecord,
    },
};
use crate::{AppState, Problem, problem::Result};

/// What the file is called where a browser saves it.
const FILE_NAME: &str = "ExportData.json";

/// Which lists the file is to hold; the others are there, but empty.
#[derive(Debug)]
pub(crate) struct Wanted(Vec<&'static str>);

impl Wanted {
    /// Reads the switches of a form.
    ///
    /// # Errors
    /// 400 for a switch that is neither on nor off.
    pub(crate) fn parse(body: &Map<String, Value>) -> Result<Self> {
        let mut wanted = Vec::new();
        for (key, switch, _) in LISTS {
            match body.get(*switch) {
                None | Some(Value::Null | Value::Bool(false)) => {}
                Some(Value::Bool(true)) => wanted.push(*key),
                Some(_) => {
                    return Err(Problem::bad_request(format!(
                        "Invalid {switch} property in ExportInput object: true or false is expected"
                    )));
                }
            }
        }
        Ok(Self(wanted))
    }
}

/// The file.
pub(crate) async fn export(
    state: &AppState,
    scope: &WorkspaceScope,
    wanted: &Wanted,
) -> Result<Map<String, Value>> {
    let mut file = Map::new();
    file.insert("FileDefaultName".into(), FILE_NAME.into());
    for (key, _, kind) in LISTS {
        let rows = if wanted.0.contains(key) {
            rows(state, scope, *kind).await?
        } else {
            Value::Array(Vec::new())
        };
        file.insert((*key).to_owned(), rows);
    }
    Ok(file)
}

async fn rows(state: &AppState, scope: &WorkspaceScope, kind: Kind) -> Result<Value> {
    let store = &state.store;
    match kind {
        Kind::Flows(flow_type) => {
            let filter = ChatFlowFilter {
                flow_type: Some(flow_type.to_owned()),
                ..ChatFlowFilter::default()
            };
            let (flows, _) = store.chatflows().list(scope, &filter, None).await?;
            written(flows.into_iter().map(FlowRecord::from))
        }
        Kind::Assistants(kind) => {
            let (found, _) = store.assistants().list(scope, Some(kind), None).await?;
            written(found.into_iter().map(AssistantRecord::from))
        }
        Kind::Tools => {
            let (tools, _) = store.tools().list(scope, None).await?;
            written(tools.into_iter().map(ToolRecord::from))
        }
        Kind::Variables => {
            let (variables, _) = store.variables().list(scope, None).await?;
            written(variables.into_iter().map(VariableRecord::from))
        }
        Kind::Templates => {
            let (templates, _) = store.templates().list(scope, None).await?;
            written(templates.into_iter().map(TemplateRecord::from))
        }
        Kind::Messages => {
            let mut all = Vec::new();
            for flow in flow_ids(state, scope).await? {
                let filter = MessageFilter::default();
                let order = Order::Ascending;
                let (found, _) = store.messages().list(scope, &flow, &filter, order, None).await?;
                all.extend(found.into_iter().map(MessageRecord::from));
            }
            written(all)
        }
        Kind::Feedback => {
            let mut all = Vec::new();
            for flow in flow_ids(state, scope).await? {
                let filter = FeedbackFilter::default();
                let (found, _) = store.feedback().list(scope, &flow, &filter, None).await?;
                all.extend(found.into_iter().map(FeedbackRecord::from));
            }
            written(all)
        }
        Kind::DocumentStores => {
            let (stores, _) = store.document_stores().list(scope, None).await?;
            written(stores.into_iter().map(DocumentStoreRecord::from))
        }
        Kind::Chunks => {
            let mut all = Vec::new();
            for kept in store.document_stores().list(scope, None).await?.0 {
                let (chunks, _) =
                    store.document_stores().chunks(scope, &kept.id, None, None).await?;
                all.extend(chunks.into_iter().map(ChunkRecord::from));
            }
            written(all)
        }
        Kind::Executions => {
            let (runs, _) =
                store.executions().list(scope, &ExecutionFilter::default(), None).await?;
            let mut all = Vec::with_capacity(runs.len());
            for run in runs {
                let records = store.executions().records(&run.id).await?;
                all.push(ExecutionRecord::of(run, &records));
            }
            written(all)
        }
    }
}

async fn flow_ids(state: &AppState, scope: &WorkspaceScope) -> Result<Vec<String>> {
    let filter = ChatFlowFilter::default();
    let (flows, _) = state.store.chatflows().list_summaries(scope, &filter, None).await?;
    Ok(flows.into_iter().map(|it| it.id).collect())
}

fn written<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Value> {
    let rows: Result<Vec<Value>, _> = rows.into_iter().map(serde_json::to_value).collect();
    rows.map(Value::Array).map_err(|error| Problem::internal(&error))
}
