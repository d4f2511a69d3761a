//! The memories that vendors serve over HTTP, against servers of the test.

use flowstone_core::{Capability, Credential, Inputs, Memory, Message, Node};
use flowstone_testkit::{FakeSite, Ports, SitePage};
use serde_json::{Value, json};

use super::{
    mem0, upstash_redis_backed_chat_memory::UpstashRedisBackedChatMemory, zep_memory::Zep,
    zep_memory_cloud,
};
use crate::testing::{form, run, services_for, services_over};

fn page(value: &Value) -> SitePage {
    SitePage::new("application/json", value.to_string())
}

fn filled(values: &Value, site: &FakeSite, key: &str) -> Inputs {
    let mut form = form(values);
    form.services = services_for(site.address());
    form.credential = Some(Credential::new([(key.to_owned(), "secret".to_owned())].into()));
    form
}

fn bodies(site: &FakeSite) -> Vec<Value> {
    let calls = site.calls();
    calls.iter().map(|it| serde_json::from_str(&it.body).unwrap_or(Value::Null)).collect()
}

#[tokio::test]
async fn upstash_keeps_the_newest_turn_first() {
    let kept = json!({"result": [
        r#"{"type":"ai","data":{"content":"Hi Bob"}}"#,
        r#"{"type":"human","data":{"content":"I am Bob"}}"#,
    ]});
    let done = json!([{"result": 2}, {"result": 1}]);
    let site = FakeSite::start([("/", page(&kept)), ("/multi-exec", page(&done))]).await;
    let values = json!({"baseURL": site.url("/"), "sessionTTL": 60, "sessionId": "s"});
    let form = filled(&values, &site, "upstashRestToken");
    let Ok(Capability::Memory(memory)) = UpstashRedisBackedChatMemory.init(&form).await else {
        panic!("no memory")
    };
    let (run, _told) = run("Who am I?");
    let turns = [Message::user("I am Bob"), Message::assistant("Hi Bob")];
    assert_eq!(memory.messages(&run).await.unwrap(), turns);
    memory.remember(&run, "q", "a").await.unwrap();
    memory.clear(&run).await.unwrap();
    let bodies = bodies(&site);
    assert_eq!(bodies[0], json!(["LRANGE", "s", "0", "-1"]));
    assert_eq!(bodies[1][0][0], "LPUSH");
    assert_eq!(bodies[1][0][1], "s");
    assert_eq!(bodies[1][1], json!(["EXPIRE", "s", "60"]));
    assert_eq!(bodies[2], json!(["DEL", "s"]));
}

#[tokio::test]
async fn zep_tells_what_went_before_in_short() {
    let kept = json!({
        "messages": [
            {"role": "human", "content": "I am Bob"},
            {"role": "ai", "content": "Hi Bob"},
        ],
        "summary": {"content": "Bob came in"},
    });
    let path = "/api/v1/sessions/session/memory";
    let recall = format!("{path}?lastn=10");
    let site = FakeSite::start([(recall.as_str(), page(&kept)), (path, page(&json!({})))]).await;
    let form = filled(&json!({"baseURL": site.url("/")}), &site, "apiKey");
    let Ok(Capability::Memory(memory)) = Zep.init(&form).await else { panic!("no memory") };
    let (run, _told) = run("Who am I?");
    let turns = memory.messages(&run).await.unwrap();
    assert!(turns[0].text.ends_with("Bob came in"));
    assert_eq!(turns[1..], [Message::user("I am Bob"), Message::assistant("Hi Bob")]);
    memory.remember(&run, "q", "a").await.unwrap();
    assert_eq!(bodies(&site)[1]["messages"][1]["role"], "ai");
    assert_eq!(site.calls()[1].headers["authorization"], "Bearer secret");
    memory.clear(&run).await.unwrap();
    assert_eq!(site.calls()[2].method, "DELETE");
}

#[tokio::test]
async fn zep_cloud_makes_a_conversation_before_its_first_turn() {
    let path = "/api/v2/sessions/session/memory";
    let site =
        FakeSite::start([("/api/v2/sessions", page(&json!({"message": "exists"})).status(400))])
            .await;
    let form = filled(&json!({"memoryType": "message_window"}), &site, "apiKey");
    let memory = zep_memory_cloud::memory(&form, &site.url("")).unwrap();
    let (run, _told) = run("Who am I?");
    assert_eq!(memory.messages(&run).await.unwrap(), [], "an unknown conversation is empty");
    let kept = json!({
        "context": "facts",
        "messages": [{"role": "Bob", "role_type": "user", "content": "I am Bob"}],
    });
    site.put(path, page(&kept));
    memory.remember(&run, "q", "a").await.unwrap();
    assert_eq!(site.calls()[1].path, "/api/v2/sessions");
    assert_eq!(site.calls()[2].headers["authorization"], "Api-Key secret");
    assert_eq!(memory.messages(&run).await.unwrap(), [Message::user("I am Bob")]);
}

#[tokio::test]
async fn mem0_recalls_what_has_to_do_with_the_question() {
    let found = json!([{"id": "1", "memory": "Bob likes tea", "score": 0.9}]);
    let site = FakeSite::start([
        ("/v1/memories/search/", page(&found)),
        ("/v1/memories/", page(&json!([]))),
        ("/v1/memories/?user_id=chat", page(&json!({}))),
    ])
    .await;
    let values = json!({"useFlowiseChatId": true, "agent_id": "waiter"});
    let mut form = filled(&values, &site, "apiKey");
    let ports = Ports::default();
    ports.chats.store("workspace", "flow", "session", vec![Message::user("Hello")]);
    form.services = services_over(ports.services(), site.address());
    let memory = mem0::memory(&form, &site.url("")).unwrap();
    let (run, _told) = flowstone_testkit::run("What do I like?", form.services.clone());
    let turns = memory.messages(&run).await.unwrap();
    assert_eq!(turns[0].text, "Known from earlier conversations:\n- Bob likes tea");
    assert_eq!(turns[1], Message::user("Hello"));
    memory.remember(&run, "q", "a").await.unwrap();
    let of = json!({"user_id": run.chat_id, "agent_id": "waiter"});
    let bodies = bodies(&site);
    assert_eq!(bodies[0]["query"], "What do I like?");
    for (name, value) in of.as_object().unwrap() {
        assert_eq!(&bodies[0][name], value);
        assert_eq!(&bodies[1][name], value);
    }
    assert_eq!(bodies[1]["messages"][0], json!({"role": "user", "content": "q"}));
    assert_eq!(site.calls()[0].headers["authorization"], "Token secret");

    let only = filled(&json!({"searchOnly": true}), &site, "apiKey");
    let memory = mem0::memory(&only, &site.url("")).unwrap();
    memory.remember(&run, "q", "a").await.unwrap();
    assert_eq!(site.calls().len(), 2, "nothing new is learned");
}
