//! What the four request nodes share: one call whose address, headers and body their author fixed.
//! The model fills in what was left open, and nothing else.

use std::time::Duration;

use async_trait::async_trait;
use flowstone_core::{
    Error, Input, Inputs, Result, Run, Tool, ToolResult, ToolSpec,
    spec::{Default, Field},
};
use flowstone_providers::{
    HttpClient,
    http::{Method, Response},
};
use serde_json::{Map, Value, json};
use url::Url;

use super::{cut, name_for_models};
use crate::{address, html_text::plain, loose_json, prompt_format::as_text};

/// How much of an answer is read where the form sets no limit, in bytes.
const MOST_READ: usize = 4 * 1024 * 1024;

/// How long a server may think before it answers: a person waits behind the model.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// How much of a refusal's body a model is shown, in characters.
const MOST_OF_A_REFUSAL: usize = 500;

/// Headers that describe the exchange itself: a wrong one breaks it.
const OWN_HEADERS: [&str; 4] = ["host", "content-length", "connection", "transfer-encoding"];

/// Where the request goes.
pub(super) const fn url_row(name: &'static str) -> Input<String> {
    Input::text("URL", name)
        .describe("The whole address that is called. The model cannot change it")
        .placeholder("https://api.example.com/orders")
        .accepts_variables()
}

/// What the model calls the tool.
pub(super) const fn name_row(name: &'static str, value: &'static str) -> Input<Option<String>> {
    Input::text("Name", name)
        .default(value)
        .describe("What the model calls the tool: a name that says what it does")
        .additional()
        .optional()
}

/// When the model should use the tool.
pub(super) const fn description_row(
    name: &'static str,
    value: &'static str,
) -> Input<Option<String>> {
    Input::text("Description", name)
        .rows(4)
        .default(value)
        .describe("Tells the model when to use the tool")
        .additional()
        .optional()
}

/// Headers of the request.
pub(super) const fn headers_row(name: &'static str) -> Input<Option<String>> {
    Input::text("Headers", name)
        .rows(4)
        .describe("Headers of the request, as a JSON object. The model does not see them")
        .placeholder("{ \"Authorization\": \"Bearer …\" }")
        .accepts_variables()
        .additional()
        .optional()
}

/// Which parts of the address the model fills in.
pub(super) const fn query_row(name: &'static str) -> Input<Option<String>> {
    let mut it = Input::code("Query Params Schema", name)
        .describe(
            "What the model may put into the address: for each name its type, what it is, whether \
             it is required, and whether it goes into the query or into the path, where :name \
             marks its place. Without a schema the model may add pairs to the query",
        )
        .additional()
        .optional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(
        r#"{
  "id": {
    "type": "string",
    "required": true,
    "in": "path",
    "description": "Number of the order, such as 1042"
  },
  "limit": {
    "type": "number",
    "in": "query",
    "description": "How many lines of it to give"
  }
}"#,
    );
    it
}

/// The fixed part of the body.
pub(super) const fn body_row(name: &'static str) -> Input<Option<String>> {
    Input::text("Body", name)
        .rows(4)
        .describe("What is always sent, as a JSON object. What the model fills in is added to it")
        .placeholder("{ \"source\": \"chat\" }")
        .accepts_variables()
        .additional()
        .optional()
}

/// Which parts of the body the model fills in.
pub(super) const fn body_schema_row(name: &'static str) -> Input<Option<String>> {
    let mut it = Input::code("Body Schema", name)
        .describe(
            "What the model may put into the body: for each name its type, what it is and whether \
             it is required. Without a schema the body is sent as it stands above",
        )
        .additional()
        .optional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(
        r#"{
  "name": {
    "type": "string",
    "required": true,
    "description": "Name of the customer"
  },
  "express": {
    "type": "boolean",
    "description": "Whether it is urgent"
  }
}"#,
    );
    it
}

/// How much of the answer the model is given.
pub(super) const fn limit_row(name: &'static str) -> Input<Option<u64>> {
    let mut it = Input::whole("Max Output Length", name)
        .step(1.0)
        .describe("Longest answer in characters; what is beyond is cut off. Empty for all of it")
        .additional()
        .optional();
    it.field.default = Default::Text("2000");
    it
}

