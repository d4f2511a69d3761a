//! The store's contract, written once and kept by every database.
//!
//! Each case gets a database of its own. SQLite is always there; PostgreSQL and MariaDB are real
//! servers that the test starts itself.

#![cfg(test)]
#![expect(
    clippy::disallowed_methods,
    reason = "the tests start database servers, look for them in the PATH, and join all tasks"
)]

mod accounts;
mod chats;
mod concurrency;
mod document_stores;
mod drafts;
mod executions;
mod flows;
mod process;
mod runs;
mod sample;
mod schedules;
mod scope;
mod servers;
mod texts;
mod transactions;
mod workspace_rows;

use std::{panic::AssertUnwindSafe, time::Instant};

use flowstone_store::{DatabaseSettings, Error, Outage, ServerAddress, ServerSettings, Store};
use futures::{
    FutureExt,
    future::{BoxFuture, join_all},
};

/// A fresh database for one case.
#[derive(Clone)]
pub(crate) struct Place {
    /// Open already.
    pub(crate) store: Store,
    /// For a case that opens it once more.
    pub(crate) settings: DatabaseSettings,
}

type Case = (&'static str, fn(Place) -> BoxFuture<'static, ()>);

macro_rules! cases {
    ($($module:ident::$case:ident),* $(,)?) => {
        &[$((concat!(stringify!($module), "_", stringify!($case)), |place| $module::$case(place).boxed())),*]
    };
}

/// What holds on every database.
const CASES: &[Case] = cases![
    scope::another_workspace_sees_and_changes_nothing,
    scope::a_row_cannot_be_smuggled_into_another_workspace,
    scope::the_loud_calls_find_rows_of_any_workspace,
    flows::every_column_comes_back,
    flows::an_update_raises_the_revision_and_leaves_the_rest,
    flows::flows_that_mention_a_thing_get_a_new_revision,
    flows::a_taken_id_is_a_conflict_and_changes_nothing,
    flows::lists_page_and_filter,
    flows::deleting_a_flow_takes_all_that_hangs_on_it,
    flows::everything_else_comes_back_changes_and_goes,
    flows::a_list_is_searched_sorted_and_cut_by_category,
    drafts::a_stale_author_changes_nothing,
    drafts::a_published_draft_is_live_and_numbered,
    drafts::a_flow_without_nodes_is_no_version_before_its_first,
    drafts::what_was_live_is_numbered_and_only_so_much_is_kept,
    drafts::drafts_are_built_anew_when_what_they_name_changes,
    runs::runs_come_back_newest_first_and_every_filter_cuts,
    runs::a_run_of_a_flow_that_is_gone_costs_no_other,
    runs::what_is_old_or_too_much_is_forgotten,
    schedules::a_schedule_follows_its_flow,
    schedules::a_due_time_is_fired_once,
    schedules::the_log_is_paged_finished_and_deleted,
    executions::an_end_is_kept_whole_or_not_at_all,
    executions::where_a_run_stood_stays_as_it_was_kept_first,
    executions::several_turns_are_kept_by_one_write,
    executions::spending_is_summed_up_by_flow_and_by_key,
    executions::of_two_answers_one_is_taken_and_keeps_where_to_go_on,
    executions::a_run_is_taken_over_when_nobody_holds_it,
    executions::events_come_back_behind_the_named_one,
    executions::a_turn_of_ten_megabytes_is_kept,
    chats::a_pair_is_written_together_and_read_in_order,
    chats::every_filter_cuts_and_they_add_up,
    chats::conversations_of_all_flows_are_paged_and_every_filter_cuts,
    chats::sessions_are_paged_by_their_last_message,
    chats::history_is_the_end_of_the_session_in_order,
    chats::feedback_belongs_to_a_message,
    chats::statistics_count_what_the_filter_lets_through,
    chats::deleting_follows_the_filter_and_takes_the_feedback,
    chats::a_long_chat_is_read_page_by_page,
    chats::a_conversation_stands_where_it_was_kept_last,
    accounts::the_first_account_is_made_once,
    accounts::users_are_found_and_changed,
    accounts::a_refresh_token_is_exchanged_once,
    accounts::a_reset_is_redeemed_once_and_ends_all_sessions,
    accounts::settings_are_kept_and_the_first_writer_wins,
    workspace_rows::saved_things_stay_in_their_workspace,
    workspace_rows::a_transfer_is_all_or_nothing,
    document_stores::a_store_and_its_chunks_change_together,
    document_stores::what_is_being_done_is_found_and_history_kept,
    document_stores::stores_move_in_with_their_chunks,
    texts::any_text_comes_back_as_it_was,
    texts::hostile_text_stays_data,
    texts::texts_are_compared_to_the_byte,
    texts::a_flow_of_five_megabytes_is_kept,
    texts::text_that_no_database_can_keep_is_an_error,
    concurrency::many_writers_lose_nothing,
    concurrency::many_updates_of_one_flow_all_count,
    transactions::a_call_cut_short_does_everything_or_nothing,
    transactions::one_bad_row_takes_the_others_with_it,
];

