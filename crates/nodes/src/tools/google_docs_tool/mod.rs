//! Google Docs, in the name of a user that allowed it
//! (developers.google.com/workspace/docs/api/reference/rest).

mod rows;

use flowstone_core::{
    Error, Input, Inputs, Result, Spec,
    spec::{Choice, CredentialSlot},
};
use futures::{FutureExt, future::BoxFuture};
use serde_json::{Value, json};

use super::actions::{
    Action, Argument, Connection, Draft, Given, Group, ServiceTools, Verb, choices,
};
use crate::account;

const ACTIONS: Input<Vec<String>> = Input::multi_options("Actions", "actions", &CHOICES)
    .describe("What the model may do with documents; each is a tool");
const CHOICES: [Choice; 9] = choices(&DOCUMENTS);

static SPEC: Spec = Spec {
    label: "Google Docs",
    name: "googleDocsTool",
    version: 1.0,
    kind: "GoogleDocs",
    icon: "document-service.svg",
    category: "Tools",
    description: "Lets a model read and write documents of Google Docs",
    base_classes: &["Tool"],
    credential: Some(CredentialSlot::required(&["googleDocsOAuth2"])),
    inputs: &[
        ACTIONS.field,
        rows::DOCUMENT_ID,
        rows::TITLE,
        rows::TEXT,
        rows::INDEX,
        rows::REPLACE_TEXT,
        rows::NEW_TEXT,
        rows::MATCH_CASE,
        rows::IMAGE_URL,
        rows::ROWS,
        rows::COLUMNS,
        rows::INCLUDE_TABS_CONTENT,
    ],
    ..Spec::EMPTY
};

const GROUPS: &[Group] = &[Group { kind: "", row: &ACTIONS, actions: &DOCUMENTS }];

/// The node.
pub(crate) static NODE: ServiceTools = ServiceTools::new(&SPEC, None, GROUPS, connect);

fn connect(inputs: &Inputs) -> BoxFuture<'_, Result<Connection>> {
    let address = ("https://docs.googleapis.com", "/v1/");
    let kind = "googleDocsOAuth2";
    async move { Connection::of_account("Google Docs", address, kind, inputs, account::GOOGLE) }
        .boxed()
}

/// Where changes of a document are sent.
const CHANGES: &str = "documents/{documentId}:batchUpdate";

const DOCUMENT: Argument =
    Argument::text("documentId", "The id of the document, as in its address behind /d/")
        .required()
        .row(&rows::DOCUMENT_ID);
const TEXT: Argument = Argument::text("text", "The text that is put in").row(&rows::TEXT).aside();
const INDEX: Argument =
    Argument::whole("index", "Where it is put in: 1 is the beginning").row(&rows::INDEX).aside();
const SOUGHT: Argument =
    Argument::text("replaceText", "The text that is looked for").row(&rows::REPLACE_TEXT).aside();
const REPLACEMENT: Argument =
    Argument::text("newText", "What stands in its place afterwards").row(&rows::NEW_TEXT).aside();
const CASE: Argument =
    Argument::flag("matchCase", "Capital and small letters differ").row(&rows::MATCH_CASE).aside();
const IMAGE: Argument =
    Argument::text("imageUrl", "The public address of a picture").row(&rows::IMAGE_URL).aside();
const ROWS: Argument =
    Argument::whole("rows", "How many rows a table has").row(&rows::ROWS).aside();
const COLUMNS: Argument =
    Argument::whole("columns", "How many columns a table has").row(&rows::COLUMNS).aside();
const TABS: Argument =
    Argument::flag("includeTabsContent", "Gives all tabs and not the first alone")
        .row(&rows::INCLUDE_TABS_CONTENT);

const DOCUMENTS: [Action; 9] = [
    Action {
        choice: "createDocument",
        label: "Create Document",
        description: "Makes a document, with a text, a picture or a table in it where they are said",
        arguments: &[
            Argument::text("title", "The title of the document").required().row(&rows::TITLE),
            TEXT,
            INDEX,
            IMAGE,
            ROWS,
            COLUMNS,
        ],
        then: Some(first_content),
        ..Action::post("documents")
    },
    Action {
        choice: "getDocument",
        label: "Get Document",
        description: "Reads a document with all its structure",
        arguments: &[DOCUMENT, TABS],
        ..Action::get("documents/{documentId}")
    },
    Action {
        choice: "updateDocument",
        label: "Update Document",
        description: "Replaces text in a document, or puts a text, a picture or a table into it",
        arguments: &[DOCUMENT, TEXT, INDEX, SOUGHT, REPLACEMENT, CASE, IMAGE, ROWS, COLUMNS],
        tried: Some(changed),
        ..Action::post(CHANGES)
    },
    Action {
        choice: "insertText",
        label: "Insert Text",
        description: "Puts a text into a document",
        arguments: &[DOCUMENT, TEXT.required(), INDEX],
        tried: Some(changed),
        ..Action::post(CHANGES)
    },
    Action {
        choice: "replaceText",
        label: "Replace Text",
        description: "Replaces a text wherever it stands in a document",
        arguments: &[DOCUMENT, SOUGHT.required(), REPLACEMENT.required(), CASE],
        tried: Some(changed),
        ..Action::post(CHANGES)
    },
    Action {
        choice: "appendText",
        label: "Append Text",
        description: "Puts a text at the end of a document",
        arguments: &[DOCUMENT, TEXT.required()],
        made: Some(appended),
        ..Action::post(CHANGES)
    },
    Action {
        choice: "getTextContent",
        label: "Get Text Content",
        description: "Reads the text of a document",
        arguments: &[DOCUMENT, TABS],
        told: Some(told_as_text),
        ..Action::get("documents/{documentId}")
    },
    Action {
        choice: "insertImage",
        label: "Insert Image",
        description: "Puts a picture into a document",
        arguments: &[DOCUMENT, IMAGE.required(), INDEX],
        tried: Some(changed),
        ..Action::post(CHANGES)
    },
    Action {
        choice: "createTable",
        label: "Create Table",
        description: "Puts an empty table into a document",
        arguments: &[DOCUMENT, ROWS.required(), COLUMNS.required(), INDEX],
        tried: Some(changed),
        ..Action::post(CHANGES)
    },
];

