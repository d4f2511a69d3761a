//! Opening the database.

use std::{
    path::Path,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, SqliteTransactionMode, SqlxMySqlConnector,
    SqlxPostgresConnector, SqlxSqliteConnector, TransactionOptions,
    sqlx::{
        self, ConnectOptions, Connection as _,
        mysql::{MySqlConnectOptions, MySqlPoolOptions, MySqlSslMode},
        postgres::{PgConnectOptions, PgPoolOptions, PgSslMode},
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use secrecy::ExposeSecret;

use crate::{
    ApiKeys, Assistants, ChatFlows, Credentials, CustomMcpServers, CustomTemplates,
    DatabaseSettings, DocumentStores, Error, Executions, FeedbackRepository, FlowCheckpoints,
    FlowDrafts, FlowRuns, FlowVersions, Leads, Messages, Outage, PasswordResets, Result, Schedules,
    ServerAddress, ServerSettings, Sessions, Settings, Spenders, TlsMode, Tools, Transfers,
    UpsertHistoryRepository, Users, Variables, Workspaces,
    connection::{Connection, Transaction},
    migrations,
};

/// How long a call waits for a connection, and SQLite for another process, before it gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// Connections that read a SQLite file beside the one that writes it.
const SQLITE_READERS: u32 = 4;

/// How often a server that starts together with others on a new file comes again, and when.
const SQLITE_TRIES: u32 = 50;
const SQLITE_PAUSE: Duration = Duration::from_millis(50);

/// An open database. Cloning it is cheap, and all clones share its connections.
#[derive(Clone, Debug)]
pub struct Store(Arc<Connections>);

#[derive(Debug)]
struct Connections {
    reader: Connection,
    /// The same pool as `reader` on a server. On SQLite a pool of one connection: writers queue up
    /// for it here, in order, instead of colliding in the file and seeing `SQLITE_BUSY`.
    writer: Connection,
    /// Folds the log of a SQLite file into it, beside the writer.
    folder: Option<Connection>,
    /// Whether something may have been written since the log was last folded.
    is_written: AtomicBool,
}

impl Store {
    /// Opens the database and brings its tables up to date.
    pub async fn connect(settings: &DatabaseSettings) -> Result<Self> {
        let connections = match settings {
            DatabaseSettings::Sqlite { path } => sqlite(path).await?,
            DatabaseSettings::SqliteMemory => sqlite_memory().await?,
            DatabaseSettings::Postgres(settings) => {
                Connections::one_pool(postgres(settings).await?)
            }
            DatabaseSettings::MySql(settings) => Connections::one_pool(mysql(settings).await?),
        };
        let store = Self(Arc::new(connections));
        migrations::run(&store).await?;
        Ok(store)
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<()> {
        self.reader().ping().await.map_err(|error| Error::database("database", error))
    }

    /// Waits for running calls and closes all connections, of all clones.
    pub async fn close(&self) -> Result<()> {
        // The writer last: it is the one that folds SQLite's log back into the file.
        let folder = self.0.folder.as_ref();
        for connection in folder.into_iter().chain([self.reader(), self.writer()]) {
            connection
                .inner()
                .close_by_ref()
                .await
                .map_err(|error| Error::database("database", error))?;
        }
        Ok(())
    }

    /// Folds SQLite's log into the file, where something was written since the last time. Called every
    /// second or so, it keeps the writer from having to: whoever's commit fills the log waits for the
    /// disk. Nothing to do on other databases.
    pub async fn fold_log(&self) -> Result<()> {
        let Some(folder) = &self.0.folder else { return Ok(()) };
        if !self.0.is_written.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        // Passive: it waits for nobody and nobody waits for it; what is in use stays for the next time.
        let outcome = folder.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)").await;
        outcome.map(drop).map_err(|error| Error::database("database", error))
    }

    /// Flows.
    pub fn chatflows(&self) -> ChatFlows<'_> {
        ChatFlows(self)
    }

    /// What is being worked on in flows and is not live yet.
    pub fn drafts(&self) -> FlowDrafts<'_> {
        FlowDrafts(self)
    }

    /// What was live in flows.
    pub fn versions(&self) -> FlowVersions<'_> {
        FlowVersions(self)
    }

    /// How conversations of the first agentflows stand.
    pub fn flow_checkpoints(&self) -> FlowCheckpoints<'_> {
        FlowCheckpoints(self)
    }

    /// What flows did, call by call.
    pub fn runs(&self) -> FlowRuns<'_> {
        FlowRuns(self)
    }

    /// What was said in chats.
    pub fn messages(&self) -> Messages<'_> {
        Messages(self)
    }

    /// What people thought of answers.
    pub fn feedback(&self) -> FeedbackRepository<'_> {
        FeedbackRepository(self)
    }

    /// People who left their address in a chat.
    pub fn leads(&self) -> Leads<'_> {
        Leads(self)
    }

    /// What flows wrote to vector stores.
    pub fn upsert_history(&self) -> UpsertHistoryRepository<'_> {
        UpsertHistoryRepository(self)
    }

    /// Credentials.
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials(self)
    }

    /// API keys.
    pub fn api_keys(&self) -> ApiKeys<'_> {
        ApiKeys(self)
    }

    /// Custom tools.
    pub fn tools(&self) -> Tools<'_> {
        Tools(self)
    }

    /// Assistants.
    pub fn assistants(&self) -> Assistants<'_> {
        Assistants(self)
    }

    /// Document stores, with their chunks and what they wrote to vector stores.
    pub fn document_stores(&self) -> DocumentStores<'_> {
        DocumentStores(self)
    }

    /// Templates that users saved.
    pub fn templates(&self) -> CustomTemplates<'_> {
        CustomTemplates(self)
    }

    /// MCP servers.
    pub fn mcp_servers(&self) -> CustomMcpServers<'_> {
        CustomMcpServers(self)
    }

    /// Runs of agentflows.
    pub fn executions(&self) -> Executions<'_> {
        Executions(self)
    }

    /// What flows and keys have spent.
    pub fn spending(&self) -> Spenders<'_> {
        Spenders(self)
    }

    /// Moving many rows in at once.
    pub fn transfers(&self) -> Transfers<'_> {
        Transfers(self)
    }

    /// Variables.
    pub fn variables(&self) -> Variables<'_> {
        Variables(self)
    }

    /// Users.
    pub fn users(&self) -> Users<'_> {
        Users(self)
    }

    /// Workspaces, organizations and memberships.
    pub fn workspaces(&self) -> Workspaces<'_> {
        Workspaces(self)
    }

    /// When flows run by themselves, and when they did.
    pub fn schedules(&self) -> Schedules<'_> {
        Schedules(self)
    }

    /// Sign-ins.
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }

    /// Passwords that may be set anew.
    pub fn password_resets(&self) -> PasswordResets<'_> {
        PasswordResets(self)
    }

    /// Facts about this installation.
    pub fn settings(&self) -> Settings<'_> {
        Settings(self)
    }

    /// Where to read.
    pub(crate) fn reader(&self) -> &Connection {
        &self.0.reader
    }

    /// Where to write a single statement.
    pub(crate) fn writer(&self) -> &Connection {
        self.0.is_written.store(true, Ordering::Relaxed);
        &self.0.writer
    }

    /// Begins to write several statements, all or nothing. Dropped before its commit, it leaves
    /// nothing behind. Until then ask it, never [`Store::reader`], which may share its connection.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        // Immediate: SQLite takes its lock now and waits for other processes (the command line
        // beside the server), instead of failing in the middle.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.writer().begin(options).await.map_err(|error| Error::database("transaction", error))
    }
}

