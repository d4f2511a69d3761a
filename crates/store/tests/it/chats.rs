//! What was said, and what was thought of it.

use flowstone_store::{
    ChatFlow, ChatMessage, Conversation, ConversationFilter, Error, Feedback, FeedbackFilter,
    FeedbackPatch, FlowCheckpoint, MessageFilter, MessageStatistics, Order, Page, Store,
    WorkspaceScope,
};

use crate::{
    Place,
    sample::{self, some, time},
};

async fn contents(
    store: &Store,
    scope: &WorkspaceScope,
    flow: &ChatFlow,
    filter: &MessageFilter,
) -> Vec<String> {
    let (messages, _) =
        store.messages().list(scope, &flow.id, filter, Order::Ascending, None).await.unwrap();
    messages.into_iter().map(|it| it.content).collect()
}

pub(crate) async fn a_pair_is_written_together_and_read_in_order(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let mut pair = sample::pair(&flow, "session", 123);
    // In the same moment a question comes before its answer, whatever their ids.
    pair[1].created_date = pair[0].created_date;
    pair[0].id.replace_range(..1, "f");
    let bare = ChatMessage {
        id: sample::id(),
        execution_id: None,
        source_documents: None,
        used_tools: None,
        file_annotations: None,
        agent_reasoning: None,
        reason_content: None,
        file_uploads: None,
        artifacts: None,
        action: None,
        memory_type: None,
        session_id: None,
        lead_email: None,
        follow_up_prompts: None,
        created_date: time(200),
        ..pair[0].clone()
    };
    let written = [pair[0].clone(), pair[1].clone(), bare];
    store.messages().insert(&scope, &[]).await.unwrap();
    store.messages().insert(&scope, &written).await.unwrap();

    let all = MessageFilter::default();
    let (read, total) =
        store.messages().list(&scope, &flow.id, &all, Order::Ascending, None).await.unwrap();
    assert_eq!((read.as_slice(), total), (written.as_slice(), 3));
    let (read, _) =
        store.messages().list(&scope, &flow.id, &all, Order::Descending, None).await.unwrap();
    assert!(read.iter().eq(written.iter().rev()));
    assert_eq!(store.messages().get(&scope, &written[1].id).await.unwrap(), written[1]);
}

pub(crate) async fn every_filter_cuts_and_they_add_up(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let mut messages = Vec::new();
    for (number, kind, chat, memory, session) in [
        (1, "INTERNAL", "a", Some("Buffer Memory"), Some("s")),
        (2, "EXTERNAL", "a", Some("Buffer Memory"), Some("t")),
        (3, "EXTERNAL", "b", None, Some("t")),
        (4, "EVALUATION", "b", Some("Redis"), None),
    ] {
        messages.push(ChatMessage {
            chat_type: kind.to_owned(),
            chat_id: chat.to_owned(),
            memory_type: memory.map(str::to_owned),
            session_id: session.map(str::to_owned),
            ..sample::message(&flow, ChatMessage::API, &number.to_string(), number * 10)
        });
    }
    store.messages().insert(&scope, &messages).await.unwrap();
    for (index, rating) in [(0, Feedback::THUMBS_UP), (2, Feedback::THUMBS_DOWN)] {
        store
            .feedback()
            .insert(&scope, &sample::feedback(&messages[index], rating, 0))
            .await
            .unwrap();
    }

    let texts = |texts: &[&str]| texts.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
    let all = MessageFilter::default();
    let cases = [
        (all.clone(), "1234"),
        (MessageFilter { chat_types: texts(&["EXTERNAL"]), ..all.clone() }, "23"),
        (MessageFilter { chat_types: texts(&["INTERNAL", "EVALUATION"]), ..all.clone() }, "14"),
        (MessageFilter { chat_id: some("a"), ..all.clone() }, "12"),
        (MessageFilter { memory_type: some("Buffer Memory"), ..all.clone() }, "12"),
        (MessageFilter::session("t"), "23"),
        (MessageFilter { session_ids: texts(&["s", "t", "u"]), ..all.clone() }, "123"),
        (MessageFilter { message_id: Some(messages[3].id.clone()), ..all.clone() }, "4"),
        (MessageFilter { start: Some(time(20)), ..all.clone() }, "234"),
        (MessageFilter { end: Some(time(20)), ..all.clone() }, "12"),
        (MessageFilter { start: Some(time(11)), end: Some(time(39)), ..all.clone() }, "23"),
        (MessageFilter { ratings: texts(&["THUMBS_UP"]), ..all.clone() }, "1"),
        (MessageFilter { ratings: texts(&["THUMBS_UP", "THUMBS_DOWN"]), ..all.clone() }, "13"),
        (
            MessageFilter {
                chat_types: texts(&["EXTERNAL"]),
                chat_id: some("b"),
                start: Some(time(0)),
                ratings: texts(&["THUMBS_DOWN"]),
                ..MessageFilter::session("t")
            },
            "3",
        ),
        (MessageFilter { chat_id: some("a"), ..MessageFilter::session("nobody") }, ""),
    ];
    for (filter, expected) in cases {
        assert_eq!(contents(&store, &scope, &flow, &filter).await.concat(), expected, "{filter:?}");
    }
}

