//! Text is kept and compared as it is, whatever it looks like.

use flowstone_store::{
    ChatFlow, ChatFlowPatch, ChatMessage, Error, MessageFilter, Order, Variable,
};

use crate::{Place, sample, sample::some};

const TEXTS: &[&str] = &[
    "",
    " ",
    "trailing space ",
    "line\r\nbreak\ttab\u{b}\u{1b}[31m",
    "Grüße, 你好, שלום, नमस्ते",
    "🦀👩‍👩‍👧‍👦🏳️‍🌈 four bytes each",
    "e\u{301} is not é, \u{feff}and this has a byte order mark",
    "\u{10ffff}\u{fffd}",
    r#"{"json":"\u0000 \\ \" ' `"}"#,
];

const HOSTILE: &[&str] = &[
    "' OR '1'='1",
    "'; DROP TABLE chat_flow; --",
    "\"; DELETE FROM user; --",
    "%",
    "_",
    "100%_\\%",
    "$1 ? :name @p ??",
    "\\' OR 1=1 #",
    "*/ UNION SELECT encryptedData FROM credential /*",
    "${jndi:ldap://x}",
];

pub(crate) async fn any_text_comes_back_as_it_was(place: Place) {
    let store = place.store;
    let scope = sample::workspace(&store).await;
    for text in TEXTS.iter().chain(HOSTILE) {
        let flow = ChatFlow {
            name: (*text).to_owned(),
            flow_data: (*text).to_owned(),
            flow_type: some(text),
            category: some(text),
            ..sample::flow(&scope)
        };
        store.chatflows().insert(&scope, &flow).await.unwrap();
        assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), flow, "{text:?}");
        let message = ChatMessage {
            chat_id: (*text).to_owned(),
            session_id: some(text),
            ..sample::message(&flow, ChatMessage::USER, text, 0)
        };
        store.messages().insert(&scope, std::slice::from_ref(&message)).await.unwrap();
        let history = store.messages().history(&scope, text, &flow.id, Some(2)).await.unwrap();
        assert_eq!(history, [message], "{text:?}");
    }
}

pub(crate) async fn hostile_text_stays_data(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    store.messages().insert(&scope, &sample::pair(&flow, "session", 0)).await.unwrap();
    for text in HOSTILE {
        let filters = [
            MessageFilter::session(*text),
            MessageFilter { chat_id: some(text), ..MessageFilter::default() },
            MessageFilter { memory_type: some(text), ..MessageFilter::default() },
            MessageFilter { message_id: some(text), ..MessageFilter::default() },
            MessageFilter { chat_types: vec![(*text).to_owned()], ..MessageFilter::default() },
            MessageFilter { ratings: vec![(*text).to_owned()], ..MessageFilter::default() },
        ];
        for filter in filters {
            let found = store
                .messages()
                .list(&scope, &flow.id, &filter, Order::Ascending, None)
                .await
                .unwrap();
            assert_eq!(found.1, 0, "{filter:?}");
            assert_eq!(
                store.messages().delete(&scope, &flow.id, &filter).await.unwrap(),
                0,
                "{filter:?}"
            );
        }
        assert!(matches!(store.chatflows().get(&scope, text).await, Err(Error::NotFound { .. })));
        assert_eq!(store.chatflows().delete(&scope, text).await.unwrap(), 0);
        assert_eq!(store.credentials().list(&scope, &[text], None).await.unwrap().1, 0);
        assert_eq!(store.api_keys().find_by_hash(text).await.unwrap(), None);
        assert_eq!(store.users().find_by_email(text).await.unwrap(), None);
    }
    let left =
        store.messages().statistics(&scope, &flow.id, &MessageFilter::default()).await.unwrap();
    assert_eq!(left.messages, 2);
    assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), flow);
}

pub(crate) async fn texts_are_compared_to_the_byte(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let sessions = ["anna", "Anna", "ANNA", "anna ", "änna", "a\u{308}nna", "anna\u{200b}"];
    for session in sessions {
        store.messages().insert(&scope, &sample::pair(&flow, session, 0)).await.unwrap();
    }
    for session in sessions {
        let history = store.messages().history(&scope, session, &flow.id, None).await.unwrap();
        assert_eq!(history.len(), 2, "{session:?}");
        assert!(history.iter().all(|it| it.session_id.as_deref() == Some(session)), "{session:?}");
    }
    let all = MessageFilter::default();
    let statistics = store.messages().statistics(&scope, &flow.id, &all).await.unwrap();
    assert_eq!(statistics.sessions, sessions.len() as u64);
}

pub(crate) async fn a_flow_of_five_megabytes_is_kept(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let large = "{\"🦀\":\"x\"},".repeat(5 * 1024 * 1024 / 13);
    let patch = ChatFlowPatch { flow_data: Some(large.clone()), ..ChatFlowPatch::default() };
    let updated = store.chatflows().update(&scope, &flow.id, patch).await.unwrap();
    assert!(updated.flow_data == large);
    assert!(store.chatflows().get(&scope, &flow.id).await.unwrap().flow_data == large);
    let message = sample::message(&flow, ChatMessage::API, &large, 0);
    store.messages().insert(&scope, std::slice::from_ref(&message)).await.unwrap();
    assert!(store.messages().get(&scope, &message.id).await.unwrap() == message);
}

pub(crate) async fn text_that_no_database_can_keep_is_an_error(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let variable = Variable { value: some("nul \0 character"), ..sample::variable(&scope) };
    let patch = ChatFlowPatch { name: some("\0"), ..ChatFlowPatch::default() };
    let outcomes = [
        store.variables().insert(&scope, &variable).await,
        store.chatflows().update(&scope, &flow.id, patch).await.map(drop),
        store
            .messages()
            .insert(&scope, &[sample::message(&flow, ChatMessage::USER, "\0", 0)])
            .await,
        store.settings().put("key", "\0").await,
    ];
    for outcome in outcomes {
        let Err(error @ Error::Invalid { .. }) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(error.to_string().contains("holds a NUL character"), "{error}");
    }
    assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), flow);
    assert_eq!(store.variables().list(&scope, None).await.unwrap().1, 0);
}
