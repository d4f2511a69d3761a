//! What a run tells the outside while it goes on.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use serde::Serialize;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::{Document, UsedTool};

/// How many events may wait for a slow reader before the run waits for it.
const CAPACITY: usize = 64;

/// One line of a run's transcript. The server writes it as a server-sent event, a test collects it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", content = "data", rename_all = "camelCase")]
pub enum Event {
    /// The answer begins; holds the model's first piece, which is often empty.
    Start(String),
    /// The answer of an agentflow of the first version begins, with its turns so far.
    #[serde(rename = "start")]
    StartTurns(Vec<Value>),
    /// The turns of such a flow so far.
    AgentReasoning(Vec<Value>),
    /// Who acts next in such a flow.
    NextAgent(String),
    /// A piece of the answer.
    Token(String),
    /// A piece of what the model thinks before it answers.
    Thinking(String),
    /// The tools an agent has called.
    UsedTools(Vec<UsedTool>),
    /// The passages the answer stands on.
    SourceDocuments(Vec<Document>),
    /// Files and pictures that tools made.
    Artifacts(Vec<Value>),
    /// Places in files that the answer cites.
    FileAnnotations(Vec<Value>),
    /// The tools that a model asks an agentflow to call, before they are.
    CalledTools(Vec<Value>),
    /// Tokens that the last model call of an agentflow spent.
    UsageMetadata(Value),
    /// How an agentflow's run stands: `INPROGRESS`, `FINISHED`, `STOPPED`, `ERROR` or `TERMINATED`.
    #[serde(rename = "agentFlowEvent")]
    AgentFlowState(String),
    /// A node of an agentflow begins or ends its turn: `{nodeId, nodeLabel, status, error?}`.
    NextAgentFlow(Value),
    /// The records of all turns so far.
    AgentFlowExecutedData(Vec<Arc<Value>>),
    /// What a person is asked before the run goes on.
    Action(Value),
    /// A run that a listener followed is over: `{chatId}`.
    ExecutionEnd(Value),
    /// A node begins to work. Told only to callers that ask for it, as the next two.
    NodeStart(Box<NodeState>),
    /// A node has done its work.
    NodeEnd(Box<NodeState>),
    /// A node has failed.
    NodeError(Box<NodeState>),
    /// Ids of what was stored; sent once, after everything else.
    Metadata(Box<Metadata>),
    /// The run failed.
    Error(String),
    /// The run was stopped by its user. Always `[DONE]`.
    Abort(Done),
    /// Always last. Always `[DONE]`.
    End(Done),
}

/// The fixed text that closes a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Done {
    /// Written as `[DONE]`.
    #[serde(rename = "[DONE]")]
    Done,
}

/// How a node stands. One that is asked several times starts and ends several times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NodeState {
    /// Tells its calls apart, and leads to the span of the run's trace.
    pub span_id: u32,
    /// The node.
    pub node_id: String,
    /// Its label on the canvas.
    pub label: String,
    /// What it does: `node`, `build`, `model`, `tool`, `retriever`, `embeddings`, `store` or
    /// `memory`.
    pub kind: &'static str,
    /// How long it took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// Tokens a model read, where the vendor tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens a model wrote, where the vendor tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Label of the row that is wrong, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

/// What a client needs to go on with the conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The chat.
    pub chat_id: String,
    /// The stored answer.
    pub chat_message_id: String,
    /// What was asked.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub question: String,
    /// The conversation that memory nodes follow.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub session_id: String,
    /// Label of the memory node, where the flow has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_type: Option<String>,
    /// JSON text of suggested next questions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub follow_up_prompts: Option<String>,
    /// Variables the flow set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flow_variables: Option<Value>,
    /// What a person is asked before the run goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<Value>,
}

/// The sending half of a run's transcript; cheap to clone.
///
/// The channel is bounded: a reader that does not keep up slows the run down instead of filling
/// memory. A closed receiver is no error: nobody listens.
#[derive(Clone, Debug, Default)]
pub struct Events {
    channel: Option<Arc<Channel>>,
    skips_empty_pieces: bool,
    recorder: Option<Recorder>,
}

/// Is shown every event as it is told, whether anybody listens or not.
#[derive(Clone)]
pub struct Recorder(Arc<dyn Fn(&Event) + Send + Sync>);

impl Recorder {
    /// A recorder that is called with each event. It is called in the midst of the run and must
    /// not wait.
    pub fn new(record: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        Self(Arc::new(record))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Recorder")
    }
}

#[derive(Debug)]
struct Channel {
    sender: mpsc::Sender<Event>,
    started: AtomicBool,
    /// The answer so far, so that a run that is cut short keeps what it said.
    said: Mutex<String>,
}

