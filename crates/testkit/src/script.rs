//! The script language of the fake models: what they answer follows from what they are asked.
//!
//! Inside the newest user turn:
//!
//! | text | effect |
//! |---|---|
//! | `[[reply:TEXT]]` | answers TEXT |
//! | `[[json:{…}]]` | answers that JSON as it stands, also where a schema is asked for |
//! | `[[tool:NAME {…}]]` | calls that tool if it is offered; may stand several times |
//! | `[[error:STATUS]]` | fails with that HTTP status |
//! | `[[hang]]` | says `Mock`, then nothing more until the caller leaves |
//! | `[[break]]` | says `Mock`, then tears the connection |
//!
//! Anything else is answered by `Mock reply to: …`; the result of a tool by `Tool said: …`.

use bytes::Bytes;
use flowstone_core::ToolCall;
use serde_json::{Map, Value, json};

/// What the fake answers to one request.
#[derive(Clone, Debug)]
pub struct Reply {
    pub(crate) content: Content,
    pub(crate) thinking: Vec<String>,
    pub(crate) ending: Ending,
    pub(crate) headers: Vec<(String, String)>,
}

/// What a reply consists of.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Text in pieces.
    Text(Vec<String>),
    /// Calls of tools.
    ToolCalls(Vec<ToolCall>),
    /// An error status in the wire's own form.
    Error { status: u16, message: String },
    /// These bytes and nothing else.
    Raw { status: u16, content_type: String, chunks: Vec<Bytes> },
}

/// How a reply ends.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ending {
    /// As it should.
    Complete,
    /// The connection is torn after the last piece.
    BreakOff,
    /// Nothing more comes until the caller leaves.
    Hang,
    /// The wire's error object comes after the last piece.
    Fails(String),
}

impl Reply {
    fn of(content: Content) -> Self {
        Self { content, thinking: Vec::new(), ending: Ending::Complete, headers: Vec::new() }
    }

    /// Text that is streamed in exactly these pieces.
    pub fn pieces<I: IntoIterator<Item: Into<String>>>(pieces: I) -> Self {
        Self::of(Content::Text(pieces.into_iter().map(Into::into).collect()))
    }

    /// Text that is streamed word by word.
    pub fn text(text: &str) -> Self {
        Self::of(Content::Text(words(text)))
    }

    /// Calls of tools: `(name, JSON text of the arguments)`.
    pub fn tool_calls(calls: &[(&str, &str)]) -> Self {
        let calls = calls.iter().enumerate().map(|(index, (name, arguments))| ToolCall {
            id: format!("call_{index}"),
            name: (*name).to_owned(),
            arguments: (*arguments).to_owned(),
        });
        Self::of(Content::ToolCalls(calls.collect()))
    }

    /// An error status with the provider's words.
    pub fn error(status: u16, message: &str) -> Self {
        Self::of(Content::Error { status, message: message.to_owned() })
    }

    /// Exactly these bytes, in these chunks: for recorded answers and for broken ones.
    pub fn raw<I: IntoIterator<Item: Into<Bytes>>>(
        status: u16,
        content_type: &str,
        chunks: I,
    ) -> Self {
        let chunks = chunks.into_iter().map(Into::into).collect();
        Self::of(Content::Raw { status, content_type: content_type.to_owned(), chunks })
    }

