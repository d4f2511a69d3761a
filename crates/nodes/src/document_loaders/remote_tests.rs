//! The loaders of services against one of the test: what they send, what they make of the answers,
//! and the contract of all loaders.

use std::fmt::Write as _;

use flowstone_core::{Credential, Document, Error, Inputs, Node, Result};
use flowstone_testkit::{FakeSite, SitePage, contract::document_loader};
use serde_json::{Value, json};

use super::{
    airtable, apify_website_content_crawler, brave_search_api_loader, confluence, figma,
    fire_crawl, gitbook, jira, oxylabs, remote::Remote, search_api, serp_api,
    spider_document_loaders,
};
use crate::testing::{documents, form, services_for};

/// A loader over a service of the test, with every key that services ask for.
pub(super) struct Exchange<'a> {
    pub(super) site: &'a FakeSite,
    pub(super) node: Remote,
    pub(super) form: Inputs,
}

pub(super) fn json_page(body: &Value) -> SitePage {
    SitePage::new("application/json", body.to_string())
}

impl<'a> Exchange<'a> {
    /// `path` is where the service is on the site. In texts of `values`, `SITE` is the site.
    pub(super) fn new(site: &'a FakeSite, node: &Remote, path: &str, values: &Value) -> Self {
        let values = values.to_string().replace("SITE", &site.url(""));
        let mut form = form(&serde_json::from_str(&values).unwrap());
        form.services = services_for(site.address());
        let fields = [
            "accessToken",
            "access_token",
            "apifyApiToken",
            "awsKey",
            "awsSecret",
            "braveApiKey",
            "firecrawlApiToken",
            "notionIntegrationToken",
            "password",
            "searchApiKey",
            "serpApiKey",
            "spiderApiKey",
            "unstructuredAPIKey",
            "username",
        ];
        let fields = fields.map(|it| (it.to_owned(), format!("secret-{it}")));
        form.credential = Some(Credential::new(fields.into()));
        Self { site, node: node.at(&site.url(path)), form }
    }

    pub(super) async fn load(&self) -> Result<Vec<Document>> {
        let made = self.node.init(&self.form).await?;
        Ok(documents(Ok(made)))
    }

    /// The calls and the documents, as people read them.
    pub(super) async fn told(&self) -> String {
        let before = self.site.calls().len();
        let made = self.load().await;
        let mut told = String::new();
        for call in &self.site.calls()[before..] {
            writeln!(told, "> {} {} {}", call.method, call.path, call.body).unwrap();
            for name in ["authorization", "x-subscription-token", "x-figma-token", "notion-version"]
            {
                if let Some(value) = call.headers.get(name) {
                    writeln!(told, ">   {name}: {value}").unwrap();
                }
            }
        }
        match made {
            Err(error) => writeln!(told, "! {error}").unwrap(),
            Ok(made) => {
                for document in made {
                    let metadata = Value::from(document.metadata);
                    writeln!(told, "{:?} {metadata}", document.page_content).unwrap();
                }
            }
        }
        told.replace(self.site.address(), "SITE")
    }
}

#[tokio::test]
async fn airtable_s_records_come_page_by_page() {
    let path = "/v0/app1/tbl%202/listRecords";
    let record =
        |id: &str| json!({"id": id, "createdTime": "x", "fields": {"Name": id, "Open": true}});
    let site =
        FakeSite::start([(path, json_page(&json!({"records": [record("rec1")], "offset": "o"})))])
            .await;
    site.then(path, json_page(&json!({"records": [record("rec2")]})));
    let values = json!({
        "baseId": "app1", "tableId": "tbl 2", "viewId": "viw", "fields": "Name, Open",
        "filterByFormula": "NOT({Name}='')",
    });
    insta::assert_snapshot!(
        "airtable",
        Exchange::new(&site, &airtable::NODE, "", &values).told().await
    );

    let all = json!({"records": [record("rec1"), record("rec2"), record("rec3")], "offset": "o"});
    site.put(path, json_page(&all));
    let few = json!({"baseId": "app1", "tableId": "tbl 2", "returnAll": false, "limit": 2});
    let few = Exchange::new(&site, &airtable::NODE, "", &few);
    assert_eq!(few.load().await.unwrap().len(), 2);
    document_loader::suite(&few.node, &few.form).await;
    let none = json!({"baseId": "a", "tableId": "b", "returnAll": false, "limit": 0});
    let said = Exchange::new(&site, &airtable::NODE, "", &none).load().await.unwrap_err();
    assert_eq!(said.to_string(), "Limit: a number of 1 or more is expected");
}

