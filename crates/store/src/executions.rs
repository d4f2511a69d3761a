//! Runs of agentflows: how each stands, the records of its turns, and who walks it.
//!
//! A run that is under way belongs to one server, which holds a lease on it: only that server may
//! write to it, and when the lease has run out another may take the run over. Each write names the
//! owner, so that a server that slept through its lease cannot write any more.

mod moved;
mod summary;
mod turns;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    Error, Order, Page, Result, Store, WorkspaceScope,
    connection::Transaction,
    crash::{self, Point},
    entities::{
        chat_message,
        execution::{Column, Entity},
        execution_event as event, execution_turn as turn,
    },
    query::{self, Table, commit},
};

pub use self::{
    moved::MovedExecution,
    summary::ExecutionSummary,
    turns::{EventsKept, TurnKept, TurnTaken},
};

/// Most ids in one `IN (…)`; databases limit the number of bound values.
const IDS_PER_QUERY: usize = 500;

/// Writes a turn of a run that is new.
pub(crate) async fn write_turn(
    transaction: &Transaction,
    execution_id: &str,
    place: i32,
    row: TurnRow,
) -> Result<()> {
    let TurnRow { record, position } = row;
    let row = turn::Model { execution_id: execution_id.to_owned(), place, record, position };
    query::insert::<turn::Entity>(transaction, Entity::WHAT, row).await
}

/// A run of an agentflow.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// Id.
    pub id: String,
    /// `INPROGRESS`, `FINISHED`, `ERROR`, `TERMINATED`, `TIMEOUT` or `STOPPED`.
    pub state: String,
    /// The flow.
    pub agentflow_id: String,
    /// The conversation.
    pub session_id: String,
    /// What a person is asked, as JSON.
    pub action: Option<String>,
    /// Whether everybody who knows its id may read it.
    pub is_public: Option<bool>,
    /// What was asked and by whom, as JSON: enough to go on after a crash.
    pub request: String,
    /// How far it has come, as JSON.
    pub progress: String,
    /// The key by which its caller makes sure that asking twice runs once.
    pub request_key: Option<String>,
    /// The server that walks it.
    pub owner: Option<String>,
    /// Until when it is that server's.
    pub lease_date: Option<DateTime<Utc>>,
    /// When it began.
    pub created_date: DateTime<Utc>,
    /// When its last turn ended.
    pub updated_date: DateTime<Utc>,
    /// When it stopped for a person.
    pub stopped_date: Option<DateTime<Utc>>,
    /// The workspace it belongs to.
    pub workspace_id: String,
    /// How many flows stood between the caller and this one.
    pub depth: i32,
    /// The key that was shown with the call, where it is one of the workspace.
    pub api_key_id: Option<String>,
    /// Tokens that models read, in it and in the flows that it asked.
    pub input_tokens: Option<i64>,
    /// Tokens that models wrote, likewise.
    pub output_tokens: Option<i64>,
    /// US dollars, likewise, of the calls whose price is known.
    pub cost: Option<f64>,
    /// How long it was walked; waiting for a person does not count.
    pub milliseconds: Option<i64>,
    /// Which state of the flow it walks: `published`, `draft` or `recorded`.
    pub flow_source: String,
    /// The run that it goes back into.
    pub rerun_of: Option<String>,
    /// The node of that run that it begins at.
    pub rerun_node: Option<String>,
}

/// A turn as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnRow {
    /// Its record, as JSON.
    pub record: String,
    /// Where the run stood before it, as JSON; none in runs of earlier versions.
    pub position: Option<String>,
}

/// Which runs a list holds. Nothing set: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// This one.
    pub id: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Of this flow.
    pub agentflow_id: Option<String>,
    /// Of flows whose names hold this text.
    pub agentflow_name: Option<String>,
    /// Of this conversation.
    pub session_id: Option<String>,
    /// Begun at this time or later.
    pub start: Option<DateTime<Utc>>,
    /// Begun at this time or before.
    pub end: Option<DateTime<Utc>>,
}

