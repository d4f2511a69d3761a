//! The form that nodes of vector servers share: each node is its rows and how its server is reached.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Embeddings, Error, Input, Inputs, MetadataFilter, Node, Result,
    Retriever, Run, Spec, VectorStore,
    capability::Summary,
    node::{Removal, Upserted},
    spec::{Choice, Field},
};
use flowstone_providers::vectors::{Ask, Entry, Hit, VectorServer};
use futures::future::BoxFuture;
use serde_json::{Map, Value};

use super::{
    diverse::chosen,
    upserting::{self, EMBEDDINGS, TOP_K},
};

/// Finds what came with files of the same chat too.
pub(super) const FILE_UPLOAD: Input<bool> = Input::flag("File Upload", "fileUpload")
    .describe(
        "Finds what came with files of the same chat, and of other documents what is no chat's",
    )
    .may_be_empty()
    .additional();
/// How documents are found.
pub(super) const SEARCH: Input<Option<String>> =
    Input::options("Search Type", "searchType", SEARCHES)
        .default(SIMILARITY)
        .describe("How documents are found")
        .additional()
        .optional();
const SEARCHES: &[Choice] = &[
    Choice::new(SIMILARITY, "Similarity").describe("Those whose meaning is nearest"),
    Choice::new(MMR, "Max Marginal Relevance").describe("Near ones that do not repeat each other"),
];
const SIMILARITY: &str = "similarity";
const MMR: &str = "mmr";
/// How many near documents are looked at for those that do not repeat each other.
pub(super) const FETCH_K: Input<Option<u64>> = Input::whole("Fetch K (for MMR Search)", "fetchK")
    .describe("How many near documents are looked at; 20 where it is empty")
    .placeholder("20")
    .additional()
    .optional();
/// How much nearness counts beside difference.
pub(super) const LAMBDA: Input<Option<f64>> = Input::number("Lambda (for MMR Search)", "lambda")
    .describe("From 0, as different as can be, to 1, as near as can be; 0.5 where it is empty")
    .placeholder("0.5")
    .additional()
    .optional();

/// How many near entries are looked at first for those that a filter lets through, where the server
/// cannot judge it.
const LOOKED_AT: usize = 100;
/// How many at most: more than this, some servers do not give at once.
const LOOKED_AT_MOST: usize = 1_000;

/// What an output of the store itself is described as.
pub(super) const STORE_ITSELF: Option<&str> =
    Some("The store itself, for nodes that search it their own way");
/// What an output of the retriever is described as.
pub(super) const FINDS: Option<&str> = Some("Finds documents for a question");

/// How the server that a form describes is reached.
pub(crate) type Open = for<'a> fn(&'a Inputs) -> BoxFuture<'a, Result<Arc<dyn VectorServer>>>;

/// A node of a vector server.
pub(crate) struct StoreNode {
    /// What the canvas shows.
    pub(super) spec: &'static Spec,
    /// How its server is reached.
    pub(super) open: Open,
    /// What the form gives its server besides documents; how many that were.
    pub(super) upload: Option<Upload>,
    /// How many documents are found where the form does not say.
    pub(super) usual_top_k: usize,
}

/// How files of a form get to its server.
pub(crate) type Upload = for<'a> fn(&'a Inputs) -> BoxFuture<'a, Result<usize>>;

impl StoreNode {
    /// A node that writes documents only.
    pub(super) const fn new(spec: &'static Spec, open: Open) -> Self {
        Self { spec, open, upload: None, usual_top_k: upserting::USUAL }
    }

    async fn store(&self, inputs: &Inputs) -> Result<Store> {
        let shows = |row: &Field| self.spec.inputs.iter().any(|it| it.name == row.name);
        let embeddings = shows(&EMBEDDINGS.field).then(|| inputs.get(&EMBEDDINGS)).transpose()?;
        let search = shows(&SEARCH.field).then(|| inputs.get(&SEARCH)).transpose()?.flatten();
        let diverse = match search.as_deref() {
            None | Some(SIMILARITY) => None,
            Some(MMR) => Some(Diverse::from_form(inputs)?),
            Some(other) => {
                let reason = format!("{other} is none of {SIMILARITY} and {MMR}");
                return Err(Error::invalid(&SEARCH.field, reason));
            }
        };
        let top_k = self.spec.inputs.iter().find(|it| it.name == "K").map_or(&TOP_K, |_| &K);
        Ok(Store {
            of_chats: shows(&FILE_UPLOAD.field) && inputs.get(&FILE_UPLOAD)?,
            server: (self.open)(inputs).await?,
            embeddings,
            diverse,
            top_k: upserting::count(inputs, top_k, self.usual_top_k)?,
        })
    }
}

/// The name of the row in the one form that calls it otherwise.
pub(super) const K: Input<Option<u64>> = Input::whole("Top K", "K")
    .describe("How many documents to find; 4 where it is empty")
    .placeholder("4")
    .additional()
    .optional();

