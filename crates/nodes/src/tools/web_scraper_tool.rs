//! Reads the pages of a site for a model.

use std::{collections::HashSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    spec::Choice,
};
use flowstone_providers::{HttpClient, crawl};
use futures::{StreamExt, stream};
use serde_json::{Map, Value, json};
use url::Url;

use super::{cut, web_page};

/// Most pages of one call, whatever the form says.
const MOST_PAGES: usize = 100;

/// How deep links are followed, whatever the form says.
const DEEPEST: u64 = 10;

/// How long one call may take in all.
const LONGEST_CALL: Duration = Duration::from_mins(5);

/// How much of a page's text is told, in characters.
const LONGEST_TEXT: usize = 20_000;

/// How many pages are read at once.
const AT_ONCE: usize = 4;

const MODE: Input<String> = Input::options(
    "Scraping Mode",
    "scrapeMode",
    &[Choice::new("recursive", "Recursive Link Following"), Choice::new("sitemap", "Sitemap")],
)
.default("recursive")
.describe(
    "Whether pages are found by following links, as deep as is said below, or in the site's \
     sitemap.xml; links are followed where there is none",
)
.additional();
const MAX_DEPTH: Input<Option<u64>> = Input::whole("Max Depth", "maxDepth")
    .default(1)
    .describe("1 reads the page itself, 2 the pages it links to as well, and so on")
    .placeholder("1")
    .additional()
    .optional();
const MAX_PAGES: Input<Option<u64>> = Input::whole("Max Pages", "maxPages")
    .default(10)
    .describe("How many pages are read at most; 100 where it is empty, and never more")
    .placeholder("10")
    .additional()
    .optional();
const TIMEOUT: Input<Option<f64>> = Input::number("Timeout (s)", "timeoutS")
    .default(60.0)
    .describe("How many seconds one page may take")
    .placeholder("60")
    .additional()
    .optional();
const DESCRIPTION: Input<Option<String>> = Input::text("Tool Description", "description")
    .rows(4)
    .describe("Tells the model when to use the tool, in the place of our words")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Web Scraper Tool",
    name: "webScraperTool",
    version: 1.1,
    kind: "Tool",
    icon: "web-page.svg",
    category: "Tools",
    description: "Lets a model read the pages of a site",
    base_classes: &["Tool", "Tool", "StructuredTool", "Runnable"],
    inputs: &[MODE.field, MAX_DEPTH.field, MAX_PAGES.field, TIMEOUT.field, DESCRIPTION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct WebScraperTool;

#[async_trait]
impl Node for WebScraperTool {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let by_sitemap = inputs.get(&MODE)? == "sitemap";
        let pages = inputs.get(&MAX_PAGES)?.and_then(|it| usize::try_from(it).ok());
        let pages = pages.filter(|it| *it > 0).unwrap_or(MOST_PAGES).min(MOST_PAGES);
        let depth = inputs.get(&MAX_DEPTH)?.unwrap_or(1).clamp(1, DEEPEST);
        let seconds = inputs.get(&TIMEOUT)?.filter(|it| *it > 0.0).unwrap_or(60.0);
        let description = inputs.get(&DESCRIPTION)?.unwrap_or_else(|| {
            let which = if by_sitemap {
                "the pages of a site that its sitemap lists".to_owned()
            } else if depth == 1 {
                "one page of the web".to_owned()
            } else {
                format!("a page of the web and those of its site up to {} links away", depth - 1)
            };
            format!("Reads {which}, at most {pages}: title, description and text, as JSON.")
        });
        Ok(Capability::Tool(Arc::new(Scraper {
            spec: ToolSpec {
                name: "web_scraper_tool".to_owned(),
                description,
                parameters: super::one_text("The address to begin at, such as https://example.com"),
            },
            by_sitemap,
            depth,
            pages,
            patience: Duration::try_from_secs_f64(seconds).unwrap_or(LONGEST_CALL),
        })))
    }
}

struct Scraper {
    spec: ToolSpec,
    by_sitemap: bool,
    depth: u64,
    pages: usize,
    patience: Duration,
}

#[async_trait]
impl Tool for Scraper {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let text = super::text_of(arguments, "input")?.trim().trim_matches('"');
        let start = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
        let start = start.ok_or_else(|| {
            let said = format!("{text} is no address such as https://example.com. Call again.");
            Error::ModelAnswer(said)
        })?;
        let http = run.services.get::<HttpClient>()?;
        let read = self.scrape(&http, start);
        let read = tokio::time::timeout(LONGEST_CALL, read).await.map_err(|_| {
            Error::Transport(format!("reading the site took longer than {LONGEST_CALL:?}"))
        })?;
        Ok(ToolResult::text(read.to_string()))
    }
}

impl Scraper {
    async fn scrape(&self, http: &HttpClient, start: Url) -> Value {
        if !self.by_sitemap {
            return self.follow(http, start).await;
        }
        let listed = self.listed(http, &start).await;
        if !listed.is_empty() {
            let (told, _) = self.read(http, listed).await;
            return told.into();
        }
        let warning = "The site has no sitemap with pages, so links were followed.";
        json!({"warning": warning, "scrapedData": self.follow(http, start).await})
    }

    /// The pages of the site's map. Those on other hosts are not the site's.
    async fn listed(&self, http: &HttpClient, start: &Url) -> Vec<Url> {
        let Ok(map) = start.join("/sitemap.xml") else { return Vec::new() };
        let listed = crawl::sitemap(http, map.as_str(), self.pages).await.unwrap_or_default();
        let pages = listed.into_iter().filter_map(|it| Url::parse(&it).ok());
        pages.filter(|it| it.host() == start.host()).collect()
    }

    /// Reads the page and then, level by level, what it leads to on the same host.
    async fn follow(&self, http: &HttpClient, start: Url) -> Value {
        let host = start.host().map(|it| it.to_owned());
        let mut seen = HashSet::from([start.clone()]);
        let mut level = vec![start];
        let mut told: Vec<Value> = Vec::new();
        for _ in 0..self.depth {
            level.truncate(self.pages - told.len());
            if level.is_empty() {
                break;
            }
            let (pages, links) = self.read(http, std::mem::take(&mut level)).await;
            told.extend(pages);
            let near = links.into_iter().filter(|it| it.host().map(|it| it.to_owned()) == host);
            level = near.filter(|it| seen.insert(it.clone())).collect();
        }
        told.into()
    }

    /// Reads pages; what is told of them, and where they lead. A page that cannot be read is told
    /// with the reason.
    async fn read(&self, http: &HttpClient, pages: Vec<Url>) -> (Vec<Value>, Vec<Url>) {
        let reading = pages.into_iter().map(|url| async move {
            let read = web_page::read(http, url.as_str(), self.patience).await;
            (url, read)
        });
        let mut reading = stream::iter(reading).buffered(AT_ONCE);
        let (mut told, mut links) = (Vec::new(), Vec::new());
        while let Some((url, read)) = reading.next().await {
            told.push(match read {
                Ok(page) => {
                    links.extend(page.links);
                    json!({
                        "url": url.as_str(), "title": page.title, "description": page.description,
                        "body_text": cut(&page.text, LONGEST_TEXT),
                    })
                }
                Err(error) => json!({
                    "url": url.as_str(), "title": "", "description": "", "body_text": "",
                    "error": error.to_string(),
                }),
            });
        }
        (told, links)
    }
}
