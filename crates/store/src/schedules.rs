//! Schedules: when flows run by themselves, and the log of when they did.
//!
//! However many servers share the database, each due time of a flow is fired by one of them: the
//! one whose change of the schedule's next time goes through, and whose entry in the log is the
//! first for that flow and time.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, Query},
};

use crate::{
    ChatFlow, Error, Order, Page, Result, Store, WorkspaceScope, chatflows,
    entities::{
        chat_flow,
        schedule_record::{Column, Entity, Model},
        schedule_trigger_log::{ActiveModel as LogRow, Column as Log, Entity as Logs},
    },
    query::{self, Table, commit},
};

/// When a flow runs by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Id.
    pub id: String,
    /// What is triggered: `AGENTFLOW`.
    pub trigger_type: String,
    /// The flow.
    pub target_id: String,
    /// The node of the flow that says when.
    pub node_id: Option<String>,
    /// When, as cron has it.
    pub cron_expression: String,
    /// Where that time holds, by its name in the IANA database.
    pub timezone: String,
    /// Whether it fires.
    pub enabled: bool,
    /// Whether somebody switched it off, so that saving the flow does not switch it on.
    pub switched_off: bool,
    /// What the flow is given: `text`, `form` or `none`.
    pub schedule_input_mode: String,
    /// The text it is given.
    pub default_input: Option<String>,
    /// The form it is given, as JSON.
    pub default_form: Option<String>,
    /// The due time at which it ran last, or when somebody ran it by hand after that.
    pub last_run_at: Option<DateTime<Utc>>,
    /// When it is due.
    pub next_run_at: Option<DateTime<Utc>>,
    /// After this time it does not fire any more.
    pub end_date: Option<DateTime<Utc>>,
    /// The workspace it belongs to.
    pub workspace_id: String,
    /// When it was made.
    pub created_date: DateTime<Utc>,
    /// When it was last changed.
    pub updated_date: DateTime<Utc>,
}

/// A due time of a schedule, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Firing {
    /// Id.
    pub id: String,
    /// The schedule.
    pub schedule_record_id: String,
    /// What is triggered: `AGENTFLOW`.
    pub trigger_type: String,
    /// The flow.
    pub target_id: String,
    /// The run of the flow.
    pub execution_id: Option<String>,
    /// [`Firing::RUNNING`], [`Firing::SUCCEEDED`], [`Firing::FAILED`] or [`Firing::SKIPPED`].
    pub status: String,
    /// Why it failed or was skipped.
    pub error: Option<String>,
    /// How long the run took, in milliseconds.
    pub elapsed_time_ms: Option<i64>,
    /// The due time.
    pub scheduled_at: DateTime<Utc>,
    /// The workspace it belongs to.
    pub workspace_id: String,
    /// When it was written.
    pub created_date: DateTime<Utc>,
    /// Whether somebody began it by hand, at no due time.
    pub by_hand: bool,
}

impl Firing {
    /// The flow runs.
    pub const RUNNING: &'static str = "RUNNING";
    /// The flow ran to its end.
    pub const SUCCEEDED: &'static str = "SUCCEEDED";
    /// The flow failed.
    pub const FAILED: &'static str = "FAILED";
    /// The flow was not run.
    pub const SKIPPED: &'static str = "SKIPPED";
}

/// What a schedule's firing changes.
#[derive(Clone, Debug)]
pub struct Advance {
    /// When it is due next; never, where that is `None`: it is switched off then.
    pub next: Option<DateTime<Utc>>,
    /// The due time at which it runs now, if it does.
    pub ran: Option<DateTime<Utc>>,
    /// The time of the change.
    pub now: DateTime<Utc>,
    /// The due times that are over with this, each with what comes of it.
    pub firings: Vec<Firing>,
}

/// The schedules; see [`Store::schedules`].
#[derive(Debug)]
pub struct Schedules<'a>(pub(crate) &'a Store);

