//! Keeps documents in this installation itself: over restarts, without another server.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Embeddings, Error, Input, Inputs, MetadataFilter, Node, Result, Spec,
    VectorStore,
    capability::StoreRetriever,
    node::{Removal, Upserted},
    spec::{Choice, Holds, Output, When},
};
use flowstone_sql::{Entry, Search, VectorFile, VectorFolder};
use serde_json::{Map, Value};
use sha1::{Digest as _, Sha1};
use uuid::Uuid;

use super::upserting::{self, DOCUMENTS, EMBEDDINGS, RECORD_MANAGER, TOP_K};

const COLLECTION: Input<Option<String>> = Input::text("Collection", "collection")
    .describe(
        "What keeps these documents apart from others of the workspace; the flow or the document \
         store itself where it is empty",
    )
    .placeholder("handbook")
    .optional();
const SEARCH: Input<String> = Input::options("Search Type", "searchType", SEARCHES)
    .default(SIMILARITY)
    .describe("How documents are found")
    .additional();
const SEARCHES: &[Choice] = &[
    Choice::new(SIMILARITY, "Similarity").describe("Those whose meaning is nearest"),
    Choice::new(HYBRID, "Meaning and Words")
        .describe("Those whose meaning is near and those that share words with the question"),
    Choice::new(MMR, "Max Marginal Relevance").describe("Near ones that do not repeat each other"),
];
const SIMILARITY: &str = "similarity";
const HYBRID: &str = "hybrid";
const MMR: &str = "mmr";
const FETCH_K: Input<Option<u64>> = Input::whole("Fetch K (for MMR Search)", "fetchK")
    .describe("How many near documents are looked at; 20 where it is empty")
    .placeholder("20")
    .show_when(&[When("searchType", Holds::Text(MMR))])
    .additional()
    .optional();
const LAMBDA: Input<Option<f64>> = Input::number("Lambda (for MMR Search)", "lambda")
    .describe("From 0, as different as can be, to 1, as near as can be; 0.5 where it is empty")
    .placeholder("0.5")
    .show_when(&[When("searchType", Holds::Text(MMR))])
    .additional()
    .optional();
const FILTER: Input<Option<Value>> = Input::json("Metadata Filter", "metadataFilter")
    .describe(
        "Finds only documents whose metadata has these values, such as {\"source\": \"a.pdf\", \
         \"page\": {\"$gte\": 3}}. There are $eq, $ne, $gt, $gte, $lt, $lte, $in and $nin",
    )
    .accepts_variables()
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Built-in Vector Store",
    name: "builtInVectorStore",
    version: 1.0,
    kind: "BuiltInVectorStore",
    icon: "memory-vector-store.svg",
    category: "Vector Stores",
    description: "Keeps documents in this installation and finds them by meaning and by words",
    base_classes: &["BuiltInVectorStore", "VectorStoreRetriever", "BaseRetriever"],
    inputs: &[
        DOCUMENTS.field,
        EMBEDDINGS.field,
        RECORD_MANAGER.field,
        COLLECTION.field,
        TOP_K.field,
        SEARCH.field,
        FETCH_K.field,
        LAMBDA.field,
        FILTER.field,
    ],
    outputs: &[
        Output {
            label: "Built-in Retriever",
            name: "retriever",
            base_classes: &["BuiltInVectorStore", "VectorStoreRetriever", "BaseRetriever"],
            description: Some("Finds documents for a question"),
        },
        Output {
            label: "Built-in Vector Store",
            name: "vectorStore",
            base_classes: &["BuiltInVectorStore", "VectorStore"],
            description: Some("The store itself, for nodes that search it their own way"),
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct BuiltInVectorStore;

#[async_trait]
impl Node for BuiltInVectorStore {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let store = Arc::new(Store::from_form(inputs).await?);
        Ok(if inputs.output == "vectorStore" {
            Capability::VectorStore(store)
        } else {
            Capability::Retriever(Arc::new(StoreRetriever(store)))
        })
    }

    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        let store = Store::from_form(inputs).await?;
        upserting::upsert(&store, &store.collection, inputs).await
    }

    async fn remove(&self, inputs: &Inputs, which: &Removal) -> Result<()> {
        let store = Store::from_form(inputs).await?;
        upserting::remove(&store, &store.collection, inputs, which).await
    }
}

/// How the form wants documents to be found.
enum Kind {
    Similarity,
    Hybrid,
    Mmr { fetch: usize, lambda: f32 },
}

