//! Document stores: what is loaded by which loaders, cut into chunks, and where it is written to.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};

use crate::{
    Error, Order, Page, Result, Store, UpsertHistory, UpsertHistoryFilter, WorkspaceScope,
    connection::Transaction,
    entities::{
        document_store::{Column, Entity},
        document_store_file_chunk as chunk, document_store_history as history,
    },
    query::{self, Table},
};

/// How many chunks are written, or looked for, in one statement.
const ROWS_PER_QUERY: usize = 200;

/// A document store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentStore {
    /// Id.
    pub id: String,
    /// Name given by the user.
    pub name: String,
    /// What is in it.
    pub description: Option<String>,
    /// Its loaders with their settings and states, as JSON.
    pub loaders: String,
    /// Ids of flows that use it, as JSON.
    pub where_used: String,
    /// How far its documents are: `EMPTY`, `SYNC`, `UPSERTED` and so on.
    pub status: String,
    /// The vector store it writes to, as JSON `{name, config}`.
    pub vector_store_config: Option<String>,
    /// What makes its vectors, as JSON `{name, config}`.
    pub embedding_config: Option<String>,
    /// What keeps track of its vectors, as JSON `{name, config}`.
    pub record_manager_config: Option<String>,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last changed.
    pub updated_date: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
}

/// A piece of a document of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Id.
    pub id: String,
    /// The loader it came from.
    pub loader_id: String,
    /// The store it is in.
    pub store_id: String,
    /// Its place among those of the loader, from 1.
    pub number: i32,
    /// Its text.
    pub page_content: String,
    /// What is known of it, as JSON.
    pub metadata: Option<String>,
}

