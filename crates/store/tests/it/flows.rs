//! Flows, and everything that is as simple as they are.

use flowstone_store::{
    ApiKeyPatch, ChatFlow, ChatFlowFilter, ChatFlowPatch, ChatFlowSort, ChatFlowSortKey,
    CredentialPatch, Error, Feedback, FeedbackFilter, MessageFilter, Order, Page, ToolPatch,
    UpsertHistoryFilter, VariablePatch,
};

use crate::{
    Place,
    sample::{self, some, time},
};

pub(crate) async fn every_column_comes_back(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), flow);

    let bare = ChatFlow {
        id: sample::id(),
        deployed: None,
        is_public: None,
        api_key_id: None,
        chatbot_config: None,
        api_config: None,
        analytic: None,
        speech_to_text: None,
        text_to_speech: None,
        follow_up_prompts: None,
        category: None,
        flow_type: None,
        mcp_server_config: None,
        webhook_secret: None,
        ..flow
    };
    store.chatflows().insert(&scope, &bare).await.unwrap();
    assert_eq!(store.chatflows().get(&scope, &bare.id).await.unwrap(), bare);
}

pub(crate) async fn an_update_raises_the_revision_and_leaves_the_rest(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;

    let patch = ChatFlowPatch {
        name: some("Sales"),
        api_key_id: Some(None),
        is_public: Some(Some(true)),
        updated_date: Some(time(500)),
        ..ChatFlowPatch::default()
    };
    let updated = store.chatflows().update(&scope, &flow.id, patch).await.unwrap();
    let expected = ChatFlow {
        name: "Sales".to_owned(),
        api_key_id: None,
        is_public: Some(true),
        updated_date: time(500),
        revision: flow.revision + 1,
        ..flow.clone()
    };
    assert_eq!(updated, expected);
    assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), expected);
    assert_eq!(store.chatflows().revision(&flow.id).await.unwrap(), Some(flow.revision + 1));

    let all = ChatFlowPatch {
        name: some("1"),
        flow_data: some("2"),
        deployed: Some(None),
        is_public: Some(None),
        api_key_id: Some(some("3")),
        chatbot_config: Some(some("4")),
        api_config: Some(some("5")),
        analytic: Some(some("6")),
        speech_to_text: Some(some("7")),
        text_to_speech: Some(some("8")),
        follow_up_prompts: Some(some("9")),
        category: Some(some("10")),
        flow_type: Some(some("11")),
        mcp_server_config: Some(some("12")),
        webhook_secret: Some(some("13")),
        updated_date: Some(time(600)),
    };
    let expected = ChatFlow {
        name: "1".to_owned(),
        flow_data: "2".to_owned(),
        deployed: None,
        is_public: None,
        api_key_id: some("3"),
        chatbot_config: some("4"),
        api_config: some("5"),
        analytic: some("6"),
        speech_to_text: some("7"),
        text_to_speech: some("8"),
        follow_up_prompts: some("9"),
        category: some("10"),
        flow_type: some("11"),
        mcp_server_config: some("12"),
        webhook_secret: some("13"),
        updated_date: time(600),
        revision: flow.revision + 2,
        ..flow.clone()
    };
    assert_eq!(store.chatflows().update(&scope, &flow.id, all).await.unwrap(), expected);

    let nothing =
        store.chatflows().update(&scope, &flow.id, ChatFlowPatch::default()).await.unwrap();
    assert_eq!(nothing.revision, flow.revision + 3, "saving without a change is a revision too");
    let error =
        store.chatflows().update(&scope, "nowhere", ChatFlowPatch::default()).await.unwrap_err();
    assert!(matches!(error, Error::NotFound { what: "chatflow", .. }), "{error:?}");
}

