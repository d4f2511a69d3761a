//! Search results made for models, by Tavily.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Node, Result, Spec,
    spec::{Choice, CredentialSlot},
};
use serde_json::{Map, Value};

use super::web_search::{self, WebSearch};

const TOPIC: Input<Option<String>> = Input::options(
    "Topic",
    "topic",
    &[Choice::new("general", "General"), Choice::new("news", "News")],
)
.default("general")
.describe("News are searched in the press only")
.additional()
.optional();
const DEPTH: Input<Option<String>> = Input::options(
    "Search Depth",
    "searchDepth",
    &[Choice::new("basic", "Basic"), Choice::new("advanced", "Advanced")],
)
.default("basic")
.describe("An advanced search finds more and costs twice as much")
.additional()
.optional();
const CHUNKS: Input<Option<u64>> = Input::whole("Chunks Per Source", "chunksPerSource")
    .default(3)
    .describe("How many passages of a page are given, 1 to 3, in advanced searches")
    .additional()
    .optional();
const MAX_RESULTS: Input<Option<u64>> = Input::whole("Max Results", "maxResults")
    .default(5)
    .describe("How many pages are given, up to 20")
    .additional()
    .optional();
const TIME_RANGE: Input<Option<String>> = Input::options(
    "Time Range",
    "timeRange",
    &[
        Choice::new("day", "Day"),
        Choice::new("week", "Week"),
        Choice::new("month", "Month"),
        Choice::new("year", "Year"),
    ],
)
.describe("How old pages may be")
.additional()
.optional();
const DAYS: Input<Option<u64>> = Input::whole("Days", "days")
    .default(7)
    .describe("How many days back news may be")
    .additional()
    .optional();
const ANSWER: Input<bool> = Input::flag("Include Answer", "includeAnswer")
    .default(false)
    .describe("Tavily answers the question itself as well")
    .may_be_empty()
    .additional();
const RAW: Input<bool> = Input::flag("Include Raw Content", "includeRawContent")
    .default(false)
    .describe("The whole text of each page is given as well")
    .may_be_empty()
    .additional();
const IMAGES: Input<bool> = Input::flag("Include Images", "includeImages")
    .default(false)
    .describe("Pictures that fit are given as well")
    .may_be_empty()
    .additional();
const IMAGE_TEXTS: Input<bool> =
    Input::flag("Include Image Descriptions", "includeImageDescriptions")
        .default(false)
        .describe("Each picture comes with what it shows")
        .may_be_empty()
        .additional();
const INCLUDE: Input<Option<String>> = Input::text("Include Domains", "includeDomains")
    .describe("Only these sites are searched, with commas between them")
    .additional()
    .optional();
const EXCLUDE: Input<Option<String>> = Input::text("Exclude Domains", "excludeDomains")
    .describe("These sites are left out, with commas between them")
    .additional()
    .optional();

static SPEC: Spec = Spec {
    label: "Tavily API",
    name: "tavilyAPI",
    version: 1.2,
    kind: "TavilyAPI",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model search with Tavily",
    base_classes: &["TavilyAPI", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::required(&["tavilyApi"])),
    inputs: &[
        TOPIC.field,
        DEPTH.field,
        CHUNKS.field,
        MAX_RESULTS.field,
        TIME_RANGE.field,
        DAYS.field,
        ANSWER.field,
        RAW.field,
        IMAGES.field,
        IMAGE_TEXTS.field,
        INCLUDE.field,
        EXCLUDE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct TavilyApi;

#[async_trait]
impl Node for TavilyApi {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// See docs.tavily.com/documentation/api-reference/endpoint/search.
const ADDRESS: &str = "https://api.tavily.com/search";

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<WebSearch> {
    let key = inputs.credential()?.require("tavilyApiKey", "Tavily Api Key")?.to_owned();
    let address = address.to_owned();
    let settings = settings(inputs)?;
    let about = "Searches the web for current and trustworthy results.";
    Ok(WebSearch::new("tavily_search", about, read, move |http, query| {
        let mut body = settings.clone();
        body.insert("query".to_owned(), query.into());
        Ok(http.post(&address)?.bearer(&key).json(&body))
    }))
}

/// The body without the query.
fn settings(inputs: &Inputs) -> Result<Map<String, Value>> {
    let topic = inputs.get(&TOPIC)?.unwrap_or_else(|| "general".to_owned());
    let depth = inputs.get(&DEPTH)?.unwrap_or_else(|| "basic".to_owned());
    let include_images = inputs.get(&IMAGES)?;
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    if let Some(count) = inputs.get(&MAX_RESULTS)? {
        set("max_results", count.into());
    }
    // Tavily refuses settings that do not go with the others.
    if let Some(count) = inputs.get(&CHUNKS)?.filter(|_| depth == "advanced") {
        set("chunks_per_source", count.into());
    }
    if let Some(days) = inputs.get(&DAYS)?.filter(|_| topic == "news") {
        set("days", days.into());
    }
    if let Some(range) = inputs.get(&TIME_RANGE)? {
        set("time_range", range.into());
    }
    set("include_answer", inputs.get(&ANSWER)?.into());
    set("include_raw_content", inputs.get(&RAW)?.into());
    set("include_images", include_images.into());
    set("include_image_descriptions", (include_images && inputs.get(&IMAGE_TEXTS)?).into());
    for (name, row) in [("include_domains", &INCLUDE), ("exclude_domains", &EXCLUDE)] {
        if let Some(text) = inputs.get(row)? {
            set(name, web_search::listed(&text).into());
        }
    }
    set("topic", topic.into());
    set("search_depth", depth.into());
    Ok(body)
}

/// What Tavily says of the call itself, not of what it found.
const ABOUT_THE_CALL: [&str; 4] = ["query", "response_time", "request_id", "follow_up_questions"];

fn read(text: &str) -> Result<String> {
    let mut found = web_search::json(text)?;
    if let Some(map) = found.as_object_mut() {
        map.retain(|name, it| !it.is_null() && !ABOUT_THE_CALL.contains(&name.as_str()));
    }
    Ok(found.to_string())
}
