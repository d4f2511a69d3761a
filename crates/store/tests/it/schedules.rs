//! Schedules, and who fires them.

use flowstone_store::{Advance, ChatFlowPatch, Error, Firing, Page, Schedule};
use futures::future::join_all;

use crate::{
    Place, sample,
    sample::{some, time},
};

pub(crate) async fn a_schedule_follows_its_flow(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let other = sample::workspace(&store).await;
    let schedules = store.schedules();
    let first = sample::schedule(&flow, 100);
    assert!(schedules.put(&scope, &flow.id, flow.revision, Some(first.clone())).await.unwrap());
    assert_eq!(schedules.find(&scope, &flow.id).await.unwrap(), Some(first.clone()));
    assert_eq!(schedules.find(&other, &flow.id).await.unwrap(), None);
    assert!(schedules.put(&other, &flow.id, flow.revision, None).await.is_err());
    assert_eq!(schedules.next_due_in_any_workspace().await.unwrap(), first.next_run_at);

    let off = schedules.switch(&scope, &first.id, None, time(200)).await.unwrap();
    assert_eq!((off.enabled, off.switched_off, off.next_run_at), (false, true, None));
    assert_eq!(schedules.next_due_in_any_workspace().await.unwrap(), None);
    assert!(schedules.switch(&other, &first.id, Some(time(1)), time(201)).await.is_err());
    let second = Schedule { cron_expression: "1 * * * *".to_owned(), ..sample::schedule(&flow, 5) };
    assert!(schedules.put(&scope, &flow.id, flow.revision, Some(second.clone())).await.unwrap());
    let kept = Schedule {
        id: first.id.clone(),
        enabled: false,
        switched_off: true,
        next_run_at: None,
        ..second
    };
    assert_eq!(schedules.find(&scope, &flow.id).await.unwrap(), Some(kept));

    let patch = ChatFlowPatch { name: some("newer"), ..ChatFlowPatch::default() };
    let newer = store.chatflows().update(&scope, &flow.id, patch).await.unwrap();
    assert!(!schedules.put(&scope, &flow.id, flow.revision, None).await.unwrap());
    assert!(schedules.find(&scope, &flow.id).await.unwrap().is_some());
    let unscheduled = async || {
        let found = schedules.unscheduled_in_any_workspace("CHATFLOW", "\"edges\"").await.unwrap();
        found.into_iter().any(|it| it.id == flow.id)
    };
    assert!(!unscheduled().await);
    assert!(schedules.put(&scope, &flow.id, newer.revision, None).await.unwrap());
    assert_eq!(schedules.find(&scope, &flow.id).await.unwrap(), None);
    assert!(unscheduled().await);

    schedules.put(&scope, &flow.id, newer.revision, Some(first)).await.unwrap();
    store.chatflows().delete(&scope, &flow.id).await.unwrap();
    assert_eq!(schedules.due_in_any_workspace(time(1_000), 10).await.unwrap(), []);
}

pub(crate) async fn a_due_time_is_fired_once(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let schedule = sample::schedule(&flow, 1_000);
    store.schedules().put(&scope, &flow.id, flow.revision, Some(schedule.clone())).await.unwrap();
    assert_eq!(store.schedules().due_in_any_workspace(time(999), 10).await.unwrap(), []);
    let due = store.schedules().due_in_any_workspace(time(1_000), 10).await.unwrap();
    assert_eq!(due, std::slice::from_ref(&schedule));

    // Servers whose clocks differ see it due at once, each with a firing of its own.
    let tries = (0..8).map(|number| {
        let (store, due) = (store.clone(), due[0].clone());
        tokio::spawn(async move {
            let advance = Advance {
                next: Some(time(2_000)),
                ran: Some(time(1_000)),
                now: time(1_000 + number),
                firings: vec![sample::firing(&due, 1_000)],
            };
            store.schedules().claim(&due, &advance).await.unwrap().len()
        })
    });
    let claimed: usize = join_all(tries).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(claimed, 1);
    let after = store.schedules().find(&scope, &flow.id).await.unwrap().unwrap();
    assert_eq!((after.next_run_at, after.last_run_at), (Some(time(2_000)), Some(time(1_000))));

    // A clock that went back, or a flow that is saved again, makes an old time due once more.
    store.schedules().put(&scope, &flow.id, flow.revision, Some(schedule)).await.unwrap();
    let again = store.schedules().due_in_any_workspace(time(3_000), 10).await.unwrap();
    let firings = vec![sample::firing(&again[0], 1_000), sample::firing(&again[0], 2_000)];
    let advance = Advance { next: None, ran: None, now: time(3_000), firings };
    let claimed = store.schedules().claim(&again[0], &advance).await.unwrap();
    assert_eq!(claimed, advance.firings[1..]);
    let ended = store.schedules().find(&scope, &flow.id).await.unwrap().unwrap();
    assert_eq!((ended.enabled, ended.switched_off, ended.next_run_at), (false, false, None));
}

