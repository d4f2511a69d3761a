//! Pages that listen to the runs which a flow's webhook starts.

use std::{collections::HashMap, sync::Arc};

use flowstone_core::Event;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use uuid::Uuid;

/// How many events may wait for a page that is slow; it misses those that come then.
const WAITING: usize = 256;
/// Most pages that listen to one flow; the oldest goes where another one comes.
const MOST: usize = 20;

/// The pages that listen, by flow.
#[derive(Clone, Default)]
pub(crate) struct Listeners(Arc<Mutex<HashMap<String, Vec<Listener>>>>);

struct Listener {
    id: String,
    /// `None` until its page has opened the stream.
    sender: Option<mpsc::Sender<Event>>,
}

/// The pages that listen to one flow.
pub(crate) struct Audience(Vec<mpsc::Sender<Event>>);

impl Listeners {
    /// Gives a page that wants to listen to `flow` an id.
    pub(crate) fn register(&self, flow: &str) -> String {
        let id = format!("wh-listener-{}", Uuid::new_v4());
        let mut flows = self.0.lock();
        let listeners = flows.entry(flow.to_owned()).or_default();
        if listeners.len() >= MOST {
            listeners.remove(0);
        }
        listeners.push(Listener { id: id.clone(), sender: None });
        id
    }

    /// What the listener is told from now on; `None` for one that is not registered.
    pub(crate) fn listen(&self, flow: &str, id: &str) -> Option<mpsc::Receiver<Event>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let mut flows = self.0.lock();
        flows.get_mut(flow)?.iter_mut().find(|it| it.id == id)?.sender = Some(sender);
        Some(receiver)
    }

    /// Forgets a listener; its stream ends.
    pub(crate) fn unregister(&self, flow: &str, id: &str) {
        let mut flows = self.0.lock();
        if let Some(listeners) = flows.get_mut(flow) {
            listeners.retain(|it| it.id != id);
            if listeners.is_empty() {
                flows.remove(flow);
            }
        }
    }

    /// Who listens to `flow` now. Pages that have gone are forgotten.
    pub(crate) fn of(&self, flow: &str) -> Audience {
        let mut flows = self.0.lock();
        let Some(listeners) = flows.get_mut(flow) else { return Audience(Vec::new()) };
        listeners.retain(|it| it.sender.as_ref().is_none_or(|it| !it.is_closed()));
        Audience(listeners.iter().filter_map(|it| it.sender.clone()).collect())
    }
}

impl Audience {
    /// Whether nobody listens.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells everybody who keeps up.
    pub(crate) fn tell(&self, event: &Event) {
        for sender in &self.0 {
            let _ = sender.try_send(event.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_those_who_listen_to_the_flow_hear_of_it() {
        let listeners = Listeners::default();
        assert!(listeners.listen("a", "nobody").is_none());
        let id = listeners.register("a");
        assert!(listeners.of("a").is_empty());
        let mut receiver = listeners.listen("a", &id).unwrap();
        listeners.of("b").tell(&Event::Token("no".to_owned()));
        listeners.of("a").tell(&Event::Token("yes".to_owned()));
        assert_eq!(receiver.recv().await, Some(Event::Token("yes".to_owned())));
        listeners.unregister("a", &id);
        assert!(listeners.of("a").is_empty());
        assert_eq!(receiver.recv().await, None);
    }
}
