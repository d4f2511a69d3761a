//! What a person would read of a web page: its text, its title and where it links to.

use std::collections::HashSet;

use flowstone_core::{Error, Result};
use html5ever::{
    driver::{self, ParseOpts},
    tendril::{StrTendril, TendrilSink},
};
use scraper::{ElementRef, Html, HtmlTreeSink, Node, Selector};
use url::Url;

/// How deep elements may nest. Browsers stop at 512 too; a page made to be deeper would take the
/// parser a time that grows with the square of its length.
const MOST_NESTED: usize = 512;

/// How many elements and texts a page may have.
const MOST_NODES: usize = 500_000;

/// The parser is looked after whenever it has read this many bytes.
const PIECE: usize = 1024;

/// Elements whose content no reader sees.
const UNSEEN: &[&str] =
    &["head", "script", "style", "noscript", "template", "svg", "iframe", "object", "canvas"];

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];

/// Blocks with an empty line around them.
const PARAGRAPHS: &[&str] = &[
    "article",
    "blockquote",
    "dl",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];

/// A parsed page. It cannot be sent to another thread, so take what is needed out of it before the
/// next `.await`.
pub(crate) struct Page(Html);

impl Page {
    /// Parses a page. What is wrong with its markup is mended as browsers do.
    ///
    /// # Errors
    /// `Transport` where it is nested too deep or has too many elements to be a page.
    pub(crate) fn parse(html: &str) -> Result<Self> {
        let sink = HtmlTreeSink::new(Html::new_document());
        let mut parser = driver::parse_document(sink, ParseOpts::default());
        let mut rest = html;
        while !rest.is_empty() {
            let (piece, left) = rest.split_at(rest.floor_char_boundary(PIECE));
            parser.process(StrTendril::from_slice(piece));
            rest = left;
            let page = parser.tokenizer.sink.sink.0.borrow();
            if nesting(&page) > MOST_NESTED || page.tree.values().len() > MOST_NODES {
                return Err(Error::Transport(format!(
                    "the page cannot be read: its elements are nested more than {MOST_NESTED} \
                     deep, or there are more than {MOST_NODES} of them"
                )));
            }
        }
        Ok(Self(parser.finish()))
    }

    /// Its title.
    pub(crate) fn title(&self) -> Option<String> {
        let title = self.0.select(&Selector::parse("title").ok()?).next()?;
        Some(one_line(&title.text().collect::<String>())).filter(|it| !it.is_empty())
    }

    /// What it says of itself in its head.
    pub(crate) fn description(&self) -> Option<String> {
        let meta = Selector::parse("meta[name=description i]").ok()?;
        let content = self.0.select(&meta).find_map(|it| it.attr("content"))?;
        Some(one_line(content)).filter(|it| !it.is_empty())
    }

    /// The text as a person reads it: blocks on lines of their own, spaces run together, nothing of
    /// scripts and styles.
    pub(crate) fn text(&self) -> String {
        readable(self.0.root_element())
    }

    /// The same of every element that a CSS selector finds, in the order of the page.
    ///
    /// # Errors
    /// `Unsupported` where that is no CSS selector.
    pub(crate) fn texts_of(&self, selector: &str) -> Result<Vec<String>> {
        let selector = parse_selector(selector)?;
        Ok(self.0.select(&selector).map(readable).collect())
    }

    /// Where it links to: absolute `http:` and `https:` addresses without their `#…`, each once, in
    /// the order of the page, which was found at `base`.
    pub(crate) fn links(&self, base: &Url) -> Vec<Url> {
        let (Ok(bases), Ok(anchors)) =
            (Selector::parse("base[href]"), Selector::parse("a[href], area[href]"))
        else {
            return Vec::new();
        };
        let declared = self.0.select(&bases).find_map(|it| base.join(it.attr("href")?).ok());
        let base = declared.as_ref().unwrap_or(base);
        let found = self.0.select(&anchors).filter_map(|it| it.attr("href"));
        distinct(found.filter_map(|it| base.join(it.trim()).ok()))
    }
}

