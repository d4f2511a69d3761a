//! What flows did, call by call.

use flowstone_store::{ChatFlow, FlowRun, FlowRunFilter, FlowRunSummary, Page};

use crate::{
    Place,
    sample::{self, some, time},
};

pub(crate) async fn runs_come_back_newest_first_and_every_filter_cuts(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let other_flow = sample::flow(&scope);
    store.chatflows().insert(&scope, &other_flow).await.unwrap();
    let bare = FlowRun {
        state: FlowRun::FINISHED.to_owned(),
        version: None,
        draft: true,
        input_tokens: None,
        output_tokens: None,
        cost: None,
        error: None,
        error_node_id: None,
        error_node_label: None,
        error_row: None,
        session_id: "Äther".to_owned(),
        question: "hello".to_owned(),
        ..sample::run(&flow, 10)
    };
    let runs = [sample::run(&flow, 0), bare, sample::run(&other_flow, 20)];
    assert_eq!(store.runs().insert_for_anyone(&runs).await.unwrap(), 0);
    for run in &runs {
        assert_eq!(&store.runs().get(&scope, &run.id).await.unwrap(), run);
    }
    let [first, second, third] = &runs;
    let all = FlowRunFilter::default;
    for (filter, expected) in [
        (all(), &[third, second, first][..]),
        (FlowRunFilter { chatflow_id: Some(flow.id.clone()), ..all() }, &[second, first]),
        (FlowRunFilter { states: vec![FlowRun::ERROR.to_owned()], ..all() }, &[third, first]),
        (FlowRunFilter { start: Some(time(10)), ..all() }, &[third, second]),
        (FlowRunFilter { end: Some(time(9)), ..all() }, &[first]),
        (FlowRunFilter { session_id: some("session"), ..all() }, &[third, first]),
        (FlowRunFilter { search: some("100% parcel"), ..all() }, &[third, first]),
        (FlowRunFilter { search: some("NO SUCH"), ..all() }, &[third, first]),
        (FlowRunFilter { search: some("Äther"), ..all() }, &[second]),
        (FlowRunFilter { search: Some(second.id.clone()), ..all() }, &[second]),
        (FlowRunFilter { search: some("10_%"), ..all() }, &[]),
    ] {
        let (found, total) = store.runs().list(&scope, &filter, None).await.unwrap();
        let expected: Vec<FlowRunSummary> =
            expected.iter().map(|it| FlowRunSummary::from((*it).clone())).collect();
        assert_eq!(total, expected.len() as u64, "{filter:?}");
        assert_eq!(found, expected, "{filter:?}");
    }
    let (found, total) = store.runs().list(&scope, &all(), Page::new(2, 2)).await.unwrap();
    assert_eq!((found, total), (vec![FlowRunSummary::from(first.clone())], 3));
    let ids = [first.id.as_str(), "nowhere"];
    assert_eq!(store.runs().delete(&scope, &ids).await.unwrap(), 1);
    store.chatflows().delete(&scope, &flow.id).await.unwrap();
    let (found, _) = store.runs().list(&scope, &all(), None).await.unwrap();
    assert_eq!(found, [FlowRunSummary::from(third.clone())], "runs go with their flow");
}

pub(crate) async fn a_run_of_a_flow_that_is_gone_costs_no_other(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let gone = ChatFlow { id: sample::id(), ..flow.clone() };
    let runs = [sample::run(&flow, 0), sample::run(&gone, 1), sample::run(&flow, 2)];
    assert_eq!(store.runs().insert_for_anyone(&runs).await.unwrap(), 1);
    let (_, total) = store.runs().list(&scope, &FlowRunFilter::default(), None).await.unwrap();
    assert_eq!(total, 2);
    assert_eq!(store.runs().insert_for_anyone(&[]).await.unwrap(), 0);
}

pub(crate) async fn what_is_old_or_too_much_is_forgotten(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let runs: Vec<FlowRun> = (0..250).map(|it| sample::run(&flow, it)).collect();
    store.runs().insert_for_anyone(&runs).await.unwrap();
    let count = async || {
        let (_, total) = store.runs().list(&scope, &FlowRunFilter::default(), None).await.unwrap();
        total
    };
    assert_eq!(store.runs().prune_everywhere(time(0), 250).await.unwrap(), 0);
    assert_eq!(store.runs().prune_everywhere(time(10), 250).await.unwrap(), 10);
    assert_eq!(store.runs().prune_everywhere(time(0), 30).await.unwrap(), 210);
    assert_eq!(count().await, 30);
    assert_eq!(store.runs().prune_everywhere(time(0), 0).await.unwrap(), 30);
    assert_eq!(count().await, 0);
}
