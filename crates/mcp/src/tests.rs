//! The client against a server over each transport, and what programs may not do.

use std::{sync::Arc, time::Duration};

use flowstone_core::Error;
use flowstone_providers::{HttpClient, HttpSettings};
use flowstone_testkit::FakeMcp;
use rstest::rstest;
use serde_json::{Map, Value, json};

use crate::{
    Called, Commands, HttpServer, Mcp, Picture, Program, Sessions, Settings, Target, Wire,
};

fn calling(addresses: &[&str], settings: Settings) -> Mcp {
    let allow = addresses.iter().map(|it| (*it).to_owned()).collect();
    let http = HttpClient::new(HttpSettings { allow, ..HttpSettings::default() }).unwrap();
    Mcp::new(Arc::new(http), settings)
}

fn at(url: String, wire: Wire) -> Target {
    Target::Http(HttpServer { url, headers: vec![("x-key".into(), "k".into())], wire })
}

fn arguments(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

#[rstest]
#[case("/mcp", Wire::Streamable)]
#[case("/mcp-events", Wire::Streamable)]
#[case("/mcp", Wire::Either)]
#[case("/sse", Wire::Events)]
#[case("/sse", Wire::Either)]
#[tokio::test]
async fn tools_are_listed_and_called_over_each_transport(#[case] path: &str, #[case] wire: Wire) {
    let server = FakeMcp::start().await;
    let mcp = calling(&[server.address()], Settings::default());
    let target = at(server.url(path), wire);
    let tools = mcp.tools(&target, None).await.unwrap();
    let names: Vec<&str> = tools.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["echo", "fail", "picture", "count", "Odd name!"]);
    assert_eq!(tools[0].schema["required"], json!(["text"]));
    assert_eq!(tools[4].description, "Odd name!");

    let sessions = Sessions::default();
    let call = async |name: &str, given: Value| {
        mcp.call(&target, &sessions, name, &arguments(given)).await.unwrap()
    };
    assert_eq!(call("echo", json!({"text": "Ünï"})).await.text, "echo: Ünï");
    let failed = call("fail", json!({})).await;
    assert!(failed.is_error && failed.text == "it went wrong");
    let drawn = call("picture", json!({})).await;
    let picture = Picture { media_type: "image/png".into(), base64: "aGk=".into() };
    let text = "here\n[a picture, image/png]".to_owned();
    assert_eq!(drawn, Called { text, is_error: false, pictures: vec![picture] });
    // All calls of a run go over one connection.
    assert_eq!(call("count", json!({})).await.text, "1");
    assert_eq!(call("count", json!({})).await.text, "2");
    let greetings = server.methods().iter().filter(|it| *it == "initialize").count();
    assert_eq!(greetings, 2, "one to list, one to call");
    assert!(server.calls().iter().all(|it| it.headers["x-key"] == "k"));
    if path != "/sse" {
        assert_eq!(server.ended(), 1, "the session of the list is over");
    }
}

#[tokio::test]
async fn what_the_server_says_at_the_door_is_told() {
    let server = FakeMcp::start().await;
    server.asks_for("right");
    let mcp = calling(&[server.address()], Settings::default());
    for path in ["/mcp", "/mcp-events", "/sse"] {
        let wire = if path == "/sse" { Wire::Events } else { Wire::Either };
        let error = mcp.tools(&at(server.url(path), wire), None).await.unwrap_err();
        let Error::Provider { status: 401, message } = error else { panic!("{error}") };
        assert_eq!(
            message,
            format!("Unauthorized, says the MCP server {}: no such token", server.address())
        );
    }
}

#[tokio::test]
async fn an_address_that_is_no_mcp_server_is_told_as_such() {
    let server = FakeMcp::start().await;
    let mcp = calling(&[server.address(), "127.0.0.1:1"], Settings::default());
    let said = async |path: &str, wire: Wire| {
        mcp.tools(&at(server.url(path), wire), None).await.unwrap_err().to_string()
    };
    for wire in [Wire::Either, Wire::Events] {
        assert!(
            said("/none", wire)
                .await
                .ends_with("does not answer as MCP servers do: is the address right?")
        );
    }
    assert!(said("/nothing", Wire::Either).await.contains("Not Found, says the MCP server"));
    assert!(said("/moved", Wire::Events).await.contains("posted to another server"));
    let nobody = at("http://127.0.0.1:1/mcp".into(), Wire::Either);
    let error = mcp.tools(&nobody, None).await.unwrap_err().to_string();
    assert!(error.contains("nothing answers there"), "{error}");
}

