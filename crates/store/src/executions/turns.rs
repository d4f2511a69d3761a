//! What a run leaves behind as it goes on: the position and the records of its turns, and what it told.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, QueryFilter,
    sea_query::{Alias, Expr, OnConflict, Query, SimpleExpr},
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
    /// The record of the turn with its place.
    pub record: Option<(i32, String)>,
    /// Where the run stood before that turn; what was kept first stays.
    pub position: Option<String>,
    /// Whether records after this one no longer count and are taken away.
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
    /// The time of the write.
    pub now: DateTime<Utc>,
    /// Until when the run is the writer's.
    pub lease: DateTime<Utc>,
    /// What the run told since the last write.
    pub events: Option<EventsKept>,
    /// What the chat shows of the run's end.
    pub messages: &'a [ChatMessage],
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
    if let Some((_, record)) = &kept.record {
        query::check_text(Entity::WHAT, "record", record)?;
    }
    if let Some(events) = &kept.events {
        query::check_text(Entity::WHAT, "events", &events.events)?;
    }
    let id = kept.id;
    // Nothing is said in the chat by most turns: all the rest is one statement where that is quicker.
    if kept.messages.is_empty() && in_one_statement(store) {
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

/// What the row of the run holds after the turn.
fn columns(kept: &mut TurnKept<'_>) -> [(Column, SimpleExpr); 7] {
    let over = kept.state != IN_PROGRESS;
    let stopped = (kept.state == STOPPED).then_some(kept.now);
    [
        (Column::State, Expr::value(kept.state)),
        (Column::Progress, Expr::value(std::mem::take(&mut kept.progress))),
        (Column::Action, Expr::value(kept.action.take())),
        (Column::UpdatedDate, Expr::value(kept.now)),
        (Column::StoppedDate, Expr::value(stopped)),
        (Column::Owner, Expr::value((!over).then_some(kept.owner))),
        (Column::LeaseDate, Expr::value((!over).then_some(kept.lease))),
    ]
}

/// Writes a turn into SQLite's view for it, whose trigger takes it apart: migration 17 says how.
async fn insert_whole(connection: &impl ConnectionTrait, mut kept: TurnKept<'_>) -> Result<()> {
    let columns = columns(&mut kept);
    let name = |column: Column| Alias::new(column.as_str());
    let (place, record) = kept.record.unzip();
    let (last, events) = kept.events.map(|it| (it.last, it.events)).unzip();
    let spent = kept.spent;
    let rest = [
        (name(Column::InputTokens), Expr::value(spent.map(|it| it.input_tokens))),
        (name(Column::OutputTokens), Expr::value(spent.map(|it| it.output_tokens))),
        (name(Column::Cost), Expr::value(spent.map(|it| it.cost))),
        (name(Column::Milliseconds), Expr::value(kept.milliseconds)),
        (Alias::new("executionId"), Expr::value(kept.id)),
        (Alias::new("writer"), Expr::value(kept.owner)),
        (Alias::new("place"), Expr::value(place)),
        (Alias::new("record"), Expr::value(record)),
        (Alias::new("position"), Expr::value(kept.position)),
        (Alias::new("truncates"), Expr::value(kept.truncates)),
        (Alias::new("last"), Expr::value(last)),
        (Alias::new("events"), Expr::value(events)),
    ];
    let columns = columns.into_iter().map(|(column, value)| (name(column), value));
    let (names, values): (Vec<_>, Vec<_>) = columns.chain(rest).unzip();
    let mut insert = Query::insert();
    insert
        .into_table(Alias::new("execution_turn_to_keep"))
        .columns(names)
        .values(values)
        .map_err(Error::internal)?;
    match connection.execute(&insert).await {
        Ok(_) => Ok(()),
        Err(error) if is_refused_by_trigger(&error) => Err(lost()),
        Err(error) => Err(failed(error)),
    }
}

/// Writes a turn by several statements.
async fn write(store: &Store, mut kept: TurnKept<'_>) -> Result<()> {
    let id = kept.id;
    let messages = kept.messages;
    let transaction = store.begin().await?;
    if in_one_statement(store) {
        insert_whole(&transaction, kept).await?;
        crash::here(Point::PositionWritten, id);
    } else {
        write_position(&transaction, &mut kept).await?;
        crash::here(Point::PositionWritten, id);
        write_record(&transaction, kept).await?;
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
    crash::here(Point::TurnWritten, id);
    commit(transaction).await
}

async fn write_position(transaction: &Transaction, kept: &mut TurnKept<'_>) -> Result<()> {
    let mut update = Entity::update_many();
    for (column, value) in columns(kept) {
        update = update.col_expr(column, value);
    }
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

async fn write_record(transaction: &Transaction, kept: TurnKept<'_>) -> Result<()> {
    let id = kept.id;
    if let Some((place, record)) = kept.record {
        if kept.truncates {
            turn::Entity::delete_many()
                .filter(turn::Column::ExecutionId.eq(id))
                .filter(turn::Column::Place.gt(place))
                .exec(transaction)
                .await
                .map_err(failed)?;
        }
        let position = kept.position;
        let row = turn::Model { execution_id: id.to_owned(), place, record, position };
        turn::Entity::insert(row.into_active_model())
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
