//! Finds passages in a knowledge base on Amazon Bedrock.

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Document, Error, Input, Inputs, Node, Result, Retriever, Run, Spec,
    node::Entry,
};
use flowstone_providers::aws::{
    Service,
    bedrock::{self, AGENTS, Passage},
};
use serde_json::{Map, Value};

use super::QUERY;
use crate::{
    aws_form::{self, CREDENTIAL, REGION},
    loose_json,
    models::{self, Kind},
};

const BASE: Input<String> = Input::text("Knowledge Base ID", "knoledgeBaseID")
    .describe("The id that the console shows on the page of the base")
    .placeholder("ABCDE12345");
const TOP_K: Input<Option<u64>> = Input::whole("TopK", "topK")
    .default(5)
    .describe("How many passages to find")
    .optional()
    .additional();
const SEARCH: Input<Option<String>> = Input::options(
    "SearchType",
    "searchType",
    &[Choice::plain("HYBRID"), Choice::plain("SEMANTIC")],
)
.describe("Whether words count beside the meaning; the base's choice where it is empty")
.optional()
.additional();
const FILTER: Input<Option<String>> = Input::text("Filter", "filter")
    .describe("Finds only passages whose metadata fulfils this, as Amazon documents it")
    .placeholder(r#"{"equals": {"key": "year", "value": 2025}}"#)
    .optional()
    .additional();

static SPEC: Spec = Spec {
    label: "AWS Bedrock Knowledge Base Retriever",
    name: "awsBedrockKBRetriever",
    version: 1.0,
    kind: "AWSBedrockKBRetriever",
    icon: "aws.svg",
    category: "Retrievers",
    description: "Finds passages in a knowledge base on Amazon Bedrock",
    base_classes: &["AWSBedrockKBRetriever", "BaseRetriever"],
    credential: Some(CREDENTIAL),
    inputs: &[REGION.field, BASE.field, QUERY.field, TOP_K.field, SEARCH.field, FILTER.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AwsBedrockKbRetriever;

#[async_trait]
impl Node for AwsBedrockKbRetriever {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let service = aws_form::service(inputs, &REGION, AGENTS, None)?;
        let base = base(inputs, service)?;
        super::hand_on(base, inputs).await
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        models::options(inputs, Kind::Chat, "awsChatBedrock", method)
    }
}

fn base(inputs: &Inputs, service: Service) -> Result<Base> {
    let mut search = Map::new();
    let top_k = inputs.get(&TOP_K)?.filter(|it| *it > 0).unwrap_or(5);
    search.insert("numberOfResults".to_owned(), top_k.into());
    if let Some(kind) = inputs.get(&SEARCH)? {
        search.insert("overrideSearchType".to_owned(), kind.into());
    }
    if let Some(filter) = inputs.get(&FILTER)?.filter(|it| !it.trim().is_empty()) {
        let filter = loose_json::parse(&filter).ok().filter(Value::is_object);
        let filter =
            filter.ok_or_else(|| Error::invalid(&FILTER.field, "a JSON object is expected"))?;
        search.insert("filter".to_owned(), filter);
    }
    Ok(Base { service, id: inputs.get(&BASE)?, search })
}

struct Base {
    service: Service,
    id: String,
    search: Map<String, Value>,
}

#[async_trait]
impl Retriever for Base {
    async fn retrieve(&self, query: &str, _: &Run) -> Result<Vec<Document>> {
        let found = bedrock::retrieve(&self.service, &self.id, query, &self.search).await?;
        Ok(found.into_iter().map(document).collect())
    }
}

fn document(passage: Passage) -> Document {
    let mut metadata = passage.metadata;
    if let Some(source) = source(&passage.location) {
        metadata.insert("source".to_owned(), source.into());
    }
    if let Some(score) = passage.score {
        metadata.insert("score".to_owned(), score.into());
    }
    Document { page_content: passage.content.text, metadata, id: None }
}

/// Where a passage comes from: each kind of place calls its address `uri` or `url`.
fn source(location: &Value) -> Option<&str> {
    let places = location.as_object()?.values().filter_map(Value::as_object);
    places.flat_map(|it| [it.get("uri"), it.get("url")]).flatten().find_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{credential, form, run, services_for};

    #[tokio::test]
    async fn passages_come_with_their_source_and_score() {
        let answer = json!({"retrievalResults": [{
            "content": {"text": "Ada was first", "type": "TEXT"},
            "location": {"type": "S3", "s3Location": {"uri": "s3://books/ada.pdf"}},
            "score": 0.5, "metadata": {"year": 2025},
        }]});
        let page = SitePage::new("application/json", answer.to_string());
        let site = FakeSite::start([("/knowledgebases/KB1/retrieve", page)]).await;
        let mut form = form(&json!({
            "knoledgeBaseID": "KB1", "searchType": "HYBRID", "filter": "{equals: {key: 'a', value: 1}}",
        }));
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("awsKey", "id"), ("awsSecret", "secret")]));
        let address = site.url("");
        let service = aws_form::service(&form, &REGION, AGENTS, Some(&address)).unwrap();
        let (run, _told) = run("Who?");
        let found = base(&form, service).unwrap().retrieve("Who?", &run).await.unwrap();
        assert_eq!(found[0].page_content, "Ada was first");
        let expected = json!({"source": "s3://books/ada.pdf", "score": 0.5, "year": 2025});
        assert_eq!(Value::from(found[0].metadata.clone()), expected);
        let body: Value = serde_json::from_str(&site.calls()[0].body).unwrap();
        let search = json!({
            "numberOfResults": 5, "overrideSearchType": "HYBRID",
            "filter": {"equals": {"key": "a", "value": 1}},
        });
        let expected = json!({
            "retrievalQuery": {"text": "Who?"},
            "retrievalConfiguration": {"vectorSearchConfiguration": search},
        });
        assert_eq!(body, expected);
    }
}