/// What holds on every database that outlives its connections.
const LASTING_CASES: &[Case] = cases![
    transactions::migrating_again_changes_nothing,
    concurrency::two_servers_on_one_database_do_not_collide,
];

/// Runs all cases, each in the database that `settings` names for it; tells all that failed.
async fn run<F>(cases: &[Case], settings: impl Fn(&'static str) -> F)
where
    F: Future<Output = DatabaseSettings>,
{
    let mut failed = Vec::new();
    for (name, case) in cases {
        let started = Instant::now();
        let settings = settings(name).await;
        let store = Store::connect(&settings).await.unwrap();
        let place = Place { store: store.clone(), settings };
        if AssertUnwindSafe(case(place)).catch_unwind().await.is_err() {
            failed.push(*name);
        }
        store.close().await.unwrap();
        eprintln!("{name}: {:.1?}", started.elapsed());
    }
    assert!(failed.is_empty(), "{} of {} cases failed: {failed:#?}", failed.len(), cases.len());
}

fn all_cases() -> Vec<Case> {
    [CASES, LASTING_CASES].concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_in_memory() {
    run(CASES, |_| async { DatabaseSettings::SqliteMemory }).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_file() {
    let folder = tempfile::tempdir().unwrap();
    run(&all_cases(), |name| {
        let path = folder.path().join(name).join("flowstone.sqlite");
        async { DatabaseSettings::Sqlite { path } }
    })
    .await;
    servers_may_start_together(&DatabaseSettings::Sqlite {
        path: folder.path().join("together.sqlite"),
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres() {
    let mut server = servers::Postgres::start();
    run(&all_cases(), |name| server.database(name)).await;
    servers_may_start_together(&server.database("together").await).await;
    let settings = server.database("stopped").await;
    a_server_that_stops_is_told_as_such(&settings, || server.stop()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mariadb() {
    let mut server = servers::MariaDb::start();
    run(&all_cases(), |name| server.database(name)).await;
    servers_may_start_together(&server.database("together").await).await;
    let settings = server.database("stopped").await;
    a_server_that_stops_is_told_as_such(&settings, || server.stop()).await;
}

/// On an empty database: one of them makes the tables, the others wait for it.
async fn servers_may_start_together(settings: &DatabaseSettings) {
    let starts = (0..4).map(|_| {
        let settings = settings.clone();
        tokio::spawn(async move { Store::connect(&settings).await })
    });
    for start in join_all(starts).await {
        let store = start.unwrap().unwrap();
        assert_eq!(store.users().count().await.unwrap(), 0);
        store.close().await.unwrap();
    }
}

async fn a_server_that_stops_is_told_as_such(settings: &DatabaseSettings, stop: impl FnOnce()) {
    let store = Store::connect(settings).await.unwrap();
    stop();
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { reason: Outage::Unreachable, .. }), "{error:?}");
    let error = Store::connect(settings).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { reason: Outage::Unreachable, .. }), "{error:?}");
    assert!(error.to_string().contains("cannot be reached"), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once_and_without_its_password() {
    for (scheme, wrap) in [
        ("postgres", DatabaseSettings::Postgres as fn(_) -> _),
        ("mysql", DatabaseSettings::MySql as fn(_) -> _),
    ] {
        // Port 1 is reserved, and nothing listens there.
        let url = format!("{scheme}://flowstone:swordfish@127.0.0.1:1/flowstone");
        let settings = wrap(ServerSettings::new(ServerAddress::Url(url.into())));
        let error = Store::connect(&settings).await.unwrap_err();
        assert!(
            matches!(error, Error::Unavailable { reason: Outage::Unreachable, .. }),
            "{error:?}"
        );
        assert!(!format!("{error} {error:?} {settings:?}").contains("swordfish"));

        let settings = wrap(ServerSettings::new(ServerAddress::Url("swordfish".to_owned().into())));
        let error = Store::connect(&settings).await.unwrap_err();
        assert!(error.to_string().contains(&format!("{scheme}://user:password@host")), "{error}");
        assert!(!format!("{error} {error:?}").contains("swordfish"));
    }
}

#[tokio::test]
async fn a_sqlite_file_that_cannot_be_is_told_as_such() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "in the way").unwrap();
    let settings = DatabaseSettings::Sqlite { path: folder.path().join("file/flowstone.sqlite") };
    let error = Store::connect(&settings).await.unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");

    let settings = DatabaseSettings::Sqlite { path: folder.path().join("file") };
    let error = Store::connect(&settings).await.unwrap_err();
    assert!(matches!(error, Error::Internal(_)), "a file that is no database: {error:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_sqlite_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("flowstone.sqlite");
    let store = Store::connect(&DatabaseSettings::Sqlite { path: path.clone() }).await.unwrap();
    store.settings().put("key", "value").await.unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?} has mode {mode:o}", file.file_name());
    }
}
