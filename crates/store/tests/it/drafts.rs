//! Drafts of flows, and the versions they become.

use flowstone_store::{
    ChatFlow, ChatFlowPatch, Error, FlowDraft, FlowVersion, FlowVersionSummary, Outcome, Page,
    Result, Store, WorkspaceScope,
};

use crate::{
    Place,
    sample::{self, some, time},
};

fn done<T: std::fmt::Debug>(outcome: Result<Outcome<T>>) -> T {
    match outcome.unwrap() {
        Outcome::Done(done) => done,
        Outcome::Stale(newer) => panic!("stale: {newer:?}"),
    }
}

fn stale<T: std::fmt::Debug>(outcome: Result<Outcome<T>>) -> Option<FlowDraft> {
    match outcome.unwrap() {
        Outcome::Stale(newer) => newer,
        Outcome::Done(done) => panic!("done: {done:?}"),
    }
}

/// Saves past the draft: live at once.
async fn put(store: &Store, scope: &WorkspaceScope, id: &str, data: &str, at: i64) -> ChatFlow {
    let patch = ChatFlowPatch {
        flow_data: some(data),
        updated_date: Some(time(at)),
        ..ChatFlowPatch::default()
    };
    let stamp = sample::stamp(at, 3);
    store.chatflows().update_with_version(scope, id, patch, &stamp).await.unwrap()
}

async fn numbers(store: &Store, scope: &WorkspaceScope, id: &str) -> Vec<(i32, String)> {
    let (rows, total) = store.versions().list(scope, id, None).await.unwrap();
    assert_eq!(total, rows.len() as u64);
    rows.into_iter().map(|it| (it.number, it.kind)).collect()
}

pub(crate) async fn a_stale_author_changes_nothing(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let other = sample::workspace(&store).await;
    let drafts = store.drafts();
    assert_eq!(drafts.find(&scope, &flow.id).await.unwrap(), None);
    assert_eq!(stale(drafts.save(&scope, &flow.id, sample::draft("{}", 7, 1)).await), None);

    let first = sample::draft("[1]", FlowDraft::NONE, 1);
    let draft = done(drafts.save(&scope, &flow.id, first.clone()).await);
    let expected = FlowDraft {
        chatflow_id: flow.id.clone(),
        flow_data: "[1]".to_owned(),
        revision: time(1).timestamp_millis(),
        generation: time(1).timestamp_millis(),
        base_version: None,
        updated_by: first.by.clone(),
        created_date: time(1),
        updated_date: time(1),
    };
    assert_eq!(draft, expected);
    assert_eq!(drafts.find(&scope, &flow.id).await.unwrap(), Some(expected.clone()));
    assert_eq!(done(drafts.save(&scope, &flow.id, first).await), expected, "sent twice");

    let second = sample::draft("[2]", expected.revision, 2);
    let newer = done(drafts.save(&scope, &flow.id, second).await);
    assert_eq!((newer.revision, newer.updated_date), (expected.revision + 1, time(2)));
    for seen in [FlowDraft::NONE, expected.revision] {
        let late = sample::draft("[3]", seen, 3);
        assert_eq!(stale(drafts.save(&scope, &flow.id, late).await), Some(newer.clone()));
        let published = drafts.publish(&scope, &flow.id, seen, &sample::stamp(3, 9)).await;
        assert_eq!(stale(published), Some(newer.clone()));
        assert_eq!(stale(drafts.delete(&scope, &flow.id, Some(seen)).await), Some(newer.clone()));
    }
    let strangers = [
        drafts.save(&other, &flow.id, sample::draft("[4]", newer.revision, 4)).await.map(drop),
        drafts.publish(&other, &flow.id, newer.revision, &sample::stamp(4, 9)).await.map(drop),
        drafts.delete(&other, &flow.id, None).await.map(drop),
    ];
    for outcome in strangers {
        assert!(matches!(outcome, Err(Error::NotFound { what: "chatflow", .. })), "{outcome:?}");
    }
    assert_eq!(drafts.find(&other, &flow.id).await.unwrap(), None);
    assert!(drafts.of_flows(&other, &[&flow.id]).await.unwrap().is_empty());
    assert_eq!(drafts.find(&scope, &flow.id).await.unwrap(), Some(newer));
    assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), flow, "nothing is live");

    assert_eq!(done(drafts.delete(&scope, &flow.id, None).await), 1);
    assert_eq!(done(drafts.delete(&scope, &flow.id, None).await), 0);
}