pub(crate) async fn conversations_of_all_flows_are_paged_and_every_filter_cuts(place: Place) {
    let store = place.store;
    let (scope, chat) = sample::saved_flow(&store).await;
    let agent = ChatFlow { flow_type: some("AGENTFLOW"), ..sample::flow(&scope) };
    store.chatflows().insert(&scope, &agent).await.unwrap();
    let (_, foreign) = sample::saved_flow(&store).await;
    let mut answers = Vec::new();
    for (flow, session, kind, at) in [
        (&chat, "a", "EXTERNAL", 0),
        (&agent, "a", "INTERNAL", 20),
        (&chat, "b", "INTERNAL", 10),
        (&chat, "a", "EXTERNAL", 30),
    ] {
        let mut pair = sample::pair(flow, session, at);
        for message in &mut pair {
            kind.clone_into(&mut message.chat_type);
            session.clone_into(&mut message.chat_id);
        }
        pair[0].content = format!("{session} asks at {at}% {}", "x".repeat(400));
        store.messages().insert(&scope, &pair).await.unwrap();
        answers.push(pair[1].clone());
    }
    let elsewhere = WorkspaceScope::new(foreign.workspace_id.clone());
    store.messages().insert(&elsewhere, &sample::pair(&foreign, "z", 40)).await.unwrap();
    for (index, rating) in
        [(0, Feedback::THUMBS_UP), (3, Feedback::THUMBS_UP), (2, Feedback::THUMBS_DOWN)]
    {
        let rating = sample::feedback(&answers[index], rating, 0);
        store.feedback().insert(&scope, &rating).await.unwrap();
    }
    let list = async |filter: &ConversationFilter, page| {
        store.messages().list_conversations(&scope, filter, page).await.unwrap()
    };
    let whole = Page::new(1, 50).unwrap();
    let all = ConversationFilter::default();
    let (found, total) = list(&all, whole).await;
    let told = |it: &Conversation| {
        let title = it.title.as_deref().unwrap();
        assert_eq!(title.chars().count(), 300);
        let flow = if it.chatflow_id == chat.id { "chat" } else { "agent" };
        let beginning = title.split('%').next().unwrap_or_default();
        format!("{flow} {beginning}: {} {} {}", it.messages, it.thumbs_up, it.thumbs_down)
    };
    let expected =
        ["chat a asks at 0: 4 2 0", "agent a asks at 20: 2 0 0", "chat b asks at 10: 2 0 1"];
    assert_eq!(
        (found.iter().map(told).collect::<Vec<_>>(), total),
        (expected.map(str::to_owned).to_vec(), 3)
    );
    let first = &found[0];
    assert_eq!((first.first_date, first.last_date), (time(0), answers[3].created_date));
    assert_eq!((first.chat_type.as_str(), &first.lead_email), ("EXTERNAL", &answers[0].lead_email));
    let (second, total) = list(&all, Page::new(2, 2).unwrap()).await;
    assert_eq!((second.as_slice(), total), (&found[2..], 3));

    let texts = |texts: &[&str]| texts.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
    let cases = [
        (ConversationFilter { chatflow_id: Some(agent.id.clone()), ..all.clone() }, vec![1]),
        (ConversationFilter { flow_types: texts(&["CHATFLOW"]), ..all.clone() }, vec![0, 2]),
        (ConversationFilter { chat_types: texts(&["INTERNAL"]), ..all.clone() }, vec![1, 2]),
        (ConversationFilter { ratings: texts(&["THUMBS_UP"]), ..all.clone() }, vec![0]),
        (
            ConversationFilter { ratings: texts(&["THUMBS_UP", "THUMBS_DOWN"]), ..all.clone() },
            vec![0, 2],
        ),
        (ConversationFilter { words: texts(&["ASKS", "at 30%"]), ..all.clone() }, vec![0]),
        (ConversationFilter { words: texts(&["asks", "nobody"]), ..all.clone() }, vec![]),
        (ConversationFilter { start: Some(time(15)), end: Some(time(25)), ..all.clone() }, vec![1]),
        (ConversationFilter { start: Some(time(15)), ..all.clone() }, vec![0, 1]),
        (ConversationFilter { chatflow_id: Some(foreign.id.clone()), ..all.clone() }, vec![]),
    ];
    for (filter, expected) in cases {
        let fitting = expected.iter().map(|it| found[*it].clone()).collect::<Vec<_>>();
        assert_eq!(list(&filter, whole).await, (fitting, expected.len() as u64), "{filter:?}");
    }
}

