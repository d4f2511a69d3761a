//! A mail as Gmail takes it: RFC 5322 in base64url.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use flowstone_core::{Error, Result};

use crate::tools::actions::{self, Given};

/// Longest line of an encoded body, in characters (RFC 2045).
const LINE: usize = 76;
/// How many bytes one encoded word of a header holds, so that it stays below 75 characters
/// (RFC 2047).
const WORD: usize = 42;

/// The mail that was described.
///
/// # Errors
/// `ModelAnswer` where a header would end early.
pub(super) fn mail(given: &Given) -> Result<String> {
    let mut lines = Vec::new();
    for (header, argument) in [("To", "to"), ("Cc", "cc"), ("Bcc", "bcc")] {
        if let Some(addresses) = given.text(argument) {
            let addresses = parts(one_line(argument, addresses)?).map(address);
            let addresses = addresses.collect::<Vec<_>>().join(",\r\n ");
            lines.push(format!("{header}: {addresses}"));
        }
    }
    if let Some(subject) = given.text("subject") {
        lines.push(format!("Subject: {}", words(one_line("subject", subject)?)));
    }
    let body = given.text("body").unwrap_or_default();
    let kind = if actions::is_html(body) { "html" } else { "plain" };
    lines.push("MIME-Version: 1.0".to_owned());
    lines.push(format!("Content-Type: text/{kind}; charset=utf-8"));
    lines.push("Content-Transfer-Encoding: base64\r\n".to_owned());
    let encoded = STANDARD.encode(body);
    lines.extend(chunks(&encoded, LINE).into_iter().map(str::to_owned));
    Ok(URL_SAFE_NO_PAD.encode(lines.join("\r\n")))
}

/// A line break would let a model, or who speaks through it, write headers of their own.
fn one_line<'a>(argument: &str, text: &'a str) -> Result<&'a str> {
    if text.contains(['\r', '\n']) {
        return Err(Error::ModelAnswer(format!("{argument} must be one line. Call again.")));
    }
    Ok(text.trim())
}

/// Addresses with commas between them; a comma inside of quotes is part of a name.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    let parts = text.split(move |it: char| {
        is_quoted ^= it == '"';
        it == ',' && !is_quoted
    });
    parts.map(str::trim).filter(|it| !it.is_empty())
}

/// `Name <address>` with a name that headers may hold.
fn address(text: &str) -> String {
    match text.rsplit_once('<') {
        Some((name, rest)) if !text.is_ascii() => {
            format!("{} <{rest}", words(name.trim().trim_matches('"')))
        }
        _ => text.to_owned(),
    }
}

/// Text as headers hold it: as it is, or in encoded words.
fn words(text: &str) -> String {
    if text.is_ascii() {
        return text.to_owned();
    }
    let mut words: Vec<String> = vec![String::new()];
    for letter in text.chars() {
        let is_full = words.last().is_some_and(|it| it.len() + letter.len_utf8() > WORD);
        if is_full {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    let words = words.iter().map(|it| format!("=?UTF-8?B?{}?=", STANDARD.encode(it)));
    words.collect::<Vec<_>>().join("\r\n ")
}

/// Parts of `size` bytes of a text that is ASCII.
fn chunks(text: &str, size: usize) -> Vec<&str> {
    (0..text.len()).step_by(size).map(|at| &text[at..text.len().min(at + size)]).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::tools::actions::Argument;

    const ARGUMENTS: &[Argument] = &[
        Argument::text("to", "t"),
        Argument::text("cc", "c"),
        Argument::text("subject", "s"),
        Argument::text("body", "b"),
    ];

    fn written(said: &serde_json::Value) -> Result<String> {
        let given = Given::of(ARGUMENTS, said.as_object().unwrap(), &Map::new()).unwrap();
        let mail = URL_SAFE_NO_PAD.decode(mail(&given)?).unwrap();
        Ok(String::from_utf8(mail).unwrap())
    }

    #[test]
    fn headers_are_encoded_and_the_body_is_in_lines() {
        let mail = written(&json!({
            "to": "\"Lovelace, Ada\" <ada@example.com>, Jürgen Ö <j@example.com>",
            "subject": "Grüße aus Zürich, and a subject that is longer than one word can be",
            "body": "x".repeat(80),
        }));
        let expected = [
            r#"To: "Lovelace, Ada" <ada@example.com>,"#,
            " =?UTF-8?B?SsO8cmdlbiDDlg==?= <j@example.com>",
            "Subject: =?UTF-8?B?R3LDvMOfZSBhdXMgWsO8cmljaCwgYW5kIGEgc3ViamVjdCB0aGF0IGlz?=",
            " =?UTF-8?B?IGxvbmdlciB0aGFuIG9uZSB3b3JkIGNhbiBiZQ==?=",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64",
            "",
            "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHh4",
            "eHh4eHh4eHh4eHh4eHh4eHh4eHh4eHg=",
        ];
        assert_eq!(mail.unwrap().split("\r\n").collect::<Vec<_>>(), expected);
        let html = written(&json!({"to": "a@example.com", "body": "<p>1 < 2</p>"})).unwrap();
        assert!(html.contains("text/html"), "{html}");
        let plain = written(&json!({"to": "a@example.com", "body": "1 < 2 and 3 > 2"})).unwrap();
        assert!(plain.contains("text/plain"), "{plain}");
    }

    #[test]
    fn nobody_writes_headers_of_their_own() {
        for argument in ["to", "cc", "subject"] {
            let said = written(&json!({argument: "a@example.com\r\nBcc: b@example.com"}));
            let said = said.unwrap_err().to_string();
            assert_eq!(said, format!("{argument} must be one line. Call again."));
        }
    }
}
