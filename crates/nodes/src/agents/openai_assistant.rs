//! An assistant that was once made at OpenAI, as it was moved in, on the interface that took the
//! place of the one it was made for.
//!
//! OpenAI ended its Assistants API on 26 August 2026. What an assistant consisted of (instructions,
//! model, settings, tools, vector stores) is kept here, so its flows go on over the Responses API, and
//! the conversation is the one stored here.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use flowstone_core::{
    Capability, ChatModel, ChatReply, ChatRequest, Document, Error, Event, Events, FilePlace,
    HostedTool, Input, Inputs, Message, Moderation, Node, Output, Result, Role, Run, Runnable,
    Services, Spec, Tool,
    node::Entry,
    services::{AssistantRegistry, StoredAssistant},
};
use flowstone_providers::{
    HttpClient,
    openai::{Chat, Endpoint, Responses, dialects},
};
use serde_json::{Map, Value, json};

use crate::{
    chat_prompt,
    moderation::{self, INPUT_MODERATION},
    openai_form::{OPENAI_KEY, reasoning},
    tool_loop::{DEFAULT_ROUNDS, ToolLoop},
};

const ASSISTANT: Input<String> =
    Input::async_options("Select Assistant", "selectedAssistant", "listAssistants")
        .describe("An assistant that was made at OpenAI and moved in with its installation");
const TOOLS: Input<Vec<Arc<dyn Tool>>> = Input::sockets("Allowed Tools", "tools", "Tool");
const TOOL_CHOICE: Input<Option<String>> = Input::text("Tool Choice", "toolChoice")
    .describe(
        "Which tool it calls first: none, auto, required, file_search, code_interpreter or the name \
         of a tool; its own choice where this is empty",
    )
    .placeholder("file_search")
    .optional()
    .additional();
const PARALLEL: Input<bool> = Input::flag("Parallel Tool Calls", "parallelToolCalls")
    .default(true)
    .describe("Whether it may call several tools at once")
    .may_be_empty()
    .additional();
const NO_FILES: Input<bool> = Input::flag("Disable File Download", "disableFileDownload")
    .describe("Keeps the files that it writes from the reader")
    .may_be_empty()
    .additional();

static SPEC: Spec = Spec {
    label: "OpenAI Assistant",
    name: "openAIAssistant",
    version: 4.0,
    kind: "OpenAIAssistant",
    icon: "openai.svg",
    category: "Agents",
    description: "Goes on with an assistant that was made at OpenAI. New ones are custom assistants",
    base_classes: &["OpenAIAssistant"],
    badge: Some("DEPRECATING"),
    inputs: &[
        ASSISTANT.field,
        TOOLS.field,
        INPUT_MODERATION.field,
        TOOL_CHOICE.field,
        PARALLEL.field,
        NO_FILES.field,
    ],
    ..Spec::EMPTY
};

/// The kind that such assistants are stored as.
const KIND: &str = "OPENAI";
/// Tools that OpenAI runs itself.
const CODE: &str = "code_interpreter";
const FILES: &str = "file_search";

/// The node.
pub(crate) struct OpenAiAssistant;

#[async_trait]
impl Node for OpenAiAssistant {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::Runnable(Arc::new(made(inputs, dialects::OPENAI.base_url)?)))
    }

    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        if method != "listAssistants" {
            return Err(Error::Unsupported(format!("{} has no list {method}", SPEC.label)));
        }
        let registry = inputs.services.get::<AssistantRegistry>()?;
        let stored = registry.0.list(&inputs.workspace, KIND).await?;
        let text = |it: &StoredAssistant, name: &str| it.details[name].as_str().map(str::to_owned);
        let entry = |it: StoredAssistant| {
            let name = text(&it, "name").unwrap_or_else(|| it.id.clone());
            Entry::new(it.id.clone(), name).describe(text(&it, "instructions").unwrap_or_default())
        };
        Ok(stored.into_iter().map(entry).collect())
    }
}

fn made(inputs: &Inputs, base_url: &str) -> Result<Assistant> {
    let choice = inputs.get(&TOOL_CHOICE)?.map(|it| it.trim().to_owned());
    Ok(Assistant {
        services: inputs.services.clone(),
        workspace: inputs.workspace.clone(),
        id: inputs.get(&ASSISTANT)?,
        base_url: base_url.to_owned(),
        tools: inputs.get(&TOOLS)?,
        moderations: inputs.get(&INPUT_MODERATION)?,
        choice: choice.filter(|it| !it.is_empty()),
        parallel: inputs.get(&PARALLEL)?,
        gives_files: !inputs.get(&NO_FILES)?,
    })
}

