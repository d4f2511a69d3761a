//! What a run leaves behind as it goes on: the position and the records of its turns, and what it told.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value,
    sea_query::{Expr, OnConflict, Query},
};

use super::{IN_PROGRESS, STOPPED, failed};
use crate::{
    ChatMessage, Error, Result, Spending, Store,
    connection::Transaction,
    crash::{self, Point},
    entities::{
        chat_message,
        execution::{Column, Entity},
        execution_event as event, execution_turn as turn,
    },
    error::is_refused_by_trigger,
    query::{self, Table, commit},
};

/// What a turn leaves behind.
#[derive(Clone, Debug)]
pub struct TurnKept<'a> {
    /// The run.
    pub id: &'a str,
    /// Who writes.
    pub owner: &'a str,
    /// The turns that were taken since the last write, in order, each place once: most often one.
    pub turns: &'a [TurnTaken],
    /// Whether records after the last of them no longer count and are taken away.
    pub truncates: bool,
    /// How the run stands now.
    pub state: &'a str,
    /// How far it has come.
    pub progress: String,
    /// What the run has spent so far; as it was where it is not known.
    pub spent: Option<Spending>,
    /// How long it was walked so far; as it was where it is not known.
    pub milliseconds: Option<i64>,
    /// What a person is asked.
    pub action: Option<String>,
    /// What the chat asks again, as it did before the answer that came to nothing.
    pub asks_again: Option<String>,
    /// The time of the write.
    pub now: DateTime<Utc>,
    /// Until when the run is the writer's.
    pub lease: DateTime<Utc>,
    /// What the run told since the last write.
    pub events: Option<EventsKept>,
    /// What the chat shows of the run's end.
    pub messages: &'a [ChatMessage],
}

/// A turn on its way to the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnTaken {
    /// Its place among the turns of the run, from 0.
    pub place: i32,
    /// Its record, as JSON.
    pub record: String,
    /// Where the run stood before it, as JSON. What was kept first stays.
    pub position: Option<String>,
}

/// Events that a run told one after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventsKept {
    /// The number of the last of them; the first event of a run is number 1.
    pub last: i32,
    /// All of them as JSON texts, one a line.
    pub events: String,
}

/// Keeps what a turn leaves behind: all of it or nothing.
pub(super) async fn keep(store: &Store, kept: TurnKept<'_>) -> Result<()> {
    crash::here(Point::TurnTaken, kept.id);
    for turn in kept.turns {
        query::check_text(Entity::WHAT, "record", &turn.record)?;
    }
    if let Some(events) = &kept.events {
        query::check_text(Entity::WHAT, "events", &events.events)?;
    }
    let id = kept.id;
    // Most turns say nothing in the chat: all the rest is one statement where that is quicker.
    if kept.messages.is_empty() && kept.asks_again.is_none() && in_one_statement(store) {
        insert_whole(store.writer(), kept).await?;
    } else {
        write(store, kept).await?;
    }
    crash::here(Point::TurnKept, id);
    Ok(())
}

/// Keeps what a run told while a turn of it goes on, where the run is `owner`'s: a server that slept
/// through its lease must not tell any more.
pub(super) async fn keep_events(
    store: &Store,
    id: &str,
    owner: &str,
    kept: EventsKept,
) -> Result<()> {
    query::check_text(Entity::WHAT, "events", &kept.events)?;
    // Locked, so that the run stays the owner's until its events are lasting; SQLite, which knows no
    // such lock, has one writer.
    let run = Query::select()
        .column(Column::Id)
        .expr(Expr::value(kept.last))
        .expr(Expr::value(kept.events))
        .from(Entity)
        .and_where(Column::Id.eq(id))
        .and_where(Column::Owner.eq(owner))
        .lock_exclusive()
        .to_owned();
    let mut insert = Query::insert();
    insert
        .into_table(event::Entity)
        .columns([event::Column::ExecutionId, event::Column::Last, event::Column::Events])
        .select_from(run)
        .map_err(Error::internal)?;
    let inserted = store.writer().execute(&insert).await.map_err(failed)?;
    if inserted.rows_affected() != 1 {
        return Err(lost());
    }
    crash::here(Point::EventsWritten, id);
    Ok(())
}

