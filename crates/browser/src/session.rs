//! A running browser with one page, and the loop that answers what the page calls while it is read.

use std::{collections::HashMap, future::Future, path::Path, pin::Pin, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use futures::{StreamExt, stream::FuturesUnordered};
use serde_json::{Value, json};
use tokio::{
    sync::OwnedSemaphorePermit,
    time::{Instant, timeout_at},
};

use crate::{Answer, Call, Error, Network, Result, Seen, Visit, Wait, pipe::Pipe};

/// How long the browser may take to start.
const START: Duration = Duration::from_secs(30);
/// Most calls of one page.
const MOST_CALLS: usize = 2000;
/// Longest text of a page, in characters.
const LONGEST: usize = 20_000_000;
/// Parts of a page that nobody reads.
const UNSEEN: &[&str] = &["Image", "Media", "Font", "Ping", "TextTrack", "Prefetch"];
/// Headers about how a body was sent, which is over when it is handed on.
const OF_TRANSPORT: &[&str] =
    &["content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"];

type Answering = Pin<Box<dyn Future<Output = (String, String, Result<Answer, String>)> + Send>>;

/// A running browser. It ends when this is dropped.
pub struct Session {
    pipe: Pipe,
    network: Arc<dyn Network>,
    /// Calls of the page that are being answered: the id of each, its address, and the answer.
    answering: FuturesUnordered<Answering>,
    /// Answers that came from elsewhere, for the calls the page makes when it is led there.
    held: HashMap<String, Answer>,
    calls: usize,
    next_id: u64,
    /// The page among the browser's targets.
    session: String,
    /// The load that is waited for, and what was told of it.
    loader: Option<String>,
    reached: Vec<String>,
    _place: OwnedSemaphorePermit,
}

impl Session {
    pub(crate) async fn start(
        program: &Path,
        network: Arc<dyn Network>,
        place: OwnedSemaphorePermit,
    ) -> Result<Self> {
        let mut session = Self {
            pipe: Pipe::start(program)?,
            network,
            answering: FuturesUnordered::new(),
            held: HashMap::new(),
            calls: 0,
            next_id: 0,
            session: String::new(),
            loader: None,
            reached: Vec::new(),
            _place: place,
        };
        let ready = timeout_at(Instant::now() + START, session.prepare()).await;
        ready.map_err(|_| Error::Broken("it does not start in time".to_owned()))??;
        Ok(session)
    }

    async fn prepare(&mut self) -> Result<()> {
        self.ask("Browser.setDownloadBehavior", json!({"behavior": "deny"})).await?;
        let made = self.ask("Target.createTarget", json!({"url": "about:blank"})).await?;
        let page = json!({"targetId": made["targetId"], "flatten": true});
        let attached = self.ask("Target.attachToTarget", page).await?;
        self.session = attached["sessionId"].as_str().unwrap_or_default().to_owned();
        // From here on no call of the page goes anywhere but to the network that was given.
        let all = json!({"patterns": [{"urlPattern": "*", "requestStage": "Request"}]});
        self.ask("Fetch.enable", all).await?;
        self.ask("Page.enable", json!({})).await?;
        self.ask("Page.setLifecycleEventsEnabled", json!({"enabled": true})).await?;
        self.ask("Network.setBypassServiceWorker", json!({"bypass": true})).await?;
        Ok(())
    }

    /// Reads a page.
    ///
    /// # Errors
    /// [`Error::Page`] where it cannot be shown, [`Error::TooSlow`] where it is not ready in time,
    /// [`Error::Broken`] where the browser fails.
    pub async fn visit(&mut self, visit: &Visit) -> Result<Seen> {
        // Files of the machine and pages of the browser itself are no pages of the web.
        if !is_web(&visit.url) {
            return Err(Error::Page(format!("{} is no address of the web", visit.url)));
        }
        let until = Instant::now() + visit.patience;
        let slow = |what| Error::TooSlow(visit.patience.as_secs(), what);
        self.calls = 0;
        self.held.clear();
        self.reached.clear();
        self.loader = None;
        let opened = timeout_at(until, self.navigate(&visit.url, visit.wait)).await;
        opened.map_err(|_| slow("it did not load"))??;
        if let Some(selector) = &visit.wait_for {
            let there = timeout_at(until, self.wait_for(selector)).await;
            there.map_err(|_| slow("there is no element that fits the selector"))??;
        }
        let seen = timeout_at(until.max(Instant::now() + Duration::from_secs(5)), self.seen(visit));
        seen.await.map_err(|_| slow("it cannot be read"))?
    }

    async fn navigate(&mut self, url: &str, wait: Wait) -> Result<()> {
        let opened = self.ask("Page.navigate", json!({"url": url})).await?;
        if let Some(said) = opened["errorText"].as_str().filter(|it| !it.is_empty()) {
            return Err(Error::Page(said.to_owned()));
        }
        let loader = opened["loaderId"].as_str().unwrap_or_default();
        let reached = format!("{loader} {}", wait.name());
        loader.clone_into(self.loader.get_or_insert_default());
        while !self.reached.contains(&reached) {
            let message = self.next().await?;
            self.note(&message).await?;
        }
        Ok(())
    }

    async fn wait_for(&mut self, selector: &str) -> Result<()> {
        let selector = Value::from(selector);
        self.evaluate(&format!(
            "new Promise((resolve) => {{ const look = () => document.querySelector({selector}) ? \
             resolve(true) : setTimeout(look, 100); look(); }})"
        ))
        .await
        .map(drop)
    }

    async fn seen(&mut self, visit: &Visit) -> Result<Seen> {
        let element = match &visit.selector {
            Some(selector) => format!("document.querySelector({})", Value::from(selector.as_str())),
            None => "document.body".to_owned(),
        };
        let seen = self
            .evaluate(&format!(
                "(() => {{ const element = {element}; const text = element && \
                 (element.innerText ?? element.textContent); return {{ url: location.href, \
                 html: document.documentElement.outerHTML.slice(0, {LONGEST}), \
                 text: text ? text.slice(0, {LONGEST}) : text }}; }})()"
            ))
            .await?;
        Ok(Seen {
            url: seen["url"].as_str().unwrap_or(&visit.url).to_owned(),
            html: seen["html"].as_str().unwrap_or_default().to_owned(),
            text: seen["text"].as_str().map(str::to_owned),
        })
    }

    async fn evaluate(&mut self, script: &str) -> Result<Value> {
        let how = json!({"expression": script, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.ask("Runtime.evaluate", how).await?;
        if let Some(failed) = answer.get("exceptionDetails") {
            let said = failed.pointer("/exception/description").and_then(Value::as_str);
            let said = said.or(failed["text"].as_str()).unwrap_or("a script failed");
            let first = said.lines().next().unwrap_or(said);
            return Err(Error::Page(first.to_owned()));
        }
        Ok(answer.pointer_mut("/result/value").map(Value::take).unwrap_or_default())
    }

    /// Asks the browser something and answers the page's calls until it has answered.
    async fn ask(&mut self, method: &str, parameters: Value) -> Result<Value> {
        let id = self.tell(method, parameters).await?;
        loop {
            let mut message = self.next().await?;
            if message["id"].as_u64() != Some(id) {
                self.note(&message).await?;
                continue;
            }
            if let Some(said) = message.pointer("/error/message").and_then(Value::as_str) {
                return Err(Error::Page(said.to_owned()));
            }
            return Ok(message["result"].take());
        }
    }

    async fn tell(&mut self, method: &str, parameters: Value) -> Result<u64> {
        self.next_id += 1;
        let mut message = json!({"id": self.next_id, "method": method, "params": parameters});
        if !self.session.is_empty() {
            message["sessionId"] = self.session.as_str().into();
        }
        self.pipe.send(&message).await?;
        Ok(self.next_id)
    }

    /// The browser's next message. Meanwhile the page's calls are answered.
    async fn next(&mut self) -> Result<Value> {
        loop {
            let (id, url, answer) = tokio::select! {
                message = self.pipe.receive() => return message,
                Some(answered) = self.answering.next() => answered,
            };
            self.fulfil(&id, &url, answer).await?;
        }
    }

    /// Notes what the browser tells by itself.
    async fn note(&mut self, message: &Value) -> Result<()> {
        let told = &message["params"];
        match message["method"].as_str() {
            Some("Fetch.requestPaused") => self.paused(told).await,
            Some("Page.lifecycleEvent") => {
                let loader = told["loaderId"].as_str().unwrap_or_default();
                self.reached
                    .push(format!("{loader} {}", told["name"].as_str().unwrap_or_default()));
                Ok(())
            }
            Some("Page.javascriptDialogOpening") => {
                self.tell("Page.handleJavaScriptDialog", json!({"accept": false})).await.map(drop)
            }
            Some("Inspector.targetCrashed") => {
                Err(Error::Page("it took more memory than there is".to_owned()))
            }
            _ => Ok(()),
        }
    }

    /// A call of the page waits for its answer.
    async fn paused(&mut self, told: &Value) -> Result<()> {
        let id = told["requestId"].as_str().unwrap_or_default().to_owned();
        let request = &told["request"];
        let url = request["url"].as_str().unwrap_or_default().to_owned();
        self.calls += 1;
        let kind = told["resourceType"].as_str().unwrap_or_default();
        if UNSEEN.contains(&kind) || !is_web(&url) || self.calls > MOST_CALLS {
            return self.refuse(&id, "BlockedByClient").await;
        }
        if let Some(answer) = self.held.remove(&url) {
            return self.fulfil(&id, &url, Ok(answer)).await;
        }
        let headers = request["headers"].as_object().into_iter().flatten();
        let headers =
            headers.filter_map(|(name, it)| Some((name.clone(), it.as_str()?.to_owned())));
        let call = Call {
            method: request["method"].as_str().unwrap_or("GET").to_owned(),
            url: url.clone(),
            headers: headers.collect(),
            body: request["postData"].as_str().map(|it| it.as_bytes().to_vec()),
        };
        let network = self.network.clone();
        let answering = async move { (id, url, network.answer(call).await) };
        self.answering.push(Box::pin(answering));
        Ok(())
    }

    async fn fulfil(&mut self, id: &str, url: &str, answer: Result<Answer, String>) -> Result<()> {
        let answer = match answer {
            Ok(answer) => answer,
            Err(reason) => {
                tracing::info!(reason, "a call of a page is refused");
                return self.refuse(id, "AccessDenied").await;
            }
        };
        // Led elsewhere: the page has to know, or its links would lead nowhere.
        if without_fragment(&answer.url) != without_fragment(url) {
            let to = json!([{"name": "location", "value": answer.url}]);
            let led = json!({"requestId": id, "responseCode": 302, "responseHeaders": to});
            self.held.insert(without_fragment(&answer.url).to_owned(), answer);
            return self.tell("Fetch.fulfillRequest", led).await.map(drop);
        }
        let headers = answer.headers.iter();
        let headers = headers
            .filter(|(name, _)| !OF_TRANSPORT.contains(&name.to_ascii_lowercase().as_str()))
            .map(|(name, value)| json!({"name": name, "value": value}));
        let given = json!({
            "requestId": id,
            "responseCode": answer.status,
            "responseHeaders": headers.collect::<Vec<_>>(),
            "body": STANDARD.encode(&answer.body),
        });
        self.tell("Fetch.fulfillRequest", given).await.map(drop)
    }

    async fn refuse(&mut self, id: &str, reason: &str) -> Result<()> {
        let refused = json!({"requestId": id, "errorReason": reason});
        self.tell("Fetch.failRequest", refused).await.map(drop)
    }
}

fn is_web(url: &str) -> bool {
    url.starts_with("http://") || url.starts_with("https://")
}

fn without_fragment(url: &str) -> &str {
    url.split('#').next().unwrap_or(url)
}
