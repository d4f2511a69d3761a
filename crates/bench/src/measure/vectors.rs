//! The built-in vector store beside libraries from PyPI: the same vectors, each in a process alone.

use std::{
    collections::HashSet,
    fs::File,
    io::{BufReader, BufWriter, Read, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use flowstone_sql::{Entry, Search, VectorFolder};
use serde::{Deserialize, Serialize};
use serde_json::Map;

use crate::{
    figures::{Spread, count},
    numbers::Numbers,
    peers::{self, Peers},
    process,
};

/// Numbers of a vector, as the built-in embedding model makes them.
const DIMENSION: usize = 384;
/// How many neighbours are asked for.
const NEAREST: usize = 10;
const QUERIES: usize = 200;
/// Vectors that are near each other.
const CLUSTER: usize = 100;
/// Vectors of one write, as loaders write them.
const BATCH: usize = 500;
const ROUNDS: usize = 5;
/// How often a round asks each query: the system counts CPU time in hundredths of a second.
const TIMES: usize = 5;

/// What was measured with each.
#[derive(Debug, Serialize)]
pub(crate) struct Vectors {
    /// How many there were.
    pub(crate) vectors: usize,
    /// The built-in store.
    pub(crate) built_in: Measured,
    /// HNSWLib, in memory, M 16, `ef_construction` 128, `ef` 64.
    pub(crate) hnswlib: Option<Measured>,
    /// Chroma on a disk, with its own settings.
    pub(crate) chroma: Option<Measured>,
}

/// What one of them needs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// CPU seconds to write all.
    pub(crate) build_seconds: f64,
    /// CPU milliseconds to find ten.
    pub(crate) query_milliseconds: f64,
    /// Which share of the nearest ten was found.
    pub(crate) recall: f64,
    /// Memory by which the process grew.
    pub(crate) bytes: f64,
}

impl Vectors {
    /// Memory of the bare numbers.
    pub(crate) fn raw_bytes(&self) -> f64 {
        count(self.vectors * DIMENSION * size_of::<f32>())
    }
}

pub(super) async fn measure(peers: Peers<'_>, vectors: usize) -> Result<Vectors> {
    crate::say(&format!("{vectors} vectors: the built-in store, hnswlib, Chroma"));
    let file = peers.folder.join("vectors");
    write(&file, vectors)?;
    let program = std::env::current_exe().context("this program is nowhere")?;
    let built_in = peers::asked(&program, "--vectors".as_ref(), &[&file]).await?;
    let hnswlib = peers.vectors("hnswlib", &file).await?;
    let chroma = peers.vectors("chroma", &file).await?;
    Ok(Vectors { vectors, built_in, hnswlib, chroma })
}

/// Measures the built-in store with the vectors of a file, as the peers' scripts do, and gives the
/// line that they print.
pub(crate) async fn alone(file: &Path) -> Result<String> {
    let mut file = BufReader::new(File::open(file)?);
    let mut head = [0_u8; 16];
    file.read_exact(&mut head)?;
    let [vectors, dimension, queries, nearest] = [0, 4, 8, 12].map(|at| {
        usize::try_from(u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]))
            .unwrap_or_default()
    });
    let folder = tempfile::tempdir()?;
    let store = VectorFolder::new(folder.path()).open("bench").await?;
    let own = std::process::id();
    let (memory, begin) = (process::resident_memory(own)?, process::cpu_time(own)?);
    for at in (0..vectors).step_by(BATCH) {
        let some: Result<Vec<Entry>> =
            (at..vectors.min(at + BATCH)).map(|at| entry(&mut file, at, dimension)).collect();
        store.add(some?).await?;
    }
    let build_seconds = process::cpu_time(own)?.saturating_sub(begin).as_secs_f64();
    let grown = process::resident_memory(own)?.saturating_sub(memory);
    let asked: Result<Vec<Vec<f32>>> = (0..queries).map(|_| floats(&mut file, dimension)).collect();
    let asked = asked?;
    let (mut hits, mut rounds) = (0, Vec::new());
    let truth: Result<Vec<HashSet<String>>> = asked
        .iter()
        .map(|_| {
            let mut bytes = vec![0; nearest * 4];
            file.read_exact(&mut bytes)?;
            let ids =
                bytes.chunks_exact(4).map(|it| u32::from_le_bytes([it[0], it[1], it[2], it[3]]));
            Ok(ids.map(|it| it.to_string()).collect())
        })
        .collect();
    let truth = truth?;
    for round in 0..ROUNDS {
        let begin = process::cpu_time(own)?;
        for time in 0..TIMES {
            for (query, truth) in asked.iter().zip(&truth) {
                let found = store.search(query, nearest, Search::Nearest, &Map::new(), &[]).await?;
                ensure!(found.len() == nearest, "{} found", found.len());
                if (round, time) == (0, 0) {
                    hits += found.iter().filter(|it| truth.contains(&it.id)).count();
                }
            }
        }
        let used = process::cpu_time(own)?.saturating_sub(begin);
        rounds.push(used.as_secs_f64() * 1e3 / count(queries * TIMES));
    }
    #[expect(clippy::cast_precision_loss, reason = "no memory comes near 2^52 bytes")]
    let bytes = grown as f64;
    Ok(serde_json::to_string(&Measured {
        build_seconds,
        query_milliseconds: Spread::of(rounds).median,
        recall: count(hits) / count(queries * nearest),
        bytes,
    })?)
}

fn entry(file: &mut impl Read, at: usize, dimension: usize) -> Result<Entry> {
    Ok(Entry {
        id: at.to_string(),
        text: format!("The text of document {at}."),
        metadata: Map::new(),
        vector: floats(file, dimension)?,
    })
}

fn floats(file: &mut impl Read, dimension: usize) -> Result<Vec<f32>> {
    let mut bytes = vec![0; dimension * 4];
    file.read_exact(&mut bytes)?;
    let numbers = bytes.chunks_exact(4).map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]]));
    Ok(numbers.collect())
}

/// Writes how many there are of each, the vectors, those that are asked for, and for each of these
/// the ids of the nearest.
fn write(path: &Path, vectors: usize) -> Result<()> {
    let mut numbers = Numbers(0x5EED);
    let middles: Vec<Vec<f32>> = (0..vectors.div_ceil(CLUSTER))
        .map(|_| (0..DIMENSION).map(|_| numbers.signed()).collect())
        .collect();
    let mut near = |at: usize| -> Vec<f32> {
        let middle = &middles[at % middles.len()];
        let vector: Vec<f32> = middle.iter().map(|it| it + 0.7 * numbers.signed()).collect();
        let length = dot(&vector, &vector).sqrt();
        vector.iter().map(|it| it / length).collect()
    };
    let all: Vec<Vec<f32>> = (0..vectors).map(&mut near).collect();
    let asked: Vec<Vec<f32>> = (0..QUERIES).map(&mut near).collect();
    let mut file = BufWriter::new(File::create(path)?);
    for number in [vectors, DIMENSION, QUERIES, NEAREST] {
        file.write_all(&u32::try_from(number)?.to_le_bytes())?;
    }
    for number in all.iter().chain(&asked).flatten() {
        file.write_all(&number.to_le_bytes())?;
    }
    for query in &asked {
        let mut order: Vec<(f32, u32)> = all.iter().map(|it| dot(query, it)).zip(0..).collect();
        order.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (_, at) in &order[..NEAREST.min(order.len())] {
            file.write_all(&at.to_le_bytes())?;
        }
    }
    Ok(file.flush()?)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