/// The rows that all four nodes have.
pub(super) struct Rows<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Input<String>,
    pub(super) name: &'a Input<Option<String>>,
    pub(super) description: &'a Input<Option<String>>,
    pub(super) headers: &'a Input<Option<String>>,
    pub(super) limit: &'a Input<Option<u64>>,
}

impl Rows<'_> {
    /// A call whose address the model may complete.
    pub(super) fn with_query(
        self,
        inputs: &Inputs,
        schema: &Input<Option<String>>,
    ) -> Result<RequestTool> {
        let schema = inputs.get(schema)?.map(|it| open_values(&schema.field, &it)).transpose()?;
        let (about, required) = schema.as_deref().map_or_else(
            || (json!({"type": "object", "description": "Pairs for the query"}), false),
            |it| (object(it), it.iter().any(|value| value.required)),
        );
        let parameters = arguments("queryParams", about, required);
        self.build(inputs, parameters, Open::Query(schema))
    }

    /// A call whose body the model may complete.
    pub(super) fn with_body(
        self,
        inputs: &Inputs,
        fixed: &Input<Option<String>>,
        schema: &Input<Option<String>>,
    ) -> Result<RequestTool> {
        let text = inputs.get(fixed)?.map(|it| plain(&it)).filter(|it| !it.trim().is_empty());
        let body = text.map(|it| loose_json::parse(&it)).transpose().map_err(|reason| {
            Error::invalid(&fixed.field, format!("this is not valid JSON: {reason}"))
        })?;
        let schema = inputs.get(schema)?.map(|it| open_values(&schema.field, &it)).transpose()?;
        if schema.is_some() && body.as_ref().is_some_and(|it| !it.is_object()) {
            return Err(Error::invalid(
                &fixed.field,
                "a JSON object is expected, as the model is to add to it",
            ));
        }
        let parameters = schema.as_deref().map_or_else(super::nothing, |it| {
            arguments("body", object(it), it.iter().any(|value| value.required))
        });
        let body = body.unwrap_or_else(|| json!({}));
        self.build(inputs, parameters, Open::Body { fixed: body, open: schema })
    }

    fn build(self, inputs: &Inputs, parameters: Value, open: Open) -> Result<RequestTool> {
        let text = plain(&inputs.get(self.url)?);
        let url = Url::parse(text.trim()).ok().filter(Url::has_host).ok_or_else(|| {
            let reason = "an address such as https://api.example.com/orders is expected";
            Error::invalid(&self.url.field, reason)
        })?;
        let otherwise = format!("requests_{}", self.method.as_str().to_lowercase());
        let description = inputs.get(self.description)?;
        Ok(RequestTool {
            spec: ToolSpec {
                name: name_for_models(&inputs.get(self.name)?.unwrap_or_default(), &otherwise),
                description: description
                    .unwrap_or_else(|| format!("Makes a {} request.", self.method)),
                parameters,
            },
            url,
            headers: headers(&self.headers.field, inputs.get(self.headers)?)?,
            open,
            limit: inputs.get(self.limit)?.and_then(|it| usize::try_from(it).ok()),
            method: self.method,
        })
    }
}

/// The tool of such a node.
pub(super) struct RequestTool {
    spec: ToolSpec,
    method: Method,
    url: Url,
    headers: Vec<(String, String)>,
    open: Open,
    /// Longest answer in characters.
    limit: Option<usize>,
}

/// What the model fills in.
enum Open {
    /// Parts of the address; any pair of the query where there is no schema.
    Query(Option<Vec<OpenValue>>),
    /// Parts of the body, beside what its author fixed.
    Body { fixed: Value, open: Option<Vec<OpenValue>> },
}

/// One value that the model fills in.
struct OpenValue {
    name: String,
    schema: Value,
    required: bool,
    in_path: bool,
}

