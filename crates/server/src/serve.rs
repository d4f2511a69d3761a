//! Putting the service together and running it.

use std::{net::SocketAddr, time::Duration};

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::get, serve::ListenerExt};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;

use crate::{
    AppState,
    access::{self, Gate},
    document_store, layers, prediction, routes, ui,
};

/// How long requests that run when the server is told to stop may take to end.
const DRAIN: Duration = Duration::from_secs(30);
/// How long runs that are cut then may take to keep what they said.
const KEEP: Duration = Duration::from_secs(5);

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
        .layer(middleware::from_fn_with_state(state.clone(), layers::cors))
        .layer(middleware::from_fn_with_state(state.clone(), layers::walls))
        .layer(middleware::from_fn(layers::observe))
        .with_state(state)
}

/// Answers on `listener` until `shutdown` is done, then lets running requests end.
///
/// # Errors
/// Where the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    state: AppState,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    match document_store::recover(&state).await {
        Ok(0) => {}
        Ok(left) => {
            tracing::warn!(left, "document stores were left unfinished by the last process")
        }
        Err(problem) => tracing::error!(
            problem = problem.message(),
            "document stores that were left unfinished could not be marked"
        ),
    }
    let stopping = CancellationToken::new();
    let told = stopping.clone();
    let shutdown = async move {
        shutdown.await;
        told.cancel();
    };
    // Small pieces of a stream must not wait for more of them.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection could not be set to send at once");
        }
    });
    let (stops, tasks) = (state.stops.clone(), state.tasks.clone());
    let (leaving, store, owner) = (state.leaving.clone(), state.store.clone(), state.owner.clone());
    tasks.spawn(prediction::take_over(state.clone()));
    let service = router(state).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(shutdown);
    let overdue = async move {
        stopping.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    let outcome = tokio::select! {
        result = server => result,
        () = overdue => {
            tracing::warn!("some requests did not end in {} seconds: they are cut", DRAIN.as_secs());
            Ok(())
        }
    };
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
    outcome
}
