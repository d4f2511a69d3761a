//! What one call of a flow knows of itself.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use base64::Engine as _;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Events, Message, Result, Services};

/// One call of a flow. Everything that differs between two calls is here, so that the nodes
/// themselves can be built once and shared.
#[derive(Clone)]
pub struct Run {
    /// The workspace the flow belongs to; every port takes it.
    pub workspace: String,
    /// The flow that runs.
    pub flow_id: String,
    /// The chat it is part of.
    pub chat_id: String,
    /// The conversation that memory nodes follow.
    pub session_id: String,
    /// What was asked.
    pub question: String,
    /// Earlier turns that came with the call; they stand in for the stored ones.
    pub history: Option<Vec<Message>>,
    /// Values of `$vars`.
    pub variables: Map<String, Value>,
    /// Files that came with the question.
    pub uploads: Vec<Upload>,
    /// What a person answered to an agentflow of the first version that waits: the action it asked
    /// with, as the client gave it back. The answer itself is the question.
    pub action: Option<Value>,
    /// Further values of `$flow`, such as the answer that post-processing works on.
    pub facts: Map<String, Value>,
    /// What nodes of this run set for each other, and the caller is told at its end.
    pub state: RunState,
    /// What its nodes keep open for as long as it lasts, such as connections.
    pub kept: RunKeep,
    /// How many flows stand between the caller and this one: a flow may ask another.
    pub depth: u32,
    /// The turn of an agentflow that the call is part of.
    pub turn: Option<Arc<TurnKey>>,
    /// What pays for the flows that it asks, where somebody counts.
    pub purse: Option<Arc<dyn Purse>>,
    /// Where the run tells what it does.
    pub events: Events,
    /// What nodes need from outside.
    pub services: Arc<Services>,
}

impl Run {
    /// A call of nothing by nobody; the caller fills in what it knows.
    pub fn new(services: Arc<Services>) -> Self {
        Self {
            workspace: String::new(),
            flow_id: String::new(),
            chat_id: String::new(),
            session_id: String::new(),
            question: String::new(),
            history: None,
            variables: Map::new(),
            uploads: Vec::new(),
            action: None,
            facts: Map::new(),
            state: RunState::default(),
            kept: RunKeep::default(),
            depth: 0,
            turn: None,
            purse: None,
            events: Events::silent(),
            services,
        }
    }

    /// `$flow`: what fields and scripts may read of the call.
    pub fn flow_variables(&self) -> Map<String, Value> {
        let mut map = self.facts.clone();
        map.insert("chatflowId".into(), self.flow_id.clone().into());
        map.insert("sessionId".into(), self.session_id.clone().into());
        map.insert("chatId".into(), self.chat_id.clone().into());
        map.insert("input".into(), self.question.clone().into());
        map
    }

    /// The same call with nobody listening, for inner steps whose words are not the answer.
    #[must_use]
    pub fn silenced(&self) -> Self {
        Self { events: Events::silent(), ..self.clone() }
    }
}

/// What a run pays from: it counts what models cost, those of the flows that the run asks included.
pub trait Purse: Send + Sync {
    /// Whether another model may be asked.
    ///
    /// # Errors
    /// Says which budget is spent.
    fn allow(&self) -> Result<()>;
    /// Takes out what was spent.
    fn pay(&self, bill: Bill);
}

/// What models cost.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bill {
    /// Tokens that they read.
    pub input_tokens: u64,
    /// Tokens that they wrote.
    pub output_tokens: u64,
    /// US dollars, of the calls whose price is known.
    pub cost: f64,
}

impl std::ops::AddAssign for Bill {
    fn add_assign(&mut self, other: Self) {
        self.input_tokens += other.input_tokens;
        self.output_tokens += other.output_tokens;
        self.cost += other.cost;
    }
}

/// What a turn of an agentflow is known by, so that what is asked in it is asked once, also where the
/// turn is taken again after a crash.
#[derive(Debug, Default)]
pub struct TurnKey {
    name: String,
    asked: AtomicU32,
}

impl TurnKey {
    /// The turn of this name.
    pub fn new(name: String) -> Self {
        Self { name, asked: AtomicU32::new(0) }
    }

    /// A key for the next thing that the turn asks: the same for the same place in the same turn.
    pub fn next(&self) -> String {
        format!("{}/{}", self.name, self.asked.fetch_add(1, Ordering::Relaxed))
    }
}

/// Values that live as long as a run, shared by all its nodes.
#[derive(Clone, Debug, Default)]
pub struct RunState(Arc<Mutex<Map<String, Value>>>);

impl RunState {
    /// The value under `name`.
    pub fn get(&self, name: &str) -> Option<Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Sets the value under `name`; an earlier one is replaced.
    pub fn set(&self, name: &str, value: Value) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), value);
    }

    /// All values, in the order they were first set.
    pub fn all(&self) -> Map<String, Value> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What nodes keep open for the rest of a run, one thing of each type. It is dropped with the run.
#[derive(Clone, Default)]
pub struct RunKeep(Arc<Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>>);

impl RunKeep {
    /// The thing of type `T`; made at its first mention.
    pub fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(&TypeId::of::<T>()).cloned().and_then(|it| it.downcast::<T>().ok());
        found.unwrap_or_else(|| {
            let made = Arc::new(T::default());
            kept.insert(TypeId::of::<T>(), made.clone());
            made
        })
    }
}

/// A file that came with a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// `file` (content in `data`), `url`, `audio`, `file:full`, `file:rag` or `stored-file…`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Name the user gave it.
    #[serde(default)]
    pub name: String,
    /// A data URI, an address, or nothing for a stored file.
    #[serde(default)]
    pub data: String,
    /// Media type the client claims.
    #[serde(default)]
    pub mime: String,
}

impl Upload {
    /// The text of a file that is to be read as a whole. Clients send the text that they were told of
    /// it; a data URI of text is read too.
    pub fn full_text(&self) -> Option<String> {
        if self.kind != "file:full" || self.data.is_empty() {
            return None;
        }
        let decoded = self.data.strip_prefix("data:").and_then(|it| it.split_once(','));
        let decoded = decoded.and_then(|(head, body)| {
            let bytes = if head.ends_with(";base64") {
                base64::engine::general_purpose::STANDARD.decode(body).ok()?
            } else {
                body.as_bytes().to_vec()
            };
            String::from_utf8(bytes).ok()
        });
        Some(decoded.unwrap_or_else(|| self.data.clone()))
    }
}

/// The text of files that came with the question, each between marks that name it.
pub fn attached_text(uploads: &[Upload]) -> String {
    let texts = uploads.iter().filter_map(|it| Some(marked_text(&it.name, &it.full_text()?)));
    texts.collect::<Vec<_>>().join("\n\n")
}

/// The text of a file between marks that name it.
pub fn marked_text(name: &str, text: &str) -> String {
    format!("<doc name='{name}'>{text}</doc>")
}

/// A question with the text of files before it.
pub fn with_files(attached: &str, question: &str) -> String {
    if attached.is_empty() { question.to_owned() } else { format!("{attached}\n\n{question}") }
}
