//! Scientific papers of arxiv.org.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    spec::Default,
};
use flowstone_providers::HttpClient;
use quick_xml::{Reader, events::Event};
use serde_json::{Map, Value};

use super::{cut, requests};

/// See info.arxiv.org/help/api/user-manual.html.
const ADDRESS: &str = "https://export.arxiv.org/api/query";

/// Longest answer that is read, in characters.
const LONGEST: usize = 2_000_000;

const NAME: Input<Option<String>> = Input::text("Name", "arxivName")
    .default("arxiv_search")
    .describe("What the model calls the tool")
    .additional()
    .optional();
const DESCRIPTION: Input<Option<String>> = Input::text("Description", "arxivDescription")
    .rows(4)
    .default(DEFAULT_DESCRIPTION)
    .describe("Tells the model when to use the tool")
    .additional()
    .optional();
const DEFAULT_DESCRIPTION: &str = "Finds scientific papers on arxiv.org on physics, mathematics, \
    computer science, biology, finance, statistics, engineering and economics: by words, or by \
    numbers of papers such as 1605.08386.";
const TOP_K: Input<Option<u64>> =
    whole_row("Top K Results", "topKResults", "3").describe("How many papers are given at most");
const MAX_QUERY: Input<Option<u64>> = whole_row("Max Query Length", "maxQueryLength", "300")
    .describe("What the model looks for is cut to this many characters");
const MAX_CONTENT: Input<Option<u64>> =
    whole_row("Max Content Length", "docContentCharsMax", "10000")
        .describe("Longest answer in characters; empty for all of it");
const FULL: Input<bool> = Input::flag("Load Full Content", "loadFullContent")
    .default(false)
    .describe("Gives the whole papers and not only their summaries")
    .may_be_empty()
    .additional();
const GO_ON: Input<bool> = Input::flag("Continue On Failure", "continueOnFailure")
    .default(false)
    .describe("Gives the summary of a paper whose text cannot be read, instead of failing")
    .may_be_empty()
    .additional();
const LEGACY: Input<bool> = Input::flag("Use Legacy Build", "legacyBuild")
    .default(false)
    .describe("Kept for flows of older installations: one reader reads all papers")
    .may_be_empty()
    .additional();

const fn whole_row(
    label: &'static str,
    name: &'static str,
    value: &'static str,
) -> Input<Option<u64>> {
    let mut it = Input::whole(label, name).step(1.0).additional().optional();
    it.field.default = Default::Text(value);
    it
}

static SPEC: Spec = Spec {
    label: "Arxiv",
    name: "arxiv",
    version: 1.0,
    kind: "Arxiv",
    icon: "web-search.svg",
    category: "Tools",
    description: "Lets a model find scientific papers",
    base_classes: &["Arxiv", "DynamicStructuredTool", "StructuredTool", "Runnable"],
    inputs: &[
        NAME.field,
        DESCRIPTION.field,
        TOP_K.field,
        MAX_QUERY.field,
        MAX_CONTENT.field,
        FULL.field,
        GO_ON.field,
        LEGACY.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct Arxiv;

#[async_trait]
impl Node for Arxiv {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Tool(Arc::new(tool(inputs, ADDRESS)?)))
    }
}

/// The tool over the service at `address`.
pub(super) fn tool(inputs: &Inputs, address: &str) -> Result<impl Tool + use<>> {
    let size = |row: &Input<Option<u64>>, otherwise: usize| -> Result<usize> {
        let set = inputs.get(row)?.and_then(|it| usize::try_from(it).ok());
        Ok(set.filter(|it| *it > 0).unwrap_or(otherwise))
    };
    if inputs.get(&FULL)? && !inputs.get(&GO_ON)? {
        return Err(Error::invalid(
            &FULL.field,
            "whole papers are PDF files, which this tool does not read: switch this off, or \
             Continue On Failure on, to get their summaries",
        ));
    }
    Ok(Library {
        spec: ToolSpec {
            name: super::name_for_models(&inputs.get(&NAME)?.unwrap_or_default(), "arxiv_search"),
            description: inputs
                .get(&DESCRIPTION)?
                .unwrap_or_else(|| DEFAULT_DESCRIPTION.to_owned()),
            parameters: super::one_text("Words to look for, or numbers of papers"),
        },
        address: address.to_owned(),
        most: size(&TOP_K, 3)?,
        longest_query: size(&MAX_QUERY, 300)?,
        longest_answer: size(&MAX_CONTENT, LONGEST)?,
    })
}

