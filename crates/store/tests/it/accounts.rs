//! Users, workspaces, sign-ins and settings.

use flowstone_store::{Error, Page, PasswordReset, UserPatch, Workspace};
use futures::future::join_all;

use crate::{
    Place,
    sample::{self, some, time},
};

pub(crate) async fn the_first_account_is_made_once(place: Place) {
    let store = place.store;
    assert_eq!(store.users().count().await.unwrap(), 0);
    let accounts: Vec<_> = (0..8).map(|it| sample::account(&format!("{it}@example.com"))).collect();
    // Two people set up the same installation at the same moment: one of them gets it.
    let outcomes = join_all(accounts.iter().map(|it| {
        let (store, account) = (store.clone(), it.clone());
        async move {
            tokio::spawn(async move { store.users().insert_first(&account).await }).await.unwrap()
        }
    }))
    .await;
    let winners: Vec<_> =
        accounts.iter().zip(&outcomes).filter(|(_, it)| it.is_ok()).map(|(it, _)| it).collect();
    let [winner] = winners[..] else {
        panic!("{} winners: {outcomes:?}", winners.len());
    };
    for outcome in outcomes.iter().filter_map(|it| it.as_ref().err()) {
        assert!(matches!(outcome, Error::Conflict { what: "set-up", .. }), "{outcome:?}");
    }
    assert_eq!(store.users().list(None).await.unwrap(), (vec![winner.user.clone()], 1));
    let places = store.workspaces().list_for_user(&winner.user.id).await.unwrap();
    assert_eq!(places, [(winner.workspace.clone(), winner.membership.clone())]);
    assert_eq!(
        store.workspaces().list_all().await.unwrap(),
        std::slice::from_ref(&winner.workspace)
    );
    let organization = store.workspaces().get_organization(&winner.organization.id).await.unwrap();
    assert_eq!(organization, winner.organization);
}

pub(crate) async fn users_are_found_and_changed(place: Place) {
    let store = place.store;
    let (anna, mut bob) = (sample::account("anna@example.com"), sample::account("bob@example.com"));
    bob.user.password_hash = None;
    bob.membership.last_login = None;
    for account in [&bob, &anna] {
        store.users().insert(account).await.unwrap();
    }
    assert_eq!(store.users().get(&bob.user.id).await.unwrap(), bob.user);
    assert_eq!(
        store.users().find_by_email("anna@example.com").await.unwrap(),
        Some(anna.user.clone())
    );
    assert_eq!(store.users().find_by_email("nobody@example.com").await.unwrap(), None);
    assert_eq!(store.users().list(Page::new(2, 1)).await.unwrap(), (vec![bob.user.clone()], 2));
    let error = store.users().insert(&sample::account("anna@example.com")).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { what: "user", .. }), "{error:?}");

    let patch = UserPatch {
        password_hash: Some(some("new")),
        status: some("invited"),
        updated_date: Some(time(77)),
        ..UserPatch::default()
    };
    let changed = store.users().update(&bob.user.id, patch).await.unwrap();
    assert_eq!((changed.password_hash, changed.updated_date), (some("new"), time(77)));
    assert_eq!((changed.name.as_str(), changed.status.as_str()), ("Anna", "invited"));
    assert!(store.users().update("nowhere", UserPatch::default()).await.is_err());
    let takes_annas = UserPatch { email: some("anna@example.com"), ..UserPatch::default() };
    let error = store.users().update(&bob.user.id, takes_annas).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");

    // Bob joins Anna's organization with a second workspace.
    let second = Workspace { id: sample::id(), ..anna.workspace.clone() };
    store.workspaces().insert(&second).await.unwrap();
    let mut joining = bob.membership.clone();
    joining.workspace_id.clone_from(&second.id);
    joining.created_date = time(1_000);
    store.workspaces().insert_member(&joining).await.unwrap();
    let error = store.workspaces().insert_member(&joining).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "{error:?}");
    assert_eq!(
        store.workspaces().note_login(&second.id, &bob.user.id, time(2_000)).await.unwrap(),
        1
    );
    joining.last_login = Some(time(2_000));
    let places = store.workspaces().list_for_user(&bob.user.id).await.unwrap();
    assert_eq!(places, [(bob.workspace.clone(), bob.membership.clone()), (second, joining)]);

    let mut lost = sample::account("lost@example.com").workspace;
    lost.organization_id = "nowhere".to_owned();
    let error = store.workspaces().insert(&lost).await.unwrap_err();
    assert!(matches!(error, Error::Conflict { .. }), "it refers to nothing: {error:?}");

    assert_eq!(store.users().delete(&bob.user.id).await.unwrap(), 1);
    assert_eq!(store.workspaces().list_for_user(&bob.user.id).await.unwrap(), []);
    assert_eq!(store.workspaces().get(&bob.workspace.id).await.unwrap(), bob.workspace);
}