fn parse_selector(selector: &str) -> Result<Selector> {
    Selector::parse(selector)
        .map_err(|_| Error::Unsupported(format!("`{selector}` is no CSS selector")))
}

/// How deep the element that is being read stands.
fn nesting(page: &Html) -> usize {
    let mut node = page.tree.root();
    let mut depth = 0;
    while depth <= MOST_NESTED
        && let Some(newest) = node.last_child()
    {
        node = newest;
        depth += 1;
    }
    depth
}

fn distinct(addresses: impl Iterator<Item = Url>) -> Vec<Url> {
    let mut seen = HashSet::new();
    let addresses = addresses.filter(|it| matches!(it.scheme(), "http" | "https"));
    let without_fragment = addresses.map(|mut it| {
        it.set_fragment(None);
        it
    });
    without_fragment.filter(|it| seen.insert(it.clone())).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Walks without recursion: pages may be nested deep.
fn readable(element: ElementRef<'_>) -> String {
    let mut writer = Writer::default();
    let mut node = *element;
    loop {
        if writer.enter(node.value())
            && let Some(child) = node.first_child()
        {
            node = child;
            continue;
        }
        loop {
            writer.leave(node.value());
            if node.id() == element.id() {
                return writer.whole.trim().to_owned();
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else { return writer.whole.trim().to_owned() };
            node = parent;
        }
    }
}

/// What is due before the next word.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Gap {
    #[default]
    None,
    Space,
    Line,
    Paragraph,
}

/// Puts text together as a page shows it.
#[derive(Default)]
struct Writer {
    whole: String,
    gap: Gap,
    /// How many `pre` are open: their spaces count.
    verbatim: usize,
    /// A bullet was just written; it brings its own space.
    bullet: bool,
}

impl Writer {
    /// Whether what is inside is to be read too.
    fn enter(&mut self, node: &Node) -> bool {
        match node {
            Node::Text(text) => self.text(text),
            Node::Element(it) if UNSEEN.contains(&it.name()) => return false,
            Node::Element(it) => self.open(it.name()),
            _ => {}
        }
        true
    }

    fn leave(&mut self, node: &Node) {
        let Node::Element(element) = node else { return };
        if element.name() == "pre" {
            self.verbatim = self.verbatim.saturating_sub(1);
        }
        self.edge(element.name());
    }

    fn open(&mut self, name: &str) {
        self.edge(name);
        match name {
            // Two of them make an empty line.
            "br" if self.gap >= Gap::Line => self.gap = Gap::Paragraph,
            "br" => self.gap = Gap::Line,
            "td" | "th" => self.at_least(Gap::Space),
            "li" => {
                self.word("- ");
                self.bullet = true;
            }
            "pre" => self.verbatim += 1,
            _ => {}
        }
    }

    fn edge(&mut self, name: &str) {
        if PARAGRAPHS.contains(&name) {
            self.at_least(Gap::Paragraph);
        } else if BLOCKS.contains(&name) {
            self.at_least(Gap::Line);
        }
    }

    fn at_least(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    fn text(&mut self, text: &str) {
        if self.verbatim > 0 {
            self.word(text);
            return;
        }
        if text.starts_with(char::is_whitespace) {
            self.at_least(Gap::Space);
        }
        for (at, word) in text.split_whitespace().enumerate() {
            if at > 0 {
                self.gap = Gap::Space;
            }
            self.word(word);
        }
        if text.ends_with(char::is_whitespace) {
            self.at_least(Gap::Space);
        }
    }

    fn word(&mut self, word: &str) {
        let gap = std::mem::take(&mut self.gap);
        let bullet = std::mem::take(&mut self.bullet);
        if !self.whole.is_empty() && !bullet {
            self.whole.push_str(match gap {
                Gap::None => "",
                Gap::Space => " ",
                Gap::Line => "\n",
                Gap::Paragraph => "\n\n",
            });
        }
        self.whole.push_str(word);
    }
}

/// The text of what was written in the editor of the canvas, which saves paragraphs; any other text
/// is as it stands.
pub(crate) fn plain(text: &str) -> String {
    if !text.trim_start().starts_with("<p") {
        return text.to_owned();
    }
    Page::parse(text).map_or_else(|_| text.to_owned(), |it| it.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(html: &str) -> String {
        Page::parse(html).unwrap().text()
    }

    #[test]
    fn a_page_reads_as_people_see_it() {
        let page = "<!doctype html><html><head><title> The  shop </title>\
            <meta name='Description' content='Sells things'><style>p { color: red }</style></head>\
            <body><h1>Fruit</h1><script>steal()</script>\
            <p>Apples are <b>red</b>, bananas\n  yellow.<br>Both are <i>sweet</i>.</p>\
            <ul><li>One</li><li><p>Two</p></li></ul>\
            <table><tr><td>a</td><td>1</td></tr><tr><td>b</td><td>2</td></tr></table>\
            <pre>x = 1\n  y = 2</pre><noscript>Turn it on</noscript>end</body></html>";
        let page = Page::parse(page).unwrap();
        assert_eq!(page.title().as_deref(), Some("The shop"));
        assert_eq!(page.description().as_deref(), Some("Sells things"));
        insta::assert_snapshot!(page.text(), @r"
        Fruit

        Apples are red, bananas yellow.
        Both are sweet.

        - One
        - Two

        a 1
        b 2

        x = 1
          y = 2

        end
        ");
        assert_eq!(page.texts_of("li").unwrap(), ["- One", "- Two"]);
        let said = page.texts_of("p[[").unwrap_err().to_string();
        assert_eq!(said, "`p[[` is no CSS selector");
    }

    #[test]
    fn text_without_markup_stays_as_it_is() {
        assert_eq!(text(""), "");
        assert_eq!(text("just <words"), "just");
        assert_eq!(text("1 < 2 &amp; 3 &gt; 2 \u{1f40e}"), "1 < 2 & 3 > 2 \u{1f40e}");
        let long = "word \u{e4}\u{1f40e} ".repeat(1000);
        assert_eq!(text(&long), long.trim());
    }

    #[test]
    fn links_are_absolute_and_stand_once() {
        let page = "<a href='/a'>1</a> <a href=' b?x=1#top '>2</a> <a href='/a#end'>3</a>\
            <a href='mailto:me@example.com'>4</a> <a href='javascript:x()'>5</a> <a>6</a>\
            <a href='//other.example/'>7</a> <area href='http://[broken'>";
        let base = Url::parse("https://example.com/dir/page").unwrap();
        let links = |page: &str| -> Vec<String> {
            let links = Page::parse(page).unwrap().links(&base);
            links.into_iter().map(String::from).collect()
        };
        assert_eq!(
            links(page),
            ["https://example.com/a", "https://example.com/dir/b?x=1", "https://other.example/"]
        );
        let based = format!("<base href='https://base.example/x/'>{page}");
        assert_eq!(links(&based)[1], "https://base.example/x/b?x=1");
    }

    #[test]
    fn pages_made_to_keep_the_parser_busy_are_refused() {
        let formats = |count: usize| {
            let list: Vec<String> = (0..count).map(|it| format!("<b id={it}>")).collect();
            list.concat()
        };
        assert!(Page::parse(&formats(50_000)).is_err());
        // Every paragraph opens all of them again.
        let reopened = format!("<p>{}{}", formats(300), "<p>x".repeat(100_000));
        assert!(Page::parse(&reopened).is_err());
        assert!(Page::parse(&"<div>".repeat(100_000)).is_err());
        assert_eq!(text(&format!("{}deep", "<div>".repeat(400))), "deep");
    }
}
