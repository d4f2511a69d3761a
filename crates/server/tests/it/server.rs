//! A server with a database of its own, and callers of it.

use std::{borrow::Cow, collections::HashSet, sync::Arc};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use bytes::Bytes;
use chrono::Utc;
use flowstone_core::Credential;
use flowstone_engine::{Catalog, Engine};
use flowstone_server::{
    AppParts, AppState, Asset, Assets, FlowPort, Letter, LinkSource, Mailer, Outside,
    ServerSettings, Speech, TemplateFile, TokenKey, TokenRequest, Voice, router, serve, services,
};
use flowstone_store::{
    Account, DatabaseSettings, EncryptionKey, Membership, Organization, Store, User, Workspace,
};
use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use serde_json::{Map, Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc},
};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{openapi::hold_to_document, toys};

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "Correct-Horse-1";
/// An id that nothing has.
pub(crate) const NIL: &str = "00000000-0000-4000-8000-000000000000";
/// Every permission that a key can hold and the routes ask for.
pub(crate) const ALL_PERMISSIONS: &[&str] = &[
    "chatflows:view",
    "chatflows:create",
    "chatflows:update",
    "chatflows:delete",
    "tools:view",
    "tools:create",
    "tools:update",
    "tools:delete",
    "variables:view",
    "variables:create",
    "variables:update",
    "variables:delete",
    "credentials:view",
    "credentials:create",
    "credentials:update",
    "credentials:delete",
    "apikeys:view",
    "apikeys:create",
    "apikeys:update",
    "apikeys:delete",
];

/// A running server.
pub(crate) struct TestServer {
    pub(crate) store: Store,
    pub(crate) state: AppState,
    pub(crate) files: Arc<flowstone_testkit::MemoryFiles>,
    router: Router,
    letters: Mutex<mpsc::Receiver<Letter>>,
}

/// Puts letters where the test finds them.
struct Postbox(mpsc::Sender<Letter>);

#[async_trait]
impl Mailer for Postbox {
    async fn send(&self, letter: Letter) -> Result<(), String> {
        self.0.send(letter).await.map_err(|error| error.to_string())
    }
}