struct Store {
    file: VectorFile,
    collection: String,
    embeddings: Arc<dyn Embeddings>,
    kind: Kind,
    filter: Map<String, Value>,
    top_k: usize,
}

impl Store {
    async fn from_form(inputs: &Inputs) -> Result<Self> {
        let named = inputs.get(&COLLECTION)?.filter(|it| !it.trim().is_empty());
        let collection = match named {
            Some(name) => format!("name {}", name.trim()),
            None if !inputs.flow_id.is_empty() => format!("home {}", inputs.flow_id),
            None => return Err(Error::invalid(&COLLECTION.field, "a name is expected")),
        };
        let filter = match inputs.get(&FILTER)? {
            None | Some(Value::Null) => Map::new(),
            Some(Value::Object(filter)) => filter,
            Some(_) => return Err(Error::invalid(&FILTER.field, "a JSON object is expected")),
        };
        let kind = match inputs.get(&SEARCH)?.as_str() {
            SIMILARITY => Kind::Similarity,
            HYBRID => Kind::Hybrid,
            MMR => {
                let lambda = inputs.get(&LAMBDA)?.unwrap_or(0.5);
                if !(0.0..=1.0).contains(&lambda) {
                    return Err(Error::invalid(&LAMBDA.field, "a number from 0 to 1 is expected"));
                }
                #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
                let lambda = lambda as f32;
                let fetch = inputs.get(&FETCH_K)?.unwrap_or(20);
                Kind::Mmr { fetch: usize::try_from(fetch).unwrap_or(usize::MAX), lambda }
            }
            other => {
                let reason = format!("{other} is none of {SIMILARITY}, {HYBRID} and {MMR}");
                return Err(Error::invalid(&SEARCH.field, reason));
            }
        };
        let folder = inputs.services.get::<VectorFolder>()?;
        // No workspace can name the collection of another.
        let key = Sha1::digest(format!("{}\0{collection}", inputs.workspace).as_bytes());
        Ok(Self {
            file: folder.open(&hex::encode(key)).await.map_err(failed)?,
            collection,
            embeddings: inputs.get(&EMBEDDINGS)?,
            kind,
            filter,
            top_k: upserting::count(inputs, &TOP_K, upserting::USUAL)?,
        })
    }
}

fn failed(error: flowstone_sql::Error) -> Error {
    match error {
        flowstone_sql::Error::Settings(said) => Error::Unsupported(said),
        other => Error::Transport(format!("the vectors could not be reached: {other}")),
    }
}