pub(crate) async fn flows_that_mention_a_thing_get_a_new_revision(place: Place) {
    let store = place.store;
    let (scope, other) = (sample::workspace(&store).await, sample::workspace(&store).await);
    let thing = sample::id();
    let flow = |scope, data: &str| ChatFlow { flow_data: data.to_owned(), ..sample::flow(scope) };
    let using = flow(&scope, &format!(r#"{{"nodes":[{{"data":{{"credential":"{thing}"}}}}]}}"#));
    let without = flow(&scope, "{}");
    let foreign = ChatFlow { workspace_id: other.workspace_id().to_owned(), ..using.clone() };
    let foreign = ChatFlow { id: sample::id(), ..foreign };
    for (scope, flow) in [(&scope, &using), (&scope, &without), (&other, &foreign)] {
        store.chatflows().insert(scope, flow).await.unwrap();
    }

    assert_eq!(store.chatflows().raise_revisions(&scope, &thing).await.unwrap(), 1);

    for (flow, raised) in [(&using, 1), (&without, 0), (&foreign, 0)] {
        let revision = store.chatflows().revision(&flow.id).await.unwrap();
        assert_eq!(revision, Some(flow.revision + raised));
    }
}

pub(crate) async fn a_taken_id_is_a_conflict_and_changes_nothing(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    let other = sample::workspace(&store).await;
    for scope in [&scope, &other] {
        let usurper =
            ChatFlow { id: flow.id.clone(), name: "usurper".to_owned(), ..sample::flow(scope) };
        let error = store.chatflows().insert(scope, &usurper).await.unwrap_err();
        assert!(matches!(error, Error::Conflict { what: "chatflow", .. }), "{error:?}");
    }
    assert_eq!(store.chatflows().get(&scope, &flow.id).await.unwrap(), flow);

    let key = sample::api_key(&scope);
    store.api_keys().insert(&scope, &key).await.unwrap();
    let mut same_hash = sample::api_key(&scope);
    same_hash.key_hash.clone_from(&key.key_hash);
    let error = store.api_keys().insert(&scope, &same_hash).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { what: "API key", .. }), "{error:?}");
}

pub(crate) async fn lists_page_and_filter(place: Place) {
    let store = place.store;
    let scope = sample::workspace(&store).await;
    let key = sample::id();
    let mut ids = Vec::new();
    for number in 0..7 {
        let flow = ChatFlow {
            updated_date: time(number),
            flow_type: some(if number % 3 == 0 { "AGENTFLOW" } else { "CHATFLOW" }),
            api_key_id: (number < 2).then(|| key.clone()),
            ..sample::flow(&scope)
        };
        store.chatflows().insert(&scope, &flow).await.unwrap();
        ids.insert(0, flow.id);
    }

    let all = ChatFlowFilter::default();
    let chatflows = ChatFlowFilter { flow_type: some("CHATFLOW"), ..all.clone() };
    let any_of = |types: &[&str]| ChatFlowFilter {
        flow_types: types.iter().map(|it| (*it).to_owned()).collect(),
        ..all.clone()
    };
    let (both, neither) = (any_of(&["CHATFLOW", "AGENTFLOW"]), any_of(&["MULTIAGENT"]));
    let keyed = ChatFlowFilter { api_key_id: Some(key), ..all.clone() };
    let pick = |indices: &[usize]| indices.iter().map(|it| ids[*it].clone()).collect::<Vec<_>>();
    let cases = [
        (&all, None, 7, pick(&[0, 1, 2, 3, 4, 5, 6])),
        (&all, Page::new(1, 3), 7, pick(&[0, 1, 2])),
        (&all, Page::new(3, 3), 7, pick(&[6])),
        (&all, Page::new(4, 3), 7, pick(&[])),
        (&chatflows, None, 4, pick(&[1, 2, 4, 5])),
        (&chatflows, Page::new(2, 3), 4, pick(&[5])),
        (&keyed, None, 2, pick(&[5, 6])),
        (&both, Page::new(3, 3), 7, pick(&[6])),
        (&neither, None, 0, pick(&[])),
    ];
    for (filter, page, total, expected) in cases {
        let (flows, found) = store.chatflows().list(&scope, filter, page).await.unwrap();
        let found_ids: Vec<_> = flows.iter().map(|it| it.id.clone()).collect();
        assert_eq!((found, &found_ids), (total, &expected), "{filter:?} {page:?}");
        let (summaries, found) =
            store.chatflows().list_summaries(&scope, filter, page).await.unwrap();
        assert_eq!((found, summaries.len()), (total, flows.len()));
        for (summary, flow) in summaries.iter().zip(&flows) {
            assert_eq!(
                (&summary.id, &summary.name, &summary.category),
                (&flow.id, &flow.name, &flow.category)
            );
            assert_eq!((summary.deployed, summary.is_public), (flow.deployed, flow.is_public));
            assert_eq!(
                (&summary.api_key_id, &summary.flow_type),
                (&flow.api_key_id, &flow.flow_type)
            );
            assert_eq!(
                (summary.created_date, summary.updated_date),
                (flow.created_date, flow.updated_date)
            );
            assert_eq!(
                (&summary.workspace_id, summary.revision),
                (&flow.workspace_id, flow.revision)
            );
        }
    }
}

