//! Documents from pages and searches that Oxylabs scrapes.

use flowstone_core::{
    Document, Error, Input, Result, Spec,
    spec::{Choice, CredentialSlot, Field},
};
use flowstone_providers::oxylabs;
use futures::FutureExt;
use serde_json::{Map, Value, json};

use super::remote::{self, Remote, Source, document, filled, required};
use crate::documents::{self, TEXT_SPLITTER};

/// The canvas asks for it, and without one the pages stay whole.
const SPLITTER: Field = {
    let mut it = TEXT_SPLITTER.field;
    it.optional = false;
    it
};
const QUERY: Input<String> = Input::text("Query", "query")
    .describe("The address of a page for Universal, else what to look for");
const SOURCE: Input<String> = Input::options(
    "Source",
    "source",
    &[
        Choice::new("universal", "Universal").describe("Any page of the web"),
        Choice::new("google_search", "Google Search"),
        Choice::new("amazon_product", "Amazon Product").describe("A product by its ASIN"),
        Choice::new("amazon_search", "Amazon Search"),
    ],
)
.default("universal");
const PLACE: Input<Option<String>> = Input::text("Geolocation", "geo_location")
    .describe("Where the page is asked for from, such as a country or a postal code")
    .optional();
const RENDER: Input<bool> = Input::flag("Render", "render")
    .default(false)
    .describe("Runs the scripts of the page first")
    .may_be_empty();
const PARSE: Input<bool> = Input::flag("Parse", "parse")
    .default(false)
    .describe("Gives data instead of HTML, for kinds of pages that Oxylabs can take apart")
    .may_be_empty();
const AGENT: Input<Option<String>> = Input::options(
    "User Agent Type",
    "user_agent_type",
    &[
        Choice::new("desktop", "Desktop"),
        Choice::new("desktop_chrome", "Desktop Chrome"),
        Choice::new("desktop_edge", "Desktop Edge"),
        Choice::new("desktop_firefox", "Desktop Firefox"),
        Choice::new("desktop_opera", "Desktop Opera"),
        Choice::new("desktop_safari", "Desktop Safari"),
        Choice::new("mobile", "Mobile"),
        Choice::new("mobile_android", "Mobile Android"),
        Choice::new("mobile_ios", "Mobile iOS"),
        Choice::new("tablet", "Tablet"),
        Choice::new("tablet_android", "Tablet Android"),
        Choice::new("tablet_ios", "Tablet iOS"),
    ],
)
.describe("Which device and browser the page takes its reader for")
.optional();

static SPEC: Spec = Spec {
    label: "Oxylabs",
    name: "oxylabs",
    version: 1.0,
    kind: "Document",
    icon: "web-scraper.svg",
    category: "Document Loaders",
    description: "Makes documents of pages and searches that Oxylabs scrapes",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["oxylabsApi"]).labelled("Oxylabs API")),
    inputs: &[
        SPLITTER,
        QUERY.field,
        SOURCE.field,
        PLACE.field,
        RENDER.field,
        PARSE.field,
        AGENT.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) static NODE: Remote = Remote::new(&SPEC, oxylabs::ADDRESS, |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let user = remote::key(inputs, "username", "Oxylabs Username")?;
    let password = remote::key(inputs, "password", "Oxylabs Password")?;
    let kind = inputs.get(&SOURCE)?;
    if !SOURCE.field.options.iter().any(|it| it.name == kind) {
        return Err(Error::invalid(&SOURCE.field, format!("{kind} is no source of the list")));
    }
    let mut body = Map::new();
    let asked = if kind == "universal" { "url" } else { "query" };
    body.insert(asked.to_owned(), required(inputs, &QUERY)?.into());
    body.insert("source".to_owned(), kind.into());
    body.insert("parse".to_owned(), inputs.get(&PARSE)?.into());
    if inputs.get(&RENDER)? {
        body.insert("render".to_owned(), "html".into());
    }
    body.extend(filled(inputs.get(&PLACE)?).map(|it| ("geo_location".to_owned(), it.into())));
    body.extend(filled(inputs.get(&AGENT)?).map(|it| ("user_agent_type".to_owned(), it.into())));
    let found = oxylabs::query(&source.http, source.address, user, password, &body).await?;
    let made = |result: &Value| {
        let content = &result["content"];
        let text = content.as_str().map_or_else(|| content.to_string(), str::to_owned);
        let metadata = json!({"source": result["url"], "page": result["page"]});
        document(text, metadata)
    };
    Ok(found.iter().map(made).collect())
}
