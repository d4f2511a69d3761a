//! What was spent on models: by flows and by API keys, of both kinds of runs.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter,
    QuerySelect,
    sea_query::{Alias, ExprTrait},
};

use crate::{
    Error, Result, Store, WorkspaceScope,
    entities::{execution, flow_run},
    query::{self, Table},
};

/// What was spent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Spending {
    /// Tokens that models read.
    pub input_tokens: i64,
    /// Tokens that models wrote.
    pub output_tokens: i64,
    /// US dollars, of the calls whose price is known.
    pub cost: f64,
}

/// Whose spending is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendingOf {
    /// Of each flow; what it was asked by other flows included.
    Flows,
    /// Of each key that was shown with a call; `None` for calls without one. What a flow asks of
    /// others counts once.
    Keys,
}

/// Which runs count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendingFilter {
    /// Begun at this time or later.
    pub start: Option<DateTime<Utc>>,
    /// Begun at this time or before.
    pub end: Option<DateTime<Utc>>,
}

/// What one of them has spent.
#[derive(Clone, Debug, PartialEq)]
pub struct SpendingRow {
    /// Id of the flow or the key.
    pub id: Option<String>,
    /// How many runs.
    pub runs: i64,
    /// In all of them.
    pub spent: Spending,
}

/// What flows and keys have spent; see [`Store::spending`].
#[derive(Debug)]
pub struct Spenders<'a>(pub(crate) &'a Store);

/// A group as databases sum it up.
type Group = (Option<String>, i64, Option<i64>, Option<i64>, Option<f64>);

/// One query over the runs of one kind. A macro, because the columns of two tables have two types.
macro_rules! groups {
    ($table:ident, $flow:ident, $begun:ident, $self:ident, $scope:ident, $of:ident, $filter:ident) => {{
        use $table::{Column, Entity};
        let whole = $self.whole();
        let sum = |column: Column| column.sum().cast_as(whole.clone());
        let by = match $of {
            SpendingOf::Flows => Column::$flow,
            SpendingOf::Keys => Column::ApiKeyId,
        };
        let outer = matches!($of, SpendingOf::Keys).then(|| Column::Depth.eq(0));
        let wanted = Condition::all()
            .add(Entity::in_scope($scope))
            .add(query::between(Column::$begun, $filter.start, $filter.end))
            .add_option(outer);
        Entity::find()
            .select_only()
            .column(by)
            .column_as(Column::Id.count(), "runs")
            .column_as(sum(Column::InputTokens), "read")
            .column_as(sum(Column::OutputTokens), "written")
            .column_as(Column::Cost.sum(), "dollars")
            .filter(wanted)
            .group_by(by)
            .into_tuple::<Group>()
            .all($self.0.reader())
            .await
            .map_err(|error| failed(Entity::WHAT, error))?
    }};
}

impl Spenders<'_> {
    /// What flows or keys have spent, those that spent most first.
    pub async fn list(
        &self,
        scope: &WorkspaceScope,
        of: SpendingOf,
        filter: SpendingFilter,
    ) -> Result<Vec<SpendingRow>> {
        let agentflows = groups!(execution, AgentflowId, CreatedDate, self, scope, of, filter);
        let others = groups!(flow_run, ChatflowId, StartedDate, self, scope, of, filter);
        let mut rows: BTreeMap<Option<String>, SpendingRow> = BTreeMap::new();
        for (id, runs, read, written, cost) in agentflows.into_iter().chain(others) {
            let row = rows.entry(id.clone()).or_insert_with(|| SpendingRow {
                id,
                runs: 0,
                spent: Spending::default(),
            });
            row.runs += runs;
            row.spent.input_tokens += read.unwrap_or_default();
            row.spent.output_tokens += written.unwrap_or_default();
            row.spent.cost += cost.unwrap_or_default();
        }
        let mut rows: Vec<_> = rows.into_values().collect();
        let tokens = |it: &SpendingRow| it.spent.input_tokens + it.spent.output_tokens;
        rows.sort_by(|one, other| {
            let by_cost = other.spent.cost.total_cmp(&one.spent.cost);
            by_cost.then_with(|| tokens(other).cmp(&tokens(one)))
        });
        Ok(rows)
    }

    /// Databases make a decimal of a sum of whole numbers: this makes it whole again.
    fn whole(&self) -> Alias {
        match self.0.reader().get_database_backend() {
            DbBackend::MySql => Alias::new("SIGNED"),
            _ => Alias::new("BIGINT"),
        }
    }
}

fn failed(what: &'static str, error: DbErr) -> Error {
    Error::database(what, error)
}
