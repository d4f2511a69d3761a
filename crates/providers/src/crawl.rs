//! Reads the pages of a web site: one page, the pages its links lead to, or those its sitemap lists.
//!
//! Everything goes through [`HttpClient`], so an address that flows may not call is not crawled
//! either. A crawl keeps to the host it began on and reads the pages nearest to its start first.
//! Dropping the future ends it.

mod page;
mod sitemap;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use flowstone_core::{Error, Result};
use futures::{StreamExt, stream};
use url::Url;

use crate::HttpClient;

pub use page::{Page, page};
pub use sitemap::sitemap;

/// Most addresses that one crawl or sitemap gives, whatever limit was asked for.
pub const MOST_LINKS: usize = 10_000;

/// How many pages of one site are read at once.
const AT_ONCE: usize = 4;

/// The pages that `start` leads to by links, itself first, at most `limit` (zero: as many as
/// [`MOST_LINKS`]).
///
/// # Errors
/// As [`walk`].
pub async fn links(client: &HttpClient, start: &str, limit: usize) -> Result<Vec<String>> {
    let mut found = Vec::new();
    walk(client, start, limit, |page| found.push(page.url)).await?;
    Ok(found)
}

/// Shows `visit` the page at `start` and those its links lead to on the same host, nearest first,
/// each once, at most `limit` (zero: as many as [`MOST_LINKS`]).
///
/// What is no HTML, answers with an error or redirects to another host is passed over.
///
/// # Errors
/// `Transport` where `start` is no address of the web or cannot be reached; `AddressRefused` where
/// it may not be called; `Provider` where it answers with an error. Failures of later pages are no
/// error.
pub async fn walk(
    client: &HttpClient,
    start: &str,
    limit: usize,
    mut visit: impl FnMut(Page),
) -> Result<()> {
    let most = at_most(limit);
    let start = web_address(start)?;
    let first = page::read(client, &start, page::Kind::Html).await?;
    if first.status >= 400 {
        let message = format!("is what {} answered", page::name(&start));
        return Err(Error::Provider { status: first.status, message });
    }
    let Some(content) = first.content else { return Ok(()) };
    // A site may live on another host than the one people type, such as `www.` before it.
    let home = [start.clone(), content.url.clone()];
    let mut seen = HashSet::from(home.clone().map(|it| page::name(&it)));
    let mut next = Vec::new();
    let mut count = 1;
    enqueue(&mut next, &mut seen, &home, content.links);
    visit(Page { url: page::name(&start), html: content.html });
    while count < most && !next.is_empty() {
        let level = std::mem::take(&mut next);
        let read = level.into_iter().map(|url| async move {
            let read = page::read(client, &url, page::Kind::Html).await;
            (url, read)
        });
        let mut pages = stream::iter(read).buffered(AT_ONCE);
        while let Some((url, read)) = pages.next().await {
            let content = match read {
                Ok(read) => read.content,
                Err(error) => {
                    tracing::debug!(host = url.host_str(), %error, "a page is passed over");
                    None
                }
            };
            let Some(content) = content.filter(|it| is_home(&home, &it.url)) else { continue };
            let answered = page::name(&content.url);
            if answered != page::name(&url) && !seen.insert(answered) {
                continue;
            }
            enqueue(&mut next, &mut seen, &home, content.links);
            visit(Page { url: page::name(&url), html: content.html });
            count += 1;
            if count >= most {
                break;
            }
        }
    }
    Ok(())
}

/// Notes the links that lead to pages of the site that nobody has seen yet.
fn enqueue(next: &mut Vec<Url>, seen: &mut HashSet<String>, home: &[Url], links: Vec<Url>) {
    for mut link in links {
        link.set_fragment(None);
        if is_home(home, &link) && seen.len() < 4 * MOST_LINKS && seen.insert(page::name(&link)) {
            next.push(link);
        }
    }
}

fn is_home(home: &[Url], url: &Url) -> bool {
    let same = |it: &Url| it.host_str() == url.host_str() && it.port() == url.port();
    matches!(url.scheme(), "http" | "https") && home.iter().any(same)
}

fn at_most(limit: usize) -> usize {
    if limit == 0 { MOST_LINKS } else { limit.min(MOST_LINKS) }
}

/// `text` as an address that a browser could open.
fn web_address(text: &str) -> Result<Url> {
    let text = text.trim();
    let url = Url::parse(text).ok().filter(|it| matches!(it.scheme(), "http" | "https"));
    url.filter(Url::has_host).ok_or_else(|| {
        Error::Transport(format!("`{text}` is no address such as https://example.com/page"))
    })
}
