//! Document stores with their chunks; what they wrote to vector stores stays where it is.

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use flowstone_flowise::Table;
use flowstone_store::{Chunk, DocumentStore, RowKind, Transfer, WorkspaceScope};
use futures::TryStreamExt as _;
use serde_json::Value;

use super::{BATCH, Fate, Import};

/// A document store that came over or was here.
pub(super) struct Moved {
    /// The workspace here.
    pub(super) scope: WorkspaceScope,
    /// Its loaders with the names of their files.
    files: Vec<(String, Vec<String>)>,
}

impl Moved {
    /// The loaders that have a file of this name.
    pub(super) fn loaders_with(&self, name: &str) -> Vec<String> {
        let having = self.files.iter().filter(|(_, names)| names.iter().any(|it| it == name));
        having.map(|(loader, _)| loader.clone()).collect()
    }
}

impl Import<'_> {
    /// Moves the stores, then the chunks of those that are here in the end.
    pub(super) async fn document_stores(&mut self) -> Result<()> {
        let store = self.store();
        for row in self.rows(Table::DocumentStore).await? {
            let Some(id) = row.text("id") else { continue };
            let scope = self.scope_of(&row);
            let name = row.text("name").unwrap_or_else(|| id.clone());
            let loaders = row.text("loaders").unwrap_or_else(|| "[]".to_owned());
            let config = |name: &str| row.text(name).filter(|it| it != "null");
            let moved = DocumentStore {
                id: id.clone(),
                name: name.clone(),
                description: row.text("description"),
                where_used: row.text("whereUsed").unwrap_or_else(|| "[]".to_owned()),
                status: row.text("status").unwrap_or_else(|| "EMPTY".to_owned()),
                vector_store_config: config("vectorStoreConfig"),
                embedding_config: config("embeddingConfig"),
                record_manager_config: config("recordManagerConfig"),
                created_date: self.made(&row),
                updated_date: self.changed(&row),
                workspace_id: scope.workspace_id().to_owned(),
                loaders: loaders.clone(),
            };
            self.tell_differences(&moved);
            let here = Box::pin(async { store.document_stores().get(&scope, &id).await.is_ok() });
            let written = Box::pin(async { store.document_stores().insert(&scope, &moved).await });
            if self.keep(Table::DocumentStore, &name, here, written).await? {
                let files = files_of(&loaders);
                self.document_stores.insert(id, Moved { scope, files });
            }
        }
        self.chunks().await
    }

    async fn chunks(&mut self) -> Result<()> {
        let mut waiting: HashMap<String, Vec<Chunk>> = HashMap::new();
        let mut lost = 0_u64;
        let source = self.source;
        let mut rows = source.rows(Table::DocumentStoreFileChunk);
        while let Some(row) = rows.try_next().await.context("the chunks of document stores")? {
            let (Some(id), Some(store_id)) = (row.text("id"), row.text("storeId")) else {
                continue;
            };
            if !self.document_stores.contains_key(&store_id) {
                lost += 1;
                continue;
            }
            let number = row.text("chunkNo").and_then(|it| it.parse().ok()).unwrap_or_default();
            let batch = waiting.entry(store_id.clone()).or_default();
            batch.push(Chunk {
                id,
                loader_id: row.text("docId").unwrap_or_default(),
                number,
                page_content: row.text("pageContent").unwrap_or_default(),
                metadata: row.text("metadata"),
                store_id: store_id.clone(),
            });
            if batch.len() >= BATCH {
                let batch = std::mem::take(batch);
                self.write_chunks(&store_id, batch).await?;
            }
        }
        for (store_id, batch) in waiting {
            self.write_chunks(&store_id, batch).await?;
        }
        if lost > 0 {
            self.report.not_taken("chunks of document stores that are gone".to_owned());
        }
        Ok(())
    }

    async fn write_chunks(&mut self, store_id: &str, mut chunks: Vec<Chunk>) -> Result<()> {
        let ids: Vec<&str> = chunks.iter().map(|it| it.id.as_str()).collect();
        let transfers = self.store().transfers();
        let taken = transfers.taken_by_anyone(RowKind::Chunk, &ids).await?;
        let what = "chunks of document stores";
        if !taken.is_empty() {
            self.report.count_many(what, taken.len() as u64, Fate::Here);
        }
        chunks.retain(|it| !taken.contains(&it.id));
        if chunks.is_empty() {
            return Ok(());
        }
        let count = chunks.len() as u64;
        if !self.rehearsal {
            let scope = self.document_stores[store_id].scope.clone();
            let transfer = Transfer { chunks, ..Transfer::default() };
            self.store().transfers().run(&scope, &transfer).await?;
        }
        self.report.count_many(what, count, Fate::Taken);
        Ok(())
    }

    /// Tells which parts of a store this version has not.
    fn tell_differences(&mut self, store: &DocumentStore) {
        let parts =
            [&store.vector_store_config, &store.embedding_config, &store.record_manager_config];
        for config in parts.into_iter().flatten() {
            let config: Value = serde_json::from_str(config).unwrap_or_default();
            let Some(name) = config["name"].as_str() else { continue };
            if self.target.engine.catalog().get(name).is_none() {
                self.report.differs(format!(
                    "document store \"{}\": this version has no {name}; choose another and upsert",
                    store.name
                ));
            }
        }
    }
}

/// The loaders in a store's JSON with the names of their files.
fn files_of(loaders: &str) -> Vec<(String, Vec<String>)> {
    let loaders: Vec<Value> = serde_json::from_str(loaders).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    loaders
        .iter()
        .map(|loader| {
            let files = loader["files"].as_array().into_iter().flatten();
            (text(&loader["id"]), files.map(|it| text(&it["name"])).collect())
        })
        .collect()
}
