//! One call of an operation, put together from the arguments of a model.

use flowstone_core::{Error, Result};
use flowstone_providers::http::Method;
use serde_json::{Map, Value};
use url::Url;

use super::{Body, Form, Operation, Parameter, Place};
use crate::{address, prompt_format::as_text};

/// The groups of arguments for the parameters of each place.
pub(super) const GROUPS: [(&str, Place); 3] = [
    ("PathParameters", Place::Path),
    ("QueryParameters", Place::Query),
    ("HeaderParameters", Place::Header),
];

/// The argument that is the body.
pub(super) const BODY: &str = "RequestBody";

/// What is sent.
#[derive(Debug)]
pub(crate) struct ApiCall {
    /// `GET` and so on.
    pub(crate) method: Method,
    /// The whole address, on the server that was chosen.
    pub(crate) url: Url,
    /// Headers of the operation; those of the author are set after them.
    pub(crate) headers: Vec<(String, String)>,
    /// The body, where there is one.
    pub(crate) body: Option<String>,
}

impl Operation {
    /// The call for these arguments. It stays on `server` and holds nothing that the document does
    /// not describe.
    ///
    /// # Errors
    /// `ModelAnswer` telling the model what is wrong with its arguments.
    pub(crate) fn call(&self, server: &Url, arguments: &Map<String, Value>) -> Result<ApiCall> {
        let mut url = server.clone();
        let mut path = self.path.clone();
        let mut pairs = Vec::new();
        let mut headers = vec![("accept".to_owned(), "application/json, */*;q=0.5".to_owned())];
        for (group, place) in GROUPS {
            for (parameter, value) in self.given(group, place, arguments)? {
                match place {
                    Place::Path => {
                        let marker = format!("{{{}}}", parameter.name);
                        let value = address::segment(&address::written(&value));
                        path = path.replace(&marker, &value);
                    }
                    Place::Query => pairs.extend(parameter.pairs(&value)),
                    Place::Header => {
                        headers.push((parameter.name.clone(), address::written(&value)));
                    }
                }
            }
        }
        address::stays_below(&path)?;
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{}", path.trim_start_matches('/')));
        if !pairs.is_empty() {
            url.query_pairs_mut().extend_pairs(pairs);
        }
        let body = match &self.body {
            Some(body) => body.written(arguments.get(BODY))?,
            None => None,
        };
        if let (Some(_), Some(described)) = (&body, &self.body) {
            let content_type = match described.content_type.as_str() {
                any if any.contains('*') => "application/json",
                other => other,
            };
            headers.push(("content-type".to_owned(), content_type.to_owned()));
        }
        Ok(ApiCall { method: self.method.clone(), url, headers, body })
    }

    /// The parameters of a place that the model gave.
    fn given(
        &self,
        group: &str,
        place: Place,
        arguments: &Map<String, Value>,
    ) -> Result<Vec<(&Parameter, Value)>> {
        let empty = Map::new();
        let given = match arguments.get(group) {
            None | Some(Value::Null) => &empty,
            Some(Value::Object(map)) => map,
            Some(_) => return Err(again(format!("{group} must be an object"))),
        };
        let known: Vec<&Parameter> =
            self.parameters.iter().filter(|it| it.place == place).collect();
        if let Some(name) = given.keys().find(|name| !known.iter().any(|it| it.name == **name)) {
            return Err(again(format!("{group} takes no {name}")));
        }
        let value_of = |it: &Parameter| given.get(&it.name).filter(|value| !value.is_null());
        if let Some(missing) = known.iter().find(|it| it.required && value_of(it).is_none()) {
            return Err(again(format!("{group} lacks {}", missing.name)));
        }
        Ok(known.into_iter().filter_map(|it| Some((it, value_of(it)?.clone()))).collect())
    }
}

impl Parameter {
    /// As the query holds it.
    fn pairs(&self, value: &Value) -> Vec<(String, String)> {
        match value {
            Value::Array(list) if !self.joined => {
                list.iter().map(|it| (self.name.clone(), as_text(it))).collect()
            }
            Value::Object(map) if self.deep => {
                let name = |key: &str| format!("{}[{key}]", self.name);
                map.iter().map(|(key, it)| (name(key), address::written(it))).collect()
            }
            other => vec![(self.name.clone(), address::written(other))],
        }
    }
}

impl Body {
    fn written(&self, given: Option<&Value>) -> Result<Option<String>> {
        if self.form == Form::Other {
            let said = format!(
                "this operation takes a body of {}, which cannot be sent from here",
                self.content_type
            );
            return Err(Error::Unsupported(said));
        }
        let Some(value) = given.filter(|it| !it.is_null()) else {
            if self.required {
                return Err(again(format!("{BODY} is required")));
            }
            return Ok(None);
        };
        self.check(value)?;
        Ok(Some(match (self.form, value) {
            (Form::Pairs, Value::Object(map)) => {
                let mut pairs = url::form_urlencoded::Serializer::new(String::new());
                for (name, it) in map.iter().filter(|(_, it)| !it.is_null()) {
                    pairs.append_pair(name, &address::written(it));
                }
                pairs.finish()
            }
            (Form::Pairs, _) => return Err(again(format!("{BODY} must be an object"))),
            (Form::Text, value) => as_text(value),
            (_, value) => value.to_string(),
        }))
    }

    /// Refuses members that the document does not describe and finds those that are missing.
    fn check(&self, value: &Value) -> Result<()> {
        let (Some(map), Some(known)) = (value.as_object(), self.schema["properties"].as_object())
        else {
            return Ok(());
        };
        let others = &self.schema["additionalProperties"];
        let closed = !(others.is_object() || *others == true);
        if closed && let Some(name) = map.keys().find(|it| !known.contains_key(*it)) {
            let names = known.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
            return Err(again(format!("{BODY} takes no {name}. It takes: {names}")));
        }
        let required = self.schema["required"].as_array().into_iter().flatten();
        let mut missing = required.filter_map(Value::as_str).filter(|it| !map.contains_key(*it));
        match missing.next() {
            Some(name) => Err(again(format!("{BODY} lacks {name}"))),
            None => Ok(()),
        }
    }
}

fn again(reason: String) -> Error {
    Error::ModelAnswer(format!("{reason}. Call again."))
}
