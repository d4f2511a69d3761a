//! The document: one operation for each row of the route table.

use std::sync::OnceLock;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::{
    describe::{Answer, Doc, Kind, Parameter, RequestBody},
    schemas::Schemas,
};
use crate::{
    problem,
    route::{Policy, RouteRow, table},
    routes::AREAS,
};

/// What every route may answer, whatever it does.
const ALWAYS: &[u16] = &[500, 503];

/// The OpenAPI 3.1 document of the API. Made once; it depends on nothing but the program.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| make(&table()))
}

fn make(rows: &[RouteRow]) -> Value {
    let mut schemas = Schemas::new();
    let problems = problem::documented(&mut |schema| schemas.written(schema));
    let mut paths: Map<String, Value> = Map::new();
    for row in rows {
        let Some(doc) = row.doc.as_ref().filter(|it| !it.hidden) else { continue };
        let operation = operation(row, doc, &mut schemas);
        let path = paths.entry(plain_path(&row.path)).or_insert_with(|| json!({}));
        path[row.method.as_str().to_ascii_lowercase()] = operation;
    }
    let tags = AREAS.iter().map(|area| json!({ "name": area.tag, "description": area.about }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Flowstone",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Asking flows, and keeping them. A call shows an API key \
                (`Authorization: Bearer KEY`) or, from the pages, the cookies of a session.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "The server this document came from." }],
        "tags": tags.collect::<Value>(),
        "paths": paths,
        "components": {
            "schemas": schemas.finish(),
            "responses": problems,
            "securitySchemes": {
                "apiKey": {
                    "type": "http", "scheme": "bearer",
                    "description": "An API key of a workspace.",
                },
                "session": {
                    "type": "apiKey", "in": "cookie", "name": "token",
                    "description": "The session of somebody who signed in (`POST /auth/login`).",
                },
                "fromPage": {
                    "type": "apiKey", "in": "header", "name": "x-request-from",
                    "description": "Always `internal`: it keeps foreign pages from using a session.",
                },
            },
        },
    })
}

fn operation(row: &RouteRow, doc: &Doc, schemas: &mut Schemas) -> Value {
    let mut operation = Map::new();
    let mut put = |name: &str, value: Value| operation.insert(name.to_owned(), value);
    put("operationId", operation_id(&row.method, &row.path).into());
    put("summary", doc.summary.into());
    put("description", description(row, doc).into());
    put("tags", json!([row.area.map(|it| it.tag)]));
    put("security", security(row.policy));
    let parameters = parameters(row, doc);
    if !parameters.is_empty() {
        put("parameters", parameters.into());
    }
    if let Some(body) = &doc.body {
        put("requestBody", request_body(body, schemas));
    }
    put("responses", responses(row, doc, schemas));
    operation.into()
}

/// `getChatflowsById` for `GET /api/v1/chatflows/{id}`: unique, as method and path are.
fn operation_id(method: &Method, path: &str) -> String {
    let mut id = method.as_str().to_ascii_lowercase();
    for part in plain_path(path).split('/').skip(3) {
        let variable = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        if variable.is_some() {
            id.push_str("By");
        }
        for word in variable.unwrap_or(part).split(['-', '_', '.']) {
            let mut letters = word.chars();
            id.extend(letters.next().map(|it| it.to_ascii_uppercase()));
            id.push_str(letters.as_str());
        }
    }
    id
}

/// The path as OpenAPI writes it, which knows no parts of several segments.
fn plain_path(path: &str) -> String {
    path.replace("{*", "{")
}

fn description(row: &RouteRow, doc: &Doc) -> String {
    let who = match row.policy {
        Policy::Anonymous(why) => format!("Open to everyone: {why}."),
        Policy::Caller([]) => "For every API key and everybody who is signed in.".to_owned(),
        Policy::Caller(permissions) => {
            format!("For API keys and people with the permission {}.", listed(permissions))
        }
        Policy::Session([]) => "For people who are signed in; not for API keys.".to_owned(),
        Policy::Session(permissions) => {
            format!("For people with the permission {}; not for API keys.", listed(permissions))
        }
    };
    match doc.details {
        Some(details) => format!("{details}\n\n{who}"),
        None => who,
    }
}

