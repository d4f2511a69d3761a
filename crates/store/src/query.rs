//! The questions that every repository asks in the same way.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    FromQueryResult, IdenStatic, IntoActiveModel, Iterable, PaginatorTrait, PartialModelTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, UpdateMany, Value,
    sea_query::{Expr, ExprTrait, Func, LikeExpr, Query, SimpleExpr},
};

use crate::{
    Error, Order, Page, Result, Store, WorkspaceScope,
    connection::Transaction,
    entities::{
        api_key, assistant, chat_flow, chat_flow_draft, chat_flow_version, chat_message,
        chat_message_feedback, credential, custom_mcp_server, custom_template, document_store,
        document_store_file_chunk, document_store_history, execution, flow_checkpoint, flow_run,
        lead, schedule_record, schedule_trigger_log, tool, upsert_history, variable,
    },
};

/// A table whose rows belong to workspaces.
pub(crate) trait Table: EntityTrait {
    /// What a row is, in words, for error texts.
    const WHAT: &'static str;

    /// The column of the id.
    const ID: Self::Column;

    /// Holds for the rows of the scope, and for no others.
    fn in_scope(scope: &WorkspaceScope) -> SimpleExpr;
}

/// A table with a column for the workspace.
macro_rules! table_of_workspace {
    ($($entity:ident: $what:literal),* $(,)?) => {$(
        impl Table for $entity::Entity {
            const WHAT: &'static str = $what;
            const ID: Self::Column = $entity::Column::Id;

            fn in_scope(scope: &WorkspaceScope) -> SimpleExpr {
                $entity::Column::WorkspaceId.eq(scope.workspace_id())
            }
        }
    )*};
}

/// A table whose rows belong to a flow, and through it to a workspace.
macro_rules! table_of_flow {
    ($($entity:ident.$id:ident: $what:literal),* $(,)?) => {$(
        impl Table for $entity::Entity {
            const WHAT: &'static str = $what;
            const ID: Self::Column = $entity::Column::$id;

            fn in_scope(scope: &WorkspaceScope) -> SimpleExpr {
                let flows = Query::select()
                    .column(chat_flow::Column::Id)
                    .from(chat_flow::Entity)
                    .and_where(chat_flow::Entity::in_scope(scope))
                    .to_owned();
                $entity::Column::ChatflowId.in_subquery(flows)
            }
        }
    )*};
}

table_of_workspace! {
    api_key: "API key",
    assistant: "assistant",
    chat_flow: "chatflow",
    credential: "credential",
    custom_mcp_server: "MCP server",
    custom_template: "template",
    document_store: "document store",
    execution: "execution",
    flow_run: "run",
    schedule_record: "schedule",
    schedule_trigger_log: "entry of a schedule's log",
    tool: "tool",
    variable: "variable",
}

table_of_flow! {
    chat_flow_draft.ChatflowId: "draft",
    chat_flow_version.Number: "version",
    chat_message.Id: "message",
    chat_message_feedback.Id: "feedback",
    flow_checkpoint.Id: "checkpoint",
    lead.Id: "lead",
    upsert_history.Id: "upsert history entry",
}

/// A table whose rows belong to a document store, and through it to a workspace.
macro_rules! table_of_document_store {
    ($($entity:ident, $store:ident: $what:literal),* $(,)?) => {$(
        impl Table for $entity::Entity {
            const WHAT: &'static str = $what;
            const ID: Self::Column = $entity::Column::Id;

            fn in_scope(scope: &WorkspaceScope) -> SimpleExpr {
                let stores = Query::select()
                    .column(document_store::Column::Id)
                    .from(document_store::Entity)
                    .and_where(document_store::Entity::in_scope(scope))
                    .to_owned();
                $entity::Column::$store.in_subquery(stores)
            }
        }
    )*};
}

table_of_document_store! {
    document_store_file_chunk, StoreId: "document chunk",
    document_store_history, ChatflowId: "upsert history entry",
}

/// One row of the scope.
pub(crate) async fn get<T: Table>(
    connection: &impl ConnectionTrait,
    scope: &WorkspaceScope,
    id: &str,
) -> Result<T::Model> {
    T::find()
        .filter(T::ID.eq(id))
        .filter(T::in_scope(scope))
        .one(connection)
        .await
        .map_err(|error| Error::database(T::WHAT, error))?
        .ok_or_else(|| Error::not_found(T::WHAT, id))
}

