//! The chains that call an API, against a site of the test.

use std::sync::Arc;

use flowstone_core::{Capability, Node, Result, Role};
use flowstone_testkit::{FakeSite, Reply, ScriptedModel, SitePage};
use serde_json::{Value, json};

use super::{
    get_api_chain::GetApiChain, open_api_chain::OpenApiChain, post_api_chain::PostApiChain,
};
use crate::testing::{form, plug, services_for};

async fn asked(
    node: &dyn Node,
    site: &FakeSite,
    values: Value,
    replies: &[&str],
) -> (Result<String>, Arc<ScriptedModel>) {
    let model = ScriptedModel::with(replies.iter().map(|it| Reply::text(it)));
    let docs = format!("BASE URL: {}. Say the city in the query.", site.url("/v1"));
    let mut form = form(&json!({"apiDocs": docs, "headers": "{\"x-key\": \"k\", \"n\": 1}"}));
    form.values.extend(values.as_object().cloned().unwrap());
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    let chain = match node.init(&form).await {
        Ok(Capability::Runnable(chain)) => chain,
        Ok(_) => panic!("no runnable"),
        Err(error) => return (Err(error), model),
    };
    let (run, _receiver) = flowstone_testkit::run("Rain in Lima?", services_for(site.address()));
    let output = chain.run("Rain in Lima?", &run.silenced()).await;
    (output.map(|it| it.answer.to_text()), model)
}

