//! Moving a Flowise installation in: what it keeps is read, mapped and written, and what happened is
//! told. The source is only read, and a second run finds what the first one brought.

mod document_stores;
mod files;
mod people;
mod report;
mod things;

use std::collections::HashMap;

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use flowstone_flowise::{Key, Row, Source, Table};
use flowstone_store::{Store, WorkspaceScope};
use futures::TryStreamExt as _;

pub(crate) use report::Report;

use crate::{examples, installation::Installation};

/// How many messages are written at once.
const BATCH: usize = 200;

/// One move.
pub(crate) struct Import<'a> {
    source: &'a Source,
    target: &'a Installation,
    /// Opens the source's credentials; without it they cannot be taken.
    key: Option<Key>,
    /// Reads and tells, but writes nothing.
    rehearsal: bool,
    now: DateTime<Utc>,
    /// Workspaces of the source and what they are called here.
    workspaces: HashMap<String, String>,
    /// Where things go that name no workspace.
    default_workspace: String,
    /// The workspace here of each flow that came over or was here.
    flows: HashMap<String, String>,
    /// The document stores that came over or were here.
    document_stores: HashMap<String, document_stores::Moved>,
    report: Report,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It came over.
    Taken,
    /// It was here before.
    Here,
}

impl<'a> Import<'a> {
    /// Makes a move ready. A target without any workspace gets its first one, which the first
    /// account moves into.
    pub(crate) async fn new(
        source: &'a Source,
        target: &'a Installation,
        key: Option<Key>,
        rehearsal: bool,
    ) -> Result<Self> {
        let default_workspace = if rehearsal {
            target.default_workspace().await?
        } else {
            examples::default_workspace(&target.store).await?.id
        };
        Ok(Self {
            source,
            target,
            key,
            rehearsal,
            now: Utc::now(),
            workspaces: HashMap::new(),
            default_workspace,
            flows: HashMap::new(),
            document_stores: HashMap::new(),
            report: Report::new(rehearsal),
        })
    }

    /// Moves everything and tells what happened.
    ///
    /// # Errors
    /// Where either database stops answering; what came over until then is whole, and the next run
    /// goes on.
    pub(crate) async fn run(mut self) -> Result<Report> {
        self.workspaces().await?;
        self.people().await?;
        self.api_keys().await?;
        self.credentials().await?;
        self.variables().await?;
        self.tools().await?;
        self.assistants().await?;
        self.templates().await?;
        self.flows().await?;
        self.messages().await?;
        self.feedback().await?;
        self.executions().await?;
        self.leads().await?;
        self.document_stores().await?;
        self.upsert_history().await?;
        self.files().await?;
        for table in LEFT {
            let rows = self.source.count(*table).await?.unwrap_or_default();
            if rows > 0 {
                self.report.not_taken(format!("{rows} × {}", left_behind(*table)));
            }
        }
        if self.store().users().count().await? == 0 && !self.rehearsal {
            self.report.advise("Sign up in the browser: the first account gets all of this.");
        }
        Ok(self.report)
    }

    fn store(&self) -> &'a Store {
        &self.target.store
    }

    /// All rows of a small table.
    async fn rows(&self, table: Table) -> Result<Vec<Row>> {
        let rows = self.source.rows(table).try_collect().await;
        rows.with_context(|| format!("the table {}", table.name()))
    }

    /// The workspace here that a row belongs to.
    fn workspace_of(&self, row: &Row) -> String {
        let named = row.text("workspaceId").and_then(|it| self.workspaces.get(&it));
        named.unwrap_or(&self.default_workspace).clone()
    }

    fn scope_of(&self, row: &Row) -> WorkspaceScope {
        WorkspaceScope::new(self.workspace_of(row))
    }

    /// When a row was made; now, where it does not say.
    fn made(&self, row: &Row) -> DateTime<Utc> {
        row.time("createdDate").unwrap_or(self.now)
    }

    /// When a row was changed last.
    fn changed(&self, row: &Row) -> DateTime<Utc> {
        row.time("updatedDate").unwrap_or_else(|| self.made(row))
    }

    /// Writes a row, or looks in a rehearsal whether it is here; whether it is here in the end.
    async fn keep(
        &mut self,
        table: Table,
        name: &str,
        here: impl Future<Output = bool>,
        written: impl Future<Output = flowstone_store::Result<()>>,
    ) -> Result<bool> {
        if !self.rehearsal {
            return self.settle(table, name, written.await);
        }
        self.report.count(table, if here.await { Fate::Here } else { Fate::Taken });
        Ok(true)
    }

    /// Counts what an insert did. A row that is here already is left as it is.
    fn settle(
        &mut self,
        table: Table,
        name: &str,
        written: flowstone_store::Result<()>,
    ) -> Result<bool> {
        use flowstone_store::Error;
        let fate = match written {
            Ok(()) => Fate::Taken,
            Err(Error::Conflict { .. }) => Fate::Here,
            // What cannot be kept is told and the rest goes on.
            Err(error @ (Error::Invalid { .. } | Error::NotFound { .. })) => {
                self.report.not_taken(format!("{} \"{name}\": {error}", report::one_of(table)));
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        self.report.count(table, fate);
        Ok(true)
    }
}

/// What is counted but not taken.
const LEFT: &[Table] = &[
    Table::Dataset,
    Table::DatasetRow,
    Table::Evaluation,
    Table::EvaluationRun,
    Table::Evaluator,
    Table::CustomMcpServer,
    Table::ScheduleRecord,
];

/// Why it is not.
fn left_behind(table: Table) -> &'static str {
    match table {
        Table::Dataset | Table::DatasetRow => "data set or row of one: this version keeps none yet",
        Table::Evaluation | Table::EvaluationRun | Table::Evaluator => {
            "evaluation or evaluator: this version keeps none yet"
        }
        Table::CustomMcpServer => "MCP server: its sign-in is bound to the old key; add it again",
        Table::ScheduleRecord => "schedule: made anew, switched off until somebody switches it on",
        _ => "row",
    }
}

#[cfg(test)]
mod tests;
