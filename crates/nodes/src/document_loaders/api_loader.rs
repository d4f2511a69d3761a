//! Documents from what an API answers.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Document, Error, Input, Inputs, Node, Result, Spec,
    spec::{Choice, Field},
};
use flowstone_providers::http::Method;
use serde_json::{Map, Value, json};

use crate::{
    documents::{self, METADATA, OMIT_METADATA_KEYS, TEXT_SPLITTER},
    files,
};

const METHOD: Input<String> =
    Input::options("Method", "method", &[Choice::plain("GET"), Choice::plain("POST")]);
const URL: Input<String> = Input::text("URL", "url");
const HEADERS: Input<Option<Value>> = Input::json("Headers", "headers")
    .describe("A JSON object of headers to send, such as {\"x-api-key\": \"…\"}")
    .optional()
    .additional();
const CERTIFICATE: Input<Option<Value>> = {
    let mut it = Input::of("SSL Certificate", "caFile", "file")
        .describe("Certificates (PEM) of an authority that is trusted for this call on top")
        .optional()
        .additional();
    it.field.file_type = Some(".pem, .crt");
    it
};
const BODY: Input<Option<Value>> =
    Input::json("Body", "body").describe("What a POST sends, as JSON").optional().additional();

/// Longest answer that is read, in bytes.
const LONGEST: usize = 64 << 20;

static SPEC: Spec = Spec {
    label: "API Loader",
    name: "apiLoader",
    version: 2.1,
    kind: "Document",
    icon: "api-loader.svg",
    category: "Document Loaders",
    description: "Makes documents of what an API answers",
    base_classes: &["Document"],
    inputs: &[
        TEXT_SPLITTER.field,
        METHOD.field,
        URL.field,
        HEADERS.field,
        CERTIFICATE.field,
        BODY.field,
        METADATA.field,
        OMIT_METADATA_KEYS.field,
    ],
    outputs: documents::OUTPUTS,
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct ApiLoader;

#[async_trait]
impl Node for ApiLoader {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let url = inputs.get(&URL)?.trim().to_owned();
        let answer = ask(inputs, &url).await?;
        let entries = match answer {
            Value::Array(entries) => entries,
            other => vec![other],
        };
        let document = |entry: Value| {
            let metadata = Map::from_iter([("url".to_owned(), url.clone().into())]);
            Document { page_content: text(entry), metadata, id: None }
        };
        documents::hand_on(entries.into_iter().map(document).collect(), inputs).await
    }
}

/// What the API answers: JSON, or text where it is none.
async fn ask(inputs: &Inputs, url: &str) -> Result<Value> {
    let client = files::trusting(&CERTIFICATE.field, inputs).await?;
    let method = inputs.get(&METHOD)?;
    let mut request = match method.as_str() {
        "GET" => client.get(url)?,
        "POST" => {
            let body = inputs.get(&BODY)?.unwrap_or_else(|| json!({}));
            client.request(Method::POST, url)?.json(&body)
        }
        other => {
            let reason = format!("{other} is neither GET nor POST");
            return Err(Error::invalid(&METHOD.field, reason));
        }
    };
    for (name, value) in object(&HEADERS.field, inputs.get(&HEADERS)?)? {
        request = request.header(&name, value.as_str().unwrap_or(&value.to_string()));
    }
    let response = request.send().await?;
    let (status, place) = (response.status(), response.place());
    let text = response.text(LONGEST).await?;
    if !status.is_success() {
        let said: String = text.chars().take(500).collect();
        let message =
            if said.trim().is_empty() { format!("is what {place} answered") } else { said };
        return Err(Error::Provider { status: status.as_u16(), message });
    }
    Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

fn object(field: &Field, value: Option<Value>) -> Result<Map<String, Value>> {
    match value {
        None => Ok(Map::new()),
        Some(Value::Object(entries)) => Ok(entries),
        Some(other) => {
            Err(Error::invalid(field, format!("a JSON object is expected, not {other}")))
        }
    }
}

/// Text as it is, data as JSON that people can read.
fn text(entry: Value) -> String {
    match entry {
        Value::String(text) => text,
        other => serde_json::to_string_pretty(&other).unwrap_or_else(|_| other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::testing::{documents, form, services_for, upload};

    async fn load(site: &FakeSite, values: Value) -> Result<Vec<Document>> {
        let mut form = form(&values);
        form.services = services_for(site.address());
        let made = ApiLoader.init(&form).await?;
        Ok(documents(Ok(made)))
    }

    async fn site() -> FakeSite {
        FakeSite::start([
            ("/list", SitePage::new("application/json", r#"[{"a": 1}, "text"]"#)),
            ("/one", SitePage::new("application/json", r#"{"a": 1}"#)),
            ("/prose", SitePage::new("text/plain", "no JSON")),
            ("/wrong", SitePage::new("application/json", r#"{"error": "no key"}"#).status(401)),
        ])
        .await
    }

    #[tokio::test]
    async fn every_entry_of_an_answer_is_a_document() {
        let site = site().await;
        let get = |path: &str| json!({"url": site.url(path), "method": "GET"});
        let made = load(&site, get("/list")).await.unwrap();
        let texts: Vec<&str> = made.iter().map(|it| it.page_content.as_str()).collect();
        assert_eq!(texts, ["{\n  \"a\": 1\n}", "text"]);
        assert_eq!(made[0].metadata["url"], site.url("/list"));
        assert_eq!(load(&site, get("/one")).await.unwrap().len(), 1);
        assert_eq!(load(&site, get("/prose")).await.unwrap()[0].page_content, "no JSON");
    }

    #[tokio::test]
    async fn method_headers_and_body_reach_the_api() {
        let site = site().await;
        let values = json!({
            "url": site.url("/one"), "method": "POST", "headers": "{\"X-Team\": \"support\"}",
            "body": {"question": "why"},
        });
        load(&site, values).await.unwrap();
        let call = site.calls().pop().unwrap();
        assert_eq!((call.method.as_str(), call.body.as_str()), ("POST", r#"{"question":"why"}"#));
        assert_eq!(call.headers["x-team"], "support");
        assert_eq!(call.headers["content-type"], "application/json");
    }

    #[tokio::test]
    async fn what_goes_wrong_is_told() {
        let site = site().await;
        let said = |values: Value| async { load(&site, values).await.unwrap_err().to_string() };
        let url = site.url("/wrong");
        let refused = said(json!({"url": url, "method": "GET"})).await;
        assert_eq!(refused, "401 {\"error\": \"no key\"}");
        assert!(said(json!({"url": url})).await.contains("Method is required"));
        let wrong = said(json!({"url": url, "method": "PUT"})).await;
        assert_eq!(wrong, "Method: PUT is neither GET nor POST");
        let wrong = said(json!({"url": url, "method": "GET", "headers": "[1]"})).await;
        assert_eq!(wrong, "Headers: a JSON object is expected, not [1]");
        let wrong = json!({"url": url, "method": "GET", "caFile": upload("a.pem", "no PEM")});
        let wrong = said(wrong).await;
        assert!(wrong.starts_with("SSL Certificate: "), "{wrong}");
    }
}
