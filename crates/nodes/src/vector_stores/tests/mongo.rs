//! A double of MongoDB Atlas: one collection that is searched by its vectors, or that holds the turns
//! of conversations.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use flowstone_providers::mongo::bson::{decoded, encoded};
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use super::shelf::Shelf;

/// What the server holds: rows with vectors, and the turns of each conversation.
#[derive(Default)]
struct Held {
    shelf: Shelf,
    chats: HashMap<String, Vec<Value>>,
}

/// A server on a free port of this machine; it ends when this is dropped.
pub(crate) struct Double {
    address: String,
    _server: JoinSet<()>,
}

impl Double {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut server = JoinSet::new();
        server.spawn(async move {
            let held = Arc::new(Mutex::new(Held::default()));
            let mut open = JoinSet::new();
            loop {
                let (connection, _) = listener.accept().await.unwrap();
                open.spawn(serve(connection, held.clone()));
            }
        });
        Self { address, _server: server }
    }

    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

async fn serve(mut connection: TcpStream, held: Arc<Mutex<Held>>) {
    loop {
        let Ok(length) = connection.read_i32_le().await else { return };
        let mut message = vec![0; usize::try_from(length).unwrap() - 4];
        if connection.read_exact(&mut message).await.is_err() {
            return;
        }
        let (number, kind) = (&message[..4], &message[8..12]);
        assert_eq!(kind, 2013_i32.to_le_bytes());
        let (command, read) = decoded(&message[17..]).unwrap();
        assert_eq!(read, message.len() - 17, "the whole message is one document");
        let mut told = answer(&mut held.lock().unwrap(), &command);
        told.entry("ok").or_insert(json!(1.0));
        let document = encoded(&told);
        let mut reply = i32::try_from(document.len() + 21).unwrap().to_le_bytes().to_vec();
        reply.extend([9, 0, 0, 0]);
        reply.extend(number);
        reply.extend(kind);
        reply.extend([0; 5]);
        reply.extend(document);
        if connection.write_all(&reply).await.is_err() {
            return;
        }
    }
}

fn answer(held: &mut Held, command: &Map<String, Value>) -> Map<String, Value> {
    let Held { shelf, chats } = held;
    let session = |query: &Value| query["sessionId"].as_str().map(str::to_owned);
    let told = match command.keys().next().unwrap().as_str() {
        "hello" => json!({ "isWritablePrimary": true }),
        "ping" => json!({}),
        "find" => {
            let turns = chats.get(&session(&command["filter"]).unwrap());
            let found: Vec<Value> = turns.map(|it| json!({ "messages": it })).into_iter().collect();
            json!({ "cursor": { "firstBatch": found, "id": 0 } })
        }
        "update" if session(&command["updates"][0]["q"]).is_some() => {
            let update = &command["updates"][0];
            assert_eq!(update["upsert"], true);
            let turns = update["u"]["$push"]["messages"]["$each"].as_array().unwrap();
            let chat = session(&update["q"]).unwrap();
            chats.entry(chat).or_default().extend(turns.iter().cloned());
            json!({ "n": 1 })
        }
        "delete" if session(&command["deletes"][0]["q"]).is_some() => {
            chats.remove(&session(&command["deletes"][0]["q"]).unwrap());
            json!({ "n": 1 })
        }
        "update" => {
            for it in command["updates"].as_array().unwrap() {
                let document = &it["u"];
                assert_eq!(it["upsert"], true);
                shelf.put(&document["_id"], &document["embedding"], document.clone()).unwrap();
            }
            json!({ "n": 1 })
        }
        "delete" => {
            shelf.remove(&command["deletes"][0]["q"]["_id"]["$in"]);
            json!({ "n": 1 })
        }
        "aggregate" => {
            assert_eq!((&command["aggregate"], &command["$db"]), (&json!("c"), &json!("d")));
            let first = &command["pipeline"][0];
            let rows: Vec<Value> = match first.get("$vectorSearch") {
                None => {
                    let row = |it: &Vec<f32>| json!({ "embedding": it });
                    shelf.any_vector().map(row).into_iter().collect()
                }
                Some(search) => found(shelf, search),
            };
            json!({ "cursor": { "firstBatch": rows, "id": 0 } })
        }
        other => panic!("{other}"),
    };
    told.as_object().cloned().unwrap()
}

fn found(shelf: &Shelf, search: &Value) -> Vec<Value> {
    assert!(search["numCandidates"].as_u64() >= search["limit"].as_u64());
    let filter = search["filter"].as_object().cloned().unwrap_or_default();
    let found = shelf.nearest(&search["queryVector"], &search["limit"], |row| {
        filter.iter().all(|(key, value)| row.get(key) == Some(value))
    });
    let row = |(_, mut row, _, score): (String, Value, Vec<f32>, f32)| {
        row["__score"] = score.into();
        row
    };
    found.into_iter().map(row).collect()
}