struct Assistant {
    services: Arc<Services>,
    workspace: String,
    id: String,
    base_url: String,
    tools: Vec<Arc<dyn Tool>>,
    moderations: Vec<Arc<dyn Moderation>>,
    choice: Option<String>,
    parallel: bool,
    /// Whether the files that it writes are handed on.
    gives_files: bool,
}

impl Assistant {
    /// The assistant as it is stored now, and who calls it.
    async fn stored(&self) -> Result<(Value, Endpoint)> {
        let registry = self.services.get::<AssistantRegistry>()?;
        let stored = registry.0.get(&self.workspace, &self.id).await?.ok_or_else(|| {
            let reason = "the chosen assistant is gone: choose another one, or a custom assistant";
            Error::invalid(&ASSISTANT.field, reason)
        })?;
        let credentials = &self.services.credentials;
        let credential = credentials.reveal(&self.workspace, &stored.credential).await?;
        let key = credential.require(OPENAI_KEY.0, OPENAI_KEY.1)?;
        let http = self.services.get::<HttpClient>()?;
        Ok((stored.details, Endpoint::new(http, &self.base_url, Some(key.to_owned()))))
    }

    /// The model with all that the assistant says of it; `hosted` are its tools at the vendor.
    fn model(
        &self,
        details: &Value,
        hosted: &[HostedTool],
        endpoint: Endpoint,
    ) -> Result<Responses> {
        let name = details["model"].as_str().filter(|it| !it.is_empty()).ok_or_else(|| {
            Error::invalid(&ASSISTANT.field, "the chosen assistant does not say which model it has")
        })?;
        let mut chat = Chat::new(endpoint, name);
        let thinks = reasoning::always_reasons(name);
        for setting in ["temperature", "top_p"] {
            let value = details.get(setting).filter(|it| it.is_number() && !thinks);
            chat.settings.extend(value.map(|it| (setting.to_owned(), it.clone())));
        }
        if !self.tools.is_empty() || !hosted.is_empty() {
            chat.settings.insert("parallel_tool_calls".to_owned(), self.parallel.into());
        }
        let reasoning = if thinks {
            let effort = details["reasoning_effort"].as_str().unwrap_or("medium");
            Map::from_iter([("effort".to_owned(), effort.into())])
        } else {
            Map::new()
        };
        Ok(Responses::new(chat, reasoning))
    }

    /// What is to be called first, in the words of the wire.
    fn first_call(&self, hosted: &[HostedTool]) -> Result<Option<Value>> {
        let Some(choice) = self.choice.as_deref() else { return Ok(None) };
        let has = |tool: &str| hosted.iter().any(|it| it.name == tool);
        match choice {
            "none" | "auto" | "required" => Ok(Some(choice.into())),
            CODE | FILES if has(choice) => Ok(Some(json!({ "type": choice }))),
            name if self.tools.iter().any(|it| it.spec().name == name) => {
                Ok(Some(json!({ "type": "function", "name": name })))
            }
            other => {
                let mut names = vec!["none", "auto", "required"];
                names.extend([CODE, FILES].into_iter().filter(|it| has(it)));
                names.extend(self.tools.iter().map(|it| it.spec().name.as_str()));
                let reason = format!("there is no tool {other}. There are {}", names.join(", "));
                Err(Error::invalid(&TOOL_CHOICE.field, reason))
            }
        }
    }

    /// Hands on what the answer cites: files that were written, and documents of a vector store.
    async fn hand_on(&self, cited: Vec<Value>, model: &Responses, output: &mut Output, run: &Run) {
        let mut seen = HashSet::new();
        let mut documents = Vec::new();
        for it in cited {
            let (Some(file), kind) = (it["file_id"].as_str(), it["type"].as_str()) else {
                continue;
            };
            if !seen.insert(file.to_owned()) {
                continue;
            }
            let name = it["filename"].as_str().unwrap_or(file);
            // A name of a file, whatever the model put around it.
            let name = name.rsplit(['/', '\\']).next().unwrap_or(name).to_owned();
            match (kind, it["container_id"].as_str()) {
                (Some("file_citation"), _) => documents.push(Document {
                    page_content: name.clone(),
                    metadata: Map::from_iter([
                        ("source".to_owned(), name.into()),
                        ("file_id".to_owned(), file.into()),
                    ]),
                    id: None,
                }),
                (Some("container_file_citation"), Some(container)) if self.gives_files => {
                    let place = FilePlace::Chat {
                        workspace: &run.workspace,
                        flow: &run.flow_id,
                        chat: &run.chat_id,
                    };
                    let kept = async {
                        let content = model.file(container, file).await?;
                        run.services.files.write(place, &name, content).await
                    };
                    // The answer stands without the file, and says itself that there is one.
                    if kept.await.is_ok() {
                        let path = format!("FILE-STORAGE::{name}");
                        output.file_annotations.push(json!({ "filePath": path, "fileName": name }));
                    }
                }
                _ => {}
            }
        }
        if !documents.is_empty() {
            run.events.emit(Event::SourceDocuments(documents.clone())).await;
            output.source_documents.get_or_insert_default().extend(documents);
        }
        if !output.file_annotations.is_empty() {
            run.events.emit(Event::FileAnnotations(output.file_annotations.clone())).await;
        }
    }
}

