//! Text as the canvas' rich editor saves it, turned into the plain text its author meant.
//!
//! Only what that editor writes is read: paragraphs, lines, lists, headings, emphasis, code and its
//! mentions of variables. Text that holds none of it comes back as it is.

/// Elements that stand on lines of their own.
const BLOCKS: &[&str] =
    &["p", "div", "ul", "ol", "li", "pre", "blockquote", "h1", "h2", "h3", "h4"];

/// Whether `text` was written by the rich editor: it begins with one of its blocks, or mentions a
/// variable in its way.
pub(crate) fn is_rich(text: &str) -> bool {
    let trimmed = text.trim_start();
    let starts = BLOCKS.iter().any(|block| {
        let rest = trimmed.strip_prefix('<').and_then(|it| it.strip_prefix(block));
        rest.is_some_and(|it| it.starts_with(['>', ' ']))
    });
    starts || text.contains("<span class=\"variable\"")
}

/// The plain text of what the rich editor saved, with marks of Markdown for what plain text cannot
/// say.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut verbatim = false;
    while let Some(open) = rest.find('<') {
        out.push_str(&decoded(&rest[..open]));
        let after = &rest[open + 1..];
        let Some((tag, then)) = after.split_once('>').filter(|(tag, _)| is_tag(tag)) else {
            out.push('<');
            rest = after;
            continue;
        };
        let closes = tag.starts_with('/');
        let name = tag.trim_matches('/').split_whitespace().next().unwrap_or_default();
        mark(name, closes, &mut verbatim, &mut out);
        rest = then;
    }
    out.push_str(&decoded(rest));
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    let mut text = String::new();
    for line in lines {
        // The end of one block and the beginning of the next are one gap, not two.
        if line.is_empty() && (text.is_empty() || text.ends_with("\n\n")) {
            continue;
        }
        text.push_str(line);
        text.push('\n');
    }
    text.trim_end().to_owned()
}

/// Whether what stands between `<` and `>` can be an element: a comparison in a text cannot.
fn is_tag(inside: &str) -> bool {
    let name = inside.trim_start_matches('/');
    name.starts_with(|it: char| it.is_ascii_alphabetic()) && !inside.contains('<')
}

fn mark(name: &str, closes: bool, verbatim: &mut bool, out: &mut String) {
    match name {
        "br" => out.push('\n'),
        "strong" | "b" => out.push_str("**"),
        "em" | "i" => out.push('_'),
        "code" if !*verbatim => out.push('`'),
        "pre" => {
            *verbatim = !closes;
            out.push_str(if closes { "\n```\n\n" } else { "\n\n```\n" });
        }
        "li" if closes => out.push('\n'),
        "li" => out.push_str("- "),
        "h1" | "h2" | "h3" | "h4" if !closes => {
            out.push_str("\n\n");
            let depth = name[1..].parse().unwrap_or(1);
            out.push_str(&"#".repeat(depth));
            out.push(' ');
        }
        // A paragraph inside of a list's entry is the entry.
        "p" if !closes && out.ends_with("- ") => {}
        name if BLOCKS.contains(&name) => out.push_str("\n\n"),
        _ => {}
    }
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
            ("<ul><li><p>a</p></li><li>b</li></ul>", "- a\n\n- b"),
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
