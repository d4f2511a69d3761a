//! Documents from web pages.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Spec,
    spec::{Choice, Default, Field},
};
use flowstone_providers::{
    HttpClient,
    crawl::{self, Page},
};
use futures::{StreamExt, stream};
use serde_json::Map;

use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    html_text,
};

pub(super) const URL: Input<String> = Input::text("URL", "url");
pub(super) const METHOD: Input<Option<String>> = Input::options(
    "Get Relative Links Method",
    "relativeLinksMethod",
    &[
        Choice::new(WEB_CRAWL, "Web Crawl")
            .describe("Follows the links of the page to others on the same host"),
        Choice::new(SITEMAP, "Scrape XML Sitemap")
            .describe("Reads the pages that a sitemap lists; the URL is that of the sitemap"),
    ],
)
.describe("How more pages than that of the URL are found; only that one where it is empty")
.default(WEB_CRAWL)
.optional()
.additional();
pub(super) const LIMIT: Input<Option<f64>> = {
    let mut it = Input::number("Get Relative Links Limit", "limit")
        .describe("Most pages that are read; 0 reads all that are found")
        .optional()
        .additional();
    it.field.default = Default::Text("10");
    it
};
const SELECTOR: Input<Option<String>> = Input::text("Selector (CSS)", "selector")
    .describe("Takes only what this CSS selector finds on a page; the whole page where it is empty")
    .placeholder("main article")
    .optional()
    .additional();

pub(super) const WEB_CRAWL: &str = "webCrawl";
pub(super) const SITEMAP: &str = "scrapeXMLSitemap";

/// How many pages are read at once.
const AT_ONCE: usize = 4;

/// Pages that were chosen by hand in a dialog, which is no row of the form.
pub(super) const SELECTED: Field = Field::new("Selected Links", "selectedLinks", "json");

static SPEC: Spec = Spec {
    label: "Cheerio Web Scraper",
    name: "cheerioWebScraper",
    version: 2.0,
    kind: "Document",
    icon: "web-scraper.svg",
    category: "Document Loaders",
    description: "Makes documents of web pages",
    base_classes: &["Document"],
    inputs: &[
        URL.field,
        TEXT_SPLITTER.field,
        METHOD.field,
        LIMIT.field,
        SELECTOR.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct CheerioWebScraper;

#[async_trait]
impl Node for CheerioWebScraper {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let pages = pages(inputs).await?;
        let selector = inputs.get(&SELECTOR)?.filter(|it| !it.trim().is_empty());
        // Parsed once before, so that a wrong selector is told even where no page is found.
        if let Some(selector) = &selector {
            let parsed = html_text::Page::parse("")?.texts_of(selector);
            parsed.map_err(|error| Error::invalid(&SELECTOR.field, error.to_string()))?;
        }
        let loaded = documents::blocking(move || {
            let document = |page: Page| {
                let page_content = text(&page, selector.as_deref())?;
                let metadata = Map::from_iter([("source".to_owned(), page.url.into())]);
                Ok(Document { page_content, metadata, id: None })
            };
            pages.into_iter().map(document).collect::<Result<Vec<_>>>()
        });
        documents::hand_on(loaded.await?, inputs).await
    }
}

/// The pages to read. One that answers with an error, or with something that is no page, gives
/// nothing.
async fn pages(inputs: &Inputs) -> Result<Vec<Page>> {
    let client = inputs.services.get::<HttpClient>()?;
    let url = inputs.get(&URL)?.trim().to_owned();
    let limit = limit(inputs)?;
    let method = inputs.get(&METHOD)?;
    let selected = inputs.value(&SELECTED).and_then(|it| serde_json::from_value(it).ok());
    let selected: Vec<String> = selected.unwrap_or_default();
    let urls = match method.as_deref() {
        _ if !selected.is_empty() => {
            let most = if limit == 0 { selected.len() } else { limit };
            selected.into_iter().take(most).collect()
        }
        Some(WEB_CRAWL) => {
            let mut pages = Vec::new();
            let crawled = crawl::walk(&client, &url, limit, |page| pages.push(page)).await;
            return match crawled {
                Ok(()) => Ok(pages),
                Err(error) => passed_over(error, true).map(|()| pages),
            };
        }
        Some(SITEMAP) => {
            let urls = crawl::sitemap(&client, &url, limit).await?;
            if urls.is_empty() {
                let reason = "there is no sitemap at this address, or it lists no pages";
                return Err(Error::invalid(&URL.field, reason));
            }
            urls
        }
        Some(other) => {
            let reason = format!("{other} is neither {WEB_CRAWL} nor {SITEMAP}");
            return Err(Error::invalid(&METHOD.field, reason));
        }
        None => vec![url],
    };
    let alone = urls.len() == 1;
    let client = client.as_ref();
    let read = urls.into_iter().map(|url| async move { crawl::page(client, &url).await });
    let mut read = stream::iter(read).buffered(AT_ONCE);
    let mut pages = Vec::new();
    while let Some(page) = read.next().await {
        match page {
            Ok(page) => pages.extend(page),
            Err(error) => passed_over(error, alone)?,
        }
    }
    Ok(pages)
}

/// A page that cannot be had is no failure of the flow, unless it is the only one that is wanted and
/// not even its host can be reached. An address that must not be called always is.
pub(super) fn passed_over(error: Error, alone: bool) -> Result<()> {
    match error {
        Error::Transport(_) if alone => Err(error),
        Error::Provider { .. } | Error::Transport(_) => {
            tracing::info!(%error, "a page is passed over");
            Ok(())
        }
        other => Err(other),
    }
}

pub(super) fn limit(inputs: &Inputs) -> Result<usize> {
    let limit = inputs.get(&LIMIT)?.unwrap_or(10.0);
    if limit < 0.0 || limit.fract() != 0.0 {
        let reason = format!("{limit} is not a whole number of zero or more");
        return Err(Error::invalid(&LIMIT.field, reason));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole and not below zero; a crawl has a limit of its own far below"
    )]
    Ok(limit as usize)
}

