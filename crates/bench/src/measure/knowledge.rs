//! Documents that are loaded, cut, embedded and kept by a server, and questions that find them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use serde_json::{Value, json};

use super::Bench;
use crate::{
    account::Account,
    corpus::{self, File},
    figures::{count, milliseconds},
    peers::Peers,
    server::{Installation, Server},
};

/// Bytes of a text of the corpus, and of a page of its PDFs.
const TEXT: usize = 20_000;
const PAGE: usize = 2_000;
/// Pages of a PDF of the corpus, and of the long upsert.
const PAGES: usize = 10;
const LONG_PAGES: usize = 100;
/// Files of one call.
const FILES: usize = 10;
/// How many answers a question may look through.
const FOUND: usize = 10;
/// Questions that are asked side by side.
const CLIENTS: usize = 4;

/// What a corpus costs; the embedding model is a mock that answers at once.
#[derive(Debug, Serialize)]
pub(crate) struct Ingest {
    /// Files, half of them text and half PDF.
    pub(crate) files: usize,
    /// Chunks that were written.
    pub(crate) chunks: u64,
    /// Files in a second of the clock.
    pub(crate) per_second: f64,
    /// CPU milliseconds of a file.
    pub(crate) cpu: f64,
    /// The most memory the server held, in bytes.
    pub(crate) most_bytes: u64,
}

/// Memory while many pages are written.
#[derive(Debug, Serialize)]
pub(crate) struct Long {
    /// How many pages.
    pub(crate) pages: usize,
    /// CPU milliseconds of a page.
    pub(crate) cpu: f64,
    /// Memory in bytes after a fifth of them.
    pub(crate) early_bytes: u64,
    /// And after all.
    pub(crate) late_bytes: u64,
    /// The most memory the server held, in bytes.
    pub(crate) most_bytes: u64,
}

/// How many questions find an answer, with the built-in embedding model and store.
#[derive(Debug, Serialize)]
pub(crate) struct Questions {
    /// Different questions.
    pub(crate) questions: usize,
    /// Different answers.
    pub(crate) answers: usize,
    /// Which share of the questions has an answer among the first 1, 3, 5 and 10.
    pub(crate) recall: BTreeMap<usize, f64>,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub(crate) struct Knowledge {
    pub(crate) ingest: Ingest,
    pub(crate) long: Long,
    /// Nothing where the questions or the model are not there.
    pub(crate) questions: Option<Questions>,
}

pub(super) async fn measure(
    bench: Bench<'_>,
    binary: &Path,
    folder: &Path,
    peers: Peers<'_>,
    models: Option<&Path>,
) -> Result<Knowledge> {
    let mut shelf = Vec::new();
    for name in ["ingest", "long", "questions"] {
        let data = folder.join(name);
        std::fs::create_dir(&data)?;
        shelf.push(data);
    }
    let [corpus, pages, asked] = &shelf[..] else { anyhow::bail!("a folder is missing") };

    crate::say("a corpus of texts and PDFs");
    let server = installation(bench, binary, corpus).start(bench.client).await?;
    let ingest = ingest(bench, &server).await?;
    server.stop().await?;

    crate::say("an upsert of many pages");
    let server = installation(bench, binary, pages).start(bench.client).await?;
    let long = long(bench, &server).await?;
    server.stop().await?;

    let questions = match (models, peers.questions().await?) {
        (Some(models), Some(questions)) => {
            crate::say("questions, with the built-in embedding model");
            let variables = [("FLOWSTONE_MODELS_DIR", models.display().to_string())];
            let plain = installation(bench, binary, asked);
            let with_models = Installation { variables: &variables, ..plain };
            let server = with_models.start(bench.client).await?;
            let found = ask(bench, &server, questions).await?;
            server.stop().await?;
            Some(found)
        }
        _ => {
            crate::say("no questions: there is no Python with them, or no folder of models");
            None
        }
    };
    Ok(Knowledge { ingest, long, questions })
}

fn installation<'a>(bench: Bench<'_>, binary: &'a Path, folder: &'a Path) -> Installation<'a> {
    Installation { binary, folder, model: bench.mock.address, variables: &[] }
}

