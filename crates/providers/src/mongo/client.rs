//! Commands to a MongoDB, over a connection that is made anew when it is lost.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flowstone_core::{Error, Result};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    sync::Mutex,
    time::timeout,
};

use super::{
    MongoAddress,
    bson::{decoded, encoded},
    scram::Scram,
};
use crate::{HttpClient, http::Wire};

/// How long a command may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// Longest message, in bytes: what servers take.
const LONGEST: usize = 48_000_000;
/// The kind of message that carries a command.
const MESSAGE: i32 = 2013;

/// A MongoDB.
pub struct MongoClient {
    address: MongoAddress,
    http: Arc<HttpClient>,
    connection: Mutex<Option<Box<dyn Wire>>>,
}

impl MongoClient {
    /// Connections are made by `http`, so to addresses only that flows may call.
    pub fn new(address: MongoAddress, http: Arc<HttpClient>) -> Self {
        Self { address, http, connection: Mutex::new(None) }
    }

    /// Runs a command that may be run twice, over a new connection where the old one was lost.
    ///
    /// # Errors
    /// `Provider` with the server's words where it refuses; `Credential` where it does not let us
    /// in; `Transport` and `AddressRefused` as for all connections.
    pub async fn run(&self, database: &str, command: Value) -> Result<Map<String, Value>> {
        let mut held = self.connection.lock().await;
        let Value::Object(mut command) = command else { return Ok(Map::new()) };
        command.insert("$db".to_owned(), database.into());
        if let Some(connection) = held.as_mut() {
            match exchange(connection, &command).await {
                Err(Error::Transport(_)) => *held = None,
                done => return done,
            }
        }
        let mut connection = self.connect().await?;
        let done = exchange(&mut connection, &command).await;
        if !matches!(done, Err(Error::Transport(_))) {
            *held = Some(connection);
        }
        done
    }

    /// Runs a command that must not be run twice, such as one that adds to a list. That a connection
    /// was lost meanwhile is found out by a harmless one first.
    ///
    /// # Errors
    /// As [`run`](Self::run); with `Transport` it is not known whether the command was carried out.
    pub async fn run_once(&self, database: &str, command: Value) -> Result<Map<String, Value>> {
        self.run("admin", json!({ "ping": 1 })).await?;
        let mut held = self.connection.lock().await;
        let Value::Object(mut command) = command else { return Ok(Map::new()) };
        command.insert("$db".to_owned(), database.into());
        let Some(connection) = held.as_mut() else {
            return Err(Error::Transport("the connection to MongoDB was lost".to_owned()));
        };
        let done = exchange(connection, &command).await;
        if matches!(done, Err(Error::Transport(_))) {
            *held = None;
        }
        done
    }

