//! A workspace is shut off from every other.

use flowstone_store::{
    ApiKeyPatch, ChatFlow, ChatFlowFilter, ChatFlowPatch, CredentialPatch, Error, Feedback,
    FeedbackFilter, FeedbackPatch, FlowRunFilter, MessageFilter, Order, Result, Store, ToolPatch,
    UpsertHistoryFilter, VariablePatch, WorkspaceScope,
};
use futures::{FutureExt, future::BoxFuture};

use crate::{Place, sample};

/// What can be done to one row that exists, under a scope.
struct Row {
    what: &'static str,
    read: Attempt<()>,
    /// `None` for rows that never change.
    update: Option<Attempt<()>>,
    /// How many rows the lists show.
    list: Attempt<u64>,
    delete: Attempt<u64>,
}

type Attempt<T> = Box<dyn Fn(Store, WorkspaceScope) -> BoxFuture<'static, Result<T>> + Send + Sync>;

/// The closure `|store, scope| expression`, where the expression may await.
macro_rules! attempt {
    ([$($captured:ident),*] |$store:ident, $scope:ident| $body:expr) => {{
        $(let $captured = $captured.clone();)*
        Box::new(move |$store: Store, $scope: WorkspaceScope| {
            $(let $captured = $captured.clone();)*
            async move { $body }.boxed()
        })
    }};
}

/// One row of every repository whose rows belong to a workspace. A new repository is added here.
async fn rows(store: &Store, scope: &WorkspaceScope) -> Vec<Row> {
    let flow = sample::flow(scope);
    store.chatflows().insert(scope, &flow).await.unwrap();
    let mut rows = rows_of_chats(store, scope, &flow).await;
    rows.extend(rows_of_flows(store, scope, &flow).await);
    rows.extend(rows_of_secrets(store, scope).await);
    rows.extend(rows_of_tools(store, scope).await);
    // Last: deleting the flow would take half of the others along.
    rows.push(row_of_flow(&flow));
    rows
}

/// Messages and feedback.
async fn rows_of_chats(store: &Store, scope: &WorkspaceScope, flow: &ChatFlow) -> Vec<Row> {
    let message = sample::message(flow, "apiMessage", "hello", 0);
    store.messages().insert(scope, std::slice::from_ref(&message)).await.unwrap();
    let feedback = sample::feedback(&message, Feedback::THUMBS_UP, 0);
    store.feedback().insert(scope, &feedback).await.unwrap();
    let flow_id = flow.id.clone();
    vec![
        Row {
            what: "message",
            read: attempt!(
                [message] | store,
                scope | store.messages().get(&scope, &message.id).await.map(drop)
            ),
            update: None,
            list: attempt!(
                [flow_id] | store,
                scope | {
                    let all = MessageFilter::default();
                    let messages = store.messages();
                    let rows = messages
                        .list_with_feedback(&scope, &flow_id, &all, Order::Ascending, None)
                        .await?
                        .1;
                    let sessions = messages
                        .list_sessions(&scope, &flow_id, &all, Order::Ascending, None)
                        .await?
                        .1;
                    let history = messages.history(&scope, "session", &flow_id, None).await?.len();
                    let statistics = messages.statistics(&scope, &flow_id, &all).await?;
                    assert_eq!(
                        [rows, sessions, history as u64, statistics.feedback],
                        [statistics.messages; 4]
                    );
                    Ok(rows)
                }
            ),
            delete: attempt!(
                [flow_id] | store,
                scope | {
                    store.messages().delete(&scope, &flow_id, &MessageFilter::default()).await
                }
            ),
        },
        Row {
            what: "feedback",
            read: attempt!(
                [feedback] | store,
                scope | store.feedback().get(&scope, &feedback.id).await.map(drop)
            ),
            update: Some(attempt!(
                [feedback] | store,
                scope | {
                    let patch = FeedbackPatch { content: Some(None), ..FeedbackPatch::default() };
                    store.feedback().update(&scope, &feedback.id, patch).await.map(drop)
                }
            )),
            list: attempt!(
                [flow_id] | store,
                scope | {
                    Ok(store
                        .feedback()
                        .list(&scope, &flow_id, &FeedbackFilter::default(), None)
                        .await?
                        .1)
                }
            ),
            delete: attempt!(
                [feedback] | store,
                scope | store.feedback().delete(&scope, &feedback.id).await
            ),
        },
    ]
}