async fn ingest(bench: Bench<'_>, server: &Server) -> Result<Ingest> {
    let store = Store::new(bench, server).await?;
    let half = bench.plan.files / 2;
    let texts: Vec<File> = (0..half).map(|at| corpus::text(at, TEXT)).collect();
    let pdfs: Vec<File> = (0..half).map(|at| corpus::pdf(at, PAGES, PAGE)).collect();
    // The first write makes tables and opens connections.
    store.write(&[corpus::text(half, 100)]).await?;
    let (begin, before) = (Instant::now(), server.cpu()?);
    let mut chunks = 0;
    for files in texts.chunks(FILES).chain(pdfs.chunks(FILES)) {
        chunks += store.write(files).await?;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let files = half * 2;
    Ok(Ingest {
        files,
        chunks,
        per_second: count(files) / seconds,
        cpu: milliseconds(server.cpu()?.saturating_sub(before)) / count(files),
        most_bytes: server.most_memory()?,
    })
}

async fn long(bench: Bench<'_>, server: &Server) -> Result<Long> {
    let store = Store::new(bench, server).await?;
    let files = bench.plan.pages.div_ceil(LONG_PAGES);
    let before = server.cpu()?;
    let mut early_bytes = 0;
    for at in 0..files {
        let added = store.write(&[corpus::pdf(at, LONG_PAGES, PAGE)]).await?;
        ensure!(added >= LONG_PAGES as u64, "{added} chunks of {LONG_PAGES} pages");
        if at == files / 5 {
            early_bytes = server.memory()?;
        }
    }
    let pages = files * LONG_PAGES;
    Ok(Long {
        pages,
        cpu: milliseconds(server.cpu()?.saturating_sub(before)) / count(pages),
        early_bytes,
        late_bytes: server.memory()?,
        most_bytes: server.most_memory()?,
    })
}

async fn ask(
    bench: Bench<'_>,
    server: &Server,
    pairs: Vec<(String, Vec<String>)>,
) -> Result<Questions> {
    let mut questions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (question, answers) in pairs.into_iter().take(bench.plan.questions) {
        let answers = answers.into_iter().map(|it| it.trim().to_owned());
        questions.entry(question).or_default().extend(answers);
    }
    let answers: BTreeSet<&String> = questions.values().flatten().collect();
    let store =
        Store::with(bench, server, json!({"name": "localEmbeddings", "config": {}})).await?;
    let files: Vec<File> = answers
        .iter()
        .enumerate()
        .map(|(at, it)| File { name: format!("{at}.txt"), bytes: it.as_bytes().to_vec() })
        .collect();
    for files in files.chunks(100) {
        store.write_whole(files).await?;
    }
    let store = &store;
    let ranks: Vec<Option<usize>> = stream::iter(&questions)
        .map(|(question, right)| async move {
            let found = store.find(question).await?;
            Ok::<_, anyhow::Error>(found.iter().position(|it| right.contains(it.trim())))
        })
        .buffer_unordered(CLIENTS)
        .try_collect()
        .await?;
    let share = |most: usize| {
        let found = ranks.iter().flatten().filter(|rank| **rank < most).count();
        (most, count(found) / count(ranks.len()))
    };
    Ok(Questions {
        questions: questions.len(),
        answers: answers.len(),
        recall: [1, 3, 5, FOUND].into_iter().map(share).collect(),
    })
}

/// A document store of a server, over the built-in vector store.
struct Store<'a> {
    account: Account<'a>,
    id: String,
    embedding: Value,
}

impl<'a> Store<'a> {
    /// With the mock's embeddings.
    async fn new(bench: Bench<'a>, server: &Server) -> Result<Self> {
        let mut store = Self::with(bench, server, Value::Null).await?;
        let config = store.account.with_model(&json!({"modelName": "measured"}));
        store.embedding = json!({"name": "openAIEmbeddings", "config": config});
        Ok(store)
    }

    async fn with(bench: Bench<'a>, server: &Server, embedding: Value) -> Result<Self> {
        let account = Account::set_up(bench.client, &server.url, &bench.mock.url()).await?;
        let form = json!({"name": "Measured", "description": "What is measured"});
        let made = account.post("document-store/store", &form).await?;
        let id = made["id"].as_str().with_context(|| format!("no store: {made}"))?.to_owned();
        Ok(Self { account, id, embedding })
    }

    /// Cuts and writes files of one type; how many chunks were written.
    async fn write(&self, files: &[File]) -> Result<u64> {
        let splitter = json!({
            "name": "recursiveCharacterTextSplitter",
            "config": {"chunkSize": 1000, "chunkOverlap": 200},
        });
        self.upsert(files, &splitter).await
    }

    /// Writes files of one type, each as one chunk.
    async fn write_whole(&self, files: &[File]) -> Result<u64> {
        self.upsert(files, &Value::Null).await
    }

    async fn upsert(&self, files: &[File], splitter: &Value) -> Result<u64> {
        let is_pdf = files.iter().any(|it| it.bytes.starts_with(b"%PDF"));
        let (loader, row, kind) = if is_pdf {
            ("pdfFile", "pdfFile", "application/pdf")
        } else {
            ("textFile", "txtFile", "text/plain")
        };
        let uris: Vec<String> = files
            .iter()
            .map(|File { name, bytes }| {
                format!("data:{kind};base64,{},filename:{name}", base64(bytes))
            })
            .collect();
        let mut config = json!({"usage": "perPage"});
        config[row] = serde_json::to_string(&uris)?.into();
        let mut wish = json!({
            "loader": {"name": loader, "config": config},
            "embedding": self.embedding,
            "vectorStore": {"name": "builtInVectorStore", "config": {"topK": FOUND.to_string()}},
        });
        if !splitter.is_null() {
            wish["splitter"] = splitter.clone();
        }
        let done = self.account.post(&format!("document-store/upsert/{}", self.id), &wish).await?;
        let added = done["numAdded"].as_u64().filter(|it| *it > 0);
        added.with_context(|| format!("nothing was written: {done}"))
    }

    /// The texts that a question finds, best first.
    async fn find(&self, question: &str) -> Result<Vec<String>> {
        let asked = json!({"storeId": self.id, "query": question});
        let found = self.account.post("document-store/vectorstore/query", &asked).await?;
        let docs = found["docs"].as_array().with_context(|| format!("no documents: {found}"))?;
        let texts = docs.iter().map(|it| it["pageContent"].as_str().unwrap_or_default().to_owned());
        Ok(texts.collect())
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