impl Connections {
    fn one_pool(pool: DatabaseConnection) -> Self {
        let pool = Connection::new(pool);
        Self {
            reader: pool.clone(),
            writer: pool,
            folder: None,
            is_written: AtomicBool::new(false),
        }
    }
}

async fn sqlite(path: &Path) -> Result<Connections> {
    prepare_file(path).map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                Outage::ReadOnly
            }
            std::io::ErrorKind::StorageFull => Outage::DiskFull,
            _ => Outage::Unreachable,
        };
        Error::unavailable(reason, error)
    })?;
    let options = sqlite_options()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // The log is folded into the file beside the writer; see `fold_log`. Where that falls behind,
        // the commit that brings the log to 128 MB does it, and waits for the disk.
        .pragma("wal_autocheckpoint", "32000")
        .pragma("journal_size_limit", "67108864");
    // The writer first: it makes the file and switches it to its journal mode.
    let writer = sqlite_first_writer(&options).await?;
    let folder = sqlite_pool(1).connect_with(options.clone()).await?;
    let reader =
        sqlite_pool(SQLITE_READERS).connect_with(options.pragma("query_only", "on")).await?;
    let connection = |pool| Connection::new(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool));
    Ok(Connections {
        reader: connection(reader),
        writer: connection(writer),
        folder: Some(connection(folder)),
        is_written: AtomicBool::new(true),
    })
}