/// What else hangs on a flow.
async fn rows_of_flows(store: &Store, scope: &WorkspaceScope, flow: &ChatFlow) -> Vec<Row> {
    let lead = sample::lead(flow);
    store.leads().insert(scope, &lead).await.unwrap();
    let run = sample::run(flow, 0);
    assert_eq!(store.runs().insert_for_anyone(std::slice::from_ref(&run)).await.unwrap(), 0);
    let run = run.id;
    let upsert = sample::upsert(flow, 0);
    store.upsert_history().insert(scope, &upsert).await.unwrap();
    let flow_id = flow.id.clone();
    vec![
        Row {
            what: "lead",
            read: attempt!(
                [lead] | store,
                scope | store.leads().get(&scope, &lead.id).await.map(drop)
            ),
            update: None,
            list: attempt!(
                [flow_id] | store,
                scope | Ok(store.leads().list(&scope, &flow_id, None).await?.1)
            ),
            delete: attempt!([lead] | store, scope | store.leads().delete(&scope, &lead.id).await),
        },
        Row {
            what: "run",
            read: attempt!([run] | store, scope | store.runs().get(&scope, &run).await.map(drop)),
            update: None,
            list: attempt!(
                [] | store,
                scope | Ok(store.runs().list(&scope, &FlowRunFilter::default(), None).await?.1)
            ),
            delete: attempt!([run] | store, scope | store.runs().delete(&scope, &[&run]).await),
        },
        Row {
            what: "upsert history entry",
            read: attempt!(
                [upsert] | store,
                scope | store.upsert_history().get(&scope, &upsert.id).await.map(drop)
            ),
            update: None,
            list: attempt!(
                [flow_id] | store,
                scope | {
                    Ok(store
                        .upsert_history()
                        .list(&scope, &flow_id, &UpsertHistoryFilter::default(), None)
                        .await?
                        .1)
                }
            ),
            delete: attempt!(
                [upsert] | store,
                scope | store.upsert_history().delete(&scope, &[&upsert.id]).await
            ),
        },
    ]
}

/// Credentials and API keys.
async fn rows_of_secrets(store: &Store, scope: &WorkspaceScope) -> Vec<Row> {
    let credential = sample::credential(scope, "openAIApi");
    store.credentials().insert(scope, &credential).await.unwrap();
    let key = sample::api_key(scope);
    store.api_keys().insert(scope, &key).await.unwrap();
    vec![
        Row {
            what: "credential",
            read: attempt!(
                [credential] | store,
                scope | store.credentials().get(&scope, &credential.id).await.map(drop)
            ),
            update: Some(attempt!(
                [credential] | store,
                scope | {
                    let patch = CredentialPatch {
                        encrypted_data: sample::some("mine now"),
                        ..CredentialPatch::default()
                    };
                    store.credentials().update(&scope, &credential.id, patch).await.map(drop)
                }
            )),
            list: attempt!(
                [] | store,
                scope | Ok(store.credentials().list(&scope, &[], None).await?.1)
            ),
            delete: attempt!(
                [credential] | store,
                scope | store.credentials().delete(&scope, &credential.id).await
            ),
        },
        Row {
            what: "API key",
            read: attempt!(
                [key] | store,
                scope | store.api_keys().get(&scope, &key.id).await.map(drop)
            ),
            update: Some(attempt!(
                [key] | store,
                scope | {
                    let patch =
                        ApiKeyPatch { permissions: Some(Vec::new()), ..ApiKeyPatch::default() };
                    store.api_keys().update(&scope, &key.id, patch).await.map(drop)
                }
            )),
            list: attempt!([] | store, scope | Ok(store.api_keys().list(&scope, None).await?.1)),
            delete: attempt!([key] | store, scope | store.api_keys().delete(&scope, &key.id).await),
        },
    ]
}

