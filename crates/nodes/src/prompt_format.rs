//! Templates: text with `{variable}` places, where `{{` and `}}` stand for single braces.
//!
//! Braces around something that cannot be a variable's name (JSON, code) stand for themselves, so
//! that an example object may be pasted into a prompt as it is.

use flowstone_core::{Error, Field, Result};
use serde_json::{Map, Value};

/// Values for the variables of a template.
pub(crate) type Values = Map<String, Value>;

/// A template cut into its pieces.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Variable(String),
}

impl Template {
    /// Cuts `text`; `label` names the row it was typed into, for the message of a failure.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] where a brace has no partner.
    pub(crate) fn parse(text: &str, label: &str) -> Result<Self> {
        let mut reader = Reader::default();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            reader.literal.push_str(&rest[..at]);
            rest = reader
                .brace(&rest[at..])
                .map_err(|reason| Error::InvalidInput { label: label.to_owned(), reason })?;
        }
        reader.literal.push_str(rest);
        if reader.depth > 0 {
            let reason = format!("a {{ is never closed; {DOUBLING}");
            return Err(Error::InvalidInput { label: label.to_owned(), reason });
        }
        reader.end_literal();
        Ok(Self { pieces: reader.pieces })
    }

    /// The names of its variables, in order; one that stands twice is given twice.
    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Variable(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Adds another template at the end.
    pub(crate) fn append(&mut self, other: Self) {
        self.pieces.extend(other.pieces);
    }

    /// The text with every variable replaced. Braces inside values stand for themselves.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] naming a variable that has no value and those that have one.
    pub(crate) fn fill(&self, values: &Values) -> Result<String> {
        let mut filled = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable(name) => {
                    let value = values.get(name).ok_or_else(|| missing(&[name], values))?;
                    filled.push_str(&as_text(value));
                }
            }
        }
        Ok(filled)
    }
}

/// The text of a prompt row, checked for the variables without which it makes no sense.
///
/// # Errors
/// [`Error::InvalidInput`] naming the first variable that is not in it.
pub(crate) fn needed(text: String, field: &Field, needed: &[&str]) -> Result<String> {
    let template = Template::parse(&text, field.label)?;
    let lacks = |name: &&&str| !template.variables().any(|it| it == **name);
    match needed.iter().find(lacks) {
        None => Ok(text),
        Some(name) => Err(Error::invalid(field, format!("it must hold {{{name}}}"))),
    }
}

/// A value as it stands in a prompt: text as it is, nothing for null, anything else as JSON.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// Says that `names` have no value, and which variables have one.
pub(crate) fn missing(names: &[&str], values: &Values) -> Error {
    let listed = |names: &mut dyn Iterator<Item = &str>| {
        names.map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")
    };
    let wanted = listed(&mut names.iter().copied());
    let verb = if names.len() == 1 { "has" } else { "have" };
    let known = if values.is_empty() {
        "no variable has one".to_owned()
    } else {
        format!("there are values for {}", listed(&mut values.keys().map(String::as_str)))
    };
    Error::InvalidInput {
        label: "Prompt".to_owned(),
        reason: format!(
            "{wanted} {verb} no value ({known}). Give values under Format Prompt Values; \
             {DOUBLING}"
        ),
    }
}

const DOUBLING: &str = "for a brace that is plain text write {{ or }}";

/// What has been read of a template so far.
#[derive(Default)]
struct Reader {
    pieces: Vec<Piece>,
    literal: String,
    /// How many braces that stand for themselves are still open.
    depth: usize,
}

