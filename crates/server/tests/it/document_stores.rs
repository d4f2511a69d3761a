//! Document stores over toys: a loader that cuts at bars, an embedding model, and a vector store that
//! keeps what it is given for as long as the test runs.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::http::{Method, StatusCode};
use flowstone_core::{
    Capability, Document, Embeddings, Error, Field, Inputs, MetadataFilter, Node, Result, Spec,
    VectorStore,
    node::{Removal, Upserted},
};
use flowstone_store::{ChunkChange, WorkspaceScope};
use serde_json::{Map, Value, json};

use crate::{
    exchange::Transcript,
    server::{By, NIL, TestServer},
};

pub(crate) struct BarLoader;
pub(crate) struct ToyVectors;
pub(crate) struct ToyShelf;

#[async_trait]
impl Node for BarLoader {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Bars",
            name: "barLoader",
            kind: "Document",
            icon: "toy.svg",
            category: "Document Loaders",
            description: "Cuts a text at bars",
            base_classes: &["Document"],
            inputs: &[Field::new("Text", "text", "string")],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        let text = inputs.values.get("text").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() {
            return Err(Error::missing(&self.spec().inputs[0]));
        }
        let metadata = match inputs.values.get("metadata") {
            Some(Value::Object(map)) => map.clone(),
            _ => Map::new(),
        };
        let document = |part: &str| Document {
            page_content: part.to_owned(),
            metadata: metadata.clone(),
            id: None,
        };
        // A part of blanks cannot be read.
        for (part, place) in text.split('|').zip(1..) {
            if !part.is_empty() && part.trim().is_empty() {
                inputs.services.remark(|| format!("part {place} was left out: it is blank"));
            }
        }
        let parts = text.split('|').filter(|it| it.is_empty() || !it.trim().is_empty());
        let documents: Vec<Document> = parts.map(document).collect();
        Ok(Capability::Documents(documents.into()))
    }
}

#[async_trait]
impl Node for ToyVectors {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Toy Vectors",
            name: "toyVectors",
            kind: "ToyVectors",
            icon: "toy.svg",
            category: "Embeddings",
            description: "Counts letters",
            base_classes: &["ToyVectors", "Embeddings"],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, _: &Inputs) -> Result<Capability> {
        Ok(Capability::Embeddings(Arc::new(Self)))
    }
}

#[async_trait]
impl Embeddings for ToyVectors {
    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>> {
        Ok(texts.iter().map(|_| vec![1.0]).collect())
    }
}

/// What all shelves hold, each by its name.
static SHELVES: Mutex<Vec<(String, Document)>> = Mutex::new(Vec::new());

struct Shelf(String);

#[async_trait]
impl Node for ToyShelf {
    fn spec(&self) -> &'static Spec {
        static SPEC: Spec = Spec {
            label: "Toy Shelf",
            name: "toyShelf",
            kind: "ToyShelf",
            icon: "toy.svg",
            category: "Vector Stores",
            description: "Keeps documents while a test runs",
            base_classes: &["ToyShelf", "VectorStore"],
            inputs: &[
                Field::new("Embeddings", "embeddings", "Embeddings"),
                Field::new("Shelf", "shelf", "string"),
            ],
            ..Spec::EMPTY
        };
        &SPEC
    }

    async fn init(&self, inputs: &Inputs) -> Result<Capability> {
        Ok(Capability::VectorStore(Arc::new(Shelf(shelf(inputs)))))
    }

    async fn upsert(&self, inputs: &Inputs) -> Result<Upserted> {
        let Some([Capability::Documents(documents)]) =
            inputs.plugged.get("document").map(Vec::as_slice)
        else {
            return Err(Error::Unsupported("no documents".to_owned()));
        };
        let name = shelf(inputs);
        if name == "broken" {
            return Err(Error::Transport("the shelf is broken".to_owned()));
        }
        let mut shelves = SHELVES.lock().unwrap();
        shelves.extend(documents.iter().map(|it| (name.clone(), it.clone())));
        let num_added = documents.len();
        Ok(Upserted { num_added, added_docs: documents.to_vec(), ..Upserted::default() })
    }

    async fn remove(&self, inputs: &Inputs, which: &Removal) -> Result<()> {
        let name = shelf(inputs);
        SHELVES.lock().unwrap().retain(|(at, document)| {
            let concerned = match which {
                Removal::All => true,
                Removal::Loader(id) => document.metadata["docId"] == id.as_str(),
            };
            *at != name || !concerned
        });
        Ok(())
    }
}

