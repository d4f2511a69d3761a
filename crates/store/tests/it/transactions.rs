//! All or nothing.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use flowstone_store::{ChatMessage, Error, MessageFilter, Store};
use futures::future::join_all;

use crate::{Place, sample};

/// More messages than one statement takes.
const MANY: i64 = 1_200;

/// A future that is dropped when it has been asked so many times.
struct CutShort<F> {
    future: Option<Pin<Box<F>>>,
    polls: usize,
}

impl<F: Future> Future for CutShort<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.polls == 0 {
            self.future = None;
            return Poll::Ready(None);
        }
        self.polls -= 1;
        match &mut self.future {
            Some(future) => future.as_mut().poll(context).map(Some),
            None => Poll::Ready(None),
        }
    }
}

pub(crate) async fn a_call_cut_short_does_everything_or_nothing(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let mut finished = false;
    let mut polls = 0;
    while !finished {
        let session = format!("session {polls}");
        // More than one statement takes, so that a cut may fall between two of them.
        let pairs = (0..MANY / 2).flat_map(|at| sample::pair(&flow, &session, 2 * at));
        let many: Vec<_> = pairs.collect();
        let messages = store.messages();
        let insert = CutShort { future: Some(Box::pin(messages.insert(&scope, &many))), polls };
        finished = insert.await.map(Result::unwrap).is_some();
        let found = store.messages().history(&scope, &session, &flow.id, None).await.unwrap().len();
        assert!(found == 0 || found == many.len(), "{found} messages after {polls} polls");
        if finished {
            assert_eq!(found, many.len());
        }
        polls += 1;
        assert!(polls < 10_000, "the call never ends");
    }
    assert!(polls > 2, "it was really cut short, {polls} times");
    // Nothing that was cut short keeps a connection: there are more calls than connections here.
    for ping in join_all((0..32).map(|_| store.ping())).await {
        ping.unwrap();
    }
}

pub(crate) async fn one_bad_row_takes_the_others_with_it(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let [question, mut answer] = sample::pair(&flow, "session", 0);
    answer.id.clone_from(&question.id);
    let error = store.messages().insert(&scope, &[question.clone(), answer]).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { what: "message", .. }), "{error:?}");

    // More than one statement takes: the first ones have been carried out when the last one fails.
    let mut many: Vec<_> =
        (0..MANY).map(|at| sample::message(&flow, ChatMessage::USER, "many", at)).collect();
    many.push(ChatMessage { chatflow_id: flow.id.clone(), ..many[0].clone() });
    let error = store.messages().insert(&scope, &many).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");

    let statistics =
        store.messages().statistics(&scope, &flow.id, &MessageFilter::default()).await.unwrap();
    assert_eq!(statistics.messages, 0);

    let mut account = sample::account("anna@example.com");
    account.membership.workspace_id = "nowhere".to_owned();
    let users = store.users().count().await.unwrap();
    assert!(store.users().insert(&account).await.is_err());
    assert_eq!(store.users().count().await.unwrap(), users);
}

pub(crate) async fn migrating_again_changes_nothing(place: Place) {
    let (scope, flow) = sample::saved_flow(&place.store).await;
    for _ in 0..2 {
        let again = Store::connect(&place.settings).await.unwrap();
        assert_eq!(again.chatflows().get(&scope, &flow.id).await.unwrap(), flow);
        again.close().await.unwrap();
    }
    assert_eq!(place.store.chatflows().get(&scope, &flow.id).await.unwrap(), flow);
}