#[async_trait]
impl Node for StoreNode {
    fn spec(&self) -> &'static Spec {
        self.spec
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let store = Arc::new(self.store(inputs).await?);
        if inputs.output == "vectorStore" {
            return Ok(Capability::VectorStore(store));
        }
        Ok(Capability::Retriever(Arc::new(Nearest(store))))
    }

    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        let store = self.store(inputs).await?;
        store.server.begin().await?;
        let uploaded = match self.upload {
            Some(upload) => upload(inputs).await?,
            None => 0,
        };
        let done = upserting::upsert(&store, store.server.collection(), inputs).await?;
        Ok(Upserted { num_added: done.num_added + uploaded, ..done })
    }

    async fn remove(&self, inputs: &Inputs, which: &Removal) -> Result<()> {
        let store = self.store(inputs).await?;
        upserting::remove(&store, store.server.collection(), inputs, which).await
    }
}

/// A row of JSON that holds an object, such as a filter. An empty one is none.
///
/// # Errors
/// Where it holds something else.
pub(super) fn object(
    inputs: &Inputs,
    row: &Input<Option<Value>>,
) -> Result<Option<Map<String, Value>>> {
    match inputs.get(row)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map).filter(|it| !it.is_empty())),
        Some(_) => Err(Error::invalid(&row.field, "a JSON object is expected")),
    }
}

/// A row of text; `usual` where it is empty.
pub(super) fn text_or(inputs: &Inputs, row: &Input<Option<String>>, usual: &str) -> Result<String> {
    Ok(text(inputs, row)?.unwrap_or_else(|| usual.to_owned()))
}

/// A row of text that may be empty.
pub(super) fn text(inputs: &Inputs, row: &Input<Option<String>>) -> Result<Option<String>> {
    Ok(inputs.get(row)?.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()))
}

/// A row that holds a name: text without blanks around it.
///
/// # Errors
/// Where it is empty.
pub(super) fn name(inputs: &Inputs, row: &Input<String>) -> Result<String> {
    let name = inputs.get(row)?.trim().to_owned();
    if name.is_empty() { Err(Error::missing(&row.field)) } else { Ok(name) }
}

/// A field of the credential, if there is one and it is not empty.
pub(super) fn secret<'a>(inputs: &'a Inputs, field: &str) -> Option<&'a str> {
    inputs.credential.as_ref()?.get(field).map(str::trim).filter(|it| !it.is_empty())
}

/// An entry as a row of a database.
#[cfg(feature = "sql")]
pub(super) fn row(entry: &Entry) -> flowstone_sql::Entry {
    let Entry { id, text, metadata, vector } = entry.clone();
    flowstone_sql::Entry { id, text, metadata, vector }
}

/// What a database found.
#[cfg(feature = "sql")]
pub(super) fn hit(found: flowstone_sql::Hit) -> Hit {
    let flowstone_sql::Hit { id, text, metadata, score } = found;
    Hit { id, text, metadata, score, vector: None }
}

/// How many near documents are looked at, and how much nearness counts.
struct Diverse {
    fetch: usize,
    lambda: f32,
}

impl Diverse {
    fn from_form(inputs: &Inputs) -> Result<Self> {
        let lambda = inputs.get(&LAMBDA)?.unwrap_or(0.5);
        if !(0.0..=1.0).contains(&lambda) {
            return Err(Error::invalid(&LAMBDA.field, "a number from 0 to 1 is expected"));
        }
        let fetch = inputs.get(&FETCH_K)?.filter(|it| *it > 0).unwrap_or(20);
        #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
        let lambda = lambda as f32;
        Ok(Self { fetch: usize::try_from(fetch).unwrap_or(usize::MAX), lambda })
    }
}

struct Store {
    server: Arc<dyn VectorServer>,
    /// None where the server embeds texts itself.
    embeddings: Option<Arc<dyn Embeddings>>,
    diverse: Option<Diverse>,
    /// The retriever finds only documents of the asking chat or of none.
    of_chats: bool,
    top_k: usize,
}

