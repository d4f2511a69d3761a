//! A record manager that keeps its records in memory.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use async_trait::async_trait;
use flowstone_core::{Cleanup, Record, RecordFilter, RecordManager, Result};

/// Records by collection and key, with the time of each.
#[derive(Default)]
pub struct MemoryRecords {
    cleanup: Cleanup,
    records: Mutex<BTreeMap<(String, String), (Record, f64)>>,
}

impl MemoryRecords {
    /// An empty one; `source` is the key of a document's source.
    pub fn new(cleanup: Cleanup) -> Self {
        Self { cleanup, ..Self::default() }
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<(String, String), (Record, f64)>> {
        self.records.lock().unwrap()
    }
}

#[async_trait]
impl RecordManager for MemoryRecords {
    fn cleanup(&self) -> Cleanup {
        self.cleanup
    }

    fn source_key(&self) -> &'static str {
        "source"
    }

    async fn begin(&self, _: &str) -> Result<f64> {
        Ok(self.all().values().map(|it| it.1).fold(0.0, f64::max) + 1.0)
    }

    async fn known(&self, collection: &str, keys: &[String]) -> Result<Vec<bool>> {
        let all = self.all();
        let known = |key: &String| all.contains_key(&(collection.to_owned(), key.clone()));
        Ok(keys.iter().map(known).collect())
    }

    async fn keep(&self, collection: &str, records: &[Record], time: f64) -> Result<()> {
        let mut all = self.all();
        for record in records {
            all.insert((collection.to_owned(), record.key.clone()), (record.clone(), time));
        }
        Ok(())
    }

    async fn list(&self, collection: &str, filter: &RecordFilter) -> Result<Vec<String>> {
        let all = self.all();
        let meant = all.iter().filter(|((place, _), (record, time))| {
            let of_source = |sources: &Vec<String>| {
                record.source.as_ref().is_some_and(|it| sources.contains(it))
            };
            place == collection
                && filter.before.is_none_or(|before| *time < before)
                && filter.sources.as_ref().is_none_or(of_source)
                && (filter.loader.is_none() || filter.loader == record.loader)
        });
        let keys = meant.map(|((_, key), _)| key.clone());
        Ok(keys.take(filter.limit.unwrap_or(usize::MAX)).collect())
    }

    async fn count(&self, collection: &str) -> Result<usize> {
        Ok(self.all().keys().filter(|it| it.0 == collection).count())
    }

    async fn forget(&self, collection: &str, keys: &[String]) -> Result<()> {
        self.all().retain(|(place, key), _| place != collection || !keys.contains(key));
        Ok(())
    }
}