pub(crate) async fn sessions_are_paged_by_their_last_message(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    for (session, at) in [("a", 0), ("b", 10), ("c", 20), ("a", 30)] {
        store.messages().insert(&scope, &sample::pair(&flow, session, at)).await.unwrap();
    }
    let all = MessageFilter::default();
    let from_ten = MessageFilter { start: Some(time(10)), end: Some(time(21)), ..all.clone() };
    let cases = [
        (&all, Order::Descending, None, vec!["a", "c", "b"], 3),
        (&all, Order::Ascending, Page::new(1, 2), vec!["b", "c"], 3),
        (&all, Order::Ascending, Page::new(2, 2), vec!["a"], 3),
        (&from_ten, Order::Descending, None, vec!["c", "b"], 2),
    ];
    for (filter, order, page, expected, total) in cases {
        let (sessions, found) =
            store.messages().list_sessions(&scope, &flow.id, filter, order, page).await.unwrap();
        assert_eq!((sessions, found), (expected.into_iter().map(str::to_owned).collect(), total));
    }
    for (filter, expected) in [(&all, vec!["a", "b", "c"]), (&from_ten, vec!["b", "c"])] {
        let chats = store.messages().chats(&scope, &flow.id, filter).await.unwrap();
        assert_eq!(chats, expected);
    }
}

pub(crate) async fn history_is_the_end_of_the_session_in_order(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let (_, other_flow) = sample::saved_flow(&store).await;
    let mut said = Vec::new();
    for at in 0..4 {
        let pair = sample::pair(&flow, "session", at * 10);
        store.messages().insert(&scope, &pair).await.unwrap();
        store.messages().insert(&scope, &sample::pair(&flow, "other", at * 10)).await.unwrap();
        said.extend(pair);
    }
    for (limit, expected) in
        [(None, &said[..]), (Some(3), &said[5..]), (Some(100), &said[..]), (Some(0), &[])]
    {
        let history = store.messages().history(&scope, "session", &flow.id, limit).await.unwrap();
        assert_eq!(history, expected, "{limit:?}");
    }
    assert_eq!(
        store.messages().history(&scope, "session", &other_flow.id, None).await.unwrap(),
        []
    );
}