impl Reader {
    /// Reads from a brace on; returns what follows what it read.
    fn brace<'a>(&mut self, text: &'a str) -> Result<&'a str, String> {
        if self.depth > 0
            && let Some(rest) = text.strip_prefix('}')
        {
            self.depth -= 1;
            self.literal.push('}');
            return Ok(rest);
        }
        for (double, single) in [("{{", '{'), ("}}", '}')] {
            if let Some(rest) = text.strip_prefix(double) {
                self.literal.push(single);
                return Ok(rest);
            }
        }
        let Some(inside) = text.strip_prefix('{') else {
            return Err(format!("a }} has no {{ before it; {DOUBLING}"));
        };
        if let Some((name, rest)) = inside.split_once('}')
            && may_be_a_name(name)
        {
            self.end_literal();
            self.pieces.push(Piece::Variable(name.trim().to_owned()));
            return Ok(rest);
        }
        self.depth += 1;
        self.literal.push('{');
        Ok(inside)
    }

    fn end_literal(&mut self) {
        if !self.literal.is_empty() {
            self.pieces.push(Piece::Text(std::mem::take(&mut self.literal)));
        }
    }
}

/// JSON and code hold one of these between their braces, names of variables do not.
fn may_be_a_name(text: &str) -> bool {
    !text.trim().is_empty()
        && !text.contains(['{', '}', ':', '"', '\'', '\n', ';', '[', ']', '(', ')', '='])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn fill(template: &str, values: &Value) -> String {
        let values = values.as_object().cloned().unwrap_or_default();
        Template::parse(template, "Template").and_then(|it| it.fill(&values)).unwrap()
    }

    fn reason(template: &str) -> String {
        let filled = Template::parse(template, "Template").and_then(|it| it.fill(&Values::new()));
        filled.unwrap_err().to_string()
    }

    #[test]
    fn variables_are_replaced_and_double_braces_are_single_ones() {
        let values = json!({"name": "Bob", "n": 3, "list": [1, 2], "nothing": null});
        assert_eq!(fill("Say hi to {name}.", &values), "Say hi to Bob.");
        assert_eq!(fill("{name}{ n }{list}{nothing}!", &values), "Bob3[1,2]!");
        assert_eq!(fill("{{name}} and {{{name}}}", &values), "{name} and {Bob}");
    }

    #[test]
    fn json_and_code_stand_for_themselves() {
        let values = json!({"q": "why"});
        assert_eq!(fill(r#"Like {"a": {"b": 1}}. {q}"#, &values), r#"Like {"a": {"b": 1}}. why"#);
        assert_eq!(fill(r#"{"a": "{q}", "b": {}}"#, &values), r#"{"a": "why", "b": {}}"#);
        assert_eq!(fill("f(x) { return x; } {q}", &values), "f(x) { return x; } why");
    }

    #[test]
    fn a_lone_brace_is_explained() {
        assert!(reason("Say { to").starts_with("Template: a { is never closed; for a brace"));
        assert!(reason("Say } to").starts_with("Template: a } has no { before it"));
    }

    #[test]
    fn a_variable_without_value_is_named_with_those_that_have_one() {
        let values = json!({"name": 1}).as_object().cloned().unwrap();
        let template = Template::parse("{who} {name}", "Template").unwrap();
        let said = template.fill(&values).unwrap_err().to_string();
        assert!(said.starts_with("Prompt: {who} has no value (there are values for {name})"));
        assert!(
            missing(&["a", "b"], &Values::new()).to_string().contains("{a}, {b} have no value")
        );
    }

    proptest! {
        #[test]
        fn escaped_text_comes_back_as_it_was(text in r#"[a-z{}:" \n]{0,40}"#) {
            let escaped = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(fill(&escaped, &json!({})), text);
        }

        #[test]
        fn a_value_is_never_read_as_a_template(value in ".{0,40}") {
            prop_assert_eq!(fill("<{it}>", &json!({ "it": value })), format!("<{value}>"));
        }

        #[test]
        fn any_text_is_read_or_refused_and_never_panics(text in r#"[a-z{}: "\n]{0,60}"#) {
            if let Ok(template) = Template::parse(&text, "Template") {
                let names: Vec<String> = template.variables().map(str::to_owned).collect();
                let values = names.into_iter().map(|name| (name, json!("x"))).collect();
                prop_assert!(template.fill(&values).is_ok());
            }
        }
    }
}
