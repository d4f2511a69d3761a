//! Documents from the issues of a Jira project.

use chrono::NaiveDate;
use flowstone_core::{Document, Error, Input, Result, Spec, spec::CredentialSlot};
use flowstone_providers::{confluence::Caller, jira};
use futures::FutureExt;
use serde_json::{Value, json};

use super::remote::{self, Remote, Source, document, filled, required, text};
use crate::documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER};

const HOST: Input<String> = Input::text("Host", "host")
    .describe("Where Jira is")
    .placeholder("https://example.atlassian.net");
const PROJECT: Input<String> = Input::text("Project Key", "projectKey")
    .default("main")
    .describe("What the keys of the project's issues begin with");
const PAGE: Input<Option<u64>> = Input::whole("Limit per request", "limitPerRequest")
    .step(1.0)
    .describe("How many issues are asked for at once; all are loaded")
    .placeholder("100")
    .optional();
const CREATED_AFTER: Input<Option<String>> = Input::text("Created after", "createdAfter")
    .describe("Loads the issues that were made since this day")
    .placeholder("2024-01-31")
    .optional();

static SPEC: Spec = Spec {
    label: "Jira",
    name: "jira",
    version: 1.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the issues of a Jira project",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["jiraApi"])),
    inputs: &[
        HOST.field,
        PROJECT.field,
        PAGE.field,
        CREATED_AFTER.field,
        TEXT_SPLITTER.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node. Where the service is, the form says.
pub(crate) static NODE: Remote = Remote::new(&SPEC, "", |it| load(it).boxed());

async fn load(source: Source<'_>) -> Result<Vec<Document>> {
    let inputs = source.inputs;
    let host = required(inputs, &HOST)?;
    let host = host.trim_end_matches('/');
    let project = required(inputs, &PROJECT)?;
    let page = match inputs.get(&PAGE)? {
        Some(0) => return Err(Error::invalid(&PAGE.field, "a number of 1 or more is expected")),
        page => usize::try_from(page.unwrap_or(100)).unwrap_or(100),
    };
    let caller = Caller::Cloud {
        user: remote::key(inputs, "username", "User Name")?,
        token: remote::key(inputs, "accessToken", "Access Token")?,
    };
    let after = filled(inputs.get(&CREATED_AFTER)?);
    let jql = query(&project, after.as_deref())?;
    let issues = jira::issues(&source.http, host, caller, &jql, page).await?;
    let made = |issue: &Value| {
        let metadata = json!({
            "id": issue["id"], "host": host, "projectKey": project,
            "created": issue["fields"]["created"],
        });
        document(written(issue, host), metadata)
    };
    Ok(issues.iter().map(made).collect())
}

/// The question for a project's issues. What a form says stays a value in it.
fn query(project: &str, after: Option<&str>) -> Result<String> {
    let quoted = project.replace('\\', "\\\\").replace('"', "\\\"");
    let mut jql = format!("project = \"{quoted}\"");
    if let Some(after) = after {
        let day = after.get(..10).and_then(|it| it.parse::<NaiveDate>().ok()).ok_or_else(|| {
            let reason = format!("{after} is no day such as 2024-01-31");
            Error::invalid(&CREATED_AFTER.field, reason)
        })?;
        jql = format!("{jql} AND created >= \"{day}\"");
    }
    Ok(format!("{jql} ORDER BY created ASC, key ASC"))
}

/// An issue line by line; what it does not say has no line.
fn written(issue: &Value, host: &str) -> String {
    let fields = &issue["fields"];
    let mut lines = vec![format!("Issue: {}", main_line(issue, host))];
    let project = &fields["project"];
    if project.is_object() {
        let (name, key, id) = (text(project, "/name"), text(project, "/key"), text(project, "/id"));
        lines.push(format!("Project: {name} ({key}, ID {id})"));
    }
    let mut line = |label: &str, value: String| {
        if !value.is_empty() {
            let blank = if value.starts_with('\n') { "" } else { " " };
            lines.push(format!("{label}:{blank}{value}"));
        }
    };
    for (label, pointer) in [
        ("Status", "/status/name"),
        ("Priority", "/priority/name"),
        ("Type", "/issuetype/name"),
        ("Creator", "/creator/displayName"),
    ] {
        line(label, text(fields, pointer).to_owned());
    }
    let labels = fields["labels"].as_array().into_iter().flatten().filter_map(Value::as_str);
    line("Labels", labels.collect::<Vec<_>>().join(", "));
    for (label, pointer) in
        [("Created", "/created"), ("Updated", "/updated"), ("Reporter", "/reporter/displayName")]
    {
        line(label, text(fields, pointer).to_owned());
    }
    let assignee = text(fields, "/assignee/displayName");
    line("Assignee", if assignee.is_empty() { "Unassigned" } else { assignee }.to_owned());
    line("Due Date", text(fields, "/duedate").to_owned());
    for (label, name) in [("Time Estimate", "timeestimate"), ("Time Spent", "timespent")] {
        line(label, fields[name].as_u64().map(|it| it.to_string()).unwrap_or_default());
    }
    line("Resolution Date", text(fields, "/resolutiondate").to_owned());
    line("Description", prose(&fields["description"]).trim().to_owned());
    if fields["parent"].is_object() {
        line("Parent Issue", main_line(&fields["parent"], host));
    }
    let subtasks = fields["subtasks"].as_array().into_iter().flatten();
    let subtasks: Vec<String> =
        subtasks.map(|it| format!("\n  - {}", main_line(it, host))).collect();
    line("Subtasks", subtasks.concat());
    let mut related = String::new();
    for link in fields["issuelinks"].as_array().into_iter().flatten() {
        for (issue, relation) in [("inwardIssue", "inward"), ("outwardIssue", "outward")] {
            if link[issue].is_object() {
                let relation = text(&link["type"], &format!("/{relation}"));
                related = format!("{related}\n  - {relation} {}", main_line(&link[issue], host));
            }
        }
    }
    line("Issue Links", related);
    lines.join("\n")
}

fn main_line(issue: &Value, host: &str) -> String {
    let (key, id) = (text(issue, "/key"), text(issue, "/id"));
    let summary = text(issue, "/fields/summary");
    format!("{key} (ID {id}) - {summary} ({host}/browse/{key})")
}

/// Elements of Atlassian's documents that stand on lines of their own.
const BLOCKS: &[&str] = &[
    "paragraph",
    "heading",
    "codeBlock",
    "blockquote",
    "bulletList",
    "orderedList",
    "table",
    "taskList",
    "listItem",
    "tableRow",
    "panel",
    "rule",
    "mediaSingle",
    "taskItem",
    "decisionItem",
    "expand",
];

/// The text of a description: plain, or a document of Atlassian's.
fn prose(node: &Value) -> String {
    if let Some(text) = node.as_str() {
        return text.to_owned();
    }
    let own = match node["type"].as_str() {
        Some("text") => text(node, "/text"),
        Some("hardBreak") => "\n",
        Some("mention" | "emoji" | "status" | "date") => text(node, "/attrs/text"),
        Some("inlineCard" | "blockCard") => text(node, "/attrs/url"),
        _ => "",
    };
    let mut written = own.to_owned();
    for child in node["content"].as_array().into_iter().flatten() {
        let is_block = child["type"].as_str().is_some_and(|it| BLOCKS.contains(&it));
        if is_block && !written.is_empty() && !written.ends_with('\n') {
            written.push('\n');
        }
        if child["type"] == "tableCell" && !written.is_empty() && !written.ends_with('\n') {
            written.push_str(" | ");
        }
        written.push_str(&prose(child));
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_keeps_what_the_form_says_as_values() {
        let jql = query("A\" OR 1=1", Some("2024-01-31T00:00:00Z")).unwrap();
        let expected = "project = \"A\\\" OR 1=1\" AND created >= \"2024-01-31\" \
                        ORDER BY created ASC, key ASC";
        assert_eq!(jql, expected);
        let said = query("A", Some("yesterday")).unwrap_err().to_string();
        assert_eq!(said, "Created after: yesterday is no day such as 2024-01-31");
    }

    #[test]
    fn descriptions_of_both_kinds_are_read() {
        assert_eq!(prose(&json!("plain")), "plain");
        let paragraph =
            |text: &str| json!({"type": "paragraph", "content": [{"type": "text", "text": text}]});
        let list = json!({"type": "bulletList", "content": [
            {"type": "listItem", "content": [paragraph("one")]},
            {"type": "listItem", "content": [paragraph("two")]},
        ]});
        let whole = json!({"type": "doc", "content": [paragraph("Open"), list, paragraph("End")]});
        assert_eq!(prose(&whole), "Open\none\ntwo\nEnd");
    }
}
