//! Documents from a search of the web with Brave.

use flowstone_core::{Document, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::web_search;
use futures::FutureExt;
use serde_json::{Value, json};

use super::remote::{self, Remote, Source, document, required, text};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const QUERY: Input<String> = Input::text("Query", "query").describe("What to look for");

static SPEC: Spec = Spec {
    label: "BraveSearch API Document Loader",
    name: "braveSearchApiLoader",
    version: 2.0,
    kind: "Document",
    icon: "web-search.svg",
    category: "Document Loaders",
    description: "Makes documents of what a search with Brave finds",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["braveSearchApi"])),
    inputs: &[QUERY.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, web_search::BRAVE, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let key = remote::key(source.inputs, "braveApiKey", "BraveSearch Api Key")?;
    let query = required(source.inputs, &QUERY)?;
    let found = web_search::brave(&source.http, source.address, key, &query).await?;
    let made = |page: &Value| {
        let metadata = json!({"title": page["title"], "link": page["url"]});
        document(text(page, "/description"), metadata)
    };
    Ok(found.iter().map(made).collect())
}