#[tokio::test]
async fn private_addresses_are_refused_over_each_transport() {
    let server = FakeMcp::start().await;
    let mcp = calling(&[], Settings::default());
    for wire in [Wire::Either, Wire::Streamable, Wire::Events] {
        let error = mcp.tools(&at(server.url("/mcp"), wire), None).await.unwrap_err();
        assert!(matches!(error, Error::AddressRefused(_)), "{error}");
    }
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn a_list_of_tools_has_a_limit() {
    let server = FakeMcp::start().await;
    let many: Vec<Value> =
        (0..50).map(|it| json!({"name": format!("tool{it}"), "inputSchema": {}})).collect();
    server.tells(many.into());
    let settings = Settings { list: 1000, ..Settings::default() };
    let mcp = calling(&[server.address()], settings);
    let error = mcp.tools(&at(server.url("/mcp"), Wire::Either), None).await.unwrap_err();
    assert!(error.to_string().contains("more tools than the 1000 bytes"), "{error}");
}

/// A program that speaks MCP in a few lines of shell; `environment` is its tool.
const SERVER: &str = r#"
echo "$$" > "$1"
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"s","version":"1"}}}\n' "$id";;
    *'"tools/list"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"tools":[{"name":"environment","inputSchema":{"type":"object"}}]}}\n' "$id";;
    *'"hang"'*) echo "I hang" >&2; sleep 1000 & echo "$!" > "$1"; wait;;
    *'"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\n' "$id" "$(env | sed 's/=.*//' | sort | tr '\n' ' ')";;
  esac
done
"#;

struct Script {
    folder: tempfile::TempDir,
    words: Vec<String>,
}

impl Script {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(path("server.sh"), SERVER).unwrap();
        let words = vec!["sh".to_owned(), path("server.sh"), path("pid")];
        Self { folder, words }
    }

    fn mcp(&self, environment: &str) -> Mcp {
        let commands = Commands::parse(&format!("{environment} {}", self.words.join(" "))).unwrap();
        let path = "/usr/local/bin:/usr/bin:/bin".to_owned();
        calling(&[], Settings { commands, path, ..Settings::default() })
    }

    fn target(&self, environment: &[(&str, &str)]) -> Target {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let environment = environment.iter().map(pair).collect();
        Target::Program(Program { node: None, words: self.words.clone(), environment })
    }

    fn process(&self) -> Option<String> {
        let number = std::fs::read_to_string(self.folder.path().join("pid")).ok()?;
        Some(number.trim().to_owned())
    }
}

/// Waits until no process has this number any more, other than one that is only left to be counted.
async fn gone(process: &str) {
    let path = format!("/proc/{process}/stat");
    let mut pause = tokio::time::interval(Duration::from_millis(10));
    for _ in 0..1000 {
        let Ok(text) = std::fs::read_to_string(&path) else { return };
        if text.contains(") Z ") {
            return;
        }
        pause.tick().await;
    }
    panic!("process {process} still runs");
}

#[tokio::test]
async fn an_allowed_program_gets_only_what_is_said_and_ends_with_the_run() {
    let script = Script::new();
    let mcp = script.mcp("TOKEN=");
    let target = script.target(&[("TOKEN", "t")]);
    let sessions = Sessions::default();
    let tools = mcp.tools(&target, Some(&sessions)).await.unwrap();
    assert_eq!(tools[0].name, "environment");
    let called = mcp.call(&target, &sessions, "environment", &Map::new()).await.unwrap();
    let names: Vec<&str> = called.text.split(' ').filter(|it| !it.is_empty()).collect();
    // What a shell sets by itself is not ours.
    let given: Vec<&&str> =
        names.iter().filter(|it| !["_", "PWD", "OLDPWD", "SHLVL"].contains(it)).collect();
    assert_eq!(given, [&"PATH", &"TOKEN"]);
    let process = script.process().unwrap();
    assert!(std::path::Path::new(&format!("/proc/{process}")).exists());
    drop(sessions);
    gone(&process).await;
}

#[tokio::test]
async fn a_program_that_hangs_is_ended_with_all_it_started() {
    let script = Script::new();
    let commands = Commands::parse(&script.words.join(" ")).unwrap();
    let path = "/usr/local/bin:/usr/bin:/bin".to_owned();
    let call = Duration::from_millis(300);
    let mcp = calling(&[], Settings { commands, path, call, ..Settings::default() });
    let (target, sessions) = (script.target(&[]), Sessions::default());
    let said = mcp.call(&target, &sessions, "hang", &Map::new()).await.unwrap_err();
    assert!(said.to_string().contains("did not answer within 0.3 seconds"), "{said}");
    gone(&script.process().unwrap()).await;
}

