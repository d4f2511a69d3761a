//! The nodes against an MCP server of this process, and what the operator's list lets them start.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Credential, Error, Inputs, Node, Result, Run, Services, Tool,
    services::{McpRegistry, McpServer, McpServers, Variables, WorkspaceVariables},
};
use flowstone_mcp::{Commands, Mcp, Settings};
use flowstone_providers::{HttpClient, HttpSettings};
use flowstone_testkit::{FakeMcp, FakeSite, Ports, SitePage, contract};
use serde_json::{Map, Value, json};

use super::{
    ACTIONS, McpForm, Server, brave_search_mcp, custom_mcp,
    custom_mcp_server_tool::CustomMcpServerTool, free_name, github_mcp, pipedream_mcp::Project,
    postgresql_mcp, slack_mcp, supergateway_mcp, teradata_mcp, tools,
};
use crate::testing;

struct Stored(Vec<McpServer>);

#[async_trait]
impl McpServers for Stored {
    async fn list(&self, _: &str) -> Result<Vec<McpServer>> {
        Ok(self.0.iter().filter(|it| it.is_authorized).cloned().collect())
    }
    async fn get(&self, _: &str, id: &str) -> Result<Option<McpServer>> {
        Ok(self.0.iter().find(|it| it.id == id).cloned())
    }
}

#[async_trait]
impl Variables for Stored {
    async fn all(&self, _: &str) -> Result<Map<String, Value>> {
        Ok(Map::from_iter([("token".to_owned(), "stored".into())]))
    }
}

fn services(addresses: &[&str], commands: &str, servers: Vec<McpServer>) -> Arc<Services> {
    let allow = addresses.iter().map(|it| (*it).to_owned()).collect();
    let http =
        Arc::new(HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap());
    let commands = Commands::parse(commands).unwrap();
    let settings = Settings { commands, path: "/usr/bin:/bin".to_owned(), ..Settings::default() };
    let stored = Arc::new(Stored(servers));
    let services = Ports::default().services();
    let services = services
        .with(Arc::new(Mcp::new(http.clone(), settings)))
        .with(Arc::new(McpRegistry(stored.clone())))
        .with(Arc::new(WorkspaceVariables(stored)))
        .with(http);
    testing::with_clients(services)
}

fn form(services: &Arc<Services>, values: &Value, credential: &[(&str, &str)]) -> Inputs {
    let fields = credential.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let mut form = Inputs::empty(services.clone());
    form.values = values.as_object().cloned().unwrap();
    form.workspace = "workspace".to_owned();
    form.credential = (!credential.is_empty()).then(|| Credential::new(fields.collect()));
    form
}

async fn built(node: &dyn Node, form: &Inputs) -> Vec<Arc<dyn Tool>> {
    match node.init(form).await {
        Ok(Capability::Tools(tools)) => tools,
        Ok(other) => panic!("a {}", other.kind()),
        Err(error) => panic!("{error}"),
    }
}

async fn refused(node: &dyn Node, form: &Inputs) -> String {
    node.init(form).await.err().unwrap().to_string()
}

fn run(services: &Arc<Services>) -> Run {
    flowstone_testkit::run("q", services.clone()).0
}

#[tokio::test]
async fn actions_are_listed_chosen_and_called() {
    let server = FakeMcp::start().await;
    let services = services(&[server.address()], "", Vec::new());
    let config =
        json!({"url": server.url("/mcp"), "headers": {"x-key": "{{$vars.token}}"}}).to_string();
    let listing = form(&services, &json!({"mcpServerConfig": config}), &[]);
    let listed = custom_mcp::NODE.options("listActions", &listing).await.unwrap();
    let listed = serde_json::to_value(&listed).unwrap();
    assert_eq!(listed[1], json!({"label": "ECHO", "name": "echo", "description": "Says it again"}));
    assert_eq!(server.calls()[0].headers["x-key"], "stored");

    let values = json!({"mcpServerConfig": config, "mcpActions": "[\"echo\",\"Odd name!\",\"picture\",\"fail\"]"});
    let mut filled = form(&services, &values, &[]);
    assert!(custom_mcp::NODE.reads_run(&filled.values));
    let mut run = run(&services);
    run.variables.insert("token".to_owned(), "of the call".into());
    filled.run = Some(run.clone());
    let tools = built(&custom_mcp::NODE, &filled).await;
    let names: Vec<&str> = tools.iter().map(|it| it.spec().name.as_str()).collect();
    assert_eq!(names, ["echo", "fail", "picture", "Odd_name_"]);
    let said = contract::tool::suite(tools[0].as_ref(), &json!({"text": "hi"}), &run).await;
    assert_eq!(said.text, "echo: hi");
    assert_eq!(
        tools[1].call(&Map::new(), &run).await.unwrap().text,
        "The tool failed: it went wrong"
    );
    assert_eq!(tools[3].call(&Map::new(), &run).await.unwrap().text, "called Odd name!");
    let drawn = tools[2].call(&Map::new(), &run).await.unwrap();
    let kept = drawn.artifacts[0]["data"].as_str().unwrap().strip_prefix("FILE-STORAGE::").unwrap();
    let place =
        flowstone_core::FilePlace::Chat { workspace: "workspace", flow: "flow", chat: "chat" };
    assert_eq!(run.services.files.read(place, kept).await.unwrap(), b"hi");
    let last = server.calls().pop().unwrap();
    assert_eq!(last.headers["x-key"], "of the call");
    // One connection lists and calls in a run, and another one listed before.
    assert_eq!(server.methods().iter().filter(|it| *it == "initialize").count(), 2);
}

