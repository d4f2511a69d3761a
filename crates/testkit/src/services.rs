//! In-memory ports, and a run to call nodes with.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use flowstone_core::{
    Credential, Document, Error, Event, Events, Message, Output, Result, Run, Services,
    VectorStore,
    services::{
        Chats, Credentials, CustomTool, CustomTools, DocumentStoreSummary, DocumentStores,
        FilePlace, Files, FlowCall, FlowSummary, Flows,
    },
};
use serde_json::{Map, Value};
use tokio::sync::mpsc::Receiver;

/// The ports, kept in memory. Fill them through their own methods, then make
/// [`services`](Self::services) of them.
#[derive(Clone, Default)]
pub struct Ports {
    /// Stored conversations.
    pub chats: Arc<MemoryChats>,
    /// Stored credentials.
    pub credentials: Arc<MemoryCredentials>,
    /// Tools that users wrote.
    pub custom_tools: Arc<MemoryTools>,
    /// Files of forms and chats.
    pub files: Arc<MemoryFiles>,
    /// Flows that can be asked.
    pub flows: Arc<MemoryFlows>,
    /// Document stores that can be read and searched.
    pub document_stores: Arc<MemoryDocumentStores>,
}

impl Ports {
    /// Services over these ports; clients are added with [`Services::with`].
    pub fn services(&self) -> Services {
        Services::new(
            self.chats.clone(),
            self.credentials.clone(),
            self.custom_tools.clone(),
            self.files.clone(),
            self.flows.clone(),
            self.document_stores.clone(),
        )
    }
}

/// Services over empty ports; clients are added with [`Services::with`].
pub fn services() -> Services {
    Ports::default().services()
}

/// A run of workspace `workspace`, flow `flow`, chat `chat`, session `session`, and what it tells.
pub fn run(question: &str, services: Arc<Services>) -> (Run, Receiver<Event>) {
    let (events, receiver) = Events::channel();
    let run = Run {
        workspace: "workspace".to_owned(),
        flow_id: "flow".to_owned(),
        chat_id: "chat".to_owned(),
        session_id: "session".to_owned(),
        question: question.to_owned(),
        events,
        ..Run::new(services)
    };
    (run, receiver)
}

/// Conversations in memory, by workspace, flow and session.
#[derive(Default)]
pub struct MemoryChats(Mutex<HashMap<[String; 3], Vec<Message>>>);

impl MemoryChats {
    /// Adds turns to a conversation.
    pub fn store(&self, workspace: &str, flow: &str, session: &str, messages: Vec<Message>) {
        let key = [workspace, flow, session].map(str::to_owned);
        self.0.lock().unwrap().entry(key).or_default().extend(messages);
    }
}

#[async_trait]
impl Chats for MemoryChats {
    async fn history(
        &self,
        workspace: &str,
        flow: &str,
        session: &str,
        limit: Option<u64>,
    ) -> Result<Vec<Message>> {
        let key = [workspace, flow, session].map(str::to_owned);
        let mut turns = self.0.lock().unwrap().get(&key).cloned().unwrap_or_default();
        if let Some(limit) = limit.and_then(|it| usize::try_from(it).ok()) {
            turns.drain(..turns.len().saturating_sub(limit));
        }
        Ok(turns)
    }
}

/// Credentials in memory, by workspace and id.
#[derive(Default)]
pub struct MemoryCredentials {
    fields: Mutex<HashMap<[String; 2], BTreeMap<String, String>>>,
}

impl MemoryCredentials {
    /// Stores a credential of these fields.
    pub fn store(&self, workspace: &str, id: &str, fields: &[(&str, &str)]) {
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let key = [workspace, id].map(str::to_owned);
        self.fields.lock().unwrap().insert(key, fields.collect());
    }
}

#[async_trait]
impl Credentials for MemoryCredentials {
    async fn reveal(&self, workspace: &str, id: &str) -> Result<Credential> {
        let key = [workspace, id].map(str::to_owned);
        let found = self.fields.lock().unwrap().get(&key).cloned();
        let found = found.map(|it| Credential::new(it).stored_as(id));
        found.ok_or_else(|| Error::Credential(format!("there is no credential {id}")))
    }

