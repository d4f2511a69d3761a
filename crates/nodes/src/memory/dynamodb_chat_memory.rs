//! Remembers conversations in a table of Amazon's DynamoDB.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Input, Inputs, Memory, Message, Node, Result, Role, Run, Spec, spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    aws::{Keys, Service},
};
use serde_json::{Value, json};

use super::{MEMORY_KEY, SESSION_ID, session};
use crate::aws_form;

const TABLE: Input<String> = Input::text("Table Name", "tableName")
    .describe("A table whose key is one text")
    .placeholder("conversations");
const KEY: Input<String> = Input::text("Partition Key", "partitionKey")
    .describe("What that key is called")
    .placeholder("id");
const REGION: Input<String> =
    Input::text("Region", "region").describe("Where the table is").placeholder("us-east-1");
const SESSION: Input<Option<String>> = {
    let mut it = SESSION_ID;
    it.field.label = "Session ID";
    it
};

static SPEC: Spec = Spec {
    label: "DynamoDB Chat Memory",
    name: "DynamoDBChatMemory",
    version: 1.0,
    kind: "DynamoDBChatMemory",
    icon: "aws.svg",
    category: "Memory",
    description: "Remembers conversations in a DynamoDB table, in the form that LangChain keeps them",
    base_classes: &["DynamoDBChatMemory", "BaseChatMemory", "BaseMemory"],
    credential: Some(CredentialSlot::optional(&["dynamodbMemoryApi"])),
    inputs: &[TABLE.field, KEY.field, REGION.field, SESSION.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// Where the turns of a conversation are in its item.
const TURNS: &str = "messages";

/// The node.
pub(crate) struct DynamoDbChatMemory;

#[async_trait]
impl Node for DynamoDbChatMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Memory(Arc::new(memory(inputs, service(inputs)?)?)))
    }
}

fn service(inputs: &Inputs) -> Result<Service> {
    let region = aws_form::region_of(inputs, &REGION)?;
    let credential = inputs.credential()?;
    let keys = Keys {
        id: credential.require("accessKey", "Access Key")?.to_owned(),
        secret: credential.require("secretAccessKey", "Secret Access Key")?.to_owned(),
        session: None,
    };
    let http = inputs.services.get::<HttpClient>()?;
    Ok(Service::with_keys(http, keys, &region, ("dynamodb", "dynamodb")))
}

fn memory(inputs: &Inputs, service: Service) -> Result<Table> {
    Ok(Table {
        service,
        name: inputs.get(&TABLE)?,
        partition: inputs.get(&KEY)?,
        session: inputs.get(&SESSION)?,
        key: inputs.get(&MEMORY_KEY)?,
    })
}

/// Each conversation is an item with a list of its turns: so LangChain's
/// `DynamoDBChatMessageHistory` keeps them, and with it the flows of the reference.
struct Table {
    service: Service,
    name: String,
    partition: String,
    session: Option<String>,
    key: String,
}

impl Table {
    async fn call(&self, operation: &str, run: &Run, more: Value) -> Result<Value> {
        let session = session(self.session.as_deref(), run);
        let mut body = json!({
            "TableName": self.name, "Key": {(self.partition.as_str()): {"S": session}},
        });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        self.service.call(&format!("DynamoDB_20120810.{operation}"), "1.0", &body).await
    }
}

#[async_trait]
impl Memory for Table {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let found = self.call("GetItem", run, json!({"ConsistentRead": true})).await?;
        let turns = found["Item"][TURNS]["L"].as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(turns.iter().map(|it| read(&it["M"])).collect())
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        let turns = [written("human", question), written("ai", answer)];
        let update = json!({
            "UpdateExpression": "SET #turns = list_append(if_not_exists(#turns, :none), :new)",
            "ExpressionAttributeNames": {"#turns": TURNS},
            "ExpressionAttributeValues": {":none": {"L": []}, ":new": {"L": turns}},
        });
        self.call("UpdateItem", run, update).await.map(drop)
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        self.call("DeleteItem", run, json!({})).await.map(drop)
    }
}

fn written(kind: &str, text: &str) -> Value {
    json!({"M": {"type": {"S": kind}, "text": {"S": text}}})
}

fn read(turn: &Value) -> Message {
    let role = match turn["type"]["S"].as_str() {
        Some("ai") => Role::Assistant,
        Some("system") => Role::System,
        _ => Role::User,
    };
    Message::new(role, turn["text"]["S"].as_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::testing::{credential, form, run, services_for};

    #[tokio::test]
    async fn conversations_are_items_of_the_table() {
        let item = json!({"Item": {"messages": {"L": [
            {"M": {"type": {"S": "human"}, "text": {"S": "I am Bob"}}},
            {"M": {"type": {"S": "ai"}, "text": {"S": "Hi Bob"}}},
        ]}}});
        let page = SitePage::new("application/x-amz-json-1.0", item.to_string());
        let site = FakeSite::start([("/", page)]).await;
        let values = json!({"tableName": "chats", "partitionKey": "id", "region": "eu-west-1"});
        let mut form = form(&values);
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("accessKey", "id"), ("secretAccessKey", "secret")]));
        let memory = memory(&form, service(&form).unwrap().at(&site.url(""))).unwrap();
        let (run, _told) = run("Who am I?");
        let turns = [Message::user("I am Bob"), Message::assistant("Hi Bob")];
        assert_eq!(memory.messages(&run).await.unwrap(), turns);
        memory.remember(&run, "q", "a").await.unwrap();
        memory.clear(&run).await.unwrap();
        let calls = site.calls();
        let targets: Vec<&str> = calls.iter().map(|it| &*it.headers["x-amz-target"]).collect();
        let operations = ["GetItem", "UpdateItem", "DeleteItem"];
        assert_eq!(targets, operations.map(|it| format!("DynamoDB_20120810.{it}")));
        let body: Value = serde_json::from_str(&calls[1].body).unwrap();
        assert_eq!(body["Key"], json!({"id": {"S": "session"}}));
        assert_eq!(body["ExpressionAttributeValues"][":new"]["L"][1], written("ai", "a"));
        assert!(calls[0].headers["authorization"].contains("/eu-west-1/dynamodb/"));
    }
}
