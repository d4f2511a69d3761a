//! JSON as people write it: without quotes around names, with a comma too many, with comments.

use serde_json::Value;

/// How deep lists and objects may stand in each other, as in strict JSON.
const DEEPEST: usize = 128;

/// Reads JSON, else [JSON5](https://spec.json5.org).
///
/// # Errors
/// Says where the text cannot be read.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    match serde_json::from_str(text) {
        Ok(value) => Ok(value),
        // The loose reader calls itself for each level, without an end to it.
        Err(error) if deepest(text) > DEEPEST => Err(error.to_string()),
        Err(error) => json5::from_str(text).map_err(|_| error.to_string()),
    }
}

/// The same, or YAML.
///
/// # Errors
/// Says where the text cannot be read.
pub(crate) fn parse_or_yaml(text: &str) -> Result<Value, String> {
    let loose = match parse(text) {
        Ok(value) => return Ok(value),
        Err(said) => said,
    };
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    serde_saphyr::from_str(text)
        .map_err(|error| if looks_like_json { loose } else { first_line(&error.to_string()) })
}

/// How deep brackets stand in each other, those in texts counted too.
fn deepest(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// What follows the first line shows the place in the text once more, as a drawing.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_read_however_its_author_wrote_it() {
        for (text, value) in [
            (r#"{"a": [1, null], "b": "x"}"#, json!({"a": [1, null], "b": "x"})),
            ("{a: 1, 'b': true,}", json!({"a": 1, "b": true})),
            ("{\n // note\n \"a\": 1, /* and */ \"b\": .5}", json!({"a": 1, "b": 0.5})),
            (r"{'it': 'it\'s'}", json!({"it": "it's"})),
        ] {
            assert_eq!(parse(text), Ok(value.clone()), "{text}");
            assert_eq!(parse_or_yaml(text), Ok(value), "{text}");
        }
        assert!(parse("{\"a\": \"b}").unwrap_err().contains("line 1"));
    }

    #[test]
    fn yaml_is_read_where_it_is_asked_for() {
        for (text, value) in [
            ("a: 1\nb:\n  - x\n  - 2.5\n", json!({"a": 1, "b": ["x", 2.5]})),
            ("x: &one {a: 1}\ny: *one", json!({"x": {"a": 1}, "y": {"a": 1}})),
            ("", json!(null)),
        ] {
            assert_eq!(parse_or_yaml(text), Ok(value), "{text}");
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(!parse_or_yaml("a: [1\nb: 2").unwrap_err().is_empty());
    }

    #[test]
    fn a_text_that_grows_without_end_is_refused() {
        let lines = (1..12).map(|level| {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            format!("a{level}: &a{level} [{inner}]\n")
        });
        let lines: Vec<String> = lines.collect();
        let bomb = format!("a0: &a0 [x, x, x]\n{}", lines.concat());
        assert!(parse_or_yaml(&bomb).is_err());
        assert!(parse_or_yaml(&"[".repeat(100_000)).is_err());
    }
}