    async fn update(&self, workspace: &str, id: &str, fields: Map<String, Value>) -> Result<()> {
        let mut all = self.fields.lock().unwrap();
        let Some(held) = all.get_mut(&[workspace, id].map(str::to_owned)) else {
            return Err(Error::Credential(format!("there is no credential {id}")));
        };
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        held.extend(fields.into_iter().map(|(name, value)| (name, text(value))));
        Ok(())
    }
}

/// Custom tools in memory, by workspace.
#[derive(Default)]
pub struct MemoryTools(Mutex<Vec<(String, CustomTool)>>);

impl MemoryTools {
    /// Stores a tool.
    pub fn store(&self, workspace: &str, tool: CustomTool) {
        self.0.lock().unwrap().push((workspace.to_owned(), tool));
    }
}

#[async_trait]
impl CustomTools for MemoryTools {
    async fn list(&self, workspace: &str) -> Result<Vec<CustomTool>> {
        let all = self.0.lock().unwrap();
        Ok(all.iter().filter(|(owner, _)| owner == workspace).map(|it| it.1.clone()).collect())
    }

    async fn get(&self, workspace: &str, id: &str) -> Result<Option<CustomTool>> {
        Ok(self.list(workspace).await?.into_iter().find(|tool| tool.id == id))
    }
}

/// Files in memory, by place and name.
#[derive(Default)]
pub struct MemoryFiles(Mutex<BTreeMap<(String, String), Vec<u8>>>);

fn place_key(place: FilePlace<'_>) -> String {
    match place {
        FilePlace::Workspace { workspace } => format!("{workspace}/"),
        FilePlace::Flow { workspace, flow } => format!("{workspace}/{flow}/"),
        FilePlace::Chat { workspace, flow, chat } => format!("{workspace}/{flow}/{chat}/"),
    }
}

#[async_trait]
impl Files for MemoryFiles {
    async fn read(&self, place: FilePlace<'_>, name: &str) -> Result<Vec<u8>> {
        let found = self.0.lock().unwrap().get(&(place_key(place), name.to_owned())).cloned();
        found.ok_or_else(|| Error::Unsupported(format!("there is no file {name}")))
    }

    async fn write(&self, place: FilePlace<'_>, name: &str, content: Vec<u8>) -> Result<()> {
        self.0.lock().unwrap().insert((place_key(place), name.to_owned()), content);
        Ok(())
    }

    async fn list(&self, place: FilePlace<'_>) -> Result<Vec<String>> {
        let (key, all) = (place_key(place), self.0.lock().unwrap());
        Ok(all.keys().filter(|(at, _)| *at == key).map(|(_, name)| name.clone()).collect())
    }

    async fn remove(&self, place: FilePlace<'_>, name: &str) -> Result<()> {
        self.0.lock().unwrap().remove(&(place_key(place), name.to_owned()));
        Ok(())
    }

    async fn remove_all(&self, place: FilePlace<'_>) -> Result<()> {
        let key = place_key(place);
        self.0.lock().unwrap().retain(|(at, _), _| !at.starts_with(&key));
        Ok(())
    }
}

/// Flows that answer what a test told them to, by workspace and id.
#[derive(Default)]
pub struct MemoryFlows {
    answers: Mutex<Vec<(String, FlowSummary, Output)>>,
    asked: Mutex<Vec<FlowCall>>,
}

impl MemoryFlows {
    /// Adds a flow that answers `output` to everything.
    pub fn store(&self, workspace: &str, flow: FlowSummary, output: Output) {
        self.answers.lock().unwrap().push((workspace.to_owned(), flow, output));
    }