#[tokio::test]
async fn apify_is_waited_for() {
    let run = |status: &str| {
        json_page(&json!({"data": {"id": "r1", "status": status, "defaultDatasetId": "d1"}}))
    };
    let items =
        json!([{"url": "https://a.example/", "text": "Open"}, {"url": "https://a.example/b"}]);
    let site = FakeSite::start([
        ("/v2/acts/apify~website-content-crawler/runs", run("READY").status(201)),
        ("/v2/actor-runs/r1?waitForFinish=60", run("RUNNING")),
        ("/v2/datasets/d1/items?clean=true&format=json&offset=0&limit=1000", json_page(&items)),
    ])
    .await;
    let wait = "/v2/actor-runs/r1?waitForFinish=60";
    site.then(wait, run("SUCCEEDED"));
    let values = json!({
        "urls": "https://a.example, https://b.example", "additionalInput": "{\"maxCrawlPages\": 7}",
    });
    let exchange = Exchange::new(&site, &apify_website_content_crawler::NODE, "", &values);
    insta::assert_snapshot!("apify", exchange.told().await);
    site.put(wait, run("FAILED"));
    let said = exchange.load().await.unwrap_err().to_string();
    assert_eq!(said, "502 Apify: the crawl ended as FAILED. ");
}

#[tokio::test]
async fn searches_become_documents() {
    let brave = json!({"web": {"results": [{"title": "T", "url": "https://a.example", "description": "S"}]}});
    let google = json!({
        "organic_results": [{"title": "T", "link": "https://a.example"}, {"title": "U"}],
        "answer_box": {"answer": "42"}, "search_metadata": {"id": 1}, "knowledge_graph": null,
    });
    let site = FakeSite::start([
        ("/brave?q=why+%26+how", json_page(&brave)),
        ("/serp?engine=google&q=why+%26+how&api_key=secret-serpApiKey", json_page(&google)),
        ("/search?engine=bing&q=why+%26+how&api_key=secret-searchApiKey", json_page(&google)),
    ])
    .await;
    let values = json!({"query": "why & how", "customParameters": {"engine": "bing"}});
    let mut told = String::new();
    for (node, path) in [
        (&brave_search_api_loader::NODE, "/brave"),
        (&serp_api::NODE, "/serp"),
        (&search_api::NODE, "/search"),
    ] {
        let exchange = Exchange::new(&site, node, path, &values);
        told.push_str(&exchange.told().await);
        document_loader::suite(&exchange.node, &exchange.form).await;
    }
    insta::assert_snapshot!("searches", told);
    let nothing = json!({"error": "Google hasn't returned any results for this query."});
    site.put("/serp?engine=google&q=x&api_key=secret-serpApiKey", json_page(&nothing));
    let empty = Exchange::new(&site, &serp_api::NODE, "/serp", &json!({"query": "x"}));
    assert!(empty.load().await.unwrap().is_empty());
    let missing = Exchange::new(&site, &search_api::NODE, "/search", &json!({}));
    assert_eq!(missing.load().await.unwrap_err().to_string(), "Query is required");
}

