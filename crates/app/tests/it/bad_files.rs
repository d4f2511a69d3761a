//! Files that cannot be read, sent to a running server: each is refused by its name, and the rest
//! goes on.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use flate2::{Compress, Compression, FlushCompress};
use flowstone_testkit::Reply;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::site::{Answer, Site, send};

const LOCKED: &[u8] = include_bytes!("../../../documents/tests/files/locked.pdf");
const WORD: &[u8] = include_bytes!("../../../documents/tests/files/library.docx");
const SHEETS: &[u8] = include_bytes!("../../../documents/tests/files/library.xlsx");
const PDF: &[u8] = include_bytes!("../../../documents/tests/files/library.pdf");

/// An archive of one file that unpacks to 300 MB: one packed megabyte of zeros, again and again.
fn bomb(name: &str) -> Vec<u8> {
    let mut megabyte = Vec::with_capacity(1 << 16);
    let mut compress = Compress::new(Compression::best(), false);
    compress.compress_vec(&vec![0; 1 << 20], &mut megabyte, FlushCompress::Full).unwrap();
    let mut packed = megabyte.repeat(300);
    // An empty last block.
    packed.extend([3, 0]);
    let (length, size) = (u32::try_from(packed.len()).unwrap(), 300_u32 << 20);
    let name_length = u16::try_from(name.len()).unwrap();
    let sizes = [
        [20_u8, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0].as_slice(),
        &length.to_le_bytes(),
        &size.to_le_bytes(),
        &name_length.to_le_bytes(),
    ]
    .concat();
    let mut file = [b"PK\x03\x04".as_slice(), &sizes, &[0; 2], name.as_bytes(), &packed].concat();
    let start = u32::try_from(file.len()).unwrap();
    let list = [b"PK\x01\x02\x14\x00".as_slice(), &sizes, &[0; 16], name.as_bytes()].concat();
    file.extend(&list);
    let list = u32::try_from(list.len()).unwrap();
    file.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    file.extend([list.to_le_bytes(), start.to_le_bytes()].concat());
    file.extend([0, 0]);
    file
}

fn uri(name: &str, content: &[u8]) -> Value {
    let content = STANDARD.encode(content);
    json!(format!("data:application/octet-stream;base64,{content},filename:{name}"))
}

async fn store(site: &Site) -> String {
    let made = site.admin(Method::POST, "/document-store/store", &json!({"name": "Files"})).await;
    made.json()["id"].as_str().unwrap().to_owned()
}

