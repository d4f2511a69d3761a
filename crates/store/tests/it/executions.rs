//! Runs of agentflows: who may write to one, and what is kept together.

use flowstone_store::{
    ChatFlow, ChatMessage, Error, EventsKept, Execution, ExecutionFilter, FlowRun, Spending,
    SpendingFilter, SpendingOf, SpendingRow, Store, TurnKept, TurnRow, TurnTaken, WorkspaceScope,
};

use crate::{
    Place,
    sample::{self, some, time},
};

fn execution(flow: &ChatFlow, owner: &str) -> Execution {
    Execution {
        id: sample::id(),
        state: "INPROGRESS".to_owned(),
        agentflow_id: flow.id.clone(),
        session_id: "session".to_owned(),
        action: None,
        is_public: None,
        request: "{}".to_owned(),
        progress: "0".to_owned(),
        request_key: some("→ key"),
        owner: some(owner),
        lease_date: Some(time(30)),
        created_date: time(0),
        updated_date: time(0),
        stopped_date: None,
        workspace_id: flow.workspace_id.clone(),
        depth: 1,
        api_key_id: some("key"),
        input_tokens: Some(5),
        output_tokens: Some(6),
        cost: Some(0.5),
        milliseconds: None,
        flow_source: "draft".to_owned(),
        rerun_of: some("earlier"),
        rerun_node: some("node"),
    }
}

fn taken(place: i32) -> TurnTaken {
    TurnTaken {
        place,
        record: format!("record {place}"),
        position: Some(format!("before {place}")),
    }
}

fn turn<'a>(id: &'a str, owner: &'a str, state: &'a str, turns: &'a [TurnTaken]) -> TurnKept<'a> {
    TurnKept {
        id,
        owner,
        turns,
        spent: None,
        milliseconds: None,
        truncates: false,
        state,
        progress: format!("{}", turns.len()),
        action: (state == "STOPPED").then(|| "{}".to_owned()),
        asks_again: None,
        now: time(10),
        lease: time(40),
        events: None,
        messages: &[],
    }
}

async fn saved(store: &Store) -> (WorkspaceScope, ChatFlow, Execution) {
    let (scope, flow) = sample::saved_flow(store).await;
    let execution = execution(&flow, "one");
    store.executions().insert(&scope, &execution).await.unwrap();
    (scope, flow, execution)
}

pub(crate) async fn an_end_is_kept_whole_or_not_at_all(place: Place) {
    let store = place.store;
    let (scope, flow, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    let said = ChatMessage {
        execution_id: some(id),
        ..sample::message(&flow, ChatMessage::API, "done", 5)
    };
    let twice = [said.clone(), said.clone()];
    let events = |last| Some(EventsKept { last, events: "1\n2".to_owned() });
    let turns = [taken(0)];
    let broken =
        TurnKept { events: events(2), messages: &twice, ..turn(id, "one", "FINISHED", &turns) };
    assert!(matches!(runs.keep_turn(broken).await, Err(Error::Conflict { .. })));
    assert_eq!(runs.get(&scope, id).await.unwrap(), execution);
    assert_eq!((runs.records(id).await.unwrap().len(), runs.last_event(id).await.unwrap()), (0, 0));

    let whole = TurnKept {
        events: events(2),
        messages: std::slice::from_ref(&said),
        ..turn(id, "one", "FINISHED", &turns)
    };
    runs.keep_turn(whole).await.unwrap();
    let ended = runs.get(&scope, id).await.unwrap();
    assert_eq!((ended.state.as_str(), ended.owner, ended.lease_date), ("FINISHED", None, None));
    assert_eq!(runs.records(id).await.unwrap(), ["record 0"]);
    assert_eq!(store.messages().get(&scope, &said.id).await.unwrap(), said);
    let late = runs.keep_turn(turn(id, "one", "INPROGRESS", &[taken(1)])).await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "nobody walks it any more");
    runs.delete(&scope, &[id]).await.unwrap();
    assert!(runs.events_after(id, 0).await.unwrap().is_empty(), "events go with their run");
}