impl Store {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        match &self.embeddings {
            Some(model) => upserting::embed(&**model, texts).await,
            None => Ok(vec![Vec::new(); texts.len()]),
        }
    }

    /// Makes the collection where there is none, and refuses vectors that do not fit it.
    async fn make_ready(&self, length: usize) -> Result<()> {
        let expected = self.server.make_ready(length).await?;
        let Some(expected) = expected.filter(|it| *it != length as u64 && length > 0) else {
            return Ok(());
        };
        Err(Error::Unsupported(format!(
            "the embedding model makes vectors of {length} numbers, \"{}\" is for vectors of \
             {expected}: choose the model that it was written with, or a name that is not there yet",
            self.server.collection()
        )))
    }

    async fn find(
        &self,
        query: &str,
        k: usize,
        chat: Option<&str>,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        if k == 0 {
            return Ok(Vec::new());
        }
        let vector = match &self.embeddings {
            Some(model) => model.embed_query(query).await?,
            None => Vec::new(),
        };
        // A server that embeds texts itself chooses itself.
        let chooses = self.diverse.as_ref().filter(|_| self.embeddings.is_none());
        let diverse = self.diverse.as_ref().filter(|_| chooses.is_none());
        let ask = Ask {
            text: query,
            vector: &vector,
            k: diverse.map_or(k, |it| it.fetch.max(k)),
            chat,
            filter,
            with_vectors: diverse.is_some(),
            diverse: chooses.map(|it| it.lambda),
        };
        let mut hits = self.nearest(&ask).await?;
        if chooses.is_none() {
            // Equally near ones stay in the order of the server.
            hits.sort_by(|a, b| b.score.total_cmp(&a.score));
        }
        hits.truncate(ask.k);
        if let Some(Diverse { lambda, .. }) = diverse {
            self.complete(&mut hits).await?;
            hits = chosen(&vector, hits, k, *lambda);
        }
        hits.truncate(k);
        Ok(hits.into_iter().map(document).collect())
    }

    /// What the server finds. One that cannot judge the filter is not told of it, but asked for
    /// more until enough of what it finds is let through.
    async fn nearest(&self, ask: &Ask<'_>) -> Result<Vec<Hit>> {
        if ask.filter.is_empty() {
            return self.server.nearest(ask).await;
        }
        let judges = self.server.filters(ask.filter);
        let filter = if judges { ask.filter } else { MetadataFilter::ALL };
        let mut wanted = if judges { ask.k } else { ask.k.max(LOOKED_AT) };
        loop {
            let mut hits = self.server.nearest(&Ask { k: wanted, filter, ..*ask }).await?;
            let is_all = hits.len() < wanted;
            hits.retain(|it| ask.filter.lets_through(&it.metadata));
            if judges || is_all || hits.len() >= ask.k || wanted >= LOOKED_AT_MOST {
                return Ok(hits);
            }
            wanted = (wanted * 10).min(LOOKED_AT_MOST);
        }
    }

    /// Embeds the texts of those whose vectors the server did not tell.
    async fn complete(&self, hits: &mut [Hit]) -> Result<()> {
        let without: Vec<&mut Hit> = hits.iter_mut().filter(|it| it.vector.is_none()).collect();
        if without.is_empty() {
            return Ok(());
        }
        let texts: Vec<String> = without.iter().map(|it| it.text.clone()).collect();
        let vectors = self.embed(&texts).await?;
        for (hit, vector) in without.into_iter().zip(vectors) {
            hit.vector = Some(vector);
        }
        Ok(())
    }
}

fn document(hit: Hit) -> (Document, f32) {
    let Hit { id, text, metadata, score, .. } = hit;
    (Document { page_content: text, metadata, id: Some(id) }, score)
}

#[async_trait]
impl VectorStore for Store {
    async fn add(&self, documents: &[Document]) -> Result<Vec<String>> {
        let mut ids = Vec::with_capacity(documents.len());
        let mut is_ready = false;
        for documents in documents.chunks(self.server.batch().max(1)) {
            let texts: Vec<String> = documents.iter().map(|it| it.page_content.clone()).collect();
            let vectors = self.embed(&texts).await?;
            if !is_ready {
                self.make_ready(vectors.first().map_or(0, Vec::len)).await?;
                is_ready = true;
            }
            let entry = |(document, vector): (&Document, Vec<f32>)| Entry {
                id: document.id.clone().unwrap_or_else(|| uuid::Uuid::new_v4().to_string()),
                text: document.page_content.clone(),
                metadata: document.metadata.clone(),
                vector,
            };
            let entries: Vec<Entry> = documents.iter().zip(vectors).map(entry).collect();
            self.server.write(&entries).await?;
            ids.extend(entries.into_iter().map(|it| it.id));
        }
        Ok(ids)
    }

    async fn search_among(
        &self,
        query: &str,
        k: usize,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        self.find(query, k, None, filter).await
    }

    async fn summarise(&self, query: &str, how: &Summary) -> Result<(String, Vec<Document>)> {
        let ask = Ask {
            text: query,
            vector: &[],
            k: self.top_k,
            chat: None,
            filter: MetadataFilter::ALL,
            with_vectors: false,
            diverse: None,
        };
        let told = self.server.summary(&ask, how).await?;
        let (text, hits) = told.ok_or_else(Summary::unsupported)?;
        Ok((text, hits.into_iter().map(|it| document(it).0).collect()))
    }

    async fn delete(&self, ids: &[String]) -> Result<()> {
        if ids.is_empty() { Ok(()) } else { self.server.delete(ids).await }
    }

    fn top_k(&self) -> usize {
        self.top_k
    }
}

struct Nearest(Arc<Store>);

#[async_trait]
impl Retriever for Nearest {
    async fn retrieve(&self, query: &str, run: &Run) -> Result<Vec<Document>> {
        let chat = self.0.of_chats.then_some(run.chat_id.as_str());
        let found = self.0.find(query, self.0.top_k, chat, MetadataFilter::ALL).await?;
        Ok(found.into_iter().map(|(document, _)| document).collect())
    }
}
