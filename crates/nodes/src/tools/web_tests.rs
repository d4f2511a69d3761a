//! The tools that call a server of the web, against one of the test.

use std::sync::Arc;

use flowstone_core::{Capability, Credential, Error, Inputs, Node, Result, Tool};
use flowstone_testkit::{BagOfWords, FakeSite, Reply, ScriptedModel, SitePage, contract};
use serde_json::{Value, json};

use super::{
    arxiv, brave_search_api, exa_search, google_custom_search,
    openapi_toolkit::OpenApiToolkit,
    sear_xng::SearXng,
    search_api, serp_api, serper, tavily_api,
    tests::{call, run_for, tool},
    web_browser::WebBrowser,
    web_scraper_tool::WebScraperTool,
    web_search::WebSearch,
    wolfram_alpha,
};
use crate::testing::{form, plug, services_for};

fn json_page(value: &Value) -> SitePage {
    SitePage::new("application/json", value.to_string())
}

/// A form with every key that a search service may ask for.
fn with_keys(values: &Value) -> Inputs {
    let mut form = form(values);
    let fields = [
        "serperApiKey",
        "serpApiKey",
        "searchApiKey",
        "braveApiKey",
        "tavilyApiKey",
        "exaSearchApiKey",
        "googleCustomSearchApiKey",
        "googleCustomSearchApiId",
        "wolframAlphaAppId",
    ];
    let fields = fields.map(|it| (it.to_owned(), format!("secret-{it}")));
    form.credential = Some(Credential::new(fields.into()));
    form
}

type Make = fn(&Inputs, &str) -> Result<WebSearch>;