struct Library {
    spec: ToolSpec,
    address: String,
    most: usize,
    longest_query: usize,
    longest_answer: usize,
}

#[async_trait]
impl Tool for Library {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let query = cut(super::text_of(arguments, "input")?.trim(), self.longest_query);
        let http = run.services.get::<HttpClient>()?;
        let request = http.get(&self.address)?;
        let request = match numbers(query) {
            Some(list) => request.query("id_list", list),
            None => {
                // Signs of the query language are words of nobody.
                let words = query.replace([':', '-', '(', ')', '"'], " ");
                request.query("search_query", format!("all:{}", words.trim()))
            }
        };
        let response = request.query("start", 0).query("max_results", self.most).send().await?;
        let feed = requests::answer(response, Some(LONGEST)).await?;
        let papers = papers(&feed)?;
        if papers.is_empty() {
            return Ok(ToolResult::text("No paper was found."));
        }
        let texts: Vec<String> = papers.iter().map(Paper::told).collect();
        Ok(ToolResult::text(cut(&texts.join("\n\n---\n\n"), self.longest_answer)))
    }
}

/// The numbers of papers that the query consists of (`2301.01234v2`, `hep-th/9901001`), with
/// commas; `None` where it holds anything else.
fn numbers(query: &str) -> Option<String> {
    let words: Vec<&str> = query.split([' ', ',']).filter(|it| !it.is_empty()).collect();
    let is_number = |word: &&str| {
        let (front, digits) = word.split_once(['.', '/']).unwrap_or_default();
        let digits = digits.split_once('v').map_or(digits, |(digits, _)| digits);
        let all = |text: &str| !text.is_empty() && text.chars().all(|it| it.is_ascii_digit());
        all(digits) && digits.len() >= 4 && (front.len() == 4 && all(front) || word.contains('/'))
    };
    (!words.is_empty() && words.iter().all(is_number)).then(|| words.join(","))
}

/// A paper of an Atom feed.
#[derive(Debug, PartialEq, ::core::default::Default)]
struct Paper {
    link: String,
    title: String,
    published: String,
    summary: String,
    authors: Vec<String>,
}

impl Paper {
    fn told(&self) -> String {
        format!(
            "Published: {}\nTitle: {}\nAuthors: {}\nAddress: {}\nSummary: {}",
            self.published,
            self.title,
            self.authors.join(", "),
            self.link,
            self.summary
        )
    }

    fn set(&mut self, element: &str, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match element {
            "id" => self.link = text,
            "title" => self.title = text,
            "published" => self.published = text,
            "summary" => self.summary = text,
            "name" => self.authors.push(text),
            _ => {}
        }
    }
}

fn papers(feed: &str) -> Result<Vec<Paper>> {
    let broken = || Error::Transport("arxiv.org did not answer a list of papers".to_owned());
    let mut reader = Reader::from_str(feed);
    let mut papers: Vec<Paper> = Vec::new();
    let (mut inside, mut text) = (false, String::new());
    loop {
        match reader.read_event().map_err(|_| broken())? {
            Event::Start(element) if element.local_name().as_ref() == "entry" => {
                inside = true;
                papers.push(Paper::default());
            }
            Event::Start(_) => text.clear(),
            Event::Text(piece) => text.push_str(&piece),
            Event::GeneralRef(name) => {
                let reference = format!("&{};", &*name);
                text.push_str(&quick_xml::escape::unescape(&reference).map_err(|_| broken())?);
            }
            Event::End(element) if element.local_name().as_ref() == "entry" => inside = false,
            Event::End(element) => {
                let name = element.local_name();
                if let (true, Some(paper)) = (inside, papers.last_mut()) {
                    paper.set(name.as_ref(), &text);
                }
                text.clear();
            }
            Event::Eof => break,
            _ => {}
        }
    }
    // What went wrong is told as if it were a paper.
    if let Some(error) = papers.iter().find(|it| it.link.contains("/api/errors")) {
        return Err(Error::Transport(format!("arxiv.org says: {}", error.summary)));
    }
    Ok(papers)
}
