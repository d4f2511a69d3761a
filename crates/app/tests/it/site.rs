//! An installation with its first account, a provider of models, and callers of it.

use std::{path::Path, time::Duration};

use flowstone_testkit::FakeProvider;
use reqwest::{
    Client, Method, RequestBuilder, Response, StatusCode,
    header::{COOKIE, HeaderMap, SET_COOKIE},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::process::Server;

/// The id of a credential in `flows/`, for which each test puts the one it made.
const CREDENTIAL: &str = "00000000-0000-4000-8000-00000000c0de";
/// The address of the model in `flows/`, likewise.
const MODEL: &str = "http://model.invalid/v1";
/// Who set the installation up.
const PERSON: (&str, &str) = ("ada@example.com", "Correct-Horse-1");
/// What the key of a test may do.
const PERMISSIONS: &[&str] =
    &["chatflows:view", "chatflows:create", "chatflows:update", "chatflows:delete"];

/// A running installation.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) provider: FakeProvider,
    pub(crate) home: TempDir,
    client: Client,
    session: String,
    pub(crate) credential: String,
}

/// A complete answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// An answer that is still coming.
pub(crate) struct Streaming {
    response: Response,
    pub(crate) text: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self { status, headers, text: response.text().await.unwrap() }
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {}", self.text))
    }

    /// One header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |it| it.to_str().unwrap())
    }

    /// The sentence of a failure in the recorded shape.
    pub(crate) fn failure(&self) -> String {
        let body = self.json();
        let message = body["message"].as_str().unwrap_or_default();
        let shape = json!({
            "statusCode": self.status.as_u16(), "success": false, "message": message, "stack": {},
        });
        assert_eq!(body, shape, "a failure has the recorded shape");
        message.to_owned()
    }

    /// The events of a stream: name and data.
    pub(crate) fn events(&self) -> Vec<(String, Value)> {
        events(&self.text)
    }
}

/// The events in the bytes of a stream.
pub(crate) fn events(text: &str) -> Vec<(String, Value)> {
    let data = text.split("\n\n").filter_map(|it| it.strip_prefix("message:\ndata:"));
    let parsed = data.map(|it| serde_json::from_str::<Value>(it).unwrap());
    parsed.map(|it| (it["event"].as_str().unwrap().to_owned(), it["data"].clone())).collect()
}

