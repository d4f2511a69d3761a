//! Everything Flowstone keeps: plain structs in, plain structs out, on SQLite, PostgreSQL or
//! MySQL/MariaDB.
//!
//! [`Store::connect`] opens the database and brings its tables up to date; `store.chatflows()`,
//! `store.messages()` and so on give one repository per table. Three rules hold everywhere:
//!
//! - **Scope.** Whatever belongs to a workspace is read and written through a [`WorkspaceScope`];
//!   a row of another workspace answers exactly like a row that does not exist. The few calls
//!   without a scope say so in their names (`get_for_anyone`, `find_by_hash`, …).
//! - **As given.** Ids and times are made by the caller and written as they are. Databases keep
//!   times to the millisecond. Lists are ordered by time and, within a millisecond, by id, so that
//!   the pages of a list fit together.
//! - **Nothing of the database leaves.** No entity, no connection and no database error text is
//!   part of the public API.

mod accounts;
mod api_keys;
mod assistants;
mod chatflows;
mod connection;
mod conversations;
mod convert;
pub mod crash;
mod credentials;
mod database;
mod document_stores;
mod drafts;
mod entities;
mod error;
mod executions;
mod feedback;
mod flow_checkpoints;
mod leads;
mod mcp_servers;
mod message_filter;
mod messages;
mod migrations;
mod password_resets;
mod query;
mod runs;
mod schedules;
mod scope;
mod secret_file;
mod secrets;
mod sessions;
mod settings;
mod settings_table;
mod spending;
mod templates;
mod tools;
mod transfers;
mod upsert_history;
mod users;
mod variables;
mod versions;
mod workspaces;

pub use accounts::{Account, Membership, Organization, User, Workspace};
pub use api_keys::{ApiKey, ApiKeyPatch, ApiKeys};
pub use assistants::{Assistant, AssistantPatch, Assistants};
pub use chatflows::{
    ChatFlow, ChatFlowFilter, ChatFlowPatch, ChatFlowSort, ChatFlowSortKey, ChatFlowSummary,
    ChatFlows,
};
pub use conversations::{Conversation, ConversationFilter};
pub use credentials::{Credential, CredentialPatch, Credentials};
pub use database::Store;
pub use document_stores::{Chunk, ChunkChange, DocumentStore, DocumentStores};
pub use drafts::{DraftChange, FlowDraft, FlowDrafts, Outcome};
pub use error::{Error, Outage, Result};
pub use executions::{
    EventsKept, Execution, ExecutionFilter, ExecutionSummary, Executions, MovedExecution, TurnKept,
    TurnRow, TurnTaken,
};
pub use feedback::{Feedback, FeedbackFilter, FeedbackPatch, FeedbackRepository};
pub use flow_checkpoints::{FlowCheckpoint, FlowCheckpoints};
pub use leads::{Lead, Leads};
pub use mcp_servers::{CustomMcpServer, CustomMcpServerPatch, CustomMcpServers};
pub use message_filter::MessageFilter;
pub use messages::{ChatMessage, MessageStatistics, MessageWithFeedback, Messages};
pub use password_resets::{PasswordReset, PasswordResets};
pub use runs::{FlowRun, FlowRunFilter, FlowRunSummary, FlowRuns};
pub use schedules::{Advance, Firing, Schedule, Schedules};
pub use scope::{Order, Page, WorkspaceScope};
pub use secret_file::SecretFile;
pub use secrets::EncryptionKey;
pub use sessions::{Session, Sessions};
pub use settings::{DatabaseSettings, ServerAddress, ServerSettings, TlsMode};
pub use settings_table::Settings;
pub use spending::{Spenders, Spending, SpendingFilter, SpendingOf, SpendingRow};
pub use templates::{CustomTemplate, CustomTemplates};
pub use tools::{Tool, ToolPatch, Tools};
pub use transfers::{RowKind, Transfer, Transfers};
pub use upsert_history::{UpsertHistory, UpsertHistoryFilter, UpsertHistoryRepository};
pub use users::{UserPatch, Users};
pub use variables::{Variable, VariablePatch, Variables};
pub use versions::{FlowVersion, FlowVersionSummary, FlowVersions, VersionStamp};
pub use workspaces::Workspaces;