/// How a request shows who makes it.
#[derive(Clone, Debug)]
pub(crate) enum By {
    /// Not at all.
    Nobody,
    /// By an API key.
    Key(String),
    /// By the cookies of a session, from our own page.
    Session(String),
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    /// The body as JSON; `null` where it is not.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_default()
    }

    /// One header.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|it| it.to_str().ok()).unwrap_or_default()
    }

    /// What a browser would send back: its `Cookie` header.
    pub(crate) fn cookies(&self) -> String {
        let lines = self.headers.get_all(header::SET_COOKIE).iter();
        let pairs = lines.filter_map(|it| it.to_str().ok()?.split(';').next().map(str::to_owned));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

struct Pages;

impl Assets for Pages {
    fn get(&self, path: &str) -> Option<Asset> {
        let (text, content_type, immutable) = match path {
            "index.html" => {
                ("<!doctype html><title>Flowstone</title>", "text/html; charset=utf-8", false)
            }
            "assets/app-1f.js" => ("void 0;", "text/javascript", true),
            "embed.js" | "embed-formulas.js" => ("export default 0;", "text/javascript", false),
            _ => return None,
        };
        Some(Asset { bytes: text.as_bytes().into(), content_type: content_type.into(), immutable })
    }
}

fn icon(file: &str) -> Option<Asset> {
    let picture = b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>".as_slice();
    (file == "toy.svg").then(|| Asset {
        bytes: picture.into(),
        content_type: "image/svg+xml".into(),
        immutable: false,
    })
}

fn template() -> TemplateFile {
    let flow = json!({
        "description": "Answers with the question", "usecases": ["Basic"], "framework": ["Langchain"],
        "nodes": [{ "id": "echo_0", "data": { "id": "echo_0", "name": "echo", "category": "Chains", "inputs": {} } }],
        "edges": [],
    });
    TemplateFile {
        id: "00000000-0000-4000-8000-0000000000e1".into(),
        name: "Echo".into(),
        text: flow.to_string(),
    }
}

/// Services that answer from here.
struct Nearby;

#[async_trait]
impl Outside for Nearby {
    async fn links(
        &self,
        page: &str,
        source: LinkSource,
        limit: usize,
    ) -> flowstone_core::Result<Vec<String>> {
        if !page.starts_with("http") {
            return Err(flowstone_core::Error::Transport(format!("`{page}` is no address")));
        }
        Ok(vec![format!("{page}?{source:?}&{limit}")])
    }

    async fn prompts(&self, tags: &str) -> flowstone_core::Result<Vec<Value>> {
        match tags {
            "away" => Err(flowstone_core::Error::Transport("nobody is there".into())),
            _ => Ok(vec![json!({ "full_name": "ann/summary", "tags": tags })]),
        }
    }

    async fn prompt(&self, _: &str) -> flowstone_core::Result<Value> {
        Ok(json!({ "kwargs": { "template": "Sum up {text}" } }))
    }

    async fn voices(
        &self,
        provider: &str,
        credential: &Credential,
    ) -> flowstone_core::Result<Vec<Voice>> {
        let id = credential.get("toyKey").unwrap_or("nobody").to_owned();
        Ok(vec![Voice { id, name: provider.to_owned(), category: None }])
    }

    async fn speak(
        &self,
        speech: Speech,
    ) -> flowstone_core::Result<BoxStream<'static, flowstone_core::Result<Bytes>>> {
        let voice = speech.voice.unwrap_or_default();
        let said = format!("{voice} says {} by {}", speech.text, speech.provider);
        Ok(stream::iter([Ok(Bytes::from(said))]).boxed())
    }

    async fn mcp_tools(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
    ) -> flowstone_core::Result<Vec<Value>> {
        if url.contains("away") {
            return Err(flowstone_core::Error::Transport("nobody is there".into()));
        }
        let about = format!("asked with {} headers", headers.len());
        Ok(vec![
            json!({ "name": "look", "description": about, "inputSchema": { "type": "object" } }),
        ])
    }

    async fn call_back(
        &self,
        url: &str,
        body: String,
        signature: Option<String>,
    ) -> flowstone_core::Result<()> {
        let _ = (url, body, signature);
        Ok(())
    }

    async fn try_credential(
        &self,
        kind: &str,
        credential: &Credential,
    ) -> Option<flowstone_core::Result<()>> {
        use flowstone_core::Error;
        if kind != "toyApi" {
            return None;
        }
        Some(match credential.require("toyKey", "Toy Key") {
            Ok("good") => Ok(()),
            Ok("away") => Err(Error::Transport("toys.example cannot be reached".into())),
            Ok("busy") => Err(Error::Provider { status: 429, message: "too many calls".into() }),
            Ok(_) => Err(Error::Provider { status: 401, message: "no such key".into() }),
            Err(error) => Err(error),
        })
    }

    async fn token(&self, request: TokenRequest) -> flowstone_core::Result<Map<String, Value>> {
        let told = request.fields.iter().map(|(name, value)| format!("{name}={value}"));
        let told: Vec<String> = told.collect();
        let answer = json!({
            "access_token": format!("{} {}", request.url, told.join("&")),
            "refresh_token": "again", "token_type": "Bearer", "expires_in": 3600,
        });
        Ok(answer.as_object().cloned().unwrap_or_default())
    }
}

impl TestServer {
    /// A fresh one, with an empty database.
    pub(crate) async fn start() -> Self {
        Self::with(ServerSettings::default()).await
    }

    /// The same with other settings.
    pub(crate) async fn with(settings: ServerSettings) -> Self {
        Self::over(&DatabaseSettings::SqliteMemory, settings).await
    }

    /// The same over this database, which is empty.
    pub(crate) async fn over(database: &DatabaseSettings, settings: ServerSettings) -> Self {
        let store = Store::connect(database).await.unwrap();
        let encryption_key = EncryptionKey::from_bytes(&[7; 32]);
        let flow_port = Arc::new(FlowPort::new(store.clone()));
        let files = Arc::new(flowstone_testkit::MemoryFiles::default());
        let services = services(
            &store,
            encryption_key.clone(),
            files.clone(),
            flow_port.clone(),
            flow_port.clone(),
        );
        let catalog = Catalog::new(toys::NODES, &HashSet::new());
        let (postbox, letters) = mpsc::channel(16);
        let state = AppState::new(AppParts {
            owner: Uuid::new_v4().to_string(),
            store: store.clone(),
            engine: Arc::new(Engine::new(catalog, Arc::new(services))),
            flow_port,
            encryption_key,
            token_key: TokenKey::new([9; 32]),
            settings,
            credential_specs: toys::CREDENTIALS,
            icon,
            assets: Arc::new(Pages),
            templates: vec![template()],
            outside: Arc::new(Nearby),
            mailer: Some(Arc::new(Postbox(postbox))),
            metrics: Arc::new(|| Some("flows 1\n".to_owned())),
            price: Arc::new(|node, model, usage| {
                (node == "chatParrot" && model == "parrot")
                    .then(|| f64::from(u32::try_from(usage.input_tokens).unwrap()) / 1_000.0)
            }),
        });
        Self { store, router: router(state.clone()), state, files, letters: Mutex::new(letters) }
    }

