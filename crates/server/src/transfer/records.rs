//! Rows as they stand in the file. What a file leaves out takes a default; which workspace a row
//! says it belongs to is not read.

use chrono::{DateTime, Utc};
use flowstone_store::{
    Assistant, ChatFlow, ChatMessage, Chunk, CustomTemplate, DocumentStore, ExecutionSummary,
    Feedback, MovedExecution, Tool, Variable, WorkspaceScope,
};
use serde::{Deserialize, Serialize};

use crate::wire::Time;

/// A time in a file: as JavaScript writes it; none where it cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct When(Option<DateTime<Utc>>);

impl When {
    fn or(self, now: DateTime<Utc>) -> DateTime<Utc> {
        self.0.unwrap_or(now)
    }
}

impl From<DateTime<Utc>> for When {
    fn from(time: DateTime<Utc>) -> Self {
        Self(Some(time))
    }
}

impl Serialize for When {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.map(Time::from).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        Ok(Self(text.and_then(|it| it.parse().ok())))
    }
}

/// A row of the file: how it is called, and its way to and from the store.
///
/// A macro, because a function cannot name a struct's fields; it keeps a column to one line.
macro_rules! record {
    (
        $(#[$doc:meta])* $record:ident of $plain:ident, dates: [$($date:ident),*];
        $($(#[$attribute:meta])* $field:ident: $type:ty),* $(,)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub(super) struct $record {
            #[serde(default)]
            pub(super) id: String,
            $($(#[$attribute])* pub(super) $field: $type,)*
            $(#[serde(default)] pub(super) $date: When,)*
        }

        impl From<$plain> for $record {
            fn from(plain: $plain) -> Self {
                Self {
                    id: plain.id,
                    $($field: plain.$field,)*
                    $($date: plain.$date.into(),)*
                }
            }
        }
    };
}

record! {
    /// A flow. Its webhook's secret is never written.
    FlowRecord of ChatFlow, dates: [created_date, updated_date];
    name: String,
    flow_data: String,
    #[serde(default)] deployed: Option<bool>,
    #[serde(default)] is_public: Option<bool>,
    #[serde(default, rename = "apikeyid")] api_key_id: Option<String>,
    #[serde(default)] chatbot_config: Option<String>,
    #[serde(default)] api_config: Option<String>,
    #[serde(default)] analytic: Option<String>,
    #[serde(default)] speech_to_text: Option<String>,
    #[serde(default)] text_to_speech: Option<String>,
    #[serde(default)] follow_up_prompts: Option<String>,
    #[serde(default)] category: Option<String>,
    #[serde(default, rename = "type")] flow_type: Option<String>,
    #[serde(default)] mcp_server_config: Option<String>,
    #[serde(default)] workspace_id: String,
}

record! {
    /// An assistant.
    AssistantRecord of Assistant, dates: [created_date, updated_date];
    details: String,
    #[serde(default)] credential: String,
    #[serde(default)] icon_src: Option<String>,
    #[serde(default, rename = "type")] kind: Option<String>,
    #[serde(default)] workspace_id: String,
}

record! {
    /// A custom tool.
    ToolRecord of Tool, dates: [created_date, updated_date];
    name: String,
    #[serde(default)] description: String,
    #[serde(default)] color: String,
    #[serde(default)] icon_src: Option<String>,
    #[serde(default)] schema: Option<String>,
    #[serde(default)] func: Option<String>,
    #[serde(default)] workspace_id: String,
}

record! {
    /// A variable.
    VariableRecord of Variable, dates: [created_date, updated_date];
    name: String,
    #[serde(default)] value: Option<String>,
    #[serde(default = "static_kind", rename = "type")] variable_type: String,
    #[serde(default)] workspace_id: String,
}

record! {
    /// A template that a user saved.
    TemplateRecord of CustomTemplate, dates: [created_date, updated_date];
    name: String,
    flow_data: String,
    #[serde(default)] description: Option<String>,
    #[serde(default)] badge: Option<String>,
    #[serde(default)] framework: Option<String>,
    #[serde(default)] usecases: Option<String>,
    #[serde(default, rename = "type")] kind: Option<String>,
    #[serde(default)] workspace_id: String,
}

record! {
    /// A document store.
    DocumentStoreRecord of DocumentStore, dates: [created_date, updated_date];
    name: String,
    #[serde(default)] description: Option<String>,
    #[serde(default = "no_rows")] loaders: String,
    #[serde(default = "no_rows")] where_used: String,
    #[serde(default)] status: String,
    #[serde(default)] vector_store_config: Option<String>,
    #[serde(default)] embedding_config: Option<String>,
    #[serde(default)] record_manager_config: Option<String>,
    #[serde(default)] workspace_id: String,
}

record! {
    /// A chunk of a document store.
    ChunkRecord of Chunk, dates: [];
    #[serde(rename = "docId")] loader_id: String,
    store_id: String,
    #[serde(default, rename = "chunkNo")] number: i32,
    #[serde(default)] page_content: String,
    #[serde(default)] metadata: Option<String>,
}

record! {
    /// A message.
    MessageRecord of ChatMessage, dates: [created_date];
    role: String,
    #[serde(rename = "chatflowid")] chatflow_id: String,
    #[serde(default)] execution_id: Option<String>,
    #[serde(default)] content: String,
    #[serde(default)] source_documents: Option<String>,
    #[serde(default)] used_tools: Option<String>,
    #[serde(default)] file_annotations: Option<String>,
    #[serde(default)] agent_reasoning: Option<String>,
    #[serde(default)] reason_content: Option<String>,
    #[serde(default)] file_uploads: Option<String>,
    #[serde(default)] artifacts: Option<String>,
    #[serde(default)] action: Option<String>,
    #[serde(default = "external")] chat_type: String,
    #[serde(default)] chat_id: String,
    #[serde(default)] memory_type: Option<String>,
    #[serde(default)] session_id: Option<String>,
    #[serde(default)] lead_email: Option<String>,
    #[serde(default)] follow_up_prompts: Option<String>,
}

record! {
    /// Feedback on a message.
    FeedbackRecord of Feedback, dates: [created_date];
    #[serde(rename = "chatflowid")] chatflow_id: String,
    #[serde(default)] chat_id: String,
    message_id: String,
    #[serde(default)] rating: Option<String>,
    #[serde(default)] content: Option<String>,
}

/// A run of an agentflow with its turns, as the text of their list.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExecutionRecord {
    #[serde(default)]
    id: String,
    #[serde(default = "no_rows")]
    execution_data: String,
    state: String,
    agentflow_id: String,
    #[serde(default)]
    session_id: String,
    #[serde(default)]
    action: Option<String>,
    #[serde(default)]
    is_public: Option<bool>,
    #[serde(default)]
    created_date: When,
    #[serde(default)]
    updated_date: When,
    #[serde(default)]
    stopped_date: When,
    #[serde(default)]
    workspace_id: String,
}

impl ExecutionRecord {
    /// A run of this server with the records of its turns.
    pub(super) fn of(run: ExecutionSummary, records: &[String]) -> Self {
        Self {
            id: run.id,
            // Each of them is JSON already.
            execution_data: format!("[{}]", records.join(",")),
            state: run.state,
            agentflow_id: run.agentflow_id,
            session_id: run.session_id,
            action: run.action,
            is_public: run.is_public,
            created_date: run.created_date.into(),
            updated_date: run.updated_date.into(),
            stopped_date: When(run.stopped_date),
            workspace_id: run.workspace_id,
        }
    }

    /// The run in the workspace of `scope`.
    pub(super) fn place(self, scope: &WorkspaceScope, now: DateTime<Utc>) -> MovedExecution {
        MovedExecution {
            id: self.id,
            state: self.state,
            agentflow_id: self.agentflow_id,
            session_id: self.session_id,
            execution_data: self.execution_data,
            is_public: self.is_public,
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            stopped_date: self.stopped_date.0,
            workspace_id: scope.workspace_id().to_owned(),
        }
    }
}

fn no_rows() -> String {
    "[]".to_owned()
}

fn static_kind() -> String {
    "static".to_owned()
}

fn external() -> String {
    "EXTERNAL".to_owned()
}

impl FlowRecord {
    /// The flow in the workspace of `scope`, of this type. It is saved now, so that nothing that was
    /// prepared before is used for it.
    pub(super) fn place(self, scope: &WorkspaceScope, kind: &str, now: DateTime<Utc>) -> ChatFlow {
        ChatFlow {
            id: self.id,
            name: self.name,
            flow_data: self.flow_data,
            deployed: self.deployed,
            is_public: self.is_public,
            api_key_id: self.api_key_id,
            chatbot_config: self.chatbot_config,
            api_config: self.api_config,
            analytic: self.analytic,
            speech_to_text: self.speech_to_text,
            text_to_speech: self.text_to_speech,
            follow_up_prompts: self.follow_up_prompts,
            category: self.category,
            flow_type: Some(kind.to_owned()),
            mcp_server_config: self.mcp_server_config,
            webhook_secret: None,
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            workspace_id: scope.workspace_id().to_owned(),
            revision: now.timestamp_millis(),
        }
    }
}

impl AssistantRecord {
    /// The assistant in the workspace of `scope`, of this type.
    pub(super) fn place(self, scope: &WorkspaceScope, kind: &str, now: DateTime<Utc>) -> Assistant {
        Assistant {
            id: self.id,
            details: self.details,
            credential: self.credential,
            icon_src: self.icon_src,
            kind: Some(kind.to_owned()),
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            workspace_id: scope.workspace_id().to_owned(),
        }
    }

    /// The name in its details.
    pub(super) fn name(&self) -> String {
        name_of(&self.details)
    }
}

/// The name in the details of an assistant.
pub(super) fn name_of(details: &str) -> String {
    let details: serde_json::Value = serde_json::from_str(details).unwrap_or_default();
    details["name"].as_str().unwrap_or_default().to_owned()
}

impl ToolRecord {
    /// The tool in the workspace of `scope`.
    pub(super) fn place(self, scope: &WorkspaceScope, now: DateTime<Utc>) -> Tool {
        Tool {
            id: self.id,
            name: self.name,
            description: self.description,
            color: self.color,
            icon_src: self.icon_src,
            schema: self.schema,
            func: self.func,
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            workspace_id: scope.workspace_id().to_owned(),
        }
    }
}

impl VariableRecord {
    /// The variable in the workspace of `scope`.
    pub(super) fn place(self, scope: &WorkspaceScope, now: DateTime<Utc>) -> Variable {
        Variable {
            id: self.id,
            name: self.name,
            value: self.value,
            variable_type: self.variable_type,
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            workspace_id: scope.workspace_id().to_owned(),
        }
    }
}

impl TemplateRecord {
    /// The template in the workspace of `scope`.
    pub(super) fn place(self, scope: &WorkspaceScope, now: DateTime<Utc>) -> CustomTemplate {
        CustomTemplate {
            id: self.id,
            name: self.name,
            flow_data: self.flow_data,
            description: self.description,
            badge: self.badge,
            framework: self.framework,
            usecases: self.usecases,
            kind: self.kind,
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            workspace_id: scope.workspace_id().to_owned(),
        }
    }
}

impl DocumentStoreRecord {
    /// The store in the workspace of `scope`. Nobody here works on it.
    pub(super) fn place(self, scope: &WorkspaceScope, now: DateTime<Utc>) -> DocumentStore {
        use crate::document_store::status;
        let status = match self.status.as_str() {
            "" => status::EMPTY,
            status::SYNCING | status::UPSERTING => status::STALE,
            other => other,
        };
        DocumentStore {
            id: self.id,
            name: self.name,
            description: self.description,
            loaders: self.loaders,
            where_used: self.where_used,
            status: status.to_owned(),
            vector_store_config: self.vector_store_config,
            embedding_config: self.embedding_config,
            record_manager_config: self.record_manager_config,
            created_date: self.created_date.or(now),
            updated_date: self.updated_date.or(now),
            workspace_id: scope.workspace_id().to_owned(),
        }
    }
}

impl ChunkRecord {
    /// The chunk as it is stored.
    pub(super) fn place(self) -> Chunk {
        Chunk {
            id: self.id,
            loader_id: self.loader_id,
            store_id: self.store_id,
            number: self.number,
            page_content: self.page_content,
            metadata: self.metadata,
        }
    }
}

impl MessageRecord {
    /// The message as it is stored.
    pub(super) fn place(self, now: DateTime<Utc>) -> ChatMessage {
        ChatMessage {
            id: self.id,
            role: self.role,
            chatflow_id: self.chatflow_id,
            execution_id: self.execution_id,
            content: self.content,
            source_documents: self.source_documents,
            used_tools: self.used_tools,
            file_annotations: self.file_annotations,
            agent_reasoning: self.agent_reasoning,
            reason_content: self.reason_content,
            file_uploads: self.file_uploads,
            artifacts: self.artifacts,
            action: self.action,
            chat_type: self.chat_type,
            chat_id: self.chat_id,
            memory_type: self.memory_type,
            session_id: self.session_id,
            created_date: self.created_date.or(now),
            lead_email: self.lead_email,
            follow_up_prompts: self.follow_up_prompts,
        }
    }
}

impl FeedbackRecord {
    /// The feedback as it is stored.
    pub(super) fn place(self, now: DateTime<Utc>) -> Feedback {
        Feedback {
            id: self.id,
            chatflow_id: self.chatflow_id,
            chat_id: self.chat_id,
            message_id: self.message_id,
            rating: self.rating,
            content: self.content,
            created_date: self.created_date.or(now),
        }
    }
}