#[async_trait]
impl Tool for RequestTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let mut url = self.url.clone();
        let body = match &self.open {
            Open::Query(Some(open)) => {
                complete(&mut url, &filled("queryParams", open, arguments)?)?;
                None
            }
            Open::Query(None) => {
                add_pairs(&mut url, arguments)?;
                None
            }
            Open::Body { fixed, open: None } => Some(fixed.clone()),
            Open::Body { fixed, open: Some(open) } => {
                let mut body = fixed.clone();
                if let Value::Object(map) = &mut body {
                    let given = filled("body", open, arguments)?;
                    map.extend(given.into_iter().map(|(it, value)| (it.name.clone(), value)));
                }
                Some(body)
            }
        };
        let http = run.services.get::<HttpClient>()?;
        let request = http.request(self.method.clone(), url.as_str())?;
        let mut request = request.timeout(Some(PATIENCE));
        if let Some(body) = body {
            request = request.json(&body);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let text = answer(request.send().await?, self.limit).await?;
        Ok(ToolResult::text(text))
    }
}

/// The body of an answer as text, its first `limit` characters.
///
/// # Errors
/// `Provider` where the answer is a refusal.
pub(super) async fn answer(mut response: Response, limit: Option<usize>) -> Result<String> {
    let status = response.status();
    // A character has up to four bytes.
    let most = limit.map_or(MOST_READ, |it| it.saturating_mul(4).min(MOST_READ));
    let most = if status.is_success() { most } else { MOST_OF_A_REFUSAL * 4 };
    let mut bytes = Vec::new();
    while bytes.len() < most
        && let Some(chunk) = response.chunk().await?
    {
        bytes.extend_from_slice(&chunk);
    }
    let text = String::from_utf8_lossy(&bytes);
    if status.is_success() {
        return Ok(cut(&text, limit.unwrap_or(MOST_READ)).to_owned());
    }
    let reason = status.canonical_reason().unwrap_or_default();
    let message = format!("{reason} {}", cut(text.trim(), MOST_OF_A_REFUSAL));
    Err(Error::Provider { status: status.as_u16(), message: message.trim().to_owned() })
}

/// Headers as an author wrote them, as a JSON object.
///
/// # Errors
/// Where that is none, or one of them describes the exchange itself.
pub(super) fn headers(field: &Field, text: Option<String>) -> Result<Vec<(String, String)>> {
    let Some(text) = text.map(|it| plain(&it)).filter(|it| !it.trim().is_empty()) else {
        return Ok(Vec::new());
    };
    let Ok(Value::Object(map)) = loose_json::parse(&text) else {
        return Err(Error::invalid(field, "a JSON object is expected, such as {\"X-Key\": \"…\"}"));
    };
    if let Some(own) = map.keys().find(|it| OWN_HEADERS.contains(&it.to_lowercase().as_str())) {
        return Err(Error::invalid(field, format!("{own} is set by the call itself: remove it")));
    }
    Ok(map.into_iter().map(|(name, value)| (name, as_text(&value))).collect())
}

/// Reads `{name: {type, required, in, description}}`, or a JSON Schema of an object.
fn open_values(field: &Field, text: &str) -> Result<Vec<OpenValue>> {
    let wrong = |reason: String| Error::invalid(field, reason);
    let parsed = loose_json::parse(text)
        .map_err(|reason| wrong(format!("this is not valid JSON: {reason}")))?;
    let Value::Object(mut map) = parsed else {
        return Err(wrong("an object of names and what they are is expected".to_owned()));
    };
    let mut required = Vec::new();
    if map.get("type").is_some_and(|it| it == "object")
        && let Some(Value::Object(properties)) = map.get("properties").cloned()
    {
        let listed = map["required"].as_array().cloned().unwrap_or_default();
        required = listed.into_iter().filter_map(|it| it.as_str().map(str::to_owned)).collect();
        map = properties;
    }
    let values = map.into_iter().map(|(name, about)| {
        let Value::Object(mut schema) = about else {
            let reason = format!("{name}: an object such as {{\"type\": \"string\"}} is expected");
            return Err(wrong(reason));
        };
        let flag = schema.remove("required");
        let required =
            flag.is_some_and(|it| it == true || it == "true") || required.contains(&name);
        let in_path = schema.remove("in").is_some_and(|it| it == "path");
        schema.entry("type").or_insert_with(|| "string".into());
        if schema["type"] == "array" {
            schema.entry("items").or_insert_with(|| json!({}));
        }
        Ok(OpenValue { name, schema: schema.into(), required, in_path })
    });
    values.collect()
}

