//! The document as one page to read: no script, nothing from elsewhere.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::document::document;

const STYLE: &str = include_str!("page.css");

/// The page, as HTML.
pub(crate) fn page() -> String {
    let document = document();
    let title = text(&document["info"]["title"]);
    let version = text(&document["info"]["version"]);
    let mut body = String::new();
    let mut contents = String::new();
    for tag in document["tags"].as_array().into_iter().flatten() {
        let name = text(&tag["name"]);
        let anchor = anchor(&name);
        let _ = write!(contents, "<h3><a href=\"#{anchor}\">{name}</a></h3><ul>");
        let _ = write!(
            body,
            "<section id=\"{anchor}\"><h2>{name}</h2><p>{}</p>",
            text(&tag["description"])
        );
        for (path, method, operation) in operations(document) {
            if operation["tags"][0] != tag["name"] {
                continue;
            }
            let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
            let _ = write!(contents, "<li><a href=\"#{id}\">{summary}</a></li>");
            write_operation(&mut body, path, method, operation);
        }
        contents.push_str("</ul>");
        body.push_str("</section>");
    }
    body.push_str("<section id=\"types\"><h2>Types</h2>");
    contents.push_str("<h3><a href=\"#types\">Types</a></h3><ul>");
    for (name, schema) in object(&document["components"]["schemas"]) {
        let name = escape(name);
        let _ = write!(contents, "<li><a href=\"#type-{name}\">{name}</a></li>");
        let _ = write!(body, "<article id=\"type-{name}\"><h3>{name}</h3>");
        write_schema(&mut body, schema);
        body.push_str("</article>");
    }
    contents.push_str("</ul>");
    body.push_str("</section>");
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>API of {title} {version}</title><style>{STYLE}</style></head><body>\
         <nav aria-label=\"Contents\"><p><strong>{title}</strong> {version}</p>{contents}</nav>\
         <main><h1>The API of {title}</h1><p>{}</p>\
         <p>For programs: <a href=\"/api/v1/openapi.json\">the OpenAPI document</a>.</p>\
         {body}</main></body></html>\n",
        prose(&document["info"]["description"]),
    )
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    object(&document["paths"]).flat_map(|(path, methods)| {
        object(methods).map(|(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn write_operation(out: &mut String, path: &str, method: &str, operation: &Value) {
    let (id, summary) = (text(&operation["operationId"]), text(&operation["summary"]));
    let _ = write!(
        out,
        "<article id=\"{id}\"><h3>{summary}</h3>\
         <p class=\"call\"><b class=\"{method}\">{}</b> <code>{}</code></p>{}",
        method.to_uppercase(),
        escape(path),
        paragraphs(&operation["description"]),
    );
    let parameters = operation["parameters"].as_array();
    if let Some(parameters) = parameters {
        out.push_str("<table><thead><tr><th>Parameter<th>In<th>Type<th>Meaning</thead><tbody>");
        for it in parameters {
            let _ = write!(
                out,
                "<tr><td><code>{}</code>{}<td>{}<td>{}<td>{}",
                text(&it["name"]),
                if it["required"] == true { " *" } else { "" },
                text(&it["in"]),
                kind(&it["schema"]),
                prose(&it["description"]),
            );
        }
        out.push_str("</tbody></table>");
    }
    out.push_str("<table><thead><tr><th>What<th>Media type<th>Type<th>Meaning</thead><tbody>");
    for (media, content) in object(&operation["requestBody"]["content"]) {
        let _ =
            write!(out, "<tr><td>body<td>{}<td>{}<td>", escape(media), kind(&content["schema"]));
    }
    for (status, answer) in object(&operation["responses"]) {
        let answer = resolved(answer);
        let description = prose(&answer["description"]);
        let mut contents = object(&answer["content"]).peekable();
        if contents.peek().is_none() {
            let _ = write!(out, "<tr><td>{status}<td><td><td>{description}");
        }
        for (media, content) in contents {
            let _ = write!(
                out,
                "<tr><td>{status}<td>{}<td>{}<td>{description}",
                escape(media),
                kind(&content["schema"]),
            );
        }
    }
    out.push_str("</tbody></table></article>");
}

/// A type's description and, of an object, its fields.
fn write_schema(out: &mut String, schema: &Value) {
    out.push_str(&paragraphs(&schema["description"]));
    let mut fields = object(&schema["properties"]).peekable();
    if fields.peek().is_none() {
        let _ = write!(out, "<p>{}</p>", kind(schema));
        return;
    }
    let required = schema["required"].as_array();
    out.push_str("<table><thead><tr><th>Field<th>Type<th>Meaning</thead><tbody>");
    for (name, field) in fields {
        let must = required.is_some_and(|it| it.iter().any(|it| it == name.as_str()));
        let star = if must { " *" } else { "" };
        let _ = write!(
            out,
            "<tr><td><code>{}</code>{star}<td>{}<td>{}",
            escape(name),
            kind(field),
            prose(&field["description"]),
        );
    }
    out.push_str("</tbody></table>");
}

/// A type in few words, with links to the named ones.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = escape(reference.rsplit('/').next().unwrap_or_default());
        return format!("<a href=\"#type-{name}\">{name}</a>");
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        if let Some(parts) = schema[list].as_array() {
            return parts.iter().map(kind).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<String> =
            words.iter().map(|it| format!("<code>{}</code>", escape(&it.to_string()))).collect();
        return words.join(" or ");
    }
    let word = |name: &str| match name {
        "array" => match &schema["items"] {
            Value::Null => "list".to_owned(),
            items => format!("list of {}", kind(items)),
        },
        "object" => "object".to_owned(),
        other => escape(other),
    };
    match &schema["type"] {
        Value::String(name) => word(name),
        Value::Array(names) => {
            let names = names.iter().filter_map(Value::as_str).map(word);
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => "anything".to_owned(),
    }
}

fn resolved(value: &Value) -> &Value {
    let pointer = value["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    pointer.and_then(|it| document().pointer(it)).unwrap_or(value)
}

fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// Text with `code` in it.
fn prose(value: &Value) -> String {
    let text = text(value);
    let mut parts = text.split('`');
    let mut html = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        let tag = if index % 2 == 0 { "<code>" } else { "</code>" };
        html.push_str(tag);
        html.push_str(part);
    }
    html
}

fn paragraphs(value: &Value) -> String {
    let html = prose(value);
    let paragraphs = html.split("\n\n").filter(|it| !it.is_empty());
    paragraphs.map(|it| format!("<p>{it}</p>")).collect::<Vec<_>>().concat()
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}
