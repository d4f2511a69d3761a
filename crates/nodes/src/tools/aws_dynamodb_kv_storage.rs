//! Lets a model keep texts in a table of Amazon's DynamoDB and read them again, older ones too.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Choice, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    node::Entry,
};
use flowstone_providers::aws::Service;
use serde_json::{Map, Value, json};

use crate::aws_form::{self, TOOL_CREDENTIAL, TOOL_REGION};

const TABLE: Input<String> = {
    let mut it = Input::async_options("DynamoDB Table", "tableName", "listTables")
        .describe("A table whose key is pk and whose sort key is sk, both texts");
    it.field.refresh = true;
    it
};
const PREFIX: Input<Option<String>> = Input::text("Key Prefix", "keyPrefix")
    .describe("Stands before every key, so that several tools can share a table")
    .placeholder("support")
    .optional()
    .additional();
const OPERATION: Input<String> = Input::options(
    "Operation",
    "operation",
    &[
        Choice::new("store", "Store").describe("Keeps a text under a key; earlier ones stay"),
        Choice::new("retrieve", "Retrieve").describe("Reads the newest text of a key, or an older"),
    ],
)
.default("store");

/// The service and the name to sign by.
const KIND: (&str, &str) = ("dynamodb", "dynamodb");

static SPEC: Spec = Spec {
    label: "AWS DynamoDB KV Storage",
    name: "awsDynamoDBKVStorage",
    version: 1.0,
    kind: "AWSDynamoDBKVStorage",
    icon: "aws.svg",
    category: "Tools",
    description: "Lets a model keep texts in a DynamoDB table and read them again",
    base_classes: &["AWSDynamoDBKVStorage", "StructuredTool", "Runnable"],
    credential: Some(TOOL_CREDENTIAL),
    inputs: &[TOOL_REGION.field, TABLE.field, PREFIX.field, OPERATION.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct AwsDynamoDbKvStorage;

#[async_trait]
impl Node for AwsDynamoDbKvStorage {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let service = aws_form::service(inputs, &TOOL_REGION, KIND, None)?;
        Ok(Capability::Tool(Arc::new(shelf(inputs, service)?)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listTables" {
            return Err(Error::Unsupported(format!("{} has no list {method}", SPEC.name)));
        }
        tables(&aws_form::service(inputs, &TOOL_REGION, KIND, None)?).await
    }
}

/// The tables that fit: those with the two keys.
async fn tables(service: &Service) -> Result<Vec<Entry>> {
    let listed: Value = service.call("DynamoDB_20120810.ListTables", "1.0", &json!({})).await?;
    let names = listed["TableNames"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut fitting = Vec::new();
    for name in names {
        let body = json!({ "TableName": name });
        let table: Value = service.call("DynamoDB_20120810.DescribeTable", "1.0", &body).await?;
        let keys = table["Table"]["KeySchema"].as_array().into_iter().flatten();
        let keys: Vec<&str> = keys.filter_map(|it| it["AttributeName"].as_str()).collect();
        if keys.contains(&"pk") && keys.contains(&"sk") {
            fitting.push(Entry::new(name, name));
        }
    }
    Ok(fitting)
}

fn shelf(inputs: &Inputs, service: Service) -> Result<Shelf> {
    let stores = match inputs.get(&OPERATION)?.as_str() {
        "store" => true,
        "retrieve" => false,
        other => {
            let reason = format!("{other} is neither store nor retrieve");
            return Err(Error::invalid(&OPERATION.field, reason));
        }
    };
    let key = json!({"type": "string", "description": "Under which key"});
    let (name, description, parameters) = if stores {
        let value = json!({"type": "string", "description": "The text to keep"});
        let form = json!({
            "type": "object", "properties": {"key": key, "value": value},
            "required": ["key", "value"],
        });
        (
            "aws_dynamodb_store",
            "Keeps a text under a key; what was there before can still be read",
            form,
        )
    } else {
        let nth = json!({
            "type": "integer", "minimum": 1,
            "description": "1 for the newest text of the key, 2 for the one before, and so on",
        });
        let form = json!({
            "type": "object", "properties": {"key": key, "nthLatest": nth}, "required": ["key"],
        });
        ("aws_dynamodb_retrieve", "Reads a text that was kept under a key", form)
    };
    Ok(Shelf {
        spec: ToolSpec { name: name.to_owned(), description: description.to_owned(), parameters },
        service,
        table: inputs.get(&TABLE)?,
        prefix: inputs.get(&PREFIX)?.filter(|it| !it.is_empty()),
        stores,
    })
}

struct Shelf {
    spec: ToolSpec,
    service: Service,
    table: String,
    prefix: Option<String>,
    stores: bool,
}

impl Shelf {
    fn full(&self, key: &str) -> String {
        self.prefix.as_ref().map_or_else(|| key.to_owned(), |prefix| format!("{prefix}#{key}"))
    }

    async fn store(&self, key: &str, value: &str) -> Result<String> {
        let time = chrono::Utc::now().timestamp_millis().to_string();
        let item = json!({
            "pk": {"S": self.full(key)}, "sk": {"S": time}, "value": {"S": value},
            "timestamp": {"S": time},
        });
        let body = json!({"TableName": self.table, "Item": item});
        self.service.call::<Value>("DynamoDB_20120810.PutItem", "1.0", &body).await?;
        Ok(format!("The text was kept under {key}."))
    }

    async fn retrieve(&self, key: &str, nth: u64) -> Result<String> {
        let body = json!({
            "TableName": self.table, "KeyConditionExpression": "pk = :key",
            "ExpressionAttributeValues": {":key": {"S": self.full(key)}},
            "ScanIndexForward": false, "Limit": nth,
        });
        let found: Value = self.service.call("DynamoDB_20120810.Query", "1.0", &body).await?;
        let items = found["Items"].as_array().map(Vec::as_slice).unwrap_or_default();
        let at = usize::try_from(nth - 1).unwrap_or(usize::MAX);
        let text = items.get(at).and_then(|it| it["value"]["S"].as_str());
        Ok(text
            .map_or_else(|| format!("Under {key} there are {} texts.", items.len()), str::to_owned))
    }
}

#[async_trait]
impl Tool for Shelf {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, _: &Run) -> Result<ToolResult> {
        let key = super::text_of(arguments, "key")?;
        let text = if self.stores {
            self.store(key, super::text_of(arguments, "value")?).await?
        } else {
            let nth = arguments.get("nthLatest").and_then(Value::as_u64).unwrap_or(1);
            self.retrieve(key, nth.clamp(1, 1000)).await?
        };
        Ok(ToolResult::text(text))
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{FakeSite, SitePage};

    use super::*;
    use crate::testing::{credential, form, run, services_for};

    fn tool(values: &Value, site: &FakeSite) -> Shelf {
        let mut form = form(values);
        form.services = services_for(site.address());
        form.credential = Some(credential(&[("awsKey", "id"), ("awsSecret", "secret")]));
        let address = site.url("");
        let service = aws_form::service(&form, &TOOL_REGION, KIND, Some(&address)).unwrap();
        shelf(&form, service).unwrap()
    }

    #[tokio::test]
    async fn texts_are_kept_and_read_again() {
        let found = json!({"Items": [{"value": {"S": "new"}}, {"value": {"S": "old"}}]});
        let page = SitePage::new("application/x-amz-json-1.0", found.to_string());
        let site = FakeSite::start([("/", page)]).await;
        let (run, _told) = run("");
        let call = async |operation: &str, arguments: Value| {
            let values = json!({"tableName": "t", "keyPrefix": "p", "operation": operation});
            let arguments = arguments.as_object().cloned().unwrap();
            tool(&values, &site).call(&arguments, &run).await.unwrap().text
        };
        assert_eq!(
            call("store", json!({"key": "k", "value": "v"})).await,
            "The text was kept under k."
        );
        assert_eq!(call("retrieve", json!({"key": "k"})).await, "new");
        assert_eq!(call("retrieve", json!({"key": "k", "nthLatest": 2})).await, "old");
        let third = call("retrieve", json!({"key": "k", "nthLatest": 3})).await;
        assert_eq!(third, "Under k there are 2 texts.");
        let body: Value = serde_json::from_str(&site.calls()[0].body).unwrap();
        assert_eq!(body["Item"]["pk"], json!({"S": "p#k"}));
    }
}
