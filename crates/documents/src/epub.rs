//! EPUB books, chapter by chapter.

use std::collections::HashMap;

use crate::{
    Error, Kind, Result,
    archive::Archive,
    guard::guarded,
    xml::{self, Sink, Tag},
};

/// What a document should be.
const EXPECTED: &str = "EPUB book";

/// How many files of a book are read.
const MOST_CHAPTERS: usize = 5000;

/// A chapter: one of the files that a book consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its title in the table of contents, where it stands there.
    pub title: Option<String>,
    /// Its text.
    pub text: String,
}

/// The chapters in reading order, without those that hold no text.
///
/// # Errors
/// Where it is no EPUB book, is damaged, protected or too large.
pub fn read(bytes: &[u8]) -> Result<Vec<Chapter>> {
    guarded(|| chapters(bytes))
}

fn chapters(bytes: &[u8]) -> Result<Vec<Chapter>> {
    let mut archive = Archive::open(bytes, EXPECTED)?;
    let Some(container) = archive.xml("META-INF/container.xml")? else {
        return Err(Error::WrongKind { expected: EXPECTED, found: Kind::describe(bytes) });
    };
    // Fonts are often scrambled without anything being protected; rights come with a file of them.
    if archive.bytes("META-INF/rights.xml")?.is_some() {
        return Err(Error::Encrypted);
    }
    let mut root = Root::default();
    xml::walk(&container, &mut root)?;
    let path = root.path.ok_or_else(|| Error::damaged("it does not say where its book is"))?;
    let missing = || Error::damaged(format!("the file {path} is missing in it"));
    let package = archive.xml(&path)?.ok_or_else(missing)?;
    let mut book = Package::default();
    xml::walk(&package, &mut book)?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let titles = titles(&mut archive, folder, &book)?;
    if book.spine.len() > MOST_CHAPTERS {
        let reason = format!("it has {} chapters, and {MOST_CHAPTERS} are read", book.spine.len());
        return Err(Error::TooLarge(reason));
    }
    let mut chapters = Vec::new();
    for id in &book.spine {
        let Some(item) = book.manifest.get(id) else { continue };
        let path = located(folder, &item.href);
        let Some(page) = archive.xml(&path)? else {
            return Err(Error::damaged(format!("the chapter {path} is missing in it")));
        };
        let text = text(&page)?;
        if !text.is_empty() {
            chapters.push(Chapter { title: titles.get(&path).cloned(), text });
        }
    }
    Ok(chapters)
}

/// The titles of the table of contents, by the path of their chapter.
fn titles(
    archive: &mut Archive<'_>,
    folder: &str,
    book: &Package,
) -> Result<HashMap<String, String>> {
    let mut titles = HashMap::new();
    let tables = book.manifest.values().filter(|it| it.is_contents);
    for table in tables {
        let path = located(folder, &table.href);
        let Some(table) = archive.xml(&path)? else { continue };
        let mut contents = Contents::default();
        xml::walk(&table, &mut contents)?;
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (target, title) in contents.found {
            // A chapter has the title of the first entry that leads to it.
            titles.entry(located(folder, &target)).or_insert(title);
        }
    }
    Ok(titles)
}

