//! The ports of `core` over the store: how nodes reach stored chats, credentials and tools.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Utc;
use flowstone_core::{
    Credential, Error, Message, Result, Run, Services,
    sequence::{Checkpoint, Checkpoints, OwnCheckpoints},
    services::{
        AssistantRegistry, Chats, Credentials, CustomTool, CustomTools, DocumentStores, Files,
        Flows, McpRegistry, McpServer, McpServers, StoredAssistant, StoredAssistants, Variables,
        WorkspaceVariables,
    },
};
use flowstone_store::{
    Assistant, ChatMessage, CredentialPatch, CustomMcpServer, EncryptionKey, FlowCheckpoint, Store,
    WorkspaceScope,
};
use serde_json::{Map, Value};

use crate::{prediction::uploads, routes::masked_address};

/// The ports of an installation, with those over files, flows and document stores that the program made; the program adds its clients to what this gives.
pub fn services(
    store: &Store,
    key: EncryptionKey,
    files: Arc<dyn Files>,
    flows: Arc<dyn Flows>,
    document_stores: Arc<dyn DocumentStores>,
) -> Services {
    let mcp_servers = StoredMcpServers { store: store.clone(), key: key.clone() };
    Services::new(
        Arc::new(StoredChats { store: store.clone(), files: files.clone() }),
        Arc::new(StoredCredentials { store: store.clone(), key }),
        Arc::new(StoredTools(store.clone())),
        files,
        flows,
        document_stores,
    )
    .with(Arc::new(McpRegistry(Arc::new(mcp_servers))))
    .with(Arc::new(AssistantRegistry(Arc::new(MovedInAssistants(store.clone())))))
    .with(Arc::new(WorkspaceVariables(Arc::new(StoredVariables(store.clone())))))
    .with(Arc::new(OwnCheckpoints(Arc::new(StoredCheckpoints(store.clone())))))
}

fn failed(what: &str) -> impl FnOnce(flowstone_store::Error) -> Error {
    let message = format!("{what} could not be read");
    move |source| Error::Storage { message, source: Box::new(source) }
}

struct StoredChats {
    store: Store,
    files: Arc<dyn Files>,
}

#[async_trait]
impl Chats for StoredChats {
    async fn history(
        &self,
        workspace: &str,
        flow: &str,
        session: &str,
        limit: Option<u64>,
    ) -> Result<Vec<Message>> {
        let scope = WorkspaceScope::new(workspace);
        let stored = self.store.messages().history(&scope, session, flow, limit).await;
        let stored = stored.map_err(failed("the conversation"))?;
        let mut turns = Vec::with_capacity(stored.len());
        for message in stored {
            if message.role != ChatMessage::USER {
                turns.push(Message::assistant(message.content));
                continue;
            }
            let uploads = uploads::stored(&message);
            let asked = uploads::asked_with(&*self.files, workspace, &message, &uploads).await;
            turns.push(Message::user(asked));
        }
        Ok(turns)
    }
}

fn unkept(source: flowstone_store::Error) -> Error {
    let message = "the state of the conversation could not be kept".to_owned();
    Error::Storage { message, source: Box::new(source) }
}

struct StoredCheckpoints(Store);

#[async_trait]
impl Checkpoints for StoredCheckpoints {
    async fn newest(&self, run: &Run) -> Result<Option<Checkpoint>> {
        let scope = WorkspaceScope::new(&*run.workspace);
        let kept = self.0.flow_checkpoints().newest(&scope, &run.flow_id, &run.session_id).await;
        let kept = kept.map_err(failed("the state of the conversation"))?;
        Ok(kept.map(|it| Checkpoint {
            id: it.id,
            parent: it.parent_id,
            state: serde_json::from_str(&it.checkpoint).unwrap_or_default(),
            metadata: serde_json::from_str(&it.metadata).unwrap_or_default(),
        }))
    }