impl Streaming {
    /// Reads until `wanted` has come.
    pub(crate) async fn until(&mut self, wanted: &str) {
        while !self.text.contains(wanted) {
            let chunk = self.response.chunk().await.unwrap();
            let chunk = chunk.unwrap_or_else(|| panic!("it ended without {wanted}: {}", self.text));
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Reads to the end.
    pub(crate) async fn rest(mut self) -> Answer {
        while let Some(chunk) = self.response.chunk().await.unwrap() {
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        let (status, headers) = (self.response.status(), self.response.headers().clone());
        Answer { status, headers, text: self.text }
    }

    /// The rest of it may never come: what had come when the connection ended.
    pub(crate) async fn whatever_comes(mut self) -> String {
        while let Ok(Some(chunk)) = self.response.chunk().await {
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        self.text
    }
}

#[expect(clippy::disallowed_methods, reason = "a caller from outside, not the product's client")]
fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().unwrap()
}

/// A flow of `flows/` as it stands there.
pub(crate) fn flow_file(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/flows/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A flow of `flows/` with this model and credential.
pub(crate) fn flow_with(name: &str, provider: &FakeProvider, credential: &str) -> Value {
    let text = flow_file(name).to_string();
    let text = text.replace(MODEL, &provider.base_url());
    serde_json::from_str(&text.replace(CREDENTIAL, credential)).unwrap()
}

/// The form of a node in a flow.
pub(crate) fn node<'a>(flow: &'a mut Value, id: &str) -> &'a mut Value {
    let nodes = flow["nodes"].as_array_mut().unwrap();
    &mut nodes.iter_mut().find(|it| it["id"] == id).unwrap()["data"]
}

impl Site {
    /// A fresh installation.
    pub(crate) async fn open() -> Self {
        Self::with(&[]).await
    }

    /// The same with more variables of the environment.
    pub(crate) async fn with(variables: &[(&str, &str)]) -> Self {
        let home = TempDir::new().unwrap();
        let provider = FakeProvider::start().await;
        let variables = [&[("HTTP_ALLOW_LIST", provider.address())], variables].concat();
        let server = Server::start(home.path(), &variables).await;
        Self::set_up(server, provider, home).await
    }

    /// Makes the first account and a credential on a server that has neither.
    pub(crate) async fn set_up(server: Server, provider: FakeProvider, home: TempDir) -> Self {
        let (session, credential) = (String::new(), String::new());
        let mut site = Self { server, provider, home, client: client(), session, credential };
        let account = json!({"user": {"name": "Ada", "email": PERSON.0, "credential": PERSON.1}});
        let answer = site.call(Method::POST, "/account/register", &account).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        site.sign_in(PERSON).await;
        site.credential = site.make_credential("sk-test-1").await;
        site
    }

    /// What somebody sees who has an account on a server already.
    pub(crate) async fn joined(
        server: Server,
        provider: FakeProvider,
        home: TempDir,
        person: (&str, &str),
    ) -> Self {
        let (session, credential) = (String::new(), String::new());
        let mut site = Self { server, provider, home, client: client(), session, credential };
        site.sign_in(person).await;
        site
    }

    /// Kills the server without a warning and starts it again on the same data.
    pub(crate) async fn killed_and_started(self) -> Self {
        let Self { server, provider, home, client, session, credential } = self;
        server.kill().await;
        let variables = [("HTTP_ALLOW_LIST", provider.address())];
        let server = Server::start(home.path(), &variables).await;
        Self { server, provider, home, client, session, credential }
    }

    async fn sign_in(&mut self, (email, password): (&str, &str)) {
        let form = json!({"email": email, "password": password});
        let answer = self.call(Method::POST, "/auth/login", &form).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let cookies = answer.headers.get_all(SET_COOKIE).iter();
        let pairs = cookies.map(|it| it.to_str().unwrap().split(';').next().unwrap());
        self.session = pairs.collect::<Vec<_>>().join("; ");
    }

    /// Stores a key of the provider; gives its id.
    pub(crate) async fn make_credential(&self, key: &str) -> String {
        let form = json!({
            "name": "Harbour", "credentialName": "openAIApi", "plainDataObj": {"openAIApiKey": key},
        });
        let answer = self.admin(Method::POST, "/credentials", &form).await;
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// Makes an API key: its id and the key itself.
    pub(crate) async fn make_key(&self) -> (String, String) {
        let form = json!({"keyName": "test", "permissions": PERMISSIONS});
        let row = self.admin(Method::POST, "/apikey", &form).await.json()[0].clone();
        let text = |name: &str| row[name].as_str().unwrap().to_owned();
        (text("id"), text("apiKey"))
    }

    /// A flow of `flows/` with this installation's model and credential.
    pub(crate) fn flow_data(&self, name: &str) -> Value {
        flow_with(name, &self.provider, &self.credential)
    }

    /// Saves a flow of `flows/`; gives its id.
    pub(crate) async fn flow(&self, name: &str) -> String {
        self.save(&self.flow_data(name), &json!({})).await
    }

    /// Saves a flow with settings such as `chatbotConfig`; gives its id.
    pub(crate) async fn save(&self, flow: &Value, settings: &Value) -> String {
        let mut form = json!({"name": "A flow", "type": "CHATFLOW", "flowData": flow.to_string()});
        for (name, value) in settings.as_object().unwrap() {
            // Settings are kept as the text of JSON.
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            form[name] = text.into();
        }
        let answer = self.admin(Method::POST, "/chatflows", &form).await;
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    /// A request to a path below `/api/v1`.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/api/v1{path}", self.server.origin))
    }

    /// A call by nobody in particular.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> Answer {
        send(self.request(method, path).json(body)).await
    }

    /// A request of the person who set it up, from the pages.
    pub(crate) fn signed_in(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.request(method, path).header(COOKIE, &self.session);
        request.header("x-request-from", "internal")
    }

    /// A call of the person who set it up, which must succeed.
    pub(crate) async fn admin(&self, method: Method, path: &str, body: &Value) -> Answer {
        let answer = send(self.signed_in(method, path).json(body)).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.text);
        answer
    }

    /// Asks a flow from outside.
    pub(crate) async fn ask(&self, flow: &str, body: &Value) -> Answer {
        self.call(Method::POST, &format!("/prediction/{flow}"), body).await
    }

    /// Asks a flow from outside and reads the answer piece by piece.
    pub(crate) async fn stream(&self, flow: &str, body: &Value) -> Streaming {
        let mut body = body.clone();
        body["streaming"] = true.into();
        let request = self.request(Method::POST, &format!("/prediction/{flow}")).json(&body);
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Streaming { response, text: String::new() }
    }

    /// The messages kept of a flow, oldest first.
    pub(crate) async fn messages(&self, flow: &str) -> Vec<Value> {
        let path = format!("/chatmessage/{flow}?order=ASC");
        let answer = send(self.signed_in(Method::GET, &path)).await;
        answer.json().as_array().unwrap_or_else(|| panic!("{}", answer.text)).clone()
    }

    /// The messages kept of a flow as `(role, content)`, oldest first.
    pub(crate) async fn said(&self, flow: &str) -> Vec<(String, String)> {
        let text = |it: &Value| it.as_str().unwrap().to_owned();
        let messages = self.messages(flow).await;
        messages.iter().map(|it| (text(&it["role"]), text(&it["content"]))).collect()
    }

    /// Whether the server answers.
    pub(crate) async fn answers_ping(&self) -> bool {
        send(self.request(Method::GET, "/ping")).await.text == "pong"
    }
}

/// Sends a request and reads the whole answer.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    Answer::of(request.send().await.unwrap()).await
}

/// What `messages` of a flow look like when one question was answered.
pub(crate) fn exchange(question: &str, answer: &str) -> Vec<(String, String)> {
    [("userMessage", question), ("apiMessage", answer)]
        .map(|(role, content)| (role.to_owned(), content.to_owned()))
        .to_vec()
}
