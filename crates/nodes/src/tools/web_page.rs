//! A page of the web as a model reads it.

use std::time::Duration;

use flowstone_core::{Error, Result};
use flowstone_providers::{HttpClient, crawl};
use url::Url;

use crate::html_text::Page;

/// What was found at an address.
pub(super) struct WebPage {
    pub(super) title: String,
    pub(super) description: String,
    pub(super) text: String,
    pub(super) links: Vec<Url>,
}

/// Reads the page at `url` within `patience`.
///
/// # Errors
/// As the HTTP client; `Transport` where there is no page or it takes too long.
pub(super) async fn read(http: &HttpClient, url: &str, patience: Duration) -> Result<WebPage> {
    let late = |_| Error::Transport(format!("{url} did not answer within {patience:?}"));
    let page = tokio::time::timeout(patience, crawl::page(http, url)).await.map_err(late)??;
    let none = || Error::Transport(format!("there is no page of text at {url}"));
    let page = page.ok_or_else(none)?;
    let base = Url::parse(url).map_err(|_| none())?;
    // A page of megabytes takes its time, which other calls must not wait for.
    let read = tokio::task::spawn_blocking(move || {
        let parsed = Page::parse(&page.html)?;
        Ok(WebPage {
            title: parsed.title().unwrap_or_default(),
            description: parsed.description().unwrap_or_default(),
            text: parsed.text(),
            links: parsed.links(&base),
        })
    });
    read.await.unwrap_or_else(|_| Err(none()))
}