/// A flow that was live before versions were kept.
async fn live_flow(store: &Store) -> (WorkspaceScope, ChatFlow) {
    let scope = sample::workspace(store).await;
    let flow_data = r#"{"nodes":[{}],"edges":[]}"#.to_owned();
    let flow = ChatFlow { flow_data, ..sample::flow(&scope) };
    store.chatflows().insert(&scope, &flow).await.unwrap();
    (scope, flow)
}

pub(crate) async fn a_published_draft_is_live_and_numbered(place: Place) {
    let store = place.store;
    let (scope, flow) = live_flow(&store).await;
    let other = sample::workspace(&store).await;
    let (drafts, versions) = (store.drafts(), store.versions());
    assert_eq!(versions.live_number(&scope, &flow.id).await.unwrap(), None);
    let change = sample::draft("[1]", FlowDraft::NONE, 50);
    let draft = done(drafts.save(&scope, &flow.id, change).await);
    let of_flows = drafts.of_flows(&scope, &[&flow.id, "nowhere"]).await.unwrap();
    assert_eq!(of_flows.into_iter().collect::<Vec<_>>(), [(flow.id.clone(), draft.revision)]);
    let texts = drafts.data_of(&scope, &[&flow.id, "nowhere"]).await.unwrap();
    assert_eq!(texts, [(flow.id.clone(), "[1]".to_owned())]);
    assert!(drafts.data_of(&other, &[&flow.id]).await.unwrap().is_empty());
    assert!(versions.of_flows(&scope, &[&flow.id]).await.unwrap().is_empty());

    let stamp = sample::stamp(60, 9);
    let (live, version) = done(drafts.publish(&scope, &flow.id, draft.revision, &stamp).await);
    let expected = ChatFlow {
        flow_data: "[1]".to_owned(),
        revision: flow.revision + 1,
        updated_date: time(60),
        ..flow.clone()
    };
    assert_eq!(
        (&live, store.chatflows().get(&scope, &flow.id).await.unwrap()),
        (&expected, live.clone())
    );
    let expected = FlowVersion {
        chatflow_id: flow.id.clone(),
        number: 2,
        flow_data: "[1]".to_owned(),
        note: some("better"),
        kind: FlowVersion::PUBLISH.to_owned(),
        created_by: stamp.by,
        created_date: time(60),
    };
    assert_eq!(
        (&version, versions.get(&scope, &flow.id, 2).await.unwrap()),
        (&expected, version.clone())
    );
    let before = versions.get(&scope, &flow.id, 1).await.unwrap();
    assert_eq!((before.kind.as_str(), &before.flow_data), (FlowVersion::FIRST, &flow.flow_data));
    assert_eq!(versions.live_number(&scope, &flow.id).await.unwrap(), Some(2));
    assert_eq!(drafts.find(&scope, &flow.id).await.unwrap(), None, "it is live now");
    let numbered = versions.of_flows(&scope, &[&flow.id, "nowhere"]).await.unwrap();
    assert_eq!(numbered.into_iter().collect::<Vec<_>>(), std::slice::from_ref(&flow.id));
    assert!(versions.of_flows(&other, &[&flow.id]).await.unwrap().is_empty());

    let (page, total) = versions.list(&scope, &flow.id, Page::new(2, 1)).await.unwrap();
    let row = FlowVersionSummary {
        chatflow_id: before.chatflow_id,
        number: 1,
        note: None,
        kind: before.kind,
        created_by: None,
        created_date: flow.updated_date,
    };
    assert_eq!((page, total), (vec![row], 2));

    assert!(numbers(&store, &other, &flow.id).await.is_empty());
    assert_eq!(versions.live_number(&other, &flow.id).await.unwrap(), None);
    let foreign = versions.get(&other, &flow.id, 2).await;
    assert!(matches!(foreign, Err(Error::NotFound { what: "version", .. })), "{foreign:?}");

    assert_eq!(store.chatflows().delete(&scope, &flow.id).await.unwrap(), 1);
    assert!(numbers(&store, &scope, &flow.id).await.is_empty());
}

