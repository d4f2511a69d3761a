//! What every vector store must do.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Cleanup, Document, Embeddings, Error, Inputs, MetadataFilter, Node, Result,
    VectorStore, node::Removal,
};
use serde_json::{Value, json};

use crate::{BagOfWords, MemoryRecords, Relay};

/// Laws of a store that is empty when given and whose embedding model is
/// [`BagOfWords`](crate::BagOfWords) or knows words as well.
pub async fn suite(store: &dyn VectorStore) {
    assert!(store.top_k() > 0, "a search gives something");
    assert!(store.search("cat", 4).await.expect("an empty store can be searched").is_empty());
    assert!(store.add(&[]).await.expect("nothing can be added").is_empty());

    let texts = [
        "The cat sits on the mat",
        "Stocks fell on Monday",
        "Příliš žluťoučký kůň úpěl 🐎",
        "The cat sleeps",
    ];
    let documents = texts.map(|text| {
        let mut document = Document { page_content: text.to_owned(), ..Document::default() };
        document.metadata.insert("source".to_owned(), json!({"name": text, "page": 1}));
        document
    });
    let ids = store.add(&documents).await.expect("documents are added");
    assert_eq!(ids.len(), documents.len(), "one id per document, in order");
    let mut distinct = ids.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), ids.len(), "ids differ");

    let found = store.search("the cat sleeps", 10).await.expect("a store can be searched");
    assert_eq!(found.len(), documents.len(), "all are found where there are fewer than k");
    assert_eq!(found[0].0.page_content, "The cat sleeps", "the nearest comes first");
    assert!(found.is_sorted_by(|left, right| left.1 >= right.1), "nearest first");
    assert_eq!(found[0].0.metadata, documents[3].metadata, "metadata comes back as it was");
    assert_eq!(found[0].0.id.as_ref(), Some(&ids[3]), "a document knows its id");

    assert_eq!(store.search("cat", 2).await.expect("k is a limit").len(), 2);
    let found = store.search("žluťoučký kůň", 1).await.expect("any script can be searched");
    assert_eq!(found[0].0.page_content, texts[2]);

    let about = MetadataFilter::default().and("source.name", vec![texts[1].into()]);
    let found = store.search_among("the cat sleeps", 1, &about).await.expect("it can be filtered");
    assert_eq!(found.len(), 1, "what is far away is found too where it is asked for");
    assert_eq!(found[0].0.page_content, texts[1]);

    store.delete(&ids[3..]).await.expect("a document can be removed");
    store.delete(&["unknown".to_owned()]).await.expect("an unknown id is no error");
    let found = store.search("the cat sleeps", 10).await.expect("a store can be searched");
    assert_eq!(found.len(), documents.len() - 1, "only the one is gone");
    assert!(found.iter().all(|it| it.0.page_content != "The cat sleeps"));
}

/// How a form says that a key of the metadata has this number: a row and what it holds.
pub type FilterRow = fn(&str, u64) -> (&'static str, Value);

/// A node of a vector store that is to be held to the contract.
pub struct Candidate<'a> {
    /// The node.
    pub node: &'a dyn Node,
    /// Its form, which names an empty store. Documents, embeddings and a record manager are plugged
    /// in by the laws.
    pub form: Inputs,
    /// How its form filters, where it does.
    pub filter: Option<FilterRow>,
    /// The line to its server, where it has one.
    pub relay: Option<Arc<Relay>>,
}

/// Laws of a node that writes documents to a store and finds them there.
pub async fn node_suite(candidate: &Candidate<'_>) {
    let store = candidate.store(&json!({})).await;
    suite(&*store).await;
    candidate.clear().await;
    candidate.writes_nothing_twice().await;
    candidate.finds_through_the_retriever().await;
    candidate.filters().await;
    candidate.finds_among().await;
    candidate.keeps_chats_apart().await;
    candidate.refuses_vectors_of_another_length().await;
    candidate.clear().await;
    candidate.follows_its_record_manager().await;
    candidate.goes_on_after_a_failure().await;
    candidate.clear().await;
    candidate.finds_what_does_not_repeat_itself().await;
}