    /// Adds thoughts that come before the answer.
    #[must_use]
    pub fn thinking<I: IntoIterator<Item: Into<String>>>(mut self, pieces: I) -> Self {
        self.thinking = pieces.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a header to the answer, such as `retry-after`.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Tears the connection after the last piece.
    #[must_use]
    pub fn then_break(mut self) -> Self {
        self.ending = Ending::BreakOff;
        self
    }

    /// Says nothing more after the last piece, until the caller leaves.
    #[must_use]
    pub fn then_hang(mut self) -> Self {
        self.ending = Ending::Hang;
        self
    }

    /// Reports an error inside the stream after the last piece.
    #[must_use]
    pub fn then_fail(mut self, message: &str) -> Self {
        self.ending = Ending::Fails(message.to_owned());
        self
    }
}

/// A request in no wire's dialect, as far as the script looks at it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// Text of the newest user turn.
    pub(crate) question: String,
    /// Text of the last turn, where that is the result of a tool.
    pub(crate) tool_result: Option<String>,
    /// Whether the last turn is the user's.
    pub(crate) user_spoke_last: bool,
    /// Names of the offered tools.
    pub(crate) tools: Vec<String>,
    /// The tool that must be called, with its parameters.
    pub(crate) forced_tool: Option<(String, Value)>,
    /// The schema the answer must follow.
    pub(crate) schema: Option<Value>,
    /// Any JSON object is asked for.
    pub(crate) json_object: bool,
    /// How many turns the request has: makes ids of calls differ between rounds.
    pub(crate) turns: usize,
}

