//! Search by meaning, by Exa.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec,
    spec::{Choice, CredentialSlot},
};
use serde_json::{Map, Value, json};

use super::web_search::{self, WebSearch};

const DESCRIPTION: Input<String> = Input::text("Tool Description", "description")
    .rows(4)
    .default(DEFAULT_DESCRIPTION)
    .describe("Tells the model when to use the tool")
    .additional();
const DEFAULT_DESCRIPTION: &str =
    "Searches the web by meaning: describe the pages to find. Gives titles, addresses and texts.";
const COUNT: Input<Option<u64>> = Input::whole("Num of Results", "numResults")
    .step(1.0)
    .describe("How many pages are given; 10 where it is empty")
    .additional()
    .optional();
const KIND: Input<Option<String>> = Input::options(
    "Search Type",
    "type",
    &[Choice::plain("keyword"), Choice::plain("neural"), Choice::plain("auto")],
)
.describe("By words, by meaning, or as Exa thinks best")
.additional()
.optional();
const AUTOPROMPT: Input<bool> = Input::flag("Use Auto Prompt", "useAutoprompt")
    .describe("Exa rewords the query")
    .may_be_empty()
    .additional();
const CATEGORY: Input<Option<String>> = Input::options(
    "Category (Beta)",
    "category",
    &[
        Choice::plain("company"),
        Choice::plain("research paper"),
        Choice::plain("news"),
        Choice::plain("github"),
        Choice::plain("tweet"),
        Choice::plain("movie"),
        Choice::plain("song"),
        Choice::plain("pdf"),
        Choice::plain("personal site"),
        Choice::plain("linkedin profile"),
        Choice::plain("financial report"),
    ],
)
.describe("Only pages of this kind are given")
.additional()
.optional();
const INCLUDE: Input<Option<String>> = Input::text("Include Domains", "includeDomains")
    .rows(4)
    .describe("Only these sites are searched, with commas between them")
    .additional()
    .optional();
const EXCLUDE: Input<Option<String>> = Input::text("Exclude Domains", "excludeDomains")
    .rows(4)
    .describe("These sites are left out, with commas between them")
    .additional()
    .optional();
const CRAWLED_AFTER: Input<Option<String>> = date_row("Start Crawl Date", "startCrawlDate");
const CRAWLED_BEFORE: Input<Option<String>> = date_row("End Crawl Date", "endCrawlDate");
const AFTER: Input<Option<String>> = date_row("Start Published Date", "startPublishedDate");
const BEFORE: Input<Option<String>> = date_row("End Published Date", "endPublishedDate");

const fn date_row(label: &'static str, name: &'static str) -> Input<Option<String>> {
    Input::text(label, name).placeholder("2026-01-31T00:00:00.000Z").additional().optional()
}

static SPEC: Spec = Spec {
    label: "Exa Search",
    name: "exaSearch",
    version: 1.1,
    kind: "ExaSearch",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search by meaning with Exa",
    base_classes: &["ExaSearch", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["exaSearchApi"])),
    inputs: &[
        DESCRIPTION.field,
        COUNT.field,
        KIND.field,
        AUTOPROMPT.field,
        CATEGORY.field,
        INCLUDE.field,
        EXCLUDE.field,
        CRAWLED_AFTER.field,
        CRAWLED_BEFORE.field,
        AFTER.field,
        BEFORE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ExaSearch;

#[async_trait]
impl Node for ExaSearch {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See docs.exa.ai/reference/search.
const ADDRESS: &str = "https://api.exa.ai/search";

/// How much of each page's text is given, in characters.
const LONGEST_TEXT: u64 = 5_000;

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let key = inputs.credential()?.require("exaSearchApiKey", "ExaSearch Api Key")?.to_owned();
    let address = address.to_owned();
    let settings = settings(inputs)?;
    let about = inputs.get(&DESCRIPTION)?;
    Ok(WebSearch::new("exa_search", about, read, move |http, query| {
        let mut body = settings.clone();
        body.insert("query".to_owned(), query.into());
        Ok(http.post(&address)?.header("x-api-key", &key).json(&body))
    }))
}

/// The body without the query.
fn settings(inputs: &Inputs) -> Result<Map<String, Value>> {
    let mut body = Map::new();
    body.insert("contents".to_owned(), json!({"text": {"maxCharacters": LONGEST_TEXT}}));
    if let Some(count) = inputs.get(&COUNT)? {
        body.insert("numResults".to_owned(), count.into());
    }
    if inputs.get(&AUTOPROMPT)? {
        body.insert("useAutoprompt".to_owned(), true.into());
    }
    for row in [&KIND, &CATEGORY, &CRAWLED_AFTER, &CRAWLED_BEFORE, &AFTER, &BEFORE] {
        if let Some(text) = inputs.get(row)? {
            body.insert(row.field.name.to_owned(), text.into());
        }
    }
    for row in [&INCLUDE, &EXCLUDE] {
        if let Some(text) = inputs.get(row)? {
            body.insert(row.field.name.to_owned(), web_search::listed(&text).into());
        }
    }
    Ok(body)
}

fn read(text: &str) -> Result<String> {
    let found = web_search::json(text)?;
    let pages = found["results"].as_array().into_iter().flatten();
    let page = |it: &Value| {
        json!({
            "title": it["title"], "link": it["url"], "published": it["publishedDate"],
            "author": it["author"], "text": it["text"],
        })
    };
    Ok(web_search::told(pages.map(page).collect()))
}
