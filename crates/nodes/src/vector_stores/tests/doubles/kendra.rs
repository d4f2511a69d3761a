//! A double of Amazon Kendra.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_testkit::SiteCall;
use serde_json::{Value, json};

use super::super::shelf::{Answer, Call, Shelf, refused};

/// The attributes of the index.
const ATTRIBUTES: &[(&str, &str)] =
    &[("flowise_chatId", "STRING_VALUE"), ("metadata", "STRING_VALUE"), ("page", "LONG_VALUE")];

/// Kendra's index `index 1`, which makes vectors of texts by `embed`.
pub(in super::super) fn kendra(embed: fn(&str) -> Vec<f32>) -> impl FnMut(&SiteCall) -> Answer {
    let mut shelf = Shelf::default();
    move |call| {
        let signed = call.headers.get("authorization");
        if !signed.is_some_and(|it| it.starts_with("AWS4-HMAC-SHA256 Credential=id/")) {
            return refused(403, "The security token included in the request is invalid.");
        }
        let target = call.headers["x-amz-target"].clone();
        let call = Call::of(call);
        let operation = target.strip_prefix("AWSKendraFrontendService.").unwrap();
        let key = if operation == "DescribeIndex" { "Id" } else { "IndexId" };
        assert_eq!(call.body[key], "index 1");
        let told = match operation {
            "DescribeIndex" => {
                let one = |it: &(&str, &str)| json!({ "Name": it.0, "Type": it.1 });
                let all: Vec<Value> = ATTRIBUTES.iter().map(one).collect();
                json!({ "DocumentMetadataConfigurations": all })
            }
            "BatchPutDocument" => {
                let documents = call.body["Documents"].as_array().unwrap();
                assert!(documents.len() <= 10);
                for it in documents {
                    let text = STANDARD.decode(it["Blob"].as_str().unwrap()).unwrap();
                    let text = String::from_utf8(text).unwrap();
                    let mut row = it.clone();
                    row["text"] = text.as_str().into();
                    shelf.put(&it["Id"], &json!(embed(&text)), row).unwrap();
                }
                json!({ "FailedDocuments": [] })
            }
            "BatchGetDocumentStatus" => {
                let state = |it: &Value| {
                    let id = it["DocumentId"].as_str().unwrap();
                    let state = if shelf.has(id) { "INDEXED" } else { "NOT_FOUND" };
                    json!({ "DocumentId": id, "DocumentStatus": state })
                };
                let asked = call.body["DocumentInfoList"].as_array().unwrap();
                json!({ "DocumentStatusList": asked.iter().map(state).collect::<Vec<_>>() })
            }
            "BatchDeleteDocument" => {
                shelf.remove(&call.body["DocumentIdList"]);
                json!({ "FailedDocuments": [] })
            }
            "Retrieve" | "Query" => found(&shelf, &call.body, embed),
            other => panic!("{other}"),
        };
        (200, told)
    }
}

fn found(shelf: &Shelf, asked: &Value, embed: fn(&str) -> Vec<f32>) -> Value {
    assert!(asked["PageSize"].as_u64().unwrap() <= 100);
    let wanted = &asked["AttributeFilter"]["EqualsTo"];
    let vector = json!(embed(asked["QueryText"].as_str().unwrap()));
    let found = shelf.nearest(&vector, &asked["PageSize"], |row| {
        let held = row["Attributes"].as_array().unwrap();
        wanted.is_null() || held.contains(wanted)
    });
    let item = |(id, row, _, score): (String, Value, Vec<f32>, f32)| {
        let confidence = if score > 0.9 { "VERY_HIGH" } else { "LOW" };
        json!({
            "DocumentId": id,
            "Content": row["text"],
            "DocumentAttributes": row["Attributes"],
            "ScoreAttributes": { "ScoreConfidence": confidence },
        })
    };
    json!({ "ResultItems": found.into_iter().map(item).collect::<Vec<_>>() })
}
