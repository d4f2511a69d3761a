//! Assistants, templates and MCP servers: another workspace's answer like none, and moving many
//! rows in is all or nothing.

use std::collections::HashSet;

use flowstone_store::{
    Assistant, AssistantPatch, ChatFlowFilter, CustomMcpServer, CustomMcpServerPatch,
    CustomTemplate, Error, MessageFilter, Order, RowKind, Store, Transfer, WorkspaceScope,
};

use crate::{
    Place,
    sample::{self, id, some, time},
};

fn assistant(scope: &WorkspaceScope) -> Assistant {
    Assistant {
        id: id(),
        details: r#"{"name":"A"}"#.to_owned(),
        credential: id(),
        icon_src: some("a.svg"),
        kind: some("CUSTOM"),
        created_date: time(1),
        updated_date: time(2),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

fn template(scope: &WorkspaceScope) -> CustomTemplate {
    CustomTemplate {
        id: id(),
        name: "T".to_owned(),
        flow_data: "{}".to_owned(),
        description: some("d"),
        badge: some("NEW"),
        framework: some(""),
        usecases: some("[]"),
        kind: some("Chatflow"),
        created_date: time(3),
        updated_date: time(4),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

fn mcp_server(scope: &WorkspaceScope) -> CustomMcpServer {
    CustomMcpServer {
        id: id(),
        name: "M".to_owned(),
        server_url: "https://mcp.example/x".to_owned(),
        icon_src: some("m.svg"),
        color: some("red"),
        auth_type: "NONE".to_owned(),
        auth_config: some("sealed"),
        tools: some("[]"),
        tool_count: 3,
        status: CustomMcpServer::PENDING.to_owned(),
        created_date: time(5),
        updated_date: time(6),
        workspace_id: scope.workspace_id().to_owned(),
    }
}

fn missing<T: std::fmt::Debug>(result: Result<T, Error>) {
    assert!(matches!(result, Err(Error::NotFound { .. })), "{result:?}");
}

pub(crate) async fn saved_things_stay_in_their_workspace(place: Place) {
    let store = place.store;
    let (own, other) = (sample::workspace(&store).await, sample::workspace(&store).await);

    let mut assistant = assistant(&own);
    store.assistants().insert(&own, &assistant).await.unwrap();
    assert_eq!(store.assistants().get(&own, &assistant.id).await.unwrap(), assistant);
    let patch = AssistantPatch { details: some("{}"), icon_src: Some(None), ..Default::default() };
    missing(store.assistants().get(&other, &assistant.id).await);
    missing(store.assistants().update(&other, &assistant.id, patch.clone()).await);
    assistant.details = "{}".to_owned();
    assistant.icon_src = None;
    let saved = store.assistants().update(&own, &assistant.id, patch).await.unwrap();
    assert_eq!(saved, assistant);
    for (scope, kind, total) in
        [(&own, None, 1), (&own, Some("CUSTOM"), 1), (&own, Some("OPENAI"), 0), (&other, None, 0)]
    {
        assert_eq!(store.assistants().list(scope, kind, None).await.unwrap().1, total);
    }
    assert_eq!(store.assistants().delete(&other, &assistant.id).await.unwrap(), 0);
    assert_eq!(store.assistants().delete(&own, &assistant.id).await.unwrap(), 1);

    let template = template(&own);
    assert!(store.templates().insert(&other, &template).await.is_err());
    store.templates().insert(&own, &template).await.unwrap();
    assert_eq!(store.templates().get(&own, &template.id).await.unwrap(), template);
    missing(store.templates().get(&other, &template.id).await);
    assert_eq!(store.templates().list(&other, None).await.unwrap().1, 0);
    assert_eq!(store.templates().delete(&other, &template.id).await.unwrap(), 0);
    assert_eq!(store.templates().delete(&own, &template.id).await.unwrap(), 1);

    let mut server = mcp_server(&own);
    store.mcp_servers().insert(&own, &server).await.unwrap();
    assert_eq!(store.mcp_servers().get(&own, &server.id).await.unwrap(), server);
    missing(store.mcp_servers().get(&other, &server.id).await);
    let patch =
        CustomMcpServerPatch { tool_count: Some(4), auth_config: Some(None), ..Default::default() };
    missing(store.mcp_servers().update(&other, &server.id, patch.clone()).await);
    server.tool_count = 4;
    server.auth_config = None;
    assert_eq!(store.mcp_servers().update(&own, &server.id, patch).await.unwrap(), server);
    assert_eq!(store.mcp_servers().list(&other, None).await.unwrap().1, 0);
    assert_eq!(store.mcp_servers().delete(&other, &server.id).await.unwrap(), 0);
    assert_eq!(store.mcp_servers().delete(&own, &server.id).await.unwrap(), 1);
}

async fn counts(store: &Store, scope: &WorkspaceScope) -> [u64; 3] {
    [
        store.chatflows().list(scope, &ChatFlowFilter::default(), None).await.unwrap().1,
        store.tools().list(scope, None).await.unwrap().1,
        store.assistants().list(scope, None, None).await.unwrap().1,
    ]
}

pub(crate) async fn a_transfer_is_all_or_nothing(place: Place) {
    let store = place.store;
    let (own, other) = (sample::workspace(&store).await, sample::workspace(&store).await);
    let flow = sample::flow(&own);
    let [asked, said] = sample::pair(&flow, "s", 0);
    let feedback = sample::feedback(&said, "THUMBS_UP", 1);
    let transfer = Transfer {
        flows: vec![flow.clone()],
        tools: vec![sample::tool(&own)],
        assistants: vec![assistant(&own)],
        messages: vec![asked, said],
        feedback: vec![feedback],
        ..Transfer::default()
    };

    let mut foreign = transfer.clone();
    foreign.flows[0].workspace_id = other.workspace_id().to_owned();
    assert!(store.transfers().run(&own, &foreign).await.is_err());
    let mut stray = transfer.clone();
    stray.feedback[0].message_id = id();
    missing(store.transfers().run(&own, &stray).await);
    assert_eq!(counts(&store, &own).await, [0; 3], "nothing of a bad transfer stays");

    store.transfers().run(&own, &transfer).await.unwrap();
    assert_eq!(counts(&store, &own).await, [1; 3]);
    let again = store.transfers().run(&own, &transfer).await;
    assert!(matches!(again, Err(Error::Conflict { .. })), "{again:?}");
    let taken = store.transfers().taken_by_anyone(RowKind::Flow, &[&flow.id, &id()]).await;
    assert_eq!(taken.unwrap(), HashSet::from([flow.id.clone()]));

    let mut change = Transfer {
        flows: vec![flow.clone()],
        replaced: HashSet::from([flow.id.clone()]),
        ..Transfer::default()
    };
    change.flows[0].name = "changed".to_owned();
    store.transfers().run(&own, &change).await.unwrap();
    assert_eq!(store.chatflows().get(&own, &flow.id).await.unwrap().name, "changed");
    let (messages, _) = store
        .messages()
        .list(&own, &flow.id, &MessageFilter::default(), Order::default(), None)
        .await
        .unwrap();
    assert_eq!(messages.len(), 2, "what hangs on a row that is written over stays");
    change.flows[0].workspace_id = other.workspace_id().to_owned();
    missing(store.transfers().run(&other, &change).await);
}