/// Fails unless the row exists in the scope; reads nothing but its id.
pub(crate) async fn require<T: Table>(
    connection: &impl ConnectionTrait,
    scope: &WorkspaceScope,
    id: &str,
) -> Result<()> {
    T::find()
        .select_only()
        .column(T::ID)
        .filter(T::ID.eq(id))
        .filter(T::in_scope(scope))
        .into_tuple::<String>()
        .one(connection)
        .await
        .map_err(|error| Error::database(T::WHAT, error))?
        .map(drop)
        .ok_or_else(|| Error::not_found(T::WHAT, id))
}

/// Writes a new row; an id that exists already is a conflict, never an update.
pub(crate) async fn insert<E>(
    connection: &impl ConnectionTrait,
    what: &'static str,
    row: E::Model,
) -> Result<()>
where
    E: EntityTrait,
    E::Model: IntoActiveModel<E::ActiveModel>,
{
    let row = row.into_active_model();
    check_texts(what, &row)?;
    E::insert(row)
        .exec_without_returning(connection)
        .await
        .map_err(|error| Error::database(what, error))?;
    Ok(())
}

/// Writes a new row that says itself which workspace it belongs to: it must be the scope's.
pub(crate) async fn insert_in_scope<T>(
    connection: &impl ConnectionTrait,
    scope: &WorkspaceScope,
    workspace_id: &str,
    row: T::Model,
) -> Result<()>
where
    T: Table,
    T::Model: IntoActiveModel<T::ActiveModel>,
{
    if workspace_id != scope.workspace_id() {
        return Err(Error::invalid(
            T::WHAT,
            "it names another workspace than the one that is being worked in",
        ));
    }
    insert::<T>(connection, T::WHAT, row).await
}

/// Writes a new row of a flow, which must be in the scope.
pub(crate) async fn insert_for_flow<T>(
    store: &Store,
    scope: &WorkspaceScope,
    chatflow_id: &str,
    row: T::Model,
) -> Result<()>
where
    T: Table,
    T::Model: IntoActiveModel<T::ActiveModel>,
{
    let transaction = store.begin().await?;
    require::<chat_flow::Entity>(&transaction, scope, chatflow_id).await?;
    insert::<T>(&transaction, T::WHAT, row).await?;
    commit(transaction).await
}

/// Changes one row of the scope and gives it back as it is then.
pub(crate) async fn update<T: Table>(
    store: &Store,
    scope: &WorkspaceScope,
    id: &str,
    change: UpdateMany<T>,
) -> Result<T::Model> {
    let transaction = store.begin().await?;
    change
        .filter(T::ID.eq(id))
        .filter(T::in_scope(scope))
        .exec(&transaction)
        .await
        .map_err(|error| Error::database(T::WHAT, error))?;
    let row = get::<T>(&transaction, scope, id).await?;
    commit(transaction).await?;
    Ok(row)
}

/// Deletes rows of the scope by id; how many there were.
pub(crate) async fn delete<T: Table>(
    store: &Store,
    scope: &WorkspaceScope,
    ids: &[&str],
) -> Result<u64> {
    let condition = Condition::all().add(T::ID.is_in(ids.iter().copied())).add(T::in_scope(scope));
    let deleted = T::delete_many()
        .filter(condition)
        .exec(store.writer())
        .await
        .map_err(|error| Error::database(T::WHAT, error))?;
    Ok(deleted.rows_affected)
}

/// The rows of a query, or one page of them, and how many there are in all.
pub(crate) async fn list<T, Plain>(
    connection: &impl ConnectionTrait,
    query: Select<T>,
    page: Option<Page>,
) -> Result<(Vec<Plain>, u64)>
where
    T: Table,
    T::Model: Into<Plain> + Send + Sync,
{
    let total = count(connection, &query, page).await?;
    let rows = in_page(query, page).all(connection).await;
    let rows = rows.map_err(|error| Error::database(T::WHAT, error))?;
    let total = total.unwrap_or(rows.len() as u64);
    Ok((rows.into_iter().map(Into::into).collect(), total))
}

/// The same, of each row only what a partial model has.
pub(crate) async fn list_partial<T, Partial>(
    connection: &impl ConnectionTrait,
    query: Select<T>,
    page: Option<Page>,
) -> Result<(Vec<Partial>, u64)>
where
    T: Table,
    T::Model: Send + Sync,
    Partial: PartialModelTrait + FromQueryResult + Send + Sync,
{
    let total = count(connection, &query, page).await?;
    let rows = in_page(query, page).into_partial_model::<Partial>().all(connection).await;
    let rows = rows.map_err(|error| Error::database(T::WHAT, error))?;
    let total = total.unwrap_or(rows.len() as u64);
    Ok((rows, total))
}

