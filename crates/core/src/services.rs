//! What nodes need from outside, handed in so that `core` stays free of IO.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    sync::Arc,
};

use async_trait::async_trait;

use crate::{Credential, Error, Message, Result};

/// The ports of this installation, made once by the program and shared by all runs.
pub struct Services {
    /// Stored conversations.
    pub chats: Arc<dyn Chats>,
    /// Stored credentials.
    pub credentials: Arc<dyn Credentials>,
    /// Tools that users wrote.
    pub custom_tools: Arc<dyn CustomTools>,
    clients: HashMap<TypeId, Arc<dyn Any + Send + Sync>>,
}

impl Services {
    /// The three ports; clients are added with [`with`](Self::with).
    pub fn new(
        chats: Arc<dyn Chats>,
        credentials: Arc<dyn Credentials>,
        custom_tools: Arc<dyn CustomTools>,
    ) -> Self {
        Self { chats, credentials, custom_tools, clients: HashMap::new() }
    }

    /// Adds a client that `core` does not know the type of: the HTTP client, the JavaScript
    /// sandbox, the local models. One of each type.
    #[must_use]
    pub fn with<T: Send + Sync + 'static>(mut self, client: Arc<T>) -> Self {
        self.clients.insert(TypeId::of::<T>(), client);
        self
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
