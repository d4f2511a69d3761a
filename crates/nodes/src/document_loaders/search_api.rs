//! Documents from a search of the web through SearchApi.

use flowstone_core::{Document, Error, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::web_search;
use futures::FutureExt;
use serde_json::{Map, Value};

use super::{
    remote::{self, Remote, Source, filled},
    searched,
};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const QUERY: Input<Option<String>> =
    Input::text("Query", "query").describe("What to look for").optional();
const CUSTOM: Input<Option<Value>> = Input::json("Custom Parameters", "customParameters")
    .describe("Parameters of SearchApi as a JSON object, such as another engine")
    .placeholder("{\"engine\": \"google_news\"}")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "SearchApi For Web Search",
    name: "searchApi",
    version: 2.0,
    kind: "Document",
    icon: "web-search.svg",
    category: "Document Loaders",
    description: "Makes documents of what a search through SearchApi finds",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["searchApi"])),
    inputs: &[
        QUERY.field,
        CUSTOM.field,
        TEXT_SPLITTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, web_search::SEARCH_API, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let key = remote::key(source.inputs, "searchApiKey", "SearchApi API Key")?;
    let mut asked = Map::from_iter([("engine".to_owned(), Value::from("google"))]);
    asked.extend(filled(source.inputs.get(&QUERY)?).map(|it| ("q".to_owned(), it.into())));
    asked.extend(documents::entries(&CUSTOM.field, source.inputs.get(&CUSTOM)?)?);
    if asked.len() < 2 {
        return Err(Error::missing(&QUERY.field));
    }
    let found = web_search::search_api(&source.http, source.address, key, &asked).await?;
    Ok(searched::documents("SearchApi", &found))
}
