//! A run's transcript as server-sent events, byte for byte as clients of the reference expect.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::Body,
    http::{HeaderValue, header},
    response::Response,
};
use bytes::{BufMut as _, Bytes, BytesMut};
use flowstone_core::{Event, Events, event::Done};
use futures::Stream;
use tokio::{
    sync::{
        mpsc::{self, Receiver},
        oneshot,
    },
    time::{Interval, MissedTickBehavior, interval_at},
};

use flowstone_store::WorkspaceScope;

use super::{Call, agentflow, answer::Ending, followers, listeners::Audience};
use crate::AppState;

/// How often an open stream shows that it is alive, for proxies that close silent ones.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How many waiting events are written in one go.
const BATCH: usize = 64;

/// Starts the run and answers with its stream; the headers leave before any work is done.
pub(crate) fn respond(state: &AppState, call: Call) -> Response {
    let (events, receiver) = Events::channel();
    let runner = state.clone();
    // The run belongs to the server, not to the connection: when the client leaves, it still has
    // to keep what was said.
    state.tasks.spawn(async move { drive(&runner, call, events).await });
    response(receiver)
}

/// The same while others listen too, who are told at the end which chat it was.
pub(crate) fn respond_heard(
    state: &AppState,
    call: Call,
    audience: Audience,
    chat_id: String,
) -> Response {
    let (events, mut heard) = Events::channel();
    let (told, receiver) = mpsc::channel(BATCH);
    let runner = state.clone();
    state.tasks.spawn(async move { drive(&runner, call, events).await });
    state.tasks.spawn(async move {
        while let Some(event) = heard.recv().await {
            audience.tell(&event);
            // A caller who has left does not keep the others from hearing on.
            let _ = told.send(event).await;
        }
        audience.tell(&Event::ExecutionEnd(serde_json::json!({ "chatId": chat_id })));
    });
    response(receiver)
}

/// Events as a stream of their own.
pub(crate) fn stream_of(receiver: Receiver<Event>) -> Response {
    response(receiver)
}

/// What is kept of a run's events after number `after`, and whatever it still tells.
pub(crate) fn stream_kept(
    state: &AppState,
    scope: WorkspaceScope,
    id: String,
    after: i32,
) -> Response {
    response(followers::follow(state, scope, id, after))
}

/// Starts the run, or finds the one that was asked for before, and answers with its events as they
/// are kept: after number `after`, and with their numbers where the caller asks for them.
pub(crate) async fn respond_followed(
    state: &AppState,
    call: Call,
    after: i32,
    numbered: bool,
) -> Response {
    let scope = WorkspaceScope::new(call.live.flow.workspace_id.clone());
    let (events, mut receiver) = Events::channel();
    // The run tells in pieces, as for a caller who listens; these are read from what is kept.
    state.tasks.spawn(async move { while receiver.recv().await.is_some() {} });
    let (begun, known) = oneshot::channel();
    let runner = state.clone();
    let running = state.tasks.spawn(async move {
        let answered = agentflow::answer(call, &runner, events, Some(begun)).await;
        answered.err().map(|it| it.message().to_owned())
    });
    if let Ok(begun) = known.await {
        let kept = followers::follow(state, scope, begun.id, after.max(begun.after));
        return if numbered { response(kept) } else { response(unnumbered(state, kept)) };
    }
    let (sender, receiver) = mpsc::channel(2);
    let failed = running.await.ok().flatten().unwrap_or_default();
    let _ = sender.send(Event::Error(failed)).await;
    let _ = sender.send(Event::End(Done::Done)).await;
    response(receiver)
}

/// Kept events without their numbers.
fn unnumbered(state: &AppState, mut kept: Receiver<Kept>) -> Receiver<Unnumbered> {
    let (sender, receiver) = mpsc::channel(1);
    state.tasks.spawn(async move {
        while let Some(event) = kept.recv().await {
            if sender.send(Unnumbered(event.text)).await.is_err() {
                return;
            }
        }
    });
    receiver
}

async fn drive(state: &AppState, call: Call, events: Events) {
    match call.answer(state, events.clone()).await {
        Ok(exchange) => {
            if exchange.ending != Ending::Terminated {
                events.emit(Event::Metadata(Box::new(exchange.metadata()))).await;
            }
            if matches!(exchange.ending, Ending::Stopped | Ending::Terminated) {
                events.emit(Event::Abort(Done::Done)).await;
            }
        }
        Err(problem) => events.emit(Event::Error(problem.message().to_owned())).await,
    }
    events.emit(Event::End(Done::Done)).await;
}