/// Tools and variables.
async fn rows_of_tools(store: &Store, scope: &WorkspaceScope) -> Vec<Row> {
    let tool = sample::tool(scope);
    store.tools().insert(scope, &tool).await.unwrap();
    let variable = sample::variable(scope);
    store.variables().insert(scope, &variable).await.unwrap();
    vec![
        Row {
            what: "tool",
            read: attempt!(
                [tool] | store,
                scope | store.tools().get(&scope, &tool.id).await.map(drop)
            ),
            update: Some(attempt!(
                [tool] | store,
                scope | {
                    let patch =
                        ToolPatch { func: Some(sample::some("evil()")), ..ToolPatch::default() };
                    store.tools().update(&scope, &tool.id, patch).await.map(drop)
                }
            )),
            list: attempt!([] | store, scope | Ok(store.tools().list(&scope, None).await?.1)),
            delete: attempt!([tool] | store, scope | store.tools().delete(&scope, &tool.id).await),
        },
        Row {
            what: "variable",
            read: attempt!(
                [variable] | store,
                scope | store.variables().get(&scope, &variable.id).await.map(drop)
            ),
            update: Some(attempt!(
                [variable] | store,
                scope | {
                    let patch = VariablePatch { value: Some(None), ..VariablePatch::default() };
                    store.variables().update(&scope, &variable.id, patch).await.map(drop)
                }
            )),
            list: attempt!([] | store, scope | Ok(store.variables().list(&scope, None).await?.1)),
            delete: attempt!(
                [variable] | store,
                scope | store.variables().delete(&scope, &variable.id).await
            ),
        },
    ]
}

/// The flow itself.
fn row_of_flow(flow: &ChatFlow) -> Row {
    let flow_id = flow.id.clone();
    Row {
        what: "chatflow",
        read: attempt!(
            [flow_id] | store,
            scope | store.chatflows().get(&scope, &flow_id).await.map(drop)
        ),
        update: Some(attempt!(
            [flow_id] | store,
            scope | {
                let patch =
                    ChatFlowPatch { name: sample::some("mine now"), ..ChatFlowPatch::default() };
                store.chatflows().update(&scope, &flow_id, patch).await.map(drop)
            }
        )),
        list: attempt!(
            [] | store,
            scope | {
                let whole =
                    store.chatflows().list(&scope, &ChatFlowFilter::default(), None).await?.1;
                let summaries = store
                    .chatflows()
                    .list_summaries(&scope, &ChatFlowFilter::default(), None)
                    .await?
                    .1;
                assert_eq!(whole, summaries);
                Ok(whole)
            }
        ),
        delete: attempt!(
            [flow_id] | store,
            scope | store.chatflows().delete(&scope, &flow_id).await
        ),
    }
}

pub(crate) async fn another_workspace_sees_and_changes_nothing(place: Place) {
    let store = place.store;
    let (owner, other) = (sample::workspace(&store).await, sample::workspace(&store).await);
    let made_up = WorkspaceScope::new("");
    let rows = rows(&store, &owner).await;

    for stranger in [&other, &made_up] {
        for row in &rows {
            let what = row.what;
            let read = (row.read)(store.clone(), stranger.clone()).await;
            assert!(
                matches!(read, Err(Error::NotFound { what: it, .. }) if it == what),
                "{what}: {read:?}"
            );
            if let Some(update) = &row.update {
                let update = update(store.clone(), stranger.clone()).await;
                assert!(
                    matches!(update, Err(Error::NotFound { what: it, .. }) if it == what),
                    "{what}: {update:?}"
                );
            }
            assert_eq!((row.list)(store.clone(), stranger.clone()).await.unwrap(), 0, "{what}");
            assert_eq!((row.delete)(store.clone(), stranger.clone()).await.unwrap(), 0, "{what}");
        }
    }

    for row in &rows {
        let what = row.what;
        (row.read)(store.clone(), owner.clone()).await.unwrap();
        assert_eq!((row.list)(store.clone(), owner.clone()).await.unwrap(), 1, "{what}");
        if let Some(update) = &row.update {
            update(store.clone(), owner.clone()).await.unwrap();
        }
    }
    let feedback_first = [1, 0].into_iter().chain(2..rows.len());
    for row in feedback_first.map(|index| &rows[index]) {
        let what = row.what;
        assert_eq!((row.delete)(store.clone(), owner.clone()).await.unwrap(), 1, "{what}");
        assert_eq!((row.list)(store.clone(), owner.clone()).await.unwrap(), 0, "{what}");
    }
}

