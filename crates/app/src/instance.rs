//! The name under which this process owns runs of agentflows, and what the one before it left.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use anyhow::{Context as _, Result};
use flowstone_store::{DatabaseSettings, Store};
use uuid::Uuid;

/// Beside a database of this machine: who has it now.
const FILE: &str = "instance.lock";

/// The name of this process among those of its database.
pub(crate) struct Instance {
    /// No other process has had it.
    pub(crate) name: String,
    /// Held until the process is gone, however it goes.
    lock: Option<File>,
}

impl Instance {
    /// Takes a name. Where the database is a file, the runs of the process that had it before are
    /// given up, since nobody walks them any more: they need not wait until their lease is over.
    ///
    /// # Errors
    /// Where the file cannot be written or the database cannot be asked.
    pub(crate) async fn claim(database: &DatabaseSettings, store: &Store) -> Result<Self> {
        let name = Uuid::new_v4().to_string();
        let DatabaseSettings::Sqlite { path } = database else {
            return Ok(Self { name, lock: None });
        };
        let Some(mut file) = lock(&path.with_file_name(FILE))? else {
            tracing::info!("another process has this database too: runs are shared by leases");
            return Ok(Self { name, lock: None });
        };
        let mut before = String::new();
        file.read_to_string(&mut before).context(FILE)?;
        if !before.is_empty() {
            let left = store.executions().release(&before).await?;
            tracing::debug!(left, "runs of the process before this one were given up");
        }
        // Only now: a process that ends before this line leaves the old name to the next one.
        file.rewind().and_then(|()| file.set_len(0)).context(FILE)?;
        file.write_all(name.as_bytes()).and_then(|()| file.sync_data()).context(FILE)?;
        Ok(Self { name, lock: Some(file) })
    }

    /// Whether no other process can have this database.
    pub(crate) fn is_alone(&self) -> bool {
        self.lock.is_some()
    }
}

/// The file, if no other process holds it.
fn lock(path: &Path) -> Result<Option<File>> {
    let mut options = OpenOptions::new();
    let file = options.read(true).write(true).create(true).truncate(false).open(path);
    let file = file.with_context(|| format!("{FILE} beside the database cannot be opened"))?;
    // Also where the file system knows no locks: then nobody can say who is gone.
    Ok(file.try_lock().is_ok().then_some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_process_has_the_database_and_each_has_a_name_of_its_own() {
        let folder = tempfile::tempdir().unwrap();
        let database = DatabaseSettings::Sqlite { path: folder.path().join("database.sqlite") };
        let store = Store::connect(&database).await.unwrap();
        let first = Instance::claim(&database, &store).await.unwrap();
        let beside = Instance::claim(&database, &store).await.unwrap();
        assert!(first.is_alone() && !beside.is_alone());
        let noted = || std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(noted(), first.name);
        drop(first);
        let next = Instance::claim(&database, &store).await.unwrap();
        assert!(next.is_alone());
        assert_eq!(noted(), next.name);
        assert_ne!(next.name, beside.name);
    }
}
