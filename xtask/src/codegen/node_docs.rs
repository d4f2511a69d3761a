//! A page for every node of the catalog, and an index by category.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;
use serde_json::Value;

use super::File;
use crate::catalog::{self, text};
use crate::workspace::{Workspace, elements};

pub(super) const FOLDER: &str = "docs/nodes";

const HEADER: &str = "<!-- Written by `cargo xtask codegen` from the catalog. Do not edit. -->\n\n";

pub(super) fn generate(workspace: &Workspace) -> Result<Vec<File>> {
    Ok(pages(&catalog::load(workspace)?))
}

/// The index, and one page per node.
fn pages(nodes: &[Value]) -> Vec<File> {
    let mut files = vec![("README.md".to_owned(), index(nodes))];
    files.extend(nodes.iter().map(|node| (format!("{}.md", text(node, "name")), page(node))));
    files
}

fn index(nodes: &[Value]) -> String {
    let mut categories: BTreeMap<&str, BTreeMap<&str, &Value>> = BTreeMap::new();
    for node in nodes {
        categories.entry(text(node, "category")).or_default().insert(text(node, "name"), node);
    }
    let mut out = format!("{HEADER}# Nodes\n\nEvery node of the catalog, by category.\n");
    for (category, nodes) in categories {
        let _ = write!(out, "\n## {category}\n\n");
        for (name, node) in nodes {
            let _ = writeln!(
                out,
                "- [{}]({name}.md): {}",
                text(node, "label"),
                text(node, "description")
            );
        }
    }
    out
}

fn page(node: &Value) -> String {
    let mut out = format!("{HEADER}# {}\n\n{}\n\n", text(node, "label"), text(node, "description"));
    out.push_str("| | |\n|---|---|\n");
    row(&mut out, &["Name in a flow", &code(text(node, "name"))]);
    row(&mut out, &["Version", &plain(&node["version"])]);
    row(&mut out, &["Category", text(node, "category")]);
    row(&mut out, &["Fits where one of these is asked for", &codes(&node["baseClasses"])]);
    if let Some(credential) = node.get("credential").filter(|it| !it.is_null()) {
        let optional = if credential["optional"] == true { " (optional)" } else { "" };
        row(
            &mut out,
            &["Credential", &format!("{}{optional}", codes(&credential["credentialNames"]))],
        );
    }

    let (sockets, settings): (Vec<&Value>, Vec<&Value>) =
        elements(&node["inputs"]).partition(|row| is_socket(row));
    if !sockets.is_empty() {
        out.push_str("\n## Connections\n\n| Input | Name | Takes | |\n|---|---|---|---|\n");
        for socket in sockets {
            let several = if socket["list"] == true { "one or several" } else { "one" };
            let needed = if socket["optional"] == true { "optional" } else { "required" };
            let about = about(socket, &format!("{several}, {needed}"));
            row(
                &mut out,
                &[
                    text(socket, "label"),
                    &code(text(socket, "name")),
                    &code(text(socket, "type")),
                    &about,
                ],
            );
        }
    }
    if !settings.is_empty() {
        out.push_str(
            "\n## Settings\n\n| Setting | Name | Kind | Default | |\n|---|---|---|---|---|\n",
        );
        for setting in settings {
            setting_row(&mut out, setting, "");
        }
    }
    if elements(&node["outputs"]).next().is_some() {
        out.push_str("\n## Outputs\n\n| Output | Name | Fits as | |\n|---|---|---|---|\n");
        for output in elements(&node["outputs"]) {
            let name = code(text(output, "name"));
            row(
                &mut out,
                &[
                    text(output, "label"),
                    &name,
                    &codes(&output["baseClasses"]),
                    text(output, "description"),
                ],
            );
        }
    }
    out
}

/// A row of the form, followed by the rows that are nested in it.
fn setting_row(out: &mut String, setting: &Value, parent: &str) {
    let label = format!("{parent}{}", text(setting, "label"));
    let needed = if setting["optional"] == true { "" } else { "required" };
    let default = match &setting["default"] {
        Value::Null => String::new(),
        value => code(&shortened(&plain(value))),
    };
    let about = about(setting, needed);
    row(out, &[&label, &code(text(setting, "name")), text(setting, "type"), &default, &about]);
    for nested in elements(&setting["array"]).chain(elements(&setting["tabs"])) {
        setting_row(out, nested, &format!("{label} › "));
    }
}