#[tokio::test]
async fn a_confluence_space_is_read_by_users_and_servers() {
    let page = |id: &str, html: &str| {
        json!({
            "id": id, "status": "current", "title": "Hours", "type": "page",
            "body": {"storage": {"value": html}},
            "version": {"number": 3, "when": "2024-01-01", "by": {"displayName": "Ann"}},
        })
    };
    let code = "<p>Run</p><ac:structured-macro ac:name=\"code\"><ac:plain-text-body>\
        <![CDATA[a < b && c]]></ac:plain-text-body></ac:structured-macro>";
    let first =
        "/wiki/rest/api/content?spaceKey=DOC&limit=25&start=0&expand=body.storage%2Cversion";
    let second =
        "/wiki/rest/api/content?spaceKey=DOC&limit=25&start=1&expand=body.storage%2Cversion";
    let site = FakeSite::start([
        (
            first,
            json_page(&json!({"results": [page("1", "<h1>Open</h1>")], "_links": {"next": "/x"}})),
        ),
        (second, json_page(&json!({"results": [page("2", code)], "_links": {}}))),
    ])
    .await;
    let values = json!({"baseUrl": "SITE/wiki/", "spaceKey": "DOC"});
    let mut exchange = Exchange::new(&site, &confluence::NODE, "", &values);
    insta::assert_snapshot!("confluence", exchange.told().await);
    document_loader::suite(&exchange.node, &exchange.form).await;
    let fields = [("personalAccessToken".to_owned(), "pat".to_owned())];
    exchange.form.credential = Some(Credential::new(fields.into()));
    exchange.form.values["spaceKey"] = "GONE".into();
    let said = exchange.load().await.unwrap_err();
    assert!(matches!(said, Error::Provider { status: 404, .. }), "{said}");
    assert_eq!(site.calls().pop().unwrap().headers["authorization"], "Bearer pat");
}

#[tokio::test]
async fn nodes_of_a_figma_file_are_one_document() {
    let found = json!({"name": "F", "nodes": {"0:1": {"document": {"name": "Page"}}}});
    let site = FakeSite::start([("/v1/files/key/nodes?ids=0%3A1,2%3A3", json_page(&found))]).await;
    let values = json!({"fileKey": "key", "nodeIds": "0:1, 2:3", "recursive": false});
    let exchange = Exchange::new(&site, &figma::NODE, "", &values);
    insta::assert_snapshot!("figma", exchange.told().await);
    document_loader::suite(&exchange.node, &exchange.form).await;
}

#[tokio::test]
async fn firecrawl_reads_pages_sites_data_and_searches() {
    let page = |text: &str| json!({"markdown": text, "metadata": {"title": "T", "sourceURL": "https://a.example/p"}});
    let site = FakeSite::start([
        ("/v1/scrape", json_page(&json!({"success": true, "data": page("# One")}))),
        ("/v1/crawl", json_page(&json!({"success": true, "id": "j1", "url": "x"}))),
        ("/v1/extract", json_page(&json!({"success": true, "id": "j2"}))),
        (
            "/v1/extract/j2",
            json_page(&json!({"success": true, "status": "completed", "data": {"hours": "9"}})),
        ),
        (
            "/v1/search",
            json_page(&json!({"success": true, "data": [
                {"url": "https://b.example", "title": "B", "description": "about B"},
            ]})),
        ),
        (
            "/v1/crawl/j1?skip=1",
            json_page(&json!({"status": "completed", "data": [page("# Two")]})),
        ),
    ])
    .await;
    let next = site.url("/v1/crawl/j1?skip=1");
    let first = json!({"status": "completed", "data": [page("# One")], "next": next});
    site.put("/v1/crawl/j1", json_page(&first));
    let mut told = String::new();
    for values in [
        json!({"crawlerType": "scrape", "url": "https://a.example/p", "includeTags": "main, h1"}),
        json!({"crawlerType": "crawl", "url": "https://a.example", "limit": "9", "excludePaths": "blog/.*"}),
        json!({"crawlerType": "extract", "url": "https://a.example", "extractPrompt": "hours", "extractSchema": {"type": "object"}}),
        json!({"crawlerType": "search", "searchQuery": "b"}),
    ] {
        let exchange = Exchange::new(&site, &fire_crawl::NODE, "", &values);
        told.push_str(&exchange.told().await);
        document_loader::suite(&exchange.node, &exchange.form).await;
    }
    insta::assert_snapshot!("firecrawl", told);
    for (answer, expected) in [
        (json!({"status": "failed", "error": "blocked"}), "502 Firecrawl: the job failed: blocked"),
        (
            json!({"status": "completed", "data": [], "next": "https://evil.example/"}),
            "502 Firecrawl: its list goes on at another server",
        ),
    ] {
        site.put("/v1/crawl/j1", json_page(&answer));
        let crawl =
            Exchange::new(&site, &fire_crawl::NODE, "", &json!({"url": "https://a.example"}));
        assert_eq!(crawl.load().await.unwrap_err().to_string(), expected);
    }
    let wrong = json!({"crawlerType": "search", "searchQuery": "b", "searchLimit": "many"});
    let said = Exchange::new(&site, &fire_crawl::NODE, "", &wrong).load().await.unwrap_err();
    assert_eq!(said.to_string(), "Limit: many is no whole number of 1 or more");
}