pub(crate) async fn a_list_is_searched_sorted_and_cut_by_category(place: Place) {
    let store = place.store;
    let scope = sample::workspace(&store).await;
    let mut ids = std::collections::HashMap::new();
    for (number, (name, category)) in
        [("beta 100%", "shop;care"), ("Alpha", "care"), ("gamma_Ä", "careless;shop")]
            .into_iter()
            .enumerate()
    {
        let at = i64::try_from(number).unwrap();
        let flow = ChatFlow {
            name: name.to_owned(),
            category: some(category),
            created_date: time(10 - at),
            updated_date: time(at),
            ..sample::flow(&scope)
        };
        store.chatflows().insert(&scope, &flow).await.unwrap();
        ids.insert(flow.id, name);
    }
    let bare = ChatFlow { category: None, name: "delta".to_owned(), ..sample::flow(&scope) };
    let bare = ChatFlow { updated_date: time(9), created_date: time(0), ..bare };
    store.chatflows().insert(&scope, &bare).await.unwrap();
    ids.insert(bare.id.clone(), "delta");
    let names = async |filter: ChatFlowFilter| {
        let (rows, total) =
            store.chatflows().list_summaries(&scope, &filter, Page::new(1, 9)).await.unwrap();
        assert_eq!(total, rows.len() as u64, "{filter:?}");
        rows.into_iter().map(|it| ids[&it.id]).collect::<Vec<_>>()
    };
    for (search, expected) in [
        ("ALPHA", &["Alpha"][..]),
        ("100%", &["beta 100%"]),
        ("0%%", &[]),
        ("a_", &["gamma_Ä"]),
        ("Ä", &["gamma_Ä"]),
        ("SHOP", &["gamma_Ä", "beta 100%"]),
        (&bare.id, &["delta"]),
    ] {
        let filter = ChatFlowFilter { search: some(search), ..Default::default() };
        assert_eq!(names(filter).await, expected, "{search}");
    }
    for (category, expected) in
        [("care", &["Alpha", "beta 100%"][..]), ("shop", &["gamma_Ä", "beta 100%"]), ("car", &[])]
    {
        let filter = ChatFlowFilter { category: some(category), ..Default::default() };
        assert_eq!(names(filter).await, expected, "{category}");
    }
    for (by, order, expected) in [
        (ChatFlowSortKey::Name, Order::Ascending, ["Alpha", "beta 100%", "delta", "gamma_Ä"]),
        (ChatFlowSortKey::Name, Order::Descending, ["gamma_Ä", "delta", "beta 100%", "Alpha"]),
        (ChatFlowSortKey::Created, Order::Ascending, ["delta", "gamma_Ä", "Alpha", "beta 100%"]),
        (ChatFlowSortKey::Updated, Order::Ascending, ["beta 100%", "Alpha", "gamma_Ä", "delta"]),
    ] {
        let filter = ChatFlowFilter { sort: ChatFlowSort { by, order }, ..Default::default() };
        assert_eq!(names(filter).await, expected, "{by:?} {order:?}");
    }
    let mut categories = store.chatflows().list_categories(&scope, Some("CHATFLOW")).await.unwrap();
    categories.sort();
    assert_eq!(categories, ["care", "careless;shop", "shop;care"]);
    assert!(store.chatflows().list_categories(&scope, Some("AGENTFLOW")).await.unwrap().is_empty());
    let other = sample::workspace(&store).await;
    let asked = [bare.id.as_str(), "nowhere"];
    let names = store.chatflows().names_of(&scope, &asked).await.unwrap();
    assert_eq!(names, [(bare.id.clone(), "delta".to_owned(), some("CHATFLOW"))]);
    let patch = ChatFlowPatch { speech_to_text: Some(some("voice_1%")), ..Default::default() };
    store.chatflows().update(&scope, &bare.id, patch).await.unwrap();
    assert_eq!(store.chatflows().mentioning(&scope, "voice_1%").await.unwrap(), names);
    assert!(store.chatflows().mentioning(&scope, "voice%").await.unwrap().is_empty());
    let data = store.chatflows().data_of(&scope, &asked).await.unwrap();
    assert_eq!(data, [(bare.id.clone(), bare.flow_data)]);
    assert!(store.chatflows().data_of(&other, &asked).await.unwrap().is_empty());
    assert!(store.chatflows().names_of(&other, &asked).await.unwrap().is_empty());
    assert!(store.chatflows().mentioning(&other, "voice_1%").await.unwrap().is_empty());
    assert!(store.chatflows().list_categories(&other, None).await.unwrap().is_empty());
}