#[tokio::test]
async fn what_is_not_chosen_or_gone_is_told() {
    let server = FakeMcp::start().await;
    let services = services(&[server.address()], "", Vec::new());
    let config = json!({"url": server.url("/mcp")});
    let of = |actions: Value| {
        form(&services, &json!({"mcpServerConfig": config, "mcpActions": actions}), &[])
    };
    for none in [json!(""), json!("[]"), json!("[\"error\"]")] {
        assert_eq!(refused(&custom_mcp::NODE, &of(none)).await, "Available Actions is required");
    }
    let said = refused(&custom_mcp::NODE, &of(json!(["echo", "old"]))).await;
    assert!(
        said.starts_with("Available Actions: the server has no old (any more); it has: echo, "),
        "{said}"
    );
    let empty = form(&services, &json!({}), &[]);
    assert!(custom_mcp::NODE.options("listActions", &empty).await.unwrap().is_empty());
    assert!(custom_mcp::NODE.options("listServers", &empty).await.is_err());
}

#[tokio::test]
async fn programs_are_for_the_operator_to_allow() {
    let here = services(&[], "", Vec::new());
    let values = json!({"mcpServerConfig": {"command": "npx", "args": ["-y", "x"]}, "mcpActions": "[\"a\"]"});
    let said = refused(&custom_mcp::NODE, &form(&here, &values, &[])).await;
    assert!(said.starts_with("MCP Server Config: ") && said.ends_with("`npx -y x`"), "{said}");
    let values = json!({"mcpActions": "[\"a\"]"});
    let cases: [(&McpForm, &[(&str, &str)]); 3] = [
        (&brave_search_mcp::NODE, &[("braveApiKey", "secret")]),
        (&postgresql_mcp::NODE, &[("postgresUrl", "postgres://u:secret@h/d")]),
        (&slack_mcp::NODE, &[("botToken", "secret"), ("teamId", "t")]),
    ];
    for (node, credential) in cases {
        let form = form(&here, &values, credential);
        let said = node.options("listActions", &form).await.unwrap_err().to_string();
        let name = node.spec().name;
        assert!(said.contains(&format!("FLOWSTONE_MCP_COMMANDS to `{name}: `")), "{said}");
        assert!(!said.contains("secret"), "{said}");
        assert_eq!(refused(node, &form).await, said);
    }
}

/// A node, its credential, and what its program is given.
type Case<'a> = (&'a McpForm, &'a [(&'a str, &'a str)], &'a str);

/// Answers a list and one tool that tells its arguments and variables.
const PROGRAM: &str = r#"while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}}\n' "$id";;
    *'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"tell","inputSchema":{"type":"object"}}]}}\n' "$id";;
    *'"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\n' "$id" "$* $BRAVE_API_KEY$SLACK_BOT_TOKEN$SLACK_TEAM_ID";;
  esac
done"#;