/// The runs; see [`Store::executions`].
#[derive(Debug)]
pub struct Executions<'a>(pub(crate) &'a Store);

impl Executions<'_> {
    /// One run.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<Execution> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// A run that everybody may read.
    pub async fn get_public(&self, id: &str) -> Result<Execution> {
        let found = Entity::find_by_id(id).filter(Column::IsPublic.eq(true));
        let found = found.one(self.0.reader()).await.map_err(failed)?;
        found.map(Into::into).ok_or_else(|| Error::not_found(Entity::WHAT, id))
    }

    /// The records of a run's turns, as JSON texts in order. The run itself says whether its reader
    /// may have them: ask for it first.
    pub async fn records(&self, id: &str) -> Result<Vec<String>> {
        let turns = turn::Entity::find()
            .filter(turn::Column::ExecutionId.eq(id))
            .order_by_asc(turn::Column::Place);
        let turns = turns.all(self.0.reader()).await.map_err(failed)?;
        Ok(turns.into_iter().map(|it| it.record).collect())
    }

    /// The turns of a run with where it stood before each, in order. Ask for the run itself first.
    pub async fn turns(&self, id: &str) -> Result<Vec<TurnRow>> {
        let turns = turn::Entity::find()
            .filter(turn::Column::ExecutionId.eq(id))
            .order_by_asc(turn::Column::Place);
        let turns = turns.all(self.0.reader()).await.map_err(failed)?;
        Ok(turns
            .into_iter()
            .map(|it| TurnRow { record: it.record, position: it.position })
            .collect())
    }

    /// Runs without their long texts, the last written first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: &ExecutionFilter,
        page: Option<Page>,
    ) -> Result<(Vec<ExecutionSummary>, u64)> {
        use crate::entities::chat_flow;
        let mut wanted = Condition::all()
            .add(Entity::in_scope(scope))
            .add(query::between(Column::CreatedDate, filter.start, filter.end))
            .add_option(filter.id.as_ref().map(|it| Column::Id.eq(it)))
            .add_option(filter.state.as_ref().map(|it| Column::State.eq(it)))
            .add_option(filter.agentflow_id.as_ref().map(|it| Column::AgentflowId.eq(it)))
            .add_option(filter.session_id.as_ref().map(|it| Column::SessionId.eq(it)));
        if let Some(name) = &filter.agentflow_name {
            let flows = sea_orm::sea_query::Query::select()
                .column(chat_flow::Column::Id)
                .from(chat_flow::Entity)
                .and_where(chat_flow::Column::Name.contains(name))
                .to_owned();
            wanted = wanted.add(Column::AgentflowId.in_subquery(flows));
        }
        let runs = Entity::find().filter(wanted);
        let runs = query::by_time(runs, Column::UpdatedDate, Order::Descending);
        query::list_partial(self.0.reader(), runs, page).await
    }

    /// The run of a conversation that began last.
    pub async fn latest(
        &self,
        scope: &WorkspaceScope,
        agentflow_id: &str,
        session_id: &str,
    ) -> Result<Option<Execution>> {
        let runs = Entity::find()
            .filter(Entity::in_scope(scope))
            .filter(Column::AgentflowId.eq(agentflow_id))
            .filter(Column::SessionId.eq(session_id));
        let latest = query::by_time(runs, Column::CreatedDate, Order::Descending).limit(1);
        Ok(latest.one(self.0.reader()).await.map_err(failed)?.map(Into::into))
    }

    /// The run of a flow that was asked for with this key.
    pub async fn find_by_request_key(
        &self,
        scope: &WorkspaceScope,
        agentflow_id: &str,
        key: &str,
    ) -> Result<Option<Execution>> {
        let found = Entity::find()
            .filter(Entity::in_scope(scope))
            .filter(Column::AgentflowId.eq(agentflow_id))
            .filter(Column::RequestKey.eq(key));
        Ok(found.one(self.0.reader()).await.map_err(failed)?.map(Into::into))
    }

    /// Adds a run. An id, or a key of the same flow, that exists already is a conflict.
    pub async fn insert(&self, scope: &WorkspaceScope, execution: &Execution) -> Result<()> {
        query::insert_in_scope::<Entity>(
            self.0.writer(),
            scope,
            &execution.workspace_id,
            execution.into(),
        )
        .await?;
        crash::begun(&execution.id);
        crash::here(Point::RunBegun, &execution.id);
        Ok(())
    }

    /// Adds a run that has turns already, those of the run that it goes back into: all of it or
    /// nothing.
    pub async fn insert_with_turns(
        &self,
        scope: &WorkspaceScope,
        execution: &Execution,
        turns: Vec<TurnRow>,
    ) -> Result<()> {
        let transaction = self.0.begin().await?;
        query::insert_in_scope::<Entity>(
            &transaction,
            scope,
            &execution.workspace_id,
            execution.into(),
        )
        .await?;
        for (place, row) in (0..).zip(turns) {
            write_turn(&transaction, &execution.id, place, row).await?;
        }
        crash::begun(&execution.id);
        crash::here(Point::TurnsCopied, &execution.id);
        commit(transaction).await?;
        crash::here(Point::RunBegun, &execution.id);
        Ok(())
    }

    /// Keeps what a turn leaves behind: all of it or nothing.
    ///
    /// # Errors
    /// A conflict where the run is not the writer's any more.
    pub async fn keep_turn(&self, kept: TurnKept<'_>) -> Result<()> {
        turns::keep(self.0, kept).await
    }

    /// Keeps what a run told while a turn of it goes on.
    ///
    /// # Errors
    /// A conflict where the run is not the writer's any more.
    pub async fn keep_events(&self, id: &str, owner: &str, events: EventsKept) -> Result<()> {
        turns::keep_events(self.0, id, owner, events).await
    }

    /// What a run told after event number `after`, in pieces as it was kept: the first piece may
    /// begin with earlier events. Ask for the run itself first, as with its records.
    pub async fn events_after(&self, id: &str, after: i32) -> Result<Vec<EventsKept>> {
        let found = event::Entity::find()
            .filter(event::Column::ExecutionId.eq(id))
            .filter(event::Column::Last.gt(after))
            .order_by_asc(event::Column::Last)
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.into_iter().map(|it| EventsKept { last: it.last, events: it.events }).collect())
    }

    /// The number of the last event that a run told; 0 where it told none.
    pub async fn last_event(&self, id: &str) -> Result<i32> {
        let last: Option<i32> = event::Entity::find()
            .select_only()
            .column(event::Column::Last)
            .filter(event::Column::ExecutionId.eq(id))
            .order_by_desc(event::Column::Last)
            .limit(1)
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(last.unwrap_or_default())
    }

    /// Notes how far a run has come, without a turn. `false` where it is not the writer's any more.
    pub async fn keep_progress(&self, id: &str, owner: &str, progress: String) -> Result<bool> {
        let updated = Entity::update_many()
            .col_expr(Column::Progress, Expr::value(progress))
            .filter(Column::Id.eq(id))
            .filter(Column::Owner.eq(owner));
        let mine = updated.exec(self.0.writer()).await.map_err(failed)?.rows_affected == 1;
        crash::here(Point::MarkerKept, id);
        Ok(mine)
    }

    /// Makes a run that waits, or that failed, the caller's to walk from `progress`, and takes back
    /// what its chat asked. Of several who try, one is told `true`.
    pub async fn claim(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        from: &str,
        owner: &str,
        lease: DateTime<Utc>,
        progress: String,
    ) -> Result<bool> {
        let transaction = self.0.begin().await?;
        let updated = Entity::update_many()
            .col_expr(Column::State, Expr::value(IN_PROGRESS))
            .col_expr(Column::Progress, Expr::value(progress))
            .col_expr(Column::Action, Expr::value(None::<String>))
            .col_expr(Column::Owner, Expr::value(owner))
            .col_expr(Column::LeaseDate, Expr::value(lease))
            .filter(Entity::in_scope(scope))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(from));
        if updated.exec(&transaction).await.map_err(failed)?.rows_affected != 1 {
            return Ok(false);
        }
        chat_message::Entity::update_many()
            .col_expr(chat_message::Column::Action, Expr::value(None::<String>))
            .filter(chat_message::Entity::in_scope(scope))
            .filter(chat_message::Column::ExecutionId.eq(id))
            .exec(&transaction)
            .await
            .map_err(failed)?;
        commit(transaction).await?;
        crash::begun(id);
        crash::here(Point::AnswerTaken, id);
        Ok(true)
    }

    /// Takes over the runs under way whose lease has run out, or that were `owner`'s before it was
    /// started anew, and gives them back: of all workspaces, as it is the server that asks.
    pub async fn take_over_for_any_workspace(
        &self,
        owner: &str,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Execution>> {
        let free = Condition::any()
            .add(Column::Owner.is_null())
            .add(Column::LeaseDate.is_null())
            .add(Column::LeaseDate.lt(now));
        let found: Vec<String> = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::State.eq(IN_PROGRESS))
            .filter(free.clone())
            .order_by_asc(Column::CreatedDate)
            .limit(limit)
            .into_tuple()
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        let mut taken = Vec::new();
        for id in found {
            let updated = Entity::update_many()
                .col_expr(Column::Owner, Expr::value(owner))
                .col_expr(Column::LeaseDate, Expr::value(lease))
                .filter(Column::Id.eq(&id))
                .filter(Column::State.eq(IN_PROGRESS))
                .filter(free.clone())
                .exec(self.0.writer())
                .await
                .map_err(failed)?;
            if updated.rows_affected == 1
                && let Some(row) =
                    Entity::find_by_id(&id).one(self.0.reader()).await.map_err(failed)?
            {
                crash::here(Point::RunTakenOver, &id);
                taken.push(row.into());
            }
        }
        Ok(taken)
    }

    /// Lets those of `ids` that are `owner`'s stay its own until `lease`; how many there are.
    pub async fn renew(&self, owner: &str, ids: &[String], lease: DateTime<Utc>) -> Result<u64> {
        let mut renewed = 0;
        for ids in ids.chunks(IDS_PER_QUERY) {
            let updated = Entity::update_many()
                .col_expr(Column::LeaseDate, Expr::value(lease))
                .filter(Column::Id.is_in(ids))
                .filter(Column::Owner.eq(owner))
                .filter(Column::State.eq(IN_PROGRESS));
            renewed += updated.exec(self.0.writer()).await.map_err(failed)?.rows_affected;
        }
        Ok(renewed)
    }

    /// Gives up all runs of `owner`, for another server to take over; how many there were.
    pub async fn release(&self, owner: &str) -> Result<u64> {
        let updated = Entity::update_many()
            .col_expr(Column::Owner, Expr::value(None::<String>))
            .col_expr(Column::LeaseDate, Expr::value(None::<DateTime<Utc>>))
            .filter(Column::Owner.eq(owner))
            .filter(Column::State.eq(IN_PROGRESS));
        let released = updated.exec(self.0.writer()).await.map_err(failed)?.rows_affected;
        crash::here(Point::RunsReleased, owner);
        Ok(released)
    }

    /// Lets everybody who knows its id read a run, or nobody any more; gives it back.
    pub async fn publish(
        &self,
        scope: &WorkspaceScope,
        id: &str,
        is_public: bool,
    ) -> Result<Execution> {
        let change = Entity::update_many().col_expr(Column::IsPublic, Expr::value(Some(is_public)));
        Ok(query::update(self.0, scope, id, change).await?.into())
    }

    /// Deletes runs with their turns; how many there were.
    pub async fn delete(&self, scope: &WorkspaceScope, ids: &[&str]) -> Result<u64> {
        let mut deleted = 0;
        for ids in ids.chunks(IDS_PER_QUERY) {
            deleted += query::delete::<Entity>(self.0, scope, ids).await?;
        }
        Ok(deleted)
    }
}

const IN_PROGRESS: &str = "INPROGRESS";
const STOPPED: &str = "STOPPED";

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