/// The JSON Schema of these values.
fn object(values: &[OpenValue]) -> Value {
    let properties: Map<String, Value> =
        values.iter().map(|it| (it.name.clone(), it.schema.clone())).collect();
    let required = values.iter().filter(|it| it.required).map(|it| it.name.as_str());
    json!({
        "type": "object",
        "properties": properties,
        "required": required.collect::<Vec<_>>(),
        "additionalProperties": false
    })
}

fn arguments(name: &str, schema: Value, required: bool) -> Value {
    let required = if required { vec![name] } else { Vec::new() };
    json!({"type": "object", "properties": {name: schema}, "required": required})
}

/// What the model gave for the open values, after a check that it gave nothing else.
fn filled<'a>(
    place: &str,
    open: &'a [OpenValue],
    arguments: &Map<String, Value>,
) -> Result<Vec<(&'a OpenValue, Value)>> {
    let given = group(place, arguments)?;
    if let Some(name) = given.keys().find(|name| !open.iter().any(|it| it.name == **name)) {
        let names: Vec<&str> = open.iter().map(|it| it.name.as_str()).collect();
        return Err(Error::ModelAnswer(format!(
            "{place} takes no {name}. It takes: {}. Call again.",
            names.join(", ")
        )));
    }
    let value_of = |it: &OpenValue| given.get(&it.name).filter(|value| !value.is_null()).cloned();
    if let Some(missing) = open.iter().find(|it| it.required && value_of(it).is_none()) {
        let name = &missing.name;
        return Err(Error::ModelAnswer(format!("{place} lacks {name}. Call again.")));
    }
    Ok(open.iter().filter_map(|it| Some((it, value_of(it)?))).collect())
}

fn group(place: &str, arguments: &Map<String, Value>) -> Result<Map<String, Value>> {
    match arguments.get(place) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map.clone()),
        Some(_) => Err(Error::ModelAnswer(format!("{place} must be an object. Call again."))),
    }
}

/// Puts values into the path and the query of an address.
fn complete(url: &mut Url, values: &[(&OpenValue, Value)]) -> Result<()> {
    let mut path = url.path().to_owned();
    for (open, value) in values.iter().filter(|(open, _)| open.in_path) {
        let encoded = address::segment(&address::written(value));
        match replace_marker(&path, &open.name, &encoded) {
            Some(replaced) => path = replaced,
            None => path = format!("{}/{encoded}", path.trim_end_matches('/')),
        }
    }
    address::stays_below(&path)?;
    url.set_path(&path);
    for (open, value) in values.iter().filter(|(open, _)| !open.in_path) {
        url.query_pairs_mut().append_pair(&open.name, &address::written(value));
    }
    Ok(())
}

/// Adds the pairs of a model that was given no schema. What the author wrote stays as it is.
fn add_pairs(url: &mut Url, arguments: &Map<String, Value>) -> Result<()> {
    let given = group("queryParams", arguments)?;
    let fixed: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    if let Some(name) = given.keys().find(|it| fixed.contains(it)) {
        return Err(Error::ModelAnswer(format!("{name} is fixed: leave it out. Call again.")));
    }
    for (name, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        url.query_pairs_mut().append_pair(name, &address::written(value));
    }
    Ok(())
}

/// Replaces `:name` wherever it stands in a path as a whole word.
fn replace_marker(path: &str, name: &str, value: &str) -> Option<String> {
    let marker = format!(":{}", address::segment(name));
    let mut replaced = String::new();
    let (mut rest, mut found) = (path, false);
    while let Some((before, after)) = rest.split_once(marker.as_str()) {
        let whole = !after.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_');
        found |= whole;
        replaced.push_str(before);
        replaced.push_str(if whole { value } else { &marker });
        rest = after;
    }
    replaced.push_str(rest);
    found.then_some(replaced)
}

#[cfg(test)]
mod tests;
