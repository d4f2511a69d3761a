//! JSON as people write it: without quotes around names, with a comma too many, or as YAML.

use serde_json::Value;

/// Reads JSON, else YAML, of which such JSON is a part.
///
/// # Errors
/// Says where the text cannot be read.
pub(crate) fn parse(text: &str) -> Result<Value, String> {
    let strict = match serde_json::from_str(text) {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    let looks_like_json = text.trim_start().starts_with(['{', '[']);
    serde_saphyr::from_str(text).map_err(|error| {
        if looks_like_json { strict.to_string() } else { first_line(&error.to_string()) }
    })
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
            ("a: 1\nb:\n  - x\n  - 2.5\n", json!({"a": 1, "b": ["x", 2.5]})),
            ("x: &one {a: 1}\ny: *one", json!({"x": {"a": 1}, "y": {"a": 1}})),
            ("", json!(null)),
        ] {
            assert_eq!(parse(text), Ok(value), "{text}");
        }
        assert!(parse("{\"a\": \"b}").unwrap_err().contains("line 1"));
        assert!(!parse("a: [1\nb: 2").unwrap_err().is_empty());
    }

    #[test]
    fn a_text_that_grows_without_end_is_refused() {
        let lines = (1..12).map(|level| {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            format!("a{level}: &a{level} [{inner}]\n")
        });
        let lines: Vec<String> = lines.collect();
        let bomb = format!("a0: &a0 [x, x, x]\n{}", lines.concat());
        assert!(parse(&bomb).is_err());
        assert!(parse(&"[".repeat(100_000)).is_err());
    }
}