    async fn keep(&self, run: &Run, checkpoint: &Checkpoint) -> Result<()> {
        let scope = WorkspaceScope::new(&*run.workspace);
        let kept = FlowCheckpoint {
            id: checkpoint.id.clone(),
            chatflow_id: run.flow_id.clone(),
            thread_id: run.session_id.clone(),
            parent_id: checkpoint.parent.clone(),
            checkpoint: checkpoint.state.to_string(),
            metadata: checkpoint.metadata.to_string(),
            created_date: Utc::now(),
        };
        self.0.flow_checkpoints().insert(&scope, &kept).await.map_err(unkept)
    }

    async fn remove(&self, run: &Run, ids: &[String]) -> Result<u64> {
        let scope = WorkspaceScope::new(&*run.workspace);
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.0.flow_checkpoints().delete(&scope, &ids).await.map_err(unkept)
    }

    async fn remove_before(&self, run: &Run, id: &str) -> Result<()> {
        let scope = WorkspaceScope::new(&*run.workspace);
        let kept = self.0.flow_checkpoints();
        let removed = kept.delete_before(&scope, &run.flow_id, &run.session_id, id).await;
        removed.map(|_| ()).map_err(unkept)
    }
}

struct StoredCredentials {
    store: Store,
    key: EncryptionKey,
}

#[async_trait]
impl Credentials for StoredCredentials {
    async fn reveal(&self, workspace: &str, id: &str) -> Result<Credential> {
        let fields = self.open(&WorkspaceScope::new(workspace), id).await?;
        let as_text = |value: Value| match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            other => other.to_string(),
        };
        let fields = fields.into_iter().map(|(name, it)| (name, as_text(it))).collect();
        Ok(Credential::new(fields).stored_as(id))
    }

    async fn update(&self, workspace: &str, id: &str, fields: Map<String, Value>) -> Result<()> {
        let scope = WorkspaceScope::new(workspace);
        let mut whole = self.open(&scope, id).await?;
        whole.extend(fields);
        let unkept = "the credential could not be kept";
        let text = serde_json::to_string(&whole).map_err(|source| Error::Storage {
            message: unkept.to_owned(),
            source: source.into(),
        })?;
        let sealed = self.key.seal(id, &text).map_err(failed("the credential"))?;
        let patch = CredentialPatch {
            encrypted_data: Some(sealed),
            updated_date: Some(Utc::now()),
            ..CredentialPatch::default()
        };
        let kept = self.store.credentials().update(&scope, id, patch).await;
        kept.map(drop).map_err(failed("the credential"))
    }
}

impl StoredCredentials {
    async fn open(&self, scope: &WorkspaceScope, id: &str) -> Result<Map<String, Value>> {
        let sealed = match self.store.credentials().get(scope, id).await {
            Ok(sealed) => sealed,
            Err(flowstone_store::Error::NotFound { .. }) => {
                return Err(Error::Credential(
                    "the chosen credential is gone: choose another one".to_owned(),
                ));
            }
            Err(error) => return Err(failed("the credential")(error)),
        };
        let opened = self.key.open(id, &sealed.encrypted_data).map_err(|_| {
            Error::Credential(
                "the credential could not be decrypted: it was saved with another key; enter it anew"
                    .to_owned(),
            )
        })?;
        serde_json::from_str(&opened)
            .map_err(|_| Error::Credential("the credential is damaged: enter it anew".to_owned()))
    }
}

struct StoredTools(Store);

#[async_trait]
impl CustomTools for StoredTools {
    async fn list(&self, workspace: &str) -> Result<Vec<CustomTool>> {
        let scope = WorkspaceScope::new(workspace);
        let (tools, _) = self.0.tools().list(&scope, None).await.map_err(failed("the tools"))?;
        Ok(tools.into_iter().map(tool).collect())
    }

    async fn get(&self, workspace: &str, id: &str) -> Result<Option<CustomTool>> {
        match self.0.tools().get(&WorkspaceScope::new(workspace), id).await {
            Ok(found) => Ok(Some(tool(found))),
            Err(flowstone_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("the tool")(error)),
        }
    }
}

