//! Notion's blocks as Markdown, and its properties as plain values.

use serde_json::{Map, Value, json};

use super::remote::text;

/// A block with what stands below it.
pub(super) struct Block {
    pub(super) value: Value,
    pub(super) children: Vec<Block>,
}

/// Blocks one below the other.
pub(super) fn markdown(blocks: &[Block]) -> String {
    let mut lines = Vec::new();
    write(blocks, 0, &mut lines);
    lines.join("\n").trim().to_owned()
}

fn write(blocks: &[Block], depth: usize, lines: &mut Vec<String>) {
    let mut number = 0;
    let mut after_item = false;
    for block in blocks {
        let kind = text(&block.value, "/type");
        let content = &block.value[kind];
        number = if kind == "numbered_list_item" { number + 1 } else { 0 };
        let is_item =
            matches!(kind, "bulleted_list_item" | "numbered_list_item" | "to_do" | "toggle");
        // Items of a list stand close together, everything else apart.
        if !(is_item && (after_item || depth > 0)) {
            leave_a_line(lines);
        }
        after_item = is_item;
        if kind == "table" {
            table(&block.children, lines);
            continue;
        }
        if let Some(written) = written(kind, content, number) {
            let indent = "    ".repeat(depth);
            lines.extend(written.lines().map(|line| format!("{indent}{line}")));
        }
        write(&block.children, if is_item { depth + 1 } else { depth }, lines);
    }
}

fn leave_a_line(lines: &mut Vec<String>) {
    if lines.last().is_some_and(|it| !it.is_empty()) {
        lines.push(String::new());
    }
}

/// A block alone; `None` where it has no text of its own.
fn written(kind: &str, content: &Value, number: usize) -> Option<String> {
    let rich = || rich_text(&content["rich_text"]);
    let link = || {
        let places = ["/url", "/external/url", "/file/url"];
        let url = places.iter().map(|it| text(content, it)).find(|it| !it.is_empty())?;
        let caption = rich_text(&content["caption"]);
        let name = if caption.is_empty() { text(content, "/name").to_owned() } else { caption };
        let name = if name.is_empty() { url.to_owned() } else { name };
        Some(format!("[{name}]({url})"))
    };
    let written = match kind {
        "paragraph" => rich(),
        "heading_1" => format!("# {}", rich()),
        "heading_2" => format!("## {}", rich()),
        "heading_3" => format!("### {}", rich()),
        "bulleted_list_item" | "toggle" => format!("- {}", rich()),
        "numbered_list_item" => format!("{number}. {}", rich()),
        "to_do" => {
            let mark = if content["checked"] == true { "x" } else { " " };
            format!("- [{mark}] {}", rich())
        }
        "quote" | "callout" => {
            rich().lines().map(|it| format!("> {it}")).collect::<Vec<_>>().join("\n")
        }
        "code" => {
            format!("```{}\n{}\n```", text(content, "/language"), plain(&content["rich_text"]))
        }
        "equation" => format!("$$\n{}\n$$", text(content, "/expression")),
        "divider" => "---".to_owned(),
        "image" => format!("!{}", link()?),
        "bookmark" | "embed" | "file" | "link_preview" | "pdf" | "video" | "audio" => link()?,
        _ => return None,
    };
    Some(written).filter(|it| !it.trim().is_empty())
}

fn table(rows: &[Block], lines: &mut Vec<String>) {
    for (index, row) in rows.iter().enumerate() {
        let cells = row.value.pointer("/table_row/cells").and_then(Value::as_array);
        let cells: Vec<String> = cells
            .into_iter()
            .flatten()
            .map(|it| rich_text(it).replace('|', "\\|").replace('\n', " "))
            .collect();
        lines.push(format!("| {} |", cells.join(" | ")));
        if index == 0 {
            lines.push(format!("|{}", " --- |".repeat(cells.len())));
        }
    }
}

/// Text with its emphasis and links.
fn rich_text(pieces: &Value) -> String {
    let piece = |it: &Value| {
        let mut written = text(it, "/plain_text").to_owned();
        if written.trim().is_empty() {
            return written;
        }
        let on = |name: &str| it["annotations"][name] == true;
        for (name, mark) in
            [("code", "`"), ("bold", "**"), ("italic", "_"), ("strikethrough", "~~")]
        {
            if on(name) {
                // Marks close to blanks are no marks.
                let inner = written.trim();
                let (before, after) = written.split_once(inner).unwrap_or_default();
                written = format!("{before}{mark}{inner}{mark}{after}");
            }
        }
        match it["href"].as_str() {
            Some(href) => format!("[{written}]({href})"),
            None => written,
        }
    };
    pieces.as_array().into_iter().flatten().map(piece).collect()
}

fn plain(pieces: &Value) -> String {
    pieces.as_array().into_iter().flatten().map(|it| text(it, "/plain_text")).collect()
}

/// The properties of a page by name.
pub(super) fn properties(page: &Value) -> Map<String, Value> {
    let all = page["properties"].as_object().into_iter().flatten();
    all.map(|(name, it)| (name.clone(), property(it))).collect()
}

