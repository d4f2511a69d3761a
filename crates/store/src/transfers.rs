//! Moving many rows in at once: all of them, or none.

use std::collections::HashSet;

use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter,
    QuerySelect, Value,
};

use crate::{
    Assistant, ChatFlow, ChatMessage, Chunk, CustomTemplate, DocumentStore, Error, Execution,
    Feedback, Result, Store, Tool, TurnRow, Variable, WorkspaceScope,
    connection::Transaction,
    entities::{
        assistant, chat_flow, chat_message, chat_message_feedback, custom_template, document_store,
        document_store_file_chunk, execution, tool, variable,
    },
    executions,
    query::{self, Table},
};

/// How many rows are written, or looked for, in one statement.
const ROWS_PER_QUERY: usize = 500;

/// Which table a row is moved into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// Flows.
    Flow,
    /// Assistants.
    Assistant,
    /// Custom tools.
    Tool,
    /// Variables.
    Variable,
    /// Templates that users saved.
    Template,
    /// Document stores.
    DocumentStore,
    /// Chunks of document stores.
    Chunk,
    /// Messages.
    Message,
    /// Feedback.
    Feedback,
    /// Runs of agentflows.
    Execution,
}

/// Rows to move in together. What says which workspace it belongs to must say the scope's.
#[derive(Clone, Debug, Default)]
pub struct Transfer {
    /// Flows.
    pub flows: Vec<ChatFlow>,
    /// Assistants.
    pub assistants: Vec<Assistant>,
    /// Custom tools.
    pub tools: Vec<Tool>,
    /// Variables.
    pub variables: Vec<Variable>,
    /// Templates that users saved.
    pub templates: Vec<CustomTemplate>,
    /// Document stores.
    pub document_stores: Vec<DocumentStore>,
    /// Chunks, of document stores that are moved in too or are in the scope. Those of stores that
    /// are written over go first.
    pub chunks: Vec<Chunk>,
    /// Messages, of flows that are moved in too or are in the scope.
    pub messages: Vec<ChatMessage>,
    /// Feedback on messages, which are moved in too or are in the scope.
    pub feedback: Vec<Feedback>,
    /// Runs with their turns, of flows that are moved in too or are in the scope. All are new.
    pub executions: Vec<(Execution, Vec<TurnRow>)>,
    /// Ids of rows that are in the scope already and are written over; all others are new.
    pub replaced: HashSet<String>,
}

/// Moving rows in; see [`Store::transfers`].
#[derive(Debug)]
pub struct Transfers<'a>(pub(crate) &'a Store);