pub(crate) async fn feedback_belongs_to_a_message(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let pair = sample::pair(&flow, "session", 0);
    store.messages().insert(&scope, &pair).await.unwrap();
    let first = sample::feedback(&pair[1], Feedback::THUMBS_UP, 1);
    let second = sample::feedback(&pair[1], Feedback::THUMBS_DOWN, 2);
    for feedback in [&first, &second] {
        store.feedback().insert(&scope, feedback).await.unwrap();
    }
    let lost = Feedback {
        message_id: "nowhere".to_owned(),
        ..sample::feedback(&pair[0], Feedback::THUMBS_UP, 0)
    };
    let error = store.feedback().insert(&scope, &lost).await.unwrap_err();
    assert_eq!(error.to_string(), "no message with id nowhere");

    let all = MessageFilter::default();
    let (messages, total) = store
        .messages()
        .list_with_feedback(&scope, &flow.id, &all, Order::Ascending, Page::new(1, 2))
        .await
        .unwrap();
    let newest: Vec<_> = messages.into_iter().map(|it| (it.message.id, it.feedback)).collect();
    assert_eq!(newest, [(pair[0].id.clone(), None), (pair[1].id.clone(), Some(second.clone()))]);
    assert_eq!(total, 2);

    let patch = FeedbackPatch { rating: Some(some("THUMBS_DOWN")), content: Some(None) };
    let changed = store.feedback().update(&scope, &first.id, patch).await.unwrap();
    assert_eq!(changed, Feedback { rating: some("THUMBS_DOWN"), content: None, ..first.clone() });
    let unchanged =
        store.feedback().update(&scope, &first.id, FeedbackPatch::default()).await.unwrap();
    assert_eq!(unchanged, changed);

    let newest_first =
        FeedbackFilter { chat_id: some("session"), order: Order::Descending, ..Default::default() };
    let found = store.feedback().list(&scope, &flow.id, &newest_first, None).await.unwrap();
    assert_eq!(found, (vec![second.clone(), changed], 2));
    let late = FeedbackFilter { start: Some(time(2)), ..Default::default() };
    assert_eq!(
        store.feedback().list(&scope, &flow.id, &late, None).await.unwrap(),
        (vec![second], 1)
    );
    let elsewhere = FeedbackFilter { chat_id: some("elsewhere"), ..Default::default() };
    assert_eq!(
        store.feedback().list(&scope, &flow.id, &elsewhere, None).await.unwrap(),
        (vec![], 0)
    );
}

pub(crate) async fn statistics_count_what_the_filter_lets_through(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let all = MessageFilter::default();
    let nothing = store.messages().statistics(&scope, &flow.id, &all).await.unwrap();
    assert_eq!(nothing, MessageStatistics::default());

    for (session, at) in [("a", 0), ("a", 10), ("b", 20)] {
        let pair = sample::pair(&flow, session, at);
        store.messages().insert(&scope, &pair).await.unwrap();
        let rating = if at == 10 { Feedback::THUMBS_UP } else { Feedback::THUMBS_DOWN };
        store.feedback().insert(&scope, &sample::feedback(&pair[1], rating, at)).await.unwrap();
    }
    let statistics = store.messages().statistics(&scope, &flow.id, &all).await.unwrap();
    let expected =
        MessageStatistics { messages: 6, sessions: 2, feedback: 3, positive_feedback: 1 };
    assert_eq!(statistics, expected);
    let statistics =
        store.messages().statistics(&scope, &flow.id, &MessageFilter::session("b")).await.unwrap();
    assert_eq!(
        statistics,
        MessageStatistics { messages: 2, sessions: 1, feedback: 1, positive_feedback: 0 }
    );
    let (messages, _) = store
        .messages()
        .list(&scope, &flow.id, &MessageFilter::session("b"), Order::Descending, None)
        .await
        .unwrap();
    let again = sample::feedback(&messages[0], Feedback::THUMBS_UP, 30);
    store.feedback().insert(&scope, &again).await.unwrap();
    assert_eq!(
        store.messages().statistics(&scope, &flow.id, &MessageFilter::session("b")).await.unwrap(),
        MessageStatistics { messages: 3, sessions: 1, feedback: 2, positive_feedback: 1 },
        "a message that was judged twice counts twice"
    );
}

pub(crate) async fn deleting_follows_the_filter_and_takes_the_feedback(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    for session in ["a", "b"] {
        let pair = sample::pair(&flow, session, 0);
        store.messages().insert(&scope, &pair).await.unwrap();
        store
            .feedback()
            .insert(&scope, &sample::feedback(&pair[1], Feedback::THUMBS_UP, 0))
            .await
            .unwrap();
    }
    let all = MessageFilter::default();
    assert_eq!(
        store.messages().delete(&scope, &flow.id, &MessageFilter::session("nobody")).await.unwrap(),
        0
    );
    let rated =
        MessageFilter { ratings: vec!["THUMBS_UP".to_owned()], ..MessageFilter::session("a") };
    assert_eq!(store.messages().delete(&scope, &flow.id, &rated).await.unwrap(), 1);
    assert_eq!(
        store.messages().delete(&scope, &flow.id, &MessageFilter::session("a")).await.unwrap(),
        1
    );
    let left = store.messages().statistics(&scope, &flow.id, &all).await.unwrap();
    assert_eq!(
        left,
        MessageStatistics { messages: 2, sessions: 1, feedback: 1, positive_feedback: 1 }
    );
    let (feedback, _) =
        store.feedback().list(&scope, &flow.id, &FeedbackFilter::default(), None).await.unwrap();
    assert_eq!(feedback.into_iter().map(|it| it.chat_id).collect::<Vec<_>>(), ["b"]);
    assert_eq!(store.messages().delete(&scope, &flow.id, &all).await.unwrap(), 2);
}

