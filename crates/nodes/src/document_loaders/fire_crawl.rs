//! Documents from the web as Firecrawl reads it.

use flowstone_core::{
    Document, Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot, Holds, When},
};
use flowstone_providers::firecrawl::{self, Firecrawl};
use futures::FutureExt;
use serde_json::{Map, Value, json};

use super::remote::{self, Remote, Source, document, filled, listed};
use crate::documents::{self, TEXT_SPLITTER};

const CRAWL: &str = "crawl";
const SCRAPE: &str = "scrape";
const EXTRACT: &str = "extract";
const SEARCH: &str = "search";

const KIND: Input<String> = Input::options(
    "Type",
    "crawlerType",
    &[
        Choice::new(CRAWL, "Crawl").describe("A page and the pages of its site it leads to"),
        Choice::new(SCRAPE, "Scrape").describe("One page"),
        Choice::new(EXTRACT, "Extract").describe("Data that a model finds on pages"),
        Choice::new(SEARCH, "Search").describe("What a search of the web finds"),
    ],
)
.default(CRAWL);
const URLS: Input<Option<String>> = Input::text("URLs", "url")
    .describe("The page; for Extract several with commas")
    .placeholder("https://docs.firecrawl.dev")
    .optional()
    .show_when(&[When("crawlerType", Holds::AnyOf(&[CRAWL, SCRAPE, EXTRACT]))]);
const INCLUDE_TAGS: Input<Option<String>> = Input::text("Include Tags", "includeTags")
    .describe("Only these elements of the page, with commas")
    .placeholder("main, article")
    .optional()
    .additional()
    .show_when(SCRAPES);
const EXCLUDE_TAGS: Input<Option<String>> = Input::text("Exclude Tags", "excludeTags")
    .describe("Without these elements of the page, with commas")
    .placeholder("nav, footer")
    .optional()
    .additional()
    .show_when(SCRAPES);
const MAIN_ONLY: Input<bool> = Input::flag("Only Main Content", "onlyMainContent")
    .describe("Without what stands around the content of the page")
    .may_be_empty()
    .additional()
    .show_when(SCRAPES);
const LIMIT: Input<Option<String>> = Input::text("Limit", "limit")
    .default("10000")
    .describe("Most pages that are read")
    .optional()
    .additional()
    .show_when(CRAWLS);
const INCLUDE_PATHS: Input<Option<String>> = Input::text("Include Paths", "includePaths")
    .describe("Only pages whose paths fit one of these regular expressions, with commas")
    .placeholder("blog/.*, news/.*")
    .optional()
    .additional()
    .show_when(CRAWLS);
const EXCLUDE_PATHS: Input<Option<String>> = Input::text("Exclude Paths", "excludePaths")
    .describe("Without pages whose paths fit one of these regular expressions, with commas")
    .placeholder("blog/.*, news/.*")
    .optional()
    .additional()
    .show_when(CRAWLS);
const SCHEMA: Input<Option<Value>> = Input::json("Schema", "extractSchema")
    .describe("JSON schema of the data that is wanted")
    .optional()
    .additional()
    .show_when(EXTRACTS);
const PROMPT: Input<Option<String>> = Input::text("Prompt", "extractPrompt")
    .describe("What data is wanted, in words")
    .optional()
    .additional()
    .show_when(EXTRACTS);
const QUERY: Input<Option<String>> =
    Input::text("Query", "searchQuery").describe("What to look for").optional().show_when(SEARCHES);
const SEARCH_LIMIT: Input<Option<String>> = Input::text("Limit", "searchLimit")
    .default("5")
    .describe("Most results")
    .optional()
    .additional()
    .show_when(SEARCHES);
const LANGUAGE: Input<Option<String>> = Input::text("Language", "searchLang")
    .default("en")
    .describe("Language of the results, as a code of two letters")
    .optional()
    .additional()
    .show_when(SEARCHES);
const COUNTRY: Input<Option<String>> = Input::text("Country", "searchCountry")
    .default("us")
    .describe("Country of the search, as a code of two letters")
    .optional()
    .additional()
    .show_when(SEARCHES);
const TIMEOUT: Input<Option<u64>> = Input::whole("Timeout", "searchTimeout")
    .default(60_000)
    .describe("How long the search may take, in milliseconds")
    .optional()
    .additional()
    .show_when(SEARCHES);

const CRAWLS: &[When] = &[When("crawlerType", Holds::AnyOf(&[CRAWL]))];
const SCRAPES: &[When] = &[When("crawlerType", Holds::AnyOf(&[SCRAPE]))];
const EXTRACTS: &[When] = &[When("crawlerType", Holds::AnyOf(&[EXTRACT]))];
const SEARCHES: &[When] = &[When("crawlerType", Holds::AnyOf(&[SEARCH]))];

