//! Reads what a Flowise installation keeps: its database or a file it exported. Nothing here writes,
//! and nothing here knows of Flowstone.

mod cipher;
mod database;
mod error;
mod export;
mod place;
mod row;

use std::path::PathBuf;

use futures::{StreamExt as _, stream::BoxStream};

pub use cipher::{Key, decrypt, encrypt};
pub use error::{Error, Result};
pub use place::Place;
pub use row::Row;

/// An opened installation or export.
pub struct Source {
    kind: Kind,
    /// Folder of the installation, where it is one on this machine.
    folder: Option<PathBuf>,
}

enum Kind {
    Database(database::Database),
    Export(export::Export),
}

/// The tables that Flowise 1 to 3 keep, by their names in its databases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    /// Organizations, since version 3.
    Organization,
    /// Workspaces, since version 3.
    Workspace,
    /// Who belongs to which workspace, since version 3.
    WorkspaceUser,
    /// People, since version 3.
    User,
    /// Flows of every kind.
    ChatFlow,
    /// Credentials, encrypted.
    Credential,
    /// Variables.
    Variable,
    /// Custom tools.
    Tool,
    /// Assistants.
    Assistant,
    /// Templates that users saved.
    CustomTemplate,
    /// Document stores, without what is in them.
    DocumentStore,
    /// API keys.
    ApiKey,
    /// Messages of chats.
    ChatMessage,
    /// What people thought of messages.
    ChatMessageFeedback,
    /// People who left their address.
    Lead,
    /// What was written to vector stores.
    UpsertHistory,
    /// Chunks of document stores.
    DocumentStoreFileChunk,
    /// Runs of agentflows.
    Execution,
    /// Data sets of evaluations.
    Dataset,
    /// Rows of data sets.
    DatasetRow,
    /// Evaluations.
    Evaluation,
    /// Runs of evaluations.
    EvaluationRun,
    /// Evaluators.
    Evaluator,
    /// MCP servers that users registered.
    CustomMcpServer,
    /// Schedules.
    ScheduleRecord,
}

impl Table {
    /// All of them: what others refer to comes first.
    pub const ALL: &'static [Self] = &[
        Self::Organization,
        Self::Workspace,
        Self::User,
        Self::WorkspaceUser,
        Self::ApiKey,
        Self::Credential,
        Self::Variable,
        Self::Tool,
        Self::Assistant,
        Self::CustomTemplate,
        Self::DocumentStore,
        Self::ChatFlow,
        Self::ChatMessage,
        Self::ChatMessageFeedback,
        Self::Lead,
        Self::UpsertHistory,
        Self::DocumentStoreFileChunk,
        Self::Execution,
        Self::Dataset,
        Self::DatasetRow,
        Self::Evaluation,
        Self::EvaluationRun,
        Self::Evaluator,
        Self::CustomMcpServer,
        Self::ScheduleRecord,
    ];

    /// Its name in Flowise's databases.
    pub fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Workspace => "workspace",
            Self::WorkspaceUser => "workspace_user",
            Self::User => "user",
            Self::ChatFlow => "chat_flow",
            Self::Credential => "credential",
            Self::Variable => "variable",
            Self::Tool => "tool",
            Self::Assistant => "assistant",
            Self::CustomTemplate => "custom_template",
            Self::DocumentStore => "document_store",
            Self::ApiKey => "apikey",
            Self::ChatMessage => "chat_message",
            Self::ChatMessageFeedback => "chat_message_feedback",
            Self::Lead => "lead",
            Self::UpsertHistory => "upsert_history",
            Self::DocumentStoreFileChunk => "document_store_file_chunk",
            Self::Execution => "execution",
            Self::Dataset => "dataset",
            Self::DatasetRow => "dataset_row",
            Self::Evaluation => "evaluation",
            Self::EvaluationRun => "evaluation_run",
            Self::Evaluator => "evaluator",
            Self::CustomMcpServer => "custom_mcp_server",
            Self::ScheduleRecord => "schedule_record",
        }
    }
}

impl Source {
    /// Opens an installation or an export, for reading only.
    ///
    /// # Errors
    /// Where there is nothing of the kind, or it cannot be reached.
    pub async fn open(place: &Place) -> Result<Self> {
        let kind = match place {
            Place::Export(path) => Kind::Export(export::Export::read(path).await?),
            other => Kind::Database(database::Database::open(other).await?),
        };
        Ok(Self { kind, folder: place.folder() })
    }

    /// Folder of the installation on this machine, where its key and its files may lie.
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    /// How many rows a table has; `None` for one that this installation does not have.
    ///
    /// # Errors
    /// Where the database stops answering.
    pub async fn count(&self, table: Table) -> Result<Option<u64>> {
        match &self.kind {
            Kind::Database(database) => database.count(table).await,
            Kind::Export(export) => Ok(export.rows(table).map(|it| it.len() as u64)),
        }
    }

    /// The rows of a table as they come; none for one that this installation does not have.
    pub fn rows(&self, table: Table) -> BoxStream<'_, Result<Row>> {
        match &self.kind {
            Kind::Database(database) => database.rows(table),
            Kind::Export(export) => {
                let rows = export.rows(table).unwrap_or_default().iter().cloned().map(Ok);
                futures::stream::iter(rows).boxed()
            }
        }
    }
}

#[cfg(test)]
mod tests;
