//! Redis: one connection to each server, shared by all flows and made anew when it is lost.

mod client;
mod server;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
};

pub use client::RedisClient;
pub use server::RedisServer;

use crate::HttpClient;

/// The clients of this installation; the program makes one of these.
pub struct RedisClients {
    http: Arc<HttpClient>,
    /// A client lives as long as a flow that uses it.
    clients: Mutex<HashMap<RedisServer, Weak<RedisClient>>>,
}

impl RedisClients {
    /// Connections are made by `http`, so to addresses only that flows may call.
    pub fn new(http: Arc<HttpClient>) -> Self {
        Self { http, clients: Mutex::default() }
    }

    /// The client of `server`: the same for all who ask while it is in use. Nothing is connected
    /// before the first command.
    pub fn of(&self, server: RedisServer) -> Arc<RedisClient> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&server).and_then(Weak::upgrade) {
            return client;
        }
        clients.retain(|_, it| it.strong_count() > 0);
        let client = Arc::new(RedisClient::new(server.clone(), self.http.clone()));
        clients.insert(server, Arc::downgrade(&client));
        client
    }
}
