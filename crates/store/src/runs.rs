//! Runs of flows: how each call went, and what it did on the way.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, DbErr, DerivePartialModel, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, sea_query::SimpleExpr,
};

use crate::{
    Error, Order, Page, Result, Store, WorkspaceScope,
    entities::flow_run::{Column, Entity, Model},
    query::{self, Table},
};

/// How many runs are written in one statement.
const ROWS_PER_QUERY: usize = 100;

/// A run of a flow. Fields that hold JSON are kept as text.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowRun {
    /// Id: that of the answer's message.
    pub id: String,
    /// The workspace of the flow.
    pub workspace_id: String,
    /// The flow.
    pub chatflow_id: String,
    /// Which version of it ran, where it is numbered.
    pub version: Option<i32>,
    /// Its draft ran.
    pub draft: bool,
    /// The chat.
    pub chat_id: String,
    /// The conversation that memories followed.
    pub session_id: String,
    /// Where the call came from: `INTERNAL` or `EXTERNAL`.
    pub chat_type: String,
    /// How it ended: [`FlowRun::FINISHED`], [`FlowRun::ERROR`] or [`FlowRun::STOPPED`].
    pub state: String,
    /// When it began.
    pub started_date: DateTime<Utc>,
    /// How long it took.
    pub milliseconds: i64,
    /// Tokens that models read, where vendors told.
    pub input_tokens: Option<i64>,
    /// Tokens that models wrote, where vendors told.
    pub output_tokens: Option<i64>,
    /// What it cost in US dollars, where the prices are known.
    pub cost: Option<f64>,
    /// What was asked, cut.
    pub question: String,
    /// Why it failed.
    pub error: Option<String>,
    /// Id of the node that failed.
    pub error_node_id: Option<String>,
    /// Its label on the canvas.
    pub error_node_label: Option<String>,
    /// Label of the row that is wrong.
    pub error_row: Option<String>,
    /// What it did, as JSON.
    pub spans: String,
    /// How much more it did that was not written down.
    pub spans_left_out: i32,
    /// How many flows stood between the caller and this one.
    pub depth: i32,
    /// The key that was shown with the call, where it is one of the workspace.
    pub api_key_id: Option<String>,
}

impl FlowRun {
    /// It answered.
    pub const FINISHED: &'static str = "FINISHED";
    /// It failed.
    pub const ERROR: &'static str = "ERROR";
    /// Somebody stopped it, or nobody listened any more.
    pub const STOPPED: &'static str = "STOPPED";
}

/// A run without what it did on the way.
#[derive(Clone, Debug, PartialEq, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct FlowRunSummary {
    /// Id: that of the answer's message.
    pub id: String,
    /// The flow.
    pub chatflow_id: String,
    /// Which version of it ran, where it is numbered.
    pub version: Option<i32>,
    /// Its draft ran.
    pub draft: bool,
    /// The chat.
    pub chat_id: String,
    /// The conversation that memories followed.
    pub session_id: String,
    /// Where the call came from: `INTERNAL` or `EXTERNAL`.
    pub chat_type: String,
    /// How it ended.
    pub state: String,
    /// When it began.
    pub started_date: DateTime<Utc>,
    /// How long it took.
    pub milliseconds: i64,
    /// Tokens that models read, where vendors told.
    pub input_tokens: Option<i64>,
    /// Tokens that models wrote, where vendors told.
    pub output_tokens: Option<i64>,
    /// What it cost in US dollars, where the prices are known.
    pub cost: Option<f64>,
    /// What was asked, cut.
    pub question: String,
    /// Why it failed.
    pub error: Option<String>,
    /// Id of the node that failed.
    pub error_node_id: Option<String>,
    /// Its label on the canvas.
    pub error_node_label: Option<String>,
    /// Label of the row that is wrong.
    pub error_row: Option<String>,
}

impl From<FlowRun> for FlowRunSummary {
    fn from(run: FlowRun) -> Self {
        Self {
            id: run.id,
            chatflow_id: run.chatflow_id,
            version: run.version,
            draft: run.draft,
            chat_id: run.chat_id,
            session_id: run.session_id,
            chat_type: run.chat_type,
            state: run.state,
            started_date: run.started_date,
            milliseconds: run.milliseconds,
            input_tokens: run.input_tokens,
            output_tokens: run.output_tokens,
            cost: run.cost,
            question: run.question,
            error: run.error,
            error_node_id: run.error_node_id,
            error_node_label: run.error_node_label,
            error_row: run.error_row,
        }
    }
}