/// A property as text or number; nothing for an empty one.
fn property(property: &Value) -> Value {
    let kind = text(property, "/type");
    let value = &property[kind];
    let names = |list: &Value, pointer: &str| {
        let names = list.as_array().into_iter().flatten().map(|it| text(it, pointer));
        names.filter(|it| !it.is_empty()).collect::<Vec<_>>().join(", ")
    };
    match kind {
        "title" | "rich_text" => plain(value).into(),
        "select" | "status" | "created_by" | "last_edited_by" => text(value, "/name").into(),
        "multi_select" | "files" | "people" => names(value, "/name").into(),
        "relation" => names(value, "/id").into(),
        "date" => match (text(value, "/start"), text(value, "/end")) {
            (start, "") => start.into(),
            (start, end) => format!("{start} - {end}").into(),
        },
        "rollup" if text(value, "/type") == "array" => {
            let each = value["array"].as_array().into_iter().flatten().map(self::property);
            let each = each.map(|it| it.as_str().map_or_else(|| it.to_string(), str::to_owned));
            each.collect::<Vec<_>>().join(", ").into()
        }
        "formula" | "rollup" => property_of(value),
        "unique_id" => match text(value, "/prefix") {
            "" => value["number"].clone(),
            prefix => format!("{prefix}-{}", value["number"]).into(),
        },
        _ => value.clone(),
    }
}

/// What a formula or a summary gives.
fn property_of(value: &Value) -> Value {
    match text(value, "/type") {
        "date" => property(&json!({"type": "date", "date": value["date"]})),
        kind => value[kind].clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rich(text: &str) -> Value {
        json!([{"plain_text": text, "annotations": {}}])
    }

    fn block(kind: &str, content: &Value, children: Vec<Block>) -> Block {
        Block { value: json!({"type": kind, kind: content}), children }
    }

    fn of_text(kind: &str, text: &str) -> Block {
        block(kind, &json!({"rich_text": rich(text)}), Vec::new())
    }

    #[test]
    fn blocks_are_written_as_markdown() {
        let marked = json!({"rich_text": [
            {"plain_text": "very ", "annotations": {"bold": true}},
            {"plain_text": "open", "annotations": {}, "href": "https://a.example"},
        ]});
        let row = |cells: [&str; 2]| {
            let cells = cells.map(rich);
            block("table_row", &json!({"cells": cells}), Vec::new())
        };
        let nested = block(
            "bulleted_list_item",
            &json!({"rich_text": rich("one")}),
            vec![of_text("numbered_list_item", "first"), of_text("numbered_list_item", "second")],
        );
        let done =
            block("to_do", &json!({"rich_text": rich("swept"), "checked": true}), Vec::new());
        let code = json!({"rich_text": rich("a < b"), "language": "rust"});
        let picture = json!({"type": "external", "external": {"url": "https://a.example/p.png"}, "caption": []});
        let blocks = [
            of_text("heading_1", "Hours"),
            block("paragraph", &marked, Vec::new()),
            nested,
            done,
            block("code", &code, Vec::new()),
            block("image", &picture, Vec::new()),
            block("table", &json!({}), vec![row(["Day", "From"]), row(["Mo|Tu", "9"])]),
            block("column_list", &json!({}), vec![of_text("quote", "in a column")]),
            of_text("unsupported", "x"),
        ];
        let expected = "# Hours\n\n**very** [open](https://a.example)\n\n- one\n    1. first\n    \
            2. second\n- [x] swept\n\n```rust\na < b\n```\n\n\
            ![https://a.example/p.png](https://a.example/p.png)\n\n\
            | Day | From |\n| --- | --- |\n| Mo\\|Tu | 9 |\n\n> in a column";
        assert_eq!(markdown(&blocks), expected);
    }

    #[test]
    fn properties_are_plain_values() {
        let page = json!({"properties": {
            "Name": {"type": "title", "title": rich("Door")},
            "Tags": {"type": "multi_select", "multi_select": [{"name": "a"}, {"name": "b"}]},
            "Due": {"type": "date", "date": {"start": "2024-01-01", "end": "2024-01-02"}},
            "Price": {"type": "number", "number": 2.5},
            "Open": {"type": "checkbox", "checkbox": false},
            "State": {"type": "status", "status": null},
            "Sum": {"type": "formula", "formula": {"type": "number", "number": 3}},
            "All": {"type": "rollup", "rollup": {"type": "array", "array": [
                {"type": "title", "title": rich("x")}, {"type": "number", "number": 1},
            ]}},
            "Id": {"type": "unique_id", "unique_id": {"prefix": "T", "number": 4}},
        }});
        let expected = json!({
            "Name": "Door", "Tags": "a, b", "Due": "2024-01-01 - 2024-01-02", "Price": 2.5,
            "Open": false, "State": "", "Sum": 3, "All": "x, 1", "Id": "T-4",
        });
        assert_eq!(Value::from(properties(&page)), expected);
    }
}