#[tokio::test]
async fn a_question_is_answered_from_what_the_api_says() {
    let page = SitePage::new("application/json", r#"{"rain": false}"#);
    let site = FakeSite::start([("/v1/now?city=Lima", page)]).await;
    let address = format!("`{}`", site.url("/v1/now?city=Lima"));
    let (answer, model) = asked(&GetApiChain, &site, json!({}), &[&address, "It is dry."]).await;
    assert_eq!(answer.unwrap(), "It is dry.");
    let requests = model.requests();
    let prompts: Vec<&str> = requests.iter().map(|it| it.messages[0].text.as_str()).collect();
    assert!(prompts[0].contains("Say the city") && prompts[0].contains("Rain in Lima?"));
    assert!(prompts[1].contains(r#"{"rain": false}"#), "{}", prompts[1]);
    assert_eq!(requests[1].messages[0].role, Role::User);
    let call = &site.calls()[0];
    assert_eq!((call.method.as_str(), &call.headers["x-key"]), ("GET", &"k".to_owned()));
    assert_eq!(call.headers["n"], "1");
}

#[tokio::test]
async fn a_call_that_writes_has_the_body_the_model_wrote() {
    let site = FakeSite::start([("/v1/orders", SitePage::new("text/plain", "done"))]).await;
    let call = json!({"url": site.url("/v1/orders"), "data": {"item": "fig"}}).to_string();
    let reply = format!("```json\n{call}\n```");
    let (answer, model) = asked(&PostApiChain, &site, json!({}), &[&reply, "Ordered."]).await;
    assert_eq!(answer.unwrap(), "Ordered.");
    let called = &site.calls()[0];
    assert_eq!((called.method.as_str(), called.body.as_str()), ("POST", r#"{"item":"fig"}"#));
    let told = &model.requests()[1].messages[0].text;
    assert!(told.contains(r#"/v1/orders {"item":"fig"}"#) && told.contains("done"), "{told}");
}

#[tokio::test]
async fn a_failure_of_the_api_is_told_to_the_model() {
    let site = FakeSite::start([]).await;
    let address = site.url("/v1/gone");
    let (answer, model) = asked(&GetApiChain, &site, json!({}), &[&address, "It has none."]).await;
    assert_eq!(answer.unwrap(), "It has none.");
    assert!(model.requests()[1].messages[0].text.contains("with the status 404"));
}

#[tokio::test]
async fn no_server_but_the_documented_one_is_called() {
    let elsewhere = FakeSite::start([("/", SitePage::html("secrets"))]).await;
    let redirect = SitePage::redirect(&elsewhere.url("/"));
    let site = FakeSite::start([("/v1/moved", redirect)]).await;
    let posted = |url: &str| json!({"url": url, "data": {}}).to_string();
    for (node, reply) in [
        (&GetApiChain as &dyn Node, elsewhere.url("/")),
        (&PostApiChain, posted(&elsewhere.url("/"))),
        (&GetApiChain, site.url("/v1/moved")),
        (&PostApiChain, posted(&site.url("/v1/moved"))),
    ] {
        let (answer, _) = asked(node, &site, json!({}), &[&reply]).await;
        let refused = answer.unwrap_err();
        assert!(matches!(refused, flowstone_core::Error::AddressRefused(_)), "{refused}");
    }
    assert!(elsewhere.calls().is_empty());
}

const WEATHER: &str = "
openapi: 3.0.0
info: {title: Weather, version: '1'}
servers: [{url: BASE}]
paths:
  /now/{city}:
    get:
      operationId: now
      description: The weather of a city
      parameters:
        - {name: city, in: path, required: true, schema: {type: string}}
      responses: {}
";

async fn asked_openapi(
    site: &FakeSite,
    values: Value,
    replies: Vec<Reply>,
) -> (Result<flowstone_core::Output>, Arc<ScriptedModel>) {
    let model = ScriptedModel::with(replies);
    let mut form = form(&json!({"headers": {"x-key": "k"}}));
    form.values.extend(values.as_object().cloned().unwrap());
    form.services = services_for(site.address());
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    let chain = match OpenApiChain.init(&form).await {
        Ok(Capability::Runnable(chain)) => chain,
        Ok(_) => panic!("no runnable"),
        Err(error) => return (Err(error), model),
    };
    let (run, _receiver) = flowstone_testkit::run("Rain in Lima?", form.services.clone());
    (chain.run("Rain in Lima?", &run.silenced()).await, model)
}

#[tokio::test]
async fn operations_of_a_document_are_called_on_its_server() {
    use base64::Engine as _;

    let site = FakeSite::start([("/v1/now/Lima%2F..", SitePage::html("rain"))]).await;
    let document = WEATHER.replace("BASE", &site.url("/v1"));
    site.put("/openapi.yaml", SitePage::new("application/yaml", document.clone()));
    let encoded = base64::engine::general_purpose::STANDARD.encode(&document);
    for values in [
        json!({"yamlLink": site.url("/openapi.yaml")}),
        json!({"yamlFile": format!("data:application/yaml;base64,{encoded},filename:a.yaml")}),
    ] {
        // A path that the model writes stays one segment.
        let arguments = r#"{"PathParameters": {"city": "Lima/.."}}"#;
        let replies = vec![Reply::tool_calls(&[("now", arguments)]), Reply::text("Yes.")];
        let (output, model) = asked_openapi(&site, values, replies).await;
        let output = output.unwrap();
        assert_eq!(output.answer.to_text(), "Yes.");
        assert_eq!(output.used_tools[0].tool_output, "rain");
        assert_eq!(model.requests()[0].tools[0].description, "The weather of a city");
        let call = site.calls().pop().unwrap();
        assert_eq!(
            (call.path.as_str(), &call.headers["x-key"]),
            ("/v1/now/Lima%2F..", &"k".to_owned())
        );
    }
    assert!(!OpenApiChain.streams(&serde_json::Map::new()));
}

#[tokio::test]
async fn a_document_that_is_none_is_refused() {
    let site = FakeSite::start([("/text", SitePage::html("hello"))]).await;
    for (values, expected) in [
        (json!({}), "YAML Link: give the address of an OpenAPI document"),
        (json!({"yamlFile": "data:text/plain;base64,aGk="}), "YAML File: "),
        (json!({"yamlLink": site.url("/text")}), ""),
    ] {
        let said = asked_openapi(&site, values, Vec::new()).await.0.unwrap_err().to_string();
        assert!(said.starts_with(expected), "{said}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_said_by_row() {
    let site = FakeSite::start([]).await;
    for (values, expected) in [
        (json!({"apiDocs": "the weather"}), "API Documentation: it names no address"),
        (json!({"headers": "[1]"}), "Headers: a JSON object such as"),
        (json!({"urlPrompt": "{question}"}), "URL Prompt: it must hold {api_docs}"),
        (json!({"ansPrompt": "{question}"}), "Answer Prompt: it must hold {api_response}"),
    ] {
        for node in [&GetApiChain as &dyn Node, &PostApiChain] {
            let said = asked(node, &site, values.clone(), &[]).await.0.unwrap_err().to_string();
            assert!(said.starts_with(expected), "{said}");
        }
    }
    for (reply, expected) in [
        ("no idea", "the model was to write a call as a JSON object with url and data"),
        (r#"{"data": {}}"#, "the call that the model wrote has no url"),
    ] {
        let said = asked(&PostApiChain, &site, json!({}), &[reply]).await.0.unwrap_err();
        assert!(said.to_string().starts_with(expected), "{said}");
    }
}
