//! OpenAPI 3 documents: which servers and operations they describe, and the calls these make.

mod call;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use flowstone_core::{Error, Result};
use flowstone_providers::{HttpClient, http::Method};
use serde_json::{Map, Value, json};
use url::Url;

use self::schema::Resolver;
use crate::loose_json;

pub(crate) use call::ApiCall;

/// Longest document, in bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// What an operation can be called by.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A document.
pub(crate) struct ApiDocument {
    root: Value,
    /// Where it was read from; servers may be relative to it.
    source: Option<Url>,
}

/// Where the operations of a document are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Server {
    /// As the document writes it, with its variables filled in.
    pub(crate) url: String,
    /// What it is for.
    pub(crate) description: String,
}

/// One thing an API can do.
pub(crate) struct Operation {
    /// Its `operationId`, or method and path where it has none.
    pub(crate) id: String,
    /// The same as models take it, different for each operation of the document.
    pub(crate) name: String,
    /// What it does.
    pub(crate) description: String,
    /// `GET` and so on.
    pub(crate) method: Method,
    path: String,
    parameters: Vec<Parameter>,
    body: Option<Body>,
}

struct Parameter {
    name: String,
    place: Place,
    required: bool,
    schema: Value,
    /// Lists are written as one value with commas and not as several pairs.
    joined: bool,
    /// Objects are written as `name[key]=value`.
    deep: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Header,
}

struct Body {
    content_type: String,
    form: Form,
    required: bool,
    schema: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Pairs,
    Text,
    /// Files and the like.
    Other,
}

impl ApiDocument {
    /// Reads a document in JSON or YAML that came from `source`.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn parse(text: &str, source: Option<Url>) -> Result<Self, String> {
        let root = loose_json::parse_or_yaml(text)
            .map_err(|reason| format!("this is neither valid JSON nor valid YAML: {reason}"))?;
        let version = match &root["openapi"] {
            Value::Number(number) => number.to_string(),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        if root.get("swagger").is_some() {
            return Err("this describes an API by Swagger 2: convert it to OpenAPI 3".to_owned());
        }
        if !version.starts_with("3.") || !root["paths"].is_object() {
            return Err("an OpenAPI 3 document with its paths is expected".to_owned());
        }
        Ok(Self { root, source })
    }

    /// Fetches a document.
    ///
    /// # Errors
    /// As the HTTP client, and where what is found there is no document.
    pub(crate) async fn fetch(http: &HttpClient, address: &str) -> Result<Self> {
        let response = http.get(address)?.send().await?;
        let status = response.status();
        let place = response.place();
        if !status.is_success() {
            let message = format!("is what {place} answered");
            return Err(Error::Provider { status: status.as_u16(), message });
        }
        let source = response.url().clone();
        let text = response.text(LONGEST).await?;
        Self::parse(&text, Some(source)).map_err(Error::Transport)
    }

    /// Where its operations are served, in its order.
    pub(crate) fn servers(&self) -> Vec<Server> {
        let listed = self.root["servers"].as_array().map_or(&[][..], Vec::as_slice);
        let servers = listed.iter().filter_map(|it| {
            let url = with_defaults(it["url"].as_str()?, &it["variables"]);
            let description = it["description"].as_str().unwrap_or(&url).to_owned();
            Some(Server { url, description })
        });
        servers.collect()
    }

    /// The address of the chosen server, else of the first one, else of where the document was
    /// found. Only servers that the document names can be chosen.
    ///
    /// # Errors
    /// Says which servers there are.
    pub(crate) fn server(&self, chosen: Option<&str>) -> Result<Url, String> {
        let servers = self.servers();
        let names = || servers.iter().map(|it| it.url.as_str()).collect::<Vec<_>>().join(", ");
        let text = match chosen {
            None => servers.first().map_or("/", |it| it.url.as_str()),
            Some(chosen) if servers.iter().any(|it| it.url == chosen) => chosen,
            Some(chosen) => {
                return Err(format!("there is no server {chosen}. The servers are: {}", names()));
            }
        };
        let url = match &self.source {
            Some(source) => source.join(text),
            None => Url::parse(text),
        };
        let web = url.ok().filter(|it| it.has_host() && matches!(it.scheme(), "http" | "https"));
        web.ok_or_else(|| {
            "the document names no server with a whole address, such as https://api.example.com: \
             add one under servers"
                .to_owned()
        })
    }

    /// All operations, in its order.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        let mut operations = Vec::new();
        let mut names = HashSet::new();
        let paths = self.root["paths"].as_object();
        for (path, item) in paths.into_iter().flatten() {
            let item = Resolver::new(&self.root).follow(item);
            for method in METHODS {
                if let Some(about) = item.get(method) {
                    operations.push(self.operation(path, method, item, about, &mut names));
                }
            }
        }
        operations
    }

    fn operation(
        &self,
        path: &str,
        method: &str,
        item: &Value,
        about: &Value,
        names: &mut HashSet<String>,
    ) -> Operation {
        let upper = method.to_uppercase();
        let id = match about["operationId"].as_str() {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => format!("{upper} {path}"),
        };
        let texts = [&about["description"], &about["summary"]];
        let description = texts.into_iter().filter_map(Value::as_str).find(|it| !it.is_empty());
        let mut resolver = Resolver::new(&self.root);
        Operation {
            name: unique(&id, names),
            description: description.unwrap_or(&id).to_owned(),
            method: Method::from_bytes(upper.as_bytes()).unwrap_or(Method::GET),
            path: path.to_owned(),
            parameters: parameters(&mut resolver, item, about),
            body: body(&mut resolver, about),
            id,
        }
    }
}