/// The path of what a file in `folder` refers to.
fn located(folder: &str, href: &str) -> String {
    let path = href.split('#').next().unwrap_or_default();
    xml::resolved(folder, &percent_decoded(path))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let code = code.and_then(|it| u8::from_str_radix(it, 16).ok());
        match (first, code) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[derive(Default)]
struct Root {
    path: Option<String>,
}

impl Sink for Root {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        if name == "rootfile" && self.path.is_none() {
            self.path = tag.attribute("full-path");
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

/// What a book consists of.
#[derive(Default)]
struct Package {
    manifest: HashMap<String, Item>,
    /// Ids of the chapters in reading order.
    spine: Vec<String>,
}

struct Item {
    href: String,
    /// Whether it is a table of contents, of the old or the new kind.
    is_contents: bool,
}

impl Sink for Package {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        match name {
            "item" => {
                let (Some(id), Some(href)) = (tag.attribute("id"), tag.attribute("href")) else {
                    return;
                };
                let kind = tag.attribute("media-type").unwrap_or_default();
                let properties = tag.attribute("properties").unwrap_or_default();
                let is_contents = kind == "application/x-dtbncx+xml"
                    || properties.split_whitespace().any(|it| it == "nav");
                self.manifest.insert(id, Item { href, is_contents });
            }
            "itemref" => self.spine.extend(tag.attribute("idref")),
            _ => {}
        }
    }
    fn close(&mut self, _: &str) {}
    fn text(&mut self, _: &str) {}
}

/// Reads both kinds of tables of contents: `navPoint` with `text` and `content`, and links.
#[derive(Default)]
struct Contents {
    found: Vec<(String, String)>,
    target: Option<String>,
    title: String,
    speaking: bool,
}

impl Sink for Contents {
    fn open(&mut self, name: &str, tag: &Tag<'_>) {
        match name {
            "a" => {
                self.target = tag.attribute("href");
                self.title.clear();
                self.speaking = true;
            }
            "text" => {
                self.title.clear();
                self.speaking = true;
            }
            "content" => {
                let title = self.title.trim().to_owned();
                if let (Some(target), false) = (tag.attribute("src"), title.is_empty()) {
                    self.found.push((target, title));
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => {
                let title = self.title.split_whitespace().collect::<Vec<_>>().join(" ");
                if let (Some(target), false) = (self.target.take(), title.is_empty()) {
                    self.found.push((target, title));
                }
                self.speaking = false;
            }
            "text" => self.speaking = false,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.speaking {
            self.title.push_str(text);
        }
    }
}

/// The text of an XHTML page.
fn text(page: &str) -> Result<String> {
    let mut prose = Prose::default();
    xml::walk(page, &mut prose)?;
    Ok(prose.text.trim().to_owned())
}

/// Elements with an empty line around them.
const PARAGRAPHS: &[&str] = &[
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
    "pre",
    "ul",
    "ol",
    "dl",
    "table",
    "section",
    "article",
    "figure",
    "hr",
];
/// Elements on lines of their own.
const LINES: &[&str] = &["div", "li", "tr", "dt", "dd", "br", "figcaption", "caption", "body"];
/// Elements whose content no reader sees.
const UNSEEN: &[&str] = &["head", "script", "style", "svg", "rt", "rp"];

#[derive(Default)]
struct Prose {
    text: String,
    unseen: usize,
    verbatim: usize,
}

impl Prose {
    /// Ends the line, and leaves one empty where `lines` is two.
    fn end(&mut self, lines: usize) {
        let kept = self.text.trim_end_matches([' ', '\t']).len();
        self.text.truncate(kept);
        if self.text.is_empty() {
            return;
        }
        let there = self.text.chars().rev().take_while(|it| *it == '\n').count();
        for _ in there..lines {
            self.text.push('\n');
        }
    }

    fn edge(&mut self, name: &str) {
        if PARAGRAPHS.contains(&name) {
            self.end(2);
        } else if LINES.contains(&name) {
            self.end(1);
        } else if matches!(name, "td" | "th") && !self.text.ends_with(char::is_whitespace) {
            self.text.push('\t');
        }
    }
}

impl Sink for Prose {
    fn open(&mut self, name: &str, _: &Tag<'_>) {
        self.unseen += usize::from(UNSEEN.contains(&name));
        self.verbatim += usize::from(name == "pre");
        self.edge(name);
    }

    fn close(&mut self, name: &str) {
        self.unseen = self.unseen.saturating_sub(usize::from(UNSEEN.contains(&name)));
        self.verbatim = self.verbatim.saturating_sub(usize::from(name == "pre"));
        self.edge(name);
    }

    fn text(&mut self, text: &str) {
        if self.unseen > 0 {
            return;
        }
        if self.verbatim > 0 {
            self.text.push_str(text);
            return;
        }
        for character in text.chars() {
            let is_blank = matches!(character, ' ' | '\n' | '\t' | '\r');
            if !is_blank {
                self.text.push(character);
            } else if !self.text.is_empty() && !self.text.ends_with([' ', '\n', '\t']) {
                self.text.push(' ');
            }
        }
    }
}
