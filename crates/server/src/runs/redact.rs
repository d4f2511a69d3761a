//! Takes secrets out of what is kept of runs.
//!
//! Nodes do not put their credentials into what they ask or answer; but a script, a tool or a user
//! may, and an error of a vendor may quote the key it was called with.

use serde_json::Value;

/// What stands for a secret.
const MASK: &str = "•••";

/// Names of fields whose values are secrets, without case and separators.
const SECRET_FIELDS: &[&str] = &[
    "accesskey",
    "accesstoken",
    "apikey",
    "authorization",
    "bearertoken",
    "clientsecret",
    "cookie",
    "idtoken",
    "passwd",
    "password",
    "privatekey",
    "refreshtoken",
    "secret",
    "secretkey",
    "sessiontoken",
    "setcookie",
    "token",
    "xapikey",
];

/// How keys of well-known services begin.
const PREFIXES: &[&str] = &[
    "sk-",
    "sk_",
    "pk_live_",
    "rk_live_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "hf_",
    "gsk_",
    "whsec_",
    "lsv2_",
    "pplx-",
    "tvly-",
    "fc-",
    "r8_",
    "eyJ",
];

/// Shortest word that counts as a key.
const SHORTEST: usize = 16;

/// Masks what is secret in a value, by the names of its fields and by how keys look.
pub(super) fn value(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(masked) = masked(text) {
                *text = masked;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(self::value),
        Value::Object(map) => {
            for (name, inner) in map.iter_mut() {
                match inner {
                    Value::String(_) | Value::Number(_) if is_secret_field(name) => {
                        *inner = MASK.into();
                    }
                    other => self::value(other),
                }
            }
        }
        _ => {}
    }
}

/// Masks what is secret in a text.
pub(super) fn text(text: String) -> String {
    masked(&text).unwrap_or(text)
}

fn is_secret_field(name: &str) -> bool {
    if name.len() > 32 {
        return false;
    }
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    SECRET_FIELDS.contains(&plain.as_str())
}

/// The text with its secrets masked; nothing where there are none.
fn masked(text: &str) -> Option<String> {
    // Arguments of tools are the text of JSON.
    if text.starts_with(['{', '['])
        && let Ok(mut json) = serde_json::from_str::<Value>(text)
    {
        let before = json.clone();
        value(&mut json);
        return (json != before).then(|| json.to_string());
    }
    let mut out = String::new();
    let (mut copied, mut after_bearer) = (0, false);
    for (start, word) in words(text) {
        let is_key = word.len() >= SHORTEST
            && PREFIXES.iter().any(|it| word.starts_with(it))
            && word.bytes().any(|it| it.is_ascii_digit() || it.is_ascii_uppercase());
        if is_key || after_bearer && word.len() >= 8 {
            out.push_str(text.get(copied..start)?);
            out.push_str(MASK);
            copied = start + word.len();
        } else if is_login(text, start, word) {
            // `scheme://user:password@host`: the word is the password.
            out.push_str(text.get(copied..start)?);
            out.push_str(MASK);
            copied = start + word.len();
        }
        after_bearer = word.eq_ignore_ascii_case("bearer");
    }
    if copied == 0 {
        return None;
    }
    out.push_str(text.get(copied..)?);
    Some(out)
}

/// The words of a text, such as keys are made of, and where they begin.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |it: char| it.is_ascii_alphanumeric() || "-_.+/".contains(it);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text.get(rest..)?.find(is_part)?;
        let tail = text.get(start..)?;
        let length = tail.find(|it| !is_part(it)).unwrap_or(tail.len());
        rest = start + length;
        Some((start, tail.get(..length)?))
    })
}

/// Whether `word` is the password of an address.
fn is_login(text: &str, start: usize, word: &str) -> bool {
    let after = text.get(start + word.len()..).is_some_and(|it| it.starts_with('@'));
    let Some(before) = text.get(..start).and_then(|it| it.strip_suffix(':')) else { return false };
    let user = before.rsplit(|it: char| it.is_whitespace()).next().unwrap_or_default();
    after && user.contains("://")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keys_are_masked_wherever_they_stand() {
        for (given, kept) in [
            ("Incorrect API key: sk-proj-Abc123Abc123Abc1.", "Incorrect API key: •••"),
            ("key=AKIAIOSFODNN7EXAMPLE;", "key=•••;"),
            ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer •••"),
            ("postgres://ann:swordfish@db/x", "postgres://ann:•••@db/x"),
            ("(ghp_16C7e42F292c6912E7710c838347Ae178B4a)", "(•••)"),
        ] {
            assert_eq!(text(given.to_owned()), kept);
        }
        for plain in [
            "What is a risk-averse investor?",
            "sk-short",
            "the bearer of news",
            "https://example.com/a@b",
            "skeletons-and-hairstyles-of-old",
            "",
        ] {
            assert_eq!(text(plain.to_owned()), plain);
        }
    }

    #[test]
    fn fields_are_masked_by_their_names() {
        let mut told = json!({
            "apiKey": "x", "X-Api-Key": "y", "token": 7, "tokens": 12, "password": null,
            "deep": [{ "client_secret": "z", "name": "secret" }],
            "arguments": r#"{"city":"Bonn","password":"p"}"#,
        });
        value(&mut told);
        let expected = json!({
            "apiKey": MASK, "X-Api-Key": MASK, "token": MASK, "tokens": 12, "password": null,
            "deep": [{ "client_secret": MASK, "name": "secret" }],
            "arguments": format!(r#"{{"city":"Bonn","password":"{MASK}"}}"#),
        });
        assert_eq!(told, expected);
    }
}