impl Operation {
    /// The JSON Schema of its arguments.
    pub(crate) fn arguments(&self) -> Value {
        let mut properties = Map::new();
        let mut required = Vec::new();
        for (group, place) in call::GROUPS {
            let of_place: Vec<&Parameter> =
                self.parameters.iter().filter(|it| it.place == place).collect();
            if of_place.is_empty() {
                continue;
            }
            let needed = of_place.iter().filter(|it| it.required).map(|it| it.name.as_str());
            let needed: Vec<&str> = needed.collect();
            if !needed.is_empty() {
                required.push(group);
            }
            let each = of_place.iter().map(|it| (it.name.clone(), it.schema.clone()));
            let schema = json!({
                "type": "object",
                "properties": each.collect::<Map<_, _>>(),
                "required": needed,
            });
            properties.insert(group.to_owned(), schema);
        }
        if let Some(body) = self.body.as_ref().filter(|it| it.form != Form::Other) {
            properties.insert(call::BODY.to_owned(), body.schema.clone());
            if body.required {
                required.push(call::BODY);
            }
        }
        json!({"type": "object", "properties": properties, "required": required})
    }
}

/// Fills in the variables of a server's address.
fn with_defaults(url: &str, variables: &Value) -> String {
    let each = variables.as_object().into_iter().flatten();
    each.fold(url.to_owned(), |url, (name, about)| {
        url.replace(&format!("{{{name}}}"), about["default"].as_str().unwrap_or_default())
    })
}

/// A name that models take and no other operation has.
fn unique(id: &str, names: &mut HashSet<String>) -> String {
    let fits = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == '-';
    let plain: String = id.chars().map(|it| if fits(it) { it } else { '_' }).take(60).collect();
    let candidates = std::iter::once(plain.clone()).chain((2..).map(|it| format!("{plain}_{it}")));
    let free = candidates.into_iter().find(|it| names.insert(it.clone()));
    free.unwrap_or(plain)
}

/// Those of the operation before those of its path.
fn parameters(resolver: &mut Resolver<'_>, item: &Value, about: &Value) -> Vec<Parameter> {
    let lists = [&about["parameters"], &item["parameters"]];
    let mut found: Vec<Parameter> = Vec::new();
    for one in lists.into_iter().filter_map(Value::as_array).flatten() {
        let one = resolver.follow(one).clone();
        let Some(name) = one["name"].as_str() else { continue };
        let place = match one["in"].as_str() {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") if !is_own_header(name) => Place::Header,
            _ => continue,
        };
        if found.iter().any(|it| it.name == name && it.place == place) {
            continue;
        }
        let mut schema = resolver.schema(&one["schema"]);
        if let (Some(map), Some(text)) = (schema.as_object_mut(), one["description"].as_str()) {
            map.entry("description").or_insert_with(|| text.into());
        }
        found.push(Parameter {
            name: name.to_owned(),
            place,
            required: place == Place::Path || one["required"] == true,
            schema,
            joined: one["explode"] == false,
            deep: one["style"] == "deepObject",
        });
    }
    found
}

/// Headers that are no parameters, whatever a document says (OpenAPI 3, "Parameter Object"), and
/// those that a model has no business with.
fn is_own_header(name: &str) -> bool {
    let name = name.to_lowercase();
    ["accept", "content-type", "authorization", "cookie", "host", "content-length"]
        .contains(&name.as_str())
}

fn body(resolver: &mut Resolver<'_>, about: &Value) -> Option<Body> {
    let body = resolver.follow(about.get("requestBody")?).clone();
    let content = body["content"].as_object()?;
    let forms = content.iter().map(|(content_type, it)| (form_of(content_type), content_type, it));
    let (form, content_type, it) = forms.min_by_key(|(form, ..)| match form {
        Form::Json => 0,
        Form::Pairs => 1,
        Form::Text => 2,
        Form::Other => 3,
    })?;
    Some(Body {
        content_type: content_type.clone(),
        form,
        required: body["required"] == true,
        schema: resolver.schema(&it["schema"]),
    })
}

fn form_of(content_type: &str) -> Form {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    match essence.as_str() {
        "application/json" | "*/*" | "application/*" => Form::Json,
        it if it.ends_with("+json") => Form::Json,
        "application/x-www-form-urlencoded" => Form::Pairs,
        it if it.starts_with("text/") => Form::Text,
        _ => Form::Other,
    }
}
