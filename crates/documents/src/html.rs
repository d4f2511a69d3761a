//! HTML as Markdown.

use std::rc::Rc;

use htmd::{HtmlToMarkdown, Node};

use crate::{Error, Result, guard::guarded};

/// How deep elements may nest; browsers stop at 512 too.
const MOST_NESTED: usize = 512;

/// Elements whose content no reader sees.
const UNSEEN: &[&str] = &["head", "script", "style", "noscript", "template", "iframe", "svg"];

/// The Markdown of a page or of a part of one. What is wrong with its markup is mended as browsers
/// do.
///
/// # Errors
/// [`Error::TooLarge`] where elements are nested deeper than in any page that people wrote.
pub fn to_markdown(html: &str) -> Result<String> {
    guarded(|| {
        let converter = HtmlToMarkdown::builder().skip_tags(UNSEEN.to_vec()).build();
        let tree = converter.html_to_tree(html).map_err(Error::damaged)?;
        if is_deeper(&tree, MOST_NESTED) {
            let reason = format!("its elements are nested more than {MOST_NESTED} deep");
            return Err(Error::TooLarge(reason));
        }
        Ok(converter.tree_to_markdown(&tree))
    })
}

fn is_deeper(tree: &Rc<Node>, most: usize) -> bool {
    let mut open = vec![(tree.clone(), 0)];
    while let Some((node, depth)) = open.pop() {
        if depth > most {
            return true;
        }
        open.extend(node.children.borrow().iter().map(|it| (it.clone(), depth + 1)));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_markdown() {
        let html = "<html><head><title>T</title></head><body><h1>One</h1><p>a <em>b</em> \
                    <a href=\"/c\">d</a></p><script>x</script><table><tr><th>k</th></tr>\
                    <tr><td>v</td></tr></table></body></html>";
        let markdown = to_markdown(html).unwrap();
        assert!(markdown.starts_with("# One\n\na *b* [d](/c)"), "{markdown}");
        assert!(markdown.contains("| k |") && !markdown.contains('x'), "{markdown}");
    }

    #[test]
    fn what_is_nested_without_end_is_refused() {
        assert!(matches!(to_markdown(&"<div>".repeat(1000)), Err(Error::TooLarge(_))));
    }
}
