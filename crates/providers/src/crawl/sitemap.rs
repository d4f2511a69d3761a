//! The addresses that a sitemap lists (sitemaps.org), through indexes of sitemaps too.

use std::{collections::VecDeque, io::Read};

use bytes::Bytes;
use flate2::read::GzDecoder;
use flowstone_core::{Error, Result};
use quick_xml::{
    Reader,
    events::{BytesRef, Event},
};
use url::Url;

use super::{at_most, page, web_address};
use crate::HttpClient;

/// Longest sitemap, packed and unpacked, in bytes: the standard's own limit.
const LONGEST: usize = 50 << 20;

/// How many sitemaps an index may lead to.
const MOST_SITEMAPS: usize = 100;

/// The pages that the sitemap at `url` lists, at most `limit` (zero: as many as
/// [`MOST_LINKS`](super::MOST_LINKS)). What is no sitemap lists nothing.
///
/// # Errors
/// `Transport` where `url` is no address of the web, cannot be reached or answers damaged XML;
/// `AddressRefused` where it may not be called. Failures of the sitemaps that an index names are no
/// error.
pub async fn sitemap(client: &HttpClient, url: &str, limit: usize) -> Result<Vec<String>> {
    let most = at_most(limit);
    let first = web_address(url)?;
    let mut found = Vec::new();
    let mut waiting = VecDeque::from([first.clone()]);
    let mut seen = vec![first.clone()];
    while let Some(url) = waiting.pop_front() {
        let listed = match read(client, &url).await {
            Ok(listed) => listed,
            Err(error) if url == first => return Err(error),
            Err(error) => {
                tracing::debug!(host = url.host_str(), %error, "a sitemap is passed over");
                continue;
            }
        };
        for page in listed.pages {
            if found.len() >= most {
                return Ok(found);
            }
            found.push(page);
        }
        for sitemap in listed.sitemaps {
            if seen.len() < MOST_SITEMAPS && !seen.contains(&sitemap) {
                seen.push(sitemap.clone());
                waiting.push_back(sitemap);
            }
        }
    }
    Ok(found)
}

/// What one file lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) pages: Vec<String>,
    pub(super) sitemaps: Vec<Url>,
}

async fn read(client: &HttpClient, url: &Url) -> Result<Listed> {
    let response = page::call(client, url).await?;
    let told = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    let path = url.path().to_ascii_lowercase();
    let packed = told.contains("gzip") || path.rsplit_once('.').is_some_and(|(_, it)| it == "gz");
    if !response.status().is_success() || !(packed || told.contains("xml")) {
        return Ok(Listed::default());
    }
    let bytes = response.bytes(LONGEST).await?;
    let name = page::name(url);
    let listed = tokio::task::spawn_blocking(move || {
        let damaged = |reason: &str| Error::Transport(format!("the sitemap {name} {reason}"));
        let bytes = unpack(bytes).map_err(damaged)?;
        parse(&page::decode(&bytes, &told)).map_err(|it| damaged(&format!("is damaged: {it}")))
    });
    listed.await.unwrap_or_else(|_| Err(Error::Transport("the sitemap cannot be read".to_owned())))
}

/// The content of a packed file, told by its first bytes; any other as it is.
fn unpack(bytes: Bytes) -> Result<Bytes, &'static str> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut whole = Vec::new();
    let mut unpacked = GzDecoder::new(bytes.as_ref()).take(LONGEST as u64 + 1);
    unpacked.read_to_end(&mut whole).map_err(|_| "is packed in a way that cannot be unpacked")?;
    if whole.len() > LONGEST {
        return Err("is longer than a sitemap may be (50 MB)");
    }
    Ok(whole.into())
}

/// The text of every `loc` in a `url` or a `sitemap`.
pub(super) fn parse(xml: &str) -> Result<Listed, quick_xml::Error> {
    let mut listed = Listed::default();
    let mut reader = Reader::from_str(xml);
    let mut path: Vec<String> = Vec::new();
    let mut location = String::new();
    loop {
        match reader.read_event()? {
            Event::Start(tag) => {
                path.push(tag.local_name().into_inner().to_owned());
                location.clear();
            }
            Event::Text(text) => location.push_str(&text),
            Event::CData(text) => location.push_str(&text),
            Event::GeneralRef(reference) => location.push_str(&resolved(&reference)?),
            Event::End(_) => {
                let tag = path.pop();
                if tag.as_deref() == Some("loc") {
                    let parent = path.last().map(String::as_str).unwrap_or_default();
                    note(&mut listed, parent, location.trim());
                }
            }
            Event::Eof => return Ok(listed),
            _ => {}
        }
    }
}

fn note(listed: &mut Listed, parent: &str, location: &str) {
    let Ok(url) = web_address(location) else { return };
    match parent {
        "url" => listed.pages.push(location.to_owned()),
        "sitemap" => listed.sitemaps.push(url),
        _ => {}
    }
}

/// The character that `&…;` stands for; one that nobody declared stays as it is written.
fn resolved(reference: &BytesRef<'_>) -> Result<String, quick_xml::Error> {
    if let Some(character) = reference.resolve_char_ref()? {
        return Ok(character.to_string());
    }
    let known = quick_xml::escape::resolve_predefined_entity(reference);
    Ok(known.map_or_else(|| format!("&{};", &**reference), str::to_owned))
}