pub(crate) async fn a_refresh_token_is_exchanged_once(place: Place) {
    let store = place.store;
    let account = sample::account("anna@example.com");
    store.users().insert(&account).await.unwrap();
    let mut session = sample::session(&account);
    let sessions = store.sessions();
    sessions.insert(&session).await.unwrap();
    assert_eq!(sessions.find(&session.id).await.unwrap(), Some(session.clone()));
    assert_eq!(
        sessions.find_by_refresh_hash(&session.refresh_hash).await.unwrap(),
        Some(session.clone())
    );

    let exchanges = join_all((0..8).map(|number| {
        let (store, session) = (store.clone(), session.clone());
        async move {
            let new = format!("new {number}");
            let spawned = tokio::spawn(async move {
                store
                    .sessions()
                    .exchange(&session.id, &session.refresh_hash, &new, time(30), time(40))
                    .await
            });
            spawned.await.unwrap().unwrap()
        }
    }))
    .await;
    let winners: Vec<_> = (0..8).filter(|&it| exchanges[it]).collect();
    let [winner] = winners[..] else {
        panic!("{winners:?} exchanged the same token");
    };
    assert_eq!(sessions.find_by_refresh_hash(&session.refresh_hash).await.unwrap(), None);
    session.refresh_hash = format!("new {winner}");
    session.refreshed_date = time(30);
    session.expires_date = time(40);
    assert_eq!(sessions.list_for_user(&account.user.id).await.unwrap(), [session.clone()]);

    assert_eq!(sessions.delete_expired(time(40)).await.unwrap(), 0);
    assert_eq!(sessions.delete_expired(time(41)).await.unwrap(), 1);
    for _ in 0..2 {
        sessions.insert(&sample::session(&account)).await.unwrap();
    }
    let one = sessions.list_for_user(&account.user.id).await.unwrap().remove(0);
    assert_eq!(sessions.delete(&one.id).await.unwrap(), 1);
    assert_eq!(sessions.delete_for_user(&account.user.id).await.unwrap(), 1);

    sessions.insert(&session).await.unwrap();
    store.users().delete(&account.user.id).await.unwrap();
    assert_eq!(sessions.find(&session.id).await.unwrap(), None);
}

pub(crate) async fn a_reset_is_redeemed_once_and_ends_all_sessions(place: Place) {
    let store = place.store;
    let (anna, bob) = (sample::account("anna@example.com"), sample::account("bob@example.com"));
    for account in [&anna, &bob] {
        store.users().insert(account).await.unwrap();
        store.sessions().insert(&sample::session(account)).await.unwrap();
    }
    let resets = store.password_resets();
    let reset = |hash: &str, account: &flowstone_store::Account| PasswordReset {
        user_id: account.user.id.clone(),
        token_hash: hash.to_owned(),
        created_date: time(10),
        expires_date: time(20),
    };
    resets.put(&reset("first", &anna)).await.unwrap();
    resets.put(&reset("second", &anna)).await.unwrap();
    resets.put(&reset("other", &bob)).await.unwrap();
    assert_eq!(resets.find_by_hash("first").await.unwrap(), None, "the newest counts");
    assert_eq!(resets.find_by_hash("second").await.unwrap(), Some(reset("second", &anna)));

    for (hash, now) in [("second", 20), ("first", 11), ("", 11)] {
        assert_eq!(resets.redeem(hash, "stolen", time(now)).await.unwrap(), None);
    }
    let tries = join_all((0..4).map(|number| {
        let store = store.clone();
        async move {
            let hash = format!("new {number}");
            let spawned = tokio::spawn(async move {
                store.password_resets().redeem("second", &hash, time(19)).await
            });
            spawned.await.unwrap().unwrap()
        }
    }));
    let won: Vec<_> = tries.await.into_iter().flatten().collect();
    let [user] = &won[..] else { panic!("{won:?} used the same token") };
    assert_eq!(store.users().get(&anna.user.id).await.unwrap(), *user);
    assert_ne!(user.password_hash, anna.user.password_hash);
    assert_eq!(store.sessions().list_for_user(&anna.user.id).await.unwrap(), []);
    assert_eq!(store.sessions().list_for_user(&bob.user.id).await.unwrap().len(), 1);

    // A new address or password takes what was on its way with it.
    let patch = UserPatch { email: some("robert@example.com"), ..UserPatch::default() };
    let changed = store.users().update_and_sign_out(&bob.user.id, patch).await.unwrap();
    assert_eq!(changed.email, "robert@example.com");
    assert_eq!(resets.find_by_hash("other").await.unwrap(), None);
    assert_eq!(store.sessions().list_for_user(&bob.user.id).await.unwrap(), []);

    resets.put(&reset("late", &bob)).await.unwrap();
    assert_eq!(resets.delete_expired(time(20)).await.unwrap(), 0);
    assert_eq!(resets.delete_expired(time(21)).await.unwrap(), 1);
}

pub(crate) async fn settings_are_kept_and_the_first_writer_wins(place: Place) {
    let store = place.store;
    let settings = store.settings();
    assert_eq!(settings.get("theme").await.unwrap(), None);
    for value in ["dark", "light", "light"] {
        settings.put("theme", value).await.unwrap();
        assert_eq!(settings.get("theme").await.unwrap().as_deref(), Some(value));
    }
    let answers = join_all((0..8).map(|number| {
        let store = store.clone();
        async move {
            let spawned = tokio::spawn(async move {
                store.settings().get_or_put("id", &number.to_string()).await
            });
            spawned.await.unwrap().unwrap()
        }
    }))
    .await;
    let kept = settings.get("id").await.unwrap().unwrap();
    assert!(answers.iter().all(|it| *it == kept), "{kept} was kept, but {answers:?} were told");
}
