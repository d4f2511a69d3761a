//! Text as the canvas' rich editor saves it, turned into the Markdown its author meant.
//!
//! Only what that editor writes is read: paragraphs, lines, lists, headings, quotes, tables, links,
//! pictures, emphasis, code and its mentions of variables. Text that holds none of it comes back as it
//! is.

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "p",
    "div",
    "ul",
    "ol",
    "li",
    "pre",
    "blockquote",
    "hr",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
];

/// Whether `text` was written by the rich editor: it begins with one of its blocks, or mentions a
/// variable in its way.
pub(crate) fn is_rich(text: &str) -> bool {
    let trimmed = text.trim_start();
    let starts = BLOCKS.iter().any(|block| {
        let rest = trimmed.strip_prefix('<').and_then(|it| it.strip_prefix(block));
        rest.is_some_and(|it| it.starts_with(['>', ' ', '/']))
    });
    starts || text.contains("<span class=\"variable\"")
}

/// The text of what the rich editor saved, with marks of Markdown for what plain text cannot say.
pub(crate) fn plain(text: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        writer.out.push_str(&decoded(&rest[..open]));
        let after = &rest[open + 1..];
        let Some((tag, then)) = after.split_once('>').filter(|(tag, _)| is_tag(tag)) else {
            writer.out.push('<');
            rest = after;
            continue;
        };
        let name = tag.trim_matches('/').split_whitespace().next().unwrap_or_default();
        if tag.starts_with('/') {
            writer.close(name);
        } else {
            writer.open(name, tag);
        }
        rest = then;
    }
    writer.out.push_str(&decoded(rest));
    without_gaps(&writer.out)
}