fn in_one_statement(store: &Store) -> bool {
    store.writer().get_database_backend() == DbBackend::Sqlite
}

impl<'a> TurnKept<'a> {
    /// Whose the run is after the turn, and until when; nobody's where it does not go on.
    fn next_owner(&self) -> Option<(&'a str, DateTime<Utc>)> {
        (self.state == IN_PROGRESS).then_some((self.owner, self.lease))
    }

    /// Since when it waits for a person.
    fn stopped(&self) -> Option<DateTime<Utc>> {
        (self.state == STOPPED).then_some(self.now)
    }
}

/// Writes turns into SQLite's view for them, whose trigger takes each apart: migrations 17 and 18 say
/// how. All but the last bring their record alone.
async fn insert_whole(connection: &impl ConnectionTrait, kept: TurnKept<'_>) -> Result<()> {
    const INTO: &str = r#"INSERT INTO "execution_turn_to_keep" (
        "executionId", "writer", "place", "record", "position", "truncates",
        "state", "progress", "action", "updatedDate", "stoppedDate",
        "owner", "leaseDate", "inputTokens", "outputTokens", "cost", "milliseconds",
        "last", "events"
    ) VALUES "#;
    const EARLIER: &str = "(?, ?, ?, ?, ?, 0, NULL, NULL, NULL, NULL, NULL, \
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), ";
    const LAST: &str = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    let (owner, lease) = kept.next_owner().unzip();
    let stopped = kept.stopped();
    let spent = kept.spent;
    let (last_turn, earlier) = kept.turns.split_last().unzip();
    let earlier = earlier.unwrap_or_default();
    let sql = [INTO, &EARLIER.repeat(earlier.len()), LAST].concat();
    let mut values: Vec<Value> = Vec::with_capacity(5 * earlier.len() + 19);
    for turn in earlier {
        let row: [Value; 5] = [
            kept.id.into(),
            kept.owner.into(),
            turn.place.into(),
            turn.record.as_str().into(),
            turn.position.as_deref().into(),
        ];
        values.extend(row);
    }
    let (place, record) = last_turn.map(|it| (it.place, it.record.as_str())).unzip();
    let position = last_turn.and_then(|it| it.position.as_deref());
    let (last, events) = kept.events.map(|it| (it.last, it.events)).unzip();
    let row: [Value; 19] = [
        kept.id.into(),
        kept.owner.into(),
        place.into(),
        record.into(),
        position.into(),
        kept.truncates.into(),
        kept.state.into(),
        kept.progress.into(),
        kept.action.into(),
        kept.now.into(),
        stopped.into(),
        owner.into(),
        lease.into(),
        spent.map(|it| it.input_tokens).into(),
        spent.map(|it| it.output_tokens).into(),
        spent.map(|it| it.cost).into(),
        kept.milliseconds.into(),
        last.into(),
        events.into(),
    ];
    values.extend(row);
    let insert = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    match connection.execute_raw(insert).await {
        Ok(_) => Ok(()),
        Err(error) if is_refused_by_trigger(&error) => Err(lost()),
        Err(error) => Err(failed(error)),
    }
}

/// Writes a turn by several statements.
async fn write(store: &Store, mut kept: TurnKept<'_>) -> Result<()> {
    let id = kept.id;
    let (messages, asks_again) = (kept.messages, kept.asks_again.take());
    let transaction = store.begin().await?;
    if in_one_statement(store) {
        insert_whole(&transaction, kept).await?;
        crash::here(Point::PositionWritten, id);
    } else {
        write_position(&transaction, &mut kept).await?;
        crash::here(Point::PositionWritten, id);
        write_records(&transaction, kept).await?;
    }
    let rows: Vec<_> =
        messages.iter().map(|it| chat_message::Model::from(it).into_active_model()).collect();
    for row in &rows {
        query::check_texts(chat_message::Entity::WHAT, row)?;
    }
    if !rows.is_empty() {
        let insert = chat_message::Entity::insert_many(rows);
        let inserted = insert.exec_without_returning(&transaction).await;
        inserted.map_err(|error| Error::database(chat_message::Entity::WHAT, error))?;
    }
    if let Some(action) = asks_again {
        ask_again(&transaction, id, action).await?;
    }
    crash::here(Point::TurnWritten, id);
    commit(transaction).await
}

