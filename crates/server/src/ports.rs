//! The ports of `core` over the store: how nodes reach stored chats, credentials and tools.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Utc;
use flowstone_core::{
    Credential, Error, Message, Result, Services,
    services::{Chats, Credentials, CustomTool, CustomTools, DocumentStores, Files, Flows},
};
use flowstone_store::{ChatMessage, CredentialPatch, EncryptionKey, Store, WorkspaceScope};
use serde_json::{Map, Value};

/// The ports of an installation, with those over files, flows and document stores that the program made; the program adds its clients to what this gives.
pub fn services(
    store: &Store,
    key: EncryptionKey,
    files: Arc<dyn Files>,
    flows: Arc<dyn Flows>,
    document_stores: Arc<dyn DocumentStores>,
) -> Services {
    Services::new(
        Arc::new(StoredChats(store.clone())),
        Arc::new(StoredCredentials { store: store.clone(), key }),
        Arc::new(StoredTools(store.clone())),
        files,
        flows,
        document_stores,
    )
}

fn failed(what: &str) -> impl FnOnce(flowstone_store::Error) -> Error {
    let message = format!("{what} could not be read");
    move |source| Error::Storage { message, source: Box::new(source) }
}

struct StoredChats(Store);

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
        let stored = self.0.messages().history(&scope, session, flow, limit).await;
        let stored = stored.map_err(failed("the conversation"))?;
        let turns = stored.into_iter().map(|it| match it.role.as_str() {
            ChatMessage::USER => Message::user(it.content),
            _ => Message::assistant(it.content),
        });
        Ok(turns.collect())
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
