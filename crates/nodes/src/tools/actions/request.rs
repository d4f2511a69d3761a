//! The request that an action and what was said about it make.

use flowstone_core::Result;
use flowstone_providers::service::{self, Call, Content};
use serde_json::{Map, Value};

use super::{
    Action, Connection, Given, Verb,
    given::{Argument, Place},
};

/// A request that is being put together.
pub(in crate::tools) struct Draft {
    pub(in crate::tools) verb: Verb,
    /// As [`Action::path`], with everything filled in.
    pub(in crate::tools) path: String,
    pub(in crate::tools) query: Vec<(String, String)>,
    pub(in crate::tools) content: Content,
}

impl Draft {
    pub(in crate::tools) fn new(verb: Verb, path: impl Into<String>) -> Self {
        Self { verb, path: path.into(), query: Vec::new(), content: Content::Empty }
    }

    /// The same with this body.
    pub(in crate::tools) fn json(mut self, body: Value) -> Self {
        self.content = Content::Json(body);
        self
    }

    /// Puts a value into the body; `path` has a `/` where it is inside of something.
    pub(in crate::tools) fn put(&mut self, path: &str, value: impl Into<Value>) {
        if !matches!(self.content, Content::Json(_)) {
            self.content = Content::Json(Map::new().into());
        }
        let Content::Json(body) = &mut self.content else { return };
        let mut place = body;
        for part in path.split('/') {
            if !place.is_object() {
                *place = Map::new().into();
            }
            place = &mut place[part];
        }
        *place = value.into();
    }

    /// Adds a pair to the query.
    pub(in crate::tools) fn ask(&mut self, name: &str, value: impl ToString) {
        self.query.push((name.to_owned(), value.to_string()));
    }

    /// The whole of it, as it is sent to a service.
    pub(super) fn into_call(self, connection: &Connection) -> Call {
        let base = if self.path.starts_with('/') { "" } else { connection.base };
        let content = match self.content {
            Content::Json(body) if connection.sends_forms => Content::Form(body),
            other => other,
        };
        Call {
            method: self.verb.method(),
            url: format!("{}{base}{}", connection.host, self.path),
            query: self.query,
            content,
        }
    }
}

/// The request of an action.
///
/// # Errors
/// What the action's own code finds wrong with what was said.
pub(super) fn draft(action: &Action, given: &Given, found: Option<&str>) -> Result<Draft> {
    let instead = action.instead.filter(|(argument, _)| given.value(argument).is_some());
    let path = instead.map_or(action.path, |(_, path)| path);
    let mut draft = Draft::new(action.verb, filled(path, given, found));
    if action.verb.has_body() {
        draft.content = Content::Json(Map::new().into());
    }
    for argument in action.arguments {
        let is_in_path = path.contains(&format!("{{{}}}", argument.name));
        let Some(value) = given.value(argument.name).filter(|_| !is_in_path) else { continue };
        put(&mut draft, argument, value);
    }
    if let Some(make) = action.made {
        make(given, &mut draft);
    }
    if let Some(attempt) = action.tried {
        attempt(given, &mut draft)?;
    }
    Ok(draft)
}

fn put(draft: &mut Draft, argument: &Argument, value: &Value) {
    let name = if argument.wire.is_empty() { argument.name } else { argument.wire };
    let written = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match argument.place {
        Place::Aside => {}
        Place::Usual if draft.verb.has_body() => draft.put(name, value.clone()),
        Place::Usual | Place::Query => draft.ask(name, written(value)),
        Place::EachInQuery => {
            for value in super::given::listed(&written(value)) {
                draft.ask(name, value);
            }
        }
    }
}

/// A path with each `{argument}` as one segment of it.
pub(super) fn filled(path: &str, given: &Given, found: Option<&str>) -> String {
    let mut parts = path.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let Some((name, rest)) = part.split_once('}') else { continue };
        let value = if name == "found" {
            found.unwrap_or_default().to_owned()
        } else {
            given.written(name).unwrap_or_default()
        };
        filled.push_str(&service::segment(&value));
        filled.push_str(rest);
    }
    filled
}