/// Puts an action back on the last message of a run.
async fn ask_again(transaction: &Transaction, id: &str, action: String) -> Result<()> {
    let failed = |error| Error::database(chat_message::Entity::WHAT, error);
    let last: Option<String> = chat_message::Entity::find()
        .select_only()
        .column(chat_message::Column::Id)
        .filter(chat_message::Column::ExecutionId.eq(id))
        .filter(chat_message::Column::Role.eq(ChatMessage::API))
        .order_by_desc(chat_message::Column::CreatedDate)
        .into_tuple()
        .one(transaction)
        .await
        .map_err(failed)?;
    let Some(last) = last else { return Ok(()) };
    chat_message::Entity::update_many()
        .col_expr(chat_message::Column::Action, Expr::value(action))
        .filter(chat_message::Column::Id.eq(last))
        .exec(transaction)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn write_position(transaction: &Transaction, kept: &mut TurnKept<'_>) -> Result<()> {
    let (progress, action) = (std::mem::take(&mut kept.progress), kept.action.take());
    let (owner, lease) = kept.next_owner().unzip();
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(kept.state))
        .col_expr(Column::Progress, Expr::value(progress))
        .col_expr(Column::Action, Expr::value(action))
        .col_expr(Column::UpdatedDate, Expr::value(kept.now))
        .col_expr(Column::StoppedDate, Expr::value(kept.stopped()))
        .col_expr(Column::Owner, Expr::value(owner))
        .col_expr(Column::LeaseDate, Expr::value(lease));
    if let Some(spent) = kept.spent {
        update = update
            .col_expr(Column::InputTokens, Expr::value(spent.input_tokens))
            .col_expr(Column::OutputTokens, Expr::value(spent.output_tokens))
            .col_expr(Column::Cost, Expr::value(spent.cost));
    }
    if let Some(milliseconds) = kept.milliseconds {
        update = update.col_expr(Column::Milliseconds, Expr::value(milliseconds));
    }
    let updated = update
        .filter(Column::Id.eq(kept.id))
        .filter(Column::Owner.eq(kept.owner))
        .exec(transaction)
        .await
        .map_err(failed)?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(lost()) }
}

async fn write_records(transaction: &Transaction, kept: TurnKept<'_>) -> Result<()> {
    let id = kept.id;
    if let Some(last) = kept.turns.last() {
        if kept.truncates {
            turn::Entity::delete_many()
                .filter(turn::Column::ExecutionId.eq(id))
                .filter(turn::Column::Place.gt(last.place))
                .exec(transaction)
                .await
                .map_err(failed)?;
        }
        let rows = kept.turns.iter().map(|it| {
            let TurnTaken { place, record, position } = it.clone();
            let row = turn::Model { execution_id: id.to_owned(), place, record, position };
            row.into_active_model()
        });
        turn::Entity::insert_many(rows)
            .on_conflict(
                OnConflict::columns([turn::Column::ExecutionId, turn::Column::Place])
                    .update_column(turn::Column::Record)
                    .to_owned(),
            )
            .exec_without_returning(transaction)
            .await
            .map_err(failed)?;
    }
    if let Some(EventsKept { last, events }) = kept.events {
        let row = event::Model { execution_id: id.to_owned(), last, events };
        query::insert::<event::Entity>(transaction, Entity::WHAT, row).await?;
    }
    Ok(())
}

fn lost() -> Error {
    Error::Conflict {
        what: Entity::WHAT,
        why: "another server has taken the run over, or it was deleted".to_owned(),
    }
}
