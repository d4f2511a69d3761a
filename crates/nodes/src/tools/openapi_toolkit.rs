//! One tool for each operation that an OpenAPI document describes.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Node, Result, Run, Spec, Tool, ToolResult, ToolSpec,
    node::Entry,
    spec::{Choice, Holds, When},
};
use flowstone_providers::HttpClient;
use serde_json::{Map, Value};
use url::Url;

use super::requests;
use crate::{
    files,
    openapi::{ApiCall, ApiDocument, Operation},
};

/// Longest answer a model is given, in characters.
const LONGEST_ANSWER: usize = 100_000;

const INPUT_TYPE: Input<String> = Input::options(
    "Input Type",
    "inputType",
    &[Choice::new("file", "Upload File"), Choice::new("link", "Provide Link")],
)
.default("file")
.describe("Where the OpenAPI document comes from");
const FILE: Input<String> = Input::file("OpenAPI File", "openApiFile", ".yaml,.json")
    .describe("An OpenAPI 3 document in YAML or JSON")
    .show_when(&[When("inputType", Holds::Text("file"))]);
const LINK: Input<String> = Input::text("OpenAPI Link", "openApiLink")
    .describe("Address of an OpenAPI 3 document in YAML or JSON")
    .placeholder("https://api.example.com/openapi.yaml")
    .show_when(&[When("inputType", Holds::Text("link"))]);
const SERVER: Input<Option<String>> = refreshed(
    Input::async_options("Server", "selectedServer", "listServers")
        .describe("Which of the document's servers is called; the first one where it is empty"),
);
const ENDPOINTS: Input<Vec<String>> = {
    let mut it = Input::of("Available Endpoints", "selectedEndpoints", "asyncMultiOptions")
        .describe("Which operations the model may call; all of them where it is empty");
    it.field.load_method = Some("listEndpoints");
    it.field.refresh = true;
    it
};
const RETURN_DIRECT: Input<bool> = Input::flag("Return Direct", "returnDirect")
    .describe("What the API says is the answer: the model is not asked again")
    .may_be_empty();
const HEADERS: Input<Option<String>> = Input::of("Headers", "headers", "json")
    .describe("Headers of every call, such as a key. The model does not see them")
    .placeholder("{ \"Authorization\": \"Bearer …\" }")
    .additional()
    .optional();
const REMOVE_NULLS: Input<bool> = Input::flag("Remove null parameters", "removeNulls")
    .describe("Leaves out whatever the model gives as null")
    .may_be_empty();
const CODE: Input<String> = {
    let mut it = Input::code("Custom Code", "customCode")
        .default(DEFAULT_CODE)
        .describe(
            "What is done for a call, in JavaScript. $url is its address, $options what fetch \
             takes, $requestObj the arguments of the model; what is returned goes to the model",
        )
        .additional();
    it.field.hide_code_execute = true;
    it.field.code_example = Some(DEFAULT_CODE);
    it
};
/// What happens without any code: the call is made and its answer handed on.
const DEFAULT_CODE: &str = "\
const response = await fetch($url, $options);
const text = await response.text();
if (!response.ok) {
  throw new Error(`${response.status} ${text}`);
}
return text;
";

/// A row whose list follows the other rows.
const fn refreshed(input: Input<String>) -> Input<Option<String>> {
    let mut field = input.field;
    field.refresh = true;
    let mut it: Input<Option<String>> = Input::of(field.label, field.name, field.kind);
    it.field = field;
    it
}

