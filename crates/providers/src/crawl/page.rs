//! One page: fetched in bounds, decoded as it says it is written, and its links.

use std::{cell::RefCell, time::Duration};

use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8};
use flowstone_core::{Error, Result};
use html5ever::{
    interface::TokenizerResult,
    tendril::StrTendril,
    tokenizer::{
        BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::RawKind,
    },
};
use url::Url;

use super::web_address;
use crate::{
    HttpClient,
    http::{Response, Retry},
};

/// Longest page that is read, in bytes.
const LONGEST: usize = 10 << 20;

/// How long a server may think before it answers.
const PATIENCE: Duration = Duration::from_secs(30);

/// How far into a page its declaration of a character set may stand, in bytes (HTML standard,
/// "prescan a byte stream").
const PRESCAN: usize = 1024;

/// A page of the web.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its address, without a fragment and without a slash at its end.
    pub url: String,
    /// Its source.
    pub html: String,
}

/// The page at `url`; `None` where it answers with an error or with something that is no text.
///
/// # Errors
/// `Transport` where `url` is no address of the web or cannot be reached; `AddressRefused` where
/// it may not be called.
pub async fn page(client: &HttpClient, url: &str) -> Result<Option<Page>> {
    let url = web_address(url)?;
    let read = read(client, &url, Kind::Text).await?;
    Ok(read.content.map(|it| Page { url: name(&url), html: it.html }))
}

/// What an answer must be for its body to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A page with links.
    Html,
    /// Anything that is written down.
    Text,
}

/// An answer to the call of a page.
pub(super) struct Read {
    pub(super) status: u16,
    /// `None` for errors and for other kinds.
    pub(super) content: Option<Content>,
}

pub(super) struct Content {
    /// Where the answer came from, after redirects.
    pub(super) url: Url,
    pub(super) html: String,
    /// Where its links lead, in order.
    pub(super) links: Vec<Url>,
}

/// Calls `url` and reads the answer where it is of `kind`.
pub(super) async fn read(client: &HttpClient, url: &Url, kind: Kind) -> Result<Read> {
    let response = call(client, url).await?;
    let status = response.status().as_u16();
    let told = response.header("content-type").unwrap_or_default().to_ascii_lowercase();
    if !response.status().is_success() || !fits(&told, kind) {
        return Ok(Read { status, content: None });
    }
    let from = response.url().clone();
    let bytes = response.bytes(LONGEST).await?;
    // A page of megabytes takes its time, which other calls must not wait for.
    let content = tokio::task::spawn_blocking(move || {
        let html = decode(&bytes, &told);
        let links = if kind == Kind::Html { links(&html, &from) } else { Vec::new() };
        Content { url: from, html, links }
    });
    let content = content
        .await
        .map_err(|_| Error::Transport(format!("the page {} cannot be read as HTML", name(url))))?;
    Ok(Read { status, content: Some(content) })
}

/// A `GET` as all parts of a crawl make it: once, since a crawl can do without a page.
pub(super) async fn call(client: &HttpClient, url: &Url) -> Result<Response> {
    let request = client.get(url.as_str())?.timeout(Some(PATIENCE)).retry(Retry::Never);
    request
        .header("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
        .send()
        .await
}

/// How lists name an address: no fragment, no slash at the end, so that a page is named in one way.
pub(super) fn name(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    let name = url.as_str();
    name.strip_suffix('/').unwrap_or(name).to_owned()
}

fn fits(content_type: &str, kind: Kind) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    match kind {
        Kind::Html => matches!(essence, "text/html" | "application/xhtml+xml"),
        Kind::Text => {
            essence.is_empty()
                || essence.starts_with("text/")
                || essence.ends_with("xml")
                || essence.ends_with("json")
        }
    }
}

/// Bytes as text: by their byte order mark, else as the server says, else as the page says, else
/// as UTF-8.
pub(super) fn decode(bytes: &Bytes, content_type: &str) -> String {
    let told = label_in(content_type).or_else(|| {
        let head = bytes.get(..PRESCAN).unwrap_or(bytes);
        label_in(&String::from_utf8_lossy(head).to_ascii_lowercase())
    });
    told.unwrap_or(UTF_8).decode(bytes).0.into_owned()
}

/// The encoding behind `charset=` (headers, HTML) or `encoding=` (XML).
fn label_in(text: &str) -> Option<&'static Encoding> {
    let behind = ["charset=", "encoding="].into_iter().find_map(|it| text.split_once(it))?.1;
    let behind = behind.trim_start_matches(['"', '\'', ' ']);
    let label = behind.split(['"', '\'', ';', '>', ' ', '/']).next()?;
    Encoding::for_label(label.as_bytes())
}

/// Where the links of a page lead, in order; what is no address is left out.
///
/// Only the tags are read: building the tree of a page that is nested on purpose takes a time that
/// grows with the square of its length.
fn links(html: &str, from: &Url) -> Vec<Url> {
    let tokenizer = Tokenizer::new(Links::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    // Scripts are only told of; none is run.
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    let found = tokenizer.sink;
    let base = found.base.into_inner().and_then(|it| from.join(it.trim()).ok());
    let base = base.unwrap_or_else(|| from.clone());
    found.targets.into_inner().iter().filter_map(|it| base.join(it.trim()).ok()).collect()
}

/// Collects the targets of links.
#[derive(Default)]
struct Links {
    base: RefCell<Option<String>>,
    targets: RefCell<Vec<String>>,
}

impl TokenSink for Links {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind != TagKind::StartTag {
            return TokenSinkResult::Continue;
        }
        let target = tag.attrs.iter().find(|it| &*it.name.local == "href");
        let target = target.map(|it| it.value.to_string());
        match &*tag.name {
            "a" | "area" => self.targets.borrow_mut().extend(target),
            "base" => {
                self.base.borrow_mut().get_or_insert_with(|| target.unwrap_or_default());
            }
            // Inside of these, what looks like a tag is none.
            "script" => return TokenSinkResult::RawData(RawKind::ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" => {
                return TokenSinkResult::RawData(RawKind::Rawtext);
            }
            "title" | "textarea" => return TokenSinkResult::RawData(RawKind::Rcdata),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
