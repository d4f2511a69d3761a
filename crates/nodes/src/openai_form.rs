//! The rows that nodes of OpenAI's wire share, and the endpoint made of them.

use std::time::Duration;

use flowstone_core::{Error, Input, Inputs, Result};
use flowstone_providers::{
    HttpClient,
    openai::{Endpoint, dialects},
};
use serde_json::Value;

/// Where another server than OpenAI's is called.
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

/// How long to wait for an answer to begin.
pub(crate) const TIMEOUT: Input<Option<f64>> = Input::number("Timeout", "timeout")
    .step(1.0)
    .describe("How long to wait for the answer to begin, in milliseconds")
    .optional()
    .additional();

/// The server that a form names, with the key of its credential.
pub(crate) fn endpoint(inputs: &Inputs) -> Result<Endpoint> {
    let http = inputs.services.get::<HttpClient>()?;
    let key = inputs.credential()?.require("openAIApiKey", "OpenAI Api Key")?;
    let address = inputs.get(&BASE_PATH)?;
    let address = address.unwrap_or_else(|| dialects::OPENAI.base_url.to_owned());
    let mut endpoint = Endpoint::new(http, address, Some(key.to_owned()));
    endpoint.headers = headers(inputs)?;
    endpoint.timeout = milliseconds(inputs, &TIMEOUT)?;
    Ok(endpoint)
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
    let Value::Object(options) = options else { return Err(wrong()) };
    let headers = options.into_iter().map(|(name, value)| match value {
        Value::String(text) => Ok((name, text)),
        Value::Number(number) => Ok((name, number.to_string())),
        _ => Err(wrong()),
    });
    headers.collect()
}