#[tokio::test]
async fn nodes_with_a_program_give_it_their_credential() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.sh");
    std::fs::write(&path, PROGRAM).unwrap();
    let path = path.display();
    let commands =
        format!("braveSearchMCP: sh {path}; postgreSQLMCP: sh {path}; slackMCP: sh {path} -v");
    let here = services(&[], &commands, Vec::new());
    let cases: [Case<'_>; 3] = [
        (&brave_search_mcp::NODE, &[("braveApiKey", "key")], " key"),
        (&postgresql_mcp::NODE, &[("postgresUrl", "postgres://u@h/d")], "postgres://u@h/d "),
        (&slack_mcp::NODE, &[("botToken", "xoxb"), ("teamId", "T1")], "-v xoxbT1"),
    ];
    for (node, credential, expected) in cases {
        let form = form(&here, &json!({"mcpActions": ["tell"]}), credential);
        let tools = built(node, &form).await;
        let told = tools[0].call(&Map::new(), &run(&here)).await.unwrap();
        assert_eq!(told.text, expected);
    }
}

#[tokio::test]
async fn teradata_and_supergateway_call_the_server_they_name() {
    let server = FakeMcp::start().await;
    let services = services(&[server.address()], "", Vec::new());
    let values = json!({"mcpUrl": server.url("/mcp"), "mcpActions": ["echo"]});
    for (credential, bearer, expected) in [
        (&[("tdUsername", "u"), ("tdPassword", "p")][..], "", "Basic dTpw"),
        (&[("token", "t")], "", "Bearer t"),
        (&[("token", "t")], "own", "Bearer own"),
    ] {
        let mut form = form(&services, &values, credential);
        form.values.insert("bearerToken".to_owned(), bearer.into());
        built(&teradata_mcp::NODE, &form).await;
        assert_eq!(server.calls().pop().unwrap().headers["authorization"], expected);
    }
    let arguments = format!("--sse \"{}\" --header \"X-A: b\"", server.url("/sse"));
    let form = form(&services, &json!({"arguments": arguments, "mcpActions": ["echo"]}), &[]);
    built(&supergateway_mcp::NODE, &form).await;
    let last = server.calls().pop().unwrap();
    assert_eq!((last.path, last.headers["x-a"].as_str()), ("/sse", "b"));
}

