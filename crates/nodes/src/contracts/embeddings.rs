//! The suite over embedding models whose wires are not OpenAI's, against a double that speaks them
//! all.

use flowstone_core::Embeddings;
use flowstone_providers::gemini::VertexEmbeddings;
use flowstone_testkit::{FakeApi, SiteCall};

use super::*;
use crate::{
    embeddings::{
        aws_bedrock_embeddings::AwsBedrockEmbeddings, baidu_qianfan_embeddings, cohere_embeddings,
        hugging_face_inference_embeddings::HuggingFaceInferenceEmbeddings,
        ibm_embedding::IbmEmbedding,
    },
    testing::{credential, services_for},
    vertex_form,
};

/// Made for tests; it opens nothing.
const KEY: &str = include_str!("../../testdata/nobody.pem");

/// Vectors of bags of words, in the body in which each vendor puts them.
fn answer(call: &SiteCall) -> (u16, Value) {
    if call.path.contains("token") {
        return (200, json!({"token": "t", "access_token": "t", "expires_in": 3599}));
    }
    let asked: Value = serde_json::from_str(&call.body).unwrap();
    let vectors = |of: &Value| -> Vec<Vec<f32>> {
        of.as_array().unwrap().iter().map(|it| BagOfWords::vector(it.as_str().unwrap())).collect()
    };
    let body = if let Some(text) = asked["inputText"].as_str() {
        json!({"embedding": BagOfWords::vector(text)})
    } else if asked["texts"].is_array() {
        json!({"embeddings": {"float": vectors(&asked["texts"])}})
    } else if let Some(instances) = asked["instances"].as_array() {
        let values = instances.iter().map(|it| BagOfWords::vector(it["content"].as_str().unwrap()));
        let predictions = values.map(|it| json!({"embeddings": {"values": it}}));
        json!({"predictions": predictions.collect::<Vec<_>>()})
    } else if asked["model_id"].is_string() {
        let vectors = vectors(&asked["inputs"]).into_iter().map(|it| json!({"embedding": it}));
        json!({"results": vectors.collect::<Vec<_>>()})
    } else if asked["inputs"].is_array() {
        json!(vectors(&asked["inputs"]))
    } else {
        let vectors = vectors(&asked["input"]).into_iter().enumerate();
        let data = vectors.map(|(at, it)| json!({"index": at, "embedding": it}));
        json!({"data": data.collect::<Vec<_>>()})
    };
    (200, body)
}

fn filled(server: &FakeApi, fields: &[(&str, &str)], values: &Value) -> Inputs {
    let mut form = form(values);
    form.services = services_for(server.address());
    form.credential = Some(credential(fields));
    form
}

async fn made(node: &dyn Node, form: &Inputs) -> Arc<dyn Embeddings> {
    let made = node.init(form).await;
    let Ok(Capability::Embeddings(model)) = made else { panic!("{}", node.spec().name) };
    model
}

#[tokio::test]
async fn embedding_models_of_other_wires_keep_the_contract() {
    let server = FakeApi::start(answer).await;
    let origin = format!("http://{}", server.address());
    let key = [("cohereApiKey", "key")];
    let form = filled(&server, &key, &json!({"modelName": "embed-v4.0"}));
    let cohere = cohere_embeddings::embeddings(&form, &format!("{origin}/embed")).unwrap();
    contract::embeddings::suite(&cohere).await;

    let keys = [("qianfanAccessKey", "ak"), ("qianfanSecretKey", "sk")];
    let form = filled(&server, &keys, &json!({"batchSize": "16"}));
    let qianfan =
        baidu_qianfan_embeddings::embeddings(&form, &format!("{origin}/v2"), &origin).unwrap();
    contract::embeddings::suite(&qianfan).await;

    let form = filled(&server, &[("huggingFaceApiKey", "key")], &json!({"endpoint": origin}));
    contract::embeddings::suite(&*made(&HuggingFaceInferenceEmbeddings, &form).await).await;

    let project = [
        ("watsonxAIAuthType", "bearertoken"),
        ("watsonxAIBearerToken", "t"),
        ("serviceUrl", origin.as_str()),
        ("version", "2024-05-31"),
        ("projectId", "p1"),
    ];
    let form = filled(&server, &project, &json!({}));
    contract::embeddings::suite(&*made(&IbmEmbedding, &form).await).await;

    let keys = [("awsKey", "id"), ("awsSecret", "secret")];
    for model in ["amazon.titan-embed-text-v1", "cohere.embed-english-v3"] {
        let values = json!({"region": "eu-west-1", "endpointHost": origin, "model": model});
        let form = filled(&server, &keys, &values);
        contract::embeddings::suite(&*made(&AwsBedrockEmbeddings, &form).await).await;
    }

    let account = json!({
        "type": "service_account", "client_email": "me@p.iam.gserviceaccount.com",
        "private_key": KEY, "project_id": "p1", "token_uri": format!("{origin}/token"),
    });
    let account = account.to_string();
    let form = filled(&server, &[("googleApplicationCredential", account.as_str())], &json!({}));
    let server = vertex_form::server_at(&form, &origin, "europe-west1").unwrap();
    for model in ["text-embedding-004", "gemini-embedding-001"] {
        let model = model.to_owned();
        let vertex = VertexEmbeddings { server: server.clone(), model, strip_new_lines: true };
        contract::embeddings::suite(&vertex).await;
    }
}