#[async_trait]
impl Runnable for Assistant {
    async fn run(&self, input: &str, run: &Run) -> Result<Output> {
        if let Some(refusal) = moderation::refusal(&self.moderations, input, run).await? {
            return Ok(refusal);
        }
        let (details, endpoint) = self.stored().await?;
        let hosted = hosted(&details);
        let heard = Arc::new(Heard {
            model: self.model(&details, &hosted, endpoint)?,
            first_call: self.first_call(&hosted)?,
            hosted,
            cited: Mutex::default(),
        });
        let mut messages = Vec::new();
        if let Some(instructions) = details["instructions"].as_str().filter(|it| !it.is_empty()) {
            messages.push(Message::system(instructions));
        }
        messages.extend(chat_prompt::earlier_turns(None, run).await?);
        messages.push(Message::user(input));
        let tools = ToolLoop::new(heard.clone(), self.tools.clone(), DEFAULT_ROUNDS, false);
        let mut output = tools.run(messages, run).await?;
        let cited =
            std::mem::take(&mut *heard.cited.lock().unwrap_or_else(PoisonError::into_inner));
        self.hand_on(cited, &heard.model, &mut output, run).await;
        Ok(output)
    }
}

/// The tools of the assistant that OpenAI runs itself.
fn hosted(details: &Value) -> Vec<HostedTool> {
    let listed = details["tools"].as_array().map(Vec::as_slice).unwrap_or_default();
    let resources = &details["tool_resources"];
    let mut tools = Vec::new();
    for tool in listed {
        // Its form kept names, its vendor objects.
        match tool.as_str().or_else(|| tool["type"].as_str()) {
            Some(CODE) => {
                let mut tool = HostedTool::from(CODE);
                let ids = resources[CODE]["file_ids"].as_array();
                if let Some(ids) = ids.filter(|it| !it.is_empty()) {
                    let container = json!({ "type": "auto", "file_ids": ids });
                    tool.settings.insert("container".to_owned(), container);
                }
                tools.push(tool);
            }
            Some(FILES) => {
                let ids = resources[FILES]["vector_store_ids"].as_array();
                if let Some(ids) = ids.filter(|it| !it.is_empty()) {
                    let mut tool = HostedTool::from(FILES);
                    tool.settings.insert("vector_store_ids".to_owned(), ids.clone().into());
                    tools.push(tool);
                }
            }
            _ => {}
        }
    }
    tools
}

/// The model in one run: what it cites is kept, and it is made to call a tool once only.
struct Heard {
    model: Responses,
    hosted: Vec<HostedTool>,
    first_call: Option<Value>,
    cited: Mutex<Vec<Value>>,
}

#[async_trait]
impl ChatModel for Heard {
    fn provider(&self) -> &str {
        self.model.provider()
    }

    fn model(&self) -> &str {
        self.model.model()
    }

    async fn chat(&self, request: &ChatRequest, events: &Events) -> Result<ChatReply> {
        let mut model = self.model.clone();
        let is_first = request.messages.last().is_none_or(|it| it.role != Role::Tool);
        if let Some(choice) = self.first_call.as_ref().filter(|it| is_first || **it == "none") {
            model.chat.settings.insert("tool_choice".to_owned(), choice.clone());
        }
        let request = ChatRequest { hosted: self.hosted.clone(), ..request.clone() };
        let (reply, cited) = model.ask(&request, events).await?;
        self.cited.lock().unwrap_or_else(PoisonError::into_inner).extend(cited);
        Ok(reply)
    }
}

#[cfg(test)]
mod tests {
    use flowstone_core::services::StoredAssistants;
    use flowstone_testkit::{FakeApi, Ports, SiteCall};

    use super::*;
    use crate::{testing, tools::calculator::Calculator};

    struct Stored(Vec<StoredAssistant>);

