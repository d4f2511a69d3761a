//! Keeps documents in a corpus of Vectara, which embeds them itself.

use std::sync::Arc;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{CredentialSlot, Output},
};
use flowstone_providers::{
    HttpClient,
    vectors::{
        VectorGateways, VectorServer,
        vectara::{Corpus, Search},
    },
};
use serde_json::Value;

use super::{
    stored::{self, FINDS, STORE_ITSELF, StoreNode},
    upserting::{DOCUMENTS, TOP_K},
};
use crate::files;

pub(super) const FILE: Input<Value> = {
    let mut it = Input::of("File", "file", "file").describe(
        "Files that Vectara reads itself, such as PDF, Word, Markdown, HTML and plain text",
    );
    it.field.file_type = Some("*");
    it
};
const FILE_OR_NONE: Input<Option<Value>> = FILE.optional();
pub(super) const FILTER: Input<Option<String>> = Input::text("Metadata Filter", "filter")
    .describe("Finds only what fulfils this, such as doc.page = 3, as Vectara documents it")
    .additional()
    .optional();
const FILTER_WITH_VARIABLES: Input<Option<String>> = FILTER.accepts_variables();
pub(super) const BEFORE: Input<Option<u64>> = before().optional();
pub(super) const AFTER: Input<Option<u64>> = after().optional();
pub(super) const LAMBDA: Input<Option<f64>> = lambda().optional();
/// The same rows, which in the newer form begin with a number.
const BEFORE_TWO: Input<Option<u64>> = before().default(2).optional();
const AFTER_TWO: Input<Option<u64>> = after().default(2).optional();
const LAMBDA_ZERO: Input<Option<f64>> = lambda().default(0.0).optional();

const fn before() -> Input<u64> {
    Input::whole("Sentences Before", "sentencesBefore")
        .describe("Sentences told along before the one found; 2 where it is empty")
        .additional()
}

const fn after() -> Input<u64> {
    Input::whole("Sentences After", "sentencesAfter")
        .describe("Sentences told along after the one found; 2 where it is empty")
        .additional()
}

const fn lambda() -> Input<f64> {
    Input::number("Lambda", "lambda")
        .describe("From 0, only meaning counts, to 1, only words; 0 where it is empty")
        .additional()
}

const MMR_K: Input<Option<u64>> = Input::whole("MMR K", "mmrK")
    .describe("How many near ones are looked at for those that do not repeat each other")
    .additional()
    .optional();
const MMR_BIAS: Input<Option<f64>> = Input::<f64>::number("MMR diversity bias", "mmrDiversityBias")
    .step(0.1)
    .describe("From 0, only nearness counts, to 1, only difference; 0 where it is empty")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Vectara",
    name: "vectara",
    version: 2.0,
    kind: "Vectara",
    icon: "vectara.svg",
    category: "Vector Stores",
    description: "Keeps documents and files in a corpus of Vectara and finds them by meaning",
    base_classes: &["Vectara", "VectorStoreRetriever", "BaseRetriever"],
    credential: Some(CredentialSlot::required(&["vectaraApi"])),
    inputs: &[
        DOCUMENTS.field,
        FILE_OR_NONE.field,
        FILTER_WITH_VARIABLES.field,
        BEFORE_TWO.field,
        AFTER_TWO.field,
        LAMBDA_ZERO.field,
        TOP_K.field,
        MMR_K.field,
        MMR_BIAS.field,
    ],
    outputs: &[
        Output {
            label: "Vectara Retriever",
            name: "retriever",
            base_classes: &["Vectara", "VectorStoreRetriever", "BaseRetriever"],
            description: FINDS,
        },
        Output {
            label: "Vectara Vector Store",
            name: "vectorStore",
            base_classes: &["Vectara", "VectorStore"],
            description: STORE_ITSELF,
        },
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: StoreNode = StoreNode {
    upload: Some(|inputs| Box::pin(upload(inputs))),
    ..StoreNode::new(&SPEC, |inputs| {
        Box::pin(async move { Ok(corpus(inputs)? as Arc<dyn VectorServer>) })
    })
};

/// The corpus that a form describes.
pub(super) fn corpus(inputs: &Inputs) -> Result<Arc<Corpus>> {
    let credential = inputs.credential()?;
    let key = credential.require("apiKey", "Vectara API Key")?;
    let customer = credential.require("customerID", "Vectara Customer ID")?;
    // Several corpora are written with commas; the first is written to and searched.
    let corpora = credential.require("corpusID", "Vectara Corpus ID")?;
    let number = corpora.split(',').map(str::trim).find(|it| !it.is_empty()).unwrap_or(corpora);
    let part = |row: &Input<Option<f64>>| {
        let value = inputs.get(row)?.unwrap_or(0.0);
        if (0.0..=1.0).contains(&value) {
            return Ok(value);
        }
        Err(Error::invalid(&row.field, "a number from 0 to 1 is expected"))
    };
    let gateways = inputs.services.get::<VectorGateways>().unwrap_or_default();
    let http = inputs.services.get::<HttpClient>()?;
    let mut corpus = Corpus::new(http, &gateways.vectara, key, customer, number);
    let bias = part(&MMR_BIAS)?;
    corpus.search = Search {
        filter: stored::text(inputs, &FILTER)?,
        around: (inputs.get(&BEFORE)?.unwrap_or(2), inputs.get(&AFTER)?.unwrap_or(2)),
        lambda: part(&LAMBDA)?,
        diverse: inputs.get(&MMR_K)?.filter(|it| *it > 0).map(|it| (it, bias)),
    };
    Ok(Arc::new(corpus))
}

/// Hands the form's files over; how many.
pub(super) async fn upload(inputs: &Inputs) -> Result<usize> {
    if inputs.value(&FILE.field).is_none() {
        return Ok(0);
    }
    let (corpus, files) = (corpus(inputs)?, files::read(&FILE.field, inputs).await?);
    for file in &files {
        corpus.upload(file.name(), file.bytes()).await?;
    }
    Ok(files.len())
}