/// What happens to chunks together with a change of their store: both, or neither.
#[derive(Clone, Debug, Default)]
pub enum ChunkChange<'a> {
    /// They stay as they are.
    #[default]
    None,
    /// Those of a loader are replaced.
    Replace {
        /// The loader.
        loader: &'a str,
        /// What stands in their place.
        chunks: &'a [Chunk],
    },
    /// One is added.
    Add(&'a Chunk),
    /// One has another text and other metadata.
    Update(&'a Chunk),
    /// One goes.
    Delete(&'a str),
}

/// The document stores; see [`Store::document_stores`].
#[derive(Debug)]
pub struct DocumentStores<'a>(pub(crate) &'a Store);

impl DocumentStores<'_> {
    /// One store.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<DocumentStore> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Stores, the last changed first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        page: Option<Page>,
    ) -> Result<(Vec<DocumentStore>, u64)> {
        let stores = Entity::find().filter(Entity::in_scope(scope));
        let stores = query::by_time(stores, Column::UpdatedDate, Order::Descending);
        query::list(self.0.reader(), stores, page).await
    }

    /// Stores of every workspace that something was being done with, or one of whose loaders was
    /// being read, when it was last written.
    pub async fn in_progress_for_anyone(&self) -> Result<Vec<DocumentStore>> {
        let busy = Condition::any()
            .add(Column::Status.is_in(["SYNCING", "UPSERTING"]))
            .add(Column::Loaders.contains("\"SYNCING\""));
        let found = Entity::find().filter(busy).all(self.0.reader()).await;
        let found = found.map_err(|error| Error::database(Entity::WHAT, error))?;
        Ok(found.into_iter().map(Into::into).collect())
    }

    /// Adds a store. An id that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, store: &DocumentStore) -> Result<()> {
        query::insert_in_scope::<Entity>(self.0.writer(), scope, &store.workspace_id, store.into())
            .await
    }

    /// Changes a store and, in the same breath, chunks of it; nobody else changes it meanwhile.
    /// Gives the store as it is then, and what `change` gave; where that failed, nothing changes.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a store outside the scope, and for a chunk that the store has not.
    pub async fn change<T: Send, E: Send>(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        chunks: ChunkChange<'_>,
        change: impl FnOnce(&mut DocumentStore) -> Result<T, E> + Send,
    ) -> Result<Result<(DocumentStore, T), E>> {
        let transaction = self.0.begin().await?;
        let failed = |error| Error::database(Entity::WHAT, error);
        let found = Entity::find()
            .filter(Column::Id.eq(id))
            .filter(Entity::in_scope(scope))
            .lock_exclusive()
            .one(&transaction)
            .await
            .map_err(failed)?;
        let mut store: DocumentStore =
            found.ok_or_else(|| Error::not_found(Entity::WHAT, id))?.into();
        let given = match change(&mut store) {
            Ok(given) => given,
            Err(refused) => return Ok(Err(refused)),
        };
        // Neither moves, whatever the change did.
        (store.id, store.workspace_id) = (id.to_owned(), scope.workspace_id().to_owned());
        let row = <Entity as EntityTrait>::Model::from(&store).into_active_model().reset_all();
        query::check_texts(Entity::WHAT, &row)?;
        Entity::update_many()
            .set(row)
            .filter(Column::Id.eq(id))
            .exec(&transaction)
            .await
            .map_err(failed)?;
        write_chunks(&transaction, id, chunks).await?;
        query::commit(transaction).await?;
        Ok(Ok((store, given)))
    }

    /// Deletes a store with its chunks and its history; how many there were, 0 or 1.
    pub async fn delete(&self, scope: &WorkspaceScope, id: &str) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, &[id]).await
    }

    /// The chunks of a store, or of one of its loaders, in their order, and how many there are.
    pub async fn chunks(
        &self,
        scope: &WorkspaceScope,
        store_id: &str,
        loader: Option<&str>,
        page: Option<Page>,
    ) -> Result<(Vec<Chunk>, u64)> {
        let mut chunks = chunk::Entity::find()
            .filter(chunk::Column::StoreId.eq(store_id))
            .filter(chunk::Entity::in_scope(scope));
        if let Some(loader) = loader {
            chunks = chunks.filter(chunk::Column::LoaderId.eq(loader));
        }
        let chunks = chunks
            .order_by(chunk::Column::Number, sea_orm::Order::Asc)
            .order_by(chunk::Column::Id, sea_orm::Order::Asc);
        query::list(self.0.reader(), chunks, page).await
    }

    /// The highest number among the chunks of a loader; 0 where it has none.
    pub async fn last_number(
        &self,
        scope: &WorkspaceScope,
        store_id: &str,
        loader: &str,
    ) -> Result<i32> {
        let last: Option<i32> = chunk::Entity::find()
            .select_only()
            .column(chunk::Column::Number)
            .filter(chunk::Column::StoreId.eq(store_id))
            .filter(chunk::Entity::in_scope(scope))
            .filter(chunk::Column::LoaderId.eq(loader))
            .order_by_desc(chunk::Column::Number)
            .limit(1)
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(|error| Error::database(chunk::Entity::WHAT, error))?;
        Ok(last.unwrap_or_default())
    }

    /// One chunk of a loader.
    pub async fn chunk(
        &self,
        scope: &WorkspaceScope,
        store_id: &str,
        loader: &str,
        id: &str,
    ) -> Result<Chunk> {
        let found: Chunk = query::get::<chunk::Entity>(self.0.reader(), scope, id).await?.into();
        if found.store_id != store_id || found.loader_id != loader {
            return Err(Error::not_found(chunk::Entity::WHAT, id));
        }
        Ok(found)
    }

    /// The chunks of a store that have one of these texts.
    pub async fn chunks_with_texts(
        &self,
        scope: &WorkspaceScope,
        store_id: &str,
        texts: &[&str],
    ) -> Result<Vec<Chunk>> {
        let mut all = Vec::new();
        for texts in texts.chunks(ROWS_PER_QUERY) {
            let found = chunk::Entity::find()
                .filter(chunk::Column::StoreId.eq(store_id))
                .filter(chunk::Entity::in_scope(scope))
                .filter(chunk::Column::PageContent.is_in(texts.iter().copied()))
                .order_by(chunk::Column::Number, sea_orm::Order::Asc)
                .all(self.0.reader())
                .await
                .map_err(|error| Error::database(chunk::Entity::WHAT, error))?;
            all.extend(found.into_iter().map(Chunk::from));
        }
        Ok(all)
    }

    /// What a store wrote to vector stores, and how many times in all; its entries name it as their
    /// flow.
    pub async fn history(
        &self,
        scope: &WorkspaceScope,
        store_id: &str,
        filter: &UpsertHistoryFilter,
        page: Option<Page>,
    ) -> Result<(Vec<UpsertHistory>, u64)> {
        let entries = history::Entity::find()
            .filter(history::Column::ChatflowId.eq(store_id))
            .filter(history::Entity::in_scope(scope))
            .filter(query::between(history::Column::Date, filter.start, filter.end));
        let entries = query::by_time(entries, history::Column::Date, filter.order);
        query::list(self.0.reader(), entries, page).await
    }

    /// Adds an entry to the history of a store of the scope.
    pub async fn add_history(&self, scope: &WorkspaceScope, entry: &UpsertHistory) -> Result<()> {
        let transaction = self.0.begin().await?;
        query::require::<Entity>(&transaction, scope, &entry.chatflow_id).await?;
        query::insert::<history::Entity>(&transaction, history::Entity::WHAT, entry.into()).await?;
        query::commit(transaction).await
    }

    /// Deletes entries of histories; how many of the ids there were.
    pub async fn delete_history(&self, scope: &WorkspaceScope, ids: &[&str]) -> Result<u64> {
        query::delete::<history::Entity>(self.0, scope, ids).await
    }
}

