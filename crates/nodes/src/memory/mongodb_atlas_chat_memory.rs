//! Remembers conversations in a collection of a MongoDB, where other programs may keep them too.

use std::sync::Arc;

use async_trait::async_trait;
use flowstone_core::{
    Capability, Error, Input, Inputs, Memory, Message, Node, Result, Role, Run, Spec,
    spec::CredentialSlot,
};
use flowstone_providers::{
    HttpClient,
    mongo::{MongoAddress, MongoClient},
};
use serde_json::{Value, json};

use super::{
    MEMORY_KEY, SESSION_ID,
    redis_backed_chat_memory::{read_turn, turn},
    session,
};

const DATABASE: Input<String> = Input::text("Database", "databaseName").placeholder("chats");
const COLLECTION: Input<String> = Input::text("Collection Name", "collectionName")
    .describe("Holds one document for each conversation; made with the first of them")
    .placeholder("conversations");

static SPEC: Spec = Spec {
    label: "MongoDB Atlas Chat Memory",
    name: "MongoDBAtlasChatMemory",
    version: 1.0,
    kind: "MongoDBAtlasChatMemory",
    icon: "mongodb.svg",
    category: "Memory",
    description: "Remembers conversations in MongoDB, in the form that LangChain keeps them",
    base_classes: &["MongoDBAtlasChatMemory", "BaseChatMemory", "BaseMemory"],
    credential: Some(CredentialSlot::required(&["mongoDBUrlApi"])),
    inputs: &[DATABASE.field, COLLECTION.field, SESSION_ID.field, MEMORY_KEY.field],
    ..Spec::EMPTY
};

/// The node.
pub(crate) struct MongoDbAtlasChatMemory;

#[async_trait]
impl Node for MongoDbAtlasChatMemory {
    fn spec(&self) -> &'static Spec {
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let url = inputs.credential()?.require("mongoDBConnectUrl", "ATLAS Connection URL")?;
        let name = |row: &Input<String>| {
            let name = inputs.get(row)?.trim().to_owned();
            if name.is_empty() { Err(Error::missing(&row.field)) } else { Ok(name) }
        };
        Ok(Capability::Memory(Arc::new(Collection {
            client: MongoClient::new(
                MongoAddress::parse(url)?,
                inputs.services.get::<HttpClient>()?,
            ),
            database: name(&DATABASE)?,
            name: name(&COLLECTION)?,
            session: inputs.get(&SESSION_ID)?,
            key: inputs.get(&MEMORY_KEY)?,
        })))
    }
}

/// Each conversation is a document with a list of its turns, the oldest first: so LangChain's
/// `MongoDBChatMessageHistory` keeps them, and with it the flows of the reference.
struct Collection {
    client: MongoClient,
    database: String,
    name: String,
    session: Option<String>,
    key: String,
}

impl Collection {
    fn conversation(&self, run: &Run) -> Value {
        json!({ "sessionId": session(self.session.as_deref(), run) })
    }
}

#[async_trait]
impl Memory for Collection {
    fn session_id(&self) -> Option<&str> {
        self.session.as_deref()
    }

    fn key(&self) -> &str {
        &self.key
    }

    async fn messages(&self, run: &Run) -> Result<Vec<Message>> {
        let command = json!({
            "find": self.name, "filter": self.conversation(run), "limit": 1, "singleBatch": true,
        });
        let mut told = self.client.run(&self.database, command).await?;
        let kept = told.get_mut("cursor").and_then(|it| it.pointer_mut("/firstBatch/0/messages"));
        let Some(Value::Array(turns)) = kept.map(Value::take) else { return Ok(Vec::new()) };
        let strange = || {
            Error::Unsupported(
                "the document of this conversation in MongoDB holds something that is no turn of \
                 one: another program uses the collection"
                    .to_owned(),
            )
        };
        turns.iter().map(|it| read_turn(it).ok_or_else(strange)).collect()
    }

