//! `flowstone import-flowise` from database servers, with the columns as Flowise's migrations declare them there.

use flowstone_flowise::{Key, encrypt};
use flowstone_testkit::FakeProvider;
use reqwest::{Method, StatusCode};
use sea_orm::{ConnectionTrait as _, Database, DatabaseConnection};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    databases::Listening,
    process::{Server, finish, flowstone},
    site::{Site, flow_with, send},
};

const KEY: &str = "the source's passphrase";
const PERSON: (&str, &str) = ("Grace@example.com", "Old-Horse-7");
/// What Flowise keeps of that password.
const HASH: &str = "$2b$05$abcdefghijklmnopqrstuu6OII25NX2PgTbBfbHcMqAGgamhNa1mi";
const API_KEY: &str = "a-key-that-clients-know";
const FLOW: &str = "0a000000-0000-4000-8000-000000000001";
const CREDENTIAL: &str = "0b000000-0000-4000-8000-000000000001";
const OTHER_WORKSPACE: &str = "0c000000-0000-4000-8000-000000000002";
/// More messages than are read at once.
const MESSAGES: usize = 620;

/// How a kind of database writes what all have.
struct Dialect {
    quote: &'static str,
    id: &'static str,
    text: &'static str,
    flag: &'static str,
    time: &'static str,
    /// What follows a table's columns.
    table: &'static str,
    /// For an account that may only read: statements that make it, and its part of the address.
    reader: (&'static [&'static str], &'static str),
}

