//! What the caches in the memory of this process hold, bounded for all flows together.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use moka::future::Cache;

/// Most bytes of answers, and as many of vectors.
const CAPACITY: u64 = 64 * 1024 * 1024;
/// How long something is kept that nobody asks for.
const IDLE: Duration = Duration::from_hours(24);
/// What an entry costs beside its content, about.
const OVERHEAD: usize = 200;

/// Answers and vectors in memory; the program makes one of these. What was not asked for the
/// longest goes first.
pub struct CachePool {
    answers: Cache<(u64, String), Arc<str>>,
    vectors: Cache<String, Arc<[f32]>>,
    opened: AtomicU64,
}

impl Default for CachePool {
    fn default() -> Self {
        let weight = |bytes: usize| u32::try_from(bytes + OVERHEAD).unwrap_or(u32::MAX);
        Self {
            answers: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_idle(IDLE)
                .weigher(move |key: &(u64, String), text: &Arc<str>| {
                    weight(key.1.len() + text.len())
                })
                .build(),
            vectors: Cache::builder()
                .max_capacity(CAPACITY)
                .time_to_idle(IDLE)
                .weigher(move |key: &String, vector: &Arc<[f32]>| {
                    weight(key.len() + size_of_val(vector.as_ref()))
                })
                .build(),
            opened: AtomicU64::new(0),
        }
    }
}

impl CachePool {
    /// A number under which nothing was kept before.
    pub(super) fn open(&self) -> u64 {
        self.opened.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) async fn answer(&self, number: u64, key: &str) -> Option<String> {
        self.answers.get(&(number, key.to_owned())).await.map(|it| it.to_string())
    }

    pub(super) async fn keep_answer(&self, number: u64, key: &str, text: &str) {
        self.answers.insert((number, key.to_owned()), text.into()).await;
    }

    pub(super) async fn vector(&self, key: &str) -> Option<Vec<f32>> {
        self.vectors.get(key).await.map(|it| it.to_vec())
    }

    pub(super) async fn keep_vector(&self, key: String, vector: &[f32]) {
        self.vectors.insert(key, vector.into()).await;
    }
}