static SPEC: Spec = Spec {
    label: "OpenAPI Toolkit",
    name: "openAPIToolkit",
    version: 2.1,
    kind: "OpenAPIToolkit",
    icon: "openapi.svg",
    category: "Tools",
    description: "Makes a tool of each operation of an API that OpenAPI describes",
    base_classes: &["OpenAPIToolkit", "Tool"],
    inputs: &[
        INPUT_TYPE.field,
        FILE.field,
        LINK.field,
        SERVER.field,
        ENDPOINTS.field,
        RETURN_DIRECT.field,
        HEADERS.field,
        REMOVE_NULLS.field,
        CODE.field,
    ],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct OpenApiToolkit;

#[async_trait]
impl Node for OpenApiToolkit {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let document = document(inputs).await?;
        // Older canvases saved `error` where they could not read the document.
        let chosen = inputs.get(&SERVER)?.filter(|it| it != "error");
        let server = document.server(chosen.as_deref());
        let server = server.map_err(|reason| Error::invalid(&SERVER.field, reason))?;
        let api = Arc::new(Api {
            server,
            headers: requests::headers(&HEADERS.field, inputs.get(&HEADERS)?)?,
            remove_nulls: inputs.get(&REMOVE_NULLS)?,
            returns_directly: inputs.get(&RETURN_DIRECT)?,
            code: custom_code(inputs)?,
        });
        let tools = chosen_operations(&document, &inputs.get(&ENDPOINTS)?)?.into_iter();
        let tools = tools.map(|operation| {
            let spec = ToolSpec {
                name: operation.name.clone(),
                description: operation.description.clone(),
                parameters: operation.arguments(),
            };
            Arc::new(ApiTool { spec, operation, api: api.clone() }) as Arc<dyn Tool>
        });
        Ok(Capability::Tools(tools.collect()))
    }

    /// Nothing is listed before a document is chosen.
    async fn options(&self, method: &str, inputs: &Inputs) -> Result<Vec<Entry>> {
        let document = match document(inputs).await {
            Err(Error::MissingInput { .. }) => return Ok(Vec::new()),
            other => other?,
        };
        match method {
            "listServers" => {
                let servers = document.servers().into_iter();
                let entry = |url: String| Entry::new(url.clone(), url);
                Ok(servers.map(|it| entry(it.url).describe(it.description)).collect())
            }
            "listEndpoints" => {
                let mut operations = document.operations();
                operations.sort_by_key(|it| it.id.to_lowercase());
                let entry = |id: String| Entry::new(id.clone(), id);
                Ok(operations.into_iter().map(|it| entry(it.id).describe(it.description)).collect())
            }
            _ => Err(Error::Unsupported(format!("{} has no list {method}", SPEC.label))),
        }
    }
}

async fn document(inputs: &Inputs) -> Result<ApiDocument> {
    if inputs.get(&INPUT_TYPE)? == "link" {
        let link = inputs.get(&LINK)?;
        let http = inputs.services.get::<HttpClient>()?;
        return ApiDocument::fetch(&http, &link)
            .await
            .map_err(|error| Error::invalid(&LINK.field, error.to_string()));
    }
    let files = files::read(&FILE.field, inputs).await?;
    let file = files.first().ok_or_else(|| Error::missing(&FILE.field))?;
    let text = file.text(&FILE.field)?;
    ApiDocument::parse(&text, None).map_err(|reason| Error::invalid(&FILE.field, reason))
}

fn chosen_operations(document: &ApiDocument, chosen: &[String]) -> Result<Vec<Operation>> {
    let all = document.operations();
    let chosen: Vec<&String> = chosen.iter().filter(|it| *it != "error").collect();
    let unknown = chosen.iter().find(|name| !all.iter().any(|it| it.id == ***name));
    if let Some(name) = unknown {
        let reason = format!("the document has no {name} any more: choose again");
        return Err(Error::invalid(&ENDPOINTS.field, reason));
    }
    if all.is_empty() {
        return Err(Error::invalid(&ENDPOINTS.field, "the document describes no operations"));
    }
    Ok(all.into_iter().filter(|it| chosen.is_empty() || chosen.contains(&&it.id)).collect())
}