static SPEC: Spec = Spec {
    label: "FireCrawl",
    name: "fireCrawl",
    version: 4.0,
    kind: "Document",
    icon: "web-scraper.svg",
    category: "Document Loaders",
    description: "Makes documents of web pages, searches and extracted data by Firecrawl",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["fireCrawlApi"]).labelled("FireCrawl API")),
    inputs: &[
        TEXT_SPLITTER.field,
        KIND.field,
        URLS.field,
        INCLUDE_TAGS.field,
        EXCLUDE_TAGS.field,
        MAIN_ONLY.field,
        LIMIT.field,
        INCLUDE_PATHS.field,
        EXCLUDE_PATHS.field,
        SCHEMA.field,
        PROMPT.field,
        QUERY.field,
        SEARCH_LIMIT.field,
        LANGUAGE.field,
        COUNTRY.field,
        TIMEOUT.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, firecrawl::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let own = inputs.credential()?.get("firecrawlApiUrl");
    let client = Firecrawl {
        http: &source.http,
        address: own.unwrap_or(source.address),
        key: remote::key(inputs, "firecrawlApiToken", "FireCrawl API")?,
    };
    let kind = inputs.get(&KIND)?;
    if kind == SEARCH {
        let found = client.search(&search(inputs)?).await?;
        return Ok(found.iter().map(result).collect());
    }
    let urls = filled(inputs.get(&URLS)?).ok_or_else(|| Error::missing(&URLS.field))?;
    match kind.as_str() {
        CRAWL => {
            let pages = client.crawl(&crawl(inputs, &urls)?).await?;
            Ok(pages.iter().map(|page| page_of(page, &urls)).collect())
        }
        SCRAPE => Ok(vec![page_of(&client.scrape(&scrape(inputs, &urls)?).await?, &urls)]),
        EXTRACT => {
            let found = client.extract(&extract(inputs, &urls)?).await?;
            let text = serde_json::to_string_pretty(&found["data"]).unwrap_or_default();
            let metadata = json!({
                "source": urls, "type": "extracted_data", "status": found["status"],
                "data": found["data"], "expiresAt": found["expiresAt"],
            });
            Ok(vec![document(text, metadata)])
        }
        other => {
            let reason = format!("{other} is none of {CRAWL}, {SCRAPE}, {EXTRACT}, {SEARCH}");
            Err(Error::invalid(&KIND.field, reason))
        }
    }
}

fn crawl(inputs: &Inputs, url: &str) -> Result<Map<String, Value>> {
    let mut body = Map::from_iter([("url".to_owned(), url.into())]);
    body.extend(number(inputs, &LIMIT)?.map(|it| ("limit".to_owned(), it.into())));
    put_list(&mut body, "includePaths", listed(inputs.get(&INCLUDE_PATHS)?));
    put_list(&mut body, "excludePaths", listed(inputs.get(&EXCLUDE_PATHS)?));
    let how = json!({"formats": ["markdown"], "onlyMainContent": true});
    body.insert("scrapeOptions".to_owned(), how);
    Ok(body)
}

fn scrape(inputs: &Inputs, url: &str) -> Result<Map<String, Value>> {
    let mut body = Map::from_iter([("url".to_owned(), url.into())]);
    body.insert("formats".to_owned(), json!(["markdown"]));
    // A flow that never saw the switch gets what the service does by itself.
    let only = inputs.value(&MAIN_ONLY.field).is_none() || inputs.get(&MAIN_ONLY)?;
    body.insert("onlyMainContent".to_owned(), only.into());
    put_list(&mut body, "includeTags", listed(inputs.get(&INCLUDE_TAGS)?));
    put_list(&mut body, "excludeTags", listed(inputs.get(&EXCLUDE_TAGS)?));
    Ok(body)
}

fn extract(inputs: &Inputs, urls: &str) -> Result<Map<String, Value>> {
    let mut body = Map::new();
    put_list(&mut body, "urls", listed(Some(urls.to_owned())));
    body.extend(filled(inputs.get(&PROMPT)?).map(|it| ("prompt".to_owned(), it.into())));
    let schema = documents::entries(&SCHEMA.field, inputs.get(&SCHEMA)?)?;
    if !schema.is_empty() {
        body.insert("schema".to_owned(), schema.into());
    }
    Ok(body)
}

fn search(inputs: &Inputs) -> Result<Map<String, Value>> {
    let query = filled(inputs.get(&QUERY)?).ok_or_else(|| Error::missing(&QUERY.field))?;
    let mut body = Map::from_iter([("query".to_owned(), query.into())]);
    body.extend(number(inputs, &SEARCH_LIMIT)?.map(|it| ("limit".to_owned(), it.into())));
    body.extend(filled(inputs.get(&LANGUAGE)?).map(|it| ("lang".to_owned(), it.into())));
    body.extend(filled(inputs.get(&COUNTRY)?).map(|it| ("country".to_owned(), it.into())));
    body.extend(inputs.get(&TIMEOUT)?.map(|it| ("timeout".to_owned(), it.into())));
    Ok(body)
}

/// A number that its row holds as text.
fn number(inputs: &Inputs, row: &Input<Option<String>>) -> Result<Option<u64>> {
    let Some(text) = filled(inputs.get(row)?) else { return Ok(None) };
    let number = text.parse::<u64>().ok().filter(|it| *it > 0);
    let wrong = || Error::invalid(&row.field, format!("{text} is no whole number of 1 or more"));
    number.map(Some).ok_or_else(wrong)
}

fn put_list(body: &mut Map<String, Value>, name: &str, list: Vec<String>) {
    if !list.is_empty() {
        body.insert(name.to_owned(), list.into());
    }
}

fn page_of(page: &Value, url: &str) -> Document {
    let text = ["markdown", "html", "rawHtml"].iter().find_map(|it| page.get(it)?.as_str());
    let mut metadata = page["metadata"].clone();
    let source = metadata.get("sourceURL").and_then(Value::as_str).unwrap_or(url).to_owned();
    if !metadata.is_object() {
        metadata = json!({});
    }
    metadata["source"] = source.into();
    document(text.unwrap_or_default(), metadata)
}

fn result(found: &Value) -> Document {
    let text = ["markdown", "description"].iter().find_map(|it| found.get(it)?.as_str());
    let metadata = json!({
        "title": found["title"], "sourceURL": found["url"], "description": found["description"],
        "source": found["url"],
    });
    document(text.unwrap_or_default(), metadata)
}
