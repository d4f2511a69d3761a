//! Tables that keep how conversations of agentflows stand, with the columns that `LangGraph` gives
//! them.

use std::time::Duration;

use sqlx::{MySql, Postgres, QueryBuilder, Row as _, Sqlite};
use tokio::sync::{Mutex, MutexGuard};

use crate::{
    Error, Result, Target,
    database::{Connection, within},
    records::{connect, connected, settled},
};

/// How long connecting and each statement may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The columns of a row, but its thread.
const COLUMNS: &str = "checkpoint_id, parent_id, checkpoint, metadata";

/// A table of checkpoints, connected to on first use.
pub struct CheckpointTable {
    targets: Vec<Target>,
    connection: Mutex<Option<Connection>>,
}

/// One checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRow {
    /// Its id, of the seventh version of UUIDs: later ones sort after earlier ones.
    pub id: String,
    /// The one before it.
    pub parent: Option<String>,
    /// How the conversation stands.
    pub checkpoint: Vec<u8>,
    /// What is known of it.
    pub metadata: Vec<u8>,
}

/// Runs the same statement on whichever database is connected.
macro_rules! on {
    ($connection:expr, |$open:ident, $builder:ident| $work:expr) => {
        match $connection {
            Connection::Sqlite($open) => {
                type $builder = QueryBuilder<Sqlite>;
                $work
            }
            Connection::Postgres($open) => {
                type $builder = QueryBuilder<Postgres>;
                $work
            }
            Connection::MySql($open) => {
                type $builder = QueryBuilder<MySql>;
                $work
            }
        }
    };
}

impl CheckpointTable {
    /// The table `checkpoints` in the first of the databases that answers; made where it is not
    /// there.
    pub fn new(targets: Vec<Target>) -> Self {
        Self { targets, connection: Mutex::new(None) }
    }

    /// The newest of a thread.
    ///
    /// # Errors
    /// [`Error::Connection`], [`Error::Statement`] and [`Error::TooSlow`], as all calls.
    pub async fn newest(&self, thread: &str) -> Result<Option<CheckpointRow>> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            on!(connection, |open, Builder| {
                let mut query = Builder::new(format!("SELECT {COLUMNS} FROM checkpoints"));
                query.push(" WHERE thread_id = ").push_bind(thread);
                // Another program's ids, of the sixth version, begin with 1.
                query.push(" AND checkpoint_id LIKE '0%' ORDER BY checkpoint_id DESC LIMIT 1");
                match query.build().fetch_optional(open).await? {
                    None => Ok(None),
                    Some(row) => Ok(Some(CheckpointRow {
                        id: row.try_get(0)?,
                        parent: row.try_get(1)?,
                        checkpoint: row.try_get(2)?,
                        metadata: row.try_get(3)?,
                    })),
                }
            })
        };
        settled(work.await, held)
    }

    /// Keeps one.
    ///
    /// # Errors
    /// As [`newest`](Self::newest).
    pub async fn keep(&self, thread: &str, row: &CheckpointRow) -> Result<()> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            on!(connection, |open, Builder| {
                let mut query =
                    Builder::new(format!("INSERT INTO checkpoints (thread_id, {COLUMNS}) "));
                query.push_values([row], |mut values, it| {
                    values
                        .push_bind(thread)
                        .push_bind(&it.id)
                        .push_bind(&it.parent)
                        .push_bind(&it.checkpoint)
                        .push_bind(&it.metadata);
                });
                query.build().execute(open).await?;
            });
            Ok(())
        };
        settled(work.await, held)
    }

    /// Removes checkpoints of a thread; how many there were.
    ///
    /// # Errors
    /// As [`newest`](Self::newest).
    pub async fn remove(&self, thread: &str, ids: &[String]) -> Result<u64> {
        if ids.is_empty() {
            return Ok(0);
        }
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            on!(connection, |open, Builder| {
                let mut query = Builder::new("DELETE FROM checkpoints");
                query.push(" WHERE thread_id = ").push_bind(thread);
                query.push(" AND checkpoint_id IN (");
                let mut list = query.separated(", ");
                for it in ids {
                    list.push_bind(it);
                }
                query.push(")");
                Ok(query.build().execute(open).await?.rows_affected())
            })
        };
        settled(work.await, held)
    }

    /// Removes those of a thread that are older than `id`.
    ///
    /// # Errors
    /// As [`newest`](Self::newest).
    pub async fn remove_before(&self, thread: &str, id: &str) -> Result<()> {
        let mut held = self.open().await?;
        let connection = connected(&mut held)?;
        let work = async {
            on!(connection, |open, Builder| {
                let mut query = Builder::new("DELETE FROM checkpoints");
                query.push(" WHERE thread_id = ").push_bind(thread);
                query.push(" AND checkpoint_id LIKE '0%' AND checkpoint_id < ").push_bind(id);
                query.build().execute(open).await?;
            });
            Ok(())
        };
        settled(work.await, held)
    }

    /// Connects, where that was not done yet, and makes the table.
    async fn open(&self) -> Result<MutexGuard<'_, Option<Connection>>> {
        let mut held = self.connection.lock().await;
        if held.is_some() {
            return Ok(held);
        }
        let mut refused = Error::Connection("the database server cannot be reached".to_owned());
        for target in &self.targets {
            let opened = within(PATIENCE, async {
                let mut connection =
                    connect(target).await.map_err(|error| Error::connecting(&error))?;
                make(&mut connection).await.map_err(|error| Error::of_statement(&error))?;
                Ok(connection)
            });
            match opened.await {
                Ok(connection) => {
                    *held = Some(connection);
                    return Ok(held);
                }
                Err(error) => refused = error,
            }
        }
        Err(refused)
    }
}

