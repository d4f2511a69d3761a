//! Documents from a search of the web through SerpApi.

use flowstone_core::{Document, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::web_search;
use futures::FutureExt;
use serde_json::{Map, Value};

use super::{
    remote::{self, Remote, Source, required},
    searched,
};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const QUERY: Input<String> = Input::text("Query", "query").describe("What to look for");

static SPEC: Spec = Spec {
    label: "SerpApi For Web Search",
    name: "serpApi",
    version: 2.0,
    kind: "Document",
    icon: "web-search.svg",
    category: "Document Loaders",
    description: "Makes documents of what a search through SerpApi finds",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["serpApi"])),
    inputs: &[QUERY.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, web_search::SERP_API, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let key = remote::key(source.inputs, "serpApiKey", "Serp Api Key")?;
    let mut asked = Map::from_iter([("engine".to_owned(), Value::from("google"))]);
    asked.insert("q".to_owned(), required(source.inputs, &QUERY)?.into());
    let found = web_search::serp_api(&source.http, source.address, key, &asked).await?;
    Ok(searched::documents("SerpAPI", &found))
}
