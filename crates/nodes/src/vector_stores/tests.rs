//! Every vector store is held to one contract: against real servers where they run on the machine of
//! a test, else against doubles written from the vendors' references.

mod doubles;
pub(crate) mod mongo;
mod shelf;

use std::sync::Arc;

use flowstone_core::{Capability, Credential, Document, Inputs, Node, node::Upserted};
use flowstone_providers::{HttpClient, HttpSettings, redis::RedisClients, vectors::VectorGateways};
use flowstone_testkit::{
    BagOfWords, Certificates, FakeApi, PeerProcess, Relay, SiteCall,
    contract::vector_store::{Candidate, node_suite},
};
use serde_json::{Value, json};

use crate::testing::{form, plug, upload, with_clients};

/// How a form says that a key of the metadata has a number.
type Filter = fn(&str, u64) -> (&'static str, Value);

/// A form with a credential, whose clients may call the relay and do not wait between two tries.
fn form_over(relay: &Relay, credential: &[(&str, &str)], values: &Value) -> Inputs {
    form_trusting(Vec::new(), relay, credential, values)
}

/// The same with authorities, in PEM, that the clients trust.
fn form_trusting(
    authorities: Vec<u8>,
    relay: &Relay,
    credential: &[(&str, &str)],
    values: &Value,
) -> Inputs {
    let settings = HttpSettings {
        authorities,
        allow: vec![relay.address().to_owned()],
        first_pause: std::time::Duration::from_millis(1),
        ..HttpSettings::default()
    };
    let http = Arc::new(HttpClient::new(settings).unwrap());
    let redis = Arc::new(RedisClients::new(http.clone()));
    let mut form = form(values);
    let origin = format!("http://{}", relay.address());
    let gateways = VectorGateways {
        kendra: Some(origin.clone()),
        pinecone: origin.clone(),
        vectara: origin.clone(),
        zep: origin,
    };
    let services = flowstone_testkit::services().with(http).with(redis).with(Arc::new(gateways));
    form.services = with_clients(services);
    let fields = credential.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
    form.credential = Some(Credential::new(fields.collect()));
    form
}

async fn hold(node: &dyn Node, form: Inputs, filter: Option<Filter>, relay: Arc<Relay>) {
    node_suite(&Candidate { node, form, filter, relay: Some(relay) }).await;
}

#[tokio::test]
async fn chroma_keeps_the_contract() {
    let server = PeerProcess::chroma();
    let relay = Arc::new(Relay::to(&server.address()).await);
    let values = json!({
        "collectionName": "contract", "chromaURL": format!("http://{}", relay.address()),
    });
    let filter: Filter = |key, value| ("chromaMetadataFilter", json!({ key: value }));
    hold(&super::chroma::NODE, form_over(&relay, &[], &values), Some(filter), relay).await;
}

#[cfg(feature = "sql")]
#[tokio::test]
async fn postgres_keeps_the_contract() {
    let server = PeerProcess::pgvector();
    let login = [("user", "postgres"), ("password", "")];
    let filter: Filter = |key, value| ("pgMetadataFilter", json!({ key: value }));
    for distance in ["cosine", "euclidean", "innerProduct"] {
        let relay = Arc::new(Relay::to(&server.address()).await);
        let (host, port) = relay.address().split_once(':').unwrap();
        let values = json!({
            "host": host, "port": port, "database": "postgres", "distanceStrategy": distance,
            "tableName": format!("t_{distance}").to_lowercase(), "batchSize": "60",
        });
        hold(&super::postgres::NODE, form_over(&relay, &login, &values), Some(filter), relay).await;
    }
}

#[tokio::test]
async fn redis_keeps_the_contract() {
    let server = PeerProcess::redis_stack(None);
    let relay = Arc::new(Relay::to(&server.address()).await);
    let url = format!("redis://{}", relay.address());
    let form = form_over(&relay, &[("redisUrl", &url)], &json!({"indexName": "contract"}));
    hold(&super::redis::NODE, form, None, relay).await;
}

#[tokio::test]
async fn redis_behind_tls_keeps_the_contract() {
    let certificates = Certificates::new();
    let server = PeerProcess::redis_stack(Some(&certificates));
    let relay = Arc::new(Relay::to(&server.address()).await);
    let (host, port) = relay.address().split_once(':').unwrap();
    let credential =
        [("redisCacheHost", host), ("redisCachePort", port), ("redisCacheSslEnabled", "true")];
    let values = json!({"indexName": "contract"});
    let form = form_trusting(certificates.authority(), &relay, &credential, &values);
    hold(&super::redis::NODE, form, None, relay).await;
}

/// Holds a node to the contract over a double. `ADDRESS` in its credential and its rows is where the
/// double is.
async fn hold_over(
    node: &dyn Node,
    double: impl FnMut(&SiteCall) -> (u16, Value) + Send + 'static,
    credential: &[(&str, &str)],
    values: Value,
    filter: Option<Filter>,
) {
    let server = FakeApi::start(double).await;
    let relay = Arc::new(Relay::to(server.address()).await);
    let placed = |text: &str| text.replace("ADDRESS", relay.address());
    let credential: Vec<_> = credential.iter().map(|it| (it.0, placed(it.1))).collect();
    let credential: Vec<_> = credential.iter().map(|it| (it.0, it.1.as_str())).collect();
    let values = serde_json::from_str(&placed(&values.to_string())).unwrap();
    let form = form_over(&relay, &credential, &values);
    hold(node, form, filter, relay).await;
    assert!(!server.calls().is_empty());
}

#[tokio::test]
async fn qdrant_keeps_the_contract() {
    let values = json!({
        "qdrantServerUrl": "http://ADDRESS", "qdrantCollection": "contract",
        "qdrantVectorDimension": "64",
    });
    let filter: Filter = |key, value| {
        let condition = json!({ "key": format!("metadata.{key}"), "match": { "value": value } });
        ("qdrantFilter", json!({ "must": [condition] }))
    };
    let key = [("qdrantApiKey", "key")];
    hold_over(&super::qdrant::NODE, doubles::qdrant(), &key, values, Some(filter)).await;
}

#[tokio::test]
async fn elasticsearch_keeps_the_contract() {
    let credential = [("endpoint", "http://ADDRESS"), ("apiKey", "key")];
    let values = json!({"indexName": "contract"});
    let double = doubles::search_engine(true);
    hold_over(&super::elasticsearch::NODE, double, &credential, values, None).await;
}

#[tokio::test]
async fn open_search_keeps_the_contract() {
    let credential = [("openSearchUrl", "http://ADDRESS"), ("user", "user"), ("password", "pass")];
    let values = json!({"indexName": "contract"});
    let double = doubles::search_engine(false);
    hold_over(&super::open_search::NODE, double, &credential, values, None).await;
}

#[tokio::test]
async fn pinecone_keeps_the_contract() {
    let filter: Filter = |key, value| ("pineconeMetadataFilter", json!({ key: value }));
    for space in ["", "handbook"] {
        let values = json!({"pineconeIndex": "contract", "pineconeNamespace": space});
        let key = [("pineconeApiKey", "key")];
        hold_over(&super::pinecone::NODE, doubles::pinecone(), &key, values, Some(filter)).await;
    }
}

#[tokio::test]
async fn upstash_keeps_the_contract() {
    let credential =
        [("UPSTASH_VECTOR_REST_URL", "http://ADDRESS"), ("UPSTASH_VECTOR_REST_TOKEN", "key")];
    let filter: Filter = |key, value| ("upstashMetadataFilter", format!("{key} = {value}").into());
    let double = doubles::upstash();
    hold_over(&super::upstash::NODE, double, &credential, json!({}), Some(filter)).await;
}

#[tokio::test]
async fn supabase_keeps_the_contract() {
    let values = json!({
        "supabaseProjUrl": "http://ADDRESS", "tableName": "contract", "queryName": "match_contract",
    });
    let filter: Filter = |key, value| ("supabaseMetadataFilter", json!({ key: value }));
    let key = [("supabaseApiKey", "key")];
    hold_over(&super::supabase::NODE, doubles::supabase(), &key, values, Some(filter)).await;
}

#[tokio::test]
async fn astra_keeps_the_contract() {
    let credential = [("dbEndPoint", "http://ADDRESS"), ("applicationToken", "key")];
    let values = json!({"astraCollection": "contract"});
    hold_over(&super::astra::NODE, doubles::astra(), &credential, values, None).await;
}

#[tokio::test]
async fn milvus_keeps_the_contract() {
    let credential = [("milvusUser", "root"), ("milvusPassword", "key")];
    let values = json!({"milvusServerUrl": "ADDRESS", "milvusCollection": "contract"});
    let filter: Filter = |key, value| ("milvusFilter", format!("{key} == {value}").into());
    hold_over(&super::milvus::NODE, doubles::milvus(), &credential, values, Some(filter)).await;
}

#[tokio::test]
async fn weaviate_keeps_the_contract() {
    let values = json!({
        "weaviateConnectionType": "local", "weaviateHost": "ADDRESS", "weaviateIndex": "contract",
    });
    let filter: Filter = |key, value| {
        let condition = json!({ "operator": "Equal", "path": [key], "valueNumber": value });
        ("weaviateFilter", condition)
    };
    let key = [("weaviateApiKey", "key")];
    hold_over(&super::weaviate::NODE, doubles::weaviate(), &key, values, Some(filter)).await;
}

#[tokio::test]
async fn meilisearch_keeps_the_contract() {
    let credential = [("meilisearchSearchApiKey", "search"), ("meilisearchAdminApiKey", "admin")];
    // The row of its form that is called Top K everywhere else.
    let values = json!({"host": "http://ADDRESS", "indexUid": "contract", "K": "2"});
    let filter: Filter = |key, value| ("searchFilter", format!("metadata.{key} = {value}").into());
    let double = doubles::meilisearch();
    hold_over(&super::meilisearch::NODE, double, &credential, values, Some(filter)).await;
}

#[tokio::test]
async fn mongodb_atlas_keeps_the_contract() {
    let server = mongo::Double::start().await;
    let relay = Arc::new(Relay::to(server.address()).await);
    let url = format!("mongodb://{}/", relay.address());
    let values = json!({"databaseName": "d", "collectionName": "c", "indexName": "vector_index"});
    let filter: Filter = |key, value| ("mongoMetadataFilter", json!({ key: value }));
    let form = form_over(&relay, &[("mongoDBConnectUrl", &url)], &values);
    hold(&super::mongodb_atlas::NODE, form, Some(filter), relay).await;
}

#[tokio::test]
async fn couchbase_keeps_the_contract() {
    let credential =
        [("connectionString", "http://ADDRESS"), ("username", "user"), ("password", "pass")];
    let values = json!({
        "bucketName": "b", "scopeName": "s", "collectionName": "c", "indexName": "i",
    });
    let filter: Filter = |key, value| {
        let field = format!("metadata.{key}");
        ("couchbaseMetadataFilter", json!({ "field": field, "min": value, "max": value }))
    };
    let double = doubles::couchbase();
    hold_over(&super::couchbase::NODE, double, &credential, values, Some(filter)).await;
}

#[tokio::test]
async fn zep_keeps_the_contract() {
    let filter: Filter = |key, value| {
        let path = format!("$[*] ? (@.{key} == {value})");
        ("zepMetadataFilter", json!({ "where": { "jsonpath": path } }))
    };
    let values =
        json!({"baseURL": "http://ADDRESS", "zepCollection": "contract", "dimension": "64"});
    let key = [("apiKey", "key")];
    hold_over(&super::zep::NODE, doubles::zep(None), &key, values, Some(filter)).await;
    let values = json!({"zepCollection": "contract"});
    let double = doubles::zep(Some(BagOfWords::vector));
    hold_over(&super::zep_cloud::NODE, double, &key, values, Some(filter)).await;
}

/// What SingleStore has and MariaDB lacks: numbers packed in four bytes each, here as millionths, and
/// the inner product of two such lists.
#[cfg(feature = "sql")]
const PACKING: &str = "USE test;
CREATE DEFINER = root@localhost FUNCTION JSON_ARRAY_PACK(a LONGTEXT) RETURNS LONGBLOB DETERMINISTIC BEGIN DECLARE i INT DEFAULT 0; DECLARE n INT DEFAULT JSON_LENGTH(a); DECLARE b LONGBLOB DEFAULT ''; WHILE i < n DO SET b = CONCAT(b, UNHEX(LPAD(HEX(CAST(ROUND(JSON_VALUE(a, CONCAT('$[', i, ']')) * 1000000) + 2147483648 AS UNSIGNED)), 8, '0'))); SET i = i + 1; END WHILE; RETURN b; END;
CREATE DEFINER = root@localhost FUNCTION DOT_PRODUCT(a LONGBLOB, b LONGBLOB) RETURNS DOUBLE DETERMINISTIC BEGIN DECLARE i INT DEFAULT 0; DECLARE s DOUBLE DEFAULT 0; WHILE i < LENGTH(a) DO SET s = s + (CONV(HEX(SUBSTR(a, i + 1, 4)), 16, 10) - 2147483648) / 1000000 * (CONV(HEX(SUBSTR(b, i + 1, 4)), 16, 10) - 2147483648) / 1000000; SET i = i + 4; END WHILE; RETURN s; END;
";

#[cfg(feature = "sql")]
#[tokio::test]
async fn singlestore_keeps_the_contract() {
    let server = PeerProcess::mariadb(PACKING);
    let relay = Arc::new(Relay::to(&server.address()).await);
    let values = json!({"host": relay.address(), "database": "test"});
    let form = form_over(&relay, &[("user", "root"), ("password", "")], &values);
    hold(&super::singlestore::NODE, form, None, relay).await;
}

#[tokio::test]
async fn vectara_keeps_the_contract() {
    let credential = [("apiKey", "key"), ("customerID", "3"), ("corpusID", "7")];
    let filter: Filter = |key, value| ("filter", format!("doc.{key} = {value}").into());
    let double = doubles::vectara(BagOfWords::vector);
    hold_over(&super::vectara::NODE, double, &credential, json!({}), Some(filter)).await;
}

#[tokio::test]
async fn vectara_answers_by_itself() {
    use crate::chains::vectara_qa_chain::VectaraQaChain;

    let server = FakeApi::start(doubles::vectara(BagOfWords::vector)).await;
    let relay = Relay::to(server.address()).await;
    let credential = [("apiKey", "key"), ("customerID", "3"), ("corpusID", "7")];
    let mut form = form_over(&relay, &credential, &json!({}));
    let texts = ["the shop opens at nine", "the shop is shut on Sunday"];
    let documents = texts.map(|it| Document { page_content: it.to_owned(), ..Document::default() });
    plug(&mut form, "document", Capability::Documents(Arc::new(documents.to_vec())));
    super::vectara::NODE.upsert(&form).await.unwrap();
    form.output = "vectorStore".to_owned();
    let store = super::vectara::NODE.init(&form).await.unwrap();
    let ask = async |values: Value, store: &Capability| {
        let mut form = crate::testing::form(&values);
        plug(&mut form, "vectaraStore", store.clone());
        let Capability::Runnable(chain) = VectaraQaChain.init(&form).await? else { panic!() };
        let (run, _told) = crate::testing::run("the shop");
        chain.run("the shop on Sunday", &run).await
    };
    let said = ask(json!({"responseLang": "deu"}), &store).await.unwrap();
    assert_eq!(said.answer.to_text(), "So says the second [1], in \"deu\".");
    let cited = said.source_documents.unwrap();
    assert_eq!((cited.len(), cited[0].page_content.as_str()), (1, texts[0]));
    let call = server.calls().pop().unwrap();
    let asked: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(asked["query"][0]["summary"][0]["maxSummarizedResults"], 7);
    let values = json!({"summarizerPromptName": "vectara-summary-ext-v1.3.0"});
    let said = ask(values, &store).await.unwrap_err().to_string();
    assert!(said.contains("Summarizer Prompt Name"), "{said}");

    let mut other = crate::testing::form(&json!({}));
    other.output = "vectorStore".to_owned();
    plug(&mut other, "embeddings", Capability::Embeddings(Arc::new(BagOfWords)));
    let other = super::memory_vector_store::MemoryVectorStore.init(&other).await.unwrap();
    let said = ask(json!({}), &other).await.unwrap_err().to_string();
    assert!(said.contains("plug in one of Vectara"), "{said}");
}

#[tokio::test]
async fn kendra_keeps_the_contract() {
    let server = FakeApi::start(doubles::kendra(BagOfWords::vector)).await;
    let relay = Arc::new(Relay::to(server.address()).await);
    let key = [("awsKey", "id"), ("awsSecret", "secret")];
    let form = form_over(&relay, &key, &json!({"indexId": "index 1"}));
    let filter: Filter = |key, value| {
        let wanted = json!({ "Key": key, "Value": { "LongValue": value } });
        ("attributeFilter", json!({ "EqualsTo": wanted }))
    };
    hold(&super::kendra::Kendra, form, Some(filter), relay).await;
    let call = &server.calls()[0];
    assert!(call.headers["authorization"].contains("/us-east-1/kendra/aws4_request"));
}

#[tokio::test]
async fn vectara_is_given_files_too() {
    let server = FakeApi::start(doubles::vectara(BagOfWords::vector)).await;
    let relay = Relay::to(server.address()).await;
    let credential = [("apiKey", "key"), ("customerID", "3"), ("corpusID", "7")];
    let values = json!({ "file": upload("a.txt", "Hello") });
    for node in [&super::vectara::NODE, &super::vectara_upload::NODE] {
        let done = node.upsert(&form_over(&relay, &credential, &values)).await.unwrap();
        assert_eq!(done, Upserted { num_added: 1, ..Upserted::default() });
    }
    assert_eq!(server.calls().len(), 2);
}

/// A form for stores that need no server, and a folder for those that need one.
fn form_of_files(values: &Value, folder: &std::path::Path) -> Inputs {
    let mut form = form(values);
    form.workspace = "workspace".to_owned();
    form.flow_id = "flow".to_owned();
    #[cfg(not(feature = "sql"))]
    let _ = folder;
    #[cfg(feature = "sql")]
    {
        let folder = Arc::new(flowstone_sql::VectorFolder::new(folder));
        form.services = with_clients(flowstone_testkit::services().with(folder));
    }
    form
}

#[tokio::test]
async fn stores_without_a_server_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let filter: Filter = |key, value| ("metadataFilter", json!({ key: value }));
    for (node, values, filter) in [
        #[cfg(feature = "sql")]
        (
            &super::built_in_vector_store::BuiltInVectorStore as &dyn Node,
            json!({"collection": "contract"}),
            Some(filter),
        ),
        (&super::simple_store_llama_index::NODE as &dyn Node, json!({}), None),
        (&super::faiss::NODE as &dyn Node, json!({"basePath": "./stores/contract"}), None),
    ] {
        let form = form_of_files(&values, folder.path());
        node_suite(&Candidate { node, form, filter, relay: None }).await;
    }
}