pub(crate) async fn deleting_a_flow_takes_all_that_hangs_on_it(place: Place) {
    let store = place.store;
    let (scope, doomed) = sample::saved_flow(&store).await;
    let spared = sample::flow(&scope);
    store.chatflows().insert(&scope, &spared).await.unwrap();
    for flow in [&doomed, &spared] {
        let pair = sample::pair(flow, "session", 0);
        store.messages().insert(&scope, &pair).await.unwrap();
        store
            .feedback()
            .insert(&scope, &sample::feedback(&pair[1], Feedback::THUMBS_UP, 0))
            .await
            .unwrap();
        store.leads().insert(&scope, &sample::lead(flow)).await.unwrap();
        store.upsert_history().insert(&scope, &sample::upsert(flow, 0)).await.unwrap();
    }

    assert_eq!(store.chatflows().delete(&scope, &doomed.id).await.unwrap(), 1);
    assert_eq!(store.chatflows().delete(&scope, &doomed.id).await.unwrap(), 0);

    // The doomed flow comes back under its id: what hung on it must not.
    store.chatflows().insert(&scope, &doomed).await.unwrap();
    for (flow, expected) in [(&doomed, [0, 0, 0, 0]), (&spared, [2, 1, 1, 1])] {
        let found = [
            store
                .messages()
                .list(&scope, &flow.id, &MessageFilter::default(), Order::Ascending, None)
                .await
                .unwrap()
                .1,
            store
                .feedback()
                .list(&scope, &flow.id, &FeedbackFilter::default(), None)
                .await
                .unwrap()
                .1,
            store.leads().list(&scope, &flow.id, None).await.unwrap().1,
            store
                .upsert_history()
                .list(&scope, &flow.id, &UpsertHistoryFilter::default(), None)
                .await
                .unwrap()
                .1,
        ];
        assert_eq!(found, expected);
    }
}