#[tokio::test]
async fn pages_of_a_gitbook_are_read_alone_or_all() {
    let site = FakeSite::start([
        ("/book", SitePage::html("<nav>Menu</nav><main><h1>Start</h1><p>Open</p></main>")),
        ("/book/more", SitePage::html("<main><h1>More</h1></main>")),
    ])
    .await;
    let (one, two, gone) = (site.url("/book"), site.url("/book/more"), site.url("/book/gone"));
    let listed = format!(
        "<urlset><url><loc>{one}</loc></url><url><loc>{two}</loc></url><url><loc>{gone}</loc></url></urlset>"
    );
    site.put("/book/sitemap.xml", SitePage::new("text/xml", listed));
    let values = json!({"webPath": "SITE/book", "shouldLoadAllPaths": true});
    let exchange = Exchange::new(&site, &gitbook::NODE, "", &values);
    insta::assert_snapshot!("gitbook", exchange.told().await);
    document_loader::suite(&exchange.node, &exchange.form).await;
    let alone = Exchange::new(&site, &gitbook::NODE, "", &json!({"webPath": "SITE/book"}));
    assert_eq!(alone.load().await.unwrap().len(), 1);
    let gone = Exchange::new(&site, &gitbook::NODE, "", &json!({"webPath": "SITE/gone"}));
    let said = gone.told().await;
    assert!(
        said.ends_with(
            "! Web Path: nothing could be read: http://SITE/gone: there is no such page\n"
        ),
        "{said}"
    );
}

#[tokio::test]
async fn issues_of_a_jira_project_are_read_by_the_search_that_is_there() {
    let user = json!({"displayName": "Ann"});
    let issue = |number: u32| {
        json!({"id": number.to_string(), "key": format!("DOC-{number}"), "fields": {
            "summary": "Door", "project": {"name": "Docs", "key": "DOC", "id": "9"},
            "status": {"name": "Open"}, "priority": null, "issuetype": {"name": "Bug"}, "creator": user,
            "labels": ["a", "b"], "created": "2024-01-01", "updated": "2024-01-02",
            "description": {"type": "doc", "content": [
                {"type": "paragraph", "content": [{"type": "text", "text": "It squeaks."}]},
            ]},
            "subtasks": [{"id": "7", "key": "DOC-7", "fields": {"summary": "Oil"}}],
            "issuelinks": [{"type": {"inward": "is blocked by", "outward": "blocks"},
                "outwardIssue": {"id": "8", "key": "DOC-8", "fields": {"summary": "Move in"}}}],
        }})
    };
    let query =
        "jql=project+%3D+%22DOC%22+ORDER+BY+created+ASC%2C+key+ASC&maxResults=1&fields=*all";
    let new = format!("/rest/api/3/search/jql?{query}");
    let site = FakeSite::start([
        (&*new, json_page(&json!({"issues": [issue(1)], "nextPageToken": "t"}))),
        (
            &*format!("{new}&nextPageToken=t"),
            json_page(&json!({"issues": [issue(2)], "isLast": true})),
        ),
    ])
    .await;
    let values = json!({"host": "SITE/", "projectKey": "DOC", "limitPerRequest": 1});
    let exchange = Exchange::new(&site, &jira::NODE, "", &values);
    insta::assert_snapshot!("jira", exchange.told().await);
    document_loader::suite(&exchange.node, &exchange.form).await;

    let old = format!("/rest/api/3/search?{query}");
    let site = FakeSite::start([
        (&*old, json_page(&json!({"issues": [issue(1)], "total": 2}))),
        (&*format!("{old}&startAt=1"), json_page(&json!({"issues": [issue(2)], "total": 2}))),
    ])
    .await;
    let exchange = Exchange::new(&site, &jira::NODE, "", &values);
    assert_eq!(exchange.load().await.unwrap().len(), 2);
}