/// The author's code, where it says something else than what happens anyhow.
fn custom_code(inputs: &Inputs) -> Result<Option<String>> {
    let code = inputs.get(&CODE)?;
    if code.trim() == DEFAULT_CODE.trim() {
        return Ok(None);
    }
    if cfg!(feature = "javascript") {
        return Ok(Some(code));
    }
    Err(Error::invalid(&CODE.field, "this installation runs no JavaScript: empty this row"))
}

/// What all tools of a document share.
struct Api {
    server: Url,
    headers: Vec<(String, String)>,
    remove_nulls: bool,
    returns_directly: bool,
    code: Option<String>,
}

struct ApiTool {
    spec: ToolSpec,
    operation: Operation,
    api: Arc<Api>,
}

#[async_trait]
impl Tool for ApiTool {
    fn spec(&self) -> &ToolSpec {
        &self.spec
    }

    fn returns_directly(&self) -> bool {
        self.api.returns_directly
    }

    async fn call(&self, arguments: &Map<String, Value>, run: &Run) -> Result<ToolResult> {
        let mut arguments = arguments.clone();
        if self.api.remove_nulls {
            arguments =
                arguments.into_iter().filter_map(|(name, it)| Some((name, some(it)?))).collect();
        }
        let call = self.operation.call(&self.api.server, &arguments)?;
        let headers = self.headers(&call);
        if let Some(code) = &self.api.code {
            return self::code(code, arguments, &call, headers, run).await;
        }
        let http = run.services.get::<HttpClient>()?;
        let request = http.request(call.method, call.url.as_str())?;
        // The document names the server; no answer of it may name another.
        let mut request = request.timeout(Some(requests::PATIENCE)).stay();
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        if let Some(body) = call.body {
            request = request.body(body);
        }
        let text = requests::answer(request.send().await?, Some(LONGEST_ANSWER)).await?;
        Ok(ToolResult::text(text))
    }
}

impl ApiTool {
    /// Those of the call, then those of the author, which win.
    fn headers(&self, call: &ApiCall) -> Vec<(String, String)> {
        let own = |name: &str| self.api.headers.iter().any(|(it, _)| it.eq_ignore_ascii_case(name));
        let of_call = call.headers.iter().filter(|(name, _)| !own(name));
        of_call.chain(&self.api.headers).cloned().collect()
    }
}

/// The value without what is null, and without members that are; `None` for null itself.
fn some(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(map) => {
            Some(map.into_iter().filter_map(|(name, it)| Some((name, some(it)?))).collect())
        }
        Value::Array(list) => Some(list.into_iter().filter_map(some).collect()),
        other => Some(other),
    }
}

/// Runs the author's code in the place of the call.
#[cfg(feature = "javascript")]
async fn code(
    code: &str,
    arguments: Map<String, Value>,
    call: &ApiCall,
    headers: Vec<(String, String)>,
    run: &Run,
) -> Result<ToolResult> {
    use crate::{
        javascript::{self, Code},
        prompt_format::as_text,
    };

    let mut options = serde_json::json!({
        "method": call.method.as_str(),
        "headers": headers.into_iter().map(|(name, it)| (name, it.into())).collect::<Map<_, Value>>(),
    });
    if let Some(body) = &call.body {
        options["body"] = body.clone().into();
    }
    let mut script = Code::new(code.to_owned(), run);
    for (name, value) in &arguments {
        script.global(name, value.clone());
    }
    script.global("url", call.url.as_str().into());
    script.global("options", options);
    script.global("requestObj", arguments.into());
    let value = javascript::run(script, run.services.as_ref()).await?;
    Ok(ToolResult::text(as_text(&value)))
}

#[cfg(not(feature = "javascript"))]
#[expect(clippy::unused_async, reason = "with JavaScript it waits for the script")]
async fn code(
    _: &str,
    _: Map<String, Value>,
    _: &ApiCall,
    _: Vec<(String, String)>,
    _: &Run,
) -> Result<ToolResult> {
    Err(Error::invalid(&CODE.field, "this installation runs no JavaScript: empty this row"))
}