const POSTGRES: Dialect = Dialect {
    quote: "\"",
    id: "uuid",
    text: "text",
    flag: "bool",
    time: "timestamp",
    table: "",
    reader: (
        &[
            "CREATE ROLE reader LOGIN PASSWORD 'read-only-1'",
            "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        ],
        "//reader:read-only-1@",
    ),
};

const MARIADB: Dialect = Dialect {
    quote: "`",
    id: "varchar(36)",
    text: "longtext",
    flag: "tinyint",
    time: "datetime(6)",
    table: "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_520_ci",
    reader: (
        &[
            "CREATE USER reader@127.0.0.1 IDENTIFIED BY 'read-only-1'",
            "CREATE USER reader@localhost IDENTIFIED BY 'read-only-1'",
            "GRANT SELECT ON test.* TO reader@127.0.0.1",
            "GRANT SELECT ON test.* TO reader@localhost",
        ],
        "//reader:read-only-1@",
    ),
};

/// Tables as version 3 has them. `«»` are the database's quotes, the types in braces its own.
const TABLES: &[&str] = &[
    "workspace (id {id} PRIMARY KEY, name varchar(100) NOT NULL, description {text}, \
     «organizationId» {id}, «createdDate» {time} NOT NULL, «updatedDate» {time} NOT NULL)",
    "workspace_user («workspaceId» {id}, «userId» {id}, «roleId» {id}, status varchar(20), \
     PRIMARY KEY («workspaceId», «userId»))",
    "«user» (id {id} PRIMARY KEY, name varchar(100) NOT NULL, email varchar(255) NOT NULL UNIQUE, \
     credential {text}, «tempToken» {text}, status varchar(20) NOT NULL, \
     «createdDate» {time} NOT NULL, «updatedDate» {time} NOT NULL)",
    "apikey (id {id} PRIMARY KEY, «apiKey» varchar(255) NOT NULL, «apiSecret» varchar(255) NOT NULL, \
     «keyName» varchar(255) NOT NULL, permissions {text}, «updatedDate» {time} NOT NULL, \
     «workspaceId» {id})",
    "credential (id {id} PRIMARY KEY, name varchar(255) NOT NULL, «credentialName» varchar(255) NOT NULL, \
     «encryptedData» {text} NOT NULL, «createdDate» {time} NOT NULL, «updatedDate» {time} NOT NULL, \
     «workspaceId» {id})",
    "variable (id {id} PRIMARY KEY, name varchar(255) NOT NULL, value {text}, type {text}, \
     «createdDate» {time} NOT NULL, «updatedDate» {time} NOT NULL, «workspaceId» {id})",
    "tool (id {id} PRIMARY KEY, name varchar(255) NOT NULL, description {text} NOT NULL, \
     color varchar(255) NOT NULL, «iconSrc» varchar(255), «schema» {text}, func {text}, \
     «createdDate» {time} NOT NULL, «updatedDate» {time} NOT NULL, «workspaceId» {id})",
    "chat_flow (id {id} PRIMARY KEY, name varchar(255) NOT NULL, «flowData» {text} NOT NULL, \
     deployed {flag}, «isPublic» {flag}, apikeyid varchar(255), «chatbotConfig» {text}, \
     «apiConfig» {text}, analytic {text}, «speechToText» {text}, category {text}, type varchar(20) \
     NOT NULL DEFAULT 'CHATFLOW', «createdDate» {time} NOT NULL, «updatedDate» {time} NOT NULL, \
     «workspaceId» {id})",
    "chat_message (id {id} PRIMARY KEY, role varchar(255) NOT NULL, chatflowid {id} NOT NULL, \
     content {text} NOT NULL, «sourceDocuments» {text}, «usedTools» {text}, «chatType» varchar(255) \
     NOT NULL DEFAULT 'INTERNAL', «chatId» varchar(255) NOT NULL, «memoryType» varchar(255), \
     «sessionId» varchar(255), «createdDate» {time} NOT NULL)",
    "chat_message_feedback (id {id} PRIMARY KEY, chatflowid {id} NOT NULL, content {text}, \
     «chatId» varchar(255) NOT NULL, «messageId» {id} NOT NULL, rating varchar(255) NOT NULL, \
     «createdDate» {time} NOT NULL)",
    "«lead» (id {id} PRIMARY KEY, chatflowid varchar(255) NOT NULL, name varchar(255), email varchar(255), \
     phone varchar(255), «chatId» varchar(255) NOT NULL, «createdDate» {time} NOT NULL)",
    "upsert_history (id {id} PRIMARY KEY, chatflowid varchar(255) NOT NULL, result {text} NOT NULL, \
     «flowData» {text} NOT NULL, date {time} NOT NULL)",
    "migrations (id integer PRIMARY KEY, timestamp bigint NOT NULL, name varchar(255) NOT NULL)",
];

impl Dialect {
    fn fitted(&self, sql: &str) -> String {
        sql.replace(['«', '»'], self.quote)
            .replace("{id}", self.id)
            .replace("{text}", self.text)
            .replace("{flag}", self.flag)
            .replace("{time}", self.time)
    }

    /// Makes the tables and fills them.
    async fn fill(&self, database: &DatabaseConnection, flow: &str) {
        let statements = TABLES.iter().map(|it| format!("CREATE TABLE {it} {}", self.table));
        for sql in statements.map(|it| self.fitted(&it)).chain(self.rows(flow)) {
            let done = database.execute_unprepared(&sql).await;
            assert!(done.is_ok(), "{sql}: {done:?}");
        }
        for sql in self.reader.0 {
            database.execute_unprepared(sql).await.unwrap();
        }
    }

    /// Statements that put rows into them; `flow` is the JSON text of a flow.
    fn rows(&self, flow: &str) -> Vec<String> {
        let sealed = encrypt(&Key::new(KEY), [7; 8], r#"{"openAIApiKey":"sk-moved"}"#);
        let (first, second) = ("'2025-01-31 10:00:00.250'", "'2025-02-01 10:00:00'");
        let (home, person) =
            ("0c000000-0000-4000-8000-000000000001", "0d000000-0000-4000-8000-000000000001");
        // In MariaDB's texts a backslash escapes.
        let flow = if self.quote == "`" { flow.replace('\\', "\\\\") } else { flow.to_owned() };
        let flow = flow.replace('\'', "''");
        let messages = (0..MESSAGES).map(|number| {
            let role = ["userMessage", "apiMessage"][number % 2];
            format!(
                "('{}', '{role}', '{FLOW}', 'Message {number}: \u{1fad6} naïve', NULL, NULL, \
                 'EXTERNAL', 'chat', NULL, 'chat', '2025-02-01 10:{:02}:{:02}')",
                message_id(number),
                number / 60,
                number % 60
            )
        });
        let messages = messages.collect::<Vec<_>>().join(", ");
        let rows = [
            format!("workspace VALUES ('{home}', 'Default', NULL, NULL, {first}, {first})"),
            format!(
                "workspace VALUES ('{OTHER_WORKSPACE}', 'Tea', 'Leaves', NULL, {second}, {second})"
            ),
            format!("workspace_user VALUES ('{home}', '{person}', NULL, 'active')"),
            format!("workspace_user VALUES ('{OTHER_WORKSPACE}', '{person}', NULL, 'active')"),
            format!(
                "«user» VALUES ('{person}', 'Grace', '{}', '{HASH}', NULL, 'active', {first}, {first})",
                PERSON.0
            ),
            format!(
                "apikey VALUES ('0e000000-0000-4000-8000-000000000001', '{API_KEY}', 'hash', 'site', \
                 '[\"chatflows:view\"]', {first}, '{home}')"
            ),
            format!(
                "credential VALUES ('{CREDENTIAL}', 'Harbour', 'openAIApi', '{sealed}', {first}, \
                 {first}, '{home}')"
            ),
            format!(
                "variable VALUES ('0f000000-0000-4000-8000-000000000001', 'city', 'Tromsø', 'static', \
                 {first}, {first}, '{OTHER_WORKSPACE}')"
            ),
            format!(
                "tool VALUES ('0f000000-0000-4000-8000-000000000002', 'add', 'Adds', '#fff', NULL, \
                 '[]', 'return 1', {first}, {first}, '{home}')"
            ),
            format!(
                "chat_flow VALUES ('{FLOW}', 'Tea shop', '{flow}', false, true, NULL, NULL, NULL, \
                 NULL, NULL, 'tea;shop', 'CHATFLOW', {first}, {second}, '{home}')"
            ),
            format!("chat_message VALUES {messages}"),
            format!(
                "chat_message_feedback VALUES ('0f000000-0000-4000-8000-000000000003', '{FLOW}', \
                 'Good tea', 'chat', '{}', 'THUMBS_UP', {second})",
                message_id(1)
            ),
            format!(
                "«lead» VALUES ('0f000000-0000-4000-8000-000000000004', '{FLOW}', 'Bob', \
                 'bob@example.com', NULL, 'chat', {second})"
            ),
            format!(
                "upsert_history VALUES ('0f000000-0000-4000-8000-000000000005', '{FLOW}', \
                 '{{\"numAdded\":1}}', '[]', {second})"
            ),
        ];
        rows.iter().map(|it| self.fitted(&format!("INSERT INTO {it}"))).collect()
    }
}

/// Ids that do not follow the order in which the messages were written.
fn message_id(number: usize) -> String {
    format!("{:08x}-0000-4000-8000-{number:012x}", (number * 2_654_435_761) & 0xffff_ffff)
}

/// Runs the import; what it printed.
async fn import(home: &TempDir, source: &str, more: &[&str]) -> String {
    let mut command = flowstone(home.path(), &["import-flowise", source, "--key", KEY]);
    command.args(more);
    let (succeeded, out, said) = finish(command).await;
    assert!(succeeded, "{said}");
    out
}

/// Fills a server, brings everything over as an account that may only read, and uses what came.
async fn moves_in(mut source: Listening, dialect: &Dialect) {
    let provider = FakeProvider::start().await;
    let flow = flow_with("llm-chain", &provider, CREDENTIAL).to_string();
    let database = Database::connect(&source.url).await.unwrap();
    dialect.fill(&database, &flow).await;
    let (before, after) = source.url.split_once("//").unwrap();
    let (_, after) = after.split_once('@').unwrap();
    let url = format!("{before}{}{after}", dialect.reader.1);

    let home = TempDir::new().unwrap();
    let rehearsed = import(&home, &url, &["--dry-run"]).await;
    assert!(rehearsed.starts_with("Would come over"), "{rehearsed}");
    insta::assert_snapshot!("what_comes_over_from_a_server", import(&home, &url, &[]).await);
    insta::assert_snapshot!("what_a_second_run_finds", import(&home, &url, &[]).await);
    database.close().await.unwrap();
    source.stop();

    let variables = [("HTTP_ALLOW_LIST", provider.address())];
    let server = Server::start(home.path(), &variables).await;
    let site = Site::joined(server, provider, home, PERSON).await;
    let answer = site.ask(FLOW, &json!({"question": "Bob"})).await;
    assert_eq!(answer.json()["text"], "Mock reply to: Say hi to Bob.");
    assert_eq!(site.provider.last_request().headers["authorization"], "Bearer sk-moved");
    let messages = site.messages(FLOW).await;
    assert_eq!(messages.len(), MESSAGES + 2);
    for (number, message) in messages.iter().take(MESSAGES).enumerate() {
        assert_eq!(message["content"], format!("Message {number}: \u{1fad6} naïve"));
        assert_eq!(message["id"], message_id(number));
    }
    assert_eq!(messages[1]["createdDate"], "2025-02-01T10:00:01.000Z");
    let row = send(site.signed_in(Method::GET, &format!("/chatflows/{FLOW}"))).await.json();
    assert_eq!(
        json!([row["deployed"], row["isPublic"], row["category"], row["createdDate"]]),
        json!([false, true, "tea;shop", "2025-01-31T10:00:00.250Z"])
    );
    let listed = site.request(Method::GET, "/chatflows").bearer_auth(API_KEY);
    let listed = send(listed).await.json();
    assert_eq!(listed[0]["id"], FLOW);
    // The key's one permission came along, and no other.
    let refused = send(site.request(Method::GET, "/credentials").bearer_auth(API_KEY)).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    // What was in another workspace is not in this one.
    assert_eq!(send(site.signed_in(Method::GET, "/variables")).await.json(), json!([]));
}

#[tokio::test]
async fn an_installation_on_postgresql_moves_in() {
    moves_in(Listening::postgres(), &POSTGRES).await;
}

#[tokio::test]
async fn an_installation_on_mariadb_moves_in() {
    moves_in(Listening::mariadb(), &MARIADB).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_without_its_password() {
    let home = TempDir::new().unwrap();
    for scheme in ["postgres", "mysql"] {
        let url = format!("{scheme}://reader:read-only-1@127.0.0.1:9/flowise");
        let (succeeded, out, said) =
            finish(flowstone(home.path(), &["import-flowise", &url])).await;
        assert!(!succeeded && out.is_empty(), "{out}");
        assert!(said.contains("the database cannot be opened"), "{said}");
        assert!(!said.contains("read-only-1"), "{said}");
    }
}
