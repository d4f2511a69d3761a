//! Putting the service together and running it.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use axum::{
    Router,
    extract::{ConnectInfo, DefaultBodyLimit, Request},
    middleware,
    routing::get,
};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::MissedTickBehavior,
};
use tower::{ServiceExt as _, service_fn};
use tower_http::compression::CompressionLayer;

use crate::{
    AppState,
    access::{self, Gate},
    document_store, layers, prediction, routes, schedule, ui, unread,
};

/// How long requests that run when the server is told to stop may take to end.
const DRAIN: Duration = Duration::from_secs(30);
/// How long runs that are cut then may take to keep what they said.
const KEEP: Duration = Duration::from_secs(5);
/// How often the database's log is folded.
const FOLD: Duration = Duration::from_secs(1);
/// Pause where no connection can be taken, as when all files of the process are open.
const BREATH: Duration = Duration::from_secs(1);

/// The whole service. Layers are listed from the inside out.
pub fn router(state: AppState) -> Router {
    let (router, rows) = routes::all().into_parts();
    let gate = Gate::new(state.clone(), rows);
    router
        .route("/api-docs", get(routes::api_docs_page))
        .fallback(ui::fallback)
        .method_not_allowed_fallback(ui::wrong_method)
        .layer(middleware::from_fn_with_state(state.clone(), layers::limit))
        .layer(middleware::from_fn_with_state(gate, access::enforce))
        .layer(DefaultBodyLimit::max(state.settings.body_limit))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(state.clone(), layers::keep_coming))
        .layer(middleware::from_fn_with_state(state.clone(), layers::cors))
        .layer(middleware::from_fn_with_state(state.clone(), layers::walls))
        .layer(middleware::from_fn(layers::observe))
        .with_state(state)
}

/// Answers on `listener` until `shutdown` is done, then lets running requests end.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    match document_store::recover(&state).await {
        Ok(0) => {}
        Ok(left) => {
            tracing::warn!(left, "document stores were left unfinished by the last process");
        }
        Err(problem) => tracing::error!(
            problem = problem.message(),
            "document stores that were left unfinished could not be marked"
        ),
    }
    let (stops, tasks) = (state.stops.clone(), state.tasks.clone());
    let (leaving, store, owner) = (state.leaving.clone(), state.store.clone(), state.owner.clone());
    tasks.spawn(prediction::take_over(state.clone()));
    tasks.spawn(schedule::beat(state.clone()));
    tasks.spawn(fold_log(state.clone()));
    let patience = state.settings.request_patience;
    let router = router(state);
    let running = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            Some(_) = connections.join_next() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                let connection = connection(stream, address, router.clone(), patience);
                let connection = running.watch(connection);
                connections.spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::trace!(%error, "a connection ended");
                    }
                });
            }
            Err(error) => rest_after(&error).await,
        }
    }
    drop(listener);
    tokio::select! {
        () = running.shutdown() => {}
        () = tokio::time::sleep(DRAIN) => {
            tracing::warn!("some requests did not end in {} seconds: they are cut", DRAIN.as_secs());
        }
    }
    // Runs of agentflows stop between two turns or in the middle of one, and go on elsewhere.
    leaving.cancel();
    // A run that is cut keeps what it said; that takes one write to the database.
    stops.stop_all();
    tasks.close();
    if tokio::time::timeout(KEEP, tasks.wait()).await.is_err() {
        tracing::warn!("some answers could not be kept in {} seconds", KEEP.as_secs());
    }
    if let Err(error) = store.executions().release(&owner).await {
        tracing::warn!(%error, "runs under way could not be given up: they go on when their time is over");
    }
}

/// Keeps the database's log short until the server stops.
async fn fold_log(state: AppState) {
    let mut rounds = tokio::time::interval(FOLD);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = state.leaving.cancelled() => return,
            _ = rounds.tick() => {}
        }
        if let Err(error) = state.store.fold_log().await {
            tracing::warn!(%error, "the database's log could not be folded; the next write does it");
        }
    }
}

/// One connection, answered until its client hangs up or is too slow to send a request's head; the
/// pause between two requests counts too.
fn connection(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    patience: Duration,
) -> impl GracefulConnection<Error = hyper::Error> + Send {
    // Small pieces of a stream must not wait for more of them.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection could not be set to send at once");
    }
    let service = service_fn(move |request: Request<Incoming>| {
        let (mut request, unread) = unread::lend(request);
        request.extensions_mut().insert(ConnectInfo(address));
        let answer = router.clone().oneshot(request);
        async move {
            let mut response = answer.await?;
            if let Some(unread) = unread {
                unread.settle(&mut response).await;
            }
            Ok::<_, Infallible>(response)
        }
    });
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
}

/// A client that hung up before it was taken is nothing; where the system has no room for another
/// connection, trying again at once would only keep it busy.
async fn rest_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        return;
    }
    tracing::error!(%error, "no connection can be taken");
    tokio::time::sleep(BREATH).await;
}
