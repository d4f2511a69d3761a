//! Tools that run at OpenAI: how they are asked for, and what comes of them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Hosted, HostedFile, HostedTool, Result, UsedTool};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Responses;

/// The tools by their names, and how each is asked for.
const TOOLS: &[(&str, &str)] = &[
    ("web_search_preview", r#"{"type":"web_search_preview"}"#),
    (INTERPRETER, r#"{"type":"code_interpreter","container":{"type":"auto"}}"#),
    ("image_generation", r#"{"type":"image_generation"}"#),
    ("file_search", r#"{"type":"file_search"}"#),
];
/// The tool whose logs come only where they are asked for.
pub(super) const INTERPRETER: &str = "code_interpreter";
/// Where files lie in the vendor's containers, as answers name them.
const FOLDER: &str = "sandbox:/mnt/data/";

/// A tool as the wire has it.
///
/// # Errors
/// Names those that there are.
pub(super) fn tool(asked: &HostedTool) -> Result<Value> {
    let found = TOOLS.iter().find(|(known, _)| *known == asked.name);
    let tool = found.and_then(|(_, text)| serde_json::from_str::<Map<String, Value>>(text).ok());
    let mut tool = tool.ok_or_else(|| {
        let names: Vec<&str> = TOOLS.iter().map(|(name, _)| *name).collect();
        Error::Unsupported(format!(
            "OpenAI has no tool {} of its own. Those that it has are: {}",
            asked.name,
            names.join(", ")
        ))
    })?;
    tool.extend(asked.settings.clone());
    Ok(tool.into())
}

/// A search of the web.
#[derive(Deserialize)]
pub(super) struct Search {
    #[serde(default)]
    action: Value,
    #[serde(default)]
    status: Option<String>,
}

/// Python that was run.
#[derive(Deserialize)]
pub(super) struct Interpreted {
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    outputs: Option<Vec<Value>>,
    #[serde(default)]
    status: Option<String>,
}

/// A picture that was drawn.
#[derive(Deserialize)]
pub(super) struct Drawn {
    /// In base64.
    #[serde(default)]
    result: Option<String>,
    #[serde(default)]
    output_format: Option<String>,
    #[serde(default)]
    revised_prompt: Option<String>,
    #[serde(default)]
    status: Option<String>,
}

impl Search {
    pub(super) fn keep(self, hosted: &mut Hosted) {
        hosted.used.push(UsedTool {
            tool: "web_search_preview".to_owned(),
            tool_input: self.action,
            tool_output: json!([]),
            error: failed(self.status.as_deref()),
            ..UsedTool::default()
        });
    }
}

impl Interpreted {
    pub(super) fn keep(self, hosted: &mut Hosted) {
        let outputs = self.outputs.unwrap_or_default();
        let logs: Vec<&str> = outputs.iter().filter_map(|it| it["logs"].as_str()).collect();
        hosted.used.push(UsedTool {
            tool: INTERPRETER.to_owned(),
            tool_input: json!({ "code": self.code }),
            tool_output: logs.join("\n").into(),
            error: failed(self.status.as_deref()),
            ..UsedTool::default()
        });
    }
}

impl Drawn {
    pub(super) fn keep(self, hosted: &mut Hosted) {
        let kind = self.output_format.unwrap_or_else(|| "png".to_owned());
        let name = format!("image-{}.{kind}", hosted.files.len() + 1);
        hosted.used.push(UsedTool {
            tool: "image_generation".to_owned(),
            tool_input: json!({ "prompt": self.revised_prompt }),
            tool_output: if self.result.is_some() { name.clone().into() } else { json!("") },
            error: failed(self.status.as_deref()),
            ..UsedTool::default()
        });
        if let Some(base64) = self.result {
            hosted.files.push(HostedFile { name, base64, link: None });
        }
    }
}

fn failed(status: Option<&str>) -> Option<String> {
    let failed = status.filter(|it| matches!(*it, "failed" | "incomplete"));
    failed.map(|it| format!("the vendor says that the call is {it}"))
}

/// A place in an answer that names a file or a page.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Annotation {
    UrlCitation {
        url: String,
        #[serde(default)]
        title: Option<String>,
    },
    ContainerFileCitation {
        container_id: String,
        file_id: String,
        filename: String,
    },
    #[serde(other)]
    Other,
}

/// A file in one of the vendor's containers.
#[derive(Debug, PartialEq, Eq)]
struct Cited {
    container: String,
    file: String,
    name: String,
}

/// Takes what an answer names: pages become the result of the last search, files are fetched.
pub(super) async fn cite(model: &Responses, named: Vec<Value>, hosted: &mut Hosted) {
    let mut files: Vec<Cited> = Vec::new();
    for annotation in named {
        match serde_json::from_value(annotation).unwrap_or(Annotation::Other) {
            Annotation::UrlCitation { url, title } => found(url, title, hosted),
            Annotation::ContainerFileCitation { container_id, file_id, filename } => {
                let name = filename.rsplit('/').next().unwrap_or_default().to_owned();
                let file = Cited { container: container_id, file: file_id, name };
                if !files.contains(&file) {
                    files.push(file);
                }
            }
            Annotation::Other => {}
        }
    }
    for file in files {
        file.fetch(model, hosted).await;
    }
}

fn found(url: String, title: Option<String>, hosted: &mut Hosted) {
    let search = hosted.used.iter_mut().rev().find(|it| it.tool == "web_search_preview");
    let found = search.and_then(|it| it.tool_output.as_array_mut());
    let page = json!({ "url": url, "title": title });
    if let Some(found) = found.filter(|it| !it.contains(&page)) {
        found.push(page);
    }
}

impl Cited {
    /// Fetches the file. One that cannot be had does not cost the answer: the call says so.
    async fn fetch(self, model: &Responses, hosted: &mut Hosted) {
        match model.file(&self.container, &self.file).await {
            Ok(content) => {
                let link = Some(format!("{FOLDER}{}", self.name));
                let base64 = STANDARD.encode(content);
                hosted.files.push(HostedFile { name: self.name, base64, link });
            }
            Err(error) => {
                let call = hosted.used.iter_mut().rev().find(|it| it.tool == INTERPRETER);
                if let Some(call) = call {
                    call.error = Some(format!("the file {} could not be had: {error}", self.name));
                }
            }
        }
    }
}