    async fn remember(&self, run: &Run, question: &str, answer: &str) -> Result<()> {
        let turns = [turn(Role::User, question), turn(Role::Assistant, answer)];
        let update = json!({
            "q": self.conversation(run),
            "u": { "$push": { "messages": { "$each": turns } } },
            "upsert": true,
        });
        let command = json!({ "update": self.name, "updates": [update] });
        self.client.run_once(&self.database, command).await.map(drop)
    }

    async fn clear(&self, run: &Run) -> Result<()> {
        let deletes = json!([{ "q": self.conversation(run), "limit": 0 }]);
        let command = json!({ "delete": self.name, "deletes": deletes });
        self.client.run(&self.database, command).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use flowstone_testkit::{PeerProcess, contract};

    use super::*;
    use crate::{
        testing::{calling, credential, form},
        vector_stores::tests::mongo::Double,
    };

    async fn memory(url: &str, address: &str, values: &Value) -> Result<(Arc<dyn Memory>, Inputs)> {
        let mut form = form(&json!({"databaseName": "d", "collectionName": "c"}));
        form.values.extend(values.as_object().cloned().unwrap());
        form.services = calling(&[address]);
        form.credential = Some(credential(&[("mongoDBConnectUrl", url)]));
        let Capability::Memory(memory) = MongoDbAtlasChatMemory.init(&form).await? else {
            panic!("no memory")
        };
        Ok((memory, form))
    }

    #[tokio::test]
    async fn an_exchange_is_kept_by_a_server_that_speaks_mongodb() {
        let server = PeerProcess::mongodb();
        let url = format!("mongodb://{}/", server.address());
        let (kept, form) = memory(&url, &server.address(), &json!({})).await.unwrap();
        let (run, _receiver) = flowstone_testkit::run("hi", form.services.clone());
        assert_eq!(kept.messages(&run).await.unwrap(), []);
        kept.remember(&run, "Příliš? 🐎", "a").await.unwrap();
        let turns = [Message::user("Příliš? 🐎"), Message::assistant("a")];
        assert_eq!(kept.messages(&run).await.unwrap(), turns);
        kept.clear(&run).await.unwrap();
        assert_eq!(kept.messages(&run).await.unwrap(), []);
    }

    #[tokio::test]
    async fn a_memory_in_mongodb_keeps_the_contract() {
        // The server above turns what is added to a list that is there into text, so a double.
        let server = Double::start().await;
        let address = server.address();
        let url = format!("mongodb://{address}/");
        let (kept, form) = memory(&url, address, &json!({})).await.unwrap();
        let (run, _receiver) = flowstone_testkit::run("hi", form.services.clone());
        let other = Run { session_id: "other".to_owned(), ..run.clone() };
        contract::memory::suite(kept.as_ref(), &run, &other).await;
        kept.remember(&run, "q", "a").await.unwrap();
        let fixed = json!({"sessionId": run.session_id});
        let (fixed, _) = memory(&url, address, &fixed).await.unwrap();
        let turns = [Message::user("q"), Message::assistant("a")];
        assert_eq!(fixed.messages(&other).await.unwrap(), turns, "the form's conversation");
    }

    #[tokio::test]
    async fn what_cannot_be_reached_or_read_is_named() {
        let said = memory("http://x", "127.0.0.1:1", &json!({})).await.err().unwrap().to_string();
        assert!(said.contains("mongodb://"), "{said}");
        let said = memory("mongodb://x/", "127.0.0.1:1", &json!({"databaseName": " "})).await;
        assert!(said.err().unwrap().to_string().starts_with("Database"));
        let server = flowstone_testkit::FakeApi::start(|_| (500, json!("broken"))).await;
        let url = format!("mongodb://{}/", server.address());
        let (kept, form) = memory(&url, server.address(), &json!({})).await.unwrap();
        let (run, _receiver) = flowstone_testkit::run("hi", form.services.clone());
        for done in [
            kept.messages(&run).await.map(drop),
            kept.remember(&run, "q", "a").await,
            kept.clear(&run).await,
        ] {
            assert!(matches!(done, Err(Error::Transport(_))), "{done:?}");
        }
    }
}
