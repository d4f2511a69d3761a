//! What a move did, in words.

use std::{collections::BTreeMap, fmt};

use flowstone_flowise::Table;
use serde::Serialize;

use super::Fate;

/// What came over, what differs and what did not.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Nothing was written.
    rehearsal: bool,
    /// By table.
    counts: BTreeMap<&'static str, Count>,
    /// What works otherwise here, flow by flow.
    differs: Vec<String>,
    /// What is missing here, and why.
    not_taken: Vec<String>,
    /// What its user has to do now.
    to_do: Vec<String>,
}

/// How many rows of one kind.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Count {
    /// Came over.
    taken: u64,
    /// Were here already and stayed as they are.
    here: u64,
}

impl Report {
    pub(super) fn new(rehearsal: bool) -> Self {
        Self {
            rehearsal,
            counts: BTreeMap::new(),
            differs: Vec::new(),
            not_taken: Vec::new(),
            to_do: Vec::new(),
        }
    }

    pub(super) fn count(&mut self, table: Table, fate: Fate) {
        self.count_many(many_of(table), 1, fate);
    }

    pub(super) fn count_many(&mut self, what: &'static str, rows: u64, fate: Fate) {
        let count = self.counts.entry(what).or_default();
        match fate {
            Fate::Taken => count.taken += rows,
            Fate::Here => count.here += rows,
        }
    }

    pub(super) fn differs(&mut self, line: String) {
        push_once(&mut self.differs, line);
    }

    pub(super) fn not_taken(&mut self, line: String) {
        push_once(&mut self.not_taken, line);
    }

    pub(super) fn advise(&mut self, line: &str) {
        push_once(&mut self.to_do, line.to_owned());
    }
}

fn push_once(lines: &mut Vec<String>, line: String) {
    if !lines.contains(&line) {
        lines.push(line);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let title = if self.rehearsal { "Would come over" } else { "Came over" };
        writeln!(out, "{title}")?;
        if self.counts.is_empty() {
            writeln!(out, "  nothing: the source is empty")?;
        }
        for (what, count) in &self.counts {
            write!(out, "  {what:<18} {:>8}", count.taken)?;
            if count.here > 0 {
                write!(out, "   ({} here already)", count.here)?;
            }
            writeln!(out)?;
        }
        let parts = [
            ("Works differently here", &self.differs),
            ("Did not come over", &self.not_taken),
            ("What to do now", &self.to_do),
        ];
        for (title, lines) in parts.into_iter().filter(|(_, lines)| !lines.is_empty()) {
            writeln!(out, "\n{title}")?;
            for line in lines {
                writeln!(out, "  - {line}")?;
            }
        }
        Ok(())
    }
}

/// What a row of a table is called.
pub(super) fn one_of(table: Table) -> &'static str {
    match table {
        Table::ApiKey => "API key",
        Table::Assistant => "assistant",
        Table::ChatFlow => "flow",
        Table::ChatMessage => "message",
        Table::ChatMessageFeedback => "feedback",
        Table::Credential => "credential",
        Table::CustomTemplate => "template",
        Table::DocumentStore => "document store",
        Table::DocumentStoreFileChunk => "chunk of a document store",
        Table::Execution => "execution",
        Table::Lead => "lead",
        Table::Tool => "tool",
        Table::UpsertHistory => "upsert history entry",
        Table::User => "user",
        Table::Variable => "variable",
        Table::Workspace => "workspace",
        other => other.name(),
    }
}

fn many_of(table: Table) -> &'static str {
    match table {
        Table::ApiKey => "API keys",
        Table::Assistant => "assistants",
        Table::ChatFlow => "flows",
        Table::ChatMessage => "messages",
        Table::ChatMessageFeedback => "feedback",
        Table::Credential => "credentials",
        Table::CustomTemplate => "templates",
        Table::DocumentStore => "document stores",
        Table::DocumentStoreFileChunk => "chunks of document stores",
        Table::Execution => "executions",
        Table::Lead => "leads",
        Table::Tool => "tools",
        Table::UpsertHistory => "upsert history",
        Table::User => "users",
        Table::Variable => "variables",
        Table::Workspace => "workspaces",
        other => other.name(),
    }
}