fn listed(permissions: &[&str]) -> String {
    let quoted: Vec<String> = permissions.iter().map(|it| format!("`{it}`")).collect();
    quoted.join(" or ")
}

fn security(policy: Policy) -> Value {
    let session = json!({ "session": [], "fromPage": [] });
    match policy {
        Policy::Anonymous(_) => json!([]),
        Policy::Caller(_) => json!([{ "apiKey": [] }, session]),
        Policy::Session(_) => json!([session]),
    }
}

fn parameters(row: &RouteRow, doc: &Doc) -> Vec<Value> {
    let in_path = path_parameters(&row.path).map(|name| {
        let about = row.area.and_then(|area| area.parameter(name)).unwrap_or_default();
        json!({
            "name": name, "in": "path", "required": true, "description": about,
            "schema": { "type": "string" },
        })
    });
    let in_query = doc.query.iter().map(query_parameter);
    in_path.chain(in_query).collect()
}

/// The names of a path's variable parts.
pub(super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|it| {
        let name = it.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.trim_start_matches('*'))
    })
}

fn query_parameter(parameter: &Parameter) -> Value {
    let schema = match parameter.kind {
        Kind::Text => json!({ "type": "string" }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::Number => json!({ "type": "integer" }),
        Kind::Time => json!({ "type": "string", "format": "date-time" }),
        Kind::Choice(words) => json!({ "type": "string", "enum": words }),
        Kind::Choices(words) => {
            json!({ "type": "array", "items": { "type": "string", "enum": words } })
        }
    };
    let mut written = json!({
        "name": parameter.name, "in": "query", "description": parameter.description,
        "schema": schema,
    });
    if parameter.required {
        written["required"] = true.into();
    }
    written
}

fn request_body(body: &RequestBody, schemas: &mut Schemas) -> Value {
    let schema = schemas.read(body.schema);
    let content = body.media.iter().map(|it| ((*it).to_owned(), json!({ "schema": schema })));
    json!({ "required": body.required, "content": content.collect::<Map<_, _>>() })
}

fn responses(row: &RouteRow, doc: &Doc, schemas: &mut Schemas) -> Value {
    let mut responses: Map<String, Value> = Map::new();
    for Answer { status, description, content } in &doc.answers {
        let answer = responses
            .entry(status.to_string())
            .or_insert_with(|| json!({ "description": description }));
        if let Some((media, schema)) = content {
            answer["content"][*media] = json!({ "schema": schemas.written(*schema) });
        }
    }
    for status in problems(row, doc) {
        // A route that tells a failure on a page may fail before it is reached, and then as all do.
        if let Some(told) = responses.get_mut(&status.to_string()) {
            told["content"]["application/json"] = json!({ "schema": {} });
            continue;
        }
        let name = problem::response_name(status);
        let reference = json!({ "$ref": format!("#/components/responses/{name}") });
        responses.insert(status.to_string(), reference);
    }
    responses.into()
}

/// How a call may fail: by who calls, by what the path names, by its body, and as the route says.
fn problems(row: &RouteRow, doc: &Doc) -> Vec<u16> {
    let mut all: Vec<u16> = match row.policy {
        Policy::Anonymous(_) => Vec::new(),
        Policy::Caller([]) | Policy::Session([]) => vec![401],
        Policy::Caller(_) | Policy::Session(_) => vec![401, 403],
    };
    if path_parameters(&row.path).next().is_some() {
        all.extend([400, 404]);
    }
    if doc.body.is_some() {
        all.extend([400, 413]);
    }
    if !doc.query.is_empty() {
        all.push(400);
    }
    all.extend(&doc.problems);
    all.extend(ALWAYS);
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_named_by_its_method_and_path() {
        for (method, path, id) in [
            (Method::GET, "/api/v1/chatflows/{id}", "getChatflowsById"),
            (Method::POST, "/api/v1/node-load-method/{name}", "postNodeLoadMethodByName"),
            (Method::GET, "/api/v1/openapi.json", "getOpenapiJson"),
        ] {
            assert_eq!(operation_id(&method, path), id);
        }
    }
}
