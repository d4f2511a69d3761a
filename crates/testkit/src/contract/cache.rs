//! What every cache of answers must do.

use flowstone_core::Cache;

/// Laws of an empty cache: what was kept comes back as it was, the newest under a key counts, and
/// keys do not get into each other's way.
pub async fn suite(cache: &dyn Cache) {
    assert_eq!(cache.get("one").await.expect("an empty cache can be read"), None);
    cache.put("one", "první 🐎\n").await.expect("an answer is kept");
    cache.put("two", "").await.expect("an empty answer is kept");
    let long = "x".repeat(100_000);
    cache.put("three", &long).await.expect("a long answer is kept");
    for (key, kept) in [("one", "první 🐎\n"), ("two", ""), ("three", long.as_str())] {
        let found = cache.get(key).await.expect("a cache can be read");
        assert_eq!(found.as_deref(), Some(kept), "{key}");
    }
    cache.put("one", "again").await.expect("an answer is replaced");
    let found = cache.get("one").await.expect("a cache can be read");
    assert_eq!(found.as_deref(), Some("again"), "the newest counts");
    assert_eq!(cache.get("four").await.expect("a cache can be read"), None);
}
