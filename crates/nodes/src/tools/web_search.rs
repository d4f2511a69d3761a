//! What the search services share: one call for what a model looks for.

use async_trait::async_trait;
use flowstone_core::{Error, Result, Run, Tool, ToolResult, ToolSpec};
use flowstone_providers::{HttpClient, http::Request};
use serde_json::{Map, Value, json};

use super::requests;

/// Longest answer that is read, in characters.
const LONGEST: usize = 1_000_000;

/// Said where nothing was found.
const NOTHING: &str = "Nothing was found.";

/// Puts the call for a query together.
pub(super) type Ask =
    Box<dyn for<'a> Fn(&'a HttpClient, &str) -> Result<Request<'a>> + Send + Sync>;

/// Finds in an answer what the model is told; nothing where nothing was found.
pub(super) type Read = fn(&str) -> Result<String>;

/// A tool that asks a search service.
pub(super) struct WebSearch {
    spec: ToolSpec,
    ask: Ask,
    read: Read,
}

impl WebSearch {
    /// A tool called `name` that asks as `ask` says and tells what `read` finds in the answer.
    pub(super) fn new(
        name: &str,
        description: impl Into<String>,
        read: Read,
        ask: impl for<'a> Fn(&'a HttpClient, &str) -> Result<Request<'a>> + Send + Sync + 'static,
    ) -> Self {
        Self {
            spec: ToolSpec {
                name: super::name_for_models(name, "web_search"),
                description: description.into(),
                parameters: super::one_text("What to look for"),
            },
            ask: Box::new(ask),
            read,
        }
    }
}

#[async_trait]
impl Tool for WebSearch {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let query = super::text_of(arguments, "input")?;
        let http = run.services.get::<HttpClient>()?;
        let request = (self.ask)(&http, query)?.timeout(Some(requests::PATIENCE));
        let response = request.send().await?;
        let text = requests::answer(response, Some(LONGEST)).await?;
        let told = (self.read)(&text)?;
        Ok(ToolResult::text(if told.is_empty() { NOTHING.to_owned() } else { told }))
    }
}

/// An answer that is told as it came.
#[expect(clippy::unnecessary_wraps, reason = "services that answer JSON may fail at it")]
pub(super) fn text(text: &str) -> Result<String> {
    Ok(text.trim().to_owned())
}

/// An answer as JSON.
pub(super) fn json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        Error::Transport(format!("the search service did not answer JSON: {error}"))
    })
}

/// A list of pages as JSON with `title`, `link` and `snippet`, whatever the service calls them;
/// nothing for an empty list.
pub(super) fn pages(list: &Value, title: &str, link: &str, snippet: &str) -> Vec<Value> {
    let pages = list.as_array().into_iter().flatten();
    let page = |it: &Value| json!({"title": it[title], "link": it[link], "snippet": it[snippet]});
    pages.map(page).collect()
}

/// The pages as text for a model.
pub(super) fn told(pages: Vec<Value>) -> String {
    if pages.is_empty() { String::new() } else { Value::from(pages).to_string() }
}

/// The same behind what the service answers outright, where it does.
pub(super) fn with_answer(answers: &[&Value], pages: Vec<Value>) -> String {
    match answers.iter().find(|it| !it.is_null()) {
        None => told(pages),
        Some(answer) => json!({"answer": answer, "results": pages}).to_string(),
    }
}

/// Names or addresses with commas between them.
pub(super) fn listed(text: &str) -> Vec<&str> {
    text.split([',', '\n']).map(str::trim).filter(|it| !it.is_empty()).collect()
}
