//! Nodes that read or search document stores of their workspace.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Document, Error, Result, VectorStore,
    services::{DocumentStoreSummary, DocumentStores},
};
use flowstone_store::{DocumentStore, Error as StoreError, WorkspaceScope};

use super::{loaders_of, status, upsert};
use crate::{FlowPort, prediction::server_of};

fn failed(error: StoreError) -> Error {
    match error {
        StoreError::NotFound { .. } => {
            Error::Unsupported("the chosen document store is gone: choose another one".to_owned())
        }
        source => Error::Storage {
            message: "the document store could not be read".to_owned(),
            source: Box::new(source),
        },
    }
}

/// Whether it was written to a vector store, however much changed since.
fn is_searchable(store: &DocumentStore) -> bool {
    matches!(store.status.as_str(), status::UPSERTED | status::UPSERTING | status::STALE)
        && store.vector_store_config.is_some()
        && store.embedding_config.is_some()
}

#[async_trait]
impl DocumentStores for FlowPort {
    async fn list(&self, workspace: &str) -> Result<Vec<DocumentStoreSummary>> {
        let scope = WorkspaceScope::new(workspace);
        let (found, _) = self.store().document_stores().list(&scope, None).await.map_err(failed)?;
        let mut stores: Vec<DocumentStoreSummary> = found
            .into_iter()
            .map(|it| DocumentStoreSummary {
                is_loaded: loaders_of(&it)
                    .is_ok_and(|all| all.iter().any(|it| it.total_chunks > 0)),
                is_searchable: is_searchable(&it),
                id: it.id,
                name: it.name,
                description: it.description.unwrap_or_default(),
            })
            .collect();
        stores.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(stores)
    }

    async fn documents(&self, workspace: &str, id: &str) -> Result<Vec<Document>> {
        let scope = WorkspaceScope::new(workspace);
        let stores = self.store().document_stores();
        stores.get(&scope, id).await.map_err(failed)?;
        let (chunks, _) = stores.chunks(&scope, id, None, None).await.map_err(failed)?;
        let documents = chunks.into_iter().map(|chunk| Document {
            page_content: chunk.page_content,
            metadata: chunk
                .metadata
                .and_then(|it| serde_json::from_str(&it).ok())
                .unwrap_or_default(),
            id: Some(chunk.id),
        });
        Ok(documents.collect())
    }

    async fn vector_store(&self, workspace: &str, id: &str) -> Result<Arc<dyn VectorStore>> {
        let scope = WorkspaceScope::new(workspace);
        let row = self.store().document_stores().get(&scope, id).await.map_err(failed)?;
        if !is_searchable(&row) {
            return Err(Error::Unsupported(format!(
                "the document store {} was not written to a vector store yet: upsert it first",
                row.name
            )));
        }
        let state = server_of(self)?;
        let targets = upsert::Targets::of(&row);
        let built = upsert::vector_store(&state, &scope, id, &targets).await;
        built.map_err(|problem| Error::Unsupported(problem.message().to_owned()))
    }
}