fn shelf(inputs: &Inputs) -> String {
    let text = inputs.values.get("shelf").and_then(Value::as_str);
    text.unwrap_or(&inputs.flow_id).to_owned()
}

#[async_trait]
impl VectorStore for Shelf {
    async fn add(&self, _: &[Document]) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    async fn search_among(
        &self,
        query: &str,
        k: usize,
        filter: &MetadataFilter,
    ) -> Result<Vec<(Document, f32)>> {
        let shelves = SHELVES.lock().unwrap();
        let mine = shelves.iter().filter(|it| it.0 == self.0 && it.1.page_content.contains(query));
        let mine = mine.filter(|it| filter.lets_through(&it.1.metadata));
        Ok(mine.take(k).map(|it| (it.1.clone(), 0.5)).collect())
    }

    async fn delete(&self, _: &[String]) -> Result<()> {
        Ok(())
    }
}

async fn made(server: &TestServer, by: &By) -> String {
    let answer = server.post("/document-store/store", &json!({"name": "Teas"}), by).await;
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn targets(store: &str) -> Value {
    json!({ "storeId": store, "embeddingName": "toyVectors", "embeddingConfig": {},
        "vectorStoreName": "toyShelf", "vectorStoreConfig": {} })
}

fn with(mut value: Value, more: Value) -> Value {
    for (key, it) in more.as_object().unwrap() {
        value[key] = it.clone();
    }
    value
}

#[tokio::test]
async fn a_store_is_filled_written_searched_and_emptied() {
    let (server, session) = TestServer::set_up().await;
    let mut transcript = Transcript::default();
    let mut call = async |method: Method, path: &str, body: Option<Value>| {
        transcript.call(&server, method, &format!("/document-store{path}"), body, &session).await
    };
    let made = call(Method::POST, "/store", Some(json!({"name": "Teas", "description": "all"})));
    let id = made.await.json()["id"].as_str().unwrap().to_owned();
    call(Method::POST, "/store", Some(json!({}))).await;
    call(Method::GET, &format!("/store/{NIL}"), None).await;
    call(Method::PUT, &format!("/store/{id}"), Some(json!({"name": "Green teas"}))).await;
    let loader = json!({ "storeId": id, "loaderId": "barLoader", "loaderName": "Bars",
        "loaderConfig": {"text": "sencha|matcha|hojicha"} });
    call(
        Method::POST,
        "/loader/preview",
        Some(with(loader.clone(), json!({"previewChunkCount": 2}))),
    )
    .await;
    call(Method::POST, "/loader/preview", Some(json!({}))).await;
    let saved = call(Method::POST, "/loader/save", Some(loader.clone())).await;
    let lid = saved.json()["id"].as_str().unwrap().to_owned();
    call(Method::POST, "/loader/save", Some(with(loader.clone(), json!({"storeId": NIL})))).await;
    let process = with(loader.clone(), json!({"id": lid}));
    let chunks = call(Method::POST, &format!("/loader/process/{lid}"), Some(process.clone())).await;
    call(Method::POST, &format!("/loader/process/{NIL}"), Some(process)).await;
    let chunk = chunks.json()["chunks"][0]["id"].as_str().unwrap().to_owned();
    call(Method::GET, &format!("/chunks/{id}/{lid}/2"), None).await;
    call(Method::GET, &format!("/chunks/{id}/{NIL}/1"), None).await;
    let path = format!("/chunks/{id}/{lid}/{chunk}");
    call(Method::PUT, &path, Some(json!({"pageContent": "bancha", "metadata": {"k": 1}}))).await;
    call(Method::PUT, &path, Some(json!({"pageContent": " "}))).await;
    call(Method::DELETE, &format!("/chunks/{id}/{lid}/{NIL}"), None).await;
    let question = json!({"storeId": id, "query": "cha"});
    call(Method::POST, "/vectorstore/query", Some(question.clone())).await;
    call(Method::POST, "/vectorstore/save", Some(targets(&id))).await;
    call(Method::POST, "/vectorstore/insert", Some(targets(&id))).await;
    call(Method::DELETE, &path, None).await;
    call(Method::GET, &format!("/store/{id}"), None).await;
    call(Method::GET, &format!("/store-configs/{id}/{lid}"), None).await;
    call(Method::DELETE, &format!("/vectorstore/{id}"), None).await;
    let model = json!({"selectedChatModel": {"name": "chatParrot", "inputs": {}}});
    call(Method::POST, &format!("/generate-tool-desc/{id}"), Some(model)).await;
    call(Method::DELETE, &format!("/loader/{id}/{NIL}"), None).await;
    call(Method::DELETE, &format!("/loader/{id}/{lid}"), None).await;
    call(Method::GET, "/store?page=1&limit=5", None).await;
    call(Method::DELETE, &format!("/store/{id}"), None).await;
    call(Method::DELETE, &format!("/store/{id}"), None).await;
    // The text of a text: what is inside of JSON inside of JSON is not looked into.
    insta::assert_snapshot!(transcript.text().replace(&lid, "<id>"));
}

#[tokio::test]
async fn a_call_upserts_by_a_saved_loader_or_by_parts_of_its_own() {
    let (server, session) = TestServer::set_up().await;
    let id = made(&server, &session).await;
    let path = format!("/document-store/upsert/{id}");
    let parts = json!({
        "loader": {"name": "barLoader", "config": {"text": "a|b"}},
        "embedding": {"name": "toyVectors"},
        "vectorStore": {"name": "toyShelf"},
        "metadata": "{\"m\": 1}",
    });
    for (missing, said) in [
        ("loader", "Loader not configured"),
        ("embedding", "Embedding not configured"),
        ("vectorStore", "Vector store not configured"),
    ] {
        let answer =
            server.post(&path, &with(parts.clone(), json!({missing: null})), &session).await;
        assert_eq!(
            (answer.status, &answer.json()["message"]),
            (StatusCode::BAD_REQUEST, &json!(said))
        );
    }
    let bad = with(parts.clone(), json!({"metadata": "{"}));
    assert_eq!(server.post(&path, &bad, &session).await.status, StatusCode::BAD_REQUEST);
    let listed = server.get(&format!("/document-store/store/{id}"), &session).await.json();
    assert_eq!(listed["loaders"], json!([]), "bad input changes nothing");

    let first = server.post(&path, &parts, &session).await.json();
    assert_eq!(first["numAdded"], 2, "{first}");
    assert_eq!(first["addedDocs"][0]["metadata"]["m"], 1);
    let loader = first["docId"].as_str().unwrap();
    // Beside it, in its place, and in a store of its own.
    let beside = server.post(&path, &json!({"docId": loader}), &session).await.json();
    assert_ne!(beside["docId"], first["docId"]);
    let change =
        json!({"docId": loader, "replaceExisting": "true", "loader": {"config": {"text": "c"}}});
    let replaced = server.post(&path, &change, &session).await.json();
    assert_eq!((&replaced["docId"], &replaced["numAdded"]), (&first["docId"], &json!(1)));
    let elsewhere =
        json!({"docId": loader, "createNewDocStore": true, "docStore": {"name": "Copy"}});
    assert_eq!(server.post(&path, &elsewhere, &session).await.json()["numAdded"], 1);
    let unknown = server.post(&path, &json!({"docId": NIL}), &session).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    let stores = server.get("/document-store/store", &session).await.json();
    let names: Vec<&str> =
        stores.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Copy", "Teas"]);

    let again = server.post(&format!("/document-store/refresh/{id}"), &json!({}), &session).await;
    let again = again.json();
    let added: Vec<u64> =
        again.as_array().unwrap().iter().map(|it| it["numAdded"].as_u64().unwrap()).collect();
    assert_eq!(added.iter().sum::<u64>(), 3, "{again}");
    let history = server.get(&format!("/upsert-history/{id}"), &session).await.json();
    assert_eq!(history.as_array().unwrap().len(), 4);
    assert_eq!(history[0]["flowData"][1]["name"], "toyShelf");
    let listed = server.get("/assistants/components/docstores", &session).await.json();
    assert_eq!(listed[0]["label"], "Copy");
}

#[tokio::test]
async fn what_goes_wrong_is_kept_where_it_went_wrong() {
    let (server, session) = TestServer::set_up().await;
    let id = made(&server, &session).await;
    let path = format!("/document-store/upsert/{id}");
    let parts = json!({
        "loader": {"name": "barLoader", "config": {"text": "a"}},
        "embedding": {"name": "toyVectors"},
        "vectorStore": {"name": "toyShelf", "config": {"shelf": "broken"}},
    });
    let answer = server.post(&path, &parts, &session).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let store = server.get(&format!("/document-store/store/{id}"), &session).await.json();
    assert_eq!(store["status"], "SYNC", "the chunks are there, the vectors not");
    assert_eq!(store["loaders"][0]["error"], "Toy Shelf: the shelf is broken");
    let lid = store["loaders"][0]["id"].as_str().unwrap();
    let change = json!({"docId": lid, "replaceExisting": true, "loader": {"config": {"text": ""}}});
    let answer = server.post(&path, &change, &session).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{}", answer.text());
    let store = server.get(&format!("/document-store/store/{id}"), &session).await.json();
    assert_eq!(store["loaders"][0]["error"], "Bars: Text is required");
    assert_eq!(store["status"], "STALE");
}

#[tokio::test]
async fn what_was_left_out_is_told_until_the_loader_is_read_whole() {
    let (server, session) = TestServer::set_up().await;
    let id = made(&server, &session).await;
    let loader = json!({ "storeId": id, "loaderId": "barLoader", "loaderName": "Bars",
        "loaderConfig": {"text": "a| |b|  "} });
    let saved = server.post("/document-store/loader/save", &loader, &session).await.json();
    let lid = saved["id"].as_str().unwrap();
    let process = format!("/document-store/loader/process/{lid}");
    let warnings = json!(["part 2 was left out: it is blank", "part 4 was left out: it is blank"]);
    let made = server.post(&process, &json!({ "storeId": id }), &session).await.json();
    assert_eq!((&made["count"], &made["file"]["warnings"]), (&json!(2), &warnings));
    let insert = server.post("/document-store/vectorstore/insert", &targets(&id), &session).await;
    assert_eq!(insert.status, StatusCode::OK, "{}", insert.text());
    let kept = server.get(&format!("/document-store/store/{id}"), &session).await.json();
    assert_eq!(kept["loaders"][0]["warnings"], warnings, "writing does not forget them");
    let many = with(loader, json!({ "loaderConfig": {"text": " |".repeat(60)} }));
    let made = server.post(&process, &many, &session).await.json();
    let told = made["file"]["warnings"].as_array().unwrap();
    assert_eq!((told.len(), &told[50]), (51, &json!("and 10 more were left out")));
    let whole = json!({ "storeId": id, "loaderConfig": {"text": "a"} });
    let made = server.post(&process, &whole, &session).await.json();
    assert_eq!(made["file"].get("warnings"), None, "{made}");
}

#[tokio::test]
async fn a_chunk_is_added_by_hand_and_comes_last() {
    let (server, session) = TestServer::set_up().await;
    let id = made(&server, &session).await;
    let loader = json!({ "storeId": id, "loaderId": "barLoader", "loaderName": "Bars",
        "loaderConfig": {"text": "a|b|c"} });
    let saved = server.post("/document-store/loader/save", &loader, &session).await.json();
    let lid = saved["id"].as_str().unwrap();
    let process = format!("/document-store/loader/process/{lid}");
    let made = server.post(&process, &loader, &session).await.json();
    let first = made["chunks"][0]["id"].as_str().unwrap();
    server.delete(&format!("/document-store/chunks/{id}/{lid}/{first}"), &session).await;
    server.post("/document-store/vectorstore/insert", &targets(&id), &session).await;

    let path = format!("/document-store/chunks/{id}/{lid}");
    let form = json!({ "pageContent": "by hand", "metadata": {"k": "v"} });
    let added = server.post(&path, &form, &session).await;
    assert_eq!(added.status, StatusCode::OK, "{}", added.text());
    let added = added.json();
    assert_eq!((&added["count"], &added["characters"]), (&json!(3), &json!(9)));
    assert_eq!(added["file"]["status"], "STALE", "the vector store does not hold it");
    let chunk = &added["chunks"][2];
    assert_eq!((&chunk["chunkNo"], &chunk["pageContent"]), (&json!(4), &json!("by hand")));
    assert_eq!(chunk["metadata"], r#"{"k":"v"}"#);
    for (path, form, status) in [
        (path.clone(), json!({}), StatusCode::BAD_REQUEST),
        (path.clone(), json!({ "pageContent": " \n" }), StatusCode::BAD_REQUEST),
        (path.clone(), json!({ "pageContent": "x", "metadata": [] }), StatusCode::BAD_REQUEST),
        (format!("/document-store/chunks/{id}/{NIL}"), form.clone(), StatusCode::NOT_FOUND),
        (format!("/document-store/chunks/{NIL}/{lid}"), form.clone(), StatusCode::NOT_FOUND),
    ] {
        let refused = server.post(&path, &form, &session).await;
        assert_eq!(refused.status, status, "{path}: {}", refused.text());
    }
    let kept = server.get(&format!("{path}/1"), &session).await.json();
    assert_eq!(kept["count"], 3, "bad input changes nothing");
    let again = server.post(&process, &loader, &session).await.json();
    assert_eq!(again["count"], 3, "{again}");
    assert_eq!(again["chunks"][2]["pageContent"], "c", "processing makes them anew");
}

#[tokio::test]
async fn what_the_last_process_left_is_told_and_can_be_done_again() {
    let (server, session) = TestServer::set_up().await;
    let id = made(&server, &session).await;
    let row = server.get(&format!("/document-store/store/{id}"), &session).await.json();
    let scope = WorkspaceScope::new(row["workspaceId"].as_str().unwrap());
    let stores = server.store.document_stores();
    let cut = stores.change(&scope, &id, ChunkChange::None, |row| {
        row.status = "UPSERTING".to_owned();
        row.loaders = json!([
            {"id": "1", "loaderId": "barLoader", "status": "SYNCING", "splitterConfig": null},
            {"id": "2", "loaderId": "barLoader", "status": "SYNC", "loaderConfig": {"text": "x"}},
        ])
        .to_string();
        Ok::<_, ()>(())
    });
    cut.await.unwrap().unwrap();
    flowstone_server::recover(&server.state).await.unwrap();
    let row = server.get(&format!("/document-store/store/{id}"), &session).await.json();
    assert_eq!(row["status"], "STALE");
    let said = |at: usize| row["loaders"][at]["error"].as_str().unwrap().to_owned();
    assert!(said(0).starts_with("loading was cut short"), "{row}");
    assert!(said(1).starts_with("writing to the vector store was cut short"), "{row}");
    assert_eq!(flowstone_server::recover(&server.state).await.unwrap(), 0);
}