#[tokio::test]
async fn search_services_are_asked_as_their_vendors_document() {
    let organic = json!([{"title": "T", "link": "https://a.example", "snippet": "S", "more": 1}]);
    let google = json!({
        "organic_results": organic, "answer_box": {"snippet": "because"},
        "search_metadata": {"id": 1},
    });
    let page = r#"{"title":"T","link":"https://a.example","snippet":"S"}"#;
    let pages = format!("[{page}]");
    let answered = format!(r#"{{"answer":"because","results":{pages}}}"#);
    let cases: [(&str, Make, Value, &str, &str, &str); 6] = [
        (
            "serper",
            serper::tool,
            json!({"organic": organic}),
            &pages,
            "POST /serper",
            r#"x-api-key: secret-serperApiKey {"q":"why & how"}"#,
        ),
        (
            "serpapi",
            serp_api::tool,
            google.clone(),
            &answered,
            "GET /serpapi?engine=google&q=why+%26+how&api_key=secret-serpApiKey",
            "",
        ),
        (
            "searchapi",
            search_api::tool,
            google,
            &answered,
            "GET /searchapi?engine=google&q=why+%26+how&api_key=secret-searchApiKey",
            "",
        ),
        (
            "brave",
            brave_search_api::tool,
            json!({"web": {"results": [
                {"title": "T", "url": "https://a.example", "description": "S"},
            ]}}),
            &pages,
            "GET /brave?q=why+%26+how",
            "x-subscription-token: secret-braveApiKey ",
        ),
        (
            "google",
            google_custom_search::tool,
            json!({"items": organic}),
            &pages,
            "GET /google?key=secret-googleCustomSearchApiKey\
             &cx=secret-googleCustomSearchApiId&q=why+%26+how",
            "",
        ),
        (
            "exa",
            exa_search::tool,
            json!({"results": [{"title": "T", "url": "https://a.example", "text": "S"}]}),
            r#"[{"title":"T","link":"https://a.example","published":null,"author":null,"text":"S"}]"#,
            "POST /exa",
            r#"x-api-key: secret-exaSearchApiKey {"contents":{"text":{"maxCharacters":5000}},"numResults":3,"type":"auto","category":"news","includeDomains":["a.example","b.example"],"query":"why & how"}"#,
        ),
    ];
    let values = json!({
        "numResults": 3, "type": "auto", "category": "news",
        "includeDomains": "a.example, b.example",
    });
    for (path, make, body, expected, line, sent) in cases {
        let at = line.split(' ').nth(1).unwrap();
        let site = FakeSite::start([(at, json_page(&body))]).await;
        let (run, _receiver) = run_for(&site);
        let tool = make(&with_keys(&values), &site.url(&format!("/{path}"))).unwrap();
        let said = contract::tool::suite(&tool, &json!({"input": "why & how"}), &run).await;
        assert_eq!(said.text, expected, "{path}");
        let first = &site.calls()[0];
        assert_eq!(format!("{} {}", first.method, first.path), line);
        if let Some((header, body)) = sent.split_once(' ').map(|(name, rest)| {
            let (value, body) = rest.split_once(' ').unwrap();
            ((name.trim_end_matches(':'), value), body)
        }) {
            assert_eq!(first.headers[header.0], header.1);
            assert_eq!(first.body, body);
        }
    }
}

#[tokio::test]
async fn a_search_that_finds_nothing_or_fails_is_told() {
    let site = FakeSite::start([
        ("/none", json_page(&json!({"searchParameters": {}}))),
        ("/html", SitePage::html("<p>hello</p>")),
        ("/key", json_page(&json!({"message": "Unauthorized."})).status(403)),
    ])
    .await;
    let (run, _receiver) = run_for(&site);
    let ask = async |path: &str| {
        let tool = serper::tool(&with_keys(&json!({})), &site.url(path)).unwrap();
        call(&(Arc::new(tool) as Arc<dyn Tool>), &json!({"input": "x"}), &run).await
    };
    assert_eq!(ask("/none").await.unwrap(), "Nothing was found.");
    let said = ask("/html").await.unwrap_err().to_string();
    assert!(said.starts_with("the search service did not answer JSON"), "{said}");
    let said = ask("/key").await.unwrap_err().to_string();
    assert_eq!(said, r#"403 Forbidden {"message":"Unauthorized."}"#);
    let said = serper::tool(&form(&json!({})), "x").err().unwrap().to_string();
    assert_eq!(said, "no credential is chosen: choose or create one");
}

#[tokio::test]
async fn tavily_is_sent_the_settings_that_go_together() {
    let found =
        json!({"query": "x", "answer": null, "results": [{"url": "u"}], "response_time": 1});
    let site = FakeSite::start([("/", json_page(&found))]).await;
    let (run, _receiver) = run_for(&site);
    for (values, expected) in [
        (
            json!({}),
            json!({
                "max_results": 5, "include_answer": false, "include_raw_content": false,
                "include_images": false, "include_image_descriptions": false,
                "topic": "general", "search_depth": "basic", "query": "x",
            }),
        ),
        (
            json!({
                "topic": "news", "searchDepth": "advanced", "days": 3, "timeRange": "week",
                "includeImages": true, "includeImageDescriptions": true,
                "excludeDomains": "a.example", "maxResults": "",
            }),
            json!({
                "chunks_per_source": 3, "days": 3, "time_range": "week", "include_answer": false,
                "include_raw_content": false, "include_images": true,
                "include_image_descriptions": true, "exclude_domains": ["a.example"],
                "topic": "news", "search_depth": "advanced", "query": "x",
            }),
        ),
    ] {
        let tool = tavily_api::tool(&with_keys(&values), &site.url("/")).unwrap();
        let said = contract::tool::suite(&tool, &json!({"input": "x"}), &run).await;
        assert_eq!(said.text, r#"{"results":[{"url":"u"}]}"#);
        let sent = &site.calls().pop().unwrap();
        assert_eq!(sent.headers["authorization"], "Bearer secret-tavilyApiKey");
        assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap(), expected);
    }
}

#[tokio::test]
async fn wolfram_alpha_answers_in_its_own_words() {
    let path = "/?appid=secret-wolframAlphaAppId&input=2%2B3";
    let site = FakeSite::start([(path, SitePage::new("text/plain", "Result:\n5\n"))]).await;
    let (run, _receiver) = run_for(&site);
    let tool = wolfram_alpha::tool(&with_keys(&json!({})), &site.url("/")).unwrap();
    let said = contract::tool::suite(&tool, &json!({"input": "2+3"}), &run).await;
    assert_eq!(said.text, "Result:\n5");
}

#[tokio::test]
async fn a_searxng_is_read_in_both_its_formats() {
    let found = json!({
        "results": [{"title": "T", "url": "https://a.example", "content": "S"}],
        "answers": [{"answer": "42"}],
    });
    let page = "<article class='result'><h3><a href='x'>First</a></h3><p>passage</p></article>\
        <article class='result'><h3>Second</h3></article><footer>About</footer>";
    let site = FakeSite::start([
        ("/search?q=x&format=json&engines=brave&pageno=2", json_page(&found)),
        ("/search?q=x&format=html", SitePage::html(page)),
    ])
    .await;
    let (run, _receiver) = run_for(&site);
    for (values, expected) in [
        (
            json!({"engines": "brave", "pageno": "2", "headers": {"x-a": "b"}}),
            r#"{"answer":"42","results":[{"title":"T","link":"https://a.example","snippet":"S"}]}"#,
        ),
        (json!({"format": "html"}), "First\n\npassage\n\nSecond"),
    ] {
        let mut values = values;
        values["apiBase"] = site.url("/").into();
        let tool = tool(&SearXng, &form(&values)).await;
        assert_eq!(tool.spec().name, "searxng-search");
        let said = contract::tool::suite(tool.as_ref(), &json!({"input": "x"}), &run).await;
        assert_eq!(said.text, expected);
    }
    assert_eq!(site.calls()[0].headers["x-a"], "b");
    let refused = tool(&SearXng, &form(&json!({}))).await;
    let said = call(&refused, &json!({"input": "x"}), &run).await.unwrap_err();
    assert!(matches!(said, Error::AddressRefused(_)), "{said}");
}

const FEED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>ArXiv Query</title><id>feed</id>
<entry><id>http://arxiv.org/abs/1605.08386v1</id><published>2016-05-26T17:59:46Z</published>
<title>Heat-bath random walks
  with Markov bases</title><summary>Graphs &amp; moves, 1 &lt; 2.</summary>
<author><name>Caprice Stanley</name></author><author><name>Tobias Windisch</name></author>
<link href="http://arxiv.org/pdf/1605.08386v1" rel="related" type="application/pdf"/></entry></feed>"#;

#[tokio::test]
async fn papers_are_found_by_words_and_by_numbers() {
    let told = "Published: 2016-05-26T17:59:46Z\nTitle: Heat-bath random walks with Markov bases\n\
                Authors: Caprice Stanley, Tobias Windisch\n\
                Address: http://arxiv.org/abs/1605.08386v1\nSummary: Graphs & moves, 1 < 2.";
    let feed = || SitePage::new("application/atom+xml", FEED);
    let error = FEED.replace("arxiv.org/abs/1605.08386v1", "arxiv.org/api/errors#x");
    let site = FakeSite::start([
        ("/?search_query=all%3Aheat+bath&start=0&max_results=3", feed()),
        ("/?id_list=1605.08386%2Chep-th%2F9901001&start=0&max_results=3", feed()),
        ("/?search_query=all%3Anone&start=0&max_results=3", SitePage::new("text/xml", "<feed/>")),
        ("/?search_query=all%3Abad&start=0&max_results=3", SitePage::new("text/xml", error)),
    ])
    .await;
    let (run, _receiver) = run_for(&site);
    let library = |values: Value| arxiv::tool(&form(&values), &site.url("/"));
    let tool = library(json!({})).unwrap();
    let said = contract::tool::suite(&tool, &json!({"input": "heat-bath"}), &run).await;
    assert_eq!(said.text, told);
    let tool: Arc<dyn Tool> = Arc::new(tool);
    let ask = async |query: &str| call(&tool, &json!({"input": query}), &run).await;
    assert_eq!(ask("1605.08386, hep-th/9901001").await.unwrap(), told);
    assert_eq!(ask("none").await.unwrap(), "No paper was found.");
    let said = ask("bad").await.unwrap_err().to_string();
    assert_eq!(said, "arxiv.org says: Graphs & moves, 1 < 2.");
    let short: Arc<dyn Tool> = Arc::new(library(json!({"docContentCharsMax": "9"})).unwrap());
    let said = call(&short, &json!({"input": "heat bath"}), &run).await.unwrap();
    assert_eq!(said, "Published");
    let said = library(json!({"loadFullContent": true})).err().unwrap().to_string();
    assert!(said.starts_with("Load Full Content: whole papers are PDF"), "{said}");
}

async fn shop() -> FakeSite {
    FakeSite::start([
        (
            "/",
            SitePage::html(
                "<title>Shop</title><meta name=description content='Sells fruit'>\
                 <h1>Fruit</h1><p>Apples cost 2.</p><a href=/about>About</a> <a href=/b>B</a>\
                 <a href=/missing>M</a><a href=http://other.example/>O</a>",
            ),
        ),
        ("/about", SitePage::html("<title>About</title><p>Opened in 1990.</p><a href=/deep>D</a>")),
        ("/b", SitePage::html("<p>B</p>")),
        ("/deep", SitePage::html("<p>deep</p>")),
        ("/away", SitePage::redirect("http://127.0.0.1:1/")),
    ])
    .await
}

#[tokio::test]
async fn a_site_is_read_as_deep_and_as_wide_as_the_form_says() {
    let site = shop().await;
    let (run, _receiver) = run_for(&site);
    for (values, expected) in [
        (json!({}), vec!["/"]),
        (json!({"maxDepth": 2}), vec!["/", "/about", "/b", "/missing"]),
        (json!({"maxDepth": 9}), vec!["/", "/about", "/b", "/missing", "/deep"]),
        (json!({"maxDepth": 9, "maxPages": 2}), vec!["/", "/about"]),
    ] {
        let tool = tool(&WebScraperTool, &form(&values)).await;
        let arguments = json!({"input": site.url("/")});
        let said = contract::tool::suite(tool.as_ref(), &arguments, &run).await;
        let told: Vec<Value> = serde_json::from_str(&said.text).unwrap();
        let read: Vec<&str> = told.iter().map(|it| it["url"].as_str().unwrap()).collect();
        let expected: Vec<String> = expected.iter().map(|it| site.url(it)).collect();
        assert_eq!(read, expected, "{values}");
        assert_eq!(told[0]["title"], "Shop");
        assert_eq!(told[0]["description"], "Sells fruit");
        assert!(told[0]["body_text"].as_str().unwrap().starts_with("Fruit\n\nApples cost 2."));
        if let Some(missing) = told.iter().find(|it| it["url"] == site.url("/missing")) {
            assert!(missing["error"].as_str().unwrap().starts_with("there is no page of text"));
        }
    }
}

#[tokio::test]
async fn a_site_is_read_by_its_sitemap_where_it_has_one() {
    let site = shop().await;
    let (run, _receiver) = run_for(&site);
    let scraper = tool(&WebScraperTool, &form(&json!({"scrapeMode": "sitemap"}))).await;
    let arguments = json!({"input": site.url("/about")});
    let said = call(&scraper, &arguments, &run).await.unwrap();
    let told: Value = serde_json::from_str(&said).unwrap();
    assert!(told["warning"].as_str().unwrap().contains("no sitemap"));
    assert_eq!(told["scrapedData"][0]["title"], "About");
    let map = format!(
        "<urlset><url><loc>{}</loc></url><url><loc>http://other.example/</loc></url></urlset>",
        site.url("/b")
    );
    site.put("/sitemap.xml", SitePage::new("application/xml", map));
    let said = call(&scraper, &arguments, &run).await.unwrap();
    let told: Vec<Value> = serde_json::from_str(&said).unwrap();
    assert_eq!((told.len(), &told[0]["body_text"]), (1, &json!("B")));
}

/// T06: what a model is told to read is no way into this installation's network.
#[tokio::test]
async fn pages_of_private_addresses_are_not_read() {
    let site = shop().await;
    let (run, _receiver) = run_for(&site);
    let scraper = tool(&WebScraperTool, &form(&json!({}))).await;
    for url in ["http://127.0.0.1:1/", "http://169.254.169.254/latest", &site.url("/away")] {
        let said = call(&scraper, &json!({"input": url}), &run).await.unwrap();
        assert!(said.contains("\"body_text\":\"\"") && said.contains("HTTP_ALLOW_LIST"), "{said}");
    }
    for url in ["file:///etc/passwd", "example", ""] {
        let said = call(&scraper, &json!({"input": url}), &run).await.unwrap_err().to_string();
        assert!(said.contains("is no address such as"), "{said}");
    }
}

async fn browser(model: &Arc<ScriptedModel>) -> Arc<dyn Tool> {
    let mut form = form(&json!({}));
    plug(&mut form, "model", Capability::ChatModel(model.clone()));
    plug(&mut form, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    tool(&WebBrowser, &form).await
}

#[tokio::test]
async fn a_page_is_asked_and_summed_up() {
    let site = shop().await;
    let (run, receiver) = run_for(&site);
    let filler = |word: &str| format!("<p>{}</p>", format!("{word} ").repeat(350));
    let long: String = ["red", "green", "blue", "white", "black", "grey"].map(filler).concat();
    let long = format!("{long}<p>{}</p>{}", "Apples cost two coins. ".repeat(80), filler("brown"));
    site.put("/long", SitePage::new("text/html", long));
    site.put("/empty", SitePage::html(""));
    let model = ScriptedModel::new();
    let browser = browser(&model).await;
    let input = format!("\"{}\",\"What do apples cost, in coins?\"", site.url("/long"));
    contract::tool::suite(browser.as_ref(), &json!({"input": input}), &run).await;
    let asked = model.requests()[0].messages[1].text.clone();
    assert!(asked.contains("Apples cost two coins") && asked.len() < 10_000, "{asked}");
    assert!(asked.ends_with("Answer this by the page: What do apples cost, in coins?"));
    let told = call(&browser, &json!({"input": site.url("/long")}), &run).await.unwrap();
    assert!(told.starts_with("Mock reply to: "));
    let asked = model.requests().pop().unwrap().messages[1].text.clone();
    assert!(asked.contains("red red") && asked.ends_with("Sum up what stands on the page."));
    let told = call(&browser, &json!({"input": site.url("/empty")}), &run).await.unwrap();
    assert_eq!(told, format!("There is no text on {}.", site.url("/empty")));
    let said = call(&browser, &json!({"input": site.url("/nowhere")}), &run).await.unwrap_err();
    assert!(said.to_string().starts_with("there is no page of text at"), "{said}");
    drop(run);
    assert!(crate::testing::told(receiver).await.is_empty(), "the inner answer is not the answer");
}

#[tokio::test]
async fn a_failing_model_fails_the_call() {
    let site = shop().await;
    let (run, _receiver) = run_for(&site);
    let model = ScriptedModel::with([Reply::error(429, "slow down")]);
    let browser = browser(&model).await;
    let said = call(&browser, &json!({"input": site.url("/")}), &run).await.unwrap_err();
    assert_eq!(said.to_string(), "429 slow down");
}

/// A document that is served by the same site as the API it describes.
fn api(site: &FakeSite) -> Value {
    json!({
        "openapi": "3.0.0", "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": site.url("/v1")}, {"url": "/v2", "description": "The next one"}],
        "paths": {
            "/items/{id}": {"get": {
                "operationId": "getItem",
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                    {"name": "x-trace", "in": "header", "schema": {"type": "string"}},
                ],
            }},
            "/items": {"post": {"operationId": "addItem", "summary": "Adds", "requestBody": {
                "content": {"application/json": {"schema": {
                    "type": "object", "properties": {"name": {"type": "string"}},
                }}},
            }}},
        },
    })
}

