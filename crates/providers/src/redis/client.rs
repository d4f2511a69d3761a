//! The commands that nodes need, over a connection that is made anew when it is lost.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use flowstone_core::{Error, Result};
use redis::{
    AsyncConnectionConfig, ErrorKind, FromRedisValue, IntoConnectionInfo as _, Pipeline,
    RedisError, aio::MultiplexedConnection,
};
use tokio::{sync::Mutex, task::JoinSet, time::timeout};

use super::RedisServer;
use crate::HttpClient;

/// How long a command may take, usually.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a connection that failed slowly is not tried again: whoever asks meanwhile is told at
/// once.
const PAUSE: Duration = Duration::from_secs(1);
/// What fails faster than this may be tried again at once.
const SLOW: Duration = Duration::from_millis(100);
/// Most values of one command.
const BATCH: usize = 256;

/// One Redis. All commands share one connection, which carries them side by side.
pub struct RedisClient {
    server: RedisServer,
    http: Arc<HttpClient>,
    /// How long a command may take.
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    live: Option<Live>,
    /// Distinguishes a connection from the one before it.
    number: u64,
    failed: Option<(Instant, String)>,
}

struct Live {
    connection: MultiplexedConnection,
    /// The one task that moves the bytes; ends with the connection, and with this.
    drivers: JoinSet<()>,
}

impl RedisClient {
    pub(super) fn new(server: RedisServer, http: Arc<HttpClient>) -> Self {
        Self { server, http, patience: PATIENCE, state: Mutex::default() }
    }

    /// The newest `limit` entries of the list `key`, or all; the newest first.
    ///
    /// # Errors
    /// Of this and all other commands: `AddressRefused`, `Credential` where the server does not let
    /// us in, `Transport` where it cannot be reached or refuses the command.
    pub async fn newest(&self, key: &str, limit: Option<u64>) -> Result<Vec<String>> {
        let last = match limit {
            Some(0) => return Ok(Vec::new()),
            Some(limit) => i64::try_from(limit - 1).unwrap_or(i64::MAX),
            None => -1,
        };
        let mut pipeline = Pipeline::new();
        pipeline.cmd("LRANGE").arg(key).arg(0).arg(last);
        let (entries,) = self.again(&pipeline).await?;
        Ok(entries)
    }

    /// Puts `entries` before all others of the list `key`, the last of them first, in one step. The
    /// list is gone `life` later, if nothing is put into it.
    ///
    /// # Errors
    /// See [`newest`](Self::newest).
    pub async fn push(&self, key: &str, entries: &[String], life: Option<Duration>) -> Result<()> {
        let mut pipeline = Pipeline::new();
        pipeline.atomic().cmd("LPUSH").arg(key).arg(entries).ignore();
        if let Some(life) = life {
            pipeline.cmd("PEXPIRE").arg(key).arg(milliseconds(life)).ignore();
        }
        // Not again: the entries might then stand there twice.
        self.once(&pipeline).await
    }