/// A call that may fail.
async fn call(site: &Site, path: &str, body: &Value) -> Answer {
    send(site.signed_in(Method::POST, &format!("/document-store{path}")).json(body)).await
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told_by_its_name() {
    let site = Site::open().await;
    let store = store(&site).await;
    let binary: Vec<u8> = (0..=255_u8).cycle().take(4096).collect();
    let cases: [(&str, &str, &[u8], &str); 11] = [
        ("pdfFile", "empty.pdf", b"", "empty.pdf is no PDF document: it is empty"),
        ("docxFile", "empty.docx", b"", "empty.docx is no Word document: it is empty"),
        ("pdfFile", "binary.pdf", &binary, "binary.pdf is no PDF document"),
        ("pdfFile", "really-word.pdf", WORD, "really-word.pdf is no PDF document"),
        ("docxFile", "really.docx", PDF, "really.docx is no Word document"),
        ("pdfFile", "locked.pdf", LOCKED, "locked.pdf is protected by a password"),
        ("pdfFile", "half.pdf", &PDF[..PDF.len() / 2], "half.pdf is damaged"),
        ("docxFile", "half.docx", &WORD[..WORD.len() / 2], "half.docx is damaged"),
        ("microsoftExcel", "half.xlsx", &SHEETS[..SHEETS.len() / 2], "half.xlsx is damaged"),
        ("docxFile", "bomb.docx", &bomb("word/document.xml"), "takes more memory than it may"),
        ("jsonFile", "half.json", b"[{\"a\": 1}, {\"b\"", "half.json is not valid JSON"),
    ];
    for (loader, name, content, said) in cases {
        let row = if loader == "microsoftExcel" { "excelFile" } else { loader };
        let form = json!({"storeId": store, "loaderId": loader, "loaderName": "Files",
            "loaderConfig": {row: uri(name, content)}});
        let saved = call(&site, "/loader/save", &form).await.json();
        let id = saved["id"].as_str().unwrap();
        let form = json!({"storeId": store, "id": id});
        let answer = call(&site, &format!("/loader/process/{id}"), &form).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{name}: {}", answer.text);
        let told = answer.failure();
        assert!(told.contains(said) && told.contains(name), "{name}: {told}");
        let kept =
            send(site.signed_in(Method::GET, &format!("/document-store/store/{store}"))).await;
        let loaders = kept.json()["loaders"].as_array().unwrap().clone();
        let loader = loaders.iter().find(|it| it["id"] == id).unwrap();
        assert_eq!((&loader["status"], &loader["error"]), (&json!("STALE"), &json!(told)));
        assert_eq!(loader["totalChunks"], 0, "{name}");
    }
}

#[tokio::test]
async fn a_huge_file_is_refused_and_a_bad_one_keeps_no_other_back() {
    let site = Site::with(&[("FLOWISE_FILE_SIZE_LIMIT", "1mb")]).await;
    let store = store(&site).await;
    let form = |name: &str, content: &[u8]| {
        json!({"storeId": store, "loaderId": "textFile", "loaderName": name,
            "loaderConfig": {"txtFile": uri(name, content)}})
    };
    let huge = call(&site, "/loader/save", &form("huge.txt", &vec![b'x'; 2 << 20])).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", huge.text);
    call(&site, "/loader/save", &form("good.txt", b"a good tea")).await;
    let mut bad = form("bad.pdf", b"%PDF-1.7");
    bad["loaderId"] = "pdfFile".into();
    bad["loaderConfig"] = json!({"pdfFile": uri("bad.pdf", b"%PDF-1.7")});
    call(&site, "/loader/save", &bad).await;
    let targets = json!({"storeId": store, "vectorStoreName": "builtInVectorStore",
        "embeddingName": "openAIEmbeddingsCustom",
        "embeddingConfig": {"credential": site.credential, "basepath": site.provider.base_url()}});
    call(&site, "/vectorstore/save", &targets).await;
    let again = call(&site, &format!("/refresh/{store}"), &json!({})).await;
    assert_eq!(again.json().as_array().unwrap().len(), 1, "{}", again.text);
    let kept =
        send(site.signed_in(Method::GET, &format!("/document-store/store/{store}"))).await.json();
    let loaders = kept["loaders"].as_array().unwrap();
    assert_eq!(loaders.len(), 2, "nothing of the huge one was kept");
    let of = |name: &str| loaders.iter().find(|it| it["loaderName"] == name).unwrap();
    assert_eq!(of("good.txt")["status"], "SYNC");
    assert!(of("bad.pdf")["error"].as_str().unwrap().contains("bad.pdf is damaged"), "{kept}");
}

#[tokio::test]
async fn what_breaks_off_halfway_is_counted_and_written_once() {
    let site = Site::open().await;
    let store = store(&site).await;
    // 150 chunks, some of which say the same, are written in two batches of at most 100.
    let lines: Vec<String> = (0..150).map(|at| format!("tea number {}", at.min(139))).collect();
    let upsert = json!({
        "loader": {"name": "plainText", "config": {"text": lines.join("|")}},
        "splitter": {"name": "characterTextSplitter",
            "config": {"separator": "|", "chunkSize": "13", "chunkOverlap": "0"}},
        "embedding": {"name": "openAIEmbeddingsCustom", "config": {
            "credential": site.credential, "basepath": site.provider.base_url()}},
        "vectorStore": {"name": "builtInVectorStore", "config": {}},
        "recordManager": {"name": "SQLiteRecordManager", "config": {"cleanup": "full"}},
    });
    let vectors: Vec<Value> =
        (0..100).map(|at| json!({"index": at, "embedding": [0.6, 0.8]})).collect();
    let first = json!({"object": "list", "data": vectors, "model": "m", "usage": {}}).to_string();
    let first = Reply::raw(200, "application/json", [first]);
    site.provider.reply(first).reply(Reply::error(400, "the model is down"));
    let broken = call(&site, &format!("/upsert/{store}"), &upsert).await;
    assert_eq!(broken.status, StatusCode::INTERNAL_SERVER_ERROR, "{}", broken.text);
    let told = broken.failure();
    assert!(told.contains("100 of 150 documents are written"), "{told}");
    let kept =
        send(site.signed_in(Method::GET, &format!("/document-store/store/{store}"))).await.json();
    let loader = &kept["loaders"][0];
    assert_eq!((&loader["error"], &loader["totalChunks"]), (&json!(told), &json!(150)));

    // Two numbers to a vector before, one more now: said before anything is written.
    let vectors: Vec<Value> =
        (0..40).map(|at| json!({"index": at, "embedding": [0.6, 0.8, 0.1]})).collect();
    let wrong = json!({"object": "list", "data": vectors, "model": "m", "usage": {}}).to_string();
    site.provider.reply(Reply::raw(200, "application/json", [wrong]));
    let insert = json!({"storeId": store, "docId": loader["id"]});
    let refused = call(&site, "/vectorstore/insert", &insert).await;
    assert!(!refused.status.is_success(), "{}", refused.text);
    assert!(
        refused.failure().contains("vectors of 3 numbers, the collection holds such of 2"),
        "{}",
        refused.text
    );

    let vectors: Vec<Value> =
        (0..40).map(|at| json!({"index": at, "embedding": [0.8, 0.6]})).collect();
    let rest = json!({"object": "list", "data": vectors, "model": "m", "usage": {}}).to_string();
    site.provider.reply(Reply::raw(200, "application/json", [rest]));
    let done = call(&site, "/vectorstore/insert", &insert).await.json();
    let counts = (&done["numAdded"], &done["numSkipped"], &done["totalKeys"]);
    assert_eq!(counts, (&json!(40), &json!(100), &json!(140)), "{done}");
    let again = call(&site, "/vectorstore/insert", &insert).await.json();
    assert_eq!((&again["numAdded"], &again["totalKeys"]), (&json!(0), &json!(140)), "{again}");
}