fn text(page: &Page, selector: Option<&str>) -> Result<String> {
    let parsed = html_text::Page::parse(&page.html)?;
    match selector {
        Some(selector) => Ok(parsed.texts_of(selector)?.join("\n")),
        None => Ok(parsed.text()),
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{documents, form, services_for};

    async fn site() -> FakeSite {
        FakeSite::start([
            (
                "/",
                SitePage::html(
                    "<head><title>T</title></head><main><h1>Library</h1><p>Open</p></main>\
                     <script>x</script><a href='/a'>A</a><a href='/b.pdf'>B</a><a href='/c'>C</a>",
                ),
            ),
            ("/a", SitePage::html("<main>Rooms</main>")),
            ("/b.pdf", SitePage::new("application/pdf", "%PDF")),
            ("/c", SitePage::html("broken").status(500)),
        ])
        .await
    }

    async fn load(site: &FakeSite, values: Value) -> Result<Vec<Document>> {
        let mut form = form(&values);
        form.services = services_for(site.address());
        let made = CheerioWebScraper.init(&form).await?;
        Ok(documents(Ok(made)))
    }

    #[tokio::test]
    async fn pages_of_a_site_become_documents() {
        let site = site().await;
        let made = load(&site, json!({"url": site.url("/")})).await.unwrap();
        let texts: Vec<&str> = made.iter().map(|it| it.page_content.as_str()).collect();
        assert_eq!(texts, ["Library\n\nOpen\n\nABC", "Rooms"]);
        let source = json!({"source": site.url("")});
        assert_eq!(Value::from(made[0].metadata.clone()), source);
    }

    #[tokio::test]
    async fn a_selector_chooses_parts_and_an_empty_method_one_page() {
        let site = site().await;
        let url = site.url("/");
        let values = json!({"url": url, "relativeLinksMethod": "", "selector": "main h1, main p"});
        let made = load(&site, values).await.unwrap();
        assert_eq!(made.len(), 1);
        assert_eq!(made[0].page_content, "Library\nOpen");
        let values = json!({"url": url, "limit": 1, "selector": "main["});
        let said = load(&site, values).await.unwrap_err().to_string();
        assert!(said.starts_with("Selector (CSS): "), "{said}");
    }

    #[tokio::test]
    async fn pages_chosen_by_hand_or_by_a_sitemap_are_read() {
        let site = site().await;
        let chosen = [site.url("/a"), site.url("/b.pdf"), site.url("/c"), site.url("/")];
        let values = json!({"url": site.url("/"), "selectedLinks": chosen, "limit": 3});
        assert_eq!(load(&site, values).await.unwrap().len(), 1);
        let listed = format!("<urlset><url><loc>{}</loc></url></urlset>", site.url("/a"));
        site.put("/sitemap.xml", SitePage::new("text/xml", listed));
        let by_sitemap =
            |path: &str| json!({"url": site.url(path), "relativeLinksMethod": SITEMAP});
        let made = load(&site, by_sitemap("/sitemap.xml")).await.unwrap();
        assert_eq!(made[0].page_content, "Rooms");
        let said = load(&site, by_sitemap("/a")).await.unwrap_err().to_string();
        assert!(said.starts_with("URL: there is no sitemap"), "{said}");
    }

    #[tokio::test]
    async fn what_may_not_be_called_is_an_error_and_a_missing_page_none() {
        let site = site().await;
        for method in ["", WEB_CRAWL] {
            let at = |url: &str| json!({"url": url, "relativeLinksMethod": method});
            assert!(load(&site, at(&site.url("/c"))).await.unwrap().is_empty());
            let refused = load(&site, at("http://169.254.169.254/")).await;
            assert!(matches!(refused, Err(Error::AddressRefused(_))), "{refused:?}");
            assert!(load(&site, at("library")).await.is_err());
        }
        let said = load(&site, json!({"url": "x", "limit": "-1"})).await.unwrap_err().to_string();
        assert_eq!(said, "Get Relative Links Limit: -1 is not a whole number of zero or more");
    }
}