    /// What was asked so far.
    pub fn asked(&self) -> Vec<FlowCall> {
        self.asked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Flows for MemoryFlows {
    async fn list(&self, workspace: &str) -> Result<Vec<FlowSummary>> {
        let all = self.answers.lock().unwrap();
        Ok(all.iter().filter(|it| it.0 == workspace).map(|it| it.1.clone()).collect())
    }

    async fn ask(&self, run: &Run, call: FlowCall) -> Result<Output> {
        let all = self.answers.lock().unwrap();
        let found = all.iter().find(|it| it.0 == run.workspace && it.1.id == call.flow_id);
        let answer = found.map(|it| it.2.clone());
        let missing = || Error::Unsupported(format!("there is no flow {}", call.flow_id));
        let answer = answer.ok_or_else(missing)?;
        self.asked.lock().unwrap().push(call);
        Ok(answer)
    }
}

/// A document store of a test: whose it is, what it is called, what it holds, and where it is
/// searched.
type Kept = (String, DocumentStoreSummary, Vec<Document>, Option<Arc<dyn VectorStore>>);

/// Document stores in memory, by workspace and id.
#[derive(Default)]
pub struct MemoryDocumentStores(Mutex<Vec<Kept>>);

impl MemoryDocumentStores {
    /// Adds a store of these documents; one that is searched has a vector store.
    pub fn store(
        &self,
        workspace: &str,
        id: &str,
        documents: Vec<Document>,
        vectors: Option<Arc<dyn VectorStore>>,
    ) {
        let summary = DocumentStoreSummary {
            id: id.to_owned(),
            name: format!("Store {id}"),
            description: format!("What {id} knows"),
            is_loaded: !documents.is_empty(),
            is_searchable: vectors.is_some(),
        };
        self.0.lock().unwrap().push((workspace.to_owned(), summary, documents, vectors));
    }

    fn get(&self, workspace: &str, id: &str) -> Result<Kept> {
        let all = self.0.lock().unwrap();
        let found = all.iter().find(|it| it.0 == workspace && it.1.id == id).cloned();
        found.ok_or_else(|| Error::Unsupported(format!("there is no document store {id}")))
    }
}

#[async_trait]
impl DocumentStores for MemoryDocumentStores {
    async fn list(&self, workspace: &str) -> Result<Vec<DocumentStoreSummary>> {
        let all = self.0.lock().unwrap();
        Ok(all.iter().filter(|it| it.0 == workspace).map(|it| it.1.clone()).collect())
    }

    async fn documents(&self, workspace: &str, id: &str) -> Result<Vec<Document>> {
        Ok(self.get(workspace, id)?.2)
    }

    async fn vector_store(&self, workspace: &str, id: &str) -> Result<Arc<dyn VectorStore>> {
        let missing = || Error::Unsupported("nothing was written to a vector store yet".into());
        self.get(workspace, id)?.3.ok_or_else(missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn history_is_the_newest_turns_of_one_session() {
        let ports = Ports::default();
        let turns = ["a", "b", "c"].map(Message::user).to_vec();
        ports.chats.store("w", "f", "s", turns.clone());
        let services = ports.services();
        let read = |session, limit| services.chats.history("w", "f", session, limit);
        assert_eq!(read("s", None).await.unwrap(), turns);
        assert_eq!(read("s", Some(2)).await.unwrap(), turns[1..]);
        assert!(read("other", None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_workspace_sees_its_own_things_only() {
        let ports = Ports::default();
        ports.credentials.store("w", "1", &[("key", "secret")]);
        ports.custom_tools.store(
            "w",
            CustomTool {
                id: "t".into(),
                name: "tool".into(),
                description: String::new(),
                schema: "[]".into(),
                code: String::new(),
            },
        );
        let services = ports.services();
        assert_eq!(services.credentials.reveal("w", "1").await.unwrap().get("key"), Some("secret"));
        assert!(services.credentials.reveal("other", "1").await.is_err());
        assert!(services.custom_tools.get("w", "t").await.unwrap().is_some());
        assert!(services.custom_tools.get("other", "t").await.unwrap().is_none());
    }
}
