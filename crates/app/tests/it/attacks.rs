//! What attackers try, tried over the whole catalog and the whole route table.

mod files;
mod limits;
mod texts;
mod walls;

use std::collections::{BTreeSet, HashSet};

use flowstone_engine::{Catalog, FlowData, OverrideGate, Overrides};
use flowstone_server::route::table;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;

use crate::site::{Site, node, send};

fn catalog() -> Catalog {
    Catalog::new(flowstone_nodes::ALL, &HashSet::new())
}

/// Values that were found to slip past other gates.
fn hostile_values() -> Vec<Value> {
    vec![
        json!("changed"),
        json!("FILE-STORAGE::/etc/passwd"),
        json!("data:text/plain;base64,eA=="),
        json!({"node_0": "changed"}),
        json!({"__proto__": {"x": 1}, "constructor": {"prototype": {}}}),
        json!(["changed", {"a": 1}]),
        json!(true),
        json!(7),
        Value::Null,
    ]
}

/// T03: while the owner keeps the gate closed, no call changes any row of any node; and an open
/// gate opens the listed rows of the listed node and nothing else.
#[test]
fn a_closed_gate_stays_closed_for_every_row_of_every_node() {
    let catalog = catalog();
    let closed = OverrideGate::default();
    let elsewhere = json!({"overrideConfig": {"status": true, "nodes": {
        "Another node": [{"name": "temperature", "enabled": true}],
        "Node": [{"name": "temperature", "enabled": false}],
    }}});
    let elsewhere = OverrideGate::parse(Some(&elsewhere.to_string()));
    let mut tried = 0;
    for kind in catalog.all() {
        let spec = kind.spec();
        let rows: Map<String, Value> =
            spec.inputs.iter().map(|it| (it.name.to_owned(), json!("before"))).collect();
        let flow = json!({"nodes": [{"id": "node_0", "data": {
            "id": "node_0", "label": "Node", "name": spec.name, "inputs": rows,
        }}], "edges": []});
        for row in spec.inputs {
            // The values of a prompt's variables are what a call is about.
            let gates: &[&OverrideGate] =
                if row.name == "promptValues" { &[&closed] } else { &[&closed, &elsewhere] };
            for (value, gate) in
                hostile_values().iter().flat_map(|it| gates.iter().map(move |gate| (it, gate)))
            {
                for config in [
                    json!({row.name: value}),
                    json!({row.name: {"node_0": value}}),
                    json!({"node_0": {row.name: value}}),
                    json!({format!("node_0.{}", row.name): value}),
                ] {
                    let config = config.as_object().unwrap();
                    let overrides = Overrides { gate, config, files: &[] };
                    let mut changed: FlowData = serde_json::from_value(flow.clone()).unwrap();
                    overrides.apply(&mut changed, &catalog);
                    let inputs = &changed.nodes[0].data.inputs;
                    assert_eq!(
                        Value::Object(inputs.clone()),
                        flow["nodes"][0]["data"]["inputs"],
                        "{}: {config:?}",
                        spec.name
                    );
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}

/// Rows in which a flow's author writes where a model is.
const ADDRESS_ROWS: &[&str] = &[
    "basepath",
    "basePath",
    "baseUrl",
    "baseURL",
    "baseurl",
    "endpoint",
    "azureOpenAIBasePath",
    "customServerURL",
];

/// A credential of a kind with every field filled in.
async fn filled_credential(site: &Site, kind: &str) -> String {
    let spec = flowstone_nodes::CREDENTIALS.iter().find(|it| it.name == kind).unwrap();
    let fields: Map<String, Value> =
        spec.inputs.iter().map(|it| (it.name.to_owned(), json!("x"))).collect();
    let form = json!({"name": kind, "credentialName": kind, "plainDataObj": fields});
    let answer = site.admin(Method::POST, "/credentials", &form).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

/// T06: a model whose address leads into the installation's own network is not called, however the
/// address is spelled, whichever node it is written in.
#[tokio::test]
async fn no_model_node_calls_a_private_address() {
    // Whoever is called tells on it.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let site = Site::open().await;
    let targets = [
        format!("http://127.0.0.1:{port}/v1"),
        format!("http://localhost:{port}/v1"),
        format!("http://2130706433:{port}/v1"),
        format!("http://0x7f.1:{port}/v1"),
        format!("http://0177.0.0.1:{port}/v1"),
        format!("http://[::1]:{port}/v1"),
        format!("http://[::ffff:127.0.0.1]:{port}/v1"),
        format!("http://user@127.0.0.1:{port}/v1"),
        format!("http://0:{port}/v1"),
        "http://169.254.169.254/v1".to_owned(),
        "file:///etc/passwd".to_owned(),
        "gopher://127.0.0.1/v1".to_owned(),
    ];
    let mut tried = BTreeSet::new();
    for kind in flowstone_nodes::ALL {
        let spec = kind.spec();
        if spec.category != "Chat Models" {
            continue;
        }
        let Some(row) = spec.inputs.iter().find(|it| ADDRESS_ROWS.contains(&it.name)) else {
            continue;
        };
        // Only what the node cannot do without; everything else stays at its default.
        let needed = spec.inputs.iter().filter(|it| {
            !it.optional
                && it.default.to_value().is_none()
                && matches!(it.kind, "string" | "asyncOptions")
        });
        let mut inputs: Map<String, Value> =
            needed.map(|it| (it.name.to_owned(), json!("x"))).collect();
        let credential = match spec.credential {
            Some(slot) => Some(filled_credential(&site, slot.names[0]).await),
            None => None,
        };
        for target in &targets {
            inputs.insert(row.name.to_owned(), target.clone().into());
            let mut flow = site.flow_data("llm-chain");
            let model = node(&mut flow, "chatOpenAI_0");
            model["name"] = spec.name.into();
            model["label"] = spec.label.into();
            model["version"] = spec.version.into();
            model["inputs"] = inputs.clone().into();
            if let Some(credential) = &credential {
                model["inputs"]["FLOWISE_CREDENTIAL_ID"] = credential.clone().into();
                model["credential"] = credential.clone().into();
            }
            let id = site.save(&flow, &json!({})).await;
            let answer = site.ask(&id, &json!({"question": "Bob"})).await;
            // The address is what is refused, not something before it.
            let refused = answer.text.contains("HTTP_ALLOW_LIST") || !target.starts_with("http");
            assert!(
                !answer.status.is_success() && refused,
                "{} at {target}: {}",
                spec.name,
                answer.text
            );
            tried.insert(spec.name);
        }
    }
    assert!(tried.contains("chatOpenAI") && tried.len() >= 3, "{tried:?}");
    let called = tokio::select! {
        biased;
        _ = listener.accept() => true,
        () = std::future::ready(()) => false,
    };
    assert!(!called, "a flow reached a private address");
}

/// T25: a call by anybody runs the flow as it is stored; what it brings along is not a flow.
#[tokio::test]
async fn a_call_cannot_bring_its_own_flow() {
    let site = Site::open().await;
    let id = site.flow("llm-chain").await;
    let mut other = site.flow_data("llm-chain");
    node(&mut other, "promptTemplate_0")["inputs"]["template"] = "Shout at {name}!".into();
    for key in ["flowData", "data", "chatflow", "flow", "nodes"] {
        let body = json!({
            "question": "Bob", key: other.to_string(),
            "overrideConfig": {key: other, "nodes": other["nodes"], "functionInputVariables": "x"},
        });
        let answer = site.ask(&id, &body).await;
        assert_eq!(answer.json()["text"], "Mock reply to: Say hi to Bob.", "{key}");
    }
}

/// T22, T29: secrets that were put in come out nowhere, and no answer tells of the inside.
#[tokio::test]
async fn no_route_and_no_log_line_tells_a_secret() {
    const CANARY: &str = "sk-canary-4711";
    let variables = [
        ("LOG_LEVEL", "trace"),
        ("ENABLE_METRICS", "true"),
        ("FLOWISE_SECRETKEY_OVERWRITE", "canary-passphrase-0815"),
    ];
    let site = Site::with(&variables).await;
    let credential = site.make_credential(CANARY).await;
    let (key_id, key) = site.make_key().await;
    let mut flow = site.flow_data("llm-chain");
    node(&mut flow, "chatOpenAI_0")["inputs"]["FLOWISE_CREDENTIAL_ID"] = credential.clone().into();
    let id = site.save(&flow, &json!({"apikeyid": key_id})).await;
    let asked = site.request(Method::POST, &format!("/prediction/{id}")).bearer_auth(&key);
    send(asked.json(&json!({"question": "Bob", "streaming": true}))).await;
    // A failure of the provider, whose words may hold the key.
    let mut broken = flow.clone();
    node(&mut broken, "chatOpenAI_0")["inputs"]["basepath"] = "http://127.0.0.1:9/v1".into();
    let broken = site.save(&broken, &json!({})).await;
    site.ask(&broken, &json!({"question": "Bob"})).await;
    let hash = {
        let rows = send(site.signed_in(Method::GET, "/apikey")).await.json();
        assert!(!rows.to_string().contains(&key));
        rows.to_string()
    };
    assert!(!hash.contains(CANARY));

    let mut answered = 0;
    for row in table().iter().filter(|it| it.method == Method::GET) {
        // Revealing a credential to who may is what this route is for.
        if row.path.contains("reveal") {
            continue;
        }
        for value in [&id, &credential, &key_id, "../../etc/passwd", "x"] {
            let Some(path) = row.path.strip_prefix("/api/v1") else { continue };
            let mut path = path.to_owned();
            while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
                path.replace_range(start..=end, &value.replace('/', "%2F"));
            }
            let answer = send(site.signed_in(Method::GET, &path)).await;
            for secret in [CANARY, key.as_str(), "canary-passphrase-0815", "Correct-Horse-1"] {
                assert!(!answer.text.contains(secret), "{path} tells {secret}");
            }
            for inside in
                [site.home.path().to_str().unwrap(), "SELECT ", "sqlx", ".rs:", "panicked"]
            {
                assert!(!answer.text.contains(inside), "{path} tells {inside}: {}", answer.text);
            }
            answered += 1;
        }
    }
    assert!(answered > 100, "{answered}");
    let log = site.server.log();
    for secret in [CANARY, key.as_str(), "canary-passphrase-0815", "Correct-Horse-1"] {
        assert!(!log.contains(secret), "the log tells {secret}");
    }
}