pub(crate) async fn a_flow_without_nodes_is_no_version_before_its_first(place: Place) {
    let store = place.store;
    let scope = sample::workspace(&store).await;
    let empty = [r#"{"nodes":[],"edges":[]}"#, "{}", ""];
    for (empty, expected) in empty.map(|it| (it, 1)).into_iter().chain([("not read", 2)]) {
        let flow = ChatFlow { flow_data: empty.to_owned(), ..sample::flow(&scope) };
        store.chatflows().insert(&scope, &flow).await.unwrap();
        let change = sample::draft("[1]", FlowDraft::NONE, 50);
        let draft = done(store.drafts().save(&scope, &flow.id, change).await);
        let stamp = sample::stamp(60, 9);
        let published = store.drafts().publish(&scope, &flow.id, draft.revision, &stamp).await;
        assert_eq!(done(published).1.number, expected, "{empty}");
        // What is emptied later was live, and keeps its number.
        put(&store, &scope, &flow.id, empty, 70).await;
        put(&store, &scope, &flow.id, "[2]", 80).await;
        let numbers = numbers(&store, &scope, &flow.id).await;
        let newest = (expected + 2, FlowVersion::SAVE.to_owned());
        assert_eq!(numbers.first(), Some(&newest), "{empty}");
    }
}

pub(crate) async fn what_was_live_is_numbered_and_only_so_much_is_kept(place: Place) {
    let store = place.store;
    let (scope, flow) = live_flow(&store).await;
    let same = put(&store, &scope, &flow.id, &flow.flow_data, 1).await;
    assert_eq!(same.revision, flow.revision + 1);
    assert!(numbers(&store, &scope, &flow.id).await.is_empty(), "nothing has changed");

    put(&store, &scope, &flow.id, "[2]", 2).await;
    // As an import does it: past the versions.
    let patch = ChatFlowPatch { flow_data: some("[3]"), ..ChatFlowPatch::default() };
    store.chatflows().update(&scope, &flow.id, patch).await.unwrap();
    assert_eq!(store.versions().live_number(&scope, &flow.id).await.unwrap(), None);
    put(&store, &scope, &flow.id, "[4]", 4).await;
    let kind = |number: i32, kind: &str| (number, kind.to_owned());
    let expected = [kind(4, "save"), kind(3, "save"), kind(2, "save")];
    assert_eq!(numbers(&store, &scope, &flow.id).await, expected, "three are kept");
    let imported = store.versions().get(&scope, &flow.id, 3).await.unwrap();
    assert_eq!((imported.flow_data.as_str(), imported.created_by), ("[3]", None));
    put(&store, &scope, &flow.id, "[2]", 5).await;
    assert_eq!(store.versions().live_number(&scope, &flow.id).await.unwrap(), Some(5));
}

pub(crate) async fn drafts_are_built_anew_when_what_they_name_changes(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let other = sample::workspace(&store).await;
    let change = sample::draft(r#"{"credential":"a%_!b"}"#, FlowDraft::NONE, 1);
    let draft = done(store.drafts().save(&scope, &flow.id, change).await);
    for (scope, id) in [(&scope, "a%_!c"), (&scope, "aXX!b"), (&other, "a%_!b")] {
        store.chatflows().raise_revisions(scope, id).await.unwrap();
    }
    assert_eq!(store.drafts().find(&scope, &flow.id).await.unwrap(), Some(draft.clone()));
    store.chatflows().raise_revisions(&scope, "a%_!b").await.unwrap();
    let raised = FlowDraft { generation: draft.generation + 1, ..draft };
    assert_eq!(store.drafts().find(&scope, &flow.id).await.unwrap(), Some(raised));
    let found = store.drafts().mentioning(&scope, "a%_!b").await.unwrap();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [flow.id]);
    assert!(store.drafts().mentioning(&other, "a%_!b").await.unwrap().is_empty());
}
