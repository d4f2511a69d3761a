//! The rows that nodes of OpenAI's wires share, and the endpoint made of them.

mod azure;
mod chat;
pub(crate) mod reasoning;
mod text;
mod vectors;

use std::{sync::Arc, time::Duration};

use flowstone_core::{Error, Input, Inputs, Result, Spec, number::as_written, spec::Field};
use flowstone_providers::{
    HttpClient,
    openai::{Dialect, Endpoint},
};
use serde_json::{Map, Value};

pub(crate) use azure::{AZURE_BASE_PATH, Azure};
pub(crate) use chat::ChatForm;
pub(crate) use reasoning::{REASONING, SUMMARY, WITH_REASONING, finish as finish_reasoning};
pub(crate) use text::{TextForm, takes_the_best, text_settings};
pub(crate) use vectors::{
    BATCH_SIZE, DIMENSIONS, ENCODING, STRIP_NEW_LINES, VECTOR_TIMEOUT, VectorForm,
    settle as settle_vectors,
};

/// How much chance there is in an answer.
pub(crate) const TEMPERATURE: Input<Option<f64>> =
    Input::number("Temperature", "temperature").step(0.1).default(0.9).optional();
/// The same for vendors whose forms start cooler.
pub(crate) const COOL_TEMPERATURE: Input<Option<f64>> =
    Input::number("Temperature", "temperature").step(0.1).default(0.7).optional();
/// Longest answer.
pub(crate) const MAX_TOKENS: Input<Option<f64>> = Input::number("Max Tokens", "maxTokens")
    .step(1.0)
    .describe("Longest answer, in tokens")
    .optional()
    .additional();
/// How much of the likely words is considered.
pub(crate) const TOP_P: Input<Option<f64>> =
    Input::number("Top Probability", "topP").step(0.1).optional().additional();
/// How much repeated words are avoided by how often they came.
pub(crate) const FREQUENCY_PENALTY: Input<Option<f64>> =
    Input::number("Frequency Penalty", "frequencyPenalty").step(0.1).optional().additional();
/// How much words that came before are avoided.
pub(crate) const PRESENCE_PENALTY: Input<Option<f64>> =
    Input::number("Presence Penalty", "presencePenalty").step(0.1).optional().additional();
/// How long to wait for an answer to begin.
pub(crate) const TIMEOUT: Input<Option<f64>> = Input::number("Timeout", "timeout")
    .step(1.0)
    .describe("How long to wait for the answer to begin, in milliseconds")
    .optional()
    .additional();
/// Texts that end an answer.
pub(crate) const STOP: Input<Option<String>> = Input::text("Stop Sequence", "stopSequence")
    .rows(4)
    .describe("Texts that end the answer, with commas between")
    .optional()
    .additional();
/// Where another server than the vendor's is called.
pub(crate) const BASE_PATH: Input<Option<String>> = Input::text("Base Path", "basepath")
    .describe("Address of another server that speaks the same wire")
    .placeholder("https://models.example.com/v1")
    .optional()
    .additional();
