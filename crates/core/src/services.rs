//! What nodes need from outside, handed in so that `core` stays free of IO.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;

use serde_json::{Map, Value};

use crate::{Credential, Document, Error, Message, Output, Result, Run, VectorStore};

/// What nodes left out, and why. A client of [`Services`] that whoever builds a node adds to hear it.
#[derive(Debug, Default)]
pub struct Remarks(Mutex<Vec<String>>);

impl Remarks {
    /// Adds one.
    pub fn add(&self, remark: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(remark);
    }

    /// All there are, in order.
    pub fn all(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The ports of this installation, made once by the program and shared by all runs.
#[derive(Clone)]
pub struct Services {
    /// Stored conversations.
    pub chats: Arc<dyn Chats>,
    /// Stored credentials.
    pub credentials: Arc<dyn Credentials>,
    /// Tools that users wrote.
    pub custom_tools: Arc<dyn CustomTools>,
    /// Files that users gave to forms and chats.
    pub files: Arc<dyn Files>,
    /// The flows of a workspace, for nodes that ask another one.
    pub flows: Arc<dyn Flows>,
    /// The document stores of a workspace.
    pub document_stores: Arc<dyn DocumentStores>,
    clients: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Services {
    /// The ports; clients are added with [`with`](Self::with).
    pub fn new(
        chats: Arc<dyn Chats>,
        credentials: Arc<dyn Credentials>,
        custom_tools: Arc<dyn CustomTools>,
        files: Arc<dyn Files>,
        flows: Arc<dyn Flows>,
        document_stores: Arc<dyn DocumentStores>,
    ) -> Self {
        let clients = HashMap::new();
        Self { chats, credentials, custom_tools, files, flows, document_stores, clients }
    }

    /// Adds a client that `core` does not know the type of: the HTTP client, the JavaScript
    /// sandbox, the local models. One of each type.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, client: Arc<T>) -> Self {
        self.clients.insert(TypeId::of::<T>(), client);
        self
    }

    /// Tells what a node left out and why, where somebody listens.
    pub fn remark(&self, remark: impl FnOnce() -> String) {
        if let Ok(remarks) = self.get::<Remarks>() {
            remarks.add(remark());
        }
    }

    /// The client of type `T`.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where this build or installation was made without it.
    pub fn get<T: Send + Sync + 'static>(&self) -> Result<Arc<T>> {
        let client = self.clients.get(&TypeId::of::<T>()).cloned();
        client.and_then(|it| it.downcast::<T>().ok()).ok_or_else(|| {
            let name = type_name::<T>().rsplit("::").next().unwrap_or_default();
            Error::Unsupported(format!("this installation was built without {name}"))
        })
    }
}

/// Stored conversations, as memory nodes read them.
#[async_trait]
pub trait Chats: Send + Sync {
    /// The turns of a conversation, oldest first; the newest `limit` of them where given.
    async fn history(
        &self,
        workspace: &str,
        flow: &str,
        session: &str,
        limit: Option<u64>,
    ) -> Result<Vec<Message>>;
}

/// Stored credentials.
#[async_trait]
pub trait Credentials: Send + Sync {
    /// The decrypted fields of credential `id`.
    ///
    /// # Errors
    /// [`Error::Credential`] where the workspace has no such credential.
    async fn reveal(&self, workspace: &str, id: &str) -> Result<Credential>;
    /// Replaces these fields of credential `id`, such as a token that was renewed; the others stay.
    ///
    /// # Errors
    /// As [`reveal`](Self::reveal).
    async fn update(&self, workspace: &str, id: &str, fields: Map<String, Value>) -> Result<()>;
}

/// Tools that users wrote in JavaScript.
#[async_trait]
pub trait CustomTools: Send + Sync {
    /// All of the workspace.
    async fn list(&self, workspace: &str) -> Result<Vec<CustomTool>>;
    /// One of them.
    async fn get(&self, workspace: &str, id: &str) -> Result<Option<CustomTool>>;
}

/// A tool that a user wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct CustomTool {
    /// Its id.
    pub id: String,
    /// Name given by the user.
    pub name: String,
    /// When to use it.
    pub description: String,
    /// JSON text: `[{property, type, description, required}]`.
    pub schema: String,
    /// The JavaScript.
    pub code: String,
}

/// Where files lie: each place is a folder of its own, and none reaches into another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FilePlace<'a> {
    /// What tools of a workspace read and write.
    Workspace {
        /// The workspace.
        workspace: &'a str,
    },
    /// What was put into the forms of a flow, or into the loaders of a document store.
    Flow {
        /// The workspace.
        workspace: &'a str,
        /// The flow, or the document store: both have ids that nothing else has.
        flow: &'a str,
    },
    /// What came with the questions of a chat.
    Chat {
        /// The workspace.
        workspace: &'a str,
        /// The flow.
        flow: &'a str,
        /// The chat.
        chat: &'a str,
    },
}

