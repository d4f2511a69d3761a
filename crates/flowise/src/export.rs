//! A file that Flowise exported: one flow, or all kinds of things together.

use std::{collections::BTreeMap, path::Path};

use serde_json::{Map, Value};

use crate::{Error, Result, Row, Table};

/// Under which keys an export keeps what, and what kind of flow a key means.
const KEYS: &[(&str, Table, Option<&str>)] = &[
    ("ChatFlow", Table::ChatFlow, Some("CHATFLOW")),
    ("AgentFlow", Table::ChatFlow, Some("MULTIAGENT")),
    ("AgentFlowV2", Table::ChatFlow, Some("AGENTFLOW")),
    ("AssistantFlow", Table::ChatFlow, Some("ASSISTANT")),
    ("AssistantCustom", Table::Assistant, None),
    ("AssistantOpenAI", Table::Assistant, None),
    ("AssistantAzure", Table::Assistant, None),
    ("Assistant", Table::Assistant, None),
    ("Tool", Table::Tool, None),
    ("Variable", Table::Variable, None),
    ("CustomTemplate", Table::CustomTemplate, None),
    ("DocumentStore", Table::DocumentStore, None),
    ("DocumentStoreFileChunk", Table::DocumentStoreFileChunk, None),
    ("ChatMessage", Table::ChatMessage, None),
    ("ChatMessageFeedback", Table::ChatMessageFeedback, None),
    ("Execution", Table::Execution, None),
];

/// The content of a file, by table.
pub(crate) struct Export {
    tables: BTreeMap<Table, Vec<Row>>,
}

impl Export {
    pub(crate) async fn read(path: &Path) -> Result<Self> {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = tokio::fs::read(path)
            .await
            .map_err(|source| Error::File { what: name.clone(), source })?;
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|error| Error::Place(format!("{name} is no JSON: {error}")))?;
        Self::parse(path, value).ok_or_else(|| {
            Error::Place(format!(
                "{name} is no export of Flowise: neither a flow with nodes and edges nor an export \
                 of several things"
            ))
        })
    }

    fn parse(path: &Path, value: Value) -> Option<Self> {
        let Value::Object(mut fields) = value else { return None };
        let mut tables: BTreeMap<Table, Vec<Row>> = BTreeMap::new();
        if fields.get("nodes").is_some_and(Value::is_array) {
            tables.entry(Table::ChatFlow).or_default().push(single_flow(path, fields));
            return Some(Self { tables });
        }
        for (key, table, kind) in KEYS {
            let Some(Value::Array(items)) = fields.remove(*key) else { continue };
            let rows = items.into_iter().filter_map(|item| {
                let Value::Object(mut columns) = item else { return None };
                if let Some(kind) = kind {
                    columns.entry("type").or_insert_with(|| (*kind).into());
                }
                Some(Row::new(columns))
            });
            tables.entry(*table).or_default().extend(rows);
        }
        (!tables.is_empty()).then_some(Self { tables })
    }

    pub(crate) fn rows(&self, table: Table) -> Option<&[Row]> {
        self.tables.get(&table).map(Vec::as_slice)
    }
}

/// A flow that was exported by itself has no id and no name: the file's name stands for it.
fn single_flow(path: &Path, fields: Map<String, Value>) -> Row {
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let is_agentflow = fields["nodes"]
        .as_array()
        .is_some_and(|nodes| nodes.iter().any(|it| it["data"]["category"] == "Agent Flows"));
    let mut columns = Map::new();
    columns.insert("name".to_owned(), name.into());
    columns.insert("type".to_owned(), if is_agentflow { "AGENTFLOW" } else { "CHATFLOW" }.into());
    columns.insert("flowData".to_owned(), Value::Object(fields).to_string().into());
    Row::new(columns)
}
