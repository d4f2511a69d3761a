//! The command line: run, catalog, models.

use flowstone_testkit::FakeProvider;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    built_in::models_folder,
    process::{finish, flowstone},
    site::{Site, flow_file, node, send},
};

/// An example flow of the repository.
fn example(name: &str) -> String {
    format!("{}/../../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// The lines of a run with `--json`.
fn lines(out: &str) -> Vec<Value> {
    out.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
}

#[tokio::test]
async fn run_prints_the_answer_of_the_built_in_model() {
    let home = TempDir::new().unwrap();
    let flow = example("1-first-answer.json");
    let question = "What is the capital of France?";
    let run = |more: &[&str]| {
        let mut command = flowstone(home.path(), &["run", &flow, "--question", question]);
        command.args(more).env("FLOWSTONE_MODELS_DIR", models_folder());
        finish(command)
    };
    let (succeeded, text, said) = run(&[]).await;
    assert!(succeeded, "{said}");
    assert!(text.contains("Paris") && text.ends_with('\n'), "{text}");
    let (succeeded, out, said) = run(&["--json"]).await;
    assert!(succeeded, "{said}");
    let lines = lines(&out);
    let (result, events) = lines.split_last().unwrap();
    assert_eq!(result["text"].as_str().unwrap().trim(), text.trim(), "the same either way");
    assert!(result["usage"]["output_tokens"].as_u64().unwrap() > 0, "{result}");
    assert_eq!(events[0]["event"], "start");
    let pieces = events.iter().filter(|it| it["event"] == "token");
    let pieces: String = pieces.map(|it| it["data"].as_str().unwrap()).collect();
    assert_eq!(result["text"], pieces);
}

#[tokio::test]
async fn run_answers_from_a_text_by_built_in_embeddings() {
    let home = TempDir::new().unwrap();
    let flow = example("3-answers-from-text.json");
    let question = "On which port does Flowstone listen?";
    let mut command = flowstone(home.path(), &["run", &flow, "--json", "--question", question]);
    command.env("FLOWSTONE_MODELS_DIR", models_folder());
    let (succeeded, out, said) = finish(command).await;
    assert!(succeeded, "{said}");
    let lines = lines(&out);
    let first = &lines.last().unwrap()["sourceDocuments"][0]["pageContent"];
    assert!(first.as_str().unwrap().contains("port 3000"), "{first}");
}

#[tokio::test]
async fn run_fails_with_the_sentence_of_what_failed() {
    let home = TempDir::new().unwrap();
    // An export carries the id of a credential, which is not on this machine.
    std::fs::write(home.path().join("flow.json"), flow_file("llm-chain").to_string()).unwrap();
    let run = flowstone(home.path(), &["run", "flow.json", "--question", "Bob"]);
    let (succeeded, out, said) = finish(run).await;
    assert!(!succeeded && out.is_empty(), "{out}");
    let expected = "flowstone: OpenAI: the chosen credential is gone: choose another one";
    assert_eq!(said.trim(), expected);
}

#[tokio::test]
async fn run_fails_where_the_model_fails() {
    let provider = FakeProvider::start().await;
    let home = TempDir::new().unwrap();
    let mut flow = flow_file("conversation");
    // Ollama needs no credential.
    let model = node(&mut flow, "chatOpenAI_0");
    model["name"] = "chatOllama".into();
    model["version"] = json!(5);
    model["credential"] = "".into();
    model["inputs"] = json!({"baseUrl": provider.origin(), "modelName": "mock"});
    std::fs::write(home.path().join("flow.json"), flow.to_string()).unwrap();
    let run = |question: &str| {
        let mut command = flowstone(home.path(), &["run", "flow.json", "--question", question]);
        command.env("HTTP_ALLOW_LIST", provider.address());
        finish(command)
    };
    let (succeeded, out, said) = run("Ahoy").await;
    assert!(succeeded, "{said}");
    assert_eq!(out, "Mock reply to: Ahoy\n");
    let (succeeded, _, said) = run("[[error:400]]").await;
    assert!(!succeeded);
    assert!(said.contains("OpenAI: 400 mock upstream error 400"), "{said}");
    let (succeeded, out, said) = run("[[break]]").await;
    assert!(!succeeded);
    assert_eq!(out, "Mock\n", "what was said before it broke is shown");
    assert!(said.contains("OpenAI: "), "{said}");
}

#[tokio::test]
async fn run_says_what_is_wrong_with_a_file() {
    let home = TempDir::new().unwrap();
    std::fs::write(home.path().join("notes.txt"), "not a flow").unwrap();
    for (file, expected) in [("nowhere.json", "could not be read"), ("notes.txt", "cannot be read")]
    {
        let run = flowstone(home.path(), &["run", file, "--question", "hi"]);
        let (succeeded, out, said) = finish(run).await;
        assert!(!succeeded && out.is_empty());
        assert!(said.contains(expected), "{said}");
    }
}

#[tokio::test]
async fn a_missing_model_says_how_to_get_it() {
    let home = TempDir::new().unwrap();
    let flow = example("1-first-answer.json");
    let run = flowstone(home.path(), &["run", &flow, "--question", "hi"]);
    let (succeeded, _, said) = finish(run).await;
    assert!(!succeeded);
    assert!(said.contains("flowstone models pull smollm2-135m-instruct"), "{said}");
}

#[tokio::test]
async fn the_catalog_is_what_the_server_answers() {
    let site = Site::open().await;
    let (succeeded, out, said) = finish(flowstone(site.home.path(), &["catalog"])).await;
    assert!(succeeded, "{said}");
    let printed: Value = serde_json::from_str(&out).unwrap();
    let served = send(site.signed_in(Method::GET, "/nodes")).await.json();
    assert_eq!(sorted(printed), sorted(served));
}

#[tokio::test]
async fn the_openapi_document_is_what_the_server_answers() {
    let site = Site::open().await;
    let (succeeded, out, said) = finish(flowstone(site.home.path(), &["openapi"])).await;
    assert!(succeeded, "{said}");
    let printed: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(printed["openapi"], "3.1.0");
    assert_eq!(printed, send(site.request(Method::GET, "/openapi.json")).await.json());
}

fn sorted(list: Value) -> Vec<Value> {
    let mut rows = list.as_array().unwrap().clone();
    rows.sort_by_key(|it| it["name"].as_str().unwrap().to_owned());
    rows
}

#[tokio::test]
async fn models_are_listed_with_their_size_or_as_missing() {
    let home = TempDir::new().unwrap();
    let list = |folder: Option<String>| {
        let mut command = flowstone(home.path(), &["models", "list"]);
        command.envs(folder.map(|it| ("FLOWSTONE_MODELS_DIR", it)));
        finish(command)
    };
    let (succeeded, out, said) = list(None).await;
    assert!(succeeded, "{said}");
    for name in ["smollm2-135m-instruct", "all-minilm-l6-v2"] {
        let line = out.lines().find(|it| it.starts_with(name)).unwrap();
        assert!(line.contains("not installed"), "{line}");
    }
    let (_, out, _) = list(Some(models_folder())).await;
    for name in ["smollm2-135m-instruct", "all-minilm-l6-v2"] {
        let line = out.lines().find(|it| it.starts_with(name)).unwrap();
        assert!(line.contains("MiB"), "{line}");
    }
}

#[tokio::test]
async fn a_model_is_installed_from_a_folder() {
    let home = TempDir::new().unwrap();
    let source = format!("{}/all-minilm-l6-v2", models_folder());
    let pull = ["models", "pull", "all-minilm-l6-v2", "--from", &source];
    let (succeeded, _, said) = finish(flowstone(home.path(), &pull)).await;
    assert!(succeeded, "{said}");
    assert!(said.contains("all-minilm-l6-v2 is installed"), "{said}");
    let wrong = ["models", "pull", "all-minilm-l6-v2", "--from", "nowhere"];
    let (succeeded, _, said) = finish(flowstone(home.path(), &wrong)).await;
    assert!(!succeeded);
    assert_eq!(said.trim(), "flowstone: nowhere is neither a folder nor a file");
}