    #[async_trait]
    impl StoredAssistants for Stored {
        async fn list(&self, _: &str, kind: &str) -> Result<Vec<StoredAssistant>> {
            assert_eq!(kind, KIND);
            Ok(self.0.clone())
        }
        async fn get(&self, _: &str, id: &str) -> Result<Option<StoredAssistant>> {
            Ok(self.0.iter().find(|it| it.id == id).cloned())
        }
    }

    fn details() -> Value {
        json!({
            "id": "asst_1", "name": "Accountant", "instructions": "You count.", "model": "gpt-4o",
            "temperature": 0.5, "top_p": 1, "tools": ["code_interpreter", {"type": "file_search"}],
            "tool_resources": {
                "code_interpreter": {"file_ids": ["file-1"]},
                "file_search": {"vector_store_ids": ["vs_1"]},
            },
        })
    }

    /// What the vendor answers with these things that the model made.
    fn answer(output: &Value) -> (u16, Value) {
        (200, json!({"status": "completed", "output": output}))
    }

    fn words(text: &str, annotations: &Value) -> Value {
        let part = json!({"type": "output_text", "text": text, "annotations": annotations});
        json!({"type": "message", "content": [part]})
    }

    struct Bench {
        ports: Ports,
        server: FakeApi,
        services: Arc<Services>,
    }

    impl Bench {
        async fn new(
            details: Value,
            script: impl FnMut(&SiteCall) -> (u16, Value) + Send + 'static,
        ) -> Self {
            let (ports, server) = (Ports::default(), FakeApi::start(script).await);
            ports.credentials.store("workspace", "credential", &[("openAIApiKey", "sk-secret")]);
            let (id, credential) = ("row".to_owned(), "credential".to_owned());
            let stored = Stored(vec![StoredAssistant { id, details, credential }]);
            let services = ports.services().with(Arc::new(AssistantRegistry(Arc::new(stored))));
            let services = testing::services_over(services, server.address());
            Self { ports, server, services }
        }

        /// The answer, and what was told on the way.
        async fn ask(&self, values: Value) -> (Result<Output>, Vec<Event>) {
            let mut form = testing::form(&json!({"selectedAssistant": "row"}));
            form.values.extend(values.as_object().cloned().unwrap());
            (form.services, form.workspace) = (self.services.clone(), "workspace".to_owned());
            let calculator = Calculator.init(&testing::form(&json!({}))).await.unwrap();
            testing::plug(&mut form, "tools", calculator);
            let assistant = made(&form, &format!("http://{}/v1", self.server.address())).unwrap();
            let (run, receiver) = flowstone_testkit::run("How much?", self.services.clone());
            let said = assistant.run("How much?", &run).await;
            drop(run);
            (said, testing::told(receiver).await)
        }

        fn bodies(&self) -> Vec<Value> {
            let calls = self.server.calls();
            let asked = calls.iter().filter(|it| it.path == "/v1/responses");
            asked.map(|it| serde_json::from_str(&it.body).unwrap()).collect()
        }
    }

    #[tokio::test]
    async fn an_assistant_goes_on_with_all_that_it_had() {
        let bench = Bench::new(details(), |_| answer(&json!([words("42", &json!([]))]))).await;
        let turns = vec![Message::user("Hi"), Message::assistant("Hello")];
        bench.ports.chats.store("workspace", "flow", "session", turns);
        let (said, told) = bench.ask(json!({})).await;
        assert_eq!(said.unwrap().answer.to_text(), "42");
        assert!(told.iter().any(|it| matches!(it, Event::Token(_) | Event::Start(_))), "{told:?}");
        let body = &bench.bodies()[0];
        let said = |it: &Value| it["content"][0]["text"].clone();
        let turns: Vec<Value> = body["input"].as_array().unwrap().iter().map(said).collect();
        assert_eq!(turns, ["You count.", "Hi", "Hello", "How much?"]);
        assert_eq!((&body["model"], &body["temperature"]), (&json!("gpt-4o"), &json!(0.5)));
        assert_eq!(body["parallel_tool_calls"], true);
        let include = json!(["code_interpreter_call.outputs"]);
        assert_eq!((body.get("reasoning"), body.get("include")), (None, Some(&include)));
        assert_eq!(body["tools"][0]["name"], "calculator");
        let container = json!({"type": "auto", "file_ids": ["file-1"]});
        assert_eq!(body["tools"][1], json!({"type": "code_interpreter", "container": container}));
        let search = json!({"type": "file_search", "vector_store_ids": ["vs_1"]});
        assert_eq!(body["tools"][2], search);
        assert_eq!(bench.server.calls()[0].headers["authorization"], "Bearer sk-secret");
    }