pub(crate) async fn the_log_is_paged_finished_and_deleted(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let other = sample::workspace(&store).await;
    let schedules = store.schedules();
    let schedule = sample::schedule(&flow, 10);
    schedules.put(&scope, &flow.id, flow.revision, Some(schedule.clone())).await.unwrap();
    let firings: Vec<Firing> = [10, 20, 30].map(|at| sample::firing(&schedule, at)).to_vec();
    let advance = Advance { next: None, ran: None, now: time(40), firings: firings.clone() };
    assert_eq!(schedules.claim(&schedule, &advance).await.unwrap(), firings);
    let newest: Vec<Firing> = firings.iter().rev().cloned().collect();
    let all = async |statuses: &[String], page| {
        schedules.log(&scope, &flow.id, statuses, page).await.unwrap()
    };
    assert_eq!(all(&[], None).await, (newest.clone(), 3));
    assert_eq!(all(&[], Page::new(2, 2)).await, (newest[2..].to_vec(), 3));
    assert_eq!(schedules.log(&other, &flow.id, &[], None).await.unwrap(), (Vec::new(), 0));
    let open = schedules.running_in_any_workspace(time(21), 10).await.unwrap();
    assert_eq!(open, firings[..1]);

    let failed = Firing {
        status: Firing::FAILED.to_owned(),
        error: some("asleep"),
        elapsed_time_ms: Some(12),
        execution_id: None,
        ..firings[0].clone()
    };
    assert!(!schedules.finish(&other, &failed).await.unwrap());
    assert!(schedules.finish(&scope, &failed).await.unwrap());
    assert!(!schedules.finish(&scope, &firings[0]).await.unwrap(), "it is over already");
    assert_eq!(all(&[Firing::FAILED.to_owned()], None).await, (vec![failed.clone()], 1));

    let by_hand = Firing { by_hand: true, ..sample::firing(&schedule, 50) };
    assert!(schedules.begin_by_hand(&other, &by_hand).await.is_err());
    schedules.begin_by_hand(&scope, &by_hand).await.unwrap();
    let ran = schedules.find(&scope, &flow.id).await.unwrap().unwrap().last_run_at;
    assert_eq!(ran, Some(by_hand.scheduled_at));
    let twice = Firing { id: sample::id(), ..by_hand.clone() };
    let twice = schedules.begin_by_hand(&scope, &twice).await;
    assert!(matches!(twice, Err(Error::Conflict { .. })), "{twice:?}");
    assert_eq!(all(&[], Page::new(1, 1)).await, (vec![by_hand.clone()], 4));
    assert_eq!(schedules.delete_log(&scope, &flow.id, &[&by_hand.id]).await.unwrap(), [by_hand]);

    let ids = [failed.id.as_str(), "nowhere"];
    assert_eq!(schedules.delete_log(&other, &flow.id, &ids).await.unwrap(), []);
    assert_eq!(schedules.delete_log(&scope, &flow.id, &ids).await.unwrap(), [failed]);
    schedules.put(&scope, &flow.id, flow.revision, None).await.unwrap();
    assert_eq!(all(&[], None).await.1, 2, "the log outlives the schedule");
    store.chatflows().delete(&scope, &flow.id).await.unwrap();
    assert_eq!(all(&[], None).await.1, 0);
}