/// How many rows a query has in all, where only a page of them is read.
async fn count<T>(
    connection: &impl ConnectionTrait,
    query: &Select<T>,
    page: Option<Page>,
) -> Result<Option<u64>>
where
    T: Table,
    T::Model: Send + Sync,
{
    if page.is_none() {
        return Ok(None);
    }
    let ids = query.clone().select_only().column(T::ID);
    ids.count(connection).await.map(Some).map_err(|error| Error::database(T::WHAT, error))
}

/// The query, cut to the page.
pub(crate) fn in_page<Q: QuerySelect>(query: Q, page: Option<Page>) -> Q {
    match page {
        Some(page) => query.limit(page.limit()).offset(page.offset()),
        None => query,
    }
}

/// The query, ordered by a time and, within the same time, by id.
pub(crate) fn by_time<T: Table>(query: Select<T>, time: T::Column, order: Order) -> Select<T> {
    let order: sea_orm::Order = order.into();
    query.order_by(time, order.clone()).order_by(T::ID, order)
}

/// Holds from `start` to `end`, both included.
pub(crate) fn between<C: ColumnTrait>(
    time: C,
    start: Option<DateTime<Utc>>,
    end: Option<DateTime<Utc>>,
) -> Condition {
    Condition::all().add_option(start.map(|it| time.gte(it))).add_option(end.map(|it| time.lte(it)))
}

/// Holds for texts that have `part` in them, whatever characters it has.
pub(crate) fn holds<C: ColumnTrait>(column: C, part: &str) -> SimpleExpr {
    column.like(pattern("%", part, "%"))
}

/// The same whatever the case of letters.
pub(crate) fn holds_in_any_case<C: ColumnTrait>(column: C, part: &str) -> SimpleExpr {
    // SQLite knows the cases of ASCII only: other letters must at least be found as they are.
    let in_lower = Expr::expr(Func::lower(Expr::col(column)));
    in_lower.like(pattern("%", &part.to_lowercase(), "%")).or(holds(column, part))
}

/// A pattern of `part`, whose own characters stand for themselves, between wild cards or nothing.
pub(crate) fn pattern(before: &str, part: &str, after: &str) -> LikeExpr {
    let mut escaped = before.to_owned();
    for letter in part.chars() {
        if matches!(letter, '%' | '_' | '!') {
            escaped.push('!');
        }
        escaped.push(letter);
    }
    escaped.push_str(after);
    LikeExpr::new(escaped).escape('!')
}

/// What an update writes to a column: nothing, if there is no change.
pub(crate) fn change<V: Into<sea_orm::Value>>(value: Option<V>) -> ActiveValue<V> {
    value.map_or(ActiveValue::NotSet, ActiveValue::Set)
}

/// An update of rows by the columns that are set.
pub(crate) fn changes<E: EntityTrait>(
    what: &'static str,
    row: E::ActiveModel,
) -> Result<UpdateMany<E>> {
    check_texts(what, &row)?;
    Ok(E::update_many().set(row))
}

/// Refuses the one character that PostgreSQL cannot keep, on every database alike.
pub(crate) fn check_texts<A: ActiveModelTrait>(what: &'static str, row: &A) -> Result<()> {
    for column in <A::Entity as EntityTrait>::Column::iter() {
        let (ActiveValue::Set(value) | ActiveValue::Unchanged(value)) = row.get(column) else {
            continue;
        };
        if let Value::String(Some(text)) = &value {
            check_text(what, column.as_str(), text)?;
        }
    }
    Ok(())
}

/// The same for one text.
pub(crate) fn check_text(what: &'static str, field: &str, text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid(
            what,
            format!("{field} holds a NUL character, which cannot be kept; remove it"),
        ));
    }
    Ok(())
}

/// Makes a transaction's work lasting.
pub(crate) async fn commit(transaction: Transaction) -> Result<()> {
    transaction.commit().await.map_err(|error| Error::database("transaction", error))
}

impl From<Order> for sea_orm::Order {
    fn from(order: Order) -> Self {
        match order {
            Order::Ascending => Self::Asc,
            Order::Descending => Self::Desc,
        }
    }
}