/// The changes that were said, in the order they are made. All are put in at one place, so what is
/// said last stands first.
fn changes(given: &Given) -> Vec<Value> {
    let index = given.value("index").cloned().unwrap_or_else(|| 1.into());
    let place = json!({"index": index});
    let mut changes = Vec::new();
    if let (Some(sought), Some(replacement)) = (given.text("replaceText"), given.text("newText")) {
        let sought = json!({"text": sought, "matchCase": given.is("matchCase")});
        let replacement = json!({"containsText": sought, "replaceText": replacement});
        changes.push(json!({"replaceAllText": replacement}));
    }
    if let Some(text) = given.text("text") {
        changes.push(json!({"insertText": {"location": place, "text": text}}));
    }
    if let Some(address) = given.text("imageUrl") {
        changes.push(json!({"insertInlineImage": {"location": place, "uri": address}}));
    }
    if let (Some(rows), Some(columns)) = (given.value("rows"), given.value("columns")) {
        let table = json!({"location": place, "rows": rows, "columns": columns});
        changes.push(json!({"insertTable": table}));
    }
    changes
}

fn changed(given: &Given, draft: &mut Draft) -> Result<()> {
    let changes = changes(given);
    if changes.is_empty() {
        return Err(Error::ModelAnswer(
            "It is not said what to change: give text, replaceText with newText, imageUrl, or rows \
             with columns. Call again."
                .to_owned(),
        ));
    }
    draft.put("requests", changes);
    Ok(())
}

fn appended(given: &Given, draft: &mut Draft) {
    let text = given.text("text");
    draft.put("requests", json!([{"insertText": {"endOfSegmentLocation": {}, "text": text}}]));
}

/// What goes into a document that was just made.
fn first_content(given: &Given, made: &Value) -> Option<Draft> {
    let changes = changes(given);
    let id = made["documentId"].as_str().filter(|_| !changes.is_empty())?;
    let path = format!("documents/{}:batchUpdate", flowstone_providers::service::segment(id));
    Some(Draft::new(Verb::Post, path).json(json!({"requests": changes})))
}

fn told_as_text(_: &Given, document: &Value) -> String {
    let mut text = String::new();
    match document["tabs"].as_array() {
        Some(tabs) => tabs.iter().for_each(|it| write_tab(it, &mut text)),
        None => write(&document["body"]["content"], &mut text),
    }
    match text.trim() {
        "" => "The document holds no text.".to_owned(),
        text => text.to_owned(),
    }
}

fn write_tab(tab: &Value, text: &mut String) {
    if let Some(title) = tab["tabProperties"]["title"].as_str() {
        text.extend(["# ", title, "\n"]);
    }
    write(&tab["documentTab"]["body"]["content"], text);
    tab["childTabs"].as_array().into_iter().flatten().for_each(|it| write_tab(it, text));
}

/// Paragraphs as they are, and tables with one line a row.
fn write(content: &Value, text: &mut String) {
    for element in content.as_array().into_iter().flatten() {
        for run in element["paragraph"]["elements"].as_array().into_iter().flatten() {
            text.push_str(run["textRun"]["content"].as_str().unwrap_or_default());
        }
        for row in element["table"]["tableRows"].as_array().into_iter().flatten() {
            let cells = row["tableCells"].as_array().into_iter().flatten().map(|cell| {
                let mut inside = String::new();
                write(&cell["content"], &mut inside);
                inside.trim().replace('\n', " ")
            });
            text.push_str(&cells.collect::<Vec<_>>().join(" | "));
            text.push('\n');
        }
        write(&element["tableOfContents"]["content"], text);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn the_text_of_a_document_is_told_with_its_tables_and_tabs() {
        let line =
            |text: &str| json!({"paragraph": {"elements": [{"textRun": {"content": text}}]}});
        let cell = |text: &str| json!({"content": [line(text)]});
        let table = json!({"table": {"tableRows": [{"tableCells": [cell("a\n"), cell("b\n")]}]}});
        let body = json!({"content": [line("One\n"), table, line("Two\n")]});
        let given = Given::of(&[], &Map::new(), &Map::new()).unwrap();
        let told = told_as_text(&given, &json!({"body": body}));
        assert_eq!(told, "One\na | b\nTwo");
        let tab = json!({
            "tabProperties": {"title": "First"}, "documentTab": {"body": body},
            "childTabs": [{"documentTab": {"body": {"content": [line("Three\n")]}}}],
        });
        let told = told_as_text(&given, &json!({"tabs": [tab]}));
        assert_eq!(told, "# First\nOne\na | b\nTwo\nThree");
        assert_eq!(told_as_text(&given, &json!({})), "The document holds no text.");
    }
}