/// The last column: what the row is for, what may be chosen, and when it is shown.
fn about(input: &Value, first: &str) -> String {
    let mut parts = vec![first.to_owned(), text(input, "description").to_owned()];
    let choices: Vec<String> =
        elements(&input["options"]).map(|choice| code(text(choice, "name"))).collect();
    if !choices.is_empty() {
        parts.push(format!("One of {}", choices.join(", ")));
    }
    for (key, word) in [("show", "Shown while"), ("hide", "Hidden while")] {
        let conditions: Vec<String> = input[key]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(row, wanted)| match wanted {
                Value::Array(_) => format!("{} is one of {}", code(row), codes(wanted)),
                _ => format!("{} is {}", code(row), code(&plain(wanted))),
            })
            .collect();
        if !conditions.is_empty() {
            parts.push(format!("{word} {}", conditions.join(" and ")));
        }
    }
    if input["additionalParams"] == true {
        parts.push("Under *Additional Parameters*".to_owned());
    }
    let parts: Vec<&str> = parts
        .iter()
        .map(|part| part.trim_end_matches('.'))
        .filter(|part| !part.is_empty())
        .collect();
    parts.join(". ")
}

/// Whether other nodes plug in here: kinds of form controls begin with a small letter, base classes
/// do not.
fn is_socket(input: &Value) -> bool {
    text(input, "type").starts_with(char::is_uppercase)
}

/// One row of a table. Line breaks and bars would break it, so they are written otherwise.
fn row(out: &mut String, cells: &[&str]) {
    for cell in cells {
        let cell = cell.replace('|', "\\|").replace("\r\n", " ").replace('\n', " ");
        let _ = write!(out, "| {cell} ");
    }
    out.push_str("|\n");
}

/// Long defaults (whole prompts) are shown by their beginning.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.to_owned(),
    }
}

fn code(text: &str) -> String {
    match text {
        "" => String::new(),
        _ if text.contains('`') => format!("`` {text} ``"),
        _ => format!("`{text}`"),
    }
}

fn codes(list: &Value) -> String {
    let items: Vec<String> = elements(list).map(|item| code(&plain(item))).collect();
    items.join(", ")
}

/// Text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn model() -> Value {
        json!({
            "name": "chatExample", "label": "Chat Example", "version": 2.1, "category": "Chat Models",
            "description": "Answers from an example", "baseClasses": ["ChatExample", "BaseChatModel"],
            "credential": {"type": "credential", "credentialNames": ["exampleApi"], "optional": true},
            "inputs": [
                {"label": "Cache", "name": "cache", "type": "BaseCache", "optional": true},
                {"label": "Temperature", "name": "temperature", "type": "number", "default": 0.9, "optional": true,
                 "additionalParams": true},
                {"label": "Effort", "name": "effort", "type": "options", "description": "How long it thinks.",
                 "options": [{"label": "Low", "name": "low"}, {"label": "High", "name": "high"}],
                 "show": {"model": ["a|b", "c"], "thinks": true}},
                {"label": "Headers", "name": "headers", "type": "array", "optional": true,
                 "array": [{"label": "Key", "name": "key", "type": "string"}]}
            ],
            "outputs": [{"label": "Text", "name": "text", "baseClasses": ["string"]}]
        })
    }

    #[test]
    fn a_page_shows_every_row_of_the_node() {
        let expected = "<!-- Written by `cargo xtask codegen` from the catalog. Do not edit. -->\n
# Chat Example

Answers from an example

| | |
|---|---|
| Name in a flow | `chatExample` |
| Version | 2.1 |
| Category | Chat Models |
| Fits where one of these is asked for | `ChatExample`, `BaseChatModel` |
| Credential | `exampleApi` (optional) |

## Connections

| Input | Name | Takes | |
|---|---|---|---|
| Cache | `cache` | `BaseCache` | one, optional |

## Settings

| Setting | Name | Kind | Default | |
|---|---|---|---|---|
| Temperature | `temperature` | number | `0.9` | Under *Additional Parameters* |
| Effort | `effort` | options |  | required. How long it thinks. One of `low`, `high`. \
            Shown while `model` is one of `a\\|b`, `c` and `thinks` is `true` |
| Headers | `headers` | array |  |  |
| Headers › Key | `key` | string |  | required |

## Outputs

| Output | Name | Fits as | |
|---|---|---|---|
| Text | `text` | `string` |  |
";
        assert_eq!(page(&model()), expected);
    }

    #[test]
    fn the_index_is_by_category_and_name_whatever_the_order_of_the_catalog() {
        let node =
            |name: &str, category: &str| json!({"name": name, "label": name, "category": category});
        let nodes = [node("b", "Tools"), node("c", "Chains"), node("a", "Tools")];
        let mut reversed = nodes.clone();
        reversed.reverse();
        assert_eq!(index(&nodes), index(&reversed));
        assert!(
            index(&nodes).ends_with(
                "## Chains\n\n- [c](c.md): \n\n## Tools\n\n- [a](a.md): \n- [b](b.md): \n"
            )
        );
        assert_eq!(pages(&nodes).len(), 4);
    }

    #[test]
    fn a_long_default_is_shown_by_its_beginning() {
        assert_eq!(shortened(&"ä".repeat(81)), format!("{}…", "ä".repeat(80)));
        assert_eq!(shortened("short"), "short");
    }
}