    /// The text under `key`.
    ///
    /// # Errors
    /// See [`newest`](Self::newest).
    pub async fn get(&self, key: &str) -> Result<Option<String>> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("GET").arg(key);
        let (value,) = self.again(&pipeline).await?;
        Ok(value)
    }

    /// The texts under `keys`, in order.
    ///
    /// # Errors
    /// See [`newest`](Self::newest).
    pub async fn get_all(&self, keys: &[String]) -> Result<Vec<Option<String>>> {
        let mut values = Vec::with_capacity(keys.len());
        for batch in keys.chunks(BATCH) {
            let mut pipeline = Pipeline::new();
            pipeline.cmd("MGET").arg(batch);
            let (found,): (Vec<Option<String>>,) = self.again(&pipeline).await?;
            values.extend(found);
        }
        Ok(values)
    }

    /// Keeps texts under keys, for `life` where it is given, else until they are removed.
    ///
    /// # Errors
    /// See [`newest`](Self::newest).
    pub async fn set_all(
        &self,
        entries: &[(String, String)],
        life: Option<Duration>,
    ) -> Result<()> {
        for batch in entries.chunks(BATCH) {
            let mut pipeline = Pipeline::new();
            for (key, value) in batch {
                let command = pipeline.cmd("SET").arg(key).arg(value);
                if let Some(life) = life {
                    command.arg("PX").arg(milliseconds(life));
                }
                command.ignore();
            }
            self.again::<()>(&pipeline).await?;
        }
        Ok(())
    }

    /// Removes `key`; one that is not there is no error.
    ///
    /// # Errors
    /// See [`newest`](Self::newest).
    pub async fn remove(&self, key: &str) -> Result<()> {
        let mut pipeline = Pipeline::new();
        pipeline.cmd("DEL").arg(key).ignore();
        self.again(&pipeline).await
    }

    /// Sends commands that may be sent twice and reads their answers.
    ///
    /// # Errors
    /// See [`newest`](Self::newest).
    pub(crate) async fn ask<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T> {
        self.again(pipeline).await
    }

    /// Sends commands that may be sent twice, and does so where the connection is lost meanwhile.
    async fn again<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T> {
        let (mut connection, number) = self.connection().await?;
        match pipeline.query_async(&mut connection).await {
            Err(error) if is_lost(&error) && !error.is_timeout() => {
                self.forget(number).await;
                self.once(pipeline).await
            }
            answer => self.settle(answer, number).await,
        }
    }

    async fn once<T: FromRedisValue>(&self, pipeline: &Pipeline) -> Result<T> {
        let (mut connection, number) = self.connection().await?;
        let answer = pipeline.query_async(&mut connection).await;
        self.settle(answer, number).await
    }

    async fn settle<T>(&self, answer: Result<T, RedisError>, number: u64) -> Result<T> {
        match answer {
            Ok(value) => Ok(value),
            Err(error) => {
                if is_lost(&error) {
                    self.forget(number).await;
                }
                Err(self.failure(&error))
            }
        }
    }

    /// The connection that is there, or a new one.
    async fn connection(&self) -> Result<(MultiplexedConnection, u64)> {
        let mut state = self.state.lock().await;
        let number = state.number;
        if let Some(live) = &mut state.live
            && live.drivers.try_join_next().is_none()
        {
            return Ok((live.connection.clone(), number));
        }
        state.live = None;
        if let Some((_, said)) = state.failed.as_ref().filter(|it| it.0.elapsed() < PAUSE) {
            return Err(Error::Transport(said.clone()));
        }
        let began = Instant::now();
        match self.connect().await {
            Ok(live) => {
                let connection = live.connection.clone();
                state.live = Some(live);
                state.number += 1;
                state.failed = None;
                Ok((connection, state.number))
            }
            Err(error) => {
                // What is refused is refused at once anyway, and keeps its own kind.
                if let Error::Transport(said) = &error
                    && began.elapsed() >= SLOW
                {
                    state.failed = Some((Instant::now(), said.clone()));
                }
                Err(error)
            }
        }
    }

    async fn connect(&self) -> Result<Live> {
        let RedisServer { host, port, secure, user, password, database } = &self.server;
        let wire = self.http.dial(host, *port, *secure).await?;
        // Only for its settings: the connection is already there.
        let info = "redis://localhost".into_connection_info().map_err(|it| self.failure(&it))?;
        let mut settings = info.redis_settings().clone().set_db(*database).set_skip_set_lib_name();
        if let Some(user) = user {
            settings = settings.set_username(user);
        }
        if let Some(password) = password {
            settings = settings.set_password(password);
        }
        let config = AsyncConnectionConfig::new().set_response_timeout(Some(self.patience));
        let signing_in = MultiplexedConnection::new_with_config(&settings, wire, config);
        let signed_in = timeout(self.patience, signing_in).await;
        let (mut connection, driver) =
            signed_in.map_err(|_| self.late())?.map_err(|it| self.not_let_in(&it))?;
        let mut drivers = JoinSet::new();
        drivers.spawn(driver);
        // Without a password nothing was said so far. Whether something listens that can be talked
        // to at all is worth knowing before the first command; what it says does not matter.
        match redis::cmd("PING").exec_async(&mut connection).await {
            Err(error) if is_lost(&error) => return Err(self.not_let_in(&error)),
            _ => {}
        }
        Ok(Live { connection, drivers })
    }

    /// Drops the connection called `number`, unless another has taken its place already.
    async fn forget(&self, number: u64) {
        let mut state = self.state.lock().await;
        if state.number == number {
            state.live = None;
        }
    }

    fn not_let_in(&self, error: &RedisError) -> Error {
        if is_lost(error) {
            return match self.failure(error) {
                Error::Transport(said) if !self.server.secure && !error.is_timeout() => {
                    Error::Transport(format!(
                        "{said} before it answered anything: if it speaks TLS, the URL begins with \
                         rediss://, or the credential's TLS is switched on"
                    ))
                }
                other => other,
            };
        }
        // The server's words may repeat what it was sent: the password.
        Error::Credential(format!(
            "Redis at {} does not let us in: the user, the password or the database's number is \
             wrong",
            self.server
        ))
    }

    fn failure(&self, error: &RedisError) -> Error {
        if error.is_timeout() {
            return self.late();
        }
        let server = &self.server;
        let code = code(error);
        match (error.kind(), code.as_deref()) {
            (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH")) => self.sign_in_needed(),
            (_, Some("NOPERM")) => Error::Credential(format!(
                "Redis at {server} does not allow this user the command or the key"
            )),
            (_, Some("WRONGTYPE")) => Error::Transport(format!(
                "Redis at {server} holds something of another kind under this key"
            )),
            (ErrorKind::UnexpectedReturnType | ErrorKind::Parse, _) => Error::Transport(format!(
                "Redis at {server} holds or answers something else than was expected"
            )),
            _ if is_lost(error) => {
                Error::Transport(format!("the connection to Redis at {server} was lost"))
            }
            (_, code) => {
                let code = code.unwrap_or("an error");
                Error::Transport(format!("Redis at {server} refuses the command with {code}"))
            }
        }
    }

    fn sign_in_needed(&self) -> Error {
        Error::Credential(format!(
            "Redis at {} asks for a password: choose a credential that holds it",
            self.server
        ))
    }

    fn late(&self) -> Error {
        let seconds = self.patience.as_secs_f64();
        Error::Transport(format!("Redis at {} did not answer within {seconds} s", self.server))
    }
}

/// Whether the connection is of no use any more. One that does not answer in time is none either:
/// the other side may be gone without a word.
fn is_lost(error: &RedisError) -> bool {
    error.is_io_error() || error.is_connection_dropped() || error.is_timeout()
}

/// The word by which the server names what is wrong. Its further words may repeat what it was sent.
fn code(error: &RedisError) -> Option<String> {
    if let Some(code) = error.code() {
        return Some(code.to_owned());
    }
    let errors = error.clone().into_server_errors()?;
    errors.first().map(|(_, it)| it.code().to_owned())
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

#[cfg(test)]
mod tests;
