//! Notion's pages as documents, each with the pages and databases below it.

use std::collections::{HashSet, VecDeque};

use flowstone_core::{Document, Error, Input, Result};
use flowstone_providers::notion::Notion;
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Map, Value};

use super::{
    notion_text::{self, Block},
    remote::{self, Gathered, Source, document, text},
};

/// Most pages of one load.
const MOST_PAGES: usize = 10_000;
/// How deep blocks may stand in each other.
const MOST_NESTED: usize = 20;

/// Where to begin.
pub(super) enum Start {
    /// With one page.
    Page(String),
    /// With the rows of a database, whose texts begin with their properties.
    Database(String),
}

enum Next {
    Page(String),
    Row(Box<Value>),
    Database(String),
}

/// The documents of `start` and all that is below it. `row` is where the form names it.
pub(super) async fn load(
    source: &Source<'_>,
    start: Start,
    row: &Input<String>,
) -> Result<Vec<Document>> {
    let token = remote::key(source.inputs, "notionIntegrationToken", "Notion Integration Token")?;
    let notion = Notion { http: &source.http, address: source.address, token };
    let (first, with_properties) = match start {
        Start::Page(id) => (Next::Page(id), false),
        Start::Database(id) => (Next::Database(id), true),
    };
    let mut queue = VecDeque::from([first]);
    let mut seen = HashSet::new();
    let mut gathered = Gathered::of(&source.inputs.services);
    // What the form names must be there; what is below may be hidden from the integration.
    let mut is_first = true;
    while let Some(next) = queue.pop_front() {
        let page = match next {
            Next::Database(id) => {
                match notion.rows(&id).await {
                    Ok(rows) => queue.extend(rows.into_iter().map(|it| Next::Row(Box::new(it)))),
                    Err(error) if is_first => return Err(error),
                    Err(error) => gathered.add(&id, Err(error))?,
                }
                is_first = false;
                continue;
            }
            Next::Row(page) => *page,
            Next::Page(id) => match notion.page(&id).await {
                Ok(page) => page,
                Err(error) if is_first => return Err(error),
                Err(error) => {
                    gathered.add(&id, Err(error))?;
                    continue;
                }
            },
        };
        is_first = false;
        let id = text(&page, "/id").to_owned();
        if id.is_empty() || !seen.insert(id.clone()) {
            continue;
        }
        if seen.len() > MOST_PAGES {
            let reason = format!("there are more than {MOST_PAGES} pages: load parts of them");
            return Err(Error::invalid(&row.field, reason));
        }
        let made = match blocks(notion, &id, 0).await {
            Ok(blocks) => {
                note_below(&blocks, &mut queue);
                Ok(vec![document_of(page, &blocks, with_properties)])
            }
            Err(error) => Err(error),
        };
        gathered.add(&id, made)?;
    }
    gathered.documents(&row.field)
}

/// An id as people copy it: with dashes or without, or the address that ends in it.
pub(super) fn id(text: &str) -> String {
    let path = text.split(['?', '#']).next().unwrap_or(text).trim().trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    let plain: String = last.chars().filter(|it| *it != '-').collect();
    let at = plain.len().saturating_sub(32);
    match plain.get(at..) {
        Some(id) if id.len() == 32 && id.bytes().all(|it| it.is_ascii_hexdigit()) => id.to_owned(),
        _ => last.to_owned(),
    }
}

/// What stands below a page or a block, but for pages of their own.
fn blocks<'a>(notion: Notion<'a>, id: &'a str, depth: usize) -> BoxFuture<'a, Result<Vec<Block>>> {
    async move {
        let mut blocks = Vec::new();
        for value in notion.children(id).await? {
            let is_page = matches!(text(&value, "/type"), "child_page" | "child_database");
            let children = if value["has_children"] == true && !is_page && depth < MOST_NESTED {
                // A synced block shows what stands below another one.
                let from = match text(&value, "/synced_block/synced_from/block_id") {
                    "" => text(&value, "/id"),
                    from => from,
                };
                self::blocks(notion, from, depth + 1).await?
            } else {
                Vec::new()
            };
            blocks.push(Block { value, children });
        }
        Ok(blocks)
    }
    .boxed()
}

fn note_below(blocks: &[Block], queue: &mut VecDeque<Next>) {
    for block in blocks {
        let id = || text(&block.value, "/id").to_owned();
        match text(&block.value, "/type") {
            "child_page" => queue.push_back(Next::Page(id())),
            "child_database" => queue.push_back(Next::Database(id())),
            _ => note_below(&block.children, queue),
        }
    }
}

fn document_of(page: Value, blocks: &[Block], with_properties: bool) -> Document {
    let properties = notion_text::properties(&page);
    let mut content = notion_text::markdown(blocks);
    if with_properties {
        let lines = properties.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}: {value}\n")
        });
        content = format!("---\n{}---\n\n{content}", lines.collect::<String>());
    }
    let mut metadata = match page {
        Value::Object(known) => known,
        _ => Map::new(),
    };
    let id = metadata.shift_remove("id").unwrap_or_default();
    metadata.insert("notionId".to_owned(), id);
    metadata.insert("properties".to_owned(), properties.into());
    document(content, metadata.into())
}

#[cfg(test)]
mod tests {
    #[test]
    fn ids_are_found_in_addresses() {
        let id = "0123456789abcdef0123456789abcdef";
        for text in [
            id,
            "01234567-89ab-cdef-0123-456789abcdef",
            "https://www.notion.so/team/Opening-hours-0123456789abcdef0123456789abcdef?v=1",
            "https://www.notion.so/0123456789abcdef0123456789abcdef/",
        ] {
            assert_eq!(super::id(text), id, "{text}");
        }
        assert_eq!(super::id("no id"), "no id");
    }
}