/// Files that users gave to forms and chats, and that tools write.
///
/// A file's name is one name, never a path: names with separators, `.` and `..` are refused by every
/// call with [`Error::Unsupported`].
#[async_trait]
pub trait Files: Send + Sync {
    /// The content of a file.
    ///
    /// # Errors
    /// [`Error::Unsupported`] naming the file where there is none of the name.
    async fn read(&self, place: FilePlace<'_>, name: &str) -> Result<Vec<u8>>;
    /// Writes a file; an earlier one of the name is replaced, whole or not at all.
    async fn write(&self, place: FilePlace<'_>, name: &str, content: Vec<u8>) -> Result<()>;
    /// The names in a place, sorted; none where nothing was ever written.
    async fn list(&self, place: FilePlace<'_>) -> Result<Vec<String>>;
    /// Removes a file; one that is not there is no error.
    async fn remove(&self, place: FilePlace<'_>, name: &str) -> Result<()>;
    /// Removes a place with all it holds, and for a flow all its chats.
    async fn remove_all(&self, place: FilePlace<'_>) -> Result<()>;
}

/// The flows of a workspace, for nodes that ask another one.
#[async_trait]
pub trait Flows: Send + Sync {
    /// All of the workspace, by name.
    async fn list(&self, workspace: &str) -> Result<Vec<FlowSummary>>;
    /// Asks a flow of the run's workspace, as a call of its own that is kept in its history.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the workspace has no such flow, or flows ask each other without
    /// end.
    async fn ask(&self, run: &Run, call: FlowCall) -> Result<Output>;
}

/// The document stores of a workspace, for nodes that read or search them.
#[async_trait]
pub trait DocumentStores: Send + Sync {
    /// All of the workspace, by name.
    async fn list(&self, workspace: &str) -> Result<Vec<DocumentStoreSummary>>;
    /// The chunks of a store, in their order.
    ///
    /// # Errors
    /// [`Error::Unsupported`] where the workspace has no such store.
    async fn documents(&self, workspace: &str, id: &str) -> Result<Vec<Document>>;
    /// The vector store that a store was written to, ready to be searched.
    ///
    /// # Errors
    /// As [`documents`](Self::documents), and where nothing was written yet.
    async fn vector_store(&self, workspace: &str, id: &str) -> Result<Arc<dyn VectorStore>>;
}

/// MCP servers that users registered.
#[async_trait]
pub trait McpServers: Send + Sync {
    /// All of the workspace that told their tools, the last saved first.
    async fn list(&self, workspace: &str) -> Result<Vec<McpServer>>;
    /// One of them.
    async fn get(&self, workspace: &str, id: &str) -> Result<Option<McpServer>>;
}

/// The port over registered MCP servers, as a client of [`Services`].
pub struct McpRegistry(pub Arc<dyn McpServers>);

/// A registered MCP server. Its address and headers may hold secrets, so it cannot be printed.
#[derive(Clone)]
pub struct McpServer {
    /// Its id.
    pub id: String,
    /// Name given by the user.
    pub name: String,
    /// Its whole address.
    pub url: String,
    /// The same as far as it may be shown.
    pub shown_url: String,
    /// What it is called with.
    pub headers: Vec<(String, String)>,
    /// Whether it told its tools when it was last asked.
    pub is_authorized: bool,
    /// Those, each as MCP describes a tool: `{name, description, inputSchema}`.
    pub tools: Vec<Value>,
}

/// Assistants that were made at a vendor, as they were moved in.
#[async_trait]
pub trait StoredAssistants: Send + Sync {
    /// All of the workspace of this kind, such as `OPENAI`, the last saved first.
    async fn list(&self, workspace: &str, kind: &str) -> Result<Vec<StoredAssistant>>;
    /// One of them.
    async fn get(&self, workspace: &str, id: &str) -> Result<Option<StoredAssistant>>;
}

/// The port over such assistants, as a client of [`Services`].
pub struct AssistantRegistry(pub Arc<dyn StoredAssistants>);

/// An assistant that was made at a vendor.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredAssistant {
    /// Its id here.
    pub id: String,
    /// Name, instructions, model, settings and tools, as the vendor knew them.
    pub details: Value,
    /// Id of the credential that its vendor is called with.
    pub credential: String,
}

/// Variables of a workspace, for nodes that read them outside of any call.
#[async_trait]
pub trait Variables: Send + Sync {
    /// All of them by name.
    async fn all(&self, workspace: &str) -> Result<Map<String, Value>>;
}

/// The port over variables, as a client of [`Services`].
pub struct WorkspaceVariables(pub Arc<dyn Variables>);

/// A document store in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentStoreSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is in it.
    pub description: String,
    /// Whether its chunks can be read.
    pub is_loaded: bool,
    /// Whether it can be searched.
    pub is_searchable: bool,
}

/// A flow in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowSummary {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `CHATFLOW`, `AGENTFLOW`, `MULTIAGENT` or `ASSISTANT`.
    pub kind: String,
}

/// A question to another flow.
#[derive(Clone, Debug, Default)]
pub struct FlowCall {
    /// Which flow.
    pub flow_id: String,
    /// What is asked.
    pub question: String,
    /// The chat it is part of; a new one where it is not said.
    pub chat_id: Option<String>,
    /// Settings for this call, as far as that flow lets calls change them.
    pub overrides: Map<String, Value>,
}