/// One connection for everything: each further one would be a further, empty database.
async fn sqlite_memory() -> Result<Connections> {
    let pool = sqlite_pool(1).connect_with(sqlite_options().in_memory(true)).await?;
    Ok(Connections::one_pool(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool)))
}

fn sqlite_options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .busy_timeout(PATIENCE)
        // With a write-ahead log a power cut may cost the last commits, but never the file.
        .synchronous(SqliteSynchronous::Normal)
}

/// A pool that never gives a connection up: they cost next to nothing, and the one of a database
/// in memory is the database.
fn sqlite_pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
}

/// Opens the writer. SQLite does not wait where several servers switch a new file to its journal
/// mode at the same moment: all but one are turned away at once and come again.
async fn sqlite_first_writer(options: &SqliteConnectOptions) -> Result<sqlx::Pool<sqlx::Sqlite>> {
    let mut tries = 0;
    loop {
        let error: Error = match sqlite_writer().connect_with(options.clone()).await {
            Ok(writer) => return Ok(writer),
            Err(error) => error.into(),
        };
        let busy = matches!(error, Error::Unavailable { reason: Outage::Busy, .. });
        if !busy || tries == SQLITE_TRIES {
            return Err(error);
        }
        tries += 1;
        tokio::time::sleep(SQLITE_PAUSE).await;
    }
}

/// The pool of the one connection that writes a file.
///
/// SQLite itself ends a transaction that finds the disk full, and the driver, whose own end of it
/// then fails, goes on counting it as open. Every later transaction would be taken for a part of
/// it and never be committed. Such a connection is closed, and the next writer gets a fresh one.
fn sqlite_writer() -> SqlitePoolOptions {
    sqlite_pool(1).after_release(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                // Answered once a rollback that was begun by a drop is through.
                connection.ping().await?;
            }
            Ok(!connection.is_in_transaction())
        })
    })
}

/// Makes the folder and the file, for nobody but us: it holds hashes and sealed credentials.
/// SQLite gives its log the same rights.
fn prepare_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

async fn postgres(settings: &ServerSettings) -> Result<DatabaseConnection> {
    let mut options = match &settings.address {
        ServerAddress::Url(url) => PgConnectOptions::from_str(url.expose_secret())
            .map_err(|_| bad_address("postgres", 5432))?,
        ServerAddress::Parts { host, port, user, password, database } => {
            let options = PgConnectOptions::new_without_pgpass()
                .host(host)
                .port(port.unwrap_or(5432))
                .username(user)
                .database(database);
            match password {
                Some(password) => options.password(password.expose_secret()),
                None => options,
            }
        }
    };
    if let Some(tls) = settings.tls {
        options = options.ssl_mode(match tls {
            TlsMode::Off => PgSslMode::Disable,
            TlsMode::Preferred => PgSslMode::Prefer,
            TlsMode::Required => PgSslMode::Require,
            TlsMode::Verified => PgSslMode::VerifyFull,
        });
    }
    if let Some(certificate) = &settings.root_certificate {
        options = options.ssl_root_cert_from_pem(certificate.clone().into_bytes());
    }
    let options = options.application_name("flowstone");
    // A pool hides why it cannot connect, and tries on until its patience ends; this tells at once.
    options.connect().await?.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await?;
    Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
}

