//! Answers that are bound to a form: rows of keys become a schema, and the answer is read by it.

use flowstone_core::{
    ChatModel, ChatReply, ChatRequest, Error, Events, Field, Input, Inputs, Message, Result,
    spec::Column,
};
use serde_json::{Map, Value, json};

use super::{
    model::Talk,
    rows::{self, Row},
};
use crate::loose_json;

/// The columns of a table of keys, as nodes beside agentflows have it.
pub(crate) const COLUMNS: &[Column] = &[
    Column::text("key", "Key"),
    Column::choice("type", "Type", &["String", "String Array", "Number", "Boolean", "Enum"]),
    Column::text("enumValues", "Enum Values"),
    Column::text("description", "Description"),
];
/// How deep the form of a list's entries may be.
const DEEPEST: usize = 8;

/// The form of an answer.
pub(crate) struct Structure {
    schema: Value,
}

/// The form of an answer that a table with these [`COLUMNS`] says; `None` where it is empty.
///
/// # Errors
/// Names the key whose row cannot be understood.
pub(crate) fn of_table(
    inputs: &Inputs,
    row: &Input<Option<Vec<Row>>>,
) -> Result<Option<Structure>> {
    let mut rows = inputs.get(row)?.unwrap_or_default();
    for entry in &mut rows {
        let named = entry.get("type").and_then(Value::as_str).unwrap_or_default();
        let kind = match named {
            "String" | "" => "string",
            "String Array" => "stringArray",
            "Number" => "number",
            "Boolean" => "boolean",
            "Enum" => "enum",
            other => {
                let reason = format!("there is no type {other}");
                return Err(Error::invalid(&row.field, reason));
            }
        };
        entry.insert("type".to_owned(), kind.into());
    }
    Structure::from_rows(&rows, &row.field)
}

/// An answer that keeps to its form.
pub(super) struct Filled {
    /// Its keys and values.
    pub(super) object: Map<String, Value>,
    /// What the model said last.
    pub(super) reply: ChatReply,
}

impl Filled {
    /// The answer as text.
    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(&self.object).unwrap_or_default()
    }
}

impl Structure {
    /// What the form says; `None` where it asks for prose.
    ///
    /// # Errors
    /// Names the key whose row cannot be understood.
    pub(super) fn from_form(
        inputs: &Inputs,
        row: &Input<Option<Vec<Row>>>,
    ) -> Result<Option<Self>> {
        Self::from_rows(&inputs.get(row)?.unwrap_or_default(), &row.field)
    }

    /// The same from rows of another form.
    pub(crate) fn from_rows(rows: &[Row], field: &Field) -> Result<Option<Self>> {
        let mut properties = Map::new();
        for entry in rows {
            let key = rows::text(entry, "key");
            if key.is_empty() {
                continue;
            }
            let property = property(entry)
                .map_err(|reason| Error::invalid(field, format!("{key}: {reason}")))?;
            if properties.insert(key.clone(), property).is_some() {
                let reason = format!("there are two keys called {key}: rename one");
                return Err(Error::invalid(field, reason));
            }
        }
        Ok((!properties.is_empty()).then(|| Self { schema: object(properties) }))
    }

    /// A form of these keys, each with its schema.
    pub(crate) fn of(keys: Map<String, Value>) -> Self {
        Self { schema: object(keys) }
    }

    /// The same form where each key holds a list of such values.
    pub(crate) fn of_lists(mut self) -> Self {
        let keys = self.schema["properties"].as_object_mut();
        for property in keys.into_iter().flat_map(Map::values_mut) {
            if property["type"] != "array" {
                let mut entry = property.take();
                let description = entry.as_object_mut().and_then(|it| it.remove("description"));
                *property = json!({"type": "array", "items": entry});
                if let Some(description) = description {
                    property["description"] = description;
                }
            }
        }
        self
    }

    /// Asks for the answer; once more where the first cannot be read.
    pub(super) async fn ask(&self, messages: Vec<Message>, talk: &mut Talk<'_>) -> Result<Filled> {
        let mut request = self.request(messages);
        let reply = talk.ask(&request, &Events::silent()).await?;
        if let Ok(object) = self.judge(&mut request, &reply) {
            return Ok(Filled { object, reply });
        }
        let reply = talk.ask(&request, &Events::silent()).await?;
        match self.judge(&mut request, &reply) {
            Ok(object) => Ok(Filled { object, reply }),
            Err(wrong) => Err(not_kept(&wrong)),
        }
    }

    /// The same outside of agentflows: the object that `model` answers with.
    ///
    /// # Errors
    /// Where it keeps to the form neither time.
    pub(crate) async fn filled(
        &self,
        model: &dyn ChatModel,
        messages: Vec<Message>,
    ) -> Result<Map<String, Value>> {
        let mut request = self.request(messages);
        let mut wrong = String::new();
        for _ in 0..2 {
            let reply = model.chat(&request, &Events::silent()).await?;
            match self.judge(&mut request, &reply) {
                Ok(object) => return Ok(object),
                Err(reason) => wrong = reason,
            }
        }
        Err(not_kept(&wrong))
    }

    /// What the model is asked.
    pub(crate) fn request(&self, messages: Vec<Message>) -> ChatRequest {
        ChatRequest { messages, schema: Some(self.schema.clone()), ..ChatRequest::default() }
    }

