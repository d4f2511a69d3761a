//! What every node of the catalog must have beside its code.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Problem;
use crate::catalog::text;

/// Every node has an icon of its own file and a page in the docs.
pub(super) fn check(nodes: &[Value], files: &[String]) -> Vec<Problem> {
    let files: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let mut problems = Vec::new();
    for node in nodes {
        let name = text(node, "name");
        let icon = format!("crates/nodes/icons/{}", text(node, "icon"));
        if !files.contains(icon.as_str()) {
            problems.push(Problem {
                path: icon,
                line: None,
                message: format!("the icon of node {name} is missing"),
            });
        }
        let page = format!("docs/nodes/{name}.md");
        if !files.contains(page.as_str()) {
            let message = format!("the page of node {name} is missing: run `cargo xtask codegen`");
            problems.push(Problem { path: page, line: None, message });
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_node_without_icon_or_page_is_named() {
        let nodes =
            [json!({"name": "calculator", "icon": "calculator.svg"}), json!({"name": "bare"})];
        let files =
            ["crates/nodes/icons/calculator.svg".to_owned(), "docs/nodes/calculator.md".to_owned()];
        let paths: Vec<_> = check(&nodes, &files).into_iter().map(|problem| problem.path).collect();
        assert_eq!(paths, ["crates/nodes/icons/", "docs/nodes/bare.md"]);
    }
}