pub(crate) async fn everything_else_comes_back_changes_and_goes(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;

    let mut credential = sample::credential(&scope, "openAIApi");
    store.credentials().insert(&scope, &credential).await.unwrap();
    store.credentials().insert(&scope, &sample::credential(&scope, "anthropicApi")).await.unwrap();
    assert_eq!(store.credentials().get(&scope, &credential.id).await.unwrap(), credential);
    for (kinds, total) in
        [(&[][..], 2), (&["openAIApi"], 1), (&["openAIApi", "anthropicApi"], 2), (&["other"], 0)]
    {
        assert_eq!(
            store.credentials().list(&scope, kinds, None).await.unwrap().1,
            total,
            "{kinds:?}"
        );
    }
    let patch = CredentialPatch {
        name: some("yours"),
        credential_name: some("azureApi"),
        encrypted_data: some("fs1.x"),
        updated_date: Some(time(99)),
    };
    credential.name = "yours".to_owned();
    credential.credential_name = "azureApi".to_owned();
    credential.encrypted_data = "fs1.x".to_owned();
    credential.updated_date = time(99);
    assert_eq!(
        store.credentials().update(&scope, &credential.id, patch).await.unwrap(),
        credential
    );

    let mut key = sample::api_key(&scope);
    store.api_keys().insert(&scope, &key).await.unwrap();
    assert_eq!(store.api_keys().get(&scope, &key.id).await.unwrap(), key);
    let patch = ApiKeyPatch {
        key_name: some("shop"),
        permissions: Some(vec!["tools:view".to_owned()]),
        updated_date: Some(time(99)),
    };
    key.key_name = "shop".to_owned();
    key.permissions = vec!["tools:view".to_owned()];
    key.updated_date = time(99);
    assert_eq!(store.api_keys().update(&scope, &key.id, patch).await.unwrap(), key);
    assert_eq!(store.api_keys().list(&scope, Page::new(1, 1)).await.unwrap(), (vec![key], 1));

    let mut tool = sample::tool(&scope);
    store.tools().insert(&scope, &tool).await.unwrap();
    let patch = ToolPatch {
        name: some("t2"),
        func: Some(None),
        updated_date: Some(time(99)),
        ..ToolPatch::default()
    };
    tool.name = "t2".to_owned();
    tool.func = None;
    tool.updated_date = time(99);
    assert_eq!(store.tools().update(&scope, &tool.id, patch).await.unwrap(), tool);
    assert_eq!(store.tools().list(&scope, None).await.unwrap(), (vec![tool], 1));

    let mut variable = sample::variable(&scope);
    store.variables().insert(&scope, &variable).await.unwrap();
    let patch = VariablePatch {
        value: Some(some("Bonn")),
        variable_type: some("runtime"),
        ..VariablePatch::default()
    };
    variable.value = some("Bonn");
    variable.variable_type = "runtime".to_owned();
    assert_eq!(store.variables().update(&scope, &variable.id, patch).await.unwrap(), variable);
    assert_eq!(store.variables().list(&scope, None).await.unwrap(), (vec![variable], 1));

    let lead = sample::lead(&flow);
    store.leads().insert(&scope, &lead).await.unwrap();
    assert_eq!(store.leads().list(&scope, &flow.id, None).await.unwrap(), (vec![lead], 1));

    let upserts = [0, 10, 20].map(|at| sample::upsert(&flow, at));
    for upsert in &upserts {
        store.upsert_history().insert(&scope, upsert).await.unwrap();
    }
    let [first, second, third] = upserts;
    let late = UpsertHistoryFilter {
        start: Some(time(10)),
        order: Order::Descending,
        ..Default::default()
    };
    let found = store.upsert_history().list(&scope, &flow.id, &late, None).await.unwrap();
    assert_eq!(found, (vec![third.clone(), second.clone()], 2));
    let ids = [first.id.as_str(), third.id.as_str(), "nowhere"];
    assert_eq!(store.upsert_history().delete(&scope, &ids).await.unwrap(), 2);
    assert_eq!(store.upsert_history().delete(&scope, &[]).await.unwrap(), 0);
    let found = store
        .upsert_history()
        .list(&scope, &flow.id, &UpsertHistoryFilter::default(), None)
        .await
        .unwrap();
    assert_eq!(found, (vec![second], 1));
}
