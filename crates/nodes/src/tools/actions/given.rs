//! What a model and a form say about an action: checked, and each in its kind.

use flowstone_core::{Error, Field, Inputs, Result};
use serde_json::{Map, Value, json};

/// Something that a model says about an action.
pub(in crate::tools) struct Argument {
    /// What the model calls it.
    pub(super) name: &'static str,
    /// Tells the model what it is.
    pub(super) description: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// The row that holds it where the model says nothing.
    pub(super) row: Option<&'static Field>,
    /// What the service calls it, with `/` where it is inside of something; empty for its own name.
    pub(super) wire: &'static str,
    pub(super) place: Place,
}

/// What an argument is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Whole,
    Flag,
    /// One of these.
    OneOf(&'static [&'static str]),
    /// Several texts; forms hold them with commas in between.
    Texts,
}

/// Where in a request an argument goes. One that the path names goes nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Into the body where there is one, else into the query.
    Usual,
    Query,
    /// Into several pairs of the query.
    EachInQuery,
    /// Nowhere: the action's own code puts it in.
    Aside,
}

impl Argument {
    /// A text.
    pub(in crate::tools) const fn text(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, Kind::Text)
    }

    /// A whole number.
    pub(in crate::tools) const fn whole(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, Kind::Whole)
    }

    /// A yes or no.
    pub(in crate::tools) const fn flag(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, Kind::Flag)
    }

    /// One of these texts.
    pub(in crate::tools) const fn one_of(
        name: &'static str,
        description: &'static str,
        choices: &'static [&'static str],
    ) -> Self {
        Self::new(name, description, Kind::OneOf(choices))
    }

    /// Several texts.
    pub(in crate::tools) const fn texts(name: &'static str, description: &'static str) -> Self {
        Self::new(name, description, Kind::Texts)
    }

    const fn new(name: &'static str, description: &'static str, kind: Kind) -> Self {
        Self { name, description, kind, required: false, row: None, wire: "", place: Place::Usual }
    }

    /// The same, without which nothing can be done.
    pub(in crate::tools) const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, which the row holds where the model says nothing.
    pub(in crate::tools) const fn row(self, row: &'static Field) -> Self {
        Self { row: Some(row), ..self }
    }

    /// The same, which the service calls otherwise.
    pub(in crate::tools) const fn sent_as(self, wire: &'static str) -> Self {
        Self { wire, ..self }
    }

    /// The same, which goes into the query of whatever request.
    pub(in crate::tools) const fn in_query(self) -> Self {
        Self { place: Place::Query, ..self }
    }

    /// The same, of which each text is a pair of the query.
    pub(in crate::tools) const fn each_in_query(self) -> Self {
        Self { place: Place::EachInQuery, ..self }
    }

    /// The same, which the action's own code puts in.
    pub(in crate::tools) const fn aside(self) -> Self {
        Self { place: Place::Aside, ..self }
    }

    fn schema(&self) -> Value {
        let description = self.description;
        match self.kind {
            Kind::Text => json!({"type": "string", "description": description}),
            Kind::Whole => json!({"type": "integer", "description": description}),
            Kind::Flag => json!({"type": "boolean", "description": description}),
            Kind::OneOf(choices) => {
                json!({"type": "string", "enum": choices, "description": description})
            }
            Kind::Texts => json!({
                "type": "array", "items": {"type": "string"}, "description": description,
            }),
        }
    }

    /// A value in the kind of this argument; `None` for nothing, and in words what would be right.
    fn fitting(&self, value: &Value) -> Result<Option<Value>, String> {
        if is_nothing(value) {
            return Ok(None);
        }
        let told = |right: &str| format!("{right} is expected, and not {value}");
        match self.kind {
            Kind::Text => Ok(Some(plain(value))),
            Kind::Whole => {
                let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
                let number = number.filter(|it| it.fract() == 0.0 && it.abs() < 9e15);
                #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
                let number = number.map(|it| it as i64);
                number.map(|it| Some(it.into())).ok_or_else(|| told("a whole number"))
            }
            Kind::Flag => match value {
                Value::Bool(_) => Ok(Some(value.clone())),
                Value::String(text) if text == "true" => Ok(Some(true.into())),
                Value::String(text) if text == "false" => Ok(Some(false.into())),
                _ => Err(told("true or false")),
            },
            Kind::OneOf(choices) => match value.as_str() {
                Some(text) if choices.contains(&text) => Ok(Some(text.into())),
                _ => Err(told(&format!("one of {}", choices.join(", ")))),
            },
            Kind::Texts => {
                let texts: Option<Vec<String>> = match value {
                    Value::Array(items) => {
                        items.iter().map(|it| it.as_str().map(str::to_owned)).collect()
                    }
                    Value::String(text) => Some(listed(text)),
                    _ => None,
                };
                let texts = texts.ok_or_else(|| told("a list of texts"))?;
                Ok((!texts.is_empty()).then(|| texts.into()))
            }
        }
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    }
}