async fn api_site() -> FakeSite {
    let site = FakeSite::start([
        ("/v1/items/a%2Fb", SitePage::new("text/plain", "an item")),
        ("/v2/items/1", SitePage::new("text/plain", "from the next one")),
        ("/v1/items", SitePage::new("text/plain", "added")),
        ("/v1/items/gone", SitePage::new("text/plain", "no longer").status(410)),
    ])
    .await;
    site.put("/openapi.json", json_page(&api(&site)));
    site
}

async fn api_tools(site: &FakeSite, values: Value) -> Result<Vec<Arc<dyn Tool>>> {
    let mut form = form(&json!({"inputType": "link", "openApiLink": site.url("/openapi.json")}));
    form.services = services_for(site.address());
    form.values.extend(values.as_object().unwrap().clone());
    match OpenApiToolkit.init(&form).await? {
        Capability::Tools(tools) => Ok(tools),
        other => panic!("a {} instead of tools", other.kind()),
    }
}

#[tokio::test]
async fn each_operation_of_a_document_is_a_tool() {
    let site = api_site().await;
    let (run, _receiver) = run_for(&site);
    let headers = json!({"headers": "{\"Authorization\": \"Bearer k\", \"X-Trace\": \"mine\"}"});
    let tools = api_tools(&site, headers).await.unwrap();
    let names: Vec<&str> = tools.iter().map(|it| it.spec().name.as_str()).collect();
    assert_eq!(names, ["getItem", "addItem"]);
    let arguments = json!({
        "PathParameters": {"id": "a/b"}, "HeaderParameters": {"x-trace": "theirs"},
    });
    let said = contract::tool::suite(tools[0].as_ref(), &arguments, &run).await;
    assert_eq!(said.text, "an item");
    let sent = site.calls().into_iter().find(|it| it.path == "/v1/items/a%2Fb").unwrap();
    let headers = [&*sent.headers["authorization"], &*sent.headers["x-trace"]];
    assert_eq!(headers, ["Bearer k", "mine"]);
    let said = call(&tools[1], &json!({"RequestBody": {"name": "Pear"}}), &run).await.unwrap();
    assert_eq!(said, "added");
    let sent = site.calls().pop().unwrap();
    assert_eq!((&*sent.method, &*sent.body), ("POST", r#"{"name":"Pear"}"#));
    let gone = json!({"PathParameters": {"id": "gone"}});
    let said = call(&tools[0], &gone, &run).await.unwrap_err().to_string();
    assert_eq!(said, "410 Gone no longer");
}

#[tokio::test]
async fn servers_and_operations_are_chosen_from_the_document() {
    let site = api_site().await;
    let (run, _receiver) = run_for(&site);
    let values = json!({"selectedServer": "/v2", "selectedEndpoints": "[\"getItem\"]"});
    let tools = api_tools(&site, values).await.unwrap();
    let said = call(&tools[0], &json!({"PathParameters": {"id": 1}}), &run).await.unwrap();
    assert_eq!((tools.len(), said.as_str()), (1, "from the next one"));
    for (values, expected) in [
        (
            json!({"selectedServer": "http://evil.example"}),
            "Server: there is no server http://evil",
        ),
        (json!({"selectedEndpoints": ["x"]}), "Available Endpoints: the document has no x"),
        (json!({"openApiLink": site.url("/v1/items")}), "OpenAPI Link: an OpenAPI 3 document"),
        (json!({"openApiLink": site.url("/none")}), "OpenAPI Link: 404 is what"),
        (json!({"openApiLink": "http://127.0.0.1:1/"}), "OpenAPI Link: "),
        (json!({"inputType": "file"}), "OpenAPI File is required"),
        (json!({"headers": "[]"}), "Headers: a JSON object is expected"),
    ] {
        let said = api_tools(&site, values).await.err().unwrap().to_string();
        assert!(said.starts_with(expected), "{said}");
    }
    let mut form = form(&json!({}));
    assert!(OpenApiToolkit.options("listServers", &form).await.unwrap().is_empty());
    form.services = services_for(site.address());
    let link = json!({"inputType": "link", "openApiLink": site.url("/openapi.json")});
    form.values = link.as_object().unwrap().clone();
    let listed = OpenApiToolkit.options("listServers", &form).await.unwrap();
    assert_eq!(listed[1].description.as_deref(), Some("The next one"));
    let listed = OpenApiToolkit.options("listEndpoints", &form).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["addItem", "getItem"]);
}

#[cfg(feature = "javascript")]
#[tokio::test]
async fn the_authors_code_takes_the_place_of_the_call() {
    let site = api_site().await;
    let (run, _receiver) = run_for(&site);
    let code = "return [$url, $options.method, $options.body, $requestObj, $RequestBody?.name]";
    let values = json!({"customCode": code, "removeNulls": true});
    let tools = api_tools(&site, values).await.unwrap();
    let arguments = json!({"RequestBody": {"name": "Pear"}, "QueryParameters": null});
    let said = call(&tools[1], &arguments, &run).await.unwrap();
    let told: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(
        told,
        json!([
            site.url("/v1/items"), "POST", r#"{"name":"Pear"}"#,
            {"RequestBody": {"name": "Pear"}}, "Pear",
        ])
    );
    let values = json!({"customCode": "throw new Error('mine')"});
    let tools = api_tools(&site, values).await.unwrap();
    let said = call(&tools[1], &json!({"RequestBody": {}}), &run).await.unwrap_err();
    assert!(said.to_string().contains("mine"), "{said}");
}

#[tokio::test]
async fn a_document_can_be_uploaded() {
    use base64::Engine as _;

    let site = api_site().await;
    let text = api(&site).to_string();
    let file = base64::engine::general_purpose::STANDARD.encode(text);
    let file = format!("data:application/json;base64,{file},filename:api.json");
    let values = json!({"inputType": "file", "openApiFile": file});
    assert_eq!(api_tools(&site, values).await.unwrap().len(), 2);
}