async fn write_chunks(
    transaction: &Transaction,
    store_id: &str,
    change: ChunkChange<'_>,
) -> Result<()> {
    let failed = |error| Error::database(chunk::Entity::WHAT, error);
    match change {
        ChunkChange::None => Ok(()),
        ChunkChange::Replace { loader, chunks } => {
            chunk::Entity::delete_many()
                .filter(chunk::Column::StoreId.eq(store_id))
                .filter(chunk::Column::LoaderId.eq(loader))
                .exec(transaction)
                .await
                .map_err(failed)?;
            for chunks in chunks.chunks(ROWS_PER_QUERY) {
                let mut rows = Vec::with_capacity(chunks.len());
                for it in chunks {
                    let row = chunk::Model::from(it).into_active_model();
                    query::check_texts(chunk::Entity::WHAT, &row)?;
                    rows.push(row);
                }
                chunk::Entity::insert_many(rows)
                    .exec_without_returning(transaction)
                    .await
                    .map_err(failed)?;
            }
            Ok(())
        }
        ChunkChange::Add(added) => {
            let row = chunk::Model::from(added).into_active_model();
            query::check_texts(chunk::Entity::WHAT, &row)?;
            let insert = chunk::Entity::insert(row);
            insert.exec_without_returning(transaction).await.map_err(failed)?;
            Ok(())
        }
        ChunkChange::Update(changed) => {
            let row = chunk::Model::from(changed).into_active_model();
            query::check_texts(chunk::Entity::WHAT, &row)?;
            let done = chunk::Entity::update_many()
                .set(row.reset_all())
                .filter(chunk::Column::Id.eq(changed.id.as_str()))
                .filter(chunk::Column::StoreId.eq(store_id))
                .exec(transaction)
                .await
                .map_err(failed)?;
            // MySQL counts only rows that changed, so one that stays as it is counts as none.
            let found = chunk::Entity::find_by_id(changed.id.as_str())
                .filter(chunk::Column::StoreId.eq(store_id));
            if done.rows_affected == 0 && found.one(transaction).await.map_err(failed)?.is_none() {
                return Err(Error::not_found(chunk::Entity::WHAT, &changed.id));
            }
            Ok(())
        }
        ChunkChange::Delete(id) => {
            let done = chunk::Entity::delete_many()
                .filter(chunk::Column::Id.eq(id))
                .filter(chunk::Column::StoreId.eq(store_id))
                .exec(transaction)
                .await
                .map_err(failed)?;
            if done.rows_affected == 0 {
                return Err(Error::not_found(chunk::Entity::WHAT, id));
            }
            Ok(())
        }
    }
}