/// The end of one block and the beginning of the next are one gap, not two. Code stays as it is.
fn without_gaps(out: &str) -> String {
    let mut text = String::with_capacity(out.len());
    let mut is_code = false;
    for line in out.lines() {
        is_code ^= line.trim_start().starts_with("```");
        let line = if is_code { line } else { line.trim_end() };
        if !is_code && line.is_empty() && (text.is_empty() || text.ends_with("\n\n")) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// What is written, and what is open.
#[derive(Default)]
struct Writer {
    out: String,
    /// The lists around: the next number of one that counts, nothing for one with dashes.
    lists: Vec<Option<u32>>,
    /// Where links and quotes began, the links with their addresses.
    links: Vec<(String, usize)>,
    quotes: Vec<usize>,
    /// Rows of the table so far and cells of the present one; nothing outside of tables.
    table: Option<(usize, usize)>,
    is_code: bool,
}

impl Writer {
    fn open(&mut self, name: &str, tag: &str) {
        match name {
            "br" => self.out.push('\n'),
            "hr" => self.out.push_str("\n\n---\n\n"),
            "img" => {
                let (text, address) = (attribute(tag, "alt"), attribute(tag, "src"));
                self.out.extend(["![", &text, "](", &address, ")"]);
            }
            "a" => self.links.push((attribute(tag, "href"), self.out.len())),
            "code" if self.is_code => {
                // The name of the language stands behind the fence that was just written.
                if let Some((_, language)) = attribute(tag, "class").split_once("language-") {
                    self.out.truncate(self.out.trim_end().len());
                    self.out.push_str(language.split_whitespace().next().unwrap_or_default());
                    self.out.push('\n');
                }
            }
            "pre" => {
                self.is_code = true;
                self.out.push_str("\n\n```\n");
            }
            "blockquote" => {
                self.out.push_str("\n\n");
                self.quotes.push(self.out.len());
            }
            "ul" | "ol" => {
                self.edge_of_list();
                let first = attribute(tag, "start").parse().unwrap_or(1);
                self.lists.push((name == "ol").then_some(first));
            }
            "li" => self.entry(),
            "table" => {
                self.out.push_str("\n\n");
                self.table = Some((0, 0));
            }
            "tr" => self.out.push('|'),
            "td" | "th" => self.out.push(' '),
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => {
                self.out.push_str("\n\n");
                self.out.push_str(&"#".repeat(name[1..].parse().unwrap_or(1)));
                self.out.push(' ');
            }
            "p" | "div" => self.gap(),
            other => self.emphasis(other),
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "a" => {
                let Some((address, start)) = self.links.pop() else { return };
                let text = self.out.split_off(start);
                if address.is_empty() || address == text || text.trim().is_empty() {
                    self.out.push_str(&text);
                } else {
                    self.out.extend(["[", &text, "](", &address, ")"]);
                }
            }
            "pre" => {
                self.is_code = false;
                self.out.push_str("\n```\n\n");
            }
            "blockquote" => {
                let Some(start) = self.quotes.pop() else { return };
                let quoted = without_gaps(&self.out.split_off(start));
                for line in quoted.lines() {
                    self.out.push_str("> ");
                    self.out.push_str(line);
                    self.out.push('\n');
                }
                self.out.push('\n');
            }
            "ul" | "ol" => {
                self.lists.pop();
                self.edge_of_list();
            }
            "li" => self.end_line(),
            "table" => {
                self.table = None;
                self.out.push_str("\n\n");
            }
            "tr" => {
                self.out.push('\n');
                let Some((rows, cells)) = &mut self.table else { return };
                if *rows == 0 {
                    // The first row is the head, as Markdown knows no table without one.
                    self.out.push('|');
                    self.out.push_str(&" --- |".repeat(*cells));
                    self.out.push('\n');
                }
                (*rows, *cells) = (*rows + 1, 0);
            }
            "td" | "th" => {
                self.out.push_str(" |");
                if let Some((_, cells)) = &mut self.table {
                    *cells += 1;
                }
            }
            "p" | "div" => {
                if self.table.is_none() && self.lists.is_empty() {
                    self.out.push_str("\n\n");
                } else if self.table.is_none() {
                    self.end_line();
                }
            }
            name if BLOCKS.contains(&name) => self.out.push_str("\n\n"),
            other => self.emphasis(other),
        }
    }

    fn emphasis(&mut self, name: &str) {
        match name {
            "strong" | "b" => self.out.push_str("**"),
            "em" | "i" => self.out.push('_'),
            "s" | "del" | "strike" => self.out.push_str("~~"),
            "code" if !self.is_code => self.out.push('`'),
            _ => {}
        }
    }

    /// What stands before a paragraph: nothing in a cell, and nothing at the beginning of an entry,
    /// which it is.
    fn gap(&mut self) {
        if self.table.is_some() {
            return;
        }
        if self.lists.is_empty() {
            self.out.push_str("\n\n");
        } else if self.out.ends_with('\n') {
            self.indent(self.lists.len());
        }
    }

    /// What stands before and behind a list: a gap, or inside of another list the end of the line.
    fn edge_of_list(&mut self) {
        if self.lists.is_empty() {
            self.out.push_str("\n\n");
        } else {
            self.end_line();
        }
    }

    fn end_line(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
    }

    /// The mark of an entry of the innermost list.
    fn entry(&mut self) {
        self.end_line();
        self.indent(self.lists.len().saturating_sub(1));
        match self.lists.last_mut() {
            Some(Some(number)) => {
                self.out.extend([&*number.to_string(), ". "]);
                *number += 1;
            }
            _ => self.out.push_str("- "),
        }
    }

    /// As much space as the marks of the outermost lists take.
    fn indent(&mut self, lists: usize) {
        for list in &self.lists[..lists] {
            self.out.push_str(if list.is_some() { "   " } else { "  " });
        }
    }
}

/// The value of an attribute of an element; empty where it has none.
fn attribute(tag: &str, name: &str) -> String {
    let found = tag.match_indices(name).find_map(|(at, _)| {
        let is_word = tag[..at].ends_with(char::is_whitespace);
        let value = tag[at + name.len()..].strip_prefix('=').filter(|_| is_word)?;
        let quote = value.chars().next().filter(|it| ['"', '\''].contains(it))?;
        value[1..].split(quote).next()
    });
    decoded(found.unwrap_or_default())
}

/// Whether what stands between `<` and `>` can be an element: a comparison in a text cannot.
fn is_tag(inside: &str) -> bool {
    let name = inside.trim_start_matches('/');
    name.starts_with(|it: char| it.is_ascii_alphabetic()) && !inside.contains('<')
}

fn decoded(text: &str) -> String {
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    let mut text = text.to_owned();
    for (entity, character) in entities {
        if text.contains(entity) {
            text = text.replace(entity, character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_the_editor_writes_reads_as_it_was_meant() {
        let table = [
            ("<p>Proceed?</p>", "Proceed?"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ("<p>a<br>b</p>", "a\nb"),
            (
                "<p>Say <span class=\"variable\" data-id=\"question\">{{ question }}</span>!</p>",
                "Say {{ question }}!",
            ),
            ("<p>{\"msg\":\"{{ question }}\"}</p>", "{\"msg\":\"{{ question }}\"}"),
            ("<p>1 &lt; 2 &amp;&amp; x</p>", "1 < 2 && x"),
            ("<ul><li><p>a</p></li><li>b</li></ul>", "- a\n- b"),
            ("<ol><li><p>one</p></li><li><p>two</p></li></ol><p>x</p>", "1. one\n2. two\n\nx"),
            (
                "<ol start=\"3\"><li><p>a</p><ul><li><p>b</p></li><li>c</li></ul></li><li>d</li></ol>",
                "3. a\n   - b\n   - c\n4. d",
            ),
            ("<ul><li><p>a</p><p>more</p></li></ul>", "- a\n  more"),
            (
                "<p><a target=\"_blank\" href=\"https://x.y/a?b=1&amp;c\">d</a></p>",
                "[d](https://x.y/a?b=1&c)",
            ),
            ("<p><a href=\"https://x.y\">https://x.y</a></p>", "https://x.y"),
            ("<p><img src=\"https://x.y/i.png\" alt=\"I\"></p>", "![I](https://x.y/i.png)"),
            ("<blockquote><p>a</p><p>b</p></blockquote><p>c</p>", "> a\n>\n> b\n\nc"),
            ("<p>a</p><hr><p><s>b</s></p>", "a\n\n---\n\n~~b~~"),
            ("<h6>T</h6>", "###### T"),
            (
                "<table><tbody><tr><th><p>a</p></th><th>b</th></tr><tr><td>1</td><td>2</td></tr></tbody></table>",
                "| a | b |\n| --- | --- |\n| 1 | 2 |",
            ),
            (
                "<pre><code class=\"language-python\">a = 1\n\n\nb = 2</code></pre>",
                "```python\na = 1\n\n\nb = 2\n```",
            ),
            ("<h2>T</h2><p><strong>b</strong></p>", "## T\n\n**b**"),
            ("<pre><code>a &lt; b</code></pre>", "```\na < b\n```"),
        ];
        for (html, text) in table {
            assert!(is_rich(html), "{html}");
            assert_eq!(plain(html), text, "{html}");
        }
    }

    #[test]
    fn plain_text_is_left_alone() {
        for text in ["a < b > c", "if x<y>z", "<note>keep me</note>", "", "{{ question }}"] {
            assert!(!is_rich(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = plain(&text);
            let _ = plain(&format!("<p>{text}"));
        }
    }
}
