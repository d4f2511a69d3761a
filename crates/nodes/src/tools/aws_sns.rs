//! Lets a model send a message to a topic of Amazon's SNS.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    node::Entry,
};
use flowstone_providers::aws::Service;
use serde_json::{Map, Value};

use crate::aws_form::{self, TOOL_CREDENTIAL, TOOL_REGION};

const TOPIC: Input<String> = {
    let mut it = Input::async_options("SNS Topic", "topicArn", "listTopics");
    it.field.refresh = true;
    it
};

/// The service and the name to sign by.
const KIND: (&str, &str) = ("sns", "sns");
const VERSION: (&str, &str) = ("Version", "2010-03-31");

static SPEC: Spec = Spec {
    label: "AWS SNS",
    name: "awsSNS",
    version: 1.0,
    kind: "AWSSNS",
    icon: "aws.svg",
    category: "Tools",
    description: "Lets a model send a message to a topic of Amazon SNS",
    base_classes: &["AWSSNS", "Tool", "StructuredTool", "Runnable"],
    credential: Some(TOOL_CREDENTIAL),
    inputs: &[TOOL_REGION.field, TOPIC.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AwsSns;

#[async_trait]
impl Node for AwsSns {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let service = aws_form::service(inputs, &TOOL_REGION, KIND, None)?;
        Ok(Capability::Tool(Arc::new(publisher(inputs, service)?)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listTopics" {
            return Err(Error::Unsupported(format!("{} has no list {method}", SPEC.name)));
        }
        topics(&aws_form::service(inputs, &TOOL_REGION, KIND, None)?).await
    }
}

async fn topics(service: &Service) -> Result<Vec<Entry>> {
    let texts = service.query(&[("Action", "ListTopics"), VERSION]).await?;
    let names = texts.iter().filter(|(name, _)| name == "TopicArn");
    let entry = |arn: &str| Entry::new(arn, arn.rsplit(':').next().unwrap_or(arn));
    Ok(names.map(|(_, arn)| entry(arn)).collect())
}

fn publisher(inputs: &Inputs, service: Service) -> Result<Publisher> {
    Ok(Publisher {
        spec: ToolSpec {
            name: "aws_sns_publish".to_owned(),
            description: "Sends a message to everybody who follows the topic".to_owned(),
            parameters: super::one_text("The message"),
        },
        service,
        topic: inputs.get(&TOPIC)?,
    })
}

struct Publisher {
    spec: ToolSpec,
    service: Service,
    topic: String,
}

#[async_trait]
impl Tool for Publisher {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
        let message = super::text_of(arguments, "input")?;
        let fields = [
            ("Action", "Publish"),
            VERSION,
            ("TopicArn", self.topic.as_str()),
            ("Message", message),
        ];
        let said = self.service.query(&fields).await?;
        let id = said.iter().find(|(name, _)| name == "MessageId").map(|(_, id)| id.as_str());
        let text = format!("The message was sent. Its id is {}.", id.unwrap_or("unknown"));
        Ok(ToolResult::text(text))
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};
    use serde_json::json;

    use super::*;
    use crate::testing::{credential, form, run, services_for};

    fn filled(site: &FakeSite) -> (Inputs, Service) {
        let mut form =
            form(&json!({"region": "eu-west-1", "topicArn": "arn:aws:sns:eu-west-1:1:news"}));
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("awsKey", "id"), ("awsSecret", "secret")]));
        let address = site.url("");
        let service = aws_form::service(&form, &TOOL_REGION, KIND, Some(&address)).unwrap();
        (form, service)
    }

    #[tokio::test]
    async fn a_message_is_sent_and_topics_are_listed() {
        let xml = "<R><PublishResult><MessageId>m1</MessageId></PublishResult><Topics><member>\
                   <TopicArn>arn:aws:sns:eu-west-1:1:news</TopicArn></member></Topics></R>";
        let site = FakeSite::start([("/", SitePage::new("text/xml", xml))]).await;
        let (form, service) = filled(&site);
        let listed = topics(&service).await.unwrap();
        assert_eq!(listed[0].label, "news");
        let tool = publisher(&form, service).unwrap();
        let (run, _told) = run("");
        let arguments = Map::from_iter([("input".to_owned(), "a & b".into())]);
        let said = tool.call(&arguments, &run).await.unwrap().text;
        assert_eq!(said, "The message was sent. Its id is m1.");
        let body = &site.calls()[1].body;
        assert!(body.ends_with("Message=a+%26+b") && body.starts_with("Action=Publish&"), "{body}");
    }

    #[tokio::test]
    async fn what_amazon_refuses_is_told_in_its_words() {
        let xml = "<ErrorResponse><Error><Code>NotFound</Code><Message>Topic does not exist\
                   </Message></Error></ErrorResponse>";
        let page = SitePage::new("text/xml", xml).status(404);
        let site = FakeSite::start([("/", page)]).await;
        let (_, service) = filled(&site);
        let said = topics(&service).await.unwrap_err().to_string();
        assert!(said.contains("Topic does not exist"), "{said}");
    }
}