#[async_trait]
impl VectorStore for Store {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        let texts: Vec<String> = documents.iter().map(|it| it.page_content.clone()).collect();
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let vectors = upserting::embed(&*self.embeddings, &texts).await?;
        let entries: Vec<Entry> = documents
            .iter()
            .zip(vectors)
            .map(|(document, vector)| Entry {
                id: document.id.clone().unwrap_or_else(|| Uuid::new_v4().to_string()),
                text: document.page_content.clone(),
                metadata: document.metadata.clone(),
                vector,
            })
            .collect();
        let ids = entries.iter().map(|it| it.id.clone()).collect();
        self.file.add(entries).await.map_err(failed)?;
        Ok(ids)
    }

    async fn search_among(
        &self,
        query: &str,
        k: usize,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        if self.file.count() == 0 || k == 0 {
            return Ok(Vec::new());
        }
        let vector = self.embeddings.embed_query(query).await?;
        let how = match self.kind {
            Kind::Similarity => Search::Nearest,
            Kind::Hybrid => Search::WithWords(query),
            Kind::Mmr { fetch, lambda } => Search::Diverse { fetch, lambda },
        };
        let among: Vec<(&str, &[Value])> = filter.conditions().collect();
        let found = self.file.search(&vector, k, how, &self.filter, &among).await;
        let found = found.map_err(failed)?;
        let documents = found.into_iter().map(|hit| {
            let document =
                Document { page_content: hit.text, metadata: hit.metadata, id: Some(hit.id) };
            (document, hit.score)
        });
        Ok(documents.collect())
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        self.file.delete(ids).await.map_err(failed)
    }

    fn top_k(&self) -> usize {
        self.top_k
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::BagOfWords;
    use serde_json::json;

    use super::*;
    use crate::testing::{form, plug};

    async fn store(folder: &std::path::Path, values: Value) -> Arc<dyn VectorStore> {
        let mut form = form(&values);
        let services = flowstone_testkit::services();
        form.services = Arc::new(services.with(Arc::new(VectorFolder::new(folder))));
        form.flow_id = "flow".to_owned();
        form.output = "vectorStore".to_owned();
        plug(&mut form, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
        let Ok(Capability::VectorStore(store)) = BuiltInVectorStore.init(&form).await else {
            panic!("no vector store")
        };
        store
    }

    fn document(text: &str, page: u64) -> Document {
        let metadata = json!({"page": page, "loc": {"from": page}, "done": page > 1});
        let metadata = metadata.as_object().cloned().unwrap();
        Document { page_content: text.to_owned(), metadata, id: Some(format!("id {page}")) }
    }

    async fn found(store: &Arc<dyn VectorStore>, query: &str, k: usize) -> Vec<String> {
        let found = store.search(query, k).await.unwrap();
        found.into_iter().map(|it| it.0.page_content).collect()
    }

    #[tokio::test]
    async fn the_contract_is_kept_and_what_was_written_survives() {
        let folder = tempfile::tempdir().unwrap();
        let first = store(folder.path(), json!({})).await;
        flowstone_testkit::contract::vector_store::suite(&*first).await;
        drop(first);
        // Another folder over the same files is another process.
        let again = store(folder.path(), json!({})).await;
        assert_eq!(found(&again, "the cat sleeps", 1).await, ["The cat sits on the mat"]);
        let other = store(folder.path(), json!({"collection": "other"})).await;
        assert!(found(&other, "cat", 4).await.is_empty());
    }

    #[tokio::test]
    async fn filters_let_through_what_they_say() {
        let folder = tempfile::tempdir().unwrap();
        let all = store(folder.path(), json!({})).await;
        let texts = [document("red cat", 1), document("blue cat", 2), document("green cat", 3)];
        all.add(&texts).await.unwrap();
        for (filter, expected) in [
            (json!({"page": 2}), &["blue cat"][..]),
            (json!({"page": {"$gte": 2}, "done": true}), &["blue cat", "green cat"]),
            (json!({"loc.from": {"$in": [1, 3]}}), &["green cat", "red cat"]),
            (json!({"loc.from": [1]}), &["red cat"]),
            (json!({"page": {"$ne": 1}}), &["blue cat", "green cat"]),
            (json!({"no such key": "x"}), &[]),
        ] {
            let some = store(folder.path(), json!({"metadataFilter": filter})).await;
            let mut texts = found(&some, "cat", 9).await;
            texts.sort();
            assert_eq!(texts, expected, "{filter}");
        }
        let bad = store(folder.path(), json!({"metadataFilter": {"page": {"$near": 1}}})).await;
        let said = bad.search("cat", 1).await.unwrap_err().to_string();
        assert!(said.contains("$near is none of"), "{said}");
    }

    #[tokio::test]
    async fn words_and_difference_count_where_the_form_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let plain = store(folder.path(), json!({})).await;
        let texts = [
            document("the invoice number is A-4711", 1),
            document("cat", 2),
            document("cat cat", 3),
            document("dog", 4),
        ];
        plain.add(&texts).await.unwrap();
        let words = store(folder.path(), json!({"searchType": "hybrid"})).await;
        assert_eq!(found(&words, "4711?", 1).await, ["the invoice number is A-4711"]);
        assert!(!found(&words, "\" OR * NEAR(", 4).await.is_empty(), "no order to the index");
        let mmr = store(folder.path(), json!({"searchType": "mmr"})).await;
        let two = found(&mmr, "cat dog", 2).await;
        assert!(two.contains(&"dog".to_owned()), "not the same again: {two:?}");
    }

    #[tokio::test]
    async fn vectors_of_another_length_are_refused() {
        let folder = VectorFolder::new(tempfile::tempdir().unwrap().keep());
        let file = folder.open("a").await.unwrap();
        let entry = |vector: &[f32]| Entry {
            id: "1".to_owned(),
            text: String::new(),
            metadata: Map::new(),
            vector: vector.to_vec(),
        };
        file.add(vec![entry(&[1.0, 2.0])]).await.unwrap();
        let said = file.add(vec![entry(&[1.0])]).await.unwrap_err().to_string();
        assert!(said.contains("vectors of 1 numbers"), "{said}");
        assert_eq!(file.count(), 1);
        assert!(folder.open("../a").await.is_err());
    }
}