fn response<T: Frame>(receiver: Receiver<T>) -> Response {
    let mut heartbeat = interval_at(tokio::time::Instant::now() + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut response = Response::new(Body::from_stream(Frames {
        receiver,
        heartbeat,
        waiting: Vec::with_capacity(1),
    }));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::CONNECTION, HeaderValue::from_static("keep-alive"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// What a stream is made of.
trait Frame: Send + Unpin + 'static {
    /// Writes it as its client reads it.
    fn write(&self, bytes: &mut BytesMut);
}

/// An event as it was kept: its number in its run, and its text.
pub(super) struct Kept {
    pub(super) number: i32,
    pub(super) text: String,
}

/// The text of an event that was kept.
struct Unnumbered(String);

impl Frame for Event {
    fn write(&self, bytes: &mut BytesMut) {
        write_frame(bytes, self);
    }
}

impl Frame for Kept {
    fn write(&self, bytes: &mut BytesMut) {
        bytes.put_slice(format!("id:{}\n", self.number).as_bytes());
        write_text(bytes, &self.text);
    }
}

impl Frame for Unnumbered {
    fn write(&self, bytes: &mut BytesMut) {
        write_text(bytes, &self.0);
    }
}

fn write_text(bytes: &mut BytesMut, text: &str) {
    bytes.put_slice(b"message:\ndata:");
    bytes.put_slice(text.as_bytes());
    bytes.put_slice(b"\n\n");
}

/// The bytes of a stream. Events that wait together leave together.
struct Frames<T> {
    receiver: Receiver<T>,
    heartbeat: Interval,
    waiting: Vec<T>,
}

impl<T: Frame> Stream for Frames<T> {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        match this.receiver.poll_recv_many(context, &mut this.waiting, BATCH) {
            Poll::Ready(0) => Poll::Ready(None),
            Poll::Ready(_) => {
                let mut bytes = BytesMut::with_capacity(64 * this.waiting.len());
                for event in this.waiting.drain(..) {
                    event.write(&mut bytes);
                }
                Poll::Ready(Some(Ok(bytes.freeze())))
            }
            Poll::Pending => match this.heartbeat.poll_tick(context) {
                Poll::Ready(_) => Poll::Ready(Some(Ok(Bytes::from_static(b":heartbeat\n\n")))),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

/// `message:` is a field name with an empty value, and no blank follows `data:`.
fn write_frame(bytes: &mut BytesMut, event: &Event) {
    bytes.put_slice(b"message:\ndata:");
    if let Err(error) = serde_json::to_writer((&mut *bytes).writer(), event) {
        // Only a map with keys that are no text could fail, and events hold none.
        tracing::error!(%error, "an event could not be written");
    }
    bytes.put_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn frame(event: &Event) -> String {
        let mut bytes = BytesMut::new();
        write_frame(&mut bytes, event);
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[test]
    fn frames_are_as_recorded() {
        let table = [
            (Event::Start(String::new()), r#"{"event":"start","data":""}"#),
            (Event::Token(" a\n\"b\"".to_owned()), r#"{"event":"token","data":" a\n\"b\""}"#),
            (
                Event::Artifacts(vec![json!({"type": "png"})]),
                r#"{"event":"artifacts","data":[{"type":"png"}]}"#,
            ),
            (Event::Abort(Done::Done), r#"{"event":"abort","data":"[DONE]"}"#),
            (Event::End(Done::Done), r#"{"event":"end","data":"[DONE]"}"#),
        ];
        for (event, expected) in table {
            assert_eq!(frame(&event), format!("message:\ndata:{expected}\n\n"));
        }
    }

    #[test]
    fn a_kept_event_is_the_same_frame_below_its_number() {
        let mut bytes = BytesMut::new();
        let text = serde_json::to_string(&Event::End(Done::Done)).unwrap();
        Kept { number: 7, text }.write(&mut bytes);
        let expected = format!("id:7\n{}", frame(&Event::End(Done::Done)));
        assert_eq!(String::from_utf8(bytes.to_vec()).unwrap(), expected);
    }
}