    /// The object in a reply. Where it cannot be used, the request is made to ask again.
    pub(crate) fn judge(
        &self,
        request: &mut ChatRequest,
        reply: &ChatReply,
    ) -> Result<Map<String, Value>, String> {
        let judged = self.read(&reply.text);
        if let Err(wrong) = &judged {
            request.messages.push(reply.to_message());
            request.messages.push(Message::user(format!(
                "This answer cannot be used: {wrong}. Answer again with nothing but one JSON \
                 object that follows this schema: {}",
                self.schema
            )));
        }
        judged
    }

    /// The object in an answer.
    fn read(&self, text: &str) -> Result<Map<String, Value>, String> {
        let Value::Object(mut object) = object_in(text)? else {
            return Err("it is no JSON object".to_owned());
        };
        let wanted = self.schema["properties"].as_object();
        let mut read = Map::new();
        for (key, schema) in wanted.into_iter().flatten() {
            let Some(value) = object.remove(key) else { return Err(format!("it lacks {key}")) };
            if !fits(&value, schema) {
                return Err(format!("{key} must be {}, not {value}", in_words(schema)));
            }
            read.insert(key.clone(), value);
        }
        Ok(read)
    }
}

fn not_kept(wrong: &str) -> Error {
    Error::ModelAnswer(format!(
        "the model was asked twice for JSON and did not keep to JSON Structured Output: {wrong}"
    ))
}

/// The JSON in an answer: models like to put a fence or a sentence around it.
pub(super) fn object_in(text: &str) -> Result<Value, String> {
    let inside = match (text.find('{'), text.rfind('}')) {
        (Some(start), Some(end)) if start < end => &text[start..=end],
        _ => return Err("there is no JSON object in it".to_owned()),
    };
    loose_json::parse(inside).map_err(|reason| format!("it is no JSON ({reason})"))
}

fn property(row: &Row) -> Result<Value, String> {
    let mut property = match rows::text(row, "type").as_str() {
        "string" | "" => json!({"type": "string"}),
        "stringArray" => json!({"type": "array", "items": {"type": "string"}}),
        "number" => json!({"type": "number"}),
        "boolean" => json!({"type": "boolean"}),
        "enum" => {
            let text = rows::text(row, "enumValues");
            let values: Vec<&str> =
                text.split(',').map(str::trim).filter(|it| !it.is_empty()).collect();
            if values.is_empty() {
                return Err("Enum Values: a list such as red, green is expected".to_owned());
            }
            json!({"type": "string", "enum": values})
        }
        "jsonArray" => json!({"type": "array", "items": entry(row)?}),
        other => return Err(format!("there is no type {other}")),
    };
    let description = rows::text(row, "description");
    if !description.is_empty() {
        property["description"] = description.into();
    }
    Ok(property)
}

/// The form of a list's entries, as its author wrote it: keys with types, or a JSON Schema.
fn entry(row: &Row) -> Result<Value, String> {
    let written = match row.get("jsonSchema") {
        Some(Value::String(text)) if !text.trim().is_empty() => loose_json::parse(text)
            .map_err(|reason| format!("JSON Schema: this is not valid JSON: {reason}"))?,
        Some(value @ Value::Object(_)) => value.clone(),
        _ => return Err("JSON Schema: say which keys an entry of the list has".to_owned()),
    };
    let keys = match &written {
        Value::Object(schema) if schema.get("type") == Some(&"object".into()) => {
            schema.get("properties").and_then(Value::as_object)
        }
        Value::Object(keys) => Some(keys),
        _ => None,
    };
    let Some(keys) = keys else {
        return Err("JSON Schema: an object of keys is expected".to_owned());
    };
    keys_of(keys, 0)
}

fn keys_of(keys: &Map<String, Value>, depth: usize) -> Result<Value, String> {
    if depth > DEEPEST {
        return Err(format!("JSON Schema: it is nested more than {DEEPEST} deep"));
    }
    let mut properties = Map::new();
    for (key, about) in keys {
        properties.insert(key.clone(), kind(about, depth)?);
    }
    Ok(object(properties))
}

fn kind(about: &Value, depth: usize) -> Result<Value, String> {
    let named = about["type"].as_str().unwrap_or("string");
    let mut made = match named {
        "object" => keys_of(about["properties"].as_object().unwrap_or(&Map::new()), depth + 1)?,
        "array" => {
            let items = about.get("items").cloned().unwrap_or_else(|| json!({"type": "string"}));
            json!({"type": "array", "items": kind(&items, depth + 1)?})
        }
        "string" | "number" | "integer" | "boolean" => json!({"type": named}),
        other => return Err(format!("JSON Schema: there is no type {other}")),
    };
    for name in ["description", "enum"] {
        if let Some(value) = about.get(name) {
            made[name] = value.clone();
        }
    }
    Ok(made)
}

fn object(properties: Map<String, Value>) -> Value {
    let required: Vec<Value> = properties.keys().cloned().map(Value::from).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn fits(value: &Value, schema: &Value) -> bool {
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        return false;
    }
    match schema["type"].as_str().unwrap_or_default() {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value
            .as_array()
            .is_some_and(|entries| entries.iter().all(|it| fits(it, &schema["items"]))),
        "object" => value.as_object().is_some_and(|object| {
            let wanted = schema["properties"].as_object();
            wanted
                .into_iter()
                .flatten()
                .all(|(key, schema)| object.get(key).is_some_and(|value| fits(value, schema)))
        }),
        _ => true,
    }
}

fn in_words(schema: &Value) -> String {
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<String> = values.iter().map(crate::prompt_format::as_text).collect();
        return format!("one of {}", values.join(", "));
    }
    let kind = schema["type"].as_str().unwrap_or_default();
    match kind {
        "array" => format!("a list, each entry of type {}", schema["items"]["type"]),
        other => format!("of type {other}"),
    }
}
