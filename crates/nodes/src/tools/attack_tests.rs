//! What attackers try, tried over every tool that calls an address.

use std::sync::Arc;

use flowstone_core::{Capability, Inputs, Node, Tool};
use flowstone_testkit::{BagOfWords, FakeSite, ScriptedModel, SitePage};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{
    chatflow_tool::ChatflowTool, openapi_toolkit::OpenApiToolkit, requests_delete::RequestsDelete,
    requests_get::RequestsGet, requests_post::RequestsPost, requests_put::RequestsPut,
    sear_xng::SearXng, tests::call, web_browser::WebBrowser, web_scraper_tool::WebScraperTool,
};
use crate::testing::{form, plug, services_for};

/// A node filled in to call an address, and the arguments with which a model makes it do so.
fn aimed(target: &str) -> Vec<(&'static dyn Node, Inputs, Value)> {
    let mut browser = form(&json!({}));
    plug(&mut browser, "model", Capability::ChatModel(ScriptedModel::new()));
    plug(&mut browser, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    let flow = json!({
        "selectedChatflow": "elsewhere", "name": "a", "description": "d", "baseURL": target,
    });
    let link = json!({"inputType": "link", "openApiLink": target});
    let input = json!({ "input": target });
    let url = |name: &str| form(&json!({ name: target }));
    vec![
        (&RequestsGet, url("requestsGetUrl"), json!({})),
        (&RequestsDelete, url("requestsDeleteUrl"), json!({})),
        (&RequestsPost, url("requestsPostUrl"), json!({})),
        (&RequestsPut, url("requestsPutUrl"), json!({})),
        (&SearXng, url("apiBase"), json!({"input": "x"})),
        (&WebScraperTool, form(&json!({})), input.clone()),
        (&WebScraperTool, form(&json!({"scrapeMode": "sitemap"})), input.clone()),
        (&WebBrowser, browser, input),
        (&ChatflowTool, form(&flow), json!({"input": "x"})),
        (&OpenApiToolkit, form(&link), json!({})),
    ]
}

/// What a tool says of the address: when it is built or when it is called.
async fn said(node: &dyn Node, form: &Inputs, arguments: &Value) -> String {
    let tool: Arc<dyn Tool> = match node.init(form).await {
        Ok(Capability::Tool(tool)) => tool,
        Ok(other) => panic!("a {} instead of a tool", other.kind()),
        Err(error) => return error.to_string(),
    };
    let (run, _receiver) = flowstone_testkit::run("q", form.services.clone());
    call(&tool, arguments, &run).await.unwrap_or_else(|error| error.to_string())
}

/// T06: no tool leads into the installation's own network, however the address is spelled and
/// whether its author, a model or a redirect brought it.
#[tokio::test]
async fn no_tool_calls_a_private_address() {
    // Whoever is called tells on it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let away = SitePage::redirect(&format!("http://127.0.0.1:{port}/"));
    let site = FakeSite::start([("/", away.clone()), ("/search?q=x&format=json", away)]).await;
    let targets = [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://2130706433:{port}/"),
        format!("http://0x7f.1:{port}/"),
        format!("http://0177.0.0.1:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://[::ffff:127.0.0.1]:{port}/"),
        format!("http://user@127.0.0.1:{port}/"),
        format!("http://0:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        site.url("/"),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/".to_owned(),
    ];
    // One client for all: making one reads the certificates of the machine.
    let services = services_for(site.address());
    for target in &targets {
        for (node, mut form, arguments) in aimed(target) {
            form.services = services.clone();
            let said = said(node, &form, &arguments).await;
            let name = node.spec().name;
            // The other flow of the test site answers a redirect, which a POST does not follow.
            let refused = said.contains("HTTP_ALLOW_LIST") || !target.starts_with("http");
            let elsewhere = name == "ChatflowTool" && target.contains(site.address());
            assert!(refused || elsewhere, "{name} at {target}: {said}");
            assert!(!said.contains("root:"), "{name} at {target}: {said}");
        }
    }
    let called = tokio::select! {
        biased;
        _ = listener.accept() => true,
        () = std::future::ready(()) => false,
    };
    assert!(!called, "a tool reached a private address");
}