fn tool(stored: flowstone_store::Tool) -> CustomTool {
    CustomTool {
        id: stored.id,
        name: stored.name,
        description: stored.description,
        schema: stored.schema.unwrap_or_default(),
        code: stored.func.unwrap_or_default(),
    }
}

struct StoredVariables(Store);

#[async_trait]
impl Variables for StoredVariables {
    async fn all(&self, workspace: &str) -> Result<Map<String, Value>> {
        let scope = WorkspaceScope::new(workspace);
        let stored = self.0.variables().list(&scope, None).await;
        let (stored, _) = stored.map_err(failed("the variables"))?;
        Ok(stored.into_iter().map(|it| (it.name, it.value.unwrap_or_default().into())).collect())
    }
}

struct MovedInAssistants(Store);

#[async_trait]
impl StoredAssistants for MovedInAssistants {
    async fn list(&self, workspace: &str, kind: &str) -> Result<Vec<StoredAssistant>> {
        let scope = WorkspaceScope::new(workspace);
        let listed = self.0.assistants().list(&scope, Some(kind), None).await;
        let (assistants, _) = listed.map_err(failed("the assistants"))?;
        Ok(assistants.into_iter().map(moved_in).collect())
    }

    async fn get(&self, workspace: &str, id: &str) -> Result<Option<StoredAssistant>> {
        match self.0.assistants().get(&WorkspaceScope::new(workspace), id).await {
            Ok(found) => Ok(Some(moved_in(found))),
            Err(flowstone_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("the assistant")(error)),
        }
    }
}

fn moved_in(stored: Assistant) -> StoredAssistant {
    StoredAssistant {
        id: stored.id,
        details: serde_json::from_str(&stored.details).unwrap_or_default(),
        credential: stored.credential,
    }
}

struct StoredMcpServers {
    store: Store,
    key: EncryptionKey,
}

#[async_trait]
impl McpServers for StoredMcpServers {
    async fn list(&self, workspace: &str) -> Result<Vec<McpServer>> {
        let scope = WorkspaceScope::new(workspace);
        let listed = self.store.mcp_servers().list(&scope, None).await;
        let (servers, _) = listed.map_err(failed("the MCP servers"))?;
        let told = servers.into_iter().filter(|it| it.status == CustomMcpServer::AUTHORIZED);
        told.map(|it| self.server(it)).collect()
    }

    async fn get(&self, workspace: &str, id: &str) -> Result<Option<McpServer>> {
        match self.store.mcp_servers().get(&WorkspaceScope::new(workspace), id).await {
            Ok(found) => self.server(found).map(Some),
            Err(flowstone_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("the MCP server")(error)),
        }
    }
}

impl StoredMcpServers {
    fn server(&self, stored: CustomMcpServer) -> Result<McpServer> {
        let headers = mcp_headers(&self.key, &stored).ok_or_else(|| {
            Error::Credential(format!(
                "the headers of the MCP server {} could not be decrypted: they were saved with another key; enter \
                 them anew",
                stored.name
            ))
        })?;
        let tools = stored.tools.as_deref().and_then(|it| serde_json::from_str(it).ok());
        Ok(McpServer {
            shown_url: masked_address(&stored.server_url),
            id: stored.id,
            name: stored.name,
            url: stored.server_url,
            headers,
            is_authorized: stored.status == CustomMcpServer::AUTHORIZED,
            tools: tools.unwrap_or_default(),
        })
    }
}

/// What a registered MCP server is called with; `None` where it cannot be opened any more.
pub(crate) fn mcp_headers(
    key: &EncryptionKey,
    server: &CustomMcpServer,
) -> Option<Vec<(String, String)>> {
    let Some(sealed) = &server.auth_config else { return Some(Vec::new()) };
    let config: Value = serde_json::from_str(&key.open(&server.id, sealed).ok()?).ok()?;
    let headers = config["headers"].as_object().into_iter().flatten();
    let text = |it: &Value| it.as_str().map(str::to_owned);
    Some(headers.filter_map(|(name, it)| Some((name.clone(), text(it)?))).collect())
}
