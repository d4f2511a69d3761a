//! Documents from web sites that Apify crawls.

use flowstone_core::{
    Document, Error, Input, Result, Spec,
    spec::{Choice, CredentialSlot, Default},
};
use flowstone_providers::apify;
use futures::FutureExt;
use serde_json::{Map, Value, json};

use super::remote::{self, Remote, Source, document, listed, text};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const URLS: Input<String> = Input::text("Start URLs", "urls")
    .describe("Where the crawl begins; several addresses with commas")
    .placeholder("https://example.com/docs");
const CRAWLER: Input<String> = Input::options(
    "Crawler type",
    "crawlerType",
    &[
        Choice::new("playwright:chrome", "Headless web browser (Chrome+Playwright)"),
        Choice::new("playwright:firefox", "Stealthy web browser (Firefox+Playwright)"),
        Choice::new("cheerio", "Raw HTTP client (Cheerio)"),
        Choice::new("jsdom", "Raw HTTP client with JavaScript execution (JSDOM) [experimental]"),
    ],
)
.describe("How Apify reads pages: browsers see what scripts write, plain HTTP is faster")
.default("playwright:firefox");
const DEPTH: Input<Option<u64>> = Input::whole("Max crawling depth", "maxCrawlDepth")
    .default(1)
    .describe("How many links away from the start pages may be")
    .optional()
    .additional();
const PAGES: Input<Option<u64>> = Input::whole("Max crawl pages", "maxCrawlPages")
    .default(3)
    .describe("Most pages that are read, the first ones among them")
    .optional()
    .additional();
const MORE: Input<Option<Value>> = {
    let mut it = Input::json("Additional input", "additionalInput")
        .describe("Further settings of the crawler as a JSON object; they win over those above")
        .optional()
        .additional();
    it.field.default = Default::Text("{}");
    it
};

static SPEC: Spec = Spec {
    label: "Apify Website Content Crawler",
    name: "apifyWebsiteContentCrawler",
    version: 3.0,
    kind: "Document",
    icon: "web-scraper.svg",
    category: "Document Loaders",
    description: "Makes documents of the pages of web sites that Apify crawls",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["apifyApi"]).labelled("Connect Apify API")),
    inputs: &[
        TEXT_SPLITTER.field,
        URLS.field,
        CRAWLER.field,
        DEPTH.field,
        PAGES.field,
        MORE.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, apify::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let urls = listed(Some(inputs.get(&URLS)?));
    if urls.is_empty() {
        return Err(Error::missing(&URLS.field));
    }
    let urls: Vec<Value> = urls.into_iter().map(|url| json!({"url": url})).collect();
    let mut input = Map::new();
    input.insert("startUrls".to_owned(), urls.into());
    input.insert("crawlerType".to_owned(), inputs.get(&CRAWLER)?.into());
    let depth = inputs.get(&DEPTH)?.map(|it| ("maxCrawlDepth".to_owned(), it.into()));
    let pages = inputs.get(&PAGES)?.map(|it| ("maxCrawlPages".to_owned(), it.into()));
    input.extend(depth.into_iter().chain(pages));
    input.extend(documents::entries(&MORE.field, inputs.get(&MORE)?)?);
    let token = remote::key(inputs, "apifyApiToken", "Apify API")?;
    let pages = apify::crawl(&source.http, source.address, token, &input).await?;
    let held = pages.into_iter().map(Value::Object).filter(|it| !text(it, "/text").is_empty());
    Ok(held.map(|it| document(text(&it, "/text"), json!({"source": it["url"]}))).collect())
}