/// What the script says to a request.
pub(crate) fn answer(asked: &Asked) -> Reply {
    let question = &asked.question;
    if let Some(status) = between(question, "[[error:", "]]") {
        let status = status.parse().expect("[[error:STATUS]] needs a number");
        let message = match status {
            401 => "Incorrect API key provided: sk-fake.".to_owned(),
            other => format!("mock upstream error {other}"),
        };
        return Reply::error(status, &message);
    }
    if question.contains("[[hang]]") {
        return Reply::pieces(["Mock"]).then_hang();
    }
    if question.contains("[[break]]") {
        return Reply::pieces(["Mock"]).then_break();
    }
    let json = between(question, "[[json:", "]]");
    if let Some((name, parameters)) = &asked.forced_tool {
        let arguments =
            json.map_or_else(|| from_schema(parameters, "value").to_string(), str::to_owned);
        return call_tools(vec![(name.clone(), arguments)], asked.turns);
    }
    if let Some(schema) = &asked.schema {
        let made = json.map_or_else(|| from_schema(schema, "value").to_string(), str::to_owned);
        return Reply::text(&made);
    }
    if asked.json_object {
        return Reply::text(json.unwrap_or(r#"{"mock":true}"#));
    }
    if let Some(result) = &asked.tool_result {
        return Reply::text(&format!("Tool said: {}", first(result, 200)));
    }
    let calls = scripted_calls(asked);
    if !calls.is_empty() {
        return call_tools(calls, asked.turns);
    }
    if let Some(json) = json {
        return Reply::text(json);
    }
    if let Some(text) = between(question, "[[reply:", "]]") {
        return Reply::text(text);
    }
    Reply::text(&format!("Mock reply to: {}", first(question, 120)))
}

fn call_tools(calls: Vec<(String, String)>, turns: usize) -> Reply {
    let calls = calls.into_iter().enumerate().map(|(index, (name, arguments))| ToolCall {
        id: format!("call_mock_{turns}_{index}"),
        name,
        arguments,
    });
    Reply::of(Content::ToolCalls(calls.collect()))
}

fn scripted_calls(asked: &Asked) -> Vec<(String, String)> {
    let mut calls = Vec::new();
    if !asked.user_spoke_last {
        return calls;
    }
    let mut rest = asked.question.as_str();
    while let Some(inner) = between(rest, "[[tool:", "]]") {
        rest = rest.split_once("[[tool:").map_or("", |(_, after)| after);
        let (name, arguments) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        if asked.tools.iter().any(|it| it == name) {
            let arguments = if arguments.is_empty() { "{}" } else { arguments };
            calls.push((name.to_owned(), arguments.to_owned()));
        }
    }
    calls
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, after) = text.split_once(start)?;
    after.split_once(end).map(|(inner, _)| inner)
}

fn first(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

/// Cuts a text before each word; white space at its end stays with the last word.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut piece = String::new();
    let mut in_word = false;
    for character in text.chars() {
        if character.is_whitespace() && in_word {
            pieces.push(std::mem::take(&mut piece));
        }
        in_word = !character.is_whitespace();
        piece.push(character);
    }
    match pieces.last_mut() {
        Some(last) if !in_word => last.push_str(&piece),
        _ => pieces.push(piece),
    }
    pieces
}

/// Tokens that the fakes count for a text: one for each four bytes, at least one.
pub(crate) fn tokens(text: &str) -> u64 {
    (text.len() as u64).div_ceil(4).max(1)
}

/// The simplest value that follows a JSON Schema.
fn from_schema(schema: &Value, key: &str) -> Value {
    let definitions = schema.get("$defs").or_else(|| schema.get("definitions"));
    made_from(schema, key, definitions.unwrap_or(&Value::Null))
}

fn made_from(schema: &Value, key: &str, definitions: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return made_from(&definitions[name], key, definitions);
    }
    if let Some(value) = schema.get("const").or_else(|| schema["enum"].get(0)) {
        return value.clone();
    }
    if let Some(choice) = schema["anyOf"].get(0).or_else(|| schema["oneOf"].get(0)) {
        return made_from(choice, key, definitions);
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    if let Some(properties) = schema["properties"].as_object() {
        let each = properties
            .iter()
            .map(|(name, property)| (name.clone(), made_from(property, name, definitions)));
        return Value::Object(each.collect());
    }
    match kind {
        Some("object") => Value::Object(Map::new()),
        Some("array") => json!([made_from(&schema["items"], key, definitions)]),
        Some("number" | "integer") => json!(42),
        Some("boolean") => json!(true),
        Some("null") => Value::Null,
        _ => json!(format!("mock-{key}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(asked: &Asked) -> String {
        match answer(asked).content {
            Content::Text(pieces) => pieces.concat(),
            other => panic!("expected text, got {other:?}"),
        }
    }

    #[test]
    fn text_is_cut_before_words() {
        assert_eq!(words("Mock reply to: hi "), ["Mock", " reply", " to:", " hi "]);
        assert_eq!(words("  a\n\nb"), ["  a", "\n\nb"]);
        assert_eq!(words(""), [""]);
        assert_eq!(words("  "), ["  "]);
    }

    #[test]
    fn the_script_in_the_question_decides_the_answer() {
        let ask = |question: &str| Asked { question: question.to_owned(), ..Asked::default() };
        assert_eq!(text_of(&ask("hi")), "Mock reply to: hi");
        assert_eq!(text_of(&ask("please [[reply:so be it]]")), "so be it");
        assert_eq!(text_of(&ask("[[json:{\"a\":1}]]")), "{\"a\":1}");
        assert_eq!(
            text_of(&Asked { tool_result: Some("5".into()), ..ask("[[tool:sum {}]]") }),
            "Tool said: 5"
        );
    }

    #[test]
    fn only_offered_tools_are_called_and_only_after_the_user_spoke() {
        let asked = Asked {
            question: "[[tool:sum {\"a\":1}]] [[tool:gone {}]] [[tool:now]]".into(),
            tools: vec!["sum".into(), "now".into()],
            user_spoke_last: true,
            turns: 2,
            ..Asked::default()
        };
        let Content::ToolCalls(calls) = answer(&asked).content else { panic!("no calls") };
        let said: Vec<_> = calls.iter().map(|it| (&*it.id, &*it.name, &*it.arguments)).collect();
        assert_eq!(said, [("call_mock_2_0", "sum", "{\"a\":1}"), ("call_mock_2_1", "now", "{}")]);
        assert!(text_of(&Asked { user_spoke_last: false, ..asked }).starts_with("Mock reply"));
    }

    #[test]
    fn a_schema_is_answered_by_its_simplest_value() {
        let schema = json!({
            "type": "object",
            "properties": {
                "name": {"type": "string"},
                "kind": {"enum": ["b", "c"]},
                "size": {"type": "integer"},
                "tags": {"type": "array", "items": {"$ref": "#/$defs/tag"}},
            },
            "$defs": {"tag": {"type": ["string", "null"]}},
        });
        assert_eq!(
            from_schema(&schema, "value"),
            json!({"name": "mock-name", "kind": "b", "size": 42, "tags": ["mock-tags"]})
        );
    }
}