pub(crate) async fn a_long_chat_is_read_page_by_page(place: Place) {
    const MESSAGES: usize = 2_345;
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let messages: Vec<_> = (0..MESSAGES)
        // Ten in the same millisecond: the order within it must be the same on every page.
        .map(|number| {
            sample::message(
                &flow,
                ChatMessage::USER,
                &number.to_string(),
                (number / 10).try_into().unwrap(),
            )
        })
        .collect();
    store.messages().insert(&scope, &messages).await.unwrap();

    let all = MessageFilter::default();
    let mut read = Vec::new();
    for number in 1.. {
        let page = Page::new(number, 500);
        let (messages, total) =
            store.messages().list(&scope, &flow.id, &all, Order::Ascending, page).await.unwrap();
        assert_eq!(total, MESSAGES as u64);
        if messages.is_empty() {
            break;
        }
        read.extend(messages.into_iter().map(|it| it.content));
    }
    assert!(read.iter().eq(messages.iter().map(|it| &it.content)));
    let (with_feedback, _) = store
        .messages()
        .list_with_feedback(&scope, &flow.id, &all, Order::Ascending, None)
        .await
        .unwrap();
    assert_eq!(with_feedback.len(), MESSAGES);

    let long = ChatMessage { session_id: Some("x".repeat(256)), ..messages[0].clone() };
    let error = store.messages().insert(&scope, &[long]).await.unwrap_err();
    assert!(matches!(&error, Error::Invalid { what: "session id", .. }), "{error:?}");
    assert!(error.to_string().contains("256 characters"), "{error}");
}

fn checkpoint(flow: &ChatFlow, thread: &str, state: &str) -> FlowCheckpoint {
    FlowCheckpoint {
        id: sample::id(),
        chatflow_id: flow.id.clone(),
        thread_id: thread.to_owned(),
        parent_id: None,
        checkpoint: state.to_owned(),
        metadata: "{}".to_owned(),
        created_date: time(1),
    }
}

pub(crate) async fn a_conversation_stands_where_it_was_kept_last(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let (other, _) = sample::saved_flow(&store).await;
    let (one, two) = (checkpoint(&flow, "session", "1"), checkpoint(&flow, "session", "2"));
    for kept in [&two, &one, &checkpoint(&flow, "Session", "3")] {
        store.flow_checkpoints().insert(&scope, kept).await.unwrap();
    }
    let newest = async |scope: &WorkspaceScope| {
        store.flow_checkpoints().newest(scope, &flow.id, "session").await.unwrap()
    };
    assert_eq!(newest(&scope).await.as_ref(), Some(&two));
    let kept = store.flow_checkpoints();
    assert_eq!(kept.delete_before(&other, &flow.id, "session", &two.id).await.unwrap(), 0);
    assert_eq!(kept.delete_before(&scope, &flow.id, "session", &one.id).await.unwrap(), 0);
    assert_eq!(newest(&other).await, None);
    let refused = store.flow_checkpoints().insert(&other, &checkpoint(&flow, "x", "4")).await;
    assert!(matches!(refused, Err(Error::NotFound { .. })));
    assert_eq!(store.flow_checkpoints().delete(&other, &[&two.id]).await.unwrap(), 0);
    assert_eq!(store.flow_checkpoints().delete(&scope, &[&two.id]).await.unwrap(), 1);
    assert_eq!(newest(&scope).await.as_ref(), Some(&one));
    // What is forgotten of a conversation is forgotten by the flow too.
    store.messages().insert(&scope, &sample::pair(&flow, "session", 5)).await.unwrap();
    store.messages().delete(&scope, &flow.id, &MessageFilter::default()).await.unwrap();
    assert_eq!(newest(&scope).await, None);
    let kept = store.flow_checkpoints().newest(&scope, &flow.id, "Session").await.unwrap();
    assert_eq!(kept.unwrap().checkpoint, "3");
}