pub(crate) async fn where_a_run_stood_stays_as_it_was_kept_first(place: Place) {
    let store = place.store;
    let (scope, flow, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    runs.keep_turn(turn(id, "one", "INPROGRESS", &[taken(0)])).await.unwrap();
    let spent = Spending { input_tokens: 7, output_tokens: 8, cost: 0.25 };
    let again = [TurnTaken { record: "again".to_owned(), position: some("later"), ..taken(0) }];
    let again = TurnKept {
        spent: Some(spent),
        milliseconds: Some(9),
        ..turn(id, "one", "INPROGRESS", &again)
    };
    runs.keep_turn(again).await.unwrap();
    let row = |record: &str, position: Option<&str>| TurnRow {
        record: record.to_owned(),
        position: position.map(str::to_owned),
    };
    assert_eq!(runs.turns(id).await.unwrap(), [row("again", Some("before 0"))]);
    let kept = runs.get(&scope, id).await.unwrap();
    let amounts = (kept.input_tokens, kept.output_tokens, kept.cost, kept.milliseconds);
    assert_eq!(amounts, (Some(7), Some(8), Some(0.25), Some(9)));
    // Another run goes back into it.
    let other = Execution { request_key: None, ..self::execution(&flow, "two") };
    let turns = vec![row("a", Some("0")), row("b", None)];
    runs.insert_with_turns(&scope, &other, turns.clone()).await.unwrap();
    assert_eq!(runs.turns(&other.id).await.unwrap(), turns);
    assert_eq!(runs.get(&scope, &other.id).await.unwrap(), other);
    // A list tells the same without the long texts.
    let (listed, total) = runs.list(&scope, &ExecutionFilter::default(), None).await.unwrap();
    assert_eq!((listed, total), (vec![kept.into(), other.clone().into()], 2));
    let elsewhere = WorkspaceScope::new(sample::id());
    assert!(runs.insert_with_turns(&elsewhere, &other, turns).await.is_err());
}

pub(crate) async fn spending_is_summed_up_by_flow_and_by_key(place: Place) {
    let store = place.store;
    let (scope, flow, execution) = saved(&store).await;
    let outer = Execution {
        id: sample::id(),
        request_key: None,
        depth: 0,
        api_key_id: None,
        cost: None,
        ..execution
    };
    store.executions().insert(&scope, &outer).await.unwrap();
    let other_flow = sample::flow(&scope);
    store.chatflows().insert(&scope, &other_flow).await.unwrap();
    let call = FlowRun { cost: Some(2.0), ..sample::run(&other_flow, 5) };
    let late = sample::run(&flow, 500);
    store.runs().insert_for_anyone(&[call, late]).await.unwrap();
    let filter = SpendingFilter { start: None, end: Some(time(100)) };
    let list = async |of| store.spending().list(&scope, of, filter).await.unwrap();
    let row = |id: Option<&str>, runs, input_tokens, output_tokens, cost| SpendingRow {
        id: id.map(str::to_owned),
        runs,
        spent: Spending { input_tokens, output_tokens, cost },
    };
    assert_eq!(
        list(SpendingOf::Flows).await,
        [row(Some(&other_flow.id), 1, 7, 9, 2.0), row(Some(&flow.id), 2, 10, 12, 0.5)]
    );
    // What another flow asked for is in that flow's run already.
    assert_eq!(
        list(SpendingOf::Keys).await,
        [row(Some("key"), 1, 7, 9, 2.0), row(None, 1, 5, 6, 0.0)]
    );
    let elsewhere = WorkspaceScope::new(sample::id());
    let nothing = store.spending().list(&elsewhere, SpendingOf::Flows, filter).await.unwrap();
    assert!(nothing.is_empty());
}

pub(crate) async fn of_two_answers_one_is_taken_and_keeps_where_to_go_on(place: Place) {
    let store = place.store;
    let (scope, flow, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    let asking = ChatMessage {
        execution_id: some(id),
        action: some("{}"),
        ..sample::message(&flow, ChatMessage::API, "Go on?", 5)
    };
    let turns = [taken(0)];
    let stop =
        TurnKept { messages: std::slice::from_ref(&asking), ..turn(id, "one", "STOPPED", &turns) };
    runs.keep_turn(stop).await.unwrap();
    let claim = async |owner: &str| {
        runs.claim(&scope, id, "STOPPED", owner, time(50), format!("by {owner}")).await.unwrap()
    };
    let (one, two) = futures::join!(claim("two"), claim("three"));
    assert!(one ^ two, "one of them");
    let taken = runs.get(&scope, id).await.unwrap();
    assert_eq!((taken.state.as_str(), taken.action), ("INPROGRESS", None));
    assert_eq!(taken.progress, format!("by {}", taken.owner.unwrap()));
    assert_eq!(store.messages().get(&scope, &asking.id).await.unwrap().action, None);
    // What came of the answer failed: the chat asks again.
    let owner = runs.get(&scope, id).await.unwrap().owner.unwrap();
    let turns = [self::taken(1)];
    let failed =
        TurnKept { asks_again: some("{\"again\":1}"), ..turn(id, &owner, "ERROR", &turns) };
    runs.keep_turn(failed).await.unwrap();
    let asked = store.messages().get(&scope, &asking.id).await.unwrap().action;
    assert_eq!(asked, some("{\"again\":1}"));
}

pub(crate) async fn several_turns_are_kept_by_one_write(place: Place) {
    let store = place.store;
    let (scope, _, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    let records = async || runs.records(id).await.unwrap();
    runs.keep_turn(turn(id, "one", "INPROGRESS", &[taken(0), taken(1), taken(2)])).await.unwrap();
    assert_eq!(records().await, ["record 0", "record 1", "record 2"]);
    let kept = runs.get(&scope, id).await.unwrap();
    assert_eq!((kept.progress.as_str(), kept.owner), ("3", some("one")), "as the last one says");
    // The second is taken anew, and what came after it no longer counts.
    let again = [TurnTaken { record: "again".to_owned(), ..taken(1) }];
    let again = TurnKept { truncates: true, ..turn(id, "one", "INPROGRESS", &again) };
    runs.keep_turn(again).await.unwrap();
    assert_eq!(records().await, ["record 0", "again"]);
    // Who does not own the run writes none of them.
    let other = runs.keep_turn(turn(id, "two", "INPROGRESS", &[taken(2), taken(3)])).await;
    assert!(matches!(other, Err(Error::Conflict { .. })));
    let missing = runs.keep_turn(turn(id, "one", "INPROGRESS", &[])).await;
    assert_eq!((missing.unwrap(), records().await.len()), ((), 2));
}

pub(crate) async fn a_run_is_taken_over_when_nobody_holds_it(place: Place) {
    let store = place.store;
    let (scope, _, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    let take = async |owner: &str, now| {
        let taken = runs.take_over_for_any_workspace(owner, time(now), time(now + 30), 9).await;
        taken.unwrap().into_iter().filter(|it| it.id == id).count()
    };
    assert_eq!(take("two", 29).await, 0, "the lease lasts");
    assert_eq!(runs.renew("one", std::slice::from_ref(&execution.id), time(60)).await.unwrap(), 1);
    assert_eq!(runs.renew("one", &[], time(90)).await.unwrap(), 0, "only what it walks");
    assert_eq!(take("two", 59).await, 0);
    assert_eq!(take("two", 61).await, 1);
    assert!(
        runs.keep_turn(turn(id, "one", "INPROGRESS", &[taken(0)])).await.is_err(),
        "it slept too long"
    );
    let told = EventsKept { last: 1, events: "1".to_owned() };
    assert!(runs.keep_events(id, "one", told.clone()).await.is_err());
    runs.keep_events(id, "two", told).await.unwrap();
    assert_eq!(runs.release("two").await.unwrap(), 1);
    assert_eq!(take("three", 62).await, 1, "at once");
    assert_eq!(runs.get(&scope, id).await.unwrap().owner, some("three"));
}

pub(crate) async fn events_come_back_behind_the_named_one(place: Place) {
    let store = place.store;
    let (_, _, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    let piece = |last, events: &str| EventsKept { last, events: events.to_owned() };
    let pieces = [piece(2, "a\nb"), piece(3, "c"), piece(12, &"ü\n".repeat(9))];
    for it in &pieces {
        runs.keep_events(id, "one", it.clone()).await.unwrap();
    }
    assert_eq!(runs.last_event(id).await.unwrap(), 12);
    assert_eq!(runs.events_after(id, 0).await.unwrap(), pieces);
    assert_eq!(runs.events_after(id, 1).await.unwrap(), pieces, "whole pieces");
    assert_eq!(runs.events_after(id, 3).await.unwrap(), pieces[2..]);
    assert!(runs.events_after(id, 12).await.unwrap().is_empty());
    let again = runs.keep_events(id, "one", piece(3, "c")).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "none is kept twice");
}

pub(crate) async fn a_turn_of_ten_megabytes_is_kept(place: Place) {
    let store = place.store;
    let (_, _, execution) = saved(&store).await;
    let (id, runs) = (execution.id.as_str(), store.executions());
    let record = format!("\"{}\"", "ä".repeat(5 << 20));
    let big = [TurnTaken { record: record.clone(), ..taken(0) }];
    runs.keep_turn(turn(id, "one", "INPROGRESS", &big)).await.unwrap();
    assert!(runs.records(id).await.unwrap() == [record], "it comes back as it was");
}