async fn make(connection: &mut Connection) -> sqlx::Result<()> {
    let (text, bytes) = match connection {
        Connection::Sqlite(_) => ("TEXT", "BLOB"),
        Connection::Postgres(_) => ("TEXT", "BYTEA"),
        Connection::MySql(_) => ("VARCHAR(255)", "LONGBLOB"),
    };
    let create = format!(
        "CREATE TABLE IF NOT EXISTS checkpoints (thread_id {text} NOT NULL, checkpoint_id {text} \
         NOT NULL, parent_id {text}, checkpoint {bytes}, metadata {bytes}, PRIMARY KEY \
         (thread_id, checkpoint_id))"
    );
    on!(connection, |open, Builder| {
        Builder::new(create).build().execute(open).await?;
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, said: &str) -> CheckpointRow {
        CheckpointRow {
            id: id.to_owned(),
            parent: None,
            checkpoint: said.as_bytes().to_vec(),
            metadata: b"{}".to_vec(),
        }
    }

    #[tokio::test]
    async fn the_newest_of_a_thread_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let table = CheckpointTable::new(vec![Target::Sqlite(folder.path().join("kept.sqlite"))]);
        assert_eq!(table.newest("a").await.unwrap(), None);
        for (thread, id) in [("a", "01-1"), ("a", "01-2"), ("b", "01-3"), ("a", "1f-0")] {
            table.keep(thread, &row(id, id)).await.unwrap();
        }
        assert_eq!(table.newest("a").await.unwrap(), Some(row("01-2", "01-2")));
        let ids = ["01-2".to_owned(), "01-3".to_owned()];
        assert_eq!(table.remove("a", &ids).await.unwrap(), 1);
        assert_eq!(table.newest("a").await.unwrap(), Some(row("01-1", "01-1")));
        assert_eq!(table.newest("b").await.unwrap(), Some(row("01-3", "01-3")));
        table.keep("a", &row("01-4", "01-4")).await.unwrap();
        table.remove_before("a", "01-4").await.unwrap();
        assert_eq!(table.remove("a", &["01-1".to_owned(), "1f-0".to_owned()]).await.unwrap(), 1);
    }
}