    /// A fresh one with its first account, and that account's session.
    pub(crate) async fn set_up() -> (Self, By) {
        Self::start().await.settled().await
    }

    /// This one with its first account, and that account's session.
    pub(crate) async fn settled(self) -> (Self, By) {
        let server = self;
        let user = json!({ "user": { "name": "Ann", "email": "ann@example.com", "credential": PASSWORD } });
        let answer = server.post("/account/register", &user, &By::Nobody).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let session = server.sign_in("ann@example.com").await;
        (server, session)
    }

    /// The next letter that leaves.
    pub(crate) async fn letter(&self) -> Letter {
        self.letters.lock().await.recv().await.unwrap()
    }

    /// Lets everything that goes on beside requests end, and holds that no letter left.
    pub(crate) async fn quiet(&self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        serve(listener, self.state.clone(), async {}).await;
        let letter = self.letters.lock().await.try_recv();
        assert!(letter.is_err(), "a letter left: {}", letter.unwrap().subject);
    }

    /// Signs in.
    pub(crate) async fn sign_in(&self, email: &str) -> By {
        let form = json!({ "email": email, "password": PASSWORD });
        let answer = self.post("/auth/login", &form, &By::Nobody).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        By::Session(answer.cookies())
    }

    /// A key with these permissions.
    pub(crate) async fn key(&self, by: &By, permissions: &[&str]) -> By {
        let form = json!({ "keyName": "test", "permissions": permissions });
        let answer = self.post("/apikey", &form, by).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let rows = answer.json();
        let fresh =
            rows.as_array().unwrap().iter().find(|it| it["apiKey"].as_str().unwrap().len() == 43);
        By::Key(fresh.unwrap()["apiKey"].as_str().unwrap().to_owned())
    }

    /// A second account with a workspace of its own, signed in.
    pub(crate) async fn neighbour(&self) -> By {
        let ann = self.store.users().find_by_email("ann@example.com").await.unwrap().unwrap();
        let now = Utc::now();
        let id = || Uuid::new_v4().to_string();
        let (user_id, organization_id, workspace_id) = (id(), id(), id());
        let places = self.store.workspaces().list_for_user(&ann.id).await.unwrap();
        let role_id = places[0].1.role_id.clone();
        let account = Account {
            user: User {
                id: user_id.clone(),
                name: "Bob".into(),
                email: "bob@example.com".into(),
                ..ann
            },
            organization: Organization {
                id: organization_id.clone(),
                name: "Bob's".into(),
                created_by: None,
                updated_by: None,
                created_date: now,
                updated_date: now,
            },
            workspace: Workspace {
                id: workspace_id.clone(),
                name: "Bob's".into(),
                description: None,
                organization_id,
                created_by: None,
                updated_by: None,
                created_date: now,
                updated_date: now,
            },
            membership: Membership {
                workspace_id,
                user_id,
                role_id,
                status: "active".into(),
                last_login: None,
                created_by: None,
                updated_by: None,
                created_date: now,
                updated_date: now,
            },
        };
        self.store.users().insert(&account).await.unwrap();
        self.sign_in("bob@example.com").await
    }

    pub(crate) async fn get(&self, path: &str, by: &By) -> Answer {
        self.call(Method::GET, path, None, by).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value, by: &By) -> Answer {
        self.call(Method::POST, path, Some(body), by).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value, by: &By) -> Answer {
        self.call(Method::PUT, path, Some(body), by).await
    }

    pub(crate) async fn delete(&self, path: &str, by: &By) -> Answer {
        self.call(Method::DELETE, path, None, by).await
    }

    /// One request to a path below `/api/v1`.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        by: &By,
    ) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(format!("/api/v1{path}"));
        let sent = body;
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let answer = self.send(by.sign(request).body(body).unwrap()).await;
        hold_to_document(&method, &format!("/api/v1{path}"), sent, &answer);
        answer
    }

    /// Any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: parts.status, headers: parts.headers, bytes }
    }
}

impl By {
    /// Adds what shows who it is.
    pub(crate) fn sign(
        &self,
        request: axum::http::request::Builder,
    ) -> axum::http::request::Builder {
        match self {
            Self::Nobody => request,
            Self::Key(key) => request.header(header::AUTHORIZATION, format!("Bearer {key}")),
            Self::Session(cookies) => {
                request.header(header::COOKIE, cookies).header("x-request-from", "internal")
            }
        }
    }
}