#[tokio::test]
async fn the_index_of_pinecone_is_the_same_for_flows_of_llama_index() {
    let filter: Filter = |key, value| ("pineconeMetadataFilter", json!({ key: value }));
    let values = json!({"pineconeIndex": "contract"});
    let (key, double) = ([("pineconeApiKey", "key")], doubles::pinecone());
    hold_over(&super::pinecone_llama_index::NODE, double, &key, values, Some(filter)).await;
}

/// What each store was held to the contract against, as the guide tells.
const AGAINST: &[(&str, &str)] = &[
    ("Astra", "double"),
    ("builtInVectorStore", "itself"),
    ("chroma", "Chroma 1.5.9"),
    ("couchbase", "double"),
    ("documentStoreVS", "searches one of the others"),
    ("elasticsearch", "double"),
    ("faiss", "files, one of them written by faiss-cpu 1.15.1"),
    ("kendra", "double"),
    ("meilisearch", "double"),
    ("memoryVectorStore", "itself"),
    ("milvus", "double"),
    ("mongoDBAtlas", "double"),
    ("openSearch", "double"),
    ("pinecone", "double"),
    ("pineconeLlamaIndex", "double"),
    ("postgres", "PostgreSQL 16.2 with pgvector 0.6.2"),
    ("qdrant", "double"),
    ("redis", "Redis 7.4.1 with its search module"),
    ("simpleStoreLlamaIndex", "itself"),
    ("singlestore", "MariaDB with SingleStore's two functions"),
    ("supabase", "double"),
    ("upstash", "double"),
    ("vectara", "double"),
    ("vectaraUpload", "double"),
    ("weaviate", "double"),
    ("zep", "double"),
    ("zepCloud", "double"),
];

#[test]
fn the_guide_says_what_each_store_was_tested_against() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/document-stores.md");
    let guide = std::fs::read_to_string(path).unwrap();
    let specs = crate::ALL.iter().map(|it| it.spec()).filter(|it| it.category == "Vector Stores");
    for spec in specs {
        let against = AGAINST.iter().find(|it| it.0 == spec.name);
        let against = against.unwrap_or_else(|| panic!("{} is in no list", spec.name)).1;
        let row = format!("| {} (`{}`) | {against} |", spec.label, spec.name);
        assert!(guide.contains(&row), "the guide lacks the row {row}");
    }
}
