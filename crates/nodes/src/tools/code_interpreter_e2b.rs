//! Python in a sandbox of E2B.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    e2b::{ADDRESS, E2b, Execution, SANDBOX},
};
use serde_json::{Map, Value, json};

use crate::pictures;

const NAME: Input<String> = Input::text("Tool Name", "toolName")
    .default("code_interpreter")
    .describe("What the model calls the tool");
const DESCRIPTION: Input<String> = Input::text("Tool Description", "toolDesc")
    .rows(4)
    .default(DEFAULT_DESCRIPTION)
    .describe("Tells the model when to use the tool");
const DEFAULT_DESCRIPTION: &str = "\
Runs Python and tells what it prints and what its last line is. Each call begins anew: send the \
whole program, as plain code without a fence around it, and print what you want to know. numpy, \
pandas, matplotlib, scipy, requests and other common packages are there. Charts are shown to the \
user by plt.show().";

static SPEC: Spec = Spec {
    label: "Code Interpreter by E2B",
    name: "codeInterpreterE2B",
    version: 1.0,
    kind: "CodeInterpreter",
    icon: "code-service.svg",
    category: "Tools",
    description: "Lets a model run Python in a sandbox of E2B",
    base_classes: &["CodeInterpreter", "Tool", "StructuredTool", "Runnable"],
    credential: Some(CredentialSlot::optional(&["E2BApi"])),
    inputs: &[NAME.field, DESCRIPTION.field],
    ..Spec::EMPTY
};

/// Longest answer a model is given, in characters.
const LONGEST_ANSWER: usize = 50_000;

/// What a result may be beside text and pictures, as pages show it.
const SHOWN: [&str; 5] = ["html", "markdown", "latex", "json", "javascript"];

/// The node.
pub(crate) struct CodeInterpreter {
    address: &'static str,
    sandbox: &'static str,
}

/// The node, at the vendor's addresses.
pub(crate) static NODE: CodeInterpreter = CodeInterpreter { address: ADDRESS, sandbox: SANDBOX };

#[async_trait]
impl Node for CodeInterpreter {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let key = inputs.credential()?.require("e2bApiKey", "E2B Api Key")?.to_owned();
        let spec = ToolSpec {
            name: super::name_for_models(&inputs.get(&NAME)?, "code_interpreter"),
            description: inputs.get(&DESCRIPTION)?,
            parameters: super::one_text("The Python program to run"),
        };
        let (address, sandbox) = (self.address, self.sandbox);
        Ok(Capability::Tool(Arc::new(Interpreter { spec, key, address, sandbox })))
    }
}

struct Interpreter {
    spec: ToolSpec,
    key: String,
    address: &'static str,
    sandbox: &'static str,
}

#[async_trait]
impl Tool for Interpreter {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let code = super::text_of(arguments, "input")?;
        let http = run.services.get::<HttpClient>()?;
        let (address, sandbox) = (self.address, self.sandbox);
        let ran = E2b { http: &http, key: &self.key, address, sandbox }.run(code).await;
        let execution = ran.map_err(|error| match error {
            Error::Provider { status: 401, message } => Error::Credential(format!(
                "{message}. The credential (E2B API) is not accepted: open it under Credentials and \
                 check what it holds"
            )),
            other => other,
        })?;
        let mut artifacts = Vec::new();
        for result in &execution.results {
            for (kind, value) in result {
                let Some(text) = value.as_str() else {
                    if SHOWN.contains(&kind.as_str()) {
                        artifacts.push(json!({"type": kind, "data": value}));
                    }
                    continue;
                };
                match kind.as_str() {
                    "png" | "jpeg" => {
                        let media_type = format!("image/{kind}");
                        artifacts.extend(pictures::keep(&media_type, text, run).await?);
                    }
                    shown if SHOWN.contains(&shown) => {
                        artifacts.push(json!({"type": kind, "data": text}));
                    }
                    _ => {}
                }
            }
        }
        let text = told(&execution, artifacts.len());
        let text = super::cut(&text, LONGEST_ANSWER).to_owned();
        Ok(ToolResult { text, artifacts, ..ToolResult::default() })
    }
}

