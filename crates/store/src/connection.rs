//! Connections whose statements run to their end, whatever becomes of the caller.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, Statement, TransactionOptions, TransactionTrait,
};
use tracing::Instrument;

/// A pool of connections.
pub(crate) type Connection = Uninterrupted<DatabaseConnection>;

/// A transaction; dropped before its commit, it leaves nothing behind.
pub(crate) type Transaction = Uninterrupted<DatabaseTransaction>;

/// Runs each statement to its end.
///
/// A caller can vanish at any time, as a client that hangs up takes its request along. Drivers do
/// not take that well: the connection is left with half an answer in it. MySQL's then waits for
/// the other half for ever when it goes back to its pool, which has one connection less from then
/// on. So each statement gets a task of its own: a caller vanishes between two statements only, and a
/// transaction that it was in is rolled back. SQLite needs no such task: the driver has a thread for
/// each connection, which ends what it began and rolls back what nobody waits for any more, and the
/// way through a task cost as much as the statement.
#[derive(Debug)]
pub(crate) struct Uninterrupted<C>(Arc<C>);

impl<C> Uninterrupted<C> {
    pub(crate) fn new(inner: C) -> Self {
        Self(Arc::new(inner))
    }

    /// For what asks for exactly this type; its statements can be interrupted.
    pub(crate) fn inner(&self) -> &C {
        &self.0
    }
}

impl<C> Clone for Uninterrupted<C> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl Connection {
    pub(crate) async fn begin(&self, options: TransactionOptions) -> Result<Transaction, DbErr> {
        let connection = self.clone();
        to_its_end(self.get_database_backend(), async move {
            connection.0.begin_with_options(options).await.map(Uninterrupted::new)
        })
        .await
    }

    pub(crate) async fn ping(&self) -> Result<(), DbErr> {
        let connection = self.clone();
        to_its_end(self.get_database_backend(), async move { connection.0.ping().await }).await
    }
}

impl Transaction {
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        let backend = self.get_database_backend();
        // Each statement has given its share back when its caller goes on.
        let transaction = Arc::into_inner(self.0)
            .ok_or_else(|| DbErr::Custom("a statement is still running".to_owned()))?;
        to_its_end(backend, transaction.commit()).await
    }
}

#[async_trait::async_trait]
impl<C: ConnectionTrait + Send + Sync + 'static> ConnectionTrait for Uninterrupted<C> {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let connection = self.clone();
        let work = async move { connection.0.execute_raw(statement).await };
        to_its_end(self.get_database_backend(), work).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let (connection, sql) = (self.clone(), sql.to_owned());
        let work = async move { connection.0.execute_unprepared(&sql).await };
        to_its_end(self.get_database_backend(), work).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let connection = self.clone();
        let work = async move { connection.0.query_one_raw(statement).await };
        to_its_end(self.get_database_backend(), work).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let connection = self.clone();
        let work = async move { connection.0.query_all_raw(statement).await };
        to_its_end(self.get_database_backend(), work).await
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a statement must outlive its caller; the database and the pool's patience bound it"
)]
async fn to_its_end<T: Send + 'static>(
    backend: DbBackend,
    work: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    if backend == DbBackend::Sqlite {
        return work.await;
    }
    match tokio::spawn(work.in_current_span()).await {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(DbErr::Conn(RuntimeErr::Internal(error.to_string()))),
        },
    }
}