impl Events {
    /// A fresh channel.
    pub fn channel() -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        let channel =
            Arc::new(Channel { sender, started: AtomicBool::new(false), said: Mutex::default() });
        (Self { channel: Some(channel), ..Self::default() }, receiver)
    }

    /// The same channel for answers that are not announced by `start`: those of agentflows.
    #[must_use]
    pub fn without_start(&self) -> Self {
        if let Some(channel) = &self.channel {
            channel.started.store(true, Ordering::Relaxed);
        }
        self.clone()
    }

    /// Tells nobody: for inner calls whose words are not the answer.
    pub fn silent() -> Self {
        Self::default()
    }

    /// The same channel for chains whose answer begins with its first words: `start` then waits
    /// for a piece that holds text.
    #[must_use]
    pub fn without_empty_pieces(&self) -> Self {
        Self { skips_empty_pieces: true, ..self.clone() }
    }

    /// The same channel, with everything that is told here shown to `recorder` too.
    #[must_use]
    pub fn recorded(&self, recorder: Recorder) -> Self {
        Self { recorder: Some(recorder), ..self.clone() }
    }

    /// The same channel without its recorder, for what was recorded already.
    #[must_use]
    pub fn unrecorded(&self) -> Self {
        Self { recorder: None, ..self.clone() }
    }

    /// Whether anybody can be listening. Models ask their vendor for a stream only then.
    pub fn is_silent(&self) -> bool {
        self.channel.is_none()
    }

    /// Tells one event; waits while the reader is behind.
    pub async fn emit(&self, event: Event) {
        if let Some(Recorder(record)) = &self.recorder {
            record(&event);
        }
        if let Some(channel) = &self.channel {
            let _ = channel.sender.send(event).await;
        }
    }

    /// Tells a piece of the answer as a model gave it.
    ///
    /// The first piece of a run is announced by `start` whatever it holds; after that, pieces
    /// without text carry nothing and are left out (see also
    /// [`without_empty_pieces`](Self::without_empty_pieces)).
    pub async fn token(&self, piece: &str) {
        let Some(channel) = &self.channel else {
            // Nobody listens now; what is recorded may be listened to later.
            if !piece.is_empty() && self.recorder.is_some() {
                self.emit(Event::Token(piece.to_owned())).await;
            }
            return;
        };
        if piece.is_empty() && self.skips_empty_pieces {
            return;
        }
        if !channel.started.swap(true, Ordering::Relaxed) {
            self.emit(Event::Start(piece.to_owned())).await;
        }
        if !piece.is_empty() {
            channel.said.lock().unwrap_or_else(PoisonError::into_inner).push_str(piece);
            self.emit(Event::Token(piece.to_owned())).await;
        }
    }

    /// The answer so far.
    pub fn said(&self) -> String {
        let said =
            |it: &Arc<Channel>| it.said.lock().unwrap_or_else(PoisonError::into_inner).clone();
        self.channel.as_ref().map(said).unwrap_or_default()
    }

    /// Waits until nobody listens any more; for ever where nobody ever did.
    pub async fn closed(&self) {
        match &self.channel {
            Some(channel) => channel.sender.closed().await,
            None => std::future::pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn told(events: Events, mut receiver: mpsc::Receiver<Event>) -> Vec<Event> {
        for piece in ["", "Hel", "", "lo"] {
            events.token(piece).await;
        }
        drop(events);
        let mut told = Vec::new();
        while let Some(event) = receiver.recv().await {
            told.push(event);
        }
        told
    }

    #[tokio::test]
    async fn the_first_piece_starts_the_answer_even_where_it_is_empty() {
        let (events, receiver) = Events::channel();
        let token = |text: &str| Event::Token(text.to_owned());
        let expected = vec![Event::Start(String::new()), token("Hel"), token("lo")];
        assert_eq!(told(events, receiver).await, expected);
    }

    #[tokio::test]
    async fn what_is_told_is_recorded_whether_anybody_listens_or_not() {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let record = kept.clone();
        let recorder = Recorder::new(move |it| record.lock().unwrap().push(it.clone()));
        let token = |text: &str| Event::Token(text.to_owned());
        let silent = Events::silent().recorded(recorder.clone());
        silent.token("a").await;
        silent.unrecorded().token("no").await;
        assert!(silent.is_silent());
        let (events, mut receiver) = Events::channel();
        events.without_start().recorded(recorder).token("b").await;
        assert_eq!(receiver.recv().await, Some(token("b")));
        assert_eq!(*kept.lock().unwrap(), [token("a"), token("b")]);
    }

    #[tokio::test]
    async fn without_empty_pieces_the_first_words_start_the_answer() {
        let (events, receiver) = Events::channel();
        let token = |text: &str| Event::Token(text.to_owned());
        let expected = vec![Event::Start("Hel".to_owned()), token("Hel"), token("lo")];
        // The transcript ends when the last sending half is gone.
        let sending = events.without_empty_pieces();
        drop(events);
        assert_eq!(told(sending, receiver).await, expected);
    }
}