/// Headers on top of the usual ones.
pub(crate) const BASE_OPTIONS: Input<Option<Value>> = Input::json("Base Options", "baseOptions")
    .describe("Headers to send with every call, as a JSON object")
    .placeholder(r#"{"X-Team": "support"}"#)
    .optional()
    .additional();

/// A row that is sent as a number under another name.
pub(crate) type Number = (Input<Option<f64>>, &'static str);

/// The usual numbers of a form; a form takes of them what it shows.
pub(crate) const SAMPLING: &[Number] = &[
    (TEMPERATURE, "temperature"),
    (MAX_TOKENS, LONGEST_ANSWER),
    (TOP_P, "top_p"),
    (FREQUENCY_PENALTY, "frequency_penalty"),
    (PRESENCE_PENALTY, "presence_penalty"),
];
/// The same where the form starts cooler.
pub(crate) const COOL_SAMPLING: &[Number] = &[
    (COOL_TEMPERATURE, "temperature"),
    (MAX_TOKENS, LONGEST_ANSWER),
    (TOP_P, "top_p"),
    (FREQUENCY_PENALTY, "frequency_penalty"),
    (PRESENCE_PENALTY, "presence_penalty"),
];
/// Stands for the dialect's own name of that field.
pub(crate) const LONGEST_ANSWER: &str = "max_tokens";

/// The field of a credential that holds the key: its name and its label.
pub(crate) type Key = (&'static str, &'static str);

/// OpenAI's own.
pub(crate) const OPENAI_KEY: Key = ("openAIApiKey", "OpenAI Api Key");

/// Where a form's server is.
#[derive(Clone, Copy)]
pub(crate) enum Address {
    /// At the vendor's public address.
    Vendor,
    /// There, unless this row names another that stands in front of it.
    Row(&'static Input<Option<String>>),
    /// There, unless this row names anybody else's, whose address tells how to speak to it.
    Anyone(&'static Input<Option<String>>),
    /// Where this row says.
    Own(&'static Input<String>),
}

/// Whether a form shows a row.
pub(crate) fn shows(spec: &Spec, field: &Field) -> bool {
    spec.inputs.iter().any(|it| it.name == field.name)
}

/// The numbers that a form shows, ready to be sent.
pub(crate) fn numbers(
    inputs: &Inputs,
    spec: &Spec,
    rows: &[Number],
    longest_answer: &'static str,
) -> Result<Map<String, Value>> {
    let mut settings = Map::new();
    for (row, name) in rows.iter().filter(|(row, _)| shows(spec, &row.field)) {
        if let Some(number) = inputs.get(row)? {
            let name = if *name == LONGEST_ANSWER { longest_answer } else { *name };
            settings.insert(name.to_owned(), as_written(number));
        }
    }
    Ok(settings)
}

/// The server that a form names, with the key of its credential, headers and time limit. A key is
/// asked for where the form's credential is required.
pub(crate) fn endpoint(
    inputs: &Inputs,
    spec: &Spec,
    dialect: &Dialect,
    key: Option<Key>,
    address: Address,
) -> Result<Endpoint> {
    let required = spec.credential.is_some_and(|it| !it.optional);
    let key = match key {
        Some((name, label)) if required => Some(inputs.credential()?.require(name, label)?),
        Some((name, _)) => inputs.credential.as_ref().and_then(|it| it.get(name)),
        None => None,
    };
    let address = match address {
        Address::Vendor => None,
        Address::Row(row) | Address::Anyone(row) => inputs.get(row)?,
        Address::Own(row) => Some(inputs.get(row)?),
    };
    let address = address.unwrap_or_else(|| dialect.base_url.to_owned());
    let mut endpoint = Endpoint::new(http(inputs)?, address, key.map(str::to_owned));
    dress(&mut endpoint, inputs, spec)?;
    Ok(endpoint)
}

/// Puts the headers and the time limit that a form shows on an endpoint.
pub(crate) fn dress(endpoint: &mut Endpoint, inputs: &Inputs, spec: &Spec) -> Result<()> {
    if shows(spec, &BASE_OPTIONS.field) {
        endpoint.headers.extend(headers(inputs)?);
    }
    if shows(spec, &TIMEOUT.field) {
        endpoint.timeout = milliseconds(inputs, &TIMEOUT)?;
    }
    Ok(())
}

pub(crate) fn http(inputs: &Inputs) -> Result<Arc<HttpClient>> {
    inputs.services.get::<HttpClient>()
}

/// An address of a server whose path was left out: the wire is below `/v1`.
pub(crate) fn with_version(address: &str) -> String {
    let address = address.trim().trim_end_matches('/');
    let path = address.split_once("://").map_or(address, |(_, rest)| rest).split_once('/');
    if path.is_none() { format!("{address}/v1") } else { address.to_owned() }
}

fn milliseconds(inputs: &Inputs, row: &Input<Option<f64>>) -> Result<Option<Duration>> {
    let Some(chosen) = inputs.get(row)?.filter(|it| *it > 0.0) else { return Ok(None) };
    let time = Duration::try_from_secs_f64(chosen / 1000.0);
    time.map(Some).map_err(|_| Error::invalid(&row.field, "this is too long"))
}

fn headers(inputs: &Inputs) -> Result<Vec<(String, String)>> {
    let wrong = || {
        let reason = "a JSON object of headers and their texts is expected";
        Error::invalid(&BASE_OPTIONS.field, reason)
    };
    let Some(options) = inputs.get(&BASE_OPTIONS)? else { return Ok(Vec::new()) };
    let Value::Object(mut options) = options else { return Err(wrong()) };
    // Some forms of the reference have the headers one level deeper.
    if let Some(Value::Object(inner)) = options.remove("defaultHeaders") {
        options.extend(inner);
    }
    let headers = options.into_iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(number) => Ok((name, number.to_string())),
        _ => Err(wrong()),
    });
    headers.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::form;

    #[test]
    fn an_address_without_a_path_gets_the_version() {
        for (written, expected) in [
            ("https://x.example", "https://x.example/v1"),
            ("https://x.example/ ", "https://x.example/v1"),
            ("https://x.example/api/", "https://x.example/api"),
        ] {
            assert_eq!(with_version(written), expected);
        }
    }

    #[test]
    fn headers_may_stand_one_level_deeper() {
        let read = |options: Value| headers(&form(&json!({"baseOptions": options})));
        let expected = vec![("a".to_owned(), "b".to_owned())];
        assert_eq!(read(json!("{\"a\": \"b\"}")).unwrap(), expected);
        assert_eq!(read(json!({"defaultHeaders": {"a": "b"}})).unwrap(), expected);
        let said = read(json!({"a": ["b"]})).unwrap_err().to_string();
        assert!(said.starts_with("Base Options: a JSON object of headers"), "{said}");
    }
}