pub(crate) async fn a_row_cannot_be_smuggled_into_another_workspace(place: Place) {
    let store = place.store;
    let (mine, flow) = sample::saved_flow(&store).await;
    let (other, others_flow) = sample::saved_flow(&store).await;

    let smuggled = [
        store.chatflows().insert(&mine, &sample::flow(&other)).await,
        store.credentials().insert(&mine, &sample::credential(&other, "openAIApi")).await,
        store.api_keys().insert(&mine, &sample::api_key(&other)).await,
        store.tools().insert(&mine, &sample::tool(&other)).await,
        store.variables().insert(&mine, &sample::variable(&other)).await,
    ];
    for outcome in smuggled {
        assert!(matches!(outcome, Err(Error::Invalid { .. })), "{outcome:?}");
    }

    let [question, mut answer] = sample::pair(&flow, "session", 0);
    answer.chatflow_id.clone_from(&others_flow.id);
    let theirs = sample::message(&others_flow, "apiMessage", "theirs", 0);
    store.messages().insert(&other, std::slice::from_ref(&theirs)).await.unwrap();
    let mut about_theirs = sample::feedback(&theirs, Feedback::THUMBS_DOWN, 0);
    about_theirs.chatflow_id.clone_from(&flow.id);
    let smuggled = [
        store.messages().insert(&mine, &[question, answer]).await,
        store.leads().insert(&mine, &sample::lead(&others_flow)).await,
        store.upsert_history().insert(&mine, &sample::upsert(&others_flow, 0)).await,
        store.feedback().insert(&mine, &sample::feedback(&theirs, Feedback::THUMBS_DOWN, 0)).await,
        store.feedback().insert(&mine, &about_theirs).await,
    ];
    for outcome in smuggled {
        assert!(matches!(outcome, Err(Error::NotFound { .. })), "{outcome:?}");
    }
    let mine_now =
        store.messages().statistics(&mine, &flow.id, &MessageFilter::default()).await.unwrap();
    assert_eq!(mine_now.messages, 0, "the question went with its answer");
}

pub(crate) async fn the_loud_calls_find_rows_of_any_workspace(place: Place) {
    let store = place.store;
    let (scope, flow) = sample::saved_flow(&store).await;
    assert_eq!(store.chatflows().get_for_anyone(&flow.id).await.unwrap(), flow);
    assert_eq!(store.chatflows().revision(&flow.id).await.unwrap(), Some(flow.revision));
    assert_eq!(store.chatflows().revision("nowhere").await.unwrap(), None);
    let error = store.chatflows().get_for_anyone("nowhere").await.unwrap_err();
    assert_eq!(error.to_string(), "no chatflow with id nowhere");

    let key = sample::api_key(&scope);
    store.api_keys().insert(&scope, &key).await.unwrap();
    assert_eq!(store.api_keys().find_by_hash(&key.key_hash).await.unwrap(), Some(key));
    assert_eq!(store.api_keys().find_by_hash("' OR '1'='1").await.unwrap(), None);

    let message = sample::message(&flow, "apiMessage", "hello", 0);
    store.messages().insert(&scope, std::slice::from_ref(&message)).await.unwrap();
    let feedback = sample::feedback(&message, Feedback::THUMBS_UP, 0);
    store.feedback().insert(&scope, &feedback).await.unwrap();
    assert_eq!(store.feedback().get_for_anyone(&feedback.id).await.unwrap(), feedback);
}
