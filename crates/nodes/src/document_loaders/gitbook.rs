//! Documents from the pages of a GitBook.

use flowstone_core::{Document, Error, Input, Result, Spec};
use flowstone_providers::crawl::{self, Page};
use futures::{FutureExt, StreamExt, stream};
use serde_json::json;

use super::remote::{Gathered, Remote, Source, document, required};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    html_text,
};

const PATH: Input<String> = Input::text("Web Path", "webPath")
    .describe("A page of the book; where all are loaded, its front page")
    .placeholder("https://docs.gitbook.com/product-tour/navigation");
const ALL: Input<bool> = Input::flag("Should Load All Paths", "shouldLoadAllPaths")
    .describe("Loads every page that the book's sitemap lists")
    .may_be_empty();

/// How many pages are read at once.
const AT_ONCE: usize = 4;

static SPEC: Spec = Spec {
    label: "GitBook",
    name: "gitbook",
    version: 2.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the pages of a GitBook",
    base_classes: &["Document"],
    inputs: &[PATH.field, ALL.field, TEXT_SPLITTER.field, METADATA.field, OMIT_METADATA_KEYS.field],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node. Where the book is, the form says.
pub(crate) static NODE: Remote = Remote::new(&SPEC, "", |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let path = required(source.inputs, &PATH)?;
    let urls = if source.inputs.get(&ALL)? {
        let map = format!("{}/sitemap.xml", path.trim_end_matches('/'));
        let urls = crawl::sitemap(&source.http, &map, 0).await?;
        if urls.is_empty() {
            let reason = format!("there is no sitemap at {map}, or it lists no pages");
            return Err(Error::invalid(&PATH.field, reason));
        }
        urls
    } else {
        vec![path]
    };
    let http = source.http.as_ref();
    let read = urls.into_iter().map(|url| async move { (crawl::page(http, &url).await, url) });
    let mut read = stream::iter(read).buffered(AT_ONCE);
    let mut gathered = Gathered::of(&source.inputs.services);
    while let Some((page, url)) = read.next().await {
        let made = match page {
            Ok(Some(page)) => documents::blocking(move || Ok(vec![document_of(&page)?])).await,
            Ok(None) => Err(Error::Transport("there is no such page".to_owned())),
            Err(error) => Err(error),
        };
        gathered.add(&url, made)?;
    }
    gathered.documents(&PATH.field)
}

/// What stands in the main part of a page; the whole page where it has none.
fn document_of(page: &Page) -> Result<Document> {
    let parsed = html_text::Page::parse(&page.html)?;
    let main = parsed.texts_of("main")?.join("\n");
    let text = if main.trim().is_empty() { parsed.text() } else { main };
    let title = parsed.texts_of("main h1")?.into_iter().next().or_else(|| parsed.title());
    Ok(document(text, json!({"source": page.url, "title": title.unwrap_or_default()})))
}
