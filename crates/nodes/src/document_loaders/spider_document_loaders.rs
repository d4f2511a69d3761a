//! Documents from web pages that Spider reads.

use flowstone_core::{
    Document, Error, Input, Result, Spec,
    spec::{Choice, CredentialSlot},
};
use flowstone_providers::spider;
use futures::FutureExt;
use serde_json::{Value, json};

use super::remote::{self, Gathered, Remote, Source, document, required, text};
use crate::documents::{self, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const CRAWL: &str = "crawl";
const SCRAPE: &str = "scrape";

const MODE: Input<String> = Input::options(
    "Mode",
    "mode",
    &[
        Choice::new(SCRAPE, "Scrape").describe("One page"),
        Choice::new(CRAWL, "Crawl").describe("A page and the pages of its site it leads to"),
    ],
)
.default(SCRAPE);
const URL: Input<String> = Input::text("Web Page URL", "url")
    .describe("The page, or where the crawl begins")
    .placeholder("https://spider.cloud");
const LIMIT: Input<u64> =
    Input::whole("Limit", "limit").default(25).describe("Most pages that a crawl reads");
const ADDED: Input<Option<Value>> = Input::json("Additional Metadata", "additional_metadata")
    .describe("A JSON object whose entries are added to the metadata of every document")
    .optional()
    .additional();
const PARAMETERS: Input<Option<Value>> = Input::json("Additional Parameters", "params")
    .describe("Further parameters of Spider as a JSON object")
    .placeholder("{\"anti_bot\": true}")
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "Spider Document Loaders",
    name: "spiderDocumentLoaders",
    version: 2.0,
    kind: "Document",
    icon: "web-scraper.svg",
    category: "Document Loaders",
    description: "Makes documents of web pages that Spider reads",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["spiderApi"]).labelled("Credential")),
    inputs: &[
        TEXT_SPLITTER.field,
        MODE.field,
        URL.field,
        LIMIT.field,
        ADDED.field,
        PARAMETERS.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote =
    Remote::new(&SPEC, spider::ADDRESS, |it| load(it).boxed()).adding(&ADDED);

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let key = remote::key(inputs, "spiderApiKey", "Spider API Key")?;
    let mode = inputs.get(&MODE)?;
    let mut body = documents::entries(&PARAMETERS.field, inputs.get(&PARAMETERS)?)?;
    let limit = match mode.as_str() {
        SCRAPE => 1,
        CRAWL => inputs.get(&LIMIT)?,
        other => {
            let reason = format!("{other} is neither {SCRAPE} nor {CRAWL}");
            return Err(Error::invalid(&MODE.field, reason));
        }
    };
    let url = required(inputs, &URL)?;
    body.insert("url".to_owned(), url.into());
    body.insert("limit".to_owned(), limit.into());
    body.entry("return_format").or_insert_with(|| "markdown".into());
    let pages = spider::pages(&source.http, source.address, key, &mode, &body).await?;
    let mut gathered = Gathered::of(&inputs.services);
    for page in &pages {
        gathered.add(text(page, "/url"), document_of(page))?;
    }
    gathered.documents(&URL.field)
}

fn document_of(page: &Value) -> Result<Vec<Document>> {
    match (page["content"].as_str(), page["error"].as_str().filter(|it| !it.is_empty())) {
        (None | Some(""), Some(error)) => Err(Error::Transport(error.to_owned())),
        (content, _) => {
            Ok(vec![document(content.unwrap_or_default(), json!({"source": page["url"]}))])
        }
    }
}