async fn mysql(settings: &ServerSettings) -> Result<DatabaseConnection> {
    let mut options = match &settings.address {
        ServerAddress::Url(url) => MySqlConnectOptions::from_str(url.expose_secret())
            .map_err(|_| bad_address("mysql", 3306))?,
        ServerAddress::Parts { host, port, user, password, database } => {
            let options = MySqlConnectOptions::new().username(user).database(database);
            let options = if host.starts_with('/') {
                options.socket(host)
            } else {
                options.host(host).port(port.unwrap_or(3306))
            };
            match password {
                Some(password) => options.password(password.expose_secret()),
                None => options,
            }
        }
    };
    if let Some(tls) = settings.tls {
        options = options.ssl_mode(match tls {
            TlsMode::Off => MySqlSslMode::Disabled,
            TlsMode::Preferred => MySqlSslMode::Preferred,
            TlsMode::Required => MySqlSslMode::Required,
            TlsMode::Verified => MySqlSslMode::VerifyIdentity,
        });
    }
    if let Some(certificate) = &settings.root_certificate {
        options = options.ssl_ca_from_pem(certificate.clone().into_bytes());
    }
    options.connect().await?.close().await?;
    let pool = MySqlPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(PATIENCE)
        .connect_with(options)
        .await?;
    Ok(SqlxMySqlConnector::from_sqlx_mysql_pool(pool))
}

/// Says what an address looks like, and nothing of the one that was given: it holds a password.
fn bad_address(scheme: &str, port: u16) -> Error {
    Error::invalid(
        "database address",
        format!(
            "it cannot be read; it should look like {scheme}://user:password@host:{port}/database"
        ),
    )
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;

    async fn with_pragma(pragma: &str) -> Error {
        let store = Store::connect(&DatabaseSettings::SqliteMemory).await.unwrap();
        store.writer().execute_unprepared(pragma).await.unwrap();
        let large = "x".repeat(1 << 20);
        store.settings().put("large", &large).await.unwrap_err()
    }

    #[tokio::test]
    async fn a_full_disk_is_told_as_such() {
        let error = with_pragma("PRAGMA max_page_count = 1").await;
        assert!(matches!(error, Error::Unavailable { reason: Outage::DiskFull, .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_database_that_cannot_be_written_is_told_as_such() {
        let error = with_pragma("PRAGMA query_only = on").await;
        assert!(matches!(error, Error::Unavailable { reason: Outage::ReadOnly, .. }), "{error:?}");
    }

    #[tokio::test]
    async fn a_transaction_that_is_dropped_leaves_nothing() {
        let store = Store::connect(&DatabaseSettings::SqliteMemory).await.unwrap();
        let transaction = store.begin().await.unwrap();
        let row =
            crate::entities::setting::Model { key: "half".to_owned(), value: "way".to_owned() };
        crate::query::insert::<crate::entities::setting::Entity>(&transaction, "setting", row)
            .await
            .unwrap();
        drop(transaction);
        assert_eq!(store.settings().get("half").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_log_that_was_folded_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it.sqlite");
        let store = Store::connect(&DatabaseSettings::Sqlite { path: path.clone() }).await.unwrap();
        store.settings().put("said", "folded into the file").await.unwrap();
        store.fold_log().await.unwrap();
        let file = std::fs::read(&path).unwrap();
        assert!(file.windows(20).any(|it| it == b"folded into the file"));
        assert!(
            !store.0.is_written.load(Ordering::Relaxed),
            "the next time there is nothing to do"
        );
    }

    #[tokio::test]
    async fn a_sqlite_file_has_its_safe_settings() {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            DatabaseSettings::Sqlite { path: folder.path().join("new/flowstone.sqlite") };
        let store = Store::connect(&settings).await.unwrap();
        for (connection, expected) in
            [(store.writer(), "wal 1 1 30000 0"), (store.reader(), "wal 1 1 30000 1")]
        {
            let mut found = Vec::new();
            for pragma in
                ["journal_mode", "foreign_keys", "synchronous", "busy_timeout", "query_only"]
            {
                let statement = sea_orm::Statement::from_string(
                    sea_orm::DbBackend::Sqlite,
                    format!("PRAGMA {pragma}"),
                );
                let row = connection.query_one_raw(statement).await.unwrap().unwrap();
                let text = row.try_get_by_index::<String>(0);
                found.push(
                    text.unwrap_or_else(|_| row.try_get_by_index::<i64>(0).unwrap().to_string()),
                );
            }
            assert_eq!(found.join(" "), expected);
        }
    }
}
