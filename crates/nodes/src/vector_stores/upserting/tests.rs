//! Nothing is written twice, and what is gone from its source is removed, over a real table.

#![cfg(feature = "sql")]

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use flowstone_core::{Capability, MetadataFilter, Node};
use flowstone_sql::RecordFile;
use flowstone_testkit::BagOfWords;
use proptest::prelude::*;
use serde_json::json;
use tokio::sync::Mutex;

use super::*;
use crate::{
    record_manager::sqlite_record_manager::SqliteRecordManager,
    testing::{form, plug},
};

/// A store that counts what it holds by id, and refuses to write once it holds so much.
#[derive(Default)]
struct Shelf {
    held: Mutex<BTreeMap<String, Document>>,
    most: Option<usize>,
}

#[async_trait]
impl VectorStore for Shelf {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        let mut held = self.held.lock().await;
        for document in documents {
            if self.most.is_some_and(|most| held.len() >= most) {
                return Err(Error::Transport("the store is down".to_owned()));
            }
            held.insert(document.id.clone().unwrap(), document.clone());
        }
        Ok(documents.iter().filter_map(|it| it.id.clone()).collect())
    }

    async fn search_among(
        &self,
        _: &str,
        _: usize,
        _: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        Ok(Vec::new())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        let mut held = self.held.lock().await;
        held.retain(|id, _| !ids.contains(id));
        Ok(())
    }
}

impl Shelf {
    async fn texts(&self) -> BTreeSet<(String, String)> {
        let held = self.held.lock().await;
        held.values()
            .map(|it| (source_of(it, "source").unwrap(), it.page_content.clone()))
            .collect()
    }
}

fn documents_of(contents: &BTreeSet<(String, String)>) -> Vec<Document> {
    let document = |(source, text): &(String, String)| Document {
        page_content: text.clone(),
        metadata: Map::from_iter([("source".to_owned(), source.clone().into())]),
        id: None,
    };
    contents.iter().map(document).collect()
}

/// A form with this record manager and these documents.
async fn filled(folder: &std::path::Path, cleanup: &str, documents: Vec<Document>) -> Inputs {
    let mut records = form(&json!({"cleanup": cleanup, "namespace": "n"}));
    let services = flowstone_testkit::services();
    let file = RecordFile::new(folder.join("records.sqlite"));
    records.services = Arc::new(services.with(Arc::new(file)));
    let made = SqliteRecordManager.init(&records).await.unwrap();
    let mut form = form(&json!({}));
    plug(&mut form, "recordManager", made);
    plug(&mut form, "document", Capability::Documents(Arc::new(documents)));
    plug(&mut form, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    form
}

fn set(pairs: &[(&str, &str)]) -> BTreeSet<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test]
async fn what_is_known_is_skipped_and_what_is_gone_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::default();
    let write = async |cleanup: &str, pairs: &[(&str, &str)]| {
        let form = filled(folder.path(), cleanup, documents_of(&set(pairs))).await;
        let done = upsert(&shelf, "c", &form).await.unwrap();
        (
            done.num_added,
            done.num_skipped.unwrap(),
            done.num_deleted.unwrap(),
            done.total_keys.unwrap(),
        )
    };
    assert_eq!(write("none", &[("a", "1"), ("a", "2"), ("b", "1")]).await, (3, 0, 0, 3));
    assert_eq!(write("none", &[("a", "1"), ("a", "3")]).await, (1, 1, 0, 4));
    // Only of source a, what was not written again goes.
    assert_eq!(write("incremental", &[("a", "3")]).await, (0, 1, 2, 2));
    assert_eq!(shelf.texts().await, set(&[("a", "3"), ("b", "1")]));
    assert_eq!(write("full", &[("c", "9")]).await, (1, 0, 2, 1));
    assert_eq!(shelf.texts().await, set(&[("c", "9")]));
    assert_eq!(write("full", &[]).await, (0, 0, 1, 0));
}