/// Which runs a list is about.
#[derive(Clone, Debug, Default)]
pub struct FlowRunFilter {
    /// Only of this flow.
    pub chatflow_id: Option<String>,
    /// Only those that ended in one of these ways; all where there is none.
    pub states: Vec<String>,
    /// Only of this conversation.
    pub session_id: Option<String>,
    /// Not begun before this time.
    pub start: Option<DateTime<Utc>>,
    /// Not begun after this time.
    pub end: Option<DateTime<Utc>>,
    /// Only with this in the question, the failure or one of the ids.
    pub search: Option<String>,
}

/// The runs; see [`Store::runs`].
#[derive(Debug)]
pub struct FlowRuns<'a>(pub(crate) &'a Store);

impl FlowRuns<'_> {
    /// One run with what it did.
    pub async fn get(&self, scope: &WorkspaceScope, id: &str) -> Result<FlowRun> {
        Ok(query::get::<Entity>(self.0.reader(), scope, id).await?.into())
    }

    /// Runs, the newest first, and how many there are in all.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        filter: &FlowRunFilter,
        page: Option<Page>,
    ) -> Result<(Vec<FlowRunSummary>, u64)> {
        let runs = select(scope, filter);
        let runs = query::by_time(runs, Column::StartedDate, Order::Descending);
        query::list_partial(self.0.reader(), runs, page).await
    }

    /// Adds runs of any workspaces: each says whose it is. How many are not kept because their
    /// flow is gone by now.
    pub async fn insert_for_anyone(&self, runs: &[FlowRun]) -> Result<usize> {
        let mut lost = 0;
        for runs in runs.chunks(ROWS_PER_QUERY) {
            match self.insert_all(runs).await {
                Ok(()) => {}
                // One of them does not fit: the others shall not pay for it.
                Err(Error::Conflict { .. } | Error::Invalid { .. }) => {
                    for run in runs {
                        match self.insert_all(std::slice::from_ref(run)).await {
                            Ok(()) => {}
                            Err(Error::Conflict { .. } | Error::Invalid { .. }) => lost += 1,
                            Err(error) => return Err(error),
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(lost)
    }

    async fn insert_all(&self, runs: &[FlowRun]) -> Result<()> {
        let rows: Vec<_> = runs.iter().map(|it| Model::from(it).into_active_model()).collect();
        for row in &rows {
            query::check_texts(Entity::WHAT, row)?;
        }
        let insert = Entity::insert_many(rows);
        insert.exec_without_returning(self.0.writer()).await.map_err(failed)?;
        Ok(())
    }

    /// Deletes runs; how many of the ids there were.
    pub async fn delete(&self, scope: &WorkspaceScope, ids: &[&str]) -> Result<u64> {
        query::delete::<Entity>(self.0, scope, ids).await
    }

    /// Deletes, in all workspaces, what began before `before`, and the oldest where there are more
    /// than `keep`; how many there were.
    pub async fn prune_everywhere(&self, before: DateTime<Utc>, keep: u64) -> Result<u64> {
        let first_too_many: Option<DateTime<Utc>> = Entity::find()
            .select_only()
            .column(Column::StartedDate)
            .order_by_desc(Column::StartedDate)
            .offset(keep)
            .limit(1)
            .into_tuple()
            .one(self.0.reader())
            .await
            .map_err(failed)?;
        let mut old = Condition::any().add(Column::StartedDate.lt(before));
        if let Some(time) = first_too_many {
            old = old.add(Column::StartedDate.lte(time));
        }
        let deleted =
            Entity::delete_many().filter(old).exec(self.0.writer()).await.map_err(failed)?;
        Ok(deleted.rows_affected)
    }
}

fn select(scope: &WorkspaceScope, filter: &FlowRunFilter) -> Select<Entity> {
    let mut runs = Entity::find().filter(Entity::in_scope(scope)).filter(query::between(
        Column::StartedDate,
        filter.start,
        filter.end,
    ));
    if let Some(flow) = &filter.chatflow_id {
        runs = runs.filter(Column::ChatflowId.eq(flow));
    }
    if let Some(session) = &filter.session_id {
        runs = runs.filter(Column::SessionId.eq(session));
    }
    if !filter.states.is_empty() {
        runs = runs.filter(Column::State.is_in(&filter.states));
    }
    if let Some(text) = &filter.search {
        let found: [SimpleExpr; 5] = [
            query::holds_in_any_case(Column::Question, text),
            query::holds_in_any_case(Column::Error, text),
            Column::Id.eq(text),
            Column::ChatId.eq(text),
            Column::SessionId.eq(text),
        ];
        runs = runs.filter(found.into_iter().fold(Condition::any(), Condition::add));
    }
    runs
}

fn failed(error: DbErr) -> Error {
    Error::database(Entity::WHAT, error)
}