/// What the model is told: what was printed, the last line, and why it ended early.
fn told(execution: &Execution, shown: usize) -> String {
    let results = execution.results.iter();
    let last = results.filter(|it| it.get("is_main_result") == Some(&Value::Bool(true)));
    let last = last.filter_map(|it| it.get("text")?.as_str());
    let failed = execution.error.as_deref();
    // Warnings matter to a model only where something went wrong.
    let warned = failed.map(|_| execution.stderr.as_str());
    let parts = [execution.stdout.as_str()].into_iter().chain(last).chain(warned).chain(failed);
    let parts: Vec<&str> = parts.map(str::trim).filter(|it| !it.is_empty()).collect();
    match (parts.is_empty(), shown) {
        (false, _) => parts.join("\n"),
        (true, 0) => "The program ran. It printed nothing.".to_owned(),
        (true, _) => "The program ran. What it made is shown to the user.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::services::{FilePlace, Files as _};
    use flowstone_testkit::{FakeSite, Ports, SitePage};

    use super::*;
    use crate::testing::{credential, form, services_over};

    fn page(value: &Value) -> SitePage {
        SitePage::new("application/json", value.to_string())
    }

    async fn site(told: &str) -> FakeSite {
        FakeSite::start([
            (
                "/sandboxes",
                page(&json!({"sandboxID": "s1", "domain": null, "envdAccessToken": "gate-7"})),
            ),
            ("/s1.e2b.app/execute", SitePage::new("application/x-ndjson", told.to_owned())),
            ("/sandboxes/s1", page(&Value::Null).status(204)),
        ])
        .await
    }

    async fn tool(site: &FakeSite) -> Arc<dyn Tool> {
        let node = CodeInterpreter {
            address: site.url("").leak(),
            sandbox: site.url("/{id}.{domain}").leak(),
        };
        let mut form = form(&json!({}));
        form.credential = Some(credential(&[("e2bApiKey", "secret")]));
        let Ok(Capability::Tool(tool)) = node.init(&form).await else { panic!("no tool") };
        tool
    }

    #[tokio::test]
    async fn a_program_runs_in_a_sandbox_that_is_gone_afterwards() {
        let told = [
            json!({"type": "stdout", "text": "hello\n"}),
            json!({"type": "result", "text": "<Figure>", "png": "aGk=\n", "is_main_result": false}),
            json!({"type": "result", "text": "42", "html": "<b>42</b>", "is_main_result": true}),
            json!({"type": "end_of_execution"}),
        ];
        let told = told.map(|it| format!("{it}\n")).concat();
        let site = site(&told).await;
        let ports = Ports::default();
        let services = services_over(ports.services(), site.address());
        let (run, _receiver) = flowstone_testkit::run("q", services);
        let code = json!({"input": "print('hello'); 42"});
        let tool = tool(&site).await;
        let result = tool.call(code.as_object().unwrap(), &run).await.unwrap();
        assert_eq!(result.text, "hello\n42");
        let kinds: Vec<_> = result.artifacts.iter().map(|it| it["type"].clone()).collect();
        assert_eq!(kinds, ["png", "html"]);
        let name = result.artifacts[0]["data"].as_str().unwrap();
        let name = name.strip_prefix("FILE-STORAGE::").unwrap();
        let place =
            FilePlace::Chat { workspace: &run.workspace, flow: &run.flow_id, chat: &run.chat_id };
        assert_eq!(ports.files.read(place, name).await.unwrap(), b"hi");
        let calls: Vec<_> =
            site.calls().iter().map(|it| format!("{} {}", it.method, it.path)).collect();
        assert_eq!(calls, ["POST /sandboxes", "POST /s1.e2b.app/execute", "DELETE /sandboxes/s1"]);
        let ran = &site.calls()[1];
        assert_eq!(ran.headers["x-access-token"], "gate-7");
        assert!(!ran.headers.contains_key("x-api-key"), "the program's server learns no key");
    }

    #[tokio::test]
    async fn failures_are_told_and_the_sandbox_is_gone_all_the_same() {
        let failed = json!({"type": "error", "name": "NameError", "value": "no x"}).to_string();
        let site = site(&failed).await;
        let services = services_over(Ports::default().services(), site.address());
        let (run, _receiver) = flowstone_testkit::run("q", services);
        let tool = tool(&site).await;
        let code = json!({"input": "x"});
        let result = tool.call(code.as_object().unwrap(), &run).await.unwrap();
        assert_eq!(result.text, "NameError: no x");
        site.put("/s1.e2b.app/execute", page(&json!({"message": "out of memory"})).status(500));
        let said = tool.call(code.as_object().unwrap(), &run).await.unwrap_err().to_string();
        assert_eq!(said, "500 E2B: out of memory");
        let last = site.calls().pop().unwrap();
        assert_eq!((last.method.as_str(), last.path.as_str()), ("DELETE", "/sandboxes/s1"));
        site.put("/sandboxes", page(&json!({"message": "Invalid API key secret"})).status(401));
        let said = tool.call(code.as_object().unwrap(), &run).await.unwrap_err().to_string();
        assert!(said.starts_with("E2B: Invalid API key [key]. The credential (E2B API)"), "{said}");
        let nothing = CodeInterpreter { address: "", sandbox: "" };
        let said = nothing.init(&form(&json!({}))).await.err().unwrap().to_string();
        assert!(said.contains("no credential is chosen"), "{said}");
    }
}