#[tokio::test]
async fn a_try_after_a_failure_writes_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let contents: BTreeSet<(String, String)> =
        (0..250).map(|it| ("s".to_owned(), format!("text {it}"))).collect();
    let form = filled(folder.path(), "full", documents_of(&contents)).await;
    let mut shelf = Shelf { most: Some(130), ..Shelf::default() };
    assert!(upsert(&shelf, "c", &form).await.is_err(), "it goes down in the second batch");
    assert_eq!(shelf.held.lock().await.len(), 130);
    shelf.most = None;
    let done = upsert(&shelf, "c", &form).await.unwrap();
    assert_eq!((done.num_added, done.num_skipped), (150, Some(100)));
    assert_eq!(shelf.texts().await, contents);
    assert_eq!(done.num_deleted, Some(0));
}

#[tokio::test]
async fn incremental_needs_to_know_where_each_document_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let document = Document { page_content: "lost".into(), ..Document::default() };
    let form = filled(folder.path(), "incremental", vec![document]).await;
    let shelf = Shelf::default();
    let said = upsert(&shelf, "c", &form).await.unwrap_err().to_string();
    assert!(said.starts_with("SourceId Key: "), "{said}");
    assert!(shelf.held.lock().await.is_empty(), "nothing was written");
}

#[tokio::test]
async fn what_the_records_know_can_be_removed_by_loader() {
    let folder = tempfile::tempdir().unwrap();
    let mut documents = documents_of(&set(&[("a", "1"), ("b", "2")]));
    documents[0].metadata.insert("docId".to_owned(), "l1".into());
    documents[1].metadata.insert("docId".to_owned(), "l2".into());
    let form = filled(folder.path(), "none", documents).await;
    let shelf = Shelf::default();
    upsert(&shelf, "c", &form).await.unwrap();
    remove(&shelf, "c", &form, &Removal::Loader("l1".to_owned())).await.unwrap();
    assert_eq!(shelf.texts().await, set(&[("b", "2")]));
    remove(&shelf, "other", &form, &Removal::All).await.unwrap();
    assert_eq!(shelf.texts().await.len(), 1, "another collection's");
    remove(&shelf, "c", &form, &Removal::All).await.unwrap();
    assert!(shelf.texts().await.is_empty());
}

#[test]
fn an_id_follows_from_text_and_metadata_however_they_are_written() {
    let document = |metadata: Value| Document {
        page_content: "x".to_owned(),
        metadata: metadata.as_object().cloned().unwrap(),
        id: None,
    };
    let one = uid(&document(json!({"a": {"x": 1, "y": 2}, "b": 3})));
    assert_eq!(one, uid(&document(json!({"b": 3, "a": {"y": 2, "x": 1}}))));
    assert_ne!(one, uid(&document(json!({"b": 3, "a": {"y": 2, "x": 9}}))));
    assert!(Uuid::try_parse(&one).is_ok());
}

fn contents() -> impl Strategy<Value = BTreeSet<(String, String)>> {
    prop::collection::btree_set(("[abc]", "[0-9]"), 0..9)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// However often and in whatever order sources are written, a full clean-up leaves exactly what
    /// was written last; an incremental one leaves, of each source, what of it was written last.
    #[test]
    fn the_store_holds_what_was_written_last(
        rounds in prop::collection::vec(contents(), 1..5),
        is_full in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let shelf = Shelf::default();
            let mut expected: BTreeSet<(String, String)> = BTreeSet::new();
            for round in rounds {
                let cleanup = if is_full { "full" } else { "incremental" };
                // Everything twice: that adds nothing.
                let mut documents = documents_of(&round);
                documents.extend(documents_of(&round));
                let form = filled(folder.path(), cleanup, documents).await;
                let done = upsert(&shelf, "c", &form).await.unwrap();
                let sources: BTreeSet<&String> = round.iter().map(|it| &it.0).collect();
                expected.retain(|it| !is_full && !sources.contains(&it.0));
                expected.extend(round);
                prop_assert_eq!(shelf.texts().await, expected.clone());
                prop_assert_eq!(shelf.held.lock().await.len(), expected.len());
                prop_assert_eq!(done.total_keys, Some(expected.len()));
            }
            Ok(())
        })?;
    }
}
