//! A metasearch engine that people run themselves.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{Capability, Input, Inputs, Node, Result, Spec, spec::Choice};
use serde_json::Value;

use super::{
    requests,
    web_search::{self, WebSearch},
};
use crate::html_text::Page;

/// How many pages a model is given.
const MOST_PAGES: usize = 10;

const BASE: Input<String> = Input::text("Base URL", "apiBase")
    .default("http://localhost:8080")
    .describe("Where your SearXNG answers. One on your own machine must be allowed first");
const NAME: Input<String> = Input::text("Tool Name", "toolName")
    .default("searxng-search")
    .describe("What the model calls the tool");
const DESCRIPTION: Input<String> = Input::text("Tool Description", "toolDescription")
    .rows(4)
    .default(DEFAULT_DESCRIPTION)
    .describe("Tells the model when to use the tool");
const DEFAULT_DESCRIPTION: &str =
    "Searches the web with several search engines at once. Gives titles, addresses and passages.";
const HEADERS: Input<Option<String>> = Input::of("Headers", "headers", "json")
    .describe("Headers of every call, as a JSON object")
    .additional()
    .optional();
const FORMAT: Input<String> =
    Input::options("Format", "format", &[Choice::new("json", "JSON"), Choice::new("html", "HTML")])
        .default("json")
        .describe("JSON must be allowed in the settings of the server; HTML always is")
        .additional();
const CATEGORIES: Input<Option<String>> = Input::text("Categories", "categories")
    .describe("Which kinds of results, with commas between them")
    .placeholder("general, science")
    .additional()
    .optional();
const ENGINES: Input<Option<String>> = Input::text("Engines", "engines")
    .describe("Which search engines, with commas between them")
    .additional()
    .optional();
const LANGUAGE: Input<Option<String>> = Input::text("Language", "language")
    .describe("Code of the language, such as en")
    .additional()
    .optional();
const PAGE: Input<Option<u64>> = Input::whole("Page No.", "pageno")
    .describe("Which page of the results; the first where it is empty")
    .additional()
    .optional();
const TIME_RANGE: Input<Option<String>> = Input::text("Time Range", "time_range")
    .describe("How old pages may be: day, month or year")
    .additional()
    .optional();
const SAFE: Input<Option<u64>> = Input::whole("Safe Search", "safesearch")
    .describe("0 for all results, 1 for moderate, 2 for strict filtering")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "SearXNG",
    name: "searXNG",
    version: 3.0,
    kind: "SearXNG",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search with a SearXNG of your own",
    base_classes: &["SearXNG", "Tool", "StructuredTool", "Runnable"],
    inputs: &[
        BASE.field,
        NAME.field,
        DESCRIPTION.field,
        HEADERS.field,
        FORMAT.field,
        CATEGORIES.field,
        ENGINES.field,
        LANGUAGE.field,
        PAGE.field,
        TIME_RANGE.field,
        SAFE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct SearXng;

#[async_trait]
impl Node for SearXng {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs)?)))
    }
}

/// See docs.searxng.org/dev/search_api.html.
fn tool(inputs: &Inputs) -> Result<WebSearch> {
    let base = inputs.get(&BASE)?;
    let address =
        format!("{}/search", base.trim().trim_end_matches('/').trim_end_matches("/search"));
    let format = inputs.get(&FORMAT)?;
    let read = if format == "html" { read_html } else { read_json };
    let mut pairs = vec![("format", format)];
    for row in [&CATEGORIES, &ENGINES, &LANGUAGE, &TIME_RANGE] {
        pairs.extend(inputs.get(row)?.map(|it| (row.field.name, it)));
    }
    for row in [&PAGE, &SAFE] {
        pairs.extend(inputs.get(row)?.map(|it| (row.field.name, it.to_string())));
    }
    let headers = requests::headers(&HEADERS.field, inputs.get(&HEADERS)?)?;
    let (name, about) = (inputs.get(&NAME)?, inputs.get(&DESCRIPTION)?);
    Ok(WebSearch::new(&name, about, read, move |http, query| {
        let request = http.get(&address)?.query("q", query);
        let request = pairs.iter().fold(request, |it, (name, value)| it.query(name, value));
        Ok(headers.iter().fold(request, |it, (name, value)| it.header(name, value)))
    }))
}

fn read_json(text: &str) -> Result<String> {
    let found = web_search::json(text)?;
    let answer = match &found["answers"][0] {
        Value::Object(answer) => answer.get("answer").cloned().unwrap_or_default(),
        other => other.clone(),
    };
    let mut pages = web_search::pages(&found["results"], "title", "url", "content");
    pages.truncate(MOST_PAGES);
    Ok(web_search::with_answer(&[&answer], pages))
}

/// For servers whose settings allow no JSON: the results as the page shows them.
fn read_html(text: &str) -> Result<String> {
    let mut found = Page::parse(text)?.texts_of("article.result")?;
    found.truncate(MOST_PAGES);
    Ok(found.join("\n\n"))
}