impl Schedules<'_> {
    /// The schedule of a flow.
    pub async fn find(&self, scope: &WorkspaceScope, flow_id: &str) -> Result<Option<Schedule>> {
        let found = Entity::find()
            .filter(Column::TargetId.eq(flow_id))
            .filter(Entity::in_scope(scope))
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.map(Into::into))
    }

    /// Gives the flow the schedule that its revision says, or takes it away where that is none.
    /// Id, time of making, last run, and that somebody switched it off stay as they were. `false`
    /// where the flow has another revision by now, whose saver does the same.
    pub async fn put(
        &self,
        scope: &WorkspaceScope,
        flow_id: &str,
        revision: i64,
        schedule: Option<Schedule>,
    ) -> Result<bool> {
        let transaction = self.0.begin().await?;
        let flow = chatflows::lock(&transaction, scope, flow_id).await?;
        if flow.revision != revision {
            return Ok(false);
        }
        let there = Entity::find()
            .filter(Column::TargetId.eq(flow_id))
            .one(&transaction)
            .await
            .map_err(failed)?;
        match (there, schedule) {
            (None, None) => {}
            (Some(there), None) => {
                Entity::delete_by_id(there.id).exec(&transaction).await.map_err(failed)?;
            }
            (None, Some(schedule)) => {
                query::insert::<Entity>(&transaction, Entity::WHAT, (&schedule).into()).await?;
            }
            (Some(there), Some(schedule)) => {
                let schedule = Schedule {
                    id: there.id,
                    created_date: there.created_date,
                    last_run_at: there.last_run_at,
                    enabled: schedule.enabled && !there.switched_off,
                    next_run_at: schedule.next_run_at.filter(|_| !there.switched_off),
                    switched_off: there.switched_off,
                    ..schedule
                };
                let row = Model::from(&schedule).into_active_model().reset_all();
                query::check_texts(Entity::WHAT, &row)?;
                Entity::update(row).exec(&transaction).await.map_err(failed)?;
            }
        }
        commit(transaction).await?;
        Ok(true)
    }

    /// Switches the schedule of a flow on, due at `next`, or off; gives it back.
    pub async fn switch(
        &self,
        scope: &WorkspaceScope,
        schedule_id: &str,
        next: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<Schedule> {
        let change = Entity::update_many()
            .col_expr(Column::Enabled, Expr::value(next.is_some()))
            .col_expr(Column::SwitchedOff, Expr::value(next.is_none()))
            .col_expr(Column::NextRunAt, Expr::value(next))
            .col_expr(Column::UpdatedDate, Expr::value(now));
        Ok(query::update(self.0, scope, schedule_id, change).await?.into())
    }

    /// Schedules that are due, those of all workspaces, the longest due first.
    pub async fn due_in_any_workspace(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Schedule>> {
        let due = Entity::find()
            .filter(Column::Enabled.eq(true))
            .filter(Column::NextRunAt.lte(now))
            .order_by_asc(Column::NextRunAt)
            .limit(limit);
        let due = due.all(self.0.reader()).await.map_err(failed)?;
        Ok(due.into_iter().map(Into::into).collect())
    }

    /// When the next schedule of any workspace is due.
    pub async fn next_due_in_any_workspace(&self) -> Result<Option<DateTime<Utc>>> {
        let next: Option<Option<DateTime<Utc>>> = Entity::find()
            .select_only()
            .column(Column::NextRunAt)
            .filter(Column::Enabled.eq(true))
            .filter(Column::NextRunAt.is_not_null())
            .order_by_asc(Column::NextRunAt)
            .limit(1)
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(next.flatten())
    }

    /// Makes the firings of a schedule that is due the caller's, all or nothing: those that were
    /// written. None where another server was quicker, or the schedule is another one by now.
    pub async fn claim(&self, schedule: &Schedule, advance: &Advance) -> Result<Vec<Firing>> {
        let transaction = self.0.begin().await?;
        let mut change = Entity::update_many()
            .col_expr(Column::NextRunAt, Expr::value(advance.next))
            .col_expr(Column::UpdatedDate, Expr::value(advance.now))
            .filter(Column::Id.eq(&schedule.id))
            .filter(Column::Enabled.eq(true))
            .filter(Column::CronExpression.eq(&schedule.cron_expression))
            .filter(Column::NextRunAt.eq(schedule.next_run_at));
        if advance.next.is_none() {
            change = change.col_expr(Column::Enabled, Expr::value(false));
        }
        if let Some(ran) = advance.ran {
            change = change.col_expr(Column::LastRunAt, Expr::value(Some(ran)));
        }
        if change.exec(&transaction).await.map_err(failed)?.rows_affected != 1 {
            return Ok(Vec::new());
        }
        let times = advance.firings.iter().map(|it| it.scheduled_at);
        let there: Vec<DateTime<Utc>> = Logs::find()
            .select_only()
            .column(Log::ScheduledAt)
            .filter(Log::TargetId.eq(&schedule.target_id))
            .filter(Log::ScheduledAt.is_in(times))
            .into_tuple()
            .all(&transaction)
            .await
            .map_err(failed)?;
        let mut claimed = advance.firings.clone();
        claimed.retain(|it| !there.contains(&it.scheduled_at));
        for firing in &claimed {
            query::insert::<Logs>(&transaction, Logs::WHAT, firing.into()).await?;
        }
        commit(transaction).await?;
        Ok(claimed)
    }

    /// Writes down a firing that somebody began by hand, and that the schedule ran last then. Of two in the same moment, or one at a due
    /// time that fires, one is a conflict.
    pub async fn begin_by_hand(&self, scope: &WorkspaceScope, firing: &Firing) -> Result<()> {
        let workspace = &firing.workspace_id;
        let transaction = self.0.begin().await?;
        query::insert_in_scope::<Logs>(&transaction, scope, workspace, firing.into()).await?;
        Entity::update_many()
            .col_expr(Column::LastRunAt, Expr::value(Some(firing.scheduled_at)))
            .filter(Entity::in_scope(scope))
            .filter(Column::TargetId.eq(&firing.target_id))
            .exec(&transaction)
            .await
            .map_err(failed)?;
        query::commit(transaction).await
    }

    /// The log of a flow, the last due time first, and how many entries it has in all; with
    /// `statuses`, only entries with one of these.
    pub async fn log(
        &self,
        scope: &WorkspaceScope,
        flow_id: &str,
        statuses: &[String],
        page: Option<Page>,
    ) -> Result<(Vec<Firing>, u64)> {
        let mut entries =
            Logs::find().filter(Log::TargetId.eq(flow_id)).filter(Logs::in_scope(scope));
        if !statuses.is_empty() {
            entries = entries.filter(Log::Status.is_in(statuses));
        }
        let entries = query::by_time(entries, Log::ScheduledAt, Order::Descending);
        query::list(self.0.reader(), entries, page).await
    }

    /// Firings of all workspaces that were written before `before` and are not over, the oldest
    /// first.
    pub async fn running_in_any_workspace(
        &self,
        before: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Firing>> {
        let running = Logs::find()
            .filter(Log::Status.eq(Firing::RUNNING))
            .filter(Log::CreatedDate.lt(before))
            .order_by_asc(Log::CreatedDate)
            .limit(limit);
        let running = running.all(self.0.reader()).await.map_err(failed)?;
        Ok(running.into_iter().map(Into::into).collect())
    }

    /// Writes down what came of a firing that was not over; `false` where it was, or is gone.
    pub async fn finish(&self, scope: &WorkspaceScope, firing: &Firing) -> Result<bool> {
        let row = LogRow {
            execution_id: Set(firing.execution_id.clone()),
            status: Set(firing.status.clone()),
            error: Set(firing.error.clone()),
            elapsed_time_ms: Set(firing.elapsed_time_ms),
            ..Default::default()
        };
        let updated = query::changes::<Logs>(Logs::WHAT, row)?
            .filter(Log::Id.eq(&firing.id))
            .filter(Log::Status.eq(Firing::RUNNING))
            .filter(Logs::in_scope(scope))
            .exec(self.0.writer())
            .await
            .map_err(failed)?;
        Ok(updated.rows_affected == 1)
    }

    /// Deletes entries of a flow's log; those that there were.
    pub async fn delete_log(
        &self,
        scope: &WorkspaceScope,
        flow_id: &str,
        ids: &[&str],
    ) -> Result<Vec<Firing>> {
        let transaction = self.0.begin().await?;
        let chosen = || {
            Condition::all()
                .add(Log::Id.is_in(ids.iter().copied()))
                .add(Log::TargetId.eq(flow_id))
                .add(Logs::in_scope(scope))
        };
        let there = Logs::find().filter(chosen()).all(&transaction).await.map_err(failed)?;
        Logs::delete_many().filter(chosen()).exec(&transaction).await.map_err(failed)?;
        commit(transaction).await?;
        Ok(there.into_iter().map(Into::into).collect())
    }

    /// Flows of this type, of all workspaces, that mention `text` and have no schedule.
    pub async fn unscheduled_in_any_workspace(
        &self,
        flow_type: &str,
        text: &str,
    ) -> Result<Vec<ChatFlow>> {
        let scheduled = Query::select().column(Column::TargetId).from(Entity).to_owned();
        let found = chat_flow::Entity::find()
            .filter(chat_flow::Column::FlowType.eq(flow_type))
            .filter(query::holds(chat_flow::Column::FlowData, text))
            .filter(Expr::col(chat_flow::Column::Id).not_in_subquery(scheduled))
            .all(self.0.reader())
            .await
            .map_err(failed)?;
        Ok(found.into_iter().map(Into::into).collect())
    }
}

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