impl Candidate<'_> {
    fn has_row(&self, name: &str) -> bool {
        self.node.spec().inputs.iter().any(|it| it.name == name)
    }

    fn form(&self, values: &Value, documents: &[Document], output: &str) -> Inputs {
        let mut form = self.form.clone();
        form.values.extend(values.as_object().cloned().unwrap());
        form.output = output.to_owned();
        let embeddings = Capability::Embeddings(Arc::new(BagOfWords));
        form.plugged.insert("embeddings".to_owned(), vec![embeddings]);
        let documents = Capability::Documents(Arc::new(documents.to_vec()));
        form.plugged.insert("document".to_owned(), vec![documents]);
        form
    }

    async fn store(&self, values: &Value) -> Arc<dyn VectorStore> {
        match self.node.init(&self.form(values, &[], "vectorStore")).await {
            Ok(Capability::VectorStore(store)) => store,
            Ok(_) => panic!("no vector store"),
            Err(error) => panic!("{error}"),
        }
    }

    async fn retrieved(&self, values: &Value, query: &str, chat: &str) -> Vec<String> {
        let made = self.node.init(&self.form(values, &[], "retriever")).await;
        let Ok(Capability::Retriever(retriever)) = made else { panic!("no retriever") };
        let (mut run, _receiver) = crate::run(query, self.form.services.clone());
        run.chat_id = chat.to_owned();
        let found = retriever.retrieve(query, &run).await.expect("a store can be searched");
        found.into_iter().map(|it| it.page_content).collect()
    }

    async fn texts(&self) -> Vec<String> {
        let found = self.store(&json!({})).await.search("text", 300).await;
        let mut texts: Vec<String> =
            found.expect("searched").into_iter().map(|it| it.0.page_content).collect();
        texts.sort();
        texts
    }

    async fn clear(&self) {
        let store = self.store(&json!({})).await;
        let found = store.search("text", 300).await.expect("a store can be searched");
        let ids: Vec<String> = found.into_iter().filter_map(|it| it.0.id).collect();
        store.delete(&ids).await.expect("documents can be removed");
        let left = store.search("text", 300).await.expect("a store can be searched");
        assert_eq!(left.len(), 0, "all are removed");
    }

    async fn write(&self, documents: &[Document]) {
        let form = self.form(&json!({}), documents, "retriever");
        let done = self.node.upsert(&form).await.expect("documents are written");
        assert_eq!(done.num_added, documents.len());
    }

    async fn writes_nothing_twice(&self) {
        self.write(&documents(3)).await;
        self.write(&documents(3)).await;
        assert_eq!(self.texts().await, ["text 0", "text 1", "text 2"], "each is there once");
    }

    async fn finds_through_the_retriever(&self) {
        let found = self.retrieved(&json!({"topK": "2"}), "text 2", "").await;
        assert_eq!((found.len(), found[0].as_str()), (2, "text 2"), "Top K is a limit");
    }

    async fn filters(&self) {
        let Some(filter) = self.filter else { return };
        for (key, value, expected) in
            [("page", 1, &["text 1"][..]), ("page", 77, &[]), ("absent", 1, &[])]
        {
            let (row, value) = filter(key, value);
            assert!(self.has_row(row), "there is a row {row}");
            let found = self.retrieved(&json!({ row: value.clone() }), "text", "").await;
            assert_eq!(found, expected, "{value}");
        }
    }

    /// What is asked for with a question is looked for in the whole store, not in what is nearest.
    async fn finds_among(&self) {
        let store = self.store(&json!({})).await;
        for (conditions, expected) in [
            (&[("page", json!([2]))][..], &["text 2"][..]),
            (&[("page", json!([0, 2]))], &["text 0", "text 2"]),
            (&[("page", json!([1])), ("source", json!(["s"]))], &["text 1"]),
            (&[("page", json!([1])), ("source", json!(["it's \"x\""]))], &[]),
            (&[("loc.lines.from", json!([0]))], &["text 0"]),
            (&[("page", json!(["2"]))], &[]),
            (&[("absent", json!([1, "s", true]))], &[]),
        ] {
            let mut filter = MetadataFilter::default();
            for (key, values) in conditions {
                filter = filter.and(*key, values.as_array().cloned().unwrap());
            }
            let k = expected.len().max(1);
            let found = store.search_among("text 1", k, &filter).await.expect("it can be filtered");
            let mut found: Vec<String> = found.into_iter().map(|it| it.0.page_content).collect();
            found.sort();
            assert_eq!(found, expected, "{filter:?}");
        }
    }

    async fn keeps_chats_apart(&self) {
        if !self.has_row("fileUpload") {
            return;
        }
        let of_chat = |chat: &str| {
            let mut document = documents(1).remove(0);
            document.page_content = format!("text of {chat}");
            document.metadata.insert("flowise_chatId".to_owned(), chat.into());
            document
        };
        let form = json!({"fileUpload": true, "topK": "9"});
        let both = self.form(&form, &[of_chat("mine"), of_chat("yours")], "retriever");
        self.node.upsert(&both).await.expect("documents are written");
        let mut found = self.retrieved(&form, "text", "mine").await;
        found.sort();
        found.retain(|it| it.contains("of"));
        assert_eq!(found, ["text of mine"], "nothing of other chats");
    }

    async fn refuses_vectors_of_another_length(&self) {
        if !self.has_row("embeddings") {
            return;
        }
        let before = self.texts().await;
        let mut form = self.form(&json!({}), &[], "vectorStore");
        let short = Capability::Embeddings(Arc::new(Short));
        form.plugged.insert("embeddings".to_owned(), vec![short]);
        let Ok(Capability::VectorStore(store)) = self.node.init(&form).await else { panic!() };
        let said = store.add(&documents(1)).await.expect_err("the length is wrong").to_string();
        let length = BagOfWords::vector("").len().to_string();
        assert!(said.contains('3') && said.contains(&length), "both lengths are named: {said}");
        assert_eq!(self.texts().await, before, "nothing was written");
    }

    async fn follows_its_record_manager(&self) {
        if !self.has_row("recordManager") {
            return;
        }
        let records = Arc::new(MemoryRecords::new(Cleanup::Full));
        let write = async |documents: &[Document]| {
            let mut form = self.form(&json!({}), documents, "retriever");
            let manager = Capability::RecordManager(records.clone());
            form.plugged.insert("recordManager".to_owned(), vec![manager]);
            let done = self.node.upsert(&form).await.expect("documents are written");
            (done.num_added, done.num_skipped, done.num_deleted)
        };
        assert_eq!(write(&documents(3)).await, (3, Some(0), Some(0)));
        assert_eq!(write(&documents(3)).await, (0, Some(3), Some(0)));
        assert_eq!(write(&documents(2)).await, (0, Some(2), Some(1)));
        assert_eq!(self.texts().await, ["text 0", "text 1"], "what is gone is removed");
        let mut form = self.form(&json!({}), &[], "retriever");
        let manager = Capability::RecordManager(records.clone());
        form.plugged.insert("recordManager".to_owned(), vec![manager]);
        self.node.remove(&form, &Removal::All).await.expect("documents can be removed");
        assert_eq!(self.texts().await, [""; 0]);
    }

    async fn goes_on_after_a_failure(&self) {
        if !self.has_row("embeddings") {
            return;
        }
        let mut form = self.form(&json!({}), &documents(130), "retriever");
        let has_records = self.has_row("recordManager");
        if has_records {
            let records = MemoryRecords::new(Cleanup::None);
            let manager = Capability::RecordManager(Arc::new(records));
            form.plugged.insert("recordManager".to_owned(), vec![manager]);
        }
        // All of the first hundred is written, then the line breaks.
        let mut breaking = form.clone();
        let halfway = Halfway { relay: self.relay.clone(), embedded: AtomicUsize::new(0) };
        breaking
            .plugged
            .insert("embeddings".to_owned(), vec![Capability::Embeddings(Arc::new(halfway))]);
        let done = self.node.upsert(&breaking).await;
        let said = done.expect_err("the server is gone").to_string();
        assert!(said.contains("100 of 130"), "what was written is said: {said}");
        if let Some(relay) = &self.relay {
            relay.mend().await;
        }
        let done = self.node.upsert(&form).await.expect("the server is there again");
        let rest = if has_records { (30, Some(100)) } else { (130, None) };
        assert_eq!((done.num_added, done.num_skipped), rest, "what is known is not added again");
        let mut expected: Vec<String> = (0..130).map(|it| format!("text {it}")).collect();
        expected.sort();
        assert_eq!(self.texts().await, expected, "each is there once");
    }

    async fn finds_what_does_not_repeat_itself(&self) {
        if !self.has_row("searchType") {
            return;
        }
        let texts = ["cat", "cat cat", "cat cat cat", "dog"];
        self.write(
            &texts.map(|it| Document { page_content: it.to_owned(), ..Document::default() }),
        )
        .await;
        let form = json!({"searchType": "mmr", "fetchK": "10", "lambda": "0.5", "topK": "2"});
        let two = self.retrieved(&form, "cat cat dog", "").await;
        assert!(two.len() == 2 && two.contains(&"dog".to_owned()), "not the same again: {two:?}");
    }
}

fn documents(count: u64) -> Vec<Document> {
    let document = |number: u64| Document {
        page_content: format!("text {number}"),
        metadata: json!({"source": "s", "page": number, "loc": {"lines": {"from": number}}})
            .as_object()
            .cloned()
            .unwrap(),
        id: None,
    };
    (0..count).map(document).collect()
}

/// Makes vectors of three numbers.
struct Short;

#[async_trait]
impl Embeddings for Short {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|_| vec![1.0, 0.0, 0.0]).collect())
    }
}

/// Cuts the line to the server once a hundred texts were embedded, or fails where there is none.
struct Halfway {
    relay: Option<Arc<Relay>>,
    embedded: AtomicUsize,
}

#[async_trait]
impl Embeddings for Halfway {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        if self.embedded.fetch_add(texts.len(), Ordering::Relaxed) >= 100 {
            let Some(relay) = &self.relay else {
                return Err(Error::Transport("the model is gone".to_owned()));
            };
            relay.cut().await;
        }
        BagOfWords.embed(texts).await
    }
}
