//! The rows of splitters, vectors and documents.

use super::Row;
use crate::{
    figures::count,
    measure::{Knowledge, Measured, Splitting, Vectors},
};

/// Bars, from the goals of the project.
const SPLITTING: f64 = 5.0;
const RECALL: f64 = 0.99;
const QUERY_OF_HNSWLIB: f64 = 1.5;
const QUERY_OF_CHROMA: f64 = 1.0 / 8.0;
const BUILD_OF_HNSWLIB: f64 = 1.5;
const OF_RAW: f64 = 1.3;

/// What is said where a library of others is not installed.
const ABSENT: &str = "not measured: it is not installed";

pub(super) fn rows(splitting: &Splitting, vectors: &Vectors, knowledge: &Knowledge) -> Vec<Row> {
    let mut rows = splitting_rows(splitting);
    rows.extend(vector_rows(vectors));
    rows.extend(knowledge_rows(knowledge));
    rows
}

fn splitting_rows(splitting: &Splitting) -> Vec<Row> {
    let Splitting { own, langchain } = splitting;
    let what = "text split as a multiple of what LangChain JS splits, the same chunks";
    let beside = match langchain {
        Some(theirs) => {
            let ratio = own.median / theirs.median;
            Row::new(what, format!("{ratio:.1}")).bar_everywhere("5", ratio >= SPLITTING)
        }
        None => Row::new(what, ABSENT),
    };
    let theirs = langchain.map_or(ABSENT.to_owned(), |it| format!("{it:.0} MB"));
    let row =
        Row::new("text split in a second of CPU", format!("{own:.0} MB; LangChain JS {theirs}"));
    vec![beside, row]
}

fn vector_rows(all: &Vectors) -> Vec<Row> {
    let Vectors { vectors, built_in, hnswlib, chroma } = all;
    let named = |what: &str| format!("{vectors} vectors of 384: {what}");
    let mut rows = vec![
        Row::new(named("recall@10"), format!("{:.4}", built_in.recall))
            .bar_everywhere("0.99", built_in.recall >= RECALL),
    ];
    let of_raw = built_in.bytes / all.raw_bytes();
    rows.push(
        Row::new(named("memory as a multiple of the bare numbers"), format!("{of_raw:.2}"))
            .bar_everywhere("1.3", of_raw <= OF_RAW),
    );
    let mut beside =
        |what: &str, library: Option<&Measured>, bar: Bar, cost: fn(&Measured) -> f64| {
            let row = match library {
                Some(library) => {
                    let ratio = cost(built_in) / cost(library);
                    Row::new(named(what), format!("{ratio:.2}"))
                        .bar_everywhere(bar.0, ratio <= bar.1)
                }
                None => Row::new(named(what), ABSENT),
            };
            rows.push(row);
        };
    beside(
        "CPU per query as a multiple of hnswlib's",
        hnswlib.as_ref(),
        ("1.5", QUERY_OF_HNSWLIB),
        |it| it.query_milliseconds,
    );
    beside(
        "CPU per query as a multiple of Chroma's",
        chroma.as_ref(),
        ("1/8", QUERY_OF_CHROMA),
        |it| it.query_milliseconds,
    );
    beside(
        "CPU to write them as a multiple of hnswlib's",
        hnswlib.as_ref(),
        ("1.5", BUILD_OF_HNSWLIB),
        |it| it.build_seconds,
    );
    for (name, library) in
        [("built in", Some(built_in)), ("hnswlib", hnswlib.as_ref()), ("Chroma", chroma.as_ref())]
    {
        let Some(library) = library else { continue };
        let Measured { build_seconds, query_milliseconds, recall, bytes } = library;
        rows.push(Row::new(
            named(name),
            format!(
                "written in {build_seconds:.1} s of CPU, {query_milliseconds:.2} ms of CPU per \
                 query, recall@10 {recall:.4}, {:.0} MB",
                bytes / 1e6
            ),
        ));
    }
    rows
}

/// A bar in words and as a number.
type Bar = (&'static str, f64);

fn knowledge_rows(knowledge: &Knowledge) -> Vec<Row> {
    let Knowledge { ingest, long, questions } = knowledge;
    let megabytes = |bytes: u64| count(usize::try_from(bytes).unwrap_or(usize::MAX)) / 1e6;
    let mut rows = vec![
        Row::new(
            format!("documents per second, {} files of 20 kB, half text, half PDF", ingest.files),
            format!(
                "{:.1}, each {:.1} ms of CPU, {} chunks in all, at most {:.0} MB",
                ingest.per_second,
                ingest.cpu,
                ingest.chunks,
                megabytes(ingest.most_bytes)
            ),
        ),
        Row::new(
            format!("memory while {} pages are upserted", long.pages),
            format!(
                "{:.0} MB after a fifth, {:.0} MB after all, {:.0} MB at most; {:.2} ms of CPU \
                 per page",
                megabytes(long.early_bytes),
                megabytes(long.late_bytes),
                megabytes(long.most_bytes),
                long.cpu
            ),
        ),
    ];
    if let Some(found) = questions {
        let shares: Vec<String> =
            found.recall.iter().map(|(most, share)| format!("@{most} {share:.3}")).collect();
        rows.push(Row::new(
            format!(
                "recall of {} questions to {} answers, built-in model and store",
                found.questions, found.answers
            ),
            shares.join(", "),
        ));
    }
    rows
}
