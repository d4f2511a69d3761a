//! Sandboxes of E2B that run code (e2b.dev/docs; the code interpreter's own server in the sandbox).

use flowstone_core::{Error, Result};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    HttpClient,
    http::Method,
    lines::Lines,
    service::{self, Call, Content, Signature, segment},
};

/// Where sandboxes are made.
pub const ADDRESS: &str = "https://api.e2b.app";
/// Where a sandbox answers.
pub const SANDBOX: &str = "https://49999-{id}.{domain}";
/// The domain of sandboxes that name none.
const DOMAIN: &str = "e2b.app";
/// What a sandbox is made from.
const TEMPLATE: &str = "code-interpreter-v1";
/// After how many seconds a sandbox ends that nobody ended.
const LIFE: u32 = 300;

/// E2B, with the key of an account.
pub struct E2b<'a> {
    /// The client to call with.
    pub http: &'a HttpClient,
    /// The key.
    pub key: &'a str,
    /// Where sandboxes are made.
    pub address: &'a str,
    /// Where a sandbox answers, with `{id}` and `{domain}` in it.
    pub sandbox: &'a str,
}

/// What came of running code.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Execution {
    /// What it printed.
    pub stdout: String,
    /// What it printed as warnings and failures.
    pub stderr: String,
    /// What its last line is, and whatever it showed, by kind: `text`, `png`, `html` and so on.
    pub results: Vec<Map<String, Value>>,
    /// Why it ended early.
    pub error: Option<String>,
}

#[derive(Deserialize)]
struct Sandbox {
    #[serde(rename = "sandboxID")]
    id: String,
    domain: Option<String>,
    /// Asked for by sandboxes that do not answer everybody.
    #[serde(rename = "envdAccessToken")]
    token: Option<String>,
}

impl E2b<'_> {
    /// Runs Python in a sandbox of its own, which is gone afterwards.
    ///
    /// # Errors
    /// E2B's own words where it refuses; `Transport` where it cannot be reached or breaks off. Code
    /// that fails is no error but says so in what comes back.
    pub async fn run(&self, code: &str) -> Result<Execution> {
        let asked = json!({"templateID": TEMPLATE, "timeout": LIFE});
        let made = self.call(Method::POST, "/sandboxes", Content::Json(asked)).await?.json()?;
        let made: Sandbox = serde_json::from_value(made).map_err(|error| {
            Error::Transport(format!("E2B did not say where its sandbox is: {error}"))
        })?;
        let ran = self.execute(&made, code).await;
        // It ends by itself too, only later.
        let path = format!("/sandboxes/{}", segment(&made.id));
        if let Err(error) = self.call(Method::DELETE, &path, Content::Empty).await {
            tracing::warn!(%error, "a sandbox was left to end by itself");
        }
        ran
    }

    async fn call(&self, method: Method, path: &str, content: Content) -> Result<service::Answer> {
        let signature = Signature::Header { name: "x-api-key", value: self.key };
        let url = format!("{}{path}", self.address);
        let call = Call { method, url, query: Vec::new(), content };
        service::call(self.http, "E2B", signature, &call).await
    }

    async fn execute(&self, sandbox: &Sandbox, code: &str) -> Result<Execution> {
        let domain = sandbox.domain.as_deref().unwrap_or(DOMAIN);
        let place = self.sandbox.replace("{id}", &segment(&sandbox.id)).replace("{domain}", domain);
        let call = Call {
            method: Method::POST,
            url: format!("{place}/execute"),
            query: Vec::new(),
            content: Content::Json(json!({"code": code, "language": "python"})),
        };
        let signature = match &sandbox.token {
            Some(value) => Signature::Header { name: "x-access-token", value },
            None => Signature::Nobody,
        };
        let answer = service::call(self.http, "E2B", signature, &call).await?;
        read(&answer.content)
    }
}

/// One event a line.
fn read(content: &[u8]) -> Result<Execution> {
    let mut execution = Execution::default();
    let mut lines = Lines::default();
    for piece in content.chunks(64 * 1024) {
        lines.feed(piece)?;
        while let Some(line) = lines.next_line() {
            take(line, &mut execution)?;
        }
    }
    // The last line may have no end.
    lines.feed(b"\n")?;
    while let Some(line) = lines.next_line() {
        take(line, &mut execution)?;
    }
    Ok(execution)
}

fn take(line: &[u8], execution: &mut Execution) -> Result<()> {
    if line.trim_ascii().is_empty() {
        return Ok(());
    }
    let event: Map<String, Value> = serde_json::from_slice(line).map_err(|error| {
        Error::Transport(format!("E2B did not answer one event a line: {error}"))
    })?;
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match text("type").as_str() {
        "stdout" => execution.stdout.push_str(&text("text")),
        "stderr" => execution.stderr.push_str(&text("text")),
        "error" => execution.error = Some(format!("{}: {}", text("name"), text("value"))),
        "unexpected_end_of_execution" => {
            execution.error = Some("The sandbox ended before the code did.".to_owned());
        }
        "result" => {
            let mut result = event.clone();
            result.retain(|name, value| name != "type" && !value.is_null());
            execution.results.push(result);
        }
        // Counts, and whatever comes to be told besides.
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_put_together_whatever_they_are_cut_into() {
        let told = concat!(
            "{\"type\":\"number_of_executions\",\"execution_count\":1}\n",
            "{\"type\":\"stdout\",\"text\":\"a\\n\"}\n{\"type\":\"stdout\",\"text\":\"b\\n\"}\n\n",
            "{\"type\":\"stderr\",\"text\":\"w\"}\n",
            "{\"type\":\"result\",\"text\":\"42\",\"png\":null,\"is_main_result\":true}\n",
            "{\"type\":\"error\",\"name\":\"NameError\",\"value\":\"x\",\"traceback\":\"…\"}",
        );
        let execution = read(told.as_bytes()).unwrap();
        let result = json!({"text": "42", "is_main_result": true});
        let expected = Execution {
            stdout: "a\nb\n".to_owned(),
            stderr: "w".to_owned(),
            results: vec![result.as_object().cloned().unwrap()],
            error: Some("NameError: x".to_owned()),
        };
        assert_eq!(execution, expected);
        assert!(read(b"<html>").is_err());
        let ended = read(b"{\"type\":\"unexpected_end_of_execution\"}\n").unwrap();
        assert!(ended.error.is_some());
    }
}
