//! `{{…}}` in the fields of an agentflow's nodes: a lookup language of paths, never code.
//!
//! It differs from the one of chatflows in that the outputs of other nodes go by their bare id, in
//! that what is not known stays in the text as it was written, and in that a field which is one
//! reference and nothing else takes on the value's own type.

use serde_json::Value;

use super::editor_text;
use crate::template::as_text;

/// Resolves every reference in `value`; `look_up` is given what stands between the braces, and
/// gives nothing for what it does not know.
pub(crate) fn resolve(value: &Value, look_up: &dyn Fn(&str) -> Option<Found>) -> Value {
    match value {
        Value::String(text) => resolve_text(text, look_up),
        Value::Array(items) => items.iter().map(|it| resolve(it, look_up)).collect(),
        Value::Object(map) => {
            map.iter().map(|(key, it)| (key.clone(), resolve(it, look_up))).collect()
        }
        other => other.clone(),
    }
}

/// What a reference stands for.
pub(crate) struct Found {
    /// The value.
    pub(crate) value: Value,
    /// Whether a field that is this reference and nothing else takes the value as it is, numbers
    /// and lists included, not as text.
    pub(crate) keeps_type: bool,
}

impl Found {
    /// A value that always becomes text.
    pub(crate) fn text(value: impl Into<Value>) -> Self {
        Self { value: value.into(), keeps_type: false }
    }
    /// A value that keeps its type where the field is nothing but its reference.
    pub(crate) fn typed(value: Value) -> Self {
        Self { value, keeps_type: true }
    }
}

fn resolve_text(text: &str, look_up: &dyn Fn(&str) -> Option<Found>) -> Value {
    let plain = if editor_text::is_rich(text) { editor_text::plain(text) } else { text.to_owned() };
    if let Some(inside) = only_reference(&plain)
        && let Some(found) = look_up(inside).filter(|it| !it.value.is_null())
        && found.keeps_type
    {
        return found.value;
    }
    let mut filled = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(open) = rest.find("{{") {
        let Some(close) = rest[open..].find("}}").map(|it| it + open) else { break };
        // `{{{x}}}`: the innermost braces count.
        let inner = rest[open..close].rfind("{{").map_or(open, |it| open + it);
        filled.push_str(&rest[..inner]);
        match look_up(rest[inner + 2..close].trim()).filter(|it| !it.value.is_null()) {
            Some(found) => filled.push_str(&as_text(&found.value)),
            None => filled.push_str(&rest[inner..close + 2]),
        }
        rest = &rest[close + 2..];
    }
    filled.push_str(rest);
    Value::String(filled)
}

/// What stands between the braces of a text that is one reference and nothing else.
fn only_reference(text: &str) -> Option<&str> {
    let inside = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inside.contains("{{") && !inside.contains("}}")).then(|| inside.trim())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn look_up(inside: &str) -> Option<Found> {
        match inside {
            "question" => Some(Found::text("why \"so\"?")),
            "llm_0.output.n" => Some(Found::typed(json!([1, 2]))),
            "gone" => Some(Found::text(Value::Null)),
            _ => None,
        }
    }

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_stays() {
        let table = [
            (json!("plain"), json!("plain")),
            (json!("{{question}}!"), json!("why \"so\"?!")),
            (json!("{{ unknown }} {{gone}} {{"), json!("{{ unknown }} {{gone}} {{")),
            (json!("{{ llm_0.output.n }}"), json!([1, 2])),
            (json!("n: {{llm_0.output.n}}"), json!("n: [1,2]")),
            (json!("<p>{{ question }}</p>"), json!("why \"so\"?")),
            (json!({"a": ["{{{question}}}", 3]}), json!({"a": ["{why \"so\"?}", 3]})),
        ];
        for (given, expected) in table {
            assert_eq!(resolve(&given, &look_up), expected, "{given}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>()) {
            let _ = resolve(&json!(text), &look_up);
            let _ = resolve(&json!(format!("{{{{{text}}}}}")), &look_up);
        }
    }
}
