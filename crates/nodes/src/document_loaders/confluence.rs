//! Documents from the pages of a Confluence space.

use flowstone_core::{Document, Error, Input, Inputs, Result, Spec, spec::CredentialSlot};
use flowstone_providers::confluence::{self, Caller};
use futures::FutureExt;
use serde_json::{Value, json};

use super::remote::{self, Remote, Source, document, required, text};
use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    html_text,
};

const BASE_URL: Input<String> = Input::text("Base URL", "baseUrl")
    .describe("Where Confluence is; that of the cloud ends in /wiki")
    .placeholder("https://example.atlassian.net/wiki");
const SPACE: Input<String> = Input::text("Space Key", "spaceKey")
    .describe("The part of a page's address behind /spaces/")
    .placeholder("~EXAMPLE362906de5d343d49dcdbae5dEXAMPLE");
const LIMIT: Input<Option<u64>> = Input::whole("Limit", "limit")
    .default(0)
    .describe("Most pages that are loaded; 0 for all of the space")
    .optional();

static SPEC: Spec = Spec {
    label: "Confluence",
    name: "confluence",
    version: 2.0,
    kind: "Document",
    icon: "document-service.svg",
    category: "Document Loaders",
    description: "Makes documents of the pages of a Confluence space",
    base_classes: &["Document"],
    credential: Some(CredentialSlot::required(&["confluenceCloudApi", "confluenceServerDCApi"])),
    inputs: &[
        TEXT_SPLITTER.field,
        BASE_URL.field,
        SPACE.field,
        LIMIT.field,
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
    let base = required(inputs, &BASE_URL)?;
    let space = required(inputs, &SPACE)?;
    let most = match inputs.get(&LIMIT)? {
        None | Some(0) => usize::MAX,
        Some(most) => usize::try_from(most).unwrap_or(usize::MAX),
    };
    let pages = confluence::pages(&source.http, &base, caller(inputs)?, &space, most).await?;
    let base = base.trim_end_matches('/').to_owned();
    documents::blocking(move || {
        pages.iter().map(|page| document_of(page, &base, &space)).collect::<Result<Vec<_>>>()
    })
    .await
}

/// A token of a server stands alone, one of the cloud goes with its user.
fn caller(inputs: &Inputs) -> Result<Caller<'_>> {
    match inputs.credential()?.get("personalAccessToken") {
        Some(token) => Ok(Caller::Server(token)),
        None => Ok(Caller::Cloud {
            user: remote::key(inputs, "username", "Username")?,
            token: remote::key(inputs, "accessToken", "Access Token")?,
        }),
    }
}

fn document_of(page: &Value, base: &str, space: &str) -> Result<Document> {
    let title = text(page, "/title");
    let html = with_code(text(page, "/body/storage/value"));
    let content = html_text::Page::parse(&html)
        .map_err(|error| Error::Transport(format!("the page \"{title}\": {error}")))?
        .text();
    let id = text(page, "/id");
    let version = &page["version"];
    let metadata = json!({
        "id": id,
        "status": page["status"],
        "title": title,
        "type": page["type"],
        "url": format!("{base}/spaces/{space}/pages/{id}"),
        "version": version["number"],
        "updated_by": version["by"]["displayName"],
        "updated_at": version["when"],
    });
    Ok(document(content, metadata))
}

/// Pages hold code as character data, which readers of HTML take for comments: written out as it is
/// to be read.
fn with_code(html: &str) -> String {
    let mut written = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, code)) = rest.split_once("<![CDATA[") {
        let (code, after) = code.split_once("]]>").unwrap_or((code, ""));
        let code = code.replace('&', "&amp;").replace('<', "&lt;");
        written.push_str(before);
        written.push_str("<pre>");
        written.push_str(&code);
        written.push_str("</pre>");
        rest = after;
    }
    written + rest
}
