//! Many callers at once.

use flowstone_store::{ChatFlowPatch, MessageFilter, Store};
use futures::future::join_all;

use crate::{Place, sample, sample::some};

const TASKS: i64 = 16;
const PAIRS: i64 = 25;

/// Many tasks write pairs of messages, each to the store that it is given.
async fn write_many(stores: &[Store]) {
    let (scope, flow) = sample::saved_flow(&stores[0]).await;
    let tasks = (0..TASKS).zip(stores.iter().cycle()).map(|(task, store)| {
        let (store, scope, flow) = (store.clone(), scope.clone(), flow.clone());
        tokio::spawn(async move {
            for number in 0..PAIRS {
                let pair = sample::pair(&flow, &format!("session {task}"), number * 10);
                store.messages().insert(&scope, &pair).await.unwrap();
                // Reading in between keeps the readers busy too.
                let limit = Some(number.unsigned_abs() + 1);
                let session = format!("session {task}");
                let history =
                    store.messages().history(&scope, &session, &flow.id, limit).await.unwrap();
                assert_eq!(
                    history.last().map(|it| &it.id),
                    Some(&pair[1].id),
                    "what was written can be read"
                );
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    let all =
        stores[0].messages().statistics(&scope, &flow.id, &MessageFilter::default()).await.unwrap();
    assert_eq!(all.messages, (TASKS * PAIRS * 2).unsigned_abs());
    assert_eq!(all.sessions, TASKS.unsigned_abs());
}

pub(crate) async fn many_writers_lose_nothing(place: Place) {
    write_many(&[place.store]).await;
}

pub(crate) async fn two_servers_on_one_database_do_not_collide(place: Place) {
    let second = Store::connect(&place.settings).await.unwrap();
    write_many(&[place.store, second.clone()]).await;
    second.close().await.unwrap();
}

pub(crate) async fn many_updates_of_one_flow_all_count(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let tasks = (0..TASKS).map(|task| {
        let (store, scope, id) = (store.clone(), scope.clone(), flow.id.clone());
        tokio::spawn(async move {
            for _ in 0..5 {
                let patch =
                    ChatFlowPatch { name: some(&task.to_string()), ..ChatFlowPatch::default() };
                store.chatflows().update(&scope, &id, patch).await.unwrap();
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    assert_eq!(
        store.chatflows().revision(&flow.id).await.unwrap(),
        Some(flow.revision + TASKS * 5)
    );
}