    /// A connection to the server that takes writes.
    async fn connect(&self) -> Result<Box<dyn Wire>> {
        let mut servers = self.address.servers.clone();
        if self.address.by_name {
            let name = format!("_mongodb._tcp.{}", servers[0].0);
            servers = self.http.services(&name).await?;
        }
        let mut failed = Error::Transport("the MongoDB connection URL names no server".to_owned());
        for (host, port) in servers {
            match self.sign_in(&host, port).await {
                Ok((connection, None)) => return Ok(connection),
                Ok((_, Some(primary))) => {
                    let (host, port) = primary.rsplit_once(':').unwrap_or((&primary, "27017"));
                    match self.sign_in(host, port.parse().unwrap_or(27017)).await {
                        Ok((connection, None)) => return Ok(connection),
                        Ok(_) => {
                            failed = Error::Transport(
                                "the MongoDB servers are just choosing who takes writes".to_owned(),
                            );
                        }
                        Err(error) => failed = error,
                    }
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// A connection, and the server to go to where this one takes no writes.
    async fn sign_in(&self, host: &str, port: u16) -> Result<(Box<dyn Wire>, Option<String>)> {
        let mut connection = self.http.dial(host, port, self.address.secure).await?;
        let hello = json!({ "hello": 1, "$db": "admin" });
        let hello = run(&mut connection, hello).await?;
        let writes = hello.get("isWritablePrimary") == Some(&Value::Bool(true));
        if let Some(primary) = hello.get("primary").and_then(Value::as_str).filter(|_| !writes) {
            return Ok((connection, Some(primary.to_owned())));
        }
        if let Some((user, password)) = &self.address.user {
            self.prove(&mut connection, user, password).await?;
        }
        Ok((connection, None))
    }

    async fn prove(
        &self,
        connection: &mut Box<dyn Wire>,
        user: &str,
        password: &str,
    ) -> Result<()> {
        let random = || RandomState::new().build_hasher().finish();
        let nonce = format!("{:016x}{:016x}", random(), random());
        let mut scram = Scram::new(user, password, &nonce);
        let source = self.address.source.as_str();
        let begin = json!({
            "saslStart": 1, "mechanism": "SCRAM-SHA-256", "$db": source,
            "payload": { "$binary": STANDARD.encode(scram.begin()) },
            "options": { "skipEmptyExchange": true },
        });
        let (conversation, challenge, _) = step(connection, begin).await?;
        let proof = scram.answer(&challenge).ok_or_else(refused)?;
        let go_on = |text: &str| {
            json!({
                "saslContinue": 1, "conversationId": conversation, "$db": source,
                "payload": { "$binary": STANDARD.encode(text) },
            })
        };
        let (_, last, is_done) = step(connection, go_on(&proof)).await?;
        if !scram.is_proven(&last) {
            return Err(refused());
        }
        if !is_done {
            step(connection, go_on("")).await?;
        }
        Ok(())
    }
}

fn refused() -> Error {
    Error::Credential(
        "MongoDB does not let us in: the user, the password or the database that knows the user \
         (authSource) is wrong"
            .to_owned(),
    )
}

/// One step of signing in: the conversation, what the server says, and whether that was all.
async fn step(connection: &mut Box<dyn Wire>, command: Value) -> Result<(Value, String, bool)> {
    // The server's words may repeat the user's name.
    let told = match run(connection, command).await {
        Err(Error::Provider { .. }) => return Err(refused()),
        told => told?,
    };
    let payload = told.get("payload").map(|it| &it["$binary"]).and_then(Value::as_str);
    let payload = payload.and_then(|it| STANDARD.decode(it).ok());
    let text = payload.and_then(|it| String::from_utf8(it).ok()).ok_or_else(refused)?;
    let is_done = told.get("done") == Some(&Value::Bool(true));
    Ok((told.get("conversationId").cloned().unwrap_or_default(), text, is_done))
}

async fn run(connection: &mut Box<dyn Wire>, command: Value) -> Result<Map<String, Value>> {
    let Value::Object(command) = command else { return Ok(Map::new()) };
    exchange(connection, &command).await
}

/// Sends a command and reads its answer.
async fn exchange(
    connection: &mut Box<dyn Wire>,
    command: &Map<String, Value>,
) -> Result<Map<String, Value>> {
    let document = encoded(command);
    let length = document.len() + 21;
    if length > LONGEST {
        return Err(Error::Unsupported(format!(
            "a message of {length} bytes is more than MongoDB takes ({LONGEST})"
        )));
    }
    let talk = async {
        let mut message = Vec::with_capacity(length);
        // Length, number of the message and of the one it answers, kind, and no flags.
        for number in [i32::try_from(length).unwrap_or_default(), 1, 0, MESSAGE, 0] {
            message.extend(number.to_le_bytes());
        }
        message.push(0);
        message.extend(document);
        connection.write_all(&message).await?;
        connection.flush().await?;
        let mut head = [0; 16];
        connection.read_exact(&mut head).await?;
        let [a, b, c, d, ..] = head;
        let length = usize::try_from(i32::from_le_bytes([a, b, c, d])).unwrap_or_default();
        if !(21..=LONGEST + 64).contains(&length) {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let mut body = vec![0; length - 16];
        connection.read_exact(&mut body).await?;
        Ok(body)
    };
    let body = timeout(PATIENCE, talk).await;
    let body =
        body.map_err(|_| Error::Transport("MongoDB did not answer in a minute".to_owned()))?;
    let body = body.map_err(|_: std::io::Error| {
        Error::Transport("the connection to MongoDB was lost".to_owned())
    })?;
    let answer = body.get(5..).and_then(decoded).map(|it| it.0);
    let answer = answer.ok_or_else(|| {
        Error::Transport("this is no MongoDB: its answer cannot be read".to_owned())
    })?;
    let said = |it: &Value| it["errmsg"].as_str().unwrap_or("the command failed").to_owned();
    if let Some(first) = answer.get("writeErrors").and_then(|it| it.get(0)) {
        return Err(Error::Provider { status: 400, message: format!("MongoDB: {}", said(first)) });
    }
    if answer.get("ok").and_then(Value::as_f64) != Some(1.0) {
        let message = format!("MongoDB: {}", said(&Value::Object(answer)));
        return Err(Error::Provider { status: 400, message });
    }
    Ok(answer)
}