#[tokio::test]
async fn oxylabs_and_spider_read_pages() {
    let results = json!({"results": [{"content": {"title": "T"}, "url": "https://a.example", "page": 1}], "job": {"id": 1}});
    let pages = json!([
        {"url": "https://a.example", "content": "# One", "status": 200, "error": null},
        {"url": "https://a.example/b", "content": null, "status": 500, "error": "broken"},
    ]);
    let site = FakeSite::start([
        ("/oxylabs", json_page(&results)),
        ("/v1/crawl", json_page(&pages)),
        ("/v1/scrape", json_page(&pages[1])),
    ])
    .await;
    let values = json!({"query": "shoes", "source": "google_search", "render": true, "parse": true, "user_agent_type": "mobile"});
    let oxylabs = Exchange::new(&site, &oxylabs::NODE, "/oxylabs", &values);
    let values = json!({"mode": "crawl", "url": "https://a.example", "limit": 5, "params": "{\"anti_bot\": true}"});
    let spider = Exchange::new(&site, &spider_document_loaders::NODE, "", &values);
    insta::assert_snapshot!("oxylabs_spider", oxylabs.told().await + &spider.told().await);
    document_loader::suite(&oxylabs.node, &oxylabs.form).await;
    let mut added = spider.form.clone();
    added.values.insert("additional_metadata".to_owned(), json!({"shelf": 3}));
    assert_eq!(documents(spider.node.init(&added).await)[0].metadata["shelf"], 3);
    let one = Exchange::new(
        &site,
        &spider_document_loaders::NODE,
        "",
        &json!({"url": "https://a.example/b"}),
    );
    let said = one.load().await.unwrap_err().to_string();
    assert_eq!(said, "Web Page URL: nothing could be read: https://a.example/b: broken");
}

/// What a service may say that repeats the key it refuses.
const KEYS: &str = "no secret-accessToken secret-apifyApiToken secret-braveApiKey secret-password \
    secret-firecrawlApiToken secret-searchApiKey secret-serpApiKey secret-spiderApiKey";

/// A key that the service refuses is told with the service's name and words, the key masked; without
/// a credential nothing is called.
#[tokio::test]
async fn a_refused_key_is_told_and_never_shown() {
    let values = json!({
        "baseId": "a", "tableId": "b", "urls": "https://a.example", "query": "q", "baseUrl": "SITE",
        "spaceKey": "S", "fileKey": "f", "nodeIds": "1:1", "url": "https://a.example", "host": "SITE",
    });
    for (node, name) in [
        (&airtable::NODE, "Airtable"),
        (&apify_website_content_crawler::NODE, "Apify"),
        (&brave_search_api_loader::NODE, "Brave"),
        (&confluence::NODE, "Confluence"),
        (&figma::NODE, "Figma"),
        (&fire_crawl::NODE, "Firecrawl"),
        (&jira::NODE, "Jira"),
        (&oxylabs::NODE, "Oxylabs"),
        (&search_api::NODE, "SearchApi"),
        (&serp_api::NODE, "SerpApi"),
        (&spider_document_loaders::NODE, "Spider"),
    ] {
        let site = FakeSite::start([]).await;
        let mut exchange = Exchange::new(&site, node, "", &values);
        site.otherwise(json_page(&json!({"error": {"message": KEYS}})).status(401));
        let said = exchange.load().await.unwrap_err();
        let Error::Provider { status: 401, message } = &said else { panic!("{name}: {said}") };
        assert!(message.starts_with(&format!("{name}: ")), "{name}: {message}");
        assert!(message.contains("[key]"), "{name}: {message}");
        assert_eq!(site.calls().len(), 1, "{name}: asked once");
        exchange.form.credential = None;
        let said = exchange.load().await.unwrap_err();
        assert!(matches!(said, Error::Credential(_)), "{name}: {said}");
        assert_eq!(site.calls().len(), 1, "{name}: nothing is called without a key");
    }
}