    #[tokio::test]
    async fn a_tool_is_called_first_where_the_form_says_so_and_then_the_model_answers() {
        let call = json!({
            "type": "function_call", "call_id": "c", "name": "calculator",
            "arguments": "{\"input\":\"6*7\"}",
        });
        let mut first = Some(call);
        let script = move |_: &SiteCall| match first.take() {
            Some(call) => answer(&json!([call])),
            None => answer(&json!([words("It is 42", &json!([]))])),
        };
        let bench = Bench::new(details(), script).await;
        let (said, told) = bench.ask(json!({"toolChoice": "calculator"})).await;
        let said = said.unwrap();
        assert_eq!(said.answer.to_text(), "It is 42");
        assert_eq!(said.used_tools[0].tool_output, "42");
        assert!(told.iter().any(|it| matches!(it, Event::UsedTools(_))));
        let bodies = bench.bodies();
        assert_eq!(bodies[0]["tool_choice"], json!({"type": "function", "name": "calculator"}));
        assert_eq!(bodies[1].get("tool_choice"), None, "not forced to call for ever");
        let said = bench.ask(json!({"toolChoice": "abacus"})).await.0.unwrap_err().to_string();
        let names = "none, auto, required, code_interpreter, file_search, calculator";
        assert!(said.contains("no tool abacus") && said.contains(names), "{said}");
    }

    #[tokio::test]
    async fn files_that_it_writes_are_kept_with_the_chat() {
        let cited = json!([
            {"type": "container_file_citation", "container_id": "cntr_1", "file_id": "cfile_1",
             "filename": "/mnt/data/sum.csv"},
            {"type": "container_file_citation", "container_id": "cntr_1", "file_id": "../x",
             "filename": "x"},
            {"type": "file_citation", "file_id": "file-2", "filename": "rules.pdf"},
            {"type": "file_citation", "file_id": "file-2", "filename": "rules.pdf"},
        ]);
        let script = move |call: &SiteCall| match call.path.as_str() {
            "/v1/responses" => answer(&json!([words("See the file", &cited)])),
            "/v1/containers/cntr_1/files/cfile_1/content" => (200, json!([1, 2])),
            other => panic!("{other}"),
        };
        let bench = Bench::new(details(), script).await;
        let (said, told) = bench.ask(json!({})).await;
        let said = said.unwrap();
        let file = json!({"filePath": "FILE-STORAGE::sum.csv", "fileName": "sum.csv"});
        assert_eq!(said.file_annotations, [file]);
        let sources = said.source_documents.unwrap();
        assert_eq!((sources.len(), sources[0].page_content.as_str()), (1, "rules.pdf"));
        assert!(matches!(told.last(), Some(Event::FileAnnotations(_))), "{told:?}");
        let (workspace, flow, chat) = ("workspace", "flow", "chat");
        let place = FilePlace::Chat { workspace, flow, chat };
        assert_eq!(bench.services.files.read(place, "sum.csv").await.unwrap(), b"[1,2]");
        let (said, _) = bench.ask(json!({"disableFileDownload": true})).await;
        assert!(said.unwrap().file_annotations.is_empty());
    }

    #[tokio::test]
    async fn what_is_missing_or_refused_is_named() {
        let bench = Bench::new(json!({"name": "x"}), |_| answer(&json!([]))).await;
        let said = bench.ask(json!({})).await.0.unwrap_err().to_string();
        assert!(said.contains("which model"), "{said}");
        let said = bench.ask(json!({"selectedAssistant": "?"})).await.0.unwrap_err().to_string();
        assert!(said.starts_with("Select Assistant: the chosen assistant is gone"), "{said}");
        let refusal = json!({"error": {"message": "no such model"}});
        let bench = Bench::new(details(), move |_| (404, refusal.clone())).await;
        let said = bench.ask(json!({})).await.0.unwrap_err();
        assert!(matches!(&said, Error::Provider { status: 404, .. }), "{said}");
        let bench = Bench::new(details(), |_| (200, json!("odd"))).await;
        assert!(bench.ask(json!({})).await.0.is_err());
    }

    #[tokio::test]
    async fn the_form_lists_what_was_moved_in() {
        let bench = Bench::new(details(), |_| answer(&json!([]))).await;
        let mut form = testing::form(&json!({}));
        form.services = bench.services.clone();
        let listed = OpenAiAssistant.options("listAssistants", &form).await.unwrap();
        let expected = Entry::new("row", "Accountant").describe("You count.");
        assert_eq!(listed, [expected]);
    }
}
