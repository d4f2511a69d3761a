//! Documents from web pages as a browser shows them, under the settings of Puppeteer.

use async_trait::async_trait;
use flowstone_browser::Wait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::Choice};

use super::{
    browsed::{self, SELECTOR, WAIT_FOR},
    cheerio_web_scraper::{LIMIT, METHOD, URL},
};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const WAIT: Input<Option<String>> = Input::options(
    "Wait Until",
    "waitUntilGoToOption",
    &[
        Choice::new("load", "Load").describe("All that belongs to it is loaded"),
        Choice::new("domcontentloaded", "DOM Content Loaded").describe("Its source is read"),
        Choice::new("networkidle0", "Network Idle 0")
            .describe("It calls nothing for half a second"),
        Choice::new("networkidle2", "Network Idle 2")
            .describe("It has at most two calls open for half a second"),
    ],
)
.describe("When a page is taken to be there; Load where it is empty")
.optional()
.additional();

const WAITS: &[(&str, Wait)] = &[
    ("load", Wait::Load),
    ("domcontentloaded", Wait::DomContentLoaded),
    ("networkidle0", Wait::NetworkIdle),
    ("networkidle2", Wait::NetworkAlmostIdle),
];

static SPEC: Spec = Spec {
    label: "Puppeteer Web Scraper",
    name: "puppeteerWebScraper",
    version: 2.0,
    kind: "Document",
    icon: "web-scraper.svg",
    category: "Document Loaders",
    description: "Makes documents of web pages after their scripts have run",
    base_classes: &["Document"],
    inputs: &[
        URL.field,
        TEXT_SPLITTER.field,
        METHOD.field,
        LIMIT.field,
        WAIT.field,
        WAIT_FOR.field,
        SELECTOR.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct PuppeteerWebScraper;

#[async_trait]
impl Node for PuppeteerWebScraper {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        documents::hand_on(browsed::load(inputs, &WAIT, WAITS).await?, inputs).await
    }
}