#[tokio::test]
async fn a_program_that_cannot_run_is_told_without_its_path() {
    for (words, part) in [
        (vec!["/nowhere/secret-folder/program"], "program cannot be started: is it installed?"),
        (vec!["sh", "-c", "exit 3"], "ended at once (exit status: 3)"),
        (vec!["cat", "/dev/null"], "ended at once (exit status: 0)"),
    ] {
        let entry: Vec<String> = words.iter().map(|it| format!("'{it}'")).collect();
        let commands = Commands::parse(&entry.join(" ")).unwrap();
        let path = "/usr/local/bin:/usr/bin:/bin".to_owned();
        let mcp = calling(&[], Settings { commands, path, ..Settings::default() });
        let words = words.into_iter().map(str::to_owned).collect();
        let target = Target::Program(Program { node: None, words, environment: Vec::new() });
        let said = mcp.tools(&target, None).await.unwrap_err().to_string();
        assert!(said.contains(part) && !said.contains("secret-folder"), "{said}");
    }
}

/// What attackers wrote into such forms so far: with no list nothing starts, and with a list only
/// what is on it.
#[tokio::test]
async fn nothing_starts_that_is_not_on_the_list() {
    let script = Script::new();
    let canary = script.folder.path().join("canary");
    let touch = format!("touch {}", canary.display());
    let corpus: &[&[&str]] = &[
        &["touch", "CANARY"],
        &["/usr/bin/touch", "CANARY"],
        &["sh", "-c", "TOUCH"],
        &["bash", "-c", "TOUCH"],
        &["env", "touch", "CANARY"],
        &["npx", "-c", "TOUCH"],
        &["npx", "--call", "TOUCH"],
        &["npx", "--yes", "evil"],
        &["npx", "-y", "evil"],
        &["npx", "-yc", "TOUCH"],
        &["npx", "--node-options=--require=/tmp/x", "evil"],
        &["npx", "--shell-auto-fallback", "evil"],
        &["node", "-e", "TOUCH"],
        &["node", "--eval", "TOUCH"],
        &["node", "-p", "TOUCH"],
        &["node", "-r", "/tmp/x.js"],
        &["node", "--require=/tmp/x.js"],
        &["node", "--import", "data:text/javascript,1"],
        &["node", "--loader", "/tmp/x.mjs"],
        &["node", "--env-file=/etc/passwd"],
        &["node", "--inspect-brk=0.0.0.0"],
        &["python", "-c", "TOUCH"],
        &["python3", "-c", "TOUCH"],
        &["python3", "-m", "http.server"],
        &["docker", "run", "-v", "/:/h", "alpine"],
        &["docker", "run", "--privileged", "alpine"],
        &["docker", "exec", "x", "sh"],
        &["docker", "--host=tcp://evil", "ps"],
        &["ping", "-c", "1", "127.0.0.1"],
        &["curl", "http://evil"],
        &["./server.sh"],
        &["../server.sh"],
        &["sh", "SCRIPT"],
        &["sh", "SCRIPT", "PID", "more"],
        &["sh", "-x", "SCRIPT", "PID"],
        &["sh ", "SCRIPT", "PID"],
        &["sh", "SCRIPT PID"],
        &["sh SCRIPT PID"],
        &[""],
        &[],
    ];
    let listed = script.mcp("");
    let nothing =
        calling(&[], Settings { path: "/usr/bin:/bin".to_owned(), ..Settings::default() });
    for words in corpus {
        let filled = words.iter().map(|word| {
            let word = word.replace("CANARY", canary.to_str().unwrap()).replace("TOUCH", &touch);
            word.replace("SCRIPT", &script.words[1]).replace("PID", &script.words[2])
        });
        let words: Vec<String> = filled.collect();
        let target = Target::Program(Program { node: None, words, environment: Vec::new() });
        for mcp in [&listed, &nothing] {
            let error = mcp.tools(&target, None).await.unwrap_err();
            assert!(matches!(error, Error::Unsupported(_)), "{target:?}: {error}");
        }
    }
    for name in ["LD_PRELOAD", "NODE_OPTIONS", "PYTHONPATH", "PATH", "BASH_ENV", "A\0B", ""] {
        let error = listed.tools(&script.target(&[(name, "x")]), None).await.unwrap_err();
        assert!(matches!(error, Error::Unsupported(_)), "{name:?}: {error}");
    }
    assert!(!canary.exists() && script.process().is_none());
}
