//! `{{…}}` in a field's text: a lookup language of paths, never code.

use serde_json::Value;

/// What a `{{…}}` stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reference {
    /// `{{question}}`
    Question,
    /// `{{chat_history}}`
    ChatHistory,
    /// `{{file_attachment}}`
    FileAttachment,
    /// `{{$vars.path}}`
    Variable(String),
    /// `{{$flow.path}}`
    Flow(String),
    /// `{{nodeId.data.instance}}`, with a path into its value or none.
    Node {
        /// Id of the node.
        id: String,
        /// Path into what it hands on; empty for all of it.
        path: String,
    },
}

impl Reference {
    /// Reads what stands between the braces; `None` for anything that is no reference, which then
    /// stays in the text as it is.
    pub(crate) fn parse(inside: &str) -> Option<Self> {
        let inside = inside.trim();
        match inside {
            "question" => return Some(Self::Question),
            "chat_history" => return Some(Self::ChatHistory),
            "file_attachment" => return Some(Self::FileAttachment),
            _ => {}
        }
        if let Some(path) = inside.strip_prefix("$vars.") {
            return Some(Self::Variable(path.to_owned()));
        }
        if let Some(path) = inside.strip_prefix("$flow.") {
            return Some(Self::Flow(path.to_owned()));
        }
        let (id, rest) = inside.split_once(".data.instance")?;
        let plain =
            !id.is_empty() && id.chars().all(|it| it.is_alphanumeric() || it == '_' || it == '-');
        let path = if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }?;
        plain.then(|| Self::Node { id: id.to_owned(), path: path.to_owned() })
    }

    /// Whether its value differs from call to call.
    pub(crate) fn depends_on_run(&self) -> bool {
        !matches!(self, Self::Node { .. })
    }
}

/// All references in `value`, in texts at any depth.
pub(crate) fn references(value: &Value) -> Vec<Reference> {
    let mut found = Vec::new();
    collect(value, &mut found);
    found
}

fn collect(value: &Value, found: &mut Vec<Reference>) {
    match value {
        Value::String(text) => {
            for part in parts(text) {
                if let Part::Reference(reference) = part {
                    found.push(reference);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|it| collect(it, found)),
        Value::Object(map) => map.values().for_each(|it| collect(it, found)),
        _ => {}
    }
}

/// Replaces every reference in `value` by what `look_up` gives for it.
///
/// JSON text is resolved inside its strings, so an inserted quote or line break cannot break it.
pub(crate) fn resolve(value: &Value, look_up: &dyn Fn(&Reference) -> Value) -> Value {
    match value {
        Value::String(text) => resolve_text(text, look_up),
        Value::Array(items) => items.iter().map(|it| resolve(it, look_up)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, it)| (key.clone(), resolve(it, look_up))).collect()
        }
        other => other.clone(),
    }
}

fn resolve_text(text: &str, look_up: &dyn Fn(&Reference) -> Value) -> Value {
    let looks_like_json =
        text.trim_start().starts_with(['{', '[']) && !text.trim_start().starts_with("{{");
    if looks_like_json
        && let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text)
    {
        return Value::String(resolve(&inner, look_up).to_string());
    }
    let mut filled = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Text(plain) => filled.push_str(plain),
            Part::Reference(reference) => {
                let value = look_up(&reference);
                let inserted = as_text(&value);
                if looks_like_json {
                    // Not valid JSON before the values are in: keep the inserted text on one line.
                    let quoted = Value::String(inserted).to_string();
                    filled.push_str(quoted.trim_matches('"'));
                } else {
                    filled.push_str(&inserted);
                }
            }
        }
    }
    Value::String(filled)
}

/// A value as it reads inside a text.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Follows a dotted path with `[n]` indices into `value`.
pub(crate) fn at_path(value: &Value, path: &str) -> Value {
    let mut current = value;
    let keys =
        path.split(['.', '[']).map(|it| it.trim_end_matches(']')).filter(|it| !it.is_empty());
    for key in keys {
        let next = match current {
            Value::Object(map) => map.get(key),
            Value::Array(items) => key.parse::<usize>().ok().and_then(|it| items.get(it)),
            _ => None,
        };
        let Some(next) = next else { return Value::Null };
        current = next;
    }
    current.clone()
}

enum Part<'a> {
    Text(&'a str),
    Reference(Reference),
}

/// Cuts a text at its references in one pass.
fn parts(text: &str) -> Vec<Part<'_>> {
    let mut list = Vec::new();
    let (mut plain_from, mut look_from) = (0, 0);
    while let Some(open) = text[look_from..].find("{{").map(|it| it + look_from) {
        let Some(close) = text[open..].find("}}").map(|it| it + open) else { break };
        // `{{{x}}}`: the innermost braces count.
        let inner = text[open..close].rfind("{{").map_or(open, |it| open + it);
        if let Some(reference) = Reference::parse(&text[inner + 2..close]) {
            if plain_from < inner {
                list.push(Part::Text(&text[plain_from..inner]));
            }
            list.push(Part::Reference(reference));
            plain_from = close + 2;
        }
        look_from = close + 2;
    }
    if plain_from < text.len() {
        list.push(Part::Text(&text[plain_from..]));
    }
    list
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fill(text: &str) -> String {
        let look_up = |reference: &Reference| match reference {
            Reference::Question => json!("why \"so\"\nblue?"),
            Reference::Variable(name) => json!(format!("<{name}>")),
            Reference::Node { id, path } => at_path(&json!({"a": [1, {"b": "deep"}]}), path)
                .as_str()
                .map_or(json!(id), |it| json!(it)),
            _ => Value::Null,
        };
        as_text(&resolve(&json!(text), &look_up))
    }

    #[test]
    fn references_are_replaced_and_other_braces_stay() {
        let table = [
            ("plain", "plain"),
            ("{{question}}", "why \"so\"\nblue?"),
            ("a {{ $vars.x }} b {{$vars.y}}", "a <x> b <y>"),
            ("{{$flow.gone}}|", "|"),
            ("{{ not.a.reference }} {{}} {{", "{{ not.a.reference }} {{}} {{"),
            ("{{plainText_0.data.instance.a[1].b}}", "deep"),
            ("{{{question}}}", "{why \"so\"\nblue?}"),
            ("{{customFunction_0.data.instance}}", "customFunction_0"),
        ];
        for (text, expected) in table {
            assert_eq!(fill(text), expected, "{text}");
        }
    }

    #[test]
    fn json_text_stays_json_whatever_is_inserted() {
        let filled = fill(r#"{"q":"{{question}}","n":{"v":"{{$vars.x}}"}}"#);
        let value: Value = serde_json::from_str(&filled).unwrap();
        assert_eq!(value, json!({"q": "why \"so\"\nblue?", "n": {"v": "<x>"}}));
    }

    proptest! {
        #[test]
        fn any_text_without_references_comes_back_whole(text in "[^$qcf]{0,80}") {
            prop_assume!(!text.contains("data.instance"));
            let json_like = serde_json::from_str::<Value>(&text).is_ok();
            prop_assume!(!json_like);
            prop_assert_eq!(fill(&text), text);
        }

        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = fill(&text);
            let _ = fill(&format!("{{{{{text}}}}}"));
        }
    }
}