impl Transfers<'_> {
    /// Which of the ids are taken, in whatever workspace: rows with these need another id. Tells
    /// nothing else of those rows.
    pub async fn taken_by_anyone(&self, kind: RowKind, ids: &[&str]) -> Result<HashSet<String>> {
        match kind {
            RowKind::Flow => self.taken::<chat_flow::Entity>(ids).await,
            RowKind::Assistant => self.taken::<assistant::Entity>(ids).await,
            RowKind::Tool => self.taken::<tool::Entity>(ids).await,
            RowKind::Variable => self.taken::<variable::Entity>(ids).await,
            RowKind::Template => self.taken::<custom_template::Entity>(ids).await,
            RowKind::DocumentStore => self.taken::<document_store::Entity>(ids).await,
            RowKind::Chunk => self.taken::<document_store_file_chunk::Entity>(ids).await,
            RowKind::Message => self.taken::<chat_message::Entity>(ids).await,
            RowKind::Feedback => self.taken::<chat_message_feedback::Entity>(ids).await,
            RowKind::Execution => self.taken::<execution::Entity>(ids).await,
        }
    }

    async fn taken<T: Table>(&self, ids: &[&str]) -> Result<HashSet<String>> {
        let mut taken = HashSet::new();
        for ids in ids.chunks(ROWS_PER_QUERY) {
            let found: Vec<String> = T::find()
                .select_only()
                .column(T::ID)
                .filter(T::ID.is_in(ids.iter().copied()))
                .into_tuple()
                .all(self.0.reader())
                .await
                .map_err(|error| Error::database(T::WHAT, error))?;
            taken.extend(found);
        }
        Ok(taken)
    }

    /// Writes the rows: all of them, or none.
    ///
    /// # Errors
    /// [`Error::Conflict`] where a new row's id is taken, [`Error::NotFound`] where a row that is to
    /// be written over, or the flow of a message, is not in the scope.
    pub async fn run(&self, scope: &WorkspaceScope, transfer: &Transfer) -> Result<()> {
        let workspaces = (transfer.flows.iter().map(|it| &it.workspace_id))
            .chain(transfer.assistants.iter().map(|it| &it.workspace_id))
            .chain(transfer.tools.iter().map(|it| &it.workspace_id))
            .chain(transfer.variables.iter().map(|it| &it.workspace_id))
            .chain(transfer.templates.iter().map(|it| &it.workspace_id))
            .chain(transfer.document_stores.iter().map(|it| &it.workspace_id));
        if workspaces.into_iter().any(|it| it != scope.workspace_id()) {
            return Err(Error::invalid(
                "transfer",
                "a row names another workspace than the one that is being worked in",
            ));
        }
        let replaced = &transfer.replaced;
        let transaction = self.0.begin().await?;
        let t = &transaction;
        write::<chat_flow::Entity, _>(t, scope, &transfer.flows, replaced).await?;
        write::<assistant::Entity, _>(t, scope, &transfer.assistants, replaced).await?;
        write::<tool::Entity, _>(t, scope, &transfer.tools, replaced).await?;
        write::<variable::Entity, _>(t, scope, &transfer.variables, replaced).await?;
        write::<custom_template::Entity, _>(t, scope, &transfer.templates, replaced).await?;
        write::<document_store::Entity, _>(t, scope, &transfer.document_stores, replaced).await?;
        write_chunks(t, scope, transfer).await?;
        let flows = transfer.messages.iter().map(|it| it.chatflow_id.as_str());
        let flows = flows.chain(transfer.feedback.iter().map(|it| it.chatflow_id.as_str()));
        let flows = flows.chain(transfer.executions.iter().map(|it| it.0.agentflow_id.as_str()));
        for flow in flows.collect::<HashSet<_>>() {
            query::require::<chat_flow::Entity>(t, scope, flow).await?;
        }
        write::<chat_message::Entity, _>(t, scope, &transfer.messages, replaced).await?;
        for message in transfer.feedback.iter().map(|it| it.message_id.as_str()) {
            query::require::<chat_message::Entity>(t, scope, message).await?;
        }
        write::<chat_message_feedback::Entity, _>(t, scope, &transfer.feedback, replaced).await?;
        for (run, turns) in &transfer.executions {
            query::insert_in_scope::<execution::Entity>(t, scope, &run.workspace_id, run.into())
                .await?;
            for (place, turn) in (0..).zip(turns) {
                executions::write_turn(t, &run.id, place, turn.clone()).await?;
            }
        }
        query::commit(transaction).await
    }
}

/// Writes chunks of stores of the scope. A store that is written over loses those it had.
async fn write_chunks(
    transaction: &Transaction,
    scope: &WorkspaceScope,
    transfer: &Transfer,
) -> Result<()> {
    use document_store_file_chunk::{Column, Entity};
    let stores: HashSet<&str> = transfer.chunks.iter().map(|it| it.store_id.as_str()).collect();
    for store in stores {
        query::require::<document_store::Entity>(transaction, scope, store).await?;
    }
    let replaced: Vec<&str> = (transfer.document_stores.iter().map(|it| it.id.as_str()))
        .filter(|it| transfer.replaced.contains(*it))
        .collect();
    if !replaced.is_empty() {
        Entity::delete_many()
            .filter(Column::StoreId.is_in(replaced))
            .exec(transaction)
            .await
            .map_err(|error| Error::database(Entity::WHAT, error))?;
    }
    write::<Entity, _>(transaction, scope, &transfer.chunks, &HashSet::new()).await
}

async fn write<T, Plain>(
    transaction: &Transaction,
    scope: &WorkspaceScope,
    rows: &[Plain],
    replaced: &HashSet<String>,
) -> Result<()>
where
    T: Table,
    T::Model: for<'a> From<&'a Plain> + IntoActiveModel<T::ActiveModel>,
    T::ActiveModel: Send,
{
    let mut fresh = Vec::new();
    for row in rows {
        let model = T::Model::from(row);
        let id = match model.get(T::ID) {
            Value::String(Some(id)) => id.clone(),
            _ => String::new(),
        };
        let row = model.into_active_model();
        query::check_texts(T::WHAT, &row)?;
        if !replaced.contains(&id) {
            fresh.push(row);
            continue;
        }
        let update = T::update_many().set(row.reset_all());
        let done = update
            .filter(T::ID.eq(id.as_str()))
            .filter(T::in_scope(scope))
            .exec(transaction)
            .await
            .map_err(|error| Error::database(T::WHAT, error))?;
        // MySQL counts only rows that changed, so a row that stays as it is counts as none.
        if done.rows_affected == 0 {
            query::require::<T>(transaction, scope, &id).await?;
        }
    }
    for rows in fresh.chunks(ROWS_PER_QUERY) {
        T::insert_many(rows.to_vec())
            .exec_without_returning(transaction)
            .await
            .map_err(|error| Error::database(T::WHAT, error))?;
    }
    Ok(())
}