fn plain(value: &Value) -> Value {
    match value {
        Value::String(_) => value.clone(),
        other => other.to_string().into(),
    }
}

/// Texts with commas between them.
pub(super) fn listed(text: &str) -> Vec<String> {
    text.split([',', '\n']).map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// What the form says where the model says nothing.
///
/// # Errors
/// About a row that holds something else than its argument is.
pub(super) fn defaults(
    arguments: &'static [Argument],
    inputs: &Inputs,
) -> Result<Map<String, Value>> {
    let mut defaults = Map::new();
    for argument in arguments {
        let Some(row) = argument.row else { continue };
        let Some(value) = inputs.value(row) else { continue };
        let value = argument.fitting(&value).map_err(|reason| Error::invalid(row, reason))?;
        defaults.extend(value.map(|it| (argument.name.to_owned(), it)));
    }
    Ok(defaults)
}

/// The schema of the arguments; what the form holds may be left out.
pub(super) fn schema(arguments: &[Argument], defaults: &Map<String, Value>) -> Value {
    let properties: Map<String, Value> =
        arguments.iter().map(|it| (it.name.to_owned(), it.schema())).collect();
    let required = arguments.iter().filter(|it| it.required && !defaults.contains_key(it.name));
    let required: Vec<&str> = required.map(|it| it.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// What is said about an action, all of it in its kind and nothing that must be there missing.
pub(in crate::tools) struct Given {
    values: Map<String, Value>,
}

impl Given {
    /// What a model says; `defaults` fill what it leaves out.
    ///
    /// # Errors
    /// `ModelAnswer` naming the argument that is missing or of another kind.
    pub(in crate::tools) fn of(
        arguments: &[Argument],
        said: &Map<String, Value>,
        defaults: &Map<String, Value>,
    ) -> Result<Self> {
        let mut values = Map::new();
        for argument in arguments {
            let name = argument.name;
            let value = said.get(name).map_or(Ok(None), |it| argument.fitting(it));
            let value = value
                .map_err(|reason| Error::ModelAnswer(format!("{name}: {reason}. Call again.")))?;
            let Some(value) = value.or_else(|| defaults.get(name).cloned()) else {
                if argument.required {
                    let about = argument.description;
                    return Err(Error::ModelAnswer(format!(
                        "{name} is missing ({about}). Call again."
                    )));
                }
                continue;
            };
            values.insert(name.to_owned(), value);
        }
        Ok(Self { values })
    }

    /// What was said about the argument.
    pub(in crate::tools) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// A text.
    pub(in crate::tools) fn text(&self, name: &str) -> Option<&str> {
        self.value(name)?.as_str()
    }

    /// Whether something was said to be so.
    pub(in crate::tools) fn is(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or_default()
    }

    /// The parts of a text with commas between them; none where nothing was said.
    pub(in crate::tools) fn list(&self, name: &str) -> Vec<String> {
        self.text(name).map(listed).unwrap_or_default()
    }

    /// As a path holds it.
    pub(super) fn written(&self, name: &str) -> Option<String> {
        Some(match self.value(name)? {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }
}