/// T06, for the nodes whose forms name an address.
#[tokio::test]
async fn no_node_calls_a_private_address() {
    let server = FakeMcp::start().await;
    let port = server.address().rsplit(':').next().unwrap();
    let away = SitePage::redirect(&server.url("/mcp"));
    let site = FakeSite::start([("/mcp", away.clone()), ("/sse", away)]).await;
    let services = services(&[site.address()], "", Vec::new());
    for origin in [
        format!("http://127.0.0.1:{port}"),
        format!("http://localhost:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://[::ffff:127.0.0.1]:{port}"),
        format!("http://user@127.0.0.1:{port}"),
        "http://169.254.169.254".to_owned(),
        format!("http://{}", site.address()),
        "file://127.0.0.1".to_owned(),
    ] {
        let (newer, older) = (format!("{origin}/mcp"), format!("{origin}/sse"));
        let cases: [(&McpForm, Value); 6] = [
            (&custom_mcp::NODE, json!({"mcpServerConfig": {"url": newer}})),
            (&custom_mcp::NODE, json!({"mcpServerConfig": {"url": older, "type": "sse"}})),
            (&teradata_mcp::NODE, json!({"mcpUrl": newer})),
            (&github_mcp::NODE, json!({"githubEnterpriseUrl": newer})),
            (&supergateway_mcp::NODE, json!({"arguments": format!("--sse {older}")})),
            (&supergateway_mcp::NODE, json!({"arguments": format!("--streamableHttp {newer}")})),
        ];
        for (node, mut values) in cases {
            values["mcpActions"] = json!(["echo"]);
            let form = form(&services, &values, &[("token", "t"), ("accessToken", "t")]);
            let said = refused(node, &form).await;
            let name = node.spec().name;
            // What is posted is not sent once more to where a redirect leads.
            let redirected = origin.contains(site.address()) && said.contains("MCP server");
            let refused = said.contains("HTTP_ALLOW_LIST") || said.contains("cannot be called");
            assert!(refused || redirected, "{name} at {origin}: {said}");
        }
    }
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn pipedream_is_told_whose_accounts_are_meant() {
    let server = FakeMcp::start().await;
    server.asks_for("tok");
    let answer = json!({"access_token": "tok", "expires_in": 3600}).to_string();
    let site = FakeSite::start([("/token", SitePage::new("application/json", answer))]).await;
    let services = services(&[server.address(), site.address()], "", Vec::new());
    let credential = [("clientId", "c"), ("clientSecret", "s"), ("projectId", "proj_1")];
    let of = |app: &str, user: &str| {
        let values = json!({"appSlug": app, "externalUserId": user, "mcpActions": ["echo"]});
        form(&services, &values, &credential)
    };
    let project = |form: &Inputs| Project::of(form, &server.url("/mcp"), &site.url("/token"));
    let filled = of("slack, notion", "ann@example.com");
    let project_of_ann: Arc<dyn Server> = Arc::new(project(&filled).unwrap());
    let told = [flowstone_mcp::ToolInfo::read(&json!({"name": "echo"}), 10).unwrap()];
    let chosen = ["echo".to_owned()];
    let made = tools(&told, &chosen, &project_of_ann, &ACTIONS.field, &filled).unwrap();
    let Capability::Tools(made) = made else { panic!("no tools") };
    let run = run(&services);
    for _ in 0..2 {
        let arguments = json!({"text": "hi"}).as_object().cloned().unwrap();
        assert_eq!(made[0].call(&arguments, &run).await.unwrap().text, "echo: hi");
    }
    let headers = server.calls().pop().unwrap().headers;
    let sent = ["project-id", "environment", "external-user-id", "app-slug", "tool-mode"]
        .map(|it| headers[&format!("x-pd-{it}")].clone());
    assert_eq!(sent, ["proj_1", "development", "ann@example.com", "slack,notion", "tools-only"]);
    let asked = site.calls();
    assert_eq!(asked.len(), 1, "one token for both calls");
    let body: Value = serde_json::from_str(&asked[0].body).unwrap();
    assert_eq!(
        body,
        json!({"grant_type": "client_credentials", "client_id": "c", "client_secret": "s"})
    );
    for (app, user) in [("Slack!", "a"), ("", "a"), ("slack", "a b"), ("slack", "")] {
        assert!(project(&of(app, user)).is_err(), "{app} {user}");
    }
    let mut unfilled = of("slack", "{{$vars.nobody}}");
    assert!(project(&unfilled).is_ok(), "actions can be listed without a person");
    unfilled.run = Some(run);
    assert!(project(&unfilled).is_err());
}

#[tokio::test]
async fn a_registered_server_offers_what_it_told_when_it_was_authorized() {
    let server = FakeMcp::start().await;
    let stored = |id: &str, is_authorized: bool| McpServer {
        id: id.to_owned(),
        name: format!("server {id}"),
        url: server.url("/mcp"),
        shown_url: "http://shown".to_owned(),
        headers: vec![("x-key".to_owned(), "k".to_owned())],
        is_authorized,
        tools: flowstone_testkit::mcp::tools().as_array().cloned().unwrap(),
    };
    let services = services(&[server.address()], "", vec![stored("a", true), stored("b", false)]);
    let of = |id: &str| form(&services, &json!({"mcpServerId": id, "mcpActions": ["echo"]}), &[]);
    let node = &CustomMcpServerTool;
    let listed = serde_json::to_value(node.options("listServers", &of("")).await.unwrap()).unwrap();
    assert_eq!(listed, json!([{"label": "server a", "name": "a", "description": "http://shown"}]));
    assert!(node.options("listActions", &of("")).await.unwrap().is_empty());
    assert_eq!(node.options("listActions", &of("a")).await.unwrap().len(), 5);
    let tools = built(node, &of("a")).await;
    assert!(server.calls().is_empty(), "nobody is called before the model calls");
    let arguments = json!({"text": "hi"}).as_object().cloned().unwrap();
    assert_eq!(tools[0].call(&arguments, &run(&services)).await.unwrap().text, "echo: hi");
    assert!(server.calls().iter().all(|it| it.headers["x-key"] == "k"));
    assert!(refused(node, &of("b")).await.contains("server b has not told its tools"));
    assert!(refused(node, &of("c")).await.contains("is gone"));
    assert!(matches!(node.init(&of("")).await.err(), Some(Error::MissingInput { .. })));
}

#[test]
fn two_tools_never_have_one_name() {
    let none = |_: &str| false;
    assert_eq!(free_name("a b", 64, none), "a_b");
    assert_eq!(free_name(&"x".repeat(90), 64, none).len(), 64);
    assert_eq!(free_name("a.b", 64, |it| it == "a_b"), "a_b_2");
    assert_eq!(free_name("abcdef", 5, |it| it == "abcde"), "abc_2");
}
